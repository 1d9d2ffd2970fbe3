#pragma once

#include <filesystem>
#include <optional>

#include "config/server_config.hpp"

namespace iggy::server {

/// The addresses that listeners really have; nothing for a transport that does not listen.
struct bound_addresses {
    std::optional<listen_address> tcp;
    std::optional<listen_address> quic;
    std::optional<listen_address> http;
    std::optional<listen_address> websocket;
};

/// `{system.path}/{system.runtime.path}/current_config.toml`.
std::filesystem::path runtime_config_path(const server_config& config);

/// Writes the running configuration, with the bound addresses in it, for tools that wait for the
/// server and for its snapshot. The file appears whole or not at all, and only its owner may read
/// it: secrets are in it. The directory must exist. Errors say which step failed and why.
text_result<done_t> write_runtime_config(const std::filesystem::path& path, server_config config,
                                         const bound_addresses& bound);

}  // namespace iggy::server
