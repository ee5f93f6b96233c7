"""Which rates wait for someone: those whose day of renewal has passed, and those that nobody looked at for long."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from levelfield.calendars import day_after
from levelfield.expression import ExpressionError
from levelfield.formula import Form, read
from levelfield.tables.model import Jurisdiction, Row, Tables

_BRACES = re.compile(r"__(\w+?)__")
# What these keys hold is no formula. A charge may have the name of a rate, so `of` must not be read as one.
_NO_FORMULA = frozenset(
    "id place name law note change category kind jurisdictions valid_from valid_to claim relief choice option "
    "monotone renews on of interval part unit version".split()
)
_NO_RATES = ("amount", "among", "sector_in")  # calls whose names are charges or lists


class Due(NamedTuple):
    """A rate that waits. `why` is ended (nothing holds since), open (its renewal passed unseen) or old."""

    rate: str
    country: str  # the folder that holds it
    place: str  # file:line of the last row
    why: str
    since: str  # the day from which it is due
    value: str  # the last value and unit, as published
    start: str  # the day from which that holds
    checked_on: str
    source: str  # its key; empty for an assumed value without one
    link: str  # of the source; empty where it has none


def due(tables: Tables, on: date, months: int = 12) -> list[Due]:
    """The rates in force on a day that wait for someone, by country and name.

    Counted are the rates that the law in force on that day names; not those whose note begins with 'reference:'.

    - ended: a charge renews and the last row of the rate ended before that day, with no row after it.
    - open: the last row has no end, and a renewal day has come since the later of its start and `checked_on`. A start
      alone would call each threshold of the law due every year; an open end alone would never call anything due. So a
      look counts as a renewal: someone saw after that day that the value still holds. A stated end counts as long as it
      lasts, since then the source itself says for how long the value holds.
    - old: no renewal is due, but the row in force was never looked at, or more than `months` months before that day.

    A renewal day counts from that very day on.
    """
    found: dict[str, Due] = {}
    for rate, days in _in_force(tables, on.isoformat()).items():
        item = _of_rate(tables, rate, days, on, months)
        if item:
            found[rate] = item
    return sorted(found.values(), key=lambda item: (item.country, item.rate))


def _in_force(tables: Tables, day: str) -> dict[str, set[str]]:
    """The rates of the law in force on a day, each with the renewal days (MM-DD) of the charges that name it."""
    rates: dict[str, set[str]] = {}
    for place in tables.jurisdictions.values():
        names = rate_names(tables, place)
        for block in charge_blocks(tables, place):
            for version in versions_between(block, day, day):
                renews = [str(version["renews"])] if "renews" in version else []
                for rate in names(version):
                    rates.setdefault(rate, set()).update(renews)
    return rates


def _of_rate(tables: Tables, rate: str, days: set[str], on: date, months: int) -> Due | None:
    day = on.isoformat()
    begun = [row for row in tables.rows(rate) if row.valid_from <= day]
    if not begun:
        return None  # not yet in force
    in_force = tables.row(rate, day)
    row = in_force or begun[-1]
    if row.note.startswith("reference:"):
        return None
    renewed = any(later.valid_from > row.valid_from for later in tables.rows(rate))
    if days and not renewed:
        since, why = _renewal(row, days)
        if since <= day:
            return _due(tables, row, why, since)
    if in_force and row.checked_on < _months_before(on, months).isoformat():
        return _due(tables, row, "old", _old_since(row, months))
    return None


def _renewal(row: Row, days: set[str]) -> tuple[str, str]:
    """The first day on which the row no longer counts as renewed, and why."""
    if row.valid_to:
        return day_after(row.valid_to), "ended"
    seen = max(row.valid_from, row.checked_on)
    return min(_next(seen, day) for day in days), "open"


def _next(day: str, month_day: str) -> str:
    """The first renewal day after a day."""
    year = int(day[:4])
    return next(found for found in (_renewal_of(year, month_day), _renewal_of(year + 1, month_day)) if found > day)


def _renewal_of(year: int, month_day: str) -> str:
    """The renewal day of a year; 29 February is 1 March in a year that lacks it."""
    try:
        return date(year, int(month_day[:2]), int(month_day[3:])).isoformat()
    except ValueError:
        return f"{year}-03-01"


def _months_before(day: date, months: int) -> date:
    """The same day some months before, or the last of that month."""
    from levelfield.calendars import days_in_month

    number = day.year * 12 + day.month - 1 - months
    year, month = number // 12, number % 12 + 1
    return date(year, month, min(day.day, days_in_month(year, month)))


def _old_since(row: Row, months: int) -> str:
    if not row.checked_on:
        return row.valid_from
    return (_months_before(date.fromisoformat(row.checked_on), -months) + timedelta(days=1)).isoformat()


def _due(tables: Tables, row: Row, why: str, since: str) -> Due:
    source = tables.source(row.source)
    country = row.place.partition("/")[0]
    link = source.url if source else ""
    return Due(row.rate, country, row.place, why, since, row.written, row.valid_from, row.checked_on, row.source, link)


# Which rates the law names --------------------------------------------------------------------------------------------


def charge_blocks(tables: Tables, place: Jurisdiction) -> Iterator[dict[str, Any]]:
    """The charges of a jurisdiction, those of the whole EU first."""
    for folder in dict.fromkeys(("eu", place.folder)):
        for block in tables.law(folder).charges:
            if place.id in block.get("jurisdictions", [place.id]):
                yield block


def versions_between(block: Mapping[str, Any], first: str, last: str) -> Iterator[Mapping[str, Any]]:
    """The versions of a law block that hold on some day between two days, both included."""
    from levelfield.year import versions

    for start, end, version in versions(block):
        if start <= last and (not end or first <= end):
            yield version


def rate_names(
    tables: Tables, place: Jurisdiction, where: Mapping[str, list[str]] | None = None
) -> Callable[[Mapping[str, Any]], set[str]]:
    """What tells the rates that a law block of a jurisdiction names: in formulas, conditions and steps, through named
    quantities, through the conditions of its choice, and through {placeholders}.

    A placeholder stands for whatever a connection there may say, or for the texts that `where` lists.
    Only rates that the tables hold are told.
    """
    from levelfield.vocabulary import Vocabulary

    words = Vocabulary(tables, place, {}, {})
    law = [tables.law(folder) for folder in dict.fromkeys(("eu", place.folder))]
    choices = {block["id"]: block for part in law for block in part.choices}
    texts = {**_connection_texts(place, list(choices.values())), **(where or {})}
    known: dict[str, set[str]] = {}

    def rates_of(name: str) -> set[str]:
        if name not in known:
            known[name] = set()  # a quantity that needs itself ends here
            if name in words.quantity_blocks:
                known[name] = of_block({"formula": words.quantity_blocks[name]["formula"]})
            elif "__" in name or name.endswith(".*"):
                pattern = re.compile(_as_pattern(name, texts))
                known[name] = {rate for rate in tables.rate_ids if pattern.fullmatch(rate)}
            elif name in tables:
                known[name] = {name}
        return known[name]

    def of_block(block: Mapping[str, Any]) -> set[str]:
        conditions = [option.get("when") for option in choices.get(str(block.get("choice")), {}).get("options", [])]
        named = {name for text in _formulas([dict(block), conditions]) for name in _named(text)}
        return {rate for name in named for rate in rates_of(name)}

    return of_block


def _connection_texts(place: Jurisdiction, choices: list[dict[str, Any]]) -> dict[str, list[str]]:
    """What each placeholder may stand for."""
    texts: dict[str, list[str]] = {choice["placeholder"]: [o["id"] for o in choice["options"]] for choice in choices}
    for level in place.levels.values():
        for key, value in level.items():
            if isinstance(value, str):
                texts.setdefault(key, []).append(value)
    for key, spec in place.inputs.items():
        texts.setdefault(key, []).extend(map(str, spec.get("values", ())))
    return texts


def _as_pattern(name: str, texts: Mapping[str, list[str]]) -> str:
    """'nl.grid.__operator__.fixed' as a regular expression; a part that no connection knows may be anything."""

    def alternatives(key: str) -> str:
        return f"(?:{'|'.join(re.escape(text.lower()) for text in texts[key])})" if texts.get(key) else "[a-z0-9_]+"

    stem = name.removesuffix(".*")
    parts = _BRACES.split(stem)  # plain, key, plain, key, …
    pattern = "".join(alternatives(part) if odd % 2 else re.escape(part) for odd, part in enumerate(parts))
    return pattern + ("[.][a-z0-9_]+" if name.endswith(".*") else "")


def _formulas(value: object) -> Iterator[str]:
    """The texts of a law block that may be formulas; the left side of a condition is a key."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key == "let":
                yield from map(str, item.values())
            elif key not in _NO_FORMULA:
                yield key
                yield from _formulas(item)
    elif isinstance(value, list):
        for item in value:
            yield from _formulas(item)


def _named(text: str) -> Iterator[str]:
    """The names in a formula that may be rates; none in a text that is no formula."""
    try:
        yield from _names_in(read(text))
    except ExpressionError:
        return


def _names_in(form: Form) -> Iterator[str]:
    match form:
        case ("name", name):
            yield name
        case ("call", "per", (("name", name),)):
            yield f"{name}.*"  # the rate of each product
        case ("call", function, _) if function in _NO_RATES:
            return
        case ("op" | "call", _, args):
            for arg in args:
                yield from _names_in(arg)
