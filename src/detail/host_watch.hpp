// ordo: learns that a host's context is being destroyed while a loop is still on it, and closes the loop in time.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <boost/asio/execution_context.hpp>
#include <mutex>
#include <vector>

namespace ordo::detail {

class pump;

class host_watch final : public boost::asio::execution_context::service {
public:
    using key_type = host_watch;
    static boost::asio::execution_context::id id;

    explicit host_watch(boost::asio::execution_context& context) : service(context) {}

    static host_watch& of(boost::asio::execution_context& context);

    void add(pump& loop);
    void remove(pump& loop) noexcept;

private:
    void shutdown() noexcept override;

    std::mutex mutex_;
    std::vector<pump*> loops_;
};

} // namespace ordo::detail
