#include "catalog/catalog_codec.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <iggy/base/assert.hpp>
#include <iggy/protocol/wire.hpp>

namespace iggy::server {

namespace {

using protocol::reader;
using protocol::writer;

/// In the order of the alternatives of catalog_command.
constexpr std::array command_kinds{
    record_kind::create_stream,     record_kind::rename_stream,     record_kind::delete_stream,
    record_kind::create_topic,      record_kind::update_topic,      record_kind::delete_topic,
    record_kind::create_partitions, record_kind::delete_partitions, record_kind::create_user,
    record_kind::update_user,       record_kind::change_password,   record_kind::update_permissions,
    record_kind::delete_user,
};
static_assert(command_kinds.size() == std::variant_size_v<catalog_command>);

std::vector<std::byte> with_header(record_kind kind, std::uint64_t sequence) {
    std::vector<std::byte> bytes(record_header_bytes);
    bytes[0] = std::byte{catalog_format_version};
    bytes[1] = static_cast<std::byte>(kind);
    store_le(bytes, 8, sequence);
    return bytes;
}

template <class Value>
void append(std::vector<std::byte>& bytes, const Value& value) {
    writer wire{bytes};
    wire.value(value);
    IGGY_ASSERT(!wire.failed(), "records are made of values that were checked before");
}

bool has_known_values(const topic_settings& settings) {
    return protocol::is_known(settings.compression);
}

/// Enumerations that the layouts leave unchecked.
bool has_known_values(const catalog_command& command) {
    if (const auto* topic = std::get_if<catalog_record::create_topic>(&command)) {
        return has_known_values(topic->settings);
    }
    if (const auto* topic = std::get_if<catalog_record::update_topic>(&command)) {
        return has_known_values(topic->settings);
    }
    if (const auto* user = std::get_if<catalog_record::create_user>(&command)) {
        return protocol::is_known(user->status);
    }
    if (const auto* user = std::get_if<catalog_record::update_user>(&command)) {
        return !user->status || protocol::is_known(*user->status);
    }
    return true;
}

bool has_known_values(const catalog_state& state) {
    for (const stream_entry& stream : state.streams) {
        for (const topic_entry& topic : stream.topics) {
            if (!has_known_values(static_cast<const topic_settings&>(topic))) {
                return false;
            }
        }
    }
    for (const user_entry& user : state.users) {
        if (!protocol::is_known(user.status)) {
            return false;
        }
    }
    return true;
}

template <std::size_t Index = 0>
bool decode_body(std::size_t index, reader& wire, catalog_command& into) {
    if constexpr (Index < std::variant_size_v<catalog_command>) {
        if (index == Index) {
            wire.value(into.emplace<Index>());
            return !wire.failed() && wire.remaining() == 0 && has_known_values(into);
        }
        return decode_body<Index + 1>(index, wire, into);
    }
    return false;
}

/// The same state whose partitions know their figures.
std::shared_ptr<const catalog_state> with_counters(catalog_state state,
                                                   const counters_source& counters) {
    slot_table<stream_id, stream_entry> streams = state.streams;
    for (const stream_entry& before : state.streams) {
        stream_entry stream = before;
        for (const topic_entry& topic_before : before.topics) {
            topic_entry topic = topic_before;
            for (partition_entry& partition : topic.partitions) {
                partition.counters = counters(partition.log);
            }
            stream.topics.replace(std::move(topic));
        }
        streams.replace(std::move(stream));
    }
    state.streams = std::move(streams);
    return std::make_shared<const catalog_state>(std::move(state));
}

}  // namespace

std::string describe(const record_fault& fault) {
    switch (fault.why) {
        case record_fault::reason::truncated:
            return "the record is shorter than its header";
        case record_fault::reason::unsupported_version:
            return "the record has version " + std::to_string(fault.number) +
                   ", this server reads version " + std::to_string(catalog_format_version);
        case record_fault::reason::unknown_kind:
            return "the record is of kind " + std::to_string(fault.number) +
                   ", which this server does not know";
        case record_fault::reason::invalid:
            return "a field of the record is cut short or breaks its rule";
    }
    IGGY_ASSERT(false, "every reason has its text");
}

std::vector<std::byte> encode(const numbered_command& record) {
    auto bytes = with_header(command_kinds[record.command.index()], record.sequence);
    std::visit([&](const auto& body) { append(bytes, body); }, record.command);
    return bytes;
}

std::vector<std::byte> encode(const snapshot_begin& record) {
    auto bytes = with_header(record_kind::snapshot_begin, record.sequence);
    append(bytes, record.parts);
    return bytes;
}

std::vector<std::byte> encode(const snapshot_part& record) {
    auto bytes = with_header(record_kind::snapshot_part, record.sequence);
    append(bytes, record.index);
    append(bytes, record.parts);
    bytes.insert(bytes.end(), record.content.begin(), record.content.end());
    return bytes;
}

expected<catalog_record_view, record_fault> decode_record(byte_view bytes) {
    using reason = record_fault::reason;
    if (bytes.size() < record_header_bytes) {
        return record_fault{reason::truncated};
    }
    const auto version = std::to_integer<std::uint8_t>(bytes[0]);
    if (version != catalog_format_version) {
        return record_fault{reason::unsupported_version, version};
    }
    const auto number = std::to_integer<std::uint8_t>(bytes[1]);
    const auto kind = static_cast<record_kind>(number);
    const auto sequence = load_le<std::uint64_t>(bytes, 8);
    reader wire{bytes.subspan(record_header_bytes)};
    if (kind == record_kind::snapshot_begin) {
        snapshot_begin record{sequence, 0};
        wire.value(record.parts);
        if (wire.failed() || wire.remaining() != 0 || record.parts == 0) {
            return record_fault{reason::invalid};
        }
        return record;
    }
    if (kind == record_kind::snapshot_part) {
        snapshot_part record{sequence, 0, 0, {}};
        wire.values(record.index, record.parts);
        if (wire.failed() || record.index >= record.parts) {
            return record_fault{reason::invalid};
        }
        record.content = bytes.last(wire.remaining());
        return record;
    }
    const auto at = std::ranges::find(command_kinds, kind);
    if (at == command_kinds.end()) {
        return record_fault{reason::unknown_kind, number};
    }
    numbered_command record{sequence, {}};
    if (!decode_body(static_cast<std::size_t>(at - command_kinds.begin()), wire, record.command)) {
        return record_fault{reason::invalid};
    }
    return record;
}

std::vector<std::byte> encode_snapshot(const catalog_state& state) {
    std::vector<std::byte> bytes;
    append(bytes, state.streams);
    append(bytes, state.users);
    return bytes;
}

expected<std::shared_ptr<const catalog_state>, record_fault> decode_snapshot(
    std::uint64_t sequence, byte_view content, const counters_source& counters) {
    catalog_state state;
    state.sequence = sequence;
    reader wire{content};
    wire.values(state.streams, state.users);
    if (wire.failed() || wire.remaining() != 0 || !has_known_values(state)) {
        return record_fault{record_fault::reason::invalid};
    }
    return with_counters(std::move(state), counters);
}

}  // namespace iggy::server
