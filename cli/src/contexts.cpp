#include "contexts.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include <fmt/format.h>
#include <toml++/toml.h>
#include <iggy/base/duration_text.hpp>

#include "commands/show.hpp"
#include "table.hpp"

namespace iggy::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view default_name = "default";

struct context_files {
    toml::table contexts;
    std::string active{default_name};

    bool has(std::string_view name) const {
        return name == default_name || contexts.contains(name);
    }
};

failure sole(std::string message) { return {std::move(message), {}, false}; }

fs::path home() {
    if (const char* set = std::getenv("IGGY_HOME"); set != nullptr && *set != '\0') {
        return set;
    }
    const char* user_home = std::getenv("HOME");
    return fs::path{user_home == nullptr ? "." : user_home} / ".iggy";
}

std::string trimmed(const std::string& text) {
    constexpr const char* space = " \t\r\n";
    const auto first = text.find_first_not_of(space);
    return first == std::string::npos
               ? std::string{}
               : text.substr(first, text.find_last_not_of(space) - first + 1);
}

/// The file's text; empty when there is none.
result<std::string> read_file(const fs::path& file) {
    std::error_code none;
    if (!fs::exists(file, none)) {
        return std::string{};
    }
    std::ifstream in{file, std::ios::binary};
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) {
        return failure{"could not read context state", "cannot read " + file.string(), false};
    }
    return std::move(text).str();
}

result<context_files> read_files() {
    const auto text = read_file(home() / "contexts.toml");
    const auto active = read_file(home() / ".active_context");
    if (!text || !active) {
        return text ? active.error() : text.error();
    }
    context_files read;
    try {
        read.contexts = toml::parse(*text);
    } catch (const toml::parse_error& wrong) {
        return failure{
            "could not read context state",
            fmt::format("{} is no valid TOML: {} in line {}", (home() / "contexts.toml").string(),
                        wrong.description(), wrong.source().begin.line),
            false};
    }
    if (auto name = trimmed(*active); !name.empty()) {
        read.active = std::move(name);
    }
    return read;
}

/// Writes a file that only its owner can read; it is there whole or not at all.
outcome write_file(const fs::path& file, const std::string& text) {
    std::error_code none;
    fs::create_directories(file.parent_path(), none);
    const auto fresh = file.string() + ".new";
    const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        return failure{"could not write context state", "cannot create " + fresh, false};
    }
    const bool whole = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const bool closed = ::close(fd) == 0;
    if (!whole || !closed || ::rename(fresh.c_str(), file.c_str()) != 0) {
        return failure{"could not write context state", "cannot write " + file.string(), false};
    }
    return done;
}

outcome write_contexts(const toml::table& contexts) {
    std::ostringstream text;
    text << contexts << '\n';
    return write_file(home() / "contexts.toml", std::move(text).str());
}

outcome write_active(const std::string& name) {
    return write_file(home() / ".active_context", name);
}

/// Letters and digits of any language, `-` and `_`: outside ASCII every byte counts as a letter.
bool is_name_character(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

outcome check_new_name(const std::string& name) {
    if (trimmed(name).empty()) {
        return sole("context name cannot be empty or whitespace-only");
    }
    if (!std::ranges::all_of(name, is_name_character)) {
        return sole(
            "context name must contain only alphanumeric characters, hyphens, and underscores");
    }
    if (name == default_name) {
        return sole("cannot create a context named 'default' - it is reserved");
    }
    return done;
}

outcome check_transport(const std::optional<std::string>& transport) {
    constexpr std::array known{"tcp", "quic", "http", "ws"};
    if (transport && std::ranges::find(known, *transport) == known.end()) {
        return sole(fmt::format("invalid transport '{}' - valid values are: tcp, quic, http, ws",
                                *transport));
    }
    return done;
}

template <class Value>
void insert(toml::table& into, const char* key, const std::optional<Value>& value) {
    if (value) {
        into.insert_or_assign(key, *value);
    }
}

toml::table to_toml(const context_create_command& command) {
    toml::table values;
    insert(values, "transport", command.transport);
    insert(values, "tcp_server_address", command.tcp_server_address);
    insert(values, "http_api_url", command.http_api_url);
    insert(values, "quic_server_address", command.quic_server_address);
    insert(values, "tcp_tls_enabled", command.tcp_tls_enabled);
    insert(values, "username", command.username);
    insert(values, "password", command.password);
    insert(values, "token", command.token);
    insert(values, "token_name", command.token_name);
    return values;
}

result<connection_arguments> from_toml(const toml::table& values) {
    const auto text = [&](const char* key) { return values[key].value<std::string>(); };
    connection_arguments read;
    read.transport = text("transport");
    read.tcp_server_address = text("tcp_server_address");
    read.tcp_tls = values["tcp_tls_enabled"].value_or(false);
    read.encryption_key = text("encryption_key");
    read.username = text("username");
    read.password = text("password");
    read.token = text("token");
    read.token_name = text("token_name");
    read.tcp_retries = values["tcp_reconnection_max_retries"].value<std::uint32_t>();
    if (const auto interval = text("tcp_reconnection_interval")) {
        const auto duration = parse_duration(*interval);
        if (!duration) {
            return failure{"could not read context state",
                           fmt::format("tcp_reconnection_interval = \"{}\": {}; expected {}",
                                       *interval, duration.error().reason, duration_form),
                           false};
        }
        read.tcp_retry_interval = std::chrono::ceil<std::chrono::milliseconds>(*duration);
    }
    return read;
}

}  // namespace

result<connection_arguments> read_active_context() {
    const auto files = read_files();
    if (!files) {
        return files.error();
    }
    if (!files->has(files->active)) {
        return sole(fmt::format("context key '{}' is missing from contexts.toml", files->active));
    }
    const auto* values = files->contexts[files->active].as_table();
    return values == nullptr ? connection_arguments{} : from_toml(*values);
}

connection_arguments merged(connection_arguments command_line,
                            const connection_arguments& context) {
    const auto fill = [](auto& field, const auto& from) {
        if (!field) {
            field = from;
        }
    };
    const bool names_somebody =
        command_line.username || command_line.token || command_line.token_name;
    if (!names_somebody) {
        command_line.username = context.username;
        command_line.token = context.token;
        command_line.token_name = context.token_name;
        fill(command_line.password, context.password);
    }
    fill(command_line.transport, context.transport);
    fill(command_line.tcp_server_address, context.tcp_server_address);
    fill(command_line.tcp_retries, context.tcp_retries);
    fill(command_line.tcp_retry_interval, context.tcp_retry_interval);
    fill(command_line.encryption_key, context.encryption_key);
    command_line.tcp_tls = command_line.tcp_tls || context.tcp_tls;
    return command_line;
}

outcome execute(const context_list_command& command, output& out) {
    out.line("Executing list contexts in {} mode", to_text(command.mode));
    const auto files = read_files();
    if (!files) {
        return files.error();
    }
    std::vector<std::string> names{std::string{default_name}};
    for (const auto& [key, value] : files->contexts) {
        if (key.str() != default_name) {
            names.emplace_back(key.str());
        }
    }
    std::ranges::sort(names);
    table rows{{"Name"}};
    for (const auto& name : names) {
        rows.add({name == files->active ? name + "*" : name});
    }
    show(out, rows, command.mode);
    return done;
}

outcome execute(const context_use_command& command, output& out) {
    out.line("Executing use context {}", command.name);
    const auto files = read_files();
    if (!files) {
        return files.error();
    }
    if (!files->has(command.name)) {
        return sole(fmt::format("context key '{}' is missing from contexts.toml", command.name));
    }
    if (auto written = write_active(command.name); !written) {
        return written;
    }
    out.line("active context set to '{}'", command.name);
    return done;
}

outcome execute(const context_create_command& command, output& out) {
    out.line("Executing create context {}", command.name);
    if (auto checked = check_new_name(command.name); !checked) {
        return checked;
    }
    if (auto checked = check_transport(command.transport); !checked) {
        return checked;
    }
    auto files = read_files();
    if (!files) {
        return files.error();
    }
    if (files->has(command.name)) {
        return sole(fmt::format("context '{}' already exists in contexts.toml", command.name));
    }
    files->contexts.insert_or_assign(command.name, to_toml(command));
    if (auto written = write_contexts(files->contexts); !written) {
        return written;
    }
    out.line("context '{}' created successfully", command.name);
    return done;
}

outcome execute(const context_delete_command& command, output& out) {
    out.line("Executing delete context {}", command.name);
    if (command.name == default_name) {
        return sole("cannot delete the 'default' context");
    }
    auto files = read_files();
    if (!files) {
        return files.error();
    }
    if (!files->has(command.name)) {
        return sole(fmt::format("context '{}' not found in contexts.toml", command.name));
    }
    files->contexts.erase(command.name);
    if (auto written = write_contexts(files->contexts); !written) {
        return written;
    }
    if (files->active == command.name) {
        if (auto written = write_active(std::string{default_name}); !written) {
            return written;
        }
    }
    out.line("context '{}' deleted successfully", command.name);
    return done;
}

}  // namespace iggy::cli
