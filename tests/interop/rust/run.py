#!/usr/bin/env python3
"""Builds the program of this folder, which uses the Rust SDK, into the cache and runs it against a fresh server."""

import argparse
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import support  # noqa: E402

SETTINGS = {"IGGY_SYSTEM_SEGMENT_SIZE": "16 MiB"}  # several sealed segments, for the deletion of the oldest


def built() -> pathlib.Path:
    folder = pathlib.Path(__file__).resolve().parent
    target = support.cache_folder("rust")
    support.prepare(["cargo", "build", "--release", "--locked", "--quiet"], "the Rust SDK cannot be built", 1200,
                    cwd=folder, env=os.environ | {"CARGO_TARGET_DIR": str(target)})
    return target / "release" / "iggy-interop"


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--server", required=True, help="the iggy-server executable")
    arguments.add_argument("--messages", type=int, default=1_000_000)
    arguments.add_argument("--seconds", type=float, default=240, help="time limit of the client")
    options = arguments.parse_args()

    program = built()
    with (support.WorkFolder("interop-rust") as folder,
          support.Server(options.server, folder, SETTINGS) as server):
        server.start()
        code = support.run_client(
            [program, "{}:{}".format(*server.address), support.USERNAME, support.PASSWORD,
             str(options.messages)], server, options.seconds)
        if code == 0:
            server.stop()
        return code


if __name__ == "__main__":
    sys.exit(main())
