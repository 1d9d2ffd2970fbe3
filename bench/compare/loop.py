#!/usr/bin/env python3
"""The server beside the least that a server can do, for the same traffic, in one run.

For each case the two take turns, each time with fresh data: produce, then poll what was produced. Prints a Markdown
table of medians; --json FILE keeps every run. In brackets behind a produce's processor time stands what it took until all was
on the disk, with that of the kernel's threads and of the sync: what one server writes back itself others leave to them.

    cmake --preset release && cmake --build --preset release
    bench/compare/loop.py                                 # all cases, five turns each, some minutes
    bench/compare/loop.py --cases 8x10x1000 --turns 9
    bench/compare/loop.py --apart                         # server and clients do not share processors
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASES = "1x1x1000,8x1x1000,8x10x1000,8x100x1000,1x1000x1000,8x1000x1000,8x1000x100"
BENCH = "bench/iggy-bench/iggy-bench"
CELL = "k msgs/s (spread) · p99 · p99.9 ms · CPU-s/GB (until it is on the disk) · peak MiB"
HEAD = f"| connections × batch × bytes | bare loop: {CELL} | iggy-server: the same | share | iggy-bench's processor time |\n|---|---|---|---|---|"


def halves():
    """The processors that this process may use, in two."""
    mine = sorted(os.sched_getaffinity(0))
    if len(mine) < 2:
        raise SystemExit("--apart: one processor cannot be shared out; leave the option out")
    return mine[:len(mine) // 2], mine[len(mine) // 2:]


def bound_to(processors):
    """What a child process does first, to run on these only."""
    return (lambda: os.sched_setaffinity(0, processors)) if processors else None


class Program:
    """A process with a data directory of its own."""

    def __init__(self, name, place):
        self.name = name
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=f"iggy-{name}-", dir=place))
        self.process = None

    def end(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.directory)


class Server(Program):
    """Listens on a port that it chose."""

    def __init__(self, name, build, place, level="written", apart=False, **settings):
        """`bare`: the least; at level `synced` it syncs its file before each answer. `ours`: iggy-server, with settings
        as variables of its environment. `apart`: on half of the processors, those who load it on the others."""
        super().__init__(name, place)
        self.build = build
        its, self.others = halves() if apart else (None, None)
        if name == "bare":
            self.process = subprocess.Popen([build / BENCH, "bare-server", self.directory, *(["--sync"] if level == "synced" else [])],
                                            stdout=subprocess.PIPE, preexec_fn=bound_to(its))
            self.port = int(self.process.stdout.readline())
        else:
            environment = dict(os.environ, IGGY_SYSTEM_PATH=str(self.directory), IGGY_TCP_ADDRESS="127.0.0.1:0",
                               IGGY_QUIC_ENABLED="false", IGGY_HTTP_ENABLED="false", IGGY_WEBSOCKET_ENABLED="false",
                               IGGY_ROOT_USERNAME="iggy", IGGY_ROOT_PASSWORD="iggy",
                               IGGY_SYSTEM_PARTITION_DURABILITY=level, **settings)
            self.process = subprocess.Popen([build / "server/iggy-server"], env=environment, cwd=self.directory,
                                            stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, preexec_fn=bound_to(its))
            self.port = self.port_of_runtime_file()

    def port_of_runtime_file(self):
        path = self.directory / "runtime/current_config.toml"
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if path.exists():
                found = re.search(r'\[tcp\][^\[]*?address = ["\']127\.0\.0\.1:(\d+)', path.read_text(), re.S)
                if found:
                    return int(found.group(1))
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise SystemExit(f"{self.build}/server/iggy-server did not start")

    def load(self, kind, case, requests):
        """Figures of one run of iggy-bench. `prepare` makes the streams, `produce` fills them, `watched` does so beside two
        connections that ping each millisecond (new ones go to the shards in turn: one for each of the two), `poll` reads them."""
        connections, batch, size = map(str, case)
        words = ["-m", size, "-P", batch, "-b", "1" if kind == "prepare" else str(requests)]
        words += [] if kind == "prepare" else ["--reuse-streams"]
        words += ["--bystanders", "2"] if kind == "watched" else []
        words += ["pc", "-c", connections] if kind == "poll" else ["pp", "-p", connections]
        return self.bench(*words)

    def bench(self, *words):
        """Figures of one run of iggy-bench with these options and kind."""
        client = subprocess.run([self.build / BENCH, "--json", *words, "tcp", "--server-address", f"127.0.0.1:{self.port}"],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300, check=False,
                                preexec_fn=bound_to(self.others))
        if client.returncode != 0:
            raise SystemExit(f"{self.name}: iggy-bench {' '.join(words)}: {client.stderr}")
        report = json.loads(client.stdout)
        summary = report["group_metrics"][0]["summary"]
        return {
            "seconds": summary["total_time_secs"],
            "messages": summary["total_messages"],
            "messages_per_second": summary["total_throughput_messages_per_second"],
            "p50_ms": summary["average_p50_latency_ms"],
            "p99_ms": summary["average_p99_latency_ms"],
            "p999_ms": summary["average_p999_latency_ms"],
            "max_ms": summary["max_latency_ms"],
            "ping_p99_ms": report.get("bystanders", {}).get("p99_latency_ms"),
            "cpu_seconds": report["costs"]["server_cpu_secs"],
            "client_cpu_seconds": report["costs"]["client_cpu_secs"],
            "peak_bytes": report["costs"]["server_peak_memory_bytes"],
        }


def warm_memory(place, size):
    """Touches as much of the page cache as a turn fills: on a virtual machine the first use of a page that the host has
    taken back costs several times the copy, and hits whoever comes first."""
    block = bytes(1 << 20)
    with tempfile.TemporaryFile(dir=place, buffering=0) as file:
        for _ in range(int(size) >> 20):
            file.write(block)


def processor_time(pid):
    """Of all threads that the process has had, in seconds."""
    return time.clock_gettime((~pid << 3) | 2)  # what clock_getcpuclockid makes of a pid


def kernel_times():
    """Processor time so far of each of the kernel's workers, which write back what servers leave to them, in seconds."""
    seconds = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/schedstat"):
        try:
            if (stat.parent / "comm").read_text().startswith("kworker"):
                seconds[stat.parent.name] = int(stat.read_text().split()[0]) / 1e9
        except OSError:
            pass  # it has ended
    return seconds


def kernel_time_since(before):
    """What they have taken since `kernel_times` gave that, but for those that have ended."""
    return sum(max(0, now - before.get(worker, 0)) for worker, now in kernel_times().items())


def one_turn(name, build, place, case, requests, apart=False):
    return turn_of(lambda: Server(name, build, place, apart=apart), place, case, requests)


def turn_of(start, place, case, requests):
    """Fresh processes and files, so that all write pages that are not there yet."""
    server = start()
    try:
        server.load("prepare", case, requests)
        warm_memory(place, 1.2 * 1e9 * gigabytes_of(case, requests))  # right before: a host takes free pages back within seconds
        kernel_before = kernel_times()
        produced = server.load("produce", case, requests)
        before = processor_time(server.process.pid) + time.process_time()
        os.sync()  # the polls are measured, and not how what was produced gets to the disk
        syncing = processor_time(server.process.pid) + time.process_time() - before
        produced["cpu_seconds_to_disk"] = produced["cpu_seconds"] + syncing + kernel_time_since(kernel_before)
        return {"produce": produced, "poll": server.load("poll", case, requests)}
    finally:
        server.end()


def gigabytes_of(case, requests):
    """What all connections send in as many requests each, with our header of 64 bytes a message."""
    return case[0] * requests * case[1] * (case[2] + 64) / 1e9


def median_of(runs, value):
    return statistics.median(value(run) for run in runs)


def thousands(rate):
    return f"{rate / 1000:,.0f}" if rate >= 1e5 else f"{rate / 1000:.1f}"


def cell(runs, gigabytes):
    """What CELL says, of the server."""
    rates = [run["messages_per_second"] for run in runs]
    to_disk = f" ({median_of(runs, lambda f: f['cpu_seconds_to_disk']) / gigabytes:.2f})" if "cpu_seconds_to_disk" in runs[0] else ""
    return (f"{thousands(statistics.median(rates))} ({thousands(min(rates))}–{thousands(max(rates))}) · {median_of(runs, lambda f: f['p99_ms']):.2f} · "
            f"{median_of(runs, lambda f: f['p999_ms']):.2f} · {median_of(runs, lambda f: f['cpu_seconds']) / gigabytes:.2f}{to_disk} · "
            f"{median_of(runs, lambda f: f['peak_bytes']) / 2**20:,.0f}")


def row(kind, case, requests, runs):
    """Name, a cell for bare and one for ours, the share, and what iggy-bench cost beside ours."""
    cells = [f"{kind} {case[0]} × {case[1]} × {case[2]}"]
    rates = {}
    for name in ("bare", "ours"):
        of_name = [run[kind] for run in runs[name]]
        rates[name] = median_of(of_name, lambda f: f["messages_per_second"])
        cells.append(cell(of_name, gigabytes_of(case, requests)))
    cells.append(f"**{rates['ours'] / rates['bare']:.2f}**")
    cells.append(f"{median_of(runs['ours'], lambda run: run[kind]['client_cpu_seconds'] / run[kind]['cpu_seconds']):.2f}")
    return "| " + " | ".join(cells) + " |"


def cases_of(text):
    """8x10x1000,... as tuples of connections, batch and bytes."""
    return [tuple(int(part) for part in case.split("x")) for case in text.split(",")]


def taking_turns(case, turns, names):
    """Each name once a turn, each time another one first; says on standard error where it is."""
    for turn in range(turns):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            print(f"{'x'.join(map(str, case))}: turn {turn + 1} of {turns}, {name}   ", end="\r", file=sys.stderr)
            yield name


def parser_of(text):
    """What the programs of this folder are all asked."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--place", default=None, help="where data directories are made (default: the temporary directory)")
    parser.add_argument("--json", type=pathlib.Path, help="where every run's figures are written")
    return parser


def turns_parser_of(text, cases, turns, size, requests=None):
    """Those that take turns are also asked what to send, and how often; `size`: bytes."""
    parser = parser_of(text)
    parser.add_argument("--cases", default=cases, help="connections x batch x bytes, separated by commas (default: %(default)s)")
    parser.add_argument("--turns", type=int, default=turns)
    parser.add_argument("--bytes", type=float, default=size, help="most that one turn sends (default: %(default).1e)")
    if requests is not None:
        parser.add_argument("--requests", type=int, default=requests, help="most that one turn asks (default: %(default)s)")
    return parser


def requests_of(case, options):
    """Of each connection in one turn."""
    return max(1, int(min(options.bytes / (case[1] * (case[2] + 64)), options.requests) / case[0]))


def keep(options, kept):
    if options.json:
        options.json.write_text(json.dumps(kept, indent=1))


def main():
    parser = turns_parser_of(__doc__, CASES, turns=5, size=1.5e9, requests=200_000)
    parser.add_argument("--apart", action="store_true", help="the server on the first half of the processors by number, its clients on the others")
    options = parser.parse_args()

    kept = []
    print(HEAD)
    for case in cases_of(options.cases):
        requests = requests_of(case, options)
        runs = {"bare": [], "ours": []}
        for name in taking_turns(case, options.turns, list(runs)):
            runs[name].append(one_turn(name, options.build, options.place, case, requests, options.apart))
        for kind in ("produce", "poll"):
            print(row(kind, case, requests, runs), flush=True)
        kept.append({"case": case, "requests": requests, "apart": options.apart, "runs": runs})
    keep(options, kept)


if __name__ == "__main__":
    main()
