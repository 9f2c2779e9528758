// ordo: the untyped half of a concurrent_future: its state, who waits for it on which thread, and who is told.
//
// The mutex guards everything but the value, which belongs to the completing thread from claim() to complete(), and to
// everybody, for looking, afterwards. No code of the user's runs under the mutex. Completing allocates nothing.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/loop_core.hpp>
#include <ordo/detail/recycling.hpp>
#include <ordo/detail/result.hpp>
#include <ordo/exceptions.hpp>

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace ordo::detail {

class ORDO_DECL concurrent_base {
public:
    enum class state : std::uint8_t { pending, running, cancelled, cancelled_and_notified, finished };

    /// Who is told of the end. One of the two is called, once, by whichever thread; the object releases itself then.
    class callback {
    public:
        virtual void call() noexcept = 0;
        /// It will never end: the last handle is gone.
        virtual void drop() noexcept = 0;

    protected:
        ~callback() = default;

    private:
        friend class concurrent_base;
        callback* next_ = nullptr;
    };

    concurrent_base() = default;
    concurrent_base(concurrent_base const&) = delete;
    concurrent_base& operator=(concurrent_base const&) = delete;

    bool done() const noexcept { return state_.load(std::memory_order_acquire) >= state::cancelled; }
    bool running() const noexcept { return state_.load(std::memory_order_acquire) == state::running; }
    bool cancelled() const noexcept {
        auto const now = state_.load(std::memory_order_acquire);
        return now == state::cancelled || now == state::cancelled_and_notified;
    }

    bool cancel() noexcept;
    bool set_running_or_notify_cancel();
    void set_exception(std::exception_ptr exception, char const* where);

    /// Append a callback, or call it if the end has come.
    void add_callback(callback* told) noexcept;

    /// @returns              Whether it is done.
    /// @throws usage_error   if it is not, and the caller is the loop that completes it.
    bool wait_until(std::optional<time_point> deadline, char const* where);
    /// @throws timeout_error
    void wait_or_throw(std::optional<duration> timeout, char const* where);

    /// It is done: the error, or null.
    std::exception_ptr exception() const;
    /// It is done: throws unless there is a value.
    void check_result(char const* where);
    /// The same, and nobody else has it from now on.
    void claim_result(char const* where);

    /// This loop completes it; to be said before any other thread knows it.
    void set_completed_by(loop_core& core) noexcept { completed_by_ = core_share(core); }

protected:
    ~concurrent_base();

    /// @throws invalid_state_error   if it is done, or somebody else completes it.
    void claim(char const* where);
    void unclaim() noexcept;
    void complete() noexcept;

private:
    void end(std::unique_lock<std::mutex> lock, state how) noexcept;

    std::mutex mutex_;
    std::condition_variable ended_;
    std::atomic<state> state_{state::pending}; ///< written under the mutex
    bool claimed_ = false;                     ///< somebody sets the result at this moment
    bool moved_out_ = false;
    callback* first_ = nullptr;
    callback* last_ = nullptr; ///< valid while there is a first
    std::exception_ptr exception_;
    core_share completed_by_; ///< empty if any thread may do it
};

template <class T>
class concurrent_state final : public concurrent_base {
public:
    static std::shared_ptr<concurrent_state> make() {
        return std::allocate_shared<concurrent_state>(recycling_allocator<concurrent_state>());
    }

    template <class... Args>
    void set_result(char const* where, Args&&... args) {
        claim(where);
        try {
            value_.emplace(std::forward<Args>(args)...);
        } catch (...) {
            unclaim();
            throw;
        }
        complete();
    }

    storage_t<T>& value() noexcept { return *value_; }

private:
    std::optional<storage_t<T>> value_;
};

/// Log the exception in flight, which left a done callback.
ORDO_DECL void log_callback_error() noexcept;

} // namespace ordo::detail
