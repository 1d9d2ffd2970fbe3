#include "config/render.hpp"

#include <string_view>

#include "config/schema.hpp"

namespace iggy::server {
namespace {

/// Adds ` # …` lines of at most 100 columns.
void add_comment(std::string& text, std::string_view words) {
    constexpr std::size_t columns_max = 98;
    while (!words.empty()) {
        std::size_t end = words.size();
        if (end > columns_max) {
            end = words.rfind(' ', columns_max);
            end = end == std::string_view::npos ? words.size() : end;
        }
        text += "# " + std::string{words.substr(0, end)} + "\n";
        words.remove_prefix(end);
        words.remove_prefix(words.starts_with(' ') ? 1 : 0);
    }
}

/// Opens the section of `key` when it is another one than before.
void open_section(std::string& text, std::string_view& section, const config_key& key) {
    if (key.section() != section) {
        section = key.section();
        text += "\n[" + std::string{section} + "]\n";
    }
}

std::string remark_of(const config_key& key) {
    std::string remark{key.meaning};
    if (key.status != key_status::used) {
        remark += " (" + std::string{name_of(key.status)} + ")";
    }
    return remark;
}

/// A bar would end the cell.
std::string cell(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        escaped += c == '|' ? "\\|" : std::string(1, c);
    }
    return escaped;
}

}  // namespace

std::string render_config(const server_config& config) {
    std::string text = "# The configuration that this server runs with. Written at each start.\n";
    std::string_view section;
    for (const config_key& key : config_keys()) {
        const std::string value = key.print(config);
        if (!value.empty()) {
            open_section(text, section, key);
            text += std::string{key.name()} + " = " + value + "\n";
        }
    }
    return text;
}

std::string describe_config(const server_config& config) {
    std::string text = "Using Config: {";
    for (const config_key& key : config_keys()) {
        std::string value = key.secret ? "\"******\"" : key.print(config);
        std::erase(value, '\n');
        if (!value.empty()) {
            text += text.ends_with('{') ? " " : ", ";
            text += std::string{key.path} + " = " + value;
        }
    }
    return text + " }";
}

std::string render_defaults_file() {
    std::string text =
        "# Configuration of iggy-server: every key with its default, commented out. Uncomment "
        "what\n"
        "# is to differ; IGGY_ variables come over this file (docs/configuration.md).\n"
        "# Generated from the schema of the server; a test compares the two.\n";
    std::string_view section;
    for (const config_key& key : config_keys()) {
        open_section(text, section, key);
        add_comment(text, remark_of(key));
        const std::string_view value = key.fallback.empty() ? "\"64 KiB\"" : key.fallback;
        text += "#" + std::string{key.name()} + " = " + std::string{value} + "\n";
    }
    return text;
}

std::string render_key_table() {
    std::string text = "| Key | Type | Default | Status | Meaning |\n|---|---|---|---|---|\n";
    for (const config_key& key : config_keys()) {
        const std::string fallback =
            key.fallback.empty() ? "absent" : "`" + cell(key.fallback) + "`";
        text += "| `" + std::string{key.path} + "` | " + std::string{key.type} + " | " + fallback +
                " | " + std::string{name_of(key.status)} + " | " + cell(key.meaning) + " |\n";
    }
    return text;
}

}  // namespace iggy::server
