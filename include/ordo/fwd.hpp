// ordo: forward declarations of every public type.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

namespace boost::asio {
class any_io_executor;
class execution_context;
class io_context;
} // namespace boost::asio

namespace ordo {

struct callback_info;
enum class callback_kind : std::uint8_t;
struct queued_callbacks;
class clock;
class context;
template <class T>
class context_var;
class handle;
class timer_handle;
class event_loop;
struct exception_context;
class loop_executor;
struct loop_hooks;
struct loop_metrics;
struct loop_options;
struct task_options;

template <class T = void>
class coro;
class any_future;
template <class T = void>
class future;
template <class T, class Sent = void>
class async_generator;
class any_task;
template <class T = void>
class task;

template <class T = void>
class concurrent_future;

class event;
template <class Lockable>
class guard;
class lock;
class condition;
class semaphore;
class bounded_semaphore;
class barrier;
namespace detail {
template <class T>
class fifo_items;
}
template <class T, class Items = detail::fifo_items<T>>
class queue;
template <class T, class Compare>
class priority_queue;
template <class T>
class lifo_queue;

class executor;
class thread_pool_executor;

template <class Future>
class completion_iterator;
class timeout;
class task_group;
template <class T>
class task_status;

class stream_reader;
class stream_writer;
class server;
class pipe_reader;
class pipe_writer;
class process;
class datagram_endpoint;

class runner;

} // namespace ordo
