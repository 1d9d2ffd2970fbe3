#pragma once

#include <cerrno>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "crashing_disk.hpp"
#include "name_tree.hpp"
#include "seeded_random.hpp"

/// What is to become of a call.
struct verdict {
    /// Fails, except for what a failed call of its kind leaves behind.
    std::optional<iggy::storage::error> refused;
    bool is_dead = false;  ///< the process was stopped before: nothing happens
    bool stops = false;    ///< the process stops inside the call
};

/// What every call of a stopped process answers.
inline const iggy::storage::error power_is_off{iggy::storage::errc::io, EIO};

/// What the files and names of a disk share: what is there, and what is planned to go wrong.
struct crashing_disk::state {
    explicit state(std::uint64_t seed) : calls{seed ^ 0x5bd1e995U}, crashes{seed} {}

    std::recursive_mutex mutex;  // a lock that is given back inside a call takes it again
    name_tree names;
    std::set<std::string, std::less<>> locked;
    std::uint64_t process = 0;
    std::uint64_t steps = 0;
    std::uint64_t power_cuts = 0;
    bool stopped = true;  // until the first mount
    std::optional<stop_kind> last_stop;
    std::optional<std::pair<std::uint64_t, stop_kind>> stop_plan;
    std::optional<disk_failure> failure;
    bool failed = false;
    std::optional<std::uint64_t> bytes_max;
    std::function<void(std::string_view)> listener;
    seeded_random calls;    // what a single call leaves to chance
    seeded_random crashes;  // what a stop leaves to chance

    verdict begin(std::uint64_t of, disk_call call, std::string_view path);
    void stop(stop_kind how);
    std::optional<iggy::storage::error> planned_failure(disk_call call);
    std::uint64_t room() const;

    /// A call that either happens or does not. `happen` gives its result; `leave_behind` does what
    /// a call that fails does all the same.
    template <class Happen, class LeaveBehind>
    auto run(std::uint64_t of, disk_call call, std::string_view path, Happen happen,
             LeaveBehind leave_behind) -> decltype(happen()) {
        const std::lock_guard lock{mutex};
        const verdict what = begin(of, call, path);
        if (what.is_dead) {
            return power_is_off;
        }
        if (what.refused) {
            leave_behind(*what.refused);
        }
        if (what.refused && !what.stops) {
            return *what.refused;
        }
        if (!what.stops) {
            return happen();
        }
        if (!what.refused && crashes.chance(50)) {
            static_cast<void>(happen());
        }
        stop(stop_plan->second);
        return power_is_off;
    }
    template <class Happen>
    auto run(std::uint64_t of, disk_call call, std::string_view path, Happen happen)
        -> decltype(happen()) {
        return run(of, call, path, happen, [](const iggy::storage::error&) {});
    }
};
