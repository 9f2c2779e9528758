// ordo: tests of recycled memory.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/detail/recycling.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

namespace {

using namespace ordo::detail;

/// Sanitizers see plain new and delete, which recycle nothing.
auto const where_memory_is_recycled = boost::unit_test::enable_if<!ORDO_SANITIZED>();

/// Bytes that this thread keeps for the next of a size.
std::size_t kept(std::size_t size) {
    auto const* first = this_recycler.free[size_class(size)];
    return first ? first->bytes : 0;
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

BOOST_AUTO_TEST_CASE(is_kept_up_to_a_limit, *where_memory_is_recycled) {
    on_a_new_thread([] {
        std::vector<void*> blocks;
        for (std::size_t i = 0; i < recycling_capacity / recycling_limit + 100; ++i)
            blocks.push_back(allocate(recycling_limit));
        for (auto* block : blocks) deallocate(block, recycling_limit);
        BOOST_TEST(kept(recycling_limit) <= recycling_capacity);
        BOOST_TEST(kept(recycling_limit) > recycling_capacity - 2 * recycling_limit);
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

BOOST_AUTO_TEST_CASE(returned_to_a_thread_that_has_none_goes_to_the_heap) {
    auto* const block = allocate(100);
    on_a_new_thread([block] {
        deallocate(block, 100);
        BOOST_TEST(kept(100) == 0u);
    });
}

BOOST_AUTO_TEST_CASE(serves_standard_containers) {
    std::vector<int, recycling_allocator<int>> numbers;
    for (int i = 0; i < 1000; ++i) numbers.push_back(i);
    BOOST_TEST(numbers.back() == 999);
    BOOST_TEST((recycling_allocator<int>() == recycling_allocator<int>(recycling_allocator<char>())));
}

BOOST_AUTO_TEST_SUITE_END()
