#include <array>

#include <fcntl.h>

#include <iggy/base/bytes.hpp>

#include "posix_file.hpp"
#include "support/catch.hpp"
#include "write_parts.hpp"

using namespace iggy::storage;

TEST_CASE("posix file: a full disk is no_space, with the position reached", "[storage][disk]") {
    // This device refuses every write as a full disk does.
    posix_file full{unique_fd{::open("/dev/full", O_RDWR | O_CLOEXEC)}};
    const std::array<iggy::byte_view, 1> parts{iggy::as_bytes("hello")};
    const auto written = full.write_at(100, parts);
    REQUIRE_FALSE(written);
    CHECK(written.error().code == errc::no_space);
    CHECK(written.error().sys_errno == ENOSPC);
    CHECK(written.error().position == 100);
}

TEST_CASE("posix file: a quota and a full disk are the same to a store, other refusals are io",
          "[storage][disk]") {
    CHECK(error_from_errno(ENOSPC).code == errc::no_space);
    CHECK(error_from_errno(EDQUOT).code == errc::no_space);
    CHECK(error_from_errno(ENOENT).code == errc::not_found);
    CHECK(error_from_errno(EMFILE).code == errc::io);
    CHECK(error_from_errno(EIO, 7).position == 7);
}

TEST_CASE("write parts: a short write is taken up where it ended, at every byte",
          "[storage][disk]") {
    const std::array<iggy::byte_view, 5> parts{iggy::as_bytes("ab"), iggy::as_bytes(""),
                                               iggy::as_bytes("cde"), iggy::as_bytes("f"),
                                               iggy::as_bytes("")};
    for (std::size_t taken = 0; taken <= 6; ++taken) {
        write_parts rest{parts};
        rest.advance(taken);
        std::array<iovec, 8> vectors{};
        const std::size_t used = rest.next(vectors);
        std::string text;
        for (std::size_t at = 0; at < used; ++at) {
            text.append(static_cast<const char*>(vectors[at].iov_base), vectors[at].iov_len);
        }
        CHECK(text == std::string{"abcdef"}.substr(taken));
        CHECK(rest.empty() == (taken == 6));
    }
}
