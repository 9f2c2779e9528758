// ordo: the executor on which the handlers of awaited operations run.
//
// Inside the loop's context it calls them at once, as Asio's own executors do. On a foreign thread (the operation's
// object lives on another context) it sends them home through the inbox; if the loop is closed by then they are
// dropped. So it may be used for as long as anything refers to it, whatever has become of loop and context.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/callback.hpp>
#include <ordo/detail/loop_core.hpp>
#include <ordo/detail/scope_exit.hpp>

#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <type_traits>
#include <utility>

namespace ordo::detail {

class home_executor {
    using blocking = boost::asio::execution::blocking_t;

public:
    explicit home_executor(loop_core& core) noexcept : core_(core) {}

    boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept { return core_->host(); }
    blocking query(blocking) const noexcept {
        return never_inline_ ? blocking(blocking::never) : blocking(blocking::possibly);
    }
    home_executor require(blocking::never_t) const { return home_executor(core_, true); }
    home_executor require(blocking::possibly_t) const { return home_executor(core_, false); }

    /// Whether the caller is a handler on the loop's executor.
    bool at_home() const noexcept { return core_->at_home(); }
    /// Any thread: queue a node for the loop. @returns false if the loop is closed.
    bool submit(ready_node* node) const noexcept { return core_->push_threadsafe(node); }

    template <class F>
    void execute(F&& function) const {
        if (!never_inline_ && core_->at_home()) {
            // So that the handler, who asks again, need not ask the host.
            auto const* const outer = std::exchange(this_thread.home, &*core_);
            scope_exit const restore([&] { this_thread.home = outer; });
            std::forward<F>(function)();
            return;
        }
        auto* node = callback<std::decay_t<F>>::make(std::forward<F>(function));
        if (!submit(node)) node->release();
    }

    friend bool operator==(home_executor const& a, home_executor const& b) noexcept {
        return &*a.core_ == &*b.core_ && a.never_inline_ == b.never_inline_;
    }

private:
    home_executor(core_share core, bool never_inline) noexcept : core_(std::move(core)), never_inline_(never_inline) {}

    core_share core_;
    bool never_inline_ = false;
};

} // namespace ordo::detail
