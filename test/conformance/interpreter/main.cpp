// ordo: ordo_scenario: runs scenarios on ordo and prints their traces.
//
//   ordo_scenario FILE...      prints each trace, in the format of ../FORMAT.md
//   ordo_scenario --check DIR  runs the scenarios of a folder and compares with the newest trace beside each
//
// Ends with 2 if a scenario cannot be read or parsed, with 1 if a trace differs.
// SPDX-License-Identifier: BSL-1.0
#include "runtime.hpp"
#include "scenario.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <ranges>
#include <string>
#include <vector>

namespace {
namespace fs = std::filesystem;

std::string read(fs::path const& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw conformance::scenario_error(0, "cannot be read");
    return {std::istreambuf_iterator<char>(file), {}};
}

/// @returns   Nothing if it cannot be read or parsed; then it has said so.
std::optional<std::string> trace_of(fs::path const& path) {
    try {
        auto const scenario = conformance::parse_scenario(read(path));
        return conformance::runtime(scenario).run();
    } catch (conformance::scenario_error const& error) {
        std::cerr << path.string() << ":" << error.line << ": " << error.what() << "\n";
        return std::nullopt;
    }
}

int print_traces(std::vector<fs::path> const& paths) {
    bool failed = false;
    for (auto const& path : paths) {
        auto const trace = trace_of(path);
        if (trace) std::cout << *trace << std::flush; // so that a crash tells which scenario it was
        else failed = true;
    }
    return failed ? 2 : 0;
}

/// The trace of the newest CPython of which one stands beside the scenario.
std::string expected_trace(fs::path scenario) {
    for (auto const* version : {".3.15.trace", ".3.14.trace", ".3.13.trace", ".3.12.trace"})
        if (auto const path = fs::path(scenario).replace_extension(version); fs::exists(path)) return read(path);
    return read(scenario.replace_extension(".trace"));
}

std::vector<std::string> lines_of(std::string const& text) {
    std::vector<std::string> lines;
    for (auto const line : std::views::split(text, '\n')) lines.emplace_back(line.begin(), line.end());
    return lines;
}

/// One line about the first difference; empty if there is none.
std::string difference(std::string const& expected, std::string const& actual) {
    if (expected == actual) return "";
    auto const left = lines_of(expected);
    auto const right = lines_of(actual);
    auto const [one, other] = std::ranges::mismatch(left, right);
    auto const line = [](auto const& at, auto const& lines) { return at == lines.end() ? "the end" : "`" + *at + "`"; };
    return "line " + std::to_string(one - left.begin() + 1) + ": CPython has " + line(one, left) + ", ordo " +
           line(other, right);
}

int check(fs::path const& directory) {
    std::vector<fs::path> paths;
    for (auto const& entry : fs::directory_iterator(directory))
        if (entry.path().extension() == ".scenario") paths.push_back(entry.path());
    std::ranges::sort(paths);
    std::size_t failed = 0;
    for (auto const& path : paths) {
        auto const trace = trace_of(path);
        auto const found = trace ? difference(expected_trace(path), *trace) : "cannot be parsed";
        if (found.empty()) continue;
        ++failed;
        std::cout << path.stem().string() << ": " << found << std::endl;
    }
    std::cout << paths.size() - failed << " scenarios agree, " << failed << " differ\n";
    return failed > 0 || paths.empty() ? 1 : 0;
}

} // namespace

int main(int argc, char** argv) {
    std::vector<fs::path> const arguments(argv + 1, argv + argc);
    if (arguments.size() == 2 && arguments[0] == "--check") return check(arguments[1]);
    if (!arguments.empty() && !arguments[0].string().starts_with("--")) return print_traces(arguments);
    std::cerr << "usage: ordo_scenario FILE... | --check DIR\n";
    return 2;
}
