// ordo: the parts of the table put together, and what operations make of their arguments.
// SPDX-License-Identifier: BSL-1.0
#include "interpreter.hpp"
#include "operation.hpp"
#include "runtime.hpp"

#include <algorithm>
#include <map>

namespace conformance {

operation const* find_operation(std::string_view name) {
    static auto const table = [] {
        std::map<std::string_view, operation const*> rows;
        for (auto const area : {loop_operations(), future_operations(), task_operations(), composing_operations(),
                                sync_operations(), context_operations(), generator_operations(), thread_operations()})
            for (auto const& row : area) rows.emplace(row.name, &row);
        return rows;
    }();
    auto const found = table.find(name);
    return found == table.end() ? nullptr : found->second;
}

bool is_special_statement(std::string_view word) {
    return word == "log" || word == "pass" || word == "raise" || word == "return" || word == "yield";
}

bool is_block_statement(std::string_view word) {
    constexpr std::string_view words[] = {"try", "timeout", "timeout_at", "taskgroup", "with", "repeat", "for_each"};
    return std::ranges::count(words, word) > 0;
}

lockable_object as_lockable(object const& what) {
    if (auto const* condition = std::get_if<std::shared_ptr<ordo::condition>>(&what)) return *condition;
    if (auto const* semaphore = std::get_if<std::shared_ptr<ordo::semaphore>>(&what)) return *semaphore;
    return std::get<std::shared_ptr<ordo::lock>>(what);
}

future_pointer call::future(std::size_t index) const {
    return rt.future(text(index));
}

ordo::context call::context() const {
    auto const* given = of_->option("context");
    return given ? std::get<ordo::context>(rt[*given]) : ordo::copy_context();
}

ordo::coro<value> call::coroutine(std::size_t index) const {
    return run_coroutine(rt, rt.definition_of(called(index)));
}

std::vector<future_pointer> call::futures_from(std::size_t index) const {
    std::vector<future_pointer> result;
    for (; has(index); ++index) {
        if (is_coroutine(index)) result.push_back(make_object(rt.loop().create_task(coroutine(index), called(index))));
        else result.push_back(future(index));
    }
    return result;
}

} // namespace conformance
