// ordo: building, running and tearing down the world of a program.
// SPDX-License-Identifier: BSL-1.0
#include "world.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <unistd.h>

namespace fuzz {

using namespace std::chrono_literals;

world::world(program given) : code(given) {
    auto const options = code.byte();
    make_house(0, options & 15);
    make_house(1, options >> 4);
}

void world::make_house(unsigned place, unsigned options) {
    auto& at = *houses.emplace_back(std::make_unique<house>());
    at.number = static_cast<unsigned>(houses.size());
    at.borrowed = options & 1;
    ordo::loop_options how{.strict = (options & 2) != 0, .max_time = ordo::duration::max(), .clock = at.clock};
    if (options & 4) how.max_iterations = how.max_callbacks = 2;
    how.eager_start = at.eager = (options & 8) != 0;
    if (at.borrowed) at.host = std::make_unique<boost::asio::io_context>();
    if (at.borrowed) at.loop = std::make_unique<ordo::event_loop>(*at.host, how);
    else at.loop = std::make_unique<ordo::event_loop>(how);
    at.loop->slow_callback_duration = ordo::duration::max(); // real time must not be seen
    present[place] = &at;
    handle_exceptions(at, false);
}

house& world::running_house() {
    auto* const loop = &ordo::get_running_loop();
    for (auto& at : houses)
        if (at->loop.get() == loop) return *at;
    fail("get_running_loop() gives a loop that does not exist");
}

void world::run() {
    while (!code.over() && has_fuel()) {
        auto const operation = code.byte();
        int const before = variable.get();
        if ((operation & 0x7f) < 64) {
            perform_outside(operation, code);
            demand(variable.get() == before, "a context leaks out of a loop");
        } else {
            perform(operation, code);
        }
        look(true);
    }
}

// -- what the library says, and what it should

void world::look(bool at_once) {
    auto const newly = std::ranges::count_if(
        futures, [](auto const& slot) { return slot.model && !slot.model->done && slot.any().done(); });
    for (auto& slot : futures)
        if (slot.model && !slot.model->done && slot.any().done()) settle(slot, at_once, newly == 1);
    for (auto* at : present) demand(!at->report_due, "the exception handler is not told that a callback threw");
}

/// The future is done, and the library says what it ended with.
void world::settle(future_slot& slot, bool at_once, bool alone) {
    using outcome = future_model::outcome;
    auto& model = *slot.model;
    auto const any = slot.any();
    model.done = true;
    model.iteration = model.home->loop ? model.home->loop->iterations() : 0;
    auto ended = outcome::cancelled;
    if (!any.cancelled()) ended = any.exception() ? outcome::error : outcome::value;
    demand(any.done(), "a future that is done is not done");
    if (!model.job && ended != model.ended) {
        bool const indirectly = ended == outcome::cancelled && (model.awaited || model.cancel_requested);
        bool const context_in_use = ended == outcome::error && model.in_context && model.ended == outcome::none;
        demand(indirectly || context_in_use, "a future ends with what it was not completed with");
    }
    model.ended = ended;
    if (model.task) demand(slot.task.cancelling() >= 0, "cancelling() is negative");
    for (auto const& callback : model.callbacks) {
        if (callback->dead) continue;
        callback->ordered = alone;
        model.home->queued(callback, at_once);
    }
    note(1, model.number * 4 + static_cast<unsigned>(ended));
}

/// Nobody looks at the future any more, so that its end is not seen.
void world::drop(future_slot& slot) {
    if (slot.model && !slot.model->done)
        for (auto const& callback : slot.model->callbacks) callback->ordered = false;
    slot = {};
}

void world::check_after_step(house& at) {
    at.check_nothing_is_lost();
    for (auto const& wait : waits) {
        bool const late = wait.at == &at && wait.on->done && at.open() && wait.on->iteration < at.loop->iterations();
        demand(!late, "a task is not woken although what it waits for is done");
    }
}

void world::handle_exceptions(house& at, bool throwing) {
    static constexpr std::string_view known[] = {
        "exception in a callback",
        "the error of a task was never retrieved",
        "the error of a future was never retrieved",
        "a task was destroyed while it was pending",
        "exception in a shielded future",
        "an async_generator could not be closed",
        "exception in a hook of the loop",
        "waiting for a descriptor failed, so its callback was removed",
        "as planned",
    };
    at.handled = true;
    at.loop->set_exception_handler([this, &at, throwing](ordo::event_loop& loop, ordo::exception_context const& what) {
        auto const which = std::ranges::find(known, what.message);
        demand(which != std::end(known), "the exception handler is told something unheard of");
        demand(&loop == at.loop.get() || !at.loop, "the exception handler is called for another loop");
        if (which == known) at.report_due = false;
        if (which == known + 3) demand(!what.task.done(), "a task that is done is reported as pending");
        note(2, static_cast<unsigned>(which - known));
        if (throwing) throw planned();
    });
}

// -- outside

void world::step(house& at, unsigned how) {
    bool const closed = at.loop->is_closed();
    auto const before = at.loop->iterations();
    if (at.borrowed) {
        must_throw_if<ordo::usage_error>(!closed, [&] {
            if (!closed) at.loop->run_forever();
        });
        if (!at.host) return;
        at.host->restart();
        if (how & 1) at.host->poll();
        else at.host->poll_one();
    } else if (how & 1) {
        // Until nothing can happen any more, or the program or a timer stops it.
        if (!closed) at.loop->call_later(std::chrono::milliseconds(how), [&at] { at.loop->stop(); });
        auto const run = [&] { at.loop->run_forever(); };
        if (closed) must_throw_if<ordo::loop_closed_error>(true, run);
        else throws<ordo::usage_error>(run);
    } else {
        at.loop->stop();
        must_throw_if<ordo::loop_closed_error>(closed, [&] { at.loop->run_forever(); });
        demand(closed || at.loop->iterations() > before, "a loop does not run although it was asked to");
    }
    look();
    note(3, static_cast<unsigned>(at.loop->iterations()));
    check_after_step(at);
}

void world::end_house(unsigned place, bool host_first) {
    auto& at = *present[place];
    if (!at.loop) return;
    if (host_first) at.host.reset();
    if (!at.loop->is_closed()) at.loop->close();
    demand(ordo::all_tasks(*at.loop).empty(), "tasks are left after close()");
    at.loop.reset();
    at.host.reset();
    at.queue.clear();
    for (int& end : at.pipe)
        if (end >= 0) ::close(std::exchange(end, -1));
}

void world::perform_outside(unsigned operation, program& from) {
    auto const place = operation >> 7;
    auto& at = *present[place];
    auto const choice = operation & 7;
    switch (operation >> 3 & 7) {
    case 0:
    case 1:
    case 2: return step(at, 0);
    case 3: return step(at, choice * 2 + 1);
    case 4:
        for (unsigned i = 0; i <= choice; ++i) step(at, 0);
        return;
    case 5: {
        auto const& slot = futures[from.byte() % futures.size()];
        if (!slot.model || at.borrowed) return;
        auto const any = slot.any();
        throws<ordo::usage_error>([&] {
            try {
                at.loop->run_until_done(any);
                demand(any.done(), "run_until_done() returns although the future is not done");
            } catch (ordo::loop_closed_error const&) {
                demand(at.loop->is_closed(), "an open loop says that it is closed");
            }
        });
        look();
        return check_after_step(at);
    }
    case 6:
        end_house(place, choice & 1);
        make_house(place, from.byte() & 15);
        return;
    default:
        if (choice != 0) return step(at, 0);
        at.host.reset();
        demand(!at.borrowed || at.loop->is_closed(), "a loop is open although its host is gone");
        if (at.borrowed) at.queue.clear();
    }
}

// -- the end

void world::tear_down() {
    std::string order = "fghlt";
    for (auto n = code.byte() % 120; n > 0; --n) std::ranges::next_permutation(order);
    for (char const part : order) {
        switch (part) {
        case 'f':
            for (auto& slot : futures) drop(slot);
            break;
        case 'g':
            for (auto& generator : generators) generator.reset();
            break;
        case 'h': handles = {}; break;
        case 'l':
            end_house(0, order.front() < 'h');
            end_house(1, order.front() >= 'h');
            break;
        case 't':
            tokens.clear();
            contexts = {};
            executor.jobs.clear();
            break;
        }
    }
}

world::~world() {
    for (auto& slot : futures)
        if (slot.model) slot.model->callbacks.clear();
}

} // namespace fuzz
