"""How long the commands take from a cold start, as ratios to a hello-world on the same Typer, run side by side.

Whole processes, alternating, medians; machines are noisy, so read the ratios. `make bench` runs it.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 21
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
TARGETS = {"--version": 1.3, "compare --json": 2.0, "compare (table)": 2.5}


def main() -> None:
    plant = ["compare", "flat-100mw", "--year", "2025"]
    with tempfile.TemporaryDirectory() as folder:
        hello = Path(folder) / "hello.py"
        hello.write_text(HELLO)
        script = str(Path(sys.executable).with_name("levelfield"))
        commands = {
            "hello-world": [sys.executable, str(hello), "hello"],
            "--version": [script, "--version"],
            "compare --json": [script, *plant, "--json"],
            "compare (table)": [script, *plant],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                start = time.perf_counter()
                subprocess.run(command, capture_output=True, check=False)
                times[name].append(time.perf_counter() - start)
    base = statistics.median(times["hello-world"])
    print(f"{'command':18}{'ms':>7}{'ratio':>8}{'target':>8}")
    for name, found in times.items():
        middle = statistics.median(found)
        target = f"{TARGETS[name]:.1f}" if name in TARGETS else ""
        print(f"{name:18}{middle * 1000:7.0f}{middle / base:8.2f}{target:>8}")


if __name__ == "__main__":
    main()
