#!/usr/bin/env python3
"""How long a restart after kill -9 takes, and how much memory: with nothing, with many partitions, with a full journal that
speaks of all of them, and with much data in one.

The time must not grow with the data that is already sealed.
"""

import argparse
import subprocess
import sys
import threading
import time

import iggy_wire as wire
from server_process import Server, WorkFolder, mib

BATCH, PAYLOAD_BYTES = 1000, 936
JOURNAL_BATCH = 40      # messages: close to the largest batch that goes through the journal
JOURNAL_PRODUCERS = 16
JOURNAL_FILES = 4       # that a server has at most
JOURNAL_SECONDS = 60.0  # to fill it
JOURNAL_BATCHES = 50_000  # at most on a file system in memory, where it never is full
EMPTY_RESTARTS = 9
SLACK_SECONDS = 0.5  # by which the restart with all data may be slower than the one with a tenth of it


def file_system_of(path) -> str:
    return subprocess.run(["stat", "-f", "-c", "%T", path], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def restart(server: Server) -> tuple[float, int]:
    """Kills and starts the server; the seconds until it answers, and its resident memory then."""
    server.kill()
    seconds = server.start(300.0)
    return seconds, server.memory()


def nothing(server: Server):
    seconds, memory = min(restart(server) for _ in range(EMPTY_RESTARTS))
    print(f"nothing: ready {seconds:.3f} s after the start, the fastest of {EMPTY_RESTARTS}, {mib(memory)} resident", flush=True)


def many_partitions(server: Server, partitions: int):
    """`partitions` over topics of at most 1000, a small batch in each."""
    messages = [wire.encode_message(b"restart %d" % place) for place in range(10)]
    topics = [min(1000, partitions - first) for first in range(0, partitions, 1000)]
    with server.connect() as connection:
        connection.create_stream("many")
        for number, count in enumerate(topics):
            connection.create_topic("many", f"topic-{number}", count)
            for partition in range(count):
                connection.send("many", f"topic-{number}", partition, messages)
    seconds, memory = restart(server)
    with server.connect() as connection:
        for number, count in enumerate(topics):
            found = connection.partitions("many", f"topic-{number}")
            wanted = [(partition, len(messages), len(messages) - 1) for partition in range(count)]
            got = [(partition.id, partition.messages, partition.current_offset) for partition in found]
            if got != wanted:
                raise AssertionError(f"topic-{number}: partitions are not as before the kill")
            last = connection.poll("many", f"topic-{number}", count - 1, wire.LAST, 0, 1).messages()
            if [message.payload for message in last] != [b"restart 9"]:
                raise AssertionError(f"topic-{number}: another last message than before the kill")
        connection.delete_stream("many")
    print(f"{partitions} partitions: ready {seconds:.3f} s after the start, {mib(memory)} resident", flush=True)


class JournalLoad:
    """Producers at level `synced` that write to partitions in turn, faster than the journal's files can be recycled."""

    def __init__(self, server: Server, partitions: int):
        self.server = server
        self.acknowledged = [0] * partitions  # batches
        self.running = True
        self.failures: list[BaseException] = []
        with server.connect() as connection:
            connection.create_stream("journal")
            connection.create_topic("journal", "topic", partitions)
        self.threads = [threading.Thread(target=self._produce, args=(number,)) for number in range(JOURNAL_PRODUCERS)]
        for thread in self.threads:
            thread.start()

    def _produce(self, number: int):
        messages = [wire.encode_message(b"%08d" % place * (PAYLOAD_BYTES // 8)) for place in range(JOURNAL_BATCH)]
        partitions = range(number, len(self.acknowledged), JOURNAL_PRODUCERS)
        frames = [wire.frame(wire.SEND, wire.send_payload("journal", "topic", each, messages)) for each in partitions]
        try:
            with self.server.connect() as connection:
                while self.running:
                    for partition, frame in zip(partitions, frames):
                        connection.write(frame)
                        status, _ = connection.read_answer()
                        if status != 0:
                            raise AssertionError(f"partition {partition} answered with status {status}")
                        self.acknowledged[partition] += 1
        except (wire.ConnectionLost, OSError) as failure:
            if self.running:
                self.failures.append(failure)
        except BaseException as failure:
            self.failures.append(failure)

    def full_files(self) -> tuple[int, int]:
        """Files of the journal that hold groups, and all of them."""
        files = list((self.server.data / "iggy.journal").glob("*.journal"))
        holding = 0
        for each in files:
            with open(each, "rb") as file:
                holding += any(file.read(4096))
        return holding, len(files)

    def kill_when_full(self):
        """Waits until all files hold groups and each partition has some, then kills the server."""
        deadline = time.monotonic() + JOURNAL_SECONDS
        syncs_are_free = file_system_of(self.server.data) == "tmpfs"
        while self.full_files() != (JOURNAL_FILES, JOURNAL_FILES) or min(self.acknowledged) == 0:
            if self.failures:
                raise self.failures[0]
            if syncs_are_free and sum(self.acknowledged) > JOURNAL_BATCHES:
                print("  in memory the journal is emptied faster than it is filled", flush=True)
                break
            if time.monotonic() > deadline:
                raise AssertionError(f"the journal is not full after {JOURNAL_SECONDS:.0f} s: {self.full_files()} files")
            time.sleep(0.001)
        self.running = False
        self.server.kill()
        for thread in self.threads:
            thread.join()
        if self.failures:
            raise self.failures[0]


def full_journal(server: Server, partitions: int):
    load = JournalLoad(server, partitions)
    load.kill_when_full()
    holding, files = load.full_files()
    seconds = server.start(300.0)
    memory = server.memory()
    with server.connect() as connection:
        for info, batches in zip(connection.partitions("journal", "topic"), load.acknowledged, strict=True):
            # The batch that was on its way when the server was killed may be there or not.
            if info.messages not in (batches * JOURNAL_BATCH, (batches + 1) * JOURNAL_BATCH):
                raise AssertionError(f"partition {info.id}: {info.messages} messages, {batches} batches were acknowledged")
    print(f"{partitions} partitions and {holding} of {files} journal files with groups: ready {seconds:.3f} s after the start, "
          f"{mib(memory)} resident", flush=True)


class OnePartition:
    """A growing partition whose batches are all alike."""

    def __init__(self, server: Server):
        self.server = server
        self.messages = [wire.encode_message(b"%08d" % place * (PAYLOAD_BYTES // 8)) for place in range(BATCH)]
        self.batch_bytes = sum(map(len, self.messages))
        self.batches = 0
        with server.connect() as connection:
            connection.create_stream("one")
            connection.create_topic("one", "topic", 1)

    def fill(self, total_bytes: int):
        frame = wire.frame(wire.SEND, wire.send_payload("one", "topic", 0, self.messages))
        began, before = time.monotonic(), self.batches
        with self.server.connect() as connection:
            while self.batches * self.batch_bytes < total_bytes:
                connection.write(frame)
                status, _ = connection.read_answer()
                if status != 0:
                    raise AssertionError(f"batch {self.batches} was answered with status {status}")
                self.batches += 1
        size = (self.batches - before) * self.batch_bytes
        print(f"  {size / 1e6:.0f} MB sent at {size / 1e6 / (time.monotonic() - began):.0f} MB/s", flush=True)

    def restart(self) -> float:
        seconds, memory = restart(self.server)
        end = self.batches * BATCH
        with self.server.connect() as connection:
            info = connection.partitions("one", "topic")[0]
            if (info.messages, info.current_offset) != (end, end - 1):
                raise AssertionError(f"{info.messages} messages up to {info.current_offset}, {end} were acknowledged")
            for offset in (0, end // 2, end - 1):
                message = connection.poll("one", "topic", 0, wire.BY_OFFSET, offset, 1).messages()[0]
                if (message.offset, message.raw[64:]) != (offset, self.messages[offset % BATCH][64:]):
                    raise AssertionError(f"another message at offset {offset}")
        print(f"{self.batches * self.batch_bytes / 1e9:.2f} GB in one partition, {info.segments} segments: "
              f"ready {seconds:.3f} s after the start, {mib(memory)} resident", flush=True)
        return seconds


def one_partition(server: Server, size: int):
    partition = OnePartition(server)
    partition.fill(size // 10)
    little = partition.restart()
    partition.fill(size)
    much = min(partition.restart(), partition.restart())
    if much > little + SLACK_SECONDS:
        raise AssertionError(f"the restart grows with the data: {little:.3f} s, with ten times as much {much:.3f} s")


def run(server: Server, part):
    """Does one part with a data directory of its own."""
    with server:
        try:
            print(f"first start: ready after {server.start():.3f} s", flush=True)
            part(server)
            server.stop()
        except BaseException:
            print(server.output_tail())
            raise


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--server", required=True, help="the iggy-server executable")
    arguments.add_argument("--partitions", type=int, default=1000)
    arguments.add_argument("--bytes", type=float, default=10e9, help="in one partition")
    arguments.add_argument("--segment-size", help="value for IGGY_SYSTEM_SEGMENT_SIZE; the server's default otherwise")
    arguments.add_argument("--folder", help="where the data directory is made; a temporary folder by default")
    options = arguments.parse_args()

    settings = {"IGGY_SYSTEM_SEGMENT_SIZE": options.segment_size} if options.segment_size else {}
    with WorkFolder("restart", options.folder) as folder:
        synced = settings | {"IGGY_SYSTEM_PARTITION_DURABILITY": "synced"}
        run(Server(options.server, folder / "nothing", settings), nothing)
        run(Server(options.server, folder / "journal", synced), lambda server: full_journal(server, options.partitions))
        run(Server(options.server, folder / "many", settings), lambda server: many_partitions(server, options.partitions))
        run(Server(options.server, folder / "one", settings), lambda server: one_partition(server, int(options.bytes)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
