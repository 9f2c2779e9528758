// ordo: the benchmark program: runs one workload of one peer, and prints its value and its check.
// SPDX-License-Identifier: BSL-1.0
//
//   ordo_benchmark PEER WORKLOAD SIZE [--seconds S | --repeats N] [key=value ...]
//   ordo_benchmark --list
//
// The workload is run once to warm up, then again and again until the seconds have passed, 0.1 by default, and at least
// once; or exactly N times. The value is the median. Exit code 3: this peer has no such workload.
#include "clock.hpp"
#include "command_line.hpp"

#include <algorithm>
#include <charconv>
#include <exception>
#include <iostream>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>

namespace {

using namespace ordo_benchmark;

struct request {
    std::string_view peer;
    std::string_view workload;
    std::size_t size = 0;
    double seconds = 0.1;
    std::optional<std::size_t> repeats{};
};

template <class Number>
Number number(std::string_view text) {
    Number result{};
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
    if (error != std::errc() || end != text.data() + text.size())
        throw std::invalid_argument("not a number: '" + std::string(text) + "'");
    return result;
}

request parse(std::span<char*> arguments) {
    if (arguments.size() < 3)
        throw std::invalid_argument(
            "usage: ordo_benchmark PEER WORKLOAD SIZE [--seconds S | --repeats N] [key=value ...]"
            "\n       ordo_benchmark --list");
    request result{.peer = arguments[0], .workload = arguments[1], .size = number<std::size_t>(arguments[2])};
    for (std::size_t i = 3; i < arguments.size(); ++i) {
        std::string_view const argument = arguments[i];
        bool const has_value = i + 1 < arguments.size();
        if (argument == "--seconds" && has_value) {
            result.seconds = number<double>(arguments[++i]);
        } else if (argument == "--repeats" && has_value) {
            result.repeats = number<std::size_t>(arguments[++i]);
        } else if (auto const sign = argument.find('='); sign != argument.npos) {
            all_options()[std::string(argument.substr(0, sign))] = argument.substr(sign + 1);
        } else {
            throw std::invalid_argument("unknown argument: '" + std::string(argument) + "'");
        }
    }
    // Memory counts in a fresh process only: a second run would use again what the first has freed.
    if (result.workload.starts_with("W10")) result.repeats = 1;
    return result;
}

outcome median_of(workload_function run, request const& asked) {
    if (!asked.repeats) run(asked.size);
    std::vector<double> values;
    outcome last{};
    auto const end = wall_ns() + asked.seconds * 1e9;
    do {
        auto const result = run(asked.size);
        if (!values.empty() && result.check != last.check)
            throw std::runtime_error("the check was " + std::to_string(last.check) + ", and then " +
                                     std::to_string(result.check));
        last = result;
        values.push_back(result.value);
    } while (asked.repeats ? values.size() < *asked.repeats : wall_ns() < end);
    auto const middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return {*middle, last.check};
}

int run(std::span<char*> arguments) {
    if (!arguments.empty() && std::string_view(arguments[0]) == "--list") {
        for (auto const& listed : all_workloads()) std::cout << listed.peer << ' ' << listed.name << '\n';
        return 0;
    }
    auto const asked = parse(arguments);
    auto const found = std::ranges::find_if(all_workloads(), [&](listed_workload const& listed) {
        return listed.peer == asked.peer && listed.name == asked.workload;
    });
    if (found == all_workloads().end()) {
        std::cerr << "no such workload: " << asked.peer << ' ' << asked.workload << '\n';
        return 3;
    }
    auto const result = median_of(found->function, asked);
    std::cout << result.value << ' ' << result.check << std::endl;
    return 0;
}

} // namespace

int main(int count, char** arguments) {
    try {
        return run(std::span(arguments, static_cast<std::size_t>(count)).subspan(1));
    } catch (std::exception const& error) {
        std::cerr << "ordo_benchmark: " << error.what() << '\n';
        return 2;
    }
}
