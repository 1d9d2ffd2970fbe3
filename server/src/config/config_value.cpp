#include "config/config_value.hpp"

#include "config/toml_text.hpp"

namespace iggy::server {
namespace {

constexpr std::size_t shown_bytes_max = 120;

struct shower {
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(const std::string& value) const { return toml_string(value); }
    std::string operator()(const config_value::raw_text& value) const { return value.text; }
    std::string operator()(const config_value::other& value) const { return value.text; }
    std::string operator()(const config_value::list& values) const {
        std::string text = "[";
        for (const config_value& value : values) {
            text += text.size() > 1 ? ", " : "";
            text += show(value);
            if (text.size() > shown_bytes_max) {
                break;
            }
        }
        return text + "]";
    }
    std::string operator()(const config_value::table& entries) const {
        std::string text = "{";
        for (const auto& [name, value] : entries) {
            text += text.size() > 1 ? ", " : " ";
            text += name + " = " + show(value);
            if (text.size() > shown_bytes_max) {
                break;
            }
        }
        return text + " }";
    }
};

}  // namespace

std::string show(const config_value& value) {
    std::string text = std::visit(shower{}, value.data);
    if (text.size() > shown_bytes_max) {
        text.resize(shown_bytes_max);
        text += "...";
    }
    return text;
}

}  // namespace iggy::server
