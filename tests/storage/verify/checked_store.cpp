#include "checked_store.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "support/catch.hpp"

using namespace iggy;
using namespace iggy::storage;
namespace fs = std::filesystem;

namespace {

std::string content_of(const fs::path& file) {
    std::ifstream source{file, std::ios::binary};
    std::ostringstream text;
    text << source.rdbuf();
    return text.str();
}

std::vector<fs::path> files_with(const fs::path& directory, std::string_view extension) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator{directory}) {
        if (entry.path().extension() == extension) {
            found.push_back(entry.path());
        }
    }
    std::ranges::sort(found);
    return found;
}

}  // namespace

const log_report& check_outcome::log() const {
    REQUIRE(logs.size() == 1);
    return logs.front();
}

const finding& check_outcome::finding() const {
    for (const auto& what : log().findings) {
        UNSCOPED_INFO(name(what.weight)
                      << ' ' << name(what.kind) << ' ' << what.file << ": " << what.text);
    }
    REQUIRE(log().findings.size() == 1);
    return log().findings.front();
}

std::vector<finding_kind> check_outcome::faults() const {
    std::vector<finding_kind> kinds;
    const auto add = [&kinds](const storage::finding& what) {
        if (what.weight != finding_weight::note) {
            kinds.push_back(what.kind);
        }
    };
    std::ranges::for_each(of_directory, add);
    for (const log_report& one : logs) {
        std::ranges::for_each(one.findings, add);
    }
    return kinds;
}

const finding& check_outcome::of_kind(finding_kind kind) const {
    const storage::finding* found = nullptr;
    const auto look = [&](const storage::finding& what) {
        if (what.kind == kind) {
            REQUIRE(found == nullptr);
            found = &what;
        }
    };
    std::ranges::for_each(of_directory, look);
    for (const log_report& one : logs) {
        std::ranges::for_each(one.findings, look);
    }
    CAPTURE(name(kind));
    REQUIRE(found != nullptr);
    return *found;
}

std::map<std::string, std::string> picture_of(const fs::path& directory) {
    std::map<std::string, std::string> picture;
    for (const auto& entry : fs::recursive_directory_iterator{directory}) {
        picture[entry.path().string()] = entry.is_directory() ? "/" : content_of(entry.path());
    }
    return picture;
}

checked_store::checked_store() {
    auto store = open();
    auto log = store.open_log("orders", {.segment_bytes = 64 << 10}).value();
    for (std::uint64_t sent = 0; sent < messages; sent += 10) {
        message_batch_builder batch;
        for (std::uint64_t i = sent; i < sent + 10; ++i) {
            std::string text = "message " + std::to_string(i) + ' ';
            text.resize(message_bytes - message_layout::header_bytes, 'x');
            batch.add(text);
        }
        const auto committed = log.append(std::move(batch)).value();
        REQUIRE(committed.first.raw() == sent);
    }
    REQUIRE(log.store_offset(offset_key{1}, message_offset{100}));
    REQUIRE(log.store_offset(offset_key{2}, message_offset{200}));
    REQUIRE(store.close());
}

std::vector<fs::path> checked_store::segments() const {
    return files_with(path() / "orders", ".log");
}
std::vector<fs::path> checked_store::indexes() const {
    return files_with(path() / "orders", ".sparse");
}

check_outcome checked_store::check() const {
    check_outcome outcome;
    const auto before = picture_of(path());
    outcome.ended = verify(path().string(), {.first_log = "orders"}, outcome);
    CHECK(picture_of(path()) == before);
    return outcome;
}

check_outcome checked_store::repair() const {
    check_outcome outcome;
    outcome.ended = verify(path().string(), {.repair_caches = true}, outcome);
    return outcome;
}

void checked_store::flip(const fs::path& file, std::uint64_t position, unsigned bits) const {
    std::fstream content{file, std::ios::binary | std::ios::in | std::ios::out};
    content.seekg(static_cast<std::streamoff>(position));
    const int byte = content.get();
    REQUIRE(byte != EOF);
    content.seekp(static_cast<std::streamoff>(position));
    content.put(static_cast<char>(static_cast<unsigned>(byte) ^ bits));
    REQUIRE(content.flush());
}

void checked_store::overwrite(const fs::path& file, std::uint64_t position,
                              std::string_view bytes) const {
    std::fstream content{file, std::ios::binary | std::ios::in | std::ios::out};
    content.seekp(static_cast<std::streamoff>(position));
    content.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    REQUIRE(content.flush());
}

void checked_store::resize(const fs::path& file, std::uint64_t bytes) const {
    fs::resize_file(file, bytes);
}

std::vector<std::uint64_t> checked_store::readable() const {
    auto store = open();
    auto log = store.open_log("orders").value();
    const log_status status = log.status().value();
    std::vector<std::uint64_t> offsets;
    for (message_offset from = status.start; from < status.committed_next;) {
        const auto batch = log.read({.from = from, .count = 1});
        if (!batch || batch->empty()) {
            from = from.next();
            continue;
        }
        offsets.push_back((*batch->begin()).offset().raw());
        from = batch->next();
    }
    REQUIRE(store.close());
    return offsets;
}

store checked_store::open() const {
    return store::open(path().string(), {.io = io_engine::portable}).value();
}
