"""The Belgian law against worked examples and hand calculations: federal, Flemish and Walloon."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from levelfield._errors import MissingData
from tests.conftest import MakeBill

VLG, WAL = "BE-VLG", "BE-WAL"


def plant(
    offtake: str, hours: int = 8000, level: str = "high", sector: str = "20.13", be: str = "", more: str = ""
) -> str:
    return f"""
sector = "{sector}"
[electricity]
offtake = "{offtake}"
full_load_hours = "{hours} h"
[connection]
level = "{level}"
BE = {{ {be} }}
{more}
"""


def cents(expected: float) -> object:
    return pytest.approx(expected, abs=0.005)


# The worked example: Flanders 2026, 150 kV, 100 GWh at 8,000 h, NACE 20 -----------------------------------------------


@pytest.mark.parametrize(
    ("charge", "expected"),
    [
        ("be.grid.monthly_peak", 59_250.00),  # 12 × 12,500 kW × 0.395 EUR/kW/month
        ("be.grid.yearly_peak", 122_825.00),  # 12,500 kW × 9.826
        ("be.grid.contracted", 94_356.25),  # 12,500 kVA × 7.5485
        ("be.grid.energy", 259_490.00),  # 100,000 MWh × 2.5949
        ("be.grid", 535_921.25),
        ("be.pso", 95_810.00),  # 100,000 MWh × (0.3722 + 0.0430 + 0.5429)
        ("be.excise", 472_777.40),
        ("be.vlg.green_certificates", 276_926.10),  # 0.11 × 27,070 MWh × 93 EUR
        ("be.vlg.chp_certificates", 200_194.40),  # 0.14 × 51,070 MWh × 28 EUR
        ("be.vlg.energy_fund", 13_447.92),  # 12 × 1,120.66
        ("be.energy_contribution", 0.0),
    ],
)
def test_worked_example_line_by_line(bill_of: MakeBill, charge: str, expected: float) -> None:
    assert bill_of(plant("100 GWh"), VLG, 2026).charge(charge) == cents(expected)


def test_worked_example_adds_up_and_electrolysis_is_free_of_excise(bill_of: MakeBill) -> None:
    bill = bill_of(plant("100 GWh"), VLG, 2026)
    assert bill.total - bill.charge("be.commodity") == cents(1_595_077.07)
    text = plant("100 GWh").replace("[connection]", "exempt_process_share = 1.0\n[connection]")
    assert bill.total - bill_of(text, VLG, 2026).total == cents(472_777.40)
    half = plant("100 GWh").replace("[connection]", "exempt_process_share = 0.5\n[connection]")
    assert bill_of(half, VLG, 2026).charge("be.excise") == cents(336_277.40)  # 268,027.40 + 25,000 × 2.73


def test_commodity_is_the_market_price_or_the_own_price(bill_of: MakeBill) -> None:
    assert bill_of(plant("100 GWh"), VLG, 2025).charge("be.commodity") == cents(8_257_000.00)  # × 82.57
    own = plant("100 GWh").replace("[connection]", 'price = { BE = "60 EUR/MWh" }\n[connection]')
    assert bill_of(own, WAL, 2025).charge("be.commodity") == cents(6_000_000.00)


# Network --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "be", "per_mwh"),
    [
        ("extra_high", "", (5.359, 5.754, 7.018, 8.124)),
        ("sub", "", (8.424, 9.062, 11.107, 12.895)),
        ("medium", 'operator = "elia", grid_level = "transformer_output"', (13.621, 14.603, 17.745, 20.495)),
    ],
)
@pytest.mark.parametrize("place", [VLG, WAL])
def test_elia_per_mwh_of_a_flat_load(
    bill_of: MakeBill, place: str, level: str, be: str, per_mwh: tuple[float, ...]
) -> None:
    for hours, expected in zip((8000, 7000, 5000, 4000), per_mwh, strict=True):
        bill = bill_of(plant("100 GWh", hours, level, be=be), place, 2026)
        assert bill.charge("be.grid") / 100_000 == pytest.approx(expected, abs=0.0005)


def test_elia_of_2025_is_a_range_around_the_rates_of_2026(bill_of: MakeBill) -> None:
    bill = bill_of(plant("100 GWh"), VLG, 2025)
    assert bill.charge("be.grid") == cents(535_921.25)
    assert all(item.evidence == "assumed" for item in bill.lines if item.charge.startswith("be.grid"))
    # 9 EUR/MWh, said of industry in 2025, lies inside: 1.25 × 5.359 + 2.396; so does 8.
    assert bill.high - bill.total > (9 - 5.359) * 100_000


def test_elia_peaks_of_a_load_curve(bill_of: MakeBill, tmp_path: Path) -> None:
    """10 MW always; 15 MW on January workdays 17-20 h; 20 MW on July weekends 10-19 h; 40 MW on 11 November 17-20 h."""
    rows, hour = ["start,kW"], datetime(2026, 1, 1, tzinfo=UTC)
    while hour.year == 2026:
        evening = 17 <= hour.hour < 20
        power = 10_000
        if hour.month == 1 and hour.weekday() < 5 and evening:
            power = 15_000
        if hour.month == 7 and hour.weekday() >= 5 and 10 <= hour.hour < 19:
            power = 20_000
        if (hour.month, hour.day) == (11, 11) and evening:
            power = 40_000
        if (hour.month, hour.day, hour.hour) != (3, 29, 2):
            rows.append(f"{hour:%Y-%m-%dT%H:%M},{power}")
        if (hour.month, hour.day, hour.hour) == (10, 25, 2):
            rows.append(f"{hour:%Y-%m-%dT%H:%M},{power}")
        hour += timedelta(hours=1)
    curve = tmp_path / "load.csv"
    curve.write_text("\n".join(rows) + "\n", encoding="utf-8")
    bill = bill_of(f'[electricity]\nload_curve = "{curve}"\n[connection]\nlevel = "high"\n', VLG, 2026)
    # January 15 MW, November 40 MW, ten months of 10 MW: 155,000 kW·month × 0.395; summer weekends do not count.
    assert bill.charge("be.grid.monthly_peak") == cents(61_225.00)
    assert bill.charge("be.grid.yearly_peak") == cents(147_390.00)  # 15,000 kW × 9.826: 11 November is a holiday
    assert bill.charge("be.grid.contracted") == cents(301_940.00)  # 40,000 kVA × 7.5485


def test_fluvius_and_its_maximum_tariff(bill_of: MakeBill) -> None:
    bill = bill_of(plant("70 GWh", 7000, "medium"), VLG, 2026)
    assert bill.charge("be.grid.access_power") == cents(336_582.67)  # 10,000 kVA × 33.6582672
    assert bill.charge("be.grid.monthly_peak") == cents(543_035.74)  # 10,000 kW × 54.3035736
    assert bill.charge("be.grid.energy") == cents(289_569.00)  # 70,000 MWh × (3.8921 + 0.2446)
    assert bill.charge("be.grid") == cents(1_169_245.06)  # and 57.65 for data management: no cut
    assert bill.charge("be.pso") == 0
    assert any("Fluvius Antwerpen" in str(warning) for warning in bill.warnings)
    short = bill_of(plant("1 GWh", 200, "medium"), VLG, 2026)
    # 5,000 kW: 168,291.336 + 271,517.868 + 4,136.70 = 443,945.904 against 150,808.20.
    assert short.charge("be.grid.maximum") == cents(-293_137.70)
    post = bill_of(plant("70 GWh", 7000, "medium", be='grid_level = "kv26_36_post", zone = "west"'), VLG, 2026)
    assert post.charge("be.grid") == cents(848_866.37)  # 356,765.424 + 461,985.30 + 30,058.00 + 57.65


@pytest.mark.parametrize(
    ("grid_level", "zone", "access", "peak", "pso", "surcharges"),
    [  # Fluvius, sheet of 2026: EUR/kVA/a, EUR/kW/a and EUR/MWh (above 26 kV in one sum)
        ("kv1_26", "antwerpen", 33.6582672, 54.3035736, 3.8921, 0.2446),
        ("kv1_26", "halle_vilvoorde", 37.1110092, 60.1395192, 3.8645, 0.2753),
        ("kv1_26", "imewo", 36.105918, 54.2288988, 3.7033, 0.2193),
        ("kv1_26", "kempen", 31.567734, 46.8630636, 4.0283, 0.1922),
        ("kv1_26", "limburg", 30.4061988, 48.912096, 3.9405, 0.6492),
        ("kv1_26", "midden_vlaanderen", 35.1788388, 50.4530592, 3.587, 0.2011),
        ("kv1_26", "west", 41.6436, 59.7614052, 4.0025, 0.2219),
        ("kv1_26", "zenne_dijle", 40.6844988, 59.85696, 3.9196, 0.3058),
        ("kv26_36_post", "antwerpen", 41.6412648, 56.8450092, 0.4869, 0),
        ("kv26_36_post", "halle_vilvoorde", 25.93092, 57.44691, 0.402, 0),
        ("kv26_36_post", "imewo", 39.4778064, 46.4718228, 0.3757, 0),
        ("kv26_36_post", "kempen", 28.6217448, 39.1871208, 0.3942, 0),
        ("kv26_36_post", "limburg", 25.6442232, 32.2406844, 0.3983, 0),
        ("kv26_36_post", "midden_vlaanderen", 30.9004704, 43.1829264, 0.2574, 0),
        ("kv26_36_post", "west", 35.6765424, 46.19853, 0.4294, 0),
        ("kv26_36_post", "zenne_dijle", 37.9655376, 47.964726, 0.3951, 0),
        ("kv26_36_grid", "antwerpen", 33.6582672, 54.3035736, 4.1367, 0),
        ("kv26_36_grid", "halle_vilvoorde", 37.1110092, 60.1395192, 5.0562, 0),
        ("kv26_36_grid", "imewo", 36.105918, 54.2288988, 3.9226, 0),
        ("kv26_36_grid", "west", 41.6436, 59.7614052, 4.2244, 0),
        ("kv26_36_grid", "zenne_dijle", 40.6844988, 59.85696, 4.2254, 0),
    ],
)
def test_fluvius_by_zone(
    bill_of: MakeBill, grid_level: str, zone: str, access: float, peak: float, pso: float, surcharges: float
) -> None:
    """10 MW and 70 GWh."""
    bill = bill_of(plant("70 GWh", 7000, "medium", be=f'grid_level = "{grid_level}", zone = "{zone}"'), VLG, 2026)
    assert bill.charge("be.grid.access_power") == cents(10_000 * access)
    assert bill.charge("be.grid.monthly_peak") == cents(10_000 * peak)
    assert bill.charge("be.grid.energy") == cents(70_000 * (pso + surcharges))


@pytest.mark.parametrize(
    ("text", "place", "year", "lacks"),
    [
        (plant("70 GWh", level="medium"), WAL, 2026, "be.grid.ores"),
        (plant("70 GWh", level="medium", be='operator = "resa"'), WAL, 2026, "be.grid.resa"),
        (plant("70 GWh", level="medium", be='grid_level = "kv26_36_grid", zone = "kempen"'), VLG, 2026, "kempen"),
        (plant("70 GWh", level="medium", be='grid_level = "kv26_36_post"'), VLG, 2025, "kv26_36_post"),
        (plant("70 GWh", level="medium"), VLG, 2024, "be.grid.fluvius"),
        (plant("70 GWh", level="sub"), WAL, 2019, "be.pso.wal.term2"),
        (plant("70 GWh"), VLG, 2018, "hold nothing for 2018"),
        (plant("70 GWh"), WAL, 2027, "hold nothing for 2027"),
    ],
)
def test_what_is_not_held_is_refused(bill_of: MakeBill, text: str, place: str, year: int, lacks: str) -> None:
    with pytest.raises(MissingData, match=lacks):
        bill_of(text, place, year)


def test_energy_norm_is_a_scenario(bill_of: MakeBill) -> None:
    text = plant("100 GWh", be="energy_norm = true")
    assert bill_of(text, WAL, 2026).charge("be.grid.energy_norm") == cents(-428_737.00)  # 0.8 × 535,921.25
    assert bill_of(text, WAL, 2025).charge("be.grid.energy_norm") == 0
    assert bill_of(plant("100 GWh"), WAL, 2026).charge("be.grid.energy_norm") == 0
    aid = plant("100 GWh", be="cisaf = true", more='[rates]\n"market.day_ahead.be" = "94 EUR/MWh"')
    assert bill_of(aid, VLG, 2026).charge("be.energy_norm_aid") == cents(-2_200_000.00)  # (94 − 50) × 50,000 MWh
    dear = plant("100 GWh", be="cisaf = true", more='[rates]\n"market.day_ahead.be" = "120 EUR/MWh"')
    assert bill_of(dear, VLG, 2026).charge("be.energy_norm_aid") == cents(-3_000_000.00)  # 60 × 50,000 MWh


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (2024, 305_467.50),  # 150,000 × 0.2251 + 12,500 × (5.6008 + 4.3026) + 100,000 × 1.4791: 0.57 of 2026
        (2022, 304_946.25),  # 150,000 × 0.2248 + 12,500 × (5.5910 + 4.2951) + 100,000 × 1.4765: 0.569 of 2026
    ],
)
def test_elia_before_2025_is_a_share_of_2026(bill_of: MakeBill, year: int, expected: float) -> None:
    bill = bill_of(plant("100 GWh"), VLG, year)
    assert bill.charge("be.grid") == cents(expected)
    assert all(item.evidence == "assumed" for item in bill.lines if item.charge.startswith("be.grid"))
    # 5 to 6 EUR/MWh, said of industry in 2024, lies inside: 0.8 × 5.359 + 2.396 is 6.68.
    assert bill.high - bill.total > (6 - 3.055) * 100_000


def test_elia_moves_with_the_overall_changes(bill_of: MakeBill) -> None:
    """-2.1, -1.9, -1.1 and -1.0 % against 2019, as the regulator reports them."""
    grid = {year: bill_of(plant("100 GWh"), WAL, year).charge("be.grid") for year in range(2019, 2024)}
    for year, change in ((2020, -2.1), (2021, -1.9), (2022, -1.1), (2023, -1.0)):
        assert 100 * (grid[year] / grid[2019] - 1) == pytest.approx(change, abs=0.15)


# Obligations through the years ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "level", "year", "expected"),
    [
        (VLG, "high", 2024, 95_810.00),  # 0.3722 + 0.0430 + 0.5429; the press says 0.9
        (VLG, "high", 2023, 190_000.00),  # the press says 1.9
        (WAL, "sub", 2024, 632_290.00),  # 5.9249 + 0.3980; the press says 6.3
        (WAL, "sub", 2023, 1_100_000.00),  # the press says 11
        (WAL, "sub", 2022, 1_421_390.00),  # 13.8159 + 0.3980
        (WAL, "high", 2022, 39_800.00),
    ],
)
def test_obligations_by_year(bill_of: MakeBill, place: str, level: str, year: int, expected: float) -> None:
    assert bill_of(plant("100 GWh", level=level, sector="35.11"), place, year).charge("be.pso") == cents(expected)


# Federal levies to 2021: 20 MWh whole, to 50 MWh less 15 %, to 1 GWh 20 %, to 25 GWh 25 %, above 45 % -----------------

ACCORD = '[claims]\n"be.wal.accord_de_branche" = true'


@pytest.mark.parametrize(
    ("offtake", "year", "contribution", "offshore"),
    [
        ("20 MWh", 2021, 69.40, 233.70),  # 20 × 3.47, 20 × 11.6852
        ("50 MWh", 2021, 157.89, 531.68),  # × 45.5
        ("1 GWh", 2021, 2_795.085, 9_412.43),  # × 805.5
        ("20 GWh", 2021, 52_242.585, 175_926.53),  # × 15,055.5
        ("25 GWh", 2021, 65_255.085, 219_746.03),  # × 18,805.5
        ("29.7 GWh", 2021, 74_225.035, 249_952.27),  # × 21,390.5
        ("29.8 GWh", 2021, 74_415.885, 250_000.00),  # × 21,445.5: the cap of the surcharge
        ("100 GWh", 2021, 208_392.585, 250_000.00),  # × 60,055.5
        ("250 GWh", 2021, 494_667.585, 250_000.00),  # × 142,555.5
        ("250.001 GWh", 2021, 250_000.00, 250_000.00),  # the cap of the contribution
        ("100 GWh", 2020, 188_742.43, 250_000.00),  # 3.1428 × 60,055.5
        ("20 GWh", 2020, 47_316.43, 135_711.78),  # (3.1428, 9.0141) × 15,055.5
        ("20 GWh", 2019, 50_336.56, 109_716.96),  # (3.3434, 7.2875) × 15,055.5
        ("100 GWh", 2022, 0.0, 0.0),
    ],
)
def test_federal_levies_are_degressive_and_capped(
    bill_of: MakeBill, offtake: str, year: int, contribution: float, offshore: float
) -> None:
    parts = ("be.pso.offshore", "be.pso.offshore_degressivity", "be.pso.offshore_cap")
    for place in (VLG, WAL):
        bill = bill_of(plant(offtake, more=ACCORD), place, year)
        assert bill.charge("be.federal_contribution") == cents(contribution)
        assert sum(bill.charge(part) for part in parts) == cents(offshore)


def test_federal_levies_without_an_agreement(bill_of: MakeBill) -> None:
    outside = bill_of(plant("100 GWh", be="energy_agreement = false"), VLG, 2021)
    assert outside.charge("be.federal_contribution") == cents(347_000.00)
    assert outside.charge("be.pso.offshore") == cents(1_168_520.00)
    assert outside.charge("be.pso.offshore_connection") == cents(8_400.00)  # × 0.084
    assert outside.charge("be.pso.strategic_reserve") == cents(5_100.00)  # × 0.051
    assert bill_of(plant("100 GWh"), WAL, 2021).charge("be.federal_contribution") == cents(347_000.00)
    none = bill_of(plant("100 GWh"), VLG, 2021, reliefs="none")
    assert none.charge("be.federal_contribution") == cents(347_000.00)
    assert none.charge("be.pso.offshore_cap") == 0
    assert any("energy policy agreement" in str(warning) for warning in bill_of(plant("100 GWh"), VLG, 2021).warnings)


# Federal taxes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offtake", "expected"),
    [
        ("20 MWh", 284.20),
        ("30 MWh", 405.10),  # 284.20 + 10 × 12.09
        ("50 MWh", 646.90),
        ("1 GWh", 11_467.40),
        ("10 GWh", 107_677.40),
        ("25 GWh", 268_027.40),
        ("100 GWh", 472_777.40),
        ("500 GWh", 672_777.40),
    ],
)
@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_excise_is_marginal(bill_of: MakeBill, offtake: str, expected: float, year: int) -> None:
    assert bill_of(plant(offtake), VLG, year).charge("be.excise") == cents(expected)
    assert bill_of(plant(offtake), WAL, year).charge("be.excise") == cents(expected)


@pytest.mark.parametrize(
    ("offtake", "year", "expected"),
    [
        # November and December 2022: 61 days of 365 at 0.50 for the first 1,000 MWh; January to March 2023: 90 days.
        ("30 MWh", 2022, 339.91),  # 405.10 × 304/365 + 15 × 61/365
        ("1 GWh", 2022, 9_634.49),  # 11,467.40 × 304/365 + 500 × 61/365
        ("25 GWh", 2022, 266_194.49),
        ("100 GWh", 2022, 470_944.49),  # 472,777.40 − 10,967.40 × 61/365
        ("500 GWh", 2022, 670_944.49),
        ("30 MWh", 2023, 308.91),
        ("1 GWh", 2023, 8_763.11),
        ("100 GWh", 2023, 470_073.11),  # 472,777.40 − 10,967.40 × 90/365
        ("100 GWh", 2021, 0.0),
    ],
)
def test_excise_in_the_crisis(bill_of: MakeBill, offtake: str, year: int, expected: float) -> None:
    bill = bill_of(plant(offtake), VLG, year)
    assert bill.charge("be.excise") == cents(expected)
    days = {2021: 0, 2022: 61, 2023: 90}[year]
    first = [line.amount for line in bill.lines if line.charge == "be.excise.band1"]
    assert sum(first) == cents(20 * (14.21 * (365 - days) + 0.5 * days) / 365 if days else 0)


def test_energy_contribution_only_at_low_voltage(bill_of: MakeBill) -> None:
    low = plant("30 MWh", be="low_voltage = true")
    assert bill_of(low, VLG, 2026).charge("be.energy_contribution") == cents(57.78)  # 30 × 1.9261
    assert bill_of(low, WAL, 2026).charge("be.wal.connection_fee") == cents(22.50)  # 30 × 0.75


# Flanders -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offtake", "sector", "gsc", "chp"),
    [
        ("1 GWh", "20.13", 1_000, 1_000),
        ("10 GWh", "20.13", 5_770, 5_770),  # 1,000 + 0.53 × 9,000
        ("25 GWh", "20.13", 12_070, 13_570),
        ("100 GWh", "20.13", 27_070, 51_070),
        ("500 GWh", "20.13", 62_070, 118_570),
        ("10 GWh", "05.10", 5_770, 5_770),
        ("10 GWh", "33.20", 5_770, 5_770),
        ("10 GWh", "46.39", 5_770, 5_770),
        ("10 GWh", "52.10", 5_770, 5_770),
        ("10 GWh", "52.24", 5_770, 5_770),
        ("10 GWh", "35.11", 10_000, 10_000),
        ("10 GWh", "01.11", 10_000, 10_000),
        ("25 GWh", "52.29", 21_000, 22_500),  # above 20 GWh any activity is exempt
    ],
)
def test_certificates_by_exemption_band(bill_of: MakeBill, offtake: str, sector: str, gsc: float, chp: float) -> None:
    bill = bill_of(plant(offtake, sector=sector), VLG, 2025)
    assert bill.charge("be.vlg.green_certificates") == cents(gsc * 10.23)  # 0.11 × 93
    assert bill.charge("be.vlg.chp_certificates") == cents(chp * 3.92)  # 0.14 × 28


@pytest.mark.parametrize(
    ("year", "gsc", "chp"),
    [
        (2019, 541_264.65, 160_155.52),  # 0.215 × 27,070 MWh × 93, 0.112 × 51,070 MWh × 28
        (2022, 541_264.65, 160_155.52),
        (2023, 453_151.80, 160_155.52),  # 0.18
        (2024, 276_926.10, 200_194.40),  # 0.11, 0.14
    ],
)
def test_certificates_by_year_of_offtake(bill_of: MakeBill, year: int, gsc: float, chp: float) -> None:
    bill = bill_of(plant("100 GWh"), VLG, year)
    assert bill.charge("be.vlg.green_certificates") == cents(gsc)
    assert bill.charge("be.vlg.chp_certificates") == cents(chp)


@pytest.mark.parametrize(
    ("offtake", "price", "expected", "published"),
    [
        ("100 GWh", 23, 672_821, 670_000),
        ("100 GWh", 35, 741_459, 670_000),
        ("500 GWh", 23, 1_546_526, 1_700_000),
        ("500 GWh", 35, 1_705_884, 1_700_000),
        ("100 GWh", 28, 701_420, 670_000),
        ("500 GWh", 28, 1_612_926, 1_700_000),
    ],
)
def test_green_contribution_of_the_press(
    bill_of: MakeBill, offtake: str, price: int, expected: float, published: float
) -> None:
    """Trends/Knack: above 670,000 EUR at 100 GWh and 1.7 MEUR at 500 GWh, under the quotas of 21.5 and 11.2 %."""
    bill = bill_of(plant(offtake, more=f'[rates]\n"be.vlg.chp.price" = "{price} EUR/certificate"'), VLG, 2021)
    found = bill.charge("be.vlg.green_certificates") + bill.charge("be.vlg.chp_certificates")
    assert found == pytest.approx(expected, abs=1)
    assert found == pytest.approx(published, rel=0.11)


@pytest.mark.parametrize(
    ("level", "year", "expected"),
    # 12 × 192.11, 12 × 1,120.66, 12 × 1,098.73
    [
        ("medium", 2026, 2_305.32),
        ("sub", 2026, 13_447.92),
        ("high", 2025, 13_184.76),
        ("high", 2024, 12_775.68),  # 12 × 1,064.64
        ("high", 2023, 12_729.96),  # 12 × 1,060.83
        ("high", 2022, 11_338.92),  # 12 × 944.91
    ],
)
def test_energy_fund(bill_of: MakeBill, level: str, year: int, expected: float) -> None:
    assert bill_of(plant("50 GWh", level=level), VLG, year).charge("be.vlg.energy_fund") == cents(expected)


@pytest.mark.parametrize(("year", "expected"), [(2022, 1_943.76), (2023, 2_182.20), (2024, 2_190.12)])
def test_energy_fund_at_medium_voltage(bill_of: MakeBill, year: int, expected: float) -> None:
    text = plant("50 GWh", level="medium", be='operator = "elia", grid_level = "transformer_output"')
    assert bill_of(text, VLG, year).charge("be.vlg.energy_fund") == cents(expected)  # 12 × 161.98, 181.85, 182.51


def supercapped(part: str, value: str) -> str:
    """Certificates come to 477,120.50 EUR; all electricity to 10,995,077.07 EUR at 94 EUR/MWh."""
    claim = '[claims]\n"be.vlg.supercap" = true\n'
    company = f'[company]\ngross_value_added = "{value}"\n'
    price = '[rates]\n"market.day_ahead.be" = "94 EUR/MWh"'
    return plant("100 GWh", be=f'supercap_list = "{part}"', more=company + claim + price)


@pytest.mark.parametrize(
    ("part", "value", "expected"),
    [
        ("part1", "54 MEUR", -207_120.50),  # 20.4 %: 0.5 % is 270,000
        ("part1", "60 MEUR", 0.0),  # 18.3 %: 4 % is 2.4 MEUR
        ("part1", "200 MEUR", 0.0),
        ("part2", "54 MEUR", -207_120.50),
        ("part2", "60 MEUR", 0.0),
        ("none", "54 MEUR", 0.0),
    ],
)
def test_supercap(bill_of: MakeBill, part: str, value: str, expected: float) -> None:
    assert bill_of(supercapped(part, value), VLG, 2026).charge("be.vlg.supercap") == cents(expected)


def test_supercap_of_four_percent(bill_of: MakeBill) -> None:
    # An own price of 1 EUR/MWh: electricity is 1,695,077.07 EUR, 17.0 % of 10 MEUR; the cap is 400,000 EUR.
    text = supercapped("part1", "10 MEUR").replace("[connection]", 'price = { BE = "1 EUR/MWh" }\n[connection]')
    assert bill_of(text, VLG, 2026).charge("be.vlg.supercap") == cents(-77_120.50)
    refused = text.replace('"be.vlg.supercap" = true', '"be.vlg.supercap" = false')
    assert bill_of(refused, VLG, 2026).charge("be.vlg.supercap") == 0


# Wallonia -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "sector", "be", "claims", "surcharge", "exemption"),
    [
        ("sub", "20.13", "", "", 592_490.00, 0.5),  # 100,000 MWh × 5.9249
        ("sub", "35.11", "", "", 592_490.00, 0.0),
        ("sub", "01.11", "", "", 592_490.00, 0.5),
        ("sub", "86.10", "", "", 592_490.00, 0.5),
        ("sub", "20.13", 'accord_condition = "annex_3"', "true", 592_490.00, 0.85),
        ("sub", "35.11", 'accord_condition = "intensity"', "true", 592_490.00, 0.85),
        ("sub", "20.13", 'accord_condition = "before_2014"', "true", 592_490.00, 0.80),  # at least 20 % is paid
        ("sub", "20.13", "", "true", 592_490.00, 0.5),  # a member without one of the conditions
        ("sub", "20.13", 'accord_condition = "annex_3"', "false", 592_490.00, 0.5),
        ("high", "20.13", "", "", 0.0, 0.0),  # due at 70 kV and below
        ("extra_high", "20.13", 'accord_condition = "annex_3"', "true", 0.0, 0.0),
    ],
)
def test_walloon_surcharge_and_its_exemptions(
    bill_of: MakeBill, level: str, sector: str, be: str, claims: str, surcharge: float, exemption: float
) -> None:
    more = f'[claims]\n"be.wal.accord_de_branche" = {claims}' if claims else ""
    bill = bill_of(plant("100 GWh", level=level, sector=sector, be=be, more=more), WAL, 2026)
    assert bill.charge("be.pso.green_certificates") == cents(surcharge)
    relief = bill.charge("be.pso.exemption_accord") + bill.charge("be.pso.exemption_industry")
    assert relief == cents(-exemption * surcharge)
    assert bill.charge("be.pso.public_domain") == cents(39_800.00)


@pytest.mark.parametrize(("offtake", "expected"), [("1 GWh", 0.0), ("1001 MWh", -2_965.41)])  # 0.5 × 1,001 × 5.9249
def test_industry_is_exempt_above_one_gwh(bill_of: MakeBill, offtake: str, expected: float) -> None:
    assert bill_of(plant(offtake, level="sub"), WAL, 2026).charge("be.pso.exemption_industry") == cents(expected)


@pytest.mark.parametrize(
    ("risk", "price", "quota", "expected"),
    [
        ("at_risk", "65", 2_600_000.00, -1_950_000.00),  # 26 EUR/MWh, less 75 %
        ("significant", "65", 2_600_000.00, -2_210_000.00),  # less 85 %
        ("significant", "5", 200_000.00, -150_000.00),  # 2 EUR/MWh less 85 % is 0.30: the floor of 0.50 binds
        ("significant", "1", 40_000.00, 0.0),  # 0.40 EUR/MWh lies below the floor already
    ],
)
def test_walloon_certificates_and_the_carbon_community(
    bill_of: MakeBill, risk: str, price: str, quota: float, expected: float
) -> None:
    more = f'[claims]\n"be.wal.carbon_community" = true\n[rates]\n"be.wal.cv.price" = "{price} EUR/certificate"'
    bill = bill_of(plant("100 GWh", be=f'relocation_risk = "{risk}"', more=more), WAL, 2026)
    assert bill.charge("be.wal.green_certificates.quota") == cents(quota)
    assert bill.charge("be.wal.green_certificates.carbon_community") == cents(expected)


@pytest.mark.parametrize(
    ("offtake", "year", "quota", "reduction"),
    [
        ("20 GWh", 2024, 514_540.00, -128_635.00),  # 20,000 × 0.3958 × 65 = 25.727 a MWh, less 25 %
        ("100 GWh", 2024, 2_572_700.00, -1_157_715.00),  # 25.727 × (20,000 × 0.25 + 80,000 × 0.50)
        ("300 GWh", 2024, 7_718_100.00, -5_531_305.00),  # and 200,000 × 0.85
        ("400 GWh", 2024, 10_290_800.00, -7_846_735.00),  # and 100,000 × 0.90
        ("100 GWh", 2020, 2_463_500.00, -1_108_575.00),  # 0.379 × 65 = 24.635
        ("100 GWh", 2019, 2_423_200.00, -1_090_440.00),  # 0.3728 × 65 = 24.232
        ("100 GWh", 2025, 2_600_000.00, 0.0),
    ],
)
def test_accord_de_branche_cuts_the_walloon_quota_to_2024(
    bill_of: MakeBill, offtake: str, year: int, quota: float, reduction: float
) -> None:
    """Marginal by quarter: 25 % to 5 GWh, 50 % to 25, 85 % to 75, 90 % above; in a year four times that."""
    bill = bill_of(plant(offtake, more=ACCORD), WAL, year)
    assert bill.charge("be.wal.green_certificates.quota") == cents(quota)
    assert bill.charge("be.wal.green_certificates.accord") == cents(reduction)
    community = bill_of(plant(offtake, more=ACCORD + '\n"be.wal.carbon_community" = true'), WAL, year)
    assert bool(community.charge("be.wal.green_certificates.carbon_community")) is (year == 2025)


def test_the_walloon_quota_of_2022_is_a_range(bill_of: MakeBill) -> None:
    # 38.74 % on the line from 37.9 to 40, 39.62 % on the path before: 0.88 % × 65 EUR at least in high.
    bill = bill_of(plant("100 GWh"), WAL, 2022)
    assert bill.charge("be.wal.green_certificates.quota") == cents(2_518_100.00)
    assert bill.high - bill.total > 0.0088 * 65 * 100_000


@pytest.mark.parametrize(
    ("offtake", "expected"), [("9999 MWh", 5_999.40), ("10 GWh", 3_000.00), ("100 GWh", 30_000.00)]
)
def test_connection_fee_is_a_level_not_a_band(bill_of: MakeBill, offtake: str, expected: float) -> None:
    assert bill_of(plant(offtake), WAL, 2026).charge("be.wal.connection_fee") == cents(expected)


# Compensation ---------------------------------------------------------------------------------------------------------

FALLBACK = """
[[co2.indirect]]
product = "fallback"
consumption = "100 GWh"
[claims]
"be.indirect_compensation" = true
"""
TEXTBOOK = FALLBACK + '[rates]\n"eu.icc.price" = "80 EUR/tCO2"\n"eu.icc.fallback_efficiency" = "0.8"\n'


@pytest.mark.parametrize("place", [VLG, WAL])
def test_compensation_of_the_fallback(bill_of: MakeBill, place: str) -> None:
    # 0.75 × 0.36 tCO2/MWh × 80 EUR × 0.8 × 100,000 MWh.
    textbook = bill_of(plant("100 GWh", more=TEXTBOOK), place, 2025)
    assert textbook.charge("be.indirect_compensation") == cents(-1_728_000.00)
    # Cost year 2025: 0.75 × 0.36 × 68.86 × 0.76568615519985 × 100,000 MWh, 14.24 EUR/MWh.
    bill = bill_of(plant("100 GWh", more=FALLBACK), place, 2025)
    assert bill.charge("be.indirect_compensation") == pytest.approx(-1_423_579, abs=1)
    assert bill.electricity == pytest.approx(bill.total)


OLD_TEXTBOOK = FALLBACK + '[rates]\n"eu.icc.price" = "80 EUR/tCO2"\n"be.icc.emission_factor" = "0.36 tCO2/MWh"\n'


@pytest.mark.parametrize(
    ("more", "place", "year", "expected"),
    [
        (OLD_TEXTBOOK, VLG, 2021, -1_728_000.00),  # 0.75 × 0.36 × 80 × 0.8 × 100,000 MWh
        (OLD_TEXTBOOK, VLG, 2020, -1_710_720.00),  # 1 GWh of own contribution off the consumption, before the 0.8
        (OLD_TEXTBOOK, WAL, 2020, -1_728_000.00),
        (FALLBACK + '[rates]\n"eu.icc.price" = "25.21 EUR/tCO2"\n', VLG, 2020, -1_138_080.24),  # 0.57 × 25.21 × 79,200
        (FALLBACK.replace("100 GWh", "1 GWh"), VLG, 2020, 0.0),
        (FALLBACK.replace("100 GWh", "900 MWh"), VLG, 2020, 0.0),
    ],
)
def test_compensation_of_the_old_guidelines(
    bill_of: MakeBill, more: str, place: str, year: int, expected: float
) -> None:
    assert bill_of(plant("100 GWh", more=more), place, year).charge("be.indirect_compensation") == cents(expected)


def test_compensation_needs_a_listed_sector_and_the_claim(bill_of: MakeBill) -> None:
    listed = plant("100 GWh", more=FALLBACK)
    assert bill_of(listed.replace("20.13", "20.14"), VLG, 2025).charge("be.indirect_compensation") == 0
    assert bill_of(listed.replace("20.13", "20.14"), VLG, 2020).charge("be.indirect_compensation") < 0  # list of 2012
    assert bill_of(listed.replace("20.13", "24.45"), VLG, 2020).charge("be.indirect_compensation") == 0
    assert bill_of(listed.replace("20.13", "24.45"), VLG, 2021).charge("be.indirect_compensation") < 0
    assert bill_of(listed.replace("= true", "= false"), VLG, 2025).charge("be.indirect_compensation") == 0
