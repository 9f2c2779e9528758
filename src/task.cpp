// ordo: stepping, cancelling and ending tasks.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/task.hpp>

#include "detail/reports.hpp"

#include <ordo/callback_info.hpp>
#include <ordo/detail/scope_exit.hpp>

#include <cxxabi.h>
#include <tuple>

namespace ordo::detail {

void task_base::note_creation() noexcept {
    if (began_ == time_point()) began_ = core_->now();
    if (core_->observer) core_->observer->created(*this);
}

inline void task_base::step() {
    awaited_ = nullptr;
    begun_ = true;
    auto& thread = this_thread;
    thread.task = this;
    try {
        turn_scope const entered(context_.address());
        std::exchange(resume_, nullptr).resume();
        while (thread.transfer) std::exchange(thread.transfer, nullptr).resume();
    } catch (...) { // the context is being run in, further out; what a coroutine throws does not come here
        exception_ = std::current_exception();
        destroy_frames();
        body_ended_ = true;
    }
    thread.task = nullptr;
    if (body_ended_) [[unlikely]]
        complete();
}

void task_base::begin_at_once() {
    auto const restore = [outer_task = this_thread.task, outer_context = this_thread.context] {
        this_thread.context = outer_context;
        this_thread.task = outer_task;
    };
    scope_exit const restored(restore);
    try {
        if (!core_->observer || takes_step()) step();
    } catch (...) {
        release(); // as the pump would have done
        throw;
    }
}

void task_base::unlink() noexcept {
    (previous_task_ ? previous_task_->next_task_ : core_->first_task) = next_task_;
    (next_task_ ? next_task_->previous_task_ : core_->last_task) = previous_task_;
    previous_task_ = next_task_ = nullptr;
    --core_->tasks_alive;
}

void task_base::describe(wait_description& into) const {
    into.what = "task '" + name() + "'";
}

void task_base::introduce(callback_kind kind) const {
    auto& who = *this_thread.introduction;
    who.kind = kind;
    who.name = name();
    if (resume_) who.where = promise_base::of(resume_).where();
}

void task_base::perform(ready_node* node, node_action action) {
    auto& task = static_cast<task_base&>(*node);
    if (action != node_action::run) [[unlikely]]
        return task.perform_seldom(action);
    bool const ordinary = task.before_step_ == 0 && !task.core_->observer;
    if (ordinary || task.takes_step()) [[likely]]
        task.step();
}

void task_base::perform_seldom(node_action action) {
    if (action == node_action::introduce) introduce(callback_kind::step);
    else if (action == node_action::name_awaiter) this_thread.awaiter = this;
    // It has thrown; disposing of a step that will never be run is the business of abandon().
    else if (action == node_action::dispose && done()) release();
}

/// Whether its body goes on, after a look at what is out of the ordinary.
bool task_base::takes_step() {
    if ((before_step_ & asks) && awaited_->goes_on()) return false;
    awaited_ = nullptr;
    if (core_->observer) core_->observer->steps(*this);
    before_step_ = 0;
    if (begun_ || !must_cancel_) return true;
    ending_ = ending::cancelled;
    // Moved, because a copy may find no memory, and then the task would never end.
    exception_ = std::make_exception_ptr(texts_ ? cancelled_error(std::move(texts_->message)) : cancelled_error());
    complete();
    return false;
}

void task_base::complete() {
    unlink();
    if (auto const root = std::exchange(resume_, nullptr)) root.destroy();
    if (context_) context_ = {};
    if (texts_) [[unlikely]]
        texts_->thrown = nullptr; // which may hold a handle of this task
    auto& core = *core_;
    finish(must_cancel_ || exception_ ? settle_failure() : state::finished);
    if (core.observer) [[unlikely]]
        core.observer->done(*this);
    if (ending_ == ending::exit && core.can_exit) [[unlikely]]
        std::rethrow_exception(exception_); // and whoever runs it disposes of it
    release();
}

/// It ended with an exception, or with a cancellation that was not delivered.
future_base::state task_base::settle_failure() noexcept {
    auto const cancelled = ending_ == ending::cancelled || !exception_;
    if (exception_ && cancelled) set_message({}); // it is in the exception, which is handed out once
    unretrieved_ = !cancelled;
    must_cancel_ = false;
    return cancelled ? state::cancelled : state::finished;
}

void task_base::abandon() noexcept {
    unlink();
    awaited_ = nullptr;
    if (core_->debug()) remember_stack(promise_base::of(resume_), nullptr);
    destroy_frames();
    context_ = {};
    report_abandoned(*this); // last, because its handler may do with the task what it likes
    release();
}

void task_base::note_failure(promise_base const& innermost) noexcept {
    auto thrown = std::current_exception();
    if (!texts_ || texts_->thrown != thrown)
        remember_stack(innermost, std::move(thrown)); // else it came from further in
}

void task_base::remember_stack(promise_base const& innermost, std::exception_ptr thrown) noexcept {
    try {
        auto& texts = make_texts();
        texts.thrown = std::move(thrown);
        texts.stack = innermost.stack();
    } catch (...) {} // there is no memory to tell it
}

/// From the innermost outwards, as the stack would be unwound, but without using as much of it.
void task_base::destroy_frames() noexcept {
    auto* at = &promise_base::of(std::exchange(resume_, nullptr));
    while (auto* const parent = at->parent()) {
        std::exchange(*at->owner(), nullptr).destroy();
        at = parent;
    }
    at->frame().destroy();
}

bool task_base::cancel(std::string_view message) {
    if (done()) return future_base::cancel(message);
    auto [last, in_a_circle] = end_of_line();
    if (in_a_circle) {
        last = end_of_circle(last);
        last->request_cancellation(message);
        last->awaited_task()->remove_waiter(last); // nothing else could ever wake it
        last->wake();
        last->forget_wait(); // so that it is not woken once more
    } else if (!last->awaited_ || !last->awaited_->cancel(message)) {
        last->request_cancellation(message);
    }
    count_request(last);
    return true;
}

gathering* task_base::awaited_gathering(task_base*& last) noexcept {
    if (done()) return nullptr;
    bool in_a_circle = false;
    std::tie(last, in_a_circle) = end_of_line();
    return last->awaited_ && !in_a_circle ? last->awaited_->as_gathering() : nullptr;
}

void task_base::cancel_after_gathering(task_base* last, bool passed_on, std::string_view message) {
    if (!passed_on) last->request_cancellation(message);
    count_request(last);
}

void task_base::count_request(task_base* last) noexcept {
    for (auto* task = this; task; task = task == last ? nullptr : task->awaited_task()) ++task->cancel_requests_;
}

std::pair<task_base*, bool> task_base::end_of_line() noexcept {
    task_base* last = this;
    task_base* behind = this; // follows at half the speed, because they may wait in a circle
    for (bool follow = false; auto* const next = last->awaited_task(); follow = !follow) {
        if (next == behind) return {last, true};
        last = next;
        if (follow) behind = behind->awaited_task();
    }
    return {last, false};
}

/// The last task before the chain that begins here comes back to one of its own. @param inside   One of the circle.
task_base* task_base::end_of_circle(task_base* inside) noexcept {
    auto* entry = this;
    auto* ahead = awaited_task(); // by the length of the circle
    for (auto* at = inside->awaited_task(); at != inside; at = at->awaited_task()) ahead = ahead->awaited_task();
    for (; entry != ahead; ahead = ahead->awaited_task()) entry = entry->awaited_task();
    while (ahead->awaited_task() != entry) ahead = ahead->awaited_task();
    return ahead;
}

/// The task that it waits for, if it waits for one.
task_base* task_base::awaited_task() const noexcept {
    auto* const task = awaited_ ? awaited_->as_task() : nullptr;
    return task && !task->done() ? task : nullptr;
}

void task_base::cancel_wait() {
    if (level_due()) must_cancel_ = true;
    if (!must_cancel_) return;
    try {
        if (awaited_->cancel(cancel_message())) must_cancel_ = false;
    } catch (...) {
        awaited_ = nullptr; // the task goes on with this exception
        throw;
    }
}

void task_base::throw_cancellation() {
    must_cancel_ = false;
    throw make_cancelled_error(); // which leaves the message, because gather() may want it, too
}

int task_base::uncancel() noexcept {
    if (cancel_requests_ > 0 && --cancel_requests_ == 0) must_cancel_ = false;
    cancel_floor_ = std::min(cancel_floor_, cancel_requests_);
    return cancelling();
}

std::string task_base::name() const {
    return texts_ && texts_->name ? *texts_->name : "Task-" + std::to_string(number_);
}

void task_base::set_name(std::string_view name) {
    make_texts().name = name;
}

bool in_debug_mode() noexcept {
    return this_thread.task && this_thread.task->core().debug();
}

void note_failure(promise_base const& frame) noexcept {
    this_thread.task->note_failure(frame);
}

void throw_outside_of_task() {
    throw usage_error("co_await: this coroutine does not run in a task; start it with create_task() or run()");
}

ending ending_by_exception() noexcept {
    auto const* type = abi::__cxa_current_exception_type();
    if (type && *type == typeid(cancelled_error)) return ending::cancelled; // the usual one, without throwing it again
    try {
        throw;
    } catch (cancelled_error const&) {
        return ending::cancelled;
    } catch (system_exit const&) {
        return ending::exit;
    } catch (...) {
        return ending::ordinary;
    }
}

} // namespace ordo::detail

namespace ordo {
namespace {

any_task handle_of(detail::task_base& task) {
    return detail::future_access::adopt<any_task>(detail::share(task));
}

std::vector<any_task> tasks_of(detail::loop_core const& core) {
    std::vector<any_task> tasks;
    for (auto* task = core.first_task; task; task = task->next_task()) tasks.push_back(handle_of(*task));
    return tasks;
}

} // namespace

std::optional<any_task> current_task() {
    detail::running_core("current_task");
    if (auto* task = detail::this_thread.task) return handle_of(*task);
    return std::nullopt;
}

std::vector<any_task> all_tasks() {
    return tasks_of(detail::running_core("all_tasks"));
}

std::vector<any_task> all_tasks(event_loop const& loop) {
    return tasks_of(detail::loop_access::core(loop));
}

} // namespace ordo
