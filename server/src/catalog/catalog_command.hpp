#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <iggy/base/expected.hpp>
#include <iggy/base/ids.hpp>
#include <iggy/base/time.hpp>
#include <iggy/protocol/permissions.hpp>
#include <iggy/protocol/primitives.hpp>

#include "catalog/catalog_state.hpp"

namespace iggy::server {

// Changes of the catalog. They carry every number, time and hash that was decided before, so that
// applying them in order gives the same state anywhere. How a field list becomes bytes is said by
// its layout; see docs/formats/catalog.md.
namespace catalog_record {

struct create_stream {
    stream_id id;
    std::string name;
    timestamp created_at;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.id);
        wire.value(self.created_at);
        wire.name(self.name);
    }
};

struct rename_stream {
    stream_id id;
    std::string name;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.id);
        wire.name(self.name);
    }
};

struct delete_stream {
    stream_id id;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.id);
    }
};

/// Logs of new partitions in the order of their numbers: u32 count, u64 each.
struct partition_logs_list {
    std::vector<log_uid> uids;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.template counted<std::uint32_t>(self.uids);
    }
};

struct create_topic {
    stream_id stream;
    topic_id id;
    std::string name;
    timestamp created_at;
    topic_settings settings;
    partition_logs_list partitions;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.stream, self.id, self.created_at, self.settings);
        wire.name(self.name);
        wire.value(self.partitions);
    }
};

struct update_topic {
    stream_id stream;
    topic_id id;
    std::string name;
    topic_settings settings;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.stream, self.id, self.settings);
        wire.name(self.name);
    }
};

struct delete_topic {
    stream_id stream;
    topic_id id;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.stream, self.id);
    }
};

/// Adds partitions after the highest number.
struct create_partitions {
    stream_id stream;
    topic_id topic;
    timestamp created_at;
    partition_logs_list partitions;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.stream, self.topic, self.created_at, self.partitions);
    }
};

/// Removes partitions, the highest numbers first.
struct delete_partitions {
    stream_id stream;
    topic_id topic;
    std::uint32_t count = 0;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.stream, self.topic, self.count);
    }
};

struct create_user {
    user_id id;
    std::string name;
    std::string password_hash;
    protocol::user_status status = protocol::user_status::active;
    std::optional<protocol::permissions> permissions;
    timestamp created_at;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.id, self.created_at, self.status);
        wire.name(self.name);
        wire.name(self.password_hash);
        wire.flagged(self.permissions, [&](auto& rights) { wire.value(rights); });
    }
};

struct update_user {
    user_id id;
    std::optional<std::string> name;
    std::optional<protocol::user_status> status;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.id);
        wire.flagged(self.name, [&](auto& name) { wire.name(name); });
        wire.flagged(self.status, [&](auto& status) { wire.value(status); });
    }
};

struct change_password {
    user_id id;
    std::string password_hash;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.id);
        wire.name(self.password_hash);
    }
};

struct update_permissions {
    user_id id;
    std::optional<protocol::permissions> permissions;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.id);
        wire.flagged(self.permissions, [&](auto& rights) { wire.value(rights); });
    }
};

struct delete_user {
    user_id id;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.id);
    }
};

}  // namespace catalog_record

using catalog_command = std::variant<
    catalog_record::create_stream, catalog_record::rename_stream, catalog_record::delete_stream,
    catalog_record::create_topic, catalog_record::update_topic, catalog_record::delete_topic,
    catalog_record::create_partitions, catalog_record::delete_partitions,
    catalog_record::create_user, catalog_record::update_user, catalog_record::change_password,
    catalog_record::update_permissions, catalog_record::delete_user>;

/// The command does not fit the state: it was decided on another one.
struct catalog_mismatch {
    std::size_t command = 0;  ///< which alternative of catalog_command
};
std::string describe(const catalog_mismatch& mismatch);

/// The state after `command`. Never fails for a command that was decided on this very state.
/// Deleting a stream or topic also removes the rights that users had on it, so that whoever gets
/// its number next does not inherit them.
expected<std::shared_ptr<const catalog_state>, catalog_mismatch> apply(
    const catalog_state& before, const catalog_command& command, const counters_source& counters);

/// Whether it removes something, and so may be carried out on a full disk.
bool frees_room(const catalog_command& command) noexcept;

/// The logs that applying `command` will leave without a partition.
std::vector<log_uid> logs_removed_by(const catalog_state& before, const catalog_command& command);

}  // namespace iggy::server
