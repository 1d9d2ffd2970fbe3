#include "server_setup.hpp"

#include <fmt/format.h>

#include "names.hpp"

namespace iggy::bench {
namespace {

failure failed(const std::string& what, const client::error& why) {
    return {fmt::format("{}: {}", what, client::describe(why))};
}

result<done_t> create_topic(client::client& server, const workload& work,
                            const std::string& stream) {
    protocol::create_topic topic;
    topic.stream = stream;
    topic.name = topic_name;
    topic.partitions_count = 1;
    topic.expiry = protocol::message_expiry{work.message_expiry.raw()};
    topic.max_size = protocol::max_topic_size{work.topic_bytes_max.raw()};
    if (const auto created = server.create_topic(topic); !created) {
        return failed(fmt::format("cannot create the topic {} of {}", topic_name, stream),
                      created.error());
    }
    return done;
}

result<done_t> create_stream(client::client& server, const workload& work,
                             const std::string& stream) {
    if (const auto created = server.create_stream(stream); !created) {
        return failed("cannot create the stream " + stream, created.error());
    }
    return create_topic(server, work, stream);
}

/// Where new messages of a stream that stays will begin.
result<message_offset> end_of(client::client& server, const std::string& stream) {
    const auto topic = server.topic(stream, topic_name);
    if (!topic) {
        return failed(fmt::format("cannot look at the topic {} of {}", topic_name, stream),
                      topic.error());
    }
    if (!*topic || (**topic).partitions.empty()) {
        return failure{
            fmt::format("the stream {} has no topic {} with a partition", stream, topic_name)};
    }
    const auto& partition = (**topic).partitions.front();
    const bool is_new = partition.messages_count == 0 && partition.current_offset.raw() == 0;
    return is_new ? message_offset{0} : partition.current_offset.next();
}

result<message_offset> set_up(client::client& server, const workload& work,
                              const std::string& stream,
                              const std::function<void(const std::string&)>& warn) {
    const auto found = server.stream(stream);
    if (!found) {
        return failed("cannot look for the stream " + stream, found.error());
    }
    const bool exists = found->has_value();
    if (!work.produces()) {
        if (!exists) {
            return failure{fmt::format(
                "the stream {} is not there: fill it first, as with pinned-producer", stream)};
        }
        return message_offset{0};
    }
    if (exists && work.reuse_streams) {
        return end_of(server, stream);
    }
    if (exists) {
        warn(fmt::format("The stream {} was there and is made anew", stream));
        if (const auto deleted = server.delete_stream(stream); !deleted) {
            return failed("cannot delete the stream " + stream, deleted.error());
        }
    }
    if (const auto created = create_stream(server, work, stream); !created) {
        return created.error();
    }
    return message_offset{0};
}

}  // namespace

result<std::vector<message_offset>> set_up_streams(
    client::client& server, const workload& work,
    const std::function<void(const std::string&)>& warn) {
    std::vector<message_offset> begins;
    for (std::uint32_t number = 1; number <= work.streams; ++number) {
        const auto begin = set_up(server, work, stream_name(number), warn);
        if (!begin) {
            return begin.error();
        }
        begins.push_back(*begin);
    }
    return begins;
}

}  // namespace iggy::bench
