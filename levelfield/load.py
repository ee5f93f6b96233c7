"""From a load to what is billed: energy by segment and time class, peaks as each tariff measures them.

A plant without a load curve is a flat load with its stated yearly peak in every month. A load curve is hourly or
quarter-hourly for one calendar year of local time (Central European); slots are kept in booked order, in which each day
has 24 hours (see calendars).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Protocol

from levelfield._errors import UserError
from levelfield.calendars import ONE_DAY, Calendar, Peak, Segment, holidays_of, hours_by_class
from levelfield.clock import first_hour, hours_of, last_sunday, to_local, to_utc
from levelfield.numbers import rounded

_SHOWN = 5  # faults of one kind in a load curve before the rest is only counted


class Profile(Protocol):
    """What a bill asks of a load. Energies are in MWh, powers in kW."""

    def energy_in(self, segment: Segment) -> float: ...
    def by_class(self, calendar: Calendar, segment: Segment) -> dict[str, float]: ...
    def peak_sum(self, peak: Peak, segment: Segment) -> float: ...
    def overshoot(self, calendar: Calendar, segment: Segment, subscribed: Mapping[str, float]) -> dict[str, float]: ...
    def use_hours(self) -> float: ...


PLAIN_MONTH = Peak("monthly_peaks", "month", 1, (), (), 0, ())
PLAIN_WEEK = Peak("weekly_peaks", "week", 1, (), (), 0, ())


def year_of(year: int) -> Segment:
    return Segment(date(year, 1, 1), date(year, 12, 31))


class FlatLoad(NamedTuple):
    """A flat load of the yearly offtake whose every peak is the stated yearly peak."""

    offtake: float
    yearly_peak: float

    def energy_in(self, segment: Segment) -> float:
        return self.offtake * segment.hours / year_of(segment.start.year).hours

    def by_class(self, calendar: Calendar, segment: Segment) -> dict[str, float]:
        mean = self.offtake / year_of(segment.start.year).hours
        return {name: mean * hours for name, hours in hours_by_class(calendar, segment).items()}

    def peak_sum(self, peak: Peak, segment: Segment) -> float:
        periods = {"month": segment.months, "week": 52 * segment.years, "year": 1.0}
        return self.yearly_peak * periods[peak.per]

    def overshoot(self, calendar: Calendar, segment: Segment, subscribed: Mapping[str, float]) -> dict[str, float]:
        """None: a peak above the subscribed power lasts for an unknown time."""
        del segment, subscribed
        return dict.fromkeys(calendar.class_names, 0.0)

    def use_hours(self) -> float:
        return rounded(self.offtake / self.yearly_peak * 1000, 6)


class LoadCurve(NamedTuple):
    """A year of mean powers in kW, `per_hour` an hour: `booked` by days of 24 hours, `chronological` as they ran."""

    year: int
    per_hour: int
    booked: tuple[float, ...]
    chronological: tuple[float, ...]
    place: str

    @property
    def energy(self) -> float:
        return math.fsum(self.booked) / self.per_hour / 1000

    @property
    def peak(self) -> float:
        return max(self.booked)

    def rows(self) -> Iterator[tuple[str, float]]:
        """The moments in UTC with their mean powers in kW, as `load_curve_of` reads them."""
        first, step = first_hour(self.year), timedelta(minutes=60 // self.per_hour)
        for number, power in enumerate(self.chronological):
            yield f"{first + number * step:%Y-%m-%dT%H:%M}", power

    def _slots(self, segment: Segment) -> range:
        first = (segment.start - date(self.year, 1, 1)).days * 24 * self.per_hour
        return range(first, first + segment.days * 24 * self.per_hour)

    def energy_in(self, segment: Segment) -> float:
        slots = self._slots(segment)
        return math.fsum(self.booked[slots.start : slots.stop]) / self.per_hour / 1000

    def slots_by_class(self, calendar: Calendar, segment: Segment) -> dict[str, list[int]]:
        """The slots of each class in the segment."""
        found: dict[str, list[int]] = {name: [] for name in calendar.class_names}
        day, slot = segment.start, self._slots(segment).start
        while day <= segment.end:
            for name in calendar.pattern(day):
                found[name] += range(slot, slot + self.per_hour)
                slot += self.per_hour
            day += ONE_DAY
        return found

    def by_class(self, calendar: Calendar, segment: Segment) -> dict[str, float]:
        scale = self.per_hour * 1000
        return {
            name: math.fsum(self.booked[slot] for slot in slots) / scale
            for name, slots in self.slots_by_class(calendar, segment).items()
        }

    def peak_sum(self, peak: Peak, segment: Segment) -> float:
        """The sum over the months or weeks of the segment, or the one value of the year.

        A month of which the segment has a part counts by that part, with the peak of the whole month.
        """
        if peak.per == "year":
            return max((self._ranked(peak, _month(self.year, month)) for month in range(1, 13)), default=0.0)
        if peak.per == "week":
            first = date(self.year, 1, 1)
            weeks = [
                Segment(first + timedelta(7 * n), min(first + timedelta(7 * n + 6), date(self.year, 12, 31)))
                for n in range(53)
            ]
            return sum(
                self._ranked(peak, week) * min(_overlap(week, segment) / 7, 1)
                for week in weeks
                if _overlap(week, segment)
            )
        total = 0.0
        for month in range(segment.start.month, segment.end.month + 1):
            whole = _month(self.year, month)
            total += self._ranked(peak, whole) * _overlap(whole, segment) / whole.days
        return total

    def _ranked(self, peak: Peak, span: Segment) -> float:
        """The power of the given rank among the quarter-hours of the span that count."""
        free = holidays_of(peak.holidays, self.year)
        powers: list[float] = []
        day, slot = span.start, self._slots(span).start
        while day <= span.end:
            if peak.within or peak.outside:
                key = (day.month, day.weekday(), day in free)
                for hour in range(24):
                    inside = not peak.within or any(w.holds(*key, hour) for w in peak.within)
                    if inside and not any(w.holds(*key, hour) for w in peak.outside):
                        start = slot + hour * self.per_hour
                        powers += self.booked[start : start + self.per_hour]
            else:
                powers += self.booked[slot : slot + 24 * self.per_hour]
            slot += 24 * self.per_hour
            day += ONE_DAY
        quarter_hours = 4 // self.per_hour
        rank = -(-(peak.rank + peak.drop_per_month) // quarter_hours)
        if len(powers) < rank:
            return 0.0
        return max(powers) if rank == 1 else sorted(powers, reverse=True)[rank - 1]

    def overshoot(self, calendar: Calendar, segment: Segment, subscribed: Mapping[str, float]) -> dict[str, float]:
        """By class, the sum over months of the root of the summed squares of ten-minute powers above the subscribed."""
        total = dict.fromkeys(calendar.class_names, 0.0)
        steps = 6 / self.per_hour
        for month in range(segment.start.month, segment.end.month + 1):
            whole = _month(self.year, month)
            part = Segment(max(whole.start, segment.start), min(whole.end, segment.end))
            for name, slots in self.slots_by_class(calendar, part).items():
                limit = subscribed[name]
                squares = math.fsum((self.booked[s] - limit) ** 2 for s in slots if self.booked[s] > limit)
                total[name] += math.sqrt(squares * steps)
        return total

    def use_hours(self) -> float:
        """Yearly energy over the highest mean power of any 24 hours in a row."""
        width = 24 * self.per_hour
        window = math.fsum(self.chronological[:width])
        best = window
        for out, come in zip(self.chronological, self.chronological[width:], strict=False):
            window += come - out
            best = max(best, window)
        return round(self.energy * 1000 / (best / width), 6)

    def profile_factor(self, prices: Sequence[float]) -> float:
        """The load-weighted mean of prices over their plain mean; they run from the first local hour.

        Prices by the hour or, for a load by the quarter-hour, as fine as the load.
        """
        n = len(self.chronological) // len(prices)
        powers = [sum(self.chronological[i : i + n]) / n for i in range(0, len(self.chronological), n)]
        weighted = math.fsum(power * price for power, price in zip(powers, prices, strict=True)) / math.fsum(powers)
        return weighted / (math.fsum(prices) / len(prices))


def _month(year: int, month: int) -> Segment:
    start = date(year, month, 1)
    return Segment(start, date(year + month // 12, month % 12 + 1, 1) - ONE_DAY)


def _overlap(a: Segment, b: Segment) -> int:
    return max(0, (min(a.end, b.end) - max(a.start, b.start)).days + 1)


# Reading --------------------------------------------------------------------------------------------------------------


def read_load_curve(path: Path) -> LoadCurve:
    """A load curve from a CSV file; see `load_curve_of`. Raises UserError."""
    import csv

    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = [(number, row) for number, row in enumerate(csv.reader(file), 1) if row]
    except OSError as error:
        raise UserError(f"{path}: the load curve cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error):
        raise UserError(f"{path}: the load curve is no CSV file in UTF-8") from None
    return load_curve_of(rows, str(path))


def curve_of_booked(powers: Sequence[float], year: int, per_hour: int, place: str) -> LoadCurve:
    """The load curve of powers in days of 24 hours."""
    spring, autumn = _changes(year, per_hour)
    repeated = powers[spring : spring + per_hour]
    run = [
        *powers[:spring],
        *powers[spring + per_hour : autumn + per_hour],
        *repeated,
        *powers[autumn + per_hour :],
    ]
    return LoadCurve(year, per_hour, tuple(powers), tuple(run), place)


def load_curve_of(rows: Sequence[tuple[int, Sequence[str]]], path: str) -> LoadCurve:
    """A load curve from numbered rows: `start,kW` in local time or `utc,kW`, hourly or quarter-hourly, a calendar year.

    Raises UserError with line and remedy for a gap, a doubled or foreign hour, a negative or unreadable value.
    """
    header = [cell.strip().lower() for cell in rows[0][1]] if rows else []
    if header not in (["start", "kw"], ["utc", "kw"]):
        raise UserError(
            f"{path}:1: the header of a load curve is start,kW (local time) or utc,kW; found {','.join(header)}"
        )
    faults: list[str] = []
    stamps: list[tuple[int, datetime, float]] = []
    for number, row in rows[1:]:
        try:
            stamp = datetime.fromisoformat(row[0].strip())
            power = float(row[1])
        except (ValueError, IndexError):
            faults.append(f"{path}:{number}: '{','.join(row)}' is no time and power, as in 2025-01-01T00:00,95000")
            continue
        if not math.isfinite(power) or power < 0:
            faults.append(f"{path}:{number}: {row[1]} kW: an offtake is wanted; write 0 where the plant feeds in")
            continue
        stamps.append((number, stamp, power))
    if not stamps or faults:
        raise UserError(_shortened(faults) or [f"{path}: the load curve has no rows"])
    return _assemble(path, stamps, local=header[0] == "start")


def _assemble(path: str, stamps: list[tuple[int, datetime, float]], *, local: bool) -> LoadCurve:
    year = stamps[len(stamps) // 2][1].year
    per_hour = 4 if any(stamp.minute for _, stamp, _ in stamps) else 1
    step = timedelta(minutes=60 // per_hour)
    first, count = first_hour(year), hours_of(year) * per_hour
    faults: list[str] = []
    powers: dict[int, float] = {}
    wraps = not local and stamps[0][1].replace(tzinfo=UTC) == first + timedelta(hours=1)
    for number, stamp, power in stamps:
        if local and stamp.tzinfo is None:
            moment = to_utc(stamp)
            if moment is None:
                faults.append(f"{path}:{number}: {stamp:%Y-%m-%d %H:%M} does not exist: the clock jumps; use utc,kW")
                continue
            slot = int((moment - first) / step)
            if slot in powers and stamp.date() == last_sunday(year, 10) and stamp.hour == 2:
                slot += per_hour  # the hour that October repeats
        else:
            moment = stamp.astimezone(UTC) if stamp.tzinfo else stamp.replace(tzinfo=UTC)
            slot = int((moment - first) / step)
            if wraps and count <= slot < count + per_hour:
                slot -= count  # a file by UTC year: its last hour stands for the first local hour
        if (moment - first) % step:
            faults.append(f"{path}:{number}: {stamp:%Y-%m-%d %H:%M} is not on a whole step of {60 // per_hour} minutes")
        elif not 0 <= slot < count:
            faults.append(
                f"{path}:{number}: {stamp:%Y-%m-%d %H:%M} is not in {year}; a load curve holds one calendar year"
            )
        elif slot in powers:
            faults.append(f"{path}:{number}: {stamp:%Y-%m-%d %H:%M} stands here twice")
        else:
            powers[slot] = power
    missing = [slot for slot in range(count) if slot not in powers]
    if missing and not faults:
        moment = first + missing[0] * step
        shown = to_local(moment) if local else moment
        faults.append(
            f"{path}: {len(missing)} of {count} steps are missing, the first at {shown:%Y-%m-%d %H:%M}; fill them in"
        )
    if faults:
        raise UserError(_shortened(faults))
    run = [powers[slot] for slot in range(count)]
    return LoadCurve(year, per_hour, tuple(booked(run, year, per_hour)), tuple(run), path)


def booked(run: Sequence[float], year: int, per_hour: int) -> list[float]:
    """Slots as they ran, put into days of 24 hours: the hour that October repeats goes where March lost one."""
    spring, autumn = _changes(year, per_hour)
    repeated = run[autumn : autumn + per_hour]
    return [*run[:spring], *repeated, *run[spring:autumn], *run[autumn + per_hour :]]


def _changes(year: int, per_hour: int) -> tuple[int, int]:
    """The slots of days of 24 hours at which summer time starts and ends."""
    spring, autumn = (((last_sunday(year, month) - date(year, 1, 1)).days * 24 + 2) * per_hour for month in (3, 10))
    return spring, autumn


def _shortened(faults: list[str]) -> list[str]:
    rest = len(faults) - _SHOWN
    return faults[:_SHOWN] + ([f"and {rest} more faults of this load curve"] if rest > 0 else [])
