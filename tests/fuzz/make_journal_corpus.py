#!/usr/bin/env python3
"""Writes seeds of fuzz_journal, made from the golden journal: make_journal_corpus.py OUTPUT."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "golden" / "storage"))
from make_journal import BLOCK, journal  # noqa: E402


def main(output: pathlib.Path) -> None:
    whole = journal()
    first, second, large = whole[:BLOCK], whole[BLOCK : 2 * BLOCK], whole[2 * BLOCK : 4 * BLOCK]
    torn = second[:100] + bytes(BLOCK - 100)
    seeds = {  # blocks in the first file, content
        "whole": (5, whole),
        "two_files": (1, whole),
        "newer_file_first": (2, large + first + second),
        "torn_between": (5, first + torn + large),
        "torn_at_the_end": (2, first + torn),
        "torn_at_the_front": (3, torn + large),
        "missing_between": (1, first + large),
        "same_file_twice": (2, first + second + first + second),
        "cut_short": (3, first + large[:BLOCK] + b"end"),
        "empty": (1, bytes(2 * BLOCK)),
    }
    output.mkdir(parents=True, exist_ok=True)
    for name, (split, content) in seeds.items():
        (output / name).write_bytes(bytes([split]) + content)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
