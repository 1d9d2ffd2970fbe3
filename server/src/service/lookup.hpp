#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <iggy/base/ids.hpp>
#include <iggy/protocol/primitives.hpp>
#include <iggy/protocol/streams.hpp>
#include <iggy/protocol/system.hpp>
#include <iggy/protocol/topics.hpp>

#include "catalog/catalog_state.hpp"
#include "service/call.hpp"

/// Finding places in the catalog and showing them.
namespace iggy::server {

/// A stream of one state of the catalog, which stays as it is while this exists.
struct found_stream {
    std::shared_ptr<const catalog_state> state;
    const stream_entry* stream = nullptr;
};

/// A topic of one state of the catalog, which stays as it is while this exists.
struct found_topic {
    std::shared_ptr<const catalog_state> state;
    const stream_entry* stream = nullptr;
    const topic_entry* topic = nullptr;

    std::uint32_t partitions_count() const noexcept {
        return static_cast<std::uint32_t>(topic->partitions.size());
    }
    /// The log of a partition; nothing when there is no such partition.
    std::optional<log_uid> log_of(partition_id partition) const noexcept {
        if (partition.raw() >= topic->partitions.size()) {
            return std::nullopt;
        }
        return topic->partitions[partition.raw()].log;
    }
};

/// Errors: stream_id_not_found, then unauthorized.
protocol::result<found_stream> find_stream(const call& made, protocol::identifier_view stream);
/// Errors: stream_id_not_found, topic_id_not_found, then unauthorized.
protocol::result<found_topic> find_topic(const call& made, protocol::identifier_view stream,
                                         protocol::identifier_view topic);

protocol::stream_info info_of(const stream_entry& stream);
protocol::topic_info info_of(const topic_entry& topic);
protocol::topic_details details_of(const topic_entry& topic);

/// Fills in how many places and messages there are.
void count_places(const catalog_state& state, protocol::stats& stats);

}  // namespace iggy::server
