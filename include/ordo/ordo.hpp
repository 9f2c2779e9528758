// ordo: all of it, floor by floor.
// SPDX-License-Identifier: BSL-1.0
#pragma once

// 0 ground
#include <ordo/awaitable.hpp>     // what can be awaited
#include <ordo/callback_info.hpp> // what hooks are told of a callback
#include <ordo/clock.hpp>         // the time of a loop
#include <ordo/config.hpp>        // version
#include <ordo/exceptions.hpp>    // cancelled_error, invalid_state_error ...
#include <ordo/fwd.hpp>           // forward declarations
#include <ordo/log.hpp>           // logger, set_logger
#include <ordo/metrics.hpp>       // loop_metrics, to_prometheus

// 1 callbacks
#include <ordo/context_var.hpp>  // context_var, context, copy_context
#include <ordo/handle.hpp>       // what call_soon returns
#include <ordo/timer_handle.hpp> // what call_later returns

// 2 loop
#include <ordo/event_loop.hpp>    // event_loop, get_running_loop
#include <ordo/loop_executor.hpp> // loop.get_executor(): Asio handlers in the ready queue
#include <ordo/loop_options.hpp>  // how a loop is made
#include <ordo/policy.hpp>        // get_event_loop, set_event_loop, new_event_loop

// 3 awaiting
#include <ordo/async_generator.hpp>   // async_generator: yields values, and awaits
#include <ordo/call_graph.hpp>        // capture_call_graph, print_call_graph, dump_on_signal: who waits for what
#include <ordo/coro.hpp>              // coro: runs when awaited
#include <ordo/exception_context.hpp> // what an exception handler is told
#include <ordo/future.hpp>            // future: one result, later
#include <ordo/loop_hooks.hpp>        // functions called as tasks come and go and callbacks run
#include <ordo/task.hpp>              // task: a coroutine that a loop runs; create_task, current_task, all_tasks

// 4 bridges
#include <ordo/asio_awaitable.hpp>           // co_await a coroutine of Asio
#include <ordo/asio_operation.hpp>           // co_await any Asio operation
#include <ordo/async_wait.hpp>               // future::async_wait: a result for a completion token of Asio
#include <ordo/concurrent_future.hpp>        // concurrent_future: one result, for any thread
#include <ordo/executor.hpp>                 // run_in_executor, to_thread, thread_pool_executor
#include <ordo/run_coroutine_threadsafe.hpp> // run a coroutine in the loop of another thread
#include <ordo/use_future.hpp>               // completion token: start any Asio operation now, for a future
#include <ordo/wrap_future.hpp>              // await a concurrent_future

// 5 composing
#include <ordo/as_completed.hpp> // tasks in the order in which they end
#include <ordo/cancellation.hpp> // with_cancellation: stricter than asyncio's
#include <ordo/cleanup.hpp>      // with_cleanup: a cleanup that may wait
#include <ordo/gather.hpp>       // gather, gather_results: all results, in the order given
#include <ordo/shield.hpp>       // wait without passing a cancellation on
#include <ordo/sleep.hpp>        // sleep, sleep_until
#include <ordo/task_group.hpp>   // with_task_group: tasks that do not outlive a body
#include <ordo/timeout.hpp>      // with_timeout: a deadline for a body
#include <ordo/wait.hpp>         // wait until some are done
#include <ordo/wait_for.hpp>     // a deadline for one awaitable

// 6 sync
#include <ordo/barrier.hpp>   // barrier: tasks wait for each other
#include <ordo/condition.hpp> // condition: tasks wait until something that a lock protects has changed
#include <ordo/event.hpp>     // event: tasks wait until it is set
#include <ordo/guard.hpp>     // guard: releases a lock or a permit where its scope ends
#include <ordo/lock.hpp>      // lock: one task holds it at a time
#include <ordo/queue.hpp>     // queue, priority_queue, lifo_queue: hand items from task to task
#include <ordo/semaphore.hpp> // semaphore, bounded_semaphore: so many tasks hold it at a time

// 7 outside; <ordo/tls.hpp> has a target of its own, ordo::tls
#include <ordo/datagram.hpp>    // create_datagram_endpoint
#include <ordo/getaddrinfo.hpp> // getaddrinfo, getnameinfo
#include <ordo/pipe.hpp>        // pipe_reader, pipe_writer
#include <ordo/server.hpp>      // start_server: a task for each connection
#include <ordo/stream.hpp>      // open_connection, stream_reader, stream_writer
#include <ordo/subprocess.hpp>  // create_subprocess_exec, create_subprocess_shell, process

// 8 entry; <ordo/inspector.hpp> has a target of its own, ordo::inspector
#include <ordo/drain.hpp>      // event_loop::drain: the end of a loop that its host goes on without
#include <ordo/guest_mode.hpp> // a loop on an event loop that is not Asio's
#include <ordo/loop_pool.hpp>  // loops on several threads
#include <ordo/runner.hpp>     // run, runner
#include <ordo/spawn.hpp>      // start a coroutine from Asio code, for any completion token
