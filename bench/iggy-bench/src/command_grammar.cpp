#include "command_grammar.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <iggy/base/duration_text.hpp>
#include <iggy/base/size_text.hpp>

#include "bare_process.hpp"
#include "help_format.hpp"
#include "option_values.hpp"
#include "text.hpp"

namespace iggy::bench {
namespace {

using cli::reject;

class help_formatter : public CLI::FormatterBase {
    std::string make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const override {
        return cli::help_text(*app);
    }
};

constexpr const char* description =
    "Measures an Iggy server: throughput over wall time, latencies over all actors, and what both "
    "sides cost.";

constexpr const char* examples =
    "Examples:\n"
    "  iggy-bench pinned-producer tcp\n"
    "  iggy-bench -m 100 -P 10 -b 10000 pinned-producer --producers 4 tcp\n"
    "  iggy-bench -m 100 -P 10 -b 10000 pinned-consumer --consumers 4 tcp\n"
    "  iggy-bench -r 10MB pinned-producer-and-consumer tcp --server-address 10.0.0.5:8090\n"
    "  iggy-bench pinned-producer tcp output --remark first\n"
    "  iggy-bench --limit -P 10 -b 20000 pinned-producer tcp\n"
    "  iggy-bench limit\n";

/// How a value that belongs to text is read: `parse` returns an `expected` with a text_error.
template <class Value, class Parse>
CLI::Option* add_parsed(CLI::App& app, const std::string& names, const std::string& help,
                        Value& into, Parse parse, std::string_view form) {
    return cli::add_value(app, names, help, [&into, parse, form](const std::string& text) {
        const auto value = parse(text);
        if (!value) {
            reject(text, fmt::format("{}; expected {}", value.error().reason, form));
        }
        into = *value;
    });
}

/// `N` or `A..B`, at least 1.
CLI::Option* add_range(CLI::App& app, const std::string& names, const std::string& help,
                       number_range& into) {
    const auto read = [&into](const std::string& text) {
        const auto dots = text.find("..");
        const auto least = cli::parse_number<std::uint32_t>(text.substr(0, dots));
        const auto greatest = dots == std::string::npos
                                  ? least
                                  : cli::parse_number<std::uint32_t>(text.substr(dots + 2));
        if (!least || !greatest || *least == 0 || *least > *greatest) {
            reject(text, "expected a number from 1, or a range A..B with A <= B");
        }
        into = {*least, *greatest};
    };
    return cli::add_value(app, names, help, read)->type_name("N|A..B");
}

void add_general_options(CLI::App& app, bench_command& into) {
    auto& work = into.work;
    add_range(app, "-m,--message-size", "Payload bytes of a message [default: 1000]",
              work.message_bytes);
    add_range(app, "-P,--messages-per-batch", "Messages of a batch [default: 1000]",
              work.batch_messages);
    auto* batches = cli::add_value(app, "-b,--message-batches",
                                   "Batches of each producer or consumer [default: 1000]",
                                   [&work](const std::string& text) {
                                       work.batches = cli::parse_number<std::uint64_t>(text);
                                       if (!work.batches || *work.batches == 0) {
                                           reject(text, "expected a number from 1");
                                       }
                                   });
    batches->type_name("N");
    add_parsed(app, "-T,--total-data", "Payload bytes of all actors of a kind, instead of -b",
               work.user_bytes, parse_byte_size, byte_size_form)
        ->type_name("SIZE")
        ->excludes(batches);
    add_parsed(app, "-r,--rate-limit",
               "Payload bytes per second of all actors, sent on a schedule that does not wait for "
               "the server; latencies count from when a request was due",
               work.rate, parse_byte_size, byte_size_form)
        ->type_name("SIZE");
    add_parsed(app, "-w,--warmup-time", "Work that long before the figures begin [default: 0s]",
               work.warmup, parse_duration, duration_form)
        ->type_name("DURATION");
    add_parsed(app, "-t,--sampling-time", "Width of a point of the time series [default: 10ms]",
               into.shown.sampling_time, parse_duration, duration_form)
        ->type_name("DURATION");
    cli::add_number(app, "-W,--moving-average-window",
                    "Points of a throughput series that are averaged [default: 20]",
                    into.shown.window, 1);
    cli::add_text(app, "-u,--username", "Who logs in [default: iggy]", into.server.username)
        ->type_name("USERNAME");
    cli::add_text(app, "-p,--password", "Password [default: iggy]", into.server.password)
        ->type_name("PASSWORD");
    cli::add_switch(app, "--reuse-streams", "Keep the streams of an earlier run",
                    work.reuse_streams);
    cli::add_number(app, "--bystanders",
                    "Connections that ping each millisecond beside the load [default: 0]",
                    work.bystanders, 0, 1000);
    cli::add_switch(app, "--pretty", "Print tables instead of lines", into.shown.pretty);
    cli::add_switch(app, "--json",
                    "Print the report as JSON on standard output, and nothing else there",
                    into.shown.json);
}

/// How the limit is measured, beside a kind or alone.
void add_limit_options(CLI::App& app, limit_wish& into) {
    auto* wanted = app.add_flag("--limit", into.wanted);
    wanted->description(
        "Take turns with the least that a server can do, and say what share of it was reached");
    cli::add_number(app, "--limit-turns", "Turns of each [default: 5]", into.turns, 1, 1000)
        ->needs(wanted);
    cli::add_switch(app, "--limit-synced",
                    "The least server syncs each batch, as for a server at level synced",
                    into.synced);
    cli::add_text(app, "--limit-directory",
                  "Where its data are made: the disk of the server's [default: $TMPDIR or /tmp]",
                  into.place)
        ->type_name("DIR");
}

void add_output_options(CLI::App& app, output_place& into) {
    cli::add_text(app, "-o,--output-dir",
                  "Where directories of results are made [default: "
                  "performance_results]",
                  into.directory)
        ->type_name("DIR");
    cli::add_text(app, "--identifier", "Name of this machine [default: host name]",
                  into.identifier);
    cli::add_text(app, "--remark", "Remark, part of the directory's name", into.remark);
    cli::add_text(app, "--extra-info", "Further information", into.extra_info);
    cli::add_text(app, "--gitref", "What was measured [default: the server's version]",
                  into.gitref);
    cli::add_text(app, "--gitref-date", "When that was made [default: now]", into.gitref_date);
}

/// `tcp [OPTIONS] [output [OPTIONS]]`, which ends every kind.
void add_transport(CLI::App& kind, bench_command& into) {
    auto* tcp = kind.add_subcommand("tcp", "Over TCP");
    cli::add_text(*tcp, "--server-address", "Address [default: 127.0.0.1:8090]",
                  into.server.address)
        ->type_name("HOST:PORT");
    tcp->add_flag("--nodelay")->description("Accepted, and always so: requests go out at once");
    tcp->require_subcommand(0, 1);
    auto* output = tcp->add_subcommand("output", "Write the report into a directory");
    add_output_options(*output, *into.output);
    kind.require_subcommand(1, 1);
}

struct kind_words {
    bench_kind kind;
    const char* name;
    const char* alias;
    const char* help;
    const char* examples;
};

constexpr kind_words kinds[] = {
    {bench_kind::pinned_producer, "pinned-producer", "pp",
     "Each producer sends to a stream of its own",
     "  iggy-bench pinned-producer --producers 4 tcp\n"
     "  iggy-bench -T 1GB -m 100..2000 pp tcp --server-address 10.0.0.5:8090\n"
     "  iggy-bench -r 5MB -P 1 -b 10000 pp tcp output --remark paced"},
    {bench_kind::pinned_consumer, "pinned-consumer", "pc",
     "Each consumer polls a stream of its own, which is there already",
     "  iggy-bench pinned-producer tcp && iggy-bench pinned-consumer tcp"},
    {bench_kind::pinned_producer_and_consumer, "pinned-producer-and-consumer", "ppc",
     "Each producer sends to a stream of its own, and a consumer follows",
     "  iggy-bench pinned-producer-and-consumer tcp\n"
     "  iggy-bench -P 100 ppc --producers 4 --consumers 4 tcp"},
};

void add_topic_options(CLI::App& app, workload& work) {
    add_parsed(app, "-T,--max-topic-size", "Most that a topic keeps [default: unlimited]",
               work.topic_bytes_max, parse_topic_size, topic_size_form)
        ->type_name("SIZE");
    add_parsed(app, "-e,--message-expiry", "How long messages are kept [default: never]",
               work.message_expiry, parse_expiry, expiry_form)
        ->type_name("EXPIRY");
}

void add_kind(CLI::App& app, bench_command& into, const kind_words& words) {
    constexpr std::uint32_t actors_default = 8;
    auto* kind = app.add_subcommand(words.name, words.help)->alias(words.alias);
    kind->footer(std::string{"Examples:\n"} + words.examples);
    auto& work = into.work;
    const bool produces = words.kind != bench_kind::pinned_consumer;
    const bool consumes = words.kind != bench_kind::pinned_producer;
    cli::add_number(*kind, "-s,--streams", "Streams [default: one for each]", work.streams, 1);
    if (produces) {
        cli::add_number(*kind, "-p,--producers", "Producers [default: 8]", work.producers, 1);
        add_topic_options(*kind, work);
    }
    if (consumes) {
        cli::add_number(*kind, "-c,--consumers", "Consumers [default: 8]", work.consumers, 1);
    }
    if (produces && consumes) {
        cli::add_value(*kind, "-R,--read-amplification",
                       "Consumers' part of the rate, as many times the producers' [default: 1.05]",
                       [&work](const std::string& text) {
                           if (!CLI::detail::lexical_cast(text, work.read_amplification) ||
                               !(work.read_amplification > 0)) {
                               reject(text, "expected a number greater than 0");
                           }
                       })
            ->type_name("F");
    }
    kind->parse_complete_callback([&work, words, produces, consumes] {
        work.kind = words.kind;
        const auto or_default = [](std::uint32_t given) {
            return given == 0 ? actors_default : given;
        };
        work.producers = produces ? or_default(work.producers) : 0;
        work.consumers = consumes ? or_default(work.consumers) : 0;
        if (work.streams == 0) {
            work.streams = produces ? work.producers : work.consumers;
        }
    });
    add_transport(*kind, into);
}

void add_limit(CLI::App& app, limit_command& into) {
    auto* limit = app.add_subcommand(
        "limit",
        "What this machine allows, without a server: memory, disk, the least that a "
        "server can do; takes about ten seconds");
    cli::add_number(*limit, "-c,--connections", "Connections to the least server [default: 8]",
                    into.connections, 1, 1000);
    limit->footer(
        "-m, -P, --limit-synced, --limit-directory and --json stand before the word; without -P\n"
        "batches of 1, 10, 100 and 1000 messages are tried.\n\n"
        "Examples:\n"
        "  iggy-bench limit\n"
        "  iggy-bench -m 100 -P 10 --limit-directory /var/lib/iggy limit --connections 64");
}

void add_bare_server(CLI::App& app, bare_server_command& into) {
    auto* bare = app.add_subcommand(bare_server_word,
                                    "Serve as the least that a server can do, until it is killed");
    cli::add_text(*bare, "DIRECTORY", "Where the messages go", into.directory)->required();
    cli::add_switch(*bare, bare_server_sync_word, "Sync the file of a batch before it is answered",
                    into.syncs);
    bare->footer(
        "It prints its port on the loopback interface. It keeps nothing, checks nothing and "
        "is no server to use.");
}

/// What keeps work from being done in turns with the limit.
std::optional<std::string> limit_contradiction(const bench_command& given) {
    const workload& work = given.work;
    const std::uint64_t turns = given.limit.turns;
    if (work.rate) {
        return "with --rate-limit a server and the limit do the same: no share can be said";
    }
    if (work.consumes() && !work.message_bytes.is_fixed()) {
        return "the limit of consumers needs messages of one size";
    }
    const std::uint64_t batch_bytes =
        std::uint64_t{work.message_bytes.greatest} * work.batch_messages.greatest;
    const std::uint64_t actors = std::max(work.producers, work.consumers);
    if ((work.batches && *work.batches < turns) ||
        (work.user_bytes && *work.user_bytes / actors / turns < batch_bytes)) {
        return "each turn needs a batch of each actor: more data or fewer --limit-turns";
    }
    return std::nullopt;
}

/// What is wrong with values that fit by themselves; nothing when they fit each other.
std::optional<std::string> contradiction(const bench_command& given) {
    const workload& work = given.work;
    if (work.produces() && work.streams != work.producers) {
        return "each producer has a stream of its own: --streams and --producers must be equal";
    }
    if (work.kind == bench_kind::pinned_consumer && work.streams != work.consumers) {
        return "each consumer has a stream of its own: --streams and --consumers must be equal";
    }
    if (work.consumers > work.streams) {
        return "a consumer reads the stream of its number: more --consumers than --streams";
    }
    if (work.message_bytes.greatest > payload_bytes_max) {
        return fmt::format("a message has at most {} bytes of payload", payload_bytes_max);
    }
    if (work.user_bytes && *work.user_bytes < std::uint64_t{2} * work.message_bytes.least) {
        return "--total-data must be at least twice the message size";
    }
    if (work.rate && *work.rate < work.actors()) {
        return "--rate-limit must be at least a byte per second for each actor";
    }
    if (given.shown.sampling_time <= std::chrono::nanoseconds{0}) {
        return "--sampling-time must be more than 0";
    }
    return given.limit.wanted ? limit_contradiction(given) : std::nullopt;
}

/// The command line as it can be run again, without what must not be shown.
std::string shown_words(std::span<const std::string> words) {
    std::string text = "iggy-bench";
    bool is_secret = false;
    bool is_general = true;  // -p means the producers after the kind
    for (const auto& word : words) {
        const bool joined = word.starts_with("--password=") ||
                            (is_general && word.starts_with("-p") && word.size() > 2);
        const bool quoted = word.find_first_of(" \"'\\$`*?;&|<>()") != std::string::npos;
        if (is_secret || joined) {
            text += joined ? " --password=***" : " ***";
        } else {
            text += quoted ? " '" + word + "'" : " " + word;
        }
        is_general = is_general && std::ranges::none_of(kinds, [&](const kind_words& kind) {
                         return word == kind.name || word == kind.alias;
                     });
        is_secret = !is_secret && (word == "--password" || (word == "-p" && is_general));
    }
    return text;
}

const CLI::App& deepest(const CLI::App& app) {
    const auto parsed = app.get_subcommands();
    return parsed.empty() ? app : deepest(*parsed.front());
}

parse_message wrong(const CLI::App& app, const std::string& why) {
    return {fmt::format("error: {}\n\nUsage: {}\n\nFor more information, try '--help'.\n", why,
                        cli::usage_text(deepest(app))),
            2};
}

/// `limit` with the options that stand before it.
std::variant<any_command, parse_message> complete(const CLI::App& app, limit_command limit,
                                                  const bench_command& general) {
    const bool has_batch = app.get_option("--messages-per-batch")->count() > 0;
    if (!general.work.message_bytes.is_fixed() || !general.work.batch_messages.is_fixed()) {
        return wrong(app, "the limit needs messages and batches of one size");
    }
    limit.message_bytes = general.work.message_bytes.least;
    limit.batch_messages = {1, 10, 100, 1000};
    if (has_batch) {
        limit.batch_messages = {general.work.batch_messages.least};
    }
    limit.limit = general.limit;
    limit.json = general.shown.json;
    return any_command{limit};
}

}  // namespace

std::variant<any_command, parse_message> parse_command_line(std::span<const std::string> words) {
    constexpr std::uint64_t batches_default = 1000;
    bench_command read;
    read.output.emplace();  // for the words after `output`; taken away when there are none
    CLI::App app{description, "iggy-bench"};
    app.formatter(std::make_shared<help_formatter>());
    app.set_help_flag("-h,--help", "Print help");
    app.set_version_flag("-V,--version", "iggy-bench " IGGY_BENCH_VERSION, "Print version");
    app.require_subcommand(1, 1);
    app.footer(std::string{"Options stand before the kind, those of a kind before the transport.\n"
                           "Ctrl-C ends a run early; what was measured until then is shown.\n\n"
                           "Exit codes: 0 done, 1 the benchmark failed, 2 the command line is "
                           "wrong.\n\n"} +
               examples);
    add_general_options(app, read);
    add_limit_options(app, read.limit);
    for (const auto& kind : kinds) {
        add_kind(app, read, kind);
    }
    limit_command limit;
    add_limit(app, limit);
    bare_server_command bare;
    add_bare_server(app, bare);
    app.add_subcommand("examples", "Print examples")->alias("e");

    std::vector<std::string> reversed{words.rbegin(), words.rend()};  // as CLI11 takes them
    try {
        app.parse(std::move(reversed));
    } catch (const CLI::CallForHelp&) {
        return parse_message{cli::help_text(deepest(app)), 0};
    } catch (const CLI::CallForVersion& version) {
        return parse_message{std::string{version.what()} + "\n", 0};
    } catch (const CLI::ParseError& why) {
        const auto left = app.remaining(true);
        return wrong(
            app, left.empty() ? why.what() : fmt::format("unexpected argument '{}'", left.front()));
    }
    if (app.got_subcommand("examples")) {
        return parse_message{examples, 0};
    }
    if (app.got_subcommand("limit")) {
        return complete(app, limit, read);
    }
    if (app.got_subcommand(bare_server_word)) {
        return any_command{bare};
    }
    if (!read.work.batches && !read.work.user_bytes) {
        read.work.batches = batches_default;
    }
    if (const auto why = contradiction(read)) {
        return wrong(app, *why);
    }
    if (deepest(app).get_name() != "output") {
        read.output.reset();
    }
    read.words = shown_words(words);
    return any_command{read};
}

}  // namespace iggy::bench
