// ordo: the turns of a sequencer.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/sequencer.hpp>

#include <ordo/exceptions.hpp>

#include <string>
#include <utility>

namespace ordo::testing {

sequencer::turn::turn(turn&& other) noexcept : of_(std::exchange(other.of_, nullptr)), position_(other.position_) {}

sequencer::turn::~turn() {
    if (of_) of_->begin(position_ + 1);
}

coro<sequencer::turn> sequencer::operator()(std::size_t position) {
    check_intact(position);
    auto& mine = places_[position];
    if (std::exchange(mine.taken, true))
        throw usage_error("sequencer: position " + std::to_string(position) + " is taken; give each task its own");
    places_[position + 1]; // so that ending the turn allocates nothing
    if (position == 0) co_return turn(*this, 0);
    try {
        co_await mine.begins.wait();
    } catch (cancelled_error const&) {
        break_up(position);
        throw;
    }
    check_intact(position);
    co_return turn(*this, position);
}

void sequencer::check_intact(std::size_t position) const {
    if (!broken_at_) return;
    throw usage_error("sequencer: position " + std::to_string(position) +
                      " never begins, because the task of position " + std::to_string(*broken_at_) +
                      " was cancelled while it waited");
}

void sequencer::break_up(std::size_t position) noexcept {
    broken_at_ = position;
    for (auto const& [each, of] : places_) begin(each);
}

void sequencer::begin(std::size_t position) noexcept {
    try {
        places_[position].begins.set();
    } catch (...) {
        // There is no memory to queue a task; the loop has reported that.
    }
}

} // namespace ordo::testing
