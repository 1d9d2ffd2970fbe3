#include "parse_arguments.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <iggy/base/duration_text.hpp>

#include "command_line.hpp"
#include "help_format.hpp"

namespace iggy::cli {
namespace {

class help_formatter : public CLI::FormatterBase {
    std::string make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const override {
        return help_text(*app);
    }
};

constexpr const char* description =
    "CLI for Iggy, the persistent message streaming server, over its binary protocol.";

constexpr const char* large_name = R"( ___                     ____ _     ___
|_ _|__ _  __ _ _   _   / ___| |   |_ _|
 | |/ _` |/ _` | | | | | |   | |    | |
 | | (_| | (_| | |_| | | |___| |___ | |
|___\__, |\__, |\__, |  \____|_____|___|
    |___/ |___/ |___/
)";

void add_connection_options(CLI::App& app, connection_arguments& into) {
    add_text(app, "--transport", "How to reach the server [default: tcp] (quic, http, ws: not yet)",
             into.transport)
        ->type_name("TRANSPORT");
    add_text(app, "--tcp-server-address", "Server address [default: 127.0.0.1:8090]",
             into.tcp_server_address)
        ->type_name("HOST:PORT");
    add_value(app, "--tcp-reconnection-max-retries",
              "Further attempts when connecting fails [default: 3]",
              [&into](const std::string& text) {
                  const auto retries = parse_number<std::uint32_t>(text);
                  if (!retries) {
                      reject(text, "expected a number");
                  }
                  into.tcp_retries = retries;
              })
        ->type_name("N");
    add_value(app, "--tcp-reconnection-interval", "Time between the attempts [default: 1s]",
              [&into](const std::string& text) {
                  const auto interval = parse_duration(text);
                  if (!interval) {
                      reject(text,
                             interval.error().reason + "; expected " + std::string{duration_form});
                  }
                  into.tcp_retry_interval = std::chrono::ceil<std::chrono::milliseconds>(*interval);
              })
        ->type_name("DURATION");
    add_switch(app, "--tcp-tls-enabled", "Use TLS (not yet)", into.tcp_tls)->group("");
    add_text(app, "--encryption-key", "Encrypt payloads (not yet)", into.encryption_key)->group("");
}

/// What belongs to other transports is accepted, as upstream does, and has no meaning over TCP.
void add_options_of_other_transports(CLI::App& app) {
    for (const auto* name : {"--credentials-username",
                             "--credentials-password",
                             "--http-api-url",
                             "--http-retries",
                             "--tcp-tls-domain",
                             "--quic-client-address",
                             "--quic-server-address",
                             "--quic-server-name",
                             "--quic-reconnection-max-retries",
                             "--quic-reconnection-interval",
                             "--quic-max-concurrent-bidi-streams",
                             "--quic-datagram-send-buffer-size",
                             "--quic-initial-mtu",
                             "--quic-send-window",
                             "--quic-receive-window",
                             "--quic-response-buffer-size",
                             "--quic-keep-alive-interval",
                             "--quic-max-idle-timeout",
                             "--websocket-server-address",
                             "--websocket-reconnection-max-retries",
                             "--websocket-reconnection-interval"}) {
        add_value(app, name, "", [](const std::string&) {})->group("");
    }
    app.add_flag("--quic-validate-certificate")->group("");
}

void add_general_options(CLI::App& app, arguments& into) {
    add_switch(app, "-q,--quiet", "Print no results to standard output", into.quiet);
    add_text(app, "-d,--debug", "Write a log (not yet)", into.debug_file)->group("");
    auto* username = add_text(app, "-u,--username",
                              "Log in as this user; without -p the password "
                              "is asked for",
                              into.connection.username);
    add_text(app, "-p,--password", "Password of the user", into.connection.password)
        ->type_name("PASSWORD");
    auto* token = add_text(app, "-t,--token", "Log in with this personal access token",
                           into.connection.token);
    auto* token_name = add_text(app, "-n,--token-name", "Log in with a stored token (not yet)",
                                into.connection.token_name);
    username->type_name("USERNAME")->excludes(token)->excludes(token_name);
    token->type_name("TOKEN")->excludes(token_name);
    token_name->group("");
    add_text(app, "--generate", "Print shell completions (not yet)", into.completions_shell)
        ->group("");
}

/// The whole grammar; what it reads goes into `into`, which must outlive the parsing.
std::unique_ptr<CLI::App> make_grammar(arguments& into) {
    auto app = std::make_unique<CLI::App>(description, "iggy");
    app->formatter(std::make_shared<help_formatter>());
    app->set_help_flag("-h,--help", "Print help");
    app->set_version_flag("-V,--version", "iggy-cli " IGGY_CLI_VERSION, "Print version");
    // One command only: CLI11 then takes a later word that is also a command's name for the value
    // it is (`iggy stream create stats`).
    app->require_subcommand(0, 1);
    app->footer(
        "Run 'iggy help COMMAND' for more information on a command.\n\nExamples:\n"
        "  iggy -u iggy -p iggy stream list\n"
        "  iggy --tcp-server-address 10.0.0.5:8090 ping -c 3");
    add_connection_options(*app, into.connection);
    add_options_of_other_transports(*app);
    add_general_options(*app, into);

    command_line grammar{*app, into.command};
    add_stream_commands(grammar);
    add_topic_commands(grammar);
    add_partition_commands(grammar);
    add_system_commands(grammar);
    add_client_commands(grammar);
    add_offset_commands(grammar);
    add_message_commands(grammar);
    add_context_commands(grammar);
    add_server_command(grammar);
    return app;
}

/// `iggy help stream create` and `iggy stream help create` ask for `iggy stream create --help`.
std::vector<std::string> with_help_as_option(std::span<const std::string> words) {
    std::vector<std::string> result{words.begin(), words.end()};
    const std::size_t searched = std::min<std::size_t>(result.size(), 2);
    const auto help = std::find(result.begin(), result.begin() + static_cast<long>(searched),
                                std::string{"help"});
    const bool is_server = !result.empty() && result.front() == "server";
    if (help != result.begin() + static_cast<long>(searched) && !is_server) {
        result.erase(help);
        result.emplace_back("--help");
    }
    return result;
}

const CLI::App& deepest(const CLI::App& app) {
    const auto parsed = app.get_subcommands();
    return parsed.empty() ? app : deepest(*parsed.front());
}

parse_message wrong(const CLI::App& app, const std::string& why) {
    return {fmt::format("error: {}\n\nUsage: {}\n\nFor more information, try '--help'.\n", why,
                        usage_text(deepest(app))),
            2};
}

}  // namespace

std::variant<arguments, parse_message> parse_arguments(std::span<const std::string> command_line) {
    arguments read;
    const auto app = make_grammar(read);
    auto words = with_help_as_option(command_line);
    if (words.empty() || words.front() != "server") {  // whose words are not ours to read
        words = shielded(words);
    }
    std::ranges::reverse(words);  // as CLI11 takes them
    try {
        app->parse(std::move(words));
    } catch (const CLI::CallForHelp&) {
        return parse_message{help_text(deepest(*app)), 0};
    } catch (const CLI::CallForVersion& version) {
        return parse_message{std::string{version.what()} + "\n", 0};
    } catch (const CLI::ExtrasError&) {
        return wrong(*app, fmt::format("unexpected argument '{}' found",
                                       unshielded(app->remaining(true).front())));
    } catch (const CLI::ParseError& why) {
        return wrong(*app, why.what());
    }
    return read;
}

std::string overview() {
    arguments unused;
    const auto app = make_grammar(unused);
    return fmt::format(
        "{}\n{}\n\nUsage: {}\n{}\n\nRun 'iggy --help' for full help message.\nRun 'iggy COMMAND "
        "--help' for more information on a command.\n\nFor more information, see "
        "https://iggy.apache.org\n",
        large_name, description, usage_text(*app), commands_text(*app));
}

}  // namespace iggy::cli
