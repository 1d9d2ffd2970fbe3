"""A real server process on a free loopback port: start, wait until ready, kill, stop, measure."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import tomllib

from iggy_wire import Connection

USERNAME = "iggy"
PASSWORD = "not-the-golden-one"  # frames of the golden vectors must not log in


class ServerFailed(Exception):
    """The server ended or did not become ready; the text carries the end of its output."""


class Server:
    """One data directory and, between `start` and `kill` or `stop`, one process serving it."""

    def __init__(self, binary: str, folder: str | os.PathLike, settings: dict[str, str] | None = None):
        self.binary = os.path.abspath(binary)
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.output = self.folder / "server.log"
        self.settings = settings or {}
        self.process: subprocess.Popen | None = None
        self.address: tuple[str, int] | None = None
        self.folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process is not None:
            self.kill()

    def launch(self):
        """Starts the process without waiting for it."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("IGGY_")}
        environment |= {
            "IGGY_ROOT_USERNAME": USERNAME,
            "IGGY_ROOT_PASSWORD": PASSWORD,
            "IGGY_SYSTEM_PATH": str(self.data),
            "IGGY_TCP_ADDRESS": "127.0.0.1:0",
            "IGGY_QUIC_ENABLED": "false",
            "IGGY_HTTP_ENABLED": "false",
            "IGGY_WEBSOCKET_ENABLED": "false",
        } | self.settings
        self._runtime_file().unlink(missing_ok=True)
        with open(self.output, "ab") as output:
            self.process = subprocess.Popen([self.binary], env=environment, cwd=self.folder,
                                            stdin=subprocess.DEVNULL, stdout=output, stderr=output)

    def start(self, seconds: float = 60.0) -> float:
        """Starts the process and waits until it answers a ping; returns the seconds that took."""
        began = time.monotonic()
        self.launch()
        deadline = began + seconds
        while not self._ready():
            if self.process.poll() is not None:
                raise ServerFailed(f"the server ended with {self.process.returncode} before it was ready"
                                   f"\n{self.output_tail()}")
            if time.monotonic() > deadline:
                raise ServerFailed(f"the server was not ready within {seconds:.0f} s\n{self.output_tail()}")
            time.sleep(0.002)
        return time.monotonic() - began

    def kill(self):
        """SIGKILL, and waits for the end."""
        self.process.kill()
        self.process.wait()
        self.process = None

    def verify(self):
        """Checks the data directory, which no process serves; what is not intact is printed and raised."""
        checked = subprocess.run([self.binary, "verify", str(self.data)], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if checked.returncode != 0:
            raise ServerFailed(f"verify ended with {checked.returncode}\n{checked.stdout[-20_000:]}")

    def stop(self, seconds: float = 60.0):
        """SIGTERM; the server must end by itself with exit code 0."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            self.kill()
            raise ServerFailed(f"the server did not end within {seconds:.0f} s of SIGTERM"
                               f"\n{self.output_tail()}") from error
        self.process = None
        if code != 0:
            raise ServerFailed(f"the server ended with {code} after SIGTERM\n{self.output_tail()}")

    def check_alive(self):
        if self.process.poll() is not None:
            raise ServerFailed(f"the server ended with {self.process.returncode}\n{self.output_tail()}")

    def connect(self, login: bool = True, timeout: float = 60.0) -> Connection:
        connection = Connection(self.address, timeout)
        if login:
            connection.login(USERNAME, PASSWORD)
        return connection

    def memory(self, field: str = "VmRSS") -> int:
        """A size from /proc/PID/status in bytes: VmRSS now, VmHWM the peak."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
        raise ServerFailed(f"no {field} in /proc/{self.process.pid}/status")

    def cpu_seconds(self) -> float:
        """CPU time that all threads have used so far."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def open_descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def output_tail(self, size: int = 6000) -> str:
        if not self.output.exists():
            return "(no output)"
        return "--- end of the server's output ---\n" + self.output.read_bytes()[-size:].decode(errors="replace")

    def _runtime_file(self) -> pathlib.Path:
        return self.data / "runtime" / "current_config.toml"

    def _ready(self) -> bool:
        try:
            text = self._runtime_file().read_text()
            host, port = tomllib.loads(text)["tcp"]["address"].rsplit(":", 1)
        except (OSError, tomllib.TOMLDecodeError, KeyError):
            return False
        if port == "0":
            return False
        self.address = (host.strip("[]"), int(port))
        try:
            with Connection(self.address, 10.0) as connection:
                connection.ping()
        except OSError:
            return False
        return True


class WorkFolder:
    """A temporary folder that is kept when the test fails, so that its data can be looked at."""

    def __init__(self, name: str, base: str | None = None):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix=f"iggy-{name}-", dir=base))

    def __enter__(self) -> pathlib.Path:
        return self.path

    def __exit__(self, kind, *_):
        if kind is None:
            shutil.rmtree(self.path, ignore_errors=True)
        else:
            print(f"data and server log are kept in {self.path}")


def mib(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"
