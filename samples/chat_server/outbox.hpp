// ordo: chat_server: the frames that wait to be written to one client.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/future.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace chat {

/// A bounded queue with one consumer.
///
/// Producers never wait for a client: one that has limits::outbox_bytes unread is reported, once, and gets nothing more.
/// Belongs to the loop's thread.
class outbox {
public:
    using frame = std::shared_ptr<std::string const>; // one copy for a whole room

    /// @param overflow   Called once, from within push(), when the client is too slow.
    outbox(ordo::event_loop& loop, std::function<void()> overflow);

    /// Queue a frame; dropped without a word after finish(), discard() or an overflow.
    void push(frame next);
    void push(std::string next) { push(std::make_shared<std::string const>(std::move(next))); }

    /// Take nothing more; what is queued can still be taken out.
    void finish();

    /// Take nothing more and forget what is queued.
    void discard();

    [[nodiscard]] bool finished() const noexcept { return finished_; }

    /// Wait for the next frame; null when there will be none. Cancelling it loses nothing.
    ordo::coro<frame> next();

private:
    void wake();

    ordo::event_loop& loop_;
    std::function<void()> overflow_;
    std::deque<frame> frames_;
    std::size_t bytes_ = 0; // in frames_
    bool finished_ = false;
    std::optional<ordo::future<void>> waiting_; // of next(), while frames_ is empty
};

} // namespace chat
