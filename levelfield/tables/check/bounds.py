"""Bounds that a law sets to rates: a minimum of excise, a maximum of aid.

```toml
[[bound]]
rate = "nl.energy_tax.band4.business"        # or a list of rates; * stands for a part of a name
at_least = "nl.energy_tax.eu_minimum"        # a rate or a quantity such as "0.5 EUR/MWh"; or at_most, or both
law = "Directive 2003/96/EC, Annex I, table C"
source = "nl-energy-tax-directive"
valid_from = 2004-01-01                      # valid_from and valid_to where the bound does not span all years
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from levelfield import units
from levelfield.tables.fault import ERROR, WARNING, Fault, answer, fault_at
from levelfield.tables.model import Row, Tables

_KEYS = ("rate", "at_least", "at_most", "law", "source", "valid_from", "valid_to", "ok", "place")
_SIDES = (("at_least", "below", 1), ("at_most", "above", -1))
_ALWAYS = "0001-01-01", "9999-12-31"
_TINY = 1e-9


def faults(tables: Tables) -> Iterator[Fault]:
    """Rates outside of a legal bound, and bounds that say something the tables do not know."""
    folders = dict.fromkeys(("eu", *(place.folder for place in tables.jurisdictions.values())))
    for folder in folders:
        for block in tables.law(folder).bounds:
            place = str(block["place"])
            yield from (fault_at(place, "bounds.form", message) for message in _form(tables, block))
            for pattern in _patterns(block):
                for rate in _named(tables, pattern):
                    yield from _outside(tables, rate, block)


def _form(tables: Tables, block: Mapping[str, Any]) -> Iterator[str]:
    for key in block:
        if key not in _KEYS:
            yield f"'{key}' is no key of a bound; known are {', '.join(_KEYS[:-1])}"
    for key in ("rate", "law", "source"):
        if not block.get(key):
            yield f"the bound lacks {key}"
    if "at_least" not in block and "at_most" not in block:
        yield "the bound needs at_least or at_most"
    if block.get("source") and tables.source(str(block["source"])) is None:
        yield f"source '{block['source']}' is not in sources.csv"
    for pattern in _patterns(block):
        if not _named(tables, pattern):
            yield f"the bound is on '{pattern}', which is no rate of the tables"


def _patterns(block: Mapping[str, Any]) -> list[str]:
    named = block.get("rate", [])
    return [str(name) for name in named] if isinstance(named, list) else [str(named)]


def _named(tables: Tables, pattern: str) -> list[str]:
    if "*" not in pattern:
        return [pattern] if pattern in tables else []
    shape = re.compile(re.escape(pattern).replace(r"\*", "[^.]+"))
    return [rate for rate in tables.rate_ids if shape.fullmatch(rate)]


def _outside(tables: Tables, rate: str, block: Mapping[str, Any]) -> Iterator[Fault]:
    life = str(block.get("valid_from", _ALWAYS[0])), str(block.get("valid_to", _ALWAYS[1]))
    for side, word, sign in _SIDES:
        for row in tables.rows(rate) if side in block else ():
            if row.value is None or not _meet(life, _days(row)):
                continue
            try:
                limits = list(_limits(tables, str(block[side]), row, life))
            except units.UnitError as error:
                yield fault_at(str(block["place"]), "bounds.form", f"{side}: {error}")
                return
            for limit, written in limits:
                if _beyond(row.value, limit, sign):
                    message = f"{rate} is {row.written}, {word} the {written} of {block.get('law')} ({block['place']})"
                    # A stand-in whose range reaches the bound may be all that is known: its note answers.
                    end = row.high if sign > 0 else row.low
                    reaches = row.evidence == "assumed" and end is not None and not _beyond(end, limit, sign)
                    severity, reason = (WARNING, answer(row.note)) if reaches else (ERROR, "")
                    yield fault_at(row.place, "bounds.outside", message, severity, reason)
                    break


def _limits(tables: Tables, limit: str, row: Row, life: tuple[str, str]) -> Iterator[tuple[float, str]]:
    """The values of a bound, with how they are written, while both the row and the bound are in force."""
    if limit not in tables:
        yield units.parse(limit, row.unit), limit
        return
    for other in tables.rows(limit):
        if other.value is not None and _meet(_days(other), _days(row)) and _meet(_days(other), life):
            if other.unit != row.unit:
                raise units.UnitError(f"{limit} is in {other.unit or 'no unit'}, {row.rate} in {row.unit or 'no unit'}")
            yield other.value, other.written


def _beyond(value: float, limit: float, sign: int) -> bool:
    return sign * (limit - value) > _TINY * max(1.0, abs(limit))


def _days(row: Row) -> tuple[str, str]:
    return row.valid_from, row.valid_to or _ALWAYS[1]


def _meet(one: tuple[str, str], other: tuple[str, str]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]
