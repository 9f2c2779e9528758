// ordo: what the tests of servers begin with: STREAM_TEST_CASE, handlers, and how a server ends.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/server.hpp>

#include "stream_case.hpp"

using ordo::server;
using ordo::stream_reader;
using ordo::stream_writer;

inline coro<> echo(stream_reader reader, stream_writer writer) {
    for (;;) {
        auto const data = co_await reader.read(100'000);
        if (data.empty()) co_return;
        co_await writer.write(data);
    }
}

inline coro<> wait_for_end(stream_reader reader, stream_writer) {
    co_await reader.read();
}

inline coro<> end(server which) {
    which.close();
    co_await which.wait_closed();
}
