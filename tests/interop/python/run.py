#!/usr/bin/env python3
"""Installs the Python SDK into a cached virtual environment and runs `million_messages.py` against a fresh server."""

import argparse
import pathlib
import platform
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import support  # noqa: E402

PACKAGE, VERSION = "apache-iggy", "0.8.0"


def installed(python: pathlib.Path) -> bool:
    if not python.exists():
        return False
    question = f"import apache_iggy, importlib.metadata as m; assert m.version('{PACKAGE}') == '{VERSION}'"
    return subprocess.run([python, "-c", question], capture_output=True).returncode == 0


def python_with_sdk() -> pathlib.Path:
    version = "-".join([VERSION, platform.python_implementation(), *platform.python_version_tuple()[:2]])
    environment = support.cache_folder("python") / version.lower()
    python = environment / "bin" / "python"
    if not installed(python):
        what = f"{PACKAGE} {VERSION} cannot be installed"
        support.prepare([sys.executable, "-m", "venv", "--clear", environment], what, 120)
        support.prepare([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                         f"{PACKAGE}=={VERSION}"], what, 300)
    return python


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--server", required=True, help="the iggy-server executable")
    arguments.add_argument("--messages", type=int, default=1_000_000)
    arguments.add_argument("--seconds", type=float, default=240, help="time limit of the client")
    options = arguments.parse_args()

    python = python_with_sdk()
    script = pathlib.Path(__file__).with_name("million_messages.py")
    with support.WorkFolder("interop-python") as folder, support.Server(options.server, folder) as server:
        server.start()
        code = support.run_client(
            [python, script, "{}:{}".format(*server.address), support.USERNAME, support.PASSWORD,
             str(options.messages)], server, options.seconds)
        if code == 0:
            server.stop()
    return code


if __name__ == "__main__":
    sys.exit(main())
