"""How long a portfolio takes and how much memory all its processes hold at most.

    python -m benchmarks.portfolio [PLANTS] [FORMAT]     a million plants, Parquet, if left out

Five jurisdictions, one year. The memory is the sum of what each process holds by itself (its proportional share of what
it shares with others), sampled ten times a second.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.plants import made_up, write
from levelfield.tables import load_tables

TARGET = "60 s, 1,536 MiB"


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    kind = sys.argv[2] if len(sys.argv) > 2 else "parquet"
    with tempfile.TemporaryDirectory() as folder:
        plants, output = Path(folder) / "plants.csv", Path(folder) / f"bills.{kind}"
        write(made_up(count, load_tables(None)), plants)
        command = [sys.executable, "-m", "levelfield", "portfolio", str(plants), "-o", str(output), "--year", "2025"]
        start, most = time.perf_counter(), 0
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            while process.poll() is None:
                most = max(most, sum(map(held, family(process.pid))))
                time.sleep(0.1)
            seconds = time.perf_counter() - start
            print(process.stderr.read() if process.stderr else "", end="")
        size = output.stat().st_size / 2**20
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"{used.ru_utime + used.ru_stime:.1f} s of processor time; on a busy machine that is what says most")
        print(f"{count:,} plants: {seconds:.1f} s, at most {most / 1024:,.0f} MiB in memory, {size:,.0f} MiB written")
        print(f"{count / seconds:,.0f} plants/s; wanted for a million: {TARGET}")


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(below for child in children for below in family(int(child)))]


def held(pid: int) -> int:
    """KiB of memory: the proportional share."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


if __name__ == "__main__":
    main()
