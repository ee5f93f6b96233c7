"""The engine on a made-up country whose numbers can be checked by hand (tests/made_up_country)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from levelfield._errors import MissingData
from levelfield.bill import Bill, make_bill
from levelfield.comparison import compare
from levelfield.plant_file import parse_plant
from levelfield.switches import Switches
from levelfield.tables import load_tables
from levelfield.tables.check import check

FOLDER = Path(__file__).parent / "made_up_country"
PLANT = """
name = "Works"
sector = "20.13"
[electricity]
offtake = "{offtake}"
full_load_hours = "{hours}"
{electricity}
[connection]
level = "{level}"
{connection}
[company]
{company}
[claims]
{claims}
"""


def bill(
    offtake: str = "80 GWh",
    hours: str = "8000 h",
    year: int = 2025,
    known: str | None = None,
    period: tuple[date, date] | None = None,
    switches: Switches | None = None,
    place: str = "XX",
    level: str = "high",
    **sections: str,
) -> Bill:
    tables = load_tables(FOLDER, date.fromisoformat(known) if known else None)
    filled = {key: sections.get(key, "") for key in ("electricity", "connection", "company", "claims")}
    plant = parse_plant(PLANT.format(offtake=offtake, hours=hours, level=level, **filled), "works.toml", Path(), tables)
    start, end = period or (date(year, 1, 1), date(year, 12, 31))
    return make_bill(tables, plant, place, start, end, switches)


def test_the_tables_are_sound() -> None:
    assert [str(fault) for fault in check(load_tables(FOLDER)) if fault.severity == "error"] == []


def test_each_kind_comes_to_what_a_hand_calculation_gives() -> None:
    # 80 GWh at 8,000 h is a peak of 10 MW.
    made = bill(claims='"xx.discount" = true', company='gross_value_added = "30 MEUR"')
    assert made.charge("xx.commodity") == pytest.approx(80_000 * 50)
    assert made.charge("xx.grid.capacity") == pytest.approx(10_000 * 12)
    assert made.charge("xx.grid.energy") == pytest.approx(80_000 * 1.0)  # 0.1 ct/kWh, long use
    assert made.charge("xx.grid.discount") == pytest.approx(-0.8 * (120_000 + 80_000))
    # Bands: 10 MWh at 100 or 200 EUR by halves of the year (181 and 184 days), 990 MWh at 10, 79,000 MWh at 1.
    assert made.charge("xx.tax.band1") == pytest.approx(10 * (100 * 181 + 200 * 184) / 365)
    assert made.charge("xx.tax.band2") == pytest.approx(9_900)
    assert made.charge("xx.tax.band3") == pytest.approx(79_000)
    # 80,000 MWh x 6 EUR = 480,000 against a cap of 1 % of 30 MEUR.
    assert made.charge("xx.levy") == pytest.approx(300_000)
    assert made.charge("xx.levy.cap") == pytest.approx(-180_000)
    # 10 % of the tax from July on: the second half's share of each band.
    assert made.charge("xx.surcharge") == pytest.approx(0.1 * (2_000 + 9_900 + 79_000) * 184 / 365)
    assert made.charge("xx.minimum") == 0
    assert made.charge("xx.meter") == pytest.approx(600)  # the long version is the cheaper of 1,200 and 600 a year
    assert made.choices == {"xx.version": "long"}


@pytest.mark.parametrize(
    ("hours", "rate"), [("6999.9 h", 0.0), ("7000 h", 0.5), ("7999.9 h", 0.5), ("8000 h", 0.8), ("8760 h", 0.8)]
)
def test_a_step_begins_at_its_threshold(hours: str, rate: float) -> None:
    made = bill(hours=hours, claims='"xx.discount" = true')
    gross = made.charge("xx.grid.capacity") + made.charge("xx.grid.energy")
    assert made.charge("xx.grid.discount") == pytest.approx(-rate * gross)


@pytest.mark.parametrize(("offtake", "counts"), [("10 GWh", False), ("10.001 GWh", True)])
def test_above_is_not_at_least(offtake: str, counts: bool) -> None:
    assert bool(bill(offtake, claims='"xx.discount" = true').charge("xx.grid.discount")) is counts


def test_an_option_must_be_open_to_the_plant() -> None:
    assert bill(hours="2999 h").choices == {"xx.version": "short"}
    assert bill(hours="3000 h").choices == {"xx.version": "long"}
    stated = bill(connection='XX = { version = "short" }')
    assert stated.choices == {"xx.version": "short"}
    assert stated.charge("xx.meter") == pytest.approx(1_200)


def test_lines_multiply_out_and_add_up() -> None:
    made = bill(claims='"xx.discount" = true', company='gross_value_added = "30 MEUR"')
    for line in made.lines:
        if line.quantity is not None and line.rate is not None:
            assert line.quantity * line.rate == pytest.approx(line.amount)
        assert sum(part.amount for part in line.parts) == pytest.approx(line.amount)
    assert sum(line.amount for line in made.lines) == pytest.approx(made.total)
    assert sum(made.evidence_share().values()) == pytest.approx(1)


def test_parts_of_a_year_add_up_to_the_year() -> None:
    whole = bill(company='gross_value_added = "30 MEUR"')
    first = bill(company='gross_value_added = "30 MEUR"', period=(date(2025, 1, 1), date(2025, 4, 30)))
    second = bill(company='gross_value_added = "30 MEUR"', period=(date(2025, 5, 1), date(2025, 12, 31)))
    assert first.total + second.total == pytest.approx(whole.total)
    assert first.charge("xx.grid.capacity") == pytest.approx(120_000 * 4 / 12)


def test_a_claim_that_is_not_stated_counts_in_low_only() -> None:
    company = 'gross_value_added = "30 MEUR"'
    silent, refused, granted = (
        bill(claims=c, company=company) for c in ("", '"xx.discount" = false', '"xx.discount" = true')
    )
    assert silent.total == pytest.approx(refused.total)
    # Low takes the discount and the low end of the capacity rate: 0.2 x (100,000 + 80,000) instead of 200,000.
    assert silent.total - silent.low == pytest.approx(200_000 - 0.2 * 180_000)
    assert refused.total - refused.low == pytest.approx(20_000)  # 10,000 kW x (12 - 10)
    assert silent.high - silent.total == pytest.approx(30_000)  # 10,000 kW x (15 - 12)
    assert granted.high - granted.total == pytest.approx(6_000)
    (relief,) = [r for r in silent.reliefs if r.claim]
    assert relief.status == "not stated"
    assert relief.amount == pytest.approx(-160_000)


def test_reliefs_all_and_none() -> None:
    assert bill(switches=Switches("all")).charge("xx.grid.discount") < 0
    none = bill(claims='"xx.discount" = true', company='gross_value_added = "30 MEUR"', switches=Switches("none"))
    assert none.charge("xx.grid.discount") == 0
    assert none.charge("xx.levy") == pytest.approx(480_000)
    assert none.high >= none.total >= none.low


def test_exempt_use_leaves_the_base_before_the_bands() -> None:
    made = bill(electricity="exempt_process_share = 0.995")  # 400 MWh stay taxed
    assert made.charge("xx.tax.band2") == pytest.approx(390 * 10)
    assert made.charge("xx.tax.band3") == 0


def test_a_relief_says_what_it_misses_and_by_how_much() -> None:
    made = bill(hours="6500 h", claims='"xx.discount" = true')
    (relief,) = [r for r in made.reliefs if r.charge == "xx.grid.discount"]
    assert relief.status == "missed"
    assert relief.missed == ("full load hours 6,500 h; wanted: at least 7,000 h (500 h short)",)


def test_what_was_known_on_a_day() -> None:
    assert bill(known="2025-03-01").charge("xx.levy") == pytest.approx(400_000)
    assert bill(known="2025-08-01").charge("xx.levy") == pytest.approx(480_000)
    assert bill(known="2025-03-01").charge("xx.tax.band1") == pytest.approx(1_000)  # the July rate was not known


def test_a_rate_that_is_missing_is_refused_with_its_name() -> None:
    with pytest.raises(MissingData) as refusal:
        bill(year=2026)
    assert "XX: the tables lack xx.levy on 2026-01-01; held until 2025-12-31" in refusal.value.faults


def test_a_year_that_is_not_held_says_what_is() -> None:
    with pytest.raises(MissingData, match=r"hold nothing for 2031; held are 2025, 2026"):
        bill(year=2031)


def test_a_tariff_that_is_not_held_is_a_hole_of_the_bill_not_a_zero() -> None:
    with pytest.raises(MissingData, match=r"xx\.grid\.two\.top\.capacity"):
        bill(connection='XX = { operator = "two" }')


def test_a_hole_with_bounds_is_bridged_on_request() -> None:
    with pytest.raises(MissingData, match="--allow-gaps"):
        bill(level="sub")
    made = bill(level="sub", switches=Switches(allow_gaps=True), company='gross_value_added = "30 MEUR"')
    assert made.charge("xx.grid.capacity") == pytest.approx(150_000)
    assert made.high - made.total == pytest.approx(50_000)  # 10,000 kW x (20 - 15)
    assert any("is a hole" in str(warning) for warning in made.warnings)


def test_rates_set_by_hand_and_own_prices_are_marked_as_stated() -> None:
    made = bill(switches=Switches(settings={"xx.levy": 7.0}), electricity='price = { XX = "80 EUR/MWh" }')
    assert made.charge("xx.levy") == pytest.approx(560_000)
    assert made.charge("xx.commodity") == pytest.approx(80_000 * 80)
    assert {line.charge: line.evidence for line in made.lines}["xx.commodity"] == "stated"


def test_a_figure_that_is_not_stated_leaves_its_cap_out_and_counts_in_low() -> None:
    made = bill(claims='"xx.discount" = false')
    assert made.charge("xx.levy.cap") == 0
    # A tiny value added would cap the levy at nothing, which the minimum of 0.5 EUR/MWh lifts to 40,000.
    assert made.total - made.low == pytest.approx(20_000 + 480_000 - 40_000)
    assert any("gross value added is not stated" in str(warning) for warning in made.warnings)


def test_the_gap_has_two_percentages_and_its_drivers_add_up() -> None:
    tables = load_tables(FOLDER)
    text = PLANT.format(
        offtake="80 GWh", hours="8000 h", level="high", electricity="", connection="", company="", claims=""
    )
    plant = parse_plant(text, "works.toml", Path(), tables)
    comparison = compare(tables, plant, date(2025, 1, 1), date(2025, 12, 31), "XX", ["YY"])
    (gap,) = comparison.gaps
    # The neighbour pays the market alone: 4,000,000.
    assert gap.eur == pytest.approx(comparison.bill("XX").total - 4_000_000)
    assert gap.home_above == pytest.approx(gap.eur / 4_000_000)
    assert gap.other_below == pytest.approx(gap.eur / comparison.bill("XX").total)
    assert sum(gap.by_category().values()) == pytest.approx(gap.eur)
    assert sum(gap.by_charge().values()) == pytest.approx(gap.eur)
    assert gap.by_charge()["xx.commodity"] == pytest.approx(0)
