// ordo: owning loops on behalf of a host, and ending them.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/detail/hosted_run.hpp>

#include <ordo/detail/leftovers.hpp>
#include <ordo/task.hpp>

#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>
#include <mutex>
#include <utility>
#include <vector>

namespace ordo::detail {
namespace asio = boost::asio;

class hosted_run::owner final : public asio::execution_context::service {
public:
    using key_type = owner;
    static asio::execution_context::id id;

    explicit owner(asio::execution_context& context) : service(context) {}

    hosted_run& add(std::unique_ptr<hosted_run> run) {
        std::lock_guard lock(mutex_);
        runs_.push_back(std::move(run));
        return *runs_.back();
    }

    std::unique_ptr<hosted_run> take(hosted_run& run) noexcept {
        std::lock_guard lock(mutex_);
        for (auto& one : runs_) {
            if (one.get() != &run) continue;
            std::swap(one, runs_.back());
            auto found = std::move(runs_.back());
            runs_.pop_back();
            return found;
        }
        return nullptr;
    }

private:
    void shutdown() noexcept override { runs_.clear(); }

    std::mutex mutex_;
    std::vector<std::unique_ptr<hosted_run>> runs_;
};

asio::execution_context::id hosted_run::owner::id;

hosted_run& hosted_run::make(asio::any_io_executor host) {
    auto& of = asio::use_service<owner>(asio::query(host, asio::execution::context));
    return of.add(std::unique_ptr<hosted_run>(new hosted_run(std::move(host), of)));
}

void hosted_run::end(std::function<void()> then) {
    auto const ending = loop_.create_task(cancel_leftovers(loop_), "spawn: the end of the loop");
    ending.add_done_callback([this, then = std::move(then)]() mutable {
        asio::post(host_, [this, then = std::move(then)] {
            owner_.take(*this).reset(); // and this is no more
            then();
        });
    });
}

} // namespace ordo::detail
