// ordo: virtual_loop, what most tests of callbacks begin with: a loop on virtual time, and a record of the order.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/event_loop.hpp>
#include <ordo/testing/order_recorder.hpp>
#include <ordo/testing/virtual_clock.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

struct virtual_loop {
    std::shared_ptr<ordo::testing::virtual_clock> clock = std::make_shared<ordo::testing::virtual_clock>();
    ordo::testing::order_recorder order;
    ordo::event_loop loop{ordo::loop_options{.clock = clock}};

    /// A callback that records.
    std::function<void()> notes(std::string_view what) { return order.recording(what); }

    /// One iteration, without waiting.
    void run_once() {
        loop.stop();
        loop.run_forever();
    }

    void run_for(ordo::duration length) {
        loop.call_later(length, [this] { loop.stop(); });
        loop.run_forever();
    }

    std::chrono::milliseconds::rep now() const {
        return std::chrono::duration_cast<std::chrono::milliseconds>(loop.time().time_since_epoch()).count();
    }
};
