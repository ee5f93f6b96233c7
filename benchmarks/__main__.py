"""The table of ratios: ours beside what others need for the same, in the same run.

    python -m benchmarks [PART ...] [--write]      parts: start bills throughput books memory growth

With --write it also becomes the table of docs/performance.md.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from benchmarks.side_by_side import ROOT, Row

PARTS = ("start", "bills", "throughput", "books", "memory", "growth")
PAGE = ROOT / "docs" / "performance.md"
START, END = "<!-- table: python -m benchmarks --write -->", "<!-- end -->"


def main() -> None:
    wanted = [name for name in sys.argv[1:] if not name.startswith("-")] or list(PARTS)
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        sys.exit(f"unknown part {', '.join(unknown)}; known are {', '.join(PARTS)}")
    print(machine())
    found: list[Row] = []
    for name in wanted:
        part: Callable[[], Iterator[Row]] = import_module(f"benchmarks.{name}").rows
        for row in part():
            found.append(row)
            print(line(row), flush=True)
    missed = [row.what for row in found if row.met == "no"]
    print(f"{len(found)} rows; " + (f"not met: {'; '.join(missed)}" if missed else "every target that was run is met"))
    if "--write" in sys.argv:
        write(found)


def line(row: Row) -> str:
    result = f"{row.ours}  {row.theirs}  {row.ratio}".strip()
    target = f"  (wanted {row.target}: {row.met or 'not known'})" if row.target else ""
    return f"{row.what}\n    {result}{target}"


def machine() -> str:
    """What the numbers were measured on."""
    model = next(
        (text.partition(":")[2].strip() for text in _lines("/proc/cpuinfo") if text.startswith("model name")),
        platform.processor() or platform.machine(),
    )
    memory = next((int(text.split()[1]) // 2**20 for text in _lines("/proc/meminfo") if text.startswith("MemTotal")), 0)
    libraries = ", ".join(
        f"{name} {version(name)}" for name in ("levelfield", "typer", "numpy", "xlsxwriter", "openpyxl")
    )
    return (
        f"{model}, {os.cpu_count()} cores, {memory} GiB, {platform.system()}; Python {platform.python_version()}; "
        f"{libraries}; load average {os.getloadavg()[0]:.1f}; {datetime.now().astimezone().date()}"
    )


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def write(found: list[Row]) -> None:
    """Put the table between its marks in docs/performance.md."""
    rows = [
        "| what | ours | theirs | ratio | target | met |",
        "| --- | --- | --- | --- | --- | --- |",
        *(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in found),
    ]
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(START)
    _, _, after = rest.partition(END)
    text = "\n".join([START, f"Machine: {machine()}.", "", *rows, END])
    PAGE.write_text(before + text + after, encoding="utf-8")


if __name__ == "__main__":
    main()
