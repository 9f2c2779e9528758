// ordo: iterating, abandoning and closing generators.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/async_generator.hpp>

#include <ordo/event_loop.hpp>
#include <ordo/log.hpp>
#include <ordo/task.hpp>

#include <memory>
#include <spdlog/spdlog.h>
#include <vector>

namespace ordo {
namespace detail {

void* generator_base::allocate_frame(std::size_t size) {
    auto* const block = static_cast<std::byte*>(allocate(prefix_size() + size));
    ::new (block) generator_base(prefix_size() + size);
    return block + prefix_size();
}

void generator_base::deallocate_frame(void* frame) noexcept {
    auto& generator = of(frame);
    generator.frame_ = nullptr;
    generator.state_ = state::finished;
    if (generator.references_ == 0) generator.deallocate_block(); // its making failed
}

void generator_base::deallocate_block() noexcept {
    unbind();
    auto const size = block_size_;
    this->~generator_base();
    deallocate(this, size);
}

void generator_base::last_reference_is_gone() noexcept {
    references_ = 1; // for deallocate_frame(), and for who closes it
    if (close_later()) return;
    finish();
    deallocate_block();
}

/// @returns   Whether a task of the loop has taken it over. In two steps, as asyncio does it.
bool generator_base::close_later() noexcept {
    if (state_ != state::suspended || exit_ignored_ || core_->closing) return false;
    try {
        core_->owner()->call_soon(
            [generator = generator_pointer(*this)] { get_running_loop().create_task(close_generator(generator)); });
    } catch (...) {
        return false;
    }
    --references_;
    return true;
}

void generator_base::finish() noexcept {
    if (auto const frame = std::exchange(frame_, nullptr)) frame.destroy();
}

void generator_base::bind() {
    if (core_) return; // asend() was refused before
    auto& core = running_core("async_generator::next");
    created_ = promise_base::of(frame_).where();
    if (core.generators_are_shut_down)
        logger()->warn("async_generator::next: begun after the loop's shutdown_asyncgens(), so nothing will close it");
    core.add_object();
    core_ = &core;
    previous_ = std::exchange(core.last_generator, this);
    (previous_ ? previous_->next_ : core.first_generator) = this;
}

void generator_base::unbind() noexcept {
    if (!core_) return;
    (previous_ ? previous_->next_ : core_->first_generator) = next_;
    (next_ ? next_->previous_ : core_->last_generator) = previous_;
    previous_ = next_ = nullptr;
    std::exchange(core_, nullptr)->release_object();
}

std::coroutine_handle<> generator_base::resume(promise_base& consumer, std::exception_ptr injected) {
    if (state_ == state::running)
        throw usage_error("async_generator::next: it is running already, for another task; one at a time may ask");
    if (!core_) bind();
    else if (core_ != &running_core("async_generator::next"))
        throw usage_error("async_generator::next: it was begun on another loop");
    injected_ = std::move(injected);
    state_ = state::running;
    promise_base::of(frame_).set_parent(consumer, frame_);
    return frame_;
}

void generator_base::send(void* value) {
    if (state_ == state::suspended) {
        sent_ = value;
    } else if (state_ == state::created) {
        bind();
        throw usage_error("async_generator::asend: it stands at no co_yield yet; ask for the first value with next()");
    }
}

void generator_base::finish_unbegun() {
    bind();
    finish();
}

void* generator_base::settle() {
    if (state_ == state::suspended) return value_;
    finish();
    if (exception_) std::rethrow_exception(std::exchange(exception_, nullptr));
    return nullptr;
}

struct exit_request {
    generator_pointer generator;
};

template <>
struct awaiter_of<exit_request> {
    static constexpr bool awaitable = true;
    static generator_awaiter make(exit_request&& request) {
        return generator_awaiter(std::move(request.generator), std::make_exception_ptr(generator_exit()));
    }
};

coro<> close_generator(generator_pointer generator) {
    void* yielded = nullptr;
    try {
        exit_request exit{generator};
        yielded = co_await std::move(exit);
    } catch (generator_exit const&) {}
    if (!yielded) co_return;
    generator->ignored_exit();
    throw usage_error("async_generator::aclose: the generator ignored generator_exit and yielded once more; "
                      "return from it, or rethrow");
}

} // namespace detail
} // namespace ordo
