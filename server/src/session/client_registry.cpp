#include "session/client_registry.hpp"

#include <utility>

#include <iggy/base/checksum.hpp>

namespace iggy::server {

std::shared_ptr<client_record> client_registry::add(std::string address,
                                                    protocol::transport_kind transport,
                                                    timestamp now) {
    auto client = std::make_shared<client_record>();
    client->id = client_id{xxh32(as_bytes(address))};
    client->address = std::move(address);
    client->transport = transport;
    client->last_ping_micros.store(to_raw(now), std::memory_order_relaxed);
    const std::lock_guard lock{mutex_};
    clients_.insert(client);
    return client;
}

void client_registry::remove(const std::shared_ptr<client_record>& client) {
    const std::lock_guard lock{mutex_};
    clients_.erase(client);
}

std::vector<std::shared_ptr<const client_record>> client_registry::list() const {
    const std::lock_guard lock{mutex_};
    return {clients_.begin(), clients_.end()};
}

std::shared_ptr<const client_record> client_registry::find(client_id id) const {
    const std::lock_guard lock{mutex_};
    for (const auto& client : clients_) {
        if (client->id == id) {
            return client;
        }
    }
    return nullptr;
}

std::size_t client_registry::size() const {
    const std::lock_guard lock{mutex_};
    return clients_.size();
}

}  // namespace iggy::server
