// ordo: tests of the call graph: who waits where, what for, and for whom.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/call_graph.hpp>

#include "error_text.hpp"
#include "virtual_loop.hpp"

#include <ordo/as_completed.hpp>
#include <ordo/asio_operation.hpp>
#include <ordo/event.hpp>
#include <ordo/gather.hpp>
#include <ordo/lock.hpp>
#include <ordo/queue.hpp>
#include <ordo/shield.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task_group.hpp>
#include <ordo/wait.hpp>

#include <algorithm>
#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <concepts>
#include <csignal>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

namespace library {

template <class Socket>
struct stream {
    struct run_read_op {
        template <class Handler>
        void operator()(Handler&& handler, boost::asio::steady_timer& timer) const {
            timer.async_wait(std::forward<Handler>(handler));
        }
    };
};

} // namespace library

namespace {

ordo::coro<> inner(ordo::duration how_long) {
    co_await ordo::sleep(how_long);
}
ordo::coro<> outer(ordo::duration how_long) {
    co_await inner(how_long);
}

struct graph_loop : virtual_loop {
    /// Start a coroutine, and let it come to its first wait.
    template <class Source>
    auto start(Source source, std::string_view name) {
        // A closure is passed by its name, as g++ 12 needs it.
        if constexpr (std::copy_constructible<Source>) return begun(loop.create_task(source, name));
        else return begun(loop.create_task(std::move(source), name));
    }
    template <class Task>
    Task begun(Task task) {
        run_once();
        run_once();
        return task;
    }

    ordo::call_graph_task find(std::string_view name) {
        auto const graph = ordo::capture_call_graph(loop);
        auto const found = std::ranges::find(graph.tasks, name, &ordo::call_graph_task::name);
        BOOST_REQUIRE(found != graph.tasks.end());
        return *found;
    }

    /// The names of those that wait for a task.
    std::vector<std::string> awaiters_of(std::string_view name) {
        auto const graph = ordo::capture_call_graph(loop);
        std::vector<std::string> names;
        for (auto const& task : graph.tasks)
            if (task.name == name)
                for (auto const index : task.awaited_by) names.push_back(graph.tasks[index].name);
        return names;
    }

    /// End what is left.
    ~graph_loop() {
        for (auto const& task : all_tasks(loop)) task.cancel();
        for (int i = 0; i < 10; ++i) run_once();
    }
};

/// Functions and line numbers are the compiler's business.
std::string without_places(std::string const& text) {
    return std::regex_replace(text, std::regex(R"(at \S*/(\w+\.\w+):\d+ \(.*?\)\n)"), "at $1\n");
}

using names = std::vector<std::string>;

} // namespace

BOOST_FIXTURE_TEST_SUITE(call_graph, graph_loop)

BOOST_AUTO_TEST_CASE(of_an_empty_loop_is_empty) {
    BOOST_TEST(ordo::capture_call_graph(loop).tasks.empty());
    BOOST_TEST(ordo::format_call_graph(ordo::capture_call_graph(loop)) == "");
}

BOOST_AUTO_TEST_CASE(names_the_coroutines_of_a_task_from_the_inside_out) {
    auto const task = start(outer(5s), "t");
    auto const seen = find("t");
    BOOST_REQUIRE(seen.stack.size() == 2u);
    BOOST_TEST(std::string(seen.stack[0].function_name()).find("inner") != std::string::npos);
    BOOST_TEST(std::string(seen.stack[1].function_name()).find("outer") != std::string::npos);
    BOOST_TEST(std::string(seen.stack[0].file_name()).find("call_graph.cpp") != std::string::npos);
    BOOST_TEST(seen.stack[0].line() + 3 == seen.stack[1].line());
}

BOOST_AUTO_TEST_CASE(says_how_long_a_sleep_still_takes) {
    auto const task = start(outer(5s), "t");
    clock->advance(2s);
    auto const seen = find("t");
    BOOST_CHECK(seen.state == ordo::call_graph_task::activity::waiting);
    BOOST_TEST(seen.waits_for == "sleep");
    BOOST_REQUIRE(seen.remaining.has_value());
    BOOST_CHECK(*seen.remaining == 3s);
    BOOST_CHECK(seen.age == 2s);
}

BOOST_AUTO_TEST_CASE(tells_a_task_that_is_ready_from_one_that_runs) {
    auto const ready = loop.create_task(outer(1s), "ready");
    auto const running = start(
        [this]() -> ordo::coro<> {
            BOOST_CHECK(find("running").state == ordo::call_graph_task::activity::running);
            BOOST_TEST(find("running").stack.empty());
            co_return;
        },
        "running");
    auto const fresh = loop.create_task(outer(1s), "fresh");
    BOOST_CHECK(find("fresh").state == ordo::call_graph_task::activity::ready);
    BOOST_TEST(find("fresh").stack.size() == 1u);
}

BOOST_AUTO_TEST_CASE(takes_a_task_for_ready_once_what_it_waited_for_has_come) {
    ordo::lock lock;
    ordo::event event;
    auto const promise = loop.create_future<void>();
    auto const locking = [&]() -> ordo::coro<> { co_await lock.acquire(); };
    auto const waiting = [&]() -> ordo::coro<> { co_await event.wait(); };
    auto const awaiting = [&]() -> ordo::coro<> { co_await promise; };
    auto const holder = start(locking, "holder");
    std::vector<ordo::task<>> const tasks{start(locking, "lock"), start(waiting, "event"), start(awaiting, "future"),
                                          start(outer(1h), "cancelled")};
    for (auto const& task : tasks) BOOST_CHECK(find(task.name()).state == ordo::call_graph_task::activity::waiting);
    lock.release();
    event.set();
    promise.set_result();
    tasks.back().cancel();
    for (auto const& task : tasks) {
        BOOST_CHECK(find(task.name()).state == ordo::call_graph_task::activity::ready);
        BOOST_TEST(find(task.name()).waits_for == "");
    }
}

BOOST_AUTO_TEST_CASE(counts_the_age_of_a_task_from_its_creation_on_a_host_that_was_idle) {
    boost::asio::io_context host;
    ordo::event_loop on_host(host);
    on_host.call_soon([] {});
    host.run();
    auto const idle_until = std::chrono::steady_clock::now() + 50ms;
    while (std::chrono::steady_clock::now() < idle_until) {}
    auto const before = std::chrono::steady_clock::now();
    auto const task = on_host.create_task(outer(1h), "t");
    auto const age = ordo::capture_call_graph(on_host).tasks.at(0).age;
    BOOST_CHECK(age <= std::chrono::steady_clock::now() - before);
    task.cancel();
    host.restart();
    host.run();
}

BOOST_AUTO_TEST_CASE(of_a_running_task_is_asked_within) {
    std::vector<std::source_location> seen;
    auto const innermost = [&]() -> ordo::coro<> { seen = co_await ordo::call_stack(); };
    auto const outermost = [&]() -> ordo::coro<> { co_await innermost(); };
    loop.run_until_complete(outermost());
    BOOST_REQUIRE(seen.size() == 2u);
    BOOST_TEST(seen[0].line() + 1 == seen[1].line());
}

BOOST_AUTO_TEST_CASE(says_who_has_the_lock) {
    ordo::lock door;
    auto const hold = [&]() -> ordo::coro<> {
        auto const held = co_await door.scoped();
        co_await ordo::sleep(1h);
    };
    auto const holder = start(hold, "holder");
    auto const waiter = start(hold, "waiter");
    BOOST_TEST(find("waiter").waits_for == "lock::acquire");
    BOOST_TEST(find("waiter").holder == "holder");
    BOOST_TEST(find("holder").holder == "");
}

BOOST_AUTO_TEST_CASE(does_not_name_a_holder_that_has_ended) {
    ordo::lock door;
    auto const take = [&]() -> ordo::coro<> { co_await door.acquire(); };
    auto const holder = start(take, "holder");
    auto const waiter = start(take, "waiter");
    BOOST_TEST(holder.done());
    BOOST_TEST(find("waiter").holder == "a task that has ended");
}

BOOST_AUTO_TEST_CASE(names_other_waits_by_their_call) {
    ordo::event happened;
    ordo::queue<int> items;
    auto const event_waiter = start([&]() -> ordo::coro<> { co_await happened.wait(); }, "event");
    auto const queue_waiter = start([&]() -> ordo::coro<> { static_cast<void>(co_await items.get()); }, "queue");
    BOOST_TEST(find("event").waits_for == "event::wait");
    BOOST_TEST(find("queue").waits_for == "queue::get");
}

BOOST_AUTO_TEST_CASE(names_operations_of_asio) {
    boost::asio::io_context host;
    ordo::event_loop on_host(host);
    boost::asio::steady_timer timer(host, 1h);
    auto const task =
        on_host.create_task([&]() -> ordo::coro<> { co_await timer.async_wait(boost::asio::deferred); }, "t");
    host.poll();
    auto const graph = ordo::capture_call_graph(on_host);
    BOOST_REQUIRE(graph.tasks.size() == 1u);
    BOOST_TEST(graph.tasks[0].waits_for == "async_wait");
    task.cancel();
    host.poll();
}

BOOST_AUTO_TEST_CASE(names_an_operation_of_asio_under_a_token_adaptor) {
    boost::asio::steady_timer timer(loop.host_executor(), 1h);
    auto const waiting = [&]() -> ordo::coro<> {
        co_await timer.async_wait(boost::asio::as_tuple(boost::asio::deferred));
    };
    auto const task = start(waiting, "t");
    BOOST_TEST(find("t").waits_for == "async_wait");
    task.cancel();
    loop.run_until_done(task);
}

BOOST_AUTO_TEST_CASE(names_an_operation_that_is_not_asios_by_what_begins_it) {
    boost::asio::steady_timer timer(loop.host_executor(), 1h);
    auto const reading = [&]() -> ordo::coro<> {
        auto read = boost::asio::async_initiate<decltype(boost::asio::deferred), void(boost::system::error_code)>(
            library::stream<std::pair<int, char>>::run_read_op(), boost::asio::deferred, std::ref(timer));
        co_await std::move(read);
    };
    auto const task = start(reading, "t");
    BOOST_TEST(find("t").waits_for == "an Asio operation (library::stream::run_read_op)");
    task.cancel();
    loop.run_until_done(task);
}

BOOST_AUTO_TEST_CASE(knows_who_awaits_a_task) {
    auto const child = loop.create_task(outer(1h), "child");
    auto const parent = start([child]() -> ordo::coro<> { co_await child; }, "parent");
    BOOST_TEST(find("parent").waits_for == "task 'child'");
    BOOST_TEST(awaiters_of("child") == names{"parent"}, boost::test_tools::per_element());
    BOOST_TEST(awaiters_of("parent").empty());
}

BOOST_AUTO_TEST_CASE(sees_through_gather_wait_shield_and_as_completed) {
    auto const child = loop.create_task(outer(1h), "child");
    auto const a = start([child]() -> ordo::coro<> { co_await ordo::gather(child, child); }, "gather");
    auto const b = start(
        [child]() -> ordo::coro<> {
            std::vector<ordo::task<>> one{child};
            co_await ordo::wait(std::move(one));
        },
        "wait");
    auto const c = start([child]() -> ordo::coro<> { co_await ordo::shield(child); }, "shield");
    auto const d = start(
        [child]() -> ordo::coro<> {
            std::vector<ordo::task<>> one{child};
            auto all = ordo::as_completed(std::move(one));
            co_await all.next();
        },
        "as_completed");
    BOOST_TEST(awaiters_of("child") == (names{"gather", "wait", "shield", "as_completed"}),
               boost::test_tools::per_element());
    BOOST_TEST(find("gather").waits_for == "gather");
    BOOST_TEST(find("wait").waits_for == "wait");
    BOOST_TEST(find("shield").waits_for == "shield");
}

BOOST_AUTO_TEST_CASE(counts_the_parent_of_a_task_group_once_it_waits_for_the_members) {
    ordo::event body_ends;
    auto const body = [&](ordo::task_group& group) -> ordo::coro<> {
        group.create_task(outer(1h), "member");
        co_await body_ends.wait();
    };
    auto const parent = start([&]() -> ordo::coro<> { co_await ordo::with_task_group(body); }, "parent");
    BOOST_TEST(awaiters_of("member").empty());
    body_ends.set();
    run_once();
    BOOST_TEST(awaiters_of("member") == names{"parent"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_a_future_has_those_that_wait_for_it_and_no_others) {
    auto const promise = loop.create_future<int>();
    auto const other = start(outer(1h), "other");
    auto const middle = start([promise]() -> ordo::coro<> { static_cast<void>(co_await promise); }, "middle");
    auto const top = start([middle]() -> ordo::coro<> { co_await middle; }, "top");
    auto const graph = ordo::capture_call_graph(promise);
    BOOST_REQUIRE(graph.tasks.size() == 2u);
    BOOST_TEST(graph.tasks[0].name == "middle");
    BOOST_TEST(graph.tasks[0].waits_for.starts_with("a future created at "));
    BOOST_TEST(graph.tasks[0].awaited_by.at(0) == 1u);
    BOOST_TEST(graph.tasks[1].name == "top");
    BOOST_TEST(ordo::capture_call_graph(other).tasks.size() == 1u);
    BOOST_TEST(ordo::capture_call_graph(top).tasks.size() == 2u);
}

BOOST_AUTO_TEST_CASE(is_printed_with_what_is_waited_for_below) {
    auto const child = loop.create_task(outer(5s), "child");
    auto const parent = start([child]() -> ordo::coro<> { co_await child; }, "parent");
    child.cancel();
    auto const loose = start(outer(90s), "loose");
    std::ostringstream text;
    ordo::print_call_graph(loop, text);
    BOOST_TEST(without_places(text.str()) == "'loose' waits for sleep, 90 s to go, age 0 s\n"
                                             "    at call_graph.cpp\n"
                                             "    at call_graph.cpp\n");
}

BOOST_AUTO_TEST_CASE(is_printed_once_where_several_wait_for_one) {
    auto const child = loop.create_task(outer(5s), "child");
    auto const wait = [child]() -> ordo::coro<> { co_await child; };
    auto const a = start(wait, "a");
    auto const b = start(wait, "b");
    auto const text = without_places(ordo::format_call_graph(ordo::capture_call_graph(loop)));
    BOOST_TEST(text == "'a' waits for task 'child', age 0 s\n"
                       "    at call_graph.cpp\n"
                       "  'child' waits for sleep, 5 s to go, age 0 s\n"
                       "      at call_graph.cpp\n"
                       "      at call_graph.cpp\n"
                       "'b' waits for task 'child', age 0 s\n"
                       "    at call_graph.cpp\n"
                       "  'child', see above\n");
}

BOOST_AUTO_TEST_CASE(is_printed_of_tasks_that_wait_in_a_circle) {
    std::vector<ordo::task<>> circle;
    auto const wait_for = [&](std::size_t which) -> ordo::coro<> { co_await circle[which]; };
    circle.push_back(loop.create_task([&] { return wait_for(1); }, "a"));
    circle.push_back(loop.create_task([&] { return wait_for(0); }, "b"));
    run_once();
    auto const text = without_places(ordo::format_call_graph(ordo::capture_call_graph(loop)));
    BOOST_TEST(text == "'a' waits for task 'b', age 0 s\n"
                       "    at call_graph.cpp\n"
                       "  'b' waits for task 'a', age 0 s\n"
                       "      at call_graph.cpp\n"
                       "    'a', see above\n");
}

BOOST_AUTO_TEST_CASE(is_json_with_what_is_special_escaped) {
    auto const task = start(outer(1500ms), "a \"b\"\n\\");
    auto const json = ordo::to_json(ordo::capture_call_graph(loop));
    BOOST_TEST(json.starts_with(R"({"tasks":[{"name":"a \"b\"\u000a\\","state":"waiting","cancelling":0,"age":0,)"
                                R"("waits_for":"sleep","remaining":1.5,"created_at":{"file":")"));
    BOOST_TEST(json.ends_with(R"(}],"awaits":[],"awaited_by":[]}]})"));
}

BOOST_AUTO_TEST_CASE(is_part_of_the_error_of_a_deadlock) {
    auto const body = [this]() -> ordo::coro<> {
        auto const never = loop.create_future();
        co_await never;
    };
    try {
        loop.run_until_complete(loop.create_task(body, "stuck"));
        BOOST_ERROR("it should have thrown");
    } catch (ordo::usage_error const& error) {
        std::string const text = error.what();
        BOOST_TEST(
            text.find("nothing can ever happen; these tasks are left:\n'stuck' waits for a future created at ") !=
            std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(is_dumped_on_a_signal) {
    std::ostringstream captured;
    auto* const before = std::cerr.rdbuf(captured.rdbuf());
    ordo::event_loop real;
    ordo::dump_on_signal(real, SIGUSR1);
    auto const body = [&]() -> ordo::coro<> {
        std::raise(SIGUSR1);
        while (captured.str().empty()) co_await ordo::sleep(1ms);
    };
    real.run_until_complete(real.create_task(body, "dumped"));
    std::cerr.rdbuf(before);
    BOOST_TEST(captured.str().starts_with("'dumped' waits for sleep, "));
}

BOOST_AUTO_TEST_SUITE_END()
