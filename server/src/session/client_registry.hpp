#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include <iggy/protocol/primitives.hpp>

#include "session/session.hpp"

namespace iggy::server {

/// All connections of the server. Connections come and go and lists are asked for rarely, so one
/// lock is enough. Thread-safe.
class client_registry {
public:
    /// Registers a connection from `address`; its id is the XXH32 of that text.
    std::shared_ptr<client_record> add(std::string address, protocol::transport_kind transport,
                                       timestamp now);
    void remove(const std::shared_ptr<client_record>& client);

    std::vector<std::shared_ptr<const client_record>> list() const;
    /// Nothing when no such connection is open.
    std::shared_ptr<const client_record> find(client_id id) const;
    std::size_t size() const;

private:
    mutable std::mutex mutex_;
    std::unordered_set<std::shared_ptr<client_record>> clients_;
};

}  // namespace iggy::server
