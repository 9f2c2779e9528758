// ordo: socket_pair, two sockets that are connected.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <boost/asio.hpp>

struct socket_pair {
    using socket = boost::asio::local::stream_protocol::socket;

    explicit socket_pair(boost::asio::any_io_executor const& executor) : a(executor), b(executor) {
        boost::asio::local::connect_pair(a, b);
    }

    socket a;
    socket b;
};
