// ordo: signal handlers of a loop, one boost::asio::signal_set for each signal.
// SPDX-License-Identifier: BSL-1.0
#include "detail/loop_state.hpp"

#include <ordo/event_loop.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/exceptions.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <map>
#include <string>

namespace ordo {
namespace detail {
namespace {

class signal_sets final : public loop_part, public std::enable_shared_from_this<signal_sets> {
public:
    explicit signal_sets(event_loop& loop) : loop_(loop) {}

    void set(int number, std::function<void()> handler) {
        auto const [at, added] = entries_.try_emplace(number, loop_.host_executor());
        try {
            if (added) at->second.set.add(number);
        } catch (...) {
            entries_.erase(at);
            throw;
        }
        at->second.handler = std::move(handler);
        at->second.in = copy_context();
        if (added) wait(at->second, number);
    }

    bool remove(int number) { return entries_.erase(number) > 0; }

private:
    struct entry {
        explicit entry(boost::asio::any_io_executor executor) : set(std::move(executor)) {}
        boost::asio::signal_set set;
        std::function<void()> handler;
        context in{}; ///< of who added it
    };

    void wait(entry& entry, int number) {
        entry.set.async_wait([weak = weak_from_this(), number](boost::system::error_code error, int) {
            if (auto self = weak.lock(); self && !error) self->received(number);
        });
    }

    void received(int number) {
        auto const at = entries_.find(number);
        if (at == entries_.end()) return; // removed while this was on its way
        try {
            wait(at->second, number);
            loop_.call_soon(at->second.in, at->second.handler);
        } catch (...) {
            loop_.call_exception_handler({.message = "a signal was lost", .exception = std::current_exception()});
        }
    }

    event_loop& loop_;
    std::map<int, entry> entries_;
};

} // namespace
} // namespace detail

void event_loop::set_signal_handler(int number, std::function<void()> handler) {
    core_->check_open("event_loop::add_signal_handler");
    core_->check_thread("event_loop::add_signal_handler");
    if (number < 1 || number >= NSIG)
        throw usage_error("event_loop::add_signal_handler: there is no signal " + std::to_string(number));
    if (!state_->signals) state_->signals = std::make_shared<detail::signal_sets>(*this);
    static_cast<detail::signal_sets&>(*state_->signals).set(number, std::move(handler));
}

bool event_loop::remove_signal_handler(int number) {
    core_->check_thread("event_loop::remove_signal_handler");
    return state_->signals && static_cast<detail::signal_sets&>(*state_->signals).remove(number);
}

} // namespace ordo
