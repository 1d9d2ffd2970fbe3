#!/usr/bin/env python3
"""Consumers that read cold data beside producers at full speed: what is left of the producers' rate.

Each turn begins with a fresh server whose streams hold data that is on the disk and no longer in memory (the page cache is
told to forget the segments). Producers then append to these streams alone, and with as many consumers beside them that read from the
beginning; `bare` is the least that a server can do (`iggy-bench bare-server`). Both begin with room in memory that was used right
before. Prints a Markdown table of medians; --json FILE keeps every run.

    cmake --preset release && cmake --build --preset release
    bench/compare/cold.py                                 # some minutes
    bench/compare/cold.py --cases 8x10x1000 --turns 3
"""

import concurrent.futures
import os
import pathlib
import statistics
import sys
import time

import loop

CASES = "8x10x1000,8x100x1000,8x1000x1000"


def forget(directory):
    """What the files below hold leaves the page cache."""
    os.sync()
    for folder, _, names in os.walk(directory):
        for name in names:
            file = os.open(os.path.join(folder, name), os.O_RDONLY)
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(file)


def moved(server):
    """Bytes that it has read from files and written to them so far."""
    words = pathlib.Path(f"/proc/{server.process.pid}/io").read_text().split()
    return int(words[1]), int(words[3])


def one_turn(name, build, place, case, cold, requests):
    """Figures of producers alone, then of producers and consumers at once. `cold`: requests of each that fill its stream."""
    server = loop.Server(name, build, place)
    try:
        server.load("prepare", case, cold)
        server.load("produce", case, cold)
        forget(server.directory)
        loop.warm_memory(place, 1.2e9 * loop.gigabytes_of(case, requests))  # as in loop.turn_of
        alone = server.load("produce", case, requests)
        forget(server.directory)
        loop.warm_memory(place, 1.2e9 * loop.gigabytes_of(case, requests + cold))
        with concurrent.futures.ThreadPoolExecutor() as pool:
            read, written = moved(server)
            reading = pool.submit(server.load, "poll", case, cold)
            while moved(server)[0] < read + 1e7 and not reading.done():
                time.sleep(0.001)  # until they have logged in, which takes our server processor time
            producing = pool.submit(server.load, "produce", case, requests)
            while moved(server)[1] < written + 1e9 * loop.gigabytes_of(case, requests) and not producing.done():
                time.sleep(0.001)
            outlasted = moved(server)[0] < read + 1e9 * loop.gigabytes_of(case, cold)
            return {"alone": alone, "beside": producing.result(), "reading": reading.result(), "readers outlasted": outlasted}
    finally:
        server.end()


def row(name, case, runs):
    def cell(kind):
        rates = [run[kind]["messages_per_second"] for run in runs]
        return (f"{loop.thousands(statistics.median(rates))} ({loop.thousands(min(rates))}–{loop.thousands(max(rates))}) · "
                f"{loop.median_of(runs, lambda run: run[kind]['p99_ms']):.2f}")
    share = loop.median_of(runs, lambda run: run["beside"]["messages_per_second"] / run["alone"]["messages_per_second"])
    return f"| {name} {' × '.join(map(str, case))} | {cell('alone')} | {cell('beside')} | {cell('reading')} | **{share:.2f}** |"


def main():
    parser = loop.turns_parser_of(__doc__, CASES, turns=5, size=1.5e9)
    parser.add_argument("--cold", type=float, default=3e9, help="bytes that are read (default: %(default).1e)")
    options = parser.parse_args()

    kept = []
    print("| connections × batch × bytes | producers alone: k msgs/s (spread) · p99 ms | beside cold readers: the same | the readers: the same | share |\n"
          "|---|---|---|---|---|")
    for case in loop.cases_of(options.cases):
        cold, requests = (max(1, int(size / loop.gigabytes_of(case, 1) / 1e9)) for size in (options.cold, options.bytes))
        runs = {"ours": [], "bare": []}
        for name in loop.taking_turns(case, options.turns, list(runs)):
            runs[name].append(one_turn(name, options.build, options.place, case, cold, requests))
        for name, title in (("bare", "bare loop"), ("ours", "iggy-server")):
            print(row(title, case, runs[name]), flush=True)
            early = sum(not run["readers outlasted"] for run in runs[name])
            if early:
                print(f"In {early} of {options.turns} turns the readers were done before the producers.", file=sys.stderr)
        kept.append({"case": case, "cold": cold, "requests": requests, "runs": runs})
    loop.keep(options, kept)


if __name__ == "__main__":
    main()
