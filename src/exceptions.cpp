// ordo: one home for the vtable of each error, so that it can be caught across shared libraries.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/exceptions.hpp>

namespace ordo {
namespace {

std::string text_of(std::exception_ptr const& exception) {
    if (!exception) throw value_error("exception_group: one of the exceptions is null; leave it out");
    try {
        std::rethrow_exception(exception);
    } catch (std::exception const& e) {
        return e.what();
    } catch (cancelled_error const& e) {
        return e.message().empty() ? "cancelled" : "cancelled: " + e.message();
    } catch (...) {
        return "an exception that is not a std::exception";
    }
}

std::string text_of(std::string const& where, std::vector<std::exception_ptr> const& exceptions) {
    if (exceptions.empty()) throw value_error("exception_group: there is no exception; a group has at least one");
    auto text = where + ": " + std::to_string(exceptions.size()) + (exceptions.size() == 1 ? " error" : " errors");
    char const* separator = ": ";
    for (auto const& exception : exceptions) text += std::exchange(separator, "; ") + text_of(exception);
    return text;
}

std::string text_of(std::string const& where, std::size_t got, std::optional<std::size_t> expected) {
    auto const end = where + ": the stream ended after " + std::to_string(got);
    if (expected) return end + " of " + std::to_string(*expected) + " bytes; they are in partial()";
    return end + " bytes, without the separator; they are in partial()";
}

} // namespace

incomplete_read_error::incomplete_read_error(std::string const& where, std::string partial,
                                             std::optional<std::size_t> expected)
    : error(text_of(where, partial.size(), expected)), partial_(std::move(partial)), expected_(expected) {}

exception_group::exception_group(std::string const& where, std::vector<std::exception_ptr> exceptions)
    : error(text_of(where, exceptions)), exceptions_(std::move(exceptions)) {}

cancelled_error::~cancelled_error() = default;
generator_exit::~generator_exit() = default;
system_exit::~system_exit() = default;
error::~error() = default;
invalid_state_error::~invalid_state_error() = default;
usage_error::~usage_error() = default;
value_error::~value_error() = default;
loop_closed_error::~loop_closed_error() = default;
wrong_thread_error::~wrong_thread_error() = default;
timeout_error::~timeout_error() = default;
queue_empty::~queue_empty() = default;
queue_full::~queue_full() = default;
queue_shut_down::~queue_shut_down() = default;
incomplete_read_error::~incomplete_read_error() = default;
limit_overrun_error::~limit_overrun_error() = default;
broken_barrier_error::~broken_barrier_error() = default;
exception_group::~exception_group() = default;
keyboard_interrupt::~keyboard_interrupt() = default;

} // namespace ordo
