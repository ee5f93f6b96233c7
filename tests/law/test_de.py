"""The German law against worked examples, published results and hand calculations."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from levelfield._errors import MissingData
from levelfield.tables import Tables
from tests.conftest import MakeBill

PLANT = """
sector = "{sector}"
[electricity]
offtake = "{offtake}"
yearly_peak = "{peak}"
price = {{ DE = "{price}" }}
exempt_process_share = {exempt}
[connection]
level = "{level}"
DE = {{ {de} }}
[company]
{company}
[co2]
{co2}
[claims]
{claims}
"""
BANDLAST, BESAR = '"de.bandlast" = true', '"de.besar" = true'
SPK, ISP = '"de.indirect_compensation" = true', '"de.industrial_power_price" = true'


def plant(**changed: object) -> str:
    """Example A unless said otherwise: 800 GWh at 8,000 h on the transmission grid."""
    values: dict[str, object] = {
        "sector": "24.42",
        "offtake": "800 GWh",
        "peak": "100 MW",
        "price": "60 EUR/MWh",
        "exempt": 0,
        "level": "extra_high",
        "de": "",
        "company": 'gross_value_added = "200 MEUR"\nturnover = "500 MEUR"',
        "co2": "",
        "claims": "",
    }
    return PLANT.format(**{**values, **changed})


def medium(**changed: object) -> str:
    """Example B unless said otherwise: 24 GWh at 6,000 h, Westnetz medium voltage, turnover not stated."""
    values: dict[str, object] = {
        "sector": "20.13",
        "offtake": "24 GWh",
        "peak": "4 MW",
        "level": "medium",
        "company": "",
    }
    return plant(**{**values, **changed})


def cents(value: float) -> object:
    return pytest.approx(value, abs=0.005)


# Network charges ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "year", "peak", "expected"),
    [
        ("extra_high", 2026, "100 MW", 10_826_000.00),  # 100,000 × 53.06 + 800e6 × 0.69 ct
        ("extra_high", 2025, "100 MW", 23_426_000.00),  # 100,000 × 127.86 + 800e6 × 1.33 ct
        ("high", 2026, "100 MW", 11_110_000.00),  # 100,000 × 76.70 + 800e6 × 0.43 ct
        ("extra_high", 2026, "320 MW", 22_499_200.00),  # 2,500 h: 320,000 × 53.06 + 800e6 × 0.69 ct
        ("extra_high", 2026, "400 MW", 23_436_000.00),  # 2,000 h: 400,000 × 11.39 + 800e6 × 2.36 ct
    ],
)
def test_transmission_tariff(bill_of: MakeBill, level: str, year: int, peak: str, expected: float) -> None:
    assert bill_of(plant(level=level, peak=peak), "DE", year).charge("de.grid") == cents(expected)


@pytest.mark.parametrize(
    ("operator", "published"),
    [
        ("westnetz", 4.07),
        ("netze_bw", 5.14),
        ("bayernwerk", 3.70),
        ("stromnetz_berlin", 4.71),
        ("avacon", 4.34),
        ("e_dis", 3.32),
        ("mitnetz", 3.23),
        ("ewe", 2.85),
        ("rheinnetz", 3.52),
        ("hamburg", 4.80),
    ],
)
def test_medium_voltage_as_published_by_smard(bill_of: MakeBill, operator: str, published: float) -> None:
    """Bundesnetzagentur/SMARD print the charge of 2025 in ct/kWh for 24 GWh and 6,000 h, in whole hundredths."""
    grid = bill_of(medium(de=f'operator = "{operator}"'), "DE", 2025).charge("de.grid")
    assert grid / 240_000 == pytest.approx(published, abs=0.01)


def test_westnetz(bill_of: MakeBill) -> None:
    bill = bill_of(medium(), "DE", 2025)
    assert bill.charge("de.grid") == cents(976_120.00)  # 4,000 × 166.03 + 24e6 × 1.30 ct
    assert any("Westnetz stands for it" in warning.en for warning in bill.warnings)
    stand_in = bill_of(medium(), "DE", 2026)
    assert stand_in.charge("de.grid.capacity") == cents(571_160.00)  # 4,000 × 142.79, an assumption
    assert {line.evidence for line in stand_in.lines if line.charge.startswith("de.grid.")} == {"assumed"}


@pytest.mark.parametrize(
    ("text", "year"),
    [
        (medium(peak="10 MW"), 2025),  # 2,400 h: the prices below 2,500 h are not held, so no price is the cheapest
        (medium(de='operator = "avacon"'), 2026),
        (medium(level="sub"), 2025),
        (medium(level="sub"), 2026),
    ],
)
def test_a_tariff_that_is_not_held_is_refused(bill_of: MakeBill, text: str, year: int) -> None:
    with pytest.raises(MissingData, match=r"de\.grid"):
        bill_of(text, "DE", year)


def test_high_voltage_as_a_range(bill_of: MakeBill) -> None:
    """1.2 to 3.2 ct/kWh on 24 GWh, the middle in the bill."""
    bill = bill_of(medium(level="sub", sector="47.11"), "DE", 2026, allow_gaps=True)
    assert bill.charge("de.grid") == cents(528_000.00)
    assert bill.total - bill.low == cents(240_000.00)
    assert bill.high - bill.total == cents(240_000.00)


def test_high_voltage_at_the_plants_own_prices(bill_of: MakeBill) -> None:
    own = '[rates]\n"de.grid.dso.hs.lp_ge2500" = "60 EUR/kW/a"\n"de.grid.dso.hs.ap_ge2500" = "1 ct/kWh"\n'
    assert bill_of(medium(level="sub") + own, "DE", 2025).charge("de.grid") == cents(480_000.00)


@pytest.mark.parametrize(
    ("pricing", "expected"),
    [("monthly", 1_640_240.00), ("yearly", 976_120.00)],  # 166.03 / 6 × 12 × 4,000 + 312,000
)
def test_monthly_prices_of_a_flat_load(bill_of: MakeBill, pricing: str, expected: float) -> None:
    bill = bill_of(medium(de=f'grid_pricing = "{pricing}"'), "DE", 2025)
    assert bill.charge("de.grid") == cents(expected)


def test_monthly_prices_of_a_seasonal_load(bill_of: MakeBill, tmp_path: Path) -> None:
    """10 MW in January, February and December, 2,160 h: by the year 24.39 × 10,000 + 21.6 GWh × 5.46 ct = 1,423,260."""
    start = datetime(2024, 12, 31, 23, tzinfo=UTC)
    hours = [start + timedelta(hours=n) for n in range(8760)]
    on = {1, 2, 12}
    rows = [f"{h:%Y-%m-%dT%H:%M},{10_000 if (h + timedelta(hours=1)).month in on else 0}" for h in hours]
    curve = tmp_path / "load.csv"
    curve.write_text("\n".join(["utc,kW", *rows]), encoding="utf-8")
    text = '[electricity]\nload_curve = "{}"\n[connection]\nlevel = "extra_high"\nDE = {{ {} }}\n'
    bill = bill_of(text.format(curve, ""), "DE", 2025)
    assert bill.charge("de.grid") == cents(639_300.00 + 287_280.00)  # 3 × 10,000 × 127.86 / 6 + 21.6 GWh × 1.33 ct
    assert bill_of(text.format(curve, 'grid_pricing = "yearly"'), "DE", 2025).charge("de.grid") == cents(1_423_260.00)
    # Nothing inside the windows: 21.6 GWh × 5.46 ct = 1,179,360 is no better than monthly prices.
    assert bill_of(text.format(curve, 'high_load_window_peak = "0 kW"'), "DE", 2025).charge("de.grid") == cents(
        926_580.00
    )


# Individual charges ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offtake", "peak", "share"),
    [
        ("800 GWh", "100 MW", 0.10),
        ("799.9 GWh", "100 MW", 0.15),  # 7,999 h
        ("750 GWh", "100 MW", 0.15),
        ("749.9 GWh", "100 MW", 0.20),
        ("700 GWh", "100 MW", 0.20),
        ("699.9 GWh", "100 MW", 1.00),
        ("10 GWh", "1.25 MW", 1.00),  # not more than 10 GWh
        ("10.001 GWh", "1.25 MW", 0.10),
    ],
)
def test_bandlast_steps(bill_of: MakeBill, offtake: str, peak: str, share: float) -> None:
    published = bill_of(plant(offtake=offtake, peak=peak), "DE", 2026).charge("de.grid")
    with_claim = bill_of(plant(offtake=offtake, peak=peak, claims=BANDLAST), "DE", 2026)
    assert with_claim.charge("de.grid") == cents(published * share)


@pytest.mark.parametrize(
    ("path_cost", "expected"),
    [
        ("1_082_600 EUR/a", 1_082_600.00),  # the floor, 10 % of 10,826,000
        ("3 MEUR/a", 3_000_000.00),
        ("12 MEUR/a", 10_826_000.00),  # a path dearer than the tariff changes nothing
    ],
)
def test_bandlast_path(bill_of: MakeBill, path_cost: str, expected: float) -> None:
    bill = bill_of(plant(claims=BANDLAST, de=f'path_cost = "{path_cost}"'), "DE", 2026)
    assert bill.charge("de.grid") == cents(expected)


def test_bandlast_not_stated_is_in_the_low_end(bill_of: MakeBill) -> None:
    bill = bill_of(plant(sector="28.11"), "DE", 2026)  # no list: no other claim is open
    assert bill.total - bill.low == cents(9_743_400.00)  # 90 % of 10,826,000


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("95 MW", 10_560_700.00),  # 5 % less at HöS: 95,000 × 53.06 + 5,520,000
        ("95.001 MW", 10_826_000.00),
        ("0 MW", 5_520_000.00),
    ],
)
def test_atypical_use(bill_of: MakeBill, inside: str, expected: float) -> None:
    bill = bill_of(plant(de=f'high_load_window_peak = "{inside}"'), "DE", 2026)
    assert bill.charge("de.grid") == cents(expected)


@pytest.mark.parametrize(
    ("peak", "offtake", "inside", "lp", "expected"),
    [
        ("500 kW", "2 GWh", "400 kW", "166.03", 92_412.00),  # 20 % and 100 kW: 400 × 166.03 + 26,000
        ("499 kW", "2 GWh", "399.5 kW", "166.03", 108_848.97),  # 99.5 kW
        ("501 kW", "2 GWh", "401 kW", "166.03", 109_181.03),  # 19.96 %
        ("500 kW", "2 GWh", "400 kW", "5.00", 28_000.00),  # saves 500 EUR
        ("500 kW", "2 GWh", "400 kW", "4.99", 28_495.00),  # saves 499 EUR
    ],
)
def test_atypical_thresholds(bill_of: MakeBill, peak: str, offtake: str, inside: str, lp: str, expected: float) -> None:
    text = medium(peak=peak, offtake=offtake, de=f'high_load_window_peak = "{inside}"')
    text += f'[rates]\n"de.grid.westnetz.ms.lp_ge2500" = "{lp} EUR/kW/a"\n'
    assert bill_of(text, "DE", 2025).charge("de.grid") == cents(expected)


@pytest.mark.parametrize(
    ("level", "inside", "saves"),
    [  # HöS/HS and HS: at least 10 % below the yearly peak of 100 MW
        ("high", "90 MW", True),
        ("high", "90.001 MW", False),
        ("sub", "90 MW", True),
        ("sub", "90.001 MW", False),
    ],
)
def test_atypical_threshold_at_high_voltage(bill_of: MakeBill, level: str, inside: str, saves: bool) -> None:
    year = 2022 if level == "sub" else 2026  # the HS sheets after 2022 are held as bounds of an energy price only
    text = plant(level=level, de=f'high_load_window_peak = "{inside}"')
    assert (bill_of(text, "DE", year).charge("de.grid.atypical") < 0) is saves


def test_atypical_floor(bill_of: MakeBill) -> None:
    """Bayernwerk, 4 MW and 10 GWh: 20 % of 731,160 + 65,000, where the energy price alone would be 65,000."""
    text = medium(offtake="10 GWh", de='operator = "bayernwerk", high_load_window_peak = "0 kW"')
    assert bill_of(text, "DE", 2025).charge("de.grid") == cents(159_232.00)


@pytest.mark.parametrize(
    ("inside", "expected", "chosen"),
    [
        ("90 MW", 10_000_000.00, "bandlast"),  # saves 826,000 against 530,600
        ("80 MW", 9_764_800.00, "atypical"),  # saves 1,061,200
    ],
)
def test_the_better_individual_charge(bill_of: MakeBill, inside: str, expected: float, chosen: str) -> None:
    text = plant(claims=BANDLAST, de=f'path_cost = "10 MEUR/a", high_load_window_peak = "{inside}"')
    bill = bill_of(text, "DE", 2026)
    assert bill.charge("de.grid") == cents(expected)
    assert bill.choices["de.individual_charge"] == chosen


# Levies ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("year", "expected"), [(2025, 26_510.00), (2026, 29_460.00)])
def test_levies_of_the_first_gwh(bill_of: MakeBill, year: int, expected: float) -> None:
    """2.651 and 2.946 ct/kWh, as published by the transmission operators."""
    assert bill_of(medium(offtake="1 GWh", peak="0.2 MW"), "DE", year).charge("de.levy") == cents(expected)


def test_example_a(bill_of: MakeBill) -> None:
    """First GWh 29,460; above it the cap of 0.5 % of 200 MEUR (raw 1,662,319.50) and 199,750 for group C."""
    bill = bill_of(plant(claims=f"{BANDLAST}\n{BESAR}"), "DE", 2026)
    assert bill.charge("de.levy.section19.above") == cents(199_750.00)
    assert bill.charge("de.levy.besar") == cents(1_000_000.00 - 11_082_130.00)
    assert bill.charge("de.grid") + bill.charge("de.levy") == cents(2_311_810.00)
    small = bill_of(
        plant(claims=f"{BANDLAST}\n{BESAR}", company='gross_value_added = "60 MEUR"\nturnover = "500 MEUR"'), "DE", 2026
    )
    assert small.charge("de.grid") + small.charge("de.levy") == cents(1_711_310.00)  # the floor of 0.05 ct: 399,500
    assert bill_of(plant(), "DE", 2026).charge("de.levy") == cents(11_311_340.00)


@pytest.mark.parametrize(
    ("company", "claims", "expected"),
    [
        ("", "", 289_400.00),  # 26,510 + 23 GWh × (0.277 + 0.816 + 0.050) ct
        ('turnover = "50 MEUR"', "", 283_650.00),
        ('turnover = "50 MEUR"', BESAR, 69_968.50),  # 15 % of 1.093 ct × 23 GWh = 37,708.50
    ],
)
def test_example_b_levies(bill_of: MakeBill, company: str, claims: str, expected: float) -> None:
    assert bill_of(medium(company=company, claims=claims), "DE", 2025).charge("de.levy") == cents(expected)


@pytest.mark.parametrize(
    ("sector", "turnover", "expected"),
    [
        # 1,440,000 + 976,120 + 262,320 + 12,250 = 2,690,690 EUR, 4 % of 67,267,250.
        ("20.13", "67.26 MEUR", 5_750.00),
        ("20.13", "67.27 MEUR", 11_500.00),
        ("52.10", "10 MEUR", 11_500.00),  # no manufacturing
    ],
)
def test_group_c(bill_of: MakeBill, sector: str, turnover: str, expected: float) -> None:
    bill = bill_of(medium(sector=sector, company=f'turnover = "{turnover}"'), "DE", 2025)
    assert bill.charge("de.levy.section19.above") == cents(expected)


@pytest.mark.parametrize(
    ("sector", "de", "gva", "expected"),
    [
        # u = 10.93 EUR/MWh, 23,000 MWh above the first GWh: full 251,390; floor 11,500.
        ("20.13", "", "100 MEUR", 37_708.50),
        ("20.13", "", "5 MEUR", 25_000.00),  # 0.5 %
        ("20.13", "", "1 MEUR", 11_500.00),
        ("20.51", "", "100 MEUR", 62_847.50),  # list 2: 25 %
        ("20.51", "", "5 MEUR", 50_000.00),  # 1 %
        ("20.51", "special_res = true", "100 MEUR", 37_708.50),
        ("20.51", "special_res = true", "5 MEUR", 25_000.00),
        ("28.11", "", "100 MEUR", 251_390.00),  # on no list
        ("28.11", "besar_hardship = true", "100 MEUR", 87_986.50),  # 35 %
        ("28.11", "besar_hardship = true", "5 MEUR", 75_000.00),  # 1.5 %
        ("28.11", "besar_hardship = true, special_res = true", "100 MEUR", 87_986.50),  # these too
        ("28.11", "besar_hardship = true, special_res = true", "5 MEUR", 75_000.00),
    ],
)
def test_limited_levies_above_the_first_gwh(bill_of: MakeBill, sector: str, de: str, gva: str, expected: float) -> None:
    text = medium(sector=sector, de=de, company=f'gross_value_added = "{gva}"', claims=BESAR)
    assert 251_390.00 + bill_of(text, "DE", 2025).charge("de.levy.besar") == cents(expected)


@pytest.mark.parametrize(("offtake", "expected"), [("1 GWh", 0.0), ("1.001 GWh", 1.6395 - 10.93)])
def test_besar_needs_more_than_a_gwh(bill_of: MakeBill, offtake: str, expected: float) -> None:
    bill = bill_of(medium(offtake=offtake, peak="0.2 MW", claims=BESAR), "DE", 2025)
    assert bill.charge("de.levy.besar") == cents(expected)


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        # Network 976,120, levies 289,400 and the full tax 492,000 are 73.23 EUR/MWh; the limit price is 242.70.
        ("169.46 EUR/MWh", 0.0),
        ("169.48 EUR/MWh", 26_400.00),
    ],
)
def test_concession_fee(bill_of: MakeBill, price: str, expected: float) -> None:
    assert bill_of(medium(price=price), "DE", 2025).charge("de.concession") == cents(expected)


def test_concession_fee_under_the_assumed_limit_price(bill_of: MakeBill) -> None:
    """Of 2026, some 202.6 EUR/MWh: under 242.70, the value of 2025, and above 161.80, the low end."""
    bill = bill_of(medium(level="high", price="150 EUR/MWh", sector="47.11"), "DE", 2026)
    assert bill.charge("de.concession") == 0
    assert bill.high - bill.total == cents(26_400.00)


def test_sector_lists(tables: Tables) -> None:
    lists = tables.list_of
    assert (len(lists("de.besar_list1")), len(lists("de.besar_list2"))) == (91, 25)
    assert not lists("de.besar_list1") & lists("de.besar_list2")
    assert {"05.10", "35.11", "36.00", "38.32", "43.99"} <= lists("de.manufacturing")
    assert not {"01.11", "37.00", "38.11", "41.10", "47.11"} & lists("de.manufacturing")


# Electricity tax ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "year", "expected"),
    [
        (plant(), 2026, 400_250.00),  # 800,000 × 0.50 + 250
        (plant(exempt=1), 2026, 0.0),
        (plant(exempt=0.95), 2026, 20_250.00),  # 40,000 × 0.50 + 250
        (medium(), 2025, 12_250.00),
        (medium(sector="47.11"), 2025, 492_000.00),
        (medium(offtake="12.5 MWh", peak="3 kW"), 2025, 256.25),  # 20 × 12.5 is just the base amount
        (medium(offtake="13.5 MWh", peak="3 kW"), 2025, 256.75),
    ],
)
def test_electricity_tax(bill_of: MakeBill, text: str, year: int, expected: float) -> None:
    assert bill_of(text, "DE", year).charge("de.electricity_tax") == cents(expected)


# Compensation ---------------------------------------------------------------------------------------------------------

FALLBACK = '[[co2.indirect]]\nproduct = "fallback"\nconsumption = "{}"\n'


def with_aid(consumption: str, **changed: object) -> str:
    """At 70 EUR/tCO2 and an efficiency of 0.75 for the fall-back, 0.72 × 70 × 0.75 = 37.80 EUR/MWh of consumption."""
    text = plant(**{"sector": "20.13", "co2": FALLBACK.format(consumption), **changed})
    return f'{text}[rates]\n"eu.icc.price" = "70 EUR/tCO2"\n"eu.icc.fallback_efficiency" = "0.75"\n'


def test_compensation(bill_of: MakeBill) -> None:
    bill = bill_of(with_aid("100 GWh", claims=SPK), "DE", 2025)
    assert bill.charge("de.indirect_compensation") == cents(-2_835_000.00)  # 75 % of 3,780,000
    assert bill.charge("de.indirect_compensation.supercap") == 0  # 1.5 % of 200 MEUR is more than the rest, 945,000
    small = bill_of(with_aid("100 GWh", claims=SPK, company='gross_value_added = "20 MEUR"'), "DE", 2025)
    assert small.charge("de.indirect_compensation.supercap") == cents(-645_000.00)
    assert bill_of(with_aid("100 GWh"), "DE", 2025).charge("de.indirect_compensation") == 0
    assert bill_of(with_aid("100 GWh", claims=SPK, sector="25.50"), "DE", 2025).charge("de.indirect_compensation") == 0


def test_compensation_of_2026_is_carried_on_with_its_range(bill_of: MakeBill) -> None:
    """0.72 and 75 % stand; low has 0.73 and 80 %: 0.73 × 70 × 0.75 × 0.80 × 100 GWh = 3,066,000."""
    bill = bill_of(
        with_aid("100 GWh", claims=f'{SPK}\n"de.industrial_power_price" = false\n{BESAR}\n{BANDLAST}'), "DE", 2026
    )
    assert bill.charge("de.indirect_compensation") == cents(-2_835_000.00)
    assert bill.total - bill.low == cents(231_000.00)


def test_industrial_power_price(bill_of: MakeBill) -> None:
    """Half of 800 GWh × (87.44 − 50); the cut of half the price, 43.72, is not reached."""
    assert bill_of(plant(claims=ISP), "DE", 2026).charge("de.industrial_power_price") == cents(-14_976_000.00)
    flexible = plant(claims=ISP, de="flexibility_bonus = true")
    assert bill_of(flexible, "DE", 2026).charge("de.industrial_power_price") == cents(-16_473_600.00)
    assert bill_of(plant(claims=ISP), "DE", 2025).charge("de.industrial_power_price") == 0
    assert bill_of(plant(claims=ISP, sector="20.51"), "DE", 2026).charge("de.industrial_power_price") == 0


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        ("110 EUR/MWh", -22_000_000.00),  # min(55, 60) × 400,000
        ("100 EUR/MWh", -20_000_000.00),
        ("45 EUR/MWh", 0.0),
    ],
)
def test_price_gap(bill_of: MakeBill, price: str, expected: float) -> None:
    text = plant(claims=ISP) + f'[rates]\n"de.isp.reference_price" = "{price}"\n'
    assert bill_of(text, "DE", 2026).charge("de.industrial_power_price") == cents(expected)


def test_one_aid_for_a_mwh(bill_of: MakeBill) -> None:
    """780 GWh in the compensation beats 14.976 MEUR; 100 GWh does not; "both" pays 700 GWh × 18.72 beside it."""
    claims = f"{SPK}\n{ISP}"
    large = bill_of(with_aid("780 GWh", claims=claims), "DE", 2026)
    assert large.choices["de.power_price_aid"] == "compensation"
    assert large.charge("de.industrial_power_price") == 0 > large.charge("de.indirect_compensation")
    small = bill_of(with_aid("100 GWh", claims=claims), "DE", 2026)
    assert small.charge("de.industrial_power_price") == cents(-14_976_000.00)
    assert small.charge("de.indirect_compensation") == 0
    both = bill_of(with_aid("100 GWh", claims=claims, de='power_price_aid = "both"'), "DE", 2026)
    assert both.charge("de.industrial_power_price") == cents(-13_104_000.00)
    assert both.charge("de.indirect_compensation") < -1_000_000


# CO2 and commodity ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "ets", "expected"),
    [(2025, "false", 550_000.00), (2026, "false", 650_000.00), (2025, "true", 0.0)],
)
def test_national_emissions_trading(bill_of: MakeBill, year: int, ets: str, expected: float) -> None:
    text = plant(co2=f'eu_ets = {ets}\ndirect_emissions = "10 kt"\nfree_allocation = "0 t"')
    assert bill_of(text, "DE", year).charge("de.nehs") == cents(expected)


def test_commodity(bill_of: MakeBill) -> None:
    assert bill_of(plant(), "DE", 2026).charge("de.commodity") == cents(48_000_000.00)
    market = plant().replace('price = { DE = "60 EUR/MWh" }', "")
    assert bill_of(market, "DE", 2025).charge("de.commodity") == cents(71_456_000.00)  # 800,000 × 89.32


def test_levies_that_have_ended(bill_of: MakeBill) -> None:
    lines = {line.charge for line in bill_of(plant(), "DE", 2026).lines}
    assert not lines & {"de.levy.ablav", "de.levy.eeg"}


# Through the years ----------------------------------------------------------------------------------------------------

OWN_GRID = '[rates]\n"de.grid.westnetz.ms.lp_ge2500" = "100 EUR/kW/a"\n"de.grid.westnetz.ms.ap_ge2500" = "1 ct/kWh"\n'
SPITZE, BRAKE = '"de.spitzenausgleich" = true', '"de.price_brake" = true'


def own_grid(**changed: object) -> str:
    """Example B on a network charge of 4,000 × 100 + 24e6 × 1 ct = 640,000 EUR."""
    return medium(**changed) + OWN_GRID


@pytest.mark.parametrize("year", [2019, 2020, 2027])
def test_years_that_are_not_held(bill_of: MakeBill, year: int) -> None:
    with pytest.raises(MissingData, match="hold nothing"):
        bill_of(plant(), "DE", year)


@pytest.mark.parametrize(
    ("level", "year", "published"),
    [("extra_high", 2024, 3.59), ("extra_high", 2023, 1.74), ("high", 2024, 2.91), ("high", 2023, 1.41)],
)
def test_stand_ins_of_the_transmission_tariff(bill_of: MakeBill, level: str, year: int, published: float) -> None:
    """At 7,000 h, in ct/kWh; an assumption with its range."""
    bill = bill_of(plant(level=level, offtake="700 GWh"), "DE", year)
    assert bill.charge("de.grid") / 7_000_000 == pytest.approx(published, abs=0.006)
    assert {line.evidence for line in bill.lines if line.charge.startswith("de.grid.")} == {"assumed"}


@pytest.mark.parametrize(
    ("year", "low", "value", "high"), [(2023, 9.023, 12.89, 15.468), (2021, 6.979, 11.721, 16.033)]
)
def test_range_of_the_stand_ins(bill_of: MakeBill, year: int, low: float, value: float, high: float) -> None:
    """MEUR for 100 MW and 800 GWh; 2023: 7.05 + 5.84, down to 4.935 + 4.088 and up to 8.46 + 7.008."""
    bill = bill_of(plant(sector="47.11", claims='"de.bandlast" = false\n"de.price_brake" = false'), "DE", year)
    assert bill.charge("de.grid") / 1e6 == pytest.approx(value)
    assert (bill.charge("de.grid") + bill.low - bill.total) / 1e6 == pytest.approx(low)
    assert (bill.charge("de.grid") + bill.high - bill.total) / 1e6 == pytest.approx(high)


@pytest.mark.parametrize(
    ("year", "offtake", "peak", "published"),
    [
        (2021, "400 MWh", "150 kW", 20_587.08),  # ene't, mean of all areas
        (2021, "400 MWh", "200 kW", 22_451.07),
        (2023, "500 MWh", "250 kW", 33_591.0),  # GET AG: 4,702.95 EUR or 16.28 % more than in 2022
        (2024, "400 MWh", "200 kW", 36_056.0),  # ene't: 32,089.82 EUR in 2025, 11 % less than in 2024
    ],
)
def test_medium_voltage_stands_at_the_national_mean(
    bill_of: MakeBill, year: int, offtake: str, peak: str, published: float
) -> None:
    bill = bill_of(medium(offtake=offtake, peak=peak), "DE", year)
    assert bill.charge("de.grid") == pytest.approx(published, rel=0.03)


def test_high_voltage_through_the_years(bill_of: MakeBill) -> None:
    bill = bill_of(medium(level="sub"), "DE", 2022)
    assert bill.charge("de.grid") == cents(417_840.00)  # 4,000 × 97.26 + 24e6 × 0.12 ct
    for year in (2023, 2024):
        with pytest.raises(MissingData, match="hole"):
            bill_of(medium(level="sub"), "DE", year)


def test_monthly_price_of_malchow(bill_of: MakeBill) -> None:
    """Its sheet of 2024 prints 24.54 EUR/kW a month beside 147.22 a year."""
    own = '[rates]\n"de.grid.westnetz.ms.lp_ge2500" = "147.22 EUR/kW/a"\n'
    bill = bill_of(medium(de='grid_pricing = "monthly"') + own, "DE", 2024)
    assert bill.charge("de.grid.capacity") / 48_000 == pytest.approx(24.54, abs=0.005)


@pytest.mark.parametrize(
    ("year", "first", "above"),
    [
        (2021, 75_900.00, 72.08),  # 0.432 + 0.254 + 0.395 + 0.009 + 6.500 ct; above it 0.050 in place of 0.432
        (2023, 13_650.00, 9.98),
        (2024, 15_740.00, 9.81),
    ],
)
def test_levies_by_year(bill_of: MakeBill, year: int, first: float, above: float) -> None:
    assert bill_of(medium(offtake="1 GWh", peak="0.2 MW"), "DE", year).charge("de.levy") == cents(first)
    assert bill_of(medium(), "DE", year).charge("de.levy") == cents(first + 23_000 * above)


def test_levies_of_2022_against_2021(bill_of: MakeBill) -> None:
    """Elbe Energie: without EEG 1.47 EUR/MWh or 13.5 % more on the first GWh, 1.42 or 20.1 % above it."""

    def levies(year: int) -> tuple[float, float]:
        bills = [bill_of(medium(offtake=offtake), "DE", year) for offtake in ("1 GWh", "24 GWh")]
        first, whole = [bill.charge("de.levy") - bill.charge("de.levy.eeg") for bill in bills]
        return first / 1_000, (whole - first) / 23_000

    (first, above), (next_first, next_above) = levies(2021), levies(2022)
    assert next_first - first == pytest.approx(1.47)
    assert next_above - above == pytest.approx(1.42)
    assert next_first / first - 1 == pytest.approx(0.135, abs=0.0005)
    assert next_above / above - 1 == pytest.approx(0.201, abs=0.0005)


def test_eeg_levy_of_2022_ends_in_june(bill_of: MakeBill) -> None:
    """24,000 MWh × 181/365 × 37.23 EUR/MWh."""
    bill = bill_of(medium(), "DE", 2022)
    assert bill.charge("de.levy.eeg") == cents(443_088.00)
    assert [part.end for line in bill.lines if line.charge == "de.levy.eeg" for part in line.parts] == [
        date(2022, 6, 30)
    ]


@pytest.mark.parametrize(
    ("sector", "ski", "gva", "eeg", "kwkg", "offshore"),
    [
        # 799,000 MWh above the first GWh: 51,935,000, 2,029,460 and 3,156,050 EUR in full, 15 % of each:
        ("24.42", "19.99 %", "200 MEUR", 7_790_250.00, 304_419.00, 473_407.50),
        ("24.42", "20 %", "200 MEUR", 1_000_000.00, 304_419.00, 473_407.50),  # 0.5 %, for each levy
        ("24.42", "20 %", "60 MEUR", 399_500.00, 300_000.00, 300_000.00),  # floor of 0.05 ct
        ("20.13", "20 %", "60 MEUR", 799_000.00, 300_000.00, 300_000.00),  # 0.1 ct
        ("24.42", "20 %", "40 MEUR", 399_500.00, 239_700.00, 239_700.00),  # 0.03 ct
        ("24.42", "19.99 %", "40 MEUR", 1_600_000.00, 304_419.00, 473_407.50),  # 4 %
    ],
)
def test_limitation_of_each_levy_in_2021(
    bill_of: MakeBill, sector: str, ski: str, gva: str, eeg: float, kwkg: float, offshore: float
) -> None:
    text = plant(sector=sector, de=f'ski = "{ski}"', company=f'gross_value_added = "{gva}"', claims=BESAR)
    bill = bill_of(text, "DE", 2021)
    assert 51_935_000.00 + bill.charge("de.levy.besar.eeg") == cents(eeg)
    assert 2_029_460.00 + bill.charge("de.levy.besar.kwkg") == cents(kwkg)
    assert 3_156_050.00 + bill.charge("de.levy.besar.offshore") == cents(offshore)


@pytest.mark.parametrize(
    ("gva", "expected"),
    [
        # 11,901.37 MWh in the first half, the first GWh of it in full: 405,858 EUR, 15 % of it:
        ("100 MEUR", 60_878.70),
        ("10 MEUR", 50_000.00),  # the cap of the year
        ("1 MEUR", 10_901.37),  # the floor
    ],
)
def test_limitation_of_the_eeg_levy_in_2022(bill_of: MakeBill, gva: str, expected: float) -> None:
    text = medium(de='ski = "20 %"', company=f'gross_value_added = "{gva}"', claims=BESAR)
    assert 405_858.00 + bill_of(text, "DE", 2022).charge("de.levy.besar.eeg") == cents(expected)


@pytest.mark.parametrize(
    ("year", "sector", "de", "eeg", "kwkg"),
    [
        # 23,000 MWh: EEG levy 1,495,000 EUR in 2021 and 405,858 in 2022; CHP levy 58,420, 86,940 and 82,110.
        (2021, "20.13", 'ski = "14 %"', -1_270_750.00, -49_657.00),
        (2021, "20.13", 'ski = "13.99 %"', 0, 0),
        (2022, "20.13", 'ski = "14 %"', -344_979.30, -73_899.00),
        (2022, "20.13", 'ski = "13.99 %"', 0, 0),
        (2023, "20.13", 'ski = "13 %"', 0, -69_793.50),
        (2023, "20.13", 'ski = "12.99 %"', 0, 0),
        (2021, "20.51", 'ski = "20 %"', -1_270_750.00, -49_657.00),  # list 2
        (2021, "20.51", 'ski = "19.99 %"', 0, 0),
        (2021, "20.51", 'ski = "19.99 %", besar_2014 = true', -1_196_000.00, 0),  # 20 %, EEG levy only
        (2021, "20.51", 'ski = "20 %", besar_2014 = true', -1_270_750.00, -49_657.00),
        (2021, "10.71", 'ski = "14 %", besar_2014 = true', -1_196_000.00, 0),
        (2021, "10.71", 'ski = "13.99 %", besar_2014 = true', 0, 0),
        (2021, "10.71", 'ski = "30 %"', 0, 0),  # on no list
    ],
)
def test_electricity_cost_intensity(
    bill_of: MakeBill, year: int, sector: str, de: str, eeg: float, kwkg: float
) -> None:
    bill = bill_of(medium(sector=sector, de=de, claims=BESAR), "DE", year)
    assert bill.charge("de.levy.besar.eeg") == cents(eeg)
    assert bill.charge("de.levy.besar.kwkg") == cents(kwkg)


@pytest.mark.parametrize(("ski", "expected"), [("16.99 %", 82_213.50), ("17 %", 0.0)])
def test_middle_step_of_2021_is_in_the_high_end(bill_of: MakeBill, ski: str, expected: float) -> None:
    """20 % in place of 15 % of 23,000 MWh × 71.49 EUR/MWh."""
    bill = bill_of(own_grid(de=f'ski = "{ski}"', claims=BESAR), "DE", 2021)
    assert bill.high - bill.total == cents(expected)


@pytest.mark.parametrize(
    ("ski", "gva", "expected"),
    [
        ("14 %", "100 MEUR", 310_776.00),  # 20 % of 23,000 MWh × 67.56
        ("16.99 %", "1 MEUR", 310_776.00),  # no cap in the middle step
        ("17 %", "100 MEUR", 233_082.00),
        ("17 %", "1 MEUR", 40_000.00),
    ],
)
def test_limitation_under_the_eeg_of_2017(
    bill_of: MakeBill, monkeypatch: pytest.MonkeyPatch, ski: str, gva: str, expected: float
) -> None:
    """For 2020 the law and the levies are held, a network tariff is not: the plant states its own."""
    monkeypatch.setattr(Tables, "years", lambda *_: [2020])
    text = own_grid(de=f'ski = "{ski}"', company=f'gross_value_added = "{gva}"', claims=BESAR)
    assert 1_553_880.00 + bill_of(text, "DE", 2020).charge("de.levy.besar.eeg") == cents(expected)


@pytest.mark.parametrize(
    ("company", "counts"),
    [
        # 1,440,000 + 640,000 + 24,000 × (71.58 + 20.50) = 4,289,920 EUR, 14 % of 30.642 MEUR
        ('gross_value_added = "30.6 MEUR"', True),
        ('gross_value_added = "30.7 MEUR"', False),
        ("", True),  # not stated: a limitation that was granted has passed the test
    ],
)
def test_intensity_by_the_bill_of_the_year(bill_of: MakeBill, company: str, counts: bool) -> None:
    bill = bill_of(own_grid(company=company, claims=BESAR), "DE", 2021)
    assert (bill.charge("de.levy.besar") < 0) is counts


@pytest.mark.parametrize(
    ("sector", "expected"),
    [("20.13", 32_119.50), ("20.51", 53_532.50)],  # 15 and 25 % of 23,000 MWh × 9.31 EUR/MWh, both levies together
)
def test_limitation_from_2024_knows_no_intensity(bill_of: MakeBill, sector: str, expected: float) -> None:
    bill = bill_of(medium(sector=sector, de='ski = "1 %"', claims=BESAR), "DE", 2024)
    assert 214_130.00 + bill.charge("de.levy.besar") == cents(expected)


@pytest.mark.parametrize(
    ("turnover", "expected"),
    [("104.17 MEUR", 5_750.00), ("104.18 MEUR", 11_500.00)],  # 640,000 + 1,440,000 + 1,717,920 + 369,130 = 4,167,050
)
def test_group_c_with_the_eeg_levy(bill_of: MakeBill, turnover: str, expected: float) -> None:
    bill = bill_of(own_grid(company=f'turnover = "{turnover}"'), "DE", 2021)
    assert bill.charge("de.levy.section19.above") == cents(expected)


@pytest.mark.parametrize(
    ("year", "below", "above"),
    [
        # limit price less network 26.67, tax 20.50 and levies, EUR/MWh
        (2021, "25.79", "25.80"),  # 145.20 − 47.1667 − 72.2392
        (2022, "77.20", "77.22"),  # 151.50 − 47.1667 − 27.1233
        (2023, "104.50", "104.51"),  # 161.80 − 47.1667 − 10.1329
        (2024, "153.17", "153.18"),  # 210.40 − 47.1667 − 10.0571
    ],
)
def test_concession_fee_by_year(bill_of: MakeBill, year: int, below: str, above: str) -> None:
    fees = [bill_of(own_grid(price=f"{p} EUR/MWh"), "DE", year).charge("de.concession") for p in (below, above)]
    assert fees == [0, cents(26_400.00)]


@pytest.mark.parametrize(
    ("text", "year", "expected"),
    [
        (medium(), 2021, 369_130.00),  # 492,000 − (24,000 × 5.13 − 250)
        (medium(), 2024, 12_250.00),
        (medium(sector="47.11"), 2022, 492_000.00),
        (medium(offtake="48.7 MWh", peak="10 kW"), 2023, 998.35),  # 5.13 × 48.7 is below the base amount
        (medium(offtake="48.8 MWh", peak="10 kW"), 2023, 1_000.06),  # 1,000.40 − (250.344 − 250)
        # Peak relief: 15.37 × 24,000 − 1,000 = 367,880, less 0.85 % of payroll, 90 % of it
        (medium(company='payroll = "15 MEUR"', claims=SPITZE), 2022, 152_788.00),  # 0.9 × (367,880 − 127,500) = 216,342
        (medium(company='payroll = "43.28 MEUR"', claims=SPITZE), 2022, 369_130.00),
        (medium(company='payroll = "43.27 MEUR"', claims=SPITZE), 2022, 369_053.50),  # 0.9 × (367,880 − 367,795)
        (medium(company='payroll = "0 EUR"', claims=SPITZE), 2023, 38_038.00),  # 0.9 × 367,880 = 331,092
        (medium(company='payroll = "15 MEUR"', claims=SPITZE), 2024, 12_250.00),  # ended with 2023
        # Half in exempt processes: 492,000 − 246,000 − (61,560 − 250) − 0.9 × (183,440 − 127,500)
        (medium(company='payroll = "15 MEUR"', claims=SPITZE, exempt=0.5), 2021, 134_344.00),
    ],
)
def test_electricity_tax_to_2023(bill_of: MakeBill, text: str, year: int, expected: float) -> None:
    assert bill_of(text, "DE", year).charge("de.electricity_tax") == cents(expected)


@pytest.mark.parametrize(
    ("text", "year", "expected"),
    [
        (medium(price="200 EUR/MWh", claims=BRAKE), 2023, -1_176_000.00),  # 70 × 16,800
        (medium(price="130 EUR/MWh", claims=BRAKE), 2023, 0),
        (plant(price="200 EUR/MWh", claims=BRAKE), 2023, -1_800_000.00),  # 150,000 a month
        (plant(price="200 EUR/MWh", claims=BRAKE, de='price_brake_cap = "50 MEUR"'), 2023, -39_200_000.00),
        (plant(price="200 EUR/MWh", claims=BRAKE, de='price_brake_cap = "2 MEUR"'), 2023, -2_000_000.00),
        (medium(price="200 EUR/MWh", claims=BRAKE, offtake="30 MWh", peak="10 kW"), 2023, 0),
        (medium(price="200 EUR/MWh", claims=BRAKE, offtake="30.1 MWh", peak="10 kW"), 2023, -1_474.90),
        (medium(price="200 EUR/MWh", claims=BRAKE), 2022, 0),
        (medium(price="200 EUR/MWh", claims=BRAKE), 2024, 0),
    ],
)
def test_price_brake(bill_of: MakeBill, text: str, year: int, expected: float) -> None:
    assert bill_of(text, "DE", year).charge("de.price_brake") == cents(expected)


def aid(consumption: str, rates: dict[str, str], co2: str = "") -> str:
    text = plant(sector="20.13", co2=co2 or FALLBACK.format(consumption), claims=SPK, company="")
    return text + "[rates]\n" + "\n".join(f'"{rate}" = "{value}"' for rate, value in rates.items())


NO_BASE = {"de.spk.base_amount": "0 EUR/tCO2", "de.spk.base_share": "0 %"}
NO_OWN = {"de.spk.own_share": "0 GWh"}
FIRST = {"eu.icc.fallback_efficiency": "0.80"}


@pytest.mark.parametrize(
    ("consumption", "year", "rates", "expected"),
    [
        # wm-energy.de, "about 58,000 EUR": 0.75 × 0.72 × 54.06 × 0.80 × 2,500
        ("2500 MWh", 2022, {**NO_BASE, **NO_OWN, **FIRST}, 58_385),
        ("2500 MWh", 2022, {**NO_BASE, **NO_OWN}, 57_748),  # at 0.79128, the efficiency of 2022
        ("2500 MWh", 2022, {**NO_OWN, **FIRST}, 52_985),  # 49.06
        ("2500 MWh", 2022, {}, 31_444),  # as the law stood: 49.06, 0.79128 and 1,500 MWh
        ("1000 MWh", 2022, {}, 0),
        ("2500 MWh", 2023, {}, 88_320),  # 0.54 × 83.59 × 0.782655048 × 2,500: nothing comes off any more
        ("100 GWh", 2024, {}, 3_732_563),
    ],
)
def test_own_share_and_base_amount(
    bill_of: MakeBill, consumption: str, year: int, rates: dict[str, str], expected: float
) -> None:
    bill = bill_of(aid(consumption, rates), "DE", year)
    assert bill.charge("de.indirect_compensation") == pytest.approx(-expected, abs=0.5)


def test_base_amount_of_bbh(bill_of: MakeBill) -> None:
    """BBH: 300 GWh lose 1.08 MEUR in 2022, before the aid intensity of 75 %."""
    plain = {**NO_OWN, "eu.icc.fallback_efficiency": "1"}
    with_it, without = [
        bill_of(aid("300 GWh", rates), "DE", 2022).charge("de.indirect_compensation")
        for rates in (plain, {**plain, **NO_BASE})
    ]
    assert (with_it - without) / 0.75 == cents(1_080_000.00)


@pytest.mark.parametrize(
    ("price", "expected"),
    [("100", 51_300.00), ("120", 61_560.00)],  # less 5, less 6: 0.54 × (price − base) × 1,000 MWh
)
def test_base_amount_is_a_twentieth_of_a_high_price(bill_of: MakeBill, price: str, expected: float) -> None:
    rates = {**NO_OWN, "eu.icc.fallback_efficiency": "1", "eu.icc.price": f"{price} EUR/tCO2"}
    assert bill_of(aid("1000 MWh", rates), "DE", 2022).charge("de.indirect_compensation") == cents(-expected)


def test_own_share_of_a_product_with_a_benchmark(bill_of: MakeBill) -> None:
    """10 kt at 2 MWh/t less 1 GWh: 0.54 × 49.06 × 19,000."""
    rates = {"eu.icc.elec_benchmark.chlorine": "2 MWh/t", "eu.icc.elec_benchmark_factor": "1"}
    text = aid("", rates, '[[co2.indirect]]\nproduct = "chlorine"\noutput = "10 kt"\n')
    assert bill_of(text, "DE", 2022).charge("de.indirect_compensation") == cents(-503_355.60)


@pytest.mark.parametrize(("year", "price"), [(2021, 25), (2022, 30), (2023, 30), (2024, 45)])
def test_national_emissions_trading_by_year(bill_of: MakeBill, year: int, price: float) -> None:
    text = plant(co2='direct_emissions = "10 kt"\nfree_allocation = "0 t"')
    assert bill_of(text, "DE", year).charge("de.nehs") == cents(10_000 * price)


def test_sector_lists_of_the_eeg(tables: Tables) -> None:
    """Annex 4 numbers its 221 classes."""
    one, two = tables.list_of("de.besar_eeg_list1"), tables.list_of("de.besar_eeg_list2")
    assert (len(one), len(two)) == (68, 153)
    assert not one & two
    assert tables.list_of("de.besar_eeg_nonferrous") < one
