// ordo: virtual_time_test, an hour's test in a millisecond: nobody waits. (asyncio has no such clock.)
// SPDX-License-Identifier: BSL-1.0
//
// Output:
//   attempt 1
//   attempt 2
//   attempt 3
//   test passed: 3600 s of virtual time
//   test failed: the test left something behind:
#include <ordo/ordo.hpp>
#include <ordo/testing/run_test_case.hpp>

#include <chrono>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>

using namespace std::chrono_literals;

namespace {

// What is tested: it tries again every half hour.
ordo::coro<std::string> fetch_at_last(std::function<ordo::coro<std::string>()> fetch) {
    for (;;) {
        auto const page = co_await fetch();
        if (!page.empty()) co_return page;
        co_await ordo::sleep(30min);
    }
}

ordo::coro<> succeeds_with_the_third_attempt() {
    int attempts = 0;
    auto const fetch = [&]() -> ordo::coro<std::string> {
        std::cout << "attempt " << ++attempts << '\n';
        co_return attempts < 3 ? "" : "page";
    };
    auto& loop = ordo::get_running_loop();
    auto const begin = loop.time();
    auto const page = co_await fetch_at_last(fetch);
    if (page != "page" || loop.time() - begin != 1h) throw std::runtime_error("the third attempt was not in an hour");
    std::cout << "test passed: " << std::chrono::seconds(1h).count() << " s of virtual time\n";
}

ordo::coro<> forgets_a_task() {
    static_cast<void>(ordo::create_task(ordo::sleep(1h), "forgotten"));
    co_return;
}

} // namespace

int main() {
    ordo::testing::run_test_case(succeeds_with_the_third_attempt);
    try {
        ordo::testing::run_test_case(forgets_a_task);
    } catch (std::runtime_error const& e) {
        std::string const text = e.what(); // and it says which task, and where it was created
        std::cout << "test failed: " << text.substr(0, text.find('\n')) << '\n';
    }
}
