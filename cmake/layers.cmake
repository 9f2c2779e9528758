# ordo: the floors of the house, from the ground up, and the files that may name Asio.
# SPDX-License-Identifier: BSL-1.0
#
# A name stands for include/ordo/<name>.hpp, src/<name>.hpp and src/<name>.cpp. A file may include what stands on a
# lower floor. On its own floor a header may include what stands to its left (so there is no cycle), a .cpp anything.
# <name>.cpp stands for that file alone, where it defines what a header on a lower floor declares.
# cmake/check_layers.cmake, which CTest runs as `layers`, compares this with the #includes.
set(ORDO_FLOORS ground callbacks loop awaiting bridges composing sync outside entry testing)

set(ORDO_FLOOR_ground config fwd exceptions log clock callback_info metrics awaitable
    detail/constants detail/scope_exit detail/result detail/recycling detail/thread_state detail/temporary_closure
    detail/environment detail/seconds detail/until_there_is_memory)
set(ORDO_FLOOR_callbacks detail/context_data context_var detail/ready_queue detail/arrival_watch detail/task_source detail/callback detail/loop_core
    handle timer_handle loop_options)
set(ORDO_FLOOR_loop event_loop policy detail/coarse_clock detail/scheduled_queue detail/reports
    detail/idle_watch detail/pump detail/pump_handlers detail/pump_slice detail/loop_probe detail/host_watch detail/loop_state loop_executor)
set(ORDO_FLOOR_awaiting detail/promise_base detail/future_base detail/task_base coro future task
    detail/generator_base async_generator exception_context loop_hooks detail/json call_graph detail/reports.cpp)
set(ORDO_FLOOR_bridges detail/executor_job detail/job_call executor metrics.cpp detail/concurrent_base concurrent_future
    detail/future_chain run_coroutine_threadsafe wrap_future detail/home_executor detail/operation_result asio_operation use_future asio_awaitable
    detail/delivery async_wait detail/closing)
set(ORDO_FLOOR_composing sleep detail/combinator detail/as_future shield wait gather detail/generator_shutdown as_completed
    detail/body timeout wait_for detail/group_base task_group cleanup cancellation)
set(ORDO_FLOOR_sync detail/waiter_queue event guard lock condition semaphore
    barrier detail/queue_base detail/queue_items queue)
set(ORDO_FLOOR_outside descriptor signal
    detail/throw_system_error detail/transport detail/socket_transport detail/byte_queue detail/stream_core detail/stream_ref detail/connecting stream
    server detail/server_core detail/open_ends detail/tls_transport tls
    detail/loop_resource detail/unique_descriptor pipe detail/pipe_access
    subprocess detail/spawn_child detail/child socket_address detail/native_address getaddrinfo detail/resolve datagram)
set(ORDO_FLOOR_entry inspector/page inspector/history inspector/state inspector guest_mode detail/leftovers drain runner detail/hosted_run spawn loop_pool ordo)
set(ORDO_FLOOR_testing testing/virtual_clock testing/stepping testing/wait_all_tasks_blocked testing/sequencer
    testing/memory_stream testing/seconds testing/order_recorder testing/failing_heap
    testing/run_test_case testing/trial testing/test_case testing/inject_cancellation testing/inject_failures
    testing/schedule testing/explore)

# Everything else sees of Asio what these files show of it. Paths from the top of the project.
set(ORDO_ASIO_FILES
    include/ordo/fwd.hpp
    include/ordo/event_loop.hpp src/event_loop.cpp
    include/ordo/loop_executor.hpp
    src/detail/pump.hpp src/detail/pump.cpp src/detail/host_watch.hpp src/detail/host_watch.cpp
    include/ordo/executor.hpp src/executor.cpp
    include/ordo/detail/home_executor.hpp include/ordo/detail/loop_core.hpp
    include/ordo/asio_operation.hpp src/asio_operation.cpp
    include/ordo/use_future.hpp include/ordo/asio_awaitable.hpp
    include/ordo/detail/delivery.hpp src/detail/delivery.cpp include/ordo/async_wait.hpp
    include/ordo/spawn.hpp include/ordo/detail/hosted_run.hpp src/detail/hosted_run.cpp
    include/ordo/drain.hpp src/drain.cpp include/ordo/guest_mode.hpp src/guest_mode.cpp
    src/descriptor.cpp src/signal.cpp
    src/detail/socket_transport.hpp src/detail/socket_transport.cpp src/detail/stream_core.cpp
    src/detail/connecting.hpp src/detail/connecting.cpp src/detail/server_core.hpp src/detail/server_core.cpp
    src/detail/tls_transport.cpp include/ordo/tls.hpp src/tls.cpp
    src/detail/loop_resource.hpp src/pipe.cpp src/detail/child.hpp src/detail/child.cpp
    src/getaddrinfo.cpp src/datagram.cpp
    src/runner.cpp
    src/inspector.cpp
    include/ordo/testing/memory_stream.hpp src/testing/memory_stream.cpp)
