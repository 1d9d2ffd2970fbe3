#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <iggy/base/message.hpp>
#include <iggy/storage/engine.hpp>

#include "crashing_disk.hpp"
#include "log_model.hpp"
#include "seeded_random.hpp"

struct simulation_options {
    std::uint64_t seed = 0;
    /// How often the store is started, stops of every kind in between.
    int generations = 6;
    /// Things asked of the store per generation at most.
    int actions = 120;
    /// Cuts the power in this call of the disk, and leaves the first generation undisturbed before.
    std::optional<std::uint64_t> cut_step{};
    /// Hears of everything that is asked of the store and of the disk.
    std::function<void(std::string_view)> trace{};
    /// No offset that was acknowledged or seen comes again with another message, even at levels
    /// that may lose the message itself.
    bool offsets_never_given_twice = true;
};

struct simulation_report {
    std::optional<std::string> broken;  ///< the promise that was, and the command that shows it
    std::uint64_t power_cuts = 0;
    std::uint64_t kills = 0;
    std::uint64_t steps = 0;  ///< calls of the disk
    bool cut_step_reached = false;
};

/// One short run whose power is cut in call number `step`.
inline simulation_options every_step_options(std::uint64_t seed, std::uint64_t step) {
    return {.seed = seed, .generations = 3, .actions = 100, .cut_step = step};
}

/// A whole store on a disk that forgets, driven from one seed on one thread: logs at all levels,
/// several engines, everything that can be asked of them, stops at any call of the disk, restarts
/// with another number of engines, and after each a comparison with the model of each log.
class simulation {
public:
    explicit simulation(simulation_options options);
    ~simulation();

    simulation_report run();

private:
    enum class presence : std::uint8_t { creating, present, removing };
    struct log {
        log(std::string name, std::uint64_t number, iggy::durability level, bool never_twice)
            : path{std::move(name)}, serial{number}, model{level, never_twice} {}

        std::string path;
        std::uint64_t serial;  // in its messages, so that none is taken for another log's
        log_model model;
        std::map<std::uint64_t, std::uint64_t> times;  // by number, of every message seen
        presence is = presence::creating;
        iggy::log_uid uid;
        crash_kind crash = crash_kind::clean;       // since it was compared
        crash_kind last_crash = crash_kind::clean;  // before that
        bool settled = false;                       // a power cut came last
        // Of this process.
        std::size_t engine = 0;
        iggy::storage::engine_log* handle = nullptr;
        int appends = 0;       // on their way
        int stores = 0;        // on their way
        bool removal = false;  // on its way
        bool holds = false;    // no appends meanwhile: nobody could tell before from after it
        bool spoiled = false;  // a removal failed: what is there is known after a restart only
        std::uint64_t removals = 0;  // started or ended
    };
    struct asked_read {
        iggy::storage::read_start start{};
        std::uint64_t value = 0;
        // When it was asked.
        std::uint64_t removals = 0;
        bool undisturbed = false;
        std::uint64_t known_next = 0;
        std::uint64_t known_last = 0;
        std::uint64_t newest_from = 0;
    };
    struct waiting {
        iggy::storage::operation* op = nullptr;
        log* of = nullptr;
        std::uint64_t from = 0;
    };
    struct asked {
        std::unique_ptr<iggy::storage::operation> op;
        std::vector<std::byte> bytes;
        std::function<void()> then;
    };

    // simulation.cpp
    void run_generation();
    void plan_trouble();
    void work();
    void act();
    void turn();
    void finish_generation();
    bool close_all();
    void stop(std::optional<stop_kind> how);
    void tear_down();
    stop_kind pick_stop(std::uint64_t power_cut_percent);
    bool is_troubled() const { return disk_.is_stopped() || disk_.has_failed(); }
    void expect(bool holds, const log* of, const char* what,
                const iggy::storage::result<iggy::done_t>& outcome) const;

    /// Runs a check of the log's model; what it finds broken gets the log's name.
    void check(log& of, const std::function<void()>& model_check);

    // simulation_recovery.cpp
    bool start();
    bool open_directory(std::unique_ptr<iggy::storage::disk> mounted);
    bool find_logs();
    bool open_logs();
    bool compare_logs();
    std::optional<recovered_log> read_all(log& of);
    std::vector<model_message> identify(log& of, iggy::byte_view messages) const;

    // simulation_actions.cpp
    log* pick_log();
    void create_log();
    void remove_log(log& at);
    void move(log& at);
    void append(log& to);
    void stamp(const log& to, iggy::byte_span messages);
    void store_offset(log& in);
    void delete_offset(log& in);
    void send_stored(
        log& in, std::uint64_t key,
        const std::function<iggy::storage::progress(iggy::storage::operation&)>& start);
    void flush(log& at);
    void purge(log& at);
    void truncate_after(log& at);
    void truncate_before(log& at);
    void delete_oldest(log& at);
    void remove_before(
        log& at, std::uint64_t to,
        const std::function<iggy::storage::progress(iggy::storage::operation&)>& start);
    void finish_removal(log& at, const char* what,
                        const iggy::storage::result<iggy::done_t>& outcome,
                        const std::function<void()>& apply);

    // simulation_reads.cpp
    void read(log& from);
    std::uint64_t newest(const log& of, std::size_t count) const;
    void check_read(log& of, const iggy::storage::read_operation& op, const asked_read& wanted,
                    const std::vector<model_message>& shown);
    void wait(log& in);
    void cancel_wait(waiting one);

    template <class Operation>
    Operation& make(std::function<void(Operation&)> then);
    void begin(std::size_t engine, iggy::storage::operation& op, iggy::storage::progress how);
    void collect();
    void trace(const log* of, const std::string& what) const;
    void pump(const std::function<bool()>& until);

    static constexpr std::uint64_t stored_keys = 3;

    simulation_options options_;
    seeded_random random_;
    crashing_disk disk_;
    simulation_report report_;
    std::uint64_t now_ = 1'700'000'000'000'000;
    std::uint64_t serials_ = 0;
    std::set<std::uint64_t> uids_;  // that were ever given
    int generation_ = 0;
    bool troubled_ = false;  // something may go wrong in this generation
    std::vector<std::unique_ptr<log>> logs_;

    // Of this process.
    std::shared_ptr<iggy::storage::data_directory> directory_;
    std::vector<std::unique_ptr<iggy::storage::engine>> engines_;
    std::unordered_map<iggy::storage::operation*, asked> asked_;
    std::vector<iggy::storage::operation*> finished_;
    std::vector<waiting> waits_;
};

/// An operation that tells the simulation when it is finished.
template <class Operation>
class simulated : public Operation {
public:
    explicit simulated(std::vector<iggy::storage::operation*>& finished) : finished_{finished} {}
    void on_finished() noexcept override { finished_.push_back(this); }

private:
    std::vector<iggy::storage::operation*>& finished_;
};

template <class Operation>
Operation& simulation::make(std::function<void(Operation&)> then) {
    auto made = std::make_unique<simulated<Operation>>(finished_);
    Operation& op = *made;
    asked_[&op] = {std::move(made), {}, [&op, then = std::move(then)] { then(op); }};
    return op;
}
