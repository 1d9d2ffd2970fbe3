#!/usr/bin/env python3
"""Records all that a server at level `synced` does to its disk under load, and rebuilds what power cuts would have left.

Producers, a worker that stores consumer offsets and one that creates, fills, purges and deletes topics are at work while
a preloaded library writes down every write, size, name and sync with its time. Then, for moments chosen at random, a data
directory is built that a power cut at that moment could have left (recorded_disk.py), a server is started on it, and
must have every message, offset and topic that was acknowledged before that moment, and nothing that was never sent.
"""

import argparse
import random
import shutil
import struct
import sys
import threading
import time
from dataclasses import dataclass, field

from iggy_wire import Connection, encode_message
from kill9_read import read_partition
from load_content import Batch
from recorded_disk import Disk, read_calls
from server_process import Server, WorkFolder

PRODUCERS = 3
STREAM, TOPIC = "kept", "events"
CONSUMER = 7
CHANGES = "changes"


@dataclass
class Acknowledged:
    """What one worker did, in order: each value with the time at which it was acknowledged."""
    values: list[int] = field(default_factory=list)
    times: list[int] = field(default_factory=list)

    def note(self, value: int):
        self.values.append(value)
        self.times.append(time.monotonic_ns())

    def before(self, moment: int) -> int:
        return sum(1 for each in self.times if each < moment)


class Load:
    """What the workers send; every value can be told from its number."""

    def __init__(self, server: Server, seed: int, rounds: int):
        self.seed = seed
        self.rounds = rounds
        self.server = server
        self.produced = [Acknowledged() for _ in range(PRODUCERS)]
        self.stored = Acknowledged()
        self.changed = Acknowledged()
        self.made = 0
        self.failures: list[BaseException] = []

    def run(self):
        with self.server.connect() as connection:
            connection.create_stream(STREAM)
            connection.create_topic(STREAM, TOPIC, PRODUCERS)
            connection.create_stream(CHANGES)
        self.made = time.monotonic_ns()
        workers = [threading.Thread(target=self._guard, args=(self._produce, each)) for each in range(PRODUCERS)]
        workers += [threading.Thread(target=self._guard, args=(work,)) for work in (self._store, self._change)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if self.failures:
            raise self.failures[0]

    def _guard(self, work, *arguments):
        try:
            with self.server.connect() as connection:
                work(connection, *arguments)
        except BaseException as failure:
            self.failures.append(failure)

    def batch(self, producer: int, number: int) -> Batch:
        return Batch(self.seed, producer << 32 | number)

    def _produce(self, connection: Connection, producer: int):
        for number in range(self.rounds):
            connection.send(STREAM, TOPIC, producer, self.batch(producer, number).encoded())
            self.produced[producer].note(number)

    def _store(self, connection: Connection):
        for number in range(self.rounds):
            place = connection.poll(STREAM, TOPIC, 0, count=1)
            if place.count > 0 and place.current_offset >= number:
                connection.store_offset(CONSUMER, STREAM, TOPIC, 0, number)
                self.stored.note(number)

    def _change(self, connection: Connection):
        """Steps of a fixed row: topic n is created, filled, then purged (even) or deleted (odd)."""
        for step in range(3 * self.rounds // 10):
            number, kind = divmod(step, 3)
            name = f"topic-{number}"
            if kind == 0:
                connection.create_topic(CHANGES, name, 1)
            elif kind == 1:
                connection.send(CHANGES, name, 0, [encode_message(struct.pack("<Q", number))])
            elif number % 2 == 0:
                connection.purge_topic(CHANGES, name)
            else:
                connection.delete_topic(CHANGES, name)
            self.changed.note(step)


def topics_after(steps: int) -> dict[str, int]:
    """Messages of each topic of the stream of changes after the first `steps` steps."""
    topics: dict[str, int] = {}
    for step in range(steps):
        number, kind = divmod(step, 3)
        name = f"topic-{number}"
        if kind == 2 and number % 2 == 1:
            del topics[name]
        else:
            topics[name] = 1 if kind == 1 else 0
    return topics


def check_partition(connection: Connection, load: Load, producer: int, moment: int):
    """Messages must be a beginning of what was sent that holds all that was acknowledged by then."""
    messages = read_partition(connection, STREAM, TOPIC, producer)
    needed = load.produced[producer].before(moment)
    at = 0
    for number in range(load.rounds):
        batch = load.batch(producer, number)
        for index in range(len(batch)):
            if at == len(messages):
                if number < needed:
                    raise AssertionError(f"partition {producer}: batch {number} of {needed} acknowledged ones is lost; "
                                         f"{at} messages are there")
                return
            if messages[at].offset != at:
                raise AssertionError(f"partition {producer}: offset {messages[at].offset} in place of {at}")
            if wrong := batch.difference(index, messages[at]):
                raise AssertionError(f"partition {producer}, offset {at}: {wrong}")
            at += 1
    if at != len(messages):
        raise AssertionError(f"partition {producer}: {len(messages) - at} messages more than were sent")


def check_offset(connection: Connection, load: Load, moment: int):
    stored = connection.stored_offset(CONSUMER, STREAM, TOPIC, 0)
    needed = load.stored.before(moment)
    last = load.stored.values[needed - 1] if needed > 0 else -1
    if (-1 if stored is None else stored) < last:
        raise AssertionError(f"the stored offset is {stored}, {last} was acknowledged")


def check_changes(connection: Connection, load: Load, moment: int):
    found = {topic.name: connection.partitions(CHANGES, topic.name)[0].messages
             for topic in connection.topics(CHANGES)}
    needed = load.changed.before(moment)
    # The step that was on its way may be done or not.
    if not any(found == topics_after(steps) for steps in (needed, needed + 1)):
        raise AssertionError(f"topics are {found}, must be {topics_after(needed)} or one step more")


def check(server: Server, load: Load, moment: int):
    with server.connect() as connection:
        if moment < load.made:
            connection.streams()
            return
        for producer in range(PRODUCERS):
            check_partition(connection, load, producer, moment)
        check_offset(connection, load, moment)
        check_changes(connection, load, moment)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     epilog="example: power_cut_test.py --server build/release/server/iggy-server "
                                            "--recorder build/release/tests/support/librecord_disk.so --cuts 500")
    parser.add_argument("--server", required=True, help="the iggy-server executable")
    parser.add_argument("--recorder", required=True, help="the library that records what a process does to its disk")
    parser.add_argument("--cuts", type=int, default=50, help="power cuts (default: %(default)s)")
    parser.add_argument("--batches", type=int, default=120, help="batches of each producer (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--folder", help="where data is kept (default: the temporary directory)")
    options = parser.parse_args()
    print(f"seed {options.seed}")
    rng = random.Random(options.seed)

    # Small bounds, so that segments roll, recovery points are taken and journal files are recycled meanwhile.
    settings = {"IGGY_SYSTEM_PARTITION_DURABILITY": "synced", "IGGY_SYSTEM_IO_ENGINE": "portable",
                "IGGY_SYSTEM_SEGMENT_SIZE": "1 MiB"}
    with WorkFolder("power-cut", options.folder) as folder:
        record = folder / "record"
        recorded = Server(options.server, folder / "recorded", settings | {
            "LD_PRELOAD": options.recorder, "RECORD_DISK_ROOT": str(folder / "recorded/data"),
            "RECORD_DISK_TO": str(record)})
        recorded.data.mkdir()
        began = time.monotonic_ns()
        with recorded:
            recorded.start()
            load = Load(recorded, options.seed, options.batches)
            load.run()
            ended = time.monotonic_ns()
            recorded.kill()
        calls = read_calls(record)
        syncs = sum(1 for call in calls if call.kind == 4)
        print(f"recorded {len(calls)} calls, {syncs} of them syncs, {record.stat().st_size / 2**20:.0f} MiB, "
              f"{(ended - began) / 1e9:.1f} s")
        if syncs < options.batches:
            raise AssertionError("the record lacks the syncs that the acknowledgements stand for")
        for cut in range(1, options.cuts + 1):
            moment = rng.randrange(began, ended)
            disk = Disk(str(recorded.data))
            disk.replay(calls, moment)
            left = Server(options.server, folder / f"cut-{cut}", settings)
            disk.leave(left.data, rng)
            with left:
                left.start()
                check(left, load, moment)
                left.kill()
                left.start()  # recovering twice finds the same
                check(left, load, moment)
                left.stop()
            left.verify()
            shutil.rmtree(left.folder)
            if cut % 25 == 0 or cut == options.cuts:
                print(f"{cut} of {options.cuts} power cuts survived", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
