// ordo: the list of the echo servers.
// SPDX-License-Identifier: BSL-1.0
#include "server.hpp"

namespace ordo_benchmark {

std::vector<listed_server> const& echo_servers() {
    static std::vector<listed_server> const servers{
        {"ordo", make_ordo_server},        {"ordo_embedded", make_embedded_server},
        {"ordo_ready", make_ready_server}, {"floor", make_floor_server},
        {"asio", make_asio_server},        {"asio_awaitable", make_awaitable_server},
#ifdef ORDO_BENCHMARK_LIBUV
        {"libuv", make_libuv_server},
#endif
    };
    return servers;
}

} // namespace ordo_benchmark
