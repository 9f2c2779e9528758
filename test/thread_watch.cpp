// ordo: thread_watch: fails a test that starts threads without a word of it, because the preset tsan would leave it out.
// SPDX-License-Identifier: BSL-1.0
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <pthread.h>

namespace {

std::atomic<bool> started = false;

struct at_exit {
    ~at_exit() {
        if (!started || std::getenv("ORDO_TEST_HAS_ONE_THREAD") == nullptr) return;
        std::fputs("this test starts a thread, so it belongs under tsan: ordo_add_test(name THREADS)\n", stderr);
        std::fflush(nullptr);
        std::_Exit(1);
    }
} const at_exit;

} // namespace

/// Stands before that of the C library, also for what is in shared libraries.
extern "C" int pthread_create(pthread_t* thread, pthread_attr_t const* attributes, void* (*function)(void*),
                              void* argument) {
    started = true;
    static auto const next = reinterpret_cast<decltype(&pthread_create)>(::dlsym(RTLD_NEXT, "pthread_create"));
    return next(thread, attributes, function, argument);
}
