// ordo: chat_server: the way from the loop to the blocking database, and back.
// SPDX-License-Identifier: BSL-1.0
#include "archive.hpp"

#include <exception>
#include <spdlog/spdlog.h>
#include <utility>

namespace chat {

archive::archive(ordo::event_loop& loop, std::string const& path, rooms& rooms)
    : loop_(loop), rooms_(rooms), database_(std::in_place, path) {}

ordo::future<void> archive::post(message said, tag mark, std::shared_ptr<outbox> sender) {
    auto done = loop_.create_future<void>();
    waiting_.messages.push_back(std::move(said));
    waiting_.receipts.push_back({std::move(mark), std::move(sender), done});
    if (!saver_ || saver_.done()) saver_ = loop_.create_task(save_batches(), "archive");
    return done;
}

ordo::future<std::vector<message>> archive::history(std::string room, std::optional<std::int64_t> before,
                                                    std::size_t limit) {
    return loop_.run_in_executor(executor_, &database::history, &*database_, std::move(room), before, limit);
}

ordo::coro<void> archive::close() {
    if (saver_) co_await saver_;
    auto job = [this] { database_.reset(); };
    co_await loop_.run_in_executor(executor_, job);
}

ordo::coro<void> archive::save_batches() {
    while (!waiting_.messages.empty()) {
        // The job and this frame share the batch; they never touch it at the same time.
        auto const current = std::make_shared<batch>(std::exchange(waiting_, {}));
        auto job = [this, current] { database_->append(current->messages); };
        std::string problem;
        try {
            co_await loop_.run_in_executor(executor_, job);
        } catch (std::exception const& error) {
            problem = error.what();
        }
        settle(*current, problem);
    }
}

void archive::settle(batch& saved, std::string const& problem) {
    if (!problem.empty()) spdlog::error("not saved: {} (messages: {})", problem, saved.messages.size());
    for (std::size_t i = 0; i < saved.messages.size(); ++i) {
        auto const& message = saved.messages[i];
        auto& receipt = saved.receipts[i];
        if (problem.empty()) {
            receipt.sender->push(ack_frame(receipt.mark, message.id));
            rooms_.deliver(message.room, message_frame(message));
        } else {
            receipt.sender->push(error_frame(receipt.mark, "not saved: " + problem));
        }
        if (!receipt.done.done()) receipt.done.set_result(); // done: nobody waits any more
    }
}

} // namespace chat
