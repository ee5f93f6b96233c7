"""From a load to what is billed: energy by segment and time class, peaks as each tariff measures them.

A plant without a load curve is a flat load with its stated yearly peak in every month. A load curve is hourly or
quarter-hourly for one calendar year of local time (Central European); slots are kept in booked order, in which each day
has 24 hours (see calendars).
"""

from __future__ import annotations

import functools
import itertools
import math
import operator
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

from levelfield._errors import UserError
from levelfield.calendars import ONE_DAY, Calendar, Peak, Segment, holidays_of, hours_by_class
from levelfield.clock import first_hour, hours_of, last_sunday, to_local, to_utc
from levelfield.numbers import rounded

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Powers: TypeAlias = npt.NDArray[np.float64]
    Indices: TypeAlias = npt.NDArray[np.intp]

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


class LoadCurve:
    """A year of mean powers in kW, `per_hour` an hour: `booked` by days of 24 hours, `chronological` as they ran.

    It is measured with NumPy, and what several jurisdictions ask is measured once.
    """

    def __init__(
        self, year: int, per_hour: int, booked: Sequence[float], chronological: Sequence[float], place: str
    ) -> None:
        import numpy as np

        self.year, self.per_hour, self.place = year, per_hour, place
        self._booked = np.asarray(booked, dtype=float)
        self._run = np.asarray(chronological, dtype=float)
        self._energies: dict[Segment, float] = {}
        self._peaks: dict[tuple[Peak, str], list[float]] = {}

    @classmethod
    def of(cls, year: int, powers: Sequence[float], place: str = "load curve") -> LoadCurve:
        """From the mean powers of a year as they ran from its first local hour, in kW, by hour or quarter-hour.

        Raises UserError where the number of powers does not fit the year or a power is negative or no number.
        """
        import numpy as np

        run = np.asarray(powers, dtype=float)
        per_hour, rest = divmod(run.size, int(year_of(year).hours))
        if rest or per_hour not in (1, 4):
            raise UserError(f"{place}: {run.size} powers do not make the year {year}; one an hour or a quarter-hour")
        if not (run.min() >= 0 and run.max() < math.inf):
            raise UserError(f"{place}: a power is negative or no number; write 0 where the plant feeds in")
        return cls(year, per_hour, np.concatenate(_booked_parts(run, year, per_hour)), run, place)  # type: ignore[arg-type]

    @functools.cached_property
    def booked(self) -> tuple[float, ...]:
        return tuple(self._booked.tolist())

    @functools.cached_property
    def chronological(self) -> tuple[float, ...]:
        return tuple(self._run.tolist())

    @functools.cached_property
    def energy(self) -> float:
        return self.energy_in(year_of(self.year))

    @functools.cached_property
    def peak(self) -> float:
        return float(self._booked.max())

    def rows(self) -> Iterator[tuple[str, float]]:
        """The moments in UTC with their mean powers in kW, as `load_curve_of` reads them."""
        first, step = first_hour(self.year), timedelta(minutes=60 // self.per_hour)
        for number, power in enumerate(self.chronological):
            yield f"{first + number * step:%Y-%m-%dT%H:%M}", power

    @functools.cached_property
    def _hourly(self) -> Powers:
        """The mean powers of the booked hours, which in number are their energies in kWh."""
        return _means(self._booked, self.per_hour)

    @functools.cached_property
    def _hourly_run(self) -> Powers:
        return _means(self._run, self.per_hour)

    def _hours(self, segment: Segment) -> slice:
        first = (segment.start - date(self.year, 1, 1)).days * 24
        return slice(first, first + segment.days * 24)

    def energy_in(self, segment: Segment) -> float:
        if segment not in self._energies:
            self._energies[segment] = float(self._hourly[self._hours(segment)].sum()) / 1000
        return self._energies[segment]

    def slots_by_class(self, calendar: Calendar, segment: Segment) -> dict[str, list[int]]:
        """The slots of each class in the segment."""
        import numpy as np

        hours = self._hours(segment)
        codes = class_hours(calendar, self.year)[hours].repeat(self.per_hour)
        first = hours.start * self.per_hour
        return {name: (np.flatnonzero(codes == n) + first).tolist() for n, name in enumerate(calendar.class_names)}

    def by_class(self, calendar: Calendar, segment: Segment) -> dict[str, float]:
        import numpy as np

        names, hours = calendar.class_names, self._hours(segment)
        sums = np.bincount(class_hours(calendar, self.year)[hours], self._hourly[hours], len(names)) / 1000
        return dict(zip(names, sums.tolist(), strict=True))

    def peak_sum(self, peak: Peak, segment: Segment) -> float:
        """The sum over the months or weeks of the segment, or the one value of the year.

        A month of which the segment has a part counts by that part, with the peak of the whole month.
        """
        if peak.per == "year":
            return max(self._ranked(peak, "month"))
        weights = _shares(self.year, peak.per, segment)
        return math.fsum(map(operator.mul, weights, self._ranked(peak, peak.per)))

    def _ranked(self, peak: Peak, per: str) -> list[float]:
        """By month or week, the power of the given rank among the quarter-hours that count."""
        key = peak, per
        if key not in self._peaks:
            self._peaks[key] = self._measure(peak, per)
        return self._peaks[key]

    def _measure(self, peak: Peak, per: str) -> list[float]:
        import numpy as np

        starts = _starts(self.year, per)
        quarter_hours = 4 // self.per_hour
        rank = -(-(peak.rank + peak.drop_per_month) // quarter_hours)
        powers = self._booked.reshape(-1, self.per_hour)
        counted = counted_hours(peak, self.year)
        if counted is None:
            if rank == 1:
                return np.maximum.reduceat(self._booked, starts * self.per_hour).tolist()  # type: ignore[no-any-return]
            edges = [*starts.tolist(), len(powers)]
        else:
            powers = powers[counted]
            edges = [*np.searchsorted(counted, starts).tolist(), len(powers)]
        found = []
        for first, last in itertools.pairwise(edges):
            part = powers[first:last].ravel()
            held = len(part) >= rank
            found.append(float(np.partition(part, len(part) - rank)[len(part) - rank]) if held else 0.0)
        return found

    def overshoot(self, calendar: Calendar, segment: Segment, subscribed: Mapping[str, float]) -> dict[str, float]:
        """By class, the sum over months of the root of the summed squares of ten-minute powers above the subscribed."""
        import numpy as np

        names = calendar.class_names
        limits = np.array([subscribed[name] for name in names])
        if self.peak <= limits.min():
            return dict.fromkeys(names, 0.0)
        hours = self._hours(segment)
        classes = class_hours(calendar, self.year)[hours]
        over = np.maximum(self._booked.reshape(-1, self.per_hour)[hours] - limits[classes][:, None], 0.0)
        months = np.repeat(np.arange(12), [span.days * 24 for span in _spans(self.year, "month")])[hours]
        squares = np.bincount(months * len(names) + classes, (over**2).sum(axis=1), 12 * len(names))
        roots = np.sqrt(squares * (6 / self.per_hour)).reshape(12, len(names))
        return dict(zip(names, roots.sum(axis=0).tolist(), strict=True))

    def use_hours(self) -> float:
        """Yearly energy over the highest mean power of any 24 hours in a row."""
        return self._use_hours

    @functools.cached_property
    def _use_hours(self) -> float:
        import numpy as np

        width = 24 * self.per_hour
        run = np.concatenate(([0.0], np.cumsum(self._run)))
        best = float((run[width:] - run[:-width]).max())
        return round(self.energy * 1000 / (best / width), 6)

    def profile_factor(self, prices: Sequence[float] | Powers) -> float:
        """The load-weighted mean of prices over their plain mean; they run from the first local hour.

        Prices by the hour or, for a load by the quarter-hour, as fine as the load.
        """
        import numpy as np

        paid = np.asarray(prices, dtype=float)
        if paid.size not in (self._run.size, self._hourly_run.size):
            raise ValueError(f"{paid.size} prices do not fit {self._run.size} powers")
        powers = self._run if paid.size == self._run.size else self._hourly_run
        return float(powers @ paid / powers.sum() / paid.mean())


def _means(powers: Powers, count: int) -> Powers:
    """The means of each so many powers in a row."""
    import numpy as np

    return powers if count == 1 else powers.reshape(-1, count) @ np.full(count, 1 / count)


def class_hours(calendar: Calendar, year: int) -> Indices:
    """The class of each hour of a year, as an index into the calendar's class names."""
    if year not in calendar.by_year:
        import numpy as np

        number = {name: index for index, name in enumerate(calendar.class_names)}
        days = (date(year, 1, 1) + n * ONE_DAY for n in range(year_of(year).days))
        patterns = [calendar.pattern(day) for day in days]
        coded = {pattern: [number[name] for name in pattern] for pattern in set(patterns)}
        calendar.by_year[year] = np.array([coded[pattern] for pattern in patterns], dtype=np.intp).ravel()
    found: Indices = calendar.by_year[year]
    return found


@functools.lru_cache(maxsize=256)
def counted_hours(peak: Peak, year: int) -> Indices | None:
    """The hours of a year that count for a peak, by number; None if all do."""
    if not peak.within and not peak.outside:
        return None
    import numpy as np

    free = holidays_of(peak.holidays, year)
    found: list[int] = []
    for n in range(year_of(year).days):
        day = date(year, 1, 1) + n * ONE_DAY
        key = (day.month, day.weekday(), day in free)
        for hour in range(24):
            inside = not peak.within or any(w.holds(*key, hour) for w in peak.within)
            if inside and not any(w.holds(*key, hour) for w in peak.outside):
                found.append(24 * n + hour)
    return np.array(found, dtype=np.intp)


@functools.lru_cache(maxsize=64)
def _spans(year: int, per: str) -> tuple[Segment, ...]:
    """The months of a year, or its weeks of seven days from 1 January, of which the last is short."""
    if per == "month":
        return tuple(_month(year, month) for month in range(1, 13))
    first, last = date(year, 1, 1), date(year, 12, 31)
    return tuple(Segment(first + timedelta(7 * n), min(first + timedelta(7 * n + 6), last)) for n in range(53))


@functools.lru_cache(maxsize=64)
def _starts(year: int, per: str) -> Indices:
    """The hours of a year at which its months or weeks start."""
    import numpy as np

    return np.array([(span.start - date(year, 1, 1)).days * 24 for span in _spans(year, per)], dtype=np.intp)


@functools.lru_cache(maxsize=1024)
def _shares(year: int, per: str, segment: Segment) -> tuple[float, ...]:
    """The share of each month or week of a year that lies in a segment; the last week is short and counts so."""
    return tuple(_overlap(span, segment) / (7 if per == "week" else span.days) for span in _spans(year, per))


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
    in_order = _in_order(rows[1:], path, local=header[0] == "start")
    if in_order:
        return in_order
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


def _in_order(rows: Sequence[tuple[int, Sequence[str]]], path: str, *, local: bool) -> LoadCurve | None:
    """The load curve of faultless rows that stand in order from the first local hour, as most do; None for others."""
    try:
        stamps = [datetime.fromisoformat(row[0]) for _, row in rows]
        powers = [float(row[1]) for _, row in rows]
    except (ValueError, IndexError):
        return None
    if not stamps or not math.isfinite(sum(powers)) or min(powers) < 0:
        return None
    year = stamps[len(stamps) // 2].year
    per_hour, rest = divmod(len(stamps), int(year_of(year).hours))
    if rest or per_hour not in (1, 4):
        return None
    step, hour = timedelta(minutes=60 // per_hour), timedelta(hours=1)
    first = datetime(year - 1, 12, 31, 23, tzinfo=UTC if stamps[0].tzinfo else None)
    expected = [first + step * number for number in range(len(stamps))]
    if local and not stamps[0].tzinfo:
        spring, autumn = _changes(year, per_hour)
        summer = (hour if spring <= number < autumn else timedelta() for number in range(len(stamps)))
        expected = [moment + hour + more for moment, more in zip(expected, summer, strict=True)]
    if stamps != expected:
        return None
    return LoadCurve(year, per_hour, booked(powers, year, per_hour), powers, path)


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
    return LoadCurve(year, per_hour, booked(run, year, per_hour), run, path)


def booked(run: Sequence[float], year: int, per_hour: int) -> list[float]:
    """Slots as they ran, put into days of 24 hours: the hour that October repeats goes where March lost one."""
    return [power for part in _booked_parts(run, year, per_hour) for power in part]


def _booked_parts(run: Any, year: int, per_hour: int) -> list[Any]:
    spring, autumn = _changes(year, per_hour)
    return [run[:spring], run[autumn : autumn + per_hour], run[spring:autumn], run[autumn + per_hour :]]


def _changes(year: int, per_hour: int) -> tuple[int, int]:
    """The steps of the year, as they ran, at which summer time starts and ends."""
    spring, autumn = ((last_sunday(year, month) - date(year, 1, 1)).days * 24 + 2 for month in (3, 10))
    return spring * per_hour, autumn * per_hour


def _shortened(faults: list[str]) -> list[str]:
    rest = len(faults) - _SHOWN
    return faults[:_SHOWN] + ([f"and {rest} more faults of this load curve"] if rest > 0 else [])
