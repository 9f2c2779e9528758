// ordo: loop_resource, something that uses the context of a loop and lets go of it when the loop is closed.
//
// Asio's objects must not outlive their context, but handles that own one, of a pipe for example, are values that anybody
// may keep. So what stands behind the handle registers with the loop, and is emptied in time.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/loop_core.hpp>

#include <cstddef>
#include <utility>

namespace ordo::detail {

/// It belongs to the loop's thread.
class loop_resource : public outstanding {
public:
    loop_resource(loop_resource const&) = delete;
    loop_resource& operator=(loop_resource const&) = delete;

protected:
    /// @throws loop_closed_error
    loop_resource(loop_core& core, char const* where) : core_(&core) {
        core.check_open(where);
        core.check_thread(where);
        link(core);
    }
    ~loop_resource() { leave_loop(); }

    /// The loop is being closed: destroy what belongs to its context. It may end the life of this object.
    virtual void let_go() noexcept = 0;

    void leave_loop() noexcept {
        if (core_) unlink(*std::exchange(core_, nullptr));
    }

    /// Null once the loop is closed.
    loop_core* core() const noexcept { return core_; }

private:
    void abandon() noexcept final {
        leave_loop();
        let_go();
    }

    loop_core* core_;
};

/// Something that a frame waits for will come from outside: the host's run() goes on, and virtual time stands still.
class outside_work {
public:
    explicit outside_work(loop_core& core) : core_(core) { core.work_started(); }
    outside_work(outside_work const&) = delete;
    outside_work& operator=(outside_work const&) = delete;
    ~outside_work() { core_.work_finished(); }

private:
    loop_core& core_; ///< which lives as long as the task
};

} // namespace ordo::detail
