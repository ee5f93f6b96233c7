"""Timing two programs alternately, and the rows of the table of ratios."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple

ROOT = Path(__file__).parents[1]
ENVIRONMENTS = {"ts_tariffs_": ROOT / ".venv-bench-pandas1"}
BLOCK = 5
PEERS = ROOT / ".venv-bench"


class Row(NamedTuple):
    """One comparison: `better` is by how much ours is faster (or smaller); `target` is what is wanted of it.

    A row that could not be run has a reason instead.
    """

    what: str
    ours: str
    theirs: str
    ratio: str
    target: str = ""
    met: str = ""


def not_run(what: str, why: str, target: str = "") -> Row:
    return Row(what, "", f"not run: {why}", "", target, "")


def faster(what: str, ours: float, theirs: float, name: str, at_least: float | None = None) -> Row:
    """A row of two times in seconds: how many times faster ours is."""
    ratio = theirs / ours
    target = "" if at_least is None else f"≥ {at_least:g}"
    met = "" if at_least is None else ("yes" if ratio >= at_least else "no")
    return Row(what, shown(ours), f"{shown(theirs)} {name}", f"{ratio:.3g} × faster", target, met)


def limit(what: str, found: float, at_most: float, ours: str = "", theirs: str = "", unit: str = "") -> Row:
    """A row of a number that must not be above a limit."""
    return Row(what, ours, theirs, f"{found:.2f}{unit}", f"≤ {at_most:g}{unit}", "yes" if found <= at_most else "no")


def shown(seconds: float) -> str:
    if seconds < 1e-3:
        return f"{seconds * 1e6:.0f} µs"
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


class NotRun(Exception):  # noqa: N818 - a peer that is not there is no fault of ours
    """A peer that could not be installed, started or asked."""


class Worker:
    """A process in which functions of one module of benchmarks/peers are run on request."""

    def __init__(self, module: str) -> None:
        self.module = module
        home = None if module.startswith("ours") else ENVIRONMENTS.get(module, PEERS)
        python = Path(sys.executable) if home is None else home / "bin" / "python"
        if not python.exists():
            raise NotRun(f"there is no {python.relative_to(ROOT)}; make bench makes it")
        self.command = [str(python), "-m", "benchmarks.peers.worker", module]
        self._complaints: IO[str] = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed with the worker
        self._process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
        )
        self.version = str(self._answer()["version"])

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()
        self._complaints.close()

    def run(self, call: str) -> tuple[float, float]:
        """How long a function took in seconds, and what it returned. Raises NotRun."""
        if self._process.stdin is None or self._process.poll() is not None:
            raise NotRun(f"{self.module} has ended")
        self._process.stdin.write(f"{call}\n")
        self._process.stdin.flush()
        answer = self._answer()
        return float(answer["seconds"]), float(answer["value"])

    def _answer(self) -> Mapping[str, float | str]:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise NotRun(f"{self.module} ended without an answer")
        answer: Mapping[str, float | str] = json.loads(line)
        if "error" in answer:
            raise NotRun(str(answer["error"]).splitlines()[0][:150])
        return answer


def calls(wanted: Sequence[tuple[Worker, str]], rounds: int) -> list[tuple[float, float]]:
    """The median time and the value of each call, in alternating rounds after one that does not count.

    What takes less than 0.1 s runs BLOCK times in a row in each round: a program at work, not one that was just woken.
    """
    times: list[list[float]] = [[] for _ in wanted]
    values = [worker.run(call)[1] for worker, call in wanted]
    blocks = [BLOCK if worker.run(call)[0] < 0.1 else 1 for worker, call in wanted]
    for _ in range(rounds):
        for (worker, call), block, found in zip(wanted, blocks, times, strict=True):
            found += [worker.run(call)[0] for _ in range(block)]
    return [(statistics.median(found), value) for found, value in zip(times, values, strict=True)]


def alternating(actions: Mapping[str, Callable[[], object]], rounds: int, *, warm: bool = True) -> dict[str, float]:
    """The median time of each action in seconds, in alternating rounds."""
    times: dict[str, list[float]] = {name: [] for name in actions}
    for number in range(rounds + warm):
        for name, action in actions.items():
            start = time.perf_counter()
            action()
            if number >= warm:
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(found) for name, found in times.items()}


def process(command: Sequence[str]) -> Callable[[], object]:
    """A whole process as an action. Raises CalledProcessError if it fails, with what it said."""

    def action() -> object:
        return subprocess.run(list(command), capture_output=True, check=True, text=True, cwd=ROOT)

    return action
