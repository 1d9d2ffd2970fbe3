#include "../session.hpp"
#include "../table.hpp"

namespace iggy::cli {
namespace {

/// `for stream with ID: s and topic with ID: t and partition with ID: p`
std::string place_text(const offset_place& of) {
    return fmt::format("for stream with ID: {} and topic with ID: {} and partition with ID: {}",
                       of.at.stream.text, of.at.topic.text, of.partition);
}

}  // namespace

outcome execute(const offset_get_command& command, session& with) {
    const auto& of = command.of;
    const bool group = of.kind == protocol::consumer_kind::group;
    const auto what = fmt::format("offset for consumer{} with ID: {} {}", group ? " group" : "",
                                  of.consumer.text, place_text(of));
    with.out.line("Executing get consumer {}", what);
    const auto found = with.server.consumer_offset({.consumer = {of.kind, of.consumer.id},
                                                    .stream = of.at.stream.id,
                                                    .topic = of.at.topic.id,
                                                    .partition = partition_id{of.partition}});
    if (!found) {
        return failed("Problem getting consumer " + what, found.error());
    }
    if (!*found) {
        with.out.line("Consumer {} was not found", what);
        return done;
    }
    table rows{{"Property", "Value"}};
    rows.add({"Consumer ID", of.consumer.text});
    rows.add({"Stream ID", of.at.stream.text});
    rows.add({"Topic ID", of.at.topic.text});
    rows.add({"Partition ID", std::to_string((*found)->partition.raw())});
    rows.add({"Current offset", std::to_string((*found)->current_offset.raw())});
    rows.add({"Stored offset", std::to_string((*found)->stored_offset.raw())});
    with.out.text(rows.framed());
    return done;
}

outcome execute(const offset_set_command& command, session& with) {
    const auto& of = command.of;
    const auto what =
        fmt::format("offset for consumer with ID: {} {}", of.consumer.text, place_text(of));
    with.out.line("Executing set consumer {} to {}", what, command.offset);
    const auto stored =
        with.server.store_consumer_offset({.consumer = {of.kind, of.consumer.id},
                                           .stream = of.at.stream.id,
                                           .topic = of.at.topic.id,
                                           .partition = partition_id{of.partition},
                                           .offset = message_offset{command.offset}});
    if (!stored) {
        return failed("Problem setting consumer " + what, stored.error());
    }
    with.out.line("Consumer {} set to {}", what, command.offset);
    return done;
}

}  // namespace iggy::cli
