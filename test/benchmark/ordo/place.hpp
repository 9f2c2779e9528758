// ordo: where a loop of ordo runs in the benchmark: on a context of its own, or on one of a host.
// SPDX-License-Identifier: BSL-1.0
//
// Options of the command line, so that what each costs can be measured: debug=1 (set_debug), hooks=tasks and hooks=all
// (these hooks are set), context=1 (a context variable is set, so that every callback and task runs in a context), strict=1
// (Asio polls the reactor after every iteration), untimed=1 (a slice of the pump ends after so many iterations or callbacks,
// however long they take, so that instructions can be counted under a tool that slows time down).
#pragma once

#include "../clock.hpp"
#include "../workload.hpp"

#include <ordo/ordo.hpp>

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <utility>

namespace ordo_benchmark {

ordo::loop_options options_of_command_line();
void apply_options(ordo::event_loop& loop);

/// A loop that owns its context.
class owned_loop {
public:
    static constexpr char const* peer = "ordo";

    owned_loop() { apply_options(loop); }

    /// Until end().
    void run() { loop.run_forever(); }
    void run(ordo::coro<> main) { loop.run_until_complete(std::move(main)); }
    void end() { loop.stop(); }

    ordo::event_loop loop{options_of_command_line()};
};

/// A loop on the context of a host, who runs that.
class embedded_loop {
    boost::asio::io_context host_;

public:
    static constexpr char const* peer = "ordo_embedded";

    embedded_loop() { apply_options(loop); }

    void run() {
        loop.attach(); // the workload may wait for another thread
        host_.run();
    }
    void run(ordo::coro<> main) {
        auto const task = loop.create_task(std::move(main));
        task.add_done_callback([this] { host_.stop(); }); // whatever else is under way
        host_.restart();
        host_.run();
        task.result();
    }
    void end() { loop.detach(); }

    ordo::event_loop loop{host_, options_of_command_line()};
};

/// Puts a workload of ordo into the list twice.
struct ordo_registration {
    ordo_registration(char const* workload, workload_function owned, workload_function embedded)
        : owned_(owned_loop::peer, workload, owned), embedded_(embedded_loop::peer, workload, embedded) {}

private:
    registration owned_;
    registration embedded_;
};

/// Times a workload that is all one coroutine, which is given the size, and where the check belongs.
template <auto Main, class Place>
outcome run_main(std::size_t size) {
    Place place;
    std::uint64_t check = 0;
    auto const begin = wall_ns();
    place.run(Main(size, check));
    return {(wall_ns() - begin) / static_cast<double>(size), check};
}

template <auto Main>
struct main_registration : ordo_registration {
    explicit main_registration(char const* workload)
        : ordo_registration(workload, run_main<Main, owned_loop>, run_main<Main, embedded_loop>) {}
};

} // namespace ordo_benchmark
