#pragma once

#include <memory>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "arguments.hpp"
#include "option_values.hpp"
#include "text.hpp"

namespace iggy::cli {

/// The command line being described: commands are added to it one by one, and the one that a user
/// gives ends up in the `any_command`.
class command_line {
public:
    command_line(CLI::App& app, any_command& into) noexcept : app_{app}, into_{into} {}

    /// A word that needs a further one: `stream`.
    CLI::App& group(const std::string& name, const std::string& alias, const std::string& help) {
        auto* group = app_.add_subcommand(name, help)->require_subcommand(1, 1);
        if (!alias.empty()) {
            group->alias(alias);
        }
        return *group;
    }

    template <class Command>
    struct added {
        CLI::App& app;
        Command& values;  ///< where options of `app` leave what they read
    };

    /// A command: fill in its options and arguments, in the order in which help shows them.
    template <class Command>
    added<Command> leaf(CLI::App& parent, const std::string& name, const std::string& alias,
                        const std::string& help, const std::string& examples) {
        auto values = std::make_shared<Command>();
        auto* app = parent.add_subcommand(name, help);
        if (!alias.empty()) {
            app->alias(alias);
        }
        app->footer("Examples:\n" + examples);
        app->callback([this_command = &into_, values] { *this_command = *values; });
        return {*app, *values};
    }

    CLI::App& root() noexcept { return app_; }

private:
    CLI::App& app_;
    any_command& into_;
};

void add_stream_commands(command_line& grammar);
void add_topic_commands(command_line& grammar);
void add_partition_commands(command_line& grammar);
void add_system_commands(command_line& grammar);
void add_client_commands(command_line& grammar);
void add_offset_commands(command_line& grammar);
void add_message_commands(command_line& grammar);
void add_context_commands(command_line& grammar);
void add_server_command(command_line& grammar);

}  // namespace iggy::cli
