#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <span>

#include <iggy/base/duration_text.hpp>
#include <iggy/base/size_text.hpp>

#include "../message_headers.hpp"
#include "../session.hpp"
#include "../text.hpp"
#include "show.hpp"

namespace iggy::cli {
namespace {

using protocol::outgoing_message;

/// More than this goes out in several requests, so that a long input costs bounded memory.
constexpr std::size_t batch_bytes_max = std::size_t{16} * 1024 * 1024;

std::uint64_t now_micros() {
    using std::chrono::system_clock;
    return to_raw(std::chrono::floor<std::chrono::microseconds>(system_clock::now()));
}

std::string target_of(const place& at) {
    return fmt::format("to topic with ID: {} and stream with ID: {}", at.topic.text,
                       at.stream.text);
}

protocol::partitioning partitioning_of(const message_send_command& command) {
    if (command.partition) {
        return protocol::partitioning::to(partition_id{*command.partition});
    }
    if (command.key) {
        return protocol::partitioning::by_key(*command.key);
    }
    return protocol::partitioning::balanced();
}

/// Sends messages in as many requests as their size needs.
outcome send_all(const message_send_command& command, session& with,
                 std::span<const outgoing_message> messages) {
    const auto where = partitioning_of(command);
    while (!messages.empty()) {
        std::size_t count = 0;
        std::size_t bytes = 0;
        while (count < messages.size() && (count == 0 || bytes < batch_bytes_max)) {
            bytes += message_layout::header_bytes + messages[count].payload.size() +
                     messages[count].user_headers.size();
            ++count;
        }
        const auto sent = with.server.send(command.at.stream.id, command.at.topic.id, where,
                                           messages.first(count));
        if (!sent) {
            return failed("Problem sending messages " + target_of(command.at), sent.error());
        }
        messages = messages.subspan(count);
    }
    return done;
}

outcome send_texts(const message_send_command& command, session& with,
                   std::span<const std::string> texts) {
    const auto headers = protocol::encode_user_headers(command.headers);
    if (!headers) {
        return failure{"Problem sending messages " + target_of(command.at),
                       protocol::describe(headers.error()), false};
    }
    std::vector<outgoing_message> messages;
    messages.reserve(texts.size());
    for (const auto& text : texts) {
        messages.push_back({{}, as_bytes(text), *headers, now_micros()});
    }
    return send_all(command, with, messages);
}

/// Up to a batch of lines; none at the end of the input.
std::vector<std::string> read_lines(std::istream& in) {
    std::vector<std::string> lines;
    std::size_t bytes = 0;
    for (std::string line; bytes < batch_bytes_max && std::getline(in, line);) {
        if (line.ends_with('\r')) {
            line.pop_back();
        }
        bytes += message_layout::header_bytes + line.size();
        lines.push_back(std::move(line));
    }
    return lines;
}

outcome send_standard_input(const message_send_command& command, session& with) {
    auto lines = read_lines(std::cin);
    if (lines.empty()) {
        return failure{"Failed to create messages from stdin", "there is no line on standard input",
                       false};
    }
    for (; !lines.empty(); lines = read_lines(std::cin)) {
        if (auto sent = send_texts(command, with, lines); !sent) {
            return sent;
        }
    }
    return done;
}

outcome send_file(const message_send_command& command, session& with, const std::string& file) {
    std::ifstream in{file, std::ios::binary};
    if (!in) {
        return failure{"Problem opening file for reading: " + file, "is it there and readable?",
                       false};
    }
    const std::string content{std::istreambuf_iterator<char>{in}, {}};
    if (in.bad()) {
        return failure{"Problem reading file: " + file, {}, false};
    }
    with.out.line("Read {} bytes from {} file", content.size(), file);
    std::vector<outgoing_message> messages;
    std::size_t used = 0;
    for (const auto message : message_range{as_bytes(content)}) {
        messages.push_back(
            {message.id(), message.payload(), message.user_headers(), message.origin_timestamp()});
        used += message.bytes().size();
    }
    if (used < content.size()) {
        fmt::print(stderr,
                   "Failed to parse message from bytes: the file ends inside a message, or its "
                   "lengths are over their limits at offset {}\n",
                   used);
    }
    with.out.line("Created {} messages using {} bytes", messages.size(), used);
    return send_all(command, with, messages);
}

outcome send_from_source(const message_send_command& command, session& with) {
    if (command.input_file) {
        return send_file(command, with, *command.input_file);
    }
    if (!command.messages.empty()) {
        return send_texts(command, with, command.messages);
    }
    return send_standard_input(command, with);
}

/// A table of messages, with a column for each distinct header when they are asked for.
std::string messages_text(const client::polled_batch& batch, bool show_headers) {
    struct column {
        std::string key;
        std::string kind;
    };
    std::vector<column> columns;
    const auto column_of = [&](const shown_header& header) {
        return std::ranges::find_if(columns, [&](const column& known) {
            return known.key == header.key && known.kind == header.kind;
        });
    };
    std::vector<std::vector<shown_header>> headers;
    for (const auto& message : batch) {
        headers.push_back(show_headers ? shown_headers(message.user_headers())
                                       : std::vector<shown_header>{});
        for (const auto& header : headers.back()) {
            if (column_of(header) == columns.end()) {
                columns.push_back({header.key, header.kind});
            }
        }
    }
    table::row titles{"Offset", "Timestamp", "ID", "Length", "Payload"};
    const std::size_t first_header = titles.size();
    for (const auto& [key, kind] : columns) {
        titles.push_back(fmt::format("Header: {}\n{}", key, kind));
    }
    table rows{titles};
    for (std::size_t i = first_header; i < titles.size(); ++i) {
        rows.centre(i);
    }
    std::size_t at = 0;
    for (const auto& message : batch) {
        table::row cells{std::to_string(message.offset().raw()),
                         local_time_with_micros(message.timestamp()), decimal(message.id()),
                         std::to_string(message.payload().size()), printable(message.payload())};
        cells.resize(titles.size());
        for (const auto& header : headers[at]) {
            const auto place = static_cast<std::size_t>(column_of(header) - columns.begin());
            cells[first_header + place] = header.value;
        }
        rows.add(std::move(cells));
        ++at;
    }
    return rows.framed();
}

outcome store_messages(const client::polled_batch& batch, const std::string& file, output& out) {
    out.line("Storing messages to {} binary file", file);
    std::ofstream stored{file, std::ios::binary | std::ios::app};
    if (!stored) {
        return failure{"Problem opening file for writing: " + file, "is its directory there?",
                       false};
    }
    const auto bytes = as_text(batch.bytes());
    stored.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    stored.close();
    if (!stored) {
        return failure{"Problem writing message to file: " + file, "is the disk full?", false};
    }
    out.line("Stored {} of total size {} to {} binary file", counted_messages(batch.size()),
             format_byte_size(bytes.size()), file);
    return done;
}

}  // namespace

outcome execute(const message_send_command& command, session& with) {
    with.out.line("Executing send messages {}", target_of(command.at));
    if (auto sent = send_from_source(command, with); !sent) {
        return sent;
    }
    with.out.line("Sent messages {}", target_of(command.at));
    return done;
}

outcome execute(const message_poll_command& command, session& with) {
    const auto& topic = command.at.topic.text;
    const auto& stream = command.at.stream.text;
    with.out.line("Executing poll messages from topic ID: {} and stream with ID: {}", topic,
                  stream);
    const auto start = std::chrono::steady_clock::now();
    const auto batch =
        with.server.poll({.consumer = {protocol::consumer_kind::consumer, command.consumer.id},
                          .stream = command.at.stream.id,
                          .topic = command.at.topic.id,
                          .partition = partition_id{command.partition},
                          .strategy = command.strategy,
                          .count = command.count,
                          .auto_commit = command.auto_commit});
    if (!batch) {
        return failed("Problem polling messages " + target_of(command.at), batch.error());
    }
    const auto took = std::chrono::steady_clock::now() - start;
    with.out.line(
        "Polled messages from topic with ID: {} and stream with ID: {} (from partition "
        "with ID: {})",
        topic, stream, batch->partition().raw());
    with.out.line("Polled {} of total size {}, it took {}", counted_messages(batch->size()),
                  format_byte_size(batch->bytes().size()), format_duration(took));
    if (command.output_file) {
        return store_messages(*batch, *command.output_file, with.out);
    }
    with.out.text(messages_text(*batch, command.show_headers));
    return done;
}

outcome execute(const message_flush_command& command, session& with) {
    const auto what = fmt::format(
        "messages from topic with ID: {} and stream with ID: {} (partition with ID: {}) {}",
        command.at.topic.text, command.at.stream.text, command.partition,
        command.fsync ? "with fsync" : "without fsync");
    with.out.line("Executing flush {}", what);
    const auto flushed = with.server.flush({.stream = command.at.stream.id,
                                            .topic = command.at.topic.id,
                                            .partition = partition_id{command.partition},
                                            .fsync = command.fsync});
    if (!flushed) {
        return failed("Problem flushing " + what, flushed.error());
    }
    with.out.line("Flushed {}", what);
    return done;
}

}  // namespace iggy::cli
