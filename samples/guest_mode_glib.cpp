// ordo: a loop inside GLib's main loop, as in a program with a window: both run on one thread, in turns.
// SPDX-License-Identifier: BSL-1.0
// Python has no twin: asyncio owns its thread.
//
// Output:
//   GLib: tick
//   ordo: connected
//   GLib: tick
//   ordo: read "hello, guest"
//   GLib: tick
//   ordo: over, all on the thread of GLib
#include <ordo/ordo.hpp>

#include <boost/asio.hpp>
#include <glib.h>
#include <iostream>
#include <thread>

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Any thread: have GLib call a function soon.
void call_soon(std::function<void()> function) {
    auto const call = [](void* kept) -> gboolean {
        (*static_cast<std::function<void()>*>(kept))();
        return G_SOURCE_REMOVE;
    };
    auto const forget = [](void* kept) { delete static_cast<std::function<void()>*>(kept); };
    g_idle_add_full(G_PRIORITY_DEFAULT, call, new std::function<void()>(std::move(function)), forget);
}

ordo::coro<> talk(asio::any_io_executor executor, std::thread::id window) {
    asio::local::stream_protocol::socket here(executor), there(executor);
    asio::local::connect_pair(here, there);
    std::cout << "ordo: connected\n";
    co_await ordo::sleep(60ms);
    co_await asio::async_write(there, asio::buffer("hello, guest", 12), asio::deferred);
    std::string text(12, ' ');
    co_await asio::async_read(here, asio::buffer(text), asio::deferred);
    std::cout << "ordo: read \"" << text << "\"\n";
    co_await ordo::sleep(40ms);
    std::cout << "ordo: over" << (std::this_thread::get_id() == window ? ", all on the thread of GLib\n" : "\n");
}

int main() {
    auto* const window = g_main_loop_new(nullptr, FALSE);
    ordo::guest_mode guest(call_soon);
    ordo::event_loop loop(guest.get_executor());
    int ticks = 0;
    auto const tick = [](void* count) -> gboolean {
        std::cout << "GLib: tick\n";
        return ++*static_cast<int*>(count) < 3;
    };
    tick(&ticks);
    g_timeout_add(40, tick, &ticks);
    auto const talking = loop.create_task(talk(guest.get_executor(), std::this_thread::get_id()));
    talking.add_done_callback([window] { g_main_loop_quit(window); });
    g_main_loop_run(window);
    g_main_loop_unref(window);
}
