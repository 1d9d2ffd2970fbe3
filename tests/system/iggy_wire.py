"""Frames of the binary protocol over a plain socket: what the system tests send and read.

Standard library only. Every request raises `StatusError` when the server answers anything but success, so that a test
sees the status itself and no client retries behind its back.
"""

import socket
import struct
from typing import NamedTuple

PING, LOGIN, POLL, SEND = 1, 38, 100, 101
GET_OFFSET, STORE_OFFSET, DELETE_OFFSET = 120, 121, 122
GET_STREAMS, CREATE_STREAM, DELETE_STREAM, UPDATE_STREAM, PURGE_STREAM = range(201, 206)
GET_TOPIC, GET_TOPICS, CREATE_TOPIC, DELETE_TOPIC, UPDATE_TOPIC, PURGE_TOPIC = range(300, 306)
CREATE_PARTITIONS, DELETE_PARTITIONS = 402, 403
DELETE_SEGMENTS = 503

BY_OFFSET, LAST, NEXT = 1, 4, 5
NEVER = 2**64 - 1

MESSAGE_HEADER = struct.Struct("<QQQQQQIIQ")  # checksum, id low, id high, offset, time, origin time, lengths, reserved
MESSAGE_HEADER_BYTES = MESSAGE_HEADER.size
INDEX_ENTRY = struct.Struct("<IIQ")
FRAME_HEADER = struct.Struct("<II")


class StatusError(Exception):
    """The server answered `status` instead of success."""

    def __init__(self, code: int, status: int):
        super().__init__(f"command {code} was answered with status {status}")
        self.code = code
        self.status = status


class ConnectionLost(Exception):
    """The connection ended before the whole answer arrived."""


class Message(NamedTuple):
    offset: int
    timestamp: int
    id: int
    payload: bytes
    headers: bytes
    raw: bytes  # the message as it came, header included


class Polled(NamedTuple):
    partition: int
    current_offset: int
    count: int
    body: bytes  # messages back to back

    def messages(self) -> list[Message]:
        return list(decode_messages(self.body))


class Stream(NamedTuple):
    id: int
    topics: int
    size: int
    messages: int
    name: str


class Topic(NamedTuple):
    id: int
    partitions: int
    size: int
    messages: int
    name: str


class Partition(NamedTuple):
    id: int
    segments: int
    current_offset: int
    size: int
    messages: int


def ident(value: int | str) -> bytes:
    if isinstance(value, int):
        return struct.pack("<BBI", 1, 4, value)
    text = value.encode()
    return struct.pack("<BB", 2, len(text)) + text


def str8(text: str) -> bytes:
    data = text.encode()
    return bytes([len(data)]) + data


def optional_partition(partition: int | None) -> bytes:
    return struct.pack("<BI", partition is not None, partition or 0)


def frame(code: int, payload: bytes = b"") -> bytes:
    return FRAME_HEADER.pack(len(payload) + 4, code) + payload


def encode_message(payload: bytes, message_id: int = 0, headers: bytes = b"") -> bytes:
    head = MESSAGE_HEADER.pack(
        0, message_id & (2**64 - 1), message_id >> 64, 0, 0, 0, len(headers), len(payload), 0)
    return head + payload + headers


def encode_header(key: str, value: str) -> bytes:
    """One user header: a text key and a text value."""
    k, v = key.encode(), value.encode()
    return struct.pack("<BI", 2, len(k)) + k + struct.pack("<BI", 2, len(v)) + v


def send_payload(stream: int | str, topic: int | str, partition: int, messages: list[bytes]) -> bytes:
    """The payload of one send to `partition`; `messages` as `encode_message` made them."""
    partitioning = struct.pack("<BBI", 2, 4, partition)
    metadata = ident(stream) + ident(topic) + partitioning + struct.pack("<I", len(messages))
    parts = [struct.pack("<I", len(metadata)), metadata]
    end = 0
    for message in messages:
        end += len(message)
        parts.append(INDEX_ENTRY.pack(0, end, 0))
    return b"".join(parts + messages)


def poll_payload(consumer: int, stream: int | str, topic: int | str, partition: int, strategy: int,
                 value: int, count: int, auto_commit: bool) -> bytes:
    return (b"\x01" + ident(consumer) + ident(stream) + ident(topic) + optional_partition(partition)
            + struct.pack("<BQIB", strategy, value, count, auto_commit))


def decode_messages(body: bytes):
    """Yields the messages of a poll answer; raises ValueError when the bytes do not add up."""
    at = 0
    while at < len(body):
        if len(body) - at < MESSAGE_HEADER_BYTES:
            raise ValueError(f"a poll answer ends inside a message header, {len(body) - at} bytes left")
        _, low, high, offset, timestamp, _, headers_bytes, payload_bytes, _ = (
            MESSAGE_HEADER.unpack_from(body, at))
        payload_at = at + MESSAGE_HEADER_BYTES
        headers_at = payload_at + payload_bytes
        end = headers_at + headers_bytes
        if end > len(body):
            raise ValueError(f"message {offset} runs {end - len(body)} bytes past the poll answer")
        yield Message(offset, timestamp, high << 64 | low, body[payload_at:headers_at],
                      body[headers_at:end], body[at:end])
        at = end


class Connection:
    """One blocking connection; commands return what the tests look at."""

    def __init__(self, address: tuple[str, int], timeout: float = 60.0):
        self.socket = socket.create_connection(address, timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def write(self, data: bytes):
        try:
            self.socket.sendall(data)
        except (ConnectionError, BrokenPipeError) as error:
            raise ConnectionLost(str(error)) from error

    def _read(self, size: int) -> bytes:
        data = bytearray(size)
        view = memoryview(data)
        at = 0
        while at < size:
            try:
                got = self.socket.recv_into(view[at:])
            except ConnectionError as error:
                raise ConnectionLost(str(error)) from error
            if got == 0:
                raise ConnectionLost(f"end of stream, {size - at} of {size} bytes missing")
            at += got
        return bytes(data)

    def read_answer(self) -> tuple[int, bytes]:
        """The next answer: status and payload."""
        status, length = FRAME_HEADER.unpack(self._read(8))
        return status, self._read(length) if length else b""

    def request(self, code: int, payload: bytes = b"") -> bytes:
        self.write(frame(code, payload))
        status, answer = self.read_answer()
        if status != 0:
            raise StatusError(code, status)
        return answer

    # Session and system

    def ping(self):
        self.request(PING)

    def login(self, username: str, password: str):
        self.request(LOGIN, str8(username) + str8(password) + struct.pack("<II", 0, 0))

    # Streams

    def create_stream(self, name: str) -> int:
        return struct.unpack_from("<I", self.request(CREATE_STREAM, str8(name)))[0]

    def update_stream(self, stream: int | str, name: str):
        self.request(UPDATE_STREAM, ident(stream) + str8(name))

    def delete_stream(self, stream: int | str):
        self.request(DELETE_STREAM, ident(stream))

    def purge_stream(self, stream: int | str):
        self.request(PURGE_STREAM, ident(stream))

    def streams(self) -> list[Stream]:
        answer = self.request(GET_STREAMS)
        found, at = [], 0
        while at < len(answer):
            id_, _, topics, size, messages, name_bytes = struct.unpack_from("<IQIQQB", answer, at)
            at += 33
            found.append(Stream(id_, topics, size, messages, answer[at:at + name_bytes].decode()))
            at += name_bytes
        return found

    # Topics

    def create_topic(self, stream: int | str, name: str, partitions: int) -> int:
        answer = self.request(CREATE_TOPIC, ident(stream)
                              + struct.pack("<IBQQB", partitions, 1, NEVER, NEVER, 1) + str8(name))
        return struct.unpack_from("<I", answer)[0]

    def update_topic(self, stream: int | str, topic: int | str, name: str):
        self.request(UPDATE_TOPIC, ident(stream) + ident(topic)
                     + struct.pack("<BQQB", 1, NEVER, NEVER, 1) + str8(name))

    def delete_topic(self, stream: int | str, topic: int | str):
        self.request(DELETE_TOPIC, ident(stream) + ident(topic))

    def purge_topic(self, stream: int | str, topic: int | str):
        self.request(PURGE_TOPIC, ident(stream) + ident(topic))

    def topics(self, stream: int | str) -> list[Topic]:
        answer = self.request(GET_TOPICS, ident(stream))
        found, at = [], 0
        while at < len(answer):
            topic, at = _decode_topic(answer, at)
            found.append(topic)
        return found

    def partitions(self, stream: int | str, topic: int | str) -> list[Partition]:
        answer = self.request(GET_TOPIC, ident(stream) + ident(topic))
        if not answer:
            return []
        _, at = _decode_topic(answer, 0)
        found = []
        while at < len(answer):
            id_, _, segments, current, size, messages = struct.unpack_from("<IQIQQQ", answer, at)
            found.append(Partition(id_, segments, current, size, messages))
            at += 40
        return found

    def create_partitions(self, stream: int | str, topic: int | str, count: int):
        self.request(CREATE_PARTITIONS, ident(stream) + ident(topic) + struct.pack("<I", count))

    def delete_partitions(self, stream: int | str, topic: int | str, count: int):
        self.request(DELETE_PARTITIONS, ident(stream) + ident(topic) + struct.pack("<I", count))

    def delete_segments(self, stream: int | str, topic: int | str, partition: int, count: int):
        self.request(DELETE_SEGMENTS, ident(stream) + ident(topic) + struct.pack("<II", partition, count))

    # Messages

    def send(self, stream: int | str, topic: int | str, partition: int, messages: list[bytes]):
        self.request(SEND, send_payload(stream, topic, partition, messages))

    def poll(self, stream: int | str, topic: int | str, partition: int, strategy: int = BY_OFFSET,
             value: int = 0, count: int = 1000, consumer: int = 1, auto_commit: bool = False) -> Polled:
        answer = self.request(POLL, poll_payload(
            consumer, stream, topic, partition, strategy, value, count, auto_commit))
        return Polled(*struct.unpack_from("<IQI", answer), answer[16:])

    # Consumer offsets

    def store_offset(self, consumer: int, stream: int | str, topic: int | str, partition: int, offset: int):
        self.request(STORE_OFFSET, b"\x01" + ident(consumer) + ident(stream) + ident(topic)
                     + optional_partition(partition) + struct.pack("<Q", offset))

    def delete_offset(self, consumer: int, stream: int | str, topic: int | str, partition: int):
        self.request(DELETE_OFFSET, b"\x01" + ident(consumer) + ident(stream) + ident(topic)
                     + optional_partition(partition))

    def stored_offset(self, consumer: int, stream: int | str, topic: int | str, partition: int) -> int | None:
        answer = self.request(GET_OFFSET, b"\x01" + ident(consumer) + ident(stream) + ident(topic)
                              + optional_partition(partition))
        return struct.unpack_from("<Q", answer, 12)[0] if answer else None


def _decode_topic(answer: bytes, at: int) -> tuple[Topic, int]:
    id_, _, partitions, _, _, _, _, size, messages, name_bytes = (
        struct.unpack_from("<IQIQBQBQQB", answer, at))
    at += 51
    return Topic(id_, partitions, size, messages, answer[at:at + name_bytes].decode()), at + name_bytes
