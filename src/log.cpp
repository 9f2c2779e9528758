// ordo: finds or makes the logger "ordo".
// SPDX-License-Identifier: BSL-1.0
#include <ordo/log.hpp>

#include <mutex>
#include <spdlog/spdlog.h>

namespace ordo {
namespace {

std::mutex mutex;
std::shared_ptr<spdlog::logger> current;

std::shared_ptr<spdlog::logger> find_or_make() {
    if (auto registered = spdlog::get("ordo")) return registered;
    auto const& sinks = spdlog::default_logger()->sinks();
    auto made = std::make_shared<spdlog::logger>("ordo", sinks.begin(), sinks.end());
    spdlog::initialize_logger(made);
    return made;
}

} // namespace

std::shared_ptr<spdlog::logger> logger() {
    std::lock_guard lock(mutex);
    if (!current) current = find_or_make();
    return current;
}

void set_logger(std::shared_ptr<spdlog::logger> replacement) {
    std::lock_guard lock(mutex);
    current = std::move(replacement);
}

} // namespace ordo
