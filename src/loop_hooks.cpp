// ordo: calling the hooks of a loop.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/loop_hooks.hpp>

#include "detail/loop_state.hpp"

#include <ordo/exception_context.hpp>

#include <memory>
#include <utility>

namespace ordo {
namespace {

class hook_caller final : public detail::loop_part,
                          public detail::task_observer,
                          public detail::callback_observer,
                          public std::enable_shared_from_this<hook_caller> {
public:
    hook_caller(event_loop& loop, loop_hooks hooks) : loop_(loop), hooks_(std::move(hooks)) {
        if (hooks_.on_callback || hooks_.on_callback_done) detail::loop_access::core(loop).add_callback_observer(*this);
    }

    /// It is told of no callback any more.
    void retire() noexcept { detail::loop_access::core(loop_).remove_callback_observer(*this); }

    void created(detail::task_base& task) noexcept override { call(hooks_.on_task_created, task); }
    void steps(detail::task_base& task) noexcept override { call(hooks_.on_task_step, task); }
    void done(detail::task_base& task) noexcept override { call(hooks_.on_task_done, task); }
    void begins(callback_info const& who) noexcept override {
        if (hooks_.on_callback) guarded({}, [&] { hooks_.on_callback(who); });
    }
    void ended(callback_info const& who, duration took) noexcept override {
        if (hooks_.on_callback_done) guarded({}, [&] { hooks_.on_callback_done(who, took); });
    }

private:
    void call(std::function<void(any_task const&)> const& hook, detail::task_base& task) noexcept {
        if (!hook) return;
        auto const handle = detail::future_access::adopt<any_task>(detail::share(task));
        guarded(handle, [&] { hook(handle); });
    }

    template <class Call>
    void guarded(any_task const& task, Call call) noexcept {
        auto const keep = shared_from_this(); // the hook may replace all of them
        try {
            call();
        } catch (...) {
            report(task);
        }
    }

    void report(any_task const& task) noexcept {
        try {
            exception_context what{.message = "exception in a hook of the loop", .exception = std::current_exception()};
            what.future = what.task = task;
            if (task) what.where = task.created_at();
            loop_.call_exception_handler(what);
        } catch (...) {}
    }

    event_loop& loop_;
    loop_hooks const hooks_;
};

} // namespace

void event_loop::set_hooks(loop_hooks hooks) {
    core_->check_thread("event_loop::set_hooks");
    bool const of_tasks = hooks.on_task_created || hooks.on_task_step || hooks.on_task_done;
    bool const of_callbacks = hooks.on_callback || hooks.on_callback_done;
    auto caller = of_tasks || of_callbacks ? std::make_shared<hook_caller>(*this, std::move(hooks)) : nullptr;
    if (state_->hooks) static_cast<hook_caller&>(*state_->hooks).retire(); // one of its calls may keep it
    core_->observer = of_tasks ? caller.get() : nullptr;
    state_->hooks = std::move(caller);
}

} // namespace ordo
