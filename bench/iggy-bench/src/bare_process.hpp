#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "failure.hpp"
#include "workload.hpp"

namespace iggy::bench {

/// A bare server in a process of its own, with a data directory of its own. Both are gone when this
/// is. Not thread-safe.
class bare_process {
public:
    /// Where and how durable `wish` says. Errors: those of the system.
    static result<bare_process> start(const limit_wish& wish);

    bare_process(bare_process&& other) noexcept;
    bare_process& operator=(bare_process&&) = delete;
    ~bare_process();

    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

private:
    bare_process(std::string directory, pid_t pid) noexcept
        : directory_{std::move(directory)}, pid_{pid} {}

    std::string directory_;
    pid_t pid_;
    std::uint16_t port_ = 0;
};

/// Where the limit is measured: the directory of the wish, else the temporary directory.
std::string place_of(const limit_wish& wish);

/// The program itself, started again with these words, is the bare server.
inline constexpr const char* bare_server_word = "bare-server";
inline constexpr const char* bare_server_sync_word = "--sync";

}  // namespace iggy::bench
