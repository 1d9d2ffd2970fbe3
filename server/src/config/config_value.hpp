#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace iggy::server {

/// A value as a configuration source wrote it, before its key gives it a type. Made by the TOML
/// reader and by the environment reader, read by the codecs of the schema.
struct config_value {
    using list = std::vector<config_value>;
    struct entry;
    using table = std::vector<entry>;
    /// Text of an environment variable: only the key decides what it means.
    struct raw_text {
        std::string text;
    };
    /// A kind of TOML value that no key takes: floats, dates and times.
    struct other {
        std::string text;
    };

    std::variant<bool, std::int64_t, std::string, raw_text, list, table, other> data;
    std::string origin;  ///< where it stands: `configs/server.toml:12:7`, `IGGY_TCP_ADDRESS`

    template <class Kind>
    const Kind* as() const {
        return std::get_if<Kind>(&data);
    }
};

struct config_value::entry {
    std::string name;
    config_value value;
};

/// The value as a person would recognise it in an error message; long ones are cut.
std::string show(const config_value& value);

}  // namespace iggy::server
