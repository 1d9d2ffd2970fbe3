"""The data part of the kill -9 test: what was acknowledged and seen, and its comparison with a restarted server."""

import random
import zlib
from dataclasses import dataclass, field
from typing import NamedTuple

from iggy_wire import Connection
from kill9_catalog import CONSUMERS
from kill9_read import read_bodies, read_partition
from kill9_workers import POLLER, RACE, RACE_PARTITIONS, STABLE, Place, Polled, RaceReset, RaceSend, Stored
from load_content import Batch, batch_number

RECENT = 3  # chunks of so many last rounds are read again in every round, of the older ones a sample
SAMPLE = 3


class Chunk(NamedTuple):
    """Messages that a round brought: read once message by message, later compared by their bytes."""
    first: int
    count: int
    crc: int


@dataclass
class Partition:
    """What is known of one partition of the stable stream."""
    end: int = 0  # offset after the last known message
    size: int = 0
    last_time: int = 0
    chunks: list[Chunk] = field(default_factory=list)


class StableStream:
    """Partitions with one producer each: every message is known, so is its offset."""

    def __init__(self, seed: int, topics: int, partitions: int):
        self.seed = seed
        self.places = [Place(f"topic-{t}", p) for t in range(topics) for p in range(partitions)]
        self.topics = [f"topic-{t}" for t in range(topics)]
        self.partitions_count = partitions
        self.forget()

    def create(self, connection: Connection):
        connection.create_stream(STABLE)
        for topic in self.topics:
            connection.create_topic(STABLE, topic, self.partitions_count)

    def forget(self):
        """After a purge nothing is left: messages, offsets and what was seen of them."""
        self.partitions = {place: Partition() for place in self.places}
        self.stored: dict[tuple[Place, int], int] = {}
        self.committed: dict[Place, int] = {}

    def check(self, connection: Connection, produced: dict[Place, list[int]], lost: dict[Place, int],
              polled: list[Polled], stored: Stored | None, everything: bool, rng: random.Random):
        """`produced` and `lost`: batches acknowledged since the last check, and those that were not answered."""
        for topic in self.topics:
            infos = connection.partitions(STABLE, topic)
            if len(infos) != self.partitions_count:
                raise AssertionError(f"{STABLE}/{topic} has {len(infos)} partitions, had {self.partitions_count}")
            for info in infos:
                place = Place(topic, info.id)
                self._check_old(connection, place, everything, rng)
                self._check_new(connection, place, produced.get(place, []), lost.get(place))
                known = self.partitions[place]
                counted = (info.messages, info.size, info.current_offset)
                if counted != (known.end, known.size, max(known.end - 1, 0)):
                    raise AssertionError(f"{place} counts {counted}, must count {(known.end, known.size)}")
        for each in polled:
            for place, first, count, crc in each.seen:
                self._same_bytes(connection, place, Chunk(first, count, crc), "a poller saw them before the kill")
        self._check_committed(connection, polled)
        self._check_stored(connection, stored)

    def _check_old(self, connection: Connection, place: Place, everything: bool, rng: random.Random):
        chunks = self.partitions[place].chunks
        old, recent = chunks[:-RECENT], chunks[-RECENT:]
        for chunk in (old if everything else rng.sample(old, min(SAMPLE, len(old)))) + recent:
            self._same_bytes(connection, place, chunk, "read after an earlier restart")

    def _same_bytes(self, connection: Connection, place: Place, chunk: Chunk, when: str):
        crc, count = 0, 0
        for body, messages in read_bodies(connection, STABLE, *place, chunk.first, chunk.count):
            crc = zlib.crc32(body, crc)
            count += messages
        if (count, crc) != (chunk.count, chunk.crc):
            raise AssertionError(f"{place}: offsets {chunk.first}..{chunk.first + chunk.count - 1} are not as {when}: "
                                 f"{count} of {chunk.count} messages, bytes {'same' if crc == chunk.crc else 'differ'}")

    def _check_new(self, connection: Connection, place: Place, acknowledged: list[int], lost: int | None):
        known = self.partitions[place]
        messages = read_partition(connection, STABLE, *place, known.end)
        at = 0
        for number in acknowledged + ([lost] if lost is not None else []):
            batch = Batch(self.seed, number)
            for index in range(len(batch)):
                if at == len(messages):
                    if number == lost:
                        break  # not answered: a part of it, or nothing, is fine
                    raise AssertionError(f"{place}: acknowledged message {index} of batch {number:#x} is lost, it must "
                                         f"be at offset {known.end + at}; the partition ends there")
                self._check_message(place, known, known.end + at, batch, index, messages[at])
                at += 1
        if at != len(messages):
            raise AssertionError(f"{place}: {len(messages) - at} messages more than were sent, the first at offset "
                                 f"{messages[at].offset} of batch {batch_number(messages[at]):#x}")
        if messages:
            raw = b"".join(message.raw for message in messages)
            known.chunks.append(Chunk(known.end, len(messages), zlib.crc32(raw)))
            known.end += len(messages)
            known.size += len(raw)

    def _check_message(self, place, known, offset, batch, index, message):
        if message.offset != offset:
            raise AssertionError(f"{place}: offset {message.offset} where {offset} must follow")
        difference = batch.difference(index, message)
        if difference:
            raise AssertionError(f"{place}, offset {offset}: {difference}")
        if message.timestamp < known.last_time:
            raise AssertionError(f"{place}, offset {offset}: time goes back from {known.last_time} "
                                 f"to {message.timestamp}")
        known.last_time = message.timestamp

    def _check_committed(self, connection: Connection, polled: list[Polled]):
        for each in polled:
            self.committed.update(each.committed)
        unanswered = [each.in_flight for each in polled]
        for place in self.places:
            expected = self.committed.get(place)
            actual = connection.stored_offset(POLLER, STABLE, *place)
            moved_on = (place in unanswered and actual is not None
                        and (expected is None or actual > expected) and actual < self.partitions[place].end)
            if actual != expected and not moved_on:
                raise AssertionError(f"{place}: auto-committed offset is {actual}, must be {expected} "
                                     f"(unanswered polls at {unanswered})")
            if moved_on:
                self.committed[place] = actual

    def _check_stored(self, connection: Connection, stored: Stored | None):
        unanswered, attempted = (stored.in_flight or (None, None)) if stored else (None, None)
        for key, offset in (stored.offsets if stored else {}).items():
            self._remember(key, offset)
        for place in self.places:
            for consumer in range(1, CONSUMERS + 1):
                key = (place, consumer)
                actual = connection.stored_offset(consumer, STABLE, *place)
                if key == unanswered and actual == attempted:
                    self._remember(key, actual)
                if actual != self.stored.get(key):
                    raise AssertionError(f"{place}: offset of consumer {consumer} is {actual}, "
                                         f"must be {self.stored.get(key)}")

    def _remember(self, key: tuple[Place, int], offset: int | None):
        if offset is None:
            self.stored.pop(key, None)
        else:
            self.stored[key] = offset


class RaceTopic:
    """A topic that is purged, deleted and created again while a producer writes to it.

    Whatever was answered before the last reset was asked for must be gone; whatever was asked for after the last reset
    was answered must be there; in between both are right. What is left is always an end of what was sent.
    """

    def __init__(self, seed: int):
        self.seed = seed
        self.kept: list[list[RaceSend]] = [[] for _ in range(RACE_PARTITIONS)]
        self.unanswered: set[int] = set()

    def create_missing(self, connection: Connection):
        if not any(stream.name == RACE for stream in connection.streams()):
            connection.create_stream(RACE)
        if not any(topic.name == RACE for topic in connection.topics(RACE)):
            connection.create_topic(RACE, RACE, RACE_PARTITIONS)

    def check(self, connection: Connection, sends: list[RaceSend], resets: list[RaceReset]):
        there = self._check_presence(connection, resets)
        removals = [reset for reset in resets if reset.removes]
        gone_before = max((reset.sent for reset in removals if reset.answered is not None), default=0.0)
        kept_after = max((reset.answered or float("inf") for reset in removals), default=0.0)
        self.unanswered |= {send.batch for send in sends if send.answered is None}
        for partition in range(RACE_PARTITIONS):
            candidates = self.kept[partition] + [send for send in sends if send.partition == partition]
            messages = read_partition(connection, RACE, RACE, partition) if there else []
            self.kept[partition] = self._check_partition(
                partition, candidates, self._batches(partition, messages), gone_before, kept_after)

    @staticmethod
    def _check_presence(connection: Connection, resets: list[RaceReset]) -> bool:
        """Whether the topic is there, after making sure that stream and topic are there if and only if they must be."""
        present = {"stream": True, "topic": True}
        allowed = [dict(present)]
        for reset in resets:
            if reset.kind in ("delete_stream", "create_stream"):
                present["stream"] = reset.kind == "create_stream"
                present["topic"] = False
            elif reset.kind in ("delete_topic", "create_topic"):
                present["topic"] = reset.kind == "create_topic"
            allowed = [dict(present)] if reset.answered is not None else [*allowed, dict(present)]
        found = {"stream": any(stream.name == RACE for stream in connection.streams()),
                 "topic": any(topic.name == RACE for topic in connection.topics(RACE))}
        if found not in allowed:
            raise AssertionError(f"the race stream and topic: {found} instead of {allowed} after {resets[-3:]}")
        if found["topic"] and len(connection.partitions(RACE, RACE)) != RACE_PARTITIONS:
            raise AssertionError(f"the race topic has {len(connection.partitions(RACE, RACE))} partitions")
        return found["topic"]

    def _batches(self, partition: int, messages: list) -> list[int]:
        """The numbers of the batches that are there, each whole unless it was never answered."""
        found: list[int] = []
        batch, place = None, 0
        for offset, message in enumerate(messages):
            if batch is None or place == len(batch) or batch_number(message) != batch.number:
                self._check_whole(partition, batch, place)
                batch, place = Batch(self.seed, batch_number(message), small=True), 0
                found.append(batch.number)
            difference = batch.difference(place, message)
            if difference or message.offset != offset:
                raise AssertionError(f"race/{partition}: offset {message.offset} at place {offset}: {difference}")
            place += 1
        self._check_whole(partition, batch, place)
        return found

    def _check_whole(self, partition: int, batch: Batch | None, place: int):
        if batch is not None and place != len(batch) and batch.number not in self.unanswered:
            raise AssertionError(f"race/{partition}: acknowledged batch {batch.number:#x} is cut at message {place}")

    @staticmethod
    def _check_partition(partition, candidates, found: list[int], gone_before, kept_after) -> list[RaceSend]:
        expected = [send for send in candidates if send.answered is not None or send.batch in found]
        left = expected[len(expected) - len(found):]
        if [send.batch for send in left] != found:
            raise AssertionError(f"race/{partition} holds batches {[hex(n) for n in found[:20]]}, which is no end of "
                                 f"what was sent {[hex(send.batch) for send in expected[-20:]]}")
        for send in left:
            if send.answered is not None and send.answered < gone_before:
                raise AssertionError(f"race/{partition}: batch {send.batch:#x} was there before a purge or deletion "
                                     f"that was acknowledged, and is there again")
        for send in expected[:len(expected) - len(left)]:
            if send.answered is not None and send.sent > kept_after:
                raise AssertionError(f"race/{partition}: acknowledged batch {send.batch:#x} is lost")
        return [RaceSend(partition, send.batch, 0.0, 0.0) for send in left]
