#include "users/permission_rules.hpp"

#include <array>
#include <set>
#include <string>

#include "support/catch.hpp"

using namespace iggy;
using namespace iggy::server;
using protocol::command_code;

namespace {

/// What the specification lists for a rule: names of rights, by where they are held.
struct listed {
    rule of;
    std::set<std::string> global;
    std::set<std::string> stream;
    std::set<std::string> topic;
};

const std::array<listed, rule_count - 1> specification{{
    {rule::server_info, {"manage_servers", "read_servers"}, {}, {}},
    {rule::read_users, {"manage_users", "read_users"}, {}, {}},
    {rule::manage_users, {"manage_users"}, {}, {}},
    {rule::list_streams, {"manage_streams", "read_streams"}, {}, {}},
    {rule::read_stream, {"manage_streams", "read_streams"}, {"manage_stream", "read_stream"}, {}},
    {rule::create_stream, {"manage_streams"}, {}, {}},
    {rule::manage_stream, {"manage_streams"}, {"manage_stream"}, {}},
    {rule::list_topics,
     {"manage_streams", "read_streams", "manage_topics", "read_topics"},
     {"manage_stream", "read_stream", "manage_topics", "read_topics"},
     {}},
    {rule::read_topic,
     {"manage_streams", "read_streams", "manage_topics", "read_topics"},
     {"manage_stream", "read_stream", "manage_topics", "read_topics"},
     {"manage_topic", "read_topic"}},
    {rule::create_topic,
     {"manage_streams", "manage_topics"},
     {"manage_stream", "manage_topics"},
     {}},
    {rule::manage_topic,
     {"manage_streams", "manage_topics"},
     {"manage_stream", "manage_topics"},
     {"manage_topic"}},
    {rule::poll,
     {"manage_streams", "read_streams", "manage_topics", "read_topics", "poll_messages"},
     {"manage_stream", "read_stream", "manage_topics", "read_topics", "poll_messages"},
     {"manage_topic", "read_topic", "poll_messages"}},
    {rule::send,
     {"manage_streams", "manage_topics", "send_messages"},
     {"manage_stream", "manage_topics", "send_messages"},
     {"manage_topic", "send_messages"}},
}};

template <class Rights>
struct named_right {
    const char* name;
    bool Rights::* held;
};

using global_right = named_right<protocol::global_permissions>;
constexpr std::array<global_right, 10> global_rights{{
    {"manage_servers", &protocol::global_permissions::manage_servers},
    {"read_servers", &protocol::global_permissions::read_servers},
    {"manage_users", &protocol::global_permissions::manage_users},
    {"read_users", &protocol::global_permissions::read_users},
    {"manage_streams", &protocol::global_permissions::manage_streams},
    {"read_streams", &protocol::global_permissions::read_streams},
    {"manage_topics", &protocol::global_permissions::manage_topics},
    {"read_topics", &protocol::global_permissions::read_topics},
    {"poll_messages", &protocol::global_permissions::poll_messages},
    {"send_messages", &protocol::global_permissions::send_messages},
}};
using stream_right = named_right<protocol::stream_permissions>;
constexpr std::array<stream_right, 6> stream_rights{{
    {"manage_stream", &protocol::stream_permissions::manage_stream},
    {"read_stream", &protocol::stream_permissions::read_stream},
    {"manage_topics", &protocol::stream_permissions::manage_topics},
    {"read_topics", &protocol::stream_permissions::read_topics},
    {"poll_messages", &protocol::stream_permissions::poll_messages},
    {"send_messages", &protocol::stream_permissions::send_messages},
}};
using topic_right = named_right<protocol::topic_permissions>;
constexpr std::array<topic_right, 4> topic_rights{{
    {"manage_topic", &protocol::topic_permissions::manage_topic},
    {"read_topic", &protocol::topic_permissions::read_topic},
    {"poll_messages", &protocol::topic_permissions::poll_messages},
    {"send_messages", &protocol::topic_permissions::send_messages},
}};

constexpr stream_id the_stream{4};
constexpr topic_id the_topic{6};

protocol::permissions with_stream_entry(stream_id stream) {
    protocol::permissions rights;
    rights.streams.resize(1);
    rights.streams.front().stream = stream;
    return rights;
}

protocol::permissions with_topic_entry(topic_id topic) {
    auto rights = with_stream_entry(the_stream);
    rights.streams.front().topics.resize(1);
    rights.streams.front().topics.front().topic = topic;
    return rights;
}

}  // namespace

TEST_CASE("permissions: each right allows exactly what the specification lists",
          "[server][users]") {
    for (const listed& row : specification) {
        for (const auto& right : global_rights) {
            CAPTURE(static_cast<int>(row.of), right.name);
            protocol::permissions rights;
            rights.global.*right.held = true;
            REQUIRE(allowed(row.of, &rights, the_stream, the_topic) ==
                    row.global.contains(right.name));
        }
        for (const auto& right : stream_rights) {
            CAPTURE(static_cast<int>(row.of), right.name);
            auto rights = with_stream_entry(the_stream);
            rights.streams.front().*right.held = true;
            REQUIRE(allowed(row.of, &rights, the_stream, the_topic) ==
                    row.stream.contains(right.name));
            REQUIRE_FALSE(allowed(row.of, &rights, stream_id{5}, the_topic));
            REQUIRE_FALSE(allowed(row.of, &rights));
        }
        for (const auto& right : topic_rights) {
            CAPTURE(static_cast<int>(row.of), right.name);
            auto rights = with_topic_entry(the_topic);
            rights.streams.front().topics.front().*right.held = true;
            REQUIRE(allowed(row.of, &rights, the_stream, the_topic) ==
                    row.topic.contains(right.name));
            REQUIRE_FALSE(allowed(row.of, &rights, the_stream, topic_id{7}));
            REQUIRE_FALSE(allowed(row.of, &rights, the_stream));
        }
    }
}

TEST_CASE("permissions: a user without rights passes only what needs none", "[server][users]") {
    REQUIRE(allowed(rule::none, nullptr));
    for (const listed& row : specification) {
        REQUIRE_FALSE(allowed(row.of, nullptr, the_stream, the_topic));
    }
}

TEST_CASE("permissions: every command has its rule", "[server][users]") {
    REQUIRE(rule_of(command_code::ping) == rule::none);
    REQUIRE(rule_of(command_code::get_stats) == rule::server_info);
    REQUIRE(rule_of(command_code::change_password) == rule::manage_users);
    REQUIRE(rule_of(command_code::get_streams) == rule::list_streams);
    REQUIRE(rule_of(command_code::update_stream) == rule::manage_stream);
    REQUIRE(rule_of(command_code::create_topic) == rule::create_topic);
    REQUIRE(rule_of(command_code::delete_segments) == rule::manage_topic);
    REQUIRE(rule_of(command_code::delete_consumer_offset) == rule::poll);
    REQUIRE(rule_of(command_code::flush_unsaved_buffer) == rule::send);
    REQUIRE(rule_of(command_code::create_consumer_group) == rule::read_topic);
    std::size_t without_rule = 0;
    for (const command_code each : protocol::all_commands()) {
        without_rule += rule_of(each) == rule::none ? 1 : 0;
    }
    REQUIRE(without_rule == 10);
}
