"""Load from `wrk`, pinned to cores, and what the server spent on it."""

import os
import re
import secrets
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files

from kept.base.errors import Damaged
from kept.bench.servers import Served, on_cores

_DONE = re.compile(r"(\d+) requests in")
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_WRONG = re.compile(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.+)")


@dataclass(frozen=True, slots=True)
class Run:
    """One run of load: requests answered, requests a second, microseconds of CPU that the server spent on each."""

    requests: int
    rate: float
    cpu_us: float


@dataclass(frozen=True, slots=True)
class Load:
    """How to send: with which program, from which cores, over how many connections, for which key."""

    wrk: str
    cores: Sequence[int]
    connections: int
    key: str
    visitors: int

    def run(self, served: Served, seconds: int, batch: int = 1) -> Run:
        """Send for so many seconds. Raises `Damaged` when anything but 2xx came back.

        Batches are sent over a quarter of the connections, so that they wait for no longer than single events.
        """
        environment = {
            **os.environ,
            "KEPT_BENCH_KEY": self.key,
            "KEPT_BENCH_BATCH": str(batch),
            "KEPT_BENCH_RUN": secrets.token_hex(4),
            "KEPT_BENCH_VISITORS": str(self.visitors),
        }
        before = served.cpu_seconds()
        with as_file(files("kept.bench") / "ingest.lua") as script:
            command = [*self._command(seconds, batch), "-s", str(script), f"http://127.0.0.1:{served.port}/"]
            said = subprocess.run(  # noqa: S603  a program found by its own name, with arguments of ours
                on_cores(self.cores, command), env=environment, capture_output=True, text=True, check=True
            ).stdout
        return read_run(said, served.cpu_seconds() - before)

    def _command(self, seconds: int, batch: int) -> list[str]:
        connections = self.connections if batch == 1 else self.connections // 4
        return [self.wrk, f"-t{len(self.cores)}", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s"]


def read_run(said: str, cpu_seconds: float) -> Run:
    """What wrk printed, as figures. Raises `Damaged` when anything but 2xx came back, or nothing to read."""
    wrong = _WRONG.search(said)
    if wrong:
        raise Damaged(
            "A run did not go through.",
            where="wrk",
            why=wrong[0],
            next_step="Nothing was measured. Look at what else the machine is doing, and run it again.",
        )
    done, rate = _DONE.search(said), _RATE.search(said)
    if done is None or rate is None:
        raise Damaged(
            "wrk said nothing that can be read.",
            where="wrk",
            why=said[:200],
            next_step="Run wrk by hand with the same options, and look at what it prints.",
        )
    return Run(int(done[1]), float(rate[1]), cpu_seconds * 1e6 / max(1, int(done[1])))
