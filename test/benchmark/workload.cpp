// ordo: the list of workloads, and the options of the command line.
// SPDX-License-Identifier: BSL-1.0
#include "workload.hpp"

#include "command_line.hpp"

#include <algorithm>

namespace ordo_benchmark {

std::vector<listed_workload>& all_workloads() {
    static std::vector<listed_workload> list; // the registrations of other files may run before anything here
    return list;
}

std::map<std::string, std::string, std::less<>>& all_options() {
    static std::map<std::string, std::string, std::less<>> options;
    return options;
}

registration::registration(char const* peer, char const* workload, workload_function function) {
    all_workloads().push_back({peer, workload, function});
}

std::string option(std::string_view key, std::string_view otherwise) {
    auto const found = all_options().find(key);
    return found == all_options().end() ? std::string(otherwise) : found->second;
}

std::size_t option(std::string_view key, std::size_t otherwise) {
    auto const found = all_options().find(key);
    return found == all_options().end() ? otherwise : std::stoul(found->second);
}

std::size_t alive(std::size_t otherwise, std::size_t size) {
    return std::clamp<std::size_t>(option("tasks", option("batch", otherwise)), 1, std::max<std::size_t>(size, 1));
}

} // namespace ordo_benchmark
