// ordo: the page of the inspector, page.html, as a part of the library.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string_view>

namespace ordo::detail {

std::string_view inspector_page();

} // namespace ordo::detail
