#pragma once

#include <string>
#include <string_view>

#include <iggy/base/text_error.hpp>

#include "config/config_value.hpp"

namespace iggy::server {

/// Reads a TOML document; the result is its root table. Every value knows its place, `name` with
/// line and column. Errors: `name:line:column: why`.
text_result<config_value> parse_toml(std::string_view text, const std::string& name);

}  // namespace iggy::server
