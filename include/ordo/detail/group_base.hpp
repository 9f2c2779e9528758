// ordo: the untyped half of a task_group: its members, their errors, who is to be cancelled.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/task.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <vector>

namespace ordo::detail {

class ORDO_DECL group_base {
public:
    group_base() = default;
    group_base(group_base const&) = delete;
    group_base& operator=(group_base const&) = delete;
    ~group_base();

    /// The running task begins the body.
    /// @throws usage_error   if the group was used before.
    void enter();
    /// The body has thrown the exception that is being handled.
    void body_failed() noexcept;
    /// Wait for the members, and throw what is to be thrown.
    /// @param failure   What the body has thrown, if it has.
    coro<> leave(std::exception_ptr failure) noexcept;

protected:
    struct member;
    struct free_member {
        void operator()(member* which) const noexcept;
    };
    using member_pointer = std::unique_ptr<member, free_member>;

    /// @throws usage_error   unless a task may be created.
    void check_takes_tasks(char const* where) const;
    /// What a new task needs to be added without fail.
    member_pointer prepare();
    void add(any_task const& task, member_pointer as);

    event_loop& loop() const { return parent_.get_loop(); }
    void cancel();

private:
    /// How the body has ended.
    enum class body_end : std::uint8_t { value, error, cancelled, exit, generator_exit };

    static void perform(ready_node* node, node_action action);
    void on_done(member_pointer ended);
    void unlink(member& which) noexcept;
    coro<> wait_for_members(std::exception_ptr failure);
    std::vector<std::exception_ptr> errors() const;
    void cancel_members();
    void cancel_parent();
    [[noreturn]] void throw_exit(std::exception_ptr const& failure);

    any_task parent_; ///< which runs the body; empty before and after
    member* first_ = nullptr;
    member* last_ = nullptr;
    member* first_failed_ = nullptr; ///< members that have failed, in the order in which they did
    member* last_failed_ = nullptr;
    future<> all_done_;       ///< while the parent waits for the members
    std::exception_ptr exit_; ///< a system_exit, which goes before everything
    body_end body_end_ = body_end::value;
    bool entered_ = false;
    bool exiting_ = false;                 ///< the body has ended
    bool aborting_ = false;                ///< the members were cancelled
    bool parent_cancel_requested_ = false; ///< by us
    bool cancel_on_enter_ = false;
};

} // namespace ordo::detail
