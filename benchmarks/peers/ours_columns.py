"""levelfield's bills over columns on the same scales (benchmarks/brackets); an euro of income is a MWh."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
from levelfield.portfolio import reckon
from levelfield.portfolio.plants import columns_of

from levelfield.plant_file import parse_plant
from levelfield.tables import Tables, load_tables

NEEDS = "levelfield"
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


def scale_of_openfisca(count: int) -> float:
    return _scale(count, "OF")


def scale_of_gettsim(count: int) -> float:
    return _scale(count, "GS")
