// ordo: what the workloads of Asio's coroutines share.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../asio/context.hpp"

#include <boost/asio/experimental/channel.hpp>
#include <exception>
#include <utility>
#include <vector>

namespace ordo_benchmark {

using asio::awaitable;
using asio::use_awaitable;
using boost::system::error_code;
using channel = asio::experimental::channel<void(error_code, std::uint64_t)>;

/// Runs a coroutine, and the context until it is done.
inline void run_until_complete(asio_context& in, awaitable<void> main) {
    asio::co_spawn(in.context, std::move(main), [&](std::exception_ptr error) {
        in.end();
        if (error) std::rethrow_exception(error);
    });
    in.run();
}

/// Times a workload that is all one coroutine.
template <auto Main>
outcome run_main(std::size_t size) {
    asio_context in;
    std::uint64_t check = 0;
    auto const begin = wall_ns();
    run_until_complete(in, Main(in.context, size, check));
    return {(wall_ns() - begin) / static_cast<double>(size), check};
}

/// Runs coroutines, and waits for all of them.
inline awaitable<void> join(asio::io_context& context, std::vector<awaitable<void>> all) {
    channel ended(context, 1);
    auto left = all.size();
    for (auto& each : all)
        asio::co_spawn(context, std::move(each), [&](std::exception_ptr) {
            if (--left == 0) ended.try_send(error_code(), 0);
        });
    co_await ended.async_receive(use_awaitable);
}

} // namespace ordo_benchmark
