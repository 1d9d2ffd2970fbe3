#include <vector>

#include <iggy/base/message.hpp>

#include "support/catch.hpp"

namespace {

std::vector<std::byte> make_message(std::uint64_t offset, std::string_view payload,
                                    std::string_view user_headers) {
    using namespace iggy;
    std::vector<std::byte> bytes(message_layout::header_bytes);
    store_le<std::uint64_t>(bytes, message_layout::offset_at, offset);
    store_le<std::uint32_t>(bytes, message_layout::payload_length_at,
                            static_cast<std::uint32_t>(payload.size()));
    store_le<std::uint32_t>(bytes, message_layout::user_headers_length_at,
                            static_cast<std::uint32_t>(user_headers.size()));
    for (const std::string_view part : {payload, user_headers}) {
        const auto view = as_bytes(part);
        bytes.insert(bytes.end(), view.begin(), view.end());
    }
    store_le(bytes, message_layout::checksum_at,
             xxh3_64(byte_view{bytes}.subspan(message_layout::id_at)));
    return bytes;
}

}  // namespace

TEST_CASE("message: payload comes before user headers and the checksum covers both", "[base]") {
    auto bytes = make_message(7, "hello", "meta");
    const auto message = iggy::message_at(bytes);
    REQUIRE(message);
    CHECK(message->offset().raw() == 7);
    CHECK(message->text() == "hello");
    CHECK(iggy::as_text(message->user_headers()) == "meta");
    CHECK(message->checksum_matches());
    bytes.back() ^= std::byte{1};
    CHECK_FALSE(message->checksum_matches());
}

TEST_CASE("message: a message that runs past the end is none", "[base]") {
    const auto bytes = make_message(0, "hello", "");
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        CAPTURE(size);
        CHECK_FALSE(iggy::message_at(iggy::byte_view{bytes}.first(size)));
    }
}

TEST_CASE("message: a length over its limit is refused whatever follows", "[base]") {
    auto bytes = make_message(0, "hello", "");
    iggy::store_le<std::uint32_t>(bytes, iggy::message_layout::payload_length_at,
                                  iggy::payload_bytes_max + 1);
    CHECK_FALSE(iggy::announced_message_bytes(bytes));
}

TEST_CASE("message: a range walks messages back to back and stops at a torn one", "[base]") {
    auto bytes = make_message(1, "one", "");
    const auto second = make_message(2, "two", "x");
    bytes.insert(bytes.end(), second.begin(), second.end());
    bytes.resize(bytes.size() + 10);
    std::vector<std::uint64_t> offsets;
    for (const auto message : iggy::message_range{bytes}) {
        offsets.push_back(message.offset().raw());
    }
    CHECK(offsets == std::vector<std::uint64_t>{1, 2});
}

TEST_CASE("checksum: short and long inputs agree with the published values", "[base]") {
    CHECK(iggy::xxh3_64({}) == 0x2d06800538d394c2U);
    CHECK(iggy::xxh3_64(iggy::as_bytes("iggy")) == 0xb421037ed388f177U);
    CHECK(iggy::xxh32({}) == 0x02cc5d05U);
    CHECK(iggy::xxh32(iggy::as_bytes("iggy")) == 0x96377a10U);
}
