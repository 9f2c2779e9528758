// ordo: the untyped half of an async_generator: its states, who iterates it, and closing one that is left half-way.
//
// The state stands in front of the coroutine's frame, in one block of memory, and outlives the frame for as long as
// anything refers to it: the frame is destroyed as soon as the body has ended, or with the task that runs in it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>
#include <ordo/detail/loop_core.hpp>
#include <ordo/detail/promise_base.hpp>

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <utility>

namespace ordo::detail {

class ORDO_DECL generator_base {
public:
    enum class state : std::uint8_t {
        created,   ///< nobody has asked for a value yet
        running,   ///< a task awaits the next value; the body runs, or waits for something
        suspended, ///< at a co_yield
        finished,  ///< the body has ended, or will never go on
    };

    generator_base(generator_base const&) = delete;
    generator_base& operator=(generator_base const&) = delete;

    /// Memory for a frame with the state in front, which belongs to nobody yet.
    static void* allocate_frame(std::size_t size);
    static void deallocate_frame(void* frame) noexcept;
    static generator_base& of(void* frame) noexcept {
        return *reinterpret_cast<generator_base*>(static_cast<std::byte*>(frame) - prefix_size());
    }

    state present() const noexcept { return state_; }

    // -- for the body

    void set_frame(std::coroutine_handle<> frame) noexcept { frame_ = frame; }
    void yielded(void* value) noexcept {
        state_ = state::suspended;
        value_ = value;
    }
    void throw_injected() {
        if (injected_) [[unlikely]]
            std::rethrow_exception(std::exchange(injected_, nullptr));
    }
    void* take_sent() noexcept { return std::exchange(sent_, nullptr); }
    void ignored_exit() noexcept { exit_ignored_ = true; }
    void failed() noexcept { exception_ = std::current_exception(); }
    void ended() noexcept { state_ = state::finished; }

    // -- for who iterates it

    /// Go on to the next co_yield, for the frame that awaits it.
    /// @param injected   Thrown where the body stands, if it is not null.
    /// @returns          The frame to resume.
    /// @throws usage_error   if it is running already, or was iterated on another loop.
    std::coroutine_handle<> resume(promise_base& consumer, std::exception_ptr injected);
    /// Before that: hand something to the co_yield where it stands.
    /// @throws usage_error   if it has not begun.
    void send(void* value);
    /// Before its beginning there is no place in the body to throw from: it will never begin.
    void finish_unbegun();
    /// After that. @returns the value; null if the body has ended. Throws what the body threw.
    void* settle();
    /// Never go on: destroy the frame.
    void finish() noexcept;

    generator_base* next_generator() const noexcept { return next_; }
    std::source_location const& created_at() const noexcept { return created_; }

    void add_reference() noexcept { ++references_; }
    void release() noexcept {
        if (--references_ == 0) last_reference_is_gone();
    }

private:
    explicit generator_base(std::size_t block_size) noexcept : block_size_(block_size) {}
    ~generator_base() = default;

    static constexpr std::size_t prefix_size() noexcept { return (sizeof(generator_base) + 15) / 16 * 16; }

    void bind();
    void unbind() noexcept;
    void last_reference_is_gone() noexcept;
    bool close_later() noexcept;
    void deallocate_block() noexcept;

    std::size_t block_size_;
    std::coroutine_handle<> frame_; ///< null once destroyed
    void* value_ = nullptr;         ///< in the frame; valid while suspended
    void* sent_ = nullptr;          ///< to the co_yield, which takes it first of all
    std::exception_ptr exception_;  ///< what left the body
    std::exception_ptr injected_;   ///< to be thrown where the body stands
    loop_core* core_ = nullptr;     ///< whose list it is in, from when it was first asked for something
    generator_base* previous_ = nullptr;
    generator_base* next_ = nullptr;
    std::source_location created_;
    std::uint32_t references_ = 0;
    state state_ = state::created;
    bool exit_ignored_ = false; ///< it yields on although it was asked to end
};

/// An intrusive pointer to a generator. When the last one is gone, a task of the loop closes what is left half-way.
class generator_pointer {
public:
    generator_pointer() = default;
    explicit generator_pointer(generator_base& of) noexcept : generator_(&of) { of.add_reference(); }
    generator_pointer(generator_pointer const& other) noexcept : generator_(other.generator_) {
        if (generator_) generator_->add_reference();
    }
    generator_pointer(generator_pointer&& other) noexcept : generator_(std::exchange(other.generator_, nullptr)) {}
    generator_pointer& operator=(generator_pointer other) noexcept {
        std::swap(generator_, other.generator_);
        return *this;
    }
    ~generator_pointer() {
        if (generator_) generator_->release();
    }

    generator_base* operator->() const noexcept { return generator_; }
    explicit operator bool() const noexcept { return generator_; }

private:
    generator_base* generator_ = nullptr;
};

/// End the body with a generator_exit, where it stands.
/// @throws usage_error   if it is running, or yields once more.
ORDO_DECL coro<> close_generator(generator_pointer generator);

/// Awaits the next value, untyped.
class generator_awaiter {
public:
    explicit generator_awaiter(generator_pointer generator, std::exception_ptr injected = {}) noexcept
        : generator_(std::move(generator)), injected_(std::move(injected)) {}

    bool await_ready() const {
        if (injected_ && generator_->present() == generator_base::state::created) generator_->finish_unbegun();
        return generator_->present() == generator_base::state::finished;
    }
    template <std::derived_from<promise_base> Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> consumer) {
        return transfer_to(generator_->resume(consumer.promise(), std::exchange(injected_, nullptr)));
    }
    void* await_resume() {
        if (injected_) std::rethrow_exception(std::move(injected_)); // the body has ended before
        return generator_->settle();
    }

protected:
    void send(void* value) { generator_->send(value); }

private:
    generator_pointer generator_;
    std::exception_ptr injected_;
};

} // namespace ordo::detail
