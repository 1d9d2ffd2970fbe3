#include <limits>

#include "catalog/catalog_request.hpp"
#include "users/password.hpp"
#include "users/permission_rules.hpp"

namespace iggy::server {

using protocol::error_code;

namespace {

using decision = protocol::result<catalog_command>;

protocol::permissions sorted(protocol::permissions rights) {
    for (protocol::stream_permissions& stream : rights.streams) {
        protocol::keep_last_of_each(stream.topics, &protocol::topic_permissions::topic);
    }
    protocol::keep_last_of_each(rights.streams, &protocol::stream_permissions::stream);
    return rights;
}

std::optional<protocol::permissions> sorted(const std::optional<protocol::permissions>& rights) {
    return rights ? std::optional{sorted(*rights)} : std::nullopt;
}

/// One overload per request; the order of checks in each is the protocol's.
class decider {
public:
    decider(const catalog_state& state, catalog_caller caller, const topic_rules& rules,
            timestamp now)
        : state_{state}, caller_{state.find(caller)}, rules_{rules}, now_{now} {}

    decision operator()(const protocol::create_stream& request) const {
        if (!may(rule::create_stream)) {
            return error_code::unauthorized;
        }
        if (state_.streams.find(std::string_view{request.name}) != nullptr) {
            return error_code::stream_name_already_exists;
        }
        return catalog_record::create_stream{state_.streams.next_id(), request.name, now_};
    }

    decision operator()(const protocol::update_stream& request) const {
        const auto stream = stream_at(request.stream, rule::manage_stream);
        if (!stream) {
            return stream.error();
        }
        if (!is_free(state_.streams, request.name, (*stream)->id)) {
            return error_code::stream_name_already_exists;
        }
        return catalog_record::rename_stream{(*stream)->id, request.name};
    }

    decision operator()(const protocol::delete_stream& request) const {
        const auto stream = stream_at(request.stream, rule::manage_stream);
        if (!stream) {
            return stream.error();
        }
        return catalog_record::delete_stream{(*stream)->id};
    }

    decision operator()(const protocol::create_topic& request) const {
        if (request.partitions_count > partitions_per_request_max) {
            return error_code::too_many_partitions;
        }
        if (!protocol::is_known(request.compression)) {
            return error_code::invalid_command;
        }
        const auto stream = stream_at(request.stream, rule::create_topic);
        if (!stream) {
            return stream.error();
        }
        const topic_settings settings = settings_of(request);
        if (settings.max_size.raw() < rules_.segment_bytes) {
            return error_code::invalid_topic_size;
        }
        const auto& topics = (*stream)->topics;
        if (topics.find(std::string_view{request.name}) != nullptr) {
            return error_code::topic_name_already_exists;
        }
        return catalog_record::create_topic{
            (*stream)->id, topics.next_id(), request.name,
            now_,          settings,         {std::vector<log_uid>(request.partitions_count)}};
    }

    decision operator()(const protocol::update_topic& request) const {
        if (!protocol::is_known(request.compression)) {
            return error_code::invalid_command;
        }
        const auto place = topic_at(request.stream, request.topic);
        if (!place) {
            return place.error();
        }
        if (!is_free(place->stream->topics, request.name, place->topic->id)) {
            return error_code::topic_name_already_exists;
        }
        return catalog_record::update_topic{place->stream->id, place->topic->id, request.name,
                                            settings_of(request)};
    }

    decision operator()(const protocol::delete_topic& request) const {
        const auto place = topic_at(request.stream, request.topic);
        if (!place) {
            return place.error();
        }
        return catalog_record::delete_topic{place->stream->id, place->topic->id};
    }

    decision operator()(const protocol::create_partitions& request) const {
        if (request.count == 0 || request.count > partitions_per_request_max) {
            return error_code::too_many_partitions;
        }
        const auto place = topic_at(request.stream, request.topic);
        if (!place) {
            return place.error();
        }
        return catalog_record::create_partitions{
            place->stream->id, place->topic->id, now_, {std::vector<log_uid>(request.count)}};
    }

    decision operator()(const protocol::delete_partitions& request) const {
        if (request.count == 0) {
            return error_code::too_many_partitions;
        }
        const auto place = topic_at(request.stream, request.topic);
        if (!place) {
            return place.error();
        }
        if (request.count > place->topic->partitions.size()) {
            return error_code::invalid_partitions_count;
        }
        return catalog_record::delete_partitions{place->stream->id, place->topic->id,
                                                 request.count};
    }

    decision operator()(const new_user& request) const {
        if (!may(rule::manage_users)) {
            return error_code::unauthorized;
        }
        if (!is_valid_username(request.username)) {
            return error_code::invalid_username;
        }
        if (!protocol::is_known(request.status)) {
            return error_code::invalid_command;
        }
        if (state_.users.find(std::string_view{request.username}) != nullptr) {
            return error_code::user_already_exists;
        }
        if (state_.users.next_id() == protocol::no_user) {
            return error_code::users_limit_reached;
        }
        return catalog_record::create_user{state_.users.next_id(),      request.username,
                                           request.password_hash,       request.status,
                                           sorted(request.permissions), now_};
    }

    decision operator()(const protocol::update_user& request) const {
        if (!may(rule::manage_users)) {
            return error_code::unauthorized;
        }
        if (request.username && !is_valid_username(*request.username)) {
            return error_code::invalid_username;
        }
        if (request.status && !protocol::is_known(*request.status)) {
            return error_code::invalid_command;
        }
        const user_entry* user = state_.users.find(request.user);
        if (user == nullptr) {
            return error_code::resource_not_found;
        }
        if (request.username && !is_free(state_.users, *request.username, user->id)) {
            return error_code::user_already_exists;
        }
        return catalog_record::update_user{user->id, request.username, request.status};
    }

    decision operator()(const new_password& request) const {
        const user_entry* user = state_.users.find(request.user);
        if (user == nullptr) {
            return error_code::resource_not_found;
        }
        if (user != caller_ && !may(rule::manage_users)) {
            return error_code::unauthorized;
        }
        if (user->password_hash != request.verified_hash) {
            return error_code::invalid_credentials;
        }
        return catalog_record::change_password{user->id, request.password_hash};
    }

    decision operator()(const protocol::update_permissions& request) const {
        const auto user = other_than_root(request.user, error_code::cannot_change_permissions);
        if (!user) {
            return user.error();
        }
        return catalog_record::update_permissions{*user, sorted(request.permissions)};
    }

    decision operator()(const protocol::delete_user& request) const {
        const auto user = other_than_root(request.user, error_code::cannot_delete_user);
        if (!user) {
            return user.error();
        }
        return catalog_record::delete_user{*user};
    }

private:
    struct found_topic {
        const stream_entry* stream = nullptr;
        const topic_entry* topic = nullptr;
    };

    bool may(rule needed, std::optional<stream_id> stream = std::nullopt,
             std::optional<topic_id> topic = std::nullopt) const {
        return caller_ != nullptr && allowed(needed, caller_->rights(), stream, topic);
    }

    protocol::result<const stream_entry*> stream_at(protocol::identifier_view which,
                                                    rule needed) const {
        const stream_entry* stream = state_.find(which);
        if (stream == nullptr) {
            return error_code::stream_id_not_found;
        }
        if (!may(needed, stream->id)) {
            return error_code::unauthorized;
        }
        return stream;
    }

    /// A topic that the caller may manage.
    protocol::result<found_topic> topic_at(protocol::identifier_view in,
                                           protocol::identifier_view which) const {
        const stream_entry* stream = state_.find(in);
        if (stream == nullptr) {
            return error_code::stream_id_not_found;
        }
        const topic_entry* topic = stream->find(which);
        if (topic == nullptr) {
            return error_code::topic_id_not_found;
        }
        if (!may(rule::manage_topic, stream->id, topic->id)) {
            return error_code::unauthorized;
        }
        return found_topic{stream, topic};
    }

    protocol::result<user_id> other_than_root(protocol::identifier_view which,
                                              error_code root_is_meant) const {
        if (!may(rule::manage_users)) {
            return error_code::unauthorized;
        }
        const user_entry* user = state_.users.find(which);
        if (user == nullptr) {
            return error_code::resource_not_found;
        }
        if (user->id == protocol::root_user) {
            return root_is_meant;
        }
        return user->id;
    }

    template <class Table, class Id>
    static bool is_free(const Table& table, std::string_view name, Id own) {
        const auto* holder = table.find(name);
        return holder == nullptr || holder->id == own;
    }

    /// The request's settings, with what it leaves to the server decided now: a later change of the
    /// configuration must not change topics that exist.
    template <class Request>
    topic_settings settings_of(const Request& request) const {
        topic_settings settings;
        settings.compression = request.compression;
        settings.expiry = request.expiry == protocol::message_expiry::server_default()
                              ? rules_.default_expiry
                              : request.expiry;
        settings.max_size = request.max_size == protocol::max_topic_size::server_default()
                                ? rules_.default_max_size
                                : request.max_size;
        settings.replication_factor =
            request.replication_factor == 0 ? std::uint8_t{1} : request.replication_factor;
        return settings;
    }

    const catalog_state& state_;
    const user_entry* caller_;
    const topic_rules& rules_;
    timestamp now_;
};

}  // namespace

decision decide(const catalog_state& state, catalog_caller caller, const catalog_request& request,
                const topic_rules& rules, timestamp now) {
    return std::visit(decider{state, caller, rules, now}, request);
}

}  // namespace iggy::server
