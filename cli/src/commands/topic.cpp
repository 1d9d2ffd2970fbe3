#include <iggy/base/size_text.hpp>

#include "../session.hpp"
#include "../text.hpp"
#include "show.hpp"

namespace iggy::cli {
namespace {

protocol::message_expiry to_wire(expiry value) { return protocol::message_expiry{value.raw()}; }
protocol::max_topic_size to_wire(topic_size value) { return protocol::max_topic_size{value.raw()}; }

/// As tables show it: `unlimited` where the server keeps messages for ever.
std::string expiry_text(protocol::message_expiry value) {
    const auto kept = expiry::from_raw(value.raw());
    return kept.is_never() ? "unlimited" : format_expiry(kept);
}

std::string size_text(protocol::max_topic_size value) {
    return format_topic_size(topic_size::from_raw(value.raw()));
}

}  // namespace

outcome execute(const topic_create_command& command, session& with) {
    const auto& settings = command.settings;
    const auto& stream = command.stream.text;
    const auto kept = format_expiry(settings.message_expiry);
    const auto size = format_topic_size(settings.max_size);
    with.out.line(
        "Executing create topic with name: {}, message expiry: {}, compression algorithm: {}, max "
        "topic size: {}, replication factor: {} in stream with ID: {}",
        settings.name, kept, to_text(settings.compression), size, settings.replication_factor,
        stream);
    const auto created =
        with.server.create_topic({.stream = command.stream.id,
                                  .partitions_count = command.partitions_count,
                                  .compression = settings.compression,
                                  .expiry = to_wire(settings.message_expiry),
                                  .max_size = to_wire(settings.max_size),
                                  .replication_factor = settings.replication_factor,
                                  .name = settings.name});
    if (!created) {
        return failed(
            fmt::format("Problem creating topic (name: {}, partitions count: {}) in stream with "
                        "ID: {}",
                        settings.name, command.partitions_count, stream),
            created.error());
    }
    with.out.line(
        "Topic with name: {}, partitions count: {}, compression algorithm: {}, message expiry: {}, "
        "max topic size: {}, replication factor: {} created in stream with ID: {}",
        settings.name, command.partitions_count, to_text(settings.compression), kept, size,
        settings.replication_factor, stream);
    return done;
}

outcome execute(const topic_update_command& command, session& with) {
    const auto& settings = command.settings;
    const auto& topic = command.at.topic.text;
    const auto& stream = command.at.stream.text;
    const auto kept = format_expiry(settings.message_expiry);
    const auto size = format_topic_size(settings.max_size);
    with.out.line(
        "Executing update topic with ID: {}, name: {}, message expiry: {}, compression algorithm: "
        "{}, max topic size: {}, replication factor: {}, in stream with ID: {}",
        topic, settings.name, kept, to_text(settings.compression), size,
        settings.replication_factor, stream);
    const auto updated =
        with.server.update_topic({.stream = command.at.stream.id,
                                  .topic = command.at.topic.id,
                                  .compression = settings.compression,
                                  .expiry = to_wire(settings.message_expiry),
                                  .max_size = to_wire(settings.max_size),
                                  .replication_factor = settings.replication_factor,
                                  .name = settings.name});
    if (!updated) {
        return failed(fmt::format("Problem updating topic (ID: {}, name: {}, message expiry: {}) "
                                  "in stream with ID: {}",
                                  topic, settings.name, kept, stream),
                      updated.error());
    }
    with.out.line(
        "Topic with ID: {} updated name: {}, updated message expiry: {}, updated compression "
        "algorithm: {}, updated max topic size: {}, updated replication factor: {} in stream with "
        "ID: {}",
        topic, settings.name, kept, to_text(settings.compression), size,
        settings.replication_factor, stream);
    return done;
}

outcome execute(const topic_delete_command& command, session& with) {
    const auto& topic = command.at.topic.text;
    const auto& stream = command.at.stream.text;
    with.out.line("Executing delete topic with ID: {} in stream with ID: {}", topic, stream);
    const auto deleted = with.server.delete_topic(command.at.stream.id, command.at.topic.id);
    if (!deleted) {
        return failed(fmt::format("Problem deleting topic with ID: {} in stream {}", topic, stream),
                      deleted.error());
    }
    with.out.line("Topic with ID: {} in stream with ID: {} deleted", topic, stream);
    return done;
}

outcome execute(const topic_get_command& command, session& with) {
    const auto& topic = command.at.topic.text;
    const auto& stream = command.at.stream.text;
    with.out.line("Executing get topic with ID: {} from stream with ID: {}", topic, stream);
    const auto found = with.server.topic(command.at.stream.id, command.at.topic.id);
    if (!found) {
        return failed(fmt::format("Problem getting topic with ID: {} in stream {}", topic, stream),
                      found.error());
    }
    if (!*found) {
        with.out.line("Topic with ID: {} in stream {} was not found", topic, stream);
        return done;
    }
    const auto& info = (*found)->info;
    table rows{{"Property", "Value"}};
    rows.add({"Topic id", std::to_string(info.id.raw())});
    rows.add({"Created", utc_time(info.created_at)});
    rows.add({"Topic name", info.name});
    rows.add({"Topic size", format_byte_size(info.size_bytes)});
    rows.add({"Compression", std::string{to_text(info.compression)}});
    rows.add({"Message expiry", expiry_text(info.expiry)});
    rows.add({"Max topic size", size_text(info.max_size)});
    rows.add({"Topic message count", std::to_string(info.messages_count)});
    rows.add({"Partitions count", std::to_string(info.partitions_count)});
    with.out.text(rows.framed());
    return done;
}

outcome execute(const topic_list_command& command, session& with) {
    const auto& stream = command.stream.text;
    with.out.line("Executing list topics from stream with ID: {} in {} mode", stream,
                  to_text(command.mode));
    const auto topics = with.server.topics(command.stream.id);
    if (!topics) {
        return failed(fmt::format("Problem getting topics from stream {}", stream), topics.error());
    }
    table rows{{"ID", "Created", "Name", "Size (B)", "Max Topic Size (B)", "Compression",
                "Message Expiry (s)", "Messages Count", "Partitions Count"}};
    for (const auto& topic : *topics) {
        rows.add({std::to_string(topic.id.raw()), utc_time(topic.created_at), topic.name,
                  format_byte_size(topic.size_bytes), size_text(topic.max_size),
                  std::string{to_text(topic.compression)}, expiry_text(topic.expiry),
                  std::to_string(topic.messages_count), std::to_string(topic.partitions_count)});
    }
    show(with.out, rows, command.mode);
    return done;
}

outcome execute(const topic_purge_command& command, session& with) {
    const auto& topic = command.at.topic.text;
    const auto& stream = command.at.stream.text;
    with.out.line("Executing purge topic with ID: {} in stream with ID: {}", topic, stream);
    const auto purged = with.server.purge_topic(command.at.stream.id, command.at.topic.id);
    if (!purged) {
        return failed(fmt::format("Problem purging topic with ID: {} in stream {}", topic, stream),
                      purged.error());
    }
    with.out.line("Topic with ID: {} in stream with ID: {} purged", topic, stream);
    return done;
}

}  // namespace iggy::cli
