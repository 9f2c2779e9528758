// ordo: misuses of coro that do not compile.
//
// Each #ifdef is a misuse, with what the compiler must say about it; each #else is how it is written instead.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/ordo.hpp>

#include <string>
#include <utility>

using ordo::coro;

coro<int> answer() {
    co_return 42;
}

coro<int> an_lvalue_coro_is_awaited() {
    auto c = answer();
#ifdef AN_LVALUE_CORO_IS_AWAITED // a coro is awaited once, as an rvalue: co_await std::move(c)
    co_return co_await c;
#else
    co_return co_await std::move(c);
#endif
}

coro<int> a_coro_is_awaited_again_without_a_move() {
    auto c = answer();
    int const first = co_await std::move(c);
#ifdef A_CORO_IS_AWAITED_AGAIN // to await a result more than once, make it a task with create_task()
    co_return first + co_await c;
#else
    co_return first; // co_await std::move(c) compiles, and throws: test/coro.cpp
#endif
}

coro<int> a_coro_is_awaited_by_reference(coro<int>& c) {
#ifdef A_CORO_IS_AWAITED_BY_REFERENCE // a coro is awaited once, as an rvalue: co_await std::move(c)
    co_return co_await c;
#else
    co_return co_await std::move(c);
#endif
}

void a_coro_is_dropped() {
#ifdef A_CORO_IS_DROPPED // a coro does nothing until it is awaited
    answer();
#else
    static_cast<void>(answer());
#endif
}

coro<> a_coro_is_called_instead_of_awaited() {
#ifdef A_CORO_IS_CALLED_INSTEAD_OF_AWAITED // a coro does nothing until it is awaited
    answer();
#else
    co_await answer();
#endif
    co_return;
}

void a_coro_is_copied() {
    auto c = answer();
#ifdef A_CORO_IS_COPIED // deleted
    auto const other = c;
#else
    auto const other = std::move(c);
#endif
}

coro<int> a_result_is_yielded() {
#ifdef A_RESULT_IS_YIELDED // a coro gives one result, with co_return
    co_yield 1;
#endif
    co_return 1;
}

#ifdef A_PARAMETER_IS_AN_RVALUE_REFERENCE // an rvalue reference among its parameters may then refer to what is gone
coro<std::size_t> size_of(std::string&& text) {
#else
coro<std::size_t> size_of(std::string text) {
#endif
    co_return text.size();
}

#ifdef A_REFERENCE_TO_A_TEMPORARY_IS_RETURNED // what it returns is a temporary, gone before anybody looks
coro<std::string const&> name() {
    co_return "a";
}
#else
coro<std::string> name() {
    co_return "a";
}
#endif

coro<> a_reference_to_an_awaited_result() {
#ifdef A_REFERENCE_TO_A_RESULT_THAT_IS_MOVED_OUT // non-const lvalue reference
    auto& result = co_await answer();
#else
    auto result = co_await answer();
#endif
    static_cast<void>(result);
}

struct alignas(64) cache_line {};
#ifdef A_RESULT_HAS_EXTENDED_ALIGNMENT // results with extended alignment are not supported
coro<cache_line> extended() {
    co_return cache_line();
}
#endif

#ifdef A_RESULT_IS_AN_RVALUE_REFERENCE // a result that is an rvalue reference would refer to what is gone
coro<std::string&&> moved(std::string& text) {
    co_return std::move(text);
}
#endif

#ifdef A_RESULT_IS_OF_ANOTHER_TYPE // return_value
coro<int> number() {
    co_return "one";
}
#endif
