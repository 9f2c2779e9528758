// ordo: starting servers, and ending them in good order.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/server.hpp>

#include "detail/connecting.hpp"
#include "detail/native_address.hpp"
#include "detail/reports.hpp"
#include "detail/server_core.hpp"
#include "detail/throw_system_error.hpp"

#include <ordo/detail/executor_job.hpp>
#include <ordo/detail/scope_exit.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/timeout.hpp>

#include <algorithm>
#include <boost/system/errc.hpp>
#include <netinet/in.h>
#include <sys/socket.h>

namespace ordo {
namespace detail {
namespace {

/// What the server handles share: the core is closed when the last one is gone.
server handle_of(std::shared_ptr<server_core> core) {
    auto* const which = core.get();
    return server(std::shared_ptr<server_core>(which, [core = std::move(core)](server_core*) { core->close(); }));
}

server_core& get(std::shared_ptr<server_core> const& core, char const* where) {
    if (!core) throw usage_error(std::string(where) + ": the handle is empty; it was moved from, or never assigned");
    return *core;
}

coro<> wait_until_gone(std::shared_ptr<server_core> which) {
    co_await get(which, "server::wait_closed").gone().wait();
}

coro<bool> gone_within(server_core& server, optional_duration time) {
    auto wait = [&server]() -> coro<> { co_await server.gone().wait(); };
    try {
        co_await with_timeout(time, wait);
    } catch (timeout_error const&) {
        co_return false;
    }
    co_return true;
}

coro<> serve_until_closed(std::shared_ptr<server_core> which) {
    auto& server = get(which, "server::serve_forever");
    if (server.closed()) throw usage_error("server::serve_forever: the server is closed; start another one");
    if (server.served_forever) throw usage_error("server::serve_forever: another task is in it; await that one");
    server.served_forever = true;
    scope_exit const over([&] { server.served_forever = false; });
    std::exception_ptr failure;
    try {
        co_await server.closing().wait();
    } catch (...) {
        failure = std::current_exception();
    }
    server.close();
    co_await server.gone().wait();
    if (failure) std::rethrow_exception(failure);
}

shutdown_report::handler describe_handler(any_task const& task) {
    auto const& state = static_cast<task_base const&>(*future_access::state(task));
    shutdown_report::handler result{.name = task.name()};
    if (auto const frame = state.innermost_frame()) result.stack = promise_base::of(frame).stack();
    if (auto wait = present_wait(state)) result.waits_for = std::move(wait->what);
    return result;
}

std::vector<shutdown_report::handler> running_handlers(server_core& server) {
    std::vector<shutdown_report::handler> result;
    for (auto const& client : server.clients())
        if (!client.task.done()) result.push_back(describe_handler(client.task));
    return result;
}

std::size_t abort_all(server_core& server) {
    auto const open = server.open_streams();
    for (auto const& stream : open) stream->abort();
    return open.size();
}

std::string jobs_of(event_loop& loop) {
    auto const& jobs = loop_access::default_jobs(loop);
    return !jobs || jobs->wait_until_empty(duration::zero()) ? std::string() : jobs->describe();
}

coro<shutdown_report> shut_down(std::shared_ptr<server_core> which, optional_duration deadline) {
    auto& server = get(which, "server::shutdown");
    any_task const self = *current_task();
    for (auto const& client : server.clients())
        if (client.task == self)
            throw usage_error("server::shutdown: a handler of this server calls it, for which it would wait; let "
                              "another task do it");
    server.close();
    shutdown_report report;
    bool gone = co_await gone_within(server, deadline);
    if (!gone) {
        report.cancelled = running_handlers(server);
        for (auto const& client : server.clients())
            if (!client.task.done()) client.task.cancel("the server shuts down");
        gone = co_await gone_within(server, cancelled_handler_time);
        if (!gone) {
            report.stuck = running_handlers(server);
            report.aborted = abort_all(server);
        }
    }
    report.jobs = jobs_of(server.loop());
    co_return report;
}

void check_options(std::string const& where, server_options const& options) {
    if (options.limit == 0) throw value_error(where + ": the limit is 0 bytes; give at least 1");
    if (options.max_connections == 0) throw value_error(where + ": max_connections is 0; give at least 1");
    check_keep_alive(where.c_str(), options.keep_alive);
}

} // namespace

coro<server> start_tcp_server(any_handler handler, std::string host, std::uint16_t port, server_options options,
                              std::source_location where) {
    check_options("start_server", options);
    auto addresses = co_await look_up("start_server", host, port, true);
    std::sort(addresses.begin(), addresses.end());
    addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
    auto core = std::make_shared<server_core>(get_running_loop(), std::move(handler), options, where);
    for (auto const& address : addresses) {
        auto const error = core->listen(address);
        if (!error) continue;
        bool const no_such_family = error == boost::system::errc::address_family_not_supported ||
                                    error == boost::system::errc::address_not_available;
        bool const is_last_hope = &address == &addresses.back() && core->endpoints().empty();
        if (!no_such_family || is_last_hope)
            throw_system_error(error, "start_server (" + address_of(address).to_string() + ')');
    }
    core->begin();
    co_return handle_of(std::move(core));
}

coro<server> start_path_server(any_handler handler, std::string path, server_options options,
                               std::source_location where) {
    check_options("start_unix_server", options);
    auto const address = path_endpoint("start_unix_server", path);
    auto core = std::make_shared<server_core>(get_running_loop(), std::move(handler), options, where);
    remove_stale_socket(path);
    auto const error = core->listen(address);
    if (error) throw_system_error(error, "start_unix_server (" + path + ')');
    core->owns_path(std::move(path));
    core->begin();
    co_return handle_of(std::move(core));
}

} // namespace detail

std::vector<std::string> server::endpoints() const {
    auto const& core = detail::get(core_, "server::endpoints");
    std::vector<std::string> result;
    if (core.closed()) return result;
    for (auto const& one : core.endpoints()) result.push_back(detail::address_of(one).to_string());
    return result;
}

std::uint16_t server::port() const {
    auto const& core = detail::get(core_, "server::port");
    if (core.closed()) return 0;
    auto const first = core.endpoints().front();
    if (first.protocol().family() == AF_UNIX) return 0;
    return ntohs(reinterpret_cast<sockaddr_in const*>(first.data())->sin_port); // where IPv6 has it, too
}

bool server::is_serving() const {
    return !detail::get(core_, "server::is_serving").closed();
}

std::size_t server::connections() const {
    return detail::get(core_, "server::connections").clients().size();
}

void server::close() const {
    detail::get(core_, "server::close").close();
}

coro<> server::wait_closed() const {
    return detail::wait_until_gone(core_);
}

void server::close_clients() const {
    for (auto const& stream : detail::get(core_, "server::close_clients").open_streams()) stream->close();
}

void server::abort_clients() const {
    detail::abort_all(detail::get(core_, "server::abort_clients"));
}

coro<> server::serve_forever() const {
    return detail::serve_until_closed(core_);
}

coro<shutdown_report> server::shutdown(optional_duration deadline) const {
    return detail::shut_down(core_, deadline);
}

} // namespace ordo
