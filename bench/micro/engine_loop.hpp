#pragma once

#include <memory>
#include <string>

#include <iggy/storage/engine.hpp>

/// An operation that the benchmark's own thread waits for.
template <class Operation>
struct awaited : Operation {
    bool finished = false;
    void on_finished() noexcept override { finished = true; }
};

/// One engine with one log, run by the benchmark's thread as a shard runs it.
class engine_loop {
public:
    explicit engine_loop(const std::string& path, iggy::storage::store_options options = {});
    ~engine_loop();

    iggy::storage::engine_log& log() { return *log_; }

    /// Runs the engine until `op`, which was started with `how`, is finished.
    template <class Operation>
    void wait(awaited<Operation>& op, iggy::storage::progress how) {
        while (how == iggy::storage::progress::pending && !op.finished) {
            turn();
        }
        op.outcome.value();
    }

    void append(iggy::byte_span batch);
    /// Removes all messages, so that the disk does not fill.
    void purge();

private:
    void turn();

    std::shared_ptr<iggy::storage::data_directory> directory_;
    std::unique_ptr<iggy::storage::engine> engine_;
    iggy::storage::engine_log* log_ = nullptr;
};
