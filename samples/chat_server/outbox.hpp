// ordo: chat_server: the frames that wait to be written to one client.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>
#include <ordo/queue.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace chat {

/// A queue with one consumer, bounded in bytes.
///
/// Producers never wait for a client: one that has limits::outbox_bytes unread is reported, once, and gets nothing more.
/// Belongs to the loop's thread.
class outbox {
public:
    using frame = std::shared_ptr<std::string const>; // one copy for a whole room

    /// @param overflow   Called once, from within push(), when the client is too slow.
    explicit outbox(std::function<void()> overflow) : overflow_(std::move(overflow)) {}

    /// Queue a frame; dropped without a word after finish(), discard() or an overflow.
    void push(frame next);
    void push(std::string next) { push(std::make_shared<std::string const>(std::move(next))); }

    /// Take nothing more; what is queued can still be taken out.
    void finish();

    /// Take nothing more and forget what is queued.
    void discard();

    /// Wait for the next frame. Cancelling it loses nothing.
    ///
    /// @throws ordo::queue_shut_down   when there will be none.
    ordo::coro<frame> next();

private:
    std::function<void()> overflow_;
    ordo::queue<frame> frames_;
    std::size_t bytes_ = 0; // in frames_, until it is shut down
    bool finished_ = false; // and so is frames_ shut down
};

} // namespace chat
