#include "config/environment.hpp"

#include <unistd.h>

#include <fstream>
#include <system_error>

namespace iggy::server {
namespace {

constexpr std::size_t dotenv_bytes_max = 1 << 20;

std::string_view trim(std::string_view text) {
    constexpr std::string_view blanks = " \t\r";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string double_quoted(std::string_view text) {
    std::string value;
    for (std::size_t at = 0; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\' && at + 1 < text.size()) {
            ++at;
            value += text[at] == 'n' ? '\n' : text[at] == 't' ? '\t' : text[at];
        } else {
            value += text[at];
        }
    }
    return value;
}

std::string dotenv_value(std::string_view text) {
    if (text.starts_with('"')) {
        return double_quoted(text.substr(1));
    }
    if (text.starts_with('\'')) {
        text.remove_prefix(1);
        return std::string{text.substr(0, text.find('\''))};
    }
    const std::size_t comment = text.find(" #");
    return std::string{trim(text.substr(0, comment))};
}

}  // namespace

environment process_environment() {
    environment variables;
    for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text{*entry};
        const std::size_t equals = text.find('=');
        if (equals != std::string_view::npos) {
            variables.emplace(text.substr(0, equals), text.substr(equals + 1));
        }
    }
    return variables;
}

std::optional<std::string> variable(const environment& variables, std::string_view name) {
    const auto found = variables.find(name);
    if (found == variables.end() || found->second.empty()) {
        return std::nullopt;
    }
    return found->second;
}

environment parse_dotenv(std::string_view text) {
    constexpr std::string_view exported = "export ";
    environment variables;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = trim(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.starts_with(exported)) {
            line = trim(line.substr(exported.size()));
        }
        const std::size_t equals = line.find('=');
        if (line.starts_with('#') || equals == std::string_view::npos) {
            continue;
        }
        const std::string_view name = trim(line.substr(0, equals));
        if (!name.empty()) {
            variables.emplace(name, dotenv_value(trim(line.substr(equals + 1))));
        }
    }
    return variables;
}

std::optional<std::filesystem::path> find_file(const std::filesystem::path& path,
                                               std::filesystem::path directory) {
    std::error_code ignored;
    if (path.is_absolute()) {
        return std::filesystem::is_regular_file(path, ignored) ? std::optional{path} : std::nullopt;
    }
    while (true) {
        if (auto candidate = directory / path;
            std::filesystem::is_regular_file(candidate, ignored)) {
            return candidate;
        }
        auto parent = directory.parent_path();
        if (parent == directory) {
            return std::nullopt;
        }
        directory = std::move(parent);
    }
}

std::optional<std::string> read_small_file(const std::filesystem::path& path,
                                           std::size_t bytes_max) {
    std::ifstream file{path, std::ios::binary};
    std::string text(bytes_max + 1, '\0');
    if (!file.is_open()) {
        return std::nullopt;
    }
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad() || !file.eof()) {
        return std::nullopt;
    }
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

std::optional<std::string> load_dotenv(environment& variables,
                                       const std::filesystem::path& directory) {
    const auto named = variable(variables, "IGGY_ENV_PATH");
    const auto path =
        named ? std::optional<std::filesystem::path>{*named} : find_file(".env", directory);
    if (!path) {
        return std::nullopt;
    }
    const auto text = read_small_file(*path, dotenv_bytes_max);
    if (!text) {
        return "Cannot read environment variables from path: " + path->string();
    }
    variables.merge(parse_dotenv(*text));
    return (named ? "Loaded environment variables from path: "
                  : "Loaded environment variables from .env file at path: ") +
           path->string();
}

}  // namespace iggy::server
