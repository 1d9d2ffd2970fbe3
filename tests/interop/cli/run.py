#!/usr/bin/env python3
"""Installs the CLI of Apache Iggy into the cache and drives streams, topics and messages of a fresh server with it.

The user is given on each command line, so that the CLI needs no keyring; HOME is a temporary folder.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import support  # noqa: E402

PACKAGE, VERSION = "iggy-cli", "0.13.0"


def installed() -> pathlib.Path:
    folder = support.cache_folder("cli") / VERSION
    program = folder / "bin" / "iggy"
    if not program.exists():
        support.prepare(["cargo", "install", PACKAGE, "--version", VERSION, "--locked", "--quiet", "--root", folder],
                        f"{PACKAGE} {VERSION} cannot be installed", 1200)
    return program


class Failed(Exception):
    pass


class Cli:
    """Runs one command after the other as root."""

    def __init__(self, program: pathlib.Path, server: support.Server, home: pathlib.Path):
        self.server = server
        self.base = [program, "--tcp-server-address", "{}:{}".format(*server.address),
                     "--tcp-reconnection-max-retries", "1"]
        self.user = ["-u", support.USERNAME, "-p", support.PASSWORD]
        self.options = dict(cwd=home, env={"HOME": str(home), "NO_COLOR": "1"}, text=True, timeout=30,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.commands = 0

    def run(self, command: str, *more: str, login: bool = True) -> subprocess.CompletedProcess:
        self.commands += 1
        words = command.split() + list(more)
        return subprocess.run(self.base + (self.user if login else []) + words, **self.options)

    def succeeds(self, command: str, *wanted: str, more: tuple[str, ...] = (), login: bool = True) -> str:
        done = self.run(command, *more, login=login)
        missing = [text for text in wanted if text not in done.stdout]
        if done.returncode != 0 or missing:
            raise Failed(f"`iggy {command}` ended with {done.returncode}, missing in its output: {missing}\n"
                         f"{done.stdout}\n{done.stderr}")
        return done.stdout

    def fails(self, command: str, wanted: str):
        done = self.run(command)
        if done.returncode == 0 or wanted not in done.stderr:
            raise Failed(f"`iggy {command}` ended with {done.returncode}, must fail with {wanted!r}\n"
                         f"{done.stdout}\n{done.stderr}")

    def rows(self, command: str) -> list[list[str]]:
        """The lines of a listing in list mode, split into cells, without the time of creation."""
        lines = [line.split("|") for line in self.succeeds(command).splitlines() if "|" in line]
        return [[cells[0], *cells[2:]] for cells in lines]

    def table(self, command: str) -> list[list[str]]:
        """The rows of a table without its head, split into cells."""
        lines = [line for line in self.succeeds(command).splitlines() if line.startswith("| ")]
        return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def equal(what: str, got, wanted):
    if got != wanted:
        raise Failed(f"{what}: {got!r}, wanted {wanted!r}")


def system(cli: Cli):
    cli.succeeds("ping -c 3", "Ping sequence id: 3", login=False)
    me = dict(cli.table("me"))
    equal("me", (me["User ID"], me["Transport"]), ("0", "TCP"))
    clients = cli.table("client list")
    equal("the users of client list", [client[1] for client in clients], ["0"])
    stats = json.loads(cli.succeeds("stats -o json").split("\n", 1)[1])
    equal("version in stats", stats["iggy_server_version"], "0.8.0")
    equal("streams in stats", stats["streams_count"], 0)
    cli.succeeds("stats", "Iggy Server PID")
    cli.succeeds("cluster metadata", "single-node", "iggy-node")


def streams(cli: Cli):
    cli.succeeds("stream create orders", "created")
    cli.succeeds("stream create spare", "created")
    cli.fails("stream create orders", "already exists")
    cli.succeeds("stream update orders sales", "updated name: sales")
    cli.succeeds("stream get sales", "Stream ID", "sales")
    equal("stream list", cli.rows("stream list -l list"),
          [["0", "sales", "0 B", "0", "0"], ["1", "spare", "0 B", "0", "0"]])


def topics(cli: Cli):
    cli.succeeds("topic create sales events 3 gzip 1day", "created")
    cli.succeeds("topic create sales spare 1 none", "created")
    cli.fails("topic create sales spare 1 none", "already exists")
    topic = dict(cli.table("topic get sales events"))
    equal("topic get", (topic["Compression"], topic["Message expiry"], topic["Partitions count"]),
          ("gzip", "1day", "3"))
    cli.succeeds("topic update sales events changed none unlimited", "updated name: changed")
    cli.succeeds("partition create sales changed 2", "Created 2 partitions")
    cli.succeeds("partition delete sales changed 1", "Deleted 1 partition")
    listed = cli.table("topic list sales")
    equal("topic list", [[row[0], row[2], row[5], row[8]] for row in listed],
          [["0", "changed", "none", "4"], ["1", "spare", "none", "1"]])


def polled(cli: Cli, options: str) -> list[tuple[int, str]]:
    rows = cli.table(f"message poll {options} sales changed 0")
    return [(int(row[0]), row[4]) for row in rows if row[0].isdigit()]


def messages(cli: Cli, home: pathlib.Path):
    cli.succeeds("message send -p 0 sales changed", "Sent messages", more=("hello", "to the world"))
    cli.succeeds("message send -p 0 -H color:string:green sales changed third", "Sent messages")
    sent = [(0, "hello"), (1, "to the world"), (2, "third")]
    equal("poll by offset", polled(cli, "-o 0 -m 10"), sent)
    equal("poll first", polled(cli, "-f -m 2"), sent[:2])
    equal("poll last", polled(cli, "-l"), sent[2:])
    equal("poll next", polled(cli, "-n -a -c 5 -m 2"), sent[:2])
    equal("poll next again", polled(cli, "-n -a -c 5 -m 2"), sent[2:])
    equal("poll next at the end", polled(cli, "-n -a -c 5 -m 2"), [])
    cli.succeeds("message poll -o 2 -s sales changed 0", "Header: color", "green")
    ids = [row[2] for row in cli.table("message poll -o 0 -m 10 sales changed 0")]
    equal("ids that are numbers and unique", (len(set(ids)), all(re.fullmatch("[1-9][0-9]*", id_) for id_ in ids)),
          (3, True))

    cli.succeeds("consumer-offset set 7 sales changed 0 1", "set to 1")
    offset = dict(cli.table("consumer-offset get 7 sales changed 0"))
    equal("consumer-offset get", (offset["Current offset"], offset["Stored offset"]), ("2", "1"))
    equal("poll after the stored offset", polled(cli, "-n -c 7 -m 10"), sent[2:])
    cli.succeeds("message flush -f sales changed 0", "Flushed messages")

    replay = home / "replay.bin"
    cli.succeeds(f"message poll -o 0 -m 10 --output-file {replay} sales changed 0", "3 messages")
    cli.succeeds(f"message send -p 0 --input-file {replay} sales changed", "Sent")
    equal("replayed from a file", [text for _, text in polled(cli, "-o 3 -m 10")], [text for _, text in sent])


def removal(cli: Cli):
    cli.succeeds("topic purge sales changed", "purged")
    equal("poll after the purge", polled(cli, "-f -m 10"), [])
    cli.succeeds("message send -p 0 sales changed again", "Sent messages")
    equal("poll of what came after the purge", polled(cli, "-f -m 10"), [(0, "again")])
    cli.succeeds("stream purge sales", "purged")
    equal("poll after the purge of the stream", polled(cli, "-f -m 10"), [])
    cli.succeeds("topic delete sales changed", "deleted")
    cli.fails("topic delete sales changed", "not found")
    equal("topics left", [row[2] for row in cli.table("topic list sales")], ["spare"])
    cli.succeeds("stream delete sales", "deleted")
    cli.succeeds("stream delete spare", "deleted")
    cli.fails("stream delete spare", "not found")
    cli.succeeds("stream list", "No streams found!")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--server", required=True, help="the iggy-server executable")
    options = arguments.parse_args()

    program = installed()
    with support.WorkFolder("interop-cli") as folder, support.Server(options.server, folder) as server:
        server.start()
        home = folder / "home"
        home.mkdir()
        cli = Cli(program, server, home)
        try:
            system(cli)
            streams(cli)
            topics(cli)
            messages(cli, home)
            removal(cli)
            server.check_alive()
            server.stop()
        except Failed:
            print(server.output_tail())
            raise
    print(f"{cli.commands} commands: every output is right")
    return 0


if __name__ == "__main__":
    sys.exit(main())
