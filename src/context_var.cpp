// ordo: the values of a context, copied when written.
//
// A map is a vector sorted by variable. Programs have a handful of context variables, so a copy on every set() beats
// the hash trie that Python uses, and a look-up is a short binary search.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/context_var.hpp>

#include <algorithm>

namespace ordo::detail {

struct context_values {
    struct entry {
        variable_id id;
        std::shared_ptr<void const> value;
    };
    std::vector<entry> entries;

    auto position(variable_id id) const { return std::ranges::lower_bound(entries, id, {}, &entry::id); }

    std::shared_ptr<void const> const* find(variable_id id) const {
        auto at = position(id);
        return at != entries.end() && at->id == id ? &at->value : nullptr;
    }
};

namespace {

/// Releases the context of a thread that set a variable outside of any callback.
struct base_context_owner {
    ~base_context_owner() { release(std::exchange(this_thread.base_context, nullptr)); }
};

context_data& existing_current_context() {
    auto& current = current_context();
    if (!current) {
        thread_local base_context_owner owner;
        static_cast<void>(owner);
        current = context_pointer::make().detach();
        current->entered = true;
    }
    return *current;
}

/// The map of `data` with another value for `id`, or with none if `value` is null.
std::shared_ptr<context_values const> changed(context_data const& data, variable_id id,
                                              std::shared_ptr<void const> value) {
    auto values = data.values ? std::make_shared<context_values>(*data.values) : std::make_shared<context_values>();
    auto at = values->entries.begin() + (values->position(id) - values->entries.begin());
    bool const found = at != values->entries.end() && at->id == id;
    if (found && value) at->value = std::move(value);
    else if (found) values->entries.erase(at);
    else if (value) values->entries.insert(at, {id, std::move(value)});
    return values;
}

} // namespace

void destroy_context(context_data* data) noexcept {
    delete data;
}

void context_scope::enter(context_data& data) {
    if (data.entered)
        throw usage_error("context::run: this context is already being run in; run a copy, from copy_context()");
    data.entered = true;
}

context_data* share_current_context() {
    auto* current = current_context();
    if (!current || !current->values) return nullptr;
    auto* const copy = new context_data;
    copy->values = current->values;
    return copy;
}

context_pointer const& context_access::data(context const& from) noexcept {
    return from.data_;
}

context context_access::share(context_data*& holder, bool running) {
    if (!holder) {
        holder = context_pointer::make().detach();
        holder->entered = running;
    }
    add_reference(holder);
    return context(context_pointer(holder));
}

variable_id new_variable_id() noexcept {
    static std::atomic<variable_id> last{0};
    return ++last;
}

void const* find_variable(variable_id id) noexcept {
    auto* current = current_context();
    if (!current || !current->values) return nullptr;
    auto* found = current->values->find(id);
    return found ? found->get() : nullptr;
}

std::pair<context_pointer, std::shared_ptr<void const>> set_variable(variable_id id,
                                                                     std::shared_ptr<void const> value) {
    auto& current = existing_current_context();
    std::shared_ptr<void const> previous;
    if (current.values)
        if (auto* found = current.values->find(id)) previous = *found;
    current.values = changed(current, id, std::move(value));
    add_reference(&current);
    return {context_pointer(&current), std::move(previous)};
}

void reset_variable(std::string const& name, variable_id id, variable_id of_token, context_pointer& where,
                    std::shared_ptr<void const> const& previous) {
    auto const fail = [&](char const* why) { throw usage_error("context_var::reset: '" + name + "': " + why); };
    if (!where) fail("this token was used already; a token undoes one set(), once");
    if (id != of_token) fail("this token was made by another variable");
    if (where.get() != current_context())
        fail("this token was made in another context; reset() where set() was called");
    where.get()->values = changed(*where.get(), id, previous);
    where = {};
}

} // namespace ordo::detail
