"""Day-ahead prices as the platforms hand them out: read into prices by zone and UTC moment, with file and line.

Known are the downloads of ENTSO-E's transparency platform (old and new), SMARD (old and new, German and English),
energy-charts (API and web page), Ember, and the files that levelfield writes itself. docs/load-curves.md shows each.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from levelfield._errors import UserError
from levelfield.clock import last_sunday, to_utc

SHOWN = 5  # faults of one file before the rest is only counted
LOWEST, HIGHEST = -500.0, 5000.0
"""What the auction can clear at, EUR/MWh; what lies outside is in another unit."""


class Quote(NamedTuple):
    """The price (EUR/MWh) of a zone from a UTC moment on; None is a hole, 0 minutes a file that says no end."""

    zone: str
    moment: datetime
    minutes: int
    price: float | None
    place: str


class Download(NamedTuple):
    path: str
    source: str
    licence: str
    quotes: tuple[Quote, ...]


class _Row(NamedTuple):
    """What a layout finds in a row: a stamp with or without its offset, and a price by zone as written."""

    line: int
    stamp: datetime
    minutes: int
    prices: Sequence[tuple[str, str]]


_MISSING = ("", "-", "n/a", "n/e", "nan", "null", "none")
_NAMES = {
    "deutschland/luxemburg": "DE_LU",
    "germany/luxembourg": "DE_LU",
    "germany": "DE_LU",
    "de-lu": "DE_LU",
    "niederlande": "NL",
    "netherlands": "NL",
    "belgien": "BE",
    "belgium": "BE",
    "frankreich": "FR",
    "france": "FR",
}
_ENTSOE = "ENTSO-E Transparency Platform", "terms of the platform: name the source"
_SMARD = "Bundesnetzagentur | SMARD.de", "CC BY 4.0"
_CHARTS = "energy-charts.info, Fraunhofer ISE", "as energy-charts.info states for the zone"
_EMBER = "Ember, European wholesale electricity price data", "CC BY 4.0"
_OWN = "a file of series", "as the file it comes from"
KNOWN = "ENTSO-E, SMARD, energy-charts, Ember, and levelfield's own day_ahead_YYYY.csv"


def zone_named(name: str) -> str:
    """The zone of a platform's name for it: BZN|DE-LU, Niederlande or Netherlands; other names as they stand."""
    plain = name.strip().rpartition("|")[2]
    return _NAMES.get(plain.lower(), plain.upper().replace("-", "_"))


def read_download(path: Path, zone: str | None = None) -> Download:
    """The prices of a downloaded file; `zone` names that of a file that does not, or picks one. Raises UserError."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: this is no text in UTF-8; give the CSV or JSON file as it was downloaded") from None
    if text.lstrip()[:1] == "{":
        (source, licence), rows = _json(path, text)
    else:
        (source, licence), rows = _csv(path, text)
    faults: list[str] = []
    quotes = _placed(path, rows, zone, faults)
    if faults:
        rest = len(faults) - SHOWN
        raise UserError(faults[:SHOWN] + ([f"{path}: and {rest} more faults"] if rest > 0 else []))
    if not quotes:
        found = sorted({name for row in rows for name, _ in row.prices})
        if zone and found:
            raise UserError(f"{path}: holds {', '.join(found)}, not {zone}; leave --zone out or name one of these")
        raise UserError(f"{path}: holds no prices; download a period that has some")
    return Download(str(path), source, licence, tuple(quotes))


def _placed(path: Path, rows: Sequence[_Row], zone: str | None, faults: list[str]) -> list[Quote]:
    """The rows as quotes: local times put in order, prices as numbers."""
    quotes: list[Quote] = []
    seen: dict[tuple[str, datetime, int], int] = {}
    for row in rows:
        place = f"{path}:{row.line}"
        moment = row.stamp.astimezone(UTC) if row.stamp.tzinfo else to_utc(row.stamp)
        for name, written in row.prices:
            if not name and not zone:
                faults.append(f"{place}: the file names no bidding zone; say --zone NL")
                return []
            if name and zone and name != zone:
                continue
            price = _price(written, place, faults)
            if moment is None:
                if price is not None:
                    faults.append(f"{place}: {row.stamp:%Y-%m-%d %H:%M} does not exist: the clock jumps")
                continue
            key = (name, moment, row.minutes)
            at = moment
            if key in seen and _repeated(row.stamp):
                at += timedelta(hours=1)
                key = (name, at, row.minutes)
            if key in seen:
                faults.append(
                    f"{place}: {row.stamp:%Y-%m-%d %H:%M} stands in line {seen[key]} too; delete one of the two"
                )
                continue
            seen[key] = row.line
            quotes.append(Quote(name or zone or "", at, row.minutes, price, place))
    return quotes


def _repeated(stamp: datetime) -> bool:
    """Whether a local time lies in the hour that October has twice."""
    return stamp.tzinfo is None and stamp.hour == 2 and stamp.date() == last_sunday(stamp.year, 10)


def _price(written: str, place: str, faults: list[str]) -> float | None:
    if written.strip().lower() in _MISSING:
        return None
    try:
        price = float(written)
    except ValueError:
        price = math.nan
    if not math.isfinite(price):
        faults.append(f"{place}: '{written}' is no price; mend it, or leave it empty for a price that is missing")
        return None
    if not LOWEST <= price <= HIGHEST:
        faults.append(
            f"{place}: {price:g} lies outside {LOWEST:,.0f} to {HIGHEST:,.0f} EUR/MWh, between which the auction "
            "clears; give prices in EUR/MWh"
        )
        return None
    return price


# The layouts ----------------------------------------------------------------------------------------------------------

_Rows = tuple[tuple[str, str], list[_Row]]


def _json(path: Path, text: str) -> _Rows:
    """energy-charts' API: {"license_info": …, "unix_seconds": […], "price": […], "unit": "EUR / MWh"}."""
    try:
        data = json.loads(text)
        seconds, prices = data["unix_seconds"], data["price"]
        pairs = list(zip(seconds, prices, strict=True))
        stamps = [datetime.fromtimestamp(second, UTC) for second, _ in pairs]
    except json.JSONDecodeError as error:
        raise UserError(f"{path}:{error.lineno}: this is no JSON: {error.msg}; download the file again") from None
    except (KeyError, TypeError, ValueError, OverflowError):
        raise UserError(
            f'{path}: "unix_seconds" and "price" of equal length are wanted, as energy-charts writes them'
        ) from None
    _check_unit(f"{path}", str(data.get("unit", "EUR/MWh")))
    rows = [
        _Row(number, stamp, 0, [("", "" if price is None else str(price))])
        for number, (stamp, (_, price)) in enumerate(zip(stamps, pairs, strict=True), 1)
    ]
    return (_CHARTS[0], str(data.get("license_info") or _CHARTS[1])), rows


def _csv(path: Path, text: str) -> _Rows:
    import csv
    import io

    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(row)]
    except csv.Error as error:
        raise UserError(f"{path}: this is no CSV file: {error}") from None
    if not rows:
        raise UserError(f"{path}: the file is empty; download it again")
    head = rows[0][1]
    for fits, layout in _LAYOUTS:
        if fits(head):
            return layout(path, head, rows)
    raise UserError(
        f"{path}:{rows[0][0]}: '{delimiter.join(head)[:60]}' is the header of no known download; known are {KNOWN}"
    )


_Numbered = Sequence[tuple[int, list[str]]]


def _body(path: Path, rows: _Numbered, read: Callable[[int, list[str]], _Row | None]) -> list[_Row]:
    """Each row after the header as its layout reads it; those that cannot be read are faults."""
    found: list[_Row] = []
    faults: list[str] = []
    for line, cells in rows[1:]:
        try:
            row = read(line, cells)
        except (ValueError, IndexError, OverflowError):
            faults.append(f"{path}:{line}: '{','.join(cells)[:60]}' is no time and price as in the rest of the file")
            continue
        if row:
            found.append(row)
    if faults:
        rest = len(faults) - SHOWN
        raise UserError(faults[:SHOWN] + ([f"{path}: and {rest} more rows that cannot be read"] if rest > 0 else []))
    return found


def _check_unit(place: str, text: str) -> None:
    plain = text.replace(" ", "").replace("€", "EUR").replace("megawatt_hour", "MWh")
    if "EUR/MWh" not in plain:
        raise UserError(f"{place}: prices in EUR/MWh are wanted, found '{text}'; download them in that unit")


def _entsoe(path: Path, head: list[str], rows: _Numbered) -> _Rows:
    """MTU (CET/CEST) | Day-ahead Price [EUR/MWh] | Currency | BZN|NL, or with Area and Sequence columns since 2025."""
    price = next(i for i, cell in enumerate(head) if cell.lower().startswith("day-ahead price"))
    _check_unit(f"{path}:{rows[0][0]}", head[price])
    area = head.index("Area") if "Area" in head else None
    sequence = head.index("Sequence") if "Sequence" in head else None
    currency = head.index("Currency") if "Currency" in head else None
    named = next((zone_named(cell) for cell in head if cell.startswith("BZN|")), "")
    utc = "(UTC)" in head[0]

    def read(line: int, cells: list[str]) -> _Row | None:
        if sequence is not None and not re.fullmatch(r"(Without Sequence|(Sequence )*1|)", cells[sequence]):
            return None  # another auction of the same day, such as the one before the coupled auction
        if currency is not None and cells[currency] not in ("", "EUR"):
            raise UserError(f"{path}:{line}: the price is in {cells[currency]}; download the prices in EUR")
        start, end = (_entsoe_time(part, utc=utc) for part in cells[0].split(" - "))
        zone = zone_named(cells[area]) if area is not None else named
        return _Row(line, start, _length(start, end), [(zone, cells[price])])

    return _ENTSOE, _body(path, rows, read)


def _length(start: datetime, end: datetime) -> int:
    """Minutes from start to end; between local times the clock may have jumped by an hour. 0 for an odd length."""
    if (start.tzinfo is None) != (end.tzinfo is None):  # only times about a change of the clock have their offset
        start, end = (
            moment if moment.tzinfo else to_utc(moment) or moment.replace(tzinfo=UTC) for moment in (start, end)
        )
    minutes = round((end - start) / timedelta(minutes=1))
    minutes += 60 if minutes <= 0 else -60 if minutes > 60 else 0
    return minutes if minutes in (15, 30, 60) else 0


_ENTSOE_TIME = re.compile(r"(\d\d)[./](\d\d)[./](\d{4}) (\d\d):(\d\d)(?::\d\d)?(?: \((CES?T|UTC)\))?")
_ISO_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::\d\d)?(?: \((CES?T|UTC)\))?")


def _entsoe_time(text: str, *, utc: bool) -> datetime:
    """'31.03.2024 03:00', '26/10/2025 02:00:00 (CEST)'."""
    match = _ENTSOE_TIME.fullmatch(text.strip())
    if match:
        day, month, year, hour, minute = (int(part) for part in match.groups()[:5])
    else:
        match = _ISO_TIME.fullmatch(text.strip())
        if not match:
            raise ValueError(text)
        year, month, day, hour, minute = (int(part) for part in match.groups()[:5])
    stamp = datetime(year, month, day, hour, minute)  # noqa: DTZ001 - local time
    offset = {"CET": 1, "CEST": 2, "UTC": 0}.get(match[6] or "", 0 if utc else None)
    return stamp if offset is None else (stamp - timedelta(hours=offset)).replace(tzinfo=UTC)


_SMARD_PRICE = re.compile(r"(.+?) \[(.+?)\].*")


def _smard(path: Path, head: list[str], rows: _Numbered) -> _Rows:
    """Datum von;Datum bis;Deutschland/Luxemburg [€/MWh] …, or Datum;Anfang;Ende;… before; also in English."""
    whole = head[0] in ("Datum von", "Start date")
    columns: list[tuple[int, str]] = []
    for number, cell in enumerate(head):
        match = _SMARD_PRICE.fullmatch(cell)
        if match and match[1].lower() in _NAMES:
            _check_unit(f"{path}:{rows[0][0]}", match[2])
            columns.append((number, _NAMES[match[1].lower()]))
    if not columns:
        raise UserError(
            f"{path}:{rows[0][0]}: none of the columns is a zone that is known "
            "(Deutschland/Luxemburg, Niederlande, Belgien, Frankreich); choose them under Großhandelspreise"
        )
    german = head[0].startswith("Datum")

    def read(line: int, cells: list[str]) -> _Row:
        start = _smard_time(cells[0] if whole else f"{cells[0]} {cells[1]}")
        minutes = _length(start, _smard_time(cells[1])) if whole else 0
        prices = [(zone, _decimal(cells[number], german)) for number, zone in columns]
        return _Row(line, start, minutes, prices)

    found = _body(path, rows, read)
    empty = {zone for _, zone in columns} - {
        zone for row in found for zone, text in row.prices if text.lower() not in _MISSING
    }
    return _SMARD, [row._replace(prices=[pair for pair in row.prices if pair[0] not in empty]) for row in found]


def _decimal(text: str, german: bool) -> str:
    return text.replace(".", "").replace(",", ".") if german else text.replace(",", "")


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ENGLISH_TIME = re.compile(r"([A-Z][a-z]{2}) (\d{1,2}), (\d{4}),? (\d{1,2}):(\d\d) ([AP]M)")


def _smard_time(text: str) -> datetime:
    """'01.10.2025 00:15' or 'Oct 1, 2025 12:15 AM'."""
    match = _ENGLISH_TIME.fullmatch(text)
    if not match:
        return _entsoe_time(text, utc=False)
    month = _MONTHS.index(match[1].lower()) + 1
    hour = int(match[4]) % 12 + (12 if match[6] == "PM" else 0)
    return datetime(int(match[3]), month, int(match[2]), hour, int(match[5]))  # noqa: DTZ001 - local time


def _charts_page(path: Path, head: list[str], rows: _Numbered) -> _Rows:
    """Date (GMT+1) | Day Ahead Auction (DE-LU) | …, with a second row of units and times with their offset."""
    columns = [
        (number, zone_named(match[1]))
        for number, cell in enumerate(head)
        if (match := re.fullmatch(r"Day[ -]?Ahead Au[ck]tion \((.+)\)", cell))
    ]
    if not columns:
        raise UserError(f"{path}:{rows[0][0]}: no column 'Day Ahead Auction (…)' is there; choose it on the page")
    if not rows[1][1][0]:
        _check_unit(f"{path}:{rows[1][0]}", rows[1][1][columns[0][0]])
        rows = [rows[0], *rows[2:]]

    def read(line: int, cells: list[str]) -> _Row:
        stamp = datetime.fromisoformat(cells[0])
        if stamp.tzinfo is None:
            raise ValueError(cells[0])
        return _Row(line, stamp, 0, [(zone, cells[number]) for number, zone in columns])

    return _CHARTS, _body(path, rows, read)


def _charts_api(path: Path, head: list[str], rows: _Numbered) -> _Rows:
    """unix_seconds,price as one has from the API's JSON."""
    second, price = head.index("unix_seconds"), head.index("price")

    def read(line: int, cells: list[str]) -> _Row:
        return _Row(line, datetime.fromtimestamp(int(cells[second]), UTC), 0, [("", cells[price])])

    return _CHARTS, _body(path, rows, read)


def _ember(path: Path, head: list[str], rows: _Numbered) -> _Rows:
    """Country,ISO3 Code,Datetime (UTC),Datetime (Local),Price (EUR/MWhe)."""
    country, moment = head.index("Country"), head.index("Datetime (UTC)")
    price = next((i for i, cell in enumerate(head) if cell.startswith("Price")), -1)
    _check_unit(f"{path}:{rows[0][0]}", head[price])

    def read(line: int, cells: list[str]) -> _Row | None:
        zone = _NAMES.get(cells[country].lower())
        if zone is None:
            return None
        return _Row(line, datetime.fromisoformat(cells[moment]).replace(tzinfo=UTC), 0, [(zone, cells[price])])

    return _EMBER, _body(path, rows, read)


def _own(path: Path, head: list[str], rows: _Numbered) -> _Rows:
    """utc,NL,DE_LU,BE,FR."""

    def read(line: int, cells: list[str]) -> _Row:
        stamp = datetime.fromisoformat(cells[0])
        stamp = stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
        return _Row(line, stamp, 0, [(zone, cells[number]) for number, zone in enumerate(head) if number])

    return _OWN, _body(path, rows, read)


def _has(head: Iterable[str], *wanted: str) -> bool:
    return set(wanted) <= set(head)


_LAYOUTS: tuple[tuple[Callable[[list[str]], bool], Callable[[Path, list[str], _Numbered], _Rows]], ...] = (
    (lambda head: head[0].startswith("MTU") and any(c.lower().startswith("day-ahead price") for c in head), _entsoe),
    (lambda head: len(head) > 2 and head[0] in ("Datum von", "Start date", "Datum", "Date"), _smard),
    (lambda head: bool(re.match(r"(Date|Datum) \(", head[0])), _charts_page),
    (lambda head: _has(head, "unix_seconds", "price"), _charts_api),
    (lambda head: _has(head, "Country", "Datetime (UTC)"), _ember),
    (lambda head: head[0].lower() == "utc" and len(head) > 1, _own),
)
