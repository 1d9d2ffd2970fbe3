#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace iggy::server::log {

/// How serious a line is; a filter lets pass its own level and the graver ones.
enum class level : std::uint8_t { trace, debug, info, warn, error, off };

/// `INFO`, `WARN`, …
std::string_view name_of(level severity);

/// Reads a level word, letter case ignored.
std::optional<level> parse_level(std::string_view text);

}  // namespace iggy::server::log
