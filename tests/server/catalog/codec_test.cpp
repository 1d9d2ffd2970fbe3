#include "support.hpp"
#include "support/catch.hpp"

using namespace iggy;
using namespace iggy::server;

namespace {

struct golden {
    catalog_command command;
    std::string hex;  ///< of the record after its 16-byte header
    std::uint8_t kind;
};

const topic_settings some_settings{protocol::compression_algorithm::gzip,
                                   protocol::message_expiry{3}, protocol::max_topic_size{4}, 5};
constexpr timestamp at = timestamp_from_raw(2);

/// Fixed bytes of each kind of command: they are on disks, so they never change.
std::vector<golden> golden_commands() {
    using namespace catalog_record;
    const std::string no_rights = "00000000000000000000";
    return {
        {create_stream{stream_id{7}, "ab", at},
         "07000000"
         "0200000000000000"
         "026162",
         1},
        {rename_stream{stream_id{7}, "ab"},
         "07000000"
         "026162",
         2},
        {delete_stream{stream_id{7}}, "07000000", 3},
        {create_topic{
             stream_id{7}, topic_id{8}, "ab", at, some_settings, {{log_uid{1}, log_uid{2}}}},
         "07000000"
         "08000000"
         "0200000000000000"
         "02"
         "0300000000000000"
         "0400000000000000"
         "05"
         "026162"
         "02000000"
         "0100000000000000"
         "0200000000000000",
         10},
        {update_topic{stream_id{7}, topic_id{8}, "ab", some_settings},
         "07000000"
         "08000000"
         "02"
         "0300000000000000"
         "0400000000000000"
         "05"
         "026162",
         11},
        {delete_topic{stream_id{7}, topic_id{8}},
         "07000000"
         "08000000",
         12},
        {create_partitions{stream_id{7}, topic_id{8}, at, {{log_uid{1}}}},
         "07000000"
         "08000000"
         "0200000000000000"
         "01000000"
         "0100000000000000",
         20},
        {delete_partitions{stream_id{7}, topic_id{8}, 9},
         "07000000"
         "08000000"
         "09000000",
         21},
        {create_user{user_id{7}, "ab", "h", protocol::user_status::inactive,
                     protocol::permissions{}, at},
         "07000000"
         "0200000000000000"
         "02"
         "026162"
         "0168"
         "01" +
             no_rights + "00",
         30},
        {update_user{user_id{7}, "ab", protocol::user_status::active},
         "07000000"
         "01026162"
         "0101",
         31},
        {change_password{user_id{7}, "h"},
         "07000000"
         "0168",
         32},
        {update_permissions{user_id{7}, std::nullopt},
         "07000000"
         "00",
         33},
        {delete_user{user_id{7}}, "07000000", 34},
    };
}

std::string header_hex(std::uint8_t kind) {
    const std::array bytes{std::byte{kind}};
    return "01" + to_hex(bytes) + "000000000000" + "0600000000000000";
}

std::vector<std::byte> some_record() {
    return encode(numbered_command{6, catalog_record::rename_stream{stream_id{7}, "ab"}});
}

}  // namespace

TEST_CASE("catalog format: each kind of command has its bytes", "[server][catalog][format]") {
    const auto all = golden_commands();
    REQUIRE(all.size() == std::variant_size_v<catalog_command>);
    for (const golden& each : all) {
        CAPTURE(each.kind);
        const auto bytes = encode(numbered_command{6, each.command});
        REQUIRE(to_hex(bytes) == header_hex(each.kind) + each.hex);
        const auto decoded = decode_record(bytes);
        REQUIRE(decoded);
        const auto& record = std::get<numbered_command>(*decoded);
        REQUIRE(record.sequence == 6);
        REQUIRE(record.command.index() == each.command.index());
        REQUIRE(encode(record) == bytes);
    }
}

TEST_CASE("catalog format: snapshots are announced and come in parts",
          "[server][catalog][format]") {
    REQUIRE(to_hex(encode(snapshot_begin{6, 2})) == header_hex(128) + "02000000");
    const std::array content{std::byte{0xAB}};
    const auto bytes = encode(snapshot_part{6, 1, 2, content});
    REQUIRE(to_hex(bytes) == header_hex(129) +
                                 "01000000"
                                 "02000000"
                                 "ab");
    const auto decoded = decode_record(bytes);
    REQUIRE(decoded);
    REQUIRE(std::get<snapshot_part>(*decoded).content.size() == 1);
}

TEST_CASE("catalog format: an empty state and one with a bit of everything have their bytes",
          "[server][catalog][format]") {
    REQUIRE(to_hex(encode_snapshot({})) ==
            "00000000"
            "00000000"
            "00000000"
            "00000000");
    catalog_state state;
    stream_entry stream{stream_id{1}, "s", at, {}};
    topic_entry topic;
    static_cast<topic_settings&>(topic) = some_settings;
    topic.name = "t";
    topic.created_at = at;
    topic.partitions = {{log_uid{9}, at, nullptr}};
    stream.topics.insert(topic);
    state.streams.insert({stream_id{0}, "x", at, {}});
    state.streams.insert(stream);
    state.streams.erase(stream_id{0});
    state.users.insert({user_id{0}, "u", at, protocol::user_status::active, "h", {}, 5});
    REQUIRE(to_hex(encode_snapshot(state)) ==
            "01000000"
            "00000000"
            "01000000"
            "01000000"
            "0200000000000000"
            "0173"
            "00000000"
            "01000000"
            "00000000"
            "0200000000000000"
            "02"
            "0300000000000000"
            "0400000000000000"
            "05"
            "0174"
            "01000000"
            "0900000000000000"
            "0200000000000000"
            "00000000"
            "01000000"
            "00000000"
            "0200000000000000"
            "0500000000000000"
            "01"
            "0175"
            "0168"
            "00");
    REQUIRE(decode_snapshot(0, encode_snapshot(state), no_counters));
}

TEST_CASE("catalog format: what a newer version wrote is named, not guessed",
          "[server][catalog][format]") {
    using reason = record_fault::reason;
    auto newer = some_record();
    newer[0] = std::byte{2};
    REQUIRE(decode_record(newer).error() == record_fault{reason::unsupported_version, 2});
    REQUIRE(describe(decode_record(newer).error()).find("version 2") != std::string::npos);
    auto unknown = some_record();
    unknown[1] = std::byte{77};
    REQUIRE(decode_record(unknown).error() == record_fault{reason::unknown_kind, 77});
    REQUIRE(describe(decode_record(unknown).error()).find("kind 77") != std::string::npos);
}

TEST_CASE("catalog format: a record that is cut or goes on is refused",
          "[server][catalog][format]") {
    for (const golden& each : golden_commands()) {
        auto bytes = encode(numbered_command{6, each.command});
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            CAPTURE(each.kind, size);
            REQUIRE_FALSE(decode_record(byte_view{bytes}.first(size)));
        }
        bytes.push_back(std::byte{0});
        REQUIRE_FALSE(decode_record(bytes));
    }
}

TEST_CASE("catalog format: a snapshot that is cut or goes on is refused",
          "[server][catalog][format]") {
    grown_catalog catalog;
    catalog.run(catalog_record::create_stream{stream_id{0}, "s", at});
    catalog.run(catalog_record::create_topic{
        stream_id{0}, topic_id{0}, "t", at, some_settings, {{log_uid{1}}}});
    auto content = encode_snapshot(*catalog);
    for (std::size_t size = 0; size < content.size(); ++size) {
        REQUIRE_FALSE(decode_snapshot(0, byte_view{content}.first(size), no_counters));
    }
    content.push_back(std::byte{0});
    REQUIRE_FALSE(decode_snapshot(0, content, no_counters));
}

TEST_CASE("catalog format: a count beyond the bytes that follow costs nothing",
          "[server][catalog][format]") {
    auto bytes = encode(
        numbered_command{6, catalog_record::create_partitions{stream_id{7}, topic_id{8}, at, {}}});
    store_le<std::uint32_t>(bytes, bytes.size() - 4, 0xFFFF'FFFF);
    REQUIRE_FALSE(decode_record(bytes));
    const std::array<std::byte, 8> huge{std::byte{0xFF}, std::byte{0xFF}, std::byte{0xFF},
                                        std::byte{0xFF}};
    REQUIRE_FALSE(decode_snapshot(0, huge, no_counters));
}
