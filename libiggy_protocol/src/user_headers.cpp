#include <iggy/protocol/user_headers.hpp>

#include <iggy/base/message.hpp>
#include <iggy/protocol/utf8.hpp>

namespace iggy::protocol {

namespace {

constexpr std::size_t field_head_bytes = 1 + sizeof(std::uint32_t);

struct kind_entry {
    std::string_view name;
    std::size_t bytes;  // 0: 1 to 255
};

// Indexed by kind; 0 is none.
constexpr std::array<kind_entry, 16> kinds{{
    {"unknown", 0},
    {"raw", 0},
    {"string", 0},
    {"bool", 1},
    {"int8", 1},
    {"int16", 2},
    {"int32", 4},
    {"int64", 8},
    {"int128", 16},
    {"uint8", 1},
    {"uint16", 2},
    {"uint32", 4},
    {"uint64", 8},
    {"uint128", 16},
    {"float32", 4},
    {"float64", 8},
}};

bool is_known(header_kind kind) noexcept {
    const auto number = static_cast<std::size_t>(kind);
    return number > 0 && number < kinds.size();
}

struct field_view {
    header_kind kind;
    byte_view bytes;
};

// `fault` says whether the field is a key or a value.
result<done_t> check_field(field_view field, error_code fault) noexcept {
    if (!is_known(field.kind)) {
        return error_code::invalid_header_kind;
    }
    const std::size_t size = field.bytes.size();
    if (size == 0 || size > header_field_bytes_max) {
        return fault;
    }
    const std::size_t fixed_size = kinds[static_cast<std::size_t>(field.kind)].bytes;
    if (fixed_size != 0 && fixed_size != size) {
        return fault;
    }
    if (field.kind == header_kind::string && !is_utf8(as_text(field.bytes))) {
        return fault;
    }
    return done;
}

// Takes one field off the front of `rest`.
result<field_view> take_field(byte_view& rest, error_code fault) noexcept {
    if (rest.size() < field_head_bytes) {
        return fault;
    }
    const auto kind = static_cast<header_kind>(rest[0]);
    const auto length = load_le<std::uint32_t>(rest, 1);
    rest = rest.subspan(field_head_bytes);
    if (length > rest.size()) {
        return fault;
    }
    const field_view field{kind, rest.first(length)};
    rest = rest.subspan(length);
    const auto checked = check_field(field, fault);
    if (!checked) {
        return checked.error();
    }
    return field;
}

// Calls `visit(key, value)` for each header.
template <class Visit>
result<done_t> for_each_header(byte_view bytes, Visit visit) {
    if (bytes.size() > user_headers_bytes_max) {
        return error_code::too_big_user_headers;
    }
    byte_view rest = bytes;
    while (!rest.empty()) {
        const auto key = take_field(rest, error_code::invalid_header_key);
        if (!key) {
            return key.error();
        }
        const auto value = take_field(rest, error_code::invalid_header_value);
        if (!value) {
            return value.error();
        }
        visit(*key, *value);
    }
    return done;
}

result<done_t> append_field(std::vector<std::byte>& out, const header_field& field,
                            error_code fault) {
    const byte_view bytes = field.bytes();
    const auto checked = check_field({field.kind(), bytes}, fault);
    if (!checked) {
        return checked.error();
    }
    const std::size_t at = out.size();
    out.resize(at + field_head_bytes);
    store_le(out, at, field.kind());
    store_le(out, at + 1, static_cast<std::uint32_t>(bytes.size()));
    out.insert(out.end(), bytes.begin(), bytes.end());
    return done;
}

}  // namespace

std::string_view name(header_kind kind) noexcept {
    return kinds[is_known(kind) ? static_cast<std::size_t>(kind) : 0].name;
}

result<done_t> validate_user_headers(byte_view bytes) noexcept {
    return for_each_header(bytes, [](const field_view&, const field_view&) {});
}

result<std::vector<user_header>> decode_user_headers(byte_view bytes) {
    std::vector<user_header> headers;
    const auto walked = for_each_header(bytes, [&](const field_view& key, const field_view& value) {
        headers.push_back({{key.kind, key.bytes}, {value.kind, value.bytes}});
    });
    if (!walked) {
        return walked.error();
    }
    return headers;
}

result<std::vector<std::byte>> encode_user_headers(std::span<const user_header> headers) {
    std::vector<std::byte> out;
    for (const user_header& header : headers) {
        const auto key = append_field(out, header.key, error_code::invalid_header_key);
        if (!key) {
            return key.error();
        }
        const auto value = append_field(out, header.value, error_code::invalid_header_value);
        if (!value) {
            return value.error();
        }
    }
    if (out.size() > user_headers_bytes_max) {
        return error_code::too_big_user_headers;
    }
    return out;
}

}  // namespace iggy::protocol
