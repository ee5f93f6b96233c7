"""Series of day-ahead prices: whole years put together from downloads, and the files that hold them.

An hour that cleared by the quarter-hour has the mean of its four prices; the four are kept beside it, for loads by the
quarter-hour. Each file of a year has one beside it that says where each zone's prices come from.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from levelfield._errors import UserError
from levelfield.clock import first_hour, hours_of, to_local
from levelfield.downloads import SHOWN, Download, Quote
from levelfield.prices import QUARTERS, columns, folders, zone_of
from levelfield.tables import Tables

HOUR = timedelta(hours=1)
_APART = 0.02  # how far the mean of four quarter-hours may lie from the hour's own price, EUR/MWh
_SIDECAR = "zone,source,licence,file,sha256,hours,mean,negative_hours,resolution,imported_on"


class Series(NamedTuple):
    """A zone's prices of a local year, EUR/MWh, from its first hour; `quarters` where some hours have four."""

    zone: str
    year: int
    hourly: tuple[float, ...]
    quarters: tuple[float, ...] | None
    downloads: tuple[Download, ...]

    @property
    def mean(self) -> float:
        return math.fsum(self.hourly) / len(self.hourly)

    @property
    def negative(self) -> int:
        return sum(price < 0 for price in self.hourly)


class _Hour:
    """What the downloads say of one hour: a price of its own, prices by minute, holes."""

    def __init__(self) -> None:
        self.whole: Quote | None = None
        self.parts: dict[int, Quote] = {}
        self.hole = ""


def assemble(
    downloads: Sequence[Download], zones: Sequence[str], year: int | None = None
) -> tuple[list[Series], list[str]]:
    """The complete years of the known zones, and what to say of years that are not complete.

    Raises UserError if a price contradicts another, if the year asked for is not complete, or if none is.
    """
    by_year: dict[tuple[str, int], list[Quote]] = {}
    for download in downloads:
        for quote in download.quotes:
            if quote.zone in zones:
                by_year.setdefault((quote.zone, (quote.moment + HOUR).year), []).append(quote)
    if not by_year:
        found = sorted({quote.zone for download in downloads for quote in download.quotes})
        raise UserError(f"{downloads[0].path}: holds {', '.join(found)}; the tables know {', '.join(zones)}")
    series: list[Series] = []
    gaps: dict[tuple[str, int], str] = {}
    faults: list[str] = []
    for (zone, its_year), quotes in sorted(by_year.items()):
        if year is not None and its_year != year:
            continue
        hours = _by_hour(quotes, its_year, faults)
        lack = _lack(hours, zone, its_year)
        if lack:
            gaps[zone, its_year] = lack
            continue
        paths = {quote.place.rpartition(":")[0] for quote in quotes}
        used = tuple(download for download in downloads if download.path in paths)
        found_series = _series(zone, its_year, hours, used, faults)
        if all(abs(price) < 2 for price in found_series.hourly):
            faults.append(f"{used[0].path}: all prices of {zone} {its_year} are below 2: EUR/kWh? give EUR/MWh")
        series.append(found_series)
    if faults:
        rest = len(faults) - SHOWN
        raise UserError(faults[:SHOWN] + ([f"and {rest} more faults"] if rest > 0 else []))
    if year is not None and not series and not gaps:
        held = sorted({f"{its_year}" for _, its_year in by_year})
        raise UserError(
            f"{downloads[0].path}: holds {', '.join(held)}, not {year}; leave --year out or give another file"
        )
    if not series or (year is not None and gaps):
        raise UserError(list(gaps.values()))
    return series, list(gaps.values())


def _by_hour(quotes: Iterable[Quote], year: int, faults: list[str]) -> dict[int, _Hour]:
    first = first_hour(year)
    hours: dict[int, _Hour] = {}
    for quote in quotes:
        number, rest = divmod(quote.moment - first, HOUR)
        minute = rest // timedelta(minutes=1)
        if minute % 15 or rest % timedelta(minutes=1) or quote.minutes == 30:
            faults.append(f"{quote.place}: {to_local(quote.moment):%Y-%m-%d %H:%M} is no whole or quarter-hour")
            continue
        hour = hours.setdefault(number, _Hour())
        if quote.price is None:
            hour.hole = hour.hole or quote.place
            continue
        before = hour.whole if quote.minutes == 60 else hour.parts.get(minute)
        if before and before.price != quote.price:
            faults.append(
                f"{quote.place}: {quote.zone} {to_local(quote.moment):%Y-%m-%d %H:%M} is {quote.price:g} here and "
                f"{before.price:g} in {before.place}; leave one of the files out"
            )
        elif quote.minutes == 60:
            hour.whole = quote
        else:
            hour.parts[minute] = quote
    _settle(hours, first)
    return hours


def _settle(hours: Mapping[int, _Hour], first: datetime) -> None:
    """Where a file says no end, a price on the hour is the hour's own, unless the day clears by the quarter-hour."""
    fine = {to_local(first + number * HOUR).date() for number, hour in hours.items() if hour.parts.keys() - {0}}
    for number, hour in hours.items():
        lone = hour.parts.get(0)
        open_end = lone is not None and not lone.minutes and to_local(first + number * HOUR).date() not in fine
        if lone and open_end and not hour.whole:
            hour.whole, hour.parts = lone, {}


def _complete(hour: _Hour | None) -> bool:
    return hour is not None and (hour.whole is not None or len(hour.parts) == 4)


def _lack(hours: Mapping[int, _Hour], zone: str, year: int) -> str:
    """What a year lacks, with the place of the first hole; '' if it is complete."""
    count = hours_of(year)
    missing = [number for number in range(count) if not _complete(hours.get(number))]
    if not missing:
        return ""
    first = missing[0]
    when = f"{to_local(first_hour(year) + first * HOUR):%Y-%m-%d %H:%M}"
    there = hours.get(first)
    quotes = [*there.parts.values()] if there else []
    place = (there.hole if there else "") or (quotes[0].place if quotes else "")
    before = next((hours[n] for n in range(first - 1, -1, -1) if n in hours and _complete(hours[n])), None)
    if not place and before:
        last = before.whole or before.parts[45]
        place = f"after {last.place}"
    lead = f"{place}: " if place else ""
    return (
        f"{lead}{zone} {year}: {len(missing):,} of {count:,} hours have no price, the first at {when}; "
        "give a file of the whole year, or the files of its parts together"
    )


def _series(
    zone: str, year: int, hours: Mapping[int, _Hour], downloads: tuple[Download, ...], faults: list[str]
) -> Series:
    hourly: list[float] = []
    quarters: list[float] = []
    fine = False
    for number in range(hours_of(year)):
        hour = hours[number]
        own = hour.whole.price if hour.whole and hour.whole.price is not None else None
        if len(hour.parts) == 4:
            four = [hour.parts[minute].price or 0.0 for minute in (0, 15, 30, 45)]
            mean = round(math.fsum(four) / 4, 4)
            if own is not None and abs(own - mean) > _APART:
                faults.append(f"{hour.parts[0].place}: the quarter-hours have a mean of {mean:g}, the hour {own:g}")
            fine = True
        else:
            mean = own or 0.0
            four = [mean] * 4
        hourly.append(mean)
        quarters += four
    return Series(zone, year, tuple(hourly), tuple(quarters) if fine else None, downloads)


# Files ----------------------------------------------------------------------------------------------------------------


def file_name(year: int, suffix: str = "") -> str:
    return f"day_ahead_{year}{suffix}.csv"


def texts(folder: Path, series: Sequence[Series], order: Sequence[str], imported: date) -> dict[str, str]:
    """The files of a folder with the series in them, by name: those of other zones and their notes stay."""
    found: dict[str, str] = {}
    for year in sorted({one.year for one in series}):
        mine = [one for one in series if one.year == year]
        name = file_name(year)
        found[name] = _table(folder / name, year, {one.zone: one.hourly for one in mine}, order)
        fine = {one.zone: one.quarters for one in mine if one.quarters}
        if fine:
            name = file_name(year, QUARTERS)
            found[name] = _table(folder / name, year, fine, order)
        found[file_name(year, ".sources")] = _notes(folder / file_name(year, ".sources"), mine, imported)
    return found


def _table(path: Path, year: int, new: Mapping[str, Sequence[float]], order: Sequence[str]) -> str:
    held = {zone: [f"{price:.10g}" for price in prices] for zone, prices in columns(path).items()}
    held |= {zone: [f"{price:.10g}" for price in prices] for zone, prices in new.items()}
    zones = sorted(held, key=lambda zone: (order.index(zone) if zone in order else len(order), zone))
    count = len(next(iter(new.values())))
    step = HOUR * hours_of(year) / count
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["utc", *zones])
    for number in range(count):
        moment = first_hour(year) + number * step
        writer.writerow([f"{moment:%Y-%m-%dT%H:%MZ}", *(held[zone][number] for zone in zones)])
    return out.getvalue()


def _notes(path: Path, series: Sequence[Series], imported: date) -> str:
    import hashlib

    rows = {row["zone"]: row for row in read_notes(path)}
    for one in series:
        files = one.downloads
        rows[one.zone] = {
            "zone": one.zone,
            "source": "; ".join(dict.fromkeys(file.source for file in files)),
            "licence": "; ".join(dict.fromkeys(file.licence for file in files)),
            "file": "; ".join(Path(file.path).name for file in files),
            "sha256": "; ".join(hashlib.sha256(Path(file.path).read_bytes()).hexdigest() for file in files),
            "hours": str(len(one.hourly)),
            "mean": f"{one.mean:.4f}",
            "negative_hours": str(one.negative),
            "resolution": "15 min" if one.quarters else "60 min",
            "imported_on": imported.isoformat(),
        }
    out = io.StringIO()
    writer = csv.DictWriter(out, _SIDECAR.split(","), lineterminator="\n", extrasaction="ignore", restval="")
    writer.writeheader()
    writer.writerows(rows[zone] for zone in sorted(rows))
    return out.getvalue()


def read_notes(path: Path) -> list[dict[str, str]]:
    """Where the prices of each zone in a file come from; none if nothing is noted."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except (FileNotFoundError, NotADirectoryError):
        return []


class Held(NamedTuple):
    """A zone's year that a folder holds, and the mean that the tables have for it."""

    year: int
    zone: str
    hours: int
    mean: float
    negative: int
    quarter_hourly: bool
    tabled: float | None
    folder: Path
    source: str
    hidden: bool  # an earlier folder has it too, which goes first


def markets(tables: Tables) -> dict[str, str]:
    """The zones that the tables know, with the rate of each one's yearly mean."""
    return {zone_of(place.market): place.market for place in tables.jurisdictions.values()}


def held(tables: Tables) -> list[Held]:
    """All series that are at hand, by year and zone, in the order in which they are used."""
    rates = markets(tables)
    found: list[Held] = []
    for folder in dict.fromkeys(folders(tables)):
        for path in sorted(folder.glob("day_ahead_[0-9][0-9][0-9][0-9].csv")):
            year = int(path.stem[-4:])
            notes = {row["zone"]: row["source"] for row in read_notes(folder / file_name(year, ".sources"))}
            fine = columns(folder / file_name(year, QUARTERS))
            for zone, prices in columns(path).items():
                row = tables.row(rates[zone], f"{year}-07-01") if zone in rates else None
                mean = math.fsum(prices) / len(prices)
                negative = sum(price < 0 for price in prices)
                hidden = any((one.year, one.zone) == (year, zone) for one in found)
                found.append(
                    Held(
                        year,
                        zone,
                        len(prices),
                        mean,
                        negative,
                        zone in fine,
                        row.value if row else None,
                        folder,
                        notes.get(zone, ""),
                        hidden,
                    )
                )
    return sorted(found, key=lambda one: (one.year, list(rates).index(one.zone) if one.zone in rates else 99))
