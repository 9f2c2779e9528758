// ordo: what event_loop.hpp declares and another header defines does not compile without that one.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/event_loop.hpp>

#if defined CREATE_FUTURE_WITHOUT_ITS_HEADER               // undefined template | incomplete type
#elif defined RUN_IN_EXECUTOR_WITHOUT_ITS_HEADER           // undefined template | incomplete type
#elif defined SHUTDOWN_DEFAULT_EXECUTOR_WITHOUT_ITS_HEADER // undefined template | incomplete type
#else
#include <ordo/coro.hpp>
#include <ordo/executor.hpp>
#include <ordo/future.hpp>
#endif

void use(ordo::event_loop& loop) {
#if !defined RUN_IN_EXECUTOR_WITHOUT_ITS_HEADER && !defined SHUTDOWN_DEFAULT_EXECUTOR_WITHOUT_ITS_HEADER
    static_cast<void>(loop.create_future<int>());
#endif
#if !defined CREATE_FUTURE_WITHOUT_ITS_HEADER && !defined SHUTDOWN_DEFAULT_EXECUTOR_WITHOUT_ITS_HEADER
    static_cast<void>(loop.run_in_executor([] { return 1; }));
#endif
#if !defined CREATE_FUTURE_WITHOUT_ITS_HEADER && !defined RUN_IN_EXECUTOR_WITHOUT_ITS_HEADER
    static_cast<void>(loop.shutdown_default_executor());
#endif
}
