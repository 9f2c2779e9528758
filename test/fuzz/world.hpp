// ordo: world, the loops and the slots for objects that a program of the fuzzer works on.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../counted.hpp"
#include "model.hpp"
#include "program.hpp"

#include <array>
#include <concepts>
#include <cstdint>
#include <exception>
#include <list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <typeinfo>
#include <utility>
#include <vector>

namespace fuzz {

/// What programs throw on purpose.
struct planned : std::runtime_error {
    planned() : std::runtime_error("as planned") {}
};

inline ordo::context_var<int> variable("fuzzed", 0);

/// Calls f, which may throw a Misuse, and nothing else. @returns whether it threw.
template <std::derived_from<std::exception> Misuse, class F>
bool throws(F&& f) {
    try {
        f();
        return false;
    } catch (Misuse const& e) {
        demand(typeid(e) == typeid(Misuse), "a misuse throws a class that is derived from the documented one");
        return true;
    } catch (...) {
        fail("a call throws what is not documented");
    }
}

/// Calls f, which throws a Misuse if `wrong`, and nothing otherwise.
template <class Misuse, class F>
void must_throw_if(bool wrong, F&& f) {
    demand(throws<Misuse>(f) == wrong, wrong ? "a misuse is not refused" : "a call is refused that is none");
}

struct future_slot {
    ordo::future<int> number{};
    ordo::future<void> nothing{};
    ordo::any_task task{};
    future_pointer model{};

    ordo::any_future any() const { return number ? ordo::any_future(number) : ordo::any_future(nothing); }
};

struct handle_slot {
    ordo::handle handle{};
    callback_pointer model{};
};

/// Keeps jobs until it is told to run or drop them.
class patient_executor final : public ordo::executor {
public:
    void submit(job work) override { jobs.push_back(std::move(work)); }
    void shutdown(bool) override { jobs.clear(); }
    std::vector<job> jobs;
};

/// Everything there is during a run.
struct world {
    explicit world(program code);
    world(world const&) = delete;
    world& operator=(world const&) = delete;
    ~world();

    void run();

    /// Do what one operation says: in a callback or coroutine, or outside of any.
    /// @throws planned   and nothing else.
    void perform(unsigned operation, program& code);
    /// What only somebody who is not called by a loop may do.
    void perform_outside(unsigned operation, program& code);

    /// To be called whenever a loop calls, and after each operation: notes what has ended meanwhile.
    /// @param at_once   Nothing can have run since, so it ended in this iteration.
    void look(bool at_once = false);
    void note(unsigned what, unsigned value = 0) { trace.push_back(what << 24 ^ value); }
    bool has_fuel() { return fuel > 0 && fuel-- > 0; }
    /// The one that an operation names.
    house& pick(unsigned operation) { return *present[operation >> 7]; }
    house& running_house();

    void make_house(unsigned place, unsigned options);
    void end_house(unsigned place, bool host_first);
    void step(house& at, unsigned how);
    void check_after_step(house& at);
    void settle(future_slot& slot, bool at_once, bool alone);
    void drop(future_slot& slot);
    void handle_exceptions(house& at, bool throwing);
    void tear_down();

    program code;
    int fuel = 250;
    std::vector<std::uint32_t> trace;
    std::array<future_slot, 6> futures;
    std::array<handle_slot, 6> handles;
    std::array<std::optional<ordo::async_generator<int>>, 3> generators;
    std::array<std::optional<ordo::context>, 2> contexts;
    std::vector<ordo::context_var<int>::token> tokens;
    patient_executor executor;
    std::vector<std::unique_ptr<house>> houses; ///< the ended ones too
    std::array<house*, 2> present{};

    /// A task waits for this.
    struct wait {
        future_pointer on;
        house* at;
    };
    std::list<wait> waits;
    unsigned made = 0;    ///< numbers of callbacks and futures
    unsigned cancels = 0; ///< calls of cancel() for tasks and futures
};

/// One that can be performed anywhere, and the loop that it is for.
using operation = void(world&, house&, program&);
extern operation* const object_operations[16];
extern operation* const loop_operations[16];
operation uncancel, create_task, make_generator;

/// A part of a program, in a task or a coroutine that it awaits.
ordo::coro<int> body(world* w, program code, int depth);
/// Waits for some of what there is, put together in one way or another.
ordo::coro<> compose(world* w, unsigned how, program* code, int depth);

template <class Slots>
auto& slot_of(Slots& slots, program& code) {
    return slots[code.byte() % slots.size()];
}

} // namespace fuzz
