// ordo: chat_server: the way from the loop to the blocking database, and back.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "database.hpp"
#include "message.hpp"
#include "outbox.hpp"
#include "rooms.hpp"

#include <ordo/coro.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/executor.hpp>
#include <ordo/future.hpp>
#include <ordo/task.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace chat {

/// Saves what is said, and only then lets it be heard.
///
/// The database lives in the one thread of an executor. While there is anything to save, one task of the loop takes what
/// was said since its last transaction, has it saved as the next one, and then acknowledges and delivers it: so the order
/// of the ids is the order of delivery, whoever disconnects in between, and a busy service pays for one commit per batch,
/// not per message.
class archive {
public:
    /// @param path   Of the database; created when missing.
    /// @throws       database_error.
    archive(ordo::event_loop& loop, std::string const& path, rooms& rooms);

    /// Save a message, acknowledge it to its sender and deliver it to its room; or tell the sender why not.
    ///
    /// @returns   Done, always with success, when that has happened. Cancelling it stops the waiting, not the saving.
    ordo::future<void> post(message said, tag mark, std::shared_ptr<outbox> sender);

    /// As database::history().
    ordo::future<std::vector<message>> history(std::string room, std::optional<std::int64_t> before, std::size_t limit);

    /// Finish what was posted, then close the database. Nothing else may be called afterwards.
    ordo::coro<void> close();

private:
    struct receipt {
        tag mark;
        std::shared_ptr<outbox> sender;
        ordo::future<void> done;
    };
    struct batch {
        std::vector<message> messages;
        std::vector<receipt> receipts; // one for each message
    };

    ordo::coro<void> save_batches();
    void settle(batch& saved, std::string const& problem);

    ordo::event_loop& loop_;
    rooms& rooms_;
    std::optional<database> database_; // from the constructor's end on used by jobs of executor_ only
    ordo::thread_pool_executor executor_{1};
    batch waiting_;
    ordo::task<void> saver_; // of save_batches(); empty or done while nothing is to be saved
};

} // namespace chat
