// ordo: what a program can do with callbacks, futures and contexts, anywhere: in a callback, a coroutine or outside.
// SPDX-License-Identifier: BSL-1.0
#include "world.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace fuzz {
namespace {

using outcome = future_model::outcome;
using std::chrono::milliseconds;

// -- callbacks

callback_pointer new_callback(world& w, house& at) {
    auto model = std::make_shared<callback_model>();
    model->home = &at;
    model->number = ++w.made;
    model->variable = variable.get();
    return model;
}

/// A callable that checks that it is called as the model says, and performs its part of the program.
auto callback(world& w, callback_pointer const& model, program code) {
    return [&w, model, code, held = counted(1)] {
        w.look();
        auto& at = *model->home;
        at.running(model);
        w.note(4, model->number);
        demand(!model->variable || variable.get() == *model->variable, "a callback runs in the wrong context");
        auto rest = code;
        try {
            while (!rest.over() && w.has_fuel()) {
                auto const operation = rest.byte();
                w.perform(operation, rest);
            }
        } catch (planned const&) {
            at.report_due = at.handled;
            throw;
        }
    };
}

void call_soon(world& w, house& at, program& code) {
    auto& slot = slot_of(w.handles, code);
    auto const how = code.byte();
    auto const model = new_callback(w, at);
    auto const& in = w.contexts[how & 1];
    auto call = callback(w, model, code.part());
    ordo::handle handle;
    must_throw_if<ordo::loop_closed_error>(!at.open(), [&] {
        if (how & 2) handle = at.loop->call_soon_threadsafe(std::move(call));
        else if ((how & 4) && in) handle = at.loop->call_soon(*in, std::move(call));
        else handle = at.loop->call_soon(std::move(call));
    });
    if (!handle) return;
    if ((how & 6) == 4 && in) model->variable.reset(); // others may set it there
    at.queued(model);
    slot = {handle, model};
}

void call_at(world& w, house& at, program& code) {
    auto& slot = slot_of(w.handles, code);
    auto const how = code.byte();
    auto const delay = milliseconds(static_cast<int>(how & 7) - 1);
    auto const model = new_callback(w, at);
    model->timer = true;
    model->iteration = at.loop->iterations();
    auto call = callback(w, model, code.part());
    ordo::timer_handle handle;
    must_throw_if<ordo::loop_closed_error>(!at.open(), [&] {
        if (how & 8) handle = at.loop->call_at(at.clock->now() + delay, std::move(call));
        else handle = at.loop->call_later(delay, std::move(call));
    });
    if (!handle) return;
    model->deadline = handle.when();
    demand(model->deadline >= at.clock->now() + delay, "the deadline of a timer is early");
    at.timers.push_back(model);
    slot = {handle, model};
}

void cancel_handle(world& w, house&, program& code) {
    auto& slot = slot_of(w.handles, code);
    if (slot.model && !slot.model->ran) slot.model->dead = true;
    slot.handle.cancel();
    demand(!slot.handle || slot.handle.cancelled(), "a handle that was cancelled does not say so");
}

void drop_handle(world& w, house&, program& code) {
    auto& slot = slot_of(w.handles, code);
    if (slot.handle && (code.byte() & 1)) {
        slot_of(w.contexts, code) = slot.handle.get_context();
        if (slot.model) slot.model->variable.reset(); // others may set it there
        return;
    }
    slot = {};
}

// -- futures

void create_future(world& w, house& at, program& code) {
    auto const how = code.byte();
    future_slot made;
    made.model = std::make_shared<future_model>();
    made.model->home = &at;
    made.model->number = ++w.made;
    must_throw_if<ordo::loop_closed_error>(!at.open(), [&] {
        if (how & 8) made.number = at.loop->create_future<int>();
        else made.nothing = at.loop->create_future<void>();
    });
    if (!made.any()) return;
    auto& slot = w.futures[(how & 7) % w.futures.size()];
    w.drop(slot);
    slot = std::move(made);
}

/// Whether completing the future has to be refused, and how.
template <class F>
void complete(future_slot& slot, outcome how, F&& f) {
    auto& model = *slot.model;
    if (model.task) return must_throw_if<ordo::usage_error>(true, f);
    auto const before = model.ended;
    try {
        if (!model.done && !model.job) model.ended = how;
        f();
        demand(!model.done, "a future is completed twice");
    } catch (ordo::invalid_state_error const&) {
        demand(model.done, "a pending future refuses to be completed");
    } catch (ordo::loop_closed_error const&) {
        model.ended = before;
        demand(!model.home->open(), "an open loop says that it is closed");
    } catch (...) {
        fail("completing a future throws what is not documented");
    }
}

void set_result(world& w, house&, program& code) {
    auto& slot = slot_of(w.futures, code);
    if (!slot.model || slot.model->job) return;
    auto const value = static_cast<int>(code.byte());
    if (!slot.model->task && !slot.model->done) slot.model->value = value;
    complete(slot, outcome::value, [&] {
        if (slot.number) slot.number.set_result(value);
        else slot.nothing.set_result();
    });
}

void set_exception(world& w, house&, program& code) {
    auto& slot = slot_of(w.futures, code);
    if (!slot.model || slot.model->job) return;
    if (!slot.model->task && (code.byte() & 7) == 7)
        return must_throw_if<std::invalid_argument>(true, [&] {
            if (slot.number) slot.number.set_exception(std::exception_ptr());
            else slot.nothing.set_exception(std::exception_ptr());
        });
    complete(slot, outcome::error, [&] {
        if (slot.number) slot.number.set_exception(planned());
        else slot.nothing.set_exception(std::make_exception_ptr(planned()));
    });
}

void cancel_future(world& w, house&, program& code) {
    auto& slot = slot_of(w.futures, code);
    if (!slot.model) return;
    auto const any = slot.any();
    auto const model = slot.model;
    bool const done = any.done();
    ++w.cancels;
    if (!model->task && !done) model->ended = outcome::cancelled;
    model->cancel_requested = model->cancel_requested || !done;
    try {
        bool const cancelled = any.cancel(code.byte() & 1 ? "enough" : "");
        demand(cancelled == !done, "cancel() does not say whether it was in time");
        demand(model->task || any.done(), "a future that was cancelled is not done");
    } catch (ordo::loop_closed_error const&) {
        demand(!model->home->open(), "an open loop says that it is closed");
        if (!model->task) model->ended = outcome::none;
    } catch (...) {
        fail("cancel() throws what is not documented");
    }
}

void add_done_callback(world& w, house&, program& code) {
    auto& slot = slot_of(w.futures, code);
    auto& kept = slot_of(w.handles, code);
    if (!slot.model) return;
    auto const model = new_callback(w, *slot.model->home);
    model->future = slot.model->number;
    auto call = callback(w, model, code.part());
    ordo::handle handle;
    throws<ordo::loop_closed_error>([&] { handle = slot.any().add_done_callback(std::move(call)); });
    demand(handle || !model->home->open(), "an open loop says that it is closed");
    if (!handle) return;
    if (slot.model->done) model->home->queued(model);
    else slot.model->callbacks.push_back(model);
    kept = {handle, model};
}

void remove_done_callback(world& w, house&, program& code) {
    auto& slot = slot_of(w.futures, code);
    auto& kept = slot_of(w.handles, code);
    if (!slot.model || !kept.model) return;
    bool const there = kept.model->future == slot.model->number && !slot.model->done;
    auto const removed = slot.any().remove_done_callback(kept.handle);
    if (removed) kept.model->dead = true;
    if (removed) kept.model->future = ~0u;
    demand(removed == (there ? 1u : 0u), "remove_done_callback() does not say how many it removed");
}

void drop_future(world& w, house&, program& code) {
    w.drop(slot_of(w.futures, code));
}

void look_at_future(world& w, house&, program& code) {
    auto& slot = slot_of(w.futures, code);
    if (!slot.model) return;
    auto& model = *slot.model;
    demand(slot.any().done() == model.done, "done() is not what was done to the future");
    demand(slot.any().cancelled() == (model.done && model.ended == outcome::cancelled), "cancelled() is wrong");
    auto seen = outcome::none;
    bool const gone = model.moved_out && model.ended == outcome::value;
    bool const take = slot.number && model.done && (code.byte() & 1);
    try {
        int value = model.value;
        if (take) value = ordo::future<int>(slot.number).result();
        else if (slot.number) value = slot.number.result();
        else slot.nothing.result();
        demand(value == model.value || model.job, "result() is not what was given to the future");
        seen = outcome::value;
    } catch (planned const&) {
        seen = outcome::error;
    } catch (ordo::cancelled_error const&) {
        seen = outcome::cancelled;
    } catch (ordo::invalid_state_error const&) {
        demand(!model.done || gone, "a result is refused although there is one");
        return;
    } catch (ordo::usage_error const&) {
        demand(model.in_context || model.task, "result() throws what the future did not end with");
        seen = outcome::error;
    }
    model.moved_out = model.moved_out || take;
    demand(model.done && seen == model.ended, "result() is not what the future ended with");
    demand(!gone, "a result that was moved out is given once more");
}

// -- contexts

void use_variable(world& w, house&, program& code) {
    auto const how = code.byte();
    if (how & 1) {
        w.tokens.push_back(variable.set(static_cast<int>(how)));
        demand(variable.get() == static_cast<int>(how), "a context variable has not the value that it was given");
    } else if (!w.tokens.empty()) {
        throws<ordo::usage_error>([&] { variable.reset(w.tokens.back()); });
        if (how & 2) w.tokens.pop_back();
    }
    w.note(5, static_cast<unsigned>(variable.get()));
}

void use_context(world& w, house&, program& code) {
    auto const how = code.byte();
    auto& slot = w.contexts[how & 1];
    if (how & 2) slot = ordo::copy_context();
    else if (how & 4) slot.reset();
    else if (slot) throws<ordo::usage_error>([&] { slot->run([&] { use_variable(w, *w.present[0], code); }); });
    else slot.emplace();
}

} // namespace

operation* const object_operations[16] = {
    call_soon,    call_soon,     call_at,     call_at,       cancel_handle,     drop_handle,          create_future,
    set_result,   set_exception, drop_future, cancel_future, add_done_callback, remove_done_callback, look_at_future,
    use_variable, use_context,
};

void uncancel(world& w, house&, program& code) {
    auto& slot = slot_of(w.futures, code);
    if (!slot.task) return;
    auto const before = slot.task.cancelling();
    demand(slot.task.uncancel() == std::max(before - 1, 0), "uncancel() does not take one request back");
    if (code.byte() & 1) return slot.task.set_name("renamed");
    slot_of(w.contexts, code) = slot.task.get_context();
    slot.model->variable.reset(); // others may set it there
}

} // namespace fuzz
