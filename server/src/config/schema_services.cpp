#include "config/schema_sections.hpp"

namespace iggy::server {
namespace {

using enum key_status;

}  // namespace

/// Keys of what the server does in the background.
void add_service_keys(std::vector<config_key>& keys) {
    keys.insert(
        keys.end(),
        {
            row<codec::duration>(
                "consumer_group.rebalancing_timeout", "\"30s\"", planned,
                "A revocation pending this long is completed by force",
                [](auto& c) -> auto& { return c.consumer_group.rebalancing_timeout; }),
            row<codec::positive_duration>(
                "consumer_group.rebalancing_check_interval", "\"5s\"", planned,
                "Between checks of pending revocations",
                [](auto& c) -> auto& { return c.consumer_group.rebalancing_check_interval; }),
            row<codec::boolean>(
                "data_maintenance.messages.cleaner_enabled", "false", planned,
                "Delete expired messages and trim topics to their size; off: neither happens",
                [](auto& c) -> auto& { return c.data_maintenance.messages.cleaner_enabled; }),
            row<codec::duration>(
                "data_maintenance.messages.interval", "\"1m\"", planned,
                "Between runs of the cleaner",
                [](auto& c) -> auto& { return c.data_maintenance.messages.interval; }),
            row<codec::boolean>("message_saver.enabled", "true", planned,
                                "Write buffered messages of `memory` partitions periodically",
                                [](auto& c) -> auto& { return c.message_saver.enabled; }),
            row<codec::boolean>("message_saver.enforce_fsync", "true", inert,
                                "The periodic flush never syncs",
                                [](auto& c) -> auto& { return c.message_saver.enforce_fsync; }),
            row<codec::duration>("message_saver.interval", "\"30s\"", planned,
                                 "Between flushes; not zero when enabled",
                                 [](auto& c) -> auto& { return c.message_saver.interval; }),
            row<codec::u32>(
                "personal_access_token.max_tokens_per_user", "100", planned,
                "Tokens that a user may hold",
                [](auto& c) -> auto& { return c.personal_access_token.max_tokens_per_user; }),
            row<codec::boolean>(
                "personal_access_token.cleaner.enabled", "true", planned, "Remove expired tokens",
                [](auto& c) -> auto& { return c.personal_access_token.cleaner.enabled; }),
            row<codec::duration>(
                "personal_access_token.cleaner.interval", "\"1m\"", planned,
                "Between runs of that cleaner",
                [](auto& c) -> auto& { return c.personal_access_token.cleaner.interval; }),
            row<codec::boolean>("heartbeat.enabled", "false", planned,
                                "Drop clients that do not ping",
                                [](auto& c) -> auto& { return c.heartbeat.enabled; }),
            row<codec::positive_duration>("heartbeat.interval", "\"5s\"", planned,
                                          "Between checks; a client is stale after 1.2 times this",
                                          [](auto& c) -> auto& { return c.heartbeat.interval; }),
            row<codec::boolean>("telemetry.enabled", "false", planned,
                                "Export logs and traces by OTLP",
                                [](auto& c) -> auto& { return c.telemetry.enabled; }),
            row<codec::text>("telemetry.service_name", "\"iggy\"", planned,
                             "`service.name` of what is exported",
                             [](auto& c) -> auto& { return c.telemetry.service_name; }),
            row<codec::word<telemetry_transport>>(
                "telemetry.logs.transport", "\"grpc\"", planned, "OTLP over gRPC or HTTP",
                [](auto& c) -> auto& { return c.telemetry.logs.transport; }),
            row<codec::text>("telemetry.logs.endpoint", "\"http://localhost:7281/v1/logs\"",
                             planned, "Where logs go",
                             [](auto& c) -> auto& { return c.telemetry.logs.endpoint; }),
            row<codec::word<telemetry_transport>>(
                "telemetry.traces.transport", "\"grpc\"", planned, "OTLP over gRPC or HTTP",
                [](auto& c) -> auto& { return c.telemetry.traces.transport; }),
            row<codec::text>("telemetry.traces.endpoint", "\"http://localhost:7281/v1/traces\"",
                             planned, "Where traces go",
                             [](auto& c) -> auto& { return c.telemetry.traces.endpoint; }),
        });
}

}  // namespace iggy::server
