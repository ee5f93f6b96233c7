"""`close` against break-evens worked out by hand, and its refusal to call a lever monotone that is not."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import pytest

from levelfield.bill import make_bill
from levelfield.period import calendar_year
from levelfield.plant import Plant
from levelfield.plant_file import load_plant
from levelfield.switches import Switches
from levelfield.tables import Tables
from levelfield.toets.dual import Undecided, lever, moving
from levelfield.toets.patch import lay_over
from levelfield.toets.proposal import parse_proposal
from levelfield.toets.solve import Curve, close, pieces

FLAT = """
name = "Flat"
[electricity]
offtake = "100 GWh"
full_load_hours = "8000 h"
[connection]
level = "extra_high"
"""


def gap(tables: Tables, plant: Plant, year: int, **settings: float) -> float:
    switches = Switches(settings={rate.replace("__", "."): value for rate, value in settings.items()})
    bills = [make_bill(tables, plant, place, *calendar_year(year), switches) for place in ("NL", "DE")]
    return (bills[0].total - bills[1].total) / plant.offtake


def test_the_market_price_that_closes_the_gap(tables: Tables, make_plant: Callable[[str], Plant]) -> None:
    """The Dutch bill moves one to one with the market price, so the break-even is the price less the gap."""
    plant = make_plant(FLAT)
    price = tables.row("market.day_ahead.nl", "2025-06-01")
    assert price is not None
    assert price.value is not None
    curve = Curve(tables, plant, "NL", "DE", 2025, "market.day_ahead.nl", Switches())
    found = close(curve, 0, 300)
    assert found.monotone
    assert found.values == pytest.approx((price.value - gap(tables, plant, 2025),), abs=1e-6)
    assert gap(tables, plant, 2025, market__day_ahead__nl=found.values[0]) == pytest.approx(0, abs=1e-6)


def test_the_tax_that_closes_a_small_gap(tables: Tables, make_plant: Callable[[str], Plant]) -> None:
    """Band 4 is paid on 90 of 100 GWh: one EUR/MWh of it is 0.9 EUR/MWh of the bill."""
    plant = make_plant(FLAT)
    now = gap(tables, plant, 2025)
    curve = Curve(tables, plant, "NL", "DE", 2025, "nl.energy_tax.band4.business", Switches())
    found = close(curve, 0, 50, target=now + 5)
    assert found.values == pytest.approx((3.21 + 5 / 0.9,), abs=1e-6)


def test_a_lever_that_does_not_reach(tables: Tables, make_plant: Callable[[str], Plant]) -> None:
    plant = make_plant(FLAT)
    curve = Curve(tables, plant, "NL", "DE", 2025, "nl.energy_tax.band4.business", Switches())
    found = close(curve, 0, 50, target=-100)
    assert (found.values, found.best) == ((), 0)
    assert found.at_best == pytest.approx(gap(tables, plant, 2025) - 0.9 * 3.21)


def test_a_lever_that_does_nothing(tables: Tables, make_plant: Callable[[str], Plant]) -> None:
    found = close(Curve(tables, make_plant(FLAT), "NL", "DE", 2025, "fr.cta.rate_transport", Switches()), 0, 1)
    assert found.still


def proposed(tables: Tables, formula: str) -> Tables:
    text = f"""
title = "t"
proposer = "p"
status = "idea"
reference = "r"
[[rate]]
rate = "nl.lever"
value = "0 EUR/MWh"
valid_from = 2025-01-01
[[charge]]
id = "nl.odd"
jurisdictions = ["NL"]
category = "tax"
name = {{ en = "odd", nl = "vreemd" }}
law = "none"
kind = "formula"
formula = "{formula}"
valid_from = 2025-01-01
"""
    return lay_over(tables, [parse_proposal(text, "odd.toml", "odd")]).tables


def test_a_lever_that_is_not_monotone_gives_all_values(tables: Tables, make_plant: Callable[[str], Plant]) -> None:
    """A charge of |price − x| per MWh is 4 at four below and at four above the price."""
    plant = make_plant(FLAT)
    bent = proposed(tables, "offtake * max(market.day_ahead.nl - nl.lever, nl.lever - market.day_ahead.nl)")
    curve = Curve(bent, plant, "NL", "DE", 2025, "nl.lever", Switches())
    now = gap(tables, plant, 2025)
    found = close(curve, 0, 300, target=now + 4)
    price = tables.row("market.day_ahead.nl", "2025-06-01").value  # type: ignore[union-attr]
    assert not found.monotone
    assert found.values == pytest.approx((price - 4, price + 4), abs=1e-6)  # type: ignore[operator]


def test_a_step_of_the_law_is_no_value(tables: Tables, make_plant: Callable[[str], Plant]) -> None:
    """As much as the lever from the market price on, nothing below: a gap of 3 more is passed over, never taken."""
    plant = make_plant(FLAT)
    jump = proposed(tables, "offtake * (nl.lever if nl.lever >= market.day_ahead.nl else 0)")
    price = tables.row("market.day_ahead.nl", "2025-06-01").value  # type: ignore[union-attr]
    curve = Curve(jump, plant, "NL", "DE", 2025, "nl.lever", Switches())
    found = close(curve, 1, 200, target=gap(tables, plant, 2025) + 3)
    assert found.values == ()
    assert found.steps == pytest.approx((price,), abs=1e-6)
    assert found.monotone


def test_moving_numbers() -> None:
    """f(x) = x (3 − x) on [0, 1] lies in [0, 3] and rises there; on [1, 2] its slope has no one sign."""
    x = lever(0, 1)
    f = x * (3 - x)
    assert f.value[0] <= 0
    assert f.value[1] >= 2
    assert f.slope[0] >= 0
    assert (lever(1, 2) * (3 - lever(1, 2))).slope[0] < 0 < (lever(1, 2) * (3 - lever(1, 2))).slope[1]
    assert float((1 / lever(2, 2)).slope[0]) == -0.25
    assert max(lever(0, 1), 2.0) == 2.0
    with pytest.raises(Undecided):
        max(lever(0, 1), 0.5)
    with pytest.raises(Undecided):
        1 / lever(-1, 1)
    whole = list(pieces(lambda value: moving(value) * (3 - moving(value)), 0, 4))
    assert {piece.rises for piece in whole if piece.high <= 1.5} == {1}
    assert {piece.rises for piece in whole if piece.low >= 1.5} == {-1}


def test_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "levelfield", "close", "zinc-smelter", "--lever", "market.day_ahead.nl", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["gaps"]
    assert {item["jurisdiction"] for item in found} == {"DE", "BE-VLG", "BE-WAL", "FR"}
    assert all(item["monotone"] and len(item["values"]) == 1 for item in found)


def test_the_plant_of_the_docs(tables: Tables) -> None:
    """Compensation at 100 % of indirect costs is a third more than at 75 %: the gap shrinks by a third of the aid."""
    plant = load_plant("zinc-smelter", tables)
    curve = Curve(tables, plant, "NL", "DE", 2025, "nl.ikc.aid_intensity", Switches())
    aid = make_bill(tables, plant, "NL", *calendar_year(2025)).charge("nl.indirect_compensation")
    found = close(curve, 0, 1)
    assert found.at_best == pytest.approx(curve.now + aid / 3 / plant.offtake)
