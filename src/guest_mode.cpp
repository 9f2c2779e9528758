// ordo: the thread that waits in the reactor on behalf of a foreign event loop, and the executor that leads back to that.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/guest_mode.hpp>

#include "detail/until_there_is_memory.hpp"

#include <ordo/exceptions.hpp>

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <new>
#include <thread>
#include <type_traits>
#include <utility>

namespace ordo {
namespace asio = boost::asio;

namespace {

/// What executors and calls that the host has not made yet share with the guest.
struct host_link {
    guest_mode::call_soon schedule;
    asio::io_context* context;
    std::atomic<bool> over{false}; ///< written on the host's thread, where the calls are made

    /// Asio's thread has nobody whom it could tell that there is no memory.
    template <class F>
    auto surely(F const& attempt) const {
        return context->get_executor().running_in_this_thread() ? detail::until_there_is_memory(attempt) : attempt();
    }
};

/// Every handler of an object on it is called by the host.
class guest_executor {
    using blocking = asio::execution::blocking_t;
    using work = asio::execution::outstanding_work_t;

public:
    explicit guest_executor(std::shared_ptr<host_link> link) noexcept : link_(std::move(link)) {}

    asio::execution_context& query(asio::execution::context_t) const noexcept { return *link_->context; }
    static constexpr blocking::never_t query(blocking::never_t) noexcept { return {}; }
    static constexpr blocking query(blocking) noexcept { return blocking::never; }
    // The reactor's thread runs until it is told to end, whatever is outstanding.
    static constexpr work::tracked_t query(work::tracked_t) noexcept { return {}; }

    template <class F>
    void execute(F&& function) const {
        auto const keep = [&] { return std::make_shared<std::decay_t<F>>(std::forward<F>(function)); };
        auto const kept = link_->surely(keep);
        auto const call = [link = link_, kept] {
            if (!link->over) std::move (*kept)();
        };
        link_->surely([&] { link_->schedule(call); });
    }

    friend bool operator==(guest_executor const&, guest_executor const&) = default;

private:
    std::shared_ptr<host_link> link_;
};

} // namespace

class guest_mode::implementation {
public:
    explicit implementation(call_soon schedule)
        : link_(std::make_shared<host_link>(std::move(schedule), &context_)), work_(asio::make_work_guard(context_)),
          thread_([this] { run(); }) {}
    implementation(implementation const&) = delete;
    implementation& operator=(implementation const&) = delete;

    ~implementation() {
        context_.stop();
        thread_.join();
        link_->over = true;
    }

    guest_executor executor() const noexcept { return guest_executor(link_); }

private:
    /// Asio drops a handler for which it finds no memory, and throws. Whoever waits for it is told by that.
    void run() {
        while (!context_.stopped()) {
            try {
                context_.run();
            } catch (std::bad_alloc const&) {}
        }
    }

    asio::io_context context_;
    std::shared_ptr<host_link> link_;
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::thread thread_;
};

guest_mode::guest_mode(call_soon schedule) {
    if (!schedule) throw usage_error("guest_mode: the function that schedules a call is empty; pass a real one");
    implementation_ = std::make_unique<implementation>(std::move(schedule));
}

guest_mode::~guest_mode() = default;

asio::any_io_executor guest_mode::get_executor() const {
    return implementation_->executor();
}

} // namespace ordo
