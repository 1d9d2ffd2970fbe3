// What every disk promises: one body, run on each of them.

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <iggy/base/bytes.hpp>
#include <iggy/storage/disk.hpp>

#include "storage/lower/test_disks.hpp"
#include "support/catch.hpp"

using iggy::as_bytes;
using iggy::byte_view;
using iggy::storage::errc;
using iggy::storage::open_mode;

namespace {

void write(iggy::storage::file& target, std::uint64_t position, std::string_view text) {
    const std::array<byte_view, 1> parts{as_bytes(text)};
    target.write_at(position, parts).value();
}

std::vector<std::string> names_in(iggy::storage::disk& disk, std::string_view path) {
    std::vector<std::string> names;
    for (const auto& entry : disk.list(path).value()) {
        names.push_back(entry.name + (entry.is_directory ? "/" : ":" + std::to_string(entry.size)));
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace

TEST_CASE("file: what was written is read back, and reads end at the end", "[storage][disk]") {
    const test_disk disk{GENERATE("posix", "memory")};
    const auto file = disk.create("log");
    write(*file, 0, "hello world");
    write(*file, 6, "WORLD");
    CHECK(contents_of(*file) == "hello WORLD");

    std::array<std::byte, 8> space{};
    CHECK(file->read_at(6, space).value() == 5);
    CHECK(file->read_at(11, space).value() == 0);
    CHECK(file->read_at(1'000, space).value() == 0);
    CHECK(file->read_at(0, {}).value() == 0);
    file->sync().value();
}

TEST_CASE("file: a cached read needs no waiting, and one past the end is empty",
          "[storage][disk]") {
    const test_disk disk{GENERATE("posix", "memory")};
    const auto file = disk.create("log");
    write(*file, 0, "hello");
    std::array<std::byte, 8> space{};
    const auto got = file->try_read_at(0, space);
    // A file system that cannot tell whether it would wait says that it would.
    if (got) {
        CHECK(*got == 5);
        CHECK(file->try_read_at(5, space).value() == 0);
    } else {
        CHECK(got.error().code == errc::would_block);
    }
    CHECK(file->try_read_at(0, {}).value() == 0);
}

TEST_CASE("file: thousands of parts, empty ones among them, are written back to back",
          "[storage][disk]") {
    const test_disk disk{GENERATE("posix", "memory")};
    const auto file = disk.create("log");
    std::vector<std::string> texts;
    std::string expected(3, '\0');
    for (int at = 0; at < 3'000; ++at) {
        texts.push_back(at % 7 == 0 ? "" : std::to_string(at));
        expected += texts.back();
    }
    std::vector<byte_view> parts;
    for (const auto& text : texts) {
        parts.push_back(as_bytes(text));
    }
    file->write_at(3, parts).value();
    CHECK(contents_of(*file) == expected);
    file->write_at(0, {}).value();
    CHECK(contents_of(*file) == expected);
}

TEST_CASE("file: a write past the end leaves zeros between", "[storage][disk]") {
    const test_disk disk{GENERATE("posix", "memory")};
    const auto file = disk.create("log");
    write(*file, 4, "x");
    CHECK(contents_of(*file) == std::string(4, '\0') + "x");
}

TEST_CASE("file: reserving space does not change the size, resizing does", "[storage][disk]") {
    const test_disk disk{GENERATE("posix", "memory")};
    const auto file = disk.create("log");
    write(*file, 0, "hello");
    file->allocate(0, 1 << 20).value();
    file->allocate(0, 0).value();
    CHECK(file->size().value() == 5);
    file->resize(2).value();
    CHECK(contents_of(*file) == "he");
    file->resize(4).value();
    CHECK(contents_of(*file) == std::string("he\0\0", 4));
}

TEST_CASE("file: one opened for reading cannot be changed", "[storage][disk]") {
    const test_disk disk{GENERATE("posix", "memory")};
    write(*disk.create("log"), 0, "hello");
    const auto file = disk->open("log", open_mode::read).value();
    const std::array<byte_view, 1> parts{as_bytes("x")};
    CHECK(file->write_at(0, parts).error().code == errc::io);
    CHECK(file->resize(0).error().code == errc::io);
    CHECK(contents_of(*file) == "hello");
}

TEST_CASE("file: a removed one lives on for who has it open", "[storage][disk]") {
    const test_disk disk{GENERATE("posix", "memory")};
    const auto file = disk.create("log");
    write(*file, 0, "hello");
    disk->remove("log").value();
    write(*disk.create("log"), 0, "other");
    CHECK(contents_of(*file) == "hello");
}

TEST_CASE("disk: opening makes a file only when asked to", "[storage][disk]") {
    const test_disk disk{GENERATE("posix", "memory")};
    CHECK(disk->open("log", open_mode::read).error().code == errc::not_found);
    CHECK(disk->open("log", open_mode::read_write).error().code == errc::not_found);
    CHECK(disk->open("no/log", open_mode::create).error().code == errc::not_found);
    disk.create("log");
    write(*disk->open("log", open_mode::read_write).value(), 0, "hello");
    CHECK(contents_of(*disk->open("log", open_mode::create).value()) == "hello");
    disk->create_directories("directory").value();
    CHECK(disk->open("directory", open_mode::read).error().code == errc::io);
    CHECK(disk->open("directory", open_mode::create).error().code == errc::io);
}

TEST_CASE("disk: paths that leave the root or make no sense are refused", "[storage][disk]") {
    const test_disk disk{GENERATE("posix", "memory")};
    const std::string long_name(256, 'n');
    std::string long_path = "p";
    while (long_path.size() <= 4'000) {
        long_path += "/p";
    }
    const std::vector<std::string> refused{
        "/etc",    "..",     "a/../b", ".", "a/.", "a//b", "a/", "/", std::string("a\0b", 3),
        long_name, long_path};
    for (const std::string& path : refused) {
        CAPTURE(path.substr(0, 20));
        CHECK(disk->open(path, open_mode::create).error().code == errc::invalid_argument);
        CHECK(disk->create_directories(path).error().code == errc::invalid_argument);
        CHECK(disk->list(path).error().code == errc::invalid_argument);
        CHECK(disk->rename(path, "b").error().code == errc::invalid_argument);
        CHECK(disk->rename("b", path).error().code == errc::invalid_argument);
        CHECK(disk->remove(path).error().code == errc::invalid_argument);
        CHECK(disk->remove_tree(path).error().code == errc::invalid_argument);
        CHECK(disk->sync_directory(path).error().code == errc::invalid_argument);
        CHECK(disk->lock(path).error().code == errc::invalid_argument);
    }
    CHECK(disk->open("", open_mode::create).error().code == errc::invalid_argument);
    CHECK(disk->remove_tree("").error().code == errc::invalid_argument);
}

TEST_CASE("disk: the root is the empty path", "[storage][disk]") {
    const test_disk disk{GENERATE("posix", "memory")};
    CHECK(disk->list("").value().empty());
    disk->create_directories("").value();
    disk->sync_directory("").value();
}

TEST_CASE("disk: a listing names what is in the directory and nothing deeper", "[storage][disk]") {
    const test_disk disk{GENERATE("posix", "memory")};
    disk->create_directories("a/b/c").value();
    disk->create_directories("a/b").value();  // again is fine
    disk->create_directories("a0").value();
    write(*disk.create("a/file"), 0, "four");
    disk.create("a/b/deep");
    CHECK(names_in(*disk, "") == std::vector<std::string>{"a/", "a0/"});
    CHECK(names_in(*disk, "a") == std::vector<std::string>{"b/", "file:4"});
    CHECK(names_in(*disk, "a/b") == std::vector<std::string>{"c/", "deep:0"});
    CHECK(disk->list("missing").error().code == errc::not_found);
    disk->sync_directory("a/b").value();
    CHECK(disk->sync_directory("missing").error().code == errc::not_found);
}

TEST_CASE("disk: no directory takes the name of a file", "[storage][disk]") {
    const test_disk disk{GENERATE("posix", "memory")};
    disk.create("name");
    CHECK(disk->create_directories("name").error().code == errc::io);
    CHECK(disk->create_directories("name/below").error().code == errc::io);
}

TEST_CASE("disk: a rename replaces a file and moves a directory with all in it",
          "[storage][disk]") {
    const test_disk disk{GENERATE("posix", "memory")};
    write(*disk.create("new"), 0, "new");
    write(*disk.create("old"), 0, "old");
    disk->rename("new", "old").value();
    CHECK(names_in(*disk, "") == std::vector<std::string>{"old:3"});
    CHECK(contents_of(*disk->open("old", open_mode::read).value()) == "new");

    disk->create_directories("trash").value();
    disk->create_directories("a/b").value();
    write(*disk.create("a/b/file"), 0, "1");
    disk->rename("a", "trash/7").value();
    CHECK(names_in(*disk, "") == std::vector<std::string>{"old:3", "trash/"});
    CHECK(names_in(*disk, "trash/7/b") == std::vector<std::string>{"file:1"});

    disk->create_directories("empty").value();
    disk->rename("trash/7", "empty").value();
    CHECK(names_in(*disk, "empty/b") == std::vector<std::string>{"file:1"});
}

TEST_CASE("disk: a rename that cannot be says so and changes nothing", "[storage][disk]") {
    const test_disk disk{GENERATE("posix", "memory")};
    disk->create_directories("full/inner").value();
    disk->create_directories("other").value();
    disk.create("file");
    CHECK(disk->rename("missing", "x").error().code == errc::not_found);
    CHECK(disk->rename("file", "missing/x").error().code == errc::not_found);
    CHECK(disk->rename("other", "full").error().code == errc::io);
    CHECK(disk->rename("other", "file").error().code == errc::io);
    CHECK(disk->rename("file", "other").error().code == errc::io);
    CHECK(disk->rename("full", "full/inner/x").error().code == errc::io);
    disk->rename("file", "file").value();
    CHECK(names_in(*disk, "") == std::vector<std::string>{"file:0", "full/", "other/"});
}

TEST_CASE("disk: removing is done when there is nothing to remove", "[storage][disk]") {
    const test_disk disk{GENERATE("posix", "memory")};
    disk->create_directories("a/b/c").value();
    disk.create("a/b/file");
    disk.create("file");
    CHECK(disk->remove("a").error().code == errc::io);
    CHECK(disk->remove_tree("file").error().code == errc::io);
    disk->remove("file").value();
    disk->remove("file").value();
    disk->remove("missing/file").value();
    disk.create("file");
    disk->remove_without_haste("file").value();
    disk->remove_without_haste("file").value();
    disk->remove_tree("a/b").value();
    CHECK(names_in(*disk, "a").empty());
    disk->remove_tree("a").value();
    disk->remove_tree("a").value();
    CHECK(names_in(*disk, "").empty());
}

TEST_CASE("disk: a lock is held once, by this process too, until it is dropped",
          "[storage][disk]") {
    const test_disk disk{GENERATE("posix", "memory")};
    auto lock = disk->lock("lock").value();
    CHECK(disk->lock("lock").error().code == errc::locked);
    auto other = disk->lock("other").value();
    lock.reset();
    lock = disk->lock("lock").value();
    CHECK(disk->lock("lock").error().code == errc::locked);
}

TEST_CASE("disk: a display path tells where a file is", "[storage][disk]") {
    const test_disk disk{GENERATE("posix", "memory")};
    CHECK(disk->display_path("a/b").ends_with("/a/b"));
    CHECK(disk->display_path("a") == disk->display_path("") + "/a");
}

TEST_CASE("posix disk: the root is made with its missing parents", "[storage][disk]") {
    const temporary_directory directory;
    const std::string root = directory.path() + "/a/b/c/";
    {
        const auto disk = iggy::storage::open_disk(root).value();
        disk->open("file", open_mode::create).value();
        CHECK(disk->display_path("file") == directory.path() + "/a/b/c/file");
    }
    const auto again = iggy::storage::open_disk(directory.path() + "/a/./b/c").value();
    CHECK(names_in(*again, "") == std::vector<std::string>{"file:0"});
    CHECK(iggy::storage::open_disk(directory.path() + "/a/b/c/file").error().code == errc::io);
    CHECK(iggy::storage::open_disk("").error().code == errc::invalid_argument);
}

TEST_CASE("posix disk: removing a tree removes links and not what they point at",
          "[storage][disk]") {
    const temporary_directory directory;
    const auto disk = iggy::storage::open_disk(directory.path()).value();
    disk->create_directories("kept").value();
    disk->open("kept/file", open_mode::create).value();
    disk->create_directories("gone").value();
    std::filesystem::create_directory_symlink(directory.path() + "/kept",
                                              directory.path() + "/gone/link");
    disk->remove_tree("gone").value();
    CHECK(names_in(*disk, "kept") == std::vector<std::string>{"file:0"});
}

TEST_CASE("posix disk: a large file that is removed without haste lives on for who has it open",
          "[storage][disk]") {
    const temporary_directory directory;
    const auto disk = iggy::storage::open_disk(directory.path()).value();
    const std::vector<std::byte> bytes(5'000'000, std::byte{7});
    const iggy::byte_view part{bytes};
    const auto open = disk->open("large", open_mode::create).value();
    REQUIRE(open->write_at(0, {&part, 1}));
    REQUIRE(disk->open("large", open_mode::read).value()->write_back(0, bytes.size()));
    disk->remove_without_haste("large").value();
    CHECK(names_in(*disk, "").empty());
    std::vector<std::byte> read(bytes.size());
    CHECK(open->read_at(0, read).value() == bytes.size());
    CHECK(read == bytes);
}

TEST_CASE("posix disk: what is no regular file is not opened", "[storage][disk]") {
    const temporary_directory directory;
    std::filesystem::create_symlink("/dev/null", directory.path() + "/device");
    const auto disk = iggy::storage::open_disk(directory.path()).value();
    CHECK(disk->open("device", open_mode::read_write).error().code == errc::io);
}
