#include "../session.hpp"
#include "show.hpp"

namespace iggy::cli {
namespace {

/// `3 partitions for topic with ID: t and stream with ID: s`
std::string partitions_of(std::uint32_t count, const place& at) {
    return fmt::format("{} partition{} for topic with ID: {} and stream with ID: {}", count,
                       plural(count), at.topic.text, at.stream.text);
}

}  // namespace

outcome execute(const partition_create_command& command, session& with) {
    const auto what = partitions_of(command.count, command.at);
    with.out.line("Executing create {}", what);
    const auto created =
        with.server.create_partitions(command.at.stream.id, command.at.topic.id, command.count);
    if (!created) {
        return failed("Problem creating " + what, created.error());
    }
    with.out.line("Created {}", what);
    return done;
}

outcome execute(const partition_delete_command& command, session& with) {
    const auto what = partitions_of(command.count, command.at);
    with.out.line("Executing delete {}", what);
    const auto deleted =
        with.server.delete_partitions(command.at.stream.id, command.at.topic.id, command.count);
    if (!deleted) {
        return failed("Problem deleting " + what, deleted.error());
    }
    with.out.line("Deleted {}", what);
    return done;
}

outcome execute(const segment_delete_command& command, session& with) {
    const auto what = fmt::format(
        "{} segment{} for topic with ID: {}, stream with ID: {} and partition with ID: {}",
        command.count, plural(command.count), command.at.topic.text, command.at.stream.text,
        command.partition);
    with.out.line("Executing delete {}", what);
    const auto deleted = with.server.delete_segments({.stream = command.at.stream.id,
                                                      .topic = command.at.topic.id,
                                                      .partition = partition_id{command.partition},
                                                      .count = command.count});
    if (!deleted) {
        return failed("Problem deleting " + what, deleted.error());
    }
    with.out.line("Deleted {}", what);
    return done;
}

}  // namespace iggy::cli
