// ordo: closures that g++ 12 would destroy twice. Other compilers are right, and silent.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/ordo.hpp>

#include <functional>
#include <memory>

using ordo::coro;
using ordo::get_running_loop;

coro<> jobs(ordo::executor& on, std::shared_ptr<int> n) {
#ifdef A_TEMPORARY_CLOSURE_AS_A_JOB // name it first
    co_await get_running_loop().run_in_executor([n] { ++*n; });
#elif defined A_TEMPORARY_CLOSURE_FOR_AN_EXECUTOR  // name it first
    co_await get_running_loop().run_in_executor(on, [n] { ++*n; });
#elif defined A_TEMPORARY_CLOSURE_FOR_A_THREAD     // name it first
    co_await ordo::to_thread([n] { ++*n; });
#elif defined A_TEMPORARY_FUNCTION_OBJECT_AS_A_JOB // name it first
    co_await get_running_loop().run_in_executor(std::function<void()>([n] { ++*n; }));
#else
    auto job = [n] { ++*n; };
    co_await get_running_loop().run_in_executor(job);
    co_await get_running_loop().run_in_executor(on, job);
    co_await ordo::to_thread(job);
    co_await ordo::to_thread([raw = n.get()] { ++*raw; }); // its destructor is trivial
#endif
}

coro<> tasks(std::shared_ptr<int> n) {
#ifdef A_TEMPORARY_CLOSURE_AS_A_TASK // name it first
    co_await ordo::create_task([n]() -> coro<> {
        ++*n;
        co_return;
    });
#elif defined A_TEMPORARY_CLOSURE_AS_A_TASK_OF_A_LOOP // name it first
    co_await get_running_loop().create_task([n]() -> coro<> {
        ++*n;
        co_return;
    });
#else
    auto body = [n]() -> coro<> {
        ++*n;
        co_return;
    };
    co_await ordo::create_task(body);
    ordo::task_options const options{.name = "named"};
    co_await get_running_loop().create_task(body, options);
#endif
}
