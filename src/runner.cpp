// ordo: running a main task under SIGINT, and ending a loop in good order.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/runner.hpp>

#include <ordo/detail/leftovers.hpp>
#include <ordo/detail/scope_exit.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/executor.hpp>
#include <ordo/gather.hpp>
#include <ordo/log.hpp>
#include <ordo/policy.hpp>

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <functional>
#include <optional>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace ordo {
namespace {

/// While it lives the first SIGINT calls a function in the loop, and the second has the system's default action: the
/// kernel takes our handler away as it calls it, so that even a loop that is stuck can be ended from the keyboard.
class interrupt_watch {
public:
    interrupt_watch(event_loop& loop, std::function<void()> on_interrupt) {
        struct sigaction present{};
        if (::sigaction(SIGINT, nullptr, &present) != 0 || present.sa_handler != SIG_DFL) return;
        int const event = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (event < 0) throw std::system_error(errno, std::generic_category(), "runner: eventfd");
        detail::scope_exit const close_unless_owned([&] {
            if (!event_) ::close(event);
        });
        if (written_on_interrupt.load() >= 0) return; // another runner watches
        event_.emplace(loop.host_executor(), event);
        event_->async_wait(boost::asio::posix::stream_descriptor::wait_read,
                           [&loop, call = std::move(on_interrupt)](boost::system::error_code error) {
                               if (!error) interrupted(loop, call);
                           });
        int nobody = -1;
        if (!written_on_interrupt.compare_exchange_strong(nobody, event)) {
            event_.reset();
            return;
        }
        struct sigaction ours{};
        ours.sa_handler = &interrupt_watch::on_signal;
        ours.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
        ::sigaction(SIGINT, &ours, nullptr);
    }
    interrupt_watch(interrupt_watch const&) = delete;
    interrupt_watch& operator=(interrupt_watch const&) = delete;

    ~interrupt_watch() {
        if (!event_) return;
        struct sigaction present{};
        if (::sigaction(SIGINT, nullptr, &present) == 0 && present.sa_handler == &interrupt_watch::on_signal) {
            present.sa_handler = SIG_DFL;
            present.sa_flags = 0;
            ::sigaction(SIGINT, &present, nullptr);
        }
        written_on_interrupt = -1;
    }

private:
    static inline std::atomic<int> written_on_interrupt{-1};

    static void interrupted(event_loop& loop, std::function<void()> const& call) {
        try {
            loop.call_soon(call);
        } catch (...) {
            loop.call_exception_handler({.message = "SIGINT was lost", .exception = std::current_exception()});
        }
    }

    static void on_signal(int) {
        int const saved = errno;
        std::uint64_t const one = 1;
        if (int const event = written_on_interrupt.load(); event >= 0)
            static_cast<void>(::write(event, &one, sizeof one) == sizeof one);
        errno = saved;
    }

    std::optional<boost::asio::posix::stream_descriptor> event_;
};

void run_until_cancelled(event_loop& loop) {
    auto const leftovers = all_tasks(loop);
    if (leftovers.empty()) return;
    for (auto const& task : leftovers) task.cancel();
    loop.run_until_done(gather_results(leftovers));
    detail::report_failed_leftovers(loop, leftovers);
}

} // namespace

runner::runner() : loop_(new_event_loop()) {}

runner::runner(loop_options options) : loop_(std::make_unique<event_loop>(std::move(options))) {}

runner::~runner() {
    try {
        close();
    } catch (std::exception const& e) {
        logger()->error("runner: closing failed: {}", e.what());
    } catch (...) {
        logger()->error("runner: closing failed");
    }
}

void runner::run_until_done(any_task const& main) {
    bool interrupted = false;
    {
        interrupt_watch const watch(*loop_, [&interrupted, main] { interrupted = main.cancel(); });
        loop_->run_until_done(main);
    }
    if (interrupted && main.cancelled() && main.uncancel() == 0) throw keyboard_interrupt("run: interrupted by SIGINT");
}

void runner::close() {
    if (loop_->is_closed()) return;
    std::exception_ptr failure;
    if (!detail::this_thread.loop) { // else it was refused to run here, and has nothing to end
        try {
            // Objects of main that are gone have aborted their operations; who waits for one must not cancel it any more.
            detail::loop_access::deliver_completions(*loop_);
            detail::hang_watch const watch(*loop_);
            run_until_cancelled(*loop_);
            loop_->run_until_complete(loop_->shutdown_asyncgens());
            loop_->run_until_complete(loop_->shutdown_default_executor(detail::executor_shutdown_timeout));
        } catch (...) {
            failure = std::current_exception(); // it was stopped half-way
        }
    }
    loop_->close();
    if (failure) std::rethrow_exception(failure);
}

} // namespace ordo
