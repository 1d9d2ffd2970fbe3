#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include "../session.hpp"
#include "../stats_text.hpp"
#include "../text.hpp"
#include "show.hpp"

namespace iggy::cli {
namespace {

using clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

double in_ms(nanoseconds time) { return std::chrono::duration<double, std::milli>{time}.count(); }

/// `min/avg/max/mdev = ... ms`; the average is in whole nanoseconds, as the deviation is taken
/// from it.
std::string ping_summary(const std::vector<nanoseconds>& times) {
    nanoseconds sum{};
    for (const auto time : times) {
        sum += time;
    }
    const auto count = static_cast<double>(times.size());
    const nanoseconds average = sum / static_cast<nanoseconds::rep>(times.size());
    double squares = 0;
    for (const auto time : times) {
        squares += std::pow(in_ms(time - average), 2);
    }
    const auto [least, greatest] = std::ranges::minmax(times);
    return fmt::format("min/avg/max/mdev = {:.3f}/{:.3f}/{:.3f}/{:.3f} ms", in_ms(least),
                       in_ms(average), in_ms(greatest), std::sqrt(squares / count));
}

std::string user_text(user_id user) {
    return user == protocol::no_user ? std::string{} : std::to_string(user.raw());
}

std::string groups_text(const std::vector<protocol::joined_group>& groups) {
    table rows{{"Stream ID", "Topic ID", "Consumer Group ID"}};
    for (const auto& joined : groups) {
        rows.add({std::to_string(joined.stream.raw()), std::to_string(joined.topic.raw()),
                  std::to_string(joined.group.raw())});
    }
    return rows.unframed();
}

}  // namespace

outcome execute(const ping_command& command, session& with) {
    constexpr std::chrono::seconds pause{1};
    with.out.text("Executing ping command");
    const auto width = std::to_string(command.count).size();
    std::vector<nanoseconds> times;
    for (std::uint32_t i = 1; i <= command.count; ++i) {
        const auto start = clock::now();
        if (const auto answered = with.server.ping(); !answered) {
            return failed("Problem sending ping command", answered.error());
        }
        times.push_back(clock::now() - start);
        with.out.line("Ping sequence id: {:>{}} time: {:.2f} ms", i, width, in_ms(times.back()));
        std::this_thread::sleep_for(pause);
    }
    with.out.line("\nPing statistics for {} ping commands\n{}", command.count, ping_summary(times));
    return done;
}

outcome execute(const me_command&, session& with) {
    with.out.text("Executing me command");
    const auto me = with.server.me();
    if (!me) {
        return failed("Problem sending get_me command", me.error());
    }
    table rows{{"Property", "Value"}};
    rows.add({"Client ID", std::to_string(me->info.id.raw())});
    if (me->info.user != protocol::no_user) {
        rows.add({"User ID", user_text(me->info.user)});
    }
    rows.add({"Address", me->info.address});
    rows.add({"Transport", std::string{to_text(me->info.transport)}});
    with.out.text(rows.framed());
    return done;
}

outcome execute(const stats_command& command, session& with) {
    with.out.text("Executing stats command");
    const auto stats = with.server.stats();
    if (!stats) {
        return failed("Problem sending get_stats command", stats.error());
    }
    with.out.always(stats_text(*stats, command.format));
    return done;
}

outcome execute(const cluster_metadata_command& command, session& with) {
    with.out.line("Executing get cluster metadata in {} mode", to_text(command.mode));
    const auto cluster = with.server.cluster_metadata();
    if (!cluster) {
        return failed("Problem getting cluster metadata", cluster.error());
    }
    if (cluster->nodes.empty()) {
        with.out.text("No cluster nodes found!");
        return done;
    }
    table rows{{"Name", "IP", "TCP", "QUIC", "HTTP", "WebSocket", "Role", "Status"}};
    for (const auto& node : cluster->nodes) {
        const auto& ports = node.endpoints;
        rows.add({node.name, node.ip, std::to_string(ports.tcp), std::to_string(ports.quic),
                  std::to_string(ports.http), std::to_string(ports.websocket),
                  std::string{to_text(node.role)}, std::string{to_text(node.status)}});
    }
    with.out.line("Cluster name: {}", cluster->name);
    show(with.out, rows, command.mode);
    return done;
}

outcome execute(const client_get_command& command, session& with) {
    with.out.line("Executing get client with ID: {}", command.id);
    const auto found = with.server.client_by_id(client_id{command.id});
    if (!found) {
        return failed(fmt::format("Problem getting client with ID: {}", command.id), found.error());
    }
    if (!*found) {
        with.out.line("Client with ID: {} was not found", command.id);
        return done;
    }
    const auto& [info, groups] = **found;
    const auto user = user_text(info.user);
    table rows{{"Property", "Value"}};
    rows.add({"Client ID", std::to_string(info.id.raw())});
    rows.add({"User ID", user.empty() ? "None" : user});
    rows.add({"Address", info.address});
    rows.add({"Transport", std::string{to_text(info.transport)}});
    rows.add({"Consumer Groups Count", std::to_string(info.consumer_groups_count)});
    if (!groups.empty()) {
        rows.add({"Consumer Groups Details", groups_text(groups)});
    }
    with.out.text(rows.framed());
    return done;
}

outcome execute(const client_list_command& command, session& with) {
    with.out.line("Executing list clients in {} mode", to_text(command.mode));
    const auto clients = with.server.clients();
    if (!clients) {
        return failed("Problem getting list of clients", clients.error());
    }
    if (clients->empty()) {
        with.out.text("No clients found!");
        return done;
    }
    table rows{{"Client ID", "User ID", "Address", "Transport", "Consumer Groups"}};
    for (const auto& client : *clients) {
        rows.add({std::to_string(client.id.raw()), user_text(client.user), client.address,
                  std::string{to_text(client.transport)},
                  std::to_string(client.consumer_groups_count)});
    }
    show(with.out, rows, command.mode);
    return done;
}

}  // namespace iggy::cli
