// ordo: run_coroutine_threadsafe, which runs a coroutine in the loop of another thread.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/concurrent_future.hpp>
#include <ordo/coro.hpp>
#include <ordo/detail/future_chain.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/task.hpp>

#include <memory>
#include <source_location>
#include <type_traits>
#include <utility>

namespace ordo {
namespace detail {

template <class T>
class coroutine_chain_of final : public coroutine_chain {
public:
    static coroutine_chain_of* make(loop_core& core, coro<T>&& coroutine, concurrent_future<T> const& target,
                                    std::source_location where) {
        auto in = copy_current_context();
        void* memory = allocate(sizeof(coroutine_chain_of));
        return ::new (memory) coroutine_chain_of(core, std::move(coroutine), std::move(in), target, where);
    }

private:
    coroutine_chain_of(loop_core& core, coro<T>&& coroutine, context_pointer in, concurrent_future<T> const& target,
                       std::source_location where) noexcept
        : coroutine_chain(core), coroutine_(std::move(coroutine)), context_(std::move(in)),
          target_(concurrent_access::state(target)), where_(where) {}

    future_pointer<> start() override {
        return future_access::state(
            start_task(*core_, std::move(coroutine_), {}, std::move(context_), core_->eager_start, where_));
    }
    void discard() noexcept override { coroutine_ = coro_access::none<T>(); }
    concurrent_base& target() noexcept override { return *target_; }

    void deliver(future_base& from) override {
        from.check_result("run_coroutine_threadsafe");
        from.mark_moved_out();
        target_->set_result("run_coroutine_threadsafe", std::move(value_of<T>(from)));
    }

    void destroy() noexcept override {
        this->~coroutine_chain_of();
        deallocate(this, sizeof(coroutine_chain_of));
    }

    coro<T> coroutine_;
    context_pointer context_;
    std::shared_ptr<concurrent_state<T>> target_;
    std::source_location where_;
};

} // namespace detail

/// Run a coroutine as a task of a loop that runs on another thread.
///
/// Cancelling the concurrent_future cancels the task; a cancelled task cancels the concurrent_future. If the loop is
/// closed before the coroutine ends, the concurrent_future ends with a loop_closed_error: nobody is left waiting.
///
/// @code
/// auto page = ordo::run_coroutine_threadsafe(fetch(url), loop).get(30s);
/// @endcode
///
/// @param coroutine   Begins two iterations later. What it refers to must outlive it.
/// @returns           Its result, which is moved there. get() must not be called on the loop's own thread.
/// @throws            loop_closed_error; usage_error if the coroutine was awaited or moved from before.
/// @par Context       A copy of the caller's.
/// @par Thread safety Any thread, for as long as the loop exists.
/// @par Source        asyncio.run_coroutine_threadsafe.
template <class T>
concurrent_future<T> run_coroutine_threadsafe(coro<T> coroutine, event_loop& loop,
                                              std::source_location where = std::source_location::current()) {
    if (!coroutine) throw usage_error("run_coroutine_threadsafe: this coro was awaited or moved from before");
    auto& core = detail::loop_access::core(loop);
    auto state = detail::concurrent_state<T>::make();
    state->set_completed_by(core);
    auto result = detail::concurrent_access::adopt(std::move(state));
    detail::coroutine_chain_of<T>::make(core, std::move(coroutine), result, where)->submit();
    return result;
}

/// Run the coroutine that a callable makes. The callable, a capturing lambda for example, is called on the loop's thread,
/// and kept alive until the coroutine ends.
template <class F>
    requires detail::is_coro<std::invoke_result_t<std::decay_t<F>&>>
auto run_coroutine_threadsafe(F&& function, event_loop& loop,
                              std::source_location where = std::source_location::current()) {
    return run_coroutine_threadsafe(detail::keep_and_call(std::decay_t<F>(std::forward<F>(function))), loop, where);
}

} // namespace ordo
