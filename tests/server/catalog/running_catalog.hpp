#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <iggy/storage/engine.hpp>

#include "io_queues.hpp"
#include "support/borrowed_disk.hpp"
#include "support/catch.hpp"
#include "support/failing_disk.hpp"

#include "catalog/catalog.hpp"

namespace iggy::server {

/// Runs the logs of partitions on the catalog's own engine.
class same_engine final : public partition_owner {
public:
    void open_logs(std::vector<log_uid> logs,
                   std::function<void(storage::result<done_t>)> opened) override {
        if (open_fails) {
            opened(storage::error{storage::errc::io});
            return;
        }
        if (before_open) {
            before_open();
        }
        for (const log_uid log : logs) {
            REQUIRE(engine->open_log(log));
        }
        opened(done);
    }

    void drop_logs(std::vector<log_uid> logs, std::function<void()> dropped) override {
        waiting_ = logs.size();
        dropped_ = std::move(dropped);
        for (const log_uid log : logs) {
            if (engine->find(log) == nullptr) {
                one_less();
            } else if (engine->drop_log(log, drops_.emplace_back(*this)) ==
                       storage::progress::finished) {
                one_less();
            }
        }
    }

    storage::engine* engine = nullptr;
    bool open_fails = false;
    std::function<void()> before_open;

private:
    struct drop final : storage::operation {
        explicit drop(same_engine& owner) : owner_{owner} {}
        void on_finished() noexcept override { owner_.one_less(); }
        same_engine& owner_;
    };
    void one_less() {
        if (--waiting_ == 0) {
            std::exchange(dropped_, nullptr)();
        }
    }

    std::size_t waiting_ = 0;
    std::function<void()> dropped_;
    std::deque<drop> drops_;
};

/// A catalog in a directory; reopening it is a restart.
class running_catalog {
    std::unique_ptr<storage::disk> real_;

public:
    explicit running_catalog(const std::string& path)
        : real_{storage::open_disk(path).value()}, disk{*real_} {
        settings.first_root = [this]() -> text_result<root_credentials> {
            ++roots_made;
            return root_credentials{"iggy", "secret"};
        };
        settings.notice = [this](const std::string& sentence) { notices.push_back(sentence); };
    }
    ~running_catalog() { stop(); }

    text_result<done_t> start() {
        directory_ =
            storage::data_directory::open(std::make_unique<storage::borrowed_disk>(disk), [] {
                return storage::make_step_queue(0);
            }).value();
        engine_ = storage::engine::create(directory_).value();
        owner.engine = engine_.get();
        auto opened = catalog::open(*engine_, owner, settings);
        if (!opened) {
            engine_.reset();
            directory_.reset();
            return opened.error();
        }
        catalog_ = std::move(*opened);
        for (const log_uid log : logs_of(*state())) {
            REQUIRE(engine_->open_log(log));
        }
        return done;
    }
    void stop() {
        if (!catalog_) {
            return;
        }
        bool closed = false;
        catalog_->close([&] { closed = true; });
        run_until(closed);
        for (const storage::log_name& log : directory_->logs()) {
            if (engine_->find(log.uid) != nullptr) {
                closing op;
                op.finished = engine_->close_log(log.uid, op) == storage::progress::finished;
                run_until(op.finished);
            }
        }
        catalog_.reset();
        engine_.reset();
        directory_.reset();
    }
    void restart() {
        stop();
        const auto started = start();
        INFO((started ? std::string{} : started.error().reason));
        REQUIRE(started);
    }

    /// Hands all requests over at once; the answers in their order.
    std::vector<catalog_answer> ask_all(std::vector<catalog_request> requests) {
        std::vector<std::optional<catalog_answer>> answers(requests.size());
        std::size_t answered = 0;
        bool all = false;
        for (std::size_t number = 0; number < requests.size(); ++number) {
            const catalog_caller root{protocol::root_user, 1};
            catalog_->execute(root, std::move(requests[number]),
                              [&, number](catalog_answer answer) {
                                  REQUIRE_FALSE(answers[number]);
                                  answers[number] = std::move(answer);
                                  all = ++answered == answers.size();
                              });
        }
        run_until(all);
        std::vector<catalog_answer> given;
        for (auto& each : answers) {
            given.push_back(std::move(*each));
        }
        return given;
    }
    catalog_answer ask(catalog_request wanted) {
        return std::move(ask_all({std::move(wanted)}).front());
    }

    std::shared_ptr<const catalog_state> state() const { return catalog_->published().current(); }
    storage::data_directory& directory() { return *directory_; }
    catalog& writer() { return *catalog_; }
    std::size_t partition_logs() const {
        const auto logs = directory_->logs();
        return static_cast<std::size_t>(std::ranges::count_if(
            logs, [](const auto& log) { return log.path.starts_with("streams/"); }));
    }
    void run_until(const bool& finished) {
        for (int turn = 0; !finished && turn < 200'000; ++turn) {
            engine_->submit();
            engine_->run_ready();
        }
        REQUIRE(finished);
    }

    failing_disk disk;  // under everything
    catalog_settings settings;
    same_engine owner;
    std::vector<std::string> notices;
    int roots_made = 0;

private:
    struct closing final : storage::operation {
        void on_finished() noexcept override { finished = true; }
        bool finished = false;
    };

    std::shared_ptr<storage::data_directory> directory_;
    std::unique_ptr<storage::engine> engine_;
    std::unique_ptr<catalog> catalog_;
};

inline protocol::create_topic topic_in(const char* stream, const char* name,
                                       std::uint32_t partitions) {
    protocol::create_topic wanted;
    wanted.stream = stream;
    wanted.name = name;
    wanted.partitions_count = partitions;
    return wanted;
}

}  // namespace iggy::server
