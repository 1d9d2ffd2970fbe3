#pragma once

#include <span>
#include <string>
#include <string_view>

#include "config/config_value.hpp"
#include "config/server_config.hpp"

namespace iggy::server {

/// What this version does with a key.
enum class key_status : std::uint8_t {
    used,     ///< obeyed
    planned,  ///< read and checked; has no effect yet, which is said when it is changed
    inert,    ///< read and checked; has no effect, as in Apache Iggy 0.8
};
std::string_view name_of(key_status status);

/// One key of the configuration: everything that is known about it. Parsing, environment names,
/// the defaults, the runtime file, the documentation and the error texts follow from it.
struct config_key {
    std::string_view path;      ///< `system.segment.size`
    std::string_view type;      ///< kind of value, for the documentation
    std::string_view accepted;  ///< accepted form, for error messages
    std::string_view fallback;  ///< default as TOML text; empty: absent unless set
    key_status status;
    bool secret;
    std::string_view meaning;

    /// Decodes `value` into its member; `config` is unchanged on an error.
    text_result<done_t> (*read)(server_config& config, const config_value& value);
    /// The member as TOML text; empty when an optional one is absent.
    std::string (*print)(const server_config& config);

    /// The last part of the path.
    std::string_view name() const { return path.substr(path.rfind('.') + 1); }
    /// The table of the key: its path without the last part.
    std::string_view section() const { return path.substr(0, path.rfind('.')); }
};

/// All keys, those of one section together, in the order of the defaults file.
std::span<const config_key> config_keys();

/// The key with this path, or nothing.
const config_key* find_key(std::string_view path);

/// `IGGY_SYSTEM_SEGMENT_SIZE` of `system.segment.size`.
std::string environment_name(std::string_view path);

}  // namespace iggy::server
