#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "manifest.hpp"

namespace iggy::storage {

/// What the changes of a manifest add up to. A change that contradicts what is there (an unknown
/// uid, a stale generation, a taken path) changes nothing, so that replaying never fails.
class manifest_entries {
public:
    void apply(const manifest_change& change);

    const log_entry* find(log_uid uid) const;
    const log_entry* find(std::string_view path) const;
    /// Whether a path begins with this one and a slash.
    bool has_inside(std::string_view path) const;
    const std::map<log_uid, log_entry>& all() const noexcept { return by_uid_; }
    /// Lowest uid that was never given out.
    log_uid next_uid() const noexcept { return next_uid_; }

    /// The changes that give these entries.
    std::vector<manifest_change> changes() const;

private:
    void apply_one(const manifest_record::create& change);
    void apply_one(const manifest_record::remove& change);
    void apply_one(const manifest_record::purge& change);
    void apply_one(const manifest_record::start& change);
    void apply_one(const manifest_record::seal& change);
    void apply_one(const manifest_record::point& change);
    void apply_one(const manifest_record::truncate& change);
    void apply_one(const manifest_record::truncated& change);
    void apply_one(const manifest_record::uids& change);
    log_entry* entry(log_uid uid);

    std::map<log_uid, log_entry> by_uid_;
    std::map<std::string, log_uid, std::less<>> by_path_;
    log_uid next_uid_{1};
};

}  // namespace iggy::storage
