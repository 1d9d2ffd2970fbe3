#include "simulation.hpp"

#include <algorithm>
#include <utility>

#include <cerrno>

#include <fmt/format.h>

#include "io_queues.hpp"

using namespace iggy;
using namespace iggy::storage;

namespace {

constexpr int turns_max = 20'000;

}  // namespace

simulation::simulation(simulation_options options)
    : options_{std::move(options)},
      random_{options_.seed},
      disk_{options_.seed * 31 + options_.cut_step.value_or(0)} {}

simulation::~simulation() = default;

void simulation::expect(bool holds, const log* of, const char* what,
                        const result<done_t>& outcome) const {
    if (!holds) {
        throw broken_promise{fmt::format("{}: {}: {}", of == nullptr ? "store" : of->path, what,
                                         outcome ? "done" : describe(outcome.error()))};
    }
}

void simulation::check(log& of, const std::function<void()>& model_check) {
    try {
        model_check();
    } catch (const broken_promise& broken) {
        constexpr const char* levels[] = {"memory", "written", "synced"};
        constexpr const char* crashes[] = {"clean stop", "kill", "power cut"};
        throw broken_promise{fmt::format("{} ({}, {}): {}", of.path,
                                         levels[static_cast<int>(of.model.level())],
                                         crashes[static_cast<int>(of.last_crash)], broken.text)};
    }
}

void simulation::trace(const log* of, const std::string& what) const {
    if (options_.trace) {
        options_.trace(fmt::format("{}: {}", of == nullptr ? "store" : of->path, what));
    }
}

simulation_report simulation::run() {
    disk_.trace(options_.trace);
    try {
        for (generation_ = 0; generation_ < options_.generations; ++generation_) {
            run_generation();
        }
    } catch (const broken_promise& broken) {
        std::string text = broken.text;
        try {
            stop(stop_kind::killed);
        } catch (const broken_promise& other) {
            text += "; and " + other.text;
        }
        report_.broken = fmt::format(
            "{} (generation {}, step {}); again: iggy-crash-sim --seed {}{}", text, generation_,
            disk_.steps(), options_.seed,
            options_.cut_step ? fmt::format(" --step {}", *options_.cut_step) : std::string{});
    }
    report_.steps = disk_.steps();
    return report_;
}

void simulation::run_generation() {
    constexpr int starts_max = 6;
    int starts = 0;
    do {
        expect(starts < starts_max, nullptr, "starting in peace", errc::unknown);
        ++starts;
        disk_.fail_no_more();
        disk_.limit_bytes(std::nullopt);
        // The last attempt is left in peace: it has to succeed.
        troubled_ = starts < starts_max;
    } while (!start());
    work();
    finish_generation();
}

/// Decides what goes wrong from here on: nothing, a stop, calls that fail, a full disk.
void simulation::plan_trouble() {
    if (options_.cut_step) {
        if (generation_ == 0 && !report_.cut_step_reached) {
            disk_.stop_at(*options_.cut_step, stop_kind::power_cut);
        }
        return;
    }
    if (!troubled_) {
        return;
    }
    if (random_.chance(15)) {
        constexpr int reasons[] = {EIO, ENOSPC, EMFILE, ENFILE, ENOMEM, EDQUOT};
        constexpr disk_call kinds[] = {
            disk_call::sync,   disk_call::write,  disk_call::create, disk_call::sync_directory,
            disk_call::resize, disk_call::rename, disk_call::open,   disk_call::create_directories,
            disk_call::read,   disk_call::list,   disk_call::remove, disk_call::allocate};
        const int reason = reasons[random_.below(std::size(reasons))];
        const bool is_full = reason == ENOSPC || reason == EDQUOT;
        disk_failure plan{.kinds = {},
                          .skipped = random_.below(200),
                          .with = error{is_full ? errc::no_space : errc::io, reason},
                          .stays = random_.chance(25)};
        if (random_.chance(70)) {
            plan.kinds = {kinds[random_.below(std::size(kinds))]};
            plan.skipped /= 8;
        }
        disk_.fail(std::move(plan));
    } else if (random_.chance(10)) {
        disk_.limit_bytes(disk_.used_bytes() + random_.below(60'000));
    }
    if (random_.chance(65)) {
        const std::uint64_t calls = random_.chance(35) ? random_.below(60) : random_.below(900);
        disk_.stop_at(disk_.steps() + calls, pick_stop(65));
    }
}

stop_kind simulation::pick_stop(std::uint64_t power_cut_percent) {
    const bool cuts = random_.chance(power_cut_percent);
    return cuts ? stop_kind::power_cut : stop_kind::killed;
}

void simulation::work() {
    for (int i = 0; i < options_.actions && !disk_.is_stopped(); ++i) {
        act();
        for (std::uint64_t turns = random_.below(3); turns > 0; --turns) {
            turn();
        }
    }
}

void simulation::turn() {
    engines_[random_.below(engines_.size())]->run_ready();
    collect();
}

/// Calls of what finished, in the order in which it did. Once the process is stopped nobody hears
/// of it any more.
void simulation::collect() {
    const auto finished = std::exchange(finished_, {});
    for (operation* const op : finished) {
        if (disk_.is_stopped()) {
            return;
        }
        const auto found = asked_.find(op);
        const asked ended = std::move(found->second);
        asked_.erase(found);
        ended.then();
    }
}

void simulation::begin(std::size_t engine, operation& op, progress how) {
    engines_[engine]->submit();
    if (how == progress::finished) {
        finished_.push_back(&op);  // after all that finished by the same call
    }
    collect();
}

void simulation::pump(const std::function<bool()>& until) {
    for (int i = 0; i < turns_max && !until(); ++i) {
        for (const auto& at : engines_) {
            at->run_ready();
        }
        collect();
    }
    expect(until(), nullptr, "the engines do not come to rest", errc::timeout);
}

void simulation::finish_generation() {
    if (!disk_.is_stopped() && random_.chance(30)) {
        disk_.fail_no_more();
        disk_.limit_bytes(std::nullopt);
        if (close_all()) {
            stop(std::nullopt);
            return;
        }
    }
    stop(pick_stop(60));
}

/// True when every log was closed: all that was committed is on the disk.
bool simulation::close_all() {
    const std::vector<waiting> waits = waits_;
    for (const waiting& one : waits) {
        cancel_wait(one);
    }
    pump([this] { return disk_.is_stopped() || asked_.empty(); });
    bool all = !disk_.has_failed();
    std::size_t left = 0;
    for (const auto& at : logs_) {
        if (disk_.is_stopped() || at->handle == nullptr ||
            engines_[at->engine]->find(at->uid) == nullptr) {
            continue;
        }
        at->handle = nullptr;
        ++left;
        auto& op = make<operation>([this, &all, &left, of = at.get()](operation& ended) {
            expect(ended.outcome.has_value() || is_troubled(), of, "closing", ended.outcome);
            all = all && ended.outcome.has_value();
            --left;
        });
        begin(at->engine, op, engines_[at->engine]->close_log(at->uid, op));
    }
    pump([&] { return disk_.is_stopped() || left == 0; });
    return all && !disk_.is_stopped();
}

/// Ends the process, in the planned way when it was stopped already; none says that it closed
/// everything and went.
void simulation::stop(std::optional<stop_kind> how) {
    bool was_stopped = disk_.is_stopped();
    if (how) {
        disk_.stop(*how);
    }
    tear_down();
    was_stopped = was_stopped || (!how && disk_.is_stopped());  // the last calls may have been met
    const std::optional<stop_kind> stopped = was_stopped ? disk_.last_stop() : how;
    disk_.stop(stop_kind::killed);
    trace(nullptr, !stopped                           ? "clean stop"
                   : *stopped == stop_kind::power_cut ? "POWER CUT"
                                                      : "KILL");
    const bool cut = stopped == stop_kind::power_cut;
    for (const auto& at : logs_) {
        at->settled = cut;
    }
    if (!stopped) {
        return;
    }
    ++(cut ? report_.power_cuts : report_.kills);
    for (const auto& at : logs_) {
        at->crash = std::max(at->crash, cut ? crash_kind::power_cut : crash_kind::killed);
    }
    if (options_.cut_step && generation_ == 0) {
        report_.cut_step_reached = report_.cut_step_reached || was_stopped;
    }
}

/// Ends what is left of the process. Its disk is stopped, so nothing it does changes anything.
void simulation::tear_down() {
    for (std::size_t i = 0; i < engines_.size(); ++i) {
        for (const auto& at : logs_) {
            if (engines_[i]->find(at->uid) != nullptr) {
                auto& op = make<operation>([](operation&) {});
                begin(i, op, engines_[i]->drop_log(at->uid, op));
            }
            at->handle = nullptr;
        }
    }
    const auto at_rest = [this] {
        return std::ranges::all_of(engines_, [this](const auto& engine) {
            return engine->in_flight() == 0 && std::ranges::all_of(logs_, [&](const auto& at) {
                       return engine->find(at->uid) == nullptr;
                   });
        });
    };
    bool rests = at_rest();
    for (int i = 0; i < turns_max && !rests; ++i) {
        for (const auto& engine : engines_) {
            engine->run_ready();
        }
        rests = at_rest();
    }
    if (!rests) {
        // They cannot be destroyed, and what they use must stay.
        for (auto& engine : engines_) {
            static_cast<void>(engine.release());
        }
        new decltype(asked_){std::move(asked_)};
    }
    asked_.clear();  // what they read belongs to the engines' pools
    finished_.clear();
    waits_.clear();
    engines_.clear();
    directory_.reset();
    expect(rests, nullptr, "the engines do not come to rest", errc::timeout);
}
