//! The three partitionings, the five polling strategies, user headers of every kind, flush and consumer offsets.

use crate::{Outcome, holds, named, same, status};
use iggy::prelude::*;
use std::collections::BTreeMap;

const PARTITION_NOT_FOUND: u32 = 3007;
const OFFSET_NOT_FOUND: u32 = 3021;
const INVALID_OFFSET: u32 = 4100;

pub async fn check(client: &IggyClient) -> Outcome {
    let stream = named("small");
    client.create_stream("small").await?;
    client
        .create_topic(
            &stream,
            "topic",
            3,
            CompressionAlgorithm::None,
            None,
            IggyExpiry::NeverExpire,
            MaxTopicSize::Unlimited,
        )
        .await?;
    partitioning(client).await?;
    client.purge_topic(&stream, &named("topic")).await?;
    polling(client).await?;
    headers(client).await?;
    offsets(client).await?;

    client
        .flush_unsaved_buffer(&stream, &named("topic"), 0, false)
        .await?;
    client
        .flush_unsaved_buffer(&stream, &named("topic"), 0, true)
        .await?;
    let absent = client
        .flush_unsaved_buffer(&stream, &named("topic"), 9, true)
        .await;
    same!(status(absent), PARTITION_NOT_FOUND);
    client.delete_stream(&stream).await?;
    Ok(())
}

async fn send(
    client: &IggyClient,
    partitioning: &Partitioning,
    texts: &[&str],
) -> Result<(), IggyError> {
    let mut messages = Vec::new();
    for text in texts {
        messages.push(
            IggyMessage::builder()
                .payload(text.to_string().into())
                .build()?,
        );
    }
    client
        .send_messages(
            &named("small"),
            &named("topic"),
            partitioning,
            &mut messages,
        )
        .await
}

async fn poll(
    client: &IggyClient,
    consumer: &str,
    strategy: PollingStrategy,
    count: u32,
    commit: bool,
) -> Result<Vec<(u64, String)>, IggyError> {
    let consumer = Consumer::new(named(consumer));
    let polled = client
        .poll_messages(
            &named("small"),
            &named("topic"),
            Some(0),
            &consumer,
            &strategy,
            count,
            commit,
        )
        .await?;
    polled
        .messages
        .iter()
        .map(|message| Ok((message.header.offset, message.payload_as_string()?)))
        .collect()
}

async fn counts(client: &IggyClient) -> Result<Vec<u64>, Box<dyn std::error::Error>> {
    let topic = client
        .get_topic(&named("small"), &named("topic"))
        .await?
        .ok_or("the topic is gone")?;
    Ok(topic
        .partitions
        .iter()
        .map(|partition| partition.messages_count)
        .collect())
}

async fn partitioning(client: &IggyClient) -> Outcome {
    for _ in 0..6 {
        send(client, &Partitioning::balanced(), &["b"]).await?;
    }
    same!(counts(client).await?, vec![2, 2, 2]);
    // XXH32 of "order-17" mod 3 is 1.
    send(client, &Partitioning::messages_key_str("order-17")?, &["k"]).await?;
    same!(counts(client).await?, vec![2, 3, 2]);
    send(client, &Partitioning::partition_id(2), &["p", "q"]).await?;
    same!(counts(client).await?, vec![2, 3, 4]);
    let refused = send(client, &Partitioning::partition_id(3), &["x"]).await;
    same!(status(refused), PARTITION_NOT_FOUND);
    Ok(())
}

async fn polling(client: &IggyClient) -> Outcome {
    let to_first = Partitioning::partition_id(0);
    send(client, &to_first, &["m0", "m1", "m2"]).await?;
    send(client, &to_first, &["m3", "m4"]).await?;
    let all: Vec<(u64, String)> = (0..5).map(|at| (at, format!("m{at}"))).collect();

    same!(
        poll(client, "a", PollingStrategy::first(), 10, false).await?,
        all
    );
    same!(
        poll(client, "a", PollingStrategy::first(), 2, false).await?,
        all[..2]
    );
    same!(
        poll(client, "a", PollingStrategy::last(), 2, false).await?,
        all[3..]
    );
    same!(
        poll(client, "a", PollingStrategy::last(), 10, false).await?,
        all
    );
    same!(
        poll(client, "a", PollingStrategy::offset(2), 2, false).await?,
        all[2..4]
    );
    same!(
        poll(client, "a", PollingStrategy::offset(5), 2, false).await?,
        vec![]
    );
    same!(
        poll(client, "a", PollingStrategy::next(), 2, false).await?,
        all[..2]
    );
    same!(
        poll(client, "a", PollingStrategy::next(), 2, true).await?,
        all[..2]
    );
    same!(
        poll(client, "a", PollingStrategy::next(), 10, true).await?,
        all[2..]
    );
    same!(
        poll(client, "a", PollingStrategy::next(), 10, true).await?,
        vec![]
    );
    same!(
        poll(client, "b", PollingStrategy::next(), 1, true).await?,
        all[..1]
    );

    let raw = client
        .poll_messages(
            &named("small"),
            &named("topic"),
            Some(0),
            &Consumer::default(),
            &PollingStrategy::first(),
            10,
            false,
        )
        .await?;
    same!((raw.partition_id, raw.current_offset, raw.count), (0, 4, 5));
    let times: Vec<u64> = raw
        .messages
        .iter()
        .map(|message| message.header.timestamp)
        .collect();
    same!((times[0], times[3]), (times[2], times[4]));
    holds!(times[0] < times[3]);
    let at = |time: u64| PollingStrategy::timestamp(IggyTimestamp::from(time));
    same!(poll(client, "a", at(0), 10, false).await?, all);
    same!(poll(client, "a", at(times[0]), 10, false).await?, all);
    same!(
        poll(client, "a", at(times[0] + 1), 10, false).await?,
        all[3..]
    );
    same!(poll(client, "a", at(times[3]), 10, false).await?, all[3..]);
    same!(
        poll(client, "a", at(times[3] + 1), 10, false).await?,
        vec![]
    );
    Ok(())
}

async fn headers(client: &IggyClient) -> Outcome {
    let key = |name: &str| HeaderKey::try_from(name);
    let sent: BTreeMap<HeaderKey, HeaderValue> = BTreeMap::from([
        (key("text")?, HeaderValue::try_from("text/plain")?),
        (key("raw")?, HeaderValue::try_from(&[0u8, 255, 7][..])?),
        (key("bool")?, true.into()),
        (key("int8")?, (-8i8).into()),
        (key("int16")?, (-16i16).into()),
        (key("int32")?, (-32i32).into()),
        (key("int64")?, (-64i64).into()),
        (key("int128")?, (-128i128).into()),
        (key("uint8")?, 8u8.into()),
        (key("uint16")?, 16u16.into()),
        (key("uint32")?, 32u32.into()),
        (key("uint64")?, 64u64.into()),
        (key("uint128")?, 128u128.into()),
        (key("float32")?, 0.5f32.into()),
        (key("float64")?, 0.25f64.into()),
    ]);
    let message = IggyMessage::builder()
        .id(77)
        .payload("with headers".into())
        .user_headers(sent.clone())
        .build()?;
    let (stream, topic) = (named("small"), named("topic"));
    client
        .send_messages(
            &stream,
            &topic,
            &Partitioning::partition_id(1),
            &mut [message],
        )
        .await?;
    let polled = client
        .poll_messages(
            &stream,
            &topic,
            Some(1),
            &Consumer::default(),
            &PollingStrategy::last(),
            1,
            false,
        )
        .await?;
    same!(polled.messages.len(), 1);
    let got = &polled.messages[0];
    same!((got.header.id, got.header.reserved), (77, 0));
    same!(got.payload_as_string()?.as_str(), "with headers");
    same!(got.user_headers_map()?, Some(sent));
    Ok(())
}

async fn offsets(client: &IggyClient) -> Outcome {
    let (stream, topic) = (named("small"), named("topic"));
    let consumer = Consumer::new(named("offsets"));
    let get = || client.get_consumer_offset(&consumer, &stream, &topic, Some(0));
    holds!(get().await?.is_none());
    let absent = client
        .delete_consumer_offset(&consumer, &stream, &topic, Some(0))
        .await;
    same!(status(absent), OFFSET_NOT_FOUND);

    for offset in [3, 1] {
        client
            .store_consumer_offset(&consumer, &stream, &topic, Some(0), offset)
            .await?;
        let info = get().await?.ok_or("a stored offset is not found")?;
        same!(
            (info.partition_id, info.current_offset, info.stored_offset),
            (0, 4, offset)
        );
    }
    let beyond = client
        .store_consumer_offset(&consumer, &stream, &topic, Some(0), 5)
        .await;
    same!(status(beyond), INVALID_OFFSET);
    let nowhere = client
        .store_consumer_offset(&consumer, &stream, &topic, Some(9), 0)
        .await;
    same!(status(nowhere), PARTITION_NOT_FOUND);
    let next = poll(client, "offsets", PollingStrategy::next(), 1, false).await?;
    same!(next, vec![(2, "m2".to_string())]);

    client
        .delete_consumer_offset(&consumer, &stream, &topic, Some(0))
        .await?;
    holds!(get().await?.is_none());
    let next = poll(client, "offsets", PollingStrategy::next(), 1, false).await?;
    same!(next, vec![(0, "m0".to_string())]);
    Ok(())
}
