// ordo: the states of OpenSSL, between a stream and the transport below.
// SPDX-License-Identifier: BSL-1.0
#include "tls_transport.hpp"

#include "throw_system_error.hpp"

#include <ordo/detail/constants.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/exceptions.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <utility>

namespace ordo::detail {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

error_code last_ssl_error() noexcept {
    auto const code = ERR_get_error();
    ERR_clear_error();
    if (code == 0) return asio::error::eof;
    return {static_cast<int>(code), asio::error::get_ssl_category()};
}

void check(bool success, char const* what) {
    if (!success) throw_system_error(last_ssl_error(), what);
}

} // namespace

/// What OpenSSL reads from and writes to.
struct tls_transport::bio {
    static BIO* make(tls_transport& owner) {
        static BIO_METHOD* const method = [] {
            auto* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "ordo");
            BIO_meth_set_read(made, &bio::read);
            BIO_meth_set_write(made, &bio::write);
            BIO_meth_set_ctrl(made, &bio::control);
            return made;
        }();
        auto* const made = BIO_new(method);
        if (!made) return nullptr;
        BIO_set_data(made, &owner);
        BIO_set_init(made, 1);
        return made;
    }

    static int read(BIO* from, char* to, int most) {
        auto& owner = *static_cast<tls_transport*>(BIO_get_data(from));
        BIO_clear_retry_flags(from);
        auto const got = owner.below_->read_some(to, static_cast<std::size_t>(most));
        owner.below_has_more_ = got.more;
        if (got.size > 0) return static_cast<int>(got.size);
        if (got.error == asio::error::would_block) BIO_set_retry_read(from);
        else owner.below_error_ = got.error;
        return got.error == asio::error::eof ? 0 : -1;
    }

    static int write(BIO* to, char const* data, int size) {
        auto& owner = *static_cast<tls_transport*>(BIO_get_data(to));
        BIO_clear_retry_flags(to);
        auto const sent = owner.below_->write_some({data, static_cast<std::size_t>(size)});
        if (sent.size > 0) return static_cast<int>(sent.size);
        if (sent.error == asio::error::would_block) BIO_set_retry_write(to);
        else owner.below_error_ = sent.error;
        return -1;
    }

    static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH; }
};

tls_transport::tls_transport(loop_core& loop, SSL_CTX* context, bool server_side, std::string const& server_hostname,
                             bool verify, duration shutdown_timeout)
    : loop_(loop), ssl_(SSL_new(context)), shutdown_timeout_(shutdown_timeout) {
    check(ssl_ != nullptr, "start_tls: SSL_new");
    auto* const io = bio::make(*this);
    check(io != nullptr, "start_tls: BIO_new");
    SSL_set_bio(ssl_.get(), io, io);
    SSL_set_mode(ssl_.get(),
                 SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_set_options(ssl_.get(), SSL_OP_NO_RENEGOTIATION);
    SSL_set_read_ahead(ssl_.get(), 1); // a record in one read, not its head and its body
    if (server_side) {
        SSL_set_accept_state(ssl_.get());
        return;
    }
    SSL_set_connect_state(ssl_.get());
    if (verify) verify_peer(server_hostname);
    ASN1_OCTET_STRING* const address = a2i_IPADDRESS(server_hostname.c_str());
    if (address) ASN1_OCTET_STRING_free(address);
    else if (!server_hostname.empty())
        check(SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                       std::string(server_hostname).data()) == 1,
              "start_tls: server_hostname");
    ERR_clear_error(); // of a name that is no address
}

/// OpenSSL's own check does what boost::asio::ssl::host_name_verification does, and is on whatever the context says.
void tls_transport::verify_peer(std::string const& server_hostname) {
    if (server_hostname.empty())
        throw value_error(
            "start_tls: server_hostname is empty, so the server's certificate cannot be for it; give it, or "
            "set verify to false");
    auto* const parameters = SSL_get0_param(ssl_.get());
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (X509_VERIFY_PARAM_set1_ip_asc(parameters, server_hostname.c_str()) != 1)
        check(X509_VERIFY_PARAM_set1_host(parameters, server_hostname.c_str(), server_hostname.size()) == 1,
              "start_tls: server_hostname");
    SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER, nullptr);
}

tls_transport::~tls_transport() {
    if (ending_) ending_->transport = nullptr;
    deadline_.cancel();
}

coro<error_code> tls_transport::handshake() {
    for (;;) {
        ERR_clear_error();
        int const returned = SSL_do_handshake(ssl_.get());
        if (returned == 1) co_return error_code();
        auto error = outcome_of_failure(returned, direction::reading).error;
        if (error == asio::error::would_block) error = co_await wait(direction::reading);
        if (error) co_return error;
    }
}

std::string tls_transport::certificate_problem() const {
    auto const result = SSL_get_verify_result(ssl_.get());
    return result == X509_V_OK ? std::string() : X509_verify_cert_error_string(result);
}

/// Why OpenSSL did nothing.
io_outcome tls_transport::outcome_of_failure(int returned, direction which) noexcept {
    auto& other_way = which == direction::reading ? reading_wants_to_write_ : writing_wants_to_read_;
    switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ: other_way = which == direction::writing; return {.error = asio::error::would_block};
    case SSL_ERROR_WANT_WRITE: other_way = which == direction::reading; return {.error = asio::error::would_block};
    case SSL_ERROR_ZERO_RETURN: return {.error = asio::error::eof};
    default: break;
    }
    auto const of_tls = last_ssl_error();
    broken_ = which == direction::reading || !below_error_; // what has arrived can be read although nothing can be sent
    if (below_error_ == asio::error::eof) return {.error = asio::ssl::error::stream_truncated};
    return {.error = below_error_ ? below_error_ : of_tls};
}

io_outcome tls_transport::read_some(char* to, std::size_t most) noexcept {
    if (broken_) return {.error = asio::ssl::error::stream_truncated};
    ERR_clear_error();
    below_error_ = {};
    std::size_t size = 0;
    int const returned = SSL_read_ex(ssl_.get(), to, most, &size);
    if (returned == 1) return {.size = size, .more = below_has_more_ || SSL_has_pending(ssl_.get()) == 1};
    return outcome_of_failure(returned, direction::reading);
}

io_outcome tls_transport::write_some(std::string_view data) noexcept {
    if (data.empty()) return {};
    if (broken_) return {.error = asio::error::broken_pipe};
    ERR_clear_error();
    std::size_t size = 0;
    int const returned = SSL_write_ex(ssl_.get(), data.data(), data.size(), &size);
    if (returned == 1) return {.size = size, .more = true};
    return outcome_of_failure(returned, direction::writing);
}

direction tls_transport::wanted(direction which) const noexcept {
    if (which == direction::reading) return reading_wants_to_write_ ? direction::writing : which;
    return writing_wants_to_read_ ? direction::reading : which;
}

coro<error_code> tls_transport::wait(direction which) {
    return below_->wait(wanted(which));
}

void tls_transport::when_ready(direction which, std::function<void()> call) {
    below_->when_ready(wanted(which), std::move(call));
}

// -- the end: say goodbye, then wait for the peer to say it too

void tls_transport::end(std::function<void()> closed) {
    ending_ = std::make_shared<ending>(ending{this, std::move(closed)});
    deadline_ = loop_->owner()->call_later(shutdown_timeout_, [ending = ending_] {
        if (ending->transport) ending->transport->ended();
    });
    go_on_ending();
}

void tls_transport::go_on_ending_when_ready(direction which) {
    when_ready(which, [ending = ending_] {
        if (ending->transport) ending->transport->go_on_ending();
    });
}

void tls_transport::go_on_ending() {
    if (!broken_ && !std::exchange(said_goodbye_, true)) {
        ERR_clear_error();
        int const returned = SSL_shutdown(ssl_.get());
        if (returned == 1) return ended();
        if (returned < 0 && outcome_of_failure(returned, direction::writing).error == asio::error::would_block) {
            said_goodbye_ = false;
            return go_on_ending_when_ready(direction::writing);
        }
    }
    char ignored[1024];
    for (unsigned i = 0; i < stream_reads_in_a_row; ++i) {
        auto const got = read_some(ignored, sizeof ignored);
        if (got.size > 0) continue;
        if (got.error == asio::error::would_block) break;
        return ended();
    }
    go_on_ending_when_ready(direction::reading);
}

void tls_transport::ended() noexcept {
    auto const over = std::exchange(ending_, nullptr);
    over->transport = nullptr;
    deadline_.cancel();
    below_->close();
    over->closed();
}

void tls_transport::close() noexcept {
    if (auto const over = std::exchange(ending_, nullptr)) over->transport = nullptr;
    deadline_.cancel();
    below_->close();
}

void tls_transport::abort() noexcept {
    below_->abort();
    close();
}

} // namespace ordo::detail
