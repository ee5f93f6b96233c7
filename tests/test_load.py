"""Load curves: reading, daylight saving, and the quantities that tariffs are billed on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from levelfield._errors import UserError
from levelfield.calendars import Calendar, Peak, Segment, hours_by_class, parse_window
from levelfield.load import PLAIN_MONTH, PLAIN_WEEK, FlatLoad, LoadCurve, read_load_curve, year_of

BRUSSELS = ZoneInfo("Europe/Brussels")
FIRST = datetime(2024, 12, 31, 23, tzinfo=UTC)
CLASSES = Calendar(
    "test",
    (
        ("winter_night", parse_window({"months": [11, 12, 1, 2, 3], "hours": ["23-07"]})),
        ("winter_day", parse_window({"months": [11, 12, 1, 2, 3]})),
        ("summer_night", parse_window({"hours": ["23-07"]})),
        ("summer_day", parse_window({})),
    ),
    (),
)


def curve_file(
    path: Path, *, local: bool, minutes: int = 60, power: Callable[[datetime], float] = lambda _: 1000.0
) -> Path:
    """A load curve of 2025; `power` is asked for each local time."""
    count = 8760 * 60 // minutes
    rows = ["start,kW" if local else "utc,kW"]
    for n in range(count):
        moment = FIRST + timedelta(minutes=minutes * n)
        here = moment.astimezone(BRUSSELS)
        stamp = here.replace(tzinfo=None) if local else moment.replace(tzinfo=None)
        rows.append(f"{stamp:%Y-%m-%dT%H:%M}{'' if local else 'Z'},{power(here)}")
    path.write_text("\n".join(rows) + "\n")
    return path


def curve(tmp_path: Path, **options: object) -> LoadCurve:
    return read_load_curve(curve_file(tmp_path / "load.csv", **options))  # type: ignore[arg-type]


@pytest.mark.parametrize("local", [True, False])
@pytest.mark.parametrize("minutes", [60, 15])
def test_a_flat_curve_is_the_flat_load(tmp_path: Path, local: bool, minutes: int) -> None:
    found, flat = curve(tmp_path, local=local, minutes=minutes), FlatLoad(8760.0, 1000.0)
    assert (found.year, found.peak) == (2025, 1000)
    assert found.energy == pytest.approx(8760)
    for segment in (
        year_of(2025),
        Segment(date(2025, 3, 1), date(2025, 3, 31)),
        Segment(date(2025, 8, 1), date(2025, 12, 31)),
    ):
        assert found.energy_in(segment) == pytest.approx(flat.energy_in(segment))
        assert found.by_class(CLASSES, segment) == pytest.approx(flat.by_class(CLASSES, segment))
        assert found.peak_sum(PLAIN_MONTH, segment) == pytest.approx(flat.peak_sum(PLAIN_MONTH, segment))
    assert found.peak_sum(PLAIN_WEEK, year_of(2025)) == pytest.approx(1000 * 365 / 7)
    assert found.use_hours() == flat.use_hours() == 8760


def test_local_and_utc_stamps_give_the_same_curve(tmp_path: Path) -> None:
    def shape(moment: datetime) -> float:
        return 1000.0 + moment.hour * 10 + moment.month + (500 if moment.fold else 0)

    local = read_load_curve(curve_file(tmp_path / "local.csv", local=True, power=shape))
    utc = read_load_curve(curve_file(tmp_path / "utc.csv", local=False, power=shape))
    assert local.chronological == utc.chronological
    assert local.booked == utc.booked


def test_the_repeated_hour_is_booked_where_march_lost_one(tmp_path: Path) -> None:
    def shape(moment: datetime) -> float:
        return 7000.0 if moment.fold else 1000.0 + moment.hour

    found = curve(tmp_path, local=True, power=shape)
    spring = (date(2025, 3, 30) - date(2025, 1, 1)).days * 24
    autumn = (date(2025, 10, 26) - date(2025, 1, 1)).days * 24
    assert found.booked[spring : spring + 5] == (1000, 1001, 7000, 1003, 1004)
    assert found.booked[autumn : autumn + 5] == (1000, 1001, 1002, 1003, 1004)


def test_energy_by_class_follows_the_clock(tmp_path: Path) -> None:
    # 1 MW by night (23-7 h) and 2 MW by day, all year: 365 nights of 8 h and days of 16 h.
    found = curve(tmp_path, local=True, power=lambda t: 1000.0 if t.hour in (23, 0, 1, 2, 3, 4, 5, 6) else 2000.0)
    by_class = found.by_class(CLASSES, year_of(2025))
    assert by_class["winter_night"] == pytest.approx(151 * 8)
    assert by_class["winter_day"] == pytest.approx(151 * 16 * 2)
    assert by_class["summer_night"] == pytest.approx(214 * 8)
    assert sum(hours_by_class(CLASSES, year_of(2025)).values()) == 8760


def test_monthly_and_ranked_peaks(tmp_path: Path) -> None:
    # In each month the first day has 20 quarter-hours of 3 MW from 12:00, else 1 MW.
    def shape(moment: datetime) -> float:
        return 3000.0 if moment.day == 1 and 12 <= moment.hour < 17 else 1000.0

    found = curve(tmp_path, local=True, minutes=15, power=shape)
    year = year_of(2025)
    assert found.peak_sum(PLAIN_MONTH, year) == 12 * 3000
    assert found.peak_sum(PLAIN_MONTH._replace(rank=20), year) == 12 * 3000
    assert found.peak_sum(PLAIN_MONTH._replace(rank=21), year) == 12 * 1000
    no_noon = PLAIN_MONTH._replace(outside=(parse_window({"months": [4, 5, 6, 7, 8, 9], "hours": ["10-19"]}),))
    assert found.peak_sum(no_noon, year) == 6 * 3000 + 6 * 1000
    winter_evening = Peak("y", "year", 1, (parse_window({"months": [1, 2, 12], "hours": ["16-20"]}),), (), 0, ())
    assert found.peak_sum(winter_evening, year) == 3000
    assert found.peak_sum(winter_evening._replace(drop_per_month=4), year) == 1000  # four quarter-hours 16-17 h a month
    half = Segment(date(2025, 1, 1), date(2025, 1, 31))
    assert found.peak_sum(PLAIN_MONTH, half) == 3000


def test_rank_counts_quarter_hours_also_in_an_hourly_curve(tmp_path: Path) -> None:
    # The 11th highest quarter-hour lies in the third highest hour.
    found = curve(tmp_path, local=True, power=lambda t: 9000.0 - t.hour if t.day == 2 and t.hour < 3 else 1000.0)
    assert found.peak_sum(PLAIN_MONTH._replace(rank=11), Segment(date(2025, 1, 1), date(2025, 1, 31))) == 8998


def test_overshoot_is_the_root_of_summed_squares_of_ten_minutes(tmp_path: Path) -> None:
    # 100 kW above the subscribed power for 100 hours: 600 ten-minute steps, √(600 × 100²) = 2,449.49.
    found = curve(
        tmp_path, local=True, power=lambda t: 1100.0 if (t.timetuple().tm_yday - 1) * 24 + t.hour < 100 else 900.0
    )
    segment = Segment(date(2025, 1, 1), date(2025, 1, 31))
    one_class = Calendar("all", (("all", parse_window({})),), ())
    assert found.overshoot(one_class, segment, {"all": 1000.0})["all"] == pytest.approx(2449.4897, abs=1e-3)
    assert found.overshoot(one_class, segment, {"all": 1100.0})["all"] == 0


def test_use_hours_divide_by_the_highest_day(tmp_path: Path) -> None:
    found = curve(tmp_path, local=True, power=lambda t: 2000.0 if (t.month, t.day) == (6, 3) else 1000.0)
    assert found.use_hours() == pytest.approx((8760 + 24) / 2)


@pytest.mark.parametrize(
    ("mend", "message"),
    [
        (lambda rows: rows[:100] + rows[101:], "1 of 8760 steps are missing, the first at 2025-01-05 03:00"),
        (lambda rows: [*rows[:100], rows[99], *rows[100:]], ":101: 2025-01-05 02:00 stands here twice"),
        (lambda rows: [r.replace("2025-", "2024-") if n == 5 else r for n, r in enumerate(rows)], "is not in 2025"),
        (
            lambda rows: [r.replace(",1000.0", ",-5") if n == 5 else r for n, r in enumerate(rows)],
            ":6: -5 kW: an offtake is wanted",
        ),
        (lambda rows: [r.replace(",1000.0", ",x") if n == 5 else r for n, r in enumerate(rows)], ":6: "),
        (lambda rows: ["time;kW", *rows[1:]], ":1: the header of a load curve is start,kW"),
        (lambda rows: rows[:1], "has no rows"),
        (lambda rows: [*rows[:50], "2025-03-30T02:30,1000.0", *rows[50:]], "2025-03-30 02:30 does not exist"),
        (lambda rows: [*rows[:50], "2025-01-03T01:07,1000.0", *rows[50:]], "is not on a whole step of 15 minutes"),
    ],
)
def test_a_faulty_curve_says_where_and_what(
    tmp_path: Path, mend: Callable[[list[str]], list[str]], message: str
) -> None:
    path = curve_file(tmp_path / "load.csv", local=True)
    path.write_text("\n".join(mend(path.read_text().splitlines())))
    with pytest.raises(UserError) as error:
        read_load_curve(path)
    assert message in "\n".join(error.value.faults)


def test_a_curve_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read: No such file"):
        read_load_curve(tmp_path / "none.csv")
