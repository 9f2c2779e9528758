// ordo: a client of an echo server: one connection, with one request under way at a time.
// SPDX-License-Identifier: BSL-1.0
#include "load_client.hpp"

#include "../clock.hpp"

#include <stdexcept>

namespace ordo_benchmark {

load_client::load_client(std::uint16_t port, std::uint64_t number) : socket_(connect_to(port)) {
    for (std::size_t i = 0; i < request_.size(); ++i) request_[i] = number << 32 | i;
}

void load_client::send() {
    for (auto& word : request_) word += request_.size(); // each request differs from the one before
    sent_at_ = wall_ns();
    auto const size = ::send(socket_.get(), request_.data(), sizeof request_, MSG_NOSIGNAL);
    if (checked(size, "send") != sizeof request_) throw std::runtime_error("a request was sent in part");
}

bool load_client::receive(int flags) {
    auto* const free = reinterpret_cast<char*>(answer_.data()) + received_;
    auto const size = recv(socket_.get(), free, sizeof answer_ - received_, flags);
    if (size < 0 && errno == EAGAIN) return false;
    if (checked(size, "recv") == 0) throw std::runtime_error("the server has closed a connection");
    received_ += static_cast<std::size_t>(size);
    if (received_ < sizeof answer_) return false;
    received_ = 0;
    ++answers_;
    wrong_ += answer_ != request_;
    return true;
}

void load_client::exchange() {
    send();
    while (!receive(MSG_WAITALL)) {}
}

} // namespace ordo_benchmark
