"""How a plant buys: bills by hand from a made-up series of two prices, and what a plant file may say."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from levelfield._errors import MissingData, UserError
from levelfield.bill import Bill, make_bill
from levelfield.plant import Plant
from levelfield.plant_file import parse_plant
from levelfield.switches import Switches
from levelfield.tables import Tables, parse_setting
from tests.test_flat_curve import BRUSSELS, curve_of, no_series, with_curve

MakePlant = Callable[[str], Plant]
YEAR = date(2025, 1, 1), date(2025, 12, 31)
DAY = range(8, 20)
PRICES = {"market.day_ahead.nl": "75 EUR/MWh"}  # the mean of the series below
MWH = 13_140.0  # 2 MW by day, 1 MW by night: 3 MW × 4,380 h
SPOT = 1_095_000.0  # 4,380 h × (2 MW × 100 + 1 MW × 50)


@pytest.fixture(scope="module")
def two_prices(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """Prices of 2025: 100 EUR/MWh from 8 to 20 h and 50 by night, in all zones; half of the 8,760 hours each."""
    folder = tmp_path_factory.mktemp("tables")
    (folder / "series").mkdir()
    first = datetime(2024, 12, 31, 23, tzinfo=UTC)
    with open(folder / "series" / "day_ahead_2025.csv", "w", encoding="utf-8") as file:
        file.write("utc,NL,DE_LU,BE,FR\n")
        for number in range(8760):
            moment = first + timedelta(hours=number)
            price = 100 if moment.astimezone(BRUSSELS).hour in DAY else 50
            file.write(f"{moment:%Y-%m-%dT%H:%MZ}{f',{price}' * 4}\n")
    return no_series(tables, folder)


@pytest.fixture(scope="module")
def buys(two_prices: Tables, make_plant: MakePlant) -> Callable[..., Bill]:
    """The Dutch bill of a plant of 2 MW by day and 1 MW by night that buys as the text says."""
    load = curve_of(2025, 1, lambda t: 2000.0 if t.hour in DAY else 1000.0)

    def build(text: str = "", place: str = "NL", settings: dict[str, str] | None = None, **switches: str) -> Bill:
        plant = with_curve(make_plant(f'[electricity]\nofftake = "1 GWh"\n{text}\n'), load)
        stated = {**PRICES, **(settings or {})}
        values = {rate: parse_setting(rate, value, two_prices) for rate, value in stated.items()}
        return make_bill(two_prices, plant, place, *YEAR, Switches(settings=values, **switches))  # type: ignore[arg-type]

    return build


def procurement(*lines: str, place: str = "") -> str:
    return "\n".join([f"[electricity.procurement{place}]", *lines])


def contract(shape: str) -> str:
    return procurement('contract_price = "60 EUR/MWh"', "contract_share = 0.3333333333333333", shape)


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("", SPOT),
        (procurement('model = "spot"'), SPOT),
        # A third as consumed: 4,380 MWh at 60, two thirds of the load at the hours' prices.
        (contract(""), 4380 * 60 + SPOT * 2 / 3),
        # A block of 0.5 MW in all 8,760 hours, worth 75 on average.
        (contract('contract_shape = "baseload"'), 4380 * 60 + SPOT - 4380 * 75),
        # The year-ahead price stands for the mean, and the load's shape is worth the same.
        (procurement('model = "mix"', "spot = 0.4", "forward = 0.6"), SPOT / 75 * (0.4 * 75 + 0.6 * 90)),
        (procurement('model = "forward"'), SPOT / 75 * 90),
        # Only the Netherlands; other countries as before.
        (procurement('model = "forward"', place=".NL"), SPOT / 75 * 90),
        (procurement('model = "forward"', place=".DE"), SPOT),
        (procurement('contract_price = "60 EUR/MWh"', "contract_share = 1"), MWH * 60),
    ],
)
def test_commodity_by_hand(buys: Callable[..., Bill], text: str, cost: float) -> None:
    bill = buys(text, settings={"market.cal1.nl": "90 EUR/MWh"})
    assert bill.charge("nl.commodity") == pytest.approx(cost, abs=0.01)


def test_a_contract_that_produces_by_day(buys: Callable[..., Bill], tmp_path: Path, two_prices: Tables) -> None:
    # 4,380 MWh by day: what it delivers is worth 100 and costs 60; its own level does not count, the share does.
    with open(tmp_path / "sun.csv", "w", encoding="utf-8") as file:
        file.write("utc,kW\n")
        curve = curve_of(2025, 1, lambda t: 7.0 if t.hour in DAY else 0.0)
        file.writelines(f"{moment},{power}\n" for moment, power in curve.rows())
    text = contract(f'contract_shape = "{tmp_path / "sun.csv"}"')
    bill = buys(text, settings={"market.cal1.nl": "90 EUR/MWh"})
    assert bill.charge("nl.commodity") == pytest.approx(4380 * 60 + SPOT - 4380 * 100, abs=0.01)
    assert "the contract's curve is worth 1.3333 of the mean price of 2025" in map(str, bill.warnings)
    bare = no_series(two_prices, tmp_path)
    plant = parse_plant(f'sector = "20.13"\n[electricity]\nofftake = "1 GWh"\n{text}', "plant.toml", Path(), bare)
    with pytest.raises(MissingData, match="hourly prices of 2025 are not held; 'levelfield prices import' adds them"):
        make_bill(bare, plant, "NL", *YEAR)


FORMULA = procurement('model = "formula"')
QUOTED = {
    "market.cal1.be": "80 EUR/MWh",
    "market.cal2.be": "70 EUR/MWh",
    "market.cal3.be": "60 EUR/MWh",
    "market.quarter_ahead.be": "90 EUR/MWh",
    "market.month_ahead.be": "100 EUR/MWh",
    "market.day_ahead.be": "75 EUR/MWh",
}


def test_a_quotation_that_is_not_held_is_a_named_gap(buys: Callable[..., Bill]) -> None:
    held = {rate: value for rate, value in QUOTED.items() if "cal2" not in rate}
    with pytest.raises(MissingData, match=r"BE-VLG: the tables lack market\.cal2\.be on 2025-01-01"):
        buys(FORMULA, "BE-VLG", held)
    with pytest.raises(MissingData, match=r"market\.cal1\.nl"):
        buys(procurement('model = "forward"'))


def test_switches_set_the_plants_way_aside(buys: Callable[..., Bill]) -> None:
    quoted = {"market.cal1.nl": "90 EUR/MWh"}
    text = contract('contract_shape = "baseload"')
    assert buys(text, settings=quoted, procurement="market").charge("nl.commodity") == pytest.approx(SPOT)
    assert buys(text, settings=quoted, procurement="forward").charge("nl.commodity") == pytest.approx(SPOT / 75 * 90)


def test_the_profile_factor_is_said(buys: Callable[..., Bill]) -> None:
    # 83.33 instead of 75
    said = "profile factor 1.1111: by the hourly prices of 2025 the load pays 11.11 % more than their mean"
    assert said in map(str, buys().warnings)
    assert not any("profile factor" in str(text) for text in buys('price = { NL = "60 EUR/MWh" }').warnings)


def test_explain_tells_the_profile_factor(buys: Callable[..., Bill]) -> None:
    from levelfield.lang import Words
    from levelfield.report.derivation import derivation

    told = [text for text, _ in derivation(buys(), Words(), "nl.commodity")]
    assert (
        "eu.market_volume = profile_factor - contract_share × contract_factor = 1.11111 - 0 × 1.11111 = 1.11111" in told
    )


def test_spot_is_another_word_for_market() -> None:
    from typer.testing import CliRunner

    from levelfield.cli import make_app

    args = ["compare", "chlor-alkali", "--year", "2025", "--against", "DE", "--json", "--procurement"]
    spot, market = (CliRunner().invoke(make_app(), [*args, word]).stdout for word in ("spot", "market"))
    assert spot == market != ""


def test_a_contract_is_graded_as_stated(buys: Callable[..., Bill]) -> None:
    line = next(line for line in buys(contract("")).lines if line.charge == "nl.commodity")
    assert line.evidence == "stated"


# ARENH ----------------------------------------------------------------------------------------------------------------


def arenh_hours() -> set[datetime]:
    """Hours of the right in 2025, by the text of the arrêté du 17 mai 2011, art. 2: no second hour of October."""
    free = {date(2025, 4, 21), date(2025, 5, 1), date(2025, 5, 8), date(2025, 5, 29), date(2025, 6, 9)}
    found = set()
    for number in range(8760):
        here = datetime(2025, 1, 1) + timedelta(hours=number)  # noqa: DTZ001 - local times
        off = here.weekday() >= 5 or here.date() in free or 1 <= here.hour < 7
        if here.month in (7, 8) or (here.month in (4, 5, 6, 9, 10) and off):
            found.add(here)
    return found


def test_the_right_to_arenh_is_measured_on_the_plants_own_hours(
    tables: Tables, make_plant: MakePlant, tmp_path: Path
) -> None:
    # July and August 1,488 h; in the other five months 105 weekdays of 6 h and 47 free days of 24 h: 3,246 h.
    hours = arenh_hours()
    assert len(hours) == 1488 + 105 * 6 + 47 * 24 == 3246

    def power(moment: datetime) -> float:
        return 2000.0 if not moment.fold and moment.replace(tzinfo=None) in hours else 1000.0

    bare = no_series(tables, tmp_path)
    plain = make_plant('[electricity]\nofftake = "1 GWh"\n')
    plant = with_curve(plain, curve_of(2025, 1, power))
    assert plant.offtake == pytest.approx(8760 + 3246)
    bill = make_bill(bare, plant, "FR", *YEAR, Switches(settings={"market.day_ahead.fr": 100.0}))
    served = 2.0 * 0.844 * (1 - 0.2588)  # MW, in every hour of the year
    assert bill.charge("fr.commodity") == pytest.approx(served * 8760 * 42 + (12_006 - served * 8760) * 100, rel=1e-9)
    # The guarantee of capacity comes with it: 0.99 of the mean power less what ARENH serves.
    mean = 12_006 / 8760
    assert bill.charge("fr.capacity") == pytest.approx((0.99 * mean - served) * 14_652.2, rel=1e-6)


def test_a_plant_that_stops_in_summer_has_no_right(tables: Tables, make_plant: MakePlant, tmp_path: Path) -> None:
    hours = arenh_hours()
    load = curve_of(2025, 1, lambda t: 0.0 if t.replace(tzinfo=None) in hours else 1000.0)
    plant = with_curve(make_plant('[electricity]\nofftake = "1 GWh"\n'), load)
    bill = make_bill(no_series(tables, tmp_path), plant, "FR", *YEAR, Switches(settings={"market.day_ahead.fr": 100.0}))
    assert bill.charge("fr.commodity") == pytest.approx(plant.offtake * 100)


def test_arenh_is_for_what_no_contract_delivers(tables: Tables, make_plant: MakePlant) -> None:
    text = procurement("contract_share = 0.5", 'contract_price = "60 EUR/MWh"')
    plant = make_plant(f'[electricity]\nofftake = "876 GWh"\n{text}\n')
    bill = make_bill(tables, plant, "FR", *YEAR, Switches(settings={"market.day_ahead.fr": 100.0}))
    share = 0.844 * (1 - 0.2588) / 2
    assert bill.charge("fr.commodity") == pytest.approx(876_000 * (0.5 * 60 + share * 42 + (0.5 - share) * 100))


# Real prices ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "factor"), [("NL", 1.0095), ("DE", 1.0184), ("BE-VLG", 1.0070), ("BE-WAL", 1.0070), ("FR", 1.0146)]
)
def test_the_week_of_a_small_steel_plant_at_the_prices_of_2025(
    tables: Tables, make_plant: MakePlant, place: str, factor: float
) -> None:
    with open(Path(__file__).parent / "data" / "steel_week.csv", encoding="utf-8") as file:
        week = {(row["weekday"], row["start"]): float(row["kW"]) for row in csv.DictReader(file)}
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    load = curve_of(2025, 4, lambda t: week[days[t.weekday()], f"{t:%H:%M}"])
    plant = with_curve(make_plant('[electricity]\nofftake = "1 GWh"\n[connection]\nlevel = "high"\n'), load)
    bill = make_bill(tables, plant, place, *YEAR)
    assert any(f"profile factor {factor:.4f}" in str(text) for text in bill.warnings)
    if place == "NL":  # 960 MWh at 86.81 and 0.95 % more
        assert bill.charge("nl.commodity") / plant.offtake == pytest.approx(86.81 * 1.0095, abs=0.005)


# The plant file -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('procurement = "spot"', 'a table is wanted, say [electricity.procurement] with model = "spot"'),
        (
            procurement('model = "spott"'),
            "plant.toml:5: electricity.procurement.model: 'spott' is no way to buy; did you",
        ),
        (
            procurement('modle = "spot"'),
            "plant.toml:5: electricity.procurement.modle: unknown key; did you mean model?",
        ),
        (procurement('model = "mix"'), "a mix needs its shares, say spot = 0.4 and forward = 0.6"),
        (procurement('model = "mix"', "spot = 0.4", "forward = 0.4"), "the shares of the mix add up to 0.8"),
        (procurement("forward = 0.4"), "a share belongs to model = \"mix\"; the model is 'spot'"),
        (procurement("contract_share = 1.4", 'contract_price = "1 EUR/MWh"'), "1.4 is more than all"),
        (procurement("contract_share = 0.4"), "the contract's price is wanted too"),
        (procurement('contract_price = "60 EUR/MWh"'), "the share that the contract delivers is wanted too"),
        (procurement('contract_shape = "baseload"'), "the share that the contract delivers is wanted too"),
        (contract('contract_shape = "solar"'), "'solar' is no shape; no series of generation is held: name a file"),
        (contract('contract_shape = "basload"'), "'basload' is no shape; known are as_consumed, baseload"),
        (contract('contract_shape = "none.csv"'), "none.csv: the load curve cannot be read: No such file"),
        (procurement('NL = "spot"'), 'a table is wanted, say NL = { model = "forward" }'),
        (procurement('UK = { model = "spot" }'), "electricity.procurement.UK: unknown key"),
        (
            'price = { NL = "60 EUR/MWh" }\n' + procurement('model = "spot"', place=".NL"),
            "states the whole price for NL too",
        ),
    ],
)
def test_nonsense_is_refused_with_its_place(make_plant: MakePlant, text: str, fault: str) -> None:
    with pytest.raises(UserError) as error:
        make_plant(f'[electricity]\nofftake = "1 GWh"\n{text}\n')
    assert fault in "\n".join(error.value.faults)


def test_one_countrys_way_stands_in_place_of_the_general_one(make_plant: MakePlant) -> None:
    general = procurement('model = "mix"', "spot = 0.5", "forward = 0.5", 'NL = { model = "spot" }')
    plant = make_plant(f'[electricity]\nofftake = "1 GWh"\nprice = {{ DE = "60 EUR/MWh" }}\n{general}\n')
    assert (plant.procurement[""].forward, plant.procurement["NL"].forward) == (0.5, 0.0)
