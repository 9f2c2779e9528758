// ordo: what the gdb script is tested on: tasks that wait in known places, in a process that then stops.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/ordo.hpp>

#include <boost/asio.hpp>

#include <chrono>
#include <csignal>

using namespace std::chrono_literals;

namespace {

ordo::coro<> inner() {
    co_await ordo::sleep(1h);
}
ordo::coro<> outer() {
    co_await inner();
}

/// Where the script stops: everything is in its place.
void stop_here(ordo::task<> const& sleeper, ordo::future<int> const& done, ordo::handle const& pending,
               ordo::timer_handle const& later, ordo::timer_handle const& never) {
    static_cast<void>(sleeper.done() && done.done() && pending.cancelled() && later.cancelled() && never.cancelled());
    std::raise(SIGTRAP);
}

ordo::coro<> run() {
    auto& loop = ordo::get_running_loop();
    ordo::lock door;
    ordo::queue<int> items;
    boost::asio::steady_timer timer(loop.host_executor(), 1h);
    auto const sleeper = loop.create_task(outer(), "sleeper");
    auto const hold = [&]() -> ordo::coro<> {
        auto const held = co_await door.scoped();
        co_await ordo::sleep(1h);
    };
    auto const holder = loop.create_task(hold, "holder");
    auto const waiter = loop.create_task(hold);
    auto const getter = loop.create_task(items.get(), "getter");
    auto const asio =
        loop.create_task([&]() -> ordo::coro<> { co_await timer.async_wait(boost::asio::deferred); }, "asio");
    auto const parent = loop.create_task([&]() -> ordo::coro<> { co_await sleeper; }, "parent");
    auto const all = loop.create_task([&]() -> ordo::coro<> { co_await ordo::gather(sleeper, holder); }, "all");
    auto const latin = loop.create_task(outer(), "caf\xe9"); // which is no UTF-8
    ordo::event bell;
    auto const done = loop.create_future<int>();
    auto const woken_by_future = loop.create_task([&]() -> ordo::coro<> { co_await done; }, "future");
    auto const woken_by_event = loop.create_task(bell.wait(), "event");
    auto const woken_by_cancelling = loop.create_task(outer(), "cancelled");
    auto const woken_by_gather = loop.create_task([&]() -> ordo::coro<> { co_await ordo::gather(done); }, "gather");
    for (int i = 0; i < 3; ++i) co_await ordo::sleep(0s);
    done.set_result(42);
    bell.set();
    woken_by_cancelling.cancel();
    auto const pending = loop.call_soon([] {});
    auto const later = loop.call_later(1h, [] {});
    auto never = loop.call_later(1h, [] {});
    never.cancel();
    stop_here(sleeper, done, pending, later, never);
    for (auto const& task : ordo::all_tasks())
        if (task != ordo::current_task()) task.cancel();
}

} // namespace

int main() {
    std::signal(SIGTRAP, SIG_IGN);
    ordo::run(run());
}
