// ordo: chat_server: the chat page, page.html, embedded into the program.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string_view>

namespace chat {

std::string_view page();

} // namespace chat
