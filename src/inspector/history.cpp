// ordo: keeping the last seconds, and writing them down.
// SPDX-License-Identifier: BSL-1.0
#include "inspector/history.hpp"

#include "detail/json.hpp"
#include "detail/seconds.hpp"

namespace ordo::detail {
namespace {

constexpr std::size_t kept_samples = 150;        // of 100 ms, which the page draws
constexpr std::size_t kept_slow_callbacks = 200; // more than anybody reads

template <class T>
void keep(std::deque<T>& in, T added, std::size_t limit) {
    in.push_back(std::move(added));
    if (in.size() > limit) in.pop_front();
}

} // namespace

double inspector_history::age() const noexcept {
    return seconds(std::chrono::steady_clock::now() - began_);
}

void inspector_history::sample(loop_metrics const& now) {
    auto const end = std::chrono::steady_clock::now();
    moment const added{.end = seconds(end - began_),
                       .length = seconds(end - sampled_),
                       .busy = seconds(now.busy - last_.busy),
                       .callbacks = now.callbacks - last_.callbacks,
                       .tasks = now.tasks};
    keep(samples_, added, kept_samples);
    sampled_ = end;
    last_ = now;
}

void inspector_history::note(callback_info const& who, duration took) {
    if (took >= slow_) keep(slow_callbacks_, {age(), seconds(took), who}, kept_slow_callbacks);
}

std::string inspector_history::samples_as_json() const {
    return json_array(samples_, [](moment const& at) {
        return fmt::format("[{:.3f},{:.3f},{:.4f},{},{}]", at.end, at.length, at.busy, at.callbacks, at.tasks);
    });
}

std::string inspector_history::slow_as_json() const {
    return json_array(slow_callbacks_, [](slow_callback const& one) {
        return fmt::format(R"({{"end":{:.3f},"took":{:.6f},{}}})", one.end, one.took, callback_as_json(one.who));
    });
}

std::string callback_as_json(callback_info const& who) {
    return fmt::format(R"("kind":"{}","name":{},"file":{},"line":{},"function":{})", to_string(who.kind),
                       json_string(who.name), json_string(who.where.file_name()), who.where.line(),
                       json_string(who.where.function_name()));
}

} // namespace ordo::detail
