#include "verify/verify_command.hpp"

#include <cstdio>
#include <exception>

#include <fmt/format.h>
#include <iggy/storage/verify.hpp>

#include "catalog/catalog.hpp"
#include "verify/progress_line.hpp"
#include "verify/verify_printer.hpp"

namespace iggy::server {

namespace {

constexpr int intact_code = 0;
constexpr int damaged_code = 1;
constexpr int unchecked_code = 2;

class command_observer final : public storage::verify_observer {
public:
    explicit command_observer(verify_printer& printer) : printer_{printer} {}

    void found(const storage::finding& what) override {
        progress_.clear();
        printer_.print(what);
    }
    void first_log_begins(message_offset start) override { catalog_.begin(start); }
    void message(const message_view& record) override { catalog_.take(record); }
    void checked(const storage::log_report& log) override {
        progress_.clear();
        if (log.path == catalog_log_path) {
            catalog_.end(log);
        }
        const auto name = catalog_.name(log);
        printer_.print(log, name, catalog_.is_orphan(log));
    }
    void checked_journal(const storage::journal_report& journal) override {
        progress_.clear();
        printer_.print(journal);
    }
    void progressed(std::uint64_t bytes, std::uint64_t of_bytes) override {
        progress_.tell(bytes, of_bytes);
    }

    /// Prints what comes last; whether all is intact.
    bool finish(const storage::verify_totals& totals) {
        progress_.clear();
        const catalog_verdict verdict = catalog_.verdict();
        printer_.print(verdict);
        const bool is_intact = totals.intact() && verdict.intact();
        printer_.print_end(totals, is_intact, progress_.elapsed());
        return is_intact;
    }

private:
    verify_printer& printer_;
    catalog_check catalog_;
    progress_line progress_;
};

std::string reason_of(const std::string& directory, const storage::error& failure) {
    using storage::errc;
    if (failure.code == errc::not_found) {
        return fmt::format("{} is no directory", directory);
    }
    if (failure.code == errc::foreign_directory) {
        return fmt::format(
            "{} is no data directory of iggy-server: it has no file iggy.format "
            "that says so. Name the directory that system.path names.",
            directory);
    }
    if (failure.code == errc::locked) {
        return fmt::format("{} is in use by a running server; stop it first", directory);
    }
    if (failure.code == errc::unsupported_version) {
        return fmt::format("{} was written by a newer version; check it with that version",
                           directory);
    }
    return fmt::format("{} cannot be checked: {}", directory, storage::describe(failure));
}

int run_with(const verify_arguments& arguments, verify_printer& printer) {
    command_observer observer{printer};
    storage::verify_options options;
    options.repair_caches = arguments.repair;
    options.first_log = catalog_log_path;
    const auto totals = storage::verify(arguments.directory, options, observer);
    if (!totals) {
        printer.print_failure(reason_of(arguments.directory, totals.error()));
        return unchecked_code;
    }
    return observer.finish(*totals) ? intact_code : damaged_code;
}

}  // namespace

int run_verify(const verify_arguments& arguments) noexcept {
    try {
        const auto printer = arguments.json ? make_json_printer() : make_text_printer();
        return run_with(arguments, *printer);
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "Error: %s\n", failure.what());
        return unchecked_code;
    }
}

}  // namespace iggy::server
