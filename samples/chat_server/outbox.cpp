// ordo: chat_server: the frames that wait to be written to one client.
// SPDX-License-Identifier: BSL-1.0
#include "outbox.hpp"

#include "limits.hpp"

#include <utility>

namespace chat {

outbox::outbox(ordo::event_loop& loop, std::function<void()> overflow) : loop_(loop), overflow_(std::move(overflow)) {}

void outbox::push(frame next) {
    if (finished_) return;
    if (bytes_ + next->size() > limits::outbox_bytes) {
        discard();
        overflow_();
        return;
    }
    bytes_ += next->size();
    frames_.push_back(std::move(next));
    wake();
}

void outbox::finish() {
    finished_ = true;
    wake();
}

void outbox::discard() {
    frames_.clear();
    bytes_ = 0;
    finish();
}

ordo::coro<outbox::frame> outbox::next() {
    while (frames_.empty() && !finished_) {
        waiting_ = loop_.create_future<void>();
        co_await *waiting_;
    }
    if (frames_.empty()) co_return nullptr;
    auto result = std::move(frames_.front());
    frames_.pop_front();
    bytes_ -= result->size();
    co_return result;
}

void outbox::wake() {
    if (waiting_ && !waiting_->done()) waiting_->set_result(); // done: woken already, or its waiter was cancelled
}

} // namespace chat
