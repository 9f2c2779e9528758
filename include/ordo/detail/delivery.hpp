// ordo: handing the outcome of a future or task to the completion handler of Asio code.
//
// The handler runs on its associated executor, from memory of its associated allocator, and never within the call that
// starts the operation. Without an executor of its own it runs where done callbacks do, in the ready queue. A request to
// cancel may come from any thread and after everything is over; it goes through a `cancellation_relay`, which the loop's
// thread disconnects.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/future.hpp>
#include <ordo/loop_executor.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace ordo::detail {

/// What a handler is given beside the error: nothing of a void, a pointer of a reference, a value else, which is made by
/// default if there is an error, or, where that is impossible, a std::optional.
template <class T>
struct delivered {
    using type = std::conditional_t<std::is_default_constructible_v<T>, T, std::optional<T>>;
    using signature = void(std::exception_ptr, type);
};
template <class T>
struct delivered<T&> {
    using type = T*;
    using signature = void(std::exception_ptr, T*);
};
template <>
struct delivered<void> {
    using signature = void(std::exception_ptr);
};
template <class T>
using delivery_signature = typename delivered<T>::signature;

/// What Asio calls a cancellation: a system_error with operation_aborted.
ORDO_DECL std::exception_ptr aborted();

/// The error of a future that is done, aborted() if it is cancelled; null if it has a value.
ORDO_DECL std::exception_ptr error_for_asio(future_base& from);

/// Carries requests to cancel, of any type, from any thread into the loop.
class ORDO_DECL cancellation_relay final : outstanding, public std::enable_shared_from_this<cancellation_relay> {
public:
    explicit cancellation_relay(loop_core& core) noexcept : core_(core) {}

    // On the loop's thread: the operation begins, and is over. The end of the loop ends it, too.
    void connect(std::function<void()> cancel);
    void disconnect() noexcept;

    /// Any thread.
    void request();

private:
    void deliver();
    void abandon() noexcept override { disconnect(); }

    core_share core_;
    std::function<void()> cancel_; ///< while the operation is under way
    bool requested_ = false;       ///< before it began
};

/// @returns   What is connected to the handler's cancellation slot; null if it has none.
template <class Handler>
std::shared_ptr<cancellation_relay> relay_for(Handler const& handler, loop_core& core) {
    auto slot = boost::asio::get_associated_cancellation_slot(handler);
    if (!slot.is_connected()) return nullptr;
    auto relay = std::make_shared<cancellation_relay>(core);
    slot.assign([relay](boost::asio::cancellation_type_t type) {
        if (type != boost::asio::cancellation_type::none) relay->request();
    });
    return relay;
}

/// What the executor of a handler has to do until the handler is called.
template <class Executor>
auto work_of(Executor const& executor, event_loop&) {
    return boost::asio::prefer(executor, boost::asio::execution::outstanding_work.tracked);
}
/// Of the loop itself it is the host that has; a clock of the loop is not to take it for something that may come.
inline boost::asio::any_io_executor work_of(loop_executor const& executor, event_loop& loop) {
    auto const tracked = boost::asio::execution::outstanding_work.tracked;
    if (executor == loop.get_executor()) return boost::asio::prefer(loop.host_executor(), tracked);
    return boost::asio::prefer(boost::asio::any_io_executor(executor), tracked);
}

/// A completion handler, and what it needs until it is called.
/// @tparam Default   The executor on which the handler runs unless it has one of its own.
template <class Handler, class T, class Default = loop_executor>
class delivery {
    using executor_type = boost::asio::associated_executor_t<Handler, Default>;

public:
    template <class Given>
    delivery(Given&& handler, event_loop& loop, Default const& otherwise)
        : handler_(std::forward<Given>(handler)), relay_(relay_for(handler_, loop_access::core(loop))),
          executor_(boost::asio::get_associated_executor(handler_, otherwise)), work_(work_of(executor_, loop)) {}
    delivery(delivery&&) = default;
    delivery& operator=(delivery&&) = delete;
    ~delivery() { disconnect(); }

    cancellation_relay* relay() const noexcept { return relay_.get(); }

    /// In a callback of the loop: the future is done.
    /// @tparam Take   Move the value out.
    template <bool Take>
    void deliver(future_base& from) {
        if (auto error = error_for_asio(from)) return fail(std::move(error));
        if constexpr (std::is_void_v<T>) {
            finish(std::exception_ptr());
        } else {
            std::optional<typename delivered<T>::type> value;
            try {
                take<Take>(from, value);
            } catch (...) {
                return fail(std::current_exception());
            }
            finish(std::exception_ptr(), std::move(*value));
        }
    }

    void fail(std::exception_ptr error) {
        if constexpr (std::is_void_v<T>) finish(std::move(error));
        else finish(std::move(error), typename delivered<T>::type());
    }

private:
    void disconnect() noexcept {
        if (auto const relay = std::exchange(relay_, nullptr)) relay->disconnect();
    }

    template <bool Take, class Value>
    static void take(future_base& from, std::optional<Value>& to) {
        from.check_result("async_wait"); // it may have been moved out
        if constexpr (Take && !std::is_reference_v<T>) {
            from.mark_moved_out();
            to.emplace(std::move(value_of<T>(from)));
        } else {
            to.emplace(std::as_const(value_of<T>(from)));
        }
    }

    template <class... Values>
    void finish(std::exception_ptr error, Values&&... values) {
        disconnect();
        auto const work = std::move(work_); // until the handler is posted, or has run
        auto handler = std::move(handler_); // so that what it refers to may go away in the call
        if constexpr (std::is_same_v<executor_type, loop_executor>)
            if (executor_.running_in_this_thread()) return std::move(handler)(std::move(error), std::move(values)...);
        boost::asio::post(executor_, boost::asio::append(std::move(handler), std::move(error), std::move(values)...));
    }

    Handler handler_;
    std::shared_ptr<cancellation_relay> relay_;
    executor_type executor_;
    decltype(work_of(std::declval<executor_type const&>(), std::declval<event_loop&>())) work_;
};

} // namespace ordo::detail
