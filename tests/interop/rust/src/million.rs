//! Many messages with user headers: sent in batches, read back by next, offset, timestamp, first and last, every
//! payload, header, id and offset compared; then the oldest segments deleted.

use crate::{Outcome, holds, named, same};
use iggy::prelude::*;
use std::collections::{BTreeMap, HashSet};
use std::time::Instant;

const PARTITIONS: u64 = 3;
const BATCH: u64 = 1000;
const PAYLOAD_WORDS: usize = 125;
const GOLDEN_RATIO: u64 = 0x9E37_79B9_7F4A_7C15;

/// What each message of one partition was first seen with.
#[derive(Default)]
struct Seen {
    ids: Vec<u128>,
    timestamps: Vec<u64>,
}

/// The 1000 bytes of message `index`; no two indexes share them, as the factor is odd.
fn payload_of(index: u64) -> Vec<u8> {
    (index + 1)
        .wrapping_mul(GOLDEN_RATIO)
        .to_le_bytes()
        .repeat(PAYLOAD_WORDS)
}

fn headers_of(index: u64) -> Result<BTreeMap<HeaderKey, HeaderValue>, IggyError> {
    Ok(BTreeMap::from([
        (HeaderKey::try_from("index")?, index.into()),
        (
            HeaderKey::try_from("batch")?,
            HeaderValue::try_from(format!("b-{}", index / BATCH).as_str())?,
        ),
    ]))
}

/// Batches go to the partitions in turn, so a place tells which message must be there.
fn index_of(partition: u64, offset: u64) -> u64 {
    (offset / BATCH * PARTITIONS + partition) * BATCH + offset % BATCH
}

fn compare(partition: u64, first: u64, messages: &[IggyMessage]) -> Outcome {
    for (at, message) in (first..).zip(messages) {
        let index = index_of(partition, at);
        same!(message.header.offset, at);
        holds!(message.payload[..] == payload_of(index)[..]);
        same!(message.user_headers_map()?, Some(headers_of(index)?));
    }
    Ok(())
}

fn compare_again(seen: &Seen, partition: u64, first: u64, messages: &[IggyMessage]) -> Outcome {
    compare(partition, first, messages)?;
    for (at, message) in (first as usize..).zip(messages) {
        same!(message.header.id, seen.ids[at]);
        same!(message.header.timestamp, seen.timestamps[at]);
    }
    Ok(())
}

async fn poll(
    client: &IggyClient,
    partition: u64,
    strategy: PollingStrategy,
    count: u64,
    commit: bool,
) -> Result<Vec<IggyMessage>, IggyError> {
    let consumer = Consumer::new(named("million"));
    let polled = client
        .poll_messages(
            &named("interop"),
            &named("million"),
            Some(partition as u32),
            &consumer,
            &strategy,
            count as u32,
            commit,
        )
        .await?;
    Ok(polled.messages)
}

pub async fn check(client: &IggyClient, messages: u64) -> Outcome {
    let (stream, topic) = (named("interop"), named("million"));
    client.create_stream("interop").await?;
    client
        .create_topic(
            &stream,
            "million",
            PARTITIONS as u32,
            CompressionAlgorithm::None,
            None,
            IggyExpiry::NeverExpire,
            MaxTopicSize::Unlimited,
        )
        .await?;
    let batches = messages / BATCH;
    let began = Instant::now();
    send(client, batches).await?;
    println!("send: {:.1} s", began.elapsed().as_secs_f32());

    let mut ids = HashSet::new();
    for partition in 0..PARTITIONS {
        let count = (batches - partition).div_ceil(PARTITIONS) * BATCH;
        let began = Instant::now();
        let seen = by_next(client, partition, count).await?;
        by_offset(client, partition, count, &seen).await?;
        by_timestamp(client, partition, count, &seen).await?;
        ends(client, partition, count, &seen).await?;
        ids.extend(seen.ids);
        println!(
            "partition {partition}: {:.1} s",
            began.elapsed().as_secs_f32()
        );
    }
    same!(ids.len() as u64, batches * BATCH);
    holds!(!ids.contains(&0));

    let details = client
        .get_topic(&stream, &topic)
        .await?
        .ok_or("the topic is gone")?;
    same!(details.messages_count, batches * BATCH);
    let stats = client.get_stats().await?;
    same!(stats.messages_count, batches * BATCH);
    same!(
        (
            stats.streams_count,
            stats.topics_count,
            stats.partitions_count
        ),
        (1, 1, 3)
    );
    delete_segments(client, &details).await?;
    println!(
        "{} messages: every payload, header, id and offset is right",
        batches * BATCH
    );
    Ok(())
}

async fn send(client: &IggyClient, batches: u64) -> Outcome {
    for batch in 0..batches {
        let mut messages = Vec::with_capacity(BATCH as usize);
        for index in batch * BATCH..(batch + 1) * BATCH {
            messages.push(
                IggyMessage::builder()
                    .payload(payload_of(index).into())
                    .user_headers(headers_of(index)?)
                    .build()?,
            );
        }
        let partitioning = Partitioning::partition_id((batch % PARTITIONS) as u32);
        client
            .send_messages(
                &named("interop"),
                &named("million"),
                &partitioning,
                &mut messages,
            )
            .await?;
    }
    Ok(())
}

async fn by_next(
    client: &IggyClient,
    partition: u64,
    count: u64,
) -> Result<Seen, Box<dyn std::error::Error>> {
    let mut seen = Seen::default();
    for first in (0..count).step_by(BATCH as usize) {
        let messages = poll(client, partition, PollingStrategy::next(), BATCH, true).await?;
        same!(messages.len() as u64, BATCH);
        compare(partition, first, &messages)?;
        seen.ids
            .extend(messages.iter().map(|message| message.header.id));
        seen.timestamps
            .extend(messages.iter().map(|message| message.header.timestamp));
    }
    holds!(
        poll(client, partition, PollingStrategy::next(), BATCH, true)
            .await?
            .is_empty()
    );
    holds!(seen.timestamps.is_sorted());
    let stored = client
        .get_consumer_offset(
            &Consumer::new(named("million")),
            &named("interop"),
            &named("million"),
            Some(partition as u32),
        )
        .await?
        .ok_or("auto-commit stored nothing")?;
    same!(
        (stored.current_offset, stored.stored_offset),
        (count - 1, count - 1)
    );
    Ok(seen)
}

async fn by_offset(client: &IggyClient, partition: u64, count: u64, seen: &Seen) -> Outcome {
    let per_poll = BATCH * 7 / 2; // not a multiple of the batch: polls start inside stored batches too
    for first in (0..count).step_by(per_poll as usize) {
        let messages = poll(
            client,
            partition,
            PollingStrategy::offset(first),
            per_poll,
            false,
        )
        .await?;
        same!(messages.len() as u64, per_poll.min(count - first));
        compare_again(seen, partition, first, &messages)?;
    }
    Ok(())
}

async fn by_timestamp(client: &IggyClient, partition: u64, count: u64, seen: &Seen) -> Outcome {
    let mut times = seen.timestamps.clone();
    times.dedup();
    let mut covered = 0;
    for time in times {
        let first = seen.timestamps.partition_point(|&other| other < time) as u64;
        let strategy = PollingStrategy::timestamp(IggyTimestamp::from(time));
        let messages = poll(client, partition, strategy, BATCH, false).await?;
        same!(messages.len() as u64, BATCH.min(count - first));
        compare_again(seen, partition, first, &messages)?;
        holds!(first <= covered);
        covered = covered.max(first + messages.len() as u64);
    }
    same!(covered, count);
    let after =
        PollingStrategy::timestamp(IggyTimestamp::from(seen.timestamps[count as usize - 1] + 1));
    holds!(
        poll(client, partition, after, BATCH, false)
            .await?
            .is_empty()
    );
    Ok(())
}

async fn ends(client: &IggyClient, partition: u64, count: u64, seen: &Seen) -> Outcome {
    for size in [1, 10, BATCH, 5 * BATCH + 1] {
        let wanted = size.min(count);
        let first = poll(client, partition, PollingStrategy::first(), size, false).await?;
        same!(first.len() as u64, wanted);
        compare_again(seen, partition, 0, &first)?;
        let last = poll(client, partition, PollingStrategy::last(), size, false).await?;
        same!(last.len() as u64, wanted);
        compare_again(seen, partition, count - wanted, &last)?;
    }
    Ok(())
}

/// Needs several sealed segments a partition: the runner starts the server with small ones.
async fn delete_segments(client: &IggyClient, before: &TopicDetails) -> Outcome {
    let (stream, topic) = (named("interop"), named("million"));
    let segments = before.partitions[0].segments_count;
    holds!(segments > 3);
    client.delete_segments(&stream, &topic, 0, 2).await?;
    let after = client
        .get_topic(&stream, &topic)
        .await?
        .ok_or("the topic is gone")?;
    same!(after.partitions[0].segments_count, segments - 2);
    same!(
        after.partitions[0].current_offset,
        before.partitions[0].current_offset
    );
    holds!(after.partitions[0].messages_count < before.partitions[0].messages_count);
    same!(
        after.partitions[1].messages_count,
        before.partitions[1].messages_count
    );

    let oldest = poll(client, 0, PollingStrategy::first(), 10, false).await?;
    same!(oldest.len(), 10);
    let first = oldest[0].header.offset;
    same!(
        first,
        before.partitions[0].messages_count - after.partitions[0].messages_count
    );
    compare(0, first, &oldest)?;
    let below = poll(client, 0, PollingStrategy::offset(0), 10, false).await?;
    compare(0, first, &below)
}
