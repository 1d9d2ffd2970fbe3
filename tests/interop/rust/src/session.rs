//! ping, login, logout, me, client, clients, stats, cluster metadata.

use crate::{Outcome, holds, same};
use iggy::prelude::*;

pub async fn check(client: &IggyClient, address: &str, username: &str, password: &str) -> Outcome {
    client.ping().await?;

    let identity = client.login_user(username, password).await?;
    same!(identity.user_id, 0);
    client.logout_user().await?;
    client.ping().await?;
    let identity = client.login_user(username, password).await?;
    same!(identity.user_id, 0);

    clients(client).await?;
    stats(client).await?;
    cluster(client, address).await
}

async fn clients(client: &IggyClient) -> Outcome {
    let me = client.get_me().await?;
    same!(me.user_id, Some(0));
    same!(me.transport.as_str(), "TCP");
    same!(me.consumer_groups_count, 0);
    holds!(me.address.starts_with("127.0.0.1:"));

    let by_id = client
        .get_client(me.client_id)
        .await?
        .ok_or("get_client: own id is unknown")?;
    same!(by_id.address, me.address);
    same!(by_id.user_id, Some(0));
    holds!(client.get_client(me.client_id ^ 1).await?.is_none());

    let all = client.get_clients().await?;
    let own: Vec<_> = all
        .iter()
        .filter(|other| other.client_id == me.client_id)
        .collect();
    same!(own.len(), 1);
    same!(&own[0].address, &me.address);
    Ok(())
}

async fn stats(client: &IggyClient) -> Outcome {
    let stats = client.get_stats().await?;
    holds!(stats.process_id > 0);
    holds!(stats.memory_usage.as_bytes_u64() > 0);
    holds!(stats.total_memory.as_bytes_u64() >= stats.available_memory.as_bytes_u64());
    holds!(stats.start_time.as_micros() > 1_600_000_000_000_000);
    holds!(stats.threads_count > 0);
    holds!(stats.total_disk_space.as_bytes_u64() >= stats.free_disk_space.as_bytes_u64());
    holds!(
        !stats.hostname.is_empty() && !stats.os_name.is_empty() && !stats.kernel_version.is_empty()
    );
    same!(stats.iggy_server_version.as_str(), "0.8.0");
    same!(stats.iggy_server_semver, Some(8000));
    same!(
        (
            stats.streams_count,
            stats.topics_count,
            stats.partitions_count
        ),
        (0, 0, 0)
    );
    same!((stats.messages_count, stats.consumer_groups_count), (0, 0));
    holds!(stats.clients_count >= 1);
    Ok(())
}

async fn cluster(client: &IggyClient, address: &str) -> Outcome {
    let cluster = client.get_cluster_metadata().await?;
    same!(cluster.name.as_str(), "single-node");
    same!(cluster.nodes.len(), 1);
    let node = &cluster.nodes[0];
    same!(node.name.as_str(), "iggy-node");
    same!(format!("{}:{}", node.ip, node.endpoints.tcp), address);
    same!(node.role, ClusterNodeRole::Leader);
    same!(node.status, ClusterNodeStatus::Healthy);
    Ok(())
}
