// ordo: temporary_folder, which is empty at first, and removed at the end.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <string>

class temporary_folder {
public:
    temporary_folder() {
        char name[] = "/tmp/ordo-XXXXXX";
        BOOST_REQUIRE(::mkdtemp(name));
        path_ = std::filesystem::canonical(name);
    }
    temporary_folder(temporary_folder const&) = delete;
    temporary_folder& operator=(temporary_folder const&) = delete;
    ~temporary_folder() { std::filesystem::remove_all(path_); }

    std::string path() const { return path_; }
    /// Of a file in it.
    std::string path(char const* name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};
