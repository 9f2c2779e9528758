// ordo: fuzz_api, a program built from bytes that calls the public API in any order.
//
// Ten minutes of fuzzing, on one core, from the root of the project:
//
//   cmake --preset fuzz && cmake --build --preset fuzz
//   mkdir -p build/fuzz/found
//   build/fuzz/test/fuzz/fuzz_api -max_total_time=600 -timeout=5 -rss_limit_mb=2048 -max_len=256 build/fuzz/found test/fuzz/corpus
//
// What it finds is wrong, because it knows by itself what has to happen (model.hpp), and everything is deterministic:
// time is virtual, there is one thread, and every input is run twice, to see that it does the same. What was found goes
// into the corpus with its mend. `fuzz_api -merge=1 NEW test/fuzz/corpus build/fuzz/found` makes the corpus small again.
// SPDX-License-Identifier: BSL-1.0
#include "world.hpp"

#include <ordo/log.hpp>

#include <cstddef>
#include <cstdint>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

namespace fuzz {
namespace {

/// @returns what happened, in order.
std::vector<std::uint32_t> trace_of(program code) {
    std::vector<std::uint32_t> trace;
    counted::reset();
    ordo::context().run([&] {
        world all(code);
        all.run();
        all.tear_down();
        demand(all.waits.empty(), "a frame is left after the end of its loop");
        trace = all.trace;
    });
    demand(counted::alive() == 0, "objects are left in callbacks or frames");
    return trace;
}

} // namespace
} // namespace fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static bool const quiet = [] {
        ordo::set_logger(std::make_shared<spdlog::logger>("null", std::make_shared<spdlog::sinks::null_sink_mt>()));
        return true;
    }();
    static_cast<void>(quiet);
    fuzz::program const code({data, size});
    auto const first = fuzz::trace_of(code);
    fuzz::demand(first == fuzz::trace_of(code), "the same program does something else when it is run again");
    return 0;
}
