"""Tables with changes laid over them: what a proposed law or a second folder of tables alters, the rest shared.

The original tables are never touched. Rows outside the days of a change stand as they stood, cut off at its edges.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from levelfield.calendars import day_after, day_before
from levelfield.tables.model import Law, Row, Source, Tables


def outside(rows: Iterable[Row], start: str, end: str) -> list[Row]:
    """The rows outside the days from `start` to `end` (open if empty); one that reaches in is cut off, or in two."""
    kept: list[Row] = []
    for row in rows:
        if row.valid_from < start:
            eve = day_before(start)
            kept.append(row._replace(valid_to=min(row.valid_to or eve, eve)))
        if end and (not row.valid_to or row.valid_to > end):
            kept.append(row._replace(valid_from=max(row.valid_from, day_after(end))))
    return kept


def inside(rows: Iterable[Row], start: str, end: str) -> list[Row]:
    """The rows as far as they lie in the days from `start` to `end` (open if empty)."""
    kept: list[Row] = []
    for row in rows:
        if (row.valid_to and row.valid_to < start) or (end and row.valid_from > end):
            continue
        ends = [day for day in (row.valid_to, end) if day]
        kept.append(row._replace(valid_from=max(row.valid_from, start), valid_to=min(ends, default="")))
    return kept


class Draft:
    """Changes to tables, gathered; `tables()` gives the tables with them."""

    def __init__(self, tables: Tables) -> None:
        self.base = tables
        self.rates: dict[str, list[Row]] = {}
        self.folders: dict[str, Law] = {}
        self.lists: dict[str, dict[str, Any]] = {}
        self.sources: dict[str, Source] = {}

    def rows(self, rate: str) -> Sequence[Row]:
        return self.rates[rate] if rate in self.rates else self.base.rows(rate)

    def lay(self, rate: str, rows: Sequence[Row], start: str, end: str = "") -> None:
        """Let these rows be all that holds of a rate from `start` to `end`."""
        # A row that was cut in two keeps its rank among the rows of the same start: sorting is stable.
        self.rates[rate] = sorted([*outside(self.rows(rate), start, end), *rows], key=lambda row: row.valid_from)

    def change(self, rate: str, start: str, end: str, how: Callable[[Row], Row]) -> None:
        """Let each row that holds from `start` to `end` become another there."""
        self.lay(rate, [how(row) for row in inside(self.rows(rate), start, end)], start, end)

    def law(self, folder: str) -> Law:
        """The law of a folder, free to be changed."""
        if folder not in self.folders:
            self.folders[folder] = copy.deepcopy(self.base.law(folder))
        return self.folders[folder]

    def extend(self, name: str, classes: frozenset[str], rate: str, places: tuple[str, ...]) -> None:
        """Let a list hold more members in some jurisdictions, on the days on which a rate is 1."""
        held = self.lists.setdefault(name, dict(self.base.lists[name]))
        held["extensions"] = [*held.get("extensions", ()), (classes, rate, places)]

    def tables(self, mark: str) -> Tables:
        """The tables with the changes; `mark` says what was laid over them and goes into their hash."""
        digest = hashlib.sha256(f"{self.base.hash}\0{mark}".encode()).hexdigest()
        return self.base.patched(
            digest,
            self.rates,
            {folder: law._asdict() for folder, law in self.folders.items()},
            self.lists,
            self.sources,
        )

    @property
    def touched(self) -> Mapping[str, frozenset[str]]:
        """The rates and the folders of law that differ."""
        listed = {rate for held in self.lists.values() for _, rate, _ in held.get("extensions", ())}
        return {"rates": frozenset(self.rates) | listed, "folders": frozenset(self.folders)}
