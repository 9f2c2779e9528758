// ordo: awaiting any Asio operation.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/awaitable.hpp>
#include <ordo/detail/home_executor.hpp>
#include <ordo/detail/operation_result.hpp>
#include <ordo/detail/task_base.hpp>
#include <ordo/loop_executor.hpp>

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/deferred.hpp>
#include <coroutine>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ordo {
namespace detail {

/// Who gets the results of an operation: an awaiter, or the future of use_future.
class ORDO_DECL operation_owner {
public:
    /// In a catch block: that error is the outcome.
    virtual void failed() noexcept = 0;
    /// The handler was destroyed without having run.
    void dropped() noexcept;

protected:
    ~operation_owner() = default;
};

/// Shared by the owner, an awaiter in a frame for example, and the handler, which Asio owns: whichever goes first.
class ORDO_DECL operation_link : public ready_node {
public:
    static operation_link* make(operation_owner& owner, loop_core& core);

    void add_reference() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
    /// Any thread.
    void release() noexcept {
        if (references_.load(std::memory_order_acquire) == 1 ||
            references_.fetch_sub(1, std::memory_order_acq_rel) == 1)
            recycle();
    }
    /// By the handler that was called: it is on the loop's thread, and so is everybody else who has a reference.
    void release_at_home() noexcept {
        auto const left = references_.load(std::memory_order_relaxed) - 1;
        references_.store(left, std::memory_order_relaxed);
        if (left == 0) recycle();
    }

    /// Any thread, by a handler that goes without having been called: the owner is told on the loop's thread.
    void drop() noexcept;
    /// Ask the operation to end. It may call the handler at once, and the owner be gone when this returns.
    void cancel();

    home_executor const& executor() const noexcept { return *executor_; }
    boost::asio::cancellation_slot slot() noexcept { return signal_.slot(); }

    operation_owner* owner = nullptr; ///< null once that is gone, or has its result

    operation_link() noexcept;
    static void* operator new(std::size_t size) { return allocate(size); }
    static void operator delete(void* memory, std::size_t size) noexcept { deallocate(memory, size); }

private:
    void recycle() noexcept;

    std::atomic<int> references_{0};
    std::optional<home_executor> executor_; ///< while it has references
    boost::asio::cancellation_signal signal_;
};

/// The part of awaiting an operation that does not depend on its signature.
class ORDO_DECL operation_awaiter_base : awaited, public operation_owner {
public:
    operation_awaiter_base(operation_awaiter_base const&) = delete;
    operation_awaiter_base& operator=(operation_awaiter_base const&) = delete;

    bool await_ready() const noexcept { return false; }
    void describe(wait_description& into) const override;
    bool over() const noexcept override { return !under_way(); }
    bool cancel(std::string_view message) override;

    /// The handler has run.
    void completed() noexcept;
    void failed() noexcept override;

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

    bool under_way() const noexcept { return link_ && link_->owner; }

    operation_link* link_ = nullptr; ///< kept until the task goes on, and then at hand for the next operation

private:
    task_base* task_ = nullptr;
    std::unique_ptr<std::string> message_;
    std::exception_ptr failure_; ///< to throw instead of giving a result
    bool started_ = false;
    bool cancel_requested_ = false;
};

/// The completion handler.
template <class Owner>
class operation_handler {
public:
    using executor_type = home_executor;
    using cancellation_slot_type = boost::asio::cancellation_slot;
    using allocator_type = recycling_allocator<void>;

    explicit operation_handler(operation_link* owned) noexcept : link_(owned) {}
    operation_handler(operation_handler&& other) noexcept : link_(std::exchange(other.link_, nullptr)) {}
    operation_handler& operator=(operation_handler&&) = delete;
    ~operation_handler() {
        if (link_) link_->drop();
    }

    executor_type const& get_executor() const noexcept { return link_->executor(); }
    cancellation_slot_type get_cancellation_slot() const noexcept { return link_->slot(); }
    allocator_type get_allocator() const noexcept { return {}; }

    template <class... Results>
    void operator()(Results&&... results) {
        if (!link_->executor().at_home()) [[unlikely]]
            return come_home(std::forward<Results>(results)...);
        auto* const link = std::exchange(link_, nullptr);
        auto* const owner = static_cast<Owner*>(link->owner);
        link->release_at_home();
        if (owner) owner->complete(std::forward<Results>(results)...);
    }

private:
    /// Somebody has bound it to another executor.
    template <class... Results>
    void come_home(Results&&... results) noexcept {
        auto const home = link_->executor();
        try {
            home.execute([self = std::move(*this), kept = std::tuple<std::decay_t<Results>...>(std::forward<Results>(
                                                       results)...)]() mutable { std::apply(self, std::move(kept)); });
        } catch (...) {
            // The handler is gone, and has told the owner that it was dropped.
        }
    }

    operation_link* link_;
};

template <class Operation, class Signature>
class operation_awaiter final : public operation_awaiter_base {
    using outcome = operation_result<Signature>;

public:
    explicit operation_awaiter(Operation&& operation) : operation_(std::move(operation)) {}

    void await_suspend(std::coroutine_handle<> frame) {
        if (!begin(frame)) return;
        try {
            std::move(operation_)(operation_handler<operation_awaiter>(link_));
        } catch (...) {
            if (!under_way()) return; // it called the handler before, and that counts
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

    typename outcome::value_type await_resume() {
        check_completed();
        auto& results = *results_;
        if (cancellation_due() && outcome::is_aborted(results)) throw_cancelled();
        postpone_cancellation();
        outcome::throw_if_failed(results);
        return outcome::take(std::move(results));
    }

private:
    Operation operation_;
    std::optional<typename outcome::arguments> results_;
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
