#pragma once

#include <cstdint>
#include <string>

#include "failure.hpp"

namespace iggy::bench {

/// The least a server can do for the traffic of this program: a thread per connection that receives
/// a frame, stamps offsets, writes and answers, and answers a poll by one read and one send. No
/// checksums, no index, no rights, no memory limit, nothing found again after a restart: it
/// measures the machine and is no server to use.
class bare_server {
public:
    /// How far a batch is when it is answered.
    enum class durability : std::uint8_t { written, synced };

    /// Listens on a port of the loopback interface that the kernel chooses. Each stream becomes a
    /// file in `directory`. Errors: those of the system.
    static result<bare_server> listen(std::string directory, durability level);

    std::uint16_t port() const noexcept { return port_; }

    /// Serves until accepting fails.
    failure serve() const;

private:
    bare_server(int listener, std::uint16_t port, std::string directory, durability level)
        : listener_{listener}, port_{port}, directory_{std::move(directory)}, level_{level} {}

    int listener_;  ///< open until the process ends
    std::uint16_t port_;
    std::string directory_;
    durability level_;
};

}  // namespace iggy::bench
