// ordo: jobs on another thread, awaited by coroutines of Asio, in the benchmark: W8a, W8b.
// SPDX-License-Identifier: BSL-1.0
#include "run_main.hpp"

#include <algorithm>

namespace ordo_benchmark {
namespace {

awaitable<std::uint64_t> job() {
    co_return 1;
}

awaitable<void> run_jobs(asio::thread_pool& pool, std::size_t count, std::uint64_t& sum) {
    for (std::size_t i = 0; i < count; ++i) sum += co_await asio::co_spawn(pool, job(), use_awaitable);
}

template <std::size_t InFlight>
outcome jobs(std::size_t size) {
    pin_to(0); // before the pool is made, which inherits it
    asio_context in;
    asio::thread_pool pool(1);
    auto const number = std::min(option("in_flight", InFlight), size);
    std::uint64_t sum = 0;
    std::vector<awaitable<void>> tasks;
    for (std::size_t i = 0; i < number; ++i) tasks.push_back(run_jobs(pool, size / number + (i < size % number), sum));
    auto const begin = wall_ns();
    run_until_complete(in, join(in.context, std::move(tasks)));
    auto const end = wall_ns();
    pool.join();
    return {(end - begin) / static_cast<double>(size), sum};
}

registration const w8a("asio_awaitable", "W8a", jobs<1>);
registration const w8b("asio_awaitable", "W8b", jobs<64>);

} // namespace
} // namespace ordo_benchmark
