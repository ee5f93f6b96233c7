"""levelfield over columns: the scales of benchmarks/brackets (an euro of income is a MWh), and many load curves."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.load import powers
from levelfield.load import LoadCurve
from levelfield.plant_file import parse_plant
from levelfield.portfolio import Reckoner, reckon
from levelfield.portfolio.curves import curve_columns
from levelfield.portfolio.plants import columns_of
from levelfield.tables import Tables, load_tables

NEEDS = "levelfield"
CURVES = 200
VECTOR = Path(__file__).parents[2] / "tests" / "vector_tariff"
PLANT = 'name = "Works"\nsector = "20.13"\n[electricity]\nofftake = "1 GWh"\n[connection]\nlevel = "high"\n'


@functools.cache
def _tables() -> tuple[Tables, Any]:
    tables = load_tables(Path(__file__).parents[1] / "brackets")
    return tables, columns_of([parse_plant(PLANT, "works.toml", Path(), tables)], tables)


@functools.cache
def _incomes(count: int) -> np.ndarray:
    return np.linspace(1, 60_000, count)


def _scale(count: int, place: str) -> float:
    tables, one = _tables()
    offtake = _incomes(count)
    columns = {key: column[np.zeros(count, dtype=np.intp)] for key, column in one.items()}
    columns["electricity.offtake"] = offtake
    columns["electricity.yearly_peak"] = columns["electricity.contracted_power"] = offtake / 8.76
    return float(reckon(tables, columns, 2025, [place])[place].total.sum())


@functools.cache
def _loads(per_hour: int) -> list[np.ndarray]:
    """The load at CURVES sizes, each an array of its own."""
    load = np.array(powers(per_hour))
    return [load * (1 + number / CURVES) for number in range(CURVES)]


@functools.cache
def _reckoner(folder: Path | None) -> tuple[Reckoner, Any]:
    tables = load_tables(folder)
    return Reckoner(tables), parse_plant(PLANT, "works.toml", Path(), tables)


def _bills(folder: Path | None, per_hour: int) -> float:
    """The first plant's total over all jurisdictions."""
    reckoner, plant = _reckoner(folder)
    plants = []
    for load in _loads(per_hour):
        curve = LoadCurve(2025, per_hour, load, load, "works.toml")  # type: ignore[arg-type]
        plants.append(
            plant._replace(load_curve=curve, offtake=curve.energy, yearly_peak=curve.peak, contracted_power=curve.peak)
        )
    columns = curve_columns(plants, reckoner.tables)
    found = reckoner.reckon(columns, 2025, list(reckoner.tables.jurisdictions))
    return float(sum(bills.total[0] for bills in found.values()))


def bills(per_hour: int) -> float:
    """CURVES load curves to a bill each."""
    return _bills(VECTOR, per_hour)


def five_bills(per_hour: int) -> float:
    """CURVES load curves to five bills each, by the shipped law."""
    return _bills(None, per_hour)


def scale_of_openfisca(count: int) -> float:
    return _scale(count, "OF")


def scale_of_gettsim(count: int) -> float:
    return _scale(count, "GS")
