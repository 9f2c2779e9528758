// ordo: the errors that ordo throws.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/config.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace ordo {

/// Thrown inside a task at the point where it waits, when the task is cancelled.
///
/// Deliberately not a std::exception: `catch (std::exception const&)` around ordinary errors lets a cancellation
/// through. Code that must clean up catches it, cleans up and rethrows; swallowing it keeps the task running.
///
/// @par Source   asyncio.CancelledError, which is a BaseException for the same reason.
class ORDO_DECL cancelled_error {
public:
    cancelled_error() = default;
    explicit cancelled_error(std::string message) : message_(std::move(message)) {}
    cancelled_error(cancelled_error const&) = default;
    cancelled_error(cancelled_error&&) = default;
    cancelled_error& operator=(cancelled_error const&) = default;
    cancelled_error& operator=(cancelled_error&&) = default;
    virtual ~cancelled_error();

    /// What was given to cancel(), or empty.
    std::string const& message() const noexcept { return message_; }

private:
    std::string message_;
};

/// Thrown inside an async_generator, at the co_yield where it stands, to end it.
///
/// Not a std::exception, for the same reason as cancelled_error. Code that must clean up catches it, cleans up and
/// rethrows or returns.
///
/// @par Source   Python's GeneratorExit, which is a BaseException.
class ORDO_DECL generator_exit {
public:
    generator_exit() = default;
    generator_exit(generator_exit const&) = default;
    generator_exit& operator=(generator_exit const&) = default;
    virtual ~generator_exit();
};

/// The base of every error of ordo except cancelled_error and generator_exit.
class ORDO_DECL error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
    ~error() override;
};

/// A future was asked for what its state does not allow: a result before there is one, or a second result.
///
/// @par Source   asyncio.InvalidStateError.
class ORDO_DECL invalid_state_error : public error {
public:
    using error::error;
    ~invalid_state_error() override;
};

/// A call that is wrong wherever it is made: a task that awaits itself, a loop run inside itself.
///
/// @par Source   asyncio raises a plain RuntimeError.
class ORDO_DECL usage_error : public error {
public:
    using error::error;
    ~usage_error() override;
};

/// Something was scheduled on a loop after its close().
class ORDO_DECL loop_closed_error : public usage_error {
public:
    using usage_error::usage_error;
    ~loop_closed_error() override;
};

/// In debug mode, a call that belongs to the loop's thread was made on another one.
class ORDO_DECL wrong_thread_error : public usage_error {
public:
    using usage_error::usage_error;
    ~wrong_thread_error() override;
};

/// Time ran out.
class ORDO_DECL timeout_error : public error {
public:
    using error::error;
    ~timeout_error() override;
};

/// run() was ended by SIGINT.
///
/// @par Source   Python's KeyboardInterrupt.
class ORDO_DECL keyboard_interrupt : public error {
public:
    using error::error;
    ~keyboard_interrupt() override;
};

} // namespace ordo
