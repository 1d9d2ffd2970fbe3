#include <iggy/protocol/command_code.hpp>

#include <algorithm>

namespace iggy::protocol {

namespace {

struct entry {
    command_code code;
    std::string_view name;
};

// Ascending by code, for the binary search below.
constexpr auto entries = std::to_array<entry>({
    {command_code::ping, "ping"},
    {command_code::get_stats, "stats"},
    {command_code::get_snapshot, "snapshot"},
    {command_code::get_cluster_metadata, "cluster.metadata"},
    {command_code::get_me, "me"},
    {command_code::get_client, "client.get"},
    {command_code::get_clients, "client.list"},
    {command_code::get_user, "user.get"},
    {command_code::get_users, "user.list"},
    {command_code::create_user, "user.create"},
    {command_code::delete_user, "user.delete"},
    {command_code::update_user, "user.update"},
    {command_code::update_permissions, "user.permissions"},
    {command_code::change_password, "user.password"},
    {command_code::login_user, "user.login"},
    {command_code::logout_user, "user.logout"},
    {command_code::get_personal_access_tokens, "personal_access_token.list"},
    {command_code::create_personal_access_token, "personal_access_token.create"},
    {command_code::delete_personal_access_token, "personal_access_token.delete"},
    {command_code::login_with_personal_access_token, "personal_access_token.login"},
    {command_code::poll_messages, "message.poll"},
    {command_code::send_messages, "message.send"},
    {command_code::flush_unsaved_buffer, "message.flush_unsaved_buffer"},
    {command_code::get_consumer_offset, "consumer_offset.get"},
    {command_code::store_consumer_offset, "consumer_offset.store"},
    {command_code::delete_consumer_offset, "consumer_offset.delete"},
    {command_code::get_stream, "stream.get"},
    {command_code::get_streams, "stream.list"},
    {command_code::create_stream, "stream.create"},
    {command_code::delete_stream, "stream.delete"},
    {command_code::update_stream, "stream.update"},
    {command_code::purge_stream, "stream.purge"},
    {command_code::get_topic, "topic.get"},
    {command_code::get_topics, "topic.list"},
    {command_code::create_topic, "topic.create"},
    {command_code::delete_topic, "topic.delete"},
    {command_code::update_topic, "topic.update"},
    {command_code::purge_topic, "topic.purge"},
    {command_code::create_partitions, "partition.create"},
    {command_code::delete_partitions, "partition.delete"},
    {command_code::delete_segments, "segment.delete"},
    {command_code::get_consumer_group, "consumer_group.get"},
    {command_code::get_consumer_groups, "consumer_group.list"},
    {command_code::create_consumer_group, "consumer_group.create"},
    {command_code::delete_consumer_group, "consumer_group.delete"},
    {command_code::join_consumer_group, "consumer_group.join"},
    {command_code::leave_consumer_group, "consumer_group.leave"},
});

static_assert(entries.size() == command_count);
static_assert(std::ranges::is_sorted(entries, {}, &entry::code));

constexpr auto codes = [] {
    std::array<command_code, command_count> list{};
    std::ranges::transform(entries, list.begin(), &entry::code);
    return list;
}();

const entry* find(command_code code) noexcept {
    const auto* found = std::ranges::lower_bound(entries, code, {}, &entry::code);
    return found != entries.end() && found->code == code ? found : nullptr;
}

}  // namespace

std::span<const command_code, command_count> all_commands() noexcept { return codes; }

std::optional<command_code> to_command_code(std::uint32_t code) noexcept {
    const entry* found = find(static_cast<command_code>(code));
    return found != nullptr ? std::optional{found->code} : std::nullopt;
}

std::string_view name(command_code code) noexcept {
    const entry* found = find(code);
    return found != nullptr ? found->name : std::string_view{"unknown"};
}

}  // namespace iggy::protocol
