#!/usr/bin/env python3
"""Writes the golden frames as seeds: make_wire_corpus.py OUTPUT makes OUTPUT/request and OUTPUT/response."""

import json
import pathlib
import sys


def main(output: pathlib.Path) -> None:
    golden = pathlib.Path(__file__).resolve().parent.parent / "golden" / "wire"
    for kind in ("request", "response"):
        (output / kind).mkdir(parents=True, exist_ok=True)
    for file in sorted(golden.glob("*.json")):
        for frame in json.loads(file.read_text()):
            if "frame_hex" not in frame:
                continue  # a hash value
            seed = bytes.fromhex(frame["frame_hex"])
            if frame["direction"] == "response":
                seed = frame["command"]["code"].to_bytes(4, "little") + seed[8:]
            (output / frame["direction"] / frame["name"]).write_bytes(seed)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
