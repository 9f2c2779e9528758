// ordo: what the system says of the process of a server.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>

namespace ordo_benchmark {

class server_process {
public:
    explicit server_process(std::string const& id) : folder_("/proc/" + id) {}

    /// What all its threads have used so far. Of one that runs, the kernel knows it up to its last tick.
    double cpu_ns() const;
    double resident_bytes() const;

private:
    std::string folder_;
};

} // namespace ordo_benchmark
