#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <iggy/base/bytes.hpp>
#include <iggy/base/expected.hpp>

#include "catalog/catalog_command.hpp"
#include "catalog/catalog_state.hpp"

/// The catalog's records as bytes, one record in the payload of one message of the catalog's log.
/// Format: docs/formats/catalog.md.
namespace iggy::server {

inline constexpr std::uint8_t catalog_format_version = 1;

/// What opens a record: u8 version, u8 kind, six zero bytes, u64 sequence.
inline constexpr std::size_t record_header_bytes = 16;

enum class record_kind : std::uint8_t {
    create_stream = 1,
    rename_stream = 2,
    delete_stream = 3,
    create_topic = 10,
    update_topic = 11,
    delete_topic = 12,
    create_partitions = 20,
    delete_partitions = 21,
    create_user = 30,
    update_user = 31,
    change_password = 32,
    update_permissions = 33,
    delete_user = 34,
    snapshot_begin = 128,
    snapshot_part = 129,
};

/// The command that made state number `sequence` out of the one before.
struct numbered_command {
    std::uint64_t sequence = 0;
    catalog_command command;
};

/// Announces the parts of a snapshot of state number `sequence`, which follow it. Carries nothing
/// that they do not: its purpose is to tell that nothing but they was lost.
struct snapshot_begin {
    std::uint64_t sequence = 0;
    std::uint32_t parts = 0;
};

/// A piece of a snapshot; all pieces in order make up its content. Borrowed when decoded.
struct snapshot_part {
    std::uint64_t sequence = 0;
    std::uint32_t index = 0;
    std::uint32_t parts = 0;
    byte_view content;
};

using catalog_record_view = std::variant<numbered_command, snapshot_begin, snapshot_part>;

/// Why bytes are no record or no snapshot that this version reads.
struct record_fault {
    enum class reason : std::uint8_t {
        truncated,            ///< shorter than a record's header
        unsupported_version,  ///< `number` is the version
        unknown_kind,         ///< `number` is the kind
        invalid,              ///< a field is cut short or breaks its rule, or bytes follow the last
    };
    reason why = reason::invalid;
    std::uint32_t number = 0;

    friend bool operator==(const record_fault&, const record_fault&) = default;
};
std::string describe(const record_fault& fault);

std::vector<std::byte> encode(const numbered_command& record);
std::vector<std::byte> encode(const snapshot_begin& record);
std::vector<std::byte> encode(const snapshot_part& record);

/// The record in `bytes`, which must outlive it.
expected<catalog_record_view, record_fault> decode_record(byte_view bytes);

/// All of a state but its sequence and figures; equal states give equal bytes.
std::vector<std::byte> encode_snapshot(const catalog_state& state);
expected<std::shared_ptr<const catalog_state>, record_fault> decode_snapshot(
    std::uint64_t sequence, byte_view content, const counters_source& counters);

}  // namespace iggy::server
