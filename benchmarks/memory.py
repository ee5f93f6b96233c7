"""How much memory a bill and a workbook take by size: peaks of whole processes against a bare Python."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.side_by_side import ROOT, NotRun, Row, limit, not_run

PROBE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], capture_output=True, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def rows() -> Iterator[Row]:
    bare = peak([sys.executable, "-c", "pass"])
    levelfield = [sys.executable, "-m", "levelfield"]
    compare = [*levelfield, "compare", "flat-100mw", "--year", "2025", "--json"]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        measures = {"memory: compare, five jurisdictions": compare}
        for per_hour, name in ((1, "8,760 hours"), (4, "35,040 quarter-hours")):
            measures[f"memory: compare, load curve of {name}"] = [
                *levelfield, "compare", str(_with_curve(folder, per_hour)), "--year", "2025", "--json",
            ]  # fmt: skip
        for first, last in ((2025, 2025), (2021, 2026)):
            measures[f"memory: export, {first} to {last}"] = [
                *levelfield, "export", "flat-100mw", "--from", str(first), "--to", str(last),
                "-o", str(folder / f"{first}.xlsx"),
            ]  # fmt: skip
        for what, command in measures.items():
            try:
                found = peak(command)
                yield Row(what, f"{found:.0f} MiB", f"{bare:.0f} MiB bare Python", f"{found / bare:.2g} ×")
            except NotRun as reason:
                yield not_run(what, str(reason))
    yield from _portfolio(levelfield)


def _portfolio(levelfield: Sequence[str]) -> Iterator[Row]:
    """The peak of the greatest process for ten times as many plants."""
    what = "memory: portfolio, 100,000 plants to 10,000"
    try:
        from benchmarks.plants import made_up, write
        from levelfield.tables import load_tables
    except ImportError:
        yield not_run(what, "levelfield.portfolio is not in this version", "≤ 1.5")
        return
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        found = []
        for count in (10_000, 100_000):
            write(made_up(count, load_tables(None)), folder / f"{count}.parquet")
            out = str(folder / f"out{count}.parquet")
            options = ["--year", "2025", "--chunk", "5000", "-o", out]
            found.append(peak([*levelfield, "portfolio", str(folder / f"{count}.parquet"), *options]))
    yield limit(what, found[1] / found[0], 1.5, f"{found[1]:.0f} MiB", f"{found[0]:.0f} MiB", " ×")


def peak(command: Sequence[str]) -> float:
    """MiB of resident memory of a whole process at its peak. Raises NotRun if it fails."""
    probe = [sys.executable, "-c", PROBE, *command]
    found = subprocess.run(probe, capture_output=True, check=False, text=True, cwd=ROOT)
    if found.returncode:
        raise NotRun(f"{' '.join(command[2:4])} fails")
    return int(found.stdout) / 1024


def _with_curve(folder: Path, per_hour: int) -> Path:
    from tests.test_vector import PLANT, write_load

    write_load(folder / f"load{per_hour}.csv", per_hour)
    plant = folder / f"works{per_hour}.toml"
    plant.write_text(PLANT.replace("load.csv", f"load{per_hour}.csv"))
    return plant
