// ordo: what the pump gives to Asio: the handler that runs a slice, and that of the timer.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "pump.hpp"

#include <ordo/detail/recycling.hpp>

#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace ordo::detail {

// One pump handler is in flight at most, so it lives in the pump itself and posting it allocates nothing.
template <class T>
struct pump::slot_allocator {
    using value_type = T;
    pump* owner;

    explicit slot_allocator(pump* owner) noexcept : owner(owner) {}
    template <class U>
    slot_allocator(slot_allocator<U> const& other) noexcept : owner(other.owner) {}

    T* allocate(std::size_t count) {
        if (count * sizeof(T) > sizeof(handler_memory_) || owner->handler_memory_taken_)
            return static_cast<T*>(detail::allocate(count * sizeof(T)));
        owner->handler_memory_taken_ = true;
        return reinterpret_cast<T*>(owner->handler_memory_);
    }
    void deallocate(T* memory, std::size_t count) noexcept {
        if (reinterpret_cast<std::byte*>(memory) == owner->handler_memory_) owner->handler_memory_taken_ = false;
        else detail::deallocate(memory, count * sizeof(T));
    }
    friend bool operator==(slot_allocator a, slot_allocator b) noexcept { return a.owner == b.owner; }
};

struct pump::pump_handler {
    core_share keep;
    pump* self;
    bool detour; ///< let the reactor be polled first

    using allocator_type = slot_allocator<void>;
    allocator_type get_allocator() const noexcept { return allocator_type(self); }

    void operator()() const {
        if (!detour || !self->try_post(false)) self->slice();
    }
};

/// Asio may drop it instead of calling it, if it finds no memory for that.
class pump::timer_handler {
public:
    explicit timer_handler(pump& of) noexcept : keep_(of), self_(&of), arming_(of.arming_) {}
    timer_handler(timer_handler&&) = default;
    timer_handler& operator=(timer_handler&&) = delete;
    ~timer_handler() {
        if (keep_) self_->timer_was_dropped();
    }

    using allocator_type = recycling_allocator<void>;
    allocator_type get_allocator() const noexcept { return {}; }

    void operator()(boost::system::error_code const& error) {
        auto const keep = std::move(keep_);
        if (!error && arming_ == self_->arming_) self_->on_timer();
    }

private:
    core_share keep_; ///< null once it is called, or moved from
    pump* self_;
    std::uint64_t arming_;
};

} // namespace ordo::detail
