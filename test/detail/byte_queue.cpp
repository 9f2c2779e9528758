// ordo: tests of the queue of bytes that streams and pipes keep.
// SPDX-License-Identifier: BSL-1.0
#include "detail/byte_queue.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <string>
#include <utility>

using ordo::detail::byte_queue;

BOOST_AUTO_TEST_SUITE(detail_byte_queue)

BOOST_AUTO_TEST_CASE(bytes_are_taken_in_the_order_in_which_they_came) {
    byte_queue queue;
    queue.append("abc");
    queue.append("def");
    BOOST_TEST(queue.take(2) == "ab");
    queue.append("gh");
    BOOST_TEST(queue.view() == "cdefgh");
    queue.drop(3);
    BOOST_TEST(queue.take(3) == "fgh");
    BOOST_TEST(queue.empty());
}

BOOST_AUTO_TEST_CASE(all_of_them_are_given_out_without_a_copy) {
    byte_queue queue;
    queue.append(std::string(1000, 'x'));
    auto const* const before = queue.view().data();
    auto const all = queue.take(1000);
    BOOST_TEST(static_cast<void const*>(all.data()) == static_cast<void const*>(before));
}

BOOST_AUTO_TEST_CASE(a_text_that_is_moved_in_is_kept_as_it_is) {
    byte_queue queue;
    std::string text(1000, 'x');
    auto const* const before = text.data();
    queue.assign(std::move(text));
    BOOST_TEST(static_cast<void const*>(queue.view().data()) == static_cast<void const*>(before));
}

BOOST_AUTO_TEST_CASE(while_it_is_empty_it_has_no_memory) {
    byte_queue queue;
    auto const at_first = queue.capacity();
    queue.append(std::string(1000, 'x'));
    queue.drop(999);
    static_cast<void>(queue.take(1));
    BOOST_TEST(queue.capacity() == at_first);
    queue.append(std::string(1000, 'x'));
    queue.clear();
    BOOST_TEST(queue.capacity() == at_first);
}

BOOST_AUTO_TEST_CASE(what_was_taken_does_not_pile_up) {
    byte_queue queue;
    queue.append("the first");
    for (int i = 0; i < 10'000; ++i) {
        queue.append("0123456789");
        queue.drop(10);
    }
    BOOST_TEST(queue.size() == 9u);
    BOOST_TEST(queue.capacity() < 100u);
}

BOOST_AUTO_TEST_SUITE_END()
