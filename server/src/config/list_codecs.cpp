#include "config/codecs.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "config/toml_text.hpp"

namespace iggy::server::codec {
namespace {

constexpr std::size_t list_items_max = 1000;

std::string_view trim(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// `[a, b, "c,d"]` as an environment variable holds it.
read_result<std::vector<std::string>> parse_bracketed(std::string_view text) {
    text = trim(text);
    if (text.size() < 2 || text.front() != '[' || text.back() != ']') {
        return text_error{"it is not enclosed in brackets"};
    }
    text = text.substr(1, text.size() - 2);
    std::vector<std::string> items;
    while (!trim(text).empty()) {
        bool quoted = false;
        std::size_t end = 0;
        while (end < text.size() && (quoted || text[end] != ',')) {
            quoted = quoted != (text[end] == '"');
            ++end;
        }
        if (quoted) {
            return text_error{"a quote is not closed"};
        }
        std::string_view item = trim(text.substr(0, end));
        if (item.size() >= 2 && item.front() == '"' && item.back() == '"') {
            item = item.substr(1, item.size() - 2);
        }
        items.emplace_back(item);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return items;
}

/// One entry of a list of tables: reads fields by name and remembers what went wrong first.
class table_reader {
public:
    table_reader(const config_value& value, std::size_t index)
        : table_{value.as<config_value::table>()}, name_{"entry " + std::to_string(index)} {
        if (table_ == nullptr) {
            fail("is not a table");
        }
    }

    template <class Codec, class Field>
    void required(std::string_view field, Field& into) {
        if (!optional<Codec>(field, into)) {
            fail("has no " + std::string{field});
        }
    }

    /// Whether the field is there.
    template <class Codec, class Field>
    bool optional(std::string_view field, Field& into) {
        const config_value* value = find(field);
        if (value == nullptr) {
            return false;
        }
        auto read = Codec::read(*value);
        if (!read) {
            fail(std::string{field} + " = " + show(*value) + ": " + read.error().reason);
            return true;
        }
        into = std::move(*read);
        return true;
    }

    const config_value* find(std::string_view field) {
        known_.push_back(field);
        if (table_ == nullptr) {
            return nullptr;
        }
        const auto at = std::ranges::find(*table_, field, &config_value::entry::name);
        return at == table_->end() ? nullptr : &at->value;
    }

    void fail(const std::string& what) {
        if (!error_) {
            error_ = text_error{name_ + " " + what};
        }
    }

    /// The first error; fields that were never asked for are one.
    const std::optional<text_error>& finish() {
        if (table_ != nullptr) {
            for (const auto& [field, value] : *table_) {
                if (std::ranges::find(known_, field) == known_.end()) {
                    fail("has an unknown field \"" + field + "\"");
                }
            }
        }
        return error_;
    }

private:
    const config_value::table* table_;
    std::string name_;
    std::vector<std::string_view> known_;
    std::optional<text_error> error_;
};

/// Reads every entry of a list of tables with `read_entry(entry, table_reader&)`.
template <class Entry, class ReadEntry>
read_result<std::vector<Entry>> read_tables(const config_value& value, ReadEntry read_entry) {
    const auto* items = value.as<config_value::list>();
    if (items == nullptr) {
        return text_error{"it is not a list of tables"};
    }
    if (items->size() > list_items_max) {
        return text_error{"it has more than " + std::to_string(list_items_max) + " entries"};
    }
    std::vector<Entry> entries;
    for (const config_value& item : *items) {
        table_reader reader{item, entries.size()};
        Entry entry;
        read_entry(entry, reader);
        if (const auto& error = reader.finish()) {
            return *error;
        }
        entries.push_back(std::move(entry));
    }
    return entries;
}

/// The port of another node. 0 is read here, and refused by name when the cluster is on.
struct node_port {
    static read_result<std::uint16_t> read(const config_value& value) {
        const auto number = u32::read(value);
        if (!number || *number > std::numeric_limits<std::uint16_t>::max()) {
            return text_error{"it is not a port"};
        }
        return static_cast<std::uint16_t>(*number);
    }
};

void read_ports(cluster_config::node_ports& ports, table_reader& node) {
    const config_value* value = node.find("ports");
    if (value == nullptr) {
        node.fail("has no ports (\"ports = {}\" takes those of this node)");
        return;
    }
    table_reader reader{*value, 0};
    reader.optional<node_port>("tcp", ports.tcp);
    reader.optional<node_port>("quic", ports.quic);
    reader.optional<node_port>("http", ports.http);
    reader.optional<node_port>("websocket", ports.websocket);
    if (const auto& error = reader.finish()) {
        node.fail("has wrong ports: " + error->reason);
    }
}

std::string print_ports(const cluster_config::node_ports& ports) {
    std::string text;
    const auto add = [&text](std::string_view name, const std::optional<std::uint16_t>& number) {
        if (number) {
            text += text.empty() ? " " : ", ";
            text += std::string{name} + " = " + std::to_string(*number);
        }
    };
    add("tcp", ports.tcp);
    add("quic", ports.quic);
    add("http", ports.http);
    add("websocket", ports.websocket);
    return text.empty() ? "{}" : "{" + text + " }";
}

/// `[]`, or one line for each entry.
template <class Entry, class Print>
std::string print_tables(const std::vector<Entry>& entries, Print print_fields) {
    if (entries.empty()) {
        return "[]";
    }
    std::string text = "[\n";
    for (const Entry& entry : entries) {
        text += "    { " + print_fields(entry) + " },\n";
    }
    return text + "]";
}

}  // namespace

read_result<std::vector<std::string>> text_list::read(const config_value& value) {
    if (const auto* raw = value.as<config_value::raw_text>()) {
        return parse_bracketed(raw->text);
    }
    const auto* items = value.as<config_value::list>();
    if (items == nullptr) {
        return text_error{"it is not a list"};
    }
    if (items->size() > list_items_max) {
        return text_error{"it has more than " + std::to_string(list_items_max) + " entries"};
    }
    std::vector<std::string> texts;
    for (const config_value& item : *items) {
        auto read = text::read(item);
        if (!read) {
            return text_error{show(item) + " in it is not a text"};
        }
        texts.push_back(std::move(*read));
    }
    return texts;
}
std::string text_list::print(const std::vector<std::string>& value) {
    return toml_string_list(value);
}

read_result<std::vector<std::string>> http_methods::read(const config_value& value) {
    constexpr std::array<std::string_view, 9> known{"GET",     "POST",    "PUT",   "DELETE", "HEAD",
                                                    "OPTIONS", "CONNECT", "PATCH", "TRACE"};
    auto read = text_list::read(value);
    if (!read) {
        return read;
    }
    for (const std::string& method : *read) {
        std::string upper{trim(method)};
        for (char& c : upper) {
            c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        }
        if (!upper.empty() && std::ranges::find(known, upper) == known.end()) {
            return text_error{"\"" + method + "\" is not a method"};
        }
    }
    return read;
}

read_result<std::vector<trusted_issuer>> trusted_issuers::read(const config_value& value) {
    return read_tables<trusted_issuer>(value, [](trusted_issuer& entry, table_reader& reader) {
        reader.required<filled_text>("issuer", entry.issuer);
        reader.required<filled_text>("audience", entry.audience);
        reader.required<filled_text>("jwks_url", entry.jwks_url);
        reader.optional<u32>("user_id", entry.user_id);
    });
}
std::string trusted_issuers::print(const std::vector<trusted_issuer>& value) {
    return print_tables(value, [](const trusted_issuer& entry) {
        return "issuer = " + toml_string(entry.issuer) +
               ", audience = " + toml_string(entry.audience) +
               ", jwks_url = " + toml_string(entry.jwks_url) +
               ", user_id = " + std::to_string(entry.user_id);
    });
}

read_result<std::vector<cluster_nodes::node>> cluster_nodes::read(const config_value& value) {
    return read_tables<node>(value, [](node& entry, table_reader& reader) {
        reader.required<text>("name", entry.name);
        reader.required<text>("ip", entry.ip);
        read_ports(entry.ports, reader);
    });
}
std::string cluster_nodes::print(const std::vector<node>& value) {
    return print_tables(value, [](const node& entry) {
        return "name = " + toml_string(entry.name) + ", ip = " + toml_string(entry.ip) +
               ", ports = " + print_ports(entry.ports);
    });
}

}  // namespace iggy::server::codec
