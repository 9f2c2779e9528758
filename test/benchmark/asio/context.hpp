// ordo: the io_context of the workloads of plain Asio.
// SPDX-License-Identifier: BSL-1.0
//
// Options of the command line: unsafe=1 (without locks), reactor=1 (a socket waits, as in any server, so that Asio polls
// the reactor each time the queue is through).
#pragma once

#include "../clock.hpp"
#include "../workload.hpp"

#include <boost/asio.hpp>
#include <optional>
#include <utility>

namespace ordo_benchmark {

namespace asio = boost::asio;

class asio_context {
public:
    asio_context() {
        if (option("reactor", std::size_t(0)) == 0) return;
        acceptor_.emplace(context, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        acceptor_->async_accept([](boost::system::error_code, auto) {});
    }

    /// Until end(), or until nothing is left to do.
    void run() { context.run(); }
    void end() { context.stop(); }

    asio::io_context context{option("unsafe", std::size_t(0)) == 1 ? BOOST_ASIO_CONCURRENCY_HINT_UNSAFE : 1};

private:
    std::optional<asio::ip::tcp::acceptor> acceptor_;
};

} // namespace ordo_benchmark
