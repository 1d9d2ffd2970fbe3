#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config_value.hpp"
#include "config/server_config.hpp"

namespace iggy::server::codec {

// How the value of a key is read and printed, one struct for each kind of key. `type` names the
// kind in the documentation, `form` says what is accepted, `read` decodes a value from TOML or the
// environment, `print` gives the TOML text that `read` takes back to the same value.

template <class T>
using read_result = text_result<T>;

struct boolean {
    static constexpr std::string_view type = "bool";
    static constexpr std::string_view form = "true or false";
    static read_result<bool> read(const config_value& value);
    static std::string print(bool value);
};

/// An integer of `Min` … `Max`.
template <class Number, Number Min, Number Max>
struct integer {
    static constexpr std::string_view type = sizeof(Number) == 4 ? "u32" : "u64";
    static const std::string form;
    static read_result<Number> read(const config_value& value);
    static std::string print(Number value) { return std::to_string(value); }
};
using u32 = integer<std::uint32_t, 0, UINT32_MAX>;
using positive_u32 = integer<std::uint32_t, 1, UINT32_MAX>;
using u64 = integer<std::uint64_t, 0, INT64_MAX>;
using quic_varint = integer<std::uint64_t, 0, (1ULL << 62U) - 1>;

/// Any text.
struct text {
    static constexpr std::string_view type = "string";
    static constexpr std::string_view form = "a text in quotes";
    static read_result<std::string> read(const config_value& value);
    static std::string print(const std::string& value);
};
/// Text with something in it.
struct filled_text : text {
    static constexpr std::string_view form = "a text that is not empty";
    static read_result<std::string> read(const config_value& value);
};
/// One name below another directory: no path, not hidden in the parent.
struct directory_name : text {
    static constexpr std::string_view form = "the name of a directory, without '/'";
    static read_result<std::string> read(const config_value& value);
};
struct http_route : text {
    static constexpr std::string_view form = "a route that starts with '/', such as \"/metrics\"";
    static read_result<std::string> read(const config_value& value);
};
struct ip_literal : text {
    static constexpr std::string_view form = "an IP address, such as \"127.0.0.1\"";
    static read_result<std::string> read(const config_value& value);
};
struct jwt_algorithm : text {
    static constexpr std::string_view form =
        "\"HS256\", \"HS384\", \"HS512\", \"RS256\", \"RS384\" or \"RS512\"";
    static read_result<std::string> read(const config_value& value);
};

struct text_list {
    static constexpr std::string_view type = "[string]";
    static constexpr std::string_view form = "a list of texts, [\"a\", \"b\"]";
    static read_result<std::vector<std::string>> read(const config_value& value);
    static std::string print(const std::vector<std::string>& value);
};
struct http_methods : text_list {
    static constexpr std::string_view form =
        "a list of GET, POST, PUT, DELETE, HEAD, OPTIONS, CONNECT, PATCH, TRACE";
    static read_result<std::vector<std::string>> read(const config_value& value);
};

struct ip_address {
    static constexpr std::string_view type = "ip:port";
    static constexpr std::string_view form = ip_address_form;
    static read_result<listen_address> read(const config_value& value);
    static std::string print(const listen_address& value);
};
struct host_address : ip_address {
    static constexpr std::string_view type = "host:port";
    static constexpr std::string_view form = host_address_form;
    static read_result<listen_address> read(const config_value& value);
};

struct duration {
    static constexpr std::string_view type = "duration";
    static const std::string form;
    static read_result<server::duration> read(const config_value& value);
    static std::string print(server::duration value);
};
/// A duration that is not zero.
struct positive_duration : duration {
    static const std::string form;
    static read_result<server::duration> read(const config_value& value);
};

/// Bytes. A bare number is taken too, as bytes.
struct size {
    static constexpr std::string_view type = "bytes";
    static const std::string form;
    static read_result<std::uint64_t> read(const config_value& value);
    static std::string print(std::uint64_t value);
};
struct size_of_at_least_one : size {
    static read_result<std::uint64_t> read(const config_value& value);
};
/// Bytes of `Min` … `Max`.
template <std::uint64_t Min, std::uint64_t Max>
struct size_between : size {
    static const std::string form;
    static read_result<std::uint64_t> read(const config_value& value);
};
using socket_buffer = size_between<1, INT32_MAX>;
using quic_mtu = size_between<1200, UINT16_MAX>;
using tcp_request_size = size_between<(1U << 16U), (4ULL << 30U) - 1>;
/// Bytes, or words for "no limit"; may be left out.
struct optional_size {
    static constexpr std::string_view type = "bytes, optional";
    static const std::string form;
    static read_result<std::optional<std::uint64_t>> read(const config_value& value);
    static std::string print(const std::optional<std::uint64_t>& value);
};
/// Bytes, or "auto", which is 0 until the machine is known.
struct memory_limit : size {
    static constexpr std::string_view type = "bytes or \"auto\"";
    static const std::string form;
    static read_result<std::uint64_t> read(const config_value& value);
    static std::string print(std::uint64_t value);
};

struct expiry {
    static constexpr std::string_view type = "expiry";
    static constexpr std::string_view form = expiry_form;
    static read_result<iggy::expiry> read(const config_value& value);
    static std::string print(iggy::expiry value);
};
struct topic_size {
    static constexpr std::string_view type = "topic size";
    static constexpr std::string_view form = topic_size_form;
    static read_result<iggy::topic_size> read(const config_value& value);
    static std::string print(iggy::topic_size value);
};

/// One word of a fixed set.
template <class Enum>
struct word {
    static constexpr std::string_view type = "word";
    static const std::string form;
    static read_result<Enum> read(const config_value& value);
    static std::string print(Enum value);
};
/// The words of `index_caching`, and booleans for two of them.
struct index_cache : word<index_caching> {
    static constexpr std::string_view form =
        "\"all\" (or true), \"open_segment\" or \"none\" (or false)";
    static read_result<index_caching> read(const config_value& value);
};

struct cpus {
    static constexpr std::string_view type = "cpu";
    static constexpr std::string_view form = cpu_allocation_form;
    static read_result<cpu_allocation> read(const config_value& value);
    static std::string print(const cpu_allocation& value);
};

struct trusted_issuers {
    static constexpr std::string_view type = "[table]";
    static constexpr std::string_view form =
        "a list of { issuer = \"...\", audience = \"...\", jwks_url = \"...\", user_id = 1 }";
    static read_result<std::vector<trusted_issuer>> read(const config_value& value);
    static std::string print(const std::vector<trusted_issuer>& value);
};
struct cluster_nodes {
    using node = cluster_config::other_node;
    static constexpr std::string_view type = "[table]";
    static constexpr std::string_view form =
        "a list of { name = \"...\", ip = \"...\", ports = { tcp = 8090, quic = 8080, http = 3000, "
        "websocket = 8092 } }";
    static read_result<std::vector<node>> read(const config_value& value);
    static std::string print(const std::vector<node>& value);
};

// Defined in codecs.cpp for exactly these.
extern template struct integer<std::uint32_t, 0, UINT32_MAX>;
extern template struct integer<std::uint32_t, 1, UINT32_MAX>;
extern template struct integer<std::uint64_t, 0, INT64_MAX>;
extern template struct integer<std::uint64_t, 0, (1ULL << 62U) - 1>;
extern template struct size_between<1, INT32_MAX>;
extern template struct size_between<1200, UINT16_MAX>;
extern template struct size_between<(1U << 16U), (4ULL << 30U) - 1>;
extern template struct word<iggy::durability>;
extern template struct word<io_engine>;
extern template struct word<telemetry_transport>;
extern template struct word<compression_algorithm>;
extern template struct word<index_caching>;

}  // namespace iggy::server::codec
