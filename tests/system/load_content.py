"""Message batches that anybody can rebuild from their number: what the kill -9 test sends and expects.

A batch number is never used twice in a run, and every message carries it with its place in the batch, so that no two
messages of a run are equal and a message found anywhere tells where it came from.
"""

import random
import struct

from iggy_wire import Message, encode_header, encode_message

HEAD = struct.Struct("<QII")  # batch number, place in the batch, messages in the batch
FILLER = random.Random(1).randbytes(1 << 18)


def sizes(rng: random.Random) -> list[int]:
    """Payload sizes of a batch: mostly small ones, some large, now and then one of megabytes."""
    kind = rng.random()
    if kind < 0.65:
        return [rng.randrange(HEAD.size, 500) for _ in range(rng.randrange(1, 50))]
    if kind < 0.87:
        return [rng.randrange(HEAD.size, 8000) for _ in range(rng.randrange(1, 10))]
    if kind < 0.98:
        return [1000] * rng.randrange(100, 300)
    return [rng.randrange(20_000, 100_000) for _ in range(rng.randrange(5, 30))]


class Batch:
    """One batch of a run, made from the run's seed and the batch's number."""

    def __init__(self, seed: int, number: int, small: bool = False):
        rng = random.Random(seed << 64 | number)
        self.number = number
        lengths = sizes(rng)
        if small:
            lengths = [length % 500 + HEAD.size for length in lengths[:20]]
        self.payloads = [self._payload(place, len(lengths), length) for place, length in enumerate(lengths)]
        self.own_ids = rng.random() < 0.5
        self.headers = encode_header("batch", str(number)) if rng.random() < 0.3 else b""

    def __len__(self) -> int:
        return len(self.payloads)

    def encoded(self) -> list[bytes]:
        return [encode_message(payload, self.id_of(place), self.headers)
                for place, payload in enumerate(self.payloads)]

    def id_of(self, place: int) -> int:
        """The id the client gives; 0 leaves it to the server."""
        return self.number << 32 | place + 1 if self.own_ids else 0

    def difference(self, place: int, message: Message) -> str | None:
        """What is wrong with `message` if it must be the one at `place`; None when nothing is."""
        if message.payload != self.payloads[place]:
            return f"payload is not message {place} of batch {self.number:#x} but {describe(message)}"
        if message.headers != self.headers:
            return f"other user headers than message {place} of batch {self.number:#x} was sent with"
        if self.own_ids and message.id != self.id_of(place):
            return f"id {message.id:#x}, sent with {self.id_of(place):#x}"
        if message.id == 0:
            return "no id"
        return None

    def _payload(self, place: int, count: int, length: int) -> bytes:
        filler = (self.number * 7919 + place * 104729) % (1 << 17)
        return HEAD.pack(self.number, place, count) + FILLER[filler:filler + length - HEAD.size]


def describe(message: Message) -> str:
    """Where a message says that it comes from."""
    if len(message.payload) < HEAD.size:
        return f"{len(message.payload)} unknown bytes"
    number, place, count = HEAD.unpack_from(message.payload)
    return f"message {place} of {count} of batch {number:#x}"


def batch_number(message: Message) -> int:
    """The batch that a message says it belongs to; -1 when it is none of ours."""
    return HEAD.unpack_from(message.payload)[0] if len(message.payload) >= HEAD.size else -1
