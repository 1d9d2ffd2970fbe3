#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include <iggy/client/error.hpp>

#include "deadline.hpp"

namespace iggy::client {

/// One address to connect to.
struct endpoint {
    sockaddr_storage address{};
    socklen_t size = 0;
};

/// The addresses of `host`, in the order in which they should be tried. A numeric address costs no
/// look-up; a name is looked up in a thread of its own, since the system's resolver knows no
/// deadline. Errors: cannot_resolve, timeout.
result<std::vector<endpoint>> resolve(const std::string& host, std::uint16_t port,
                                      const deadline& until);

}  // namespace iggy::client
