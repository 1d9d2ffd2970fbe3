#include <functional>

#include <iggy/protocol/protocol.hpp>

#include "support/catch.hpp"

using namespace iggy::protocol;
namespace message = iggy::message_layout;

namespace {

// A send of two messages (payloads of 10 bytes) whose bytes a test then spoils.
class two_messages {
public:
    two_messages() {
        const std::vector<std::byte> payload(10);
        const std::vector<outgoing_message> messages{{{}, payload, {}, 0}, {{}, payload, {}, 0}};
        const send_messages request{iggy::stream_id{1}, iggy::topic_id{2},
                                    partitioning::to(iggy::partition_id{0}), messages};
        std::vector<std::byte> frame;
        REQUIRE(encode_request(request, frame));
        bytes_.assign(frame.begin() + frame_header_bytes, frame.end());
    }

    static constexpr std::size_t count_at = 4 + 6 + 6 + 6;
    static constexpr std::size_t index_at = count_at + 4;
    static constexpr std::size_t first_at = index_at + 2 * index_layout::entry_bytes;
    static constexpr std::size_t message_bytes = message::header_bytes + 10;

    template <class Number>
    void put(std::size_t at, Number value) {
        iggy::store_le(bytes_, at, value);
    }
    std::vector<std::byte>& bytes() { return bytes_; }

    /// The status that answers it; 0 when it is accepted.
    std::uint32_t status() {
        const auto received = decode_send_messages(bytes_);
        return received ? 0 : static_cast<std::uint32_t>(received.error());
    }

private:
    std::vector<std::byte> bytes_;
};

// Faults in the order in which they are looked for, each on the first message where it can be.
struct fault {
    error_code code;
    std::function<void(two_messages&)> spoil;
};

std::vector<fault> faults_in_order() {
    using t = two_messages;
    return {
        {error_code::invalid_command, [](t& b) { b.put<std::uint32_t>(0, 5000); }},
        {error_code::invalid_identifier, [](t& b) { b.put<std::uint8_t>(4, 9); }},
        {error_code::invalid_command, [](t& b) { b.put<std::uint8_t>(16, 9); }},
        {error_code::invalid_command, [](t& b) { b.put<std::uint32_t>(t::count_at, 1000); }},
        {error_code::non_zero_offset, [](t& b) { b.put<std::uint32_t>(t::index_at, 1); }},
        {error_code::non_zero_timestamp, [](t& b) { b.put<std::uint64_t>(t::index_at + 8, 1); }},
        {error_code::missing_index, [](t& b) { b.put<std::uint32_t>(t::index_at + 4, 63); }},
        {error_code::invalid_offset,
         [](t& b) { b.put<std::uint64_t>(t::first_at + message::offset_at, 5); }},
        {error_code::cannot_read_index_position,
         [](t& b) { b.put<std::uint32_t>(t::index_at + 16 + 4, 1); }},
        {error_code::invalid_messages_size, [](t& b) { b.bytes().push_back(std::byte{0}); }},
    };
}

}  // namespace

TEST_CASE("send: of several faults the first in the order of checks is reported", "[protocol]") {
    const auto faults = faults_in_order();
    CHECK(two_messages{}.status() == 0);
    for (std::size_t first = 0; first < faults.size(); ++first) {
        INFO("fault " << first);
        two_messages one;
        faults[first].spoil(one);
        CHECK(one.status() == static_cast<std::uint32_t>(faults[first].code));
        for (std::size_t later = first + 1; later < faults.size(); ++later) {
            INFO("and fault " << later);
            two_messages both;
            faults[later].spoil(both);
            faults[first].spoil(both);
            CHECK(both.status() == static_cast<std::uint32_t>(faults[first].code));
        }
    }
}

TEST_CASE("send: no messages is refused before any index is looked at", "[protocol]") {
    two_messages batch;
    batch.put<std::uint32_t>(two_messages::count_at, 0);
    batch.put<std::uint32_t>(two_messages::index_at, 1);
    CHECK(batch.status() == 4009);
}

TEST_CASE("send: the last entry may end anywhere after the one before", "[protocol]") {
    two_messages batch;
    batch.put<std::uint32_t>(two_messages::index_at + 16 + 4, 9'999'999);
    CHECK(batch.status() == 0);
}

TEST_CASE("send: header lengths that overrun a message are impossible bounds", "[protocol]") {
    for (const auto length_at : {message::payload_length_at, message::user_headers_length_at}) {
        for (const std::uint32_t length : {11U, 1000U, UINT32_MAX}) {
            two_messages batch;
            batch.put(two_messages::first_at + length_at, length);
            CHECK(batch.status() == 4033);
        }
    }
}

TEST_CASE("send: a message that is smaller than its place does not add up", "[protocol]") {
    two_messages batch;
    batch.put<std::uint32_t>(two_messages::first_at + message::payload_length_at, 9);
    CHECK(batch.status() == 4036);
}

TEST_CASE("send: sizes over the limits are refused although the bytes are there", "[protocol]") {
    // One message whose header lengths a test sets; the bytes behind it are there.
    const auto status_of = [](std::uint32_t payload, std::uint32_t user_headers) {
        std::vector<std::byte> bytes(two_messages::index_at + index_layout::entry_bytes +
                                     message::header_bytes + payload + user_headers);
        two_messages small;
        std::ranges::copy(iggy::byte_view{small.bytes()}.first(two_messages::count_at),
                          bytes.begin());
        iggy::store_le<std::uint32_t>(bytes, two_messages::count_at, 1);
        const std::size_t first_at = two_messages::index_at + index_layout::entry_bytes;
        iggy::store_le(bytes, first_at + message::payload_length_at, payload);
        iggy::store_le(bytes, first_at + message::user_headers_length_at, user_headers);
        const auto received = decode_send_messages(bytes);
        return received ? 0 : static_cast<std::uint32_t>(received.error());
    };
    CHECK(status_of(iggy::payload_bytes_max, iggy::user_headers_bytes_max) == 0);
    CHECK(status_of(iggy::payload_bytes_max + 1, 0) == 4022);
    CHECK(status_of(0, iggy::user_headers_bytes_max + 1) == 4017);
}

TEST_CASE("send: bytes after the count inside the metadata are skipped", "[protocol]") {
    two_messages batch;
    auto& bytes = batch.bytes();
    bytes.insert(bytes.begin() + two_messages::index_at, 3, std::byte{7});
    batch.put<std::uint32_t>(0, two_messages::index_at - 4 + 3);
    CHECK(batch.status() == 0);
}

TEST_CASE("send: what is decoded lies in the payload and can be stamped in place", "[protocol]") {
    two_messages batch;
    const auto received = decode_send_messages(batch.bytes());
    REQUIRE(received);
    CHECK(received->messages.data() == batch.bytes().data() + two_messages::first_at);
    CHECK(received->messages.size() == 2 * two_messages::message_bytes);
    iggy::store_le<std::uint64_t>(received->messages, message::offset_at, 77);
    CHECK(iggy::message_at(received->messages)->offset().raw() == 77);
}

TEST_CASE("send: what cannot be encoded leaves the buffer as it was", "[protocol]") {
    const outgoing_message one{};
    const std::string long_text(256, 'x');
    const auto error_of = [](const send_messages& request) {
        std::vector<std::byte> out(5);
        const auto encoded = encode_request(request, out);
        CHECK(out.size() == 5);
        return encoded ? 0 : static_cast<std::uint32_t>(encoded.error());
    };
    CHECK(error_of({"s", "t", {}, {}}) == 4009);
    CHECK(error_of({"", "t", {}, {&one, 1}}) == 6);
    CHECK(error_of({"s", long_text, {}, {&one, 1}}) == 6);
    CHECK(error_of({"s", "t", partitioning::by_key(long_text), {&one, 1}}) == 4028);
}
