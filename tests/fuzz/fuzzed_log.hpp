#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <iggy/base/assert.hpp>
#include <iggy/base/message.hpp>
#include <iggy/storage/engine.hpp>

#include "io_queues.hpp"
#include "log_files.hpp"
#include "manifest.hpp"
#include "sparse_index.hpp"

// One log on a disk in memory, whose files hold what the fuzzer wants.

inline void put_file(iggy::storage::disk& disk, std::string_view path, iggy::byte_view bytes) {
    const auto file = disk.open(path, iggy::storage::open_mode::create).value();
    file->write_at(0, {&bytes, 1}).value();
}

/// Puts the right checksum into every message that lies whole within `bytes`.
inline void repair_checksums(iggy::byte_span bytes) {
    while (const auto message = iggy::message_at(bytes)) {
        const std::size_t size = message->bytes().size();
        iggy::store_le(bytes, iggy::message_layout::checksum_at,
                       iggy::xxh3_64(message->bytes().subspan(iggy::message_layout::id_at)));
        bytes = bytes.subspan(size);
    }
}

/// A disk with a data directory of one log, "a", with the one segment `messages`.
class fuzzed_log {
public:
    static constexpr iggy::log_uid uid{1};

    explicit fuzzed_log(iggy::byte_view messages) : disk_{iggy::storage::make_memory_disk()} {
        put_file(*disk_, "iggy.format", iggy::as_bytes("Iggy for C++ data directory, format 1\n"));
        iggy::storage::write_identity(*disk_, "a", {uid, 0}).value();
        put_file(*disk_, segment_path(iggy::storage::messages_extension), messages);
    }

    /// Until `open`.
    iggy::storage::disk& disk() noexcept { return *disk_; }

    void put_index(iggy::byte_view bytes) {
        put_file(*disk_, segment_path(iggy::storage::index_extension), bytes);
    }
    /// The manifest knows the segment as complete; else it is scanned at the opening.
    void seal(const iggy::storage::segment_summary& summary) {
        using iggy::storage::manifest_record::create;
        const auto manifest = iggy::storage::manifest::open(*disk_).value().file;
        manifest
            ->commit(std::vector<iggy::storage::manifest_change>{
                create{uid, "a"}, iggy::storage::manifest_record::seal{uid, 0, summary}})
            .value();
    }

    void open() {
        directory_ = iggy::storage::data_directory::open(std::move(disk_), [] {
                         return iggy::storage::make_step_queue(0);
                     }).value();
        engine_ = iggy::storage::engine::create(directory_).value();
        log_ = engine_->open_log(uid).value();
    }
    iggy::storage::engine_log& log() { return *log_; }

    template <class Operation>
    struct awaited : Operation {
        bool finished = false;
        void on_finished() noexcept override { finished = true; }
    };
    template <class Operation>
    iggy::storage::result<iggy::done_t> wait(awaited<Operation>& op, iggy::storage::progress how) {
        for (int turn = 0; how == iggy::storage::progress::pending && !op.finished; ++turn) {
            IGGY_ASSERT(turn < 10'000, "every operation ends");
            engine_->submit();
            engine_->run_ready();
        }
        return op.outcome;
    }

    /// Reads, and checks what no damage may change; the offsets, or nothing where the log says that
    /// it cannot be read.
    std::vector<std::uint64_t> read(iggy::storage::read_start start, std::uint64_t value,
                                    std::uint32_t count) {
        awaited<iggy::storage::read_operation> op;
        op.start = start;
        op.value = value;
        op.count = count;
        std::vector<std::uint64_t> offsets;
        if (!wait(op, log_->read(op))) {
            return offsets;
        }
        for (const iggy::message_view message : iggy::message_range{op.messages}) {
            IGGY_ASSERT(message.checksum_matches(), "a read returns sound messages only");
            IGGY_ASSERT(offsets.empty() || message.offset().raw() > offsets.back(),
                        "offsets ascend");
            offsets.push_back(message.offset().raw());
        }
        IGGY_ASSERT(offsets.size() == op.messages_count && offsets.size() <= count,
                    "as many messages as it says, and no more than were asked for");
        return offsets;
    }

    void close() {
        awaited<iggy::storage::operation> op;
        wait(op, engine_->close_log(uid, op)).value();
    }

private:
    static std::string segment_path(std::string_view extension) {
        return iggy::storage::segment_file_path("a", iggy::message_offset{0}, extension);
    }

    std::unique_ptr<iggy::storage::disk> disk_;
    std::shared_ptr<iggy::storage::data_directory> directory_;
    std::unique_ptr<iggy::storage::engine> engine_;
    iggy::storage::engine_log* log_ = nullptr;
};
