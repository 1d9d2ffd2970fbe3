#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <iggy/base/ids.hpp>
#include <iggy/protocol/command_code.hpp>
#include <iggy/protocol/primitives.hpp>

/// Commands about consumer groups, and their answers.
namespace iggy::protocol {

/// A consumer group, as lists show it.
struct group_info {
    group_id id{};
    std::uint32_t partitions_count = 0;
    std::uint32_t members_count = 0;
    std::string name{};

    friend bool operator==(const group_info&, const group_info&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.id, self.partitions_count, self.members_count);
        wire.name(self.name);
    }
};

/// A member and the partitions that it owns. Ids are given within the group; they are no client
/// ids.
struct group_member {
    std::uint32_t id = 0;
    std::vector<partition_id> partitions{};

    friend bool operator==(const group_member&, const group_member&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.id);
        wire.template counted<std::uint32_t>(self.partitions);
    }
};

/// A consumer group and its members. `info.members_count` is the size of `members`.
struct group_details {
    group_info info{};
    std::vector<group_member> members{};

    friend bool operator==(const group_details&, const group_details&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.info);
        wire.exactly(self.info.members_count, self.members);
    }
};

struct get_consumer_group {
    static constexpr auto code = command_code::get_consumer_group;
    using response_type = std::optional<group_details>;

    identifier stream{};
    identifier topic{};
    identifier group{};

    friend bool operator==(const get_consumer_group&, const get_consumer_group&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.stream, self.topic, self.group);
    }
};

/// All groups of a topic, ascending by id; none when there is no such topic.
struct get_consumer_groups {
    static constexpr auto code = command_code::get_consumer_groups;
    using response_type = std::vector<group_info>;

    identifier stream{};
    identifier topic{};

    friend bool operator==(const get_consumer_groups&, const get_consumer_groups&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.stream, self.topic);
    }
};

struct create_consumer_group {
    static constexpr auto code = command_code::create_consumer_group;
    using response_type = group_info;

    identifier stream{};
    identifier topic{};
    std::string name{};

    friend bool operator==(const create_consumer_group&, const create_consumer_group&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.stream, self.topic);
        wire.name(self.name);
    }
};

struct delete_consumer_group {
    static constexpr auto code = command_code::delete_consumer_group;
    using response_type = empty_response;

    identifier stream{};
    identifier topic{};
    identifier group{};

    friend bool operator==(const delete_consumer_group&, const delete_consumer_group&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.stream, self.topic, self.group);
    }
};

/// Makes this connection a member.
struct join_consumer_group {
    static constexpr auto code = command_code::join_consumer_group;
    using response_type = empty_response;

    identifier stream{};
    identifier topic{};
    identifier group{};

    friend bool operator==(const join_consumer_group&, const join_consumer_group&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.stream, self.topic, self.group);
    }
};

/// Ends the membership of this connection.
struct leave_consumer_group {
    static constexpr auto code = command_code::leave_consumer_group;
    using response_type = empty_response;

    identifier stream{};
    identifier topic{};
    identifier group{};

    friend bool operator==(const leave_consumer_group&, const leave_consumer_group&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.stream, self.topic, self.group);
    }
};

}  // namespace iggy::protocol
