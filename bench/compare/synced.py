#!/usr/bin/env python3
"""What `synced` costs: the server at `synced` beside itself at `written` and beside a sync per file, in one run.

A sync per file: the least that a server can do (`iggy-bench bare-server`), which writes each batch and syncs its partition's file before
it answers. All take turns with fresh data, while two bystanders, who have nothing to do with the load, ping each
millisecond. Syncs are flushes of the whole disk that holds the data, so nothing else should write to it. Prints a
Markdown table of medians; --json FILE keeps every run.

    cmake --preset release && cmake --build --preset release
    bench/compare/synced.py                               # all cases, five turns each, some minutes
    bench/compare/synced.py --cases 8x1x1000 --turns 9
"""

import os
import pathlib
import statistics
import sys
import tempfile
import time

import loop

CASES = "8x1x1000,64x1x1000,8x10x1000,64x10x1000,8x1000x1000"
PROGRAMS = {"written": ("ours", "written"), "synced": ("ours", "synced"), "per file": ("bare", "synced")}


def flushes(place):
    """Flush requests that the disk under `place` has done so far (Documentation/block/stat.rst, field 16)."""
    device = os.stat(place).st_dev
    stat = pathlib.Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}/stat").read_text().split()
    return int(stat[15])


def sync_rate(place, seconds=0.5):
    """Syncs per second of one file, each after 4 KiB that were there already."""
    with tempfile.TemporaryFile(dir=place, buffering=0) as file:
        os.pwrite(file.fileno(), bytes(4096), 0)
        os.fsync(file.fileno())
        begin, count = time.monotonic(), 0
        while (passed := time.monotonic() - begin) < seconds:
            os.pwrite(file.fileno(), os.urandom(8), 0)
            os.fdatasync(file.fileno())
            count += 1
    return count / passed


def one_turn(program, build, place, case, requests):
    name, level = PROGRAMS[program]
    server = loop.Server(name, build, place, level)
    try:
        server.load("prepare", case, requests)
        before = flushes(server.directory)
        figures = server.load("watched", case, requests)
        figures["flushes"] = flushes(server.directory) - before
        return figures
    finally:
        server.end()


def cell(runs, case, requests):
    gigabytes = loop.gigabytes_of(case, requests)
    rates = [run["messages_per_second"] for run in runs]
    median = lambda value: statistics.median(value(run) for run in runs)
    return (f"{statistics.median(rates) / 1000:,.1f} ({min(rates) / 1000:,.1f}–{max(rates) / 1000:,.1f}) · "
            f"{median(lambda f: f['p99_ms']):.2f} · {median(lambda f: f['flushes']) / (case[0] * requests):.3f} · "
            f"{median(lambda f: f['cpu_seconds']) / gigabytes:.2f} · {median(lambda f: f['ping_p99_ms']):.2f}")


def main():
    options = loop.turns_parser_of(__doc__, CASES, turns=5, size=5e8, requests=24_000).parse_args()

    kept = []
    place = options.place or tempfile.gettempdir()
    print(f"The disk's own rate, one file: {sync_rate(place):,.0f} syncs/s before the runs.\n")
    print("| connections × batch × bytes | `written`: k msgs/s (spread) · p99 ms · flushes per answer · CPU-s/GB · bystander's p99 ms "
          "| `synced`: the same | a sync per file: the same | of `written` | of a sync per file |\n|---|---|---|---|---|---|")
    for case in loop.cases_of(options.cases):
        requests = loop.requests_of(case, options)
        runs = {program: [] for program in PROGRAMS}
        for program in loop.taking_turns(case, options.turns, list(PROGRAMS)):
            runs[program].append(one_turn(program, options.build, options.place, case, requests))
        rate = {program: statistics.median(run["messages_per_second"] for run in of) for program, of in runs.items()}
        print(f"| {' × '.join(map(str, case))} | " + " | ".join(cell(runs[program], case, requests) for program in PROGRAMS)
              + f" | **{rate['synced'] / rate['written']:.2f}** | **{rate['synced'] / rate['per file']:.2f}** |", flush=True)
        kept.append({"case": case, "requests": requests, "runs": runs})
    print(f"\nThe disk's own rate, one file: {sync_rate(place):,.0f} syncs/s after the runs.")
    loop.keep(options, kept)


if __name__ == "__main__":
    main()
