// ordo: tests of the inspector when allocations fail: it goes on, or leaves nothing behind.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/inspector.hpp>

#include "failing_allocations.hpp"

#include <boost/asio.hpp>
#include <string>

namespace {

using boost::asio::ip::tcp;

/// What the inspector answers, or the beginning of that, while its context is run by `step`.
std::string answer_of(std::uint16_t port, std::function<void()> const& step) {
    failing_heap::pause const unharmed;
    boost::asio::io_context other;
    tcp::socket client(other);
    client.connect({boost::asio::ip::address_v4::loopback(), port});
    std::string const request = "GET /state.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    boost::asio::write(client, boost::asio::buffer(request));
    client.non_blocking(true);
    std::string answer;
    for (;;) {
        char some[4096];
        boost::system::error_code error;
        answer.append(some, client.read_some(boost::asio::buffer(some), error));
        if (error && error != boost::asio::error::would_block) return answer;
        step();
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(inspector_failures)

BOOST_AUTO_TEST_CASE(one_that_cannot_be_made_leaves_nothing_in_the_loop) {
    fail_each([&](trial& t) {
        event_loop loop;
        t.attempt([&] { ordo::inspector const watching(loop); });
        expect_works(t, loop); // and each callback would be told to an observer that is gone
    });
}

BOOST_AUTO_TEST_CASE(one_that_was_short_of_memory_serves_again) {
    silent_log const quiet;
    fail_each([&](trial& t) {
        boost::asio::io_context host;
        event_loop loop(host);
        loop.call_later(1h, [] {});
        ordo::inspector const watching(loop);
        t.attempt([&] {
            answer_of(watching.port(), [&] {
                failing_heap::may_fail const armed; // only what runs here
                host.run_one_for(10ms);
            });
        });
        auto const answer = answer_of(watching.port(), [&] { host.run_one_for(10ms); });
        if (!answer.starts_with("HTTP/1.1 200 OK")) t.wrong += "it answers " + answer;
    });
}

BOOST_AUTO_TEST_SUITE_END()
