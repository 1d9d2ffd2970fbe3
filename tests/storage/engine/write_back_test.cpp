// What a recovery point is about to sync goes to the disk before.

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "forwarding_disk.hpp"
#include "support/catch.hpp"
#include "test_store.hpp"

using namespace iggy;
using namespace iggy::storage;

namespace {

/// Paths of the segments that were written back, and "sync" before those that were synced.
struct noted {
    std::vector<std::string> calls;
    std::string failing;                   // a segment whose write-back fails
    std::uint64_t free_bytes = 1'000'000;  // so that room for segments is prepared
};

/// A disk in memory that notes these calls.
class noting_disk final : public forwarding_disk {
public:
    noting_disk(std::unique_ptr<disk> below, noted& notes)
        : forwarding_disk{*below}, owned_{std::move(below)}, notes_{notes} {}

    result<std::unique_ptr<file>> open(std::string_view path, open_mode mode) override {
        auto opened = forwarding_disk::open(path, mode);
        if (!opened || !path.ends_with(".log")) {
            return opened;
        }
        return std::make_unique<noting_file>(std::move(*opened), std::string{path}, notes_);
    }
    std::uint64_t free_bytes() const override { return notes_.free_bytes; }

private:
    class noting_file final : public forwarding_file {
    public:
        noting_file(std::unique_ptr<file> below, std::string path, noted& notes)
            : forwarding_file{std::move(below)}, path_{std::move(path)}, notes_{notes} {}
        result<done_t> write_back(std::uint64_t begin, std::uint64_t end) override {
            notes_.calls.push_back(path_);
            return path_ == notes_.failing ? error{errc::io, EIO}
                                           : forwarding_file::write_back(begin, end);
        }
        result<done_t> sync() override {
            notes_.calls.push_back("sync " + path_);
            return forwarding_file::sync();
        }

    private:
        std::string path_;
        noted& notes_;
    };

    std::unique_ptr<disk> owned_;
    noted& notes_;
};

constexpr std::uint64_t segment_bytes = 10 * hundred_bytes_on_disk;
const store_options options{.segment_bytes = segment_bytes,
                            .unsynced_log_bytes = 3 * hundred_bytes_on_disk,
                            .reserve_bytes = 0};
const std::string first = "logs/one/00000000000000000000.log";
const std::string one = "logs/one/00000000000000000017.log";
const std::string two = "logs/two/00000000000000000017.log";

/// Two logs that began a segment of full size, for which room was prepared; all is synced. The next
/// three messages make a log due for a recovery point. Nothing that helpers are asked to do happens
/// before the engine's next turn.
struct two_logs {
    explicit two_logs(const store_options& with = options)
        : store{std::make_unique<noting_disk>(make_memory_disk(), notes), with, {}} {
        for (const char* name : {"logs/two", "logs/one"}) {
            store.turn_to(name, {});
            for (int i = 0; i < 18; ++i) {
                append(1);
                store.settle();
            }
            REQUIRE(store.flush(true));
        }
        notes.calls.clear();
    }
    void append(int count) { REQUIRE(store.append(hundred_bytes(0, count))); }
    void make_both_due() {
        append(3);
        store.turn_to("logs/two", {});
        append(3);
    }
    bool has_noted(const std::string& what) const {
        return std::ranges::find(notes.calls, what) != notes.calls.end();
    }

    noted notes;
    test_store store;
};

struct new_log {
    noted notes;
    test_store store{std::make_unique<noting_disk>(make_memory_disk(), notes), options, {}};
};

template <class Operation>
struct ended : Operation {
    void on_finished() noexcept override { is_finished = true; }
    bool is_finished = false;
};

}  // namespace

TEST_CASE("write-back: what a recovery point syncs goes to the disk before", "[storage]") {
    two_logs logs;
    logs.append(3);
    logs.store.settle();
    CHECK(logs.notes.calls == std::vector{one, "sync " + one});
}

TEST_CASE("write-back: a segment that is written to and had no room is synced without it",
          "[storage]") {
    new_log log;
    REQUIRE(log.store.append(hundred_bytes(0, 4)));
    log.store.settle();
    CHECK(log.notes.calls == std::vector{"sync " + first});
}

TEST_CASE("write-back: a segment that is full goes to the disk before, also without room",
          "[storage]") {
    new_log log;
    REQUIRE(log.store.append(hundred_bytes(0, 2)));
    log.store.settle();
    REQUIRE(log.store.append(hundred_bytes(2, 1)));  // ends it, as the next one is prepared
    log.store.settle();
    CHECK(log.notes.calls == std::vector{first, "sync " + first});
}

TEST_CASE("write-back: a segment that outgrew its room is synced without it", "[storage]") {
    new_log log;
    for (int i = 0; i < 4; ++i) {
        REQUIRE(
            log.store.append(hundred_bytes(i, 1)));  // the fourth in a segment with room for four
        log.store.settle();
    }
    REQUIRE(log.store.flush(true));
    log.notes.free_bytes = 0;
    REQUIRE(log.store.append(hundred_bytes(4, 2)));
    log.store.settle();
    log.notes.calls.clear();
    REQUIRE(log.store.append(hundred_bytes(6, 2)));
    log.store.settle();
    CHECK(log.notes.calls == std::vector<std::string>{"sync logs/one/00000000000000000003.log"});
}

TEST_CASE("write-back: where too much came in, the sync does not wait for it", "[storage]") {
    two_logs logs;
    logs.append(6);  // twice as much as makes it due
    logs.store.settle();
    CHECK(logs.notes.calls == std::vector{"sync " + one});
}

TEST_CASE("write-back: where too much comes in while a log stands in line, it leaves the line",
          "[storage]") {
    two_logs logs;
    logs.make_both_due();
    logs.append(3);
    logs.store.settle();
    CHECK(logs.has_noted(one));
    CHECK_FALSE(logs.has_noted(two));
    CHECK(logs.has_noted("sync " + two));
}

TEST_CASE("write-back: logs of one engine that are due at the same time take turns", "[storage]") {
    two_logs logs;
    logs.make_both_due();
    logs.store.engine().submit();
    logs.store.engine().run_ready();
    CHECK(logs.notes.calls == std::vector{one});
    logs.store.settle();
    CHECK(logs.has_noted("sync " + one));
    CHECK(logs.has_noted(two));
    CHECK(logs.notes.calls.back() == "sync " + two);
}

TEST_CASE("write-back: a log that ends does not wait for its turn", "[storage]") {
    two_logs logs;
    logs.make_both_due();
    ended<operation> op;
    REQUIRE(logs.store.engine().drop_log(logs.store.log().uid(), op) == progress::pending);
    logs.store.engine().submit();
    CHECK(op.is_finished);
    logs.store.settle();
    CHECK(logs.has_noted("sync " + one));
    CHECK_FALSE(logs.has_noted(two));
}

TEST_CASE("write-back: a log that ends with a write on its way begins none", "[storage]") {
    store_options through_queue = options;
    through_queue.inline_write_bytes_max = 0;
    two_logs logs{through_queue};
    auto bytes = make_batch(hundred_bytes(0, 3));
    ended<append_operation> append;
    append.messages = bytes;
    REQUIRE(logs.store.log().append(append) == progress::pending);
    ended<operation> op;
    REQUIRE(logs.store.engine().drop_log(logs.store.log().uid(), op) == progress::pending);
    logs.store.settle();
    CHECK(append.is_finished);
    CHECK(op.is_finished);
    CHECK_FALSE(logs.has_noted(one));
}

TEST_CASE("write-back: one that fails makes the log read-only, as a failed sync does",
          "[storage]") {
    two_logs logs;
    logs.notes.failing = one;
    logs.append(3);
    logs.store.settle();
    CHECK_FALSE(logs.has_noted("sync " + one));
    CHECK(logs.store.append({"refused"}).error().code == errc::read_only);
    logs.store.turn_to("logs/two", {});
    CHECK(logs.store.append({"taken"}));
}

TEST_CASE("write-back: a purge does not mind one that fails for what it took away", "[storage]") {
    two_logs logs;
    logs.notes.failing = one;
    logs.append(3);
    REQUIRE(logs.store.purge());
    logs.store.settle();
    CHECK(logs.has_noted(one));
    CHECK(logs.store.append({"anew"}).value().raw() == 0);
}

TEST_CASE("write-back: a log moves once nothing of it is written back", "[storage]") {
    two_logs logs;
    logs.append(3);
    CHECK_FALSE(logs.store.move_log());
    logs.store.settle();
    CHECK(logs.store.move_log());
    logs.append(3);
    logs.store.settle();
    CHECK(logs.notes.calls == std::vector{one, "sync " + one, one, "sync " + one});
}

TEST_CASE("write-back: a log that is closed while it is written back is whole", "[storage]") {
    two_logs logs;
    logs.append(3);
    REQUIRE(logs.store.close());
    logs.store.turn_to("logs/one", {});
    CHECK(logs.store.read_all().size() == 21);
}
