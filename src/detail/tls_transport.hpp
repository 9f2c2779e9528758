// ordo: tls_transport, TLS over another transport.
//
// OpenSSL reads and writes the transport below itself, through a BIO, and says when that would have to wait. What is
// encrypted and could not be sent stays inside OpenSSL, and goes out when the same data is written again, as the stream
// does with what it keeps.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "transport.hpp"

#include <ordo/clock.hpp>
#include <ordo/detail/loop_core.hpp>
#include <ordo/timer_handle.hpp>

#include <memory>
#include <openssl/ssl.h>
#include <string>

namespace ordo::detail {

class tls_transport final : public transport {
public:
    /// Over nothing, until attach().
    /// @throws boost::system::system_error, value_error
    tls_transport(loop_core& loop, SSL_CTX* context, bool server_side, std::string const& server_hostname, bool verify,
                  duration shutdown_timeout);
    ~tls_transport() override;

    void attach(std::unique_ptr<transport> below) noexcept { below_ = std::move(below); }
    /// @returns   Why it failed, if it did.
    coro<boost::system::error_code> handshake();
    /// What is wrong with the peer's certificate, after such a failure; else empty.
    std::string certificate_problem() const;

    io_outcome read_some(char* to, std::size_t most) noexcept override;
    io_outcome write_some(std::string_view data) noexcept override;
    coro<boost::system::error_code> wait(direction which) override;
    void when_ready(direction which, std::function<void()> call) override;
    bool waits_outside() const noexcept override { return below_->waits_outside(); }
    bool can_shut_down_sending() const noexcept override { return false; }
    void shut_down_sending() noexcept override {}
    void end(std::function<void()> closed) override;
    void close() noexcept override;
    void abort() noexcept override;
    std::string peer_name() const override { return below_->peer_name(); }
    std::string local_name() const override { return below_->local_name(); }
    int native_handle() const noexcept override { return below_->native_handle(); }

private:
    struct ssl_deleter {
        void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
    };
    struct bio;
    /// Handlers of Asio find there whether the transport still exists.
    struct ending {
        tls_transport* transport;
        std::function<void()> closed;
    };

    void verify_peer(std::string const& server_hostname);
    io_outcome outcome_of_failure(int returned, direction which) noexcept;
    void go_on_ending();
    void go_on_ending_when_ready(direction which);
    void ended() noexcept;
    direction wanted(direction which) const noexcept;

    core_share loop_;
    std::unique_ptr<SSL, ssl_deleter> ssl_;
    std::unique_ptr<transport> below_;
    duration const shutdown_timeout_;
    boost::system::error_code below_error_; ///< that OpenSSL was not told
    bool below_has_more_ = false;
    bool reading_wants_to_write_ = false;
    bool writing_wants_to_read_ = false;
    bool said_goodbye_ = false;
    bool broken_ = false; ///< OpenSSL must not be asked any more
    std::shared_ptr<ending> ending_;
    timer_handle deadline_;
};

} // namespace ordo::detail
