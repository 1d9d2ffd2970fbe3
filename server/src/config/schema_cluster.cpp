#include "config/schema_sections.hpp"

namespace iggy::server {
namespace {

using enum key_status;

}  // namespace

/// Keys of the cluster that this node shows to clients.
void add_cluster_keys(std::vector<config_key>& keys) {
    keys.insert(
        keys.end(),
        {
            row<codec::boolean>("cluster.enabled", "false", planned,
                                "Answer cluster metadata with the nodes below",
                                [](auto& c) -> auto& { return c.cluster.enabled; }),
            row<codec::text>("cluster.name", "\"iggy-cluster\"", planned, "Name of the cluster",
                             [](auto& c) -> auto& { return c.cluster.name; }),
            row<codec::text>("cluster.node.current.name", "\"iggy-node-1\"", planned,
                             "Name of this node",
                             [](auto& c) -> auto& { return c.cluster.node.current.name; }),
            row<codec::text>("cluster.node.current.ip", "\"127.0.0.1\"", planned,
                             "Address of this node",
                             [](auto& c) -> auto& { return c.cluster.node.current.ip; }),
            row<codec::cluster_nodes>("cluster.node.others",
                                      "[{ name = \"iggy-node-2\", ip = \"127.0.0.1\", ports = { "
                                      "tcp = 8091, quic = 8081, http = 3001, websocket = 8093 } }]",
                                      planned, "The other nodes; a port left out is this node's",
                                      [](auto& c) -> auto& { return c.cluster.node.others; }),
        });
}

}  // namespace iggy::server
