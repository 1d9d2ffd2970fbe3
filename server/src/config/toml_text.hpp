#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace iggy::server {

/// `text` as a TOML basic string, quotes included.
std::string toml_string(std::string_view text);

/// `["a", "b"]`.
std::string toml_string_list(const std::vector<std::string>& texts);

}  // namespace iggy::server
