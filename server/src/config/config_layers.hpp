#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/config_value.hpp"
#include "config/environment.hpp"
#include "config/load.hpp"

namespace iggy::server {

/// The values of all keys by path, the later layer over the earlier one.
class config_layers {
public:
    /// Starts with the defaults of the schema.
    config_layers();

    /// Puts the values of a parsed TOML document over those that are there.
    void add_document(const config_value& root);
    /// Puts the variables that name keys over those that are there, and warns of unknown ones.
    void add_environment(const environment& variables);

    /// Decodes all values. Faults are added to `errors`, one line each.
    server_config decode(std::vector<std::string>& errors) const;

    const std::set<std::string, std::less<>>& set_keys() const { return set_keys_; }
    std::vector<config_notice>& notices() { return notices_; }
    /// Faults of structure that were met while adding layers.
    const std::vector<std::string>& errors() const { return errors_; }

private:
    void add_table(const config_value::table& table, const std::string& prefix);
    void add_unknown_key(const std::string& path, const config_value& value);
    void set(const std::string& path, config_value value);

    std::map<std::string, config_value, std::less<>> values_;
    std::set<std::string, std::less<>> set_keys_;
    std::vector<config_notice> notices_;
    std::vector<std::string> errors_;
};

}  // namespace iggy::server
