#include "config/schema.hpp"

#include <algorithm>
#include <vector>

#include "config/schema_sections.hpp"

namespace iggy::server {

std::string_view name_of(key_status status) {
    switch (status) {
        case key_status::used:
            return "used";
        case key_status::planned:
            return "not used yet";
        case key_status::inert:
            break;
    }
    return "no effect";
}

std::span<const config_key> config_keys() {
    static const std::vector<config_key> keys = [] {
        std::vector<config_key> all;
        add_transport_keys(all);
        add_service_keys(all);
        add_system_keys(all);
        add_cluster_keys(all);
        return all;
    }();
    return keys;
}

const config_key* find_key(std::string_view path) {
    const auto keys = config_keys();
    const auto found = std::ranges::find(keys, path, &config_key::path);
    return found == keys.end() ? nullptr : &*found;
}

std::string environment_name(std::string_view path) {
    std::string name = "IGGY_";
    for (const char c : path) {
        const bool lower = c >= 'a' && c <= 'z';
        name += c == '.' ? '_' : lower ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return name;
}

}  // namespace iggy::server
