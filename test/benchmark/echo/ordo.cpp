// ordo: the echo server on ordo, as one writes it, and one that has no buffer for an idle connection.
// SPDX-License-Identifier: BSL-1.0
#include "server.hpp"

#include <ordo/ordo.hpp>

#include <array>
#include <boost/asio.hpp>
#include <string>
#include <string_view>

namespace ordo_benchmark {
namespace {

namespace asio = boost::asio;
using asio::deferred, asio::ip::tcp;
using boost::system::system_error;

class ordo_server : public echo_server {
public:
    void listen(std::uint16_t port) override {
        tcp::acceptor acceptor(loop_.host_executor(), tcp::endpoint(asio::ip::address_v4::loopback(), port));
        loop_.create_task(accept(std::move(acceptor)));
    }
    void serve(int connection) override { serve(tcp::socket(loop_.host_executor(), tcp::v4(), connection)); }
    void run() override { loop_.run_forever(); }

protected:
    ordo_server() = default;
    explicit ordo_server(asio::io_context& host) : loop_(host) {}

    virtual ordo::coro<> echo(tcp::socket socket) try {
        char buffer[echo_buffer_size];
        for (;;) {
            auto const size = co_await socket.async_read_some(asio::buffer(buffer), deferred);
            co_await asio::async_write(socket, asio::buffer(buffer, size), deferred);
            count();
        }
    } catch (system_error const&) {
        count();
    }

    void count() {
        if (happened()) stop();
    }
    void step() override { loop_.run_forever(); }
    virtual void stop() { loop_.stop(); }

    ordo::event_loop loop_;

private:
    ordo::coro<> accept(tcp::acceptor acceptor) {
        for (;;) {
            auto socket = co_await acceptor.async_accept(deferred);
            serve(std::move(socket));
        }
    }
    void serve(tcp::socket socket) {
        socket.set_option(tcp::no_delay(true));
        loop_.create_task(echo(std::move(socket)));
    }
};

struct host {
    asio::io_context context{1};
};

class embedded_server final : host, public ordo_server {
public:
    embedded_server() : ordo_server(context) {}
    void run() override { context.run(); }

private:
    void step() override { context.poll(); }
    void stop() override {} // poll() returns when nothing is ready
};

/// Waits until there is something to read, and then does without waiting what it can, so one buffer is enough for all.
class ready_server final : public ordo_server {
    ordo::coro<> echo(tcp::socket socket) override try {
        socket.non_blocking(true);
        for (;;) {
            co_await socket.async_wait(tcp::socket::wait_read, deferred);
            auto const unsent = answer(socket);
            if (!unsent.empty()) co_await finish(socket, unsent);
        }
    } catch (system_error const&) {
        count();
    }

    /// @returns   What cannot be sent without waiting.
    std::string_view answer(tcp::socket& socket) {
        boost::system::error_code error;
        auto const size = socket.read_some(asio::buffer(buffer_), error);
        if (error == asio::error::would_block) return {}; // Asio can be late with news of what was read before
        if (error) throw system_error(error);
        auto const sent = socket.write_some(asio::buffer(buffer_, size), error);
        count();
        return {buffer_.data() + sent, size - sent};
    }

    /// Rare, and so not in the frame of each connection. It begins at once, so the buffer is still what it was.
    ordo::coro<> finish(tcp::socket& socket, std::string_view unsent) {
        std::string const rest(unsent);
        co_await asio::async_write(socket, asio::buffer(rest), deferred);
    }

    std::array<char, echo_buffer_size> buffer_;
};

} // namespace

std::unique_ptr<echo_server> make_ordo_server() {
    struct owned_server final : ordo_server {};
    return std::make_unique<owned_server>();
}
std::unique_ptr<echo_server> make_embedded_server() {
    return std::make_unique<embedded_server>();
}
std::unique_ptr<echo_server> make_ready_server() {
    return std::make_unique<ready_server>();
}

} // namespace ordo_benchmark
