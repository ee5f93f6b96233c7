"""levelfield on the same: the load made into a load curve, the bill made with its lines, sources and range."""

from __future__ import annotations

import functools
from datetime import date
from pathlib import Path

import numpy as np

from benchmarks.peers.load import powers
from levelfield.bill import make_bill
from levelfield.load import LoadCurve
from levelfield.plant import Plant
from levelfield.plant_file import parse_plant
from levelfield.tables import Tables, load_tables

NEEDS = "levelfield"
VECTOR = Path(__file__).parents[2] / "tests" / "vector_tariff"
PLANT = 'name = "Works"\nsector = "20.13"\n[electricity]\nofftake = "70 GWh"\n[connection]\nlevel = "high"\n'
YEAR = date(2025, 1, 1), date(2025, 12, 31)


@functools.cache
def _load(per_hour: int) -> np.ndarray:
    return np.array(powers(per_hour))


@functools.cache
def _tables(folder: Path | None) -> tuple[Tables, Plant]:
    tables = load_tables(folder)
    return tables, parse_plant(PLANT, "works.toml", Path(), tables)


def _plant(plant: Plant, per_hour: int) -> Plant:
    load = _load(per_hour)
    curve = LoadCurve(2025, per_hour, load, load, "works.toml")  # type: ignore[arg-type]
    return plant._replace(load_curve=curve, offtake=curve.energy, yearly_peak=curve.peak, contracted_power=curve.peak)


def bill(per_hour: int) -> float:
    tables, plant = _tables(VECTOR)
    return make_bill(tables, _plant(plant, per_hour), "VV", *YEAR).total


def five_bills(per_hour: int) -> float:
    """Of the shipped tables: a plant on the high-voltage grid in all five jurisdictions."""
    tables, plant = _tables(None)
    measured = _plant(plant, per_hour)
    return sum(make_bill(tables, measured, place, *YEAR).total for place in tables.jurisdictions)
