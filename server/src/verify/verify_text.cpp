#include <cstdio>

#include <fmt/format.h>
#include <iggy/base/size_text.hpp>

#include "verify/verify_printer.hpp"

namespace iggy::server {

namespace {

/// Names may hold what a terminal would obey.
std::string printable(std::string_view text) {
    std::string shown;
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        if (byte < 0x20 || byte == 0x7f) {
            shown += fmt::format("\\x{:02x}", byte);
        } else {
            shown += letter;
        }
    }
    return shown;
}

void print_line(const std::string& line) { fmt::print("{}\n", printable(line)); }

/// ` (offsets 3 to 5)`
std::string offsets_of(const storage::finding& what) {
    if (!what.first_offset) {
        return {};
    }
    const std::uint64_t first = what.first_offset->raw();
    if (!what.end_offset) {
        return fmt::format(" (from offset {} on)", first);
    }
    const std::uint64_t last = what.end_offset->raw() - 1;
    return first >= last ? fmt::format(" (offset {})", first)
                         : fmt::format(" (offsets {} to {})", first, last);
}

/// `damage  data/00000000000000000000.log, bytes 0 to 99 (offset 0): the checksum does not hold`
std::string line_of(const storage::finding& what) {
    std::string where = what.file.empty() ? "the data directory" : what.file;
    if (what.to > what.from) {
        where += fmt::format(", bytes {} to {}", what.from, what.to - 1);
    }
    return fmt::format("{:<7} {}{}: {}", name(what.weight), where, offsets_of(what), what.text);
}

std::string figures_of(const storage::log_report& log) {
    std::string text = fmt::format("log {}: {} segment(s), {} message(s)", log.uid.raw(),
                                   log.segments, log.messages);
    if (log.first && log.last) {
        text += fmt::format(", offsets {} to {}", log.first->raw(), log.last->raw());
    }
    text += ", " + format_byte_size(log.bytes);
    if (const auto& point = log.recovery_point) {
        text += fmt::format(", on stable storage below offset {} (segment {}, byte {})",
                            point->next.raw(), point->segment.raw(), point->position);
    }
    if (log.stored_offsets > 0) {
        text += fmt::format(", {} stored offset(s)", log.stored_offsets);
    }
    if (log.damaged_bytes > 0) {
        text += fmt::format(", {} damaged", format_byte_size(log.damaged_bytes));
    }
    return text;
}

/// `journal iggy.journal/1.journal: 3 group(s), numbers 0 to 2, 7 entries, 16.00 MB`
std::string line_of(const storage::journal_report& journal) {
    std::string text = fmt::format("journal {}: ", journal.path);
    if (journal.groups == 0) {
        text += "empty";
    } else {
        text += fmt::format("{} group(s), numbers {} to {}, {} entries", journal.groups,
                            journal.first_group, journal.last_group, journal.entries);
    }
    if (journal.entries_without_log > 0) {
        text += fmt::format(", {} of them of logs that are gone or were cut since",
                            journal.entries_without_log);
    }
    return text + ", " + format_byte_size(journal.bytes);
}

class text_printer final : public verify_printer {
public:
    void print(const storage::finding& of_directory) override { print_line(line_of(of_directory)); }

    void print(const storage::journal_report& journal) override { print_line(line_of(journal)); }

    void print(const storage::log_report& log, const std::optional<std::string>& name,
               bool is_orphan) override {
        print_line(fmt::format("{:<7} {}{}", log.intact() ? "intact" : "DAMAGED", log.path,
                               name ? " (" + *name + ")" : ""));
        print_line("    " + figures_of(log));
        for (const storage::finding& what : log.findings) {
            print_line("    " + line_of(what));
        }
        if (log.findings_left_out > 0) {
            print_line(fmt::format("    and {} more", log.findings_left_out));
        }
        if (is_orphan) {
            print_line(
                "    note    no partition of the catalog has this log; the next start of "
                "the server removes it");
        }
    }

    void print(const catalog_verdict& catalog) override {
        using condition = catalog_verdict::condition;
        std::string text = fmt::format("{:<7} catalog: {}",
                                       catalog.is == condition::none ? "note"
                                       : catalog.intact()            ? "intact"
                                                                     : "DAMAGED",
                                       catalog.text);
        if (catalog.is == condition::complete) {
            text += fmt::format("; {} stream(s), {} topic(s), {} partition(s), {} user(s)",
                                catalog.streams, catalog.topics, catalog.partitions, catalog.users);
        }
        print_line(text);
        for (const std::string& partition : catalog.without_log) {
            print_line(fmt::format("    damage  {}: its log is missing", partition));
        }
    }

    void print_end(const storage::verify_totals& totals, bool is_intact,
                   std::chrono::duration<double> took) override {
        print_line(fmt::format(
            "{}: {} of {} log(s) intact; {} message(s) hold, {} in {} segment(s), read in {:.1f} s",
            is_intact ? "Intact" : "DAMAGED", totals.logs_intact, totals.logs, totals.messages,
            format_byte_size(totals.bytes), totals.segments, took.count()));
        if (totals.caches > 0) {
            print_line(
                fmt::format("{} index(es) do not hold; --repair makes them anew", totals.caches));
        }
        if (totals.repaired > 0) {
            print_line(fmt::format("{} index(es) were made anew", totals.repaired));
        }
        std::fflush(stdout);
    }

    void print_failure(const std::string& reason) override {
        fmt::print(stderr, "Error: {}\n", printable(reason));
    }
};

}  // namespace

std::unique_ptr<verify_printer> make_text_printer() { return std::make_unique<text_printer>(); }

}  // namespace iggy::server
