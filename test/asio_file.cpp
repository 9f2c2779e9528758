// ordo: tests that files can be awaited where Asio has them, which is on io_uring: stream_file and random_access_file.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/asio_operation.hpp>

#include <ordo/exceptions.hpp>
#include <ordo/task.hpp>

#include "stream_case.hpp"
#include "temporary_folder.hpp"

#include <boost/asio/random_access_file.hpp>
#include <boost/asio/stream_file.hpp>
#include <string>
#include <sys/stat.h>

namespace asio = boost::asio;
using flags = asio::file_base;

namespace {

template <class File>
File open(std::string const& path, flags::flags how) {
    return File(ordo::get_running_loop().host_executor(), path, how);
}

} // namespace

BOOST_AUTO_TEST_SUITE(asio_file)

STREAM_TEST_CASE(what_is_written_to_a_stream_file_is_read_from_it) {
    temporary_folder const here;
    auto file = open<asio::stream_file>(here.path("file"), flags::read_write | flags::create);
    std::string const text = "line 1\nline 2\n";
    auto const written = co_await asio::async_write(file, asio::buffer(text), deferred);
    BOOST_TEST(written == text.size());
    file.seek(0, flags::seek_set);
    std::string read(text.size(), '?');
    auto const size = co_await asio::async_read(file, asio::buffer(read), deferred);
    BOOST_TEST(size == text.size());
    BOOST_TEST(read == text);
}

STREAM_TEST_CASE(the_end_of_a_stream_file_is_the_error_eof) {
    temporary_folder const here;
    auto file = open<asio::stream_file>(here.path("file"), flags::read_write | flags::create);
    char byte = 0;
    auto const read = [&]() -> coro<> { co_await file.async_read_some(asio::buffer(&byte, 1), deferred); };
    auto const error = co_await error_of(read());
    BOOST_TEST(error == asio::error::eof);
}

STREAM_TEST_CASE(a_random_access_file_is_written_and_read_anywhere) {
    temporary_folder const here;
    auto file = open<asio::random_access_file>(here.path("file"), flags::read_write | flags::create);
    std::string const late = "late", early = "early";
    co_await asio::async_write_at(file, 1'000'000, asio::buffer(late), deferred);
    co_await asio::async_write_at(file, 10, asio::buffer(early), deferred);
    std::string a(late.size(), '?'), b(early.size(), '?');
    co_await asio::async_read_at(file, 1'000'000, asio::buffer(a), deferred);
    co_await asio::async_read_at(file, 10, asio::buffer(b), deferred);
    BOOST_TEST(a == late);
    BOOST_TEST(b == early);
    BOOST_TEST(file.size() == 1'000'004u);
}

STREAM_TEST_CASE(a_full_device_is_an_error_of_the_write) {
    auto file = open<asio::stream_file>("/dev/full", flags::write_only);
    std::string const text = "no room";
    auto const write = [&]() -> coro<> { co_await asio::async_write(file, asio::buffer(text), deferred); };
    auto const error = co_await error_of(write());
    BOOST_TEST(error == boost::system::errc::no_space_on_device);
}

STREAM_TEST_CASE(a_read_of_a_file_that_has_nothing_yet_can_be_cancelled) {
    temporary_folder const here; // a named pipe, as a regular file never lets a read wait
    BOOST_REQUIRE(::mkfifo(here.path("file").c_str(), 0600) == 0);
    auto file = open<asio::stream_file>(here.path("file"), flags::read_write);
    char byte = 0;
    auto const read = [&]() -> coro<> { co_await file.async_read_some(asio::buffer(&byte, 1), deferred); };
    auto const reading = ordo::create_task(read);
    co_await ordo::sleep(2ms);
    BOOST_TEST(!reading.done());
    reading.cancel();
    bool cancelled = false;
    try {
        co_await reading;
    } catch (ordo::cancelled_error const&) {
        cancelled = true;
    }
    BOOST_TEST(cancelled);
}

BOOST_AUTO_TEST_SUITE_END()
