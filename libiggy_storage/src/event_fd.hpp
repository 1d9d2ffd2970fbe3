#pragma once

#include <cerrno>
#include <cstdint>

#include <sys/eventfd.h>
#include <unistd.h>

#include <iggy/storage/error.hpp>
#include "unique_fd.hpp"

namespace iggy::storage {

/// A wake-up that epoll can wait for: readable from `notify` until `drain`. Thread-safe.
class event_fd {
public:
    /// Errors: io (no descriptors left).
    static result<event_fd> create() {
        unique_fd fd{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
        if (!fd) {
            return error{errc::io, errno};
        }
        return event_fd{std::move(fd)};
    }

    // The counter saturates instead of failing, so neither call has an outcome worth looking at.
    void notify() const noexcept { [[maybe_unused]] const auto sent = ::eventfd_write(get(), 1); }
    void drain() const noexcept {
        eventfd_t seen = 0;
        [[maybe_unused]] const auto taken = ::eventfd_read(get(), &seen);
    }
    int get() const noexcept { return fd_.get(); }

private:
    explicit event_fd(unique_fd fd) noexcept : fd_{std::move(fd)} {}
    unique_fd fd_;
};

}  // namespace iggy::storage
