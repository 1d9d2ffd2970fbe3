#include "config/load.hpp"

#include <algorithm>
#include <utility>

#include <iggy/base/assert.hpp>

#include "config/config_layers.hpp"
#include "config/resolve.hpp"
#include "config/toml_source.hpp"

namespace iggy::server {
namespace {

constexpr std::size_t file_bytes_max = 1 << 20;

config_error unreadable(std::vector<std::string> lines) {
    return {config_error::kind::unreadable, std::move(lines)};
}

config_result<loaded_config> finish(config_layers layers, const host_facts& host) {
    std::vector<std::string> errors = layers.errors();
    server_config config = layers.decode(errors);
    if (!errors.empty()) {
        return unreadable(std::move(errors));
    }
    resolve_config(config, layers.set_keys(), host);
    std::vector<std::string> faults = check_config(config, layers.set_keys(), host);
    if (!faults.empty()) {
        return config_error{config_error::kind::invalid, std::move(faults)};
    }
    for (std::string& warning : warn_about(config, layers.set_keys())) {
        layers.notices().push_back({true, std::move(warning)});
    }
    return loaded_config{std::move(config), layers.set_keys(), std::move(layers.notices())};
}

}  // namespace

config_result<loaded_config> load_config_text(std::string_view toml, const std::string& name,
                                              const environment& variables,
                                              const host_facts& host) {
    const auto document = parse_toml(toml, name);
    if (!document) {
        return unreadable({document.error().reason});
    }
    config_layers layers;
    layers.add_document(*document);
    layers.add_environment(variables);
    return finish(std::move(layers), host);
}

config_result<loaded_config> load_config(const environment& variables, const host_facts& host,
                                         const std::filesystem::path& directory) {
    const std::string wanted =
        variable(variables, "IGGY_CONFIG_PATH").value_or(std::string{default_config_path});
    const auto path = find_file(wanted, directory);
    if (!path) {
        config_layers layers;
        layers.notices().push_back(
            {true, "Configuration file " + wanted + " not found; the defaults are used"});
        layers.add_environment(variables);
        return finish(std::move(layers), host);
    }
    const auto text = read_small_file(*path, file_bytes_max);
    if (!text) {
        return unreadable({path->string() +
                           ": the configuration file cannot be read or is larger than 1 MiB; "
                           "check its permissions, or name another one with IGGY_CONFIG_PATH"});
    }
    auto loaded = load_config_text(*text, path->string(), variables, host);
    if (loaded) {
        loaded->notices.insert(loaded->notices.begin(),
                               {false, "Configuration loaded from file: " + path->string()});
    }
    return loaded;
}

server_config default_config() {
    static const server_config defaults = [] {
        std::vector<std::string> errors;
        server_config config = config_layers{}.decode(errors);
        IGGY_ASSERT(errors.empty(), "the defaults of the schema have the types of their keys");
        resolve_config(config, {}, this_host());
        return config;
    }();
    return defaults;
}

bool config_is_displayed(const environment& variables) {
    const auto found = variables.find("IGGY_DISPLAY_CONFIG");
    if (found == variables.end()) {
        return true;
    }
    std::string text = found->second;
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text == "1" || text == "true";
}

}  // namespace iggy::server
