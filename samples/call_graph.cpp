// ordo: who waits for what: the call graph of a loop.
// SPDX-License-Identifier: BSL-1.0
//
// print_call_graph(loop) prints all of it, with the file and line of each co_await; dump_on_signal(loop, SIGUSR1) lets it be
// asked for from outside. In Python 3.14 there is `python -m asyncio ps PID`.
//
// Output:
//   main runs
//   first waits for sleep, 3600 s to go
//   second waits for lock::acquire, which first has
//   third waits for task 'second'
//   second is awaited by third
#include <ordo/ordo.hpp>

#include <chrono>
#include <iostream>

using namespace std::chrono_literals;

ordo::coro<> enter(ordo::lock& door) {
    auto const held = co_await door.scoped();
    co_await ordo::sleep(1h);
}

ordo::coro<> follow(ordo::task<> other) {
    co_await other;
}

void show(ordo::call_graph const& graph) {
    for (auto const& task : graph.tasks) {
        std::cout << task.name;
        if (task.state == ordo::call_graph_task::activity::running) std::cout << " runs";
        if (!task.waits_for.empty()) std::cout << " waits for " << task.waits_for;
        if (!task.holder.empty()) std::cout << ", which " << task.holder << " has";
        if (task.remaining)
            std::cout << ", " << std::chrono::ceil<std::chrono::seconds>(*task.remaining).count() << " s to go";
        std::cout << '\n';
    }
    for (auto const& task : graph.tasks)
        for (auto const awaiter : task.awaited_by)
            std::cout << task.name << " is awaited by " << graph.tasks[awaiter].name << '\n';
}

ordo::coro<> run() {
    ordo::current_task()->set_name("main");
    ordo::lock door;
    auto const first = ordo::create_task(enter(door), "first");
    auto const second = ordo::create_task(enter(door), "second");
    auto const third = ordo::create_task(follow(second), "third");
    co_await ordo::sleep(0s);
    show(ordo::capture_call_graph(ordo::get_running_loop()));
    for (auto const& task : {first, second, third}) task.cancel();
    co_await ordo::gather_results(first, second, third);
}

int main() {
    ordo::run(run());
}
