// ordo: no_more_descriptors, while which the system gives this process none.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <boost/test/unit_test.hpp>
#include <sys/resource.h>

/// UndefinedBehaviorSanitizer needs one to look at an object of a type that is new to it: let all that goes on meanwhile have
/// gone on before, and give them back before an error is looked at.
class no_more_descriptors {
public:
    no_more_descriptors() {
        BOOST_REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
        set(rlimit{.rlim_cur = 0, .rlim_max = before_.rlim_max});
    }
    no_more_descriptors(no_more_descriptors const&) = delete;
    no_more_descriptors& operator=(no_more_descriptors const&) = delete;
    ~no_more_descriptors() { give_back(); }

    void give_back() const { set(before_); }

private:
    static void set(rlimit limit) { BOOST_REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0); }

    rlimit before_{};
};
