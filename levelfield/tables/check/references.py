"""What the files say of each other: rates that the law needs, sources, lists, and what the coverage calls complete."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from levelfield.calendars import day_after
from levelfield.charges import is_part, is_related
from levelfield.tables.check.law import Held, Reading
from levelfield.tables.fault import WARNING, Fault, answer, fault_at
from levelfield.tables.model import Row, Source, Tables, covered

_PATTERN = re.compile(r"[\w.{}]+")
_PLACEHOLDER = re.compile(r"\{\w+\}")


def faults(tables: Tables, reading: Sequence[Reading]) -> Iterator[Fault]:
    yield from _rates(tables, reading)
    yield from _sources(tables)
    yield from _lists(tables)
    yield from _unused_blocks(tables, reading)
    yield from _coverage(tables)
    yield from _complete(tables, reading)


# Rates ----------------------------------------------------------------------------------------------------------------


def _rates(tables: Tables, reading: Sequence[Reading]) -> Iterator[Fault]:
    """Rates that no law reads: orphans, or facts kept for reference that say so in their note ('reference:')."""
    used = {rate for read in reading for rate in read.rates} | _by_pattern(tables)
    for rate in tables.rate_ids:
        rows = tables.rows(rate)
        if rate not in used and rows and not any("reference:" in row.note for row in rows):
            reason = next((found for row in rows if (found := answer(row.note))), "")
            message = f"{rate} is used by no law block; delete it or begin its note with 'reference:'"
            yield fault_at(rows[0].place, "rate.unused", message, WARNING, reason)


def _by_pattern(tables: Tables) -> set[str]:
    """Rates whose names some law block builds from the connection, as in nl.grid.{operator}.{grid_level}.contracted."""
    names = {
        name
        for folder in _folders(tables)
        for text in _texts(list(tables.law(folder)))
        if "{" in text
        for name in _PATTERN.findall(text)
    }
    parts = [_PLACEHOLDER.sub("[a-z0-9_]+", name.replace(".", "[.]")) for name in sorted(names) if "{" in name]
    try:
        pattern = re.compile("|".join(parts))
    except re.error:  # odd braces, which are told where the formula is compiled
        return set()
    return {rate for rate in tables.rate_ids if parts and pattern.fullmatch(rate)}


def _folders(tables: Tables) -> set[str]:
    return {"eu", *(place.folder for place in tables.jurisdictions.values())}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


# Sources and lists ----------------------------------------------------------------------------------------------------


def _sources(tables: Tables) -> Iterator[Fault]:
    used = {row.source for rate in tables.rate_ids for row in tables.rows(rate)}
    used |= {str(listed.get("source", "")) for listed in tables.lists.values()}
    for folder in _folders(tables):
        law = tables.law(folder)
        used |= {str(block.get("source", "")) for block in (*law.bounds, *law.printed_sums)}
    for source in tables.sources.values():
        yield from _source(source)
        if source.key not in used:
            message = f"no number and no list rests on source '{source.key}'; delete it or use it"
            yield fault_at(source.place, "source.unused", message, WARNING)


def _source(source: Source) -> Iterator[Fault]:
    lacking = [name for name in ("title", "publisher") if not getattr(source, name)]
    if not (source.published or source.accessed):
        lacking.append("a date (published or accessed)")
    if lacking:
        yield fault_at(source.place, "source.incomplete", f"source '{source.key}' lacks {', '.join(lacking)}")
    for column in ("published", "accessed"):
        text = getattr(source, column)
        if text and not _is_date(text):
            message = f"source '{source.key}': {column} is '{text}'; a date such as 2025-01-01 is wanted"
            yield fault_at(source.place, "source.date", message)
    if source.url and not source.url.startswith(("https://", "http://")):
        message = f"source '{source.key}': '{source.url}' is no link; it begins with https://"
        yield fault_at(source.place, "source.link", message)
    elif not (source.url or source.act):
        message = f"source '{source.key}' has neither a link nor an act: nobody can look it up; add one"
        yield fault_at(source.place, "source.link", message, WARNING)


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _lists(tables: Tables) -> Iterator[Fault]:
    for name, listed in tables.lists.items():
        place, kind = listed["place"], listed.get("kind", "nace")
        source = listed.get("source", "")
        if source and source not in tables.sources:
            yield fault_at(
                place, "source.unknown", f"list {name}: source '{source}' is in no sources.csv; add it there"
            )
        elif not source and kind != "rate":
            yield fault_at(place, "source.missing", f"list {name} names no source; add source = a key of sources.csv")
        if kind == "nace" and tables.nace:
            known = tables.nace.keys() | {code[:4] for code in tables.nace} | {code[:2] for code in tables.nace}
            for code in sorted(set(listed["members"]) - known):
                yield fault_at(place, "reference.unknown", f"list {name}: '{code}' is no class or group of NACE Rev. 2")


# Blocks that nothing uses ---------------------------------------------------------------------------------------------


def _unused_blocks(tables: Tables, reading: Sequence[Reading]) -> Iterator[Fault]:
    symbols = {symbol for read in reading for symbol in read.symbols}
    classes = [name.partition(".")[2] for name in symbols if name.startswith(("offtake.", "overshoot."))]
    calendars = {name.rpartition(".")[0] for name in classes}
    for folder in sorted(_folders(tables)):
        law = tables.law(folder)
        chosen = {part.get("choice") for block in law.charges for part in (block, *block.get("version", ()))}
        for kind, blocks, used in (
            ("choice", law.choices, chosen),
            ("calendar", law.calendars, calendars),
            ("peak", law.peaks, {name.removeprefix("peak.") for name in symbols if name.startswith("peak.")}),
            ("quantity", law.quantities, symbols),
        ):
            for block in blocks:
                if block["id"] not in used:
                    message = f"{kind} {block['id']} is used by no charge; delete it"
                    yield fault_at(block["place"], "law.unused", message, WARNING, str(block.get("ok", "")))


# Coverage -------------------------------------------------------------------------------------------------------------


def _coverage(tables: Tables) -> Iterator[Fault]:
    charges = {block["id"] for folder in _folders(tables) for block in tables.law(folder).charges}
    for entry in tables.coverage:
        place, named = entry["place"], str(entry["charge"])
        for unknown in sorted(set(covered(entry)) - tables.jurisdictions.keys()):
            known = ", ".join(tables.jurisdictions)
            message = f"{named}: '{unknown}' is no jurisdiction of the tables; known are {known}"
            yield fault_at(place, "reference.unknown", message)
        if entry["status"] != "complete" and not entry.get("note"):
            message = f"{named}: a status of {entry['status']} needs a note that names the hole"
            yield fault_at(place, "coverage.note", message)
        family = [charge for charge in charges if is_related(charge, named)]
        if entry["status"] != "missing" and not family:
            message = f"'{named}' is no charge of the law; correct the name or add the charge"
            yield fault_at(place, "reference.unknown", message)


def _complete(tables: Tables, reading: Sequence[Reading]) -> Iterator[Fault]:
    """Rates that lack a row on some day of a year for which the coverage calls their charge complete."""
    lacking: dict[tuple[str, str, str], dict[int, str]] = {}
    optional = tables.optional.keys()  # asked for only where a plant's own choice rests on them
    for read in reading:
        entries = [entry for entry in tables.coverage if read.place.id in covered(entry)]
        families: dict[str, list[Mapping[str, Any]]] = {}
        for held in read.held():
            id_ = held.charge.id
            if id_ not in families:
                families[id_] = [entry for entry in entries if is_part(id_, str(entry["charge"]))]
            mine = [entry for entry in families[id_] if _is_here(held, entry)]
            for year in sorted({year for entry in mine for year in entry["years"]}):
                of_year = [entry for entry in mine if year in entry["years"]]
                if any(entry["status"] != "complete" for entry in of_year):
                    continue
                first = max(held.start, f"{year}-01-01")
                last = min(held.end or "9999", f"{year}-12-31")
                for rate in sorted(held.needs.rates - optional) if first <= last else ():
                    day = first_day_without(tables.rows(rate), first, last)
                    if day:
                        key = (of_year[0]["place"], str(of_year[0]["charge"]), rate)
                        lacking.setdefault(key, {}).setdefault(year, day)
    for (place, charge, rate), days in lacking.items():
        years = ", ".join(map(str, sorted(days)))
        message = f"{charge} is called complete for {years}, but {rate} has no row on {min(days.values())}"
        yield fault_at(place, "rate.missing", f"{message}; add it, or call the years partial and say so")


def _is_here(held: Held, entry: Mapping[str, Any]) -> bool:
    return all(held.texts.get(key) in values for key, values in entry.get("where", {}).items())


def first_day_without(rows: Sequence[Row], first: str, last: str) -> str:
    """The first day of a stretch on which none of the rows is in force; empty if there is none."""
    day = first
    for row in sorted(rows, key=lambda row: row.valid_from):
        if row.valid_from > day:
            break
        if not row.valid_to:
            return ""
        if row.valid_to >= day:
            day = day_after(row.valid_to)
    return day if day <= last else ""
