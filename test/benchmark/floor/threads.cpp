// ordo: the floor of the benchmark: other threads: W7a, W7b, W8a, W8b.
// SPDX-License-Identifier: BSL-1.0
#include "../clock.hpp"
#include "../workload.hpp"
#include "inbox.hpp"

#include <condition_variable>
#include <cstdlib>
#include <latch>
#include <linux/futex.h>
#include <mutex>
#include <sys/syscall.h>
#include <thread>
#include <vector>

namespace ordo_benchmark::floor {
namespace {

struct counts {
    std::size_t ran = 0;
    std::size_t in_order = 0;
};

struct numbered : node {
    counts* all;
    std::size_t* of_sender;
    std::size_t number;

    /// With malloc: no free list helps where one thread allocates and another one frees.
    static void call(node* base) {
        auto* const self = static_cast<numbered*>(base);
        self->count();
        std::free(self);
    }
    static void call_preallocated(node* base) { static_cast<numbered*>(base)->count(); }

    void count() noexcept {
        all->in_order += number == (*of_sender)++;
        ++all->ran;
    }
};

/// Option preallocated=1: what is left if memory costs nothing.
outcome flood(std::size_t size) {
    auto const threads = option("threads", std::size_t(1));
    bool const preallocated = option("preallocated", std::size_t(0)) == 1;
    inbox arriving;
    counts all;
    std::vector<std::size_t> of_senders(threads);
    std::latch all_ready(static_cast<std::ptrdiff_t>(threads + 1));
    auto const send = [&](std::size_t sender) {
        pin_to(1 + sender);
        auto const share = size / threads + (sender < size % threads);
        std::vector<numbered> nodes(preallocated ? share : 0);
        all_ready.arrive_and_wait();
        for (std::size_t i = 0; i < share; ++i) {
            auto* const memory = preallocated ? &nodes[i] : std::malloc(sizeof(numbered));
            auto const call = preallocated ? numbered::call_preallocated : numbered::call;
            arriving.push(::new (memory) numbered{{nullptr, call}, &all, &of_senders[sender], i});
        }
        return nodes; // they are in use until all have run
    };

    pin_to(0);
    std::vector<std::vector<numbered>> kept(threads);
    std::vector<std::jthread> senders;
    for (std::size_t i = 0; i < threads; ++i) senders.emplace_back([&, i] { kept[i] = send(i); });
    all_ready.arrive_and_wait();
    auto const begin = wall_ns();
    while (all.ran < size) {
        for (auto* next = arriving.wait(); next;) {
            auto* const current = next;
            next = next->next;
            current->run(current);
        }
    }
    auto const end = wall_ns();
    senders.clear();
    return {(end - begin) / static_cast<double>(size), all.in_order};
}

/// A number that one thread changes and another one waits for.
struct signal {
    std::atomic<std::uint32_t> number{0};

    void set(std::uint32_t value) noexcept {
        number = value;
        syscall(SYS_futex, &number, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
    }
    void wait(std::uint32_t value) noexcept {
        while (number != value) syscall(SYS_futex, &number, FUTEX_WAIT_PRIVATE, value - 1, nullptr, nullptr, 0);
    }
};

outcome two_threads(std::size_t size) {
    signal there, back;
    std::latch ready(2);
    auto const trips = static_cast<std::uint32_t>(size);
    pin_to(0);
    std::jthread const thread([&] {
        pin_to(0);
        ready.count_down();
        for (std::uint32_t i = 1; i <= trips; ++i) {
            there.wait(i);
            back.set(i);
        }
    });
    ready.arrive_and_wait();
    auto const begin = wall_ns();
    for (std::uint32_t i = 1; i <= trips; ++i) {
        there.set(i);
        back.wait(i);
    }
    return {(wall_ns() - begin) / static_cast<double>(size), back.number};
}

struct job : node {
    std::size_t result = 0;
};

/// One thread that runs jobs. Whatever was submitted at once it hands back at once, so that on one core the threads take
/// turns as seldom as they can.
class worker {
public:
    explicit worker(inbox& finished) : finished_(finished), thread_([this] { work(); }) {}
    ~worker() {
        std::unique_lock lock(mutex_);
        ended_ = true;
        lock.unlock();
        submitted_.notify_one();
    }

    void submit(fifo& jobs) {
        std::unique_lock lock(mutex_);
        jobs_.splice(jobs);
        lock.unlock();
        submitted_.notify_one();
    }

private:
    void work() {
        for (;;) {
            std::unique_lock lock(mutex_);
            submitted_.wait(lock, [this] { return ended_ || jobs_.head; });
            auto* const first = jobs_.take();
            lock.unlock();
            if (!first) return;
            node* newest = nullptr;
            for (auto* next = first; next;) {
                auto* const current = static_cast<job*>(next);
                next = next->next;
                current->result = 1;
                current->next = newest;
                newest = current;
            }
            finished_.push(newest, first);
        }
    }

    inbox& finished_;
    std::mutex mutex_;
    std::condition_variable submitted_;
    fifo jobs_;
    bool ended_ = false;
    std::jthread thread_; // last, because it uses the others
};

template <std::size_t InFlight>
outcome run_jobs(std::size_t size) {
    pin_to(0); // before the thread is made, which inherits it
    std::vector<job> jobs(std::min(option("in_flight", InFlight), size));
    inbox finished;
    worker thread(finished);
    fifo to_do;
    to_do.push(jobs.data());
    thread.submit(to_do);
    finished.wait(); // when that is done the thread has begun

    std::size_t sum = 0;
    auto left = size - jobs.size();
    auto const begin = wall_ns();
    for (auto& job : jobs) to_do.push(&job);
    for (std::size_t done = 0; done < size;) {
        if (to_do.head) thread.submit(to_do);
        for (auto* next = finished.wait(); next; ++done) {
            auto* const current = static_cast<job*>(next);
            next = next->next;
            sum += current->result;
            if (left > 0) {
                --left;
                to_do.push(current);
            }
        }
    }
    return {(wall_ns() - begin) / static_cast<double>(size), sum};
}

registration const w7a("floor", "W7a", flood);
registration const w7b("floor", "W7b", two_threads);
registration const w8a("floor", "W8a", run_jobs<1>);
registration const w8b("floor", "W8b", run_jobs<64>);

} // namespace
} // namespace ordo_benchmark::floor
