// ordo: calling the hooks of a loop.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/loop_hooks.hpp>

#include "detail/loop_state.hpp"

#include <ordo/exception_context.hpp>

#include <memory>
#include <utility>

namespace ordo {
namespace {

class hook_caller final : public detail::task_observer, public std::enable_shared_from_this<hook_caller> {
public:
    hook_caller(event_loop& loop, loop_hooks hooks) : loop_(loop), hooks_(std::move(hooks)) {}

    void created(detail::task_base& task) noexcept override { call(hooks_.on_task_created, task); }
    void steps(detail::task_base& task) noexcept override { call(hooks_.on_task_step, task); }
    void done(detail::task_base& task) noexcept override { call(hooks_.on_task_done, task); }

private:
    void call(std::function<void(any_task const&)> const& hook, detail::task_base& task) noexcept {
        if (!hook) return;
        auto const keep = shared_from_this(); // the hook may replace all of them
        auto const handle = detail::future_access::adopt<any_task>(detail::share(task));
        try {
            hook(handle);
        } catch (...) {
            report(handle);
        }
    }

    void report(any_task const& task) noexcept {
        try {
            exception_context what{.message = "exception in a hook of the loop", .exception = std::current_exception()};
            what.future = what.task = task;
            what.where = task.created_at();
            loop_.call_exception_handler(what);
        } catch (...) {}
    }

    event_loop& loop_;
    loop_hooks const hooks_;
};

} // namespace

void event_loop::set_hooks(loop_hooks hooks) {
    core_->check_thread("event_loop::set_hooks");
    bool const any = hooks.on_task_created || hooks.on_task_step || hooks.on_task_done;
    auto caller = any ? std::make_shared<hook_caller>(*this, std::move(hooks)) : nullptr;
    core_->observer = caller.get();
    state_->hooks = std::move(caller);
}

} // namespace ordo
