#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <iggy/base/ids.hpp>
#include <iggy/base/time.hpp>
#include <iggy/protocol/permissions.hpp>
#include <iggy/protocol/primitives.hpp>
#include <iggy/storage/data_directory.hpp>

#include "catalog/slot_table.hpp"

namespace iggy::server {

/// Where the figures of a log are found, as `data_directory::counters`.
using counters_source = std::function<std::shared_ptr<storage::log_counters>(log_uid)>;

struct partition_entry {
    log_uid log;
    timestamp created_at;
    std::shared_ptr<storage::log_counters> counters;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.log, self.created_at);
    }
};

/// What a topic keeps while the server runs, whichever state of the catalog shows it. Any thread.
struct topic_runtime {
    /// Counts balanced sends over all shards.
    std::atomic<std::uint32_t> balanced_sends{0};
    /// The log has said that these are not enforced yet.
    std::atomic<bool> expiry_noted{false};
    std::atomic<bool> max_size_noted{false};
};

/// What can be set when a topic is made and changed later. The server's defaults are filled in.
struct topic_settings {
    protocol::compression_algorithm compression = protocol::compression_algorithm::none;
    protocol::message_expiry expiry = protocol::message_expiry::never();
    protocol::max_topic_size max_size = protocol::max_topic_size::unlimited();
    std::uint8_t replication_factor = 1;

    friend bool operator==(const topic_settings&, const topic_settings&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.compression, self.expiry, self.max_size, self.replication_factor);
    }
};

struct topic_entry : topic_settings {
    topic_id id;
    std::string name;
    timestamp created_at;
    std::vector<partition_entry> partitions;  ///< by partition number
    std::shared_ptr<topic_runtime> runtime = std::make_shared<topic_runtime>();

    /// The partition whose turn it is, over all producers. There is at least one.
    partition_id next_balanced() const noexcept {
        const auto count = static_cast<std::uint32_t>(partitions.size());
        return partition_id{runtime->balanced_sends.fetch_add(1, std::memory_order_relaxed) %
                            count};
    }

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.id, self.created_at);
        topic_settings::layout(wire, self);
        wire.name(self.name);
        wire.template counted<std::uint32_t>(self.partitions);
    }
};

struct stream_entry {
    stream_id id;
    std::string name;
    timestamp created_at;
    slot_table<topic_id, topic_entry> topics;

    const topic_entry* find(protocol::identifier_view topic) const noexcept {
        return topics.find(topic);
    }
    const topic_entry* find(std::string_view topic) const noexcept { return topics.find(topic); }

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.id, self.created_at);
        wire.name(self.name);
        wire.value(self.topics);
    }
};

struct user_entry {
    user_id id;
    std::string name;
    timestamp created_at;
    protocol::user_status status = protocol::user_status::active;
    std::string password_hash;  ///< PHC string
    std::optional<protocol::permissions> permissions;
    /// Number of the command that created the user; tells users apart that had the same id.
    std::uint64_t born = 0;

    const protocol::permissions* rights() const noexcept {
        return permissions ? &*permissions : nullptr;
    }

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.id, self.created_at, self.born, self.status);
        wire.name(self.name);
        wire.name(self.password_hash);
        wire.flagged(self.permissions, [&](auto& rights) { wire.value(rights); });
    }
};

/// Who asks for something: a user, and the `born` it had at login. A session keeps both, so that a
/// user made later under the same number does not inherit it.
struct catalog_caller {
    user_id user;
    std::uint64_t born = 0;
};

/// All streams, topics, partitions and users as they are at one moment. Immutable once published:
/// any thread may read it for as long as it holds it. A copy shares what it does not change.
struct catalog_state {
    std::uint64_t sequence = 0;  ///< number of the last command that led here
    slot_table<stream_id, stream_entry> streams;
    slot_table<user_id, user_entry> users;

    const stream_entry* find(protocol::identifier_view stream) const noexcept {
        return streams.find(stream);
    }
    const stream_entry* find(std::string_view stream) const noexcept {
        return streams.find(stream);
    }
    /// Nothing when the user is gone, even when another one has its number now.
    const user_entry* find(catalog_caller caller) const noexcept {
        const user_entry* user = users.find(caller.user);
        return user != nullptr && user->born == caller.born ? user : nullptr;
    }
};

std::vector<log_uid> logs_of(const topic_entry& topic);
std::vector<log_uid> logs_of(const stream_entry& stream);
std::vector<log_uid> logs_of(const catalog_state& state);

/// Sums over partitions; each counter is right on its own.
struct log_figures {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    std::uint64_t segments = 0;
};
log_figures figures_of(const topic_entry& topic) noexcept;
log_figures figures_of(const stream_entry& stream) noexcept;

}  // namespace iggy::server
