// ordo: programs that are not ours: whether they are there, and what they print.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/executor.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

/// The test counts as skipped if one of the programs is missing.
inline void require_programs(std::initializer_list<char const*> names) {
    for (std::string const name : names) {
        if (std::system(("command -v " + name + " >/dev/null").c_str()) == 0) continue;
        std::cerr << "skipped: " << name << " is missing\n";
        std::_Exit(77);
    }
}

/// A program that runs, and what it prints.
class program {
public:
    explicit program(std::string const& command) : pipe_(::popen(command.c_str(), "r"), &::pclose) {}

    std::string line() const {
        std::array<char, 1000> buffer{};
        return std::fgets(buffer.data(), buffer.size(), pipe_.get()) ? buffer.data() : "";
    }
    std::string rest() const {
        std::string all;
        for (auto next = line(); !next.empty(); next = line()) all += next;
        return all;
    }

private:
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe_;
};

/// What a command prints; the loop goes on meanwhile.
inline ordo::coro<std::string> output_of(std::string command) {
    auto run = [command] { return program(command).rest(); };
    auto printed = ordo::get_running_loop().run_in_executor(run);
    co_return co_await std::move(printed);
}
