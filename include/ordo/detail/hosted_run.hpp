// ordo: a loop on the executor of a host that lives for one coroutine, and a host's loop at its end.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/event_loop.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

namespace ordo::detail {

/// Owned by the host's context, because the loop's own callbacks, which refer to it, must not destroy the loop.
class ORDO_DECL hosted_run {
public:
    /// Any thread.
    static hosted_run& make(boost::asio::any_io_executor host);

    hosted_run(hosted_run const&) = delete;
    hosted_run& operator=(hosted_run const&) = delete;

    event_loop& loop() noexcept { return loop_; }

    /// In a callback of the loop: cancel the tasks that are left, and wait for them; then, in a handler of the host,
    /// destroy this and call `then`.
    void end(std::function<void()> then);

private:
    class owner;
    friend std::default_delete<hosted_run>;

    hosted_run(boost::asio::any_io_executor host, owner& of) : host_(host), owner_(of), loop_(std::move(host)) {}
    ~hosted_run() = default;

    boost::asio::any_io_executor host_;
    owner& owner_;
    event_loop loop_;
};

} // namespace ordo::detail
