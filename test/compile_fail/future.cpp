// ordo: misuses of future and task that do not compile.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/ordo.hpp>

#include <string>

using ordo::coro;

coro<int> answer() {
    co_return 42;
}

void a_future_is_dropped(ordo::event_loop& loop) {
#ifdef A_FUTURE_IS_DROPPED // unused-result
    loop.create_future<int>();
#elif defined A_JOB_IS_DROPPED // unused-result
    loop.run_in_executor([] { return 1; });
#endif
    static_cast<void>(loop);
}

void a_result_of_another_type(ordo::future<int> const& f) {
#ifdef A_RESULT_OF_ANOTHER_TYPE // set_result
    f.set_result("one");
#elif defined A_RESULT_IS_MISSING // set_result
    f.set_result();
#else
    f.set_result(1);
#endif
}

void a_result_for_a_void_future(ordo::future<> const& f) {
#ifdef A_RESULT_FOR_A_VOID_FUTURE // set_result
    f.set_result(1);
#else
    f.set_result();
#endif
}

void a_result_for_a_task(ordo::task<int> const& t) {
#ifdef A_RESULT_FOR_A_TASK // a task completes itself; return from its coroutine
    t.set_result(1);
#elif defined AN_EXCEPTION_FOR_A_TASK // a task completes itself; throw from its coroutine, or cancel() it
    t.set_exception(std::runtime_error("e"));
#else
    t.cancel();
#endif
}

void a_reference_to_a_temporary(ordo::future<std::string const&> const& f, std::string const& text) {
#ifdef A_FUTURE_REFERS_TO_A_TEMPORARY // the result of this future is a reference, and this is a temporary
    f.set_result(text + "b");
#elif defined A_FUTURE_REFERS_TO_A_CONVERTED_TEMPORARY // the result of this future is a reference, and this is a temporary
    f.set_result("b");
#else
    f.set_result(text);
#endif
}

void the_result_of_a_void_future_is_used(ordo::future<> const& f) {
#ifdef THE_RESULT_OF_A_VOID_FUTURE_IS_USED // void
    int const result = f.result();
#else
    f.result();
#endif
}

void a_result_is_changed_through_the_future(ordo::future<std::string> const& f) {
#ifdef A_RESULT_IS_CHANGED_THROUGH_THE_FUTURE // const
    f.result().clear();
#endif
    static_cast<void>(f);
}

void a_done_callback(ordo::future<int> const& f) {
#ifdef A_DONE_CALLBACK_TAKES_THE_RESULT // a done callback is called as f(future) or f()
    f.add_done_callback([](std::string const&) {});
#elif defined A_DONE_CALLBACK_TAKES_TWO      // a done callback is called as f(future) or f()
    f.add_done_callback([](ordo::future<int>, int) {});
#elif defined A_DONE_CALLBACK_IS_A_COROUTINE // a callback must not be a coroutine, nobody would await it
    f.add_done_callback([](ordo::future<int>) -> coro<> { co_return; });
#elif defined A_DONE_CALLBACK_WITHOUT_ARGUMENTS_IS_A_COROUTINE // a callback must not be a coroutine
    f.add_done_callback(answer);
#elif defined A_DONE_CALLBACK_IS_A_CORO                        // a coro is not a callback, nobody would await it
    f.add_done_callback(answer());
#else
    f.add_done_callback([](ordo::future<int>) {});
    f.add_done_callback([] {});
#endif
}

struct alignas(64) cache_line {};
void extended(ordo::event_loop& loop) {
#ifdef A_FUTURE_HAS_EXTENDED_ALIGNMENT // results with extended alignment are not supported
    static_cast<void>(loop.create_future<cache_line>());
#endif
    static_cast<void>(loop);
}

void a_task_of_what_is_no_coroutine(ordo::event_loop& loop) {
#ifdef A_TASK_OF_A_PLAIN_FUNCTION // create_task
    static_cast<void>(loop.create_task([] { return 1; }));
#elif defined A_TASK_OF_AN_LVALUE                 // deleted
    auto c = answer();
    static_cast<void>(loop.create_task(c));
#elif defined A_TASK_OF_A_FUNCTION_WITH_ARGUMENTS // create_task
    static_cast<void>(loop.create_task([](int n) -> coro<int> { co_return n; }, 1));
#else
    static_cast<void>(loop.create_task([]() -> coro<int> { co_return 1; }));
#endif
}

int a_main_that_is_no_coroutine() {
#ifdef A_MAIN_THAT_IS_NO_COROUTINE // run
    return ordo::run([] { return 1; });
#else
    return ordo::run(answer);
#endif
}
