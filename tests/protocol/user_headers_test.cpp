#include <iggy/base/message.hpp>
#include <iggy/protocol/user_headers.hpp>

#include "support/catch.hpp"

using namespace iggy::protocol;

namespace {

// One entry with a good key and a value of this kind and size.
std::vector<std::byte> entry_with_value(std::uint8_t kind, std::uint32_t size) {
    const auto key = encode_user_headers(
        std::vector<user_header>{{header_field::text("key"), header_field::number(true)}});
    std::vector<std::byte> bytes = key.value();
    bytes.resize(5 + 3);
    bytes.push_back(static_cast<std::byte>(kind));
    bytes.resize(bytes.size() + sizeof size);
    iggy::store_le(bytes, bytes.size() - sizeof size, size);
    bytes.resize(bytes.size() + size, std::byte{'v'});
    return bytes;
}

std::uint32_t status_of(const std::vector<std::byte>& bytes) {
    const auto checked = validate_user_headers(bytes);
    return checked ? 0 : static_cast<std::uint32_t>(checked.error());
}

}  // namespace

TEST_CASE("user headers: every kind comes back with its value", "[protocol]") {
    const std::array<std::byte, 16> wide{std::byte{1}, std::byte{2}};
    const std::vector<user_header> headers{
        {header_field::text("text"), header_field::text("zażółć")},
        {header_field::text("raw"), header_field::raw(wide)},
        {header_field::number(std::int8_t{-1}), header_field::number(std::int16_t{-2})},
        {header_field::number(std::int32_t{-3}), header_field::number(std::int64_t{-4})},
        {header_field::number(std::uint8_t{1}), header_field::number(std::uint16_t{2})},
        {header_field::number(std::uint32_t{3}), header_field::number(std::uint64_t{4})},
        {header_field::number(1.5F), header_field::number(2.25)},
        {header_field::int128(wide), header_field::uint128(wide)},
        {header_field::number(true), header_field::number(false)}};
    const auto encoded = encode_user_headers(headers);
    REQUIRE(encoded);
    CHECK(validate_user_headers(*encoded));
    const auto decoded = decode_user_headers(*encoded).value();
    CHECK(decoded == headers);
    CHECK(decoded[0].value.as_text() == "zażółć");
    CHECK(decoded[2].key.as<std::int8_t>() == std::int8_t{-1});
    CHECK(decoded[3].value.as<std::int64_t>() == -4);
    CHECK(decoded[6].value.as<double>() == 2.25);
    CHECK(decoded[8].key.as<bool>() == true);
    CHECK_FALSE(decoded[8].key.as<std::uint8_t>());
    CHECK_FALSE(decoded[8].key.as_text());
    CHECK(name(decoded[7].key.kind()) == "int128");
}

TEST_CASE("user headers: kinds, sizes and bytes that no reader takes are refused", "[protocol]") {
    CHECK(status_of({}) == 0);
    CHECK(status_of(entry_with_value(1, 255)) == 0);
    CHECK(status_of(entry_with_value(0, 1)) == 4040);
    CHECK(status_of(entry_with_value(16, 1)) == 4040);
    CHECK(status_of(entry_with_value(1, 0)) == 4019);
    CHECK(status_of(entry_with_value(1, 256)) == 4019);
    CHECK(status_of(entry_with_value(12, 7)) == 4019);
    auto key_only = entry_with_value(1, 1);
    key_only.resize(8);
    CHECK(status_of(key_only) == 4019);
    key_only.resize(7);
    CHECK(status_of(key_only) == 4018);
    auto promised = entry_with_value(1, 1);
    iggy::store_le<std::uint32_t>(promised, 9, UINT32_MAX);
    CHECK(status_of(promised) == 4019);
    CHECK(status_of(std::vector<std::byte>(iggy::user_headers_bytes_max + 1)) == 4017);
}

TEST_CASE("user headers: an empty key and too many headers are not encoded", "[protocol]") {
    const std::vector<user_header> empty_key{{header_field::text(""), header_field::number(1)}};
    CHECK(encode_user_headers(empty_key).error() == error_code::invalid_header_key);
    const std::string large(255, 'x');
    const std::vector<user_header> many(200,
                                        {header_field::text(large), header_field::text(large)});
    CHECK(encode_user_headers(many).error() == error_code::too_big_user_headers);
}
