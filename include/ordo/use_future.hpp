// ordo: use_future, with which an Asio operation is started at once and gives a future.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/asio_operation.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/future.hpp>

#include <boost/asio/async_result.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ordo {
namespace detail {
struct use_future_access;
} // namespace detail

/// The type of use_future.
class use_future_t {
public:
    constexpr use_future_t() = default;

    /// The future belongs to this loop, and not to the one that runs.
    constexpr use_future_t operator()(event_loop& loop) const noexcept { return use_future_t(&loop); }

private:
    friend struct detail::use_future_access;
    constexpr explicit use_future_t(event_loop* loop) noexcept : loop_(loop) {}

    event_loop* loop_ = nullptr; ///< null: the one that runs
};

/// Completion token: start the operation now, and give a future of what awaiting it would give.
///
/// @code
/// auto first = a.async_read_some(buffer_a, ordo::use_future); // both are under way
/// auto second = b.async_read_some(buffer_b, ordo::use_future);
/// auto const bytes = co_await first + co_await second;
/// @endcode
///
/// An error code or exception that comes first is thrown, one value is given as it is, more as a tuple. Dropping the
/// future lets the operation go on; what it uses, buffers for example, must live until its end.
///
/// @throws usage_error         if no loop is given, and none is running on this thread.
/// @throws loop_closed_error
/// @par Cancellation   cancel() asks the operation to end; the future is done once its handler has run. An operation
///                     that succeeded all the same gives its result.
/// @par Thread safety  The loop's thread. The operation's object may live on any context.
inline constexpr use_future_t use_future;

namespace detail {

struct use_future_access {
    static loop_core& core(use_future_t const& token) {
        return token.loop_ ? loop_access::core(*token.loop_) : running_core("use_future");
    }
};

/// An operation that is under way for a future, which it keeps. The part that does not depend on the signature.
class ORDO_DECL future_operation : public outstanding, public operation_owner {
public:
    void abandon() noexcept override;

protected:
    future_operation() = default;
    ~future_operation() = default;

    void begin(future_base& future);
    /// It is over, or its initiation threw. @returns the share of the future.
    future_pointer<> leave_loop() noexcept;

    bool under_way() const noexcept { return link_; }
    operation_link* link_ = nullptr; ///< while it is under way

private:
    future_pointer<> future_; ///< this one
};

template <class Signature>
class operation_future final : public future_state<typename operation_result<Signature>::value_type>,
                               public future_operation {
    using outcome = operation_result<Signature>;
    using value_type = typename outcome::value_type;
    using base = future_state<value_type>;

public:
    template <class Initiate>
    static future<value_type> start(loop_core& core, Initiate&& initiate) {
        core.check_open("use_future");
        core.check_thread("use_future");
        future_pointer<operation_future> self(::new (allocate(sizeof(operation_future))) operation_future(core));
        self->begin(*self);
        try {
            std::forward<Initiate>(initiate)(operation_handler<operation_future>(self->link_));
        } catch (...) {
            if (self->under_way()) {
                self->leave_loop();
                throw;
            } // else it called the handler before, and that counts
        }
        return future_access::adopt<future<value_type>>(std::move(self));
    }

    bool cancel(std::string_view message) override {
        if (this->done() || !under_way()) return base::cancel(message);
        if (!cancel_requested_) this->set_message(std::string(message));
        cancel_requested_ = true;
        auto const keep = share(*this);
        link_->cancel();
        return true;
    }

    template <class... Values>
    void complete(Values&&... values) noexcept {
        auto const keep = leave_loop();
        if (this->done()) return; // by somebody else
        try {
            typename outcome::arguments results(std::forward<Values>(values)...);
            if (cancel_requested_ && outcome::is_aborted(results)) return this->finish(future_base::state::cancelled);
            outcome::throw_if_failed(results);
            if constexpr (std::is_void_v<value_type>) this->set_result("use_future");
            else this->set_result("use_future", outcome::take(std::move(results)));
        } catch (...) {
            if (!this->done()) this->set_exception(std::current_exception(), "use_future");
        }
    }

    void failed() noexcept override {
        auto const keep = leave_loop();
        if (!this->done()) this->set_exception(std::current_exception(), "use_future");
    }

private:
    explicit operation_future(loop_core& core) noexcept : base(core, {}) {}

    void destroy() noexcept override {
        this->~operation_future();
        deallocate(this, sizeof(operation_future));
    }

    bool cancel_requested_ = false;
};

} // namespace detail
} // namespace ordo

/// What makes use_future a completion token.
template <class... Results>
class boost::asio::async_result<ordo::use_future_t, void(Results...)> {
    using state = ordo::detail::operation_future<void(Results...)>;

public:
    /// Asio 1.26 asks for it where another token stands around this one, and Beast 1.81 everywhere.
    using return_type = ordo::future<typename ordo::detail::operation_result<void(Results...)>::value_type>;

    template <class Initiation, class... Args>
    static return_type initiate(Initiation&& initiation, ordo::use_future_t token, Args&&... args) {
        return state::start(ordo::detail::use_future_access::core(token), [&](auto&& handler) {
            std::forward<Initiation>(initiation)(std::move(handler), std::forward<Args>(args)...);
        });
    }
};
