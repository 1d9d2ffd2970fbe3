#pragma once

#include <optional>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

#include <iggy/protocol/protocol.hpp>

#include "protocol/golden_frame.hpp"

/// Lists the fields of decoded values under the names that the golden frames give them.
class field_list {
public:
    const field_values& values() const { return values_; }

    /// A number, bool, enumeration, strong id, timestamp or text. Empty text has no field.
    template <class Value>
    void add(const std::string& name, const Value& value) {
        if constexpr (iggy::protocol::raw_value<Value>) {
            add(name, value.raw());
        } else if constexpr (std::is_same_v<Value, iggy::timestamp>) {
            add(name, iggy::to_raw(value));
        } else if constexpr (std::is_enum_v<Value>) {
            add(name, static_cast<std::underlying_type_t<Value>>(value));
        } else if constexpr (std::is_arithmetic_v<Value>) {
            std::ostringstream text;
            text << +value;
            values_[prefix_ + name] = text.str();
        } else if (!std::string_view{value}.empty()) {
            values_[prefix_ + name] = value;
        }
    }
    void add(const std::string& name, const iggy::protocol::identifier& id);

    /// What `list_more` adds gets `prefix` before its name.
    template <class ListMore>
    void nested(const std::string& prefix, ListMore list_more) {
        const std::string outer = prefix_;
        prefix_ += prefix;
        list_more();
        prefix_ = outer;
    }

    template <class List, class ListOne>
    void items(const std::string& name, const List& list, ListOne list_one) {
        std::size_t at = 0;
        for (const auto& item : list) {
            nested(name + "[" + std::to_string(at++) + "].", [&] { list_one(item); });
        }
    }

private:
    std::string prefix_;
    field_values values_;
};

void list(field_list& out, const iggy::protocol::any_request& request);
void list(field_list& out, const iggy::protocol::received_messages& send);

void list(field_list& out, const iggy::protocol::empty_response& response);
void list(field_list& out, const iggy::protocol::stats& response);
void list(field_list& out, const iggy::protocol::snapshot_archive& response);
void list(field_list& out, const iggy::protocol::cluster_metadata& response);
void list(field_list& out, const iggy::protocol::client_details& response);
void list(field_list& out, const std::vector<iggy::protocol::client_info>& response);
void list(field_list& out, const iggy::protocol::user_details& response);
void list(field_list& out, const std::vector<iggy::protocol::user_info>& response);
void list(field_list& out, const iggy::protocol::login_response& response);
void list(field_list& out, const std::vector<iggy::protocol::token_info>& response);
void list(field_list& out, const iggy::protocol::raw_token& response);
void list(field_list& out, const iggy::protocol::polled_messages& response);
void list(field_list& out, const iggy::protocol::consumer_offset_info& response);
void list(field_list& out, const iggy::protocol::stream_info& response);
void list(field_list& out, const iggy::protocol::stream_details& response);
void list(field_list& out, const std::vector<iggy::protocol::stream_info>& response);
void list(field_list& out, const iggy::protocol::topic_info& response);
void list(field_list& out, const iggy::protocol::topic_details& response);
void list(field_list& out, const std::vector<iggy::protocol::topic_info>& response);
void list(field_list& out, const iggy::protocol::group_info& response);
void list(field_list& out, const iggy::protocol::group_details& response);
void list(field_list& out, const std::vector<iggy::protocol::group_info>& response);

template <class Response>
void list(field_list& out, const std::optional<Response>& response) {
    if (response) {
        list(out, *response);
    }
}
