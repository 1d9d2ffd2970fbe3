#!/usr/bin/env python3
"""Writes journal-1.hex by the tables of docs/formats/journal.md and segment.md, without a line of the library:
make_journal.py OUTPUT. Zeros that fill up a block are left out as `*`. Needs libxxhash."""

import ctypes
import ctypes.util
import pathlib
import struct
import sys

BLOCK = 4096
DIRECTORY = bytes(range(16, 32))
SESSION = 0x1122_3344_5566_7788
UID, GENERATION = (1 << 32) + 1, 0  # as in log-identity-1.hex
TIMESTAMP = 1_700_000_000_000_000


def xxh3_64(data: bytes) -> int:
    library = ctypes.CDLL(ctypes.util.find_library("xxhash"))
    library.XXH3_64bits.restype = ctypes.c_uint64
    library.XXH3_64bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
    return library.XXH3_64bits(data, len(data))


def with_checksum(data: bytes) -> bytes:
    return struct.pack("<Q", xxh3_64(data)) + data


def message(first_of_id: int, offset: int, payload: bytes, user_headers: bytes = b"", origin: int = 0) -> bytes:
    id_bytes = bytes([first_of_id]) + bytes(14) + b"\xff"
    rest = struct.pack("<QQQIIQ", offset, TIMESTAMP, origin, len(user_headers), len(payload), 0)
    return with_checksum(id_bytes + rest + payload + user_headers)


def messages(position: int, content: bytes) -> bytes:
    return struct.pack("<IIQIIQQ", len(content), 1, UID, GENERATION, position, 0, 0) + content


def store_offset(key: int, offset: int) -> bytes:
    return struct.pack("<IIQIIQQ", 0, 2, UID, GENERATION, 0, key, offset)


def messages_of_another_log(content: bytes) -> bytes:
    return struct.pack("<IIQIIQQ", len(content), 1, 2, 3, 9, 77, 0) + content


def delete_offset(key: int) -> bytes:
    return struct.pack("<IIQIIQQ", 0, 3, UID, GENERATION, 0, key, 0)


def group(sequence: int, entries: list) -> bytes:
    body = b"".join(entries)
    header = bytes.fromhex("67676a9d") + struct.pack("<I", 64 + len(body)) + DIRECTORY
    header += struct.pack("<QQI12x", SESSION, sequence, len(entries))
    made = with_checksum(header + body)
    return made + bytes(-len(made) % BLOCK)


def journal() -> bytes:
    """The messages of segment-1.hex, one behind them that is larger than a block, and the offsets of
    stored-offsets-1.hex, something of another log; the last block is empty."""
    one_two = message(1, 0, b"one", b"uh", 42) + message(2, 1, b"two")
    three = message(3, 2, b"")
    large = message(4, 3, bytes(3980) + b"end")
    other = messages_of_another_log(b"gone")
    groups = [
        group(0, [messages(0, one_two), store_offset(5, 1)]),
        group(1, [messages(len(one_two), three), store_offset(6, 0), delete_offset(6), other]),
        group(2, [messages(len(one_two) + len(three), large)]),
    ]
    made = b"".join(groups)
    return made + bytes(5 * BLOCK - len(made))


def hex_lines(content: bytes) -> str:
    """16 bytes a line; `*` stands for all lines of zeros up to the end of the block."""
    text = ""
    for at in range(0, len(content), BLOCK):
        block = content[at : at + BLOCK]
        shown = block.rstrip(b"\0")
        shown = block[: -(-len(shown) // 16) * 16]
        text += "".join(shown[i : i + 16].hex(" ") + "\n" for i in range(0, len(shown), 16))
        text += "*\n" if len(shown) < BLOCK else ""
    return text


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    pathlib.Path(sys.argv[1]).write_text(hex_lines(journal()))
