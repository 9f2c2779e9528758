// ordo: what an event_loop cannot call does not compile.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/ordo.hpp>

#include <chrono>
#include <memory>

using ordo::coro;
using namespace std::chrono_literals;

namespace {
coro<> serve() {
    co_return;
}
void take(int) {}
} // namespace

void a_callback_is_a_coroutine(ordo::event_loop& loop) {
#ifdef CALL_SOON_OF_A_COROUTINE // a callback must not be a coroutine, nobody would await it; give it to create_task()
    loop.call_soon(serve);
#elif defined CALL_SOON_OF_A_CORO // a coro is not a callback, nobody would await it; give it to create_task()
    loop.call_soon(serve());
#elif defined CALL_SOON_IN_A_CONTEXT_OF_A_COROUTINE // a callback must not be a coroutine
    loop.call_soon(ordo::context(), serve);
#elif defined CALL_LATER_OF_A_COROUTINE             // a callback must not be a coroutine
    loop.call_later(1s, serve);
#elif defined CALL_LATER_OF_A_CORO                  // a coro is not a callback
    loop.call_later(1s, serve());
#elif defined CALL_AT_OF_A_COROUTINE                // a callback must not be a coroutine
    loop.call_at(loop.time(), serve);
#elif defined CALL_AT_OF_A_CORO                     // a coro is not a callback
    loop.call_at(loop.time(), serve());
#elif defined CALL_SOON_THREADSAFE_OF_A_COROUTINE   // a callback must not be a coroutine
    loop.call_soon_threadsafe(serve);
#elif defined CALL_SOON_THREADSAFE_OF_A_CORO        // a coro is not a callback
    loop.call_soon_threadsafe(serve());
#elif defined A_SIGNAL_HANDLER_IS_A_COROUTINE       // a callback must not be a coroutine
    loop.add_signal_handler(15, serve);
#elif defined A_SIGNAL_HANDLER_IS_A_CORO            // a coro is not a callback
    loop.add_signal_handler(15, serve());
#elif defined A_JOB_IS_A_COROUTINE // an executor runs plain functions; give a coroutine to create_task()
    static_cast<void>(loop.run_in_executor(serve));
#else
    static_cast<void>(loop.create_task(serve));
#endif
}

void the_arguments_do_not_fit(ordo::event_loop& loop) {
#ifdef CALL_SOON_WITHOUT_ITS_ARGUMENT // this callable cannot be called with these arguments
    loop.call_soon(take);
#elif defined CALL_SOON_WITH_ONE_ARGUMENT_TOO_MANY  // this callable cannot be called with these arguments
    loop.call_soon(take, 1, 2);
#elif defined CALL_SOON_WITH_ANOTHER_ARGUMENT       // this callable cannot be called with these arguments
    loop.call_soon(take, "one");
#elif defined CALL_SOON_WITH_A_COPY_FOR_A_REFERENCE // this callable cannot be called with these arguments
    int n = 0;
    loop.call_soon([](int& by_reference) { ++by_reference; }, n);
#elif defined CALL_LATER_WITHOUT_ITS_ARGUMENT       // this callable cannot be called with these arguments
    loop.call_later(1s, take);
#elif defined A_SIGNAL_HANDLER_WITHOUT_ITS_ARGUMENT // this callable cannot be called with these arguments
    loop.add_signal_handler(15, take);
#elif defined CALL_LATER_WITHOUT_A_UNIT             // std::chrono::duration<
    loop.call_later(1, take, 1);
#elif defined CALL_AT_WITHOUT_A_CLOCK               // call_at
    loop.call_at(1s, take, 1);
#else
    loop.call_soon(take, 1);
#endif
}

struct alignas(64) cache_line {};
void a_callable_with_extended_alignment(ordo::event_loop& loop) {
#ifdef A_CALLABLE_WITH_EXTENDED_ALIGNMENT // callables with extended alignment are not supported
    loop.call_soon([line = cache_line()] { static_cast<void>(line); });
#endif
    static_cast<void>(loop);
}

#ifdef A_VARIABLE_THAT_CANNOT_BE_COPIED // keep a std::shared_ptr to what cannot be copied
ordo::context_var<std::unique_ptr<int>> const variable("variable");
#else
ordo::context_var<std::shared_ptr<int>> const variable("variable");
#endif

#ifdef A_LOOP_IS_COPIED // deleted
ordo::event_loop copied(ordo::event_loop& loop) {
    return loop;
}
#endif
