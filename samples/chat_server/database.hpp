// ordo: chat_server: the history in an SQLite file; blocking, for one thread at a time.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "message.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace chat {

/// What SQLite says, e.g. "database is locked" or "database or disk is full".
struct database_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The messages of all rooms.
///
/// A message is on disk when append() returns: the log is written ahead and synchronised at every commit, so neither the
/// death of the process nor that of the machine takes it back.
class database {
public:
    /// @param path    Created when missing.
    /// @throws        database_error.
    explicit database(std::string const& path);

    /// Save messages in one transaction, all or none, and fill in their id and time.
    ///
    /// @throws database_error   Nothing was saved; the next call may succeed.
    void append(std::span<message> messages);

    /// @param before    Only messages with a smaller id; nothing means all.
    /// @returns         The newest `limit` of them, oldest first.
    /// @throws          database_error.
    std::vector<message> history(std::string_view room, std::optional<std::int64_t> before, std::size_t limit);

private:
    struct closer {
        void operator()(sqlite3* connection) const noexcept;
        void operator()(sqlite3_stmt* statement) const noexcept;
    };
    using statement = std::unique_ptr<sqlite3_stmt, closer>;

    void execute(char const* sql);
    statement prepare(std::string_view sql);
    bool step(sqlite3_stmt* prepared);
    void insert(message& message);

    std::unique_ptr<sqlite3, closer> connection_;
    statement insert_, select_;
};

} // namespace chat
