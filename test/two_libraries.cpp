// ordo: tests of two libraries on one io_context that do not know of each other: each has a loop of its own.
// SPDX-License-Identifier: BSL-1.0
//
// Two loops on one context, as such, are tested in borrowed_loop.cpp; here each runs tasks, and comes and goes by itself.
#include <ordo/event_loop.hpp>

#include "open_descriptors.hpp"

#include <ordo/asio_operation.hpp>
#include <ordo/coro.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>

#include <atomic>
#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

// What a host sees of both: make it on a context or a strand, let it work, destroy it. They share no code and no state.

// What was under way when a loop ends is reported, which is not the matter here.

/// Counts to a number, with a rest between two.
class counting_library {
public:
    explicit counting_library(asio::any_io_executor const& on) : loop_(on) {
        loop_.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
    }

    void count_to(int n) {
        asio::post(loop_.host_executor(), [this, n] { static_cast<void>(loop_.create_task(run(n))); });
    }
    void close() { loop_.close(); }
    int counted() const { return counted_; }
    int in_a_wrong_loop() const { return wrong_; }

private:
    ordo::coro<> run(int n) {
        for (int i = 0; i < n; ++i) {
            co_await ordo::sleep(i % 10 == 0 ? 1ms : 0ms);
            wrong_ += &ordo::get_running_loop() != &loop_;
            ++counted_;
        }
    }

    ordo::event_loop loop_;
    int counted_ = 0, wrong_ = 0;
};

/// Sends itself messages over a pipe of Asio.
class mail_library {
public:
    explicit mail_library(asio::any_io_executor const& on)
        : loop_(std::make_unique<ordo::event_loop>(on)), in_(on), out_(on) {
        asio::connect_pipe(in_, out_);
        loop_->set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
    }

    void exchange(int letters) {
        asio::post(loop_->host_executor(), [this, letters] {
            static_cast<void>(loop_->create_task(send(letters)));
            static_cast<void>(loop_->create_task(receive(letters)));
        });
    }
    void close() { loop_->close(); }
    int received() const { return received_; }
    int in_a_wrong_loop() const { return wrong_; }

private:
    ordo::coro<> send(int letters) {
        for (int i = 0; i < letters; ++i) {
            char const letter = static_cast<char>(i);
            co_await asio::async_write(out_, asio::buffer(&letter, 1), asio::deferred);
            co_await ordo::sleep(0ms);
        }
    }
    ordo::coro<> receive(int letters) {
        for (int i = 0; i < letters; ++i) {
            char letter = 0;
            co_await asio::async_read(in_, asio::buffer(&letter, 1), asio::deferred);
            wrong_ += &ordo::get_running_loop() != loop_.get() || letter != static_cast<char>(i);
            ++received_;
        }
    }

    std::unique_ptr<ordo::event_loop> loop_;
    asio::readable_pipe in_;
    asio::writable_pipe out_;
    int received_ = 0, wrong_ = 0;
};

struct host : no_descriptors_left {
    asio::io_context context;

    /// @returns   Whether it ran out of work by itself.
    bool ends(int threads = 1) {
        context.restart();
        std::vector<std::thread> others;
        auto const run = [this] { context.run_for(30s); };
        for (int i = 1; i < threads; ++i) others.emplace_back(run);
        run();
        for (auto& thread : others) thread.join();
        return context.stopped();
    }
};

constexpr int many = 2000;

} // namespace

BOOST_FIXTURE_TEST_SUITE(two_libraries, host)

BOOST_AUTO_TEST_CASE(on_one_thread_each_get_their_work_done_and_the_host_ends) {
    counting_library counting(context.get_executor());
    mail_library mail(context.get_executor());
    counting.count_to(many);
    mail.exchange(many);
    BOOST_TEST(ends());
    BOOST_TEST(counting.counted() == many);
    BOOST_TEST(mail.received() == many);
    BOOST_TEST(counting.in_a_wrong_loop() == 0);
    BOOST_TEST(mail.in_a_wrong_loop() == 0);
}

BOOST_AUTO_TEST_CASE(on_one_thread_take_turns) {
    counting_library counting(context.get_executor());
    mail_library mail(context.get_executor());
    counting.count_to(many);
    mail.exchange(many);
    int counted_while_mail_goes = 0, received_while_counting_goes = 0;
    while (counting.counted() < many || mail.received() < many) {
        int const counted = counting.counted(), received = mail.received();
        BOOST_REQUIRE(context.run_one_for(30s) == 1u);
        if (mail.received() < many) counted_while_mail_goes += counting.counted() - counted;
        if (counting.counted() < many) received_while_counting_goes += mail.received() - received;
    }
    BOOST_TEST(counted_while_mail_goes > 0);
    BOOST_TEST(received_while_counting_goes > 0);
}

BOOST_AUTO_TEST_CASE(on_strands_and_two_threads_each_get_their_work_done_and_the_host_ends) {
    counting_library counting(asio::make_strand(context));
    mail_library mail(asio::make_strand(context));
    counting.count_to(many);
    mail.exchange(many);
    BOOST_TEST(ends(2));
    BOOST_TEST(counting.counted() == many);
    BOOST_TEST(mail.received() == many);
    BOOST_TEST(counting.in_a_wrong_loop() == 0);
    BOOST_TEST(mail.in_a_wrong_loop() == 0);
}

BOOST_AUTO_TEST_CASE(closing_one_in_the_middle_leaves_the_other_its_work) {
    counting_library counting(context.get_executor());
    mail_library mail(context.get_executor());
    counting.count_to(many);
    mail.exchange(many);
    while (counting.counted() < 10 || mail.received() < 10) context.run_one_for(30s);
    mail.close();
    int const received = mail.received();
    BOOST_TEST(ends());
    BOOST_TEST(counting.counted() == many);
    BOOST_TEST(mail.received() == received);
}

BOOST_AUTO_TEST_CASE(closing_the_other_one_in_the_middle_leaves_the_first_its_work) {
    counting_library counting(context.get_executor());
    mail_library mail(context.get_executor());
    counting.count_to(many);
    mail.exchange(many);
    while (counting.counted() < 10 || mail.received() < 10) context.run_one_for(30s);
    counting.close();
    int const counted = counting.counted();
    BOOST_TEST(ends());
    BOOST_TEST(counting.counted() == counted);
    BOOST_TEST(mail.received() == many);
}

BOOST_AUTO_TEST_CASE(closing_one_on_its_strand_leaves_the_other_its_work_on_another_thread) {
    auto const strand = asio::make_strand(context);
    counting_library counting(asio::make_strand(context));
    std::optional<mail_library> mail(strand);
    counting.count_to(many);
    mail->exchange(1'000'000);
    asio::steady_timer later(strand, 5ms);
    later.async_wait([&](boost::system::error_code) { mail.reset(); });
    BOOST_TEST(ends(2));
    BOOST_TEST(!mail.has_value());
    BOOST_TEST(counting.counted() == many);
}

BOOST_AUTO_TEST_CASE(may_be_destroyed_in_the_order_in_which_they_were_made_with_work_under_way) {
    std::optional<counting_library> counting(context.get_executor());
    std::optional<mail_library> mail(context.get_executor());
    counting->count_to(many);
    mail->exchange(many);
    while (counting->counted() < 10 || mail->received() < 10) context.run_one_for(30s);
    counting.reset();
    context.run_one_for(1s);
    mail.reset();
    BOOST_TEST(ends());
}

BOOST_AUTO_TEST_CASE(may_be_destroyed_in_the_opposite_order_with_work_under_way) {
    std::optional<counting_library> counting(context.get_executor());
    std::optional<mail_library> mail(context.get_executor());
    counting->count_to(many);
    mail->exchange(many);
    while (counting->counted() < 10 || mail->received() < 10) context.run_one_for(30s);
    mail.reset();
    context.run_one_for(1s);
    counting.reset();
    BOOST_TEST(ends());
}

BOOST_AUTO_TEST_CASE(that_are_idle_do_not_keep_the_host_and_one_that_is_busy_does) {
    counting_library const idle(context.get_executor());
    BOOST_TEST(ends());
    mail_library mail(context.get_executor());
    mail.exchange(1);
    BOOST_TEST(ends());
    BOOST_TEST(mail.received() == 1); // so it did not end before that
    BOOST_TEST(idle.counted() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
