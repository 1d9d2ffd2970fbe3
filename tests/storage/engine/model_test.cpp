// Random operations and restarts against a plain model.

#include <cstdlib>
#include <map>
#include <memory>
#include <random>

#include <fmt/format.h>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "test_store.hpp"

using namespace iggy;
using namespace iggy::storage;

namespace {

/// What must be there: messages by offset, the next offset, stored offsets.
struct model {
    std::map<std::uint64_t, std::string> messages;
    std::uint64_t next = 0;
    std::map<std::uint64_t, std::uint64_t> stored;
};

class simulation {
public:
    simulation(std::uint64_t seed, durability level, test_queue queue)
        : random_{seed}, level_{level}, queue_{queue} {
        open();
    }

    void step() {
        switch (pick(20)) {
            case 0:
                reopen();
                break;
            case 1:
                purge();
                break;
            case 2:
                truncate_after();
                break;
            case 3:
                truncate_before();
                break;
            case 4:
                store_offset();
                break;
            case 5:
                REQUIRE(store_->flush(pick(2) == 0));
                break;
            case 6:
            case 7:
            case 8:
            case 9:
                read();
                break;
            case 10:
            case 11:
                append_together();
                break;
            default:
                append();
                break;
        }
    }

    void check_everything() {
        std::map<std::uint64_t, std::string> found;
        for (auto& message : store_->read_all()) {
            REQUIRE(found.emplace(message.offset, std::move(message.text)).second);
        }
        REQUIRE((found == model_.messages));
        REQUIRE(store_->log().committed_next().raw() == model_.next);
        REQUIRE(store_->log().messages_count() == model_.messages.size());
        for (const auto& [key, at] : model_.stored) {
            REQUIRE(store_->log().stored_offset(offset_key{key}) == message_offset{at});
        }
    }

private:
    std::uint64_t pick(std::uint64_t below) {
        return std::uniform_int_distribution<std::uint64_t>{0, below - 1}(random_);
    }

    void open() {
        const log_options log{.segment_bytes = 512 + pick(30'000)};
        store_ = std::make_unique<test_store>(at_.path(),
                                              store_options{.durability = level_,
                                                            .flush_messages = 20,
                                                            .inline_write_bytes_max = pick(4'000),
                                                            .unsynced_log_bytes = 40'000},
                                              log, queue_);
    }

    void reopen() {
        const bool politely = level_ == durability::memory || pick(2) == 0;
        if (politely) {
            REQUIRE(store_->close());
        }
        store_.reset();
        open();
        check_everything();
    }

    std::vector<std::string> batch() {
        std::vector<std::string> texts;
        const std::uint64_t count = 1 + pick(12);
        for (std::uint64_t i = 0; i < count; ++i) {
            const std::uint64_t size = pick(40) == 0 ? pick(150'000) : pick(600);
            texts.push_back(fmt::format("{}-{}", random_(),
                                        std::string(size, static_cast<char>('a' + pick(26)))));
        }
        return texts;
    }

    void remember(std::uint64_t first, const std::vector<std::string>& texts) {
        REQUIRE(first == model_.next);
        for (const std::string& text : texts) {
            model_.messages[model_.next++] = text;
        }
    }

    void append() {
        const auto texts = batch();
        remember(store_->append(texts).value().raw(), texts);
    }

    void append_together() {
        std::vector<std::vector<std::string>> batches(2 + pick(6));
        for (auto& texts : batches) {
            texts = batch();
        }
        const auto firsts = store_->append_together(batches);
        for (std::size_t i = 0; i < batches.size(); ++i) {
            remember(firsts[i].value().raw(), batches[i]);
        }
    }

    void read() {
        const std::uint64_t from = pick(model_.next + 2);
        const auto count = static_cast<std::uint32_t>(1 + pick(40));
        const auto got = store_->read(read_start::offset, from, count).value();
        auto expected = model_.messages.lower_bound(from);
        if (from >= model_.next) {
            expected = model_.messages.end();
        }
        for (const auto& message : got) {
            REQUIRE(expected != model_.messages.end());
            REQUIRE(message.offset == expected->first);
            REQUIRE((message.text == expected->second));
            ++expected;
        }
        REQUIRE((got.size() == count || expected == model_.messages.end()));
        const auto last = store_->read(read_start::last, 0, count).value();
        REQUIRE(last.size() == std::min<std::size_t>(count, model_.messages.size()));
        if (!last.empty()) {
            REQUIRE(last.back().offset == model_.messages.rbegin()->first);
        }
    }

    void purge() {
        if (pick(4) != 0) {
            return;
        }
        REQUIRE(store_->purge());
        model_ = {};
    }

    void truncate_after() {
        if (model_.messages.empty()) {
            return;
        }
        const std::uint64_t oldest = model_.messages.begin()->first;
        const std::uint64_t cut = oldest + pick(model_.next - oldest + 1);
        REQUIRE(store_->truncate_after(cut));
        model_.messages.erase(model_.messages.lower_bound(cut), model_.messages.end());
        model_.next = cut;
        for (auto& [key, at] : model_.stored) {
            at = std::min(at, cut == 0 ? 0 : cut - 1);
        }
        if (cut == 0) {
            model_.stored.clear();
        }
    }

    void truncate_before() {
        store_->settle();
        const std::uint64_t at = pick(model_.next + 1);
        REQUIRE(store_->truncate_before(at));
        const std::uint64_t start = store_->log().start().raw();
        REQUIRE((model_.messages.empty() || start <= std::max(at, model_.messages.begin()->first)));
        model_.messages.erase(model_.messages.begin(), model_.messages.lower_bound(start));
    }

    void store_offset() {
        if (model_.next == 0) {
            return;
        }
        const std::uint64_t key = pick(5);
        const std::uint64_t at = pick(model_.next);
        REQUIRE(store_->store_offset(key, at));
        model_.stored[key] = at;
    }

    temporary_directory at_;
    std::mt19937_64 random_;
    durability level_;
    test_queue queue_;
    model model_;
    std::unique_ptr<test_store> store_;
};

}  // namespace

TEST_CASE("log: random operations and restarts agree with a plain model", "[storage][model]") {
    const auto level = GENERATE(durability::memory, durability::written, durability::synced);
    const auto queue = GENERATE(test_queue::step, test_queue::io_uring, test_queue::threads);
    const char* given = std::getenv("IGGY_TEST_SEED");
    const std::uint64_t first =
        given == nullptr ? std::random_device{}() : std::strtoull(given, nullptr, 10);
    const std::uint64_t seeds = given == nullptr ? 3 : 1;
    for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
        CAPTURE(seed, static_cast<int>(level), static_cast<int>(queue));
        simulation run{seed, level, queue};
        for (int i = 0; i < 150; ++i) {
            run.step();
        }
        run.check_everything();
    }
}
