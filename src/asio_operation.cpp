// ordo: the states of an Asio operation that a task awaits.
//
// Between begin() and completed() the operation may use buffers that stand in the frame, so the task goes on only once
// the handler has run, also when it is cancelled. Only the loop's end destroys the frame earlier: then the operation is
// cancelled on the spot, and its handler finds that nobody waits for it. A handler that Asio drops without calling it
// (its context is gone, or there was no memory to bring it home) sends the link itself through the inbox instead.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/asio_operation.hpp>

#include "detail/arrival_watch.hpp"

#include <ordo/detail/constants.hpp>
#include <ordo/detail/scope_exit.hpp>

#include <boost/algorithm/string/trim.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/channel_error.hpp>
#include <boost/core/demangle.hpp>

namespace ordo::detail {

void operation_owner::dropped() noexcept {
    try {
        throw error(
            "asio_operation: the operation was dropped before it completed; its context must live and run until "
            "then");
    } catch (...) {
        failed();
    }
}

// -- links

namespace {

/// Links of operations that are over, for the next ones of this thread. The memory that Asio has allocated for what stood
/// in their slots lives as long as the signal does, and serves the next operation too.
struct spare_list {
    operation_link* first;
    std::size_t room; ///< for more of them; 0 unless the list will be emptied when the thread ends
};

constinit thread_local spare_list spares{};

struct emptying {
    emptying() { spares.room = recycling_is_wanted() ? spare_operation_links : 0; }
    ~emptying() {
        spares.room = 0;
        while (auto* link = spares.first) {
            spares.first = static_cast<operation_link*>(link->next);
            delete link;
        }
    }
};

operation_link* make_link() {
    thread_local emptying at_thread_end;
    static_cast<void>(at_thread_end);
    return new operation_link;
}

/// What a spare has in its slot: it takes the place of the operation's own, and leaves the memory there.
struct no_cancellation {
    void operator()(boost::asio::cancellation_type_t) const noexcept {}
};

} // namespace

operation_link::operation_link() noexcept {
    act = [](ready_node* node, node_action action) {
        if (is_question(action)) return;
        auto* const link = static_cast<operation_link*>(node);
        if (link->owner && action == node_action::run) link->owner->dropped();
        link->release();
    };
}

operation_link* operation_link::make(operation_owner& owner, loop_core& core) {
    auto* link = spares.first;
    if (link) [[likely]] {
        spares.first = static_cast<operation_link*>(link->next);
        ++spares.room;
    } else {
        link = make_link();
    }
    link->references_.store(2, std::memory_order_relaxed);
    link->owner = &owner;
    link->executor_.emplace(core);
    return link;
}

void operation_link::recycle() noexcept {
    executor_.reset();
    if (slot().has_handler()) slot().emplace<no_cancellation>();
    if (spares.room == 0) [[unlikely]] {
        delete this;
        return;
    }
    --spares.room;
    next = std::exchange(spares.first, this);
}

void operation_link::drop() noexcept {
    if (!executor_->submit(this)) release();
}

void operation_link::cancel() {
    add_reference();
    scope_exit const keep([this] { release(); });
    signal_.emit(boost::asio::cancellation_type::all);
}

// -- awaiting

operation_awaiter_base::~operation_awaiter_base() {
    if (!link_) return;
    if (std::exchange(link_->owner, nullptr)) {
        link_->cancel();
        task_->core().work_finished();
    }
    link_->release();
}

bool operation_awaiter_base::begin(std::coroutine_handle<> frame) {
    auto& task = awaiting_task();
    task_ = &task;
    if (task.must_cancel()) {
        task.yield(frame);
        return false;
    }
    task.core().work_started();
    try {
        link_ = operation_link::make(*this, task.core());
    } catch (...) {
        task.core().work_finished();
        throw;
    }
    task.wait(frame, *this);
    return started_ = true;
}

void operation_awaiter_base::failed_to_begin() noexcept {
    task_->forget_wait();
    task_->core().work_finished();
    link_->owner = nullptr; // the initiation may have kept the handler
    std::exchange(link_, nullptr)->release();
}

namespace {

/// The type that begins an operation, the second argument of its deferred_async_operation, without arguments of its own.
std::string initiation_in(std::string_view type) {
    constexpr std::string_view mark = "deferred_async_operation<";
    auto const found = type.find(mark);
    std::string name;
    if (found == type.npos) return name;
    int depth = 0, argument = 0;
    for (char const c : type.substr(found + mark.size())) {
        bool const opens = c == '<' || c == '(', closes = c == '>' || c == ')';
        if (closes && depth-- == 0) break;
        if (depth == 0 && c == ',' && ++argument == 2) break;
        if (depth == 0 && argument == 1 && !opens && !closes && c != ',') name += c;
        if (opens) ++depth;
    }
    boost::algorithm::trim_if(name, boost::algorithm::is_any_of(" :&"));
    return name;
}

} // namespace

/// Asio's own operations are named by their types: "...::initiate_async_receive" is async_receive.
void operation_awaiter_base::describe(wait_description& into) const {
    auto const type = boost::core::demangle(typeid(*this).name());
    constexpr std::string_view mark = "initiate_async_";
    if (auto const found = type.find(mark); found != type.npos) { // maybe within the type of a token adaptor
        auto const begin = found + mark.find("async_");
        into.what = type.substr(begin, type.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789", begin) - begin);
        return;
    }
    into.what = "an Asio operation";
    if (auto const name = initiation_in(type); !name.empty()) into.what += " (" + name + ')';
}

bool operation_awaiter_base::cancel(std::string_view message) {
    if (!under_way()) return false;
    if (!cancel_requested_ && !message.empty()) message_ = std::make_unique<std::string>(message);
    cancel_requested_ = true;
    link_->cancel();
    return true;
}

void operation_awaiter_base::completed() noexcept {
    link_->owner = nullptr;
    auto& core = task_->core();
    core.work_finished();
    if (core.arrivals()) [[unlikely]]
        core.arrivals()->completes(task_);
    task_->wake();
}

void operation_awaiter_base::failed() noexcept {
    failure_ = std::current_exception();
    completed();
}

void operation_awaiter_base::check_completed() {
    if (!started_) task_->deliver_cancellation();
    if (!failure_) return;
    postpone_cancellation();
    std::rethrow_exception(failure_);
}

void operation_awaiter_base::throw_cancelled() {
    if (!cancel_requested_) task_->deliver_cancellation();
    task_->settle_cancellation();
    if (message_) throw cancelled_error(std::move(*message_));
    throw cancelled_error(); // which no temporary outlives: unwinding stops for none
}

void operation_awaiter_base::postpone_cancellation() {
    if (cancel_requested_ && !task_->must_cancel()) task_->request_cancellation(message_ ? *message_ : std::string());
}

bool is_aborted(boost::system::error_code const& error) noexcept {
    return error == boost::asio::error::operation_aborted ||
           error == boost::asio::experimental::error::channel_cancelled; // channels have a word of their own
}

bool is_aborted(std::exception_ptr const& error) noexcept {
    try {
        std::rethrow_exception(error);
    } catch (boost::system::system_error const& e) {
        return is_aborted(e.code());
    } catch (...) {
        return false;
    }
}

} // namespace ordo::detail
