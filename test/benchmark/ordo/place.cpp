// ordo: options of the command line for the loops of ordo in the benchmark.
// SPDX-License-Identifier: BSL-1.0
#include "place.hpp"

namespace ordo_benchmark {
namespace {

bool is_set(char const* key) {
    return option(key, "0") == "1";
}

ordo::context_var<int> variable("variable");
std::uint64_t hook_calls = 0;

void count_hook(ordo::any_task const&) {
    ++hook_calls;
}

} // namespace

ordo::loop_options options_of_command_line() {
    ordo::loop_options result{.strict = is_set("strict")};
    if (is_set("untimed")) result.max_time = std::chrono::hours(1);
    return result;
}

void apply_options(ordo::event_loop& loop) {
    if (is_set("debug")) loop.set_debug(true);
    if (is_set("hooks"))
        loop.set_hooks({.on_task_created = count_hook, .on_task_step = count_hook, .on_task_done = count_hook});
    if (is_set("context")) variable.set(1);
}

} // namespace ordo_benchmark
