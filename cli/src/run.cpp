#include "run.hpp"

#include <cstdio>
#include <type_traits>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "contexts.hpp"
#include "credentials.hpp"
#include "parse_arguments.hpp"
#include "server_command.hpp"
#include "session.hpp"

namespace iggy::cli {
namespace {

template <class T, class... Ts>
constexpr bool is_any = (std::is_same_v<T, Ts> || ...);

template <class Command>
constexpr bool needs_server =
    !is_any<Command, no_command, server_command, context_list_command, context_use_command,
            context_create_command, context_delete_command>;

constexpr std::uint32_t default_retries = 3;

failure not_yet(const std::string& option) {
    return tool_error(fmt::format("{} is not supported by this version; leave it out", option));
}

/// Options whose feature is not there yet are refused, not ignored.
outcome check_supported(const arguments& given) {
    const auto& connection = given.connection;
    if (connection.transport && *connection.transport != "tcp") {
        const auto& name = *connection.transport;
        if (name == "quic" || name == "http" || name == "ws") {
            return tool_error(fmt::format(
                "the transport {} is not supported by this version; use --transport tcp", name));
        }
        return failure{fmt::format("InvalidTransport(\"{}\")", name), {}, true};
    }
    const std::pair<bool, const char*> options[] = {
        {connection.tcp_tls, "--tcp-tls-enabled"},
        {connection.encryption_key.has_value(), "--encryption-key"},
        {connection.token_name.has_value(), "--token-name"},
        {given.debug_file.has_value(), "--debug"},
    };
    for (const auto& [is_given, name] : options) {
        if (is_given) {
            return not_yet(name);
        }
    }
    return done;
}

result<client::options> connection_options(const connection_arguments& given) {
    client::options options;
    options.connect_retries = given.tcp_retries.value_or(default_retries);
    options.retry_interval = given.tcp_retry_interval.value_or(options.retry_interval);
    if (given.tcp_server_address) {
        const auto read = client::parse_address(*given.tcp_server_address, options);
        if (!read) {
            return failure{"InvalidServerAddress", client::describe(read.error()), true};
        }
    }
    return options;
}

outcome log_in(client::client& server, const client::credentials& who) {
    if (const auto* user = std::get_if<client::password_login>(&who)) {
        const auto logged_in = server.login_user(user->username, user->password);
        if (!logged_in) {
            return failed(fmt::format("Problem with server login for username: {}", user->username),
                          logged_in.error());
        }
    } else if (const auto* token = std::get_if<client::token_login>(&who)) {
        const auto logged_in = server.login_with_token(token->token);
        if (!logged_in) {
            return failed("Problem with server login with token", logged_in.error());
        }
    }
    return done;
}

/// Connects, logs in unless nobody has to, runs the command, logs out.
template <class Command>
outcome run_on_server(const Command& command, const connection_arguments& connection, output& out) {
    constexpr bool needs_login = !std::is_same_v<Command, ping_command>;
    const auto options = connection_options(connection);
    if (!options) {
        return options.error();
    }
    const auto who = needs_login ? resolve_credentials(connection) : client::credentials{};
    if (!who) {
        return who.error();
    }
    auto server = client::client::connect(*options);
    if (!server) {
        return cannot_connect(server.error());
    }
    if (auto logged_in = log_in(*server, *who); !logged_in) {
        return logged_in;
    }
    session with{*server, out};
    if (auto executed = execute(command, with); !executed) {
        return executed;
    }
    if (needs_login) {
        if (const auto left = server->logout(); !left) {
            return failed("Problem with server logout", left.error());
        }
    }
    return done;
}

outcome run_command(arguments given) {
    output out{given.quiet};
    return std::visit(
        [&]<class Command>(const Command& command) -> outcome {
            if constexpr (std::is_same_v<Command, no_command>) {
                std::fputs(overview().c_str(), stdout);
                return done;
            } else if constexpr (std::is_same_v<Command, server_command>) {
                return run_server(command);
            } else if constexpr (needs_server<Command>) {
                const auto context = read_active_context();
                if (!context) {
                    return context.error();
                }
                given.connection = merged(std::move(given.connection), *context);
                if (auto checked = check_supported(given); !checked) {
                    return checked;
                }
                return run_on_server(command, given.connection, out);
            } else {
                return execute(command, out);
            }
        },
        given.command);
}

}  // namespace

int run(std::span<const std::string> command_line) {
    constexpr int failed_exit_code = 1;
    auto parsed = parse_arguments(command_line);
    if (const auto* message = std::get_if<parse_message>(&parsed)) {
        std::fputs(message->text.c_str(), message->exit_code == 0 ? stdout : stderr);
        return message->exit_code;
    }
    auto& given = std::get<arguments>(parsed);
    const auto executed =
        given.completions_shell ? outcome{not_yet("--generate")} : run_command(std::move(given));
    if (!executed) {
        std::fputs(describe(executed.error()).c_str(), stderr);
        return failed_exit_code;
    }
    return 0;
}

}  // namespace iggy::cli
