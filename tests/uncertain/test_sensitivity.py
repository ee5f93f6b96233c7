"""One input at a time: ends by arithmetic, and by bills made for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from levelfield._errors import UserError
from levelfield.bill import make_bill, run_inputs
from levelfield.plant import MISSING, Plant
from levelfield.plant_file import load_plant
from levelfield.run import Run
from levelfield.switches import Switches
from levelfield.tables import Row, Tables
from levelfield.uncertain.sensitivity import Ends, Sensitivity, around, parse_ranges, sensitivity
from levelfield.year import Year
from tests.uncertain.conftest import PLANT, Compared

DAYS = date(2025, 1, 1), date(2025, 12, 31)


def ends(found: Sensitivity, other: str, name: str) -> Ends:
    return next(ends for ends in found.ends(other) if ends.input.name == name)


def test_a_rate_that_enters_in_a_straight_line_moves_the_gap_by_quantity_times_difference(compared: Compared) -> None:
    found = ends(sensitivity(compared(["DE"])), "DE", "nl.grid.tennet.hs.contracted")
    assert found.low is not None
    assert found.high is not None
    # 100,000 kW, 800,000 MWh; 47.02, 67.18 and 77.25 EUR/kW a year
    assert found.low - found.stated == pytest.approx(100_000 * (47.02 - 67.18) / 800_000)
    assert found.high - found.stated == pytest.approx(100_000 * (77.25 - 67.18) / 800_000)
    assert found.width == pytest.approx(100_000 * (77.25 - 47.02) / 800_000)


def test_the_price_of_a_zone_ranges_over_the_years_around_and_moves_its_own_bill_alone(compared: Compared) -> None:
    found = sensitivity(compared(["DE", "FR"]))
    home, abroad = (ends(found, "DE", f"market.day_ahead.{zone}") for zone in ("nl", "de_lu"))
    # yearly means of 2023 to 2027 in NL: 95.82, 77.29, 86.81, 94, 78.4
    assert (home.input.low, home.input.stated, home.input.high) == (77.29, 86.81, 95.82)
    assert home.low == pytest.approx(home.stated + 77.29 - 86.81)
    assert home.high == pytest.approx(home.stated + 95.82 - 86.81)
    assert abroad.low is not None
    assert abroad.low > abroad.stated
    assert not any(item.input.name == "market.day_ahead.de_lu" for item in found.ends("FR"))


def test_two_prices_keep_their_own_ends(compared: Compared) -> None:
    """Each bill at an end is the bill with the rate set to it."""
    comparison = compared(["DE"])
    swings = {swing.input.name: swing for swing in sensitivity(comparison).swings}
    for zone, place in (("nl", "NL"), ("de_lu", "DE")):
        swing = swings[f"market.day_ahead.{zone}"]
        for end, totals in ((swing.input.low, swing.low), (swing.input.high, swing.high)):
            switches = Switches("none", {swing.input.name: end})
            bill = make_bill(comparison.tables, comparison.plant, place, *DAYS, switches)
            assert totals[place] == pytest.approx(bill.total, rel=1e-12)


def test_a_year_with_a_range_of_its_own_takes_that(compared: Compared) -> None:
    found = ends(sensitivity(compared(["DE"], 2026)), "DE", "market.day_ahead.nl")
    assert (found.input.low, found.input.high) == (92, 105.8)


def test_full_load_hours_are_the_bill_of_a_plant_with_another_peak(
    compared: Compared, make_plant: Callable[[str], Plant], tables: Tables
) -> None:
    comparison = compared(["DE", "FR", "BE-VLG"])
    swing = next(s for s in sensitivity(comparison).swings if s.input.name == "full_load_hours")
    assert (swing.input.low, swing.input.stated, swing.input.high) == pytest.approx((7600, 8000, 8400))
    for hours, totals in ((7600, swing.low), (8400, swing.high)):
        plant = make_plant(PLANT.replace('"100 MW"', f'"{800_000 / hours:.15f} MW"'))
        for place, total in totals.items():
            bill = make_bill(tables, plant, place, *DAYS, Switches("none"))
            assert total == pytest.approx(bill.total, rel=1e-9), place


@pytest.mark.parametrize("plant", ["zinc-smelter", "edible-oil", "steel"])
def test_no_single_rate_goes_beyond_low_and_high_of_the_bill(tables: Tables, compared: Compared, plant: str) -> None:
    comparison = compared(["DE", "BE-VLG"], 2025, load_plant(plant, tables), reliefs="stated")
    for swing in sensitivity(comparison).swings:
        if swing.input.range.en != "of the tables":
            continue
        for bill in comparison.bills:
            for total in (swing.low[bill.jurisdiction.id], swing.high[bill.jurisdiction.id]):
                assert total is not None
                assert bill.low - 1e-6 <= total <= bill.high + 1e-6, swing.input.name


def test_figures_and_claims_that_are_left_open_have_both_ends(
    compared: Compared, make_plant: Callable[[str], Plant], tables: Tables
) -> None:
    text = PLANT.replace('gross_value_added = "200 MEUR"\n', "")
    comparison = compared(["DE"], 2025, make_plant(text), reliefs="stated")
    swings = {swing.input.name: swing for swing in sensitivity(comparison).swings}
    claim = swings["claim de.besar"]
    assert claim.low["DE"] == comparison.bill("DE").total
    granted = make_bill(tables, make_plant(text + '[claims]\n"de.besar" = true\n'), "DE", *DAYS)
    assert claim.high["DE"] == pytest.approx(granted.total)
    assert comparison.plant.gross_value_added == MISSING


def test_ranges_by_hand(compared: Compared, tables: Tables) -> None:
    ranges = parse_ranges(["market.day_ahead.nl=60..110 EUR/MWh"], tables)
    found = ends(sensitivity(compared(["DE"]), ranges), "DE", "market.day_ahead.nl")
    assert found.high is not None
    assert found.low is not None
    assert found.high - found.low == pytest.approx(50)
    assert parse_ranges(["nl.energy_tax.band4.business=0.001 EUR/kWh..0.002 EUR/kWh"], tables) == {
        "nl.energy_tax.band4.business": (1.0, 2.0)
    }
    assert parse_ranges(["nl.energy_tax.band4.business=0.001..0.002 EUR/kWh"], tables)[
        "nl.energy_tax.band4.business"
    ] == (1.0, 2.0)
    with pytest.raises(UserError, match="RATE=LOW"):
        parse_ranges(["eu.ets.price=60"], tables)
    with pytest.raises(UserError, match="lies above"):
        parse_ranges(["eu.ets.price=90..60"], tables)
    with pytest.raises(UserError, match="no bill of this plant asks for it"):
        sensitivity(compared(["DE"]), {"nl.grid.stedin.ms.contracted": (1.0, 2.0)})


def test_the_range_of_a_price_needs_the_year_itself(tables: Tables) -> None:
    assert around(tables, "market.day_ahead.be", 2027) is None
    assert around(tables, "market.day_ahead.be", 2026) == (70.32, 94)


def test_a_move_keeps_the_course_of_a_rate_within_the_year(tables: Tables) -> None:
    """A tenth more on each row of a rate is a tenth more of the line that it makes, in all its stretches."""
    law = Year(tables, load_plant("zinc-smelter", tables), tables.jurisdictions["FR"], 2025, DAYS, Switches("none"))
    base = Run(law, run_inputs(law))
    rate = "fr.turpe.htb.management"
    steps = {row.value for i in range(len(law.segments)) if (row := law.row(rate, i))}
    charge = next(c.key for c in law.charges if rate in c.needs.rates)
    assert len(steps) > 1

    def tenth_more(row: Row) -> float:
        assert row.value is not None
        return row.value * 1.1

    moved = Run(law, base.inputs.with_moves({rate: tenth_more}), base)
    assert moved.amount_of(charge) == pytest.approx(1.1 * base.amount_of(charge))
