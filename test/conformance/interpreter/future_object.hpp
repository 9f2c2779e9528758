// ordo: a future of a scenario, whatever its type: future<T>, task<T> or concurrent_future<T>.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "errors.hpp"
#include "value.hpp"

#include <chrono>
#include <concepts>
#include <exception>
#include <functional>
#include <memory>
#include <ordo/concurrent_future.hpp>
#include <ordo/context_var.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/future.hpp>
#include <ordo/handle.hpp>
#include <ordo/task.hpp>
#include <string>
#include <utility>

namespace conformance {

class future_object;
using future_pointer = std::shared_ptr<future_object const>;
using done_function = std::function<void(future_pointer const&)>;

class future_object {
public:
    virtual ~future_object() = default;

    virtual bool done() const = 0;
    virtual bool cancelled() const = 0;
    virtual value result() const = 0;
    virtual std::exception_ptr exception() const = 0;
    virtual bool cancel(std::string const& message) const = 0;
    virtual void set_result(value result) const = 0;
    virtual void set_exception(std::exception_ptr error) const = 0;
    /// @returns   Empty for a concurrent future, which does not take callbacks back.
    virtual ordo::handle add_done_callback(ordo::context in, done_function callback) const = 0;

    virtual ordo::any_future awaitable() const { return {}; } ///< empty for a concurrent future
    virtual ordo::any_task task() const { return {}; }        ///< empty if it is none
    virtual bool denotes_the_same(future_object const& other) const = 0;

    /// pending, cancelled, result:VALUE or exception:ERROR
    std::string state() const {
        if (!done()) return "pending";
        if (cancelled()) return "cancelled";
        if (auto const error = exception()) return "exception:" + render(error);
        return "result:" + render(result());
    }
};

/// What a done callback of a future or task is given: a future of the same result.
template <class Future>
struct completed {
    using type = ordo::any_future;
};
template <class Future>
    requires requires { typename Future::value_type; }
struct completed<Future> {
    using type = ordo::future<typename Future::value_type>;
};

/// A future or task of the loop, and how its result becomes a value.
template <class Future>
class loop_future final : public future_object {
public:
    using completed_type = typename completed<Future>::type;
    using convert_function = std::function<value(completed_type const&)>;

    loop_future(Future future, convert_function convert) : future_(std::move(future)), convert_(std::move(convert)) {}

    bool done() const override { return future_.done(); }
    bool cancelled() const override { return future_.cancelled(); }
    value result() const override { return convert_(future_); }
    std::exception_ptr exception() const override { return future_.exception(); }
    bool cancel(std::string const& message) const override { return future_.cancel(message); }
    void set_result(value result) const override { settable().set_result(std::move(result)); }
    void set_exception(std::exception_ptr error) const override { settable().set_exception(std::move(error)); }

    ordo::handle add_done_callback(ordo::context in, done_function callback) const override {
        auto call = [callback = std::move(callback), convert = convert_](completed_type const& future) {
            callback(std::make_shared<loop_future<completed_type>>(future, convert));
        };
        return future_.add_done_callback(std::move(in), std::move(call));
    }

    ordo::any_future awaitable() const override { return future_; }
    ordo::any_task task() const override {
        if constexpr (std::convertible_to<Future, ordo::any_task>) return future_;
        else return {};
    }
    bool denotes_the_same(future_object const& other) const override { return other.awaitable() == future_; }

private:
    ordo::future<value> const& settable() const {
        if constexpr (std::derived_from<Future, ordo::future<value>>) return future_;
        else throw ordo::usage_error("a task completes itself, and so does what is composed of futures");
    }

    Future future_;
    convert_function convert_;
};

class concurrent_object final : public future_object {
public:
    explicit concurrent_object(ordo::concurrent_future<value> future) : future_(std::move(future)) {}

    bool done() const override { return future_.done(); }
    bool cancelled() const override { return future_.cancelled(); }
    value result() const override { return future_.get(std::chrono::seconds(0)); }
    std::exception_ptr exception() const override { return future_.exception(std::chrono::seconds(0)); }
    bool cancel(std::string const&) const override { return future_.cancel(); }
    void set_result(value result) const override { future_.set_result(std::move(result)); }
    void set_exception(std::exception_ptr error) const override { future_.set_exception(std::move(error)); }

    ordo::handle add_done_callback(ordo::context, done_function callback) const override {
        future_.add_done_callback([callback = std::move(callback)](ordo::concurrent_future<value> const& future) {
            callback(std::make_shared<concurrent_object>(future));
        });
        return {};
    }

    bool denotes_the_same(future_object const& other) const override {
        auto const* concurrent = dynamic_cast<concurrent_object const*>(&other);
        return concurrent && concurrent->future_ == future_;
    }

    ordo::concurrent_future<value> const& get() const { return future_; }

private:
    ordo::concurrent_future<value> future_;
};

template <std::derived_from<ordo::future<value>> Future>
future_pointer make_object(Future future) {
    return std::make_shared<loop_future<Future>>(std::move(future),
                                                 [](ordo::future<value> const& f) { return f.result(); });
}
inline future_pointer make_object(ordo::concurrent_future<value> future) {
    return std::make_shared<concurrent_object>(std::move(future));
}
template <class Future>
future_pointer make_object(Future future, typename loop_future<Future>::convert_function convert) {
    return std::make_shared<loop_future<Future>>(std::move(future), std::move(convert));
}

} // namespace conformance
