// What the crashing disk may and may not do, on small files.

#include <array>
#include <set>
#include <string>

#include <cerrno>

#include <iggy/base/bytes.hpp>

#include "crashing_disk.hpp"
#include "support/catch.hpp"

using namespace iggy;
using namespace iggy::storage;

namespace {

constexpr std::uint64_t seeds = 200;

result<done_t> write(file& target, std::uint64_t position, std::string_view text) {
    const byte_view part = as_bytes(text);
    return target.write_at(position, {&part, 1});
}

std::string text_of(disk& on, std::string_view path) {
    auto opened = on.open(path, open_mode::read);
    if (!opened) {
        return "(none)";
    }
    std::string text(static_cast<std::size_t>((*opened)->size().value()), '\0');
    (*opened)->read_at(0, std::as_writable_bytes(std::span{text})).value();
    return text;
}

/// What is found at `path` after a power cut that follows `work`, over many seeds.
template <class Work>
std::set<std::string> found_after_power_cuts(std::string_view path, Work work) {
    std::set<std::string> found;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        crashing_disk machine{seed};
        work(machine, *machine.mount());
        machine.stop(stop_kind::power_cut);
        found.insert(text_of(*machine.mount(), path));
    }
    return found;
}

std::unique_ptr<file> durable_file(disk& on, std::string_view path, std::string_view text) {
    auto made = on.open(path, open_mode::create).value();
    write(*made, 0, text).value();
    made->sync().value();
    on.sync_directory("").value();
    return made;
}

}  // namespace

TEST_CASE("crashing disk: synced data and names stay", "[storage][crash]") {
    const auto found = found_after_power_cuts(
        "a", [](crashing_disk&, disk& on) { durable_file(on, "a", "kept"); });
    CHECK(found == std::set<std::string>{"kept"});
}

TEST_CASE("crashing disk: a synced file whose directory was not synced may be gone",
          "[storage][crash]") {
    const auto found = found_after_power_cuts("a", [](crashing_disk&, disk& on) {
        auto made = on.open("a", open_mode::create).value();
        write(*made, 0, "kept").value();
        made->sync().value();
    });
    CHECK(found == std::set<std::string>{"(none)", "kept"});
}

TEST_CASE("crashing disk: unsynced sectors survive one by one", "[storage][crash]") {
    const std::string old(1024, 'o');
    const auto found = found_after_power_cuts("a", [&](crashing_disk&, disk& on) {
        const auto file = durable_file(on, "a", old);
        write(*file, 0, std::string(1024, 'n')).value();
        write(*file, 0, std::string(512, 'm')).value();
    });
    std::set<std::string> expected;
    for (const char first : {'o', 'n', 'm'}) {
        for (const char second : {'o', 'n'}) {
            expected.insert(std::string(512, first) + std::string(512, second));
        }
    }
    CHECK((found == expected));
}

TEST_CASE("crashing disk: a file may be longer than its data, with zeros in it",
          "[storage][crash]") {
    const auto found = found_after_power_cuts("a", [](crashing_disk&, disk& on) {
        const auto file = durable_file(on, "a", "x");
        write(*file, 1, "yz").value();
    });
    CHECK(found == std::set<std::string>{"x", "xyz", std::string("x\0\0", 3)});
}

TEST_CASE("crashing disk: a truncation that was not synced may be undone", "[storage][crash]") {
    const auto found = found_after_power_cuts("a", [](crashing_disk&, disk& on) {
        const auto file = durable_file(on, "a", "abc");
        file->resize(1).value();
    });
    CHECK(found == std::set<std::string>{"abc", "a"});
}

TEST_CASE("crashing disk: a renaming gives the old name or the new one", "[storage][crash]") {
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        crashing_disk machine{seed};
        auto on = machine.mount();
        durable_file(*on, "a", "new");
        durable_file(*on, "b", "old");
        on->rename("a", "b").value();
        machine.stop(stop_kind::power_cut);
        on = machine.mount();
        const bool undone = text_of(*on, "a") == "new" && text_of(*on, "b") == "old";
        const bool made = text_of(*on, "a") == "(none)" && text_of(*on, "b") == "new";
        CHECK((undone || made));
    }
}

TEST_CASE("crashing disk: a removal that was not synced may be undone, files one by one",
          "[storage][crash]") {
    const auto work = [](crashing_disk&, disk& on) {
        on.create_directories("d").value();
        on.open("d/a", open_mode::create).value()->sync().value();
        on.open("d/b", open_mode::create).value()->sync().value();
        on.sync_directory("d").value();
        on.sync_directory("").value();
        on.remove_tree("d").value();
    };
    CHECK(found_after_power_cuts("d/a", work) == std::set<std::string>{"(none)", ""});
    std::set<std::size_t> sizes;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        crashing_disk machine{seed};
        work(machine, *machine.mount());
        machine.stop(stop_kind::power_cut);
        if (const auto names = machine.mount()->list("d")) {
            sizes.insert(names->size());
        }
    }
    CHECK(sizes == std::set<std::size_t>{0, 1, 2});
}

TEST_CASE("crashing disk: kill -9 keeps what was written, and leaves it unsynced",
          "[storage][crash]") {
    const auto found = found_after_power_cuts("a", [](crashing_disk& machine, disk& on) {
        const auto file = durable_file(on, "a", "x");
        write(*file, 0, "y").value();
        machine.stop(stop_kind::killed);
        CHECK_FALSE(write(*file, 0, "z"));
        CHECK(text_of(*machine.mount(), "a") == "y");
    });
    CHECK(found == std::set<std::string>{"x", "y"});
}

TEST_CASE("crashing disk: a later sync does not mend a failed one, a new write does",
          "[storage][crash]") {
    const bool rewritten = GENERATE(false, true);
    const auto found = found_after_power_cuts("a", [&](crashing_disk& machine, disk& on) {
        const auto file = durable_file(on, "a", "x");
        write(*file, 0, "y").value();
        machine.fail({.kinds = {disk_call::sync}, .with = error{errc::io, EIO}});
        CHECK(file->sync().error().sys_errno == EIO);
        if (rewritten) {
            write(*file, 0, "z").value();
        }
        file->sync().value();
        CHECK(text_of(on, "a") == (rewritten ? "z" : "y"));
    });
    CHECK(found == (rewritten ? std::set<std::string>{"z"} : std::set<std::string>{"x", "y"}));
}

TEST_CASE("crashing disk: after a failed sync of a directory a later one keeps new names only",
          "[storage][crash]") {
    const bool fails = GENERATE(false, true);
    const auto found = found_after_power_cuts("b", [&](crashing_disk& machine, disk& on) {
        on.open("a", open_mode::create).value();
        if (fails) {
            machine.fail({.kinds = {disk_call::sync_directory}, .with = error{errc::io, EIO}});
            CHECK(on.sync_directory("").error().sys_errno == EIO);
        }
        on.open("c", open_mode::create).value();
        on.rename("a", "b").value();
        on.sync_directory("").value();
        machine.stop(stop_kind::power_cut);
        CHECK(machine.mount()->open("c", open_mode::read));
    });
    CHECK(found == (fails ? std::set<std::string>{"(none)", ""} : std::set<std::string>{""}));
}

TEST_CASE("crashing disk: the chosen call fails, and a failed write has written a part",
          "[storage][crash]") {
    crashing_disk machine{1};
    const auto on = machine.mount();
    const std::string old(4096, 'o');
    const std::string fresh(4096, 'n');
    const auto file = durable_file(*on, "a", old);
    machine.fail({.kinds = {disk_call::write}, .skipped = 1, .with = error{errc::io, EIO}});
    CHECK(write(*file, 0, old));
    CHECK_FALSE(machine.has_failed());
    const auto failed = write(*file, 0, fresh);
    REQUIRE_FALSE(failed);
    CHECK(machine.has_failed());
    const auto reached = static_cast<std::size_t>(failed.error().position);
    CHECK(reached % 512 == 0);
    CHECK((text_of(*on, "a") == fresh.substr(0, reached) + old.substr(reached)));
    CHECK(write(*file, 0, fresh));
}

TEST_CASE("crashing disk: a full disk takes what fits, and goes on when there is room",
          "[storage][crash]") {
    crashing_disk machine{1};
    const auto on = machine.mount();
    const auto file = on->open("a", open_mode::create).value();
    machine.limit_bytes(6);
    write(*file, 0, "abcd").value();
    const auto failed = write(*file, 4, "efgh");
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == errc::no_space);
    CHECK(failed.error().position == 6);
    CHECK(on->open("b", open_mode::create).error().code == errc::no_space);
    CHECK(write(*file, 0, "ABCD"));
    machine.limit_bytes(std::nullopt);
    CHECK(write(*file, 6, "gh"));
    CHECK(text_of(*on, "a") == "ABCDefgh");
}

TEST_CASE("crashing disk: a stop at each step gives the same state for the same seed",
          "[storage][crash]") {
    const auto run = [](std::uint64_t step) {
        crashing_disk machine{step};
        const auto on = machine.mount();
        machine.stop_at(step, stop_kind::power_cut);
        if (auto made = on->open("a", open_mode::create)) {
            for (int i = 0;
                 i < 4 && write(**made, 0, std::string(2000, static_cast<char>('a' + i))) &&
                 (*made)->sync() && on->sync_directory("");
                 ++i) {
            }
        }
        CHECK(machine.is_stopped() == (step < 13));
        machine.stop(stop_kind::killed);
        return text_of(*machine.mount(), "a");
    };
    for (std::uint64_t step = 0; step < 15; ++step) {
        CAPTURE(step);
        CHECK(run(step) == run(step));
    }
}
