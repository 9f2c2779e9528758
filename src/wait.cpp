// ordo: the untyped half of wait().
// SPDX-License-Identifier: BSL-1.0
#include <ordo/wait.hpp>

#include <ordo/detail/scope_exit.hpp>

namespace ordo::detail {
namespace {

/// Done as soon as enough of its children are.
class wait_state final : public future_state<void>, public combinator {
public:
    static future_pointer<wait_state> make(std::vector<future_pointer<>> const& futures, return_when when) {
        std::vector<child> children(futures.size());
        for (std::size_t i = 0; i < futures.size(); ++i) children[i].future = futures[i];
        auto& core = common_core(children, "wait");
        if (&core != &running_core("wait"))
            throw usage_error("wait: the futures belong to another loop; wait in the loop they belong to");
        return future_pointer<wait_state>(::new (allocate(sizeof(wait_state)))
                                              wait_state(core, std::move(children), when));
    }

    void begin() {
        for (auto& one : children_) watch(one);
    }
    void end() noexcept {
        for (auto& one : children_) unwatch(one);
    }
    void release_waiter() {
        if (!done()) set_result("wait");
    }

private:
    wait_state(loop_core& core, std::vector<child> children, return_when when)
        : future_state<void>(core, {}), combinator(static_cast<future_base&>(*this)), children_(std::move(children)),
          left_(children_.size()), when_(when) {}
    ~wait_state() = default;

    void describe(wait_description& into) const override { into.what = "wait"; }
    std::span<child> children() noexcept override { return children_; }

    void child_done(child& which) override {
        --left_;
        auto& future = *which.future;
        if (left_ == 0 || when_ == return_when::first_completed ||
            (when_ == return_when::first_exception && !future.cancelled() && future.exception()))
            release_waiter();
    }

    void destroy() noexcept override {
        this->~wait_state();
        deallocate(this, sizeof(wait_state));
    }

    std::vector<child> children_;
    std::size_t left_;
    return_when when_;
};

} // namespace

coro<> wait_for_some(std::vector<future_pointer<>> const& futures, return_when when, optional_duration timeout) {
    if (futures.empty()) throw value_error("wait: there is nothing to wait for; give it at least one future");
    auto const state = wait_state::make(futures, when);
    timer_handle timer;
    if (timeout) timer = get_running_loop().call_later(*timeout, [state] { state->release_waiter(); });
    scope_exit const stop_watching([&] {
        timer.cancel();
        state->end();
    });
    state->begin();
    future<> enough = future_access::adopt<future<>>(state);
    co_await enough;
}

} // namespace ordo::detail
