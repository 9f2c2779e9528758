// ordo: locks, events, conditions, semaphores and barriers, with every allocation failing in turn: nobody who waits is
// lost, nothing that is handed over either, and all can be used afterwards.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/ordo.hpp>

#include "crew.hpp"

#include <boost/test/unit_test.hpp>
#include <utility>

BOOST_FIXTURE_TEST_SUITE(allocation_failure_sync, silent_log)

BOOST_AUTO_TEST_CASE(lock) {
    in_virtual_time([]() -> coro<> {
        ordo::lock door;
        crew c;
        auto all_done = c.all_done();
        int inside = 0;
        auto pass = [&]() -> coro<> {
            auto const held = co_await door.scoped();
            expect(inside++ == 0, "two are inside");
            co_await ordo::sleep(0s);
            --inside;
        };
        co_await door.acquire();
        c.start(5, pass);
        co_await ordo::sleep(0s);
        c.cancel(2); // it waits
        door.release();
        c.cancel(0); // the lock is its own already
        co_await std::move(all_done);
        c.expect_cancelled(2);
        expect(!door.locked(), "the lock is still held");
        auto const held = co_await door.scoped();
        expect(door.locked(), "the lock cannot be taken");
    });
}

template <class Semaphore>
coro<> use_permits() {
    Semaphore permits(2);
    crew c;
    auto all_done = c.all_done();
    auto pass = [&]() -> coro<> {
        auto const permit = co_await permits.scoped();
        co_await ordo::sleep(0s);
    };
    co_await permits.acquire();
    co_await permits.acquire();
    c.start(6, pass);
    co_await ordo::sleep(0s);
    c.cancel(2);
    permits.release();
    permits.release();
    c.cancel(1);
    co_await std::move(all_done);
    c.expect_cancelled(2);
    co_await permits.acquire();
    co_await permits.acquire();
    expect(permits.locked(), "there are too many permits");
    permits.release();
    permits.release();
}

BOOST_AUTO_TEST_CASE(semaphore) {
    in_virtual_time(use_permits<ordo::semaphore>);
}

BOOST_AUTO_TEST_CASE(bounded_semaphore) {
    in_virtual_time([]() -> coro<> {
        co_await use_permits<ordo::bounded_semaphore>();
        ordo::bounded_semaphore full(1);
        bool refused = false;
        try {
            full.release();
        } catch (ordo::value_error const&) {
            refused = true;
        }
        expect(refused, "one too many was released");
    });
}

BOOST_AUTO_TEST_CASE(event) {
    in_virtual_time([]() -> coro<> {
        ordo::event ready;
        crew c;
        auto all_done = c.all_done();
        auto all_done_again = c.all_done();
        auto wait = [&]() -> coro<> { co_await ready.wait(); };
        c.start(4, wait);
        co_await ordo::sleep(0s);
        c.cancel(1);
        ready.set();
        c.cancel(2);
        co_await std::move(all_done);
        c.expect_cancelled(2);
        ready.clear();
        c.start(1, wait);
        co_await ordo::sleep(0s);
        ready.set();
        co_await std::move(all_done_again);
    });
}

BOOST_AUTO_TEST_CASE(condition) {
    in_virtual_time([]() -> coro<> {
        ordo::condition changed;
        crew c;
        auto all_done = c.all_done();
        auto all_done_again = c.all_done();
        int level = 0;
        auto wait_for_two = [&]() -> coro<> {
            auto const held = co_await changed.scoped();
            auto enough = [&] { return level >= 2; };
            co_await changed.wait_for(enough);
            expect(changed.locked() && level >= 2, "it went on too early");
        };
        c.start(4, wait_for_two);
        co_await ordo::sleep(0s);
        c.cancel(1);
        for (int i = 0; i < 2; ++i) {
            auto const held = co_await changed.scoped();
            ++level;
            changed.notify_all();
        }
        co_await std::move(all_done);
        c.expect_cancelled(1);

        auto wait = [&]() -> coro<> {
            auto const held = co_await changed.scoped();
            co_await changed.wait();
        };
        c.start(4, wait);
        for (int i = 0; i < 4; ++i) co_await ordo::sleep(0s);
        co_await changed.acquire();
        changed.notify(3);
        c.cancel(1); // its notification goes to the fourth
        changed.release();
        co_await std::move(all_done_again);
        c.expect_cancelled(2);
        expect(!changed.locked(), "the lock is still held");
    });
}

BOOST_AUTO_TEST_CASE(barrier) {
    in_virtual_time([]() -> coro<> {
        ordo::barrier gate(3);
        crew c;
        auto wait = [&]() -> coro<> { co_await gate.wait(); };
        for (int round = 0; round < 2; ++round) {
            auto all_done = c.all_done();
            auto arrived = made_sure([&] { return gate.wait(); });
            c.start(2, wait);
            if (round == 0) {
                c.start(1, wait);
                c.cancel(c.tasks.size() - 1);
            }
            co_await ordo::sleep(0s);
            int missing = c.failed;
            for (auto const& task : c.tasks) missing += task.done() && !task.cancelled();
            if (missing > 0) c.start(missing, wait);
            co_await std::move(arrived);
            co_await std::move(all_done);
            c.failed = 0;
        }
        expect(!gate.broken() && gate.n_waiting() == 0, "somebody is still inside");
    });
}

BOOST_AUTO_TEST_CASE(a_barrier_that_is_reset_and_aborted) {
    in_virtual_time([]() -> coro<> {
        ordo::barrier gate(3);
        crew c;
        auto all_done = c.all_done();
        auto all_done_again = c.all_done();
        auto reset = made_sure([&] { return gate.reset(); });
        auto abort = made_sure([&] { return gate.abort(); });
        int sent_away = 0;
        auto wait = [&]() -> coro<> {
            try {
                co_await gate.wait();
            } catch (ordo::broken_barrier_error const&) {
                ++sent_away;
            }
        };
        c.start(2, wait);
        co_await ordo::sleep(0s);
        co_await std::move(reset);
        co_await std::move(all_done);
        c.start(2, wait);
        co_await ordo::sleep(0s);
        co_await std::move(abort);
        co_await std::move(all_done_again);
        expect(gate.broken(), "it is not broken");
        expect(sent_away + c.failed == 4, "somebody went on");
        co_await gate.reset();
        expect(!gate.broken() && gate.n_waiting() == 0, "it is still broken");
    });
}

BOOST_AUTO_TEST_SUITE_END()
