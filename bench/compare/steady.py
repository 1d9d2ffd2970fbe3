#!/usr/bin/env python3
"""A steady load: latencies at a rate that does not wait for the server, minute by minute, while segments roll every few seconds.

The rate is half of what the least that a server can do (`iggy-bench bare-server`) keeps up with the same traffic over 30 GB, which
the disk must have room for. Beside the load a witness sends one message a millisecond to another bare server: what this machine does to the
least of programs in the same minute. Segments beyond the last few are deleted meanwhile; the bare server keeps all. Prints a
Markdown table; --json FILE keeps every minute.

    cmake --preset release && cmake --build --preset release
    bench/compare/steady.py                               # five minutes of the server between two of the bare loop
    bench/compare/steady.py --minutes 1
"""

import concurrent.futures
import contextlib
import sys
import threading

import loop

sys.path.append(str(loop.ROOT / "tests/system"))
import iggy_wire  # noqa: E402

CASE = (8, 10, 1000)
SEGMENTS_KEPT = 3
SECONDS = 60
LASTING_BYTES = 30_000_000_000  # of payload


def delete_old_segments(port, ended):
    """Of each stream, so that minutes of load fit on the disk. How many it asked to be deleted."""
    deleted = 0
    with iggy_wire.Connection(("127.0.0.1", port)) as connection:
        connection.login("iggy", "iggy")
        while not ended.wait(2):
            for number in range(1, CASE[0] + 1):
                stream = f"bench-stream-{number}"
                surplus = connection.partitions(stream, "topic-1")[0].segments - SEGMENTS_KEPT
                if surplus > 0:
                    connection.delete_segments(stream, "topic-1", 0, surplus)
                    deleted += surplus
    return deleted


def lasting_rate(options):
    """What the bare server takes in a closed loop that is long enough for the disk to have its say: payload bytes per second."""
    server = loop.Server("bare", options.build, options.place)
    try:
        server.load("prepare", CASE, 1)
        return server.load("produce", CASE, LASTING_BYTES // (CASE[0] * CASE[1] * CASE[2]))["messages_per_second"] * CASE[2]
    finally:
        server.end()


def one_minute(server, witness, rate):
    """Figures of the load and of the witness beside it."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        calm = pool.submit(witness.bench, "--reuse-streams", "-m", "1000", "-P", "1", "-b", str(SECONDS * 1000), "-r", "1MB", "pp", "-p", "1")
        connections, batch, size = CASE
        requests = int(rate * SECONDS / (connections * batch * size))
        load = server.bench("--reuse-streams", "-m", str(size), "-P", str(batch), "-b", str(requests), "-r", str(int(rate)), "pp", "-p", str(connections))
        return {"load": load, "witness": calm.result()}


def some_minutes(name, count, rate, options):
    """Figures of each minute of a fresh server, and how many segments were deleted meanwhile."""
    ended = threading.Event()
    with contextlib.ExitStack() as stack:
        server = loop.Server(name, options.build, options.place, IGGY_SYSTEM_SEGMENT_SIZE=f"{options.segment_mib} MiB")
        stack.callback(server.end)
        witness = loop.Server("bare", options.build, options.place)
        stack.callback(witness.end)
        server.load("prepare", CASE, 1)
        witness.load("prepare", (1, 1, 1000), 1)
        pool = stack.enter_context(concurrent.futures.ThreadPoolExecutor())
        stack.callback(ended.set)
        deleting = pool.submit(delete_old_segments, server.port, ended) if name == "ours" else None
        minutes = []
        for minute in range(count):
            print(f"{name}: minute {minute + 1} of {count}   ", end="\r", file=sys.stderr)
            minutes.append(one_minute(server, witness, rate))
            if deleting and deleting.done():
                deleting.result()  # says why it ended
        ended.set()
        return minutes, deleting.result() if deleting else 0


def row(name, minute):
    def figures(of):
        return f"{of['messages_per_second'] / 1000:,.1f} · {of['p50_ms']:.2f} · {of['p99_ms']:.2f} · {of['p999_ms']:.2f} · {of['max_ms']:.1f}"
    gigabytes = minute["load"]["messages"] * (CASE[2] + 64) / 1e9
    return f"| {name} | {figures(minute['load'])} | {minute['load']['cpu_seconds'] / gigabytes:.2f} | {figures(minute['witness'])} |"


def main():
    parser = loop.parser_of(__doc__)
    parser.add_argument("--minutes", type=int, default=5)
    parser.add_argument("--rate", type=float, help="payload bytes per second (default: half of what the bare loop keeps up)")
    parser.add_argument("--segment-mib", type=int, default=100)
    options = parser.parse_args()

    if options.rate is None:
        options.rate = lasting_rate(options) / 2
    print(f"{' × '.join(map(str, CASE))}, {options.rate / 1e6:,.0f} MB of payload per second.\n")
    print("| minute | load: k msgs/s · p50 · p99 · p99.9 · longest ms | CPU-s/GB | witness: the same |\n|---|---|---|---|")
    kept = []
    for name, count in (("bare", 1), ("ours", options.minutes), ("bare", 1)):
        minutes, deleted = some_minutes(name, count, options.rate, options)
        for number, minute in enumerate(minutes, 1):
            print(row("bare loop" if name == "bare" else f"iggy-server, {number}", minute), flush=True)
        kept.append({"name": name, "minutes": minutes, "segments deleted": deleted})
    print(f"\n{kept[1]['segments deleted']} segments of {options.segment_mib} MiB were deleted meanwhile.")
    loop.keep(options, kept)


if __name__ == "__main__":
    main()
