// ordo: the states of a timeout: created → active → finished, or → expiring → expired.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/timeout.hpp>

namespace ordo {

void timeout::enter() {
    if (state_ != state::created)
        throw usage_error("with_timeout: this timeout was used before; make a new one for each body");
    auto& task = detail::awaiting_task();
    task_ = detail::future_access::adopt<any_task>(detail::share(task));
    cancelling_ = task.cancelling();
    state_ = state::active;
    if (!delay_) return reschedule(when_);
    when_ = detail::deadline_after(get_running_loop().time(), *delay_);
    if (*delay_ <= duration::zero()) timer_ = get_running_loop().call_soon([this] { expire(); });
    else timer_ = get_running_loop().call_at(*when_, [this] { expire(); });
}

void timeout::reschedule(std::optional<time_point> when) {
    static constexpr char const* names[] = {"created", "active", "expiring", "expired", "finished"};
    if (state_ != state::active)
        throw usage_error(std::string("timeout::reschedule: the body does not run (") +
                          names[static_cast<int>(state_)] +
                          "); give the timeout to with_timeout(), and move it within");
    timer_.cancel();
    timer_ = {};
    when_ = when;
    if (!when) return;
    auto& loop = task_.get_loop();
    if (*when <= loop.time()) timer_ = loop.call_soon([this] { expire(); });
    else timer_ = loop.call_at(*when, [this] { expire(); });
}

void timeout::expire() {
    timer_ = {};
    state_ = state::expiring;
    task_.cancel();
}

void timeout::leave() noexcept {
    timer_.cancel();
    timer_ = {};
    if (state_ == state::expiring) {
        task_.uncancel();
        state_ = state::expired;
    } else if (state_ == state::active) {
        state_ = state::finished;
    }
    task_ = {};
}

void timeout::leave_by_exception() {
    if (state_ == state::finished || state_ == state::expired) return; // it was the result that could not be handed on
    bool const came = state_ == state::expiring;
    auto const task = task_;
    leave();
    if (came && task.cancelling() <= cancelling_ && detail::ending_by_exception() == detail::ending::cancelled)
        throw timeout_error("with_timeout: time ran out");
}

} // namespace ordo
