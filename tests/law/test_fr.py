"""The French law against worked examples, published figures and hand calculations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from levelfield._errors import MissingData
from levelfield.calendars import Calendar, Segment, hours_by_class, parse_window
from levelfield.load import year_of
from levelfield.tables import Tables
from tests.conftest import MakeBill

STABLE = '[claims]\n"fr.turpe_reduction" = true\n'
ACCISE = '[claims]\n"fr.accise" = true\n'
COMPENSATION = '[claims]\n"fr.indirect_compensation" = true\n'
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


def curve(path: Path, power: Callable[[datetime], float]) -> str:
    """What a plant file says of an hourly load curve of 2025, of which `power` gives the kW of each local hour."""
    first, paris = datetime(2024, 12, 31, 23, tzinfo=UTC), ZoneInfo("Europe/Paris")
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
        ('user_meter = "yes"', 2025, 5_876_738.14),
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
        ("876 GWh", "100 MW", 'storage = "yes"', 0.50),
        ("10 GWh", "1.4 MW", 'storage = "yes"', 0),
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

    text = plant(rest=STABLE, electricity=curve(tmp_path / "load.csv", power))
    assert reduction(bill_of, text) == pytest.approx(rate, abs=1e-9)


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
        ('arenh = "no"', 100, 87_600_000.00, 1_450_567.80),
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


# What is not held -----------------------------------------------------------------------------------------------------


def test_a_year_that_is_not_held_is_refused(bill_of: MakeBill) -> None:
    with pytest.raises(MissingData):
        bill_of(plant(), "FR", 2027)
