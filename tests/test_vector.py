"""One tariff on which calculators of three other makers agree: time-of-use energy, monthly peaks, a fixed charge.

NREL's PySAM (Utilityrate5), ts-tariffs and eeco each make it 5,264,599.0286 for the load below; benchmarks/bill.py runs
them side by side.
"""

from __future__ import annotations

import csv
import math
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from levelfield.bill import make_bill
from levelfield.plant_file import parse_plant
from levelfield.tables import load_tables
from levelfield.tables.check import check

FOLDER = Path(__file__).parent / "vector_tariff"
TOTAL = 5_264_599.0286
PLANT = 'name = "Works"\nsector = "20.13"\n[electricity]\nload_curve = "load.csv"\n[connection]\nlevel = "high"\n'


def load(hour: int) -> float:
    """kW in an hour of 2025; days have 24 hours."""
    return 8000 + 1500 * math.sin(2 * math.pi * hour / 24) + 600 * math.sin(2 * math.pi * hour / 168) + hour * 7919 % 97


def write_load(path: Path, per_hour: int) -> None:
    """The load as a file by the clock: what March skips at two o'clock stands at the second two o'clock in October."""
    skipped, repeated = datetime(2025, 3, 30, 2), datetime(2025, 10, 26, 2)  # noqa: DTZ001 - local time
    rows: list[tuple[str, float]] = []
    first = datetime(2025, 1, 1)  # noqa: DTZ001
    for number in range(8760):
        moment = first + timedelta(hours=number)
        hours = [(moment, number)] if moment != skipped else []
        if moment == repeated:
            hours.append((moment, int((skipped - first) / timedelta(hours=1))))
        for start, hour in hours:
            for part in range(per_hour):
                stamp = start + part * timedelta(minutes=60 // per_hour)
                rows.append((f"{stamp:%Y-%m-%dT%H:%M}", load(hour)))
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([("start", "kW"), *rows])


@pytest.mark.parametrize("per_hour", [1, 4])
def test_the_bill_is_what_three_other_calculators_make_it(tmp_path: Path, per_hour: int) -> None:
    write_load(tmp_path / "load.csv", per_hour)
    tables = load_tables(FOLDER)
    assert [fault for fault in check(tables) if fault.severity == "error"] == []
    plant = parse_plant(PLANT, "works.toml", tmp_path, tables)
    made = make_bill(tables, plant, "VV", date(2025, 1, 1), date(2025, 12, 31))
    assert made.total == pytest.approx(TOTAL, rel=1e-9)
    assert made.low == made.high == made.total
    assert made.charge("vv.grid.fixed") == pytest.approx(1200)
