"""The load of the kill -9 test: each worker is a process with its own connection that works until the server is gone.

A worker returns what was acknowledged and the one request that was not (its answer never came, so it may have been
done or not). The parent compares that with what it finds after the restart.
"""

import multiprocessing
import random
import time
import traceback
import zlib
from typing import NamedTuple

import iggy_wire as wire
from iggy_wire import Connection, ConnectionLost, StatusError
from kill9_catalog import CONSUMERS, Catalog, Operation, choose, perform
from load_content import Batch

STABLE, RACE = "stable", "race"
RACE_PARTITIONS = 2
POLLER = 9  # consumer id of the poller that commits automatically
GONE = (1009, 2010, 3007)  # stream, topic, partition not found: what a deletion under load answers
SHUTTING_DOWN = 8
PRODUCED_PER_SECOND = 10 << 20  # a producer's pace: enough to be busy, little enough to check everything after


class Place(NamedTuple):
    """A partition of the stable stream."""
    topic: str
    partition: int


class Produced(NamedTuple):
    acknowledged: list[tuple[Place, int]]  # batch numbers in the order of their answers
    in_flight: tuple[Place, int] | None


class RaceSend(NamedTuple):
    partition: int
    batch: int
    sent: float
    answered: float | None  # None: no answer came


class RaceReset(NamedTuple):
    """A purge, deletion or creation of the race stream or topic."""
    kind: str  # name of the connection's method
    sent: float
    answered: float | None

    @property
    def removes(self) -> bool:
        return not self.kind.startswith("create")


class Seen(NamedTuple):
    """What one poll returned, to be found again byte for byte."""
    place: Place
    first: int
    count: int
    crc: int


class Polled(NamedTuple):
    seen: list[Seen]
    committed: dict[Place, int]  # last offset of the last answered poll with auto-commit
    in_flight: Place | None


class Stored(NamedTuple):
    offsets: dict[tuple[Place, int], int | None]  # None: deleted
    in_flight: tuple[tuple[Place, int], int | None] | None


class Changed(NamedTuple):
    catalog: Catalog
    in_flight: Operation | None
    resets: list[RaceReset]


class BatchNumbers:
    """Numbers that no other worker and no other round uses."""

    def __init__(self, round_number: int, worker: int):
        self.next = round_number << 40 | worker << 32

    def take(self) -> int:
        self.next += 1
        return self.next


def produce(connection: Connection, seed: int, round_number: int, worker: int, places: list[Place]) -> Produced:
    numbers = BatchNumbers(round_number, worker)
    rng = random.Random(seed << 64 | numbers.next)
    acknowledged: list[tuple[Place, int]] = []
    while True:
        place = rng.choice(places)
        batch = Batch(seed, numbers.take())
        payload = wire.send_payload(STABLE, place.topic, place.partition, batch.encoded())
        if not answered(connection, wire.SEND, payload):
            return Produced(acknowledged, (place, batch.number))
        acknowledged.append((place, batch.number))
        time.sleep(len(payload) / PRODUCED_PER_SECOND)


def produce_to_race(connection: Connection, seed: int, round_number: int, worker: int) -> list[RaceSend]:
    """Small batches to the topic that is purged, deleted and created again meanwhile."""
    numbers = BatchNumbers(round_number, worker)
    rng = random.Random(seed << 64 | numbers.next)
    sends: list[RaceSend] = []
    while True:
        partition = rng.randrange(RACE_PARTITIONS)
        batch = Batch(seed, numbers.take(), small=True)
        payload = wire.send_payload(RACE, RACE, partition, batch.encoded())
        began = time.monotonic()
        try:
            done = answered(connection, wire.SEND, payload)
        except StatusError as error:
            if error.status not in GONE:
                raise
            continue
        sends.append(RaceSend(partition, batch.number, began, time.monotonic() if done else None))
        if not done:
            return sends


def poll_next(connection: Connection, seed: int, round_number: int, worker: int, places: list[Place]) -> Polled:
    """Reads all partitions in order, with auto-commit."""
    rng = random.Random(seed << 64 | round_number << 8 | worker)
    seen: list[Seen] = []
    committed: dict[Place, int] = {}
    while True:
        place = rng.choice(places)
        try:
            polled = connection.poll(STABLE, *place, wire.NEXT, 0, rng.randrange(1, 400), POLLER, True)
        except (ConnectionLost, StatusError) as error:
            end_or_raise(error)
            return Polled(seen, committed, place)
        if polled.count == 0:
            continue
        seen.append(_seen(place, polled))
        first, last = seen[-1].first, seen[-1].first + polled.count - 1
        if place in committed and first != committed[place] + 1:
            raise AssertionError(f"{place}: next begins at {first} after {committed[place]} was committed")
        committed[place] = last


def poll_last(connection: Connection, seed: int, round_number: int, worker: int, places: list[Place]) -> Polled:
    """Reads the newest messages: what was seen once must never be seen differently."""
    rng = random.Random(seed << 64 | round_number << 8 | worker)
    seen: list[Seen] = []
    while True:
        place = rng.choice(places)
        try:
            polled = connection.poll(STABLE, *place, wire.LAST, 0, rng.randrange(1, 400))
        except (ConnectionLost, StatusError) as error:
            end_or_raise(error)
            return Polled(seen, {}, None)
        if polled.count:
            seen.append(_seen(place, polled))
        time.sleep(0.002)


def _seen(place: Place, polled) -> Seen:
    offsets = [message.offset for message in polled.messages()]
    if len(offsets) != polled.count or offsets != list(range(offsets[0], offsets[0] + len(offsets))):
        raise AssertionError(f"{place}: a poll announces {polled.count} messages and has offsets {offsets}")
    return Seen(place, offsets[0], len(offsets), zlib.crc32(polled.body))


def store_offsets(connection: Connection, seed: int, round_number: int, worker: int, places: list[Place]) -> Stored:
    rng = random.Random(seed << 64 | round_number << 8 | worker)
    offsets: dict[tuple[Place, int], int | None] = {}
    while True:
        place, consumer = rng.choice(places), rng.randrange(1, CONSUMERS + 1)
        key = (place, consumer)
        target = (consumer, STABLE, place.topic, place.partition)
        delete = rng.random() < 0.2 and offsets.get(key) is not None
        value = None
        pending = False
        try:
            if not delete:
                polled = connection.poll(STABLE, place.topic, place.partition, wire.LAST, 0, 1, consumer)
                if polled.count == 0:
                    continue
                value = rng.randrange(polled.current_offset + 1)
            pending = True
            if delete:
                connection.delete_offset(*target)
            else:
                connection.store_offset(*target, value)
        except (ConnectionLost, StatusError) as error:
            end_or_raise(error)
            return Stored(offsets, (key, value) if pending else None)
        offsets[key] = value


def change_catalog(connection: Connection, seed: int, round_number: int, worker: int, catalog: Catalog) -> Changed:
    """Creates, changes, fills, purges and deletes streams and topics of its own, and resets the race topic."""
    numbers = BatchNumbers(round_number, worker)
    rng = random.Random(seed << 64 | numbers.next)
    resets: list[RaceReset] = []
    while True:
        if rng.random() < 0.1:
            if not reset_race(connection, rng, resets):
                return Changed(catalog, None, resets)
            continue
        operation = choose(catalog, rng, numbers.take)
        try:
            answer = perform(connection, operation, seed)
        except (ConnectionLost, StatusError) as error:
            end_or_raise(error)
            return Changed(catalog, operation, resets)
        catalog.apply(operation, answer, seed)


def reset_race(connection: Connection, rng: random.Random, resets: list[RaceReset]) -> bool:
    """Purges the race topic, or deletes and creates it; False when the server is gone."""
    stream, topic = (RACE,), (RACE, RACE)
    create_topic = ("create_topic", (RACE, RACE, RACE_PARTITIONS))
    steps = rng.choice((
        [("purge_topic", topic)],
        [("purge_stream", stream)],
        [("delete_topic", topic), create_topic],
        [("delete_stream", stream), ("create_stream", stream), create_topic],
    ))
    for kind, arguments in steps:
        began = time.monotonic()
        try:
            getattr(connection, kind)(*arguments)
        except (ConnectionLost, StatusError) as error:
            end_or_raise(error)
            resets.append(RaceReset(kind, began, None))
            return False
        resets.append(RaceReset(kind, began, time.monotonic()))
    return True


def answered(connection: Connection, code: int, payload: bytes) -> bool:
    """Whether the request succeeded; False when the server is gone before an answer came."""
    try:
        connection.request(code, payload)
    except (ConnectionLost, StatusError) as error:
        end_or_raise(error)
        return False
    return True


def end_or_raise(error: Exception):
    """A lost connection and the goodbye of a server that stops end a worker; every other status is a failure."""
    if isinstance(error, StatusError) and error.status != SHUTTING_DOWN:
        raise error


class Worker:
    """One worker process; `result` waits for its end."""

    def __init__(self, address: tuple[str, int], login: tuple[str, str], work, *arguments):
        self.name = work.__name__
        self.pipe, end = multiprocessing.Pipe(duplex=False)
        self.process = multiprocessing.Process(target=_run, args=(end, address, login, work, arguments))
        self.process.start()
        end.close()

    def wait_until_busy(self):
        """Returns when the worker is connected and logged in."""
        if self.pipe.recv() != "busy":
            raise AssertionError(f"{self.name} could not begin:\n{self.pipe.recv()}")

    def result(self, seconds: float = 60.0):
        if not self.pipe.poll(seconds):
            self.process.kill()
            raise AssertionError(f"{self.name} did not end within {seconds:.0f} s of the server's end")
        outcome, value = self.pipe.recv()
        self.process.join()
        if outcome == "failed":
            raise AssertionError(f"{self.name} failed:\n{value}")
        return value


def _run(pipe, address, login, work, arguments):
    try:
        connection = Connection(address, 60.0)
        connection.login(*login)
        pipe.send("busy")
    except Exception:  # a worker reports whatever went wrong and ends
        pipe.send("failed")
        pipe.send(traceback.format_exc())
        return
    try:
        pipe.send(("done", work(connection, *arguments)))
    except Exception:
        pipe.send(("failed", traceback.format_exc()))
