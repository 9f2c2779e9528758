// ordo: awaiting any Asio operation.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/awaitable.hpp>
#include <ordo/detail/home_executor.hpp>
#include <ordo/detail/task_base.hpp>

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <coroutine>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace ordo {
namespace detail {

class operation_awaiter_base;

/// Shared by the awaiter, which stands in a frame, and the handler, which Asio owns: whichever goes first.
struct ORDO_DECL operation_link : ready_node {
    std::atomic<int> references{2};
    operation_awaiter_base* awaiter; ///< null once the frame is gone
    boost::asio::cancellation_signal signal;

    explicit operation_link(operation_awaiter_base& waiting) noexcept;
    static operation_link* make(operation_awaiter_base& awaiter);
    void release() noexcept;
};

/// The part of awaiting an operation that does not depend on its signature.
class ORDO_DECL operation_awaiter_base : awaited {
public:
    operation_awaiter_base(operation_awaiter_base const&) = delete;
    operation_awaiter_base& operator=(operation_awaiter_base const&) = delete;

    bool await_ready() const noexcept { return false; }
    bool cancel(std::string_view message) override;

    /// The handler has run.
    void completed() noexcept;
    /// The same, but in a catch block: its results could not be kept.
    void failed() noexcept;
    /// The handler was destroyed without having run.
    void dropped() noexcept;

protected:
    operation_awaiter_base() = default;
    ~operation_awaiter_base();

    /// @returns   False if a cancellation was due: then the operation is not started.
    bool begin(std::coroutine_handle<> frame);
    /// Starting it threw.
    void failed_to_begin() noexcept;

    /// In await_resume(): throws unless there is a result to look at.
    void check_completed();
    /// The result says that our cancellation took effect, and nothing is lost by saying so.
    [[noreturn]] void throw_cancelled();
    /// There is a result to deliver; a cancellation that came too late waits for the next suspension.
    void postpone_cancellation();
    bool cancellation_due() const noexcept { return cancel_requested_ || task_->must_cancel(); }

    home_executor home() const noexcept { return home_executor(task_->core()); }

    operation_link* link_ = nullptr; ///< while the operation is under way

private:
    task_base* task_ = nullptr;
    std::unique_ptr<std::string> message_;
    std::exception_ptr failure_; ///< to throw instead of giving a result
    bool started_ = false;
    bool cancel_requested_ = false;
};

/// The completion handler.
template <class Awaiter>
class operation_handler {
public:
    using executor_type = home_executor;
    using cancellation_slot_type = boost::asio::cancellation_slot;
    using allocator_type = recycling_allocator<void>;

    operation_handler(operation_link* owned, executor_type executor) noexcept
        : link_(owned), executor_(std::move(executor)) {}
    operation_handler(operation_handler&& other) noexcept
        : link_(std::exchange(other.link_, nullptr)), executor_(std::move(other.executor_)) {}
    operation_handler& operator=(operation_handler&&) = delete;
    ~operation_handler() {
        if (link_ && !executor_.submit(link_)) link_->release();
    }

    executor_type get_executor() const noexcept { return executor_; }
    cancellation_slot_type get_cancellation_slot() const noexcept { return link_->signal.slot(); }
    allocator_type get_allocator() const noexcept { return {}; }

    template <class... Results>
    void operator()(Results&&... results) {
        auto* const link = std::exchange(link_, nullptr);
        if (auto* awaiter = static_cast<Awaiter*>(link->awaiter)) awaiter->complete(std::forward<Results>(results)...);
        link->release();
    }

private:
    operation_link* link_;
    executor_type executor_;
};

/// How the arguments of a completion become the result of an await: an error that comes first is thrown, one argument
/// is given as it is, more as a tuple.
template <class... Results>
struct completion {
    static constexpr bool may_fail = false;
    using rest = std::tuple<Results...>;
    static rest take_rest(std::tuple<Results...>&& all) { return std::move(all); }
};
template <class... Results>
struct completion<boost::system::error_code, Results...> {
    static constexpr bool may_fail = true;
    using rest = std::tuple<Results...>;
    static rest take_rest(std::tuple<boost::system::error_code, Results...>&& all) {
        return std::apply([](auto&, auto&... others) { return rest(std::move(others)...); }, all);
    }
};
template <class... Results>
struct completion<std::exception_ptr, Results...> {
    static constexpr bool may_fail = true;
    using rest = std::tuple<Results...>;
    static rest take_rest(std::tuple<std::exception_ptr, Results...>&& all) {
        return std::apply([](auto&, auto&... others) { return rest(std::move(others)...); }, all);
    }
};

inline bool is_failure(boost::system::error_code const& error) noexcept {
    return error.failed();
}
inline bool is_failure(std::exception_ptr const& error) noexcept {
    return error != nullptr;
}
[[noreturn]] inline void throw_failure(boost::system::error_code const& error) {
    throw boost::system::system_error(error);
}
[[noreturn]] inline void throw_failure(std::exception_ptr const& error) {
    std::rethrow_exception(error);
}

inline bool is_aborted(boost::system::error_code const& error) noexcept {
    return error == boost::asio::error::operation_aborted;
}
ORDO_DECL bool is_aborted(std::exception_ptr const& error) noexcept;

/// as_tuple gives the error among the results: a cancellation shows there, and is only thrown if nothing else does.
template <class T>
inline constexpr bool is_aborted_tuple(T const&) noexcept {
    return false;
}
template <class... Others>
bool is_aborted_tuple(std::tuple<boost::system::error_code, Others...> const& results) {
    auto const is_empty = []<class T>(T const& value) {
        if constexpr (std::equality_comparable<T> && std::default_initializable<T>) return value == T();
        else return true;
    };
    return std::apply(
        [&](auto const& error, auto const&... others) { return is_aborted(error) && (is_empty(others) && ...); },
        results);
}

template <class Operation, class Signature>
class operation_awaiter;

template <class Operation, class... Results>
class operation_awaiter<Operation, void(Results...)> final : public operation_awaiter_base {
    using shape = completion<std::decay_t<Results>...>;
    using rest = typename shape::rest;

public:
    explicit operation_awaiter(Operation&& operation) : operation_(std::move(operation)) {}

    void await_suspend(std::coroutine_handle<> frame) {
        if (!begin(frame)) return;
        try {
            std::move(operation_)(operation_handler<operation_awaiter>(link_, home()));
        } catch (...) {
            if (!link_) return; // it called the handler before, and that counts
            failed_to_begin();
            throw;
        }
    }

    template <class... Values>
    void complete(Values&&... values) noexcept {
        try {
            results_.emplace(std::forward<Values>(values)...);
        } catch (...) {
            return failed();
        }
        completed();
    }

    auto await_resume() {
        check_completed();
        auto& results = *results_;
        if constexpr (shape::may_fail) {
            auto& error = std::get<0>(results);
            if (is_failure(error)) {
                if (cancellation_due() && is_aborted(error)) throw_cancelled();
                postpone_cancellation();
                throw_failure(error);
            }
        } else if constexpr (sizeof...(Results) == 1) {
            if (cancellation_due() && is_aborted_tuple(std::get<0>(results))) throw_cancelled();
        }
        postpone_cancellation();
        return give(shape::take_rest(std::move(results)));
    }

private:
    static auto give(rest&& values) {
        if constexpr (std::tuple_size_v<rest> == 1) return std::get<0>(std::move(values));
        else if constexpr (std::tuple_size_v<rest> > 1) return std::move(values);
    }
    Operation operation_;
    std::optional<std::tuple<std::decay_t<Results>...>> results_;
};

/// What boost::asio::deferred returns.
template <class T>
concept deferred_operation = boost::asio::is_deferred<std::remove_cvref_t<T>>::value &&
                             requires { typename boost::asio::completion_signature_of<std::remove_cvref_t<T>>::type; };

template <deferred_operation Operation>
struct awaiter_of<Operation> {
    static constexpr bool awaitable = true;
    using operation = std::remove_cvref_t<Operation>;
    static auto make(Operation&& from) {
        return operation_awaiter<operation, typename boost::asio::completion_signature_of<operation>::type>(
            operation(std::forward<Operation>(from)));
    }
};

} // namespace detail
} // namespace ordo
