// ordo: serving the page and the state of a loop over HTTP.
//
// Everything here is a handler on the executor that the loop runs on, between slices of the pump: no tasks, so that the
// page shows none of the inspector's own, and nothing of it is left pending when the loop is closed.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/inspector.hpp>

#include "detail/json.hpp"
#include "inspector/history.hpp"
#include "inspector/page.hpp"

#include <ordo/call_graph.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/log.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
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
constexpr std::size_t listed_tasks = 2'000;     // more than a page can show
constexpr std::size_t listed_callbacks = 200;

double seconds(duration time) {
    return std::chrono::duration<double>(time).count();
}

std::string histogram_as_json(latency_histogram const& histogram) {
    std::array<std::uint64_t, latency_histogram::buckets> counts;
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = histogram.count(i);
    return detail::json_array(counts, [](std::uint64_t count) { return std::to_string(count); });
}

std::string metrics_as_json(loop_metrics const& metrics) {
    return fmt::format(
        R"({{"iterations":{},"callbacks":{},"busy":{},"tasks":{},"tasks_created":{},"ready":{},"scheduled":{},)"
        R"("outstanding":{},"executor_queue":{},"longest_callback":{},"ready_lag":{},"timer_lag":{}}})",
        metrics.iterations, metrics.callbacks, seconds(metrics.busy), metrics.tasks, metrics.tasks_created,
        metrics.ready, metrics.scheduled, metrics.outstanding, metrics.executor_queue,
        seconds(metrics.longest_callback), histogram_as_json(metrics.ready_lag), histogram_as_json(metrics.timer_lag));
}

std::string queue_as_json(std::vector<callback_info>& queue, time_point now) {
    queue.resize(std::min(queue.size(), listed_callbacks));
    return detail::json_array(queue, [now](callback_info const& who) {
        auto const due = who.deadline ? fmt::format(R"("remaining":{:.3f},)", seconds(*who.deadline - now)) : "";
        return '{' + due + detail::callback_as_json(who) + '}';
    });
}

/// The tasks without the last ones, if there are too many for a page.
call_graph first_tasks(call_graph graph) {
    if (graph.tasks.size() <= listed_tasks) return graph;
    graph.tasks.resize(listed_tasks);
    auto const is_gone = [](std::size_t index) { return index >= listed_tasks; };
    for (auto& task : graph.tasks) {
        std::erase_if(task.awaits, is_gone);
        std::erase_if(task.awaited_by, is_gone);
    }
    return graph;
}

/// What a handler throws, for want of memory, must not leave through the run() of the host.
template <class Handler>
void or_log(Handler handler) noexcept {
    try {
        handler();
    } catch (std::exception const& error) {
        logger()->error("inspector: {}", error.what());
    }
}

/// Whether a request was meant for this machine: a page of another site that a browser shows cannot forge this header, even
/// if the name of that site resolves to the loopback address.
bool is_local(std::string_view host) {
    auto const name = host.substr(0, host.rfind(':'));
    return name == "127.0.0.1" || name == "localhost";
}

using response = http::response<http::string_body>;

response make_response(http::request<http::empty_body> const& to, http::status status, char const* type,
                       std::string body) {
    response result(status, to.version());
    result.set(http::field::content_type, type);
    result.set(http::field::cache_control, "no-store");
    result.set("X-Content-Type-Options", "nosniff");
    result.set("Content-Security-Policy",
               "default-src 'none'; img-src data:; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
               "connect-src 'self'; frame-ancestors 'none'");
    result.keep_alive(to.keep_alive());
    result.body() = std::move(body);
    result.prepare_payload();
    return result;
}

} // namespace

class inspector::implementation final : public detail::callback_observer,
                                        public std::enable_shared_from_this<implementation> {
public:
    implementation(event_loop& loop, inspector_options const& options)
        : loop_(&loop), history_(options.slow_callback),
          acceptor_(loop.host_executor(), tcp::endpoint(asio::ip::address_v4::loopback(), options.port)),
          port_(acceptor_.local_endpoint().port()), timer_(loop.host_executor()) {}

    void start() {
        detail::loop_access::core(*loop_).add_callback_observer(*this);
        sample();
    }

    void close() noexcept;
    std::uint16_t port() const noexcept { return port_; }

    void begins(callback_info const&) noexcept override {}
    void ended(callback_info const& who, duration took) noexcept override {
        try {
            history_.note(who, took);
        } catch (...) {} // there is no memory to remember it
    }

    response answer(http::request<http::empty_body> const& asked) const {
        if (!is_local(asked[http::field::host]))
            return make_response(asked, http::status::forbidden, "text/plain", "ask for 127.0.0.1 or localhost\n");
        if (asked.method() != http::verb::get)
            return make_response(asked, http::status::method_not_allowed, "text/plain", "only GET\n");
        if (asked.target() == "/")
            return make_response(asked, http::status::ok, "text/html; charset=utf-8",
                                 std::string(detail::inspector_page()));
        if (asked.target() == "/state.json")
            return make_response(asked, http::status::ok, "application/json", state_as_json());
        return make_response(asked, http::status::not_found, "text/plain", "there are / and /state.json\n");
    }

private:
    class client;

    void accept();
    void take(tcp::socket socket);
    void sample();
    std::string state_as_json() const;

    event_loop* loop_; ///< null once closed
    detail::inspector_history history_;
    tcp::acceptor acceptor_;
    std::uint16_t const port_;
    asio::steady_timer timer_;
    std::vector<std::weak_ptr<client>> clients_;
    bool accepting_ = false;
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
    detail::loop_access::core(*loop_).remove_callback_observer(*this);
    loop_ = nullptr;
    error_code ignored;
    acceptor_.close(ignored);
    timer_.cancel();
    for (auto& one : clients_)
        if (auto const client = one.lock()) client->close();
}

void inspector::implementation::accept() {
    accepting_ = true;
    acceptor_.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
        self->accepting_ = false;
        if (self->loop_ && !error) or_log([&] { self->take(std::move(socket)); });
    });
}

void inspector::implementation::take(tcp::socket socket) {
    auto const accepted = std::make_shared<client>(shared_from_this(), std::move(socket));
    std::erase_if(clients_, [](auto const& one) { return one.expired(); });
    clients_.push_back(accepted);
    accepted->read();
    accept();
}

/// And accept again what could not be accepted, for want of descriptors or memory.
void inspector::implementation::sample() {
    history_.sample(loop_->metrics());
    if (!accepting_) accept();
    timer_.expires_after(sample_interval);
    timer_.async_wait([self = shared_from_this()](error_code) {
        if (self->loop_) or_log([&] { self->sample(); });
    });
}

std::string inspector::implementation::state_as_json() const {
    auto const graph = capture_call_graph(*loop_);
    auto queues = loop_->queued_callbacks();
    auto const ready = queues.ready.size();
    auto const scheduled = queues.scheduled.size();
    return fmt::format(
        R"({{"age":{:.3f},"metrics":{},"graph":{},"tasks":{},"ready":{},"ready_length":{},"scheduled":{},)"
        R"("scheduled_length":{},"samples":{},"slow":{}}})",
        history_.age(), metrics_as_json(loop_->metrics()), to_json(first_tasks(graph)), graph.tasks.size(),
        queue_as_json(queues.ready, loop_->time()), ready, queue_as_json(queues.scheduled, loop_->time()), scheduled,
        history_.samples_as_json(), history_.slow_as_json());
}

inspector::inspector(event_loop& loop, inspector_options const& options) {
    auto const& core = detail::loop_access::core(loop);
    core.check_open("inspector");
    core.check_thread("inspector");
    implementation_ = std::make_shared<implementation>(loop, options);
    implementation_->start();
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
