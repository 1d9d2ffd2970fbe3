"""The catalog part of the kill -9 test: what one worker did to its own streams and topics, and what must be left."""

import copy
import random
from dataclasses import dataclass, field
from typing import NamedTuple

from iggy_wire import Connection
from kill9_read import read_partition
from load_content import Batch, batch_number

PREFIX = "churn-"
CONSUMERS = 5
STREAMS, TOPICS, PARTITIONS = 4, 4, 4  # at most so many of each

PURGES = ("purge_topic", "purge_stream")


class Operation(NamedTuple):
    kind: str
    stream: str
    topic: str = ""
    name: str = ""     # of what is created, or the new name
    number: int = 0    # partitions, a partition, or a consumer
    value: int = 0     # a batch number, or an offset


@dataclass
class Topic:
    id: int | None
    partitions: list[list[tuple[int, int]]]  # per partition the batches in order: number, messages
    offsets: dict[tuple[int, int], int] = field(default_factory=dict)  # (partition, consumer) -> stored

    def purge(self):
        self.partitions = [[] for _ in self.partitions]
        self.offsets = {}

    def count(self, partition: int) -> int:
        return sum(count for _, count in self.partitions[partition])


@dataclass
class Stream:
    id: int | None
    topics: dict[str, Topic] = field(default_factory=dict)


@dataclass
class Catalog:
    """Streams that only one worker touches, so that at any time at most one change is unknown."""
    streams: dict[str, Stream] = field(default_factory=dict)

    def apply(self, operation: Operation, answer: int | None, seed: int):
        kind, stream, topic, name, number, value = operation
        here = self.streams.get(stream)
        if kind == "create_stream":
            self.streams[name] = Stream(answer)
        elif kind == "update_stream":
            self.streams[name] = self.streams.pop(stream)
        elif kind == "delete_stream":
            del self.streams[stream]
        elif kind == "purge_stream":
            for each in here.topics.values():
                each.purge()
        elif kind == "create_topic":
            here.topics[name] = Topic(answer, [[] for _ in range(number)])
        elif kind == "update_topic":
            here.topics[name] = here.topics.pop(topic)
        elif kind == "delete_topic":
            del here.topics[topic]
        elif kind == "purge_topic":
            here.topics[topic].purge()
        elif kind == "create_partitions":
            here.topics[topic].partitions += [[] for _ in range(number)]
        elif kind == "delete_partitions":
            there = here.topics[topic]
            del there.partitions[-number:]
            there.offsets = {k: v for k, v in there.offsets.items() if k[0] < len(there.partitions)}
        elif kind == "send":
            here.topics[topic].partitions[number].append((value, len(Batch(seed, value, small=True))))
        elif kind == "store_offset":
            partition, consumer = divmod(number, CONSUMERS + 1)
            here.topics[topic].offsets[partition, consumer] = value


def choose(catalog: Catalog, rng: random.Random, next_batch) -> Operation:
    """A random change that must succeed in the catalog as it is."""
    free_streams = [n for n in (f"{PREFIX}{i}" for i in range(STREAMS + 2)) if n not in catalog.streams]
    if not catalog.streams or (len(catalog.streams) < STREAMS and rng.random() < 0.15):
        return Operation("create_stream", "", name=rng.choice(free_streams))
    stream = rng.choice(list(catalog.streams))
    topics = catalog.streams[stream].topics
    free_topics = [n for n in (f"topic-{i}" for i in range(TOPICS + 2)) if n not in topics]
    dice = rng.random()
    if dice < 0.03:
        return Operation("delete_stream", stream)
    if dice < 0.06:
        return Operation("purge_stream", stream)
    if dice < 0.09:
        return Operation("update_stream", stream, name=rng.choice(free_streams))
    if not topics or (len(topics) < TOPICS and dice < 0.2):
        return Operation("create_topic", stream, name=rng.choice(free_topics), number=rng.randrange(PARTITIONS + 1))
    topic = rng.choice(list(topics))
    return _choose_in_topic(rng, stream, topic, topics[topic], free_topics, next_batch)


def _choose_in_topic(rng, stream: str, name: str, topic: Topic, free: list[str], next_batch) -> Operation:
    dice = rng.random()
    count = len(topic.partitions)
    if dice < 0.06:
        return Operation("delete_topic", stream, name)
    if dice < 0.16:
        return Operation("purge_topic", stream, name)
    if dice < 0.22:
        return Operation("update_topic", stream, name, name=rng.choice(free))
    if count == 0 or (count < PARTITIONS and dice < 0.3):
        return Operation("create_partitions", stream, name, number=rng.randrange(1, PARTITIONS + 1 - count))
    if dice < 0.35:
        return Operation("delete_partitions", stream, name, number=rng.randrange(1, count + 1))
    partition = rng.randrange(count)
    if topic.count(partition) and dice < 0.5:
        key = partition * (CONSUMERS + 1) + rng.randrange(1, CONSUMERS + 1)
        return Operation("store_offset", stream, name, number=key, value=rng.randrange(topic.count(partition)))
    return Operation("send", stream, name, number=partition, value=next_batch())


def perform(connection: Connection, operation: Operation, seed: int) -> int | None:
    """Sends the command; returns the id that a creation was answered with."""
    kind, stream, topic, name, number, value = operation
    if kind == "create_stream":
        return connection.create_stream(name)
    if kind == "create_topic":
        return connection.create_topic(stream, name, number)
    if kind == "send":
        return connection.send(stream, topic, number, Batch(seed, value, small=True).encoded())
    if kind == "store_offset":
        partition, consumer = divmod(number, CONSUMERS + 1)
        return connection.store_offset(consumer, stream, topic, partition, value)
    arguments = {"update_stream": (stream, name), "delete_stream": (stream,), "purge_stream": (stream,),
                 "update_topic": (stream, topic, name), "delete_topic": (stream, topic),
                 "purge_topic": (stream, topic), "create_partitions": (stream, topic, number),
                 "delete_partitions": (stream, topic, number)}[kind]
    return getattr(connection, kind)(*arguments)


def check(connection: Connection, catalog: Catalog, in_flight: Operation | None, seed: int) -> Catalog:
    """Compares the server with the acknowledged catalog; the unanswered change may have been done or not.

    Returns the catalog as it is now known to be. Raises AssertionError when neither form is found.
    """
    differences = []
    for candidate, unanswered in _candidates(catalog, in_flight, seed):
        found = _differences(connection, candidate, unanswered, seed)
        if not found:
            return candidate
        differences.append(found)
    names = ("as acknowledged", "with the unanswered change done")
    text = "\n".join(f"{name}:\n  " + "\n  ".join(found) for name, found in zip(names, differences, strict=False))
    raise AssertionError(f"the catalog differs (unanswered: {in_flight})\n{text}")


def _candidates(catalog: Catalog, in_flight: Operation | None, seed: int):
    yield copy.deepcopy(catalog), in_flight
    if in_flight is not None and in_flight.kind not in ("send", *PURGES):
        changed = copy.deepcopy(catalog)
        changed.apply(in_flight, None, seed)
        yield changed, None


def _differences(connection: Connection, catalog: Catalog, unanswered: Operation | None, seed: int) -> list[str]:
    found = []
    streams = {stream.name: stream for stream in connection.streams() if stream.name.startswith(PREFIX)}
    if set(streams) != set(catalog.streams):
        return [f"streams are {sorted(streams)}, must be {sorted(catalog.streams)}"]
    for name, stream in catalog.streams.items():
        if stream.id is None:
            stream.id = streams[name].id
        if stream.id != streams[name].id:
            found.append(f"stream {name} has id {streams[name].id}, was created with {stream.id}")
        topics = {topic.name: topic for topic in connection.topics(name)}
        if set(topics) != set(stream.topics):
            found.append(f"topics of {name} are {sorted(topics)}, must be {sorted(stream.topics)}")
            continue
        for topic_name, topic in stream.topics.items():
            if topic.id is None:
                topic.id = topics[topic_name].id
            if topic.id != topics[topic_name].id:
                found.append(f"{name}/{topic_name} has id {topics[topic_name].id}, was created with {topic.id}")
            found += _topic_differences(connection, name, topic_name, topic, unanswered, seed)
    return found


def _topic_differences(connection: Connection, stream: str, name: str, topic: Topic,
                       unanswered: Operation | None, seed: int) -> list[str]:
    found = []
    partitions = connection.partitions(stream, name)
    if len(partitions) != len(topic.partitions):
        return [f"{stream}/{name} has {len(partitions)} partitions, must have {len(topic.partitions)}"]
    here = unanswered is not None and unanswered.stream == stream and unanswered.topic in (name, "")
    may_be_purged = here and unanswered.kind in PURGES
    for partition, expected in enumerate(topic.partitions):
        where = f"{stream}/{name}/{partition}"
        tail = unanswered.value if here and unanswered.kind == "send" and unanswered.number == partition else None
        actual, wrong = _batches(read_partition(connection, stream, name, partition), seed)
        found += [f"{where}: {text}" for text in wrong]
        if may_be_purged and not actual:
            topic.partitions[partition] = []
        elif tail is not None and [number for number, _ in actual[len(expected):]] == [tail]:
            topic.partitions[partition] = expected + actual[len(expected):]
        if actual != topic.partitions[partition]:
            found.append(f"{where} holds {_short(actual)}, must hold {_short(expected)}")
        if partitions[partition].messages != topic.count(partition):
            found.append(f"{where} counts {partitions[partition].messages} messages, "
                         f"{topic.count(partition)} are there")
        found += _offset_differences(connection, stream, name, topic, partition, may_be_purged)
    return found


def _offset_differences(connection: Connection, stream: str, name: str, topic: Topic, partition: int,
                        may_be_purged: bool) -> list[str]:
    found = []
    for consumer in range(1, CONSUMERS + 1):
        expected = topic.offsets.get((partition, consumer))
        actual = connection.stored_offset(consumer, stream, name, partition)
        if may_be_purged and actual is None:
            topic.offsets.pop((partition, consumer), None)
        elif actual != expected:
            found.append(f"{stream}/{name}/{partition}: offset of consumer {consumer} is {actual}, must be {expected}")
    return found


def _batches(messages, seed: int) -> tuple[list[tuple[int, int]], list[str]]:
    """The batches that `messages` are made of, in order, and what is wrong with single messages."""
    batches: list[tuple[int, int]] = []
    wrong = []
    batch = None
    for offset, message in enumerate(messages):
        number = batch_number(message)
        if batch is None or batch.number != number:
            batch = Batch(seed, number, small=True)
            batches.append((number, 0))
        place = batches[-1][1]
        difference = batch.difference(place, message) if place < len(batch) else "one message too many"
        if difference or message.offset != offset:
            wrong.append(f"offset {message.offset} (at place {offset}): {difference}")
        batches[-1] = (number, place + 1)
    return batches, wrong


def _short(batches: list[tuple[int, int]]) -> str:
    return "[" + ", ".join(f"{number:#x} x {count}" for number, count in batches[:12]) + \
        (", ...]" if len(batches) > 12 else "]")
