// ordo: an operator new that fails when it is told to.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/failing_heap.hpp>

#include <atomic>
#include <cstdlib>
#include <new>

namespace ordo::testing {
namespace {

std::atomic<std::ptrdiff_t> live_blocks = 0;
std::atomic<std::ptrdiff_t> until_failure = 0; ///< allocations that still succeed, while armed
std::atomic<bool> armed = false;
std::atomic<bool> failed = false;
std::atomic<std::size_t> calls = 0;

} // namespace

bool failing_heap::in_use() {
    auto const before = calls.load();
    ::operator delete(::operator new(1)); // which no compiler leaves out, unlike a new-expression
    return calls.load() != before;
}

std::ptrdiff_t failing_heap::live() noexcept {
    return live_blocks;
}

void failing_heap::fail(std::size_t after) noexcept {
    failed = false;
    until_failure = static_cast<std::ptrdiff_t>(after);
}

bool failing_heap::has_failed() noexcept {
    return failed;
}

failing_heap::may_fail::may_fail(bool whether) noexcept : outer_(armed.exchange(whether)) {}
failing_heap::may_fail::~may_fail() {
    armed = outer_;
}

void* failing_heap::allocate(std::size_t size, std::size_t alignment) {
    calls.fetch_add(1, std::memory_order_relaxed);
    if (armed && until_failure.fetch_sub(1) == 0) {
        failed = true;
        throw std::bad_alloc();
    }
    void* memory = nullptr;
    if (alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__) memory = std::malloc(size ? size : 1);
    else if (::posix_memalign(&memory, alignment, size ? size : 1) != 0) memory = nullptr;
    if (!memory) throw std::bad_alloc();
    live_blocks.fetch_add(1);
    return memory;
}

void* failing_heap::try_to_allocate(std::size_t size, std::size_t alignment) noexcept {
    try {
        return allocate(size, alignment);
    } catch (std::bad_alloc const&) {
        return nullptr;
    }
}

void failing_heap::deallocate(void* memory) noexcept {
    if (!memory) return;
    live_blocks.fetch_sub(1);
    std::free(memory);
}

bool failing_heap::forbid_recycling() noexcept {
    return ::setenv("ORDO_NO_RECYCLING", "1", 1) == 0;
}

} // namespace ordo::testing
