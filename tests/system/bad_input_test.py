#!/usr/bin/env python3
"""Sends what no client should: refused, mutated, cut, huge, promised and slow frames.

Looks at the answers, and at the memory and the open connections of the server.
"""

import argparse
import json
import pathlib
import random
import sys
import time

import iggy_wire as wire
from iggy_wire import Connection, ConnectionLost
from mutated_frames import Mutations, mutate
from server_process import Server, WorkFolder, mib

MUTATED_GROWTH_MAX = 48 << 20   # bytes of resident memory that all mutated frames together may cost for good
PROMISED_GROWTH_MAX = 24 << 20  # that 100 connections which promise gigabytes and send nothing may cost
CONTROL_PAYLOAD_MAX = 10 << 20
MESSAGE_PAYLOAD_MAX = 64_000_000
INVALID_COMMAND, UNAUTHENTICATED, TOO_BIG_PAYLOAD = 3, 40, 4022


class Test:
    def __init__(self, server: Server, golden: pathlib.Path, seed: int, sanitized: bool):
        self.server = server
        self.seed = seed
        self.sanitized = sanitized
        self.requests = [vector for file in sorted(golden.glob("*.json"))
                         for vector in json.loads(file.read_text()) if vector.get("direction") == "request"]
        self.rejected = json.loads((golden / "rejected.json").read_text())

    def check_memory(self, what: str, before: int, growth_max: int):
        """Memory may take a moment to be given back: waits for it to come under the bound."""
        deadline = time.monotonic() + 5
        growth = self.server.memory() - before
        while growth > growth_max and time.monotonic() < deadline:
            time.sleep(0.05)
            growth = self.server.memory() - before
        print(f"{what}: resident memory grew by {mib(growth)} (bound {mib(growth_max)})", flush=True)
        if self.sanitized:
            print("  the bound is not applied: sanitizers keep freed memory")
        elif growth > growth_max:
            raise AssertionError(f"{what}: {mib(growth)} more resident memory, at most {mib(growth_max)} allowed")

    def refused_frames(self):
        """Every vector of rejected.json gets its status, and the connection goes on."""
        for vector in self.rejected:
            with self.server.connect() as connection:
                connection.write(bytes.fromhex(vector["frame_hex"]))
                status, body = connection.read_answer()
                expect(vector["name"], (status, body), (vector["expected_status"], b""))
                connection.ping()
        print(f"{len(self.rejected)} refused frames got their status")

    def not_logged_in(self):
        """Before the login every command but ping and login gets 40, and the frame is consumed."""
        with self.server.connect(login=False) as connection:
            for vector in self.requests:
                code = vector["command"]["code"]
                if code in (wire.PING, wire.LOGIN, 44) or "expected_status" in vector:
                    continue
                connection.write(bytes.fromhex(vector["frame_hex"]))
                expect(vector["name"] + " without login", connection.read_answer(), (UNAUTHENTICATED, b""))
            connection.ping()
        print("frames without login got 40")

    def cut_frames(self):
        """A connection that ends inside a frame is closed and leaves nothing behind."""
        before = self.server.open_descriptors()
        frames = {bytes.fromhex(vector["frame_hex"]) for vector in self.requests}
        cuts = [frame[:cut] for frame in frames for cut in sorted({1, 4, 7, 8, 9, len(frame) // 2, len(frame) - 1})
                if 0 < cut < len(frame)]
        for cut in cuts:
            with self.server.connect(login=False) as connection:
                connection.write(cut)
        self.wait_for_descriptors(before)
        print(f"{len(cuts)} connections that ended inside a frame are closed")

    def short_lengths(self):
        """A length below 4 gets 3, and the next frame begins after the 8 bytes of its header."""
        with self.server.connect() as connection:
            for length in range(4):
                connection.write(wire.FRAME_HEADER.pack(length, wire.PING))
                expect(f"length {length}", connection.read_answer(), (INVALID_COMMAND, b""))
                connection.ping()
        print("lengths below 4 got 3")

    def oversized_frames(self):
        with self.server.connect() as connection:
            connection.write(wire.FRAME_HEADER.pack(4 + CONTROL_PAYLOAD_MAX + 1, wire.CREATE_STREAM))
            expect("a control frame above 10 MiB", connection.read_answer(), (INVALID_COMMAND, b""))
            expect_end("a control frame above 10 MiB", connection)
        with self.server.connect() as connection:
            connection.create_stream("large")
            connection.create_topic("large", "topic", 1)
            before = self.server.memory()
            self._too_big_message(connection)
            connection.ping()
            self._largest_message(connection)
        self.check_memory("messages of 64 MB", before, 256 << 20)
        with self.server.connect(login=False) as connection:
            connection.write(wire.frame(wire.SEND, bytes(8 << 20)))
            expect("8 MiB without login", connection.read_answer(), (UNAUTHENTICATED, b""))
            connection.ping()
        with self.server.connect() as connection:
            connection.delete_stream("large")
        print("oversized frames are drained and answered")

    @staticmethod
    def _too_big_message(connection: Connection):
        message = wire.encode_message(bytes(MESSAGE_PAYLOAD_MAX + 1))
        try:
            connection.send("large", "topic", 0, [message])
        except wire.StatusError as error:
            expect("a message above 64,000,000 bytes", error.status, TOO_BIG_PAYLOAD)
        else:
            raise AssertionError("a message above 64,000,000 bytes was accepted")

    @staticmethod
    def _largest_message(connection: Connection):
        payload = random.Random(1).randbytes(1000) * (MESSAGE_PAYLOAD_MAX // 1000)
        connection.send("large", "topic", 0, [wire.encode_message(payload)])
        got = connection.poll("large", "topic", 0).messages()
        expect("messages polled", len(got), 1)
        if got[0].payload != payload:
            raise AssertionError("a message of 64,000,000 bytes came back different")

    def slow_frames(self):
        """Frames that arrive byte by byte are answered like any other."""
        wanted = {"ping_request", "create_stream_request", "login_user_request_rust", "identifier_unknown_kind",
                  "send_messages_request_two_messages", "send_messages_no_messages"}
        frames = [vector for vector in self.requests if vector["name"] in wanted]
        expect("vectors", len(frames), len(wanted))
        for vector in frames:
            frame = bytes.fromhex(vector["frame_hex"])
            answers = []
            for step in (len(frame), 1):
                with self.server.connect() as connection:
                    for at in range(0, len(frame), step):
                        connection.write(frame[at:at + step])
                    answers.append(connection.read_answer()[0])
                    connection.ping()
                    for stream in connection.streams():
                        connection.delete_stream(stream.id)
            expect(f"{vector['name']} byte by byte", answers[1], answers[0])
        print(f"{len(frames)} frames sent byte by byte were answered as when sent at once")

    def promises(self):
        """Connections that announce gigabytes and send nothing cost almost nothing, and do not disturb the others."""
        for announced, code in ((0xFFFFFFFF, wire.SEND), (60_000_000, wire.SEND), (4 + CONTROL_PAYLOAD_MAX, wire.POLL)):
            descriptors, before = self.server.open_descriptors(), self.server.memory()
            connections = [self.server.connect() for _ in range(100)]
            for connection in connections:
                connection.write(wire.FRAME_HEADER.pack(announced, code))
                if code == wire.SEND:  # the beginning, so that the payload is really being read
                    connection.write(wire.send_payload("s", "t", 0, [wire.encode_message(b"x")])[:40])
            with self.server.connect() as other:
                for _ in range(100):
                    other.ping()
            self.check_memory(f"100 connections that announce {announced} bytes", before, PROMISED_GROWTH_MAX)
            for connection in connections:
                connection.close()
            self.wait_for_descriptors(descriptors)

    def mutated_frames(self, count: int):
        """Mutations of all golden requests: every frame gets one answer, nothing crashes and nothing grows."""
        mutations = Mutations(self.server, self.requests, self.seed)
        mutations.run(count // 10)  # what is allocated once, is allocated now
        mutations.clean()
        before = self.server.memory()
        began = time.monotonic()
        mutations.run(count)
        mutations.clean()
        self.server.check_alive()
        print(f"{count} mutated frames in {time.monotonic() - began:.0f} s, answers: {mutations.summary()}")
        self.check_memory("mutated frames", before, MUTATED_GROWTH_MAX)

    def torn_streams(self, count: int):
        """Mutations that may change the length of the frame: whatever follows, the server lives and closes."""
        rng = random.Random(self.seed + 1)
        before = self.server.open_descriptors()
        for _ in range(count):
            frames = [bytearray.fromhex(rng.choice(self.requests)["frame_hex"]) for _ in range(3)]
            frames[0][rng.randrange(4)] = rng.randrange(256)
            with self.server.connect(login=False) as connection:
                connection.write(b"".join(map(bytes, frames)) + mutate(rng, bytes(frames[1])))
        self.wait_for_descriptors(before)
        with self.server.connect() as connection:
            connection.ping()
        print(f"{count} connections with wrong lengths are closed")

    def wait_for_descriptors(self, wanted: int):
        deadline = time.monotonic() + 10
        while self.server.open_descriptors() > wanted:
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.server.open_descriptors() - wanted} descriptors stay open")
            time.sleep(0.02)


def expect(what: str, got, wanted):
    if got != wanted:
        raise AssertionError(f"{what}: got {got!r}, wanted {wanted!r}")


def expect_end(what: str, connection: Connection):
    try:
        status, _ = connection.read_answer()
    except ConnectionLost:
        return
    raise AssertionError(f"{what}: the connection goes on with status {status}")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--server", required=True, help="the iggy-server executable")
    arguments.add_argument("--golden", required=True, type=pathlib.Path, help="the folder of the golden vectors")
    arguments.add_argument("--frames", type=int, default=100_000, help="mutated frames to send")
    arguments.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    arguments.add_argument("--sanitized", action="store_true", help="the server has sanitizers: no memory bounds")
    options = arguments.parse_args()

    print(f"seed {options.seed}", flush=True)
    with WorkFolder("bad-input") as folder, Server(options.server, folder) as server:
        server.start()
        test = Test(server, options.golden, options.seed, options.sanitized)
        try:
            test.refused_frames()
            test.not_logged_in()
            test.short_lengths()
            test.cut_frames()
            test.slow_frames()
            test.promises()
            test.torn_streams(options.frames // 100)
            test.mutated_frames(options.frames)
            test.oversized_frames()
            server.stop()
        except BaseException:
            print(f"failed with --seed {options.seed}\n{server.output_tail()}")
            raise
    return 0


if __name__ == "__main__":
    sys.exit(main())
