// ordo: what the names of a scenario are bound to.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "future_object.hpp"
#include "value.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <ordo/as_completed.hpp>
#include <ordo/async_generator.hpp>
#include <ordo/barrier.hpp>
#include <ordo/clock.hpp>
#include <ordo/condition.hpp>
#include <ordo/context_var.hpp>
#include <ordo/event.hpp>
#include <ordo/executor.hpp>
#include <ordo/handle.hpp>
#include <ordo/lock.hpp>
#include <ordo/queue.hpp>
#include <ordo/semaphore.hpp>
#include <ordo/task_group.hpp>
#include <ordo/timeout.hpp>
#include <utility>
#include <variant>
#include <vector>

namespace conformance {

struct handle_object {
    ordo::handle handle;
    std::optional<ordo::time_point> when{};
};

struct generator_object {
    ordo::async_generator<value, value> items;
    std::weak_ptr<void> body; ///< gone when that has ended
};

struct completion_object {
    ordo::completion_iterator<ordo::any_future> items;
    std::vector<future_pointer> of;
};

/// Runs a job inside submit(), or keeps it until run_jobs().
class scenario_executor final : public ordo::executor {
public:
    explicit scenario_executor(bool runs_inline) : inline_(runs_inline) {}

    void submit(job work) override {
        if (inline_) work();
        else jobs_.push_back(std::move(work));
    }
    void shutdown(bool) override {}
    void run_jobs(std::int64_t count) {
        for (; count > 0 && !jobs_.empty(); --count) {
            auto work = std::move(jobs_.front());
            jobs_.pop_front();
            work();
        }
    }

private:
    bool const inline_;
    std::deque<job> jobs_;
};

struct cell_object {
    std::int64_t number;
};

using variable = ordo::context_var<value>;

/// What `with` takes.
using lockable_object =
    std::variant<std::shared_ptr<ordo::lock>, std::shared_ptr<ordo::condition>, std::shared_ptr<ordo::semaphore>>;

using queue_object = std::variant<std::shared_ptr<ordo::queue<value>>, std::shared_ptr<ordo::priority_queue<value>>,
                                  std::shared_ptr<ordo::lifo_queue<value>>>;

using object =
    std::variant<handle_object, future_pointer, std::shared_ptr<cell_object>, std::shared_ptr<completion_object>,
                 std::shared_ptr<ordo::timeout>, std::shared_ptr<ordo::task_group>, std::shared_ptr<generator_object>,
                 std::shared_ptr<variable>, std::shared_ptr<variable::token>, ordo::context,
                 std::shared_ptr<scenario_executor>, std::shared_ptr<ordo::lock>, std::shared_ptr<ordo::condition>,
                 std::shared_ptr<ordo::semaphore>, std::shared_ptr<ordo::event>, std::shared_ptr<ordo::barrier>,
                 queue_object>;

/// One that is known to be one.
lockable_object as_lockable(object const& what);

} // namespace conformance
