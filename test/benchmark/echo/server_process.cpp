// ordo: what the system says of the process of a server.
// SPDX-License-Identifier: BSL-1.0
#include "server_process.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <unistd.h>

namespace ordo_benchmark {

double server_process::cpu_ns() const {
    double sum = 0;
    for (auto const& thread : std::filesystem::directory_iterator(folder_ + "/task")) {
        double used = 0; // a thread that has just ended has none
        std::ifstream(thread.path() / "schedstat") >> used;
        sum += used;
    }
    return sum;
}

double server_process::resident_bytes() const {
    double total = 0, resident = 0;
    if (!(std::ifstream(folder_ + "/statm") >> total >> resident)) throw std::runtime_error("no process " + folder_);
    return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

} // namespace ordo_benchmark
