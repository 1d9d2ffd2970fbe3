#!/usr/bin/env python3
"""How long a restart after kill -9 takes, and how much memory: with many partitions, and with much data in one.

The time must not grow with the data that is already sealed.
"""

import argparse
import sys
import time

import iggy_wire as wire
from server_process import Server, WorkFolder, mib

BATCH, PAYLOAD_BYTES = 1000, 936
SLACK_SECONDS = 0.5  # by which the restart with all data may be slower than the one with a tenth of it


def restart(server: Server) -> tuple[float, int]:
    """Kills and starts the server; the seconds until it answers, and its resident memory then."""
    server.kill()
    seconds = server.start(300.0)
    return seconds, server.memory()


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


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--server", required=True, help="the iggy-server executable")
    arguments.add_argument("--partitions", type=int, default=1000)
    arguments.add_argument("--bytes", type=float, default=10e9, help="in one partition")
    arguments.add_argument("--segment-size", help="value for IGGY_SYSTEM_SEGMENT_SIZE; the server's default otherwise")
    arguments.add_argument("--folder", help="where the data directory is made; a temporary folder by default")
    options = arguments.parse_args()

    settings = {"IGGY_SYSTEM_SEGMENT_SIZE": options.segment_size} if options.segment_size else {}
    with WorkFolder("restart", options.folder) as folder, Server(options.server, folder, settings) as server:
        try:
            server.start()
            many_partitions(server, options.partitions)
            partition = OnePartition(server)
            partition.fill(int(options.bytes) // 10)
            little = partition.restart()
            partition.fill(int(options.bytes))
            much = partition.restart()
            again = partition.restart()
            server.stop()
        except BaseException:
            print(server.output_tail())
            raise
    if min(much, again) > little + SLACK_SECONDS:
        raise AssertionError(f"the restart grows with the data: {little:.3f} s, with ten times as much {much:.3f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
