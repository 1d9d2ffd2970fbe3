#!/usr/bin/env python3
"""The server beside NATS (JetStream, kept in files) and Apache Kafka (KRaft, one node), for the same traffic, in one run.

For each case they take turns, each time a fresh server with fresh data: produce, then poll what was produced. Ours is loaded by
iggy-bench, the others by iggy-broker-load, through librdkafka and cnats, in the same closed loop: so many connections, each with
a log of its own; a producer sends a batch, waits until all of it is acknowledged, and sends the next; a consumer reads its log
from the beginning, batch by batch. Prints a Markdown table of medians; --json FILE keeps every run.

    bench/compare/install-brokers.sh                      # packages from Debian, Kafka's jars from Maven Central
    cmake --preset release && cmake --build --preset release
    bench/compare/brokers.py                              # all cases, three turns each, about a quarter of an hour
    bench/compare/brokers.py --cases 8x10x1000 --turns 5
    bench/compare/brokers.py --level synced --requests 2000

What is acknowledged is what each server means by it when nobody asks for more: it is in the page cache of the kernel, which for ours
is level `written`. Kafka leaves it to the kernel when to write it back, NATS syncs every two minutes. With `--level synced` all three
sync before they answer (NATS from 2.10 on).

Polls are not alike. Ours and NATS are asked for each batch and answer it; Kafka's client fetches megabytes ahead of who asks it, so
that a small batch costs no round trip, and its latency is how long the client had nothing to hand out.
"""

import base64
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time

import loop

CASES = "1x1x1000,8x1x1000,8x10x1000,8x100x1000,8x1000x1000"
LOAD = "bench/broker-load/iggy-broker-load"
INSTALL = "bench/compare/install-brokers.sh installs"
NATS = "nats-server"
START_SECONDS = 60

# What Kafka's own start script gives a broker.
KAFKA_JAVA = ["java", "-server", "-Xmx1G", "-Xms1G", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:InitiatingHeapOccupancyPercent=35",
              "-XX:+ExplicitGCInvokesConcurrent", "-Djava.awt.headless=true", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
# One node; for the rest its defaults.
KAFKA_SETTINGS = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
log.dirs={directory}/data
offsets.topic.replication.factor=1
auto.create.topics.enable=false
"""
# The limits of JetStream are those of the disk; for the rest its defaults.
NATS_SETTINGS = """
host: 127.0.0.1
port: -1
ports_file_dir: "{directory}"
jetstream {{
  store_dir: "{directory}/data"
  max_file_store: 1TB
  {sync}
}}
"""
# A Java program is compiled while it runs: many requests of one message, then some of the case's own, on topics of
# their own, before anything is measured. Their memory counts, their processor time does not.
WARM_SECONDS = {"requests": 10, "batches": 5}
WARM_BYTES = 3e8


def cache_directory():
    return pathlib.Path(os.environ.get("IGGY_COMPARE_CACHE") or pathlib.Path.home() / ".cache/iggy-compare")


def free_ports(count):
    """Nobody listens on them now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Broker(loop.Program):
    """A broker of others, driven by iggy-broker-load."""

    def __init__(self, name, build, place, level):
        super().__init__(name, place)
        self.build = build
        self.level = level
        self.port = None
        self.log = self.directory / "log"

    def start(self, words, port_if_ready):
        """Returns when `port_if_ready()` has found the port."""
        with self.log.open("w") as log:
            self.process = subprocess.Popen(words, cwd=self.directory, stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            self.port = port_if_ready()
            if self.port is not None:
                return
            time.sleep(0.05)
        told = self.log.read_text()[-2000:]
        self.end()
        raise SystemExit(f"{self.name} did not start:\n{told}")

    def load(self, kind, case, requests):
        """Figures of one run of iggy-broker-load, as those of iggy-bench; none of `prepare`."""
        return self.run_load(kind, case, requests, "--server-pid", str(self.process.pid))

    def run_load(self, kind, case, requests, *more):
        connections, batch, size = map(str, case)
        words = [self.build / LOAD, self.name, kind, "--server", f"127.0.0.1:{self.port}", "--connections", connections, "--batch", batch,
                 "--message-bytes", size, "--batches", str(requests), *more]
        words += ["--synced"] if self.level == "synced" else []
        client = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300, check=False)
        if client.returncode != 0:
            raise SystemExit(f"{' '.join(map(str, words))}: {client.stderr}\n{self.log.read_text()[-2000:]}")
        return json.loads(client.stdout) if client.stdout else None


class Nats(Broker):
    def __init__(self, build, place, level):
        super().__init__("nats", build, place, level)
        settings = self.directory / "settings"
        sync = "sync_interval: always" if level == "synced" else ""
        settings.write_text(NATS_SETTINGS.format(directory=self.directory, sync=sync))
        self.start([self.program(), "-c", settings], self.port_of_file)

    def port_of_file(self):
        """From the file that the server writes when it listens."""
        for path in self.directory.glob("*.ports"):
            text = path.read_text()
            if text.endswith("}"):
                return int(json.loads(text)["nats"][0].rsplit(":", 1)[1])
        return None

    @staticmethod
    def program():
        """That of the cache, else that of the system."""
        return shutil.which(NATS, path=f"{cache_directory()}:{os.environ['PATH']}")

    @staticmethod
    def missing():
        return None if Nats.program() else f"no nats-server; {INSTALL} it"

    @staticmethod
    def version():
        told = subprocess.run([Nats.program(), "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
        return "NATS " + told.strip().rsplit("v", 1)[1]


class Kafka(Broker):
    def __init__(self, build, place, level):
        super().__init__("kafka", build, place, level)
        port, controller_port = free_ports(2)
        settings = self.directory / "settings"
        settings.write_text(KAFKA_SETTINGS.format(directory=self.directory, port=port, controller_port=controller_port))
        java = [*KAFKA_JAVA, "-cp", f"{cache_directory()}/kafka/*"]
        identity = base64.urlsafe_b64encode(b"iggy-compare-one").decode().rstrip("=")
        with self.log.open("w") as log:
            subprocess.run([*java, "kafka.tools.StorageTool", "format", "-t", identity, "-c", settings], stdout=log,
                           stderr=subprocess.STDOUT, timeout=START_SECONDS, check=True)
        self.start([*java, "kafka.Kafka", settings], lambda: self.port_if_open(port))

    @staticmethod
    def port_if_open(port):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return None
        return port

    def load(self, kind, case, requests):
        figures = super().load(kind, case, requests)
        if kind == "prepare":
            self.warm_up((case[0], 1, case[2]), "requests")
            self.warm_up(case, "batches")
            os.sync()
        return figures

    def warm_up(self, case, name):
        requests = max(1, int(WARM_BYTES / loop.gigabytes_of(case, 1) / 1e9))
        more = ("--prefix", name, "--seconds", str(WARM_SECONDS[name]))
        for kind in ("prepare", "produce", "poll"):
            self.run_load(kind, case, requests, *more)

    @staticmethod
    def jar():
        return next((cache_directory() / "kafka").glob("kafka_2.13-*.jar"), None)

    @staticmethod
    def missing():
        if not shutil.which("java"):
            return f"no Java runtime; {INSTALL} it"
        return None if Kafka.jar() else f"no Kafka in {cache_directory()}; {INSTALL} it"

    @staticmethod
    def version():
        return "Kafka " + Kafka.jar().stem.rsplit("-", 1)[1]


OTHERS = {"nats": Nats, "kafka": Kafka}
TITLES = {"ours": "iggy-server", "nats": "NATS", "kafka": "Kafka"}


def systems_of(options):
    """How to start each system that is asked for and there."""
    there = {}
    for name in options.systems.split(","):
        if name == "ours":
            there[name] = lambda: loop.Server("ours", options.build, options.place, options.level)
            continue
        kind = OTHERS[name]
        missing = kind.missing()
        if missing is None and not (options.build / LOAD).exists():
            missing = f"no {LOAD} in {options.build}; {INSTALL} its libraries, then configure and build again"
        if missing:
            print(f"Without {TITLES[name]}: {missing}", file=sys.stderr)
        else:
            there[name] = lambda kind=kind: kind(options.build, options.place, options.level)
    return there


def check(name, figures, case, requests):
    """All that was to be sent was sent, and all of it was read."""
    wanted = case[0] * requests * case[1]
    for kind, of_kind in figures.items():
        if of_kind["messages"] != wanted:
            raise SystemExit(f"{name}: {kind} moved {of_kind['messages']} messages, not {wanted}")


def row(kind, case, requests, runs):
    cells = [f"{kind} {' × '.join(map(str, case))}"]
    cells += [loop.cell([run[kind] for run in of_system], loop.gigabytes_of(case, requests)) for of_system in runs.values()]
    return "| " + " | ".join(cells) + " |"


def main():
    parser = loop.turns_parser_of(__doc__, CASES, turns=3, size=6e8, requests=60_000)
    parser.add_argument("--systems", default=",".join(TITLES), help="which of them (default: %(default)s)")
    parser.add_argument("--level", choices=("written", "synced"), default="written")
    options = parser.parse_args()
    if unknown := set(options.systems.split(",")) - set(TITLES):
        parser.error(f"no such system: {', '.join(unknown)}")

    systems = systems_of(options)
    versions = {name: OTHERS[name].version() for name in systems if name in OTHERS}
    print(f"Level `{options.level}`.\n")
    print("| connections × batch × bytes | "
          + " | ".join(TITLES[name] + (f": {loop.CELL}" if place == 0 else ": the same")
                       for place, name in enumerate(systems)) + " |")
    print("|---" * (1 + len(systems)) + "|", flush=True)
    kept = []
    for case in loop.cases_of(options.cases):
        requests = loop.requests_of(case, options)
        runs = {name: [] for name in systems}
        for name in loop.taking_turns(case, options.turns, list(systems)):
            figures = loop.turn_of(systems[name], options.place, case, requests)
            check(name, figures, case, requests)
            runs[name].append(figures)
        for kind in ("produce", "poll"):
            print(row(kind, case, requests, runs), flush=True)
        kept.append({"case": case, "requests": requests, "level": options.level, "versions": versions, "runs": runs})
    clients = {name: runs[name][0]["produce"]["client"] for name in versions}
    if versions:
        print("\n" + "; ".join(f"{versions[name]} through {clients[name]}" for name in versions) + ".")
    loop.keep(options, kept)


if __name__ == "__main__":
    main()
