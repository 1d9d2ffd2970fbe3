"""The Python SDK against a server: sends messages in batches of 1000 and reads them back in every way it can.

Arguments: ADDRESS USERNAME PASSWORD MESSAGES. Exit code 0 when every payload, id and offset was right.
"""

import asyncio
import bisect
import struct
import sys
import time
from array import array

from apache_iggy import IggyClient, PollingStrategy, SendMessage

STREAM, TOPIC, PARTITIONS = "interop", "million", 3
BATCH = 1000
PAYLOAD_BYTES = 1000
GOLDEN_RATIO = 0x9E3779B97F4A7C15  # odd, so that multiplying by it maps no two indexes to one word


def payload_of(index: int) -> bytes:
    """The 1000 bytes of message `index`: no two indexes share them."""
    return struct.pack("<Q", (index + 1) * GOLDEN_RATIO & (2**64 - 1)) * (PAYLOAD_BYTES // 8)


def index_of(partition: int, offset: int) -> int:
    """Batches go to the partitions in turn, so a place tells which message must be there."""
    batch = offset // BATCH * PARTITIONS + partition
    return batch * BATCH + offset % BATCH


class Check:
    """What was sent, what was seen, and the comparison."""

    def __init__(self, batches: int):
        self.counts = [(batches - partition + PARTITIONS - 1) // PARTITIONS * BATCH
                       for partition in range(PARTITIONS)]
        self.ids = [[0] * count for count in self.counts]
        self.timestamps = [array("Q", bytes(8 * count)) for count in self.counts]

    def first_seen(self, partition: int, expected_offset: int, messages: list):
        self.same(partition, expected_offset, messages)
        ids, timestamps = self.ids[partition], self.timestamps[partition]
        for at, message in enumerate(messages, expected_offset):
            ids[at] = message.id()
            timestamps[at] = message.timestamp()

    def same(self, partition: int, expected_offset: int, messages: list):
        for at, message in enumerate(messages, expected_offset):
            if message.offset() != at:
                raise AssertionError(f"partition {partition}: offset {message.offset()} where {at} must be")
            if message.payload() != payload_of(index_of(partition, at)):
                raise AssertionError(f"partition {partition}, offset {at}: another payload than was sent")
            if message.partition_id() != partition:
                raise AssertionError(f"partition {partition}, offset {at}: says partition {message.partition_id()}")

    def seen_again(self, partition: int, expected_offset: int, messages: list):
        self.same(partition, expected_offset, messages)
        ids, timestamps = self.ids[partition], self.timestamps[partition]
        for at, message in enumerate(messages, expected_offset):
            if message.id() != ids[at]:
                raise AssertionError(f"partition {partition}, offset {at}: id {message.id()}, was {ids[at]}")
            if message.timestamp() != timestamps[at]:
                raise AssertionError(f"partition {partition}, offset {at}: time {message.timestamp()}, "
                                     f"was {timestamps[at]}")

    def ids_are_unique(self):
        together = [message_id for ids in self.ids for message_id in ids]
        assert 0 not in together, "a message without an id"
        assert len(set(together)) == len(together), "an id was given twice"

    def time_never_goes_back(self):
        for partition, timestamps in enumerate(self.timestamps):
            for at in range(1, len(timestamps)):
                assert timestamps[at - 1] <= timestamps[at], f"partition {partition}: time goes back at {at}"


async def poll(client, partition, strategy, count=BATCH, auto_commit=False):
    return await client.poll_messages(STREAM, TOPIC, partition, strategy, count, auto_commit)


async def send_all(client, batches):
    for batch in range(batches):
        messages = [SendMessage(payload_of(batch * BATCH + at)) for at in range(BATCH)]
        await client.send_messages(STREAM, TOPIC, batch % PARTITIONS, messages)


async def poll_all_by_next(client, check):
    for partition, count in enumerate(check.counts):
        for expected in range(0, count, BATCH):
            messages = await poll(client, partition, PollingStrategy.Next(), auto_commit=True)
            assert len(messages) == BATCH, f"{len(messages)} messages by next at {expected}"
            check.first_seen(partition, expected, messages)
        rest = await poll(client, partition, PollingStrategy.Next(), auto_commit=True)
        assert not rest, f"partition {partition} has {len(rest)} messages more than were sent"


async def poll_all_by_offset(client, check):
    count_per_poll = 7 * BATCH // 2  # not a multiple of the batch, so polls start inside stored batches too
    for partition, count in enumerate(check.counts):
        for expected in range(0, count, count_per_poll):
            messages = await poll(client, partition, PollingStrategy.Offset(expected), count_per_poll)
            wanted = min(count_per_poll, count - expected)
            assert len(messages) == wanted, f"{len(messages)} messages at offset {expected}, {wanted} wanted"
            check.seen_again(partition, expected, messages)
        assert not await poll(client, partition, PollingStrategy.Offset(count)), "messages after the last one"


async def poll_all_by_timestamp(client, check):
    """Every poll must begin with the first message at or after the time, also among equal times."""
    for partition, count in enumerate(check.counts):
        timestamps = check.timestamps[partition]
        seen = 0
        for time_asked in sorted({0, *timestamps, *(t + 1 for t in timestamps[::BATCH * 10])}):
            expected = bisect.bisect_left(timestamps, time_asked)
            messages = await poll(client, partition, PollingStrategy.Timestamp(time_asked))
            wanted = min(BATCH, count - expected)
            assert len(messages) == wanted, f"{len(messages)} messages at time {time_asked}, {wanted} wanted"
            check.seen_again(partition, expected, messages)
            seen = max(seen, expected + len(messages)) if expected <= seen else seen
        assert seen == count, f"partition {partition}: the polls by time cover {seen} of {count} messages"
        after = await poll(client, partition, PollingStrategy.Timestamp(timestamps[-1] + 1))
        assert not after, "messages after the last time"


async def poll_ends(client, check):
    for partition, count in enumerate(check.counts):
        for size in (1, 10, BATCH, 5 * BATCH + 1):
            wanted = min(size, count)
            first = await poll(client, partition, PollingStrategy.First(), size)
            assert len(first) == wanted, f"{len(first)} messages by first, {wanted} wanted"
            check.seen_again(partition, 0, first)
            last = await poll(client, partition, PollingStrategy.Last(), size)
            assert len(last) == wanted, f"{len(last)} messages by last, {wanted} wanted"
            check.seen_again(partition, count - wanted, last)


async def create(client):
    await client.create_stream(STREAM)
    await client.create_topic(STREAM, TOPIC, PARTITIONS)
    stream = await client.get_stream(STREAM)
    assert (stream.id, stream.name, stream.topics_count) == (0, STREAM, 1), "get_stream"
    topic = await client.get_topic(STREAM, TOPIC)
    assert (topic.id, topic.name, topic.partitions_count) == (0, TOPIC, PARTITIONS), "get_topic"
    assert await client.get_stream("absent") is None, "an absent stream must be None"


async def main(address, username, password, count):
    client = IggyClient(address)
    await client.connect()
    await client.ping()
    await client.login_user(username, password)
    await create(client)

    batches = count // BATCH
    check = Check(batches)
    steps = [("send", send_all(client, batches)),
             ("poll by next with auto-commit", poll_all_by_next(client, check)),
             ("poll by offset", poll_all_by_offset(client, check)),
             ("poll by timestamp", poll_all_by_timestamp(client, check)),
             ("poll first and last", poll_ends(client, check))]
    for name, step in steps:
        began = time.monotonic()
        await step
        print(f"{name}: {time.monotonic() - began:.1f} s", flush=True)
    check.ids_are_unique()
    check.time_never_goes_back()

    topic = await client.get_topic(STREAM, TOPIC)
    stream = await client.get_stream(STREAM)
    assert topic.messages_count == batches * BATCH, f"the topic counts {topic.messages_count} messages"
    assert stream.messages_count == batches * BATCH, f"the stream counts {stream.messages_count} messages"
    print(f"{batches * BATCH} messages: every payload, id and offset is right")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
