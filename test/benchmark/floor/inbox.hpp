// ordo: the floor of the benchmark: how other threads hand nodes to a thread that sleeps in epoll.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "queue.hpp"

#include <atomic>
#include <cstdint>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

namespace ordo_benchmark::floor {

/// A file descriptor of our own.
class descriptor {
public:
    explicit descriptor(int opened) : number_(opened) {
        if (opened < 0) throw std::system_error(errno, std::generic_category(), "cannot open a descriptor");
    }
    descriptor(descriptor const&) = delete;
    descriptor& operator=(descriptor const&) = delete;
    ~descriptor() { ::close(number_); }

    int number() const noexcept { return number_; }

private:
    int number_;
};

/// A stack of nodes and an event that wakes: whoever finds the stack empty wakes the owner, once for a burst.
class inbox {
public:
    inbox() {
        // Edge-triggered, so that nobody has to read the event.
        epoll_event interest{.events = EPOLLIN | EPOLLET, .data = {}};
        epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, event_.number(), &interest);
    }

    /// Any thread.
    void push(node* pushed) noexcept { push(pushed, pushed); }
    /// Several at once, a chain whose last one was the first to be ready.
    void push(node* newest, node* oldest) noexcept {
        auto* top = top_.load(std::memory_order_relaxed);
        do oldest->next = top;
        while (!top_.compare_exchange_weak(top, newest, std::memory_order_release, std::memory_order_relaxed));
        if (!top) wake();
    }

    /// The owner: all that has arrived, in the order of its arrival; waits until there is something.
    node* wait() noexcept {
        for (;;) {
            if (auto* const all = take()) return all;
            epoll_event event;
            epoll_wait(epoll_.number(), &event, 1, -1);
        }
    }

private:
    node* take() noexcept {
        auto* next = top_.exchange(nullptr, std::memory_order_acquire);
        node* reversed = nullptr;
        while (next) {
            auto* const current = next;
            next = next->next;
            current->next = reversed;
            reversed = current;
        }
        return reversed;
    }

    void wake() noexcept {
        std::uint64_t const one = 1;
        [[maybe_unused]] auto const written = ::write(event_.number(), &one, sizeof one);
    }

    descriptor event_{eventfd(0, EFD_NONBLOCK)};
    descriptor epoll_{epoll_create1(0)};
    std::atomic<node*> top_{nullptr};
};

} // namespace ordo_benchmark::floor
