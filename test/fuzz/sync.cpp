// ordo: fuzz_sync, programs of tasks that lock, wait, notify, put and get, built from bytes.
//
// Each is run on the library's objects and on those of reference.hpp, and must do the same in the same iterations. It is
// built and run as fuzz_api (see api.cpp), with the corpus in corpus_sync.
// SPDX-License-Identifier: BSL-1.0
#include "program.hpp"
#include "reference.hpp"

#include <ordo/ordo.hpp>
#include <ordo/testing/virtual_clock.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>
#include <string>
#include <typeinfo>
#include <vector>

namespace fuzz {
namespace {

using ordo::coro;

/// How many permits, parties and items, and whether the objects go before the loop.
struct sizes {
    unsigned permits;
    unsigned parties;
    unsigned items;
    bool objects_first;
};

struct library_objects {
    ordo::event event{};
    ordo::lock lock{};
    ordo::semaphore semaphore;
    ordo::bounded_semaphore bounded;
    ordo::condition condition{lock};
    ordo::barrier barrier;
    ordo::queue<int> queue;
    ordo::priority_queue<int> sorted;

    explicit library_objects(sizes s)
        : semaphore(s.permits), bounded(s.permits), barrier(s.parties), queue(s.items), sorted(s.items) {}
};

struct reference_objects {
    reference::event event{};
    reference::lock lock{};
    reference::semaphore semaphore;
    reference::semaphore bounded;
    reference::condition condition{lock};
    reference::barrier barrier;
    reference::queue queue;
    reference::queue sorted;

    explicit reference_objects(sizes s)
        : semaphore(s.permits), bounded(s.permits, s.permits), barrier(s.parties), queue(s.items, false),
          sorted(s.items, true) {}
};

template <class Lockable>
coro<int> use_lockable(Lockable& what, unsigned how) {
    if (how % 4 < 2) co_await what.acquire();
    else if (how % 4 == 2) what.release();
    co_return what.locked();
}

template <class Queue>
coro<int> use_queue(Queue& what, unsigned how) {
    int const item = static_cast<int>(how / 16);
    int result = static_cast<int>(what.qsize());
    switch (how % 16) {
    case 0: what.put_nowait(item); break;
    case 1: result = what.get_nowait(); break;
    case 2:
    case 3: what.task_done(); break;
    case 4: co_await what.join(); break;
    case 5: what.shutdown(item % 2); break;
    case 6:
    case 7:
    case 8:
    case 9:
    case 10: co_await what.put(item); break;
    default: result = co_await what.get(); break;
    }
    co_return result;
}

template <class Barrier>
coro<int> use_barrier(Barrier& what, unsigned how) {
    std::size_t place = what.n_waiting() + (what.broken() ? 100 : 0);
    if (how % 16 == 0) co_await what.abort();
    else if (how % 16 == 1) co_await what.reset();
    else place = co_await what.wait();
    co_return static_cast<int>(place);
}

/// A run of a program.
template <class Objects>
struct stage {
    ordo::event_loop loop{ordo::loop_options{.clock = std::make_shared<ordo::testing::virtual_clock>()}};
    std::unique_ptr<Objects> objects;
    std::vector<ordo::task<>> tasks{};
    std::vector<std::string> trace{};

    coro<int> perform(unsigned operation, unsigned how) {
        auto& o = *objects;
        switch (operation % 16) {
        case 0:
        case 1: co_await ordo::sleep(std::chrono::seconds(0)); co_return 0;
        case 2: co_return tasks[how % tasks.size()].cancel(how & 64 ? "why" : "");
        case 3: o.event.set(); co_return 0;
        case 4: o.event.clear(); co_return 0;
        case 5: co_await o.event.wait(); co_return 0;
        case 6:
        case 7: co_return co_await use_lockable(o.lock, how);
        case 8: co_return co_await use_lockable(o.semaphore, how);
        case 9: co_return co_await use_lockable(o.bounded, how);
        case 10: o.condition.notify(how % 4); co_return 0;
        case 11: co_await o.condition.wait(); co_return 0;
        case 12: co_return co_await use_barrier(o.barrier, how);
        case 13: co_return co_await use_queue(o.sorted, how);
        default: co_return co_await use_queue(o.queue, how);
        }
    }

    coro<> act(unsigned who, program code) {
        while (!code.over()) {
            auto const operation = code.byte();
            auto const how = code.byte();
            std::string result;
            std::exception_ptr cancelled;
            try {
                int const value = co_await perform(operation, how);
                result = std::to_string(value);
            } catch (ordo::cancelled_error const& e) {
                result = "cancelled " + e.message();
                if (how & 128) cancelled = std::current_exception();
            } catch (ordo::error const& e) {
                result = typeid(e).name();
            }
            trace.push_back(std::to_string(loop.iterations()) + ": task " + std::to_string(who) + ", operation " +
                            std::to_string(operation % 16) + " " + std::to_string(how) + ": " + result);
            if (cancelled) std::rethrow_exception(cancelled);
        }
    }

    std::vector<std::string> run(program code) {
        loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
        sizes const s{code.byte() % 3, code.byte() % 3 + 1, code.byte() % 3, code.byte() % 2 == 1};
        objects = std::make_unique<Objects>(s);
        for (unsigned i = 0; i < 6; ++i) tasks.push_back(loop.create_task(act(i, code.part())));
        for (int i = 0; i < 64; ++i) {
            loop.stop();
            loop.run_forever();
        }
        for (auto const& t : tasks) trace.push_back(!t.done() ? "waits" : t.cancelled() ? "cancelled" : "done");
        if (s.objects_first) objects.reset();
        loop.close();
        return trace;
    }
};

} // namespace
} // namespace fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static bool const quiet = [] {
        ordo::set_logger(std::make_shared<spdlog::logger>("null", std::make_shared<spdlog::sinks::null_sink_mt>()));
        return true;
    }();
    static_cast<void>(quiet);
    fuzz::program const code({data, size});
    auto const expected = fuzz::stage<fuzz::reference_objects>().run(code);
    auto const seen = fuzz::stage<fuzz::library_objects>().run(code);
    if (seen == expected) return 0;
    for (std::size_t i = 0; i < std::max(seen.size(), expected.size()); ++i)
        std::fprintf(stderr, "%-60s %s\n", i < expected.size() ? expected[i].c_str() : "",
                     i < seen.size() ? seen[i].c_str() : "");
    std::fprintf(stderr, "fuzz_sync: expected on the left, and done on the right\n");
    std::abort();
}
