// ordo: queue, through which tasks hand items to each other, and two that differ in what comes next.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/queue_base.hpp>
#include <ordo/detail/queue_items.hpp>

#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>

namespace ordo {
namespace detail {

template <class Queue>
class put_awaiter final : public queue_waiter {
public:
    put_awaiter(Queue& queue, typename Queue::value_type&& item)
        : queue_waiter(queue, purpose::put), item_(std::move(item)) {}

    void await_resume() {
        end_wait();
        try {
            static_cast<Queue&>(queue()).put_nowait(std::move(item_));
        } catch (...) {
            hand_on();
            throw;
        }
    }

private:
    typename Queue::value_type item_;
};

template <class Queue>
class get_awaiter final : public queue_waiter {
public:
    explicit get_awaiter(Queue& queue) noexcept : queue_waiter(queue, purpose::get) {}

    typename Queue::value_type await_resume() {
        end_wait();
        try {
            return static_cast<Queue&>(queue()).get_nowait();
        } catch (...) {
            hand_on();
            throw;
        }
    }
};

template <class Queue>
struct put_request {
    put_request(Queue& into, typename Queue::value_type&& what) : queue(into), item(std::move(what)) {}

    Queue& queue;
    typename Queue::value_type item;
};
template <class Queue>
struct get_request {
    Queue& queue;
};

template <class Queue>
struct awaiter_of<put_request<Queue>> {
    static constexpr bool awaitable = true;
    static put_awaiter<Queue> make(put_request<Queue>&& request) {
        return put_awaiter<Queue>(request.queue, std::move(request.item));
    }
};
template <class Queue>
struct awaiter_of<get_request<Queue>> {
    static constexpr bool awaitable = true;
    static get_awaiter<Queue> make(get_request<Queue> request) noexcept { return get_awaiter<Queue>(request.queue); }
};

} // namespace detail

/// Hands items from tasks that put them to tasks that get them, first in, first out, and knows when all work is done.
///
/// @code
/// ordo::queue<std::string> pages(10);
/// auto fetch_all = [&]() -> ordo::coro<> {
///     for (;;) {
///         auto page = co_await pages.get();
///         std::cout << page.size();
///         pages.task_done();
///     }
/// };
/// auto const worker = loop.create_task(fetch_all);
/// auto feed = [&]() -> ordo::coro<> {
///     co_await pages.put(url);
///     co_await pages.join();
///     worker.cancel();
/// };
/// auto const feeder = loop.create_task(feed);
/// @endcode
///
/// An item is not reserved for the task that it wakes: who comes before that goes on may get it, and then the task waits
/// on, at the end of the line.
///
/// @tparam T            May be move-only.
/// @tparam Items        Where the items are kept, and in which order they come out; not for users.
/// @par Ownership       Must outlive the tasks that use it. If it is destroyed while tasks wait for it, an error is logged,
///                      and they are not woken any more.
/// @par Thread safety   The loop's thread only, and the tasks of one loop at a time.
/// @par Source          asyncio.Queue, as of Python 3.13.
template <class T, class Items>
class queue : protected detail::queue_base {
    static_assert(!std::is_reference_v<T>, "ordo: a queue holds values; put pointers into it instead of references");

public:
    using value_type = T;

    /// @param maxsize   How many items it holds at most; 0: any number.
    explicit queue(std::size_t maxsize = 0) : queue(maxsize, Items()) {}

    /// Wait until there is room, and put an item in: `co_await pages.put(page)`. If there is room, at once.
    ///
    /// @throws queue_shut_down   if the queue is shut down, before or meanwhile.
    /// @throws usage_error       if tasks of another loop wait for room.
    /// @par Cancellation         The task goes on in the next iteration, with a cancelled_error; the item is destroyed.
    [[nodiscard("ordo: put() does nothing until it is awaited")]] detail::put_request<queue> put(T item) {
        return {*this, std::move(item)};
    }

    /// Wait until there is an item, and take it out: `auto page = co_await pages.get()`. If there is one, at once.
    ///
    /// @throws queue_shut_down   if the queue is empty and shut down, before or meanwhile.
    /// @throws usage_error       if tasks of another loop wait for items.
    /// @par Cancellation         The task goes on in the next iteration, with a cancelled_error. No item is lost.
    [[nodiscard("ordo: get() does nothing until it is awaited")]] detail::get_request<queue> get() noexcept {
        return {*this};
    }

    /// Put an item in, without waiting.
    ///
    /// @throws queue_full, queue_shut_down
    void put_nowait(T item) {
        check_put();
        items_.make_room();
        begin_put();
        items_.push(std::move(item));
        end_put();
    }

    /// Take an item out, without waiting.
    ///
    /// @throws queue_empty
    /// @throws queue_shut_down   if it is empty and shut down.
    T get_nowait() {
        begin_get();
        T item = items_.pop();
        end_get();
        return item;
    }

    /// The work on an item that was taken out is done. Once that is said of each that was ever put, join() goes on.
    ///
    /// @throws value_error   if it is said more often than items were put.
    void task_done() { finish_one(); }

    /// Wait until task_done() was called for each item: `co_await pages.join()`. If it was, at once.
    ///
    /// @throws usage_error   if tasks of another loop wait for it.
    /// @par Cancellation     The task goes on in the next iteration, with a cancelled_error.
    [[nodiscard("ordo: join() does nothing until it is awaited")]] detail::wait_request join() noexcept {
        return {joiners_, &finished_};
    }

    /// Take no more items. What is there can still be taken out; then, and for whoever wants to put something, there is
    /// queue_shut_down. Tasks that wait are woken to find out.
    ///
    /// @param immediate   Drop what is there, as if it were taken out and done.
    void shutdown(bool immediate = false) {
        Items dropped = items_.none(); // destroyed last, because that may run anything
        shut_down(immediate);
        if (immediate) items_.swap(dropped);
    }

    /// How many items there are.
    std::size_t qsize() const noexcept { return size_; }
    /// How many there may be; 0: any number.
    std::size_t maxsize() const noexcept { return maxsize_; }
    bool empty() const noexcept { return is_empty(); }
    /// Whether there are as many as there may be.
    bool full() const noexcept { return is_full(); }

protected:
    queue(std::size_t maxsize, Items items) noexcept : queue_base(maxsize), items_(std::move(items)) {}

private:
    template <class Queue>
    friend class detail::put_awaiter;
    template <class Queue>
    friend class detail::get_awaiter;

    Items items_;
};

/// A queue from which the smallest item comes first; among equal ones, the one that was put first.
///
/// @tparam T         To move it must not throw.
/// @tparam Compare   Whether an item comes before another; it must not throw.
/// @par Source       asyncio.PriorityQueue, which gives equal items in no certain order.
template <class T, class Compare = std::less<T>>
class priority_queue : public queue<T, detail::sorted_items<T, Compare>> {
public:
    /// @param maxsize   How many items it holds at most; 0: any number.
    explicit priority_queue(std::size_t maxsize = 0, Compare compare = {})
        : queue<T, detail::sorted_items<T, Compare>>(maxsize, detail::sorted_items<T, Compare>(std::move(compare))) {}
};

/// A queue from which the item comes first that was put last.
///
/// @par Source   asyncio.LifoQueue.
template <class T>
class lifo_queue : public queue<T, detail::lifo_items<T>> {
public:
    using queue<T, detail::lifo_items<T>>::queue;
};

} // namespace ordo
