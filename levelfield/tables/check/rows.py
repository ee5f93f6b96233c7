"""The rows of each rate by themselves: identity, time, unit, range and source."""

from __future__ import annotations

import re
from collections.abc import Iterator

from levelfield.calendars import day_before
from levelfield.tables.fault import WARNING, Fault, answer, fault_at
from levelfield.tables.model import Row, Tables

_GAP = re.compile(r"\bgap\b")


def faults(tables: Tables) -> Iterator[Fault]:
    sources = tables.sources
    for rate in tables.rate_ids:
        rows = tables.rows(rate)
        seen: dict[tuple[str, str], Row] = {}
        before: Row | None = None
        for row in rows:
            yield from _identity(row, seen)
            seen[row.valid_from, row.published] = row
            yield from _start(row)
            yield from _range(row)
            if before:
                yield from _unit(before, row)
                if before.valid_from < row.valid_from:
                    yield from _time(before, row)
            before = row  # of one start, the correction published last
            if row.source and row.source not in sources:
                message = f"source '{row.source}' is in no sources.csv; add it there or correct the key"
                yield fault_at(row.place, "source.unknown", message)
            if row.evidence != "assumed" and not row.checked_on:
                message = f"{row.rate} has no checked_on: the day on which someone last looked"
                yield fault_at(row.place, "source.unchecked", message, WARNING, answer(row.note))


def _identity(row: Row, seen: dict[tuple[str, str], Row]) -> Iterator[Fault]:
    other = seen.get((row.valid_from, row.published))
    if other:
        message = (
            f"{row.rate} from {row.valid_from} stands in {other.place} too; a correction has a later day of publication"
        )
        yield fault_at(row.place, "row.identity", message)


def _start(row: Row) -> Iterator[Fault]:
    if not row.valid_from.endswith("-01") and not row.note:
        message = f"{row.rate} starts within a month, on {row.valid_from}; correct it or say why in the note"
        yield fault_at(row.place, "time.start", message, WARNING)


def _range(row: Row) -> Iterator[Fault]:
    low, high, value = row.low, row.high, row.value
    if low is not None and high is not None:
        inside = value is None or low <= value <= high
    else:
        inside = value is None or ((low is None or low <= value) and (high is None or value <= high))
    if not inside or (low is not None and high is not None and low > high):
        shown = ", ".join(
            f"{name} {text}"
            for name, text in (
                ("low", "" if low is None else f"{low:g}"),
                ("value", "" if value is None else f"{value:g}"),
                ("high", "" if high is None else f"{high:g}"),
            )
            if text
        )
        message = f"{row.rate}: {shown} ({row.unit or 'share'}) are out of order; low ≤ value ≤ high is wanted"
        yield fault_at(row.place, "row.range", message)


def _unit(before: Row, row: Row) -> Iterator[Fault]:
    if row.unit != before.unit and not answer(row.note).startswith("unit"):
        message = (
            f"{row.rate} is in {row.unit or 'a share'} here and in {before.unit or 'a share'} in {before.place}; "
            "correct one of them, or answer with 'ok: unit …' in the note if the law changed it"
        )
        yield fault_at(row.place, "unit.changed", message)


def _time(before: Row, row: Row) -> Iterator[Fault]:
    """Between a row and the next one of a later start. A row without an end gives way to the next one."""
    if not before.valid_to:
        return
    eve = day_before(row.valid_from)
    if before.valid_to < eve:
        reason = answer(row.note) or (row.note if _GAP.search(row.note) else "")
        message = f"{row.rate}: nothing holds between {before.valid_to} and {row.valid_from}; add the row or say why"
        yield fault_at(row.place, "time.gap", message, WARNING, reason)
    elif before.valid_to > eve:
        found = f"{row.rate} from {row.valid_from} overlaps the row to {before.valid_to} in {before.place}"
        yield fault_at(row.place, "time.overlap", f"{found}; end that one on {eve}")
