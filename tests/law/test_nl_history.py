"""The Dutch law before 2025: what has ended since, and what counted otherwise. The tax bands are in test_nl.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from levelfield._errors import MissingData
from levelfield.bill import make_bill
from levelfield.load import LoadCurve
from levelfield.plant import Plant
from levelfield.switches import Switches
from levelfield.tables import Tables
from tests.conftest import MakeBill
from tests.law.test_nl import CLAIM, HIGH, INDIRECT, cents, emitter, plant


def at(*inputs: str) -> str:
    """What [connection] says of the Netherlands."""
    return ", ".join(text for text in inputs if text)


# Energy tax -----------------------------------------------------------------------------------------------------------

REFUND = '[claims]\n"nl.energy_tax_refund" = {}\n'


@pytest.mark.parametrize(
    ("offtake", "year", "claim", "nl", "expected"),
    [
        # The tax of 2020 above 10 GWh, 0.55 EUR/MWh, as long as the first 10 GWh (137,633.70) exceed 0.50 EUR/MWh.
        ("100 GWh", 2020, "true", "", -49_500.00),
        ("10 GWh", 2020, "true", "", 0),
        ("11 GWh", 2020, "true", "", -550.00),
        # From 275,267 MWh on the EU minimum is what remains: 682,133.70 − 500,000.
        ("1000 GWh", 2020, "true", "", -182_133.70),
        ("1000 GWh", 2020, "true", 'use = "non_business"', 0),
        ("100 GWh", 2020, "false", "", 0),
        ("100 GWh", 2019, "true", "", -52_200.00),
        ("100 GWh", 2021, "true", "", 0),
    ],
)
def test_refund_of_article_66(bill_of: MakeBill, offtake: str, year: int, claim: str, nl: str, expected: float) -> None:
    bill = bill_of(plant(offtake, rest=REFUND.format(claim), nl=at(HIGH, nl)), "NL", year)
    assert bill.charge("nl.energy_tax_refund") == cents(expected)


# Volume correction, and the rise of the grid bill --------------------------------------------------------------------

VCR = '[claims]\n"nl.vcr" = true\n'
ROUND = {"nl.grid.tennet.hs.contracted": 10.0, "nl.grid.tennet.hs.monthly_peak": 1.0}


def continuous(offtake: str, hours: str, nl: str = "", claims: str = VCR) -> str:
    return plant(offtake, nl=nl if "level" in nl else at(HIGH, nl), rest=claims).replace("8000 h", hours)


@pytest.mark.parametrize(
    ("offtake", "hours", "expected"),
    [
        # min(90, (b − 65) ÷ 20 × (V − 50) ÷ 200 × 100) %, where b = hours ÷ 8,760 for a flat load, at most 85 %.
        ("250 GWh", "7446 h", 0.90),  # b = 85, V = 250: 100, at most 90
        ("200 GWh", "7446 h", 0.75),
        ("250 GWh", "5685.24 h", 0),  # b = 64.9
        ("250 GWh", "5702.76 h", 0.005),  # b = 65.1
        ("49.9 GWh", "7446 h", 0),
        ("51 GWh", "7446 h", 0.005),
        ("230 GWh", "7446 h", 0.90),
        ("229 GWh", "7446 h", 0.895),
        ("900 GWh", "8760 h", 0.90),  # more than 85 % or 250 GWh does not count
        ("50.2 GWh", "8760 h", 0.001),
        ("250 GWh", "5781.6 h", 0.05),  # b = 66
        ("150 GWh", "6570 h", 0.25),  # b = 75: a half of a half
    ],
)
def test_volume_correction(bill_of: MakeBill, offtake: str, hours: str, expected: float) -> None:
    bill = bill_of(continuous(offtake, hours), "NL", 2023, settings=ROUND)
    corrected = bill.charge("nl.grid.contracted") + bill.charge("nl.grid.peaks")
    assert -bill.charge("nl.grid.volume_correction") == pytest.approx(expected * corrected, abs=0.005)
    assert bill.charge("nl.grid.fixed") == 2_760


@pytest.mark.parametrize(
    ("year", "nl", "claims", "expected"),
    [
        # 100 GWh at 8,000 h are 12,500 kW: 125,000 of contracted power, 150,000 of peaks; a quarter of both, of one.
        (2023, "", VCR, -68_750),
        (2023, 'vcr_on = "peaks"', VCR, -37_500),
        (2019, 'connection_fee = "90000 EUR/a"', VCR, -68_750),
        (2023, "", '[claims]\n"nl.vcr" = false\n', 0),
        (2024, "", VCR, 0),  # ended with 2023
    ],
)
def test_volume_correction_in_euro(bill_of: MakeBill, year: int, nl: str, claims: str, expected: float) -> None:
    bill = bill_of(continuous("100 GWh", "8000 h", nl, claims), "NL", year, settings=ROUND)
    assert bill.charge("nl.grid.volume_correction") == cents(expected)


def test_an_unstated_volume_correction_counts_in_low(bill_of: MakeBill) -> None:
    bill = bill_of(continuous("100 GWh", "8000 h", claims=""), "NL", 2023, settings=ROUND)
    assert bill.charge("nl.grid.volume_correction") == 0
    assert bill.low - bill.total == cents(-68_750)


def test_operating_time_is_that_of_the_off_peak_hours(tables: Tables, make_plant: Callable[[str], Plant]) -> None:
    # 20 MW from 23 to 07, 10 MW in the other hours: 116.8 GWh and 66.7 % of the year, but 100 % of the off-peak hours.
    load = tuple(20_000.0 if hour in (23, 0, 1, 2, 3, 4, 5, 6) else 10_000.0 for _ in range(365) for hour in range(24))
    shaped = make_plant(continuous("116.8 GWh", "5840 h"))._replace(load_curve=LoadCurve(2022, 1, load, load, "here"))
    period = date(2022, 1, 1), date(2022, 12, 31)
    for used, expected in ((shaped, 0.334), (shaped._replace(load_curve=None), 1 / 12 * 0.334)):
        bill = make_bill(tables, used, "NL", *period, Switches(settings=ROUND))
        # 20,000 × 10 + 240,000 × 1, and (116.8 − 50) ÷ 200 = 0.334; flat, b is 66.67 %: a twelfth of it.
        assert bill.charge("nl.grid.volume_correction") == cents(-440_000 * expected)


@pytest.mark.parametrize(
    ("level", "start", "end", "nl", "plain", "corrected"),
    [
        # The tariffs rose 4.55-fold (EHS) and 3.14-fold (HS) from 2021 to 2024, for who lost 90 % ten times as much.
        ("extra_high", 2021, 2024, "", 4.55, 45.5),
        ("high", 2021, 2024, "", 3.14, 31.4),
        ("extra_high", 2023, 2024, "", 2.27, 22.7),
        ("high", 2023, 2024, "", 1.81, 18.1),
        # Had it spared the peaks only: 111.96 ÷ (11.07 + 1.356) and 147.18 ÷ (21.29 + 2.556).
        ("extra_high", 2021, 2024, 'vcr_on = "peaks"', 4.55, 9.01),
        ("high", 2021, 2024, 'vcr_on = "peaks"', 3.14, 6.17),
        # A consultant's "three times in two years" lies between 111.96 ÷ 26.83 and 147.18 ÷ 53.88.
        ("extra_high", 2022, 2024, "", 4.17, 41.7),
        ("high", 2022, 2024, "", 2.73, 27.3),
        # Before: 1.55 × 1.11 (EHS) and 1.37 × 1.06 (HS).
        ("extra_high", 2019, 2021, "", 1.72, 0),
        ("high", 2019, 2021, "", 1.45, 0),
    ],
)
def test_grid_costs_multiplied(
    bill_of: MakeBill, level: str, start: int, end: int, nl: str, plain: float, corrected: float
) -> None:
    connection = at(f'level = "{level}"', nl)
    before = bill_of(continuous("800 GWh", "8000 h", connection), "NL", start)
    after = bill_of(continuous("800 GWh", "8000 h", connection), "NL", end)
    tariff = before.charge("nl.grid.contracted") + before.charge("nl.grid.peaks")
    later = after.charge("nl.grid.contracted") + after.charge("nl.grid.peaks")
    assert later / tariff == pytest.approx(plain, abs=0.006)
    if corrected:
        paid = tariff + before.charge("nl.grid.volume_correction")
        assert later / paid == pytest.approx(corrected, rel=0.002)


@pytest.mark.parametrize(
    ("operator", "year"), [("stedin", 2024), ("liander", 2023), ("enexis", 2024), ("tennet", 2027)]
)
def test_a_year_without_a_tariff_is_refused(bill_of: MakeBill, operator: str, year: int) -> None:
    level = "ehs" if operator == "tennet" else "ts"
    with pytest.raises(MissingData, match=f"nl.grid.{operator}.{level}.contracted|hold nothing for 2027"):
        bill_of(plant("100 GWh", nl=f'operator = "{operator}", grid_level = "{level}"'), "NL", year)


# Compensation of indirect costs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "sector", "consumption", "expected"),
    [
        # The same example with the tables: 0.75 × 0.45 × 25.09 × 0.80 × 199,000.
        (2021, "20.13", "200 GWh", -1_348_085.70),
        (2021, "20.15", "200 GWh", 0),
        # No round was opened in 2023 for the costs of 2022.
        (2022, "20.13", "200 GWh", 0),
        # 0.75 × 0.45 × 83.59 × 0.782655048 × 199,000 and 89.29 × 0.7741241079768.
        (2023, "20.13", "200 GWh", -4_393_914.17),
        (2024, "20.13", "200 GWh", -4_642_375.54),
        # 0.75 × 0.76 × 16.17 × 0.80 × 199,000; the first 1,000 MWh get nothing, one more 7.37352.
        (2019, "20.13", "200 GWh", -1_467_330.48),
        (2019, "20.13", "1000 MWh", 0),
        (2019, "20.13", "1001 MWh", -7.37),
        # The sectors of the first period: fertilisers among them, man-made glass fibres not.
        (2020, "20.15", "200 GWh", -2_286_748.80),  # 0.75 × 0.76 × 25.20 × 0.80 × 199,000
        (2020, "23.14", "200 GWh", 0),
    ],
)
def test_indirect_compensation_by_cost_year(
    bill_of: MakeBill, year: int, sector: str, consumption: str, expected: float
) -> None:
    text = plant("300 GWh", nl=HIGH, rest=INDIRECT.format(consumption) + CLAIM.format("true"), sector=sector)
    assert bill_of(text, "NL", year).charge("nl.indirect_compensation") == cents(expected)


def test_no_round_for_2022_is_said(bill_of: MakeBill) -> None:
    bill = bill_of(plant("300 GWh", nl=HIGH, rest=INDIRECT.format("200 GWh") + CLAIM.format("true")), "NL", 2022)
    (relief,) = (relief for relief in bill.reliefs if relief.charge == "nl.indirect_compensation")
    assert relief.status == "missed"
    assert len(relief.missed) == 1


# CO2 levy -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        # The emissions authority for 2021: 30.48 − 26.73 = 3.75 EUR for each tonne without a right; for 2022: 41.75 −
        # 60.78, so nothing. Rights 420,000 × 1.2 = 504,000 and 420,000 × 1.143 = 480,060.
        (2020, 0),
        (2021, 360_000),  # 96,000 × 3.75
        (2022, 0),
        (2023, 0),
        (2024, 0),
    ],
)
def test_levy_of_an_ets_installation_through_the_years(bill_of: MakeBill, year: int, expected: float) -> None:
    bill = bill_of(plant("100 GWh", nl=HIGH, rest=emitter("600 kt")), "NL", year)
    assert bill.charge("nl.co2_levy") == cents(expected)
    assert bill.charge("nl.co2_minimum_price") == 0


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        # 100,000 t with 90,000 rights, outside the EU ETS: 10,000 × the full rate.
        (2020, 0),
        (2021, 304_800),
        (2022, 417_500),
        (2023, 559_400),
        (2024, 741_700),
    ],
)
def test_levy_of_a_waste_incinerator_through_the_years(bill_of: MakeBill, year: int, expected: float) -> None:
    nl = at(HIGH, 'dispensation_rights = "90 kt"')
    text = plant("100 GWh", rest=emitter("100 kt", "0 t", "false"), nl=nl, sector="38.21")
    assert bill_of(text, "NL", year).charge("nl.co2_levy") == cents(expected)


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        # 100,000 t and an allocation of 50,000: (100,000 − 50,000 × 1.2) × 30.48 and so on.
        (2021, 1_219_200.00),
        (2022, 1_788_987.50),  # 1.143 and 41.75
        (2023, 2_201_239.00),  # 1.213 and 55.94
        (2024, 3_207_852.50),  # 1.135 and 74.17
    ],
)
def test_rights_of_a_waste_incinerator(bill_of: MakeBill, year: int, expected: float) -> None:
    text = plant("100 GWh", rest=emitter("100 kt", "50 kt", "false"), nl=at(HIGH), sector="38.21")
    assert bill_of(text, "NL", year).charge("nl.co2_levy") == cents(expected)


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        # 100 kt of ammonia on the benchmark of 2013-2020: 300,000 − 161,900 × 1.2, × 3.75; × 1.143 and (41.75 − 40).
        (2021, 396_450.00),
        (2022, 201_159.52),
        # On that of 2021-2025: (300,000 − 157,000 × 1.213) × (55.94 − 50); × 1.135 and (74.17 − 50).
        (2023, 650_780.46),
        (2024, 2_944_026.85),
    ],
)
def test_old_benchmarks_to_2022(bill_of: MakeBill, year: int, expected: float) -> None:
    co2 = '[co2]\neu_ets = true\ndirect_emissions = "300 kt"\n[[co2.product]]\nname = "ammonia"\noutput = "100 kt"\n'
    price = {2021: 26.73, 2022: 40.0, 2023: 50.0, 2024: 50.0}[year]
    bill = bill_of(plant("100 GWh", nl=HIGH, rest=co2), "NL", year, settings={"nl.co2_levy.ets_reference_price": price})
    assert bill.charge("nl.co2_levy") == cents(expected)


def test_the_rates_follow_the_recurrence_of_the_law(tables: Tables) -> None:
    # rate = (rate of the year before + its step) × indexation, step = step × indexation, each rounded to a cent.
    rate, step = 30.48, 10.73
    for year, index in ((2022, 1.013), (2023, 1.063), (2024, 1.099), (2025, 1.012), (2026, 1.029)):
        rate, step = round((rate + step) * index, 2), round(step * index, 2)
        found = [tables.row(f"nl.co2_levy.{name}", f"{year}-01-01") for name in ("rate", "waste_rate")]
        values = [row.value for row in found if row is not None]
        assert values == ([rate, rate] if year < 2026 else [78.67, rate])


@pytest.mark.parametrize(("year", "expected"), [(2022, 0), (2023, 3_200_000), (2024, 3_813_600)])
def test_minimum_price_of_industry_since_2023(bill_of: MakeBill, year: int, expected: float) -> None:
    # min(500,000, 420,000 × 1.213) × (16.40 − 10); min(500,000, 420,000 × 1.135 = 476,700) × (18.00 − 10).
    settings = {"nl.co2_levy.ets_reference_price": 10.0}
    bill = bill_of(plant("100 GWh", nl=HIGH, rest=emitter("500 kt")), "NL", year, settings=settings)
    assert bill.charge("nl.co2_minimum_price") == cents(expected)
