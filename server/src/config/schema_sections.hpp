#pragma once

#include <type_traits>
#include <utility>
#include <vector>

#include "config/codecs.hpp"
#include "config/schema.hpp"

namespace iggy::server {

// The schema in parts, one file each.
void add_transport_keys(std::vector<config_key>& keys);
void add_service_keys(std::vector<config_key>& keys);
void add_system_keys(std::vector<config_key>& keys);
void add_cluster_keys(std::vector<config_key>& keys);

/// The row of one key. `Member` is a lambda without captures that names the member of
/// `server_config`; `Codec` reads and prints it.
template <class Codec, class Member>
config_key row(std::string_view path, std::string_view fallback, key_status status,
               std::string_view meaning, Member) {
    config_key key{};
    key.path = path;
    key.type = Codec::type;
    key.accepted = Codec::form;
    key.fallback = fallback;
    key.status = status;
    key.meaning = meaning;
    key.read = [](server_config& config, const config_value& value) -> text_result<done_t> {
        auto read = Codec::read(value);
        if (!read) {
            return read.error();
        }
        Member{}(config) = std::move(*read);
        return done;
    };
    key.print = [](const server_config& config) { return Codec::print(Member{}(config)); };
    return key;
}

/// The row of a key whose value is never shown.
template <class Codec, class Member>
config_key secret_row(std::string_view path, std::string_view fallback, key_status status,
                      std::string_view meaning, Member member) {
    config_key key = row<Codec>(path, fallback, status, meaning, member);
    key.secret = true;
    return key;
}

}  // namespace iggy::server
