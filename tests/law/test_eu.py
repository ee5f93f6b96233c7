"""EU law against worked examples and hand calculations: emissions trading, compensation, market prices, NACE."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from levelfield.bill import Bill
from levelfield.plant import DIRECT, INDIRECT, Plant
from levelfield.run import Env, Inputs, Run
from levelfield.tables import Row, Tables
from levelfield.year import Year
from tests.conftest import MakeBill

ROOT = Path(__file__).parents[2]
HEAD = """
[electricity]
offtake = "100 GWh"
full_load_hours = "8000 h"
[connection]
level = "extra_high"
[co2]
eu_ets = {eu_ets}
"""


def text(co2: str, eu_ets: bool = True) -> str:
    return HEAD.format(eu_ets=str(eu_ets).lower()) + co2


def product(name: str, output: str, more: str = "") -> str:
    return f'[[co2.product]]\nname = "{name}"\noutput = "{output}"\n{more}\n'


def quantity(bill: Bill, name: str) -> float:
    """The value of a named quantity in the last stretch of the year."""
    run = bill.runs[-1]
    return float(Env(run, None, len(run.year.segments) - 1).symbol(name))


def row_of(tables: Tables, rate: str, day: str) -> Row:
    row = tables.row(rate, day)
    assert row, f"{rate} on {day}"
    return row


# Emissions trading ----------------------------------------------------------------------------------------------------


def test_ammonia_pays_for_what_the_benchmark_leaves(bill_of: MakeBill) -> None:
    # 2026: 1.522 × 500,000 t × 97.5 % = 741,975 t; 950,000 − 741,975 = 208,025 t at 75.32 = 15.67 MEUR.
    plant = text('direct_emissions = "950 kt"\n' + product("ammonia", "500 kt"))
    bill = bill_of(plant, "NL", 2026, settings={"eu.ets.price": 75.32})
    assert bill.charge("eu.ets.emissions") == pytest.approx(71_554_000.00, abs=0.005)
    assert bill.charge("eu.ets.free_allocation") == pytest.approx(-55_885_557.00, abs=0.005)
    assert bill.charge("eu.ets") == pytest.approx(15_668_443.00, abs=0.005)


def test_electric_arc_furnace_shares_its_benchmark_with_electricity_until_2025(bill_of: MakeBill) -> None:
    # 2025: X = 90,000 ÷ (90,000 + 450,000 × 0.376) = 90,000 ÷ 259,200 = 0.347222; 0.215 × 1 Mt × X = 74,652.78 t.
    # (90,000 − 74,652.78) × 73.86 = 15,347.22 × 73.86 = 1,133,545.83.
    stated = 'emissions = "90 kt"\nelectricity = "450 GWh"'
    plant = text('direct_emissions = "90 kt"\n' + product("eaf_carbon_steel", "1 Mt", stated))
    bill = bill_of(plant, "NL", 2025)
    assert quantity(bill, "eu.ets.allocation") == pytest.approx(74_652.7778, abs=0.0001)
    assert bill.charge("eu.ets") == pytest.approx(1_133_545.83, abs=0.005)
    # The Dutch levy starts from the benchmark alone.
    assert quantity(bill, "eu.ets.benchmark_allocation") == pytest.approx(215_000, abs=1e-6)
    # 2026: no exchangeability, the CBAM factor: 0.142 × 1 Mt × 97.5 % = 138,450 t.
    assert quantity(bill_of(plant, "NL", 2026), "eu.ets.allocation") == pytest.approx(138_450, abs=1e-6)


@pytest.mark.parametrize(
    ("year", "co2", "expected"),
    [
        (2025, product("ammonia", "500 kt"), 785_000),  # 1.570 × 500,000; CBAM factor 100 %; X = 1, nothing stated
        (2025, product("ammonia", "500 kt", 'emissions = "800 kt"'), 785_000),  # X needs the electricity too
        (2025, product("hot_metal", "1 Mt"), 1_288_000),  # before the border adjustment
        (2026, product("hot_metal", "1 Mt"), 1_216_800),  # 1.248 × 1 Mt × 97.5 %
        (2026, product("lime", "100 kt"), 69_300),  # 0.693; lime is no CBAM good
        (2026, product("coke", "100 kt"), 14_300),  # 0.143; nor is coke
        (2026, product("refinery_products", "10000 kCWT"), 232_000),  # 0.0232 a CWT
        (2026, product("heat", "1 PJ"), 31_200),  # 31.2 a TJ
        (2025, product("heat", "1 PJ") + product("fuel", "1 PJ"), 89_900),  # 47,300 + 42,600
        (2025, product("process_emissions", "100 kt"), 97_000),  # 97 % of what there was
    ],
)
def test_allocation_from_benchmarks(bill_of: MakeBill, year: int, co2: str, expected: float) -> None:
    assert quantity(bill_of(text(co2), "NL", year), "eu.ets.allocation") == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("year", "expected"), [(2025, 14_190.0), (2026, 9_360.0)])  # 30 % of 47,300 and of 31,200
def test_off_the_carbon_leakage_list_thirty_percent(bill_of: MakeBill, year: int, expected: float) -> None:
    bill = bill_of(text("carbon_leakage = false\n" + product("heat", "1 PJ")), "NL", year)
    assert quantity(bill, "eu.ets.allocation") == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("emissions", "expected"),
    [
        ("50 kt", 2_215_800.00),  # (50,000 − 20,000) × 73.86
        ("20 kt", 0.00),
        ("10 kt", -738_600.00),  # 10,000 left over
    ],
)
def test_stated_allocation_wins(bill_of: MakeBill, emissions: str, expected: float) -> None:
    plant = text(f'direct_emissions = "{emissions}"\nfree_allocation = "20 kt"\n' + product("ammonia", "500 kt"))
    assert bill_of(plant, "NL", 2025).charge("eu.ets") == pytest.approx(expected, abs=0.005)


def test_outside_the_ets_nothing(bill_of: MakeBill) -> None:
    bill = bill_of(text('direct_emissions = "5 kt"', eu_ets=False), "NL", 2025)
    assert not [line for line in bill.lines if line.charge.startswith("eu.ets")]


def test_the_same_in_every_country(tables: Tables, make_plant: Callable[[str], Plant]) -> None:
    plant = make_plant(text('direct_emissions = "50 kt"\nfree_allocation = "20 kt"'))
    period = date(2025, 1, 1), date(2025, 12, 31)
    for place in tables.jurisdictions.values():
        run = Run(Year(tables, plant, place, 2025, period), Inputs(frozenset()))
        total = run.amount_of("eu.ets.emissions") + run.amount_of("eu.ets.free_allocation")
        assert total == pytest.approx(2_215_800.00, abs=0.005), place.id


def test_allowance_price_of_2026_is_a_range(bill_of: MakeBill, tables: Tables) -> None:
    # 50 kt without allocation: 77.70 a tonne, from the second quarter (75.28) to the spot price of 7 September (84.98).
    bill = bill_of(text('direct_emissions = "50 kt"'), "NL", 2026)
    assert bill.charge("eu.ets") == pytest.approx(3_885_000.00, abs=0.005)
    row = row_of(tables, "eu.ets.price", "2026-07-01")
    assert (row.evidence, row.low, row.high) == ("assumed", 75.28, 84.98)


@pytest.mark.parametrize(
    ("year", "left"),
    [(2025, 1), (2026, 0.975), (2027, 0.95), (2028, 0.9), (2029, 0.775), (2030, 0.515), (2031, 0.39), (2034, 0)],
)
def test_border_adjustment_takes_the_allocation(tables: Tables, year: int, left: float) -> None:
    assert row_of(tables, "eu.ets.cbam_factor", f"{year}-06-30").value == left


def test_all_benchmarks_are_held_in_both_periods(tables: Tables) -> None:
    names = [rate.removeprefix(DIRECT + ".") for rate in tables.rate_ids if rate.startswith(DIRECT + ".")]
    assert len(names) == 55  # 52 products, heat, fuel, and process emissions
    for name in names:
        for day in ("2025-06-30", "2026-06-30"):
            row = row_of(tables, f"{DIRECT}.{name}", day)
            assert row.value or (name, day) == ("soda_ash", "2025-06-30"), (name, day)  # a hole, with bounds
    assert tables.list_of("eu.ets.cbam_goods") < set(names)
    assert tables.list_of("eu.ets.exchangeable") < set(names)


# Indirect-cost compensation -------------------------------------------------------------------------------------------

FALLBACK = '[[co2.indirect]]\nproduct = "fallback"\nconsumption = "100 GWh"\n'
CHLORINE = '[[co2.indirect]]\nproduct = "chlorine"\noutput = "200 kt"\n'


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (2025, 76_568.6155),  # 100,000 × 0.80 × 0.9891⁴ = 100,000 × 0.765686
        (2026, 75_734.0176),  # 100,000 × 0.80 × 0.9891⁵ = 100,000 × 0.757340
    ],
)
def test_fallback_volume(bill_of: MakeBill, year: int, expected: float) -> None:
    bill = bill_of(text(FALLBACK), "NL", year)
    assert quantity(bill, "eu.icc.fallback_volume") == pytest.approx(expected, abs=0.0001)
    assert quantity(bill, "eu.icc.benchmark_volume") == 0
    # No assumed benchmark touches a plant that is wholly on the fall-back.
    env = Env(bill.runs[-1], None, 0)
    assert env.symbol("eu.icc.benchmark_volume") == 0
    assert not env.rows


def test_benchmark_volume_is_kept_apart_from_the_fallback(bill_of: MakeBill) -> None:
    # 200,000 t × 1.846 MWh/t × 0.9891⁴ (0.957108) = 369,200 × 0.957108 = 353,364.16 MWh.
    bill = bill_of(text(FALLBACK + CHLORINE), "NL", 2025)
    assert quantity(bill, "eu.icc.benchmark_volume") == pytest.approx(353_364.16, abs=0.005)
    assert quantity(bill, "eu.icc.fallback_volume") == pytest.approx(76_568.6155, abs=0.0001)


@pytest.mark.parametrize(
    ("intensity", "factor", "expected"),
    [  # EUR/MWh of consumption on the fall-back in cost year 2025: NL, DE, BE, FR at 80 and at 75 %
        (0.80, 0.45, 18.98),
        (0.80, 0.72, 30.37),
        (0.80, 0.36, 15.18),
        (0.80, 0.51, 21.51),
        (0.75, 0.45, 17.79),
        (0.75, 0.72, 28.47),
        (0.75, 0.36, 14.24),
        (0.75, 0.51, 20.17),
    ],
)
def test_compensation_of_cost_year_2025(
    bill_of: MakeBill, tables: Tables, intensity: float, factor: float, expected: float
) -> None:
    price = row_of(tables, "eu.icc.price", "2025-06-30").value
    volume = quantity(bill_of(text(FALLBACK), "NL", 2025), "eu.icc.fallback_volume")
    assert price == 68.86
    assert intensity * factor * price * volume / 100_000 == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize(
    ("year", "efficiency"),
    [(2021, 0.8), (2022, 0.7913), (2023, 0.7827), (2024, 0.7741), (2025, 0.7657), (2026, 0.7573)],
)
def test_fallback_efficiency_compounds(tables: Tables, year: int, efficiency: float) -> None:
    assert row_of(tables, "eu.icc.fallback_efficiency", f"{year}-01-01").value == pytest.approx(efficiency, abs=0.00005)


def test_eligible_sectors(tables: Tables) -> None:
    annex = tables.list_of("eu.indirect_annex_1")
    assert len(annex) == 14
    assert {"20.13", "24.42", "24.10", "17.12", "19.20"} < annex
    assert not annex & {"20.14", "20.15", "24.46", "24.52", "23.51"}  # dropped in 2021, or never in
    assert tables.list_of("eu.indirect_annex_1_part") < annex
    assert tables.list_of("eu.indirect_annex_1_table_2") == {"07.10", "20.14", "20.15", "23.31"}
    assert f"{INDIRECT}.fallback" in tables


# Market and classes ---------------------------------------------------------------------------------------------------

ZONES = {"NL": 86.81, "DE_LU": 89.32, "BE": 82.57, "FR": 61.07}


@pytest.mark.parametrize("zone", ZONES)
def test_mean_of_the_hours_is_the_rate(tables: Tables, zone: str) -> None:
    with open(ROOT / "tariffs" / "series" / "day_ahead_2025.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8760
    assert (rows[0]["utc"], rows[-1]["utc"]) == ("2024-12-31T23:00Z", "2025-12-31T22:00Z")
    assert round(sum(float(row[zone]) for row in rows) / 8760, 2) == ZONES[zone]
    assert row_of(tables, f"market.day_ahead.{zone.lower()}", "2025-06-30").value == ZONES[zone]


@pytest.mark.parametrize("zone", ZONES)
def test_price_of_2026_is_assumed_from_one_window(tables: Tables, zone: str) -> None:
    row = row_of(tables, f"market.day_ahead.{zone.lower()}", "2026-06-30")
    middle = {"NL": (92, 94, 105.8), "DE_LU": (92, 96, 105.8), "BE": (92, 94, 105.8), "FR": (49.6, 59, 68.8)}
    assert (row.low, row.value, row.high) == middle[zone]
    assert row.evidence == "assumed"


def test_nace_is_whole(tables: Tables) -> None:
    assert len(tables.nace) == 615
    assert tables.nace["20.13"] == "Manufacture of other inorganic basic chemicals"
    assert len({code[:2] for code in tables.nace}) == 88  # divisions
    for name, block in tables.lists.items():
        if block.get("kind", "nace") == "nace":
            for member in block["members"]:
                assert any(code.startswith(member) for code in tables.nace), (name, member)
