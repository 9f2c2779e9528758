// ordo: event_loop::drain, the end of a loop that a host goes on without.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/event_loop.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/append.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ordo {

/// What event_loop::drain() met.
struct drain_report {
    std::vector<std::string> cancelled{}; ///< names of the tasks that were cancelled at the deadline
    std::vector<std::string> abandoned{}; ///< of those among them that did not end, and were destroyed
    std::string call_graph{}; ///< where these waited, as format_call_graph() has it; empty if there are none
};

namespace detail {

/// `done` is called by a handler of the host, once nothing of the loop is left in its context.
ORDO_DECL void drain(event_loop& loop, time_point deadline, std::function<void(drain_report)> done);

template <class Token>
struct draining {
    static auto start(event_loop& loop, time_point deadline, Token& token) {
        auto initiate = [&loop, deadline]<class Handler>(Handler&& handler) {
            boost::asio::any_io_executor const host = loop.host_executor();
            auto const tracked = boost::asio::execution::outstanding_work.tracked;
            auto work = boost::asio::prefer(boost::asio::get_associated_executor(handler, host), tracked);
            auto const kept = std::make_shared<std::decay_t<Handler>>(std::forward<Handler>(handler));
            drain(loop, deadline, [kept, work = std::move(work)](drain_report report) {
                boost::asio::post(work, boost::asio::append(std::move(*kept), std::move(report)));
            });
        };
        return boost::asio::async_initiate<Token, void(drain_report)>(initiate, token);
    }
};

} // namespace detail
} // namespace ordo
