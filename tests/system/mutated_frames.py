"""Mutations of golden request frames, sent in groups over few connections; every frame must get exactly one answer."""

import collections
import random

import iggy_wire as wire
from iggy_wire import Connection, ConnectionLost
from server_process import Server

GROUP = 100  # frames written at once, and their answers read after that
CLEAN_EVERY = 50  # groups; what mutated creations made is deleted, so that memory can be compared
# Login, logout and changes of users: sent without a login, where they are decoded, too, but cannot lock the test out.
SESSION_CODES = range(31, 45)
LOGIN_CODES = (wire.LOGIN, 44)
LOGIN_SHARE = 0.02  # a login costs a password hash
CLOSING = (30, 100)  # statuses after which the server closes


def mutate(rng: random.Random, data: bytes) -> bytes:
    """`data` with one to four changes: bits, bytes, integers at their limits, pieces cut out, doubled or added."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        at = rng.randrange(len(changed) + 1)
        kind = rng.randrange(7)
        if kind == 0 and changed:
            changed[at % len(changed)] ^= 1 << rng.randrange(8)
        elif kind == 1 and changed:
            changed[at % len(changed)] = rng.randrange(256)
        elif kind == 2:
            changed[at:at + 4] = rng.choice((0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)).to_bytes(4, "little")
        elif kind == 3:
            del changed[at:at + rng.randrange(1, 9)]
        elif kind == 4:
            changed[at:at] = changed[at:at + rng.randrange(1, 17)]
        elif kind == 5:
            changed[at:at] = rng.randbytes(rng.randrange(1, 9))
        else:
            changed[at:at + 8] = rng.choice((0, 1 << 63, 2**64 - 1)).to_bytes(8, "little")
    return bytes(changed)


class Mutations:
    """Sends mutated frames and counts the statuses of their answers."""

    def __init__(self, server: Server, requests: list[dict], seed: int):
        self.server = server
        self.rng = random.Random(seed)
        frames = [(vector["command"]["code"], bytes.fromhex(vector["frame_hex"])[8:]) for vector in requests]
        self.plain = [frame for frame in frames if frame[0] not in SESSION_CODES]
        self.session = [frame for frame in frames if frame[0] in SESSION_CODES and frame[0] not in LOGIN_CODES]
        self.logins = [frame for frame in frames if frame[0] in LOGIN_CODES]
        self.answers: collections.Counter[int] = collections.Counter()
        self.closed = 0

    def run(self, count: int):
        groups = -(-count // GROUP)
        connection: Connection | None = None
        for group in range(groups):
            logged_in = group % 4 != 0
            if connection is None or group % 4 in (0, 1):  # the login changes
                connection = self._reconnect(connection, logged_in)
            if not self._send_group(connection, logged_in, min(GROUP, count - group * GROUP)):
                connection = self._reconnect(connection, logged_in)
            if group % CLEAN_EVERY == CLEAN_EVERY - 1:
                self.clean()
        if connection is not None:
            connection.close()

    def clean(self):
        """Deletes every stream that mutated frames have made, and gives unmutated ones something to meet."""
        with self.server.connect() as connection:
            for stream in connection.streams():
                connection.delete_stream(stream.id)
            connection.create_stream("orders")
            connection.create_topic("orders", "events", 3)

    def summary(self) -> str:
        common = ", ".join(f"{status}: {count}" for status, count in self.answers.most_common(12))
        return f"{common}; {len(self.answers)} different ones, {self.closed} connections closed by the server"

    def _reconnect(self, connection: Connection | None, logged_in: bool) -> Connection:
        if connection is not None:
            connection.close()
        return self.server.connect(login=logged_in)

    def _send_group(self, connection: Connection, logged_in: bool, size: int) -> bool:
        """False when the server closed the connection, which it may after the statuses that say so."""
        connection.write(b"".join(self._frame(logged_in) for _ in range(size)))
        last = None
        for _ in range(size):
            try:
                last, _ = connection.read_answer()
            except ConnectionLost as error:
                if last not in CLOSING:
                    self.server.check_alive()
                    raise AssertionError(f"the server closed a connection after status {last}") from error
                self.closed += 1
                return False
            self.answers[last] += 1
        return True

    def _frame(self, logged_in: bool) -> bytes:
        if logged_in:
            code, payload = self.rng.choice(self.plain)
        elif self.rng.random() < LOGIN_SHARE:
            code, payload = self.rng.choice(self.logins)
        else:
            code, payload = self.rng.choice(self.session if self.rng.random() < 0.5 else self.plain)
        if self.rng.random() < 0.02:
            other = code ^ 1 << self.rng.randrange(16)
            code = code if logged_in and other in SESSION_CODES else other
        return wire.frame(code, mutate(self.rng, payload))
