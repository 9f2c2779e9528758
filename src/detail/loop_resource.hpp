// ordo: loop_resource, something that uses the context of a loop and lets go of it when the loop is closed.
//
// Asio's objects must not outlive their context, but handles that own one, of a pipe for example, are values that anybody
// may keep. So what stands behind the handle registers with the loop, and is emptied in time.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "throw_system_error.hpp"

#include <ordo/detail/loop_core.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/exceptions.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/error.hpp>
#include <cstddef>
#include <optional>
#include <string>
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

/// An object of Asio that owns a descriptor: a socket, or the like.
template <class Object>
class descriptor_resource : public loop_resource {
public:
    void close() noexcept {
        if (closed()) return;
        number_ = -1;
        boost::system::error_code ignored;
        asio_->close(ignored); // the object stays, because operations under way are cancelled through it
    }
    bool closed() const noexcept { return number_ < 0; }
    int number() const noexcept { return number_; }

protected:
    /// @param noun   What users call it.
    descriptor_resource(event_loop& loop, char const* noun, char const* where)
        : loop_resource(loop_access::core(loop), where), noun_(noun), asio_(std::in_place, loop.host_executor()) {}
    ~descriptor_resource() = default;

    /// The descriptor belongs to it from here on, unless this throws.
    template <class... Protocol>
    void take_over(int descriptor, char const* where, Protocol const&... protocol) {
        boost::system::error_code error;
        asio_->assign(protocol..., descriptor, error);
        // Not native_non_blocking(): on io_uring, Asio 1.26 then loses a datagram that is there already.
        if (!error) asio_->non_blocking(true, error);
        if (error && asio_->is_open()) asio_->release();
        if (error) throw_system_error(error, where);
        number_ = descriptor;
    }

    /// @param begun   The call has waited before, so if it is closed that was done meanwhile.
    /// @throws usage_error, boost::system::system_error
    Object& open(char const* where, bool begun = false) {
        if (closed() && begun) fail(boost::asio::error::operation_aborted, where);
        if (closed()) throw usage_error(std::string(where) + ": the " + noun_ + " is closed; use it before close()");
        return *asio_;
    }

    [[noreturn]] void fail(boost::system::error_code const& error, std::string what) const {
        if (!closed()) throw_system_error(error, what);
        // On io_uring it may be EBADF that is given.
        throw_system_error(boost::asio::error::operation_aborted, what + ": it was closed meanwhile");
    }

private:
    void let_go() noexcept override {
        number_ = -1;
        asio_.reset();
    }

    char const* const noun_;
    int number_ = -1;            ///< negative once it is closed
    std::optional<Object> asio_; ///< empty once the loop is closed
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
