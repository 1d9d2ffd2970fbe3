#include "option_values.hpp"

#include <utility>

#include <fmt/format.h>

#include "text.hpp"

namespace iggy::cli {

namespace {

constexpr char shield = '\x01';

}  // namespace

std::vector<std::string> shielded(const std::vector<std::string>& words) {
    std::vector<std::string> result;
    bool after_mark = false;
    for (const auto& word : words) {
        if (word == "--" && !after_mark) {
            after_mark = true;
            continue;
        }
        const bool needs_it = after_mark || word.starts_with('[') || word.starts_with(shield);
        result.push_back(needs_it ? shield + word : word);
    }
    return result;
}

std::string unshielded(const std::string& word) {
    return word.starts_with(shield) ? word.substr(1) : word;
}

void reject(const std::string& value, const std::string& why) {
    throw CLI::ValidationError{fmt::format("invalid value '{}': {}", value, why)};
}

CLI::Option* add_value(CLI::App& app, const std::string& names, const std::string& help,
                       text_reader read) {
    return app.add_option(
        names,
        [read = std::move(read)](const CLI::results_t& texts) {
            read(unshielded(texts.front()));
            return true;
        },
        help);
}

CLI::Option* add_values(CLI::App& app, const std::string& names, const std::string& help,
                        text_reader read_each) {
    auto* option = app.add_option(
        names,
        [read_each = std::move(read_each)](const CLI::results_t& texts) {
            for (const auto& text : texts) {
                read_each(unshielded(text));
            }
            return true;
        },
        help);
    if (option->get_positional()) {
        return option->expected(0, CLI::detail::expected_max_vector_size)->allow_extra_args();
    }
    return option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->allow_extra_args(false);
}

CLI::Option* add_switch(CLI::App& app, const std::string& names, const std::string& help,
                        bool& into) {
    return app.add_flag(names, into, help);
}

CLI::Option* add_text(CLI::App& app, const std::string& names, const std::string& help,
                      std::string& into) {
    return add_value(app, names, help, [&into](const std::string& text) { into = text; });
}

CLI::Option* add_text(CLI::App& app, const std::string& names, const std::string& help,
                      std::optional<std::string>& into) {
    return add_value(app, names, help, [&into](const std::string& text) { into = text; });
}

CLI::Option* add_number(CLI::App& app, const std::string& names, const std::string& help,
                        std::uint32_t& into, std::uint32_t least, std::uint32_t greatest) {
    const auto read = [&into, least, greatest](const std::string& text) {
        const auto number = parse_number<std::uint32_t>(text);
        if (!number || *number < least || *number > greatest) {
            reject(text, fmt::format("expected a number from {} to {}", least, greatest));
        }
        into = *number;
    };
    return add_value(app, names, help, read)->type_name("N");
}

CLI::Option* add_big_number(CLI::App& app, const std::string& names, const std::string& help,
                            std::uint64_t& into) {
    const auto read = [&into](const std::string& text) {
        const auto number = parse_number<std::uint64_t>(text);
        if (!number) {
            reject(text, "expected a number from 0 to 18446744073709551615");
        }
        into = *number;
    };
    return add_value(app, names, help, read)->type_name("N");
}

CLI::Option* add_identifier(CLI::App& app, const std::string& names, const std::string& help,
                            named& into) {
    const auto read = [&into](const std::string& text) {
        auto id = parse_identifier(text);
        if (!id) {
            reject(text, "expected a number, or a name of 1 to 255 bytes");
        }
        into = {text, std::move(*id)};
    };
    return add_value(app, names, help, read);
}

CLI::Option* add_list_mode(CLI::App& app, list_mode& into) {
    const auto read = [&into](const std::string& text) {
        if (text != "table" && text != "list") {
            reject(text, "expected table or list");
        }
        into = text == "table" ? list_mode::table : list_mode::list;
    };
    return add_value(app, "-l,--list-mode",
                     "How to print the result [default: table] [possible values: table, list]",
                     read)
        ->type_name("LIST_MODE");
}

}  // namespace iggy::cli
