// ordo: coroutines that perform a part of a program, and what they can wait for.
// SPDX-License-Identifier: BSL-1.0
#include "../socket_pair.hpp"
#include "world.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <string>

namespace fuzz {
namespace {

namespace asio = boost::asio;
using asio::deferred;
using ordo::coro;
using outcome = future_model::outcome;
using std::chrono::milliseconds;

/// The task has begun to wait, and has not gone on yet.
class waiting {
public:
    waiting(world& w, future_pointer on) : world_(w) {
        world_.waits.push_front({std::move(on), &world_.running_house()});
        at_ = world_.waits.begin();
    }
    waiting(waiting const&) = delete;
    waiting& operator=(waiting const&) = delete;
    ~waiting() { world_.waits.erase(at_); }

private:
    world& world_;
    std::list<world::wait>::iterator at_;
};

coro<> nap(world* w, unsigned length) {
    counted const local(1);
    auto& at = w->running_house();
    auto const begun = at.loop->iterations();
    auto const until = at.clock->now() + milliseconds(length);
    bool cancelled = false;
    try {
        co_await ordo::sleep(milliseconds(length));
    } catch (ordo::cancelled_error const&) {
        cancelled = true;
    }
    w->look();
    demand(length > 0 || at.loop->iterations() == begun + 1, "sleep(0) does not take exactly one iteration");
    demand(cancelled || at.clock->now() >= until, "a sleep ends early");
    demand(!cancelled || w->cancels > 0, "a sleep is cancelled although nothing ever was");
    if (cancelled) throw ordo::cancelled_error();
}

/// What the wait for the future ended with, after it.
void check_awaited(world& w, future_model& model, outcome seen, bool was_gone, bool was_done, std::uint64_t begun) {
    w.look();
    if (was_done) demand(ordo::get_running_loop().iterations() == begun, "awaiting what is done waits");
    if (seen == outcome::cancelled) return demand(w.cancels > 0, "a wait is cancelled although nothing ever was");
    demand(!was_gone || model.ended != outcome::value, "a result that was moved out is given once more");
    if (model.done) demand(model.ended == seen, "a wait ends with what the future did not end with");
}

coro<> await_future(world* w, unsigned index, bool take) {
    counted const local(1);
    auto const& slot = w->futures[index];
    if (!slot.model) co_return;
    auto const model = slot.model;
    auto number = slot.number;
    auto const nothing = slot.nothing;
    auto const task = slot.task;
    auto const self = ordo::current_task();
    bool const foreign = model->home != &w->running_house();
    bool const itself = task && *self == task;
    bool const was_done = model->done;
    bool const was_gone = model->moved_out;
    auto const begun = ordo::get_running_loop().iterations();
    model->awaited = model->awaited || !was_done;
    std::optional<waiting> mark;
    if (!foreign && !itself) mark.emplace(*w, model); // else it is refused, and waits for nothing
    auto seen = outcome::value;
    int value = model->value;
    try {
        if (number && take) value = co_await std::move(number);
        else if (number) value = co_await number;
        else co_await nothing;
        if (number && take) model->moved_out = true;
    } catch (planned const&) {
        seen = outcome::error;
    } catch (ordo::cancelled_error const&) {
        seen = outcome::cancelled;
    } catch (ordo::invalid_state_error const&) {
        demand(model->moved_out, "a result is refused although there is one");
        co_return;
    } catch (ordo::usage_error const&) {
        if (!was_done) demand(foreign || itself || model->task, "an await is refused although it is none");
        co_return;
    }
    check_awaited(*w, *model, seen, was_gone && !take, was_done, begun);
    if (seen == outcome::value) demand(value == model->value || model->job, "an await gives another result");
    w->note(10, static_cast<unsigned>(seen));
    if (seen == outcome::cancelled) throw ordo::cancelled_error();
    if (seen == outcome::error) throw planned();
}

/// Asio's own timer: one that has expired, or one that will not.
coro<> await_timer(bool never) {
    counted const local(1);
    asio::steady_timer timer(ordo::get_running_loop().get_executor());
    if (never) timer.expires_at(asio::steady_timer::time_point::max());
    else timer.expires_at(asio::steady_timer::time_point::min());
    co_await timer.async_wait(deferred);
}

coro<> await_socket(bool answered) {
    counted const local(1);
    socket_pair sockets(ordo::get_running_loop().get_executor());
    std::array<char, 2> buffer{};
    if (answered) co_await asio::async_write(sockets.b, asio::buffer("x", 1), deferred);
    auto const read = co_await sockets.a.async_read_some(asio::buffer(buffer), deferred);
    demand(read == 1, "a socket reads what was not written");
}

coro<> use_generator(world* w, unsigned index, unsigned how) {
    counted const local(1);
    auto& slot = w->generators[index];
    if (!slot) co_return;
    try {
        if (how == 0) {
            auto closing = slot->aclose();
            co_await std::move(closing);
        } else if (how == 1) {
            auto failing = slot->athrow(std::make_exception_ptr(planned()));
            auto const value = co_await std::move(failing);
            w->note(11, value ? 1 : 0);
        } else if (how == 2) {
            auto generator = std::move(*slot);
            slot.reset();
            auto each = [w](int value) { w->note(12, static_cast<unsigned>(value)); };
            auto all = ordo::for_each(std::move(generator), each);
            co_await std::move(all);
        } else {
            auto next = slot->next();
            auto const value = co_await std::move(next);
            w->note(11, value ? 1 : 0);
        }
    } catch (ordo::usage_error const&) {
        w->note(13);
    }
}

/// What the operation waits for, if it does.
coro<> wait_for(world* w, unsigned operation, program* code, int depth) {
    auto const how = code->byte();
    switch (operation & 7) {
    case 0: return nap(w, 0);
    case 1: return nap(w, how & 7);
    case 2:
    case 3: return await_future(w, how % static_cast<unsigned>(w->futures.size()), (how & 0x80) != 0);
    case 4: return how & 2 ? compose(w, how, code, depth) : await_timer(how & 1);
    case 5: return await_socket(how & 1);
    case 6: return use_generator(w, how % 3, how >> 2 & 3);
    default: break;
    }
    auto call = [](world* on, program part, int below) -> coro<> {
        auto inner = body(on, part, below);
        static_cast<void>(co_await std::move(inner));
    };
    return call(w, depth < 6 ? code->part() : program(), depth + 1);
}

/// After an await, or an operation, that threw: whether the coroutine goes on.
bool declines(program& code, bool cancelled) {
    auto const how = code.byte();
    if (cancelled && (how & 4)) ordo::current_task()->uncancel();
    return how & 1;
}

} // namespace

coro<int> body(world* w, program code, int depth) {
    counted const local(1);
    while (!code.over() && w->has_fuel()) {
        auto const operation = code.byte();
        std::exception_ptr failure;
        bool cancelled = false;
        try {
            if (operation & 64) {
                auto wait = wait_for(w, operation, &code, depth);
                if (operation & 128) co_await std::move(wait);
                else if (depth < 6) co_await std::move(wait);
            } else {
                w->perform(operation, code);
            }
        } catch (planned const&) {
            failure = std::current_exception();
        } catch (ordo::cancelled_error const&) {
            failure = std::current_exception();
            cancelled = true;
        }
        w->look();
        if (failure && !declines(code, cancelled)) std::rethrow_exception(failure);
    }
    co_return static_cast<int>(code.byte());
}

namespace {

/// The coroutine of a task of which there is a model.
coro<int> main_of(world* w, program code, future_pointer model) {
    counted const local(1);
    w->look();
    demand(!model->begun && !model->done, "a task begins that is done or has begun before");
    model->begun = true;
    auto& at = w->running_house();
    demand(&at == model->home, "a task runs on another loop");
    demand(model->eager || at.loop->iterations() == model->iteration + 1,
           "a task does not begin in the iteration after its creation");
    demand(!model->variable || *model->variable == variable.get(), "a task runs in the wrong context");
    w->note(14, model->number);
    try {
        auto inner = body(w, code, 0);
        model->value = co_await std::move(inner);
        model->ended = outcome::value;
    } catch (planned const&) {
        model->ended = outcome::error;
        throw;
    } catch (ordo::cancelled_error const&) {
        model->ended = outcome::cancelled;
        throw;
    } catch (...) {
        fail("a coroutine of the fuzzer ends with what it did not throw");
    }
    co_return model->value;
}

coro<> main_without_result(world* w, program code, future_pointer model) {
    auto inner = main_of(w, code, std::move(model));
    static_cast<void>(co_await std::move(inner));
}

ordo::async_generator<int> values(world* w, program code, bool stubborn) {
    counted const local(1);
    bool asked_to_end = false;
    while (!code.over() && w->has_fuel()) {
        auto const operation = code.byte();
        if (operation & 128) {
            auto wait = wait_for(w, operation, &code, 5);
            co_await std::move(wait);
            continue;
        }
        try {
            co_yield static_cast<int>(operation);
        } catch (ordo::generator_exit const&) {
            if (!stubborn) throw;
            asked_to_end = true;
        }
        if (asked_to_end && (operation & 1)) co_return;
    }
}

} // namespace

void create_task(world& w, house& at, program& code) {
    auto const how = code.byte();
    auto const model = std::make_shared<future_model>();
    model->home = &at;
    model->number = ++w.made;
    model->task = true;
    model->iteration = at.loop->iterations();
    model->variable = variable.get();
    ordo::task_options options{.name = how & 32 ? "named" : ""};
    if (how & 8) options.eager_start = true;
    if (how & 16) options.context = w.contexts[how & 1];
    model->in_context = options.context.has_value();
    if (model->in_context) model->variable.reset();
    model->eager = at.eager || (how & 8);
    auto const part = code.part();
    future_slot made;
    made.model = model;
    must_throw_if<ordo::loop_closed_error>(!at.open(), [&] {
        if (how & 64) {
            auto main = main_without_result(&w, part, model);
            auto const task = at.loop->create_task(std::move(main), options);
            made.nothing = task;
            made.task = task;
        } else {
            auto main = main_of(&w, part, model);
            auto const task = at.loop->create_task(std::move(main), options);
            made.number = task;
            made.task = task;
        }
    });
    if (!made.task) return;
    auto& slot = w.futures[(how & 7) % w.futures.size()];
    w.drop(slot);
    slot = std::move(made);
}

void make_generator(world& w, house&, program& code) {
    auto const how = code.byte();
    auto& slot = w.generators[how % 3];
    if (how & 4) return slot.reset();
    auto made = values(&w, code.part(), how & 8);
    slot.reset();
    slot.emplace(std::move(made));
}

} // namespace fuzz
