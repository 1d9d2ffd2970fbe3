#include "resolve.hpp"

#include <netdb.h>

#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace iggy::client {
namespace {

struct lookup_result {
    int status = 0;  ///< of getaddrinfo
    std::vector<endpoint> endpoints;
};

lookup_result look_up(const std::string& host, std::uint16_t port, int flags) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int status = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{found, &::freeaddrinfo};
    lookup_result result{status, {}};
    for (const addrinfo* entry = found; status == 0 && entry != nullptr; entry = entry->ai_next) {
        endpoint at;
        std::memcpy(&at.address, entry->ai_addr, entry->ai_addrlen);
        at.size = entry->ai_addrlen;
        result.endpoints.push_back(at);
    }
    return result;
}

/// Where the look-up thread leaves its result; shared, since the waiting side may give up first.
struct mailbox {
    std::mutex mutex;
    std::condition_variable filled;
    std::optional<lookup_result> content;
};

std::optional<lookup_result> look_up_until(const std::string& host, std::uint16_t port,
                                           const deadline& until) {
    auto box = std::make_shared<mailbox>();
    std::thread{[box, host, port] {
        auto result = look_up(host, port, AI_ADDRCONFIG);
        const std::lock_guard lock{box->mutex};
        box->content = std::move(result);
        box->filled.notify_one();
    }}.detach();
    std::unique_lock lock{box->mutex};
    box->filled.wait_until(lock, until.at(), [&] { return box->content.has_value(); });
    return std::move(box->content);
}

}  // namespace

result<std::vector<endpoint>> resolve(const std::string& host, std::uint16_t port,
                                      const deadline& until) {
    std::optional<lookup_result> found = look_up(host, port, AI_NUMERICHOST);
    if (found->status == EAI_NONAME) {
        found = look_up_until(host, port, until);
    }
    if (!found) {
        return error{errc::timeout,
                     {},
                     0,
                     fmt::format("no answer in time when looking up the host name \"{}\"; "
                                 "check the name servers of this machine",
                                 host)};
    }
    if (found->status != 0 || found->endpoints.empty()) {
        return error{errc::cannot_resolve,
                     {},
                     0,
                     fmt::format("cannot find the address of host \"{}\": {}; check the spelling",
                                 host, ::gai_strerror(found->status))};
    }
    return std::move(found->endpoints);
}

}  // namespace iggy::client
