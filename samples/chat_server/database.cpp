// ordo: chat_server: the history in an SQLite file; blocking, for one thread at a time.
// SPDX-License-Identifier: BSL-1.0
#include "database.hpp"

#include "limits.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <sqlite3.h>

namespace chat {
namespace {

// Puts a statement back to its start, however its use ends, so that it holds no lock.
class reset_on_exit {
public:
    explicit reset_on_exit(sqlite3_stmt* statement) noexcept : statement_(statement) {}
    ~reset_on_exit() { sqlite3_reset(statement_); }
    reset_on_exit(reset_on_exit const&) = delete;
    reset_on_exit& operator=(reset_on_exit const&) = delete;

private:
    sqlite3_stmt* statement_;
};

// The text must outlive the step: SQLite copies nothing.
void bind_text(sqlite3_stmt* statement, int index, std::string_view text) {
    sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

std::string text_of(sqlite3_stmt* statement, int column) {
    auto const* data = static_cast<char const*>(sqlite3_column_blob(statement, column));
    auto const size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
    return data ? std::string(data, size) : std::string();
}

std::int64_t milliseconds_since_1970() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

} // namespace

void database::closer::operator()(sqlite3* connection) const noexcept {
    sqlite3_close(connection);
}
void database::closer::operator()(sqlite3_stmt* statement) const noexcept {
    sqlite3_finalize(statement);
}

database::database(std::string const& path) try {
    sqlite3* connection = nullptr;
    auto const result = sqlite3_open_v2(path.c_str(), &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    connection_.reset(connection); // also after a failure, which leaves a connection that holds the reason
    if (result != SQLITE_OK) throw database_error(connection ? sqlite3_errmsg(connection) : sqlite3_errstr(result));

    sqlite3_busy_timeout(connection, static_cast<int>(std::chrono::milliseconds(limits::database_patience).count()));
    execute("PRAGMA journal_mode = WAL");
    execute("PRAGMA synchronous = FULL");
    execute("CREATE TABLE IF NOT EXISTS messages (room TEXT NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, "
            "text TEXT NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (room, id)) WITHOUT ROWID");
    insert_ = prepare("INSERT INTO messages (room, id, name, text, time) "
                      "VALUES (?1, (SELECT coalesce(max(id), 0) + 1 FROM messages WHERE room = ?1), ?2, ?3, ?4) "
                      "RETURNING id");
    select_ =
        prepare("SELECT id, name, text, time FROM messages WHERE room = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3");
} catch (database_error const& error) {
    throw database_error(path + ": " + error.what());
}

void database::append(std::span<message> messages) {
    execute("BEGIN IMMEDIATE"); // takes the write lock now: a locked database is met here, not half-way
    try {
        for (auto& message : messages) insert(message);
        execute("COMMIT");
    } catch (...) {
        // Some errors, a full disk among them, have rolled back already.
        if (!sqlite3_get_autocommit(connection_.get()))
            sqlite3_exec(connection_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
        for (auto& message : messages) message.id = 0;
        throw;
    }
}

void database::insert(message& message) {
    reset_on_exit const reset(insert_.get());
    message.time = milliseconds_since_1970();
    bind_text(insert_.get(), 1, message.room);
    bind_text(insert_.get(), 2, message.name);
    bind_text(insert_.get(), 3, message.text);
    sqlite3_bind_int64(insert_.get(), 4, message.time);
    while (step(insert_.get())) message.id = sqlite3_column_int64(insert_.get(), 0);
}

std::vector<message> database::history(std::string_view room, std::optional<std::int64_t> before, std::size_t limit) {
    reset_on_exit const reset(select_.get());
    bind_text(select_.get(), 1, room);
    sqlite3_bind_int64(select_.get(), 2, before.value_or(std::numeric_limits<std::int64_t>::max()));
    sqlite3_bind_int64(select_.get(), 3, static_cast<std::int64_t>(limit));
    std::vector<message> result;
    while (step(select_.get()))
        result.push_back({sqlite3_column_int64(select_.get(), 0), std::string(room), text_of(select_.get(), 1),
                          text_of(select_.get(), 2), sqlite3_column_int64(select_.get(), 3)});
    std::ranges::reverse(result);
    return result;
}

void database::execute(char const* sql) {
    if (sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        throw database_error(sqlite3_errmsg(connection_.get()));
}

database::statement database::prepare(std::string_view sql) {
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v2(connection_.get(), sql.data(), static_cast<int>(sql.size()), &prepared, nullptr) !=
        SQLITE_OK)
        throw database_error(sqlite3_errmsg(connection_.get()));
    return statement(prepared);
}

// True for a row, false for the end.
bool database::step(sqlite3_stmt* prepared) {
    switch (sqlite3_step(prepared)) {
    case SQLITE_ROW: return true;
    case SQLITE_DONE: return false;
    default: throw database_error(sqlite3_errmsg(connection_.get()));
    }
}

} // namespace chat
