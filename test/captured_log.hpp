// ordo: captured_log, in whose lifetime what ordo logs is kept as text, "level: message" a line.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/log.hpp>

#include <memory>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sstream>
#include <string>

class captured_log {
public:
    captured_log() {
        auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(stream_);
        auto logger = std::make_shared<spdlog::logger>("captured", std::move(sink));
        logger->set_pattern("%l: %v");
        ordo::set_logger(std::move(logger));
    }
    captured_log(captured_log const&) = delete;
    captured_log& operator=(captured_log const&) = delete;
    ~captured_log() { ordo::set_logger(previous_); }

    std::string text() const { return stream_.str(); }

private:
    std::shared_ptr<spdlog::logger> previous_ = ordo::logger();
    std::ostringstream stream_;
};
