#include "test_store.hpp"

#include <poll.h>

#include <chrono>
#include <deque>
#include <ostream>

#include <fmt/format.h>

#include "io_queues.hpp"
#include "storage/crash/test_message.hpp"
#include "support/catch.hpp"

using namespace iggy;
using namespace iggy::storage;

namespace {

struct waited : operation {
    bool finished = false;
    void on_finished() noexcept override { finished = true; }
};

template <class Operation>
struct waited_as : Operation {
    bool finished = false;
    void on_finished() noexcept override { finished = true; }
};

constexpr auto patience = std::chrono::seconds{30};

template <class Operation>
result<done_t> run(engine& engine, Operation& op, progress how) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (how == progress::pending && !op.finished &&
           std::chrono::steady_clock::now() < deadline) {
        engine.submit();
        pollfd ready{engine.event_descriptor(), POLLIN, 0};
        ::poll(&ready, 1, 10);
        engine.run_ready();
    }
    if (how == progress::pending && !op.finished) {
        FAIL("the operation did not finish");
    }
    return op.outcome;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const seen_message& message) {
    return out << message.offset << ':' << message.text.substr(0, 20);
}

std::vector<std::byte> make_batch(const std::vector<std::string>& texts) {
    std::vector<std::byte> bytes;
    for (const std::string& text : texts) {
        const std::size_t at = bytes.size();
        bytes.resize(at + message_layout::header_bytes + text.size());
        const byte_span message = byte_span{bytes}.subspan(at);
        store_le<std::uint32_t>(message, message_layout::payload_length_at,
                                static_cast<std::uint32_t>(text.size()));
        std::memcpy(message.data() + message_layout::header_bytes, text.data(), text.size());
    }
    return bytes;
}

std::vector<std::string> hundred_bytes(int from, int count) {
    std::vector<std::string> all;
    for (int i = 0; i < count; ++i) {
        all.push_back(fmt::format("{:0100}", from + i));
    }
    return all;
}

test_store::test_store(const std::string& path, store_options options, log_options log,
                       test_queue queue) {
    if (queue == test_queue::step) {
        directory_ =
            data_directory::open(
                open_disk(path).value(), [] { return make_step_queue(0); }, std::move(options))
                .value();
    } else {
        options.io = queue == test_queue::threads ? io_engine::portable : io_engine::automatic;
        directory_ = data_directory::open(path, std::move(options)).value();
    }
    open(log);
}

test_store::test_store(std::unique_ptr<disk> disk, store_options options, log_options log) {
    directory_ = data_directory::open(
                     std::move(disk), [] { return make_step_queue(0); }, std::move(options))
                     .value();
    open(log);
}

void test_store::open(log_options log) {
    engine_ = storage::engine::create(directory_).value();
    turn_to("logs/one", log);
}

void test_store::turn_to(const std::string& name, log_options log) {
    auto uid = directory_->find(name);
    if (!uid) {
        uid = directory_->create_logs({&name, 1}).value().front();
    }
    uid_ = *uid;
    log_ = engine_->open_log(uid_, log).value();
}

bool test_store::move_log() {
    auto taken_out = engine_->detach_log(uid_);
    if (taken_out == nullptr) {
        return false;
    }
    former_engines_.push_back(std::move(engine_));
    engine_ = storage::engine::create(directory_).value();
    log_ = &engine_->attach_log(std::move(taken_out));
    return true;
}

/// As after kill -9: what is in flight is lost, what the kernel has stays.
test_store::~test_store() { settle(); }

void test_store::settle() {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    do {
        engine_->submit();
        pollfd ready{engine_->event_descriptor(), POLLIN, 0};
        ::poll(&ready, 1, engine_->in_flight() > 0 ? 10 : 0);
        engine_->run_ready();
    } while (engine_->in_flight() > 0 && std::chrono::steady_clock::now() < deadline);
}

void test_store::run_while_readable() {
    pollfd ready{engine_->event_descriptor(), POLLIN, 0};
    while (::poll(&ready, 1, 0) > 0) {
        engine_->run_ready();
    }
}

result<message_offset> test_store::append(const std::vector<std::string>& texts) {
    auto batch = make_batch(texts);
    waited_as<append_operation> op;
    op.messages = batch;
    const auto outcome = run(*engine_, op, log_->append(op));
    if (!outcome) {
        return outcome.error();
    }
    CHECK(op.count == texts.size());
    return op.first;
}

result<message_offset> test_store::append_at(const std::vector<std::uint64_t>& offsets,
                                             const std::string& text) {
    auto batch = make_batch(std::vector<std::string>(offsets.size(), text));
    const std::size_t size = batch.size() / offsets.size();
    for (std::size_t i = 0; i < offsets.size(); ++i) {
        stamp_message(byte_span{batch}.subspan(i * size, size), offsets[i], 1'000'000);
    }
    waited_as<append_operation> op;
    op.messages = batch;
    op.stamped = true;
    const auto outcome = run(*engine_, op, log_->append(op));
    return outcome ? result<message_offset>{op.first} : outcome.error();
}

std::vector<result<message_offset>> test_store::append_together(
    const std::vector<std::vector<std::string>>& batches) {
    std::deque<waited_as<append_operation>> ops;
    std::deque<std::vector<std::byte>> bytes;
    std::vector<progress> started;
    for (const auto& texts : batches) {
        bytes.push_back(make_batch(texts));
        ops.emplace_back().messages = bytes.back();
        started.push_back(log_->append(ops.back()));
    }
    std::vector<result<message_offset>> firsts;
    for (std::size_t i = 0; i < ops.size(); ++i) {
        const auto outcome = run(*engine_, ops[i], started[i]);
        firsts.push_back(outcome ? result<message_offset>{ops[i].first} : outcome.error());
    }
    return firsts;
}

result<std::vector<seen_message>> test_store::read(read_start start, std::uint64_t value,
                                                   std::uint32_t count, std::uint64_t bytes_max) {
    waited_as<read_operation> op;
    op.start = start;
    op.value = value;
    op.count = count;
    op.bytes_max = bytes_max;
    const auto outcome = run(*engine_, op, log_->read(op));
    if (!outcome) {
        return outcome.error();
    }
    std::vector<seen_message> seen;
    for (const message_view message : message_range{op.messages}) {
        CHECK(message.checksum_matches());
        seen.push_back({message.offset().raw(), std::string{message.text()}});
    }
    CHECK(seen.size() == op.messages_count);
    return seen;
}

std::vector<seen_message> test_store::read_all() {
    return read(read_start::first, 0, 1'000'000, std::uint64_t{1} << 30).value();
}

result<done_t> test_store::purge() {
    waited op;
    return run(*engine_, op, log_->purge(op));
}
result<done_t> test_store::flush(bool sync) {
    waited op;
    return run(*engine_, op, log_->flush(sync, op));
}
result<done_t> test_store::truncate_before(std::uint64_t at) {
    waited op;
    return run(*engine_, op, log_->truncate_before(message_offset{at}, op));
}
result<done_t> test_store::truncate_after(std::uint64_t next) {
    waited op;
    return run(*engine_, op, log_->truncate_after(message_offset{next}, op));
}
result<done_t> test_store::delete_oldest_segments(std::uint32_t count) {
    waited op;
    return run(*engine_, op, log_->delete_oldest_segments(count, op));
}
result<done_t> test_store::store_offset(std::uint64_t key, std::uint64_t at) {
    waited op;
    return run(*engine_, op, log_->store_offset(offset_key{key}, message_offset{at}, op));
}
result<done_t> test_store::close() {
    waited op;
    const auto outcome = run(*engine_, op, engine_->close_log(uid_, op));
    log_ = nullptr;
    return outcome;
}
