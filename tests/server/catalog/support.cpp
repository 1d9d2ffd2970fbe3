#include "support.hpp"

#include <fmt/format.h>

#include "support/catch.hpp"

using namespace iggy;
using namespace iggy::server;

grown_catalog::grown_catalog() {
    catalog_record::create_user root;
    root.name = "iggy";
    root.password_hash = "hash";
    root.created_at = test_time;
    root.permissions.emplace().global = {true, true, true, true, true,
                                         true, true, true, true, true};
    run(root);
}

grown_catalog& grown_catalog::run(const catalog_command& command) {
    auto next = apply(*state_, command, no_counters);
    REQUIRE(next.has_value());
    state_ = *next;
    commands_.push_back(command);
    return *this;
}

protocol::result<catalog_command> grown_catalog::ask(const catalog_request& request) {
    return ask_as(protocol::root_user, request);
}

protocol::result<catalog_command> grown_catalog::ask_as(user_id user,
                                                        const catalog_request& request) {
    const user_entry* caller = state_->users.find(user);
    const catalog_caller who{user, caller == nullptr ? 0 : caller->born};
    auto decided = decide(*state_, who, request, rules, test_time);
    if (decided) {
        const auto name_logs = [this](catalog_record::partition_logs_list& logs) {
            for (log_uid& uid : logs.uids) {
                uid = log_uid{next_log_++};
            }
        };
        if (auto* topic = std::get_if<catalog_record::create_topic>(&*decided)) {
            name_logs(topic->partitions);
        }
        if (auto* more = std::get_if<catalog_record::create_partitions>(&*decided)) {
            name_logs(more->partitions);
        }
        run(*decided);
    }
    return decided;
}

protocol::error_code refusal(const protocol::result<catalog_command>& of) {
    return of ? protocol::error_code::error : of.error();
}

std::vector<std::byte> picture(const catalog_state& state) {
    auto bytes = encode_snapshot(state);
    const auto at = bytes.size();
    bytes.resize(at + sizeof state.sequence);
    store_le(bytes, at, state.sequence);
    return bytes;
}

std::string to_hex(byte_view bytes) {
    std::string hex;
    for (const std::byte byte : bytes) {
        hex += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
    }
    return hex;
}

protocol::permissions rights_on(stream_id stream, topic_id topic) {
    protocol::topic_permissions of_topic;
    of_topic.topic = topic;
    of_topic.manage_topic = true;
    protocol::stream_permissions of_stream;
    of_stream.stream = stream;
    of_stream.read_stream = true;
    of_stream.topics = {of_topic};
    protocol::permissions rights;
    rights.streams = {of_stream};
    return rights;
}
