#include <iggy/base/topic_size_text.hpp>

#include <iggy/base/size_text.hpp>

namespace iggy {

text_result<topic_size> parse_topic_size(std::string_view text) {
    if (text == "unlimited") {
        return topic_size::unlimited();
    }
    if (text == "server_default") {
        return topic_size::server_default();
    }
    const auto bytes = parse_byte_size_or_unlimited(text);
    if (!bytes) {
        return bytes.error();
    }
    return topic_size::from_raw(*bytes);
}

std::string format_topic_size(topic_size value) {
    if (value.is_unlimited()) {
        return "unlimited";
    }
    return value.is_server_default() ? "server_default" : format_byte_size(value.raw());
}

std::string format_topic_size_exactly(topic_size value) {
    if (value.is_unlimited()) {
        return "unlimited";
    }
    return value.is_server_default() ? "server_default" : format_byte_size_exactly(value.raw());
}

}  // namespace iggy
