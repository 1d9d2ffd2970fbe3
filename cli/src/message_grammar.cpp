#include "command_line.hpp"
#include "message_headers.hpp"

// The commands about messages and contexts.
namespace iggy::cli {
namespace {

constexpr std::size_t key_bytes_max = 255;

void add_place(CLI::App& app, place& into) {
    add_identifier(app, "STREAM_ID", "Number or name of the stream", into.stream)->required();
    add_identifier(app, "TOPIC_ID", "Number or name of the topic", into.topic)->required();
}

void add_partition(CLI::App& app, std::uint32_t& into) {
    add_number(app, "PARTITION_ID", "Number of the partition", into)->required();
}

void add_send(command_line& grammar, CLI::App& group) {
    auto send = grammar.leaf<message_send_command>(
        group, "send", "s", "Send messages: arguments, a file, or the lines of standard input",
        "  iggy message send prod sensors hello world\n"
        "  iggy message send --partition-id 2 prod sensors hello\n"
        "  iggy message send -H \"source:string:lab,level:uint8:3\" prod sensors hello\n"
        "  cat lines.txt | iggy message send prod sensors");
    auto& values = send.values;
    auto* partition = add_value(send.app, "-p,--partition-id", "Partition to send to",
                                [&values](const std::string& text) {
                                    values.partition = parse_number<std::uint32_t>(text);
                                    if (!values.partition) {
                                        reject(text, "expected the number of a partition");
                                    }
                                })
                          ->type_name("N");
    add_value(send.app, "-m,--message-key", "Messages of one key go to one partition",
              [&values](const std::string& text) {
                  if (text.empty() || text.size() > key_bytes_max) {
                      reject(text, "expected 1 to 255 bytes");
                  }
                  values.key = text;
              })
        ->type_name("KEY")
        ->excludes(partition);
    add_values(send.app, "-H,--headers", "User headers of every message: key:kind:value,...",
               [&values](const std::string& text) {
                   const auto read = parse_headers(text);
                   if (!read) {
                       reject(text, read.error().reason);
                   }
                   values.headers.insert(values.headers.end(), read->begin(), read->end());
               })
        ->type_name("LIST");
    auto* file =
        add_text(send.app, "--input-file",
                 "File with messages as `message poll --output-file` writes it", values.input_file)
            ->type_name("FILE");
    add_place(send.app, values.at);
    add_values(send.app, "MESSAGE", "Messages; without any, lines of standard input are sent",
               [&values](const std::string& text) { values.messages.push_back(text); })
        ->excludes(file);
}

/// Counts the strategies that were given: exactly one is needed.
void require_one(const std::vector<CLI::Option*>& strategies) {
    std::size_t given = 0;
    for (const auto* option : strategies) {
        given += option->count() > 0 ? 1 : 0;
    }
    if (given != 1) {
        throw CLI::ValidationError{
            "exactly one of --offset, --first, --last and --next must be given"};
    }
}

void add_poll(command_line& grammar, CLI::App& group) {
    auto poll = grammar.leaf<message_poll_command>(
        group, "poll", "p", "Read messages of a partition",
        "  iggy message poll --offset 0 --message-count 10 prod sensors 0\n"
        "  iggy message poll --next --auto-commit --consumer 7 prod sensors 0\n"
        "  iggy message poll --first --output-file messages.bin prod sensors 0");
    auto& values = poll.values;
    values.consumer = {"0", protocol::identifier::from_number(0)};
    const auto strategy = [&](const char* names, const char* help,
                              protocol::polling_strategy start) {
        return poll.app.add_flag_callback(
            names, [&values, start] { values.strategy = start; }, help);
    };
    auto* offset = add_value(poll.app, "-o,--offset", "Start at this offset",
                             [&values](const std::string& text) {
                                 const auto at = parse_number<std::uint64_t>(text);
                                 if (!at) {
                                     reject(text, "expected an offset");
                                 }
                                 values.strategy =
                                     protocol::polling_strategy::from_offset(message_offset{*at});
                             })
                       ->type_name("N");
    using protocol::polling_strategy;
    auto* first = strategy("-f,--first", "Start at the oldest message", polling_strategy::first());
    auto* last = strategy("-l,--last", "End at the newest message", polling_strategy::last());
    auto* next = strategy("-n,--next", "Go on after the stored offset of the consumer",
                          polling_strategy::next());
    add_number(poll.app, "-m,--message-count", "How many messages at most [default: 1]",
               values.count, 1);
    add_switch(poll.app, "-a,--auto-commit", "Store the offset of the last message read",
               values.auto_commit);
    add_identifier(poll.app, "-c,--consumer", "Whose offset is used and stored [default: 0]",
                   values.consumer)
        ->type_name("CONSUMER_ID");
    add_switch(poll.app, "-s,--show-headers", "Show user headers", values.show_headers);
    add_text(poll.app, "--output-file", "Append the messages to this file instead of showing them",
             values.output_file)
        ->type_name("FILE");
    add_place(poll.app, values.at);
    add_partition(poll.app, values.partition);
    poll.app.parse_complete_callback([=] { require_one({offset, first, last, next}); });
}

void add_flush(command_line& grammar, CLI::App& group) {
    auto flush = grammar.leaf<message_flush_command>(
        group, "flush", "f", "Write what a partition still holds in memory to its file",
        "  iggy message flush prod sensors 0\n  iggy message flush --fsync prod sensors 0");
    add_switch(flush.app, "-f,--fsync", "Wait until it is on stable storage", flush.values.fsync);
    add_place(flush.app, flush.values.at);
    add_partition(flush.app, flush.values.partition);
}

}  // namespace

void add_message_commands(command_line& grammar) {
    auto& group = grammar.group("message", "m", "Send, read and flush messages");
    add_send(grammar, group);
    add_poll(grammar, group);
    add_flush(grammar, group);
}

void add_context_commands(command_line& grammar) {
    auto& group = grammar.group("context", "ctx", "Keep connection options under names");
    auto list = grammar.leaf<context_list_command>(group, "list", "l", "List all contexts",
                                                   "  iggy context list");
    add_list_mode(list.app, list.values.mode);

    auto use = grammar.leaf<context_use_command>(group, "use", "u", "Make a context the active one",
                                                 "  iggy context use dev");
    add_text(use.app, "NAME", "Name of the context", use.values.name)->required();

    auto create = grammar.leaf<context_create_command>(
        group, "create", "c", "Create a context",
        "  iggy context create dev --tcp-server-address 10.0.0.5:8090 -u iggy -p iggy");
    auto& values = create.values;
    add_text(create.app, "--transport", "Transport", values.transport)->type_name("TRANSPORT");
    add_text(create.app, "--tcp-server-address", "Server address over TCP",
             values.tcp_server_address)
        ->type_name("HOST:PORT");
    add_text(create.app, "--http-api-url", "URL of the HTTP API", values.http_api_url)
        ->type_name("URL");
    add_text(create.app, "--quic-server-address", "Server address over QUIC",
             values.quic_server_address)
        ->type_name("HOST:PORT");
    add_value(create.app, "--tcp-tls-enabled", "Whether TCP uses TLS",
              [&values](const std::string& text) {
                  if (text != "true" && text != "false") {
                      reject(text, "expected true or false");
                  }
                  values.tcp_tls_enabled = text == "true";
              })
        ->type_name("BOOL");
    add_text(create.app, "-u,--username", "User name", values.username)->type_name("USERNAME");
    add_text(create.app, "-p,--password", "Password", values.password)->type_name("PASSWORD");
    add_text(create.app, "-t,--token", "Personal access token", values.token)->type_name("TOKEN");
    add_text(create.app, "-n,--token-name", "Name of a stored token", values.token_name)
        ->type_name("NAME");
    add_text(create.app, "NAME", "Name of the context", values.name)->required();

    auto remove = grammar.leaf<context_delete_command>(group, "delete", "d", "Delete a context",
                                                       "  iggy context delete dev");
    add_text(remove.app, "NAME", "Name of the context", remove.values.name)->required();
}

}  // namespace iggy::cli
