// ordo: the logger that ordo reports to.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/config.hpp>

#include <memory>
#include <spdlog/fwd.h>

namespace ordo {

/// The logger of the library: the host's, if set_logger() gave one; else spdlog's registered logger "ordo"; else one of
/// that name, made at first use, that shares the sinks of spdlog's default logger.
///
/// @returns   Never null.
/// @par Thread safety   Any thread.
ORDO_DECL std::shared_ptr<spdlog::logger> logger();

/// Put the host's logger in place of the library's.
///
/// @param replacement   Used from now on; null goes back to the logger "ordo".
/// @par Thread safety   Any thread.
ORDO_DECL void set_logger(std::shared_ptr<spdlog::logger> replacement);

} // namespace ordo
