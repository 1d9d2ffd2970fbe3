#include "crashing_disk.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "crashing_disk_state.hpp"
#include "mounted_disk.hpp"

using namespace iggy;
using namespace iggy::storage;

namespace {

const char* name_of(disk_call call) {
    constexpr const char* names[] = {"open",        "create",         "read",
                                     "write",       "sync",           "allocate",
                                     "resize",      "size",           "create_directories",
                                     "list",        "rename",         "remove",
                                     "remove_tree", "sync_directory", "lock"};
    return names[static_cast<std::size_t>(call)];
}

}  // namespace

verdict crashing_disk::state::begin(std::uint64_t of, disk_call call, std::string_view path) {
    verdict what;
    if (stopped || of != process) {
        what.is_dead = true;
        return what;
    }
    what.stops = stop_plan && stop_plan->first <= steps;
    ++steps;
    what.refused = planned_failure(call);
    failed = failed || what.refused.has_value();
    if (listener) {
        listener(fmt::format("{:>8} {} {}{}{}", steps - 1, name_of(call), path,
                             what.refused ? " FAILS" : "", what.stops ? " STOPS" : ""));
    }
    return what;
}

std::optional<error> crashing_disk::state::planned_failure(disk_call call) {
    if (!failure) {
        return std::nullopt;
    }
    const auto& kinds = failure->kinds;
    if (!kinds.empty() && std::ranges::find(kinds, call) == kinds.end()) {
        return std::nullopt;
    }
    if (failure->skipped > 0) {
        --failure->skipped;
        return std::nullopt;
    }
    const error with = failure->with;
    if (!failure->stays) {
        failure.reset();
    }
    return with;
}

void crashing_disk::state::stop(stop_kind how) {
    stopped = true;
    last_stop = how;
    locked.clear();
    if (how == stop_kind::power_cut) {
        ++power_cuts;
        names.cut_power(crashes);
    }
}

std::uint64_t crashing_disk::state::room() const {
    if (!bytes_max) {
        return UINT64_MAX;
    }
    return *bytes_max - std::min(*bytes_max, names.used_bytes());
}

crashing_disk::crashing_disk(std::uint64_t seed) : state_{std::make_shared<state>(seed)} {}
crashing_disk::~crashing_disk() = default;

std::unique_ptr<disk> crashing_disk::mount() {
    const std::lock_guard lock{state_->mutex};
    ++state_->process;
    state_->stopped = false;
    state_->failed = false;
    state_->names.forgive();
    state_->last_stop.reset();
    state_->stop_plan.reset();
    state_->locked.clear();
    return make_mounted_disk(state_);
}

std::uint64_t crashing_disk::steps() const {
    const std::lock_guard lock{state_->mutex};
    return state_->steps;
}

void crashing_disk::stop_at(std::uint64_t step, stop_kind how) {
    const std::lock_guard lock{state_->mutex};
    state_->stop_plan.emplace(step, how);
}

void crashing_disk::stop(stop_kind how) {
    const std::lock_guard lock{state_->mutex};
    if (!state_->stopped) {
        state_->stop(how);
    }
}

bool crashing_disk::is_stopped() const {
    const std::lock_guard lock{state_->mutex};
    return state_->stopped;
}

std::optional<stop_kind> crashing_disk::last_stop() const {
    const std::lock_guard lock{state_->mutex};
    return state_->last_stop;
}

void crashing_disk::fail(disk_failure plan) {
    const std::lock_guard lock{state_->mutex};
    state_->failure = std::move(plan);
}

void crashing_disk::fail_no_more() {
    const std::lock_guard lock{state_->mutex};
    state_->failure.reset();
}

bool crashing_disk::has_failed() const {
    const std::lock_guard lock{state_->mutex};
    return state_->failed;
}

void crashing_disk::limit_bytes(std::optional<std::uint64_t> bytes) {
    const std::lock_guard lock{state_->mutex};
    state_->bytes_max = bytes;
}

void crashing_disk::trace(std::function<void(std::string_view)> listener) {
    const std::lock_guard lock{state_->mutex};
    state_->listener = std::move(listener);
}

std::uint64_t crashing_disk::used_bytes() const {
    const std::lock_guard lock{state_->mutex};
    return state_->names.used_bytes();
}
