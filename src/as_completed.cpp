// ordo: the untyped half of as_completed(): a queue of the children that are done.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/as_completed.hpp>

#include <algorithm>

namespace ordo::detail {

completion_state::completion_state(loop_core& core, std::vector<child> children)
    : future_state<void>(core, {}), combinator(static_cast<future_base&>(*this)), children_(std::move(children)),
      todo_(children_.size()), to_ask_(todo_) {}

void completion_state::destroy() noexcept {
    this->~completion_state();
    deallocate(this, sizeof(completion_state));
}

future_pointer<completion_state> completion_state::make(std::vector<future_pointer<>> futures,
                                                        optional_duration timeout) {
    auto& core = futures.empty() ? running_core("as_completed") : futures.front()->core();
    core.check_open("as_completed");
    std::vector<child> children(futures.size());
    for (std::size_t i = 0; i < futures.size(); ++i) children[i].future = std::move(futures[i]);
    if (!children.empty()) common_core(children, "as_completed");
    future_pointer<completion_state> state(::new (allocate(sizeof(completion_state)))
                                               completion_state(core, std::move(children)));
    state->done_.reserve(state->children_.size());
    for (auto& one : state->children_) state->watch(one);
    if (timeout && state->todo_ > 0) state->timer_ = core.owner()->call_later(*timeout, [state] { state->time_out(); });
    return state;
}

future_base* completion_state::followed_by() noexcept {
    return getters_.empty() ? nullptr : future_access::state(getters_.front()).get();
}

void completion_state::child_done(child& which) {
    if (todo_ == 0) return; // time ran out before
    --todo_;
    put(which.future);
    if (todo_ > 0) return;
    timer_.cancel();
    timer_ = {};
}

void completion_state::time_out() {
    for (auto& one : children_) unwatch(one);
    for (; todo_ > 0; --todo_) put({});
    timer_ = {};
}

void completion_state::put(future_pointer<> done) {
    done_.push_back(std::move(done));
    wake_next();
}

void completion_state::wake_next() {
    while (!getters_.empty()) {
        auto const getter = std::move(getters_.front());
        getters_.erase(getters_.begin());
        if (getter.done()) continue;
        getter.set_result();
        return;
    }
}

coro<future_pointer<>> completion_state::next() {
    auto const keep = share(*this);
    if (to_ask_ == 0) co_return {};
    --to_ask_;
    while (given_ == done_.size()) {
        auto const getter = get_running_loop().create_future();
        getters_.push_back(getter);
        try {
            co_await getter;
        } catch (...) {
            getter.cancel();
            std::erase(getters_, getter);
            if (given_ < done_.size() && !getter.cancelled()) wake_next();
            throw;
        }
    }
    auto done = std::move(done_[given_++]);
    if (!done) throw timeout_error("as_completed: time ran out before all were done");
    co_return done;
}

} // namespace ordo::detail
