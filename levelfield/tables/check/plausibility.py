"""Numbers that look like a slip: a jump nobody explains, a decimal point in the wrong place, bands out of order.

A rate moves little from year to year, and where it moves much its siblings (rates whose names differ in one part)
mostly move with it. A step that stands alone is a warning, which the note of the row answers with `ok:` and the reason.
A factor of 10, 100 or 1000 is an error until it is answered so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

from levelfield.tables.fault import ERROR, WARNING, Fault, answer, fault_at
from levelfield.tables.model import Row, Tables

_MOST_A_YEAR = 0.20
_ALIKE = 0.05  # points by which siblings may differ
_NEAR = 1.25  # how far from a power of ten still counts as near it
_CLOSE = 3.0  # siblings that lie within this factor of each other are of one size
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_SLIPS = {
    1: "a decimal point one place off, or ct/kWh where EUR/MWh is meant",
    2: "ct where EUR is meant, or a percentage where a share is meant",
    3: "kWh where MWh is meant, or kW where MW is meant",
}


class _Step(NamedTuple):
    """From one value of a rate to the next."""

    before: Row
    row: Row
    ratio: float  # of the values
    yearly: float  # the change a year, as a share: 0.2 is 20 % up


def faults(tables: Tables) -> Iterator[Fault]:
    """Steps of more than 20 % a year that no sibling shares, factors of ten, and brackets out of order."""
    rows = {rate: _latest(tables.rows(rate)) for rate in tables.rate_ids}
    yield from _lone_steps(rows, set(tables.lists.get("eu.prices", {}).get("members", ())))
    yield from _powers_among_siblings(rows)
    yield from _bands(tables)


def _latest(rows: Sequence[Row]) -> list[Row]:
    """The rows with a value above zero, of each start the one published last."""
    return [row for row in {row.valid_from: row for row in rows}.values() if row.value and row.value > 0]


def _siblings(rate: str) -> Iterator[str]:
    """The families of a rate: its name with one part left open."""
    parts = rate.split(".")
    for place in range(1, len(parts)):
        yield ".".join([*parts[:place], "*", *parts[place + 1 :]])


def _lone_steps(rows: Mapping[str, Sequence[Row]], prices: set[str]) -> Iterator[Fault]:
    steps = [
        _step(before, row)
        for rate, held in rows.items()
        if rate not in prices and not rate.startswith("market.")
        for before, row in pairwise(held)
        if "assumed" not in (before.evidence, row.evidence)
    ]
    family: dict[tuple[str, str, str], list[float]] = {}
    for step in steps:
        for name in _siblings(step.row.rate):
            family.setdefault((name, step.before.valid_from, step.row.valid_from), []).append(step.yearly)
    for step in steps:
        power = _power(step.ratio)
        if power:
            found = f"{step.row.rate} goes from {step.before.written} to {step.row.written}"
            yield _fault(step.row, "plausibility.factor", f"{found}: {_slip(power)}", ERROR)
        elif abs(step.yearly) > _MOST_A_YEAR + 1e-9 and not _shared(step, family):
            yield _fault(
                step.row,
                "plausibility.step",
                f"{step.row.rate} goes from {step.before.written} to {step.row.written}, {100 * step.yearly:+.0f} %"
                " a year, and no sibling moves with it",
                WARNING,
            )


def _step(before: Row, row: Row) -> _Step:
    days = (date.fromisoformat(row.valid_from) - date.fromisoformat(before.valid_from)).days
    ratio = (row.value or 0.0) / (before.value or 1.0)  # neither is empty or 0
    # A step within a year is not stretched to one: half a year's tariff may well move by 15 %.
    return _Step(before, row, ratio, ratio ** (1 / max(1.0, days / 365.25)) - 1)


def _shared(step: _Step, family: Mapping[tuple[str, str, str], Sequence[float]]) -> bool:
    """Whether a rate that differs in one part of the name made about the same step on the same days."""
    for name in _siblings(step.row.rate):
        moves = family[name, step.before.valid_from, step.row.valid_from]
        if sum(abs(move - step.yearly) <= _ALIKE for move in moves) > 1:  # itself is one of them
            return True
    return False


def _power(ratio: float) -> int:
    """The power of ten, one to three up or down, that a ratio is near to; 0 if none."""
    power = round(math.log10(ratio))
    return power if 1 <= abs(power) <= 3 and 1 / _NEAR <= ratio / 10**power <= _NEAR else 0


def _slip(power: int) -> str:
    return (
        f"a factor near {10 ** abs(power)} {'up' if power > 0 else 'down'}, which looks like {_SLIPS[abs(power)]}; "
        "mend it, or say why in the note after 'ok:'"
    )


def _powers_among_siblings(rows: Mapping[str, Sequence[Row]]) -> Iterator[Fault]:
    """A value that is a power of ten off its siblings, where these agree among themselves; shares are of any size."""
    family: dict[tuple[str, str, str], list[Row]] = {}
    for rate, held in rows.items():
        for row in held if held and held[0].unit else ():
            for name in _siblings(rate):
                family.setdefault((name, row.valid_from, row.unit), []).append(row)
    told: set[str] = set()
    for members in family.values():
        for row in members:
            others = [other.value for other in members if other is not row and other.value]
            if len(others) < 3 or not row.value or row.place in told or max(others) > _CLOSE * min(others):
                continue
            power = round(math.log10(row.value / median(others)))
            scaled = row.value / 10**power
            if 1 <= abs(power) <= 3 and min(others) / _NEAR <= scaled <= max(others) * _NEAR:
                told.add(row.place)
                message = f"{row.rate} is {row.written}, its siblings lie near {median(others):g} {row.unit}"
                yield _fault(row, "plausibility.factor", f"{message}: {_slip(power)}", ERROR)


def _bands(tables: Tables) -> Iterator[Fault]:
    """Brackets that mostly fall (or mostly rise) from band to band, and a day from which they do not."""
    folders = dict.fromkeys(("eu", *(place.folder for place in tables.jurisdictions.values())))
    told: set[str] = set()
    for folder in folders:
        for block in tables.law(folder).charges:
            for version in (block, *block.get("version", ())):
                for names in _fillings(version.get("brackets", ()), tables):
                    for fault in _order(tables, names):
                        if fault.place not in told:
                            told.add(fault.place)
                            yield fault


def _fillings(brackets: Sequence[Mapping[str, Any]], tables: Tables) -> Iterator[list[str]]:
    """The rates of the bands, once for each way in which the tables fill the {placeholders} of their names."""
    written = [str(band["rate"]) for band in brackets if "rate" in band]
    pattern = next((name for name in written if "{" in name), "")
    words = _PLACEHOLDER.findall(pattern)
    if not re.fullmatch(r"[\w.{}]+", pattern) or len(set(words)) < len(words) or not words:
        yield written
        return
    shape = re.compile(_PLACEHOLDER.sub(r"(?P<\1>[a-z0-9_]+)", pattern.replace(".", "[.]")))
    for rate in tables.rate_ids:
        if match := shape.fullmatch(rate):
            yield [_filled(name, match.groupdict()) for name in written]


def _filled(name: str, words: Mapping[str, str]) -> str:
    for word, text in words.items():
        name = name.replace("{" + word + "}", text)
    return name


def _order(tables: Tables, names: Sequence[str]) -> Iterator[Fault]:
    """Days from which the bands break the order that they keep on most days."""
    days = sorted({row.valid_from for name in names for row in tables.rows(name)})
    bands = {day: [row for name in names if (row := tables.row(name, day)) and row.value is not None] for day in days}
    bands = {day: rows for day, rows in bands.items() if len(rows) == len(names)}
    steps = {day: [(b.value or 0.0) - (a.value or 0.0) for a, b in pairwise(rows)] for day, rows in bands.items()}
    falling = sum(max(each, default=0.0) <= 0 for each in steps.values())
    rising = sum(min(each, default=0.0) >= 0 for each in steps.values())
    sign, word = (1, "degressive") if falling >= rising else (-1, "progressive")
    if 2 * max(falling, rising) <= len(steps):
        return
    for day, rows in bands.items():
        for (first, second), step in zip(pairwise(rows), steps[day], strict=True):
            if sign * step > 0:
                # The row that begins on the day is the one to look at.
                row = next((each for each in (second, first) if each.valid_from == day), second)
                message = (
                    f"the bands are {word}, but from {day} {first.rate} is {first.written} "
                    f"and {second.rate} {second.written}"
                )
                yield fault_at(row.place, "plausibility.bands", message, WARNING, answer(row.note))


def _fault(row: Row, rule: str, message: str, severity: str) -> Fault:
    reason = answer(row.note)
    return fault_at(row.place, rule, message, WARNING if reason else severity, reason)
