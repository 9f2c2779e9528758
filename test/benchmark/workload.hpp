// ordo: the list of (peer, workload) pairs that the benchmark program can run.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ordo_benchmark {

/// Of one repeat of a workload.
struct outcome {
    double value;        ///< in the workload's unit: ns per operation, or bytes
    std::uint64_t check; ///< depends on what was done; the same for all peers at the same size
};

/// @param size   Operations, tasks, timers, connections or threads, as the harness says in words for each workload.
using workload_function = outcome (*)(std::size_t size);

/// A workload of a peer; an object of it at namespace scope puts it into the list of the program.
struct registration {
    registration(char const* peer, char const* workload, workload_function function);
};

/// An option k=v of the command line.
std::string option(std::string_view key, std::string_view otherwise);
std::size_t option(std::string_view key, std::size_t otherwise);

/// How many chains, tasks or callbacks of a batch are alive at a time: the option `tasks` or `batch`; at most `size`.
std::size_t alive(std::size_t otherwise, std::size_t size);

} // namespace ordo_benchmark
