// ordo: what a program can do with loops, anywhere, and what it must not.
// SPDX-License-Identifier: BSL-1.0
#include "world.hpp"

#include <chrono>
#include <fcntl.h>
#include <string>
#include <unistd.h>

namespace fuzz {
namespace {

/// The loop that runs, if one does.
ordo::event_loop* running() {
    ordo::event_loop* loop = nullptr;
    throws<ordo::usage_error>([&] { loop = &ordo::get_running_loop(); });
    return loop;
}

// -- descriptors

bool has_pipe(house& at) {
    return at.pipe[0] >= 0 || ::pipe2(at.pipe, O_NONBLOCK | O_CLOEXEC) == 0;
}

/// Called again and again, until it is removed.
void readable(world& w, house& at, unsigned which, program code) {
    w.look();
    demand(&ordo::get_running_loop() == at.loop.get(), "a reader runs on another loop");
    demand(at.reader == which, "a reader runs that was removed or replaced");
    w.note(6, which);
    char byte = 0;
    if (!w.has_fuel() || ::read(at.pipe[0], &byte, 1) < 1) {
        at.reader = 0;
        demand(at.loop->remove_reader(at.pipe[0]), "remove_reader() does not find the reader that is called");
    }
    try {
        while (!code.over() && w.has_fuel()) {
            auto const operation = code.byte();
            w.perform(operation, code);
        }
    } catch (planned const&) {
        at.report_due = at.handled;
        throw;
    }
}

void use_reader(world& w, house& at, program& code) {
    auto const how = code.byte();
    if (!has_pipe(at)) return;
    if ((how & 3) == 0) {
        w.note(7, ::write(at.pipe[1], "x", 1) == 1);
    } else if ((how & 3) == 1) {
        bool const removed = at.loop->remove_reader(at.pipe[0]);
        demand(removed == (at.open() && at.reader != 0), "remove_reader() does not say whether there was one");
        at.reader = 0;
    } else {
        auto const which = ++w.made;
        auto call = [&w, &at, which, part = code.part(), held = counted(1)] { readable(w, at, which, part); };
        bool const refused = throws<ordo::loop_closed_error>([&] { at.loop->add_reader(at.pipe[0], call); });
        demand(refused == !at.open(), "add_reader() does not know whether the loop is closed");
        if (!refused) at.reader = which;
    }
}

// -- the loop

void stop(world&, house& at, program&) {
    must_throw_if<ordo::usage_error>(at.borrowed, [&] { at.loop->stop(); });
}

void close(world&, house& at, program&) {
    auto* const loop = running();
    must_throw_if<ordo::usage_error>(loop == at.loop.get(), [&] { at.loop->close(); });
    if (loop == at.loop.get()) return;
    demand(at.loop->is_closed(), "a loop is open after close()");
    demand(ordo::all_tasks(*at.loop).empty(), "tasks are left after close()");
    at.queue.clear();
    at.reader = 0;
}

void use_handler(world& w, house& at, program& code) {
    auto const how = code.byte();
    if (how & 1) {
        ordo::exception_context what{.message = "as planned", .exception = std::make_exception_ptr(planned())};
        at.loop->call_exception_handler(what);
    } else if (how & 2) {
        at.loop->set_exception_handler({});
        at.handled = false;
    } else {
        w.handle_exceptions(at, how & 4);
    }
}

void set_hooks(world& w, house& at, program& code) {
    auto const how = code.byte();
    ordo::loop_hooks hooks;
    bool const throwing = how & 8;
    auto const hook = [&w, throwing](unsigned what, bool done) {
        return [&w, throwing, what, done, held = counted(1)](ordo::any_task const& task) {
            demand(task.done() == done, "a hook is called for a task that is done, or not done");
            w.note(8, what);
            if (throwing) throw planned();
        };
    };
    if (how & 1) hooks.on_task_created = hook(0, false);
    if (how & 2) hooks.on_task_step = hook(1, false);
    if (how & 4) hooks.on_task_done = hook(2, true);
    at.loop->set_hooks(std::move(hooks));
}

void set_debug(world&, house& at, program& code) {
    at.loop->set_debug(code.byte() & 1);
}

void attach(world&, house& at, program& code) {
    if (!at.open()) return;
    if (code.byte() & 1) {
        at.loop->attach();
        ++at.attached;
    } else if (at.attached > 0) {
        at.loop->detach();
        --at.attached;
    }
}

void advance(world&, house& at, program& code) {
    at.clock->advance(std::chrono::milliseconds(code.byte() & 7));
}

// -- jobs

void use_executor(world& w, house& at, program& code) {
    auto const how = code.byte();
    auto& jobs = w.executor.jobs;
    if (how & 1) {
        auto job = [fails = (how & 2) != 0, held = counted(1)] {
            if (fails) throw planned();
            return held.id;
        };
        ordo::future<int> made;
        must_throw_if<ordo::loop_closed_error>(!at.open(), [&] { made = at.loop->run_in_executor(w.executor, job); });
        auto& slot = slot_of(w.futures, code);
        if (!made) return;
        w.drop(slot);
        slot.number = made;
        slot.model = std::make_shared<future_model>();
        slot.model->home = &at;
        slot.model->number = ++w.made;
        slot.model->job = true;
        slot.model->value = 1;
    } else if (!jobs.empty()) {
        auto work = std::move(jobs.front());
        jobs.erase(jobs.begin());
        if (how & 2) work();
        else ++w.cancels; // a job that is dropped cancels its future
    }
}

// -- what is refused, and leaves no trace

void misuse(world& w, house& at, program& code) {
    auto* const loop = running();
    auto const how = code.byte();
    auto& slot = slot_of(w.futures, code);
    switch (how & 3) {
    case 0:
    case 1: {
        auto const run = [&] {
            if (how & 1 && slot.model) at.loop->run_until_done(slot.any());
            else at.loop->run_forever();
        };
        if (loop && at.open()) must_throw_if<ordo::usage_error>(true, run);
        else if (!at.open()) must_throw_if<ordo::loop_closed_error>(true, run);
        return;
    }
    case 2:
        must_throw_if<ordo::usage_error>(!loop, [] { static_cast<void>(ordo::current_task()); });
        must_throw_if<ordo::usage_error>(!loop, [] { static_cast<void>(ordo::all_tasks()); });
        return;
    default:
        if (!slot.model) return;
        must_throw_if<ordo::usage_error>(!slot.model->home->loop, [&] {
            demand(&slot.any().get_loop() == slot.model->home->loop.get(), "a future names another loop");
        });
    }
}

void misuse_closed(world& w, house& at, program& code) {
    if (at.open()) return misuse(w, at, code);
    must_throw_if<ordo::loop_closed_error>(true, [&] { at.loop->call_soon([] {}); });
    must_throw_if<ordo::loop_closed_error>(true, [&] { at.loop->call_soon_threadsafe([] {}); });
    must_throw_if<ordo::loop_closed_error>(true, [&] { static_cast<void>(at.loop->create_future()); });
}

} // namespace

operation* const loop_operations[16] = {
    create_task, create_task,   create_task, create_task, make_generator, use_reader, stop,         use_handler,
    set_hooks,   misuse_closed, uncancel,    attach,      advance,        misuse,     use_executor, set_debug,
};

void world::perform(unsigned operation, program& from) {
    look();
    auto& at = pick(operation);
    auto const which = operation & 63;
    if (which < 16) object_operations[which](*this, at, from);
    else if (which < 32) loop_operations[which - 16](*this, at, from);
    else if (which == 32) close(*this, at, from);
    else if (which == 33 && running()) throw planned();
    else if (which < 48) create_task(*this, at, from);
    else object_operations[which - 48](*this, at, from);
    look(true);
}

} // namespace fuzz
