// ordo: serving the page and the state of a loop over HTTP.
//
// Everything here is a handler on the executor that the loop runs on, between slices of the pump: no tasks, so that the
// page shows none of the inspector's own, and nothing of it is left pending when the loop is closed.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/inspector.hpp>

#include "inspector/history.hpp"
#include "inspector/page.hpp"
#include "inspector/state.hpp"

#include <ordo/event_loop.hpp>
#include <ordo/log.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <optional>
#include <spdlog/spdlog.h>
#include <string_view>

namespace ordo {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds sample_interval{100};
constexpr std::chrono::seconds idle_time{30};   // of a connection, until it is closed
constexpr std::uint64_t request_limit = 16'384; // bytes; a GET has no body
constexpr std::size_t client_limit = 64;        // connections; a browser opens six to a server

/// What a handler throws, for want of memory, must not leave through the run() of the host.
template <class Handler>
void or_log(Handler handler) noexcept {
    try {
        handler();
    } catch (std::exception const& error) {
        logger()->error("inspector: {}", error.what());
    }
}

using request = http::request<http::empty_body>;
using response = http::response<http::string_body>;

/// Whether a request was meant for this machine: a page of another site that a browser shows cannot forge this header, even
/// if the name of that site resolves to the loopback address.
bool is_local(std::string_view host) {
    auto const name = host.substr(0, host.rfind(':'));
    return name == "127.0.0.1" || name == "localhost";
}

/// Whether a browser sent it for a page of another site, which it says in headers that no page can set. (That page could
/// not read the answer, but see how long it takes, and the loop would have to make it.)
bool is_of_another_site(request const& asked) {
    auto const site = asked["Sec-Fetch-Site"];
    auto const origin = asked[http::field::origin];
    return (!site.empty() && site != "same-origin" && site != "none") ||
           (!origin.empty() && origin != "http://" + std::string(asked[http::field::host]));
}

/// With each %XX replaced by the byte that it stands for.
std::string decoded(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        unsigned char byte = 0;
        auto const* const digits = text.data() + 1;
        if (text[0] == '%' && text.size() > 2 && std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
            result += static_cast<char>(byte);
            text.remove_prefix(3);
        } else {
            result += text[0];
            text.remove_prefix(1);
        }
    }
    return result;
}

/// Of a target such as "/state.json?filter=queue".
std::string filter_in(std::string_view target) {
    auto const begin = target.find('?');
    auto query = begin == target.npos ? std::string_view() : target.substr(begin + 1);
    while (!query.empty()) {
        auto const parameter = query.substr(0, query.find('&'));
        if (parameter.starts_with("filter=")) return decoded(parameter.substr(7));
        query.remove_prefix(std::min(parameter.size() + 1, query.size()));
    }
    return {};
}

response make_response(request const& to, http::status status, char const* type, std::string body) {
    response result(status, to.version());
    result.set(http::field::content_type, type);
    result.set(http::field::cache_control, "no-store");
    result.set("X-Content-Type-Options", "nosniff");
    result.set("Content-Security-Policy",
               "default-src 'none'; img-src data:; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
               "connect-src 'self'; frame-ancestors 'none'");
    if (status == http::status::method_not_allowed) result.set(http::field::allow, "GET, HEAD");
    // A page of another site is not to keep what it was refused on.
    result.keep_alive(to.keep_alive() && status != http::status::forbidden);
    result.body() = std::move(body);
    result.prepare_payload();
    if (to.method() == http::verb::head) result.body().clear();
    return result;
}

} // namespace

class inspector::implementation final : public detail::callback_observer,
                                        public detail::outstanding,
                                        public std::enable_shared_from_this<implementation> {
public:
    implementation(event_loop& loop, inspector_options const& options)
        : loop_(&loop), history_(options.slow_callback),
          acceptor_(std::in_place, loop.host_executor(), tcp::endpoint(asio::ip::address_v4::loopback(), options.port)),
          port_(acceptor_->local_endpoint().port()), timer_(std::in_place, loop.host_executor()) {
        link(detail::loop_access::core(loop));
    }

    void start() {
        detail::loop_access::core(*loop_).add_callback_observer(*this);
        tick();
    }

    void close() noexcept;
    void abandon() noexcept override { close(); }
    std::uint16_t port() const noexcept { return port_; }

    void begins(callback_info const&) noexcept override {}
    void ended(callback_info const& who, duration took) noexcept override {
        try {
            if (!ticking_) tick(); // there was no memory for it
            history_.note(who, took);
        } catch (...) {} // there is none to remember it either
    }

    response answer(request const& asked) const;

private:
    class client;
    class pending;

    void accept();
    void take(tcp::socket socket);
    void tick();

    event_loop* loop_; ///< null once closed
    detail::inspector_history history_;
    std::optional<tcp::acceptor> acceptor_; ///< empty once closed, as timer_: the context may go away
    std::uint16_t const port_;
    std::optional<asio::steady_timer> timer_;
    std::vector<std::weak_ptr<client>> clients_;
    bool accepting_ = false; ///< handlers for that are in Asio
    bool ticking_ = false;
};

/// A part of a handler, which sets a flag for as long as that is in Asio. It may go without being called: Asio throws before
/// if there is no memory for a new socket.
class inspector::implementation::pending {
public:
    pending(std::shared_ptr<implementation> of, bool implementation::* flag) noexcept
        : of_(std::move(of)), flag_(flag) {
        (*of_).*flag_ = true;
    }
    pending(pending&&) noexcept = default;
    pending& operator=(pending&&) = delete;
    ~pending() {
        if (of_) (*of_).*flag_ = false;
    }

    std::shared_ptr<implementation> ends() noexcept {
        (*of_).*flag_ = false;
        return std::move(of_);
    }

private:
    std::shared_ptr<implementation> of_;
    bool implementation::* flag_;
};

/// A connection: reads a request, answers it, and so on.
class inspector::implementation::client final : public std::enable_shared_from_this<client> {
public:
    client(std::shared_ptr<implementation> of, tcp::socket socket) : of_(std::move(of)), stream_(std::move(socket)) {}

    void read() {
        request_.emplace();
        request_->body_limit(0);
        request_->header_limit(request_limit);
        stream_.expires_after(idle_time);
        http::async_read(stream_, buffer_, *request_, [self = shared_from_this()](error_code error, std::size_t) {
            if (!error) or_log([&] { self->answer(); });
        });
    }

    void close() noexcept { stream_.close(); }

private:
    void answer() {
        if (!of_->loop_) return;
        response_ = of_->answer(request_->get());
        stream_.expires_after(idle_time);
        http::async_write(stream_, response_, [self = shared_from_this()](error_code error, std::size_t) {
            if (!error && self->response_.keep_alive()) or_log([&] { self->read(); });
        });
    }

    std::shared_ptr<implementation> of_;
    beast::tcp_stream stream_;
    beast::flat_buffer buffer_{request_limit};
    std::optional<http::request_parser<http::empty_body>> request_;
    response response_;
};

void inspector::implementation::close() noexcept {
    if (!loop_) return;
    auto& core = detail::loop_access::core(*loop_);
    core.remove_callback_observer(*this);
    unlink(core);
    loop_ = nullptr;
    acceptor_.reset();
    timer_.reset();
    for (auto& one : clients_)
        if (auto const client = one.lock()) client->close();
}

response inspector::implementation::answer(request const& asked) const {
    auto const target = std::string_view(asked.target());
    auto const path = target.substr(0, target.find('?'));
    auto const text = [&](http::status status, char const* what) {
        return make_response(asked, status, "text/plain", what);
    };
    if (!is_local(asked[http::field::host])) return text(http::status::forbidden, "ask for 127.0.0.1 or localhost\n");
    if (is_of_another_site(asked))
        return text(http::status::forbidden, "not for other sites; give this address to the browser yourself\n");
    if (asked.method() != http::verb::get && asked.method() != http::verb::head)
        return text(http::status::method_not_allowed, "only GET and HEAD\n");
    if (path == "/")
        return make_response(asked, http::status::ok, "text/html; charset=utf-8",
                             std::string(detail::inspector_page()));
    if (path == "/state.json")
        return make_response(asked, http::status::ok, "application/json",
                             detail::inspector_state(*loop_, history_, filter_in(target)));
    return text(http::status::not_found, "there are / and /state.json\n");
}

void inspector::implementation::accept() {
    acceptor_->async_accept([accepting = pending(shared_from_this(), &implementation::accepting_)](
                                error_code error, tcp::socket socket) mutable {
        auto const self = accepting.ends();
        if (self->loop_ && !error) or_log([&] { self->take(std::move(socket)); });
    });
}

void inspector::implementation::take(tcp::socket socket) {
    if (!ticking_) tick();
    if (!accepting_) accept();
    std::erase_if(clients_, [](auto const& one) { return one.expired(); });
    if (clients_.size() >= client_limit) return;
    auto const accepted = std::make_shared<client>(shared_from_this(), std::move(socket));
    clients_.push_back(accepted);
    accepted->read();
}

/// Take a sample, and begin again to accept if that could not go on, for want of descriptors or memory.
void inspector::implementation::tick() {
    timer_->expires_after(sample_interval);
    timer_->async_wait([ticking = pending(shared_from_this(), &implementation::ticking_)](error_code) mutable {
        auto const self = ticking.ends();
        if (self->loop_) or_log([&] { self->tick(); });
    });
    if (!accepting_) accept();
    history_.sample(loop_->metrics());
}

inspector::inspector(event_loop& loop, inspector_options const& options) {
    auto const& core = detail::loop_access::core(loop);
    core.check_open("inspector");
    core.check_thread("inspector");
    implementation_ = std::make_shared<implementation>(loop, options);
    try {
        implementation_->start();
    } catch (...) {
        implementation_->close();
        throw;
    }
}

inspector::~inspector() {
    close();
}

std::uint16_t inspector::port() const noexcept {
    return implementation_->port();
}

std::string inspector::url() const {
    return fmt::format("http://127.0.0.1:{}/", port());
}

void inspector::close() noexcept {
    implementation_->close();
}

} // namespace ordo
