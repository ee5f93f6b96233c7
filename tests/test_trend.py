"""Bills through the years: the parts of a change add up to it, and the named events carry what the facts say."""

from __future__ import annotations

import json

import pytest

from levelfield.lang import Words
from levelfield.plant_file import load_plant
from levelfield.report.years import trend_csv, trend_document, trend_markdown
from levelfield.switches import Switches
from levelfield.tables import Tables
from levelfield.trend import Trend, trend


@pytest.fixture(scope="module")
def flat(tables: Tables) -> Trend:
    plant = load_plant("flat-100mw", tables)
    return trend(tables, plant, range(2021, 2027), "NL", list(tables.jurisdictions), Switches("all"))


def test_what_moved_a_bill_adds_up_to_the_change(flat: Trend) -> None:
    assert len(flat.steps) == 5 * 5
    for step in flat.steps:
        assert sum(move.eur for move in step.moves) == pytest.approx(step.change, abs=0.05)
        before, after = (flat.bills[step.jurisdiction, year].total for year in (step.before, step.after))
        assert step.change == pytest.approx(after - before, abs=0.005)


def step(flat: Trend, place: str, after: int) -> dict[str, float]:
    (found,) = [s for s in flat.steps if (s.jurisdiction, s.after) == (place, after)]
    return {move.name: move.eur / flat.plant.offtake for move in found.moves}


def test_the_end_of_the_volume_correction_is_named_and_priced(flat: Trend) -> None:
    # 90 % of the network charge of 2023 or of 2024, depending on which moved first: between 5.5 and 12.6 EUR/MWh.
    (found,) = [s for s in flat.steps if (s.jurisdiction, s.after) == ("NL", 2024)]
    (move,) = [move for move in found.moves if move.name == "nl.grid.volume_correction"]
    assert "ended 2024-01-01" in move.text.en
    assert 5.5 < move.eur / flat.plant.offtake < 12.7


def test_spot_prices_are_told_apart_from_law(flat: Trend) -> None:
    # The Dutch day-ahead mean fell from 95.82 to 77.29.
    assert step(flat, "NL", 2024)["market.day_ahead.nl"] == pytest.approx(77.29 - 95.82)


def test_arenh_ends_with_2025(flat: Trend) -> None:
    # 62.56 % at 42 instead of 61.07 EUR/MWh.
    moves = step(flat, "FR", 2026)
    assert moves["fr.commodity"] == pytest.approx(0.6256 * (61.07 - 42), rel=1e-3)


def test_network_cost_since_2021_with_and_without_the_correction(flat: Trend) -> None:
    # Tariff 2021 to 2024: factor 4.55 at the highest voltage; a user with 90 % off paid a tenth until 2023.
    bills = {year: flat.bills["NL", year] for year in (2021, 2024)}
    gross = {
        year: sum(li.amount for li in bill.lines if li.category == "network" and li.amount > 0)
        for year, bill in bills.items()
    }
    assert gross[2024] / gross[2021] == pytest.approx(4.55, rel=0.01)
    assert bills[2024].category("network") / bills[2021].category("network") == pytest.approx(45.5, rel=0.02)


def test_other_forms_hold_the_same_numbers(flat: Trend) -> None:
    document = json.loads(json.dumps(trend_document(flat), allow_nan=False))
    assert len(document["bills"]) == 30
    for item in document["steps"]:
        assert sum(move["eur"] for move in item["moves"]) == pytest.approx(item["change_eur"], abs=0.05)
    assert trend_csv(flat).count("\n") > 300
    assert "volumecorrectie" in trend_markdown(flat, Words("nl")).lower()
