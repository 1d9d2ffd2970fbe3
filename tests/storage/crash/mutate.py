#!/usr/bin/env python3
"""Removes one promise after the other from the code of the store and of the catalog, and tells which test notices.

Each entry of mutations.py is applied to a copy of the tree, built, and tried by the tests of the store and the crash
simulation, or those of the catalog and power cuts of a real server, until something fails. Writes a Markdown table. A
mutation that nothing catches is a test that is missing, or code that is not needed.

    tests/storage/crash/mutate.py                                     # all, half an hour on two cores
    tests/storage/crash/mutate.py --only journal --table journal.md   # those of files or rules with "journal" in them

Each worker has a copy and a build of its own, in TMPDIR.
"""

import argparse
import concurrent.futures
import os
import pathlib
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import time

from mutations import FOLDERS, MUTATIONS, Area, Mutation

ROOT = pathlib.Path(__file__).resolve().parents[3]
LOWER, ENGINE, STORE, VERIFY, SIMULATION, CATALOG = (
    "tests/storage/lower/storage_lower_tests", "tests/storage/engine/storage_engine_tests",
    "tests/storage/store/storage_store_tests", "tests/storage/verify/storage_verify_tests",
    "tests/storage/crash/iggy-crash-sim", "tests/server/catalog/server_catalog_tests")
SERVER, RECORDER, POWER_CUTS = "server/iggy-server", "tests/support/librecord_disk.so", "power_cut_test.py"
# What takes least comes first.
TRIALS = {
    Area.STORE: ((LOWER, "--abort"), (SIMULATION, "--seeds", "1", "100"), (STORE, "--abort"), (VERIFY, "--abort"),
                 (ENGINE, "--abort"), (SIMULATION, "--seeds", "101", "1400")),
    Area.CATALOG: ((CATALOG, "--abort"), (POWER_CUTS, "--cuts", "60")),
    Area.KERNEL: ((LOWER, "--abort"), (POWER_CUTS, "--cuts", "60")),
}
TARGETS = {
    Area.STORE: (LOWER, ENGINE, STORE, VERIFY, SIMULATION),
    Area.CATALOG: (CATALOG, SERVER, RECORDER),
    Area.KERNEL: (LOWER, SERVER, RECORDER),
}
SECONDS = 200  # a run that takes longer hangs


class Workspace:
    """A copy of the tree with a build of its own."""

    def __init__(self, folder: pathlib.Path, areas: set[Area]):
        """Builds it and sees that it passes as it is."""
        self.tree = folder
        shutil.copytree(ROOT, self.tree, ignore=shutil.ignore_patterns("build", ".git", "local_data"))
        # What a mutation leaves unused is no error here.
        self._run("cmake", "--preset", "release", "-DIGGY_WARNINGS_AS_ERRORS=OFF")
        for area in areas:
            self.build(area)
            if wrong := catcher(self, area):
                raise RuntimeError(f"the code as it is fails: {wrong}")

    def _run(self, *command: str):
        environment = os.environ | {"CCACHE_BASEDIR": str(self.tree), "CCACHE_NOHASHDIR": "1"}
        done = subprocess.run(command, cwd=self.tree, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout[-4000:]}")

    def build(self, area: Area):
        targets = [pathlib.PurePath(each).stem.removeprefix("lib") for each in TARGETS[area]]
        self._run("cmake", "--build", "--preset", "release", "-j1", "--target", *targets)

    def command(self, program: str, *arguments: str) -> list[str]:
        if program != POWER_CUTS:
            return [self._built(program), *arguments]
        return [sys.executable, str(self.tree / "tests/system" / program), "--server", self._built(SERVER),
                "--recorder", self._built(RECORDER), *arguments]

    def _built(self, name: str) -> str:
        return str(self.tree / "build/release" / name)


def fails(command: list[str]) -> str | None:
    """The end of its output if the command fails; None if it does not."""
    try:
        ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return "does not end"
    return None if ran.returncode == 0 else ran.stdout.decode(errors="replace")


def told(output: str) -> str:
    """What a run that failed says of it, in one line."""
    # A test's name stands in a line of its own under a row of dashes.
    if name := re.search(r"^-{20,}\n([^\n]+)\n", output, re.MULTILINE):
        return name.group(1)
    if runs := re.search(r"(\d+) runs, (\d+) broken", output):
        return f"{runs.group(2)} of {runs.group(1)} seeds"
    return " ".join(output.split())[-120:]


def catcher(space: Workspace, area: Area) -> str | None:
    """What notices first."""
    for program, *arguments in TRIALS[area]:
        output = fails(space.command(program, *arguments))
        if output is not None:
            return f"{pathlib.PurePath(program).name}: {told(output)}"
    return None


def try_one(space: Workspace, mutation: Mutation) -> str | None:
    file = space.tree / FOLDERS[mutation.area] / mutation.file
    text = file.read_text()
    assert mutation.text in text
    file.write_text(text.replace(mutation.text, mutation.instead))
    try:
        space.build(mutation.area)
        return catcher(space, mutation.area)
    finally:
        file.write_text(text)


def check_texts(mutations: list[Mutation]):
    for each in mutations:
        times = (ROOT / FOLDERS[each.area] / each.file).read_text().count(each.text)
        if times != 1:
            raise SystemExit(f"{each.file}: the text of “{each.removes}” stands there {times} times, not once")


def table_of(mutations: list[Mutation], caught: dict[Mutation, str | None]) -> str:
    lines = ["| File | Removed | Caught by |", "|---|---|---|"]
    lines += [f"| `{each.file}` | {each.removes} | {caught[each] or '**nothing**'} |" for each in mutations if each in caught]
    return "\n".join(lines) + "\n"


def try_all(mutations: list[Mutation], workers: int, table: pathlib.Path | None) -> dict[Mutation, str | None]:
    caught: dict[Mutation, str | None] = {}
    idle: queue.SimpleQueue[Workspace] = queue.SimpleQueue()

    def try_with_any(mutation: Mutation) -> tuple[Mutation, str | None, float]:
        space = idle.get()
        began = time.monotonic()
        try:
            return mutation, try_one(space, mutation), time.monotonic() - began
        finally:
            idle.put(space)

    with tempfile.TemporaryDirectory(prefix="iggy-mutate-") as temporary, \
            concurrent.futures.ThreadPoolExecutor(workers) as pool:
        places = [pathlib.Path(temporary) / str(number) for number in range(workers)]
        for space in pool.map(Workspace, places, [{each.area for each in mutations}] * workers):
            idle.put(space)
        tried = [pool.submit(try_with_any, each) for each in mutations]
        try:
            for done in concurrent.futures.as_completed(tried):
                mutation, by, seconds = done.result()
                caught[mutation] = by
                print(f"{len(caught)}/{len(mutations)} {mutation.file}: {mutation.removes}: {by or 'NOTHING'} ({seconds:.0f} s)", flush=True)
                if table:
                    table.write_text(table_of(mutations, caught))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return caught


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="a part of the file's name, of what is removed or of the area")
    parser.add_argument("--table", type=pathlib.Path, help="where the table is written (default: standard output only)")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="mutations tried at once (default: one for each processor)")
    options = parser.parse_args()
    chosen = [each for each in MUTATIONS
              if any(options.only in text for text in (each.file, each.removes, each.area.value))]
    check_texts(chosen)
    caught = try_all(chosen, options.workers, options.table)
    missed = sum(by is None for by in caught.values())
    print(table_of(chosen, caught))
    print(f"{len(chosen)} mutations, {missed} caught by nothing")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
