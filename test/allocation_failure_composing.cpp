// ordo: gather(), timeouts, groups and the like, with every allocation failing in turn.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/ordo.hpp>

#include "failing_allocations.hpp"

#include <stdexcept>
#include <vector>

namespace {

coro<int> forever() {
    co_await ordo::sleep(1h);
    co_return 1;
}

/// In place of a group its first error.
coro<> first_of_group(coro<> run) {
    std::exception_ptr error;
    try {
        co_await std::move(run);
    } catch (ordo::exception_group const& group) {
        error = group.exceptions().front();
    }
    if (error) std::rethrow_exception(error);
}

void expect(bool condition) {
    if (!condition) throw std::logic_error("it went wrong");
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(allocation_failure_composing, silent_log)

BOOST_AUTO_TEST_CASE(gather) {
    in_task([]() -> coro<> {
        auto [three, seven] = co_await ordo::gather(add(1, 2), add(3, 4));
        expect(three == 3 && seven == 7);
        std::vector<coro<int>> coroutines;
        coroutines.push_back(add(1, 1));
        coroutines.push_back(add(1, 2));
        auto const all = co_await ordo::gather(std::move(coroutines));
        expect(all[1] == 3);
    });
}

BOOST_AUTO_TEST_CASE(gather_results) {
    in_task([]() -> coro<> {
        auto const cancelled = ordo::create_task(forever());
        ordo::get_running_loop().call_soon([cancelled] { cancelled.cancel(); });
        auto const [three, none] = co_await ordo::gather_results(add(1, 2), cancelled);
        if (three.has_error()) std::rethrow_exception(three.error());
        expect(three.value() == 3 && none.has_error());
    });
}

BOOST_AUTO_TEST_CASE(wait_and_as_completed) {
    in_task([]() -> coro<> {
        std::vector tasks{ordo::create_task(add(1, 2)), ordo::create_task(forever())};
        auto const some = co_await ordo::wait(tasks, ordo::return_when::first_completed, 1h);
        expect(!some.done.empty());
        auto const next = ordo::as_completed(tasks, 1h);
        auto const first = co_await next.next();
        expect(first && first->done());
        int const three = co_await tasks[0];
        expect(three == 3);
        ordo::get_running_loop().call_soon([second = tasks[1]] { second.cancel(); });
        co_await next.next();
    });
}

BOOST_AUTO_TEST_CASE(shield) {
    in_task([]() -> coro<> {
        auto const inner = ordo::create_task(add(1, 2));
        auto const outer = ordo::shield(inner);
        auto const other = ordo::shield(inner);
        outer.cancel("a message that is too long for the string's own buffer");
        int const three = co_await other;
        expect(three == 3);
        co_await ordo::sleep(0s);
    });
}

BOOST_AUTO_TEST_CASE(timeouts) {
    in_task([]() -> coro<> {
        auto body = []() -> coro<int> {
            int const value = co_await add(1, 2);
            co_return value;
        };
        int const three = co_await ordo::with_timeout(1h, body);
        int const seven = co_await ordo::wait_for(add(3, 4), 1h);
        expect(three == 3 && seven == 7);
        bool expired = false;
        try {
            co_await ordo::wait_for(forever(), 1ms);
        } catch (ordo::timeout_error const&) {
            expired = true;
        }
        expect(expired);
        auto task = ordo::create_task(forever());
        try {
            co_await ordo::wait_for(task, 0s);
        } catch (ordo::timeout_error const&) {
            expect(task.cancelled());
        }
    });
}

BOOST_AUTO_TEST_CASE(task_group) {
    in_task([]() -> coro<> {
        auto server = [](ordo::task_status<int> status) -> coro<> {
            status.started(7);
            co_await ordo::sleep(0s);
        };
        auto body = [server](ordo::task_group& group) -> coro<> {
            auto const three = group.create_task(add(1, 2), "a name that is too long for the string's own buffer");
            int const seven = co_await group.start<int>(server);
            int const sum = co_await three;
            expect(seven == 7 && sum == 3);
            group.create_task(forever());
            group.cancel();
        };
        co_await first_of_group(ordo::with_task_group(body));
    });
}

BOOST_AUTO_TEST_CASE(a_task_group_that_fails) {
    in_task([]() -> coro<> {
        auto failing = []() -> coro<> {
            co_await ordo::sleep(0s);
            throw std::bad_alloc();
        };
        auto body = [failing](ordo::task_group& group) -> coro<> {
            group.create_task(forever());
            group.create_task(failing);
            co_await forever();
        };
        co_await first_of_group(ordo::with_task_group(body));
    });
}

/// The task itself. It cannot throw for want of memory: only one allocation fails.
std::size_t tasks_left() {
    try {
        return ordo::all_tasks().size() - 1;
    } catch (std::bad_alloc const&) {
        return ordo::all_tasks().size() - 1;
    }
}

BOOST_AUTO_TEST_CASE(a_task_group_leaves_no_task_behind) {
    in_task([]() -> coro<> {
        auto member = []() -> coro<> {
            for (int i = 0; i < 5; ++i) co_await ordo::sleep(0s);
        };
        auto body = [&](ordo::task_group& group) -> coro<> {
            group.create_task(member);
            group.create_task(member);
            co_await ordo::sleep(0s);
        };
        std::exception_ptr failure;
        try {
            co_await ordo::with_task_group(body);
        } catch (...) {
            failure = std::current_exception();
        }
        expect(tasks_left() == 0);
        auto failed = [](std::exception_ptr error) -> coro<> {
            if (error) std::rethrow_exception(error);
            co_return;
        };
        co_await first_of_group(failed(failure));
    });
}

BOOST_AUTO_TEST_CASE(wait_for_leaves_no_task_behind) {
    in_task([]() -> coro<> {
        std::exception_ptr failure;
        try {
            co_await ordo::wait_for(forever(), 0s);
        } catch (ordo::timeout_error const&) {
        } catch (...) {
            failure = std::current_exception();
        }
        co_await ordo::sleep(0s);
        expect(tasks_left() == 0);
        if (failure) std::rethrow_exception(failure);
    });
}

BOOST_AUTO_TEST_CASE(cleanup_and_cancellation) {
    in_task([]() -> coro<> {
        auto body = []() -> coro<int> {
            int const value = co_await add(1, 2);
            co_return value;
        };
        auto cleanup = []() -> coro<> { co_await ordo::sleep(0s); };
        int const three = co_await ordo::with_cleanup(body, cleanup);
        int const same = co_await ordo::with_cancellation(ordo::cancellation::level_triggered, body);
        expect(three == 3 && same == 3);
    });
}

BOOST_AUTO_TEST_SUITE_END()
