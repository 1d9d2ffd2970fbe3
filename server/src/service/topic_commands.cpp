#include "service/topic_commands.hpp"

#include <string>
#include <variant>

#include "log/log.hpp"
#include "partition/log_request.hpp"
#include "partition/purge.hpp"
#include "service/catalog_changes.hpp"
#include "service/lookup.hpp"

namespace iggy::server {

namespace asio = boost::asio;
using protocol::error_code;

namespace {

using empty_outcome = protocol::result<protocol::empty_response>;
using details_outcome = protocol::result<protocol::topic_details>;

/// Says what this version keeps in mind but does not do yet, once for each topic that asks for it.
void note_unenforced(const topic_entry& topic) {
    topic_runtime& said = *topic.runtime;
    if (topic.expiry != protocol::message_expiry::never() && !said.expiry_noted.exchange(true)) {
        log::warn("server::topics",
                  "Topic {}: message expiry is stored and shown, but not enforced yet.",
                  topic.name);
    }
    if (topic.max_size != protocol::max_topic_size::unlimited() &&
        !said.max_size_noted.exchange(true)) {
        log::warn("server::topics",
                  "Topic {}: the maximum size is stored and shown, but not enforced yet.",
                  topic.name);
    }
}

}  // namespace

protocol::result<protocol::get_topic::response_type> run(call made,
                                                         const protocol::get_topic& request) {
    using response = protocol::get_topic::response_type;
    const auto found = find_topic(made, request.stream, request.topic);
    if (found) {
        return response{details_of(*found->topic)};
    }
    if (found.error() == error_code::unauthorized) {
        return found.error();
    }
    return response{};
}

protocol::result<protocol::get_topics::response_type> run(call made,
                                                          const protocol::get_topics& request) {
    protocol::get_topics::response_type topics;
    const auto found = find_stream(made, request.stream);
    if (!found && found.error() == error_code::unauthorized) {
        return found.error();
    }
    if (found) {
        for (const auto& topic : found->stream->topics) {
            topics.push_back(info_of(topic));
        }
    }
    return topics;
}

asio::awaitable<details_outcome> run(call made, const protocol::create_topic& request) {
    const auto outcome = co_await execute(made, request);
    if (!outcome) {
        co_return outcome.error();
    }
    const auto& record = std::get<catalog_record::create_topic>(outcome->command);
    const topic_entry& topic = *outcome->state->streams.find(record.stream)->topics.find(record.id);
    note_unenforced(topic);
    auto details = details_of(topic);
    for (auto& partition : details.partitions) {
        partition.segments_count = 0;  // nothing was written yet
    }
    co_return details;
}

asio::awaitable<empty_outcome> run(call made, const protocol::delete_topic& request) {
    return execute_quietly(made, request);
}

asio::awaitable<empty_outcome> run(call made, const protocol::update_topic& request) {
    const auto outcome = co_await execute(made, request);
    if (!outcome) {
        co_return outcome.error();
    }
    const auto& record = std::get<catalog_record::update_topic>(outcome->command);
    note_unenforced(*outcome->state->streams.find(record.stream)->topics.find(record.id));
    co_return protocol::empty_response{};
}

asio::awaitable<empty_outcome> run(call made, const protocol::purge_topic& request) {
    const auto found = find_topic(made, request.stream, request.topic);
    if (!found) {
        co_return found.error();
    }
    const auto purged = co_await purge_logs(made.here, made.server.shards, logs_of(*found->topic));
    co_return answer_to(made.server, purged);
}

asio::awaitable<empty_outcome> run(call made, const protocol::create_partitions& request) {
    return execute_quietly(made, request);
}

asio::awaitable<empty_outcome> run(call made, const protocol::delete_partitions& request) {
    return execute_quietly(made, request);
}

asio::awaitable<empty_outcome> run(call made, const protocol::delete_segments& request) {
    // The partition is looked up before the right is checked.
    call without_right = made;
    without_right.permission = rule::none;
    const auto place = find_topic(without_right, request.stream, request.topic);
    if (!place) {
        co_return place.error();
    }
    const auto log = place->log_of(request.partition);
    if (!log) {
        co_return error_code::partition_not_found;
    }
    if (!made.is_allowed(*place->state, place->stream->id, place->topic->id)) {
        co_return error_code::unauthorized;
    }
    const auto start = [count = request.count](storage::engine_log& at, storage::operation& op) {
        return at.delete_oldest_segments(count, op);
    };
    log_request removal{*log, start};
    co_await removal.run(made.here, made.server.shards);
    co_return answer_to(made.server, removal.result());
}

}  // namespace iggy::server
