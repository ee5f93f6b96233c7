"""A flat load curve is the flat plant: the same bill to the cent, in every jurisdiction and year.

Also: quarter-hours put together to hours change only what the law measures on quarter-hours.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from levelfield._errors import MissingData
from levelfield.bill import Bill, make_bill
from levelfield.load import LoadCurve, load_curve_of
from levelfield.plant import Plant
from levelfield.plant_file import load_plant
from levelfield.tables import Tables

ROOT = Path(__file__).parents[1]
BRUSSELS = ZoneInfo("Europe/Brussels")
YEARS = range(2019, 2028)


def curve_of(year: int, per_hour: int, power: Callable[[datetime], float], *, local: bool = False) -> LoadCurve:
    """A load curve of a local year; `power` is asked for each local time, and the rows are as a file holds them."""
    first = datetime(year - 1, 12, 31, 23, tzinfo=UTC)
    hours = (datetime(year, 12, 31, 23, tzinfo=UTC) - first) // timedelta(hours=1)
    rows: list[tuple[int, list[str]]] = [(1, ["start" if local else "utc", "kW"])]
    for number in range(hours * per_hour):
        moment = first + number * timedelta(minutes=60 // per_hour)
        here = moment.astimezone(BRUSSELS)
        shown = here if local else moment
        rows.append((number + 2, [f"{shown:%Y-%m-%dT%H:%M}", repr(power(here))]))
    return load_curve_of(rows, "load.csv")


def with_curve(plant: Plant, curve: LoadCurve) -> Plant:
    return plant._replace(offtake=curve.energy, yearly_peak=curve.peak, load_curve=curve)


def bills(tables: Tables, plant: Plant, year: int) -> dict[str, Bill]:
    found = {}
    for place in tables.jurisdictions:
        try:
            found[place] = make_bill(tables, plant, place, date(year, 1, 1), date(year, 12, 31))
        except MissingData:
            continue
    return found


def lines(bill: Bill) -> dict[str, float]:
    return {line.charge: round(line.amount, 2) + 0.0 for line in bill.lines}


def no_series(tables: Tables, folder: Path) -> Tables:
    """The same tables without hourly prices beside them."""
    import copy

    bare = copy.copy(tables)
    bare.folder = str(folder)
    return bare


@pytest.fixture(scope="module")
def flat(tables: Tables) -> Callable[[int], tuple[Plant, Plant]]:
    """Of a year: a plant of 100 MW at every hour, without a load curve and with one."""

    def build(year: int) -> tuple[Plant, Plant]:
        hours = (date(year + 1, 1, 1) - date(year, 1, 1)).days * 24
        plain = load_plant("flat-100mw", tables)._replace(
            offtake=100.0 * hours, yearly_peak=100_000.0, contracted_power=100_000.0
        )
        return plain, with_curve(plain, curve_of(year, 1, lambda _: 100_000.0))

    return build


@pytest.mark.parametrize("series", [True, False], ids=["series", "no series"])
@pytest.mark.parametrize("year", YEARS)
def test_a_flat_curve_has_the_bill_of_the_flat_plant(
    tables: Tables, flat: Callable[[int], tuple[Plant, Plant]], tmp_path: Path, year: int, series: bool
) -> None:
    used = tables if series else no_series(tables, tmp_path)
    plain, curved = flat(year)
    # In a leap year the German use-hours of a flat load are 8,784 either way.
    without, measured = bills(used, plain, year), bills(used, curved, year)
    assert without.keys() == measured.keys()
    for place, bill in without.items():
        assert lines(measured[place]) == pytest.approx(lines(bill), abs=0.011), place
        assert measured[place].total == pytest.approx(bill.total, abs=0.01)
        assert measured[place].low == pytest.approx(bill.low, abs=0.01)
        assert measured[place].high == pytest.approx(bill.high, abs=0.01)


@pytest.mark.parametrize("local", [True, False])
@pytest.mark.parametrize("per_hour", [1, 4])
def test_2025_has_8760_hours_either_way(local: bool, per_hour: int) -> None:
    found = curve_of(2025, per_hour, lambda t: 1000.0 + t.hour, local=local)
    assert len(found.chronological) == len(found.booked) == 8760 * per_hour
    # The clock shows 2 h twice in October and never in March: the energy of the year is that of 365 whole days.
    assert found.energy == pytest.approx(365 * sum(1000 + hour for hour in range(24)) / 1000)


def test_quarter_hours_change_only_what_is_measured_on_quarter_hours(tables: Tables) -> None:
    # Within each hour 1.2, 1.0, 1.0 and 0.8 times the hour's mean: the same energy in each hour, peaks 20 % higher.
    swing = (1.2, 1.0, 1.0, 0.8)

    def hourly(moment: datetime) -> float:
        return 60_000.0 + 1_000.0 * moment.hour + 500.0 * moment.month

    def quarterly(moment: datetime) -> float:
        return hourly(moment) * swing[moment.minute // 15]

    base = load_plant("flat-100mw", tables)._replace(contracted_power=150_000.0)
    coarse = with_curve(base, curve_of(2025, 1, hourly))
    fine = with_curve(base, curve_of(2025, 4, quarterly))
    assert fine.load_curve is not None
    assert coarse.load_curve is not None
    assert fine.yearly_peak == pytest.approx(1.2 * coarse.yearly_peak)
    changed: dict[str, set[str]] = {}
    fine_bills = bills(tables, fine, 2025)
    for place, bill in bills(tables, coarse, 2025).items():
        before, after = lines(bill), lines(fine_bills[place])
        changed[place] = {
            charge
            for charge in before.keys() | after.keys()
            if abs(before.get(charge, 0.0) - after.get(charge, 0.0)) > 0.01
        }
    assert changed == {
        "NL": {"nl.grid.peaks"},
        "DE": {
            "de.grid.capacity",
            "de.grid.bandlast",
        },  # 7,484 full-load hours become 6,237: below the 7,000 of the law
        "BE-VLG": {"be.grid.yearly_peak", "be.grid.monthly_peak"},
        "BE-WAL": {"be.grid.yearly_peak", "be.grid.monthly_peak"},
        "FR": set(),  # nothing lies above the subscribed power, and energy is by the hour
    }
