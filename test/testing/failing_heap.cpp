// ordo: tests of an operator new that fails when it is told to.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/failing_heap.hpp>

#include <ordo/detail/recycling.hpp>

#include <boost/test/unit_test.hpp>
#include <memory>
#include <new>

ORDO_TESTING_REPLACE_NEW;

using ordo::testing::failing_heap;

BOOST_AUTO_TEST_SUITE(failing_heap_)

BOOST_AUTO_TEST_CASE(is_in_use) {
    BOOST_TEST(failing_heap::in_use());
}

BOOST_AUTO_TEST_CASE(counts_what_is_alive) {
    auto const before = failing_heap::live();
    auto block = std::make_unique<int>();
    auto const with_it = failing_heap::live();
    block.reset();
    BOOST_TEST(with_it == before + 1);
    BOOST_TEST(failing_heap::live() == before);
}

BOOST_AUTO_TEST_CASE(fails_once_where_it_is_told_to) {
    failing_heap::fail(1);
    int made = 0;
    bool failed = false;
    {
        failing_heap::may_fail const armed;
        for (int i = 0; i < 3; ++i) try {
                std::make_unique<int>();
                ++made;
            } catch (std::bad_alloc const&) {
                failed = i == 1;
            }
    }
    BOOST_TEST(made == 2);
    BOOST_TEST(failed);
    BOOST_TEST(failing_heap::has_failed());
}

BOOST_AUTO_TEST_CASE(fails_nowhere_else) {
    failing_heap::fail(0);
    std::make_unique<int>();
    {
        failing_heap::may_fail const armed;
        failing_heap::pause const unharmed;
        std::make_unique<int>();
    }
    BOOST_TEST(!failing_heap::has_failed());
}

BOOST_AUTO_TEST_CASE(sees_memory_that_would_be_recycled) {
    auto const before = failing_heap::live();
    ordo::detail::deallocate(ordo::detail::allocate(64), 64);
    BOOST_TEST(failing_heap::live() == before);
}

BOOST_AUTO_TEST_SUITE_END()
