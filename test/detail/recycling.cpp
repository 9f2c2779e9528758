// ordo: tests of recycled memory.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/detail/recycling.hpp>

#include "../counted_heap.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace ordo::detail;

/// Sanitizers see plain new and delete, which recycle nothing.
auto const where_memory_is_recycled = boost::unit_test::enable_if<!ORDO_SANITIZED>();

/// Bytes that this thread keeps for the next of a size.
std::size_t kept(std::size_t size) {
    std::size_t bytes = 0;
    for (auto const* first : {this_recycler.free[size_class(size)], this_recycler.spare[size_class(size)]})
        bytes += first ? first->bytes : 0;
    return bytes;
}

std::vector<void*> allocate_many(std::size_t count, std::size_t size) {
    std::vector<void*> blocks(count);
    for (auto& block : blocks) block = allocate(size);
    return blocks;
}

void deallocate_all(std::vector<void*> const& blocks, std::size_t size) {
    for (auto* block : blocks) deallocate(block, size);
}

/// How many of `some` are among `others`.
std::size_t count_common(std::vector<void*> some, std::vector<void*> others) {
    std::vector<void*> common;
    std::sort(some.begin(), some.end());
    std::sort(others.begin(), others.end());
    std::set_intersection(some.begin(), some.end(), others.begin(), others.end(), std::back_inserter(common));
    return common.size();
}

/// Runs on a thread of its own, which has no free blocks at first.
template <class F>
void on_a_new_thread(F f) {
    std::thread(f).join();
}

} // namespace

BOOST_AUTO_TEST_SUITE(size_classes)

BOOST_AUTO_TEST_CASE(hold_every_size_up_to_their_bound) {
    for (std::size_t size = 1; size <= recycling_limit; ++size) {
        auto const chosen = size_class(size);
        if (chosen >= recycler::classes || block_size(chosen) < size || block_size(chosen) < sizeof(recycler::block) ||
            (chosen > 1 && block_size(chosen - 1) >= size))
            BOOST_ERROR("a size of " << size << " is of class " << chosen);
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(recycled_memory)

BOOST_AUTO_TEST_CASE(is_aligned_and_of_the_size_that_was_asked_for) {
    std::size_t misaligned = 0;
    for (std::size_t size = 1; size <= 2 * recycling_limit; size += 37) {
        auto* memory = allocate(size);
        misaligned += reinterpret_cast<std::uintptr_t>(memory) % __STDCPP_DEFAULT_NEW_ALIGNMENT__ != 0;
        std::memset(memory, 0xff, size); // a sanitizer minds if it is too little
        deallocate(memory, size);
    }
    BOOST_TEST(misaligned == 0u);
}

BOOST_AUTO_TEST_CASE(serves_the_next_of_its_size, *where_memory_is_recycled) {
    auto* const first = allocate(100);
    deallocate(first, 100);
    auto* const second = allocate(100);
    BOOST_TEST(second == first);
    deallocate(second, 100);
}

BOOST_AUTO_TEST_CASE(serves_another_size_of_its_class, *where_memory_is_recycled) {
    auto* const first = allocate(90);
    deallocate(first, 90);
    auto* const second = allocate(104);
    BOOST_TEST(second == first);
    deallocate(second, 104);
}

BOOST_AUTO_TEST_CASE(does_not_serve_another_class) {
    auto* const first = allocate(100);
    deallocate(first, 100);
    auto* const second = allocate(200);
    std::memset(second, 0xff, 200); // a sanitizer minds if it is too little
    BOOST_TEST(second != nullptr);
    deallocate(second, 200);
}

BOOST_AUTO_TEST_CASE(is_given_out_once) {
    std::vector<void*> blocks;
    for (int i = 0; i < 100; ++i) blocks.push_back(allocate(64));
    for (auto* block : blocks) deallocate(block, 64);
    std::vector<void*> again;
    for (int i = 0; i < 100; ++i) again.push_back(allocate(64));
    std::sort(again.begin(), again.end());
    BOOST_TEST((std::unique(again.begin(), again.end()) == again.end()));
    for (auto* block : again) deallocate(block, 64);
}

BOOST_AUTO_TEST_CASE(counts_what_is_kept, *where_memory_is_recycled) {
    on_a_new_thread([] {
        auto* const block = allocate(100);
        BOOST_TEST(kept(100) == 0u);
        deallocate(block, 100);
        BOOST_TEST(kept(100) == block_size(size_class(100)));
        deallocate(allocate(100), 100);
        BOOST_TEST(kept(100) == block_size(size_class(100)));
    });
}

BOOST_AUTO_TEST_CASE(is_not_kept_if_it_is_large) {
    on_a_new_thread([] {
        deallocate(allocate(recycling_limit + 1), recycling_limit + 1);
        std::size_t all = 0;
        for (auto const* list : this_recycler.free) all += list ? list->bytes : 0;
        BOOST_TEST(all == 0u);
    });
}

BOOST_AUTO_TEST_CASE(is_kept_by_a_thread_up_to_two_magazines, *where_memory_is_recycled) {
    on_a_new_thread([] {
        deallocate_all(allocate_many(10 * recycling_magazine / recycling_limit, recycling_limit), recycling_limit);
        BOOST_TEST(kept(recycling_limit) <= 2 * recycling_magazine);
        BOOST_TEST(kept(recycling_limit) > recycling_magazine);
    });
}

BOOST_AUTO_TEST_CASE(serves_the_thread_that_returned_it, *where_memory_is_recycled) {
    auto* const block = allocate(100);
    on_a_new_thread([block] {
        deallocate(allocate(300), 300); // from now on this thread keeps what it returns
        deallocate(block, 100);
        auto* const again = allocate(100);
        BOOST_TEST(again == block);
        deallocate(again, 100);
    });
}

BOOST_AUTO_TEST_CASE(serves_a_thread_that_has_only_returned_some, *where_memory_is_recycled) {
    auto* const block = allocate(100);
    on_a_new_thread([block] {
        deallocate(block, 100);
        auto* const again = allocate(100);
        BOOST_TEST(again == block);
        deallocate(again, 100);
    });
}

BOOST_AUTO_TEST_CASE(flows_back_from_a_thread_that_only_returns_it, *where_memory_is_recycled) {
    constexpr std::size_t size = 500, count = 3 * recycling_magazine / size;
    auto const taken = allocate_many(count, size);
    on_a_new_thread([&] {
        deallocate_all(taken, size); // more than it keeps
        on_a_new_thread([&] {
            auto const again = allocate_many(recycling_magazine / (2 * size), size);
            BOOST_TEST(count_common(again, taken) == again.size());
            deallocate_all(again, size);
        });
    });
}

BOOST_AUTO_TEST_CASE(of_a_thread_that_has_ended_serves_others, *where_memory_is_recycled) {
    constexpr std::size_t size = 600, count = 10;
    std::vector<void*> taken;
    on_a_new_thread([&] {
        taken = allocate_many(count, size);
        deallocate_all(taken, size);
    });
    on_a_new_thread([&] {
        auto const again = allocate_many(count, size);
        BOOST_TEST(count_common(again, taken) == count);
        deallocate_all(again, size);
    });
}

BOOST_AUTO_TEST_CASE(is_kept_for_all_threads_up_to_a_limit, *where_memory_is_recycled) {
    constexpr std::size_t size = 1000, count = recycling_capacity / size, of_threads = 3 * recycling_magazine / size;
    on_a_new_thread([] { deallocate_all(allocate_many(2 * count, size), size); });
    auto const taken = allocate_many(2 * count, size);
    allocations = 0;
    deallocate_all(taken, size);
    deallocate_all(allocate_many(2 * count, size), size);
    BOOST_TEST(allocations > count - of_threads);
    BOOST_TEST(allocations < count + of_threads);
}

BOOST_AUTO_TEST_CASE(may_be_exchanged_by_many_threads) {
    constexpr std::size_t size = 700, rounds = 300;
    std::mutex mutex;
    std::vector<void*> passed; // from each thread to whichever comes next
    std::atomic<std::size_t> damaged = 0;
    auto const exchange = [&](unsigned char mark) {
        for (std::size_t i = 0; i < rounds; ++i) {
            auto blocks = allocate_many(i, size);
            for (auto* block : blocks) std::memset(block, mark, size);
            for (auto* block : blocks) damaged += static_cast<unsigned char*>(block)[size - 1] != mark;
            {
                std::lock_guard lock(mutex);
                std::swap(passed, blocks);
            }
            deallocate_all(blocks, size);
        }
    };
    std::vector<std::thread> threads;
    for (unsigned char mark = 1; mark <= 4; ++mark) threads.emplace_back(exchange, mark);
    for (auto& thread : threads) thread.join();
    deallocate_all(passed, size);
    BOOST_TEST(damaged == 0u);
}

BOOST_AUTO_TEST_CASE(serves_standard_containers) {
    std::vector<int, recycling_allocator<int>> numbers;
    for (int i = 0; i < 1000; ++i) numbers.push_back(i);
    BOOST_TEST(numbers.back() == 999);
    BOOST_TEST((recycling_allocator<int>() == recycling_allocator<int>(recycling_allocator<char>())));
}

BOOST_AUTO_TEST_SUITE_END()
