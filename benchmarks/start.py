"""How long the commands take from a cold start, as ratios to a hello-world on the same Typer, run side by side.

    python -m benchmarks start

Whole processes, alternating, medians; machines are noisy, so read the ratios.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.side_by_side import ROOT, Row, limit, not_run, shown

ROUNDS = 21
SLOW_ROUNDS = 3
HELLO = """
import typer
app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
@app.command()
def hello(name: str = "world") -> None:
    print(f"hello {name}")
@app.command()
def other() -> None:
    pass
app()
"""
PLANT = "flat-100mw"
FAST = {  # with what is wanted of them
    "--version": 1.3,
    f"compare {PLANT} --year 2025 --json": 2.0,
    f"compare {PLANT} --year 2025": 2.5,
}
OTHER = (
    "--help",
    "plants list",
    f"plants check {PLANT}",
    "tariffs list",
    "tariffs show nl.energy_tax.band4.business",
    "tariffs check",
    f"explain {PLANT} DE de.levy --year 2025",
    f"trend {PLANT} --from 2021 --to 2026",
    "replicate all",
    f"export {PLANT} --year 2025 -o {{folder}}/book.xlsx",
    "verify {folder}/book.xlsx",
    "toets energy-tax-eu-minimum --year 2026",
    "levers clusters --year 2026",
    "monitor",
    "additions --country NL",
)


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        hello = Path(folder) / "hello.py"
        hello.write_text(HELLO)
        greet = [sys.executable, str(hello), "hello"]
        times, _ = _alternating([greet, *(_command(text, folder) for text in FAST)], ROUNDS)
        for text, found in zip(FAST, times[1:], strict=True):
            yield limit(f"start: levelfield {text}", found / times[0], FAST[text], shown(found), _hello(times[0]), " ×")
        for text in OTHER:
            (base, found), code = _alternating([greet, _command(text, folder)], SLOW_ROUNDS)
            what = f"start: levelfield {text}".replace(f"{{folder}}{os.sep}", "")
            if code in (0, 1, 3):  # 1 and 3 are answers: a study outside its class, a bill refused
                yield Row(what, shown(found), _hello(base), f"{found / base:.3g} ×")
            else:
                yield not_run(what, f"exit code {code}")


def _hello(seconds: float) -> str:
    return f"{shown(seconds)} hello-world"


def _command(text: str, folder: str) -> list[str]:
    return [sys.executable, "-m", "levelfield", *text.format(folder=folder).split()]


def _alternating(commands: list[list[str]], rounds: int) -> tuple[list[float], int]:
    """The median time of each command, and the exit code of the last; after one round that does not count."""
    times: list[list[float]] = [[] for _ in commands]
    code = 0
    for number in range(rounds + 1):
        for command, found in zip(commands, times, strict=True):
            start = time.perf_counter()
            code = subprocess.run(command, capture_output=True, check=False, cwd=ROOT).returncode
            if number:
                found.append(time.perf_counter() - start)
    return [statistics.median(found) for found in times], code
