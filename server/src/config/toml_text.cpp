#include "config/toml_text.hpp"

namespace iggy::server {

std::string toml_string(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string quoted = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            quoted += '\\';
            quoted += c;
        } else if (c == '\n') {
            quoted += "\\n";
        } else if (c == '\t') {
            quoted += "\\t";
        } else if (byte < 0x20 || byte == 0x7f) {
            quoted += "\\u00";
            quoted += hex[byte >> 4U];
            quoted += hex[byte & 0xfU];
        } else {
            quoted += c;
        }
    }
    return quoted + '"';
}

std::string toml_string_list(const std::vector<std::string>& texts) {
    std::string list = "[";
    for (const std::string& text : texts) {
        list += list.size() > 1 ? ", " : "";
        list += toml_string(text);
    }
    return list + "]";
}

}  // namespace iggy::server
