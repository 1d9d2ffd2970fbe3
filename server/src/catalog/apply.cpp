#include <algorithm>
#include <utility>

#include <iggy/base/expected.hpp>

#include "catalog/catalog_command.hpp"

namespace iggy::server {

namespace {

/// Changes one state in place; each overload says whether the command fitted.
class changer {
public:
    changer(catalog_state& state, const counters_source& counters)
        : state_{state}, counters_{counters} {}

    bool operator()(const catalog_record::create_stream& made) {
        if (!is_next(state_.streams, made)) {
            return false;
        }
        state_.streams.insert({made.id, made.name, made.created_at, {}});
        return true;
    }

    bool operator()(const catalog_record::rename_stream& renamed) {
        const stream_entry* before = state_.streams.find(renamed.id);
        if (before == nullptr || !is_free(state_.streams, renamed)) {
            return false;
        }
        stream_entry stream = *before;
        stream.name = renamed.name;
        state_.streams.replace(std::move(stream));
        return true;
    }

    bool operator()(const catalog_record::delete_stream& deleted) {
        if (state_.streams.find(deleted.id) == nullptr) {
            return false;
        }
        state_.streams.erase(deleted.id);
        revoke([&](protocol::permissions& rights) {
            return std::erase_if(rights.streams, [&](const protocol::stream_permissions& each) {
                       return each.stream == deleted.id;
                   }) > 0;
        });
        return true;
    }

    bool operator()(const catalog_record::create_topic& made) {
        const stream_entry* before = state_.streams.find(made.stream);
        if (before == nullptr || !is_next(before->topics, made)) {
            return false;
        }
        topic_entry topic;
        static_cast<topic_settings&>(topic) = made.settings;
        topic.id = made.id;
        topic.name = made.name;
        topic.created_at = made.created_at;
        add_partitions(topic, made.partitions, made.created_at);
        stream_entry stream = *before;
        stream.topics.insert(std::move(topic));
        state_.streams.replace(std::move(stream));
        return true;
    }

    bool operator()(const catalog_record::update_topic& updated) {
        const stream_entry* stream = state_.streams.find(updated.stream);
        if (stream == nullptr || !is_free(stream->topics, updated)) {
            return false;
        }
        return change_topic(updated.stream, updated.id, [&](topic_entry& topic) {
            static_cast<topic_settings&>(topic) = updated.settings;
            topic.name = updated.name;
            return true;
        });
    }

    bool operator()(const catalog_record::delete_topic& deleted) {
        const stream_entry* before = state_.streams.find(deleted.stream);
        if (before == nullptr || before->topics.find(deleted.id) == nullptr) {
            return false;
        }
        stream_entry stream = *before;
        stream.topics.erase(deleted.id);
        state_.streams.replace(std::move(stream));
        revoke([&](protocol::permissions& rights) { return revoke_topic(rights, deleted); });
        return true;
    }

    bool operator()(const catalog_record::create_partitions& made) {
        return change_topic(made.stream, made.topic, [&](topic_entry& topic) {
            add_partitions(topic, made.partitions, made.created_at);
            return true;
        });
    }

    bool operator()(const catalog_record::delete_partitions& deleted) {
        return change_topic(deleted.stream, deleted.topic, [&](topic_entry& topic) {
            if (deleted.count > topic.partitions.size()) {
                return false;
            }
            topic.partitions.resize(topic.partitions.size() - deleted.count);
            return true;
        });
    }

    bool operator()(const catalog_record::create_user& made) {
        if (!is_next(state_.users, made)) {
            return false;
        }
        state_.users.insert({made.id, made.name, made.created_at, made.status, made.password_hash,
                             made.permissions, state_.sequence});
        return true;
    }

    bool operator()(const catalog_record::update_user& updated) {
        if (updated.name) {
            const user_entry* holder = state_.users.find(std::string_view{*updated.name});
            if (holder != nullptr && holder->id != updated.id) {
                return false;
            }
        }
        return change_user(updated.id, [&](user_entry& user) {
            user.name = updated.name.value_or(user.name);
            user.status = updated.status.value_or(user.status);
        });
    }

    bool operator()(const catalog_record::change_password& changed) {
        return change_user(changed.id,
                           [&](user_entry& user) { user.password_hash = changed.password_hash; });
    }

    bool operator()(const catalog_record::update_permissions& updated) {
        return change_user(updated.id,
                           [&](user_entry& user) { user.permissions = updated.permissions; });
    }

    bool operator()(const catalog_record::delete_user& deleted) {
        if (state_.users.find(deleted.id) == nullptr) {
            return false;
        }
        state_.users.erase(deleted.id);
        return true;
    }

private:
    template <class Table, class Made>
    static bool is_next(const Table& table, const Made& made) {
        return made.id == table.next_id() && table.find(std::string_view{made.name}) == nullptr;
    }
    template <class Table, class Named>
    static bool is_free(const Table& table, const Named& named) {
        const auto* holder = table.find(std::string_view{named.name});
        return holder == nullptr || holder->id == named.id;
    }

    template <class Change>
    bool change_topic(stream_id stream_number, topic_id topic_number, Change change) {
        const stream_entry* before = state_.streams.find(stream_number);
        const topic_entry* topic_before =
            before == nullptr ? nullptr : before->topics.find(topic_number);
        if (topic_before == nullptr) {
            return false;
        }
        topic_entry topic = *topic_before;
        if (!change(topic)) {
            return false;
        }
        stream_entry stream = *before;
        stream.topics.replace(std::move(topic));
        state_.streams.replace(std::move(stream));
        return true;
    }

    template <class Change>
    bool change_user(user_id number, Change change) {
        const user_entry* before = state_.users.find(number);
        if (before == nullptr) {
            return false;
        }
        user_entry user = *before;
        change(user);
        state_.users.replace(std::move(user));
        return true;
    }

    /// Runs `revoke_from` on the rights of every user; it says whether it changed them.
    template <class Revoke>
    void revoke(Revoke revoke_from) {
        std::vector<user_entry> changed;
        for (const user_entry& user : state_.users) {
            if (user.permissions) {
                user_entry with_less = user;
                if (revoke_from(*with_less.permissions)) {
                    changed.push_back(std::move(with_less));
                }
            }
        }
        for (user_entry& user : changed) {
            state_.users.replace(std::move(user));
        }
    }

    static bool revoke_topic(protocol::permissions& rights,
                             const catalog_record::delete_topic& deleted) {
        const auto of_stream = std::ranges::find(rights.streams, deleted.stream,
                                                 &protocol::stream_permissions::stream);
        return of_stream != rights.streams.end() &&
               std::erase_if(of_stream->topics, [&](const protocol::topic_permissions& each) {
                   return each.topic == deleted.id;
               }) > 0;
    }

    void add_partitions(topic_entry& topic, const catalog_record::partition_logs_list& added,
                        timestamp created_at) {
        for (const log_uid log : added.uids) {
            topic.partitions.push_back({log, created_at, counters_(log)});
        }
    }

    catalog_state& state_;
    const counters_source& counters_;
};

}  // namespace

std::string describe(const catalog_mismatch& mismatch) {
    return "A change of the catalog (kind " + std::to_string(mismatch.command) +
           ") does not fit the state before it";
}

expected<std::shared_ptr<const catalog_state>, catalog_mismatch> apply(
    const catalog_state& before, const catalog_command& command, const counters_source& counters) {
    auto after = std::make_shared<catalog_state>(before);
    ++after->sequence;
    if (!std::visit(changer{*after, counters}, command)) {
        return catalog_mismatch{command.index()};
    }
    return std::shared_ptr<const catalog_state>{std::move(after)};
}

std::vector<log_uid> logs_removed_by(const catalog_state& before, const catalog_command& command) {
    if (const auto* stream = std::get_if<catalog_record::delete_stream>(&command)) {
        const stream_entry* found = before.streams.find(stream->id);
        return found == nullptr ? std::vector<log_uid>{} : logs_of(*found);
    }
    const auto topic_at = [&](stream_id stream, topic_id topic) -> const topic_entry* {
        const stream_entry* found = before.streams.find(stream);
        return found == nullptr ? nullptr : found->topics.find(topic);
    };
    if (const auto* topic = std::get_if<catalog_record::delete_topic>(&command)) {
        const topic_entry* found = topic_at(topic->stream, topic->id);
        return found == nullptr ? std::vector<log_uid>{} : logs_of(*found);
    }
    if (const auto* some = std::get_if<catalog_record::delete_partitions>(&command)) {
        const topic_entry* found = topic_at(some->stream, some->topic);
        if (found == nullptr || some->count > found->partitions.size()) {
            return {};
        }
        std::vector<log_uid> all = logs_of(*found);
        return {all.end() - some->count, all.end()};
    }
    return {};
}

bool frees_room(const catalog_command& command) noexcept {
    using namespace catalog_record;
    return std::holds_alternative<delete_stream>(command) ||
           std::holds_alternative<delete_topic>(command) ||
           std::holds_alternative<delete_partitions>(command) ||
           std::holds_alternative<delete_user>(command);
}

}  // namespace iggy::server
