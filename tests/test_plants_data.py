"""The reference plants: every file reads, and every number in it says where it comes from."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from levelfield.plant import CLUSTERS, shipped_plants
from levelfield.plant_file import load_plant
from levelfield.tables import Tables

PLANTS = shipped_plants()
PAGE = Path(__file__).parents[1] / "docs" / "reference-plants.md"
EVIDENCE = re.compile(r"\((official|secondary|recalled)\)")
NOT_NUMBERS = ("name", "sector", "cluster", "description", "sources", "claims", "product")


def raw(stem: str) -> dict[str, Any]:
    return tomllib.loads(PLANTS[stem].read_text(encoding="utf-8"))


def numbers(table: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """The dotted keys of all numbers; an item of a list stands under its product."""
    for key, value in table.items():
        path = f"{prefix}{key}"
        if isinstance(value, dict):
            if key not in NOT_NUMBERS:
                yield from numbers(value, f"{path}.")
        elif isinstance(value, list):
            for item in value:
                yield from numbers(item, f"{path}.{item.get('name') or item['product']}.")
        elif key not in NOT_NUMBERS and not isinstance(value, bool) and re.match(r"[-+.]?\d", str(value)):
            yield path


def test_numbers_are_found_in_all_the_places_where_they_stand() -> None:
    text = """
    name = "1 plant"
    [electricity]
    offtake = "800 GWh"
    exempt_process_share = 0.9
    price = { NL = "85 EUR/MWh" }
    [co2]
    eu_ets = true
    [[co2.product]]
    name = "ammonia"
    output = "500 kt"
    [[co2.indirect]]
    product = "fallback"
    consumption = "780 GWh"
    [sources]
    a = "1"
    """
    assert list(numbers(tomllib.loads(text))) == [
        "electricity.offtake",
        "electricity.exempt_process_share",
        "electricity.price.NL",
        "co2.product.ammonia.output",
        "co2.indirect.fallback.consumption",
    ]


@pytest.mark.parametrize("stem", PLANTS)
def test_every_plant_reads(stem: str, tables: Tables) -> None:
    plant = load_plant(stem, tables)
    assert plant.name
    assert plant.description
    assert plant.sector in tables.nace
    assert 0 < plant.full_load_hours <= 8784
    assert plant.contracted_power >= plant.yearly_peak
    assert plant.gross_value_added < plant.turnover or plant.turnover == float("inf")


@pytest.mark.parametrize("stem", PLANTS)
def test_every_number_names_a_source_or_is_marked_assumed(stem: str) -> None:
    data = raw(stem)
    sources = data["sources"]
    missing = [key for key in numbers(data) if key not in sources]
    assert not missing
    vague = {
        key: text for key, text in sources.items() if not text.startswith("assumed: ") and not EVIDENCE.search(text)
    }
    assert not vague


@pytest.mark.parametrize("stem", PLANTS)
def test_no_source_is_left_without_its_number(stem: str) -> None:
    data = raw(stem)
    stated = {
        *numbers(data),
        "sector",
        *(f"connection.{key}" for key in data["connection"]),
        "claims",
        *(f"claims.{claim}" for claim in data.get("claims", {})),
    }
    assert set(data["sources"]) <= stated


@pytest.mark.parametrize("stem", PLANTS)
def test_the_level_says_why(stem: str) -> None:
    data = raw(stem)
    assert "level" in data["connection"]
    assert "connection.level" in data["sources"]
    assert "claims" in data["sources"] or "claims" not in data


def test_the_six_clusters_are_represented() -> None:
    assert {raw(stem).get("cluster") for stem in PLANTS} - {None} == set(CLUSTERS)


def test_the_page_on_the_plants_says_what_the_files_say() -> None:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rows = {cells[0].strip("`"): cells for cells in table}
    assert set(rows) == set(PLANTS)
    for stem, cells in rows.items():
        data = raw(stem)
        electricity = data["electricity"]
        peak = electricity.get("yearly_peak") or f"flat, {electricity['full_load_hours']}"
        assert cells[1] == data.get("cluster", ""), stem
        assert cells[3:6] == [electricity["offtake"], peak, data["connection"]["level"]], stem


def test_names_are_unique() -> None:
    names = [raw(stem)["name"] for stem in PLANTS]
    assert len(names) == len(set(names))


def test_process_exemptions_only_where_the_process_is_one() -> None:
    """Electrolysis and chemical reduction, mineralogical and metallurgical processes: divisions 20, 23 and 24."""
    divisions = {raw(stem)["sector"][:2] for stem in PLANTS if raw(stem)["electricity"].get("exempt_process_share")}
    assert divisions <= {"20", "23", "24"}


def test_the_validation_plant_is_what_hand_calculations_take() -> None:
    data = raw("flat-100mw")
    assert data["name"] == "Flat 100 MW, 8,000 h"
    assert data["sector"] == "20.13"
    assert data["electricity"] == {"offtake": "800 GWh", "yearly_peak": "100 MW", "exempt_process_share": 0}
    assert data["connection"] == {"level": "extra_high"}
    assert data["company"] == {"gross_value_added": "200 MEUR", "turnover": "400 MEUR"}
    assert data["co2"]["eu_ets"] is True
    assert data["co2"]["indirect"] == [{"product": "fallback", "consumption": "800 GWh"}]
    assert all(data["claims"].values())


@pytest.mark.parametrize(
    ("stem", "hours"),
    [
        ("creg-e0", 3200),
        ("creg-e1", 4000),
        ("creg-e2", 5000),
        ("creg-e3", 7692),
        ("creg-e4", 8000),
        ("bnetza-24", 6000),
    ],
)
def test_study_profiles_have_the_hours_of_the_study(stem: str, hours: int, tables: Tables) -> None:
    assert load_plant(stem, tables).full_load_hours == pytest.approx(hours, abs=0.5)
