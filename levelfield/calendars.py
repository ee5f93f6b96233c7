"""Days and hours: segments of a year, and the time classes and peak windows that tariffs are billed on.

A calendar is data (tariffs/*/calendar.toml): classes in order, the first that fits an hour takes it. Hours are local.
Each day counts 24 hours: the hour that October repeats is booked on the March Sunday that lost it, as the tariff
sheets count, so that a flat load has 8,760 hours a year and the same bill with and without a load curve.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

_DAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
ONE_DAY = timedelta(days=1)


def day_before(day: str) -> str:
    """The day before an ISO date."""
    return (date.fromisoformat(day) - ONE_DAY).isoformat()


def day_after(day: str) -> str:
    """The day after an ISO date."""
    return (date.fromisoformat(day) + ONE_DAY).isoformat()


class Segment(NamedTuple):
    """A stretch of days, both ends included, within one calendar year."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def hours(self) -> float:
        return 24.0 * self.days

    @property
    def months(self) -> float:
        """Months in the segment; a part of a month counts by its days."""
        return _months(self.start, self.end)

    @property
    def years(self) -> float:
        return self.months / 12


@functools.lru_cache(maxsize=4096)
def _months(start: date, end: date) -> float:
    total, day = 0.0, start
    while day <= end:
        length = days_in_month(day.year, day.month)
        last = date(day.year, day.month, length)
        stop = min(last, end)
        total += ((stop - day).days + 1) / length
        day = last + ONE_DAY
    return total


class Window(NamedTuple):
    """Which hours of which days: None means any."""

    months: frozenset[int] | None
    days: frozenset[int] | None
    holidays: bool | None  # True: holidays only, False: no holidays
    hours: frozenset[int] | None

    def holds(self, month: int, weekday: int, holiday: bool, hour: int) -> bool:
        return self.holds_on(month, weekday, holiday) and (self.hours is None or hour in self.hours)

    def holds_on(self, month: int, weekday: int, holiday: bool) -> bool:
        return (
            (self.months is None or month in self.months)
            and (self.days is None or weekday in self.days)
            and (self.holidays is None or self.holidays is holiday)
        )


class Calendar:
    """Time classes in order of precedence, and the holidays as 'MM-DD' or 'easter+N'."""

    def __init__(self, name: str, classes: Sequence[tuple[str, Window]], holidays: Sequence[str]) -> None:
        self.name, self.classes, self.holidays = name, tuple(classes), tuple(holidays)
        self.class_names = list(dict.fromkeys(name for name, _ in self.classes))
        self.by_year: dict[int, Any] = {}  # what a load curve makes of it, see load.class_hours
        self.hours: dict[Segment, dict[str, float]] = {}
        self._patterns: dict[tuple[int, int, bool], tuple[str, ...]] = {}
        self._by_held: dict[tuple[bool, ...], tuple[str, ...]] = {}

    def pattern(self, day: date) -> tuple[str, ...]:
        """The class of each of the 24 hours of a day."""
        key = (day.month, day.weekday(), day in holidays_of(self.holidays, day.year))
        if key not in self._patterns:
            held = tuple(window.holds_on(*key) for _, window in self.classes)
            if held not in self._by_held:
                self._by_held[held] = self._pattern(
                    [item for item, holds in zip(self.classes, held, strict=True) if holds]
                )
            self._patterns[key] = self._by_held[held]
        return self._patterns[key]

    def _pattern(self, open_: list[tuple[str, Window]]) -> tuple[str, ...]:
        hours: list[str] = []
        for hour in range(24):
            found = next((name for name, window in open_ if window.hours is None or hour in window.hours), "")
            if not found:
                raise ValueError(f"calendar {self.name}: no class takes hour {hour}")
            hours.append(found)
        return tuple(hours)


class Peak(NamedTuple):
    """How a tariff measures power: the `rank`-th highest quarter-hour of each `per`, inside and outside windows."""

    name: str
    per: str  # month | week | year
    rank: int
    within: tuple[Window, ...]
    outside: tuple[Window, ...]
    drop_per_month: int  # so many highest quarter-hours of each month are left out first
    holidays: tuple[str, ...]


def days_in_month(year: int, month: int) -> int:
    return (date(year + month // 12, month % 12 + 1, 1) - ONE_DAY).day


def parse_window(row: Mapping[str, Any]) -> Window:
    """A window from its TOML form: months = [12, 1], days = "mon-fri", hours = ["09-11"], holidays = false."""
    hours = row.get("hours")
    return Window(
        frozenset(row["months"]) if "months" in row else None,
        _parse_days(row["days"]) if "days" in row else None,
        row.get("holidays"),
        frozenset(h for span in hours for h in _parse_span(span)) if hours is not None else None,
    )


def _parse_days(text: str) -> frozenset[int]:
    first, _, last = text.partition("-")
    return frozenset(range(_DAYS[first], _DAYS[last or first] + 1))


def _parse_span(span: str) -> Iterator[int]:
    """'23-07' is 23, 0, 1, ... 6."""
    first, last = (int(part) for part in span.split("-"))
    hour = first
    while hour != last % 24 or (hour == first and last - first == 24):
        yield hour
        hour = (hour + 1) % 24
        if hour == first:
            return


@functools.cache
def easter(year: int) -> date:
    """Easter Sunday (Gregorian computus of Meeus, Jones and Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    el = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * el) // 451
    month, day = divmod(h + el - 7 * m + 114, 31)
    return date(year, month, day + 1)


@functools.cache
def holidays_of(rules: tuple[str, ...], year: int) -> frozenset[date]:
    days = set()
    for rule in rules:
        if rule.startswith("easter"):
            days.add(easter(year) + timedelta(days=int(rule[6:] or 0)))
        else:
            month, day = (int(part) for part in rule.split("-"))
            days.add(date(year, month, day))
    return frozenset(days)


def hours_by_class(calendar: Calendar, segment: Segment) -> dict[str, float]:
    """Hours of each class in the segment, for a flat load."""
    if segment not in calendar.hours:
        calendar.hours[segment] = _counted(calendar, segment)
    return calendar.hours[segment]


def _counted(calendar: Calendar, segment: Segment) -> dict[str, float]:
    days: dict[tuple[str, ...], int] = {}
    day = segment.start
    while day <= segment.end:
        pattern = calendar.pattern(day)
        days[pattern] = days.get(pattern, 0) + 1
        day += ONE_DAY
    return {name: float(sum(n * pattern.count(name) for pattern, n in days.items())) for name in calendar.class_names}


def segments(start: date, end: date, cuts: Iterable[date]) -> list[Segment]:
    """The days from start to end cut at 1 January and at every date in `cuts` (the first day of something new)."""
    years = {date(year, 1, 1) for year in range(start.year + 1, end.year + 1)}
    starts = sorted({start} | {cut for cut in (*cuts, *years) if start < cut <= end})
    ends = [*(cut - ONE_DAY for cut in starts[1:]), end]
    return [Segment(a, b) for a, b in zip(starts, ends, strict=True)]
