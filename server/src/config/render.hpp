#pragma once

#include <string>

#include "config/server_config.hpp"

namespace iggy::server {

/// Every key of `config` as a TOML document that loads back to the same configuration. Secrets are
/// in it.
std::string render_config(const server_config& config);

/// One line for the log, `Using Config: { key = value, … }`, secrets hidden.
std::string describe_config(const server_config& config);

/// The file `configs/server.toml`: every key with its meaning and its default, commented
/// out, so that only what somebody changes counts as set.
std::string render_defaults_file();

/// The table of keys in `docs/configuration.md`, Markdown.
std::string render_key_table();

}  // namespace iggy::server
