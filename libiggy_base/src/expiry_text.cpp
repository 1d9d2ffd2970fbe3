#include <iggy/base/expiry_text.hpp>

#include <algorithm>
#include <array>

#include <iggy/base/duration_text.hpp>

namespace iggy {
namespace {

constexpr std::array<std::string_view, 5> never_words{"none", "None", "unlimited", "Unlimited",
                                                      "never_expire"};
constexpr std::array<std::string_view, 5> default_words{"0", "default", "Default", "server_default",
                                                        "Server_default"};
constexpr std::chrono::seconds life_max{4'294'967'295};

}  // namespace

text_result<expiry> parse_expiry(std::string_view text) {
    if (std::ranges::find(never_words, text) != never_words.end()) {
        return expiry::never();
    }
    if (std::ranges::find(default_words, text) != default_words.end()) {
        return expiry::server_default();
    }
    const auto life = parse_duration_case_sensitive(text);
    if (!life) {
        return life.error();
    }
    if (std::chrono::floor<std::chrono::seconds>(*life) > life_max) {
        return text_error{"it is longer than 4294967295 seconds"};
    }
    // Rounded up: the wire counts microseconds, and a short life must not become 0, "as the server
    // decides".
    return expiry::after(std::chrono::ceil<std::chrono::microseconds>(*life));
}

std::string format_expiry(expiry value) {
    if (value.is_never()) {
        return "never_expire";
    }
    if (value.is_server_default()) {
        return "server_default";
    }
    constexpr auto shown_max =
        std::chrono::floor<std::chrono::microseconds>(std::chrono::nanoseconds::max());
    if (value.raw() > static_cast<std::uint64_t>(shown_max.count())) {
        return format_duration(shown_max);
    }
    return format_duration(value.life());
}

}  // namespace iggy
