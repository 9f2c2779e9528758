// ordo: misuses of streams and servers that do not compile.
//
// Each #ifdef is a misuse, with what the compiler must say about it; each #else is how it is written instead.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/server.hpp>
#include <ordo/stream.hpp>

using ordo::coro;
using ordo::stream_reader;
using ordo::stream_writer;

coro<> a_write_is_not_awaited(stream_writer writer) {
#ifdef A_WRITE_IS_NOT_AWAITED // write() does nothing until it is awaited
    writer.write("hello");
#elif defined A_DRAIN_IS_NOT_AWAITED // drain() does nothing until it is awaited
    writer.drain();
#else
    co_await writer.write("hello");
    co_await writer.drain();
#endif
    co_return;
}

coro<> a_handler_has_other_parameters() {
#ifdef A_HANDLER_HAS_OTHER_PARAMETERS // the handler of a server is called as handler(reader, writer)
    auto const handler = [](stream_reader) -> coro<> { co_return; };
#elif defined A_HANDLER_IS_NO_COROUTINE // the handler of a server is called as handler(reader, writer)
    auto const handler = [](stream_reader, stream_writer) {};
#else
    auto const handler = [](stream_reader, stream_writer) -> coro<> { co_return; };
#endif
    auto const server = co_await ordo::start_server(handler, "localhost", 0);
}

coro<> a_handler_of_a_unix_server_has_other_parameters() {
#ifdef A_HANDLER_OF_A_UNIX_SERVER_HAS_OTHER_PARAMETERS // the handler of a server is called as handler(reader, writer)
    auto const handler = []() -> coro<> { co_return; };
#else
    auto const handler = [](stream_reader&, stream_writer const&) -> coro<> { co_return; };
#endif
    auto const server = co_await ordo::start_unix_server(handler, "socket");
}
