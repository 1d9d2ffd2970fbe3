#include "config/toml_source.hpp"

#include <sstream>

#include <toml++/toml.h>

namespace iggy::server {
namespace {

std::string place(const std::string& name, const toml::source_position& at) {
    return name + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

/// The nesting is bounded by the parser.
config_value convert(const toml::node& node, const std::string& name) {
    config_value value;
    value.origin = place(name, node.source().begin);
    if (const auto* flag = node.as_boolean()) {
        value.data = flag->get();
    } else if (const auto* number = node.as_integer()) {
        value.data = number->get();
    } else if (const auto* text = node.as_string()) {
        value.data = text->get();
    } else if (const auto* items = node.as_array()) {
        config_value::list list;
        for (const toml::node& item : *items) {
            list.push_back(convert(item, name));
        }
        value.data = std::move(list);
    } else if (const auto* entries = node.as_table()) {
        config_value::table table;
        for (const auto& [key, entry] : *entries) {
            table.push_back({std::string{key.str()}, convert(entry, name)});
        }
        value.data = std::move(table);
    } else {
        std::ostringstream text_of_node;
        node.visit([&text_of_node](const auto& any) { text_of_node << any; });
        value.data = config_value::other{text_of_node.str()};
    }
    return value;
}

}  // namespace

text_result<config_value> parse_toml(std::string_view text, const std::string& name) {
    try {
        return convert(toml::parse(text, name), name);
    } catch (const toml::parse_error& error) {
        return text_error{place(name, error.source().begin) + ": " +
                          std::string{error.description()}};
    }
}

}  // namespace iggy::server
