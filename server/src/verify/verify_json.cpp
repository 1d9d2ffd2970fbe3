#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "verify/verify_printer.hpp"

namespace iggy::server {

namespace {

using json = nlohmann::ordered_json;

/// Bytes of a name that are no UTF-8 become U+FFFD.
void print_line(const json& object) {
    fmt::print("{}\n", object.dump(-1, ' ', false, json::error_handler_t::replace));
}

json optional_offset(const std::optional<message_offset>& offset) {
    return offset ? json(offset->raw()) : json(nullptr);
}

json finding_json(const storage::finding& what) {
    json object{{"weight", name(what.weight)}, {"kind", name(what.kind)}, {"file", what.file}};
    if (what.to > what.from) {
        object["from_byte"] = what.from;
        object["to_byte"] = what.to;
    }
    if (what.first_offset) {
        object["first_offset"] = what.first_offset->raw();
    }
    if (what.end_offset) {
        object["end_offset"] = what.end_offset->raw();
    }
    if (what.sys_errno != 0) {
        object["errno"] = what.sys_errno;
    }
    object["repaired"] = what.repaired;
    object["text"] = what.text;
    return object;
}

std::string_view name_of(catalog_verdict::condition is) noexcept {
    switch (is) {
        case catalog_verdict::condition::none:
            return "none";
        case catalog_verdict::condition::complete:
            return "complete";
        case catalog_verdict::condition::incomplete:
            return "incomplete";
    }
    return "incomplete";
}

class json_printer final : public verify_printer {
public:
    void print(const storage::finding& of_directory) override {
        json object{{"type", "directory"}};
        object.update(finding_json(of_directory));
        print_line(object);
    }

    void print(const storage::journal_report& journal) override {
        print_line({{"type", "journal"},
                    {"path", journal.path},
                    {"bytes", journal.bytes},
                    {"session", journal.session},
                    {"groups", journal.groups},
                    {"first_group", journal.first_group},
                    {"last_group", journal.last_group},
                    {"entries", journal.entries},
                    {"entries_without_log", journal.entries_without_log}});
    }

    void print(const storage::log_report& log, const std::optional<std::string>& name,
               bool is_orphan) override {
        json point = nullptr;
        if (const auto& at = log.recovery_point) {
            point = {{"segment", at->segment.raw()},
                     {"byte", at->position},
                     {"next_offset", at->next.raw()}};
        }
        json findings = json::array();
        for (const storage::finding& what : log.findings) {
            findings.push_back(finding_json(what));
        }
        print_line({{"type", "log"},
                    {"path", log.path},
                    {"uid", log.uid.raw()},
                    {"name", name ? json(*name) : json(nullptr)},
                    {"orphan", is_orphan},
                    {"intact", log.intact()},
                    {"segments", log.segments},
                    {"messages", log.messages},
                    {"bytes", log.bytes},
                    {"damaged_bytes", log.damaged_bytes},
                    {"first_offset", optional_offset(log.first)},
                    {"last_offset", optional_offset(log.last)},
                    {"next_offset", log.next.raw()},
                    {"recovery_point", point},
                    {"stored_offsets", log.stored_offsets},
                    {"damages", log.damages},
                    {"caches", log.caches},
                    {"findings", findings},
                    {"findings_left_out", log.findings_left_out}});
    }

    void print(const catalog_verdict& catalog) override {
        print_line({{"type", "catalog"},
                    {"state", name_of(catalog.is)},
                    {"intact", catalog.intact()},
                    {"streams", catalog.streams},
                    {"topics", catalog.topics},
                    {"partitions", catalog.partitions},
                    {"users", catalog.users},
                    {"without_log", catalog.without_log},
                    {"text", catalog.text}});
    }

    void print_end(const storage::verify_totals& totals, bool is_intact,
                   std::chrono::duration<double> took) override {
        print_line({{"type", "summary"},
                    {"intact", is_intact},
                    {"logs", totals.logs},
                    {"logs_intact", totals.logs_intact},
                    {"segments", totals.segments},
                    {"messages", totals.messages},
                    {"bytes", totals.bytes},
                    {"damages", totals.damages},
                    {"caches", totals.caches},
                    {"repaired", totals.repaired},
                    {"notes", totals.notes},
                    {"seconds", took.count()}});
        std::fflush(stdout);
    }

    void print_failure(const std::string& reason) override {
        print_line({{"type", "failure"}, {"text", reason}});
        std::fflush(stdout);
    }
};

}  // namespace

std::unique_ptr<verify_printer> make_json_printer() { return std::make_unique<json_printer>(); }

}  // namespace iggy::server
