#include "message_headers.hpp"

#include "support/catch.hpp"

using namespace iggy::cli;
namespace protocol = iggy::protocol;

namespace {

/// `key kind value` of each header, after a trip through the wire form.
std::vector<std::string> round_trip(std::string_view list) {
    const auto parsed = parse_headers(list);
    INFO(list);
    REQUIRE(parsed);
    const auto wire = protocol::encode_user_headers(*parsed);
    REQUIRE(wire);
    std::vector<std::string> result;
    for (const auto& header : shown_headers(*wire)) {
        result.push_back(header.key + " " + header.kind + " " + header.value);
    }
    return result;
}

}  // namespace

TEST_CASE("message headers: every kind is read and shown", "[cli]") {
    for (const auto* header :
         {"k:raw:abc", "k:string:a b", "k:bool:true", "k:bool:false", "k:int8:-128",
          "k:int16:-32768", "k:int32:-2147483648", "k:int64:-9223372036854775808",
          "k:int128:-170141183460469231731687303715884105728",
          "k:int128:170141183460469231731687303715884105727", "k:uint8:255", "k:uint16:65535",
          "k:uint32:4294967295", "k:uint64:18446744073709551615",
          "k:uint128:340282366920938463463374607431768211455", "k:float32:1.5",
          "k:float64:-2.25"}) {
        std::string shown{header};
        std::ranges::replace(shown, ':', ' ');
        CHECK(round_trip(header) == std::vector{shown});
    }
}

TEST_CASE("message headers: a list keeps its order, kinds may be in any case", "[cli]") {
    CHECK(round_trip("b:STRING:1,a:UInt8:2") ==
          std::vector<std::string>{"b string 1", "a uint8 2"});
}

TEST_CASE("message headers: a value may contain colons", "[cli]") {
    CHECK(round_trip("url:string:http://x:1/") ==
          std::vector<std::string>{"url string http://x:1/"});
}

TEST_CASE("message headers: what breaks the grammar is refused with a reason", "[cli]") {
    const std::string long_text(256, 'x');
    for (const auto& list :
         {std::string{}, std::string{"k"}, std::string{"k:string"}, std::string{"k:string:"},
          std::string{":string:v"}, std::string{"k:text:v"}, std::string{"k:bool:yes"},
          std::string{"k:int8:128"}, std::string{"k:uint8:-1"}, std::string{"k:uint8:1x"},
          std::string{"k:int128:170141183460469231731687303715884105728"},
          std::string{"k:uint128:340282366920938463463374607431768211456"},
          std::string{"k:int128:-"}, std::string{"k:float32:abc"}, std::string{"a:string:b,"},
          "k:string:" + long_text, long_text + ":string:v"}) {
        INFO(list);
        const auto parsed = parse_headers(list);
        REQUIRE_FALSE(parsed);
        CHECK_FALSE(parsed.error().reason.empty());
    }
}

TEST_CASE("message headers: malformed headers of a message are shown as none", "[cli]") {
    CHECK(shown_headers(iggy::as_bytes("\x02\xFF\xFF\xFF\xFF"
                                       "abc"))
              .empty());
}
