// ordo: the threads of a loop_pool.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/loop_pool.hpp>

#include <ordo/exceptions.hpp>
#include <ordo/log.hpp>
#include <ordo/runner.hpp>

#include <algorithm>
#include <atomic>
#include <latch>
#include <mutex>
#include <optional>
#include <spdlog/spdlog.h>
#include <thread>
#include <utility>
#include <vector>

namespace ordo {

class loop_pool::implementation {
public:
    implementation(std::size_t threads, loop_options const& options) : options_(options), members_(threads) {
        try {
            for (std::size_t i = 0; i < threads; ++i) {
                std::latch ready(1);
                members_[i].thread = std::thread([this, i, &ready] { serve(i, ready); });
                ready.wait();
                if (failure_) std::rethrow_exception(failure_);
            }
        } catch (...) {
            stop();
            wait();
            throw;
        }
    }
    implementation(implementation const&) = delete;
    implementation& operator=(implementation const&) = delete;

    ~implementation() {
        stop();
        wait();
        if (failure_) log_failure();
    }

    std::size_t size() const noexcept { return members_.size(); }
    event_loop& loop(std::size_t index) { return *members_.at(index).loop; }
    event_loop& pick() noexcept {
        return *members_[next_.fetch_add(1, std::memory_order_relaxed) % members_.size()].loop;
    }

    void start(main_function main) {
        if (!main) throw usage_error("loop_pool::start: the function is empty; pass a real one");
        {
            std::lock_guard lock(mutex_);
            if (main_ || stopped_)
                throw usage_error(std::string("loop_pool::start: ") +
                                  (stopped_ ? "the pool was stopped; make another" : "it was called before"));
            main_ = std::move(main);
        }
        for (auto& each : members_)
            tell(each, [&each] {
                if (each.begin && !each.begin.done()) each.begin.set_result();
            });
    }

    void stop() noexcept {
        {
            std::lock_guard lock(mutex_);
            stopped_ = true;
        }
        for (auto& each : members_)
            if (each.loop)
                tell(each, [&each] {
                    if (each.running) each.running.cancel();
                });
    }

    void join() {
        for (auto const& each : members_)
            if (each.thread.get_id() == std::this_thread::get_id())
                throw usage_error("loop_pool::join: called on a thread of the pool, which would wait for itself");
        wait();
        if (auto const failure = std::exchange(failure_, nullptr)) std::rethrow_exception(failure);
    }

private:
    struct member {
        std::optional<runner> own;
        event_loop* loop = nullptr; ///< set before the constructor is over
        future<> begin;
        any_task running; ///< what its thread runs
        std::thread thread;
    };

    /// Unless its loop has ended.
    template <class F>
    void tell(member& one, F&& what) noexcept {
        try {
            one.loop->call_soon_threadsafe(std::forward<F>(what));
        } catch (loop_closed_error const&) {
        } catch (...) {
            logger()->error("loop_pool: a loop cannot be reached, there is no memory");
        }
    }

    void serve(std::size_t index, std::latch& ready) noexcept {
        auto& self = members_[index];
        bool counted = false;
        try {
            self.own.emplace(options_);
            self.loop = &self.own->get_loop();
            self.begin = self.loop->create_future<>();
            auto const main = [this, index, &ready, &counted]() -> coro<> {
                members_[index].running = *current_task();
                counted = true;
                ready.count_down();
                co_await members_[index].begin;
                co_await main_(index);
            };
            self.own->run(main);
        } catch (cancelled_error const&) {
            // by stop()
        } catch (...) {
            fail(std::current_exception());
        }
        end(self);
        if (!counted) ready.count_down();
    }

    void fail(std::exception_ptr error) noexcept {
        {
            std::lock_guard lock(mutex_);
            if (!failure_) failure_ = std::move(error);
        }
    }

    /// The handles go before the loop, which stays: others may be about to pick it, and find it closed.
    void end(member& one) noexcept {
        one.running = {};
        one.begin = {};
        try {
            if (one.own) one.own->close();
        } catch (...) {
            fail(std::current_exception());
        }
        bool failed = false;
        {
            std::lock_guard lock(mutex_);
            failed = failure_ != nullptr;
        }
        if (failed) stop();
    }

    void wait() noexcept {
        for (auto& each : members_)
            if (each.thread.joinable()) each.thread.join();
    }

    void log_failure() noexcept {
        try {
            std::rethrow_exception(failure_);
        } catch (std::exception const& e) {
            logger()->error("loop_pool: a main has failed, and nobody has called join(): {}", e.what());
        } catch (...) {
            logger()->error("loop_pool: a main has failed, and nobody has called join()");
        }
    }

    loop_options const options_;
    std::vector<member> members_;
    std::atomic<std::size_t> next_{0};
    std::mutex mutex_;
    main_function main_;         ///< set once, before `begin` of anybody is
    bool stopped_ = false;       ///< guarded by mutex_
    std::exception_ptr failure_; ///< the first; guarded by mutex_ while there are threads
};

loop_pool::loop_pool() : loop_pool(std::max(1u, std::thread::hardware_concurrency())) {}

loop_pool::loop_pool(std::size_t threads, loop_options options) {
    if (threads == 0) throw usage_error("loop_pool: 0 threads run nothing; give at least 1");
    implementation_ = std::make_unique<implementation>(threads, options);
}

loop_pool::~loop_pool() = default;

std::size_t loop_pool::size() const noexcept {
    return implementation_->size();
}

event_loop& loop_pool::loop(std::size_t index) {
    return implementation_->loop(index);
}

event_loop& loop_pool::pick() noexcept {
    return implementation_->pick();
}

void loop_pool::start(main_function main) {
    implementation_->start(std::move(main));
}

void loop_pool::stop() noexcept {
    implementation_->stop();
}

void loop_pool::join() {
    implementation_->join();
}

} // namespace ordo
