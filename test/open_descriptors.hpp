// ordo: no_descriptors_left, the fixture of tests after which no file descriptor may be open that was not before.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <dirent.h>

inline std::size_t open_descriptors() {
    std::size_t count = 0;
    DIR* const all = ::opendir("/proc/self/fd");
    BOOST_REQUIRE(all);
    while (::readdir(all)) ++count;
    ::closedir(all);
    return count;
}

/// The fixture of a suite, or the first base of one, because what follows is gone when it counts.
class no_descriptors_left {
public:
    no_descriptors_left() = default;
    no_descriptors_left(no_descriptors_left const&) = delete;
    no_descriptors_left& operator=(no_descriptors_left const&) = delete;
    ~no_descriptors_left() { BOOST_TEST(open_descriptors() == before_); }

private:
    std::size_t const before_ = open_descriptors();
};
