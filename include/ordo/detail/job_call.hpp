// ordo: a function with its arguments, to be called once on another thread, with a stop token if it asks for one.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/callback.hpp>

#include <cstddef>
#include <functional>
#include <stop_token>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ordo::detail {

/// How a job is called; the types are decayed. One that can be called with the arguments alone gets no token. Asking
/// this of what is not a job is no error: overload resolution does.
template <class F, class... Args>
struct job_traits {
    static constexpr bool plain = std::is_invocable_v<F, Args...>;
    static constexpr bool stoppable = !plain && std::is_invocable_v<F, std::stop_token, Args...>;
    using result_type = typename std::conditional_t<
        plain, std::invoke_result<F, Args...>,
        std::conditional_t<stoppable, std::invoke_result<F, std::stop_token, Args...>, std::type_identity<void>>>::type;
};

template <class F, class... Args>
struct job_call : job_traits<F, Args...> {
    using typename job_traits<F, Args...>::result_type;

    template <class G>
    explicit job_call(G&& f, std::tuple<Args...>&& args) : function(std::forward<G>(f)), arguments(std::move(args)) {}

    F function;
    std::tuple<Args...> arguments;

    result_type operator()(std::stop_token const& stop) {
        auto const call = [&](Args&... args) -> result_type {
            if constexpr (job_call::plain) return std::invoke(std::move(function), std::move(args)...);
            else return std::invoke(std::move(function), stop, std::move(args)...);
        };
        return std::apply(call, arguments);
    }
};

/// Says which of the arguments were given; the others, `nothing`, come last.
template <class F, class... Args>
struct job_binding {
    template <std::size_t... I>
    static auto select(std::index_sequence<I...>)
        -> std::type_identity<job_call<F, std::tuple_element_t<I, std::tuple<Args...>>...>>;
    template <std::size_t... I>
    static auto traits(std::index_sequence<I...>) -> job_traits<F, std::tuple_element_t<I, std::tuple<Args...>>...>;

    static constexpr auto given = (std::size_t(0) + ... + std::size_t(!std::is_same_v<Args, nothing>));
    using call_type = typename decltype(select(std::make_index_sequence<given>()))::type;
    using result_type = typename decltype(traits(std::make_index_sequence<given>()))::result_type;
};

template <class F, class... Args>
auto bind_job(F&& f, Args&&... args) {
    using binding = job_binding<std::decay_t<F>, std::decay_t<Args>...>;
    using call = typename binding::call_type;
    static_assert(call::plain || call::stoppable, "ordo: this callable cannot be called with these arguments");
    static_assert(!is_coro<typename call::result_type>,
                  "ordo: an executor runs plain functions; give a coroutine to create_task()");
    auto references = std::forward_as_tuple(std::forward<Args>(args)...);
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return call(std::forward<F>(f), {std::get<I>(std::move(references))...});
    }(std::make_index_sequence<binding::given>());
}

} // namespace ordo::detail
