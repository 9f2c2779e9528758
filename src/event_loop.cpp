// ordo: the API of a loop over its pump.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/event_loop.hpp>

#include "detail/loop_state.hpp"
#include "detail/pump.hpp"

#include <ordo/exceptions.hpp>
#include <ordo/log.hpp>

#include <cstdlib>
#include <spdlog/spdlog.h>
#include <string>

namespace ordo {
namespace {

detail::pump& pump_in(detail::loop_core* core) noexcept {
    return static_cast<detail::pump&>(*core);
}

} // namespace

event_loop::event_loop() : event_loop(loop_options()) {}

event_loop::event_loop(loop_options options)
    : state_(std::make_unique<state>()), core_(new detail::pump(*this, std::move(options))) {
    set_debug(detail::debug_by_environment());
}

event_loop::event_loop(boost::asio::io_context& host, loop_options options)
    : event_loop(boost::asio::any_io_executor(host.get_executor()), std::move(options)) {}

event_loop::event_loop(boost::asio::any_io_executor host, loop_options options)
    : state_(std::make_unique<state>()), core_(new detail::pump(*this, std::move(host), std::move(options))) {
    set_debug(detail::debug_by_environment());
}

event_loop::~event_loop() {
    close();
    pump_in(core_).disown();
    core_->release_object();
}

detail::pump& detail::loop_access::pump_of(event_loop const& loop) noexcept {
    return pump_in(loop.core_);
}

handle event_loop::queue_threadsafe(detail::shared_node* node) {
    auto result = detail::handle_access::adopt(node);
    node->references = 2; // no other thread knows it yet
    if (!core_->push_threadsafe(node)) {
        node->release();
        core_->check_open("event_loop::call_soon_threadsafe");
    }
    return result;
}

timer_handle event_loop::schedule(detail::timer_node* node, time_point when, std::optional<bool> is_due) {
    timer_handle result(node, when);
    core_->check_thread("event_loop::call_at", node->where);
    node->loop = core_;
    core_->schedule(node, when, is_due);
    node->references = 2;
    return result;
}

void event_loop::check_can_run(char const* where) const {
    auto const fail = [where](char const* why) { throw usage_error(std::string(where) + ": " + why); };
    core_->check_open(where);
    if (!pump_in(core_).owns_context()) fail("this loop is on a context of its host; run that instead");
    if (is_running()) fail("this loop is running already");
    if (detail::this_thread.loop) fail("another loop is running on this thread; await its tasks instead");
}

void event_loop::run_forever() {
    check_can_run("event_loop::run_forever");
    pump_in(core_).run();
}

void event_loop::stop() {
    core_->check_thread("event_loop::stop");
    auto& pump = pump_in(core_);
    if (!pump.owns_context())
        throw usage_error("event_loop::stop: this loop is on a context of its host; stop that instead");
    pump.stop();
}

bool event_loop::is_running() const noexcept {
    return pump_in(core_).running();
}

std::uint64_t event_loop::iterations() const noexcept {
    return pump_in(core_).iterations();
}

queued_callbacks event_loop::queued_callbacks() const {
    core_->check_thread("event_loop::queued_callbacks");
    return pump_in(core_).queued();
}

void event_loop::set_debug(bool on) {
    pump_in(core_).set_debug(on);
}

boost::asio::any_io_executor event_loop::host_executor() const {
    return pump_in(core_).executor();
}

void event_loop::set_exception_handler(exception_handler replacement) {
    state_->on_exception = std::move(replacement);
}

event_loop::exception_handler const& event_loop::get_exception_handler() const noexcept {
    return state_->on_exception;
}

void event_loop::call_exception_handler(exception_context const& report) {
    auto const handler = state_->on_exception; // it may replace itself
    if (!handler) return default_exception_handler(report);
    try {
        handler(*this, report);
    } catch (std::exception const& e) {
        logger()->error("the exception handler itself threw: {}", e.what());
        default_exception_handler(report);
    } catch (...) {
        logger()->error("the exception handler itself threw something that is not a std::exception");
        default_exception_handler(report);
    }
}

} // namespace ordo
