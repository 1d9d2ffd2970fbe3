#include "config/environment_keys.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "config/schema.hpp"
#include "config/similar_names.hpp"

namespace iggy::server {
namespace {

constexpr std::size_t indexes = 10;

/// A field of an entry of a list of tables; `inside` names the table within the entry, if any.
struct table_field {
    std::string_view list;
    std::string_view inside;
    std::string_view name;
};
constexpr std::array table_fields{
    table_field{"http.jwt.trusted_issuers", "", "issuer"},
    table_field{"http.jwt.trusted_issuers", "", "audience"},
    table_field{"http.jwt.trusted_issuers", "", "jwks_url"},
    table_field{"http.jwt.trusted_issuers", "", "user_id"},
    table_field{"cluster.node.others", "", "name"},
    table_field{"cluster.node.others", "", "ip"},
    table_field{"cluster.node.others", "ports", "tcp"},
    table_field{"cluster.node.others", "ports", "quic"},
    table_field{"cluster.node.others", "ports", "http"},
    table_field{"cluster.node.others", "ports", "websocket"},
};

// Read by the server outside of its keys, by its tests, or by the other programs.
constexpr std::array<std::string_view, 13> other_variables{
    "IGGY_CONFIG_PATH",
    "IGGY_ENV_PATH",
    "IGGY_DISPLAY_CONFIG",
    "IGGY_ROOT_USERNAME",
    "IGGY_ROOT_PASSWORD",
    "IGGY_CI_BUILD",
    "IGGY_TEST_CLEANUP_DISABLED",
    "IGGY_TEST_VERBOSE",
    "IGGY_USERNAME",
    "IGGY_PASSWORD",
    "IGGY_HOME",
    "IGGY_MCP_CONFIG_PATH",
    "IGGY_CONNECTORS_CONFIG_PATH",
};
constexpr std::array<std::string_view, 2> other_prefixes{"IGGY_CONNECTORS_", "IGGY_MCP_"};

bool is_table_list(const config_key& key) { return key.type == "[table]"; }

std::string field_variable(const table_field& field, std::size_t index) {
    std::string path = std::string{field.list} + "." + std::to_string(index) + ".";
    if (!field.inside.empty()) {
        path += std::string{field.inside} + ".";
    }
    return environment_name(path + std::string{field.name});
}

config_value raw_value(const std::string& name, const std::string& text) {
    return {config_value::raw_text{text}, name};
}

/// The table called `name` in `entries`, made when absent.
config_value::table& table_in(config_value::table& entries, std::string_view name) {
    auto found = std::ranges::find(entries, name, &config_value::entry::name);
    if (found == entries.end()) {
        entries.push_back({std::string{name}, {config_value::table{}, ""}});
        found = entries.end() - 1;
    }
    return std::get<config_value::table>(found->value.data);
}

/// The list that indexed variables build, or nothing when there are none. Gaps become empty
/// entries, which then lack their fields.
std::optional<config_value> indexed_list(const environment& variables, std::string_view path) {
    config_value::list list;
    std::string first_name;
    for (std::size_t index = 0; index < indexes; ++index) {
        for (const table_field& field : table_fields) {
            const std::string name = field_variable(field, index);
            const auto text = variable(variables, name);
            if (field.list != path || !text) {
                continue;
            }
            first_name = first_name.empty() ? name : first_name;
            list.resize(index + 1, {config_value::table{}, ""});
            auto& entry = std::get<config_value::table>(list.back().data);
            auto& target = field.inside.empty() ? entry : table_in(entry, field.inside);
            target.push_back({std::string{field.name}, raw_value(name, *text)});
        }
        // An entry of the environment may leave all its ports to this node.
        if (path == "cluster.node.others" && list.size() == index + 1) {
            table_in(std::get<config_value::table>(list.back().data), "ports");
        }
    }
    if (list.empty()) {
        return std::nullopt;
    }
    return config_value{std::move(list), first_name};
}

std::vector<std::string> known_variables() {
    std::vector<std::string> names{other_variables.begin(), other_variables.end()};
    for (const config_key& key : config_keys()) {
        if (!is_table_list(key)) {
            names.push_back(environment_name(key.path));
        }
    }
    for (const table_field& field : table_fields) {
        for (std::size_t index = 0; index < indexes; ++index) {
            names.push_back(field_variable(field, index));
        }
    }
    std::ranges::sort(names);
    return names;
}

}  // namespace

std::vector<environment_setting> settings_of(const environment& variables) {
    std::vector<environment_setting> settings;
    for (const config_key& key : config_keys()) {
        if (is_table_list(key)) {
            if (auto list = indexed_list(variables, key.path)) {
                settings.push_back({std::string{key.path}, std::move(*list)});
            }
            continue;
        }
        const std::string name = environment_name(key.path);
        if (const auto text = variable(variables, name)) {
            settings.push_back({std::string{key.path}, raw_value(name, *text)});
        }
    }
    return settings;
}

std::vector<std::string> unknown_variables(const environment& variables) {
    constexpr std::string_view ours = "IGGY_";
    const std::vector<std::string> known = known_variables();
    std::vector<std::string> warnings;
    for (auto at = variables.lower_bound(ours);
         at != variables.end() && at->first.starts_with(ours); ++at) {
        const std::string& name = at->first;
        const auto has_prefix = [&name](std::string_view prefix) {
            return name.starts_with(prefix);
        };
        if (!std::ranges::binary_search(known, name) &&
            !std::ranges::any_of(other_prefixes, has_prefix)) {
            warnings.push_back("unknown environment variable " + name + " is ignored" +
                               did_you_mean(similar_names(name, known)));
        }
    }
    return warnings;
}

}  // namespace iggy::server
