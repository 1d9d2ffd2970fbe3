#include "help_format.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace iggy::cli {
namespace {

struct entry {
    std::string left;
    std::string right;
};

std::string section(const std::string& title, const std::vector<entry>& entries) {
    if (entries.empty()) {
        return {};
    }
    std::size_t width = 0;
    for (const auto& one : entries) {
        width = std::max(width, one.left.size());
    }
    std::string text = "\n" + title + ":\n";
    for (const auto& [left, right] : entries) {
        text += fmt::format("  {:<{}}  {}\n", left, width, right);
    }
    return text;
}

bool hidden(const CLI::Option& option) { return option.get_group().empty(); }

std::string argument_name(const CLI::Option& option) {
    const bool several = option.get_items_expected_max() > 1;
    return fmt::format(fmt::runtime(option.get_required() ? "<{}>{}" : "[{}]{}"),
                       option.get_name(true), several ? "..." : "");
}

/// `-s, --stream-id <N>`, long names alone indented to stand below each other.
std::string option_name(const CLI::Option& option) {
    std::string text;
    for (const auto& name : option.get_snames()) {
        text += (text.empty() ? "-" : ", -") + name;
    }
    for (const auto& name : option.get_lnames()) {
        text += (text.empty() ? "    --" : ", --") + name;
    }
    return text + (option.get_type_name().empty() ? "" : " <" + option.get_type_name() + ">");
}

std::vector<const CLI::Option*> options_of(const CLI::App& app, bool positional) {
    return app.get_options([&](const CLI::Option* option) {
        return option->get_positional() == positional && !hidden(*option);
    });
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); });
}

std::string path_of(const CLI::App& app) {
    const auto* parent = app.get_parent();
    return parent == nullptr ? app.get_name() : path_of(*parent) + " " + app.get_name();
}

}  // namespace

std::string usage_text(const CLI::App& app) {
    std::string text = path_of(app);
    if (!options_of(app, false).empty()) {
        text += " [OPTIONS]";
    }
    for (const auto* argument : options_of(app, true)) {
        text += " " + argument_name(*argument);
    }
    if (!commands_of(app).empty()) {
        text += app.get_parent() == nullptr ? " [COMMAND]" : " <COMMAND>";
    }
    return text;
}

std::string commands_text(const CLI::App& app) {
    std::vector<entry> entries;
    for (const auto* sub : commands_of(app)) {
        const auto& aliases = sub->get_aliases();
        const auto suffix = aliases.empty() ? "" : " [aliases: " + aliases.front() + "]";
        entries.push_back({sub->get_name(), sub->get_description() + suffix});
    }
    return section("Commands", entries);
}

std::string help_text(const CLI::App& app) {
    std::vector<entry> arguments;
    for (const auto* argument : options_of(app, true)) {
        arguments.push_back({argument_name(*argument), argument->get_description()});
    }
    std::vector<entry> options;
    for (const auto* option : options_of(app, false)) {
        options.push_back({option_name(*option), option->get_description()});
    }
    return app.get_description() + "\n\nUsage: " + usage_text(app) + "\n" + commands_text(app) +
           section("Arguments", arguments) + section("Options", options) +
           (app.get_footer().empty() ? "" : "\n" + app.get_footer() + "\n");
}

}  // namespace iggy::cli
