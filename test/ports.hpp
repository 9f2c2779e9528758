// ordo: ports of this machine that do not answer, for tests of connecting.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/event_loop.hpp>

#include <boost/asio.hpp>
#include <cstdint>

/// A port on which nobody listens, and nobody will: it is bound.
class closed_port {
public:
    closed_port() : socket_(ordo::get_running_loop().host_executor()) {
        socket_.open(boost::asio::ip::tcp::v4());
        socket_.bind(boost::asio::ip::tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    }
    std::uint16_t number() const { return socket_.local_endpoint().port(); }

private:
    boost::asio::ip::tcp::socket socket_;
};

/// A port of 127.0.0.1 with a full backlog: to connect takes for ever.
class silent_port {
public:
    silent_port()
        : acceptor_(ordo::get_running_loop().host_executor()), filling_(ordo::get_running_loop().host_executor()) {
        acceptor_.open(boost::asio::ip::tcp::v4());
        acceptor_.bind(boost::asio::ip::tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
        acceptor_.listen(0);
        filling_.connect(acceptor_.local_endpoint());
    }
    std::uint16_t number() const { return acceptor_.local_endpoint().port(); }

private:
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::ip::tcp::socket filling_;
};
