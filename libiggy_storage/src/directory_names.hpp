#pragma once

#include <string_view>

/// Names in a data directory: docs/formats/segment.md.
namespace iggy::storage {

inline constexpr std::string_view lock_name = "iggy.lock";
inline constexpr std::string_view reserve_name = "iggy.reserve";
inline constexpr std::string_view trash_name = "trash";
inline constexpr std::string_view manifest_name = "manifest";
inline constexpr std::string_view manifest_new_name = "manifest.new";

/// Directories are looked into this deep.
inline constexpr int directory_depth_max = 16;

/// Names that other parts of a server may put there before the store is opened.
bool is_others_name(std::string_view name) noexcept;

/// Whether a log may have that path.
bool is_valid_log_path(std::string_view path) noexcept;

}  // namespace iggy::storage
