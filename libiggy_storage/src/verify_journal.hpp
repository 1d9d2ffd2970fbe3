#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <iggy/storage/disk.hpp>
#include <iggy/storage/verify.hpp>

#include "journal_reading.hpp"
#include "manifest_entries.hpp"

namespace iggy::storage {

/// Checks the files of the journal: that their groups follow one another without a gap, and which
/// logs they speak of. Used once.
class journal_check {
public:
    struct callbacks {
        std::function<void(const finding&)> on_finding;
        std::function<void(const journal_report&)> on_checked;
    };
    /// What is passed by reference must outlive it.
    journal_check(disk& files, const directory_id& directory, const manifest_entries& logs,
                  callbacks calls);

    void run();

private:
    struct checked_file {
        journal_report report;
        std::unique_ptr<file> source;
        std::vector<journal_group> groups;
    };
    /// A group, and the file that has it.
    struct place {
        const checked_file* in = nullptr;
        const journal_group* at = nullptr;

        std::uint64_t number() const noexcept { return at->header.sequence; }
        std::uint64_t end() const noexcept {
            return at->position + journal_format::padded(at->header.bytes);
        }
    };
    /// Groups that are not there between two that are.
    struct gap {
        place before;
        place behind;
        std::uint64_t groups() const noexcept { return behind.number() - before.number() - 1; }
    };

    void read_files();
    void read_file(const directory_entry& name);
    void check_front(const checked_file& in);
    result<bool> has_later_group(const checked_file& in, const journal_format::group_header& than);
    void check_order();
    static bool is_of_later_sync(const gap& between) noexcept;
    void tell_gap(const gap& at, bool was_synced);
    void check_end(const checked_file& in);
    void count_entries(checked_file& in);
    void tell_unreadable(const std::string& file, const error& failure);

    disk& files_;
    const directory_id& directory_;
    const manifest_entries& logs_;
    callbacks calls_;
    std::vector<checked_file> checked_;  // oldest first
    std::vector<std::byte> group_ = std::vector<std::byte>(journal_format::group_bytes_max);
};

}  // namespace iggy::storage
