"""EU law against worked examples and hand calculations: emissions trading, compensation, market prices, NACE.

2019 to 2024 and 2027 are worked out without a bill where the law of the countries is not needed.
"""

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
CHARGES = ("eu.ets.emissions", "eu.ets.free_allocation")
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


Worked = Callable[[str, int, str], float]


@pytest.fixture
def worked(tables: Tables, make_plant: Callable[[str], Plant]) -> Worked:
    """worked(text, 2020, "eu.ets.allocation"): a named quantity or the amount of a charge in a calendar year."""

    def work(text: str, year: int, name: str) -> float:
        period = date(year, 1, 1), date(year, 12, 31)
        run = Run(Year(tables, make_plant(text), tables.jurisdictions["NL"], year, period), Inputs(frozenset()))
        return run.amount_of(name) if name in CHARGES else float(Env(run, None, 0).symbol(name))

    return work


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
        (
            2025,
            product("hydrogen", "16.4 kt", 'emissions = "0 t"\nelectricity = "900 GWh"'),
            0,
        ),  # X = 0: an electrolyser
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


@pytest.mark.parametrize("year", [2021, 2022, 2023, 2024])
def test_electric_arc_furnace_in_the_years_before(worked: Worked, tables: Tables, year: int) -> None:
    # As in 2025. 2024: (90,000 − 74,652.78) × 65.00 = 15,347.22 × 65.00 = 997,569.44 (published: 0.998 MEUR).
    stated = 'emissions = "90 kt"\nelectricity = "450 GWh"'
    plant = text('direct_emissions = "90 kt"\n' + product("eaf_carbon_steel", "1 Mt", stated))
    cost = {2021: 805_729.17, 2022: 1_232_688.89, 2023: 1_283_948.61, 2024: 997_569.44}
    assert worked(plant, year, "eu.ets.allocation") == pytest.approx(74_652.7778, abs=0.0001)
    assert sum(worked(plant, year, charge) for charge in CHARGES) == pytest.approx(cost[year], abs=0.005)


@pytest.mark.parametrize(
    ("year", "co2", "expected"),
    [  # to 2020 × the cross-sectoral factor, 84.178195 % in 2019 and 82.438204 % in 2020
        (2019, product("hot_metal", "1 Mt"), 1_117_886.43),  # 1.328 × 1 Mt = 1,328,000
        (2020, product("hot_metal", "1 Mt"), 1_094_779.35),
        (2020, product("ammonia", "500 kt"), 667_337.26),  # 1.619 × 500,000 = 809,500
        (2020, product("process_emissions", "100 kt"), 79_965.06),  # 97 % of 100,000
        (2019, "carbon_leakage = false\n" + product("heat", "1 PJ"), 19_477.34),  # 62,300 × 37.14 % = 23,138.22
        (2020, "carbon_leakage = false\n" + product("heat", "1 PJ"), 15_407.70),  # 62,300 × 30 % = 18,690
        # X = 90,000 ÷ (90,000 + 450,000 × 0.465) = 90,000 ÷ 299,250; 0.283 × 1 Mt × X = 85,112.78
        (2020, product("eaf_carbon_steel", "1 Mt", 'emissions = "90 kt"\nelectricity = "450 GWh"'), 70_165.45),
        (2021, product("hot_metal", "1 Mt"), 1_288_000),
        (2023, product("hot_metal", "1 Mt"), 1_288_000),  # the border adjustment became law in May and took nothing
        (2024, product("soda_ash", "100 kt"), 75_300),  # 0.753, before the amendment
        (2024, "carbon_leakage = false\n" + product("heat", "1 PJ"), 14_190),  # 47,300 × 30 %
        (2027, product("hot_metal", "1 Mt"), 1_185_600),  # 1.248 × 1 Mt × 95 %
        (2027, "carbon_leakage = false\n" + product("heat", "1 PJ"), 7_020),  # 31,200 × 22.5 %
    ],
)
def test_allocation_through_the_years(worked: Worked, year: int, co2: str, expected: float) -> None:
    assert worked(text(co2), year, "eu.ets.allocation") == pytest.approx(expected, abs=0.005)


ALLOWANCE = {2019: 24.86, 2020: 24.61, 2021: 52.50, 2022: 80.32, 2023: 83.66, 2024: 65.00, 2025: 73.86}


@pytest.mark.parametrize("year", ALLOWANCE)
def test_allowance_price_by_year(worked: Worked, year: int) -> None:
    plant = text('direct_emissions = "50 kt"')
    assert worked(plant, year, "eu.ets.emissions") == pytest.approx(50_000 * ALLOWANCE[year], abs=0.005)


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


def test_all_benchmarks_are_held_in_three_periods(tables: Tables) -> None:
    names = [rate.removeprefix(DIRECT + ".") for rate in tables.rate_ids if rate.startswith(DIRECT + ".")]
    assert len(names) == 55  # 52 products, heat, fuel, and process emissions
    for name in names:
        for day in ("2019-01-01", "2020-12-31", "2021-01-01", "2025-06-30", "2026-06-30"):
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


@pytest.mark.parametrize(
    ("product", "benchmark"),
    [  # ETS Guidelines of 2020, Annex II: MWh for each t of output in 2021
        ("alumina", 0.20),
        ("basic_oxygen_steel", 0.03385),
        ("chlorine", 1.846),
        ("coated_carton", 0.403),
        ("coated_woodfree", 0.538),
        ("copper_cathode", 0.309),
        ("ferromanganese_hc", 2.20),
        ("ferromanganese_lc", 1.40),
        ("ferrosilicon", 8.54),
        ("newsprint", 0.801),
        ("primary_aluminium", 13.90),
        ("silicon_carbide", 6.20),
        ("silicon_metal", 11.87),
        ("testliner_fluting", 0.260),
        ("tissue", 0.925),
        ("uncoated_carton", 0.268),
        ("uncoated_woodfree", 0.645),
        ("zinc_electrolysis", 3.994),
    ],
)
def test_electricity_benchmarks(worked: Worked, product: str, benchmark: float) -> None:
    """100,000 t of each."""
    stated = text(f'[[co2.indirect]]\nproduct = "{product}"\noutput = "100 kt"\n')
    assert worked(stated, 2021, "eu.icc.benchmark_volume") == pytest.approx(100_000 * benchmark)


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
    ("factor", "expected"),
    [  # 100 GWh on the fall-back in cost year 2024: 75 % × factor × 89.29 × 77,412.41 MWh; NL, DE, BE, FR
        (0.45, 2_332_852.03),
        (0.72, 3_732_563.25),
        (0.36, 1_866_281.62),
        (0.51, 2_643_898.97),
    ],
)
def test_compensation_of_cost_year_2024(worked: Worked, tables: Tables, factor: float, expected: float) -> None:
    price = row_of(tables, "eu.icc.price", "2024-06-30").value
    assert price == 89.29
    volume = worked(text(FALLBACK), 2024, "eu.icc.fallback_volume")
    assert 0.75 * factor * price * volume == pytest.approx(expected, abs=0.005)


def test_compensation_of_cost_year_2022_as_published(worked: Worked, tables: Tables) -> None:
    # wm-energy.de: some 58,000 EUR for 2,500 MWh in Germany; 75 % × 0.72 × 54.06 × 0.79128 × 2,500 = 57,748.
    volume = worked(text(FALLBACK.replace("100 GWh", "2500 MWh")), 2022, "eu.icc.fallback_volume")
    price = row_of(tables, "eu.icc.price", "2022-06-30").value
    assert price == 54.06
    assert 0.75 * 0.72 * price * volume == pytest.approx(57_748, abs=1)


@pytest.mark.parametrize(
    ("year", "paid", "factor", "volume"),
    [  # what was paid to all, at 75 %: Germany 57.7 TWh of benchmarked consumption, France 25.7 TWh without the top-up
        (2024, 2_784e6, 0.72, 57.7e6),
        (2022, 531.38e6, 0.51, 25.7e6),
    ],
)
def test_totals_paid_imply_plausible_volumes(
    tables: Tables, year: int, paid: float, factor: float, volume: float
) -> None:
    price = row_of(tables, "eu.icc.price", f"{year}-06-30").value
    assert price
    assert paid / (0.75 * factor * price) == pytest.approx(volume, rel=0.002)


COMPENSATION_PRICE = {2019: 16.17, 2020: 25.20, 2021: 25.09, 2022: 54.06, 2023: 83.59, 2024: 89.29, 2025: 68.86}


@pytest.mark.parametrize("year", COMPENSATION_PRICE)
def test_compensation_price_by_cost_year(tables: Tables, year: int) -> None:
    for day in (f"{year}-01-01", f"{year}-12-31"):
        row = row_of(tables, "eu.icc.price", day)
        assert (row.value, row.low, row.high) == (COMPENSATION_PRICE[year], None, None)


def test_fallback_and_benchmarks_do_not_fall_before_2021(worked: Worked) -> None:
    # 80 % of 100 GWh; 100,000 t of aluminium × 14.256 MWh/t.
    aluminium = '[[co2.indirect]]\nproduct = "primary_aluminium"\noutput = "100 kt"\n'
    for year in (2019, 2020):
        assert worked(text(FALLBACK + aluminium), year, "eu.icc.fallback_volume") == pytest.approx(80_000, abs=1e-6)
        assert worked(text(FALLBACK + aluminium), year, "eu.icc.benchmark_volume") == pytest.approx(1_425_600, abs=1e-6)
    # 2021: 13.90 MWh/t.
    assert worked(text(aluminium), 2021, "eu.icc.benchmark_volume") == pytest.approx(1_390_000, abs=1e-6)


@pytest.mark.parametrize(
    ("year", "efficiency"),
    [
        (2019, 0.8),
        (2020, 0.8),
        (2021, 0.8),
        (2022, 0.7913),
        (2023, 0.7827),
        (2024, 0.7741),
        (2025, 0.7657),
        (2026, 0.7573),
    ],
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


def test_eligible_sectors_to_2020(tables: Tables) -> None:
    before, after = tables.list_of("eu.indirect_annex_1_2013"), tables.list_of("eu.indirect_annex_1")
    assert len(before) == 16  # 15 sectors; the steel sector has seamless pipes with it, a class of their own
    # The change of 2021 as industrie-klima.de told it: what came in (castings too), what fell out.
    assert after - before == {"19.20", "20.11", "23.14", "24.45", "24.51"}
    assert before - after == {"07.10", "08.91", "13.10", "20.14", "20.15", "20.60", "24.20"}
    assert tables.list_of("eu.indirect_annex_1_2013_part") == {"17.11", "20.16", "24.20"} < before


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


@pytest.mark.parametrize(
    ("year", "nl", "de_lu", "be", "fr"),
    [
        (2019, 41.20, 37.67, 39.35, 39.45),
        (2020, 32.24, 30.47, 31.9, 32.20),
        (2021, 102.96, 96.85, 104.1, 109.17),
        (2022, 241.92, 235.45, 244.53, 275.88),
        (2023, 95.82, 95.18, 97.27, 96.86),
        (2024, 77.29, 78.51, 70.32, 58),
        (2025, 86.81, 89.32, 82.57, 61.07),
    ],
)
def test_yearly_means(tables: Tables, year: int, nl: float, de_lu: float, be: float, fr: float) -> None:
    for zone, mean in {"nl": nl, "de_lu": de_lu, "be": be, "fr": fr}.items():
        row = row_of(tables, f"market.day_ahead.{zone}", f"{year}-06-30")
        assert row.value == mean
        assert row.evidence in ("official", "secondary")


def test_2027_stands_on_quotations_only(tables: Tables) -> None:
    for zone, value in (("nl", 78.4), ("fr", 56.10)):
        row = row_of(tables, f"market.day_ahead.{zone}", "2027-06-30")
        assert (row.value, row.evidence) == (value, "assumed")
        assert row.low is not None
        assert row.low < value < (row.high or 0)
    for zone in ("de_lu", "be"):
        assert tables.row(f"market.day_ahead.{zone}", "2027-06-30") is None


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
