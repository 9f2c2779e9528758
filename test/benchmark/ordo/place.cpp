// ordo: options of the command line for the loops of ordo in the benchmark.
// SPDX-License-Identifier: BSL-1.0
#include "place.hpp"

#include <string_view>

namespace ordo_benchmark {
namespace {

bool is_set(char const* key) {
    return option(key, "0") == "1";
}

ordo::context_var<int> variable("variable");
std::uint64_t hook_calls = 0;

ordo::loop_hooks hooks_of(std::string_view which) {
    ordo::loop_hooks hooks;
    if (which == "0") return hooks;
    hooks.on_task_created = hooks.on_task_step = hooks.on_task_done = [](ordo::any_task const&) { ++hook_calls; };
    if (which != "all") return hooks;
    hooks.on_callback = [](ordo::callback_info const&) { ++hook_calls; };
    hooks.on_callback_done = [](ordo::callback_info const&, ordo::duration) { ++hook_calls; };
    return hooks;
}

} // namespace

ordo::loop_options options_of_command_line() {
    ordo::loop_options result{.strict = is_set("strict")};
    if (is_set("untimed")) result.max_time = std::chrono::hours(1);
    return result;
}

void apply_options(ordo::event_loop& loop) {
    if (is_set("debug")) loop.set_debug(true);
    loop.set_hooks(hooks_of(option("hooks", "0")));
    if (is_set("context")) variable.set(1);
}

} // namespace ordo_benchmark
