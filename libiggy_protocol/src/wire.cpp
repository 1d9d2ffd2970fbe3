#include <iggy/protocol/wire.hpp>

namespace iggy::protocol {

byte_view reader::take(std::size_t size) noexcept {
    if (rest_.size() < size) {
        fail(error_code::invalid_command);
        return {};
    }
    const byte_view taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
}

void reader::utf8(std::string& field, std::size_t size) {
    field = as_text(take(size));
    if (!is_utf8(field)) {
        fail(error_code::invalid_command);
    }
}

void reader::name(std::string& field) {
    std::uint8_t length = 0;
    number(length);
    if (length == 0) {
        fail(error_code::invalid_format);  // kept back when the length itself was missing
    }
    utf8(field, length);
}

void reader::short_text(std::string& field) {
    std::uint8_t length = 0;
    number(length);
    utf8(field, length);
}

void reader::text(std::string& field) {
    std::uint32_t length = 0;
    number(length);
    utf8(field, length);
}

void reader::short_bytes(std::string& field) {
    std::uint8_t length = 0;
    number(length);
    field = as_text(take(length));
}

void reader::fixed(std::uint8_t expected, error_code fault) noexcept {
    std::uint8_t byte = 0;
    number(byte);
    if (byte != expected) {
        fail(fault);
    }
}

void reader::presence(bool& present) noexcept {
    std::uint8_t byte = 0;
    number(byte);
    present = byte == 1;
}

void writer::text(const std::string& field) {
    require(field.size() <= std::numeric_limits<std::uint32_t>::max());
    number(static_cast<std::uint32_t>(field.size()));
    rest(as_bytes(field));
}

void writer::short_bytes(const std::string& field) {
    require(field.size() <= std::numeric_limits<std::uint8_t>::max());
    number(static_cast<std::uint8_t>(field.size()));
    rest(as_bytes(field));
}

}  // namespace iggy::protocol
