"""A plant without claims whose bills follow prices and grid rates in a straight line, and files of distributions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from levelfield.comparison import Comparison, compare
from levelfield.plant import Plant
from levelfield.switches import Switches
from levelfield.tables import Tables
from levelfield.uncertain.distributions import Distributions, read_distributions

PLANT = """
name = "Works"
sector = "20.13"
[electricity]
offtake = "800 GWh"
yearly_peak = "100 MW"
[connection]
level = "high"
NL = { operator = "tennet" }
[company]
gross_value_added = "200 MEUR"
turnover = "400 MEUR"
payroll = "30 MEUR"
[co2]
eu_ets = false
"""
Compared = Callable[..., Comparison]
Said = Callable[[str], Distributions]


@pytest.fixture(scope="session")
def works(make_plant: Callable[[str], Plant]) -> Plant:
    return make_plant(PLANT)


@pytest.fixture(scope="session")
def compared(tables: Tables, works: Plant) -> Compared:
    """compared(["DE"], 2025): the works at home and next door, no relief counted; a plant may stand first."""

    def build(others: list[str], year: int = 2025, plant: Plant = works, **switches: object) -> Comparison:
        chosen = Switches(**{"reliefs": "none", **switches})  # type: ignore[arg-type]
        return compare(tables, plant, date(year, 1, 1), date(year, 12, 31), "NL", others, chosen)

    return build


@pytest.fixture
def said(tmp_path: Path) -> Said:
    """The distributions of a text."""

    def build(text: str) -> Distributions:
        path = tmp_path / "distributions.toml"
        path.write_text(text, encoding="utf-8")
        return read_distributions(path)

    return build
