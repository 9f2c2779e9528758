// ordo: what the benchmark program knows of its workloads and of its command line.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "workload.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace ordo_benchmark {

struct listed_workload {
    std::string peer;
    std::string name;
    workload_function function;
};

std::vector<listed_workload>& all_workloads();
std::map<std::string, std::string, std::less<>>& all_options();

} // namespace ordo_benchmark
