#!/usr/bin/env python3
"""Fills the disk under a real server, which must go on with all that needs no room, and with the rest when there is some.

The data directory lies on a small tmpfs of its own (mounting one needs root). Producers send until the disk is full and
go on trying: every refusal must be the one status for that, every acknowledged message must be there, and none that was
refused. Polls and stored offsets go on, a topic is deleted, and the producers must then succeed without a restart. At
the end the server is killed, started again, and must have everything.
"""

import argparse
import subprocess
import sys
import threading
import time

from iggy_wire import Connection, StatusError
from kill9_read import read_partition
from load_content import Batch
from server_process import Server, WorkFolder

SKIPPED = 77
DISK_FULL = 10005  # cannot append to file
STREAM, KEPT, FREED = "full", "kept", "freed"
PRODUCERS = 3
REFUSALS = 30
SECONDS = 60.0


class Producer:
    """Sends batches of known content to one partition and keeps account of the answers."""

    def __init__(self, server: Server, partition: int):
        self.server = server
        self.partition = partition
        self.acknowledged: list[int] = []
        self.refused = 0
        self.next = 0

    def batch(self, number: int) -> Batch:
        return Batch(9, self.partition << 32 | number)

    def send(self, connection: Connection) -> bool:
        number = self.next
        self.next += 1
        try:
            connection.send(STREAM, KEPT, self.partition, self.batch(number).encoded())
        except StatusError as error:
            if error.status != DISK_FULL:
                raise AssertionError(f"a full disk was answered with {error.status}, not {DISK_FULL}") from error
            self.refused += 1
            return False
        self.acknowledged.append(number)
        return True

    def check(self, connection: Connection):
        messages = read_partition(connection, STREAM, KEPT, self.partition)
        at = 0
        for number in self.acknowledged:
            batch = self.batch(number)
            for index in range(len(batch)):
                if at == len(messages):
                    raise AssertionError(f"partition {self.partition}: acknowledged batch {number} is lost")
                if messages[at].offset != at or (wrong := batch.difference(index, messages[at])):
                    raise AssertionError(f"partition {self.partition}, place {at}: offset {messages[at].offset}, {wrong}")
                at += 1
        if at != len(messages):
            raise AssertionError(f"partition {self.partition}: {len(messages) - at} messages that were refused are there")


def together(producers: list[Producer], work):
    """Runs `work(producer, connection)` for all at once and raises what failed."""
    failures: list[BaseException] = []

    def one(producer: Producer):
        try:
            with producer.server.connect() as connection:
                work(producer, connection)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=one, args=(producer,)) for producer in producers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def fill(producer: Producer, connection: Connection):
    end = time.monotonic() + SECONDS
    while producer.refused < REFUSALS:
        producer.send(connection)
        if time.monotonic() > end:
            raise AssertionError(f"the disk is not full after {SECONDS:.0f} s")


def send_until_taken(producer: Producer, connection: Connection):
    end = time.monotonic() + SECONDS
    while not producer.send(connection):
        if time.monotonic() > end:
            raise AssertionError(f"there is room, but nothing was taken within {SECONDS:.0f} s")
        time.sleep(0.02)
    for _ in range(20):
        producer.send(connection)


def run(server: Server):
    server.start()
    producers = [Producer(server, partition) for partition in range(PRODUCERS)]
    with server.connect() as connection:
        connection.create_stream(STREAM)
        connection.create_topic(STREAM, KEPT, PRODUCERS)
        connection.create_topic(STREAM, FREED, 1)
        for number in range(400):
            connection.send(STREAM, FREED, 0, Batch(9, 1 << 48 | number).encoded())
        for producer in producers:
            producer.send(connection)
        connection.store_offset(1, STREAM, KEPT, 0, 0)

        together(producers, fill)
        taken = sum(len(producer.acknowledged) for producer in producers)
        for producer in producers:
            producer.check(connection)
        connection.store_offset(1, STREAM, KEPT, 0, 0)
        connection.delete_topic(STREAM, FREED)
        print(f"full after {taken} batches; polls, stored offsets and deleting a topic go on")

        together(producers, send_until_taken)
        for producer in producers:
            producer.check(connection)
        connection.create_topic(STREAM, FREED, 1)
        more = sum(len(producer.acknowledged) for producer in producers) - taken
        print(f"{more} batches more after there was room, without a restart")

        together(producers, lambda producer, own: setattr(producer, "refused", 0) or fill(producer, own))
    server.kill()
    server.start()
    with server.connect() as connection:
        for producer in producers:
            producer.check(connection)
        connection.purge_topic(STREAM, KEPT)
        connection.delete_stream(STREAM)
    server.stop()
    server.verify()
    print("after kill -9 on the full disk all is there, and a purge and a deletion work")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True, help="the iggy-server executable")
    parser.add_argument("--level", choices=("written", "synced"), default="written")
    parser.add_argument("--size", default="192m", help="of the file system (default: %(default)s)")
    options = parser.parse_args()
    settings = {"IGGY_SYSTEM_SEGMENT_SIZE": "8 MiB", "IGGY_SYSTEM_PARTITION_DURABILITY": options.level}
    with WorkFolder("disk-full") as folder, Server(options.server, folder, settings) as server:
        server.data.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={options.size}", "iggy-test", server.data],
                                 stderr=subprocess.PIPE, text=True, check=False)
        if mounted.returncode != 0:
            print(f"skipped: a file system of its own cannot be mounted here: {mounted.stderr.strip()}")
            return SKIPPED
        try:
            run(server)
        except BaseException:
            print(server.output_tail())
            raise
        finally:
            if server.process is not None:
                server.kill()
            subprocess.run(["umount", server.data], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
