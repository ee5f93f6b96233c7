"""What holds for every plant: sums, shares, ranges, and that a dearer rate never lowers a bill."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from levelfield._errors import MissingData
from levelfield.bill import Bill, make_bill
from levelfield.comparison import compare
from levelfield.plant import MISSING, Plant
from levelfield.switches import Switches
from levelfield.tables import Tables
from levelfield.year import Year

QUICK = settings(
    max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
YEARS = [2021, 2022, 2023, 2024, 2025, 2026]
SECTORS = ["20.13", "20.14", "24.10", "24.43", "17.12", "23.13", "10.41", "38.21", "19.20", "63.11", "01.11"]
CLAIMS = [
    "nl.indirect_compensation",
    "nl.vcr",
    "de.spitzenausgleich",
    "de.price_brake",
    "de.bandlast",
    "de.besar",
    "de.indirect_compensation",
    "de.industrial_power_price",
    "be.vlg.supercap",
    "be.wal.accord_de_branche",
    "be.wal.carbon_community",
    "be.indirect_compensation",
    "fr.turpe_reduction",
    "fr.accise",
    "fr.indirect_compensation",
]


@st.composite
def plants(draw: st.DrawFn) -> Plant:
    offtake = draw(st.floats(5_000, 3_000_000))
    hours = draw(st.sampled_from([500.0, 600.0, 2_499.0, 3_000.0, 6_999.0, 7_000.0, 7_500.0, 8_000.0, 8_760.0]))
    peak = offtake * 1000 / hours
    figure = st.one_of(st.just(MISSING), st.floats(1e5, 1e9))
    share = draw(st.sampled_from([0.0, 0.3, 0.95, 1.0]))
    emissions = draw(st.sampled_from([0.0, 50_000.0, 2e6]))
    return Plant(
        name="generated",
        sector=draw(st.sampled_from(SECTORS)),
        cluster="",
        offtake=offtake,
        yearly_peak=peak,
        contracted_power=peak * draw(st.sampled_from([1.0, 1.2])),
        exempt_process_share=share,
        prices={},
        load_curve=None,
        level=draw(st.sampled_from(["extra_high", "high"])),
        connections={},
        gross_value_added=draw(figure),
        turnover=draw(figure),
        payroll=MISSING,
        eu_ets=draw(st.booleans()),
        carbon_leakage=draw(st.booleans()),
        direct_emissions=emissions,
        free_allocation=draw(st.sampled_from([None, emissions / 2, emissions * 2])),
        products={},
        indirect=draw(st.sampled_from([{}, {"fallback": {"consumption": offtake * 0.9, "output": 0.0}}])),
        claims=draw(st.dictionaries(st.sampled_from(CLAIMS), st.booleans())),
        rates={},
    )


def bills(tables: Tables, plant: Plant, year: int, **switches: Any) -> list[Bill]:
    made = []
    for place in tables.jurisdictions:
        try:
            made.append(make_bill(tables, plant, place, date(year, 1, 1), date(year, 12, 31), Switches(**switches)))
        except MissingData:
            continue
    return made


@QUICK
@given(plant=plants(), year=st.sampled_from(YEARS), reliefs=st.sampled_from(["stated", "all", "none"]))
def test_sums_shares_and_ranges_hold(tables: Tables, plant: Plant, year: int, reliefs: str) -> None:
    comparison = compare(tables, plant, date(year, 1, 1), date(year, 12, 31), switches=Switches(reliefs))
    for bill in comparison.bills:
        assert sum(line.amount for line in bill.lines) == pytest.approx(bill.total, abs=0.005)
        assert bill.electricity + bill.co2 == pytest.approx(bill.total, abs=0.005)
        assert sum(bill.evidence_share().values()) == pytest.approx(1)
        assert bill.low <= bill.total <= bill.high
        for line in bill.lines:
            assert sum(part.amount for part in line.parts) == pytest.approx(line.amount, abs=0.005)
            if line.quantity is not None and line.rate is not None:
                assert line.quantity * line.rate == pytest.approx(line.amount, rel=1e-9, abs=0.005)
    for gap in comparison.gaps:
        assert sum(gap.by_category().values()) == pytest.approx(gap.eur, abs=0.005)
        assert sum(gap.by_charge().values()) == pytest.approx(gap.eur, abs=0.005)


@QUICK
@given(plant=plants(), year=st.sampled_from(YEARS))
def test_reliefs_never_cost(tables: Tables, plant: Plant, year: int) -> None:
    amounts = {
        reliefs: {b.jurisdiction.id: b.total for b in bills(tables, plant, year, reliefs=reliefs)}
        for reliefs in ("all", "none")
    }
    for place in amounts["all"].keys() & amounts["none"].keys():
        assert amounts["all"][place] <= amounts["none"][place] + 0.01


@QUICK
@given(plant=plants(), year=st.sampled_from(YEARS), cut=st.integers(2, 11))
def test_two_parts_of_a_year_are_the_year(tables: Tables, plant: Plant, year: int, cut: int) -> None:
    for whole in bills(tables, plant, year):
        place = whole.jurisdiction.id
        before = make_bill(tables, plant, place, date(year, 1, 1), date(year, cut, 14))
        after = make_bill(tables, plant, place, date(year, cut, 15), date(year, 12, 31))
        assert before.total + after.total == pytest.approx(whole.total, rel=1e-9, abs=0.01)


def raising_rates(tables: Tables, plant: Plant, place: str, year: int) -> list[tuple[str, str]]:
    """The rates of charges that say monotone = "raises", with their charge."""
    law = Year(tables, plant, tables.jurisdictions[place], year, (date(year, 1, 1), date(year, 12, 31)))
    return [
        (c.id, rate)
        for c in law.charges
        if c.monotone
        for line in c.lines
        if line.rate is not None
        for rate in sorted(law.words.reach(c.needs).rates)
        if tables.unit(rate).startswith("EUR")
    ]


@QUICK
@given(plant=plants(), year=st.sampled_from(YEARS), pick=st.integers(0, 10_000), factor=st.sampled_from([1.05, 3.0]))
def test_a_higher_rate_of_a_monotone_charge_never_lowers_the_bill(
    tables: Tables, plant: Plant, year: int, pick: int, factor: float
) -> None:
    for bill in bills(tables, plant, year):
        place = bill.jurisdiction.id
        rates = raising_rates(tables, plant, place, year)
        charge, rate = rates[pick % len(rates)]
        row = tables.row(rate, f"{year}-12-31")
        if row is None or row.value is None:
            continue
        first = make_bill(tables, plant, place, *_year(year), Switches(settings={rate: row.value}))
        dearer = make_bill(tables, plant, place, *_year(year), Switches(settings={rate: row.value * factor}))
        assert dearer.total >= first.total - 0.01, (charge, rate)


def _year(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def test_a_flat_load_curve_gives_the_bill_of_the_plant_without_one(
    tables: Tables, make_plant: Callable[[str], Plant], tmp_path: Any
) -> None:
    from levelfield.load import read_load_curve
    from tests.test_load import curve_file

    stated = make_plant('[electricity]\nofftake = "8760 MWh"\nyearly_peak = "1 MW"\n[connection]\nlevel = "high"')
    curve = read_load_curve(curve_file(tmp_path / "load.csv", local=True, minutes=15))
    for place in tables.jurisdictions:
        flat = make_bill(tables, stated, place, *_year(2025))
        shaped = make_bill(tables, stated._replace(load_curve=curve), place, *_year(2025))
        assert {line.charge: round(line.amount, 2) for line in shaped.lines} == {
            line.charge: round(line.amount, 2) for line in flat.lines
        }
