#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <iggy/storage.hpp>
#include <iggy/storage/verify.hpp>

#include "support/temporary_directory.hpp"

/// What a check told.
struct check_outcome : iggy::storage::verify_observer {
    iggy::storage::result<iggy::storage::verify_totals> ended{iggy::storage::errc::unknown};
    std::vector<iggy::storage::finding> of_directory;
    std::vector<iggy::storage::log_report> logs;
    std::vector<iggy::storage::journal_report> journal;
    std::vector<std::uint64_t> shown_offsets;
    std::uint64_t bytes_read = 0;
    std::uint64_t bytes_to_read = 0;

    void found(const iggy::storage::finding& what) override { of_directory.push_back(what); }
    void checked(const iggy::storage::log_report& log) override { logs.push_back(log); }
    void checked_journal(const iggy::storage::journal_report& checked) override {
        journal.push_back(checked);
    }
    void message(const iggy::message_view& message) override {
        shown_offsets.push_back(message.offset().raw());
    }
    void progressed(std::uint64_t bytes, std::uint64_t of_bytes) override {
        bytes_read = bytes;
        bytes_to_read = of_bytes;
    }

    const iggy::storage::verify_totals& totals() const { return ended.value(); }
    /// The report of the one log.
    const iggy::storage::log_report& log() const;
    /// The one finding of the one log; fails the test when there are others.
    const iggy::storage::finding& finding() const;
    /// Kinds of what is no note, of the directory and of all logs.
    std::vector<iggy::storage::finding_kind> faults() const;
    /// The finding of that kind; fails the test when there is none or another one.
    const iggy::storage::finding& of_kind(iggy::storage::finding_kind kind) const;
};

/// Names and contents of all files and directories below.
std::map<std::string, std::string> picture_of(const std::filesystem::path& directory);

/// A directory with a log "orders" of 300 messages with 1000 bytes each, in segments of 64 KiB, and
/// two stored offsets (keys 1 and 2); closed in order.
class checked_store {
public:
    static constexpr std::uint64_t messages = 300;
    static constexpr std::uint64_t message_bytes = 1064;

    checked_store();

    std::filesystem::path path() const { return directory_ / "data"; }
    std::filesystem::path file(std::string_view name) const { return path() / "orders" / name; }
    /// The segments' files, by base; there are several.
    std::vector<std::filesystem::path> segments() const;
    std::vector<std::filesystem::path> indexes() const;

    /// Fails the test when it changes anything.
    check_outcome check() const;
    check_outcome repair() const;

    void flip(const std::filesystem::path& file, std::uint64_t position,
              unsigned bits = 0x10) const;
    void overwrite(const std::filesystem::path& file, std::uint64_t position,
                   std::string_view bytes) const;
    void resize(const std::filesystem::path& file, std::uint64_t bytes) const;
    /// Offsets that a store reads, one after another, from the first to the last.
    std::vector<std::uint64_t> readable() const;

    iggy::storage::store open() const;

private:
    temporary_directory directory_;
};
