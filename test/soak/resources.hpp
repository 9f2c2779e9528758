// ordo: resources, what a process holds at a moment: memory, descriptors and tasks.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/task.hpp>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <malloc.h>
#include <ostream>
#include <unistd.h>

// These sanitizers have allocators of their own, of which mallinfo2() knows nothing.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ORDO_TEST_SANITIZER_ALLOCATES
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ORDO_TEST_SANITIZER_ALLOCATES
#endif
#endif
#ifdef ORDO_TEST_SANITIZER_ALLOCATES
#include <sanitizer/allocator_interface.h>
#endif

/// Bytes of the heap that are in use.
inline std::size_t heap_in_use() {
#ifdef ORDO_TEST_SANITIZER_ALLOCATES
    return __sanitizer_get_current_allocated_bytes();
#else
    return ::mallinfo2().uordblks;
#endif
}

/// Bytes of a process that are in memory.
inline std::size_t resident_size() {
    std::size_t total = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> total >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

struct resources {
    std::size_t resident = resident_size(); ///< bytes
    std::size_t heap = heap_in_use();       ///< bytes
    std::ptrdiff_t descriptors = std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
    std::size_t tasks = ordo::all_tasks().size(); ///< of the running loop

    friend std::ostream& operator<<(std::ostream& out, resources const& r) {
        return out << (r.resident >> 10) << " KiB resident, " << (r.heap >> 10) << " KiB of heap, " << r.descriptors
                   << " descriptors, " << r.tasks << " tasks";
    }
};
