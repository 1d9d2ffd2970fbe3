#include <fmt/format.h>

#include "command_line.hpp"

// The commands about streams, topics, partitions, segments, clients, offsets and the server.
namespace iggy::cli {
namespace {

void add_stream(CLI::App& app, named& into) {
    add_identifier(app, "STREAM_ID", "Number or name of the stream", into)->required();
}

void add_topic(CLI::App& app, place& into) {
    add_stream(app, into.stream);
    add_identifier(app, "TOPIC_ID", "Number or name of the topic", into.topic)->required();
}

/// Accepted for upstream's sake: the server gives out the numbers.
void add_ignored_id(CLI::App& app, const std::string& names) {
    add_value(app, names, "", [](const std::string&) {})->group("");
}

/// Several words add up; never-expire is neutral, the server's default wins.
void add_to(expiry& sum, const std::string& word) {
    const auto next = parse_expiry(word);
    if (!next) {
        reject(word, next.error().reason + "; expected " + std::string{expiry_form});
    }
    if (sum.is_never() || next->is_server_default()) {
        sum = *next;
    } else if (!sum.is_server_default() && !next->is_never()) {
        sum = expiry::after(sum.life() + next->life());
    }
}

void add_topic_options(CLI::App& app, topic_settings& into) {
    add_value(app, "-m,--max-topic-size", "Largest size of the topic [default: server_default]",
              [&into](const std::string& text) {
                  const auto size = parse_topic_size(text);
                  if (!size) {
                      reject(text,
                             size.error().reason + "; expected " + std::string{topic_size_form});
                  }
                  into.max_size = *size;
              })
        ->type_name("SIZE");
    add_value(app, "-r,--replication-factor", "Replication factor [default: 1]",
              [&into](const std::string& text) {
                  const auto factor = parse_number<std::uint8_t>(text);
                  if (!factor) {
                      reject(text, "expected a number from 0 to 255");
                  }
                  into.replication_factor = *factor;
              })
        ->type_name("N");
}

void add_topic_values(CLI::App& app, topic_settings& into) {
    add_value(app, "COMPRESSION_ALGORITHM", "How producers compress: none or gzip",
              [&into](const std::string& text) {
                  if (text != "none" && text != "gzip") {
                      reject(text, "expected none or gzip");
                  }
                  into.compression = text == "none" ? protocol::compression_algorithm::none
                                                    : protocol::compression_algorithm::gzip;
              })
        ->required();
    auto given = std::make_shared<bool>(false);
    add_values(app, "MESSAGE_EXPIRY",
               "How long messages are kept: durations that add up (1day 1hour), unlimited or "
               "server_default [default: server_default]",
               [&into, given](const std::string& word) {
                   if (!std::exchange(*given, true)) {
                       into.message_expiry = expiry::never();
                   }
                   add_to(into.message_expiry, word);
               });
}

template <class Command>
void add_partition_count(const command_line::added<Command>& command, const std::string& help) {
    constexpr std::uint32_t count_max = 100'000;
    add_topic(command.app, command.values.at);
    add_number(command.app, "PARTITIONS_COUNT", help, command.values.count, 1, count_max)
        ->required();
}

}  // namespace

void add_stream_commands(command_line& grammar) {
    auto& group = grammar.group("stream", "s", "Create, change, list and delete streams");
    auto create = grammar.leaf<stream_create_command>(group, "create", "c", "Create a stream",
                                                      "  iggy stream create prod");
    add_ignored_id(create.app, "-s,--stream-id");
    add_text(create.app, "NAME", "Name of the stream", create.values.name)->required();

    auto remove = grammar.leaf<stream_delete_command>(
        group, "delete", "d", "Delete a stream with all its topics and messages",
        "  iggy stream delete 1\n  iggy stream delete prod");
    add_stream(remove.app, remove.values.stream);

    auto update = grammar.leaf<stream_update_command>(group, "update", "u", "Rename a stream",
                                                      "  iggy stream update prod production");
    add_stream(update.app, update.values.stream);
    add_text(update.app, "NAME", "New name of the stream", update.values.name)->required();

    auto get = grammar.leaf<stream_get_command>(group, "get", "g", "Show one stream",
                                                "  iggy stream get prod");
    add_stream(get.app, get.values.stream);

    auto list = grammar.leaf<stream_list_command>(
        group, "list", "l", "List all streams",
        "  iggy stream list\n  iggy stream list --list-mode list");
    add_list_mode(list.app, list.values.mode);

    auto purge = grammar.leaf<stream_purge_command>(
        group, "purge", "p", "Remove all messages of a stream", "  iggy stream purge prod");
    add_stream(purge.app, purge.values.stream);
}

void add_topic_commands(command_line& grammar) {
    auto& group = grammar.group("topic", "t", "Create, change, list and delete topics");
    auto create = grammar.leaf<topic_create_command>(
        group, "create", "c", "Create a topic",
        "  iggy topic create prod sensors 2 none\n"
        "  iggy topic create prod sensors 2 gzip 1day 1hour\n"
        "  iggy topic create -m 10GiB prod sensors 2 none unlimited");
    add_ignored_id(create.app, "-t,--topic-id");
    add_topic_options(create.app, create.values.settings);
    add_stream(create.app, create.values.stream);
    add_text(create.app, "NAME", "Name of the topic", create.values.settings.name)->required();
    add_number(create.app, "PARTITIONS_COUNT", "Number of partitions",
               create.values.partitions_count)
        ->required();
    add_topic_values(create.app, create.values.settings);

    auto remove = grammar.leaf<topic_delete_command>(group, "delete", "d",
                                                     "Delete a topic with all its messages",
                                                     "  iggy topic delete prod sensors");
    add_topic(remove.app, remove.values.at);

    auto update = grammar.leaf<topic_update_command>(
        group, "update", "u", "Replace name and settings of a topic",
        "  iggy topic update prod sensors detectors none 7days");
    add_topic_options(update.app, update.values.settings);
    add_topic(update.app, update.values.at);
    add_text(update.app, "NAME", "New name of the topic", update.values.settings.name)->required();
    add_topic_values(update.app, update.values.settings);

    auto get = grammar.leaf<topic_get_command>(group, "get", "g", "Show one topic",
                                               "  iggy topic get prod sensors");
    add_topic(get.app, get.values.at);

    auto list = grammar.leaf<topic_list_command>(group, "list", "l", "List the topics of a stream",
                                                 "  iggy topic list prod");
    add_list_mode(list.app, list.values.mode);
    add_stream(list.app, list.values.stream);

    auto purge = grammar.leaf<topic_purge_command>(
        group, "purge", "p", "Remove all messages of a topic", "  iggy topic purge prod sensors");
    add_topic(purge.app, purge.values.at);
}

void add_partition_commands(command_line& grammar) {
    auto& group = grammar.group("partition", "p", "Add and remove partitions of a topic");
    add_partition_count(
        grammar.leaf<partition_create_command>(group, "create", "c", "Add partitions to a topic",
                                               "  iggy partition create prod sensors 10"),
        "How many to add");
    add_partition_count(grammar.leaf<partition_delete_command>(
                            group, "delete", "d", "Remove the last partitions of a topic",
                            "  iggy partition delete prod sensors 10"),
                        "How many to remove");

    constexpr std::uint32_t segments_max = 100'000;
    auto& segments = grammar.group("segment", "seg", "Remove the oldest segments of a partition");
    auto remove = grammar.leaf<segment_delete_command>(
        segments, "delete", "d", "Remove the oldest closed segments that every consumer has read",
        "  iggy segment delete prod sensors 0 2");
    add_topic(remove.app, remove.values.at);
    add_number(remove.app, "PARTITION_ID", "Number of the partition", remove.values.partition)
        ->required();
    add_number(remove.app, "SEGMENTS_COUNT", "How many to remove", remove.values.count, 1,
               segments_max)
        ->required();
}

void add_system_commands(command_line& grammar) {
    auto ping = grammar.leaf<ping_command>(grammar.root(), "ping", "",
                                           "Measure how long the server takes to answer",
                                           "  iggy ping\n  iggy ping -c 3");
    add_number(ping.app, "-c,--count", "How many pings to send [default: 1]", ping.values.count, 1);

    grammar.leaf<me_command>(grammar.root(), "me", "", "Show this connection as the server sees it",
                             "  iggy me");

    auto stats = grammar.leaf<stats_command>(grammar.root(), "stats", "",
                                             "Show figures of the server and its machine",
                                             "  iggy stats\n  iggy stats -o json");
    add_value(stats.app, "-o,--output",
              "Output format [default: table] [possible values: table, list, json, toml]",
              [format = &stats.values.format](const std::string& text) {
                  if (text == "table") {
                      *format = stats_format::table;
                  } else if (text == "list") {
                      *format = stats_format::list;
                  } else if (text == "json") {
                      *format = stats_format::json;
                  } else if (text == "toml") {
                      *format = stats_format::toml;
                  } else {
                      reject(text, "expected table, list, json or toml");
                  }
              })
        ->type_name("OUTPUT");
}

void add_client_commands(command_line& grammar) {
    auto& clients = grammar.group("client", "c", "Show the connections to the server");
    auto get = grammar.leaf<client_get_command>(clients, "get", "g", "Show one connection",
                                                "  iggy client get 42");
    add_number(get.app, "CLIENT_ID", "Number of the connection", get.values.id)->required();
    auto list = grammar.leaf<client_list_command>(clients, "list", "l", "List all connections",
                                                  "  iggy client list");
    add_list_mode(list.app, list.values.mode);

    auto& cluster = grammar.group("cluster", "cl", "Show the nodes of the cluster");
    auto metadata = grammar.leaf<cluster_metadata_command>(
        cluster, "metadata", "m", "Show names, addresses and roles of the nodes",
        "  iggy cluster metadata");
    add_list_mode(metadata.app, metadata.values.mode);
}

namespace {

void add_offset_place(CLI::App& app, offset_place& into) {
    add_value(app, "-k,--kind",
              "Whose offset [default: consumer] [possible values: consumer, consumer-group]",
              [&into](const std::string& text) {
                  const bool group = text == "consumer-group" || text == "cg";
                  if (!group && text != "consumer" && text != "c") {
                      reject(text, "expected consumer or consumer-group");
                  }
                  into.kind =
                      group ? protocol::consumer_kind::group : protocol::consumer_kind::consumer;
              })
        ->type_name("KIND");
    add_identifier(app, "CONSUMER_ID", "Number or name of the consumer", into.consumer)->required();
    add_topic(app, into.at);
    add_number(app, "PARTITION_ID", "Number of the partition", into.partition)->required();
}

}  // namespace

void add_offset_commands(command_line& grammar) {
    auto& group = grammar.group("consumer-offset", "o", "Show and set stored consumer offsets");
    auto get = grammar.leaf<offset_get_command>(group, "get", "g", "Show a stored offset",
                                                "  iggy consumer-offset get 1 prod sensors 0");
    add_offset_place(get.app, get.values.of);
    auto set = grammar.leaf<offset_set_command>(group, "set", "s", "Store an offset",
                                                "  iggy consumer-offset set 1 prod sensors 0 100");
    add_offset_place(set.app, set.values.of);
    add_big_number(set.app, "OFFSET", "Offset of the last message that was read", set.values.offset)
        ->required();
}

void add_server_command(command_line& grammar) {
    auto server = grammar.leaf<server_command>(grammar.root(), "server", "",
                                               "Run the iggy-server installed beside this program",
                                               "  iggy server --with-default-root-credentials");
    server.app.set_help_flag();  // --help is for iggy-server
    server.app.prefix_command();
    auto* app = &server.app;
    server.app.parse_complete_callback(
        [app, values = &server.values] { values->arguments = app->remaining(); });
}

}  // namespace iggy::cli
