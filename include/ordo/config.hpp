// ordo: version, symbol visibility, and what this compiler can do.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#define ORDO_VERSION_MAJOR 0
#define ORDO_VERSION_MINOR 1
#define ORDO_VERSION_PATCH 0

#if defined(_WIN32)
#error "ordo: only POSIX systems are supported so far"
#endif

/// Marks what the compiled library exports; everything else in it is hidden.
#define ORDO_DECL __attribute__((visibility("default")))

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define ORDO_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ORDO_SANITIZED 1
#endif
#ifndef ORDO_SANITIZED
#define ORDO_SANITIZED 0
#endif

// Where a full expression contains co_await, g++ 12 and older destroy some of its temporaries twice. Other compilers that
// do so are found when a tree is configured (cmake/coroutine_probe.cmake), but whoever uses what is installed may have
// another one.
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13 && !defined(ORDO_BROKEN_COROUTINE_TEMPORARIES)
#define ORDO_BROKEN_COROUTINE_TEMPORARIES
#endif

// Symmetric transfer keeps the stack flat only where it is a tail call. Clang guarantees that at every
// optimisation level, GCC only from -O2 on, sanitizers not always; elsewhere the task's step resumes frames in turn.
#ifndef ORDO_SYMMETRIC_TRANSFER
#if defined(__clang__) && !ORDO_SANITIZED
#define ORDO_SYMMETRIC_TRANSFER 1
#else
#define ORDO_SYMMETRIC_TRANSFER 0
#endif
#endif
