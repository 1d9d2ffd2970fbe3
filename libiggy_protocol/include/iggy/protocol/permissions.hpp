#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include <iggy/base/ids.hpp>

/// What a user may do. Source: Iggy 0.8, core/common/src/types/permissions/permissions_global.rs.
namespace iggy::protocol {

/// Rights over everything.
struct global_permissions {
    bool manage_servers = false;
    bool read_servers = false;
    bool manage_users = false;
    bool read_users = false;
    bool manage_streams = false;
    bool read_streams = false;
    bool manage_topics = false;
    bool read_topics = false;
    bool poll_messages = false;
    bool send_messages = false;

    friend bool operator==(const global_permissions&, const global_permissions&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.manage_servers, self.read_servers, self.manage_users, self.read_users,
                    self.manage_streams, self.read_streams, self.manage_topics, self.read_topics,
                    self.poll_messages, self.send_messages);
    }
};

/// Rights over one topic.
struct topic_permissions {
    topic_id topic{};
    bool manage_topic = false;
    bool read_topic = false;
    bool poll_messages = false;
    bool send_messages = false;

    friend bool operator==(const topic_permissions&, const topic_permissions&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.topic, self.manage_topic, self.read_topic, self.poll_messages,
                    self.send_messages);
    }
};

/// Keeps the last entry of each id and sorts by id, as the server stores and shows them.
template <class List, class Id>
void keep_last_of_each(List& list, Id id_of) {
    if (std::ranges::adjacent_find(list, std::greater_equal{}, id_of) == list.end()) {
        return;  // each id is greater than the one before: the usual case
    }
    std::map<std::uint32_t, std::size_t> last;  // where the last entry of each id stands
    for (std::size_t at = 0; at < list.size(); ++at) {
        last[std::invoke(id_of, list[at]).raw()] = at;
    }
    List kept;
    kept.reserve(last.size());
    for (const auto& [id, at] : last) {
        kept.push_back(std::move(list[at]));
    }
    list = std::move(kept);
}

/// Rights over one stream and its topics.
struct stream_permissions {
    stream_id stream{};
    bool manage_stream = false;
    bool read_stream = false;
    bool manage_topics = false;
    bool read_topics = false;
    bool poll_messages = false;
    bool send_messages = false;
    std::vector<topic_permissions> topics{};  ///< decoded: ascending by id, each id once

    friend bool operator==(const stream_permissions&, const stream_permissions&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.stream, self.manage_stream, self.read_stream, self.manage_topics,
                    self.read_topics, self.poll_messages, self.send_messages);
        wire.chain(self.topics);
        if constexpr (Wire::reading) {
            keep_last_of_each(self.topics, &topic_permissions::topic);
        }
    }
};

/// All rights of a user.
struct permissions {
    global_permissions global{};
    std::vector<stream_permissions> streams{};  ///< decoded: ascending by id, each id once

    friend bool operator==(const permissions&, const permissions&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.global);
        wire.chain(self.streams);
        if constexpr (Wire::reading) {
            keep_last_of_each(self.streams, &stream_permissions::stream);
        }
    }
};

}  // namespace iggy::protocol
