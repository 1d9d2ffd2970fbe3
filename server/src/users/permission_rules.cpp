#include "users/permission_rules.hpp"

#include <algorithm>
#include <array>
#include <type_traits>

namespace iggy::server {

namespace {

using protocol::command_code;

// One bit per right, in the order of the wire.
namespace over_all {
enum right : std::uint16_t {
    manage_servers = 1 << 0,
    read_servers = 1 << 1,
    manage_users = 1 << 2,
    read_users = 1 << 3,
    manage_streams = 1 << 4,
    read_streams = 1 << 5,
    manage_topics = 1 << 6,
    read_topics = 1 << 7,
    poll_messages = 1 << 8,
    send_messages = 1 << 9,
};
constexpr unsigned all_streams = manage_streams | read_streams;
constexpr unsigned all_topics = manage_topics | read_topics;
}  // namespace over_all
namespace over_stream {
enum right : std::uint16_t {
    manage_stream = 1 << 0,
    read_stream = 1 << 1,
    manage_topics = 1 << 2,
    read_topics = 1 << 3,
    poll_messages = 1 << 4,
    send_messages = 1 << 5,
};
constexpr unsigned itself = manage_stream | read_stream;
constexpr unsigned all_topics = manage_topics | read_topics;
}  // namespace over_stream
namespace over_topic {
enum right : std::uint16_t {
    manage_topic = 1 << 0,
    read_topic = 1 << 1,
    poll_messages = 1 << 2,
    send_messages = 1 << 3,
};
constexpr unsigned itself = manage_topic | read_topic;
}  // namespace over_topic

/// Any one of these rights is enough.
struct sufficient {
    rule of;
    unsigned global = 0;
    unsigned stream = 0;
    unsigned topic = 0;
};

constexpr std::array<sufficient, rule_count> sufficient_rights{{
    {rule::none},
    {rule::server_info, over_all::manage_servers | over_all::read_servers},
    {rule::read_users, over_all::manage_users | over_all::read_users},
    {rule::manage_users, over_all::manage_users},
    {rule::list_streams, over_all::all_streams},
    {rule::read_stream, over_all::all_streams, over_stream::itself},
    {rule::create_stream, over_all::manage_streams},
    {rule::manage_stream, over_all::manage_streams, over_stream::manage_stream},
    {rule::list_topics, over_all::all_streams | over_all::all_topics,
     over_stream::itself | over_stream::all_topics},
    {rule::read_topic, over_all::all_streams | over_all::all_topics,
     over_stream::itself | over_stream::all_topics, over_topic::itself},
    {rule::create_topic, over_all::manage_streams | over_all::manage_topics,
     over_stream::manage_stream | over_stream::manage_topics},
    {rule::manage_topic, over_all::manage_streams | over_all::manage_topics,
     over_stream::manage_stream | over_stream::manage_topics, over_topic::manage_topic},
    {rule::poll, over_all::all_streams | over_all::all_topics | over_all::poll_messages,
     over_stream::itself | over_stream::all_topics | over_stream::poll_messages,
     over_topic::itself | over_topic::poll_messages},
    {rule::send, over_all::manage_streams | over_all::manage_topics | over_all::send_messages,
     over_stream::manage_stream | over_stream::manage_topics | over_stream::send_messages,
     over_topic::manage_topic | over_topic::send_messages},
}};

constexpr bool stands_at_its_number(const sufficient& row) {
    return &row == &sufficient_rights[static_cast<std::size_t>(row.of)];
}
static_assert(std::ranges::all_of(sufficient_rights, stands_at_its_number));

struct command_rule {
    command_code command;
    rule needed;
};

constexpr std::array<command_rule, protocol::command_count> command_rules{{
    {command_code::ping, rule::none},
    {command_code::get_stats, rule::server_info},
    {command_code::get_snapshot, rule::none},
    {command_code::get_cluster_metadata, rule::none},
    {command_code::get_me, rule::none},
    {command_code::get_client, rule::server_info},
    {command_code::get_clients, rule::server_info},
    {command_code::get_user, rule::read_users},
    {command_code::get_users, rule::read_users},
    {command_code::create_user, rule::manage_users},
    {command_code::delete_user, rule::manage_users},
    {command_code::update_user, rule::manage_users},
    {command_code::update_permissions, rule::manage_users},
    {command_code::change_password, rule::manage_users},
    {command_code::login_user, rule::none},
    {command_code::logout_user, rule::none},
    {command_code::get_personal_access_tokens, rule::none},
    {command_code::create_personal_access_token, rule::none},
    {command_code::delete_personal_access_token, rule::none},
    {command_code::login_with_personal_access_token, rule::none},
    {command_code::poll_messages, rule::poll},
    {command_code::send_messages, rule::send},
    {command_code::flush_unsaved_buffer, rule::send},
    {command_code::get_consumer_offset, rule::poll},
    {command_code::store_consumer_offset, rule::poll},
    {command_code::delete_consumer_offset, rule::poll},
    {command_code::get_stream, rule::read_stream},
    {command_code::get_streams, rule::list_streams},
    {command_code::create_stream, rule::create_stream},
    {command_code::delete_stream, rule::manage_stream},
    {command_code::update_stream, rule::manage_stream},
    {command_code::purge_stream, rule::manage_stream},
    {command_code::get_topic, rule::read_topic},
    {command_code::get_topics, rule::list_topics},
    {command_code::create_topic, rule::create_topic},
    {command_code::delete_topic, rule::manage_topic},
    {command_code::update_topic, rule::manage_topic},
    {command_code::purge_topic, rule::manage_topic},
    {command_code::create_partitions, rule::manage_topic},
    {command_code::delete_partitions, rule::manage_topic},
    {command_code::delete_segments, rule::manage_topic},
    {command_code::get_consumer_group, rule::read_topic},
    {command_code::get_consumer_groups, rule::read_topic},
    {command_code::create_consumer_group, rule::read_topic},
    {command_code::delete_consumer_group, rule::read_topic},
    {command_code::join_consumer_group, rule::read_topic},
    {command_code::leave_consumer_group, rule::read_topic},
}};
static_assert(std::ranges::is_sorted(command_rules, {}, &command_rule::command));

template <class... Rights>
constexpr unsigned bits(Rights... rights) noexcept {
    unsigned all = 0;
    unsigned at = 0;
    ((all |= static_cast<unsigned>(rights) << at++), ...);
    return all;
}

unsigned bits_of(const protocol::global_permissions& of) noexcept {
    return bits(of.manage_servers, of.read_servers, of.manage_users, of.read_users,
                of.manage_streams, of.read_streams, of.manage_topics, of.read_topics,
                of.poll_messages, of.send_messages);
}
unsigned bits_of(const protocol::stream_permissions& of) noexcept {
    return bits(of.manage_stream, of.read_stream, of.manage_topics, of.read_topics,
                of.poll_messages, of.send_messages);
}
unsigned bits_of(const protocol::topic_permissions& of) noexcept {
    return bits(of.manage_topic, of.read_topic, of.poll_messages, of.send_messages);
}

template <class List, class Id, class Member>
auto find_sorted(const List& list, Id id, Member id_of) noexcept {
    const auto at = std::ranges::lower_bound(list, id, {}, id_of);
    return at != list.end() && *at.*id_of == id ? &*at : nullptr;
}

}  // namespace

rule rule_of(command_code code) noexcept {
    const auto* row = find_sorted(command_rules, code, &command_rule::command);
    return row == nullptr ? rule::none : row->needed;
}

bool allowed(rule needed, const protocol::permissions* rights, std::optional<stream_id> stream,
             std::optional<topic_id> topic) noexcept {
    if (needed == rule::none) {
        return true;
    }
    if (rights == nullptr) {
        return false;
    }
    const sufficient& any_of = sufficient_rights[static_cast<std::size_t>(needed)];
    if ((bits_of(rights->global) & any_of.global) != 0) {
        return true;
    }
    if (!stream || any_of.stream == 0) {
        return false;
    }
    const auto* of_stream =
        find_sorted(rights->streams, *stream, &protocol::stream_permissions::stream);
    if (of_stream == nullptr) {
        return false;
    }
    if ((bits_of(*of_stream) & any_of.stream) != 0) {
        return true;
    }
    if (!topic) {
        return false;
    }
    const auto* of_topic =
        find_sorted(of_stream->topics, *topic, &protocol::topic_permissions::topic);
    return of_topic != nullptr && (bits_of(*of_topic) & any_of.topic) != 0;
}

}  // namespace iggy::server
