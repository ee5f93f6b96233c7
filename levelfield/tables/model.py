"""What the tariff tables hold, once read: rates with their two time axes, sources, law, calendars and lists."""

from __future__ import annotations

import marshal
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

GRADES = ("official", "secondary", "recalled", "assumed")
"""Evidence grades, best first."""
STATED = "stated"
"""The grade of what the user states: a price, a rate set by hand."""


def worst_grade(grades: Mapping[str, object] | set[str]) -> str:
    """The worst of the grades; `official` when there is none, for what rests on the law alone.

    What the user states hides neither what is from memory nor what is assumed.
    """
    order = (*GRADES[:2], STATED, *GRADES[2:])
    return max(grades, key=order.index, default="official")


class Row(NamedTuple):
    """One sourced value of a rate. Numbers are in the canonical unit; `value` is None for a hole with bounds.

    Dates are ISO texts, which compare as dates do; an empty `valid_to` means open.
    """

    rate: str
    valid_from: str
    valid_to: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    written: str  # value and unit as published
    published: str
    source: str
    locator: str
    evidence: str
    checked_on: str
    note: str
    place: str  # file:line

    @property
    def known_from(self) -> str:
        """When the value was known: its publication, or else no later than its start and the day it was looked up."""
        return self.published or min(self.valid_from, self.checked_on or self.valid_from)


class Source(NamedTuple):
    key: str
    title: str
    publisher: str
    act: str
    url: str
    language: str
    published: str
    accessed: str
    licence: str
    place: str  # file:line


class Jurisdiction(NamedTuple):
    """A bidding zone or region with its own bill, and what a plant file may say of a connection there."""

    id: str
    folder: str
    name: Mapping[str, str]
    plant_keys: tuple[str, ...]  # under which the plant file states things for it, the most specific first
    market: str  # the rate of the market price of electricity
    forward: str  # the rate of the year-ahead price, the mean of the year before
    levels: Mapping[str, Mapping[str, str]]
    inputs: Mapping[str, Mapping[str, Any]]
    claims: tuple[str, ...]  # those of other years, of which the law in force says nothing
    order: int  # in which jurisdictions are shown


class Law(NamedTuple):
    """The TOML blocks of one folder, as read."""

    charges: list[dict[str, Any]]
    quantities: list[dict[str, Any]]
    choices: list[dict[str, Any]]
    calendars: list[dict[str, Any]]
    peaks: list[dict[str, Any]]
    bounds: list[dict[str, Any]]  # what the law allows of a rate, for the check
    printed_sums: list[dict[str, Any]]  # sums of rates that a publisher printed, for the check


class Tables:
    """The tables as known on a date.

    `rates` maps a rate to its rows, ordered by start and publication. `as_known_on` hides rows published later.
    """

    def __init__(self, raw: Mapping[str, Any], as_known_on: date | None = None) -> None:
        self.hash: str = raw["hash"]
        self.folder: str = raw["folder"]
        self.as_known_on = as_known_on
        limit = as_known_on.isoformat() if as_known_on else ""
        self._packed: Mapping[str, bytes] = raw["rates"]
        self._limit = limit
        self._rows: dict[str, tuple[Row, ...]] = {}
        self._raw = raw
        self.forms: Mapping[str, tuple[Any, ...]] = raw["forms"]
        self.lists: Mapping[str, Mapping[str, Any]] = raw["lists"]
        self.nace: Mapping[str, str] = raw["nace"]
        self.publishers: Mapping[str, str] = raw["publishers"]  # publisher: kind
        self.coverage: list[dict[str, Any]] = raw["coverage"]
        places = sorted((Jurisdiction(**block) for block in raw["jurisdictions"]), key=lambda place: place.order)
        self.jurisdictions: dict[str, Jurisdiction] = {place.id: place for place in places}

    def patched(
        self,
        digest: str,
        rates: Mapping[str, Sequence[Row]],
        law: Mapping[str, Mapping[str, list[dict[str, Any]]]],
        lists: Mapping[str, Mapping[str, Any]],
        sources: Mapping[str, Source],
    ) -> Tables:
        """Tables with other rows for some rates, other law for some folders, other lists and more sources."""
        raw = {
            **self._raw,
            "hash": digest,
            "units": {**self._raw["units"], **{rate: rows[0].unit for rate, rows in rates.items() if rows}},
            "rates": {**self._raw["rates"], **dict.fromkeys(rates, b"")},
            "law": {**self._raw["law"], **law},
            "lists": {**self._raw["lists"], **lists},
            "sources": {**self._raw["sources"], **sources},
            "folder": self.folder,
        }
        tables = Tables(raw, self.as_known_on)
        tables._rows = {rate: tuple(rows) for rate, rows in rates.items()}
        return tables

    def __contains__(self, rate: str) -> bool:
        return rate in self._packed

    @property
    def rate_ids(self) -> list[str]:
        return sorted(self._packed)

    @property
    def sources(self) -> dict[str, Source]:
        return {key: Source(*row) for key, row in self._raw["sources"].items()}

    def source(self, key: str) -> Source | None:
        row = self._raw["sources"].get(key)
        return Source(*row) if row else None

    def law(self, folder: str) -> Law:
        blocks = self._raw["law"].get(folder) or {group: [] for group in Law._fields}
        return Law(**blocks)

    def rows(self, rate: str) -> tuple[Row, ...]:
        """All rows of a rate known by then, by start and publication; empty for a rate that the tables lack."""
        found = self._rows.get(rate)
        if found is None:
            packed = self._packed.get(rate)
            found = tuple(Row(*row) for row in marshal.loads(packed)) if packed else ()  # noqa: S302 - our own data
            if self._limit:
                found = tuple(row for row in found if row.known_from <= self._limit)
            self._rows[rate] = found
        return found

    def row(self, rate: str, day: str) -> Row | None:
        """The row in force on a day: the latest start, and of one start the latest publication."""
        best: Row | None = None
        for row in self.rows(rate):
            if row.valid_from <= day and (not row.valid_to or day <= row.valid_to):
                best = row
        return best

    def unit(self, rate: str) -> str:
        return str(self._raw["units"].get(rate, ""))

    def years(self, place: str = "") -> list[int]:
        """The years for which the coverage calls anything complete or partial, of one jurisdiction or of any."""
        # What holds in the whole EU does not make a bill by itself.
        entries = [
            entry
            for entry in self.coverage
            if entry["status"] != "missing"
            and not str(entry["charge"]).startswith("eu.")
            and (not place or place in covered(entry))
        ]
        return sorted({int(year) for entry in entries for year in entry["years"]})

    @property
    def optional(self) -> dict[str, str]:
        """Rates that may be set by hand although no row of them is held, with their unit: lists that state one."""
        found = [block for block in self.lists.values() if "unit" in block]
        return {rate: str(block["unit"]) for block in found for rate in block["members"]}

    def list_of(self, name: str) -> frozenset[str]:
        """The members of a list; a NACE division or group stands for all its classes."""
        members: frozenset[str] = self.lists[name]["classes"]
        return members


def covered(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """The jurisdictions of a coverage entry."""
    named = entry["jurisdiction"]
    return (named,) if isinstance(named, str) else tuple(named)
