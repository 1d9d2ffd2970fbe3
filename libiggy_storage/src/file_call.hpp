#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include <iggy/storage/disk.hpp>
#include <iggy/storage/io_queue.hpp>
#include "worker_pool.hpp"

namespace iggy::storage {

class finished_calls;

/// One request of an io_queue as a blocking call of its file. Recycled by file_calls, so that a
/// warm queue allocates nothing.
class file_call final : public job {
public:
    void write(file& target, std::uint64_t position, std::span<const byte_view> parts) noexcept;
    void read(file& source, std::uint64_t position, byte_span into) noexcept;
    void run(std::function<result<done_t>()> work) noexcept;

    /// Makes the call and keeps its outcome.
    void perform() noexcept;
    /// perform(), then hands itself to where finished calls are collected.
    void execute() noexcept override;

private:
    friend class file_calls;
    enum class kind : std::uint8_t { write, read, run };

    result<std::size_t> outcome_of_call();

    kind kind_ = kind::run;
    file* file_ = nullptr;
    std::uint64_t position_ = 0;
    std::span<const byte_view> parts_;
    byte_span into_;
    std::function<result<done_t>()> work_;
    result<std::size_t> outcome_;
    io_request* request_ = nullptr;
    finished_calls* finished_ = nullptr;
};

/// The calls of one queue. Used by the queue's thread.
class file_calls {
public:
    /// A call for `request` to fill; `finished` is where `execute` hands it in, if it is used.
    file_call& start(io_request& request, finished_calls* finished = nullptr);
    /// Ends a performed call: recycles it, then calls on_done of its request.
    void finish(file_call& call);
    std::size_t in_flight() const noexcept { return all_.size() - unused_.size(); }

private:
    std::vector<std::unique_ptr<file_call>> all_;
    std::vector<file_call*> unused_;
};

}  // namespace iggy::storage
