#include "service/system_commands.hpp"

#include <unistd.h>

#include <chrono>

#include "service/lookup.hpp"

namespace iggy::server {

namespace {

/// What clients are told, whatever our own version is: the protocol that this server speaks.
constexpr const char* spoken_version = "0.8.0";
constexpr std::uint32_t spoken_semver = 8000;

protocol::client_info info_of(const client_record& client) {
    protocol::client_info info;
    info.id = client.id;
    info.user = user_id{client.user.load(std::memory_order_relaxed)};
    info.transport = client.transport;
    info.address = client.address;
    return info;
}

}  // namespace

protocol::result<protocol::empty_response> run(call made, const protocol::ping&) {
    made.who.client->last_ping_micros.store(to_raw(made.server.now()), std::memory_order_relaxed);
    return protocol::empty_response{};
}

protocol::result<protocol::stats> run(call made, const protocol::get_stats&) {
    using std::chrono::microseconds;
    using std::chrono::seconds;
    service& server = made.server;
    const process_figures figures = server.process.read();
    const host_names& names = server.process.names();
    const auto started = std::chrono::floor<seconds>(server.started);
    protocol::stats stats;
    stats.process_id = static_cast<std::uint32_t>(::getpid());
    stats.cpu_usage = figures.cpu_percent;
    stats.total_cpu_usage = figures.total_cpu_percent;
    stats.memory_usage_bytes = figures.memory_bytes;
    stats.total_memory_bytes = figures.total_memory_bytes;
    stats.available_memory_bytes = figures.available_memory_bytes;
    stats.run_time_micros = static_cast<std::uint64_t>(
        microseconds{std::chrono::floor<seconds>(server.now() - started)}.count());
    stats.start_time = started;
    stats.read_bytes = figures.read_bytes;
    stats.written_bytes = figures.written_bytes;
    count_places(*made.state(), stats);
    stats.clients_count = static_cast<std::uint32_t>(server.clients.size());
    stats.hostname = names.hostname;
    stats.os_name = names.os_name;
    stats.os_version = names.os_version;
    stats.kernel_version = names.kernel_version;
    stats.server_version = spoken_version;
    stats.server_semver = spoken_semver;
    stats.threads_count = figures.threads;
    stats.free_disk_space_bytes = figures.free_disk_bytes;
    stats.total_disk_space_bytes = figures.total_disk_bytes;
    return stats;
}

protocol::result<protocol::cluster_metadata> run(call made, const protocol::get_cluster_metadata&) {
    return made.server.cluster;
}

protocol::result<protocol::client_details> run(call made, const protocol::get_me&) {
    if (made.state()->find(*made.who.user) == nullptr) {  // the user was deleted meanwhile
        return protocol::error_code::client_not_found;
    }
    return protocol::client_details{info_of(*made.who.client), {}};
}

protocol::result<protocol::get_client::response_type> run(call made,
                                                          const protocol::get_client& request) {
    using response = protocol::get_client::response_type;
    if (request.client.raw() == 0) {
        return protocol::error_code::invalid_client_id;
    }
    const auto client = made.server.clients.find(request.client);
    if (!client) {
        return response{};
    }
    return response{protocol::client_details{info_of(*client), {}}};
}

protocol::result<protocol::get_clients::response_type> run(call made,
                                                           const protocol::get_clients&) {
    protocol::get_clients::response_type clients;
    for (const auto& client : made.server.clients.list()) {
        clients.push_back(info_of(*client));
    }
    return clients;
}

}  // namespace iggy::server
