// ordo: failing_heap, an operator new that counts, and that fails when it is told to.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/config.hpp>

#include <cstddef>
#include <new>

namespace ordo::testing {

/// What ORDO_TESTING_REPLACE_NEW puts in the place of operator new. All threads together; any may call.
class ORDO_DECL failing_heap {
public:
    /// Whether operator new is this one.
    static bool in_use();

    /// Blocks that are allocated.
    static std::ptrdiff_t live() noexcept;

    /// Let one allocation throw std::bad_alloc: number `after`, counted from 0, of those in the lifetime of a may_fail.
    static void fail(std::size_t after) noexcept;
    /// Whether it has.
    static bool has_failed() noexcept;

    /// In its lifetime allocations count, and one fails.
    class may_fail {
    public:
        may_fail() noexcept : may_fail(true) {}
        may_fail(may_fail const&) = delete;
        may_fail& operator=(may_fail const&) = delete;
        ~may_fail();

    protected:
        explicit may_fail(bool whether) noexcept;

    private:
        bool outer_;
    };
    /// And in its lifetime they do not, even so.
    class pause : may_fail {
    public:
        pause() noexcept : may_fail(false) {}
    };

    static void* allocate(std::size_t size, std::size_t alignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__);
    /// @returns   Null if it fails.
    static void* try_to_allocate(std::size_t size, std::size_t alignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__) noexcept;
    static void deallocate(void* memory) noexcept;
    /// Memory that is recycled would hide allocations, so all comes from here from now on: ORDO_NO_RECYCLING=1.
    static bool forbid_recycling() noexcept;
};

} // namespace ordo::testing

/// Once in a test program, outside of any namespace: allocations are counted, and inject_failures() can let them fail, also
/// those that are aligned or do not throw. With AddressSanitizer, which has its own operator new[], that does not hold for
/// arrays; ThreadSanitizer brings an operator new that cannot be replaced. All of the program goes without recycled memory,
/// so it is not a program to measure.
#define ORDO_TESTING_REPLACE_NEW                                                                                       \
    void* operator new(std::size_t size) {                                                                             \
        return ordo::testing::failing_heap::allocate(size);                                                            \
    }                                                                                                                  \
    void* operator new(std::size_t size, std::align_val_t alignment) {                                                 \
        return ordo::testing::failing_heap::allocate(size, static_cast<std::size_t>(alignment));                       \
    }                                                                                                                  \
    void* operator new(std::size_t size, std::nothrow_t const&) noexcept {                                             \
        return ordo::testing::failing_heap::try_to_allocate(size);                                                     \
    }                                                                                                                  \
    void operator delete(void* memory, std::align_val_t) noexcept {                                                    \
        ordo::testing::failing_heap::deallocate(memory);                                                               \
    }                                                                                                                  \
    void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {                                       \
        ordo::testing::failing_heap::deallocate(memory);                                                               \
    }                                                                                                                  \
    void* operator new(std::size_t size, std::align_val_t alignment, std::nothrow_t const&) noexcept {                 \
        return ordo::testing::failing_heap::try_to_allocate(size, static_cast<std::size_t>(alignment));                \
    }                                                                                                                  \
    void operator delete(void* memory, std::nothrow_t const&) noexcept {                                               \
        ordo::testing::failing_heap::deallocate(memory);                                                               \
    }                                                                                                                  \
    void operator delete(void* memory) noexcept {                                                                      \
        ordo::testing::failing_heap::deallocate(memory);                                                               \
    }                                                                                                                  \
    void operator delete(void* memory, std::size_t) noexcept {                                                         \
        ordo::testing::failing_heap::deallocate(memory);                                                               \
    }                                                                                                                  \
    [[maybe_unused]] static bool const ordo_testing_nothing_is_recycled =                                              \
        ordo::testing::failing_heap::forbid_recycling()
