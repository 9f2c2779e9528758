// ordo: the main() of every test; what is logged during a test case is shown only if the case fails.
// SPDX-License-Identifier: BSL-1.0
#define BOOST_TEST_MODULE ordo
#include <boost/test/unit_test.hpp>

#include <ordo/log.hpp>

#include <boost/test/results_collector.hpp>
#include <boost/test/tree/observer.hpp>
#include <iostream>
#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/spdlog.h>

#ifdef BOOST_ASIO_HAS_IO_URING
#include <cstdlib>
#include <cstring>
#include <liburing.h>
#endif

namespace {

#ifdef BOOST_ASIO_HAS_IO_URING
/// Some sandboxes forbid io_uring_setup; every test counts as skipped there.
struct io_uring_allowed {
    io_uring_allowed() {
        ::io_uring ring;
        int const result = ::io_uring_queue_init(1, &ring, 0);
        if (result < 0) {
            std::cerr << "skipped: the kernel allows no io_uring: " << std::strerror(-result) << '\n';
            std::_Exit(77);
        }
        ::io_uring_queue_exit(&ring);
    }
};
BOOST_TEST_GLOBAL_FIXTURE(io_uring_allowed);
#endif

class quiet_log : public boost::unit_test::test_observer {
public:
    quiet_log() { boost::unit_test::framework::register_observer(*this); }
    ~quiet_log() { boost::unit_test::framework::deregister_observer(*this); }

    void test_unit_start(boost::unit_test::test_unit const& unit) override {
        if (unit.p_type != boost::unit_test::TUT_CASE) return;
        lines_ = std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(kept_lines);
        auto logger = std::make_shared<spdlog::logger>("ordo", lines_);
        logger->set_level(spdlog::level::trace);
        ordo::set_logger(std::move(logger));
    }

    void test_unit_finish(boost::unit_test::test_unit const& unit, unsigned long) override {
        if (unit.p_type != boost::unit_test::TUT_CASE || !lines_) return;
        if (boost::unit_test::results_collector.results(unit.p_id).passed()) return;
        for (auto const& line : lines_->last_formatted()) std::cerr << "  log of " << unit.p_name << ": " << line;
    }

    int priority() override { return 5; } // after Boost.Test's own collector of results

private:
    static constexpr std::size_t kept_lines = 200; ///< of each case; more would bury what failed

    std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> lines_;
};

} // namespace

BOOST_TEST_GLOBAL_FIXTURE(quiet_log);
