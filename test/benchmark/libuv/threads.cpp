// ordo: threads in the benchmark of libuv: W7a, W7b, W8a, W8b.
// SPDX-License-Identifier: BSL-1.0
#include "../clock.hpp"
#include "../workload.hpp"
#include "loop.hpp"

#include <barrier>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace ordo_benchmark {
namespace {

/// uv_async_send() says that there is something, not what: the list and its lock are the program's own.
class flood {
public:
    explicit flood(std::size_t size, std::size_t senders) : size_(size), next_(senders) {
        uv_async_init(loop_, &wake_up_, [](uv_async_t* handle) { data_of<flood>(handle).receive(); });
        wake_up_.data = this;
    }

    outcome run() {
        pin_to(0);
        std::barrier ready(static_cast<std::ptrdiff_t>(next_.size()) + 1);
        std::vector<std::jthread> senders;
        for (std::size_t sender = 0; sender < next_.size(); ++sender)
            senders.emplace_back([&, sender] {
                pin_to(1 + sender);
                ready.arrive_and_wait();
                send(sender, size_ / next_.size() + (sender < size_ % next_.size()));
            });
        ready.arrive_and_wait();
        auto const begin = wall_ns();
        loop_.run();
        return {(wall_ns() - begin) / static_cast<double>(size_), in_order_};
    }

private:
    struct entry {
        entry* next;
        std::size_t sender;
        std::size_t number;
    };

    void send(std::size_t sender, std::size_t count) {
        for (std::size_t number = 0; number < count; ++number) {
            auto* const added = new entry{nullptr, sender, number};
            {
                std::scoped_lock const lock(mutex_);
                *tail_ = added;
                tail_ = &added->next;
            }
            uv_async_send(&wake_up_);
        }
    }

    void receive() {
        entry* arrived;
        {
            std::scoped_lock const lock(mutex_);
            arrived = std::exchange(head_, nullptr);
            tail_ = &head_;
        }
        for (; arrived; ++ran_, delete std::exchange(arrived, arrived->next))
            in_order_ += next_[arrived->sender]++ == arrived->number;
        if (ran_ == size_) uv_stop(loop_);
    }

    uv_async_t wake_up_;
    uv_loop loop_; // closes it, so it goes first
    std::mutex mutex_;
    entry* head_ = nullptr;
    entry** tail_ = &head_;
    std::size_t const size_;
    std::vector<std::size_t> next_; ///< by sender: the number of the next entry
    std::size_t ran_ = 0;
    std::uint64_t in_order_ = 0;
};

outcome flood_by_threads(std::size_t size) {
    return flood(size, option("threads", std::size_t(1))).run();
}

class two_loops {
public:
    explicit two_loops(std::size_t size) : size_(size) {
        uv_async_init(here_, &ping_, [](uv_async_t* handle) { data_of<two_loops>(handle).answered(); });
        uv_async_init(there_, &pong_, [](uv_async_t* handle) { data_of<two_loops>(handle).asked(); });
        ping_.data = pong_.data = this;
    }

    outcome run() {
        pin_to(0); // the thread inherits it
        std::jthread const thread([this] { there_.run(); });
        auto const begin = wall_ns();
        uv_async_send(&pong_);
        here_.run();
        return {(wall_ns() - begin) / static_cast<double>(size_), round_trips_};
    }

private:
    void answered() {
        if (++round_trips_ == size_) uv_stop(here_);
        last_ = round_trips_ == size_;
        uv_async_send(&pong_);
    }
    void asked() {
        if (last_) uv_stop(there_);
        else uv_async_send(&ping_);
    }

    uv_async_t ping_; ///< wakes the loop of this thread
    uv_async_t pong_; ///< wakes the other one
    uv_loop here_;    // they close them, so they go first
    uv_loop there_;
    std::size_t const size_;
    std::size_t round_trips_ = 0;
    bool last_ = false; ///< read after the wake-up that follows its writing
};

outcome two_threads_in_turn(std::size_t size) {
    return two_loops(size).run();
}

/// A number of jobs in flight, each of which is followed by another one until all have run.
class jobs {
public:
    explicit jobs(std::size_t in_flight) : requests_(in_flight) {}

    /// @returns   ns per job.
    double run(std::size_t size) {
        left_ = size;
        sum_ = 0;
        auto const begin = wall_ns();
        for (auto& request : requests_) {
            request.work.data = &request;
            request.owner = this;
            ask(request);
        }
        loop_.run();
        return (wall_ns() - begin) / static_cast<double>(size);
    }
    std::uint64_t sum() const noexcept { return sum_; }

private:
    struct request {
        uv_work_t work;
        jobs* owner;
        std::uint64_t result;
    };

    void ask(request& asked) {
        if (left_ == 0) return;
        --left_;
        auto const work = [](uv_work_t* handle) { data_of<request>(handle).result = 1; };
        auto const done = [](uv_work_t* handle, int) {
            auto& answered = data_of<request>(handle);
            answered.owner->sum_ += answered.result;
            answered.owner->ask(answered);
        };
        uv_queue_work(loop_, &asked.work, work, done);
    }

    std::vector<request> requests_;
    uv_loop loop_;
    std::size_t left_ = 0;
    std::uint64_t sum_ = 0;
};

template <std::size_t InFlight>
outcome run_jobs(std::size_t size) {
    pin_to(0);                            // the thread of the pool inherits it
    setenv("UV_THREADPOOL_SIZE", "1", 1); // read when the first job is queued
    jobs work(option("in_flight", InFlight));
    work.run(1);
    auto const value = work.run(size);
    return {value, work.sum()};
}

registration const w7a("libuv", "W7a", flood_by_threads);
registration const w7b("libuv", "W7b", two_threads_in_turn);
registration const w8a("libuv", "W8a", run_jobs<1>);
registration const w8b("libuv", "W8b", run_jobs<64>);

} // namespace
} // namespace ordo_benchmark
