#include "final_sync_disk.hpp"

#include <array>
#include <cerrno>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "forwarding_disk.hpp"

namespace iggy::storage {

namespace {

/// Whether the sync was tried at all; else it may be tried again.
bool says_of_names(const error& failed) {
    const int why = failed.sys_errno;
    return failed.code != errc::not_found && why != EMFILE && why != ENFILE && why != ENOMEM;
}

class final_sync_disk final : public forwarding_disk {
public:
    using forwarding_disk::forwarding_disk;

    result<done_t> sync_directory(std::string_view path) override {
        // One sync of a directory at a time, or the one that hears of the failure could be the
        // slower one.
        std::mutex& in_line = lines_[std::hash<std::string_view>{}(path) % lines_.size()];
        const std::lock_guard alone{in_line};
        if (const auto failed = failure_of(path)) {
            return *failed;
        }
        auto synced = below().sync_directory(path);
        if (!synced && says_of_names(synced.error())) {
            const std::lock_guard lock{mutex_};
            failed_.emplace(path, synced.error());
        }
        return synced;
    }

private:
    std::optional<error> failure_of(std::string_view path) {
        const std::lock_guard lock{mutex_};
        const auto found = failed_.find(path);
        return found == failed_.end() ? std::nullopt : std::optional{found->second};
    }

    std::array<std::mutex, 16> lines_;
    std::mutex mutex_;
    std::map<std::string, error, std::less<>> failed_;
};

}  // namespace

std::unique_ptr<disk> make_final_sync_disk(disk& below) {
    return std::make_unique<final_sync_disk>(below);
}

}  // namespace iggy::storage
