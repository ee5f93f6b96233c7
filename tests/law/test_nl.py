"""The Dutch law against worked examples, published figures and hand calculations."""

from __future__ import annotations

import pytest

from tests.conftest import MakeBill


def plant(offtake: str, peak: str = "", rest: str = "", nl: str = "", sector: str = "20.13") -> str:
    """The text of a plant file; `nl` is what [connection] says of the Netherlands."""
    size = f'yearly_peak = "{peak}"' if peak else 'full_load_hours = "8000 h"'
    connection = f"[connection]\nNL = {{ {nl} }}\n" if nl else ""
    return f'sector = "{sector}"\n[electricity]\nofftake = "{offtake}"\n{size}\n{connection}{rest}'


HIGH = 'level = "high"'  # TenneT: the only operator held in every year


def cents(amount: float) -> object:
    return pytest.approx(amount, abs=0.005)


# Commodity ------------------------------------------------------------------------------------------------------------


def test_own_price_goes_before_the_market(bill_of: MakeBill) -> None:
    market = {"market.day_ahead.nl": 86.81}
    own = plant("800 GWh", rest='[electricity.price]\nNL = "85 EUR/MWh"')
    # 800,000 × 86.81 and 800,000 × 85.
    assert bill_of(plant("800 GWh"), "NL", 2025, settings=market).charge("nl.commodity") == cents(69_448_000)
    assert bill_of(own, "NL", 2025, settings=market).charge("nl.commodity") == cents(68_000_000)


# Energy tax -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offtake", "year", "tax", "ode"),
    [
        # A supplier's offer of 20 November 2025: 294.47 + 720.93 + 2,774.80 + 3,868.00, one part for each band, of
        # which the first two are 2,900 and 7,100 kWh at 0.10154.
        ("150 MWh", 2025, 7_658.20, 0),
        # Each bound, and 1 MWh above it: 10 × 101.54; + 69.37; + 39 × 69.37; + 38.68; + 9,949 × 38.68; + 3.21.
        ("10 MWh", 2025, 1_015.40, 0),
        ("11 MWh", 2025, 1_084.77, 0),
        ("50 MWh", 2025, 3_790.20, 0),
        ("51 MWh", 2025, 3_828.88, 0),
        ("10 GWh", 2025, 388_656.20, 0),
        ("10.001 GWh", 2025, 388_659.41, 0),
        # 1,015.40 + 2,774.80 + 384,866.00 + 288,900.00.
        ("100 GWh", 2025, 677_556.20, 0),
        ("1000 GWh", 2025, 3_566_556.20, 0),
        # 916.10 + 2,668.40 + 371,632.50 + 279,000.00.
        ("10 GWh", 2026, 375_217.00, 0),
        ("100 GWh", 2026, 654_217.00, 0),
        ("1000 GWh", 2026, 3_444_217.00, 0),
        # 986.30 + 2,134.80 + 141,389.50 + 52,200 and 189 + 1,112 + 73,630 + 27,000.
        ("100 GWh", 2019, 196_710.60, 101_931.00),
        # 977.00 + 2,033.20 + 134,623.50 and 273 + 1,500 + 203,975: together 343,381.70; above 10 GWh 0.55 and 0.40.
        ("10 GWh", 2020, 137_633.70, 205_748.00),
        ("100 GWh", 2020, 187_133.70, 241_748.00),
        ("1000 GWh", 2020, 682_133.70, 601_748.00),  # 1,283,881.70
        # 942.80 + 2,065.60 + 136,812.50 and 300 + 1,644 + 223,875: together 365,639.90; above 10 GWh 0.56 and 0.40.
        ("10 GWh", 2021, 139_820.90, 225_819.00),
        ("100 GWh", 2021, 190_220.90, 261_819.00),
        ("1000 GWh", 2021, 694_220.90, 621_819.00),  # 1,316,039.90
        # The bounds of the surcharge, 1 MWh above: 300 + 41.10, 1,944 + 22.50, 225,819 + 0.40.
        ("11 MWh", 2021, 994.44, 341.10),
        ("51 MWh", 2021, 3_022.15, 1_966.50),
        ("10.001 GWh", 2021, 139_821.46, 225_819.40),
        # 367.90 + 1,744.40 + 118,305.50 + 51,300 and 305 + 1,672 + 227,855 + 45,000.
        ("100 GWh", 2022, 171_717.80, 274_832.00),
        # 1,259.90 + 4,018.40 + 392,229.00 = 397,507.30; + 90,000 × 1.15, + 990,000 × 1.15.
        ("10 GWh", 2023, 397_507.30, 0),
        ("100 GWh", 2023, 501_007.30, 0),
        ("1000 GWh", 2023, 1_536_007.30, 0),
        # 1,088.00 + 3,614.80 + 392,328.50 + 90,000 × 1.88.
        ("100 GWh", 2024, 566_231.30, 0),
    ],
)
def test_energy_tax_and_surcharge_by_bands(bill_of: MakeBill, offtake: str, year: int, tax: float, ode: float) -> None:
    bill = bill_of(plant(offtake, nl=HIGH), "NL", year)
    assert bill.charge("nl.energy_tax") == cents(tax)
    assert bill.charge("nl.ode") == cents(ode)


@pytest.mark.parametrize(("year", "expected"), [(2025, 7_133.25), (2024, 8_123.99), (2022, 2_619.67)])
def test_reduction_for_a_residence_function(bill_of: MakeBill, year: int, expected: float) -> None:
    # 7,658.20 − 524.95; 1,088.00 + 3,614.80 + 3,943.00 − 521.81; 367.90 + 1,744.40 + 1,189.00 − 681.63.
    text = plant("150 MWh", nl=f"{HIGH}, residence_function = true")
    assert bill_of(text, "NL", year).charge("nl.energy_tax") == cents(expected)


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        # 388,656.20 + 90,000 × 3.88; 375,217.00 + 90,000 × 3.79.
        (2025, 737_856.20),
        (2026, 716_317.00),
        # 144,510.60 + 90,000 × 1.17; 139,820.90 + 90,000 × 1.13.
        (2019, 249_810.60),
        (2021, 241_520.90),
    ],
)
def test_non_business_use_above_10_gwh(bill_of: MakeBill, year: int, expected: float) -> None:
    text = plant("100 GWh", nl=f'{HIGH}, use = "non_business"')
    assert bill_of(text, "NL", year).charge("nl.energy_tax") == cents(expected)


@pytest.mark.parametrize(
    ("sector", "reliefs", "expected"),
    [
        # 40 GWh are left of 800: 388,656.20 + 30,000 × 3.21. All of it: 388,656.20 + 790,000 × 3.21.
        ("20.13", "stated", 484_956.20),
        ("24.10", "stated", 484_956.20),
        ("20.13", "none", 2_924_556.20),
        ("23.11", "stated", 2_924_556.20),  # mineralogical processes: natural gas only
    ],
)
def test_exempt_processes_leave_the_base_first(bill_of: MakeBill, sector: str, reliefs: str, expected: float) -> None:
    text = plant("800 GWh", sector=sector).replace("[electricity]", "[electricity]\nexempt_process_share = 0.95")
    assert bill_of(text, "NL", 2025, reliefs=reliefs).charge("nl.energy_tax") == cents(expected)


def test_the_derived_rate_of_2026_has_a_range(bill_of: MakeBill) -> None:
    settings = {"market.day_ahead.nl": 94.0}
    bill = bill_of(plant("100 GWh", nl='operator = "stedin", grid_level = "ts"'), "NL", 2026, settings=settings)
    # 0.00379 in place of 0.00310 on 90 GWh.
    assert bill.high - bill.total == cents(62_100.00)


# Grid -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operator", "level", "year", "expected"),
    [
        # 20 MW in every month: contracted × 20,000 + monthly peak × 240,000 + 2,760.
        ("stedin", "ts", 2026, 1_747_668),  # 749,988 + 994,920 + 2,760
        ("stedin", "ts", 2025, 1_749_560),  # 750,800 + 996,000 + 2,760
        ("stedin", "hs_ms", 2026, 2_182_408),  # 909,016 + 1,270,632 + 2,760
        ("stedin", "hs_ms", 2025, 2_184_760),  # 910,000 + 1,272,000 + 2,760
        ("liander", "ts", 2026, 2_239_560),  # 943,200 + 1,293,600 + 2,760
        ("liander", "ts", 2025, 2_169_960),  # 912,000 + 1,255,200 + 2,760
        ("liander", "hs_ms", 2026, 2_457_960),  # 957,600 + 1,497,600 + 2,760
        ("liander", "hs_ms", 2025, 2_340_360),  # 912,000 + 1,425,600 + 2,760
        ("liander", "hs", 2025, 991_560),  # 441,600 + 547,200 + 2,760
        ("enexis", "ts", 2026, 1_490_360),  # 618,800 + 868,800 + 2,760
        ("enexis", "ts", 2025, 1_510_960),  # 627,400 + 880,800 + 2,760
        ("enexis", "hs_ms", 2026, 1_910_560),  # 837,400 + 1,070,400 + 2,760
        ("enexis", "hs_ms", 2025, 1_919_960),  # 842,000 + 1,075,200 + 2,760
        ("enexis", "ts", 2023, 925_960),  # 376,000 + 547,200 + 2,760
        ("enexis", "hs_ms", 2023, 1_169_760),  # 523,800 + 643,200 + 2,760
        ("liander", "ts", 2024, 1_965_960),  # 866,400 + 1,096,800 + 2,760
        ("liander", "hs_ms", 2024, 2_093_160),  # 876,000 + 1,214,400 + 2,760
        ("liander", "hs", 2024, 1_010_760),  # 448,800 + 559,200 + 2,760
        ("tennet", "ehs", 2025, 2_062_960),  # stand-in: 927,400 + 1,132,800 + 2,760
        ("tennet", "hs", 2026, 2_633_360),  # stand-in: 1,195,400 + 1,435,200 + 2,760
    ],
)
def test_grid_without_energy_rates(bill_of: MakeBill, operator: str, level: str, year: int, expected: float) -> None:
    text = plant("150 GWh", "20 MW", nl=f'operator = "{operator}", grid_level = "{level}"')
    assert bill_of(text, "NL", year).charge("nl.grid") == cents(expected)


def test_the_stand_in_for_tennet_has_a_range(bill_of: MakeBill) -> None:
    bill = bill_of(plant("150 GWh", "20 MW", nl='operator = "tennet", grid_level = "hs"'), "NL", 2025)
    # Low 47.02 × 20,000 + 4.70 × 240,000, middle 67.18 and 6.72, high 77.25 and 7.73.
    assert bill.charge("nl.grid") == cents(2_959_160)
    assert bill.low - bill.total == cents(-888_000)
    assert bill.high - bill.total == cents(443_800)
    assert {line.evidence for line in bill.lines if line.charge.startswith("nl.grid.c")} == {"assumed"}


@pytest.mark.parametrize(
    ("level", "contracted", "weekly"),
    [
        # Printed in Stedin's sheet of 2026, table 3, EUR/kW/month and EUR/kW/week.
        ("ts", 1.5625, 1.4350),
        ("hs_ms", 1.8938, 1.8326),
    ],
)
def test_tariff_of_600_hours_as_published(bill_of: MakeBill, level: str, contracted: float, weekly: float) -> None:
    nl = f'operator = "stedin", grid_level = "{level}"'
    bill = bill_of(plant("12 GWh", "20 MW", nl=nl), "NL", 2026)  # 600 h
    assert bill.charge("nl.grid.contracted") / 20_000 / 12 == pytest.approx(contracted, abs=0.00006)
    assert bill.charge("nl.grid.weekly_peaks") / 20_000 / 52 == pytest.approx(weekly, abs=0.00006)
    assert bill.charge("nl.grid.peaks") == 0
    above = bill_of(plant("12.02 GWh", "20 MW", nl=nl), "NL", 2026)  # 601 h
    assert above.charge("nl.grid.weekly_peaks") == 0
    assert above.charge("nl.grid.contracted") == pytest.approx(2 * bill.charge("nl.grid.contracted"))


def test_tariff_of_600_hours_in_full(bill_of: MakeBill) -> None:
    # 0.5 × 37.4994 × 20,000 + 18 × 4.1455 × 20,000 + 2,760 = 374,994 + 1,492,380 + 2,760.
    text = plant("12 GWh", "20 MW", nl='operator = "stedin", grid_level = "ts"')
    assert bill_of(text, "NL", 2026).charge("nl.grid") == cents(1_870_134)


@pytest.mark.parametrize(
    ("operator", "level", "peak", "offtake", "year", "expected"),
    [
        # 24.2737 × 1,500 + 3.0966 × 18,000 + 19.80 × 9,000 + 441.
        ("stedin", "ms", "1500 kW", "9 GWh", 2026, 270_790.35),
        # 1 kW more pays the transformer tariff: 45.4508 × 1,501 + 5.2943 × 18,012 + 2,760.
        ("stedin", "ms", "1501 kW", "9 GWh", 2026, 166_342.58),
        # The rule of 600 hours is not for MS: 24.2737 × 1,000 + 3.0966 × 12,000 + 19.80 × 500 + 441.
        ("stedin", "ms", "1000 kW", "500 MWh", 2026, 71_773.90),
        # 27.48 × 2,000 + 3.57 × 24,000 + 22.60 × 12,000 + 441, and 47.88 × 2,001 + 6.24 × 24,012 + 2,760.
        ("liander", "ms", "2000 kW", "12 GWh", 2026, 412_281.00),
        ("liander", "ms", "2001 kW", "12 GWh", 2026, 248_402.76),
        # 27.71 × 3,000 + 3.10 × 36,000 + 15.20 × 20,000 + 441.
        ("enexis", "ms_t", "3000 kW", "20 GWh", 2025, 499_171.00),
        # 42.10 × 3,000 + 4.48 × 36,000 + 2,760.
        ("enexis", "ms", "3000 kW", "20 GWh", 2025, 290_340.00),
        # 18.62 × 1,500 + 2.21 × 18,000 + 14.50 × 9,000 + 441, and 26.19 × 1,501 + 2.68 × 18,012 + 2,760.
        ("enexis", "ms", "1500 kW", "9 GWh", 2023, 198_651.00),
        ("enexis", "ms", "1501 kW", "9 GWh", 2023, 90_343.35),
        # 16.99 × 3,000 + 1.83 × 36,000 + 9 × 20,000 + 441.
        ("enexis", "ms_t", "3000 kW", "20 GWh", 2023, 297_291.00),
        # 26.76 × 2,000 + 3.20 × 24,000 + 19.50 × 12,000 + 441, and 43.80 × 2,001 + 5.06 × 24,012 + 2,760.
        ("liander", "ms", "2000 kW", "12 GWh", 2024, 364_761.00),
        ("liander", "ms", "2001 kW", "12 GWh", 2024, 211_904.52),
    ],
)
def test_medium_voltage(
    bill_of: MakeBill, operator: str, level: str, peak: str, offtake: str, year: int, expected: float
) -> None:
    text = plant(offtake, peak, nl=f'operator = "{operator}", grid_level = "{level}"')
    assert bill_of(text, "NL", year).charge("nl.grid") == cents(expected)


def test_normal_hours(bill_of: MakeBill) -> None:
    bill = bill_of(plant("8.76 GWh", "1500 kW"), "NL", 2025)
    quantity = {line.charge: line.quantity for line in bill.lines}
    # 2025 has 261 days from Monday to Friday, six of them holidays: 255 × 16 h at 1 MW.
    assert quantity["nl.grid.energy.normal"] == pytest.approx(4_080)
    assert quantity["nl.grid.energy.low"] == pytest.approx(8_760 - 4_080)
    assert any("the tariff of Stedin stands for it" in str(warning) for warning in bill.warnings)


@pytest.mark.parametrize(
    ("nl", "expected"),
    [
        # Stedin TS 2026 as above; without 749,988 of contracted power; with a fee.
        ("", 1_747_668),
        ('contract = "non_firm"', 997_680),
        ('connection_fee = "50000 EUR/a"', 1_797_668),
    ],
)
def test_contract_and_fee(bill_of: MakeBill, nl: str, expected: float) -> None:
    connection = ", ".join(part for part in ('operator = "stedin", grid_level = "ts"', nl) if part)
    assert bill_of(plant("150 GWh", "20 MW", nl=connection), "NL", 2026).charge("nl.grid") == cents(expected)


def test_a_peak_above_the_contract_raises_it(bill_of: MakeBill) -> None:
    text = plant("150 GWh", "20 MW", nl='operator = "stedin", grid_level = "ts"')
    low = text.replace("[electricity]", '[electricity]\ncontracted_power = "15 MW"')
    high = text.replace("[electricity]", '[electricity]\ncontracted_power = "22 MW"')
    assert bill_of(low, "NL", 2026).charge("nl.grid") == cents(1_747_668)
    # + 2,000 × 37.4994.
    assert bill_of(high, "NL", 2026).charge("nl.grid") == cents(1_822_666.80)


def test_time_bound_right_is_a_range(bill_of: MakeBill) -> None:
    bill = bill_of(plant("150 GWh", "20 MW", nl='level = "extra_high", contract = "atr85"'), "NL", 2025)
    # 4.72 × 240,000 + 2,760; at the high end also 60.28 × 20,000 and 6.14 in place of 4.72.
    assert bill.charge("nl.grid") == cents(1_135_560)
    assert bill.high - bill.total == cents(1_205_600 + 340_800)


# Compensation of indirect costs ---------------------------------------------------------------------------------------

INDIRECT = '[[co2.indirect]]\nproduct = "fallback"\nconsumption = "{}"\n'
CLAIM = '[claims]\n"nl.indirect_compensation" = {}\n'
YEAR_2021 = {"eu.icc.price": 25.09, "eu.icc.fallback_efficiency": 0.80}


@pytest.mark.parametrize(
    ("sector", "consumption", "claim", "expected"),
    [
        # The worked example of cost year 2021: 0.75 × 0.45 × 25.09 × 0.80 × (200,000 − 1,000).
        ("20.13", "200 GWh", "true", -1_348_085.70),
        # 1,000 MWh get nothing; one more gets 0.75 × 0.45 × 25.09 × 0.80.
        ("20.13", "1000 MWh", "true", 0),
        ("20.13", "1001 MWh", "true", -6.7743),
        ("20.13", "200 GWh", "false", 0),
        ("23.11", "200 GWh", "true", 0),
    ],
)
def test_indirect_compensation(bill_of: MakeBill, sector: str, consumption: str, claim: str, expected: float) -> None:
    text = plant("300 GWh", rest=INDIRECT.format(consumption) + CLAIM.format(claim), sector=sector)
    assert bill_of(text, "NL", 2025, settings=YEAR_2021).charge("nl.indirect_compensation") == cents(expected)


def test_indirect_compensation_cut_and_benchmark(bill_of: MakeBill) -> None:
    settings = {**YEAR_2021, "nl.ikc.paid_share": 0.8}
    text = plant("300 GWh", rest=INDIRECT.format("200 GWh") + CLAIM.format("true"))
    assert bill_of(text, "NL", 2025, settings=settings).charge("nl.indirect_compensation") == cents(-1_078_468.56)
    product = '[[co2.indirect]]\nproduct = "primary_aluminium"\noutput = "100 kt"\n'
    settings = {**YEAR_2021, "eu.icc.elec_benchmark.primary_aluminium": 13.9, "eu.icc.elec_benchmark_factor": 1.0}
    text = plant("1500 GWh", rest=product + CLAIM.format("true"), sector="24.42")
    # 0.75 × 0.45 × 25.09 × (100,000 × 13.9 − 1,000 × 0.80).
    assert bill_of(text, "NL", 2025, settings=settings).charge("nl.indirect_compensation") == cents(-11_763_571.95)


def test_an_unstated_claim_counts_in_low_only(bill_of: MakeBill) -> None:
    fixed = {**YEAR_2021, "nl.grid.tennet.hs.contracted": 67.18, "nl.grid.tennet.hs.monthly_peak": 6.72}
    bill = bill_of(plant("300 GWh", rest=INDIRECT.format("200 GWh")), "NL", 2025, settings=fixed)
    assert bill.charge("nl.indirect_compensation") == 0
    assert bill.low - bill.total == cents(-1_348_085.70)


# CO2 levy -------------------------------------------------------------------------------------------------------------

PRICE_66 = {"nl.co2_levy.ets_reference_price": 66.0}


def emitter(direct: str, free: str = "420 kt", ets: str = "true") -> str:
    return f'[co2]\neu_ets = {ets}\ndirect_emissions = "{direct}"\nfree_allocation = "{free}"\n'


@pytest.mark.parametrize(
    ("direct", "expected"),
    [
        # Rights 420,000 × 1.057 = 443,940; (500,000 − 443,940) × (87.90 − 66.00).
        ("500 kt", 1_227_714.00),
        ("443940 t", 0),
        ("443941 t", 21.90),
        ("100 kt", 0),  # rights left over are not credited
    ],
)
def test_levy_of_an_ets_installation(bill_of: MakeBill, direct: str, expected: float) -> None:
    text = plant("100 GWh", rest=emitter(direct))
    assert bill_of(text, "NL", 2025, settings=PRICE_66).charge("nl.co2_levy") == cents(expected)


def test_levy_with_rights_from_a_benchmark(bill_of: MakeBill) -> None:
    co2 = '[co2]\neu_ets = true\ndirect_emissions = "200 kt"\n'
    text = plant("100 GWh", rest=co2 + '[[co2.product]]\nname = "ammonia"\noutput = "100 kt"\n')
    settings = {**PRICE_66, "eu.ets.benchmark.ammonia": 1.57}
    # (200,000 − 157,000 × 1.057) × 21.90 = 34,051 × 21.90.
    assert bill_of(text, "NL", 2025, settings=settings).charge("nl.co2_levy") == cents(745_716.90)


@pytest.mark.parametrize(("price", "expected"), [(78.67, 0), (78.66, 560.60), (70.0, 486_040.20)])
def test_levy_of_2026_ends_where_the_ets_price_reaches_it(bill_of: MakeBill, price: float, expected: float) -> None:
    settings = {"nl.co2_levy.ets_reference_price": price, "nl.co2_levy.reduction_factor": 1.057}
    # 56,060 t × max(0, 78.67 − price).
    bill = bill_of(plant("100 GWh", rest=emitter("500 kt")), "NL", 2026, settings=settings)
    assert bill.charge("nl.co2_levy") == cents(expected)


def test_levy_of_2026_is_nil_but_uncertain(bill_of: MakeBill) -> None:
    text = plant("100 GWh", rest=emitter("500 kt"))
    assert bill_of(text, "NL", 2026).charge("nl.co2_levy") == 0
    # At the ends of what is uncertain: (500,000 − 420,000 × 0.979) × (78.67 − 77.50).
    ends = {"nl.co2_levy.ets_reference_price": 77.5, "nl.co2_levy.reduction_factor": 0.979}
    assert bill_of(text, "NL", 2026, settings=ends).charge("nl.co2_levy") == cents(103_919.40)


@pytest.mark.parametrize(
    ("sector", "nl", "ets", "year", "expected"),
    [
        # 100,000 t with 90,000 rights: 10,000 × 87.90, 103.66 or 78.67, and × (87.90 − 66.00) inside the EU ETS.
        ("38.21", "", "false", 2025, 879_000),
        ("38.21", "", "false", 2026, 1_036_600),
        ("38.21", "", "true", 2026, 1_036_600),
        ("20.14", 'installation = "nitrous_oxide"', "false", 2026, 786_700),
        ("20.14", 'installation = "waste_incinerator"', "false", 2026, 1_036_600),
        ("20.14", "", "true", 2025, 219_000),
        ("20.14", "", "false", 2025, 0),
    ],
)
def test_levy_by_installation(bill_of: MakeBill, sector: str, nl: str, ets: str, year: int, expected: float) -> None:
    connection = ", ".join(part for part in ('dispensation_rights = "90000 t"', nl) if part)
    text = plant("100 GWh", rest=emitter("100 kt", "0 t", ets), nl=connection, sector=sector)
    assert bill_of(text, "NL", year, settings=PRICE_66).charge("nl.co2_levy") == cents(expected)


@pytest.mark.parametrize(
    ("price", "direct", "expected"),
    [
        # min(emissions, 443,940) × max(0, 19.80 − price).
        (19.8, "500 kt", 0),
        (15.0, "500 kt", 2_130_912),
        (15.0, "1000 t", 4_800),
    ],
)
def test_minimum_price_within_the_rights(bill_of: MakeBill, price: float, direct: str, expected: float) -> None:
    settings = {"nl.co2_levy.ets_reference_price": price}
    bill = bill_of(plant("100 GWh", rest=emitter(direct)), "NL", 2025, settings=settings)
    assert bill.charge("nl.co2_minimum_price") == cents(expected)
