#!/usr/bin/env python3
"""Kills the server with SIGKILL under load, again and again on one data directory, and compares what is left.

Every round: several producers, two pollers, a worker that stores consumer offsets and one that creates, changes, purges
and deletes streams and topics are at work when the server is killed (now and then it is stopped with SIGTERM instead,
or killed again while it recovers). After the restart every acknowledged message must be at its offset, once; every
message that a poller saw must be there byte for byte; nothing of a purged or deleted topic may be back; and every
acknowledged change of the catalog and stored offset must be there. What was not answered may have been done or not.
"""

import argparse
import random
import sys
import time

import kill9_catalog
import kill9_workers as workers
from kill9_catalog import Catalog
from kill9_model import RaceTopic, StableStream
from kill9_workers import STABLE, Worker
from server_process import PASSWORD, USERNAME, Server, WorkFolder

PRODUCERS = 4
TOPICS, PARTITIONS = 2, 4
LOAD_SECONDS = (0.02, 0.9)
STOP_SHARE = 0.1           # of the rounds end with SIGTERM
KILL_AT_START_SHARE = 0.3  # of the restarts are killed before or soon after they are ready, and done again
PURGE_EVERY = 10           # rounds; keeps the data of a long run small
EVERYTHING_EVERY = 10      # rounds; otherwise older data is compared by sample
WORKER_RACE, WORKER_POLL, WORKER_LAST, WORKER_OFFSETS, WORKER_CATALOG = range(100, 105)


class Run:
    """The server, what it must hold, and the rounds."""

    def __init__(self, server: Server, seed: int):
        self.server = server
        self.seed = seed
        self.rng = random.Random(seed)
        self.stable = StableStream(seed, TOPICS, PARTITIONS)
        self.race = RaceTopic(seed)
        self.catalog = Catalog()
        self.batches = 0
        self.recovery_seconds: list[float] = []

    def first_start(self):
        self.server.start()
        with self.server.connect() as connection:
            self.stable.create(connection)
            self.race.create_missing(connection)

    def round(self, number: int, last: bool):
        load = self._start_load(number)
        time.sleep(self.rng.uniform(*LOAD_SECONDS))
        self.server.check_alive()
        stopped = self.rng.random() < STOP_SHARE
        if stopped:
            self.server.stop()
        else:
            self.server.kill()
        produced, race, polled, stored, changed = self._collect(load)

        self.server.verify()
        self._restart()
        with self.server.connect() as connection:
            acknowledged, lost = _by_place(produced)
            everything = last or number % EVERYTHING_EVERY == 0
            self.stable.check(connection, acknowledged, lost, polled, stored, everything, self.rng)
            self.catalog = kill9_catalog.check(connection, changed.catalog, changed.in_flight, self.seed)
            self.race.check(connection, race, changed.resets)
            self.race.create_missing(connection)
            if number % PURGE_EVERY == 0:
                connection.purge_stream(STABLE)
                self.stable.forget()
        self._report(number, stopped, acknowledged, race, polled, stored, changed)

    def recover_twice(self):
        """Recovering once more must change nothing."""
        self.server.kill()
        self.server.verify()
        self.server.start()
        with self.server.connect() as connection:
            self.stable.check(connection, {}, {}, [], None, True, self.rng)
            kill9_catalog.check(connection, self.catalog, None, self.seed)
            self.race.check(connection, [], [])

    def _start_load(self, number: int) -> list[Worker]:
        places = self.stable.places
        plan = [(workers.produce, producer, (places[producer::PRODUCERS],)) for producer in range(PRODUCERS)]
        plan += [(workers.produce_to_race, WORKER_RACE, ()), (workers.poll_next, WORKER_POLL, (places,)),
                 (workers.poll_last, WORKER_LAST, (places,)), (workers.store_offsets, WORKER_OFFSETS, (places,)),
                 (workers.change_catalog, WORKER_CATALOG, (self.catalog,))]
        load = [Worker(self.server.address, (USERNAME, PASSWORD), work, self.seed, number, worker, *arguments)
                for work, worker, arguments in plan]
        for worker in load:
            worker.wait_until_busy()
        return load

    @staticmethod
    def _collect(load: list[Worker]):
        results = [worker.result() for worker in load]
        return results[:PRODUCERS], results[-5], results[-4:-2], results[-2], results[-1]

    def _restart(self):
        while self.rng.random() < KILL_AT_START_SHARE:
            self.server.launch()
            time.sleep(self.rng.uniform(0.0, 0.1))
            self.server.kill()
        self.recovery_seconds.append(self.server.start())

    def _report(self, number, stopped, acknowledged, race, polled, stored, changed):
        batches = sum(map(len, acknowledged.values()))
        self.batches += batches
        known = self.stable.partitions.values()
        print(f"round {number}: {'stopped' if stopped else 'killed'}, {batches} batches acknowledged, "
              f"{sum(each.size for each in known) >> 20} MiB in {sum(each.end for each in known)} messages kept, "
              f"{sum(len(each.seen) for each in polled)} polls, {len(stored.offsets)} offsets, "
              f"{len(race)} sends against {len(changed.resets)} resets, "
              f"{len(self.catalog.streams)} streams, ready after {self.recovery_seconds[-1]:.2f} s", flush=True)


def _by_place(produced) -> tuple[dict, dict]:
    """The batches of each partition in order, and those whose answer never came."""
    acknowledged: dict = {}
    lost: dict = {}
    for each in produced:
        for place, number in each.acknowledged:
            acknowledged.setdefault(place, []).append(number)
        if each.in_flight:
            lost[each.in_flight[0]] = each.in_flight[1]
    return acknowledged, lost


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--server", required=True, help="the iggy-server executable")
    arguments.add_argument("--rounds", type=int, default=50)
    arguments.add_argument("--minutes", type=float, help="as many rounds as begin within this time, instead of --rounds")
    arguments.add_argument("--level", choices=("written", "synced"), default="written", help="what an acknowledgement promises")
    arguments.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    arguments.add_argument("--io-engine", choices=("auto", "io_uring", "portable"), default="auto")
    arguments.add_argument("--folder", help="where the data directory is made; a temporary folder by default")
    options = arguments.parse_args()

    print(f"seed {options.seed} (give it with --seed to repeat the same load)", flush=True)
    settings = {"IGGY_SYSTEM_SEGMENT_SIZE": "1 MiB", "IGGY_SYSTEM_IO_ENGINE": options.io_engine,
                "IGGY_SYSTEM_PARTITION_DURABILITY": options.level}
    end = time.monotonic() + 60 * options.minutes if options.minutes else None
    number = 0
    with WorkFolder("kill9", options.folder) as folder, Server(options.server, folder, settings) as server:
        run = Run(server, options.seed)
        try:
            run.first_start()
            while (number < options.rounds if end is None else time.monotonic() < end):
                number += 1
                run.round(number, last=end is None and number == options.rounds)
            run.recover_twice()
        except BaseException:
            print(f"failed with --seed {options.seed}\n{server.output_tail()}")
            raise
    print(f"{number} rounds at level {options.level}, {run.batches} acknowledged batches: nothing lost, nothing twice, nothing back; "
          f"slowest restart {max(run.recovery_seconds):.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
