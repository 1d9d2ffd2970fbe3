"""What the runners of the real clients share: the cache folder, the skip, and the server under test."""

import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "system"))

from server_process import PASSWORD, USERNAME, Server, ServerFailed, WorkFolder  # noqa: E402, F401

SKIPPED = 77  # CTest's SKIP_RETURN_CODE of these tests


def cache_folder(name: str) -> pathlib.Path:
    """`name` in the user's cache: clients are installed and built there once, outside the repository."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = pathlib.Path(base) / "iggy-interop" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def skip(reason: str):
    print(f"SKIPPED: {reason}")
    sys.exit(SKIPPED)


def prepare(command: list[str], what: str, seconds: float, **options):
    """Runs one step of an installation; the test reports itself skipped when it fails."""
    print("+", " ".join(map(str, command)), flush=True)
    try:
        done = subprocess.run(command, timeout=seconds, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, **options)
    except FileNotFoundError:
        skip(f"{what}: {command[0]} is not installed")
    except subprocess.TimeoutExpired:
        skip(f"{what}: not done within {seconds:.0f} s")
    if done.returncode != 0:
        skip(f"{what}: {command[0]} failed with {done.returncode}:\n{done.stdout[-2000:]}")


def run_client(command: list[str], server: Server, seconds: float, **options) -> int:
    """Runs a client against the running server; its exit code, with the server's output when it failed."""
    print("+", " ".join(map(str, command)), flush=True)
    try:
        code = subprocess.run(command, timeout=seconds, **options).returncode
    except subprocess.TimeoutExpired:
        print(f"FAILED: the client did not end within {seconds:.0f} s")
        code = 1
    if code == 0:
        server.check_alive()
    else:
        print(server.output_tail())
    return code
