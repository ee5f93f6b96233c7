"""The French law against worked examples, published figures and hand calculations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from levelfield._errors import MissingData
from levelfield.bill import Bill, make_bill
from levelfield.calendars import Calendar, Segment, hours_by_class, parse_window
from levelfield.load import year_of
from levelfield.plant import Plant
from levelfield.tables import Tables
from tests.conftest import MakeBill

STABLE = '[claims]\n"fr.turpe_reduction" = true\n'
ACCISE = '[claims]\n"fr.accise" = true\n'
COMPENSATION = '[claims]\n"fr.indirect_compensation" = true\n'
NO_CLAIMS = '[claims]\n"fr.turpe_reduction" = false\n"fr.accise" = false\n"fr.indirect_compensation" = false\n'
FALLBACK = '[[co2.indirect]]\nproduct = "fallback"\nconsumption = "876 GWh"\n'


def plant(
    fr: str = "",
    rest: str = "",
    offtake: str = "876 GWh",
    peak: str = "100 MW",
    level: str = "extra_high",
    electricity: str = "",
    sector: str = "20.13",
) -> str:
    """The text of a plant file, by default 100 MW flat at HTB2; `fr` is what [connection] says of France."""
    size = electricity or f'offtake = "{offtake}"\nyearly_peak = "{peak}"'
    return f'sector = "{sector}"\n[electricity]\n{size}\n[connection]\nlevel = "{level}"\nFR = {{ {fr} }}\n{rest}'


def company(gross_value_added: str) -> str:
    return f'[company]\ngross_value_added = "{gross_value_added}"\n'


def cents(amount: float) -> object:
    return pytest.approx(amount, abs=0.005)


def curve(path: Path, power: Callable[[datetime], float], year: int = 2025) -> str:
    """What a plant file says of an hourly load curve of `year`, of which `power` gives the kW of each local hour."""
    first, paris = datetime(year - 1, 12, 31, 23, tzinfo=UTC), ZoneInfo("Europe/Paris")
    hours = [first + timedelta(hours=n) for n in range(8760)]
    rows = [f"{hour:%Y-%m-%dT%H:%M},{power(hour.astimezone(paris))}" for hour in hours]
    path.write_text("\n".join(["utc,kW", *rows]))
    return f'load_curve = "{path}"'


# Time classes ---------------------------------------------------------------------------------------------------------


def calendar(tables: Tables, name: str) -> Calendar:
    block = next(block for block in tables.law("fr").calendars if block["id"] == name)
    classes = tuple((item["id"], parse_window(item)) for item in block["class"])
    return Calendar(name, classes, tuple(block.get("holidays", ())))


@pytest.mark.parametrize(
    ("year", "hours"),
    [
        (2019, (252, 1396, 1976, 2368, 2768)),
        (2020, (256, 1440, 1952, 2352, 2784)),
        (2021, (252, 1444, 1928, 2368, 2768)),
        (2022, (252, 1444, 1928, 2352, 2784)),
        (2023, (248, 1448, 1928, 2320, 2816)),
        (2024, (256, 1408, 1984, 2368, 2768)),
        (2025, (256, 1408, 1960, 2352, 2784)),
        (2026, (252, 1428, 1944, 2352, 2784)),
        (2027, (252, 1428, 1944, 2384, 2752)),
    ],
)
def test_hours_of_the_transmission_classes(tables: Tables, year: int, hours: tuple[int, ...]) -> None:
    counted = hours_by_class(calendar(tables, "fr.htb"), year_of(year))
    assert counted == dict(zip(("pointe", "hph", "hch", "hpe", "hce"), hours, strict=True))


def test_hours_of_the_distribution_classes(tables: Tables) -> None:
    counted = hours_by_class(calendar(tables, "fr.hta"), year_of(2025))
    assert counted["pointe"] == 312  # as the regulator counts it: 78 days of 4 hours
    # A full year has 52 Sundays of 24 and 313 other days of 8 off-peak hours.
    assert counted["hch"] + counted["hce"] == 52 * 24 + 313 * 8


def test_good_friday_is_no_holiday_and_easter_monday_is(tables: Tables) -> None:
    htb = calendar(tables, "fr.htb")
    friday, monday = (Segment(day, day) for day in (date(2025, 4, 18), date(2025, 4, 21)))
    assert hours_by_class(htb, friday)["hpe"] == 16
    assert hours_by_class(htb, monday)["hpe"] == 0


# Grid tariff ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fr", "year", "expected"),
    [
        # LU, the cheapest: CG 11,460.92; CC 3,772.26; power 93,000 + 612,000 + 470,000; energy 407,120 + 2,281,840 +
        # 2,000,640 (January, February to July, August to December).
        ("", 2025, 5_879_833.18),
        ('version = "lu"', 2025, 5_879_833.18),
        ('version = "mu"', 2025, 6_377_753.18),
        ('version = "cu"', 2025, 6_830_313.18),
        # Energy only: 876 GWh at 0.37, 0.41 and 0.41 ct/kWh, with CG and CC.
        ('domain = "HTB3"', 2025, 3_577_073.18),
        # The plant's own meter: CC (622.44 + 6 × 682.20 + 5 × 682.20) ÷ 12 = 677.22 instead of 3,772.26.
        ("user_meter = true", 2025, 5_876_738.14),
        # CG (7 × 11,545.32 + 5 × 11,930.88) ÷ 12 = 11,705.97; CC 3,852.94; power 1,143,000, that is 100,000 ×
        # (7 × 11.28 + 5 × 11.64) ÷ 12; energy 2,787,640 + 2,074,880.
        ("", 2026, 6_021_078.91),
    ],
)
def test_grid_tariff_of_a_flat_load(bill_of: MakeBill, fr: str, year: int, expected: float) -> None:
    assert bill_of(plant(fr), "FR", year).charge("fr.grid") == cents(expected)


def test_the_cheapest_version_is_chosen_and_medium_use_is_not_offered_everywhere(bill_of: MakeBill) -> None:
    assert bill_of(plant(), "FR", 2025).choices["fr.turpe_version"] == "lu"
    assert bill_of(plant(peak="800 MW"), "FR", 2025).choices["fr.turpe_version"] == "cu"
    asked = plant('version = "mu"', offtake="43.8 GWh", peak="5 MW", level="medium")
    assert bill_of(asked, "FR", 2025).choices["fr.turpe_version"] == "lu"


def test_subscribed_power_by_class(bill_of: MakeBill) -> None:
    """b1 P1 + b2 (P2 - P1): 80 MW in the peak class, 100 MW in the others."""
    bill = bill_of(plant('subscribed_pointe = "80 MW"'), "FR", 2026)
    # 80,000 × (7 × 11.28 + 5 × 11.64) ÷ 12 and 20,000 × (7 × 10.68 + 5 × 11.04) ÷ 12.
    assert bill.charge("fr.grid.power.pointe") == cents(914_400)
    assert bill.charge("fr.grid.power.hph") == cents(216_600)
    assert bill.charge("fr.grid.power") == cents(1_131_000)
    # A later class below an earlier one counts as equal to it.
    wrong = bill_of(plant('subscribed_hce = "50 MW"'), "FR", 2026)
    assert wrong.charge("fr.grid.power") == cents(1_143_000)


@pytest.mark.parametrize(
    ("level", "version", "b"),
    [  # EUR/kW/a from 1 August 2025: pointe, HPH, HCH, HPE, HCE
        ("extra_high", "cu", (3.48, 3.48, 3.48, 3.48, 3.48)),
        ("extra_high", "mu", (4.32, 4.20, 3.84, 3.60, 3.48)),
        ("extra_high", "lu", (11.28, 10.68, 7.92, 5.40, 4.08)),
        ("high", "cu", (11.76, 11.76, 11.76, 11.76, 11.76)),
        ("high", "mu", (13.44, 13.20, 12.48, 12.12, 11.88)),
        ("high", "lu", (41.64, 39.36, 28.92, 19.08, 13.92)),
        ("medium", "cu", (14.41, 14.41, 14.41, 12.55, 11.22)),
        ("medium", "lu", (35.33, 32.30, 20.39, 14.33, 11.56)),
    ],
)
def test_power_prices_by_class(
    tables: Tables, make_plant: Callable[[str], Plant], level: str, version: str, b: tuple[float, ...]
) -> None:
    """60, 70, 80, 90 and 100 MW: 60,000 b1 + 10,000 (b2 + b3 + b4 + b5), five months of twelve."""
    steps = ", ".join(
        f'subscribed_{name} = "{power} MW"'
        for name, power in zip(("pointe", "hph", "hch", "hpe"), (60, 70, 80, 90), strict=True)
    )
    made = make_plant(plant(f'version = "{version}", {steps}', level=level))
    bill = make_bill(tables, made, "FR", date(2025, 8, 1), date(2025, 12, 31))
    assert bill.charge("fr.grid.power") == cents((60_000 * b[0] + 10_000 * sum(b[1:])) * 5 / 12)


def test_energy_prices_of_short_use_by_class(tables: Tables, make_plant: Callable[[str], Plant]) -> None:
    """HTB1, 100 MW in the 88, 568, 808, 1,040 and 1,168 hours of the classes from August to December 2025."""
    made = make_plant(plant('version = "cu"', level="high"))
    bill = make_bill(tables, made, "FR", date(2025, 8, 1), date(2025, 12, 31))
    # 2.55, 2.19, 1.66, 1.02 and 0.67 ct/kWh; days of 24 hours.
    expected = {"pointe": 224_400, "hph": 1_243_920, "hch": 1_341_280, "hpe": 1_060_800, "hce": 782_560}
    assert {name: bill.charge(f"fr.grid.energy.{name}") for name in expected} == pytest.approx(expected)


def test_grid_tariff_and_levy_in_distribution(bill_of: MakeBill) -> None:
    bill = bill_of(plant(offtake="43.8 GWh", peak="5 MW", level="medium", rest=STABLE), "FR", 2026)
    assert bill.choices["fr.turpe_version"] == "lu"
    # Energy 5 MW × (204 × 26.5 + 1028 × 21 + 928 × 14.7 + 1680 × 9.2 + 1248 × 6.8) = 322,890 to July and
    # 5 MW × (108 × 27.3 + 724 × 21.6 + 632 × 15.1 + 1264 × 9.5 + 944 × 7) = 233,730 from August.
    assert bill.charge("fr.grid.energy") == cents(556_620)
    # 5,000 × (7 × 35.33 + 5 × 36.40) ÷ 12; CG 503.95 and CC 381.16; no reduction below 50 kV.
    assert bill.charge("fr.grid") == cents(736_384.27)
    # (176,650 + 876.19) ÷ 12 × (21.93 % + 6 × 15 %) + (182,000 + 897.59) × 5 ÷ 12 × 15 %.
    assert bill.charge("fr.cta") == cents(27_989.85)


def test_overshoot_of_the_subscribed_power(bill_of: MakeBill, tmp_path: Path) -> None:
    """A Sunday at 11 MW over 10 MW: 144 steps of ten minutes, 0.04 × 4.80 × √144 × 1,000 kW in class HCE."""
    load = curve(tmp_path / "load.csv", lambda t: 11_000 if (t.month, t.day) == (6, 1) else 10_000)
    text = plant('version = "lu"', electricity=f'{load}\ncontracted_power = "10 MW"')
    assert bill_of(text, "FR", 2025).charge("fr.grid.overshoot") == cents(2_304.00)
    higher = plant('version = "lu", subscribed_hce = "11 MW"', electricity=f'{load}\ncontracted_power = "10 MW"')
    assert bill_of(higher, "FR", 2025).charge("fr.grid.overshoot") == 0


# Reduction of the grid tariff -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "base", "grid", "cta"),
    [
        (2025, "after", 1_117_168.30, 22_863.19),  # 19 % of 5,879,833.18; 0.19 × 1,190,233.18 × 10.11 %
        (2025, "before", 1_117_168.30, 120_332.57),
        # 19 % of 6,021,078.91; 0.19 × (95,278.78 × 10.11 % + 1,063,280.13 × 5 %).
        (2026, "after", 1_144_004.99, 11_931.37),
    ],
)
def test_stable_profile(bill_of: MakeBill, year: int, base: str, grid: float, cta: float) -> None:
    bill = bill_of(plant(f'cta_base = "{base}"', STABLE), "FR", year)
    assert bill.charge("fr.grid") == cents(grid)
    assert bill.charge("fr.cta") == cents(cta)


def reduction(bill_of: MakeBill, text: str) -> float:
    """The share of the grid tariff that the reduction takes off."""
    bill = bill_of(text, "FR", 2025)
    taken = bill.charge("fr.grid.reduction")
    return -taken / (bill.charge("fr.grid") - taken)


@pytest.mark.parametrize(
    ("offtake", "peak", "fr", "rate"),
    [
        ("700 GWh", "100 MW", "", 0.81),  # 7,000 h
        ("699.9 GWh", "100 MW", "", 0.74),  # 6,999 h; a flat load is 54 % off-peak
        ("10.001 GWh", "1.4 MW", "", 0.81),
        ("10 GWh", "1.4 MW", "", 0),  # more than 10 GWh is wanted
        ("10.001 GWh", "1.5 MW", "", 0.74),
        ("10 GWh", "1.5 MW", "", 0),
        ("876 GWh", "100 MW", 'level = "high"', 0.81),
        ("876 GWh", "100 MW", 'domain = "HTB3"', 0.81),
        ("876 GWh", "100 MW", 'level = "medium"', 0),  # below 50 kV
        ("876 GWh", "100 MW", "storage = true", 0.50),
        ("10.001 GWh", "1.4 MW", "storage = true", 0.50),
        ("10 GWh", "1.4 MW", "storage = true", 0),
    ],
)
def test_reduction_by_profile(bill_of: MakeBill, offtake: str, peak: str, fr: str, rate: float) -> None:
    assert reduction(bill_of, plant(fr, STABLE, offtake, peak)) == pytest.approx(rate, abs=1e-9)


@pytest.mark.parametrize(
    ("offpeak", "scale", "rate"),
    [
        (66, 1, 0),  # 317,280 of 799,200 MWh off-peak: 39.7 %
        (67, 1, 0.76),  # 322,000 of 803,920 MWh: 40.05 %
        (79, 1, 0.76),  # 378,640 of 860,560 MWh: 43.9993 %
        (80, 1, 0.74),  # 383,360 of 865,280 MWh: 44.3 %
        (67, 0.621, 0),  # 499.2 GWh
        (67, 0.623, 0.76),  # 500.8 GWh
    ],
)
def test_reduction_by_off_peak_rate(bill_of: MakeBill, tmp_path: Path, offpeak: int, scale: float, rate: float) -> None:
    """120 MW in the 4,016 full hours, `offpeak` MW in the others, and one Sunday of 240 MW to spoil the use hours."""
    holidays = {(1, 1), (4, 21), (5, 1), (5, 8), (5, 29), (6, 9), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}

    def power(hour: datetime) -> float:
        if (hour.month, hour.day) == (6, 1):
            return 240_000 * scale
        working = hour.weekday() < 5 and (hour.month, hour.day) not in holidays
        return (120_000 if working and 7 <= hour.hour < 23 else offpeak * 1000) * scale

    electricity = curve(tmp_path / "load.csv", power)
    assert reduction(bill_of, plant(rest=STABLE, electricity=electricity)) == pytest.approx(rate, abs=1e-9)
    storage = plant("storage = true", STABLE, electricity=electricity)
    assert reduction(bill_of, storage) == pytest.approx(0.50 if rate == 0.74 else 0, abs=1e-9)


def test_reduction_leaves_the_attributable_cost(bill_of: MakeBill) -> None:
    assert bill_of(plant('reduction_floor = "2 MEUR"', STABLE), "FR", 2025).charge("fr.grid") == cents(2_000_000)
    assert bill_of(plant('reduction_floor = "1 MEUR"', STABLE), "FR", 2025).charge("fr.grid") == cents(1_117_168.30)
    # A floor never makes the tariff dearer than it is without a reduction.
    assert bill_of(plant('reduction_floor = "9 MEUR"', STABLE), "FR", 2025).charge("fr.grid") == cents(5_879_833.18)


# Excise ---------------------------------------------------------------------------------------------------------------

# 2,400 MWh a day: 31 × 20.50 + 181 × 22.50 + 153 × 25.79 in 2025, 31 × 25.79 + 181 × 26.58 + 153 × 26.35 in 2026.
NORMAL = {2025: 20_769_288.00, 2026: 23_140_848.00}


@pytest.mark.parametrize("year", [2025, 2026])
def test_excise_at_the_normal_tariff(bill_of: MakeBill, year: int) -> None:
    assert bill_of(plant(), "FR", year).charge("fr.accise") == cents(NORMAL[year])
    exempt = 'offtake = "876 GWh"\nyearly_peak = "100 MW"\nexempt_process_share = {share}'
    for share, part in (("1", 0.0), ("0.95", 0.05)):
        text = plant(rest=ACCISE, electricity=exempt.format(share=share))
        assert bill_of(text, "FR", year).charge("fr.accise") == cents(NORMAL[year] * part)


@pytest.mark.parametrize(
    ("peak", "expected"),
    [
        # 2.4 MWh a day: 31 × 20.50 + 181 × 26.23 + 153 × 25.79 up to 250 kVA, with 22.50 above.
        ("250 kW", 22_389.60),
        ("251 kW", 20_769.29),
    ],
)
def test_excise_below_high_power(bill_of: MakeBill, peak: str, expected: float) -> None:
    bill = bill_of(plant(offtake="876 MWh", peak=peak, level="medium"), "FR", 2025)
    assert bill.charge("fr.accise") == cents(expected)


@pytest.mark.parametrize(
    ("year", "activity", "gva", "tariff"),
    [
        # 0.5 % of value added: 20,769,288 ÷ 0.005 = 4,153.86 MEUR. All reduced tariffs are 0.5 to the end of 2025.
        (2025, "industrial", "4153 MEUR", 0.5),
        (2025, "industrial", "4154 MEUR", None),
        (2025, "exposed", "100 MEUR", 0.5),
        # 23,140,848 ÷ 13.5, 6.75, 2.25 and 0.5 %: 171.4, 342.8, 1,028.5 and 4,628.2 MEUR.
        (2026, "industrial", "171 MEUR", 0.5),
        (2026, "industrial", "172 MEUR", 2),
        (2026, "industrial", "342 MEUR", 2),
        (2026, "industrial", "343 MEUR", 5),
        (2026, "industrial", "1028 MEUR", 5),
        (2026, "industrial", "1029 MEUR", 7.5),
        (2026, "industrial", "4628 MEUR", 7.5),
        (2026, "industrial", "4629 MEUR", None),
        (2026, "exposed", "171 MEUR", 0.5),
        (2026, "exposed", "172 MEUR", 1),
        (2026, "exposed", "343 MEUR", 2.5),
        (2026, "exposed", "1029 MEUR", 5.5),
    ],
)
def test_excise_by_electro_intensity(
    bill_of: MakeBill, year: int, activity: str, gva: str, tariff: float | None
) -> None:
    bill = bill_of(plant(f'activity = "{activity}"', company(gva) + ACCISE), "FR", year)
    assert bill.charge("fr.accise.normal") == cents(NORMAL[year])
    assert bill.charge("fr.accise") == cents(NORMAL[year] if tariff is None else 876_000 * tariff)


def test_reduced_excise_needs_a_claim_and_value_added(bill_of: MakeBill) -> None:
    assert bill_of(plant(rest=company("100 MEUR")), "FR", 2025).charge("fr.accise") == cents(NORMAL[2025])
    assert bill_of(plant(rest=ACCISE), "FR", 2025).charge("fr.accise") == cents(NORMAL[2025])


def test_exempt_use_counts_in_the_electro_intensity(bill_of: MakeBill) -> None:
    """Half of the electricity is exempt; the ratio of 0.51 % is that of all of it, and the other half pays 0.5."""
    half = 'offtake = "876 GWh"\nyearly_peak = "100 MW"\nexempt_process_share = 0.5'
    bill = bill_of(plant(rest=company("4050 MEUR") + ACCISE, electricity=half), "FR", 2025)
    assert bill.charge("fr.accise") == cents(438_000 * 0.5)


@pytest.mark.parametrize(
    ("year", "gva", "expected"),
    [
        (2025, "8.76 MEUR", 23_709.23 + 3_880.00),  # 1,000 MWh at the mean normal tariff and 7,760 at 0.5
        (2026, "8.76 MEUR", 26_416.49 + 93_120.00),  # and at 12
        (2026, "8.77 MEUR", 231_408.48),  # under 1 kWh per EUR of value added
    ],
)
def test_excise_of_a_data_centre(bill_of: MakeBill, year: int, gva: str, expected: float) -> None:
    text = plant(rest=company(gva) + ACCISE, offtake="8.76 GWh", peak="1 MW", level="medium", sector="63.11")
    assert bill_of(text, "FR", year).charge("fr.accise") == cents(expected)


# Commodity and capacity -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fr", "market", "commodity", "capacity"),
    [
        # s = 0.844 × 0.7412 = 0.6255728; 876,000 × (s × 42 + (1 - s) × 100); (99 - 62.55728) MW × 14,652.2.
        ("", 100, 55_815_897.18, 533_966.02),
        ("arenh = false", 100, 87_600_000.00, 1_450_567.80),
        ("", 40, 35_040_000.00, 1_450_567.80),  # nobody buys at 42 what the market sells at 40
        ("", 42, 36_792_000.00, 1_450_567.80),
    ],
)
def test_commodity_with_arenh(bill_of: MakeBill, fr: str, market: float, commodity: float, capacity: float) -> None:
    bill = bill_of(plant(fr), "FR", 2025, settings={"market.day_ahead.fr": market})
    assert bill.charge("fr.commodity") == cents(commodity)
    assert bill.charge("fr.capacity") == cents(capacity)


def test_commodity_of_an_own_contract(bill_of: MakeBill) -> None:
    own = plant(rest='[electricity.price]\nFR = "50 EUR/MWh"\n')
    bill = bill_of(own, "FR", 2025)
    assert bill.charge("fr.commodity") == cents(43_800_000)
    assert bill.charge("fr.capacity") == cents(533_966.02)
    assert bill_of(own, "FR", 2026).charge("fr.commodity") == cents(43_800_000)


def test_after_arenh_the_market_price_is_paid(bill_of: MakeBill) -> None:
    bill = bill_of(plant(), "FR", 2026, settings={"market.day_ahead.fr": 60})
    assert bill.charge("fr.commodity") == cents(52_560_000)


@pytest.mark.parametrize(("unit_tariff", "expected"), [(0, 0), (0.99, 0), (1, -513_600), (2, -1_027_200)])
def test_discount_from_nuclear_income(bill_of: MakeBill, unit_tariff: float, expected: float) -> None:
    """Handed out from 1 EUR/MWh, on the 214 days of April to October: 513,600 MWh."""
    bill = bill_of(plant(), "FR", 2026, settings={"fr.vnu.unit_tariff": unit_tariff})
    assert bill.charge("fr.commodity.vnu") == cents(expected)


def test_capacity_in_the_last_year_of_the_old_mechanism(bill_of: MakeBill) -> None:
    # 99 MW × 2,522.18, the whole price of the short delivery year; from November 2 of 12 months of a stated levy.
    assert bill_of(plant(), "FR", 2026).charge("fr.capacity") == cents(249_695.82)
    levy = bill_of(plant('capacity_levy = "12 EUR/kW/a"'), "FR", 2026)
    assert levy.charge("fr.capacity.levy") == cents(200_000)


def test_pay_for_interruptible_power(bill_of: MakeBill) -> None:
    bill = bill_of(plant('interruptibility = "1000000 EUR/a"'), "FR", 2025)
    assert bill.charge("fr.interruptibility") == cents(-1_000_000)


# Compensation ---------------------------------------------------------------------------------------------------------

# 0.75 × 0.51 × 68.86 × 0.80 × 0.9891⁴ × 876,000 MWh.
AID = 17_666_615.56


@pytest.mark.parametrize(
    ("sector", "rest", "expected"),
    [
        ("20.13", COMPENSATION, -AID),
        ("20.13", "", 0),  # not claimed
        ("10.11", COMPENSATION, 0),  # not on the list
        # A third of the aid is left, 5,888,871.85; above 1.5 % of 200 MEUR, 3,000,000, it is paid as well.
        ("20.13", company("200 MEUR") + COMPENSATION, -AID - 2_888_871.85),
        # 1.5 % of 392.6 MEUR is 5,889,000: nothing is left over.
        ("20.13", company("392.6 MEUR") + COMPENSATION, -AID),
    ],
)
def test_compensation_of_indirect_costs(bill_of: MakeBill, sector: str, rest: str, expected: float) -> None:
    bill = bill_of(plant(rest=FALLBACK + rest, sector=sector), "FR", 2025)
    assert bill.charge("fr.indirect_compensation") == pytest.approx(expected, abs=0.01)


def test_compensation_of_2026_is_a_range(bill_of: MakeBill) -> None:
    """Factor 0.51 (0.43 at worst) and intensity 75 % (80 % at best); every other uncertain number set fast."""
    fixed = {
        "eu.icc.price": 77.0,
        "eu.icc.fallback_efficiency": 0.75,
        "market.day_ahead.fr": 60.0,
        "fr.capacity.price": 0,
    }
    claims = COMPENSATION + '"fr.turpe_reduction" = false\n"fr.accise" = false\n'
    bill = bill_of(plant(rest=FALLBACK + company("9000 MEUR") + claims), "FR", 2026, settings=fixed)
    # 0.75 × 0.51 × 77 × 0.75 × 876,000; with 80 % 20,640,312.00; with 0.43 16,314,952.50.
    assert bill.charge("fr.indirect_compensation") == cents(-19_350_292.50)
    assert bill.total - bill.low == cents(1_290_019.50)
    assert bill.high - bill.total == cents(3_035_340.00)


# 2019 to 2024 ---------------------------------------------------------------------------------------------------------

PRICES = {"market.day_ahead.fr": 40.0, "eu.icc.price": 50.0}  # set by hand: these tests are not about them
LEAP = 'offtake = "878.4 GWh"\nyearly_peak = "100 MW"'  # 100 MW flat in a leap year


def past(bill_of: MakeBill, text: str, year: int, **prices: float) -> Bill:
    return bill_of(text, "FR", year, settings={**PRICES, **{k.replace("__", "."): v for k, v in prices.items()}})


@pytest.mark.parametrize(
    ("text", "year", "expected"),
    [
        # Energy 1,974,440 on the grid of August 2021 (164, 860, 1136, 1312, 1616 h), 1,452,720 on that of August 2022
        # (88, 584, 792, 1040, 1168 h); 100,000 × (7 × 11.92 + 5 × 11.28) ÷ 12; CG 9,403.64; CC 3,095.13.
        (plant(), 2022, 4_604_992.10),
        (plant('version = "mu"'), 2022, 5_334_932.10),
        (plant('version = "cu"'), 2022, 6_333_715.44),
        # 2,042,880 and 1,627,600; 100,000 × 11.28; CG (7 × 9,403.08 + 5 × 10,032.24) ÷ 12; CC 3,181.22.
        (plant(), 2023, 4_811_326.45),
        (plant('version = "mu"'), 2023, 5_440_366.45),
        (plant('version = "cu"'), 2023, 6_211_566.45),
        (plant(level="high"), 2023, 7_824_166.45),
        (plant('version = "mu"', level="high"), 2023, 9_219_926.45),
        # The grid of August 2023 ran to October: 3,137,720 (172, 852, 1160, 2368, 2768 h), then 795,800 (84, 556,
        # 824 h); 100,000 × (10 × 11.28 + 2 × 11.16) ÷ 12; CG (10 × 10,032.24 + 2 × 10,532.52) ÷ 12; CC 3,329.48.
        (plant(electricity=LEAP), 2024, 5_072_965.10),
        # 5 MW in HTA: 323,620 and 219,926; 5,000 × (7 × 19.36 + 5 × 22.75) ÷ 12; CG 429.04, CC 315.07.
        (plant(offtake="43.8 GWh", peak="5 MW", level="medium"), 2022, 648_152.61),
        (plant('version = "cu"', offtake="43.8 GWh", peak="5 MW", level="medium"), 2022, 882_153.61),
    ],
)
def test_grid_tariff_of_turpe_6(bill_of: MakeBill, text: str, year: int, expected: float) -> None:
    assert past(bill_of, text, year).charge("fr.grid") == cents(expected)


def test_grid_tariff_of_turpe_5_is_an_estimate(bill_of: MakeBill) -> None:
    """b1 11.92 ÷ 1.0109, ÷ 0.9892, ÷ 1.0216: 11.7915 from August 2020, 11.9202 from 2019, 11.6682 before; ± 3 %."""
    for year, expected in ((2019, 1_177_320.00), (2020, 1_186_657.50)):
        assert past(bill_of, plant(), year).charge("fr.grid.power") == cents(expected)
    bill = past(bill_of, plant(rest=company("9 BEUR") + NO_CLAIMS), 2021)
    # 1,543,925.07 to 10 April and 1,101,997.09 to July (0.7716, 0.6034, 0.4451, 0.3067, 0.2473 ct), then 1,900,794.72.
    assert bill.charge("fr.grid") == cents(4_546_716.88)
    assert bill.high > bill.total > bill.low
    assert next(line for line in bill.lines if line.charge == "fr.grid.power.pointe").evidence == "assumed"
    firm = past(bill_of, plant(rest=company("9 BEUR") + NO_CLAIMS), 2023)
    assert firm.high == firm.total == firm.low


# Reduction by class of company, to 10 April 2021


def test_reduction_in_the_year_of_the_decree(bill_of: MakeBill) -> None:
    """60 % of 1,543,925.07 to 10 April 2021 (876 GWh on 200 MEUR: 4.38 kWh/EUR), then 81 % of 3,002,791.81."""
    bill = past(bill_of, plant(rest=company("200 MEUR") + STABLE), 2021)
    assert bill.charge("fr.grid.reduction.electro") == cents(-926_355.04)
    assert bill.charge("fr.grid.reduction.stable") == cents(-2_432_261.37)
    assert bill.charge("fr.grid") == cents(1_188_100.47)
    # 0.40 × 397,329.18 × 10.14 % + 0.19 × (437,062.10 × 10.14 % + 501,874.72 × 10.11 %).
    assert bill.charge("fr.cta") == cents(30_079.16)


def old_reduction(bill_of: MakeBill, text: str, year: int = 2019, part: str = "") -> float:
    bill = past(bill_of, text, year)
    taken = bill.charge("fr.grid.reduction")
    return -bill.charge(f"fr.grid.reduction{part}") / (bill.charge("fr.grid") - taken)


@pytest.mark.parametrize(
    ("gva", "trade", "rate"),
    [
        # 876 GWh ÷ 6 and 2.5 kWh/EUR: more than that below 146 and 350.4 MEUR.
        ("145.9 MEUR", "25.1 %", 0.90),
        ("146 MEUR", "25.1 %", 0.60),
        ("145.9 MEUR", "25 %", 0.60),
        ("350.3 MEUR", "4.1 %", 0.60),
        ("350.4 MEUR", "4.1 %", 0.20),
        ("350.3 MEUR", "4 %", 0.20),
    ],
)
def test_reduction_by_class(bill_of: MakeBill, gva: str, trade: str, rate: float) -> None:
    text = plant(f'trade_intensity = "{trade}"', company(gva) + STABLE)
    assert old_reduction(bill_of, text) == pytest.approx(rate, abs=1e-9)


def test_class_without_a_statement(bill_of: MakeBill) -> None:
    """10 % trade with third countries is the default; without a stated value added a company is in the last class."""
    assert old_reduction(bill_of, plant(rest=company("100 MEUR") + STABLE)) == pytest.approx(0.60)
    assert old_reduction(bill_of, plant(rest=STABLE)) == pytest.approx(0.20)


def test_the_last_class_ended_in_december_2020(bill_of: MakeBill) -> None:
    """20 % of 2,683,130.40 to July 2020 and of 1,503,469.94 to 8 December; nothing in 2021 before the decree."""
    assert past(bill_of, plant(rest=STABLE), 2020).charge("fr.grid.reduction") == cents(-837_320.07)
    assert past(bill_of, plant(rest=STABLE), 2021).charge("fr.grid.reduction.electro") == 0


@pytest.mark.parametrize(
    ("peak", "by_use", "by_offpeak"),
    [
        # A flat load is 54 % off-peak, so that the highest step is reached either way.
        ("109.5 MW", 0.60, 0.0),  # 8,000 h
        ("109.6 MW", 0.50, 0.10),
        ("116.8 MW", 0.50, 0.10),  # 7,500 h
        ("116.9 MW", 0.45, 0.15),
        ("125.1 MW", 0.45, 0.15),  # 7,002 h
        ("125.2 MW", 0.0, 0.60),  # 6,997 h
    ],
)
def test_reduction_by_use_hours_to_2021(bill_of: MakeBill, peak: str, by_use: float, by_offpeak: float) -> None:
    text = plant(rest=company("200 MEUR") + STABLE, peak=peak)
    assert old_reduction(bill_of, text) == pytest.approx(0.60, abs=1e-9)
    assert old_reduction(bill_of, text, part=".electro_offpeak") == pytest.approx(by_offpeak, abs=1e-9)
    assert old_reduction(bill_of, text, part=".electro") == pytest.approx(by_use, abs=1e-9)


@pytest.mark.parametrize(
    ("gva", "trade", "rates"),
    [("145 MEUR", "30 %", (0.90, 0.85, 0.80)), ("900 MEUR", "4 %", (0.20, 0.10, 0.05))],
)
def test_steps_of_the_classes_to_2021(bill_of: MakeBill, gva: str, trade: str, rates: tuple[float, ...]) -> None:
    """8,000, 7,500 and 7,000 hours of use."""
    for peak, rate in zip(("109.5 MW", "116.8 MW", "125.1 MW"), rates, strict=True):
        text = plant(f'trade_intensity = "{trade}"', company(gva) + STABLE, peak=peak)
        assert old_reduction(bill_of, text, part=".electro") == pytest.approx(rate, abs=1e-9)


@pytest.mark.parametrize(
    ("offpeak", "rate"),
    [
        (79, 0),  # 378,640 of 860,560 MWh off-peak: 43.9993 %
        (80, 0.45),  # 383,360 of 865,280 MWh: 44.3 %
        (92, 0.45),  # 47.7 %
        (94, 0.50),  # 48.3 %
        (113, 0.50),  # 52.8 %
        (115, 0.60),  # 53.2 %
    ],
)
def test_reduction_by_off_peak_rate_to_2021(bill_of: MakeBill, tmp_path: Path, offpeak: int, rate: float) -> None:
    """120 MW in the 4,016 full hours of 2019, `offpeak` MW in the others, and one Sunday of 240 MW."""
    holidays = {(1, 1), (4, 22), (5, 1), (5, 8), (5, 30), (6, 10), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}

    def power(hour: datetime) -> float:
        if (hour.month, hour.day) == (6, 2):
            return 240_000
        working = hour.weekday() < 5 and (hour.month, hour.day) not in holidays
        return 120_000 if working and 7 <= hour.hour < 23 else offpeak * 1000

    text = plant(rest=company("200 MEUR") + STABLE, electricity=curve(tmp_path / "load.csv", power, 2019))
    assert old_reduction(bill_of, text) == pytest.approx(rate, abs=1e-9)


@pytest.mark.parametrize(
    ("offtake", "fr", "rate"),
    [
        ("10.001 GWh", "", 0.20),
        ("10 GWh", "", 0),
        ("10.001 GWh", 'level = "high"', 0.20),
        ("10.001 GWh", "storage = true", 0),  # the rate of that time is not held
    ],
)
def test_reach_of_the_reduction_to_2021(bill_of: MakeBill, offtake: str, fr: str, rate: float) -> None:
    text = plant(fr, STABLE, offtake=offtake, peak="1.2 MW")
    assert old_reduction(bill_of, text) == pytest.approx(rate, abs=1e-9)


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        # 10.14 % of 1,189,665.39 (680,645.00 and 496,675.00 of power, with CG and CC), 0.19 × 10.11 % of 1,177,832.10.
        (2019, 0.40 * 120_632.07),
        (2022, 22_624.98),
    ],
)
def test_levy_on_the_grid_tariff(bill_of: MakeBill, year: int, expected: float) -> None:
    text = plant(rest=company("200 MEUR") + STABLE)
    assert past(bill_of, text, year).charge("fr.cta") == cents(expected)


# Excise


@pytest.mark.parametrize(
    ("fr", "sector", "gva", "expected"),
    [
        # Results of OpenFisca-France-entreprises for 1,000 MWh in 2020.
        ("", "20.13", "", 22_500),
        ('activity = "industrial"', "20.13", "3.333 MEUR", 7_500),  # 0.3 kWh per EUR
        ('activity = "exposed"', "20.13", "3.333 MEUR", 5_500),
        ('activity = "exposed"', "20.13", "112500 EUR", 500),  # 20 %
    ],
)
def test_published_excise_of_1000_mwh(bill_of: MakeBill, fr: str, sector: str, gva: str, expected: float) -> None:
    text = plant(fr, (company(gva) if gva else "") + ACCISE, "1000 MWh", "300 kW", sector=sector)
    assert past(bill_of, text, 2020).charge("fr.accise") == cents(expected)


def test_published_excise_of_exempt_processes(bill_of: MakeBill) -> None:
    exempt = 'offtake = "1000 MWh"\nyearly_peak = "300 kW"\nexempt_process_share = 1'
    assert past(bill_of, plant(electricity=exempt), 2020).charge("fr.accise") == 0


def test_published_excise_of_a_data_centre(bill_of: MakeBill) -> None:
    """OpenFisca: 12,000 for 1,000 MWh, the first GWh not left out. By law the second 1,000 of 2,000 MWh bear them."""
    claimed = company("0.9 MEUR") + ACCISE
    one = plant(rest=claimed, offtake="1000 MWh", peak="300 kW", sector="63.11")
    two = plant(rest=claimed, offtake="2000 MWh", peak="300 kW", sector="63.11")
    assert past(bill_of, one, 2020, fr__accise__data_centre__threshold=0).charge("fr.accise") == cents(12_000)
    assert past(bill_of, one, 2020).charge("fr.accise") == cents(22_500)
    assert past(bill_of, two, 2020).charge("fr.accise") == cents(34_500)
    # In 2022: 31 days at 22.50 and 12, 334 days at 0.5.
    assert past(bill_of, two, 2022).charge("fr.accise") == cents(31 / 365 * 34_500 + 334 / 365 * 1_000)


@pytest.mark.parametrize(
    ("year", "gva", "activity", "expected"),
    [
        (2021, "", "industrial", 19_710_000.00),  # 876 GWh × 22.50
        # 19.71 MEUR ÷ 13.5, 6.75, 3.375 and 0.5 %: 146, 292, 584 and 3,942 MEUR.
        (2021, "146 MEUR", "exposed", 438_000.00),
        (2021, "146.1 MEUR", "exposed", 876_000.00),
        (2021, "146 MEUR", "industrial", 1_752_000.00),
        (2021, "292 MEUR", "exposed", 876_000.00),
        (2021, "292 MEUR", "industrial", 1_752_000.00),
        (2021, "292.1 MEUR", "industrial", 4_380_000.00),
        (2021, "584 MEUR", "exposed", 2_190_000.00),
        (2021, "584.1 MEUR", "exposed", 4_818_000.00),
        (2021, "584.1 MEUR", "industrial", 6_570_000.00),
        (2021, "3942 MEUR", "industrial", 6_570_000.00),
        (2021, "3943 MEUR", "industrial", 19_710_000.00),
        # 2022: 2,400 MWh a day at 22.50 on 31 days and 0.5 on 334; the ratio stays that of 22.50.
        (2022, "", "industrial", 2_074_800.00),
        (2022, "3942 MEUR", "industrial", 958_800.00),  # 7.50 and 0.5
        (2022, "3943 MEUR", "industrial", 2_074_800.00),
        (2022, "292 MEUR", "industrial", 549_600.00),  # 2 and 0.5
        (2022, "146 MEUR", "exposed", 438_000.00),
        (2023, "", "industrial", 438_000.00),
        (2023, "146 MEUR", "exposed", 438_000.00),
    ],
)
def test_excise_before_and_under_the_price_shield(
    bill_of: MakeBill, year: int, gva: str, activity: str, expected: float
) -> None:
    text = plant(f'activity = "{activity}"', (company(gva) if gva else "") + ACCISE)
    assert past(bill_of, text, year).charge("fr.accise") == cents(expected)


@pytest.mark.parametrize(
    ("gva", "expected"),
    [
        ("", 16_519_200.00),  # 2,400 MWh a day: 31 × 0.5 + 335 × 20.5
        # 878.4 GWh × 22.50 ÷ 0.5 % = 3,952.8 MEUR; at the 20.50 charged it would be 3,601 MEUR.
        ("3952 MEUR", 439_200.00),
        ("3953 MEUR", 16_519_200.00),
    ],
)
def test_excise_of_2024(bill_of: MakeBill, gva: str, expected: float) -> None:
    text = plant(rest=(company(gva) if gva else "") + ACCISE, electricity=LEAP)
    assert past(bill_of, text, 2024).charge("fr.accise") == cents(expected)


@pytest.mark.parametrize(
    ("peak", "year", "expected"),
    [
        ("250 kW", 2021, 19_710.00),
        ("250 kW", 2022, 2_153.85),  # 2.4 MWh a day: 31 × 23.5625 + 334 × 0.5
        ("251 kW", 2022, 2_074.80),
    ],
)
def test_excise_below_high_power_before_2025(bill_of: MakeBill, peak: str, year: int, expected: float) -> None:
    assert past(bill_of, plant(offtake="876 MWh", peak=peak), year).charge("fr.accise") == cents(expected)


# Commodity and capacity


@pytest.mark.parametrize(
    ("year", "share", "capacity"),
    [
        # Share served with ARENH: 0.964 × (1 - clipping), from 2024 0.844 × (1 - 0.2332).
        (2019, 0.724928, 17_365.3),
        (2020, 0.6558092, 19_458),
        (2021, 0.6592796, 31_242),
        (2023, 0.6500252, 45_622.4),
        (2024, 0.6471792, 24_290.1),
    ],
)
def test_commodity_and_capacity_by_year(bill_of: MakeBill, year: int, share: float, capacity: float) -> None:
    bill = past(bill_of, plant(), year, market__day_ahead__fr=100)
    assert bill.charge("fr.commodity") == cents(876_000 * (share * 42 + (1 - share) * 100))
    power = 876_000 / (8784 if year % 4 == 0 else 8760)
    assert bill.charge("fr.capacity") == cents(power * (0.99 - share) * capacity)
    market = past(bill_of, plant("arenh = false"), year, market__day_ahead__fr=100)
    assert market.charge("fr.commodity") == cents(87_600_000)


def test_additional_arenh_of_2022(bill_of: MakeBill) -> None:
    """s = 0.964 × 0.6237; 20 of 100 TWh more, bought at 46.20 and sold back at 256.98."""
    bill = past(bill_of, plant(), 2022, market__day_ahead__fr=276)
    # 876,000 × 0.6012468 × 0.2 = 105,338.44 MWh at 210.78.
    assert bill.charge("fr.commodity.arenh_extra") == pytest.approx(-22_203_236, abs=1)
    # 876,000 × (0.6012468 × 42 + 0.3987532 × 276), less that.
    assert bill.charge("fr.commodity") == pytest.approx(118_530_025.95 - 22_203_236.25, abs=0.01)
    for text in (plant("arenh = false"), plant(rest='[electricity.price]\nFR = "50 EUR/MWh"\n')):
        assert past(bill_of, text, 2022, market__day_ahead__fr=276).charge("fr.commodity.arenh_extra") == 0
    assert past(bill_of, plant(), 2023, market__day_ahead__fr=276).charge("fr.commodity.arenh_extra") == 0


def test_published_worth_of_the_capacity_guarantee(bill_of: MakeBill) -> None:
    """Opéra Energie (June 2020, for 2021): at 47,401 EUR/MW ARENH is worth 36.6 instead of 42, that is 5.4 EUR/MWh."""
    bill = past(bill_of, plant("arenh = false"), 2021, fr__capacity__price=47.401)
    assert bill.charge("fr.capacity") / 876_000 == pytest.approx(5.4, abs=0.05)


# Compensation


def test_compensation_of_2024(bill_of: MakeBill) -> None:
    """0.75 × 0.51 × 89.28 × 0.80 = 27.32 EUR/MWh on 876 GWh; of the 7.98 MEUR left, what is above 1.5 % of 200 MEUR."""
    fixed = {"eu__icc__price": 89.28, "eu__icc__fallback_efficiency": 0.80}
    bill = past(bill_of, plant(rest=FALLBACK + company("200 MEUR") + COMPENSATION), 2024, **fixed)
    assert bill.charge("fr.indirect_compensation.top_up") == cents(-4_977_346.56)
    assert bill.charge("fr.indirect_compensation") == cents(-23_932_039.68 - 4_977_346.56)


@pytest.mark.parametrize(
    ("year", "price", "expected"),
    [
        (2021, 25.16, 769_896.00),  # 0.75 × 0.51 × 25.16 × 0.80 × 100 GWh
        (2022, 54.06, 1_636_204.83),  # with 0.79128
        (2024, 89.29, 2_643_899.32),  # 0.80 × 0.9891³: 26.44 EUR/MWh
    ],
)
def test_compensation_of_100_gwh_on_the_fallback(bill_of: MakeBill, year: int, price: float, expected: float) -> None:
    indirect = '[[co2.indirect]]\nproduct = "fallback"\nconsumption = "100 GWh"\n'
    bill = past(bill_of, plant(rest=indirect + COMPENSATION), year, eu__icc__price=price)
    assert bill.charge("fr.indirect_compensation") == pytest.approx(-expected, abs=0.5)


@pytest.mark.parametrize(("sector", "to_2020", "from_2021"), [("20.14", True, False), ("24.45", False, True)])
def test_sectors_of_the_compensation(bill_of: MakeBill, sector: str, to_2020: bool, from_2021: bool) -> None:
    for year, counts in ((2020, to_2020), (2021, from_2021)):
        bill = past(bill_of, plant(rest=FALLBACK + COMPENSATION, sector=sector), year)
        assert (bill.charge("fr.indirect_compensation") < 0) == counts


def test_compensation_of_2020(bill_of: MakeBill) -> None:
    """0.75 × 0.76 × 25.22 × 0.80 × 876 GWh; the 1.5 % came with the guidelines of 2021."""
    fixed = {"eu__icc__price": 25.22, "eu__icc__fallback_efficiency": 0.80}
    bill = past(bill_of, plant(rest=FALLBACK + company("1 MEUR") + COMPENSATION), 2020, **fixed)
    assert bill.charge("fr.indirect_compensation") == cents(-10_074_280.32)


# What is not held -----------------------------------------------------------------------------------------------------


def test_a_year_that_is_not_held_is_refused(bill_of: MakeBill) -> None:
    with pytest.raises(MissingData):
        past(bill_of, plant(), 2027)


def test_distribution_is_not_held_before_2022(bill_of: MakeBill) -> None:
    medium = plant(offtake="43.8 GWh", peak="5 MW", level="medium")
    with pytest.raises(MissingData, match=r"fr\.turpe\.hta"):
        past(bill_of, medium, 2021)
    assert past(bill_of, medium, 2022).charge("fr.grid") > 0
