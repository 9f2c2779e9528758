// ordo: misuses of gather(), wait(), timeouts, groups and the like that do not compile.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/ordo.hpp>

#include <memory>
#include <utility>
#include <vector>

using ordo::coro;
using ordo::create_task;
using namespace std::chrono_literals;

coro<int> answer() {
    co_return 42;
}
coro<std::unique_ptr<int>> pointer() {
    co_return std::make_unique<int>(42);
}
int plain() {
    return 42;
}
std::vector<coro<int>> coroutines() {
    std::vector<coro<int>> made;
    made.push_back(answer());
    return made;
}

coro<> gathering() {
    auto const task = create_task(pointer());
    auto one = answer();
    auto many = coroutines();
    std::vector<int> const numbers{1};
#ifdef GATHER_OF_A_NUMBER // ordo: this cannot be awaited here
    co_await ordo::gather(1);
#elif defined GATHER_OF_A_NUMBER_AMONG_OTHERS      // ordo: this cannot be awaited here
    co_await ordo::gather(answer(), 1);
#elif defined GATHER_OF_NUMBERS                    // ordo: this cannot be awaited here
    co_await ordo::gather(numbers);
#elif defined GATHER_OF_AN_LVALUE_CORO             // ordo: a coro is awaited once, as an rvalue
    co_await ordo::gather(one);
#elif defined GATHER_OF_AN_LVALUE_VECTOR_OF_COROS  // ordo: gather() makes tasks of these, so it must own them
    co_await ordo::gather(many);
#elif defined GATHER_OF_A_MOVE_ONLY_RESULT         // ordo: the result of a future that is an lvalue is copied
    co_await ordo::gather(task);
#elif defined GATHER_RESULTS_OF_A_NUMBER           // ordo: this cannot be awaited here
    co_await ordo::gather_results(1);
#elif defined GATHER_RESULTS_OF_A_MOVE_ONLY_RESULT // ordo: the result of a future that is an lvalue is copied
    co_await ordo::gather_results(task);
#else
    co_await ordo::gather(task.get_loop().create_future<int>(), std::move(one), answer());
    co_await ordo::gather(std::move(many));
    static_cast<void>(numbers);
#endif
}

coro<> waiting() {
    auto of_coroutines = coroutines();
    std::vector const tasks{create_task(answer())};
    auto one = answer();
#ifdef WAIT_FOR_COROUTINES // ordo: wait() takes a std::vector of futures or tasks
    co_await ordo::wait(std::move(of_coroutines));
#elif defined WAIT_FOR_AN_LVALUE_OF_COROUTINES // ordo: wait() takes a std::vector of futures or tasks
    co_await ordo::wait(of_coroutines, 1s);
#elif defined WAIT_FOR_ONE_TASK                // ordo: wait() takes a std::vector of futures or tasks
    co_await ordo::wait(tasks[0]);
#elif defined AS_COMPLETED_OF_AN_LVALUE        // ordo: as_completed() makes tasks of these, so it must own them
    co_await ordo::as_completed(of_coroutines).next();
#elif defined AS_COMPLETED_OF_ONE_TASK         // ordo: as_completed() takes a range
    co_await ordo::as_completed(tasks[0]).next();
#elif defined SHIELD_OF_A_NUMBER               // ordo: this cannot be awaited here
    co_await ordo::shield(1);
#elif defined SHIELD_OF_AN_LVALUE_CORO         // ordo: a coro is awaited once, as an rvalue
    co_await ordo::shield(one);
#elif defined WAIT_FOR_A_NUMBER                // ordo: this cannot be awaited here
    co_await ordo::wait_for(1, 1s);
#elif defined WAIT_FOR_AN_LVALUE_CORO          // ordo: a coro is awaited once, as an rvalue
    co_await ordo::wait_for(one, 1s);
#else
    co_await ordo::wait(tasks, 1s);
    co_await ordo::as_completed(std::move(of_coroutines)).next();
    co_await ordo::shield(tasks[0]);
    co_await ordo::wait_for(std::move(one), 1s);
#endif
}

coro<> bodies() {
    auto body = []() -> coro<> { co_return; };
    ordo::timeout limit(1s);
    ordo::task_group group;
    auto const when = ordo::get_running_loop().time();
#ifdef A_TIMEOUT_FOR_A_PLAIN_FUNCTION // ordo: the body of with_timeout() is a coroutine function
    co_await ordo::with_timeout(1s, plain);
#elif defined A_TIMEOUT_FOR_A_COROUTINE          // ordo: the body of with_timeout() is a coroutine function
    co_await ordo::with_timeout(1s, answer());
#elif defined A_TIMEOUT_OBJECT_FOR_A_COROUTINE   // ordo: the body of with_timeout() is a coroutine function
    co_await ordo::with_timeout(limit, answer());
#elif defined A_DEADLINE_FOR_A_COROUTINE         // ordo: the body of with_timeout_at() is a coroutine function
    co_await ordo::with_timeout_at(when, answer());
#elif defined A_GROUP_FOR_A_PLAIN_FUNCTION       // ordo: the body of with_task_group() is a coroutine function
    co_await ordo::with_task_group(plain);
#elif defined A_GROUP_FOR_A_COROUTINE            // ordo: the body of with_task_group() is a coroutine function
    co_await ordo::with_task_group(group, answer());
#elif defined A_GROUP_FOR_A_BODY_OF_A_COPY       // ordo: the body of with_task_group() is a coroutine function
    co_await ordo::with_task_group([](ordo::task_group) -> coro<> { co_return; });
#elif defined A_CLEANUP_OF_A_PLAIN_FUNCTION      // ordo: the body of with_cleanup() is a coroutine function
    co_await ordo::with_cleanup(plain, body);
#elif defined A_CLEANUP_BY_A_PLAIN_FUNCTION      // ordo: the cleanup of with_cleanup() is a coroutine function
    co_await ordo::with_cleanup(body, plain);
#elif defined A_CANCELLATION_OF_A_PLAIN_FUNCTION // ordo: the body of with_cancellation() is a coroutine function
    co_await ordo::with_cancellation(ordo::cancellation::level_triggered, plain);
#else
    co_await ordo::with_timeout(1s, body);
    co_await ordo::with_timeout(limit, body);
    co_await ordo::with_timeout_at(when, body);
    co_await ordo::with_task_group(body);
    co_await ordo::with_task_group(group, body);
    co_await ordo::with_cleanup(body, body);
    co_await ordo::with_cancellation(ordo::cancellation::level_triggered, body);
#endif
}

coro<> starting(ordo::task_group& group) {
    auto starts = [](ordo::task_status<int> status) -> coro<> {
        status.started(1);
        co_return;
    };
#ifdef A_START_WITHOUT_A_STATUS // ordo: start<T>() takes a coroutine function of a task_status<T>
    co_await group.start<int>(answer);
#elif defined A_START_WITH_ANOTHER_STATUS // ordo: start<T>() takes a coroutine function of a task_status<T>
    co_await group.start(starts);
#elif defined A_START_OF_A_PLAIN_FUNCTION // ordo: start<T>() takes a coroutine function of a task_status<T>
    co_await group.start<int>([](ordo::task_status<int>) {});
#else
    co_await group.start<int>(starts);
#endif
}
