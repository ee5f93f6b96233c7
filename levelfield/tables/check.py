"""What is consistent in form but wrong in content: the check that tables pass before a bill is made from them.

Faults name file and line, what was found, and the remedy. Errors stop a merge; warnings ask for a look.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from levelfield import units
from levelfield._errors import LevelfieldError
from levelfield.charges import CATEGORIES, Charge, compile_charge, compile_choice
from levelfield.expression import ExpressionError, needs, show_dimensions
from levelfield.tables.model import Jurisdiction, Row, Tables
from levelfield.vocabulary import Vocabulary

_EUR = (("EUR", 1),)
_PATTERN = re.compile(r"[\w.{}]+")
_PLACEHOLDER = re.compile(r"\{\w+\}")


class Fault(NamedTuple):
    place: str
    message: str
    severity: str = "error"

    def __str__(self) -> str:
        mark = "" if self.severity == "error" else f"{self.severity}: "
        return f"{self.place}: {mark}{self.message}"


def check(tables: Tables) -> list[Fault]:
    """All faults of the tables, errors first. An empty list means that every bill they can make is well formed."""
    faults: list[Fault] = []
    used: set[str] = set()
    for rate in tables.rate_ids:
        faults += _rows(tables, tables.rows(rate))
    for source in tables.sources.values():
        if not (source.title and (source.url or source.act or source.publisher)):
            faults.append(Fault("sources.csv", f"source '{source.key}' needs a title and a publisher, act or link"))
    for place in tables.jurisdictions.values():
        found, rates = _law(tables, place)
        faults += found
        used |= rates
    faults += _unused(tables, used | _by_pattern(tables))
    faults += _coverage(tables)
    unique = list(dict.fromkeys(faults))
    return sorted(unique, key=lambda fault: fault.severity != "error")


def _rows(tables: Tables, rows: tuple[Row, ...]) -> Iterator[Fault]:
    """Faults of the rows of one rate: identity, time, unit, evidence."""
    seen: dict[tuple[str, str], Row] = {}
    before: Row | None = None
    for row in rows:
        key = (row.valid_from, row.published)
        if key in seen:
            yield Fault(
                row.place,
                f"{row.rate} from {row.valid_from} stands in {seen[key].place} too; a correction is published later",
            )
        seen[key] = row
        if row.unit != rows[0].unit:
            yield Fault(row.place, f"{row.rate} is in {row.unit} here and in {rows[0].unit} in {rows[0].place}")
        if before and before.valid_from < row.valid_from:
            yield from _time(before, row)
        before = row
        if row.source and row.source not in tables.sources:
            yield Fault(row.place, f"source '{row.source}' is not in sources.csv")
        if row.evidence == "assumed":
            if row.low is None or row.high is None or not row.note:
                yield Fault(row.place, f"{row.rate} is assumed: it needs low, high and its derivation in the note")
        elif not row.checked_on:
            yield Fault(row.place, f"{row.rate} has no checked_on", "warning")
        if row.low is not None and row.high is not None:
            inside = row.value is None or row.low <= row.value <= row.high
            if not inside or row.low > row.high:
                yield Fault(
                    row.place, f"{row.rate}: low {row.low:g}, value {row.written}, high {row.high:g} are out of order"
                )


def _time(before: Row, row: Row) -> Iterator[Fault]:
    if not before.valid_to:
        return
    next_day = (date.fromisoformat(before.valid_to) + timedelta(days=1)).isoformat()
    if row.valid_from > next_day and "gap" not in row.note:
        yield Fault(row.place, f"{row.rate}: nothing holds between {before.valid_to} and {row.valid_from}", "warning")
    if row.valid_from < next_day:
        yield Fault(
            row.place, f"{row.rate} from {row.valid_from} overlaps the row to {before.valid_to} in {before.place}"
        )


def _law(tables: Tables, place: Jurisdiction) -> tuple[list[Fault], set[str]]:
    """Faults of a jurisdiction's law, and the rates that it uses, over all levels, operators and options."""
    from levelfield.plant import DIRECT, INDIRECT
    from levelfield.year import versions

    faults: list[Fault] = []
    used: set[str] = {place.market}
    products = {
        "direct": tuple(r.removeprefix(DIRECT + ".") for r in tables.rate_ids if r.startswith(DIRECT + ".")),
        "indirect": tuple(r.removeprefix(INDIRECT + ".") for r in tables.rate_ids if r.startswith(INDIRECT + ".")),
    }
    law = [tables.law(folder) for folder in ("eu", place.folder)]
    for texts in _connections(place):
        words = Vocabulary(tables, place, products, texts)
        for name, block in words.quantity_blocks.items():
            try:
                node = words.quantity(name)
                used |= needs([node]).rates
                found = words.dimensions(node)
                wanted = units.dimensions(units.canonical(block["unit"])[0])
                if found is not None and found != wanted and block["unit"] != "text":
                    faults.append(
                        Fault(block["place"], f"{name} comes out in {show_dimensions(found)}, not in {block['unit']}")
                    )
            except (LevelfieldError, ExpressionError) as error:
                faults.append(Fault(block["place"], str(error).removeprefix(f"{block['place']}: ")))
        choices = {}
        for part in law:
            for block in part.choices:
                try:
                    choices[block["id"]] = compile_choice(block, words)
                except (LevelfieldError, ExpressionError, KeyError) as error:
                    faults.append(Fault(block["place"], f"choice {block.get('id')}: {error}"))
        for part in law:
            for block in part.charges:
                if place.id not in block.get("jurisdictions", [place.id]):
                    continue
                for _, _, version in versions(block):
                    options: list[tuple[str, str, str] | None] = [None]
                    if "choice" in version and version["choice"] in choices:
                        choice = choices[version["choice"]]
                        names = [o for o, _ in choice.options if version.get("option") in (None, o)]
                        options = [(choice.id, choice.placeholder, option) for option in names]
                    for option in options:
                        try:
                            charge = compile_charge(version, words, option)
                        except LevelfieldError as error:
                            faults.append(Fault(block["place"], str(error).removeprefix(f"{block['place']}: ")))
                            continue
                        faults += _charge(charge, words)
                        used |= charge.needs.rates
    return faults, used


def _connections(place: Jurisdiction) -> Iterator[dict[str, str]]:
    """The texts of every connection that a plant may have: each level, with each value of each input."""
    for level in place.levels.values():
        base = {key: str(value) for key, value in level.items() if key != "assumes"}
        for key, spec in place.inputs.items():
            if "values" in spec:
                base.setdefault(key, str(spec.get("default", spec["values"][0])))
        yield base
        for key, spec in place.inputs.items():
            for value in spec.get("values", ()):
                yield {**base, key: value}


def _charge(charge: Charge, words: Vocabulary) -> Iterator[Fault]:
    if charge.category not in CATEGORIES:
        yield Fault(charge.place, f"{charge.id}: category '{charge.category}' is none of {', '.join(CATEGORIES)}")
    if "en" not in charge.name or "nl" not in charge.name:
        yield Fault(charge.place, f"{charge.id}: name needs en and nl")
    if not charge.law:
        yield Fault(charge.place, f"{charge.id}: law is missing; name the act and article")
    words.local = dict(charge.lets)
    try:
        for line in charge.lines:
            found = words.dimensions(line.amount)
            if found not in (_EUR, None):
                yield Fault(charge.place, f"{charge.id} comes out in {show_dimensions(found)}, not in EUR")
        for group in charge.conditions:
            for condition in group:
                words.dimensions(condition.test)
    except ExpressionError as error:
        yield Fault(charge.place, f"{charge.id}: {error}")


def _by_pattern(tables: Tables) -> set[str]:
    """Rates whose names some law block builds from the connection, as in nl.grid.{operator}.{grid_level}.contracted."""
    folders = {"eu", *(place.folder for place in tables.jurisdictions.values())}
    names = {name for folder in folders for text in _texts(list(tables.law(folder))) for name in _PATTERN.findall(text)}
    patterns = [re.compile(_PLACEHOLDER.sub("[a-z0-9_]+", name.replace(".", "[.]"))) for name in names if "{" in name]
    return {rate for rate in tables.rate_ids if any(pattern.fullmatch(rate) for pattern in patterns)}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _unused(tables: Tables, used: set[str]) -> Iterator[Fault]:
    """Rates that no law reads: orphans, or facts kept for reference that say so in their note ('reference:')."""
    for rate in tables.rate_ids:
        rows = tables.rows(rate)
        if rate not in used and rows and not any("reference:" in row.note for row in rows):
            yield Fault(
                rows[0].place,
                f"{rate} is used by no law block; delete it or begin its note with 'reference:'",
                "warning",
            )


def _coverage(tables: Tables) -> Iterator[Fault]:
    known = {
        block["id"] for j in tables.jurisdictions.values() for f in ("eu", j.folder) for block in tables.law(f).charges
    }
    for entry in tables.coverage:
        place = "coverage.toml"
        missing = [key for key in ("jurisdiction", "charge", "years", "status", "verified_on") if key not in entry]
        if missing:
            yield Fault(place, f"an entry lacks {', '.join(missing)}")
            continue
        if entry["status"] not in ("complete", "partial", "missing"):
            yield Fault(place, f"{entry['charge']}: status '{entry['status']}' is none of complete, partial, missing")
        if entry["status"] != "complete" and not entry.get("note"):
            yield Fault(place, f"{entry['charge']}: a status of {entry['status']} needs a note that names the hole")
        named = str(entry["charge"])
        if entry["status"] != "missing" and not any(
            c == named or c.startswith(named + ".") or named.startswith(c + ".") for c in known
        ):
            yield Fault(place, f"'{named}' is no charge of the law")
