#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <iggy/base/expected.hpp>

namespace iggy::server {

/// Why the server cannot start with its configuration. The process exits with 1.
struct config_error {
    enum class kind : std::uint8_t {
        unreadable,  ///< a file that cannot be read or is no TOML, a value of the wrong kind
        invalid,     ///< values that are not possible, or not together
    };
    kind what;
    std::vector<std::string> lines;  ///< one for each fault: key, value, accepted form, place
};

/// The lines for stderr; the last one is that of Apache Iggy.
inline std::string describe(const config_error& error) {
    std::string text;
    for (const std::string& line : error.lines) {
        text += line + "\n";
    }
    return text + (error.what == config_error::kind::unreadable
                       ? "Error: ConfigurationError(CannotLoadConfiguration)"
                       : "Error: ConfigurationError(InvalidConfigurationValue)");
}

template <class T>
using config_result = expected<T, config_error>;

}  // namespace iggy::server
