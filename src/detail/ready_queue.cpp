// ordo: the inbox of the ready queue.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/detail/ready_queue.hpp>

namespace ordo::detail {
namespace {

// Their addresses are the two states that are not a stack of nodes.
constinit ready_node asleep_mark{};
constinit ready_node closed_mark{};

} // namespace

ready_node* inbox::asleep() noexcept {
    return &asleep_mark;
}

ready_node* inbox::end() noexcept {
    return &closed_mark;
}

inbox::outcome inbox::push(ready_node* node) noexcept {
    auto* head = head_.load(std::memory_order_acquire);
    do {
        if (head == end()) return outcome::closed; // and what the closing thread did before is visible
        node->next = head == asleep() ? nullptr : head;
    } while (!head_.compare_exchange_weak(head, node, std::memory_order_acq_rel, std::memory_order_acquire));
    return head == asleep() ? outcome::queued_and_asleep : outcome::queued;
}

void inbox::append_reversed(ready_node* newest, node_list& to) noexcept {
    ready_node* oldest = nullptr;
    for (auto* node = newest; node;) {
        auto* const before = std::exchange(node->next, oldest);
        oldest = std::exchange(node, before);
    }
    to.splice(node_list(oldest, newest));
}

void inbox::drain(node_list& to) noexcept {
    auto* head = head_.load(std::memory_order_relaxed);
    if (!head || head == asleep() || head == end()) return;
    // Producers only ever push nodes onto nodes, and only the loop's thread closes: what is taken is a stack of nodes.
    append_reversed(head_.exchange(nullptr, std::memory_order_acquire), to);
}

bool inbox::fall_asleep() noexcept {
    ready_node* awake = nullptr;
    return head_.compare_exchange_strong(awake, asleep(), std::memory_order_release, std::memory_order_relaxed);
}

bool inbox::wake_up() noexcept {
    auto* expected = asleep();
    return head_.compare_exchange_strong(expected, nullptr, std::memory_order_acquire, std::memory_order_relaxed);
}

void inbox::close(node_list& to) noexcept {
    auto* head = head_.exchange(end(), std::memory_order_acq_rel);
    if (head != asleep() && head != end()) append_reversed(head, to);
}

bool inbox::closed() const noexcept {
    return head_.load(std::memory_order_relaxed) == end();
}

} // namespace ordo::detail
