#include <iggy/base/size_text.hpp>

#include "../session.hpp"
#include "../text.hpp"
#include "show.hpp"

namespace iggy::cli {

outcome execute(const stream_create_command& command, session& with) {
    const auto what = fmt::format("name: {} and ID auto incremented", command.name);
    with.out.line("Executing create stream with {}", what);
    const auto created = with.server.create_stream(command.name);
    if (!created) {
        return failed(fmt::format("Problem creating stream ({})", what), created.error());
    }
    with.out.line("Stream with {} created", what);
    return done;
}

outcome execute(const stream_update_command& command, session& with) {
    const auto& stream = command.stream.text;
    with.out.line("Executing update stream with ID: {} and name: {}", stream, command.name);
    const auto updated = with.server.rename_stream(command.stream.id, command.name);
    if (!updated) {
        return failed(
            fmt::format("Problem updating stream with ID: {} and name: {}", stream, command.name),
            updated.error());
    }
    with.out.line("Stream with ID: {} updated name: {}", stream, command.name);
    return done;
}

outcome execute(const stream_delete_command& command, session& with) {
    const auto& stream = command.stream.text;
    with.out.line("Executing delete stream with ID: {}", stream);
    const auto deleted = with.server.delete_stream(command.stream.id);
    if (!deleted) {
        return failed(fmt::format("Problem deleting stream with ID: {}", stream), deleted.error());
    }
    with.out.line("Stream with ID: {} deleted", stream);
    return done;
}

outcome execute(const stream_get_command& command, session& with) {
    const auto& stream = command.stream.text;
    with.out.line("Executing get stream with ID: {}", stream);
    const auto found = with.server.stream(command.stream.id);
    if (!found) {
        return failed(fmt::format("Problem getting stream with ID: {}", stream), found.error());
    }
    if (!*found) {
        with.out.line("Stream with ID: {} was not found", stream);
        return done;
    }
    const auto& info = (*found)->info;
    table rows{{"Property", "Value"}};
    rows.add({"Stream ID", std::to_string(info.id.raw())});
    rows.add({"Created", utc_time(info.created_at)});
    rows.add({"Stream name", info.name});
    rows.add({"Stream size", format_byte_size(info.size_bytes)});
    rows.add({"Stream message count", std::to_string(info.messages_count)});
    rows.add({"Stream topics count", std::to_string(info.topics_count)});
    with.out.text(rows.framed());
    return done;
}

outcome execute(const stream_list_command& command, session& with) {
    with.out.line("Executing list streams in {} mode", to_text(command.mode));
    const auto streams = with.server.streams();
    if (!streams) {
        return failed("Problem getting list of streams", streams.error());
    }
    if (streams->empty()) {
        with.out.text("No streams found!");
        return done;
    }
    table rows{{"ID", "Created", "Name", "Size (B)", "Messages", "Topics"}};
    for (const auto& stream : *streams) {
        rows.add({std::to_string(stream.id.raw()), utc_time(stream.created_at), stream.name,
                  format_byte_size(stream.size_bytes), std::to_string(stream.messages_count),
                  std::to_string(stream.topics_count)});
    }
    show(with.out, rows, command.mode);
    return done;
}

outcome execute(const stream_purge_command& command, session& with) {
    const auto& stream = command.stream.text;
    with.out.line("Executing purge stream with ID: {}", stream);
    const auto purged = with.server.purge_stream(command.stream.id);
    if (!purged) {
        return failed(fmt::format("Problem purging stream with ID: {}", stream), purged.error());
    }
    with.out.line("Stream with ID: {} purged", stream);
    return done;
}

}  // namespace iggy::cli
