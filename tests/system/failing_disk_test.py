#!/usr/bin/env python3
"""Lets every n-th call of a real server on its disk fail, and looks afterwards for what was acknowledged meanwhile.

A preloaded library (tests/support/fail_disk.cpp) refuses every n-th open, read, write, sync, size, rename or removal
below the data directory, or does half of a write, with n from 2 to 1000, in some rounds from before the server starts.
Producers, a worker that stores offsets and one that creates and deletes topics are at work meanwhile. The server may
refuse whatever it has to, with a status; it may end with an error when it cannot start. It may not crash. Then the disk
works again, the server is started, and every acknowledged message, every message that was ever polled, the stored offset
and every topic must be as they were acknowledged.
"""

import argparse
import pathlib
import random
import sys
import threading
import time

from iggy_wire import BY_OFFSET, Connection, StatusError, encode_message
from kill9_read import read_partition
from load_content import Batch, batch_number
from server_process import Server, ServerFailed, WorkFolder

PRODUCERS = 3
STREAM, TOPIC, CHANGES = "kept", "events", "changes"
CONSUMER = 7
EVERY = (2, 3, 5, 8, 13, 30, 100, 300, 1000)
FAIL_AT_START_SHARE = 0.4
STOP_SHARE = 0.2
LOAD_SECONDS = (0.2, 0.8)


class Partition:
    """What one producer sent to its partition over all rounds, and what was seen of it."""

    def __init__(self, seed: int, number: int):
        self.seed = seed
        self.number = number
        self.sent = 0
        self.acknowledged: list[int] = []
        self.seen: dict[int, bytes] = {}  # offset: the message as it came

    def batch(self, number: int) -> Batch:
        return Batch(self.seed, self.number << 32 | number)

    def work(self, connection: Connection, running: threading.Event):
        while running.is_set():
            number = self.sent
            self.sent += 1
            if done(lambda: connection.send(STREAM, TOPIC, self.number, self.batch(number).encoded())):
                self.acknowledged.append(number)
            if number % 4 == 0:
                done(lambda: self._look(connection))

    def _look(self, connection: Connection):
        start = max(self.seen, default=-1) + 1
        for message in connection.poll(STREAM, TOPIC, self.number, BY_OFFSET, start, 100).messages():
            self.seen[message.offset] = message.raw

    def check(self, connection: Connection):
        """Whole batches in the order in which they were sent, all acknowledged ones and all seen messages among them."""
        messages = read_partition(connection, STREAM, TOPIC, self.number)
        found = {message.offset: message.raw for message in messages}
        for offset, raw in self.seen.items():
            if found.get(offset) != raw:
                raise AssertionError(f"partition {self.number}: offset {offset} was polled and is "
                                     f"{'another message' if offset in found else 'gone'}")
        self.seen = found
        present: list[int] = []
        at = 0
        while at < len(messages):
            number = batch_number(messages[at]) & 0xFFFFFFFF
            batch = self.batch(number)
            if present and number <= present[-1] or number >= self.sent:
                raise AssertionError(f"partition {self.number}: batch {number} after {present[-1:]} of {self.sent}")
            for place in range(len(batch)):
                if at == len(messages):
                    raise AssertionError(f"partition {self.number}: batch {number} is there in part only")
                if wrong := batch.difference(place, messages[at]):
                    raise AssertionError(f"partition {self.number}, offset {messages[at].offset}: {wrong}")
                at += 1
            present.append(number)
        if lost := sorted(set(self.acknowledged) - set(present)):
            raise AssertionError(f"partition {self.number}: acknowledged batches {lost[:10]} of {self.sent} are lost")


class Offset:
    """A stored offset that only grows."""

    def __init__(self):
        self.acknowledged = -1
        self.tried = -1

    def work(self, connection: Connection, running: threading.Event):
        while running.is_set():
            if done(lambda: connection.poll(STREAM, TOPIC, 0, BY_OFFSET, self.tried + 1, 1).messages()[0]):
                self.tried += 1
                if done(lambda: connection.store_offset(CONSUMER, STREAM, TOPIC, 0, self.tried)):
                    self.acknowledged = self.tried

    def check(self, connection: Connection):
        stored = connection.stored_offset(CONSUMER, STREAM, TOPIC, 0)
        if not self.acknowledged <= (-1 if stored is None else stored) <= self.tried:
            raise AssertionError(f"the stored offset is {stored}, {self.acknowledged} was acknowledged, {self.tried} tried")


class Topics:
    """Topics that are created, filled and deleted, none twice."""

    def __init__(self):
        self.states: dict[str, str] = {}  # there, gone, or unknown after a call that failed
        self.filled: set[str] = set()

    def work(self, connection: Connection, running: threading.Event):
        while running.is_set():
            name = f"topic-{len(self.states)}"
            self.states[name] = "unknown"
            if not done(lambda: connection.create_topic(CHANGES, name, 1)):
                continue
            self.states[name] = "there"
            if done(lambda: connection.send(CHANGES, name, 0, [encode_message(name.encode())])):
                self.filled.add(name)
            if len(self.states) % 2 == 0:
                self.states[name] = "unknown"
                if done(lambda: connection.delete_topic(CHANGES, name)):
                    self.states[name] = "gone"

    def check(self, connection: Connection):
        found = {topic.name for topic in connection.topics(CHANGES)}
        for name, state in self.states.items():
            if state != "unknown" and (name in found) != (state == "there"):
                raise AssertionError(f"topic {name} must be {state}")
            self.states[name] = "there" if name in found else "gone"
        if unknown := found - self.states.keys():
            raise AssertionError(f"topics {unknown} were never created")
        for name in found & self.filled:
            if [message.payload for message in read_partition(connection, CHANGES, name, 0)] != [name.encode()]:
                raise AssertionError(f"the message of topic {name} is lost")


def done(call) -> bool:
    """Whether it was done; a status of the server is no, everything else that goes wrong is raised."""
    try:
        call()
        return True
    except (StatusError, IndexError):
        return False


class Faults:
    """The switch of the preloaded library, and what it did."""

    def __init__(self, library: str, folder: pathlib.Path, data: pathlib.Path):
        self.switch = folder / "disk-fails"
        self.log = folder / "failed-calls"
        self.settings = {"LD_PRELOAD": str(pathlib.Path(library).resolve()), "FAIL_DISK_ROOT": str(data) + "/",
                         "FAIL_DISK_SWITCH": str(self.switch), "FAIL_DISK_LOG": str(self.log)}

    def on(self):
        self.switch.touch()

    def off(self):
        self.switch.unlink(missing_ok=True)

    def count(self) -> int:
        return self.log.read_bytes().count(b"\n") if self.log.exists() else 0


class Run:
    def __init__(self, server: Server, faults: Faults, seed: int):
        self.server = server
        self.faults = faults
        self.rng = random.Random(seed)
        self.offset = Offset()
        self.topics = Topics()
        self.partitions = [Partition(seed, number) for number in range(PRODUCERS)]
        self.workers = [*self.partitions, self.offset, self.topics]

    def first_start(self):
        self.server.settings["FAIL_DISK_EVERY"] = str(EVERY[-1])
        self.server.start()
        with self.server.connect() as connection:
            connection.create_stream(STREAM)
            connection.create_topic(STREAM, TOPIC, PRODUCERS)
            connection.create_stream(CHANGES)
        self.server.stop()

    def round(self, number: int):
        every = self.rng.choice(EVERY)
        self.server.settings["FAIL_DISK_EVERY"] = str(every)
        before = self.faults.count()
        started = self._start_failing()
        if started:
            self._load(self.rng.uniform(*LOAD_SECONDS))
            self.server.check_alive()
            self._end()
        self.faults.off()
        failed = self.faults.count() - before
        self.server.start()
        with self.server.connect() as connection:
            for each in self.workers:
                each.check(connection)
        self.server.stop()
        self.server.verify()
        acknowledged = sum(len(each.acknowledged) for each in self.partitions)
        sent = sum(each.sent for each in self.partitions)
        print(f"round {number}: every {every}., {failed} calls failed, {'' if started else 'no start, '}"
              f"{acknowledged} of {sent} batches acknowledged so far", flush=True)

    def _start_failing(self) -> bool:
        """Starts the server on a disk that fails now or soon; False if it ended with an error instead."""
        if self.rng.random() >= FAIL_AT_START_SHARE:
            self.server.start()
            self.faults.on()
            return True
        self.faults.on()
        try:
            self.server.start()
            return True
        except ServerFailed:
            code = self.server.process.poll()
            if code is None or code <= 0:
                raise
            self.server.process = None
            return False

    def _end(self):
        if self.rng.random() >= STOP_SHARE:
            self.server.kill()
            return
        self.server.process.terminate()
        code = self.server.process.wait(60)
        if code < 0:
            raise AssertionError(f"the server was to end and ended by signal {-code}")
        self.server.process = None

    def _load(self, seconds: float):
        running = threading.Event()
        running.set()
        failures: list[BaseException] = []

        def one(worker):
            try:
                with self.server.connect() as connection:
                    worker.work(connection, running)
            except BaseException as failure:
                failures.append(failure)

        threads = [threading.Thread(target=one, args=(worker,)) for worker in self.workers]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        running.clear()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True, help="the iggy-server executable")
    parser.add_argument("--faults", required=True, help="the library that lets calls fail")
    parser.add_argument("--rounds", type=int, default=40, help="(default: %(default)s)")
    parser.add_argument("--level", choices=("written", "synced"), default="written", help="what an acknowledgement promises")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = parser.parse_args()
    print(f"seed {options.seed}")
    settings = {"IGGY_SYSTEM_PARTITION_DURABILITY": options.level, "IGGY_SYSTEM_IO_ENGINE": "portable",
                "IGGY_SYSTEM_SEGMENT_SIZE": "1 MiB"}
    with WorkFolder("failing-disk") as folder, Server(options.server, folder, settings) as server:
        faults = Faults(options.faults, folder, server.data)
        server.settings |= faults.settings
        run = Run(server, faults, options.seed)
        try:
            run.first_start()
            for number in range(1, options.rounds + 1):
                run.round(number)
            if (failed := faults.count()) < options.rounds:
                raise AssertionError(f"only {failed} calls failed; the disk was not tried")
        except BaseException:
            print(f"failed with --seed {options.seed}\n{server.output_tail()}")
            raise
    print(f"{options.rounds} rounds at level {options.level}, {failed} failed calls: nothing acknowledged was lost")
    return 0


if __name__ == "__main__":
    sys.exit(main())
