//! create, get, list, update, purge and delete of streams, topics and partitions.

use crate::{Outcome, holds, named, same, status};
use iggy::prelude::*;

const STREAM_NOT_FOUND: u32 = 1009;
const STREAM_NAME_TAKEN: u32 = 1012;
const TOPIC_NOT_FOUND: u32 = 2010;
const TOPIC_NAME_TAKEN: u32 = 2013;
const TOO_MANY_PARTITIONS: u32 = 2015;
const INVALID_PARTITIONS_COUNT: u32 = 2019;

pub async fn check(client: &IggyClient) -> Outcome {
    streams(client).await?;
    topics(client).await?;
    partitions(client).await?;
    purge(client).await?;
    delete(client).await
}

async fn streams(client: &IggyClient) -> Outcome {
    let first = client.create_stream("first").await?;
    same!(
        (first.id, first.name.as_str(), first.topics_count),
        (0, "first", 0)
    );
    holds!(first.created_at.as_micros() > 0);
    let second = client.create_stream("second").await?;
    same!(second.id, 1);
    same!(
        status(client.create_stream("first").await),
        STREAM_NAME_TAKEN
    );

    client.update_stream(&named("first"), "renamed").await?;
    same!(
        status(client.update_stream(&named("renamed"), "second").await),
        STREAM_NAME_TAKEN
    );
    same!(
        status(client.update_stream(&named("first"), "other").await),
        STREAM_NOT_FOUND
    );
    let stream = client
        .get_stream(&Identifier::numeric(0)?)
        .await?
        .ok_or("stream 0 is gone")?;
    same!(stream.name.as_str(), "renamed");
    holds!(client.get_stream(&named("first")).await?.is_none());

    let listed = client.get_streams().await?;
    let names: Vec<_> = listed
        .iter()
        .map(|stream| (stream.id, stream.name.as_str()))
        .collect();
    same!(names, vec![(0, "renamed"), (1, "second")]);
    Ok(())
}

async fn topics(client: &IggyClient) -> Outcome {
    let stream = named("renamed");
    let create = |name: &'static str, expiry, size| {
        let stream = stream.clone();
        async move {
            client
                .create_topic(
                    &stream,
                    name,
                    2,
                    CompressionAlgorithm::None,
                    Some(1),
                    expiry,
                    size,
                )
                .await
        }
    };
    let topic = create(
        "events",
        IggyExpiry::ServerDefault,
        MaxTopicSize::ServerDefault,
    )
    .await?;
    same!(
        (topic.id, topic.name.as_str(), topic.partitions_count),
        (0, "events", 2)
    );
    same!(topic.message_expiry, IggyExpiry::NeverExpire);
    same!(topic.max_topic_size, MaxTopicSize::Unlimited);
    same!(topic.replication_factor, 1);
    same!(topic.partitions.len(), 2);

    let hour = IggyExpiry::ExpireDuration("1h".parse()?);
    let limit = MaxTopicSize::Custom("2 GiB".parse()?);
    let limited = create("limited", hour, limit).await?;
    same!(
        (limited.id, limited.message_expiry, limited.max_topic_size),
        (1, hour, limit)
    );
    let again = create("events", IggyExpiry::NeverExpire, MaxTopicSize::Unlimited).await;
    same!(status(again), TOPIC_NAME_TAKEN);

    client
        .update_topic(
            &stream,
            &named("limited"),
            "updated",
            CompressionAlgorithm::Gzip,
            Some(3),
            IggyExpiry::NeverExpire,
            MaxTopicSize::Unlimited,
        )
        .await?;
    let updated = client
        .get_topic(&stream, &Identifier::numeric(1)?)
        .await?
        .ok_or("topic 1 is gone")?;
    same!(updated.name.as_str(), "updated");
    same!(updated.compression_algorithm, CompressionAlgorithm::Gzip);
    same!(updated.message_expiry, IggyExpiry::NeverExpire);
    same!(
        (updated.max_topic_size, updated.replication_factor),
        (MaxTopicSize::Unlimited, 3)
    );
    holds!(
        client
            .get_topic(&stream, &named("limited"))
            .await?
            .is_none()
    );

    let listed = client.get_topics(&stream).await?;
    let names: Vec<_> = listed
        .iter()
        .map(|topic| (topic.id, topic.name.as_str()))
        .collect();
    same!(names, vec![(0, "events"), (1, "updated")]);
    let details = client
        .get_stream(&stream)
        .await?
        .ok_or("stream without details")?;
    same!(details.topics_count, 2);
    same!(details.topics.len(), 2);
    Ok(())
}

async fn partitions(client: &IggyClient) -> Outcome {
    let (stream, topic) = (named("renamed"), named("events"));
    client.create_partitions(&stream, &topic, 3).await?;
    let details = client
        .get_topic(&stream, &topic)
        .await?
        .ok_or("topic without details")?;
    let ids: Vec<_> = details
        .partitions
        .iter()
        .map(|partition| partition.id)
        .collect();
    same!(ids, vec![0, 1, 2, 3, 4]);
    client.delete_partitions(&stream, &topic, 2).await?;
    let details = client
        .get_topic(&stream, &topic)
        .await?
        .ok_or("topic without details")?;
    same!(details.partitions_count, 3);
    same!(
        status(client.create_partitions(&stream, &topic, 1001).await),
        TOO_MANY_PARTITIONS
    );
    same!(
        status(client.delete_partitions(&stream, &topic, 4).await),
        INVALID_PARTITIONS_COUNT
    );
    same!(
        status(client.delete_partitions(&stream, &named("absent"), 1).await),
        TOPIC_NOT_FOUND
    );
    Ok(())
}

async fn send_three(client: &IggyClient, topic: &Identifier) -> Outcome {
    let mut messages = Vec::new();
    for text in ["one", "two", "three"] {
        messages.push(IggyMessage::builder().payload(text.into()).build()?);
    }
    let to_first = Partitioning::partition_id(0);
    client
        .send_messages(&named("renamed"), topic, &to_first, &mut messages)
        .await?;
    Ok(())
}

async fn messages_in(client: &IggyClient, topic: &Identifier) -> Result<u64, IggyError> {
    let details = client.get_topic(&named("renamed"), topic).await?;
    Ok(details.map_or(0, |topic| topic.messages_count))
}

async fn purge(client: &IggyClient) -> Outcome {
    let (stream, events, updated) = (named("renamed"), named("events"), named("updated"));
    send_three(client, &events).await?;
    send_three(client, &updated).await?;
    client.purge_topic(&stream, &events).await?;
    same!(messages_in(client, &events).await?, 0);
    same!(messages_in(client, &updated).await?, 3);

    send_three(client, &events).await?;
    let polled = client
        .poll_messages(
            &stream,
            &events,
            Some(0),
            &Consumer::default(),
            &PollingStrategy::first(),
            10,
            false,
        )
        .await?;
    same!(polled.messages.len(), 3);
    same!(polled.messages[0].header.offset, 0);

    client.purge_stream(&stream).await?;
    same!(
        messages_in(client, &events).await? + messages_in(client, &updated).await?,
        0
    );
    same!(
        status(client.purge_stream(&named("absent")).await),
        STREAM_NOT_FOUND
    );
    Ok(())
}

async fn delete(client: &IggyClient) -> Outcome {
    let stream = named("renamed");
    client.delete_topic(&stream, &named("events")).await?;
    same!(
        status(client.delete_topic(&stream, &named("events")).await),
        TOPIC_NOT_FOUND
    );
    same!(client.get_topics(&stream).await?.len(), 1);
    client.delete_stream(&stream).await?;
    client.delete_stream(&named("second")).await?;
    same!(
        status(client.delete_stream(&named("second")).await),
        STREAM_NOT_FOUND
    );
    same!(client.get_streams().await?.len(), 0);
    Ok(())
}
