"""What tests/support/record_disk.cpp wrote down, and what a power cut at any moment could have left of it.

Stricter than any file system in use: of what was not synced each 512 bytes, each size and each name may be there or not,
on its own or as a beginning, whatever the order in which it was made. What a sync covered that had ended is there.
"""

import os
import pathlib
import random
import struct
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

HEADER = struct.Struct("<QQIIIIQQ")
OPEN, WRITE, RESIZE, SYNC, MAKE_DIRECTORY, RENAME, REMOVE = range(1, 8)
SECTOR = 512


class Call(NamedTuple):
    """One call that changed something or synced it; times in ns of the monotonic clock."""
    begin: int
    end: int
    kind: int
    inode: int
    position: int
    path: str
    second: str
    data: bytes


def read_calls(path: str | os.PathLike) -> list[Call]:
    """All calls of a record, by the time at which they began."""
    record = pathlib.Path(path).read_bytes()
    calls, at = [], 0
    while at + HEADER.size <= len(record):
        begin, end, kind, first, second, size, inode, position = HEADER.unpack_from(record, at)
        at += HEADER.size
        if at + first + second + size > len(record):
            break  # the process was killed while it wrote this one down
        middle, last = at + first, at + first + second
        calls.append(Call(begin, end, kind, inode, position, record[at:middle].decode(), record[middle:last].decode(),
                          record[last:last + size]))
        at = last + size
    return sorted(calls)


@dataclass
class Node:
    """A file or directory: what is on the disk for sure, and what may be."""
    directory: bool = False
    content: bytearray = field(default_factory=bytearray)
    pending: list[Call] = field(default_factory=list)
    names: dict[str, "Node"] = field(default_factory=dict)         # as the process sees them
    durable_names: dict[str, "Node"] = field(default_factory=dict)


@dataclass
class NameChange:
    """One change of names that is not on the disk for sure: what goes where. `made` is put at `to`, `gone` leaves."""
    call: Call
    gone: tuple[Node, str] | None
    to: tuple[Node, str] | None
    made: Node | None


class Disk:
    """The disk as it may look when the power fails at one moment."""

    def __init__(self, root: str):
        self.root_path = root.rstrip("/")
        self.root = Node(directory=True)
        self.by_inode: dict[int, Node] = {}
        self.changes: list[NameChange] = []

    def replay(self, calls: list[Call], moment: int):
        """Takes in what had begun by then; a sync counts when it had ended, and covers what ended before it began."""
        for call in calls[:bisect_right(calls, moment, key=lambda each: each.begin)]:
            self._take(call, moment)

    def _take(self, call: Call, moment: int):
        if call.kind == OPEN:
            self._open(call)
        elif call.kind in (WRITE, RESIZE):
            if call.inode in self.by_inode:
                self.by_inode[call.inode].pending.append(call)
        elif call.kind == SYNC:
            if call.end <= moment:
                self._sync(call)
        elif call.kind == MAKE_DIRECTORY:
            self._change(call, None, self._place(call.path), Node(directory=True))
        elif call.kind == RENAME:
            source, target = self._place(call.path), self._place(call.second)
            moved = source[0].names.get(source[1]) if source else None
            if moved is not None:
                self._change(call, source, target, moved)
        elif call.kind == REMOVE:
            self._change(call, self._place(call.path), None, None)

    def _open(self, call: Call):
        place = self._place(call.path)
        if place is None:
            return
        node = place[0].names.get(place[1])
        if node is None:
            node = Node()
            self._change(call, None, place, node)
        self.by_inode[call.inode] = node

    def _place(self, path: str) -> tuple[Node, str] | None:
        """Directory and name; None when the directory is not known."""
        parts = [part for part in path[len(self.root_path):].split("/") if part not in ("", ".")]
        node = self.root
        for part in parts[:-1]:
            node = node.names.get(part)
            if node is None:
                return None
        return (node, parts[-1]) if parts else None

    def _find(self, path: str) -> Node | None:
        place = self._place(path)
        return self.root if place is None and path.rstrip("/") == self.root_path else place and place[0].names.get(place[1])

    def _change(self, call: Call, gone, to, made):
        if gone is not None:
            gone[0].names.pop(gone[1], None)
        if to is not None:
            to[0].names[to[1]] = made
        self.changes.append(NameChange(call, gone, to, made))

    def _sync(self, call: Call):
        covered = lambda each: each.end <= call.begin
        node = self._find(call.path)
        if node is not None and node.directory:
            touches = lambda change: any(place is not None and place[0] is node for place in (change.gone, change.to))
            for change in self.changes:
                if covered(change.call) and touches(change):
                    _apply_name(change)
            self.changes = [each for each in self.changes if not (covered(each.call) and touches(each))]
            return
        node = self.by_inode.get(call.inode)
        if node is None:
            return
        for each in node.pending:
            if covered(each):
                _apply(node.content, each)
        node.pending = [each for each in node.pending if not covered(each)]

    def leave(self, folder: pathlib.Path, rng: random.Random):
        """Writes one state that the cut may have left to `folder`, which must not exist. Ends the use of this object."""
        share = rng.choice((0.0, 0.3, 0.7, 1.0))
        for change in self.changes:
            if rng.random() < share:
                _apply_name(change)
        _write_out(self.root, folder, rng)


def _apply_name(change: NameChange):
    if change.gone is not None:
        change.gone[0].durable_names.pop(change.gone[1], None)
    if change.to is not None:
        change.to[0].durable_names[change.to[1]] = change.made


def _apply(content: bytearray, call: Call, sectors: list[int] | None = None):
    """Does a write or a resize; of a write only the sectors named, where some are."""
    if call.kind == RESIZE:
        if call.position < len(content):
            del content[call.position:]
        else:
            content.extend(bytes(call.position - len(content)))
        return
    end = call.position + len(call.data)
    if sectors is None:
        sectors = range(call.position // SECTOR, -(-end // SECTOR))
    for sector in sectors:
        first = max(call.position, sector * SECTOR)
        last = min(end, (sector + 1) * SECTOR)
        if len(content) < last:
            content.extend(bytes(last - len(content)))
        content[first:last] = call.data[first - call.position:last - call.position]


def _left_of(node: Node, rng: random.Random) -> bytes:
    """The content of a file with some of what was not synced."""
    content = bytearray(node.content)
    how = rng.choice(("nothing", "all", "beginning", "some", "some"))
    calls = [] if how == "nothing" else node.pending
    if how == "beginning":
        calls = calls[:rng.randrange(len(calls) + 1)]
    for call in calls:
        if how != "some":
            _apply(content, call)
        elif call.kind == RESIZE:
            if rng.random() < 0.5:
                _apply(content, call)
        else:
            end = call.position + len(call.data)
            if rng.random() < 0.5 and len(content) < end:
                content.extend(bytes(end - len(content)))  # the size is there, the bytes are not
            _apply(content, call, [sector for sector in range(call.position // SECTOR, -(-end // SECTOR))
                                   if rng.random() < 0.5])
    return bytes(content)


def _write_out(node: Node, at: pathlib.Path, rng: random.Random):
    at.mkdir()
    for name, entry in node.durable_names.items():
        if entry.directory:
            _write_out(entry, at / name, rng)
        else:
            (at / name).write_bytes(_left_of(entry, rng))
