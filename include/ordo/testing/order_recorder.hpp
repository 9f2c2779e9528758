// ordo: order_recorder, which notes what happens and compares it with what should.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/config.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ordo::testing {

/// A list of what happened, in order.
///
/// @code
/// ordo::testing::order_recorder order;
/// loop.call_soon(order.recording("a"));
/// loop.run_until_complete(body());
/// BOOST_TEST(order.difference({"a"}) == "");
/// @endcode
class ORDO_DECL order_recorder {
public:
    void record(std::string_view what);

    /// A callback that records; the recorder must outlive it.
    std::function<void()> recording(std::string_view what);

    std::vector<std::string> const& entries() const noexcept { return entries_; }

    /// The entries, separated by blanks.
    std::string text() const;

    /// Empty if the entries are these; else both lists side by side, with a mark where they part.
    std::string difference(std::vector<std::string> const& expected) const;

private:
    std::vector<std::string> entries_;
};

} // namespace ordo::testing
