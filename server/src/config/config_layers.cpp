#include "config/config_layers.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <iggy/base/assert.hpp>

#include "config/environment_keys.hpp"
#include "config/schema.hpp"
#include "config/similar_names.hpp"
#include "config/toml_source.hpp"

namespace iggy::server {
namespace {

constexpr std::string_view hidden = "******";

bool is_section(std::string_view path) {
    const std::string prefix = std::string{path} + ".";
    return std::ranges::any_of(
        config_keys(), [&prefix](const config_key& key) { return key.path.starts_with(prefix); });
}

/// The defaults as one document of dotted keys.
config_value default_document() {
    std::string text;
    for (const config_key& key : config_keys()) {
        if (!key.fallback.empty()) {
            text += std::string{key.path} + " = " + std::string{key.fallback} + "\n";
        }
    }
    auto document = parse_toml(text, "default");
    IGGY_ASSERT(document, "the defaults of the schema are TOML");
    return std::move(*document);
}

std::vector<std::string> all_paths() {
    std::vector<std::string> paths;
    for (const config_key& key : config_keys()) {
        paths.emplace_back(key.path);
    }
    return paths;
}

}  // namespace

config_layers::config_layers() {
    static const config_value defaults = default_document();
    add_document(defaults);
    set_keys_.clear();
}

void config_layers::add_document(const config_value& root) {
    add_table(*root.as<config_value::table>(), "");
}

void config_layers::add_table(const config_value::table& table, const std::string& prefix) {
    for (const auto& [name, value] : table) {
        std::string path = prefix;
        path += name;
        if (find_key(path) != nullptr) {
            set(path, value);
        } else if (!is_section(path)) {
            add_unknown_key(path, value);
        } else if (const auto* section = value.as<config_value::table>()) {
            path += '.';
            add_table(*section, path);
        } else {
            errors_.push_back(
                fmt::format("{}: {} = {}: it is a section, not a value; accepted: [{}]",
                            value.origin, path, show(value), path));
        }
    }
}

void config_layers::add_unknown_key(const std::string& path, const config_value& value) {
    notices_.push_back({true, value.origin + ": unknown key " + path + " is ignored" +
                                  did_you_mean(similar_names(path, all_paths()))});
}

void config_layers::add_environment(const environment& variables) {
    for (environment_setting& setting : settings_of(variables)) {
        const config_key* key = find_key(setting.path);
        const std::string shown = key->secret ? std::string{hidden} : show(setting.value);
        notices_.push_back({false, setting.value.origin + " value changed to: " + shown +
                                       " from environment variable"});
        set(setting.path, std::move(setting.value));
    }
    for (std::string& warning : unknown_variables(variables)) {
        notices_.push_back({true, std::move(warning)});
    }
}

void config_layers::set(const std::string& path, config_value value) {
    values_.insert_or_assign(path, std::move(value));
    set_keys_.insert(path);
}

server_config config_layers::decode(std::vector<std::string>& errors) const {
    server_config config;
    for (const config_key& key : config_keys()) {
        const auto found = values_.find(key.path);
        if (found == values_.end()) {
            continue;
        }
        const auto read = key.read(config, found->second);
        if (!read) {
            const std::string shown = key.secret ? std::string{hidden} : show(found->second);
            errors.push_back(found->second.origin + ": " + std::string{key.path} + " = " + shown +
                             ": " + read.error().reason +
                             "; accepted: " + std::string{key.accepted});
        }
    }
    return config;
}

}  // namespace iggy::server
