// ordo: event_loop::shutdown_asyncgens, which closes what generators have been left half-way.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/async_generator.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/gather.hpp>
#include <ordo/task.hpp>

#include <cstddef>
#include <vector>

namespace ordo {

coro<void> event_loop::shutdown_asyncgens() {
    core_->generators_are_shut_down = true;
    std::vector<task<>> closing;
    for (auto* generator = core_->first_generator; generator; generator = generator->next_generator())
        closing.push_back(create_task(detail::close_generator(detail::generator_pointer(*generator)),
                                      std::string_view(), generator->created_at()));
    auto const outcomes = co_await gather_results(closing);
    for (std::size_t i = 0; i < closing.size(); ++i) {
        if (outcomes[i] || closing[i].cancelled()) continue;
        exception_context what{.message = "an async_generator could not be closed"};
        what.exception = outcomes[i].error();
        what.where = closing[i].created_at();
        call_exception_handler(what);
    }
}

} // namespace ordo
