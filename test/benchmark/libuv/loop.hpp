// ordo: a loop of libuv for one workload of the benchmark.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <uv.h>

namespace ordo_benchmark {

/// Whatever is still open on it when it ends is closed, and must live until then.
class uv_loop {
public:
    uv_loop() { uv_loop_init(&loop_); }
    uv_loop(uv_loop const&) = delete;
    uv_loop& operator=(uv_loop const&) = delete;
    ~uv_loop() {
        auto const close = [](uv_handle_t* handle, void*) {
            if (!uv_is_closing(handle)) uv_close(handle, nullptr);
        };
        uv_walk(&loop_, close, nullptr);
        run();
        uv_loop_close(&loop_);
    }

    /// Until nothing is active, or until uv_stop().
    void run() { uv_run(&loop_, UV_RUN_DEFAULT); }

    operator uv_loop_t*() noexcept { return &loop_; }

private:
    uv_loop_t loop_;
};

/// What stands in the `data` of a handle or a request.
template <class T, class Handle>
T& data_of(Handle* handle) {
    return *static_cast<T*>(handle->data);
}

} // namespace ordo_benchmark
