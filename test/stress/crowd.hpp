// ordo: crowd, some threads that do the same.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <thread>
#include <vector>

inline constexpr int threads = 4;

/// Run f(0), f(1), … on a thread each.
class crowd {
public:
    template <class F>
    explicit crowd(F f) {
        for (int t = 0; t < threads; ++t) members_.emplace_back(f, t);
    }
    ~crowd() {
        for (auto& member : members_) member.join();
    }

private:
    std::vector<std::thread> members_;
};
