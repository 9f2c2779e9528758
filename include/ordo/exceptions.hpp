// ordo: the errors that ordo throws.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/config.hpp>

#include <cstddef>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

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

/// Ends run_forever() when a callback or a task throws it: the iteration breaks off, run_forever() throws it on, and what
/// was still to run waits for the next run. In a task it is the task's error, too. A loop on a borrowed executor has no
/// run to end; there it is reported as any other error of a callback.
///
/// Not a std::exception, so that handlers of ordinary errors let it through.
///
/// @par Source   Python's SystemExit.
class ORDO_DECL system_exit {
public:
    explicit system_exit(int code = 0) noexcept : code_(code) {}
    system_exit(system_exit const&) = default;
    system_exit& operator=(system_exit const&) = default;
    virtual ~system_exit();

    /// For the process to end with.
    int code() const noexcept { return code_; }

private:
    int code_;
};

/// The base of every error of ordo except cancelled_error, generator_exit and system_exit.
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

/// An argument or a count that makes no sense: a semaphore released too often, a wait for nothing.
///
/// @par Source   Python's ValueError.
class ORDO_DECL value_error : public usage_error {
public:
    using usage_error::usage_error;
    ~value_error() override;
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

/// There was nothing to get from a queue at once.
///
/// @par Source   asyncio.QueueEmpty.
class ORDO_DECL queue_empty : public error {
public:
    using error::error;
    ~queue_empty() override;
};

/// There was no room in a queue at once.
///
/// @par Source   asyncio.QueueFull.
class ORDO_DECL queue_full : public error {
public:
    using error::error;
    ~queue_full() override;
};

/// A queue was shut down.
///
/// @par Source   asyncio.QueueShutDown.
class ORDO_DECL queue_shut_down : public error {
public:
    using error::error;
    ~queue_shut_down() override;
};

/// A stream ended before all was read that was asked for.
///
/// @par Source   asyncio.IncompleteReadError, which is an EOFError.
class ORDO_DECL incomplete_read_error : public error {
public:
    /// @param where      The call that reads, for the text.
    /// @param expected   Bytes that were asked for; none if it was everything up to a separator.
    incomplete_read_error(std::string const& where, std::string partial, std::optional<std::size_t> expected);
    ~incomplete_read_error() override;

    /// What was there, which the stream does not have any more.
    std::string const& partial() const noexcept { return partial_; }
    std::optional<std::size_t> expected() const noexcept { return expected_; }

private:
    std::string partial_;
    std::optional<std::size_t> expected_;
};

/// There is no separator within the limit of a stream.
///
/// @par Source   asyncio.LimitOverrunError.
class ORDO_DECL limit_overrun_error : public error {
public:
    /// @param consumed   Bytes at the beginning of what is buffered that are not part of a separator.
    limit_overrun_error(std::string const& text, std::size_t consumed) : error(text), consumed_(consumed) {}
    ~limit_overrun_error() override;

    std::size_t consumed() const noexcept { return consumed_; }

private:
    std::size_t consumed_;
};

/// A barrier was broken while or before a task waited at it.
///
/// @par Source   asyncio.BrokenBarrierError.
class ORDO_DECL broken_barrier_error : public error {
public:
    using error::error;
    ~broken_barrier_error() override;
};

/// Several errors that came together, in the order in which they came. Its text has theirs.
///
/// @par Source   Python's ExceptionGroup (PEP 654).
class ORDO_DECL exception_group : public error {
public:
    /// @param where   What failed, for the text.
    /// @throws value_error   if there is no exception, or a null one among them.
    exception_group(std::string const& where, std::vector<std::exception_ptr> exceptions);
    ~exception_group() override;

    std::vector<std::exception_ptr> const& exceptions() const noexcept { return exceptions_; }

private:
    std::vector<std::exception_ptr> exceptions_;
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
