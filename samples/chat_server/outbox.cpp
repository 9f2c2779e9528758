// ordo: chat_server: the frames that wait to be written to one client.
// SPDX-License-Identifier: BSL-1.0
#include "outbox.hpp"

#include "limits.hpp"

namespace chat {

void outbox::push(frame next) {
    if (finished_) return;
    if (bytes_ + next->size() > limits::outbox_bytes) {
        discard();
        overflow_();
        return;
    }
    bytes_ += next->size();
    frames_.put_nowait(std::move(next));
}

void outbox::finish() {
    finished_ = true;
    frames_.shutdown();
}

void outbox::discard() {
    finished_ = true;
    frames_.shutdown(true);
}

ordo::coro<outbox::frame> outbox::next() {
    auto result = co_await frames_.get();
    bytes_ -= result->size();
    co_return result;
}

} // namespace chat
