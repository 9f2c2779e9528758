// ordo: what the tests in this folder stop half-way and tear down.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/ordo.hpp>
#include <ordo/testing/virtual_clock.hpp>

#include "../counted.hpp"
#include "../socket_pair.hpp"

#include <array>
#include <boost/asio.hpp>
#include <chrono>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace teardown {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::deferred;
using ordo::coro;
using ordo::get_running_loop;

/// Keeps jobs until it is told to run them, on the thread that tells it.
class patient_executor final : public ordo::executor {
public:
    void submit(job work) override { jobs_.push_back(std::move(work)); }
    void shutdown(bool) override { jobs_.clear(); }
    void run() {
        for (auto& work : std::exchange(jobs_, {})) work();
    }

private:
    std::vector<job> jobs_;
};

/// A loop on virtual time, on a context of its own or a borrowed one, and what else somebody may hold. Every part can go
/// at any time.
struct house {
    explicit house(bool borrowed) {
        ordo::loop_options const options{.strict = true, .clock = clock};
        if (borrowed) context = std::make_unique<asio::io_context>();
        if (borrowed) loop = std::make_unique<ordo::event_loop>(*context, options);
        else loop = std::make_unique<ordo::event_loop>(options);
        loop->set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
    }

    void step() {
        if (!context) {
            clock->advance(500ms); // a loop that is stopped does not wait
            loop->stop();
            loop->run_forever();
        } else {
            context->restart();
            context->poll_one();
        }
    }

    bool over() const { return ordo::all_tasks(*loop).empty(); }

    template <class F>
    void start(F&& coroutine) {
        tasks.emplace_back(loop->create_task(std::forward<F>(coroutine)));
    }

    std::shared_ptr<ordo::testing::virtual_clock> clock = std::make_shared<ordo::testing::virtual_clock>();
    patient_executor executor;
    std::unique_ptr<asio::io_context> context;
    std::unique_ptr<ordo::event_loop> loop;
    std::vector<ordo::any_task> tasks;
    std::vector<ordo::any_future> futures;
    std::vector<ordo::handle> handles;
};

// -- coroutines; each holds an object that is counted, and ends by itself

inline coro<counted> sleeping(int naps) {
    counted const local(1);
    for (int i = 0; i < naps; ++i) co_await ordo::sleep(std::chrono::seconds(i % 2));
    co_return counted(naps);
}

inline coro<counted> nested(int levels) {
    counted const local(1);
    if (levels == 0) {
        auto result = co_await sleeping(3);
        co_return result;
    }
    auto result = co_await nested(levels - 1);
    co_return result;
}

inline coro<counted> chained(int tasks) {
    counted const local(1);
    if (tasks == 0) {
        auto result = co_await sleeping(2);
        co_return result;
    }
    auto next = ordo::create_task(chained(tasks - 1));
    auto result = co_await std::move(next);
    co_return result;
}

inline coro<int> waiting(ordo::future<counted> f) {
    counted const local(1);
    auto const& result = co_await f;
    co_return result.id;
}

inline coro<> completing(ordo::future<counted> f) {
    counted const local(1);
    co_await ordo::sleep(0s);
    co_await ordo::sleep(1s);
    if (!f.done()) f.set_result(counted(7));
}

inline coro<> failing() {
    counted const local(1);
    co_await ordo::sleep(1s);
    throw std::runtime_error("as planned");
}

inline coro<> computing(patient_executor& on) {
    counted const local(1);
    for (int i = 0; i < 2; ++i) {
        auto compute = [held = counted(i)] { return held; };
        auto f = get_running_loop().run_in_executor(on, compute);
        get_running_loop().call_soon([&on] { on.run(); });
        auto result = co_await std::move(f);
    }
}

inline coro<> timing() {
    counted const local(1);
    asio::steady_timer timer(get_running_loop().get_executor());
    for (int i = 0; i < 2; ++i) {
        timer.expires_after(0s);
        co_await timer.async_wait(deferred);
    }
}

inline coro<> talking() {
    counted const local(1);
    socket_pair sockets(get_running_loop().get_executor());
    std::array<char, 5> buffer{};
    for (int i = 0; i < 2; ++i) {
        co_await asio::async_write(sockets.b, asio::buffer("hello", 5), deferred);
        co_await asio::async_read(sockets.a, asio::buffer(buffer), deferred);
    }
}

/// Waits for what never comes; only a cancellation ends it.
inline coro<> listening() {
    counted const local(1);
    socket_pair sockets(get_running_loop().get_executor());
    std::array<char, 5> buffer{};
    co_await asio::async_read(sockets.a, asio::buffer(buffer), deferred);
}

inline coro<> cancelling(ordo::any_task other) {
    counted const local(1);
    co_await ordo::sleep(0s);
    co_await ordo::sleep(0s);
    other.cancel("no more");
    try {
        co_await other;
    } catch (ordo::cancelled_error const&) {
        if (ordo::current_task()->cancelling() > 0) throw;
    }
}

/// Declines the first cancellation, and waits once more.
inline coro<> stubborn() {
    counted const local(1);
    bool cancelled = false;
    try {
        co_await ordo::sleep(2s);
    } catch (ordo::cancelled_error const&) {
        cancelled = true;
    }
    if (cancelled) ordo::current_task()->uncancel();
    co_await ordo::sleep(1s);
}

// -- what stands in a house at the beginning

struct scenario {
    char const* name;
    void (*begin)(house&);
};

inline scenario const scenarios[] = {
    {"sleepers",
     [](house& h) {
         for (int i = 0; i < 3; ++i) h.start(sleeping(i + 1));
     }},
    {"nested coroutines",
     [](house& h) {
         for (int i = 0; i < 3; ++i) h.start(nested(i));
     }},
    {"tasks that wait for tasks", [](house& h) { h.start(chained(3)); }},
    {"tasks that share a future",
     [](house& h) {
         auto const f = h.loop->create_future<counted>();
         h.futures.push_back(f);
         h.start(waiting(f));
         h.start(completing(f));
         h.start(waiting(f));
     }},
    {"a task that fails", [](house& h) { h.start(failing()); }},
    {"a task that fails and nobody holds", [](house& h) { static_cast<void>(h.loop->create_task(failing())); }},
    {"jobs",
     [](house& h) {
         h.start(computing(h.executor));
         auto job = [held = counted(1)] { return held; };
         h.futures.push_back(h.loop->run_in_executor(h.executor, job));
     }},
    {"timers of Asio",
     [](house& h) {
         h.start(timing());
         h.start(timing());
     }},
    {"sockets", [](house& h) { h.start(talking()); }},
    {"a socket on which nothing comes", [](house& h) { h.start(listening()); }},
    {"a task that cancels another",
     [](house& h) {
         h.start(sleeping(9));
         h.start(cancelling(h.tasks.front()));
     }},
    {"a task that cancels one that reads",
     [](house& h) {
         h.start(listening());
         h.start(cancelling(h.tasks.front()));
     }},
    {"a task that cancels one that declines",
     [](house& h) {
         h.start(stubborn());
         h.start(cancelling(h.tasks.front()));
     }},
    {"a callable that is a coroutine",
     [](house& h) {
         auto body = [held = counted(1)]() -> coro<> {
             co_await ordo::sleep(0s);
             co_await ordo::sleep(1s);
         };
         h.start(body);
     }},
    {"done callbacks",
     [](house& h) {
         auto const f = h.loop->create_future<counted>();
         h.futures.push_back(f);
         h.handles.push_back(f.add_done_callback([held = counted(1)] {}));
         h.handles.push_back(f.add_done_callback([held = counted(1)](ordo::future<counted> const&) {}));
         h.start(completing(f));
         h.handles.push_back(h.tasks.front().add_done_callback([held = counted(1)] {}));
     }},
    {"callbacks and timers",
     [](house& h) {
         auto* loop = h.loop.get();
         auto again = [loop, held = counted(1)] { loop->call_soon([held] {}); };
         h.handles.push_back(h.loop->call_soon(again));
         h.handles.push_back(h.loop->call_soon_threadsafe(again));
         h.handles.push_back(h.loop->call_later(1s, again));
         h.handles.push_back(h.loop->call_later(2s, again));
         h.handles.push_back(h.loop->call_soon([held = counted(1)] {}));
         h.handles.back().cancel();
         h.start(sleeping(3));
     }},
    {"signals",
     [](house& h) {
         h.loop->add_signal_handler(SIGUSR1, [held = counted(1)] {});
         h.loop->call_soon([held = counted(1)] { std::raise(SIGUSR1); });
         h.start(sleeping(4));
     }},
    {"a loop that is held",
     [](house& h) {
         h.loop->attach();
         h.start(sleeping(1));
     }},
};

} // namespace teardown
