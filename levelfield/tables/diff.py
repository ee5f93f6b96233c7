"""What changed between two states of the tables, and whether the change keeps what had been published.

Rows are the same row where rate, start and publication are the same. Notes, locators and days of checking are free to
change. A row says for good what was published: another value, unit, bound or end in its place, or a row that is gone,
is history rewritten, since a bill as known on an earlier day would come out otherwise. Two things may be filled in:
the end of an open row, and a day of publication that was not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from levelfield.calendars import day_after
from levelfield.tables.model import GRADES, Jurisdiction, Row, Tables, covered
from levelfield.tables.revision import Revision

KINDS = ("rewritten", "removed", "corrected", "added", "ended", "raised", "lowered", "dated", "changed")
"""In which changes are told. `raised` and `lowered` are of evidence; `dated` fills in a day of publication."""
SHARED = ("", "eu")
"""The folders on which every jurisdiction rests."""

_GROUPS = {
    "charges": "charge",
    "quantities": "quantity",
    "choices": "choice",
    "calendars": "calendar",
    "peaks": "peak",
    "bounds": "bound",
    "printed_sums": "printed sum",
}
_CHECK_ONLY = ("bounds", "printed_sums")
_WORDS = {"place", "name", "note", "law", "change", "title", "source", "renews", "monotone"}  # move no bill
_Block = Mapping[str, Any]


class Change(NamedTuple):
    """One change; `keys` are those that changed in a law block or a source. `place` is file:line of the later side,
    and of the earlier one for what is gone."""

    folder: str
    kind: str
    subject: str
    name: str
    text: str
    place: str
    keys: tuple[str, ...] = ()

    @property
    def rewrites(self) -> bool:
        """Whether it takes back what had been published."""
        return self.kind == "rewritten" or (self.kind == "removed" and self.subject == "rate")

    def document(self) -> dict[str, Any]:
        """As plain data."""
        return {**self._asdict(), "keys": list(self.keys), "error": self.rewrites}


def diff(base: Revision, head: Revision) -> list[Change]:
    """All changes from base to head, by country, kind and place."""
    found = [
        *_rates(base.tables, head.tables),
        *_sources(base, head),
        *_laws(base.tables, head.tables),
        *_lists(base, head),
        *_places(base, head),
        *_coverage(base, head),
        *_classes(base, head),
    ]
    return sorted(found, key=lambda change: (change.folder, KINDS.index(change.kind), _by_line(change.place)))


def _by_line(place: str) -> tuple[str, int]:
    file, _, line = place.rpartition(":")
    return (file, int(line)) if line.isdigit() else (place, 0)


def _folder_of(place: str) -> str:
    return place.partition("/")[0] if "/" in place else ""


# Rates ----------------------------------------------------------------------------------------------------------------


def _rates(base: Tables, head: Tables) -> Iterator[Change]:
    for rate in sorted({*base.rate_ids, *head.rate_ids}):
        old, new = base.rows(rate), head.rows(rate)
        if old != new:
            yield from _rows(old, new)


def _rows(old: Sequence[Row], new: Sequence[Row]) -> Iterator[Change]:
    """The changes of one rate."""
    before, after = _identified(old), _identified(new)
    gone = {key: row for key, row in before.items() if key not in after}
    come = {key: row for key, row in after.items() if key not in before}
    for key, row in list(come.items()):
        undated = gone.get((key[0], "", key[2]))
        if undated and _said(undated) == _said(row) and undated.valid_to == row.valid_to:
            del gone[key[0], "", key[2]], come[key]
            yield _row_change("dated", row, f"{_span(row)}: published {row.published}, which was not known")
            yield from _evidence(undated, row)
    for row in gone.values():
        kind = "rewritten" if new else "removed"
        yield _row_change(kind, row, f"{_span(row)}: {_shown(row)} is gone; a row stays, its correction is a new row")
    for row in come.values():
        same = [other for other in new if other.valid_from == row.valid_from and other.published < row.published]
        published = f", published {row.published}" if row.published else ""
        if same:
            yield _row_change("corrected", row, f"{_span(row)}: {_shown(same[-1])} → {_shown(row)}{published}")
            yield from _evidence(same[-1], row)
        else:
            yield _row_change("added", row, f"{_span(row)}: {_shown(row)} [{row.evidence}]{published}")
    for key in before.keys() & after.keys():
        yield from _in_place(before[key], after[key])


def _identified(rows: Sequence[Row]) -> dict[tuple[str, str, int], Row]:
    """Rows by start, publication and, where the tables wrongly hold one twice, a number."""
    found: dict[tuple[str, str, int], Row] = {}
    for row in rows:
        number = 0
        while (row.valid_from, row.published, number) in found:
            number += 1
        found[row.valid_from, row.published, number] = row
    return found


def _in_place(old: Row, new: Row) -> Iterator[Change]:
    if _said(old) != _said(new):
        text = f"{_span(new)}: {_shown(old)} became {_shown(new)} in place; write a new row with a later 'published'"
        yield _row_change("rewritten", new, text)
    if old.valid_to != new.valid_to:
        if old.valid_to:
            became = new.valid_to or "open"
            text = f"from {new.valid_from}: its end {old.valid_to} became {became}; write a new row for what differs"
            yield _row_change("rewritten", new, text)
        else:
            yield _row_change("ended", new, f"from {new.valid_from}: ends {new.valid_to} ({_shown(new)})")
    yield from _evidence(old, new)
    if old.source != new.source:
        text = f"{_span(new)}: source {old.source or 'none'} → {new.source or 'none'}"
        yield _row_change("changed", new, text)._replace(keys=("source",))


def _evidence(old: Row, new: Row) -> Iterator[Change]:
    if old.evidence != new.evidence:
        kind = "raised" if GRADES.index(new.evidence) < GRADES.index(old.evidence) else "lowered"
        yield _row_change(kind, new, f"{_span(new)}: evidence {old.evidence} → {new.evidence}")


def _row_change(kind: str, row: Row, text: str) -> Change:
    return Change(_folder_of(row.place), kind, "rate", row.rate, text, row.place)


def _said(row: Row) -> tuple[object, ...]:
    return row.value, row.low, row.high, row.unit


def _span(row: Row) -> str:
    return f"{row.valid_from} – {row.valid_to or '…'}"


def _shown(row: Row) -> str:
    if row.value is None or row.low is None or row.high is None:
        return row.written
    return f"{row.written} ({row.low:g} to {row.high:g}{' ' * bool(row.unit)}{row.unit})"


# Everything else ------------------------------------------------------------------------------------------------------


def _sources(base: Revision, head: Revision) -> Iterator[Change]:
    old = {key: source._asdict() for key, source in base.tables.sources.items()}
    new = {key: source._asdict() for key, source in head.tables.sources.items()}

    def place(key: str) -> str:
        pattern = re.compile(rf'"?{re.escape(key)}"?,')
        files = head.files if key in new else base.files
        return _line_of({name: text for name, text in files.items() if name.endswith("sources.csv")}, pattern)

    for key in sorted({*old, *new}):
        yield from _block_change("source", key, old.get(key), new.get(key), place(key), free={"accessed"})


def _laws(base: Tables, head: Tables) -> Iterator[Change]:
    for folder in _folders(base, head):
        old, new = base.law(folder)._asdict(), head.law(folder)._asdict()
        for group in dict.fromkeys([*old, *new]):
            for name, before, after in _paired(old.get(group, []), new.get(group, [])):
                place = str((after or before or {}).get("place", folder))
                yield from _block_change(_GROUPS.get(group, group), name, before, after, place)


def _folders(base: Tables, head: Tables) -> list[str]:
    places = [*base.jurisdictions.values(), *head.jurisdictions.values()]
    return list(dict.fromkeys(["eu", *(place.folder for place in places)]))


def _paired(old: Sequence[_Block], new: Sequence[_Block]) -> Iterator[tuple[str, _Block | None, _Block | None]]:
    """The blocks of one name that differ, one to one; a name may have several."""

    def name(block: _Block) -> str:
        found = block.get("id") or block.get("rate") or block.get("of") or ""
        if isinstance(found, str):
            return found
        return str(found[0]) if len(found) == 1 else f"{found[0]} and {len(found) - 1} more"

    for wanted in dict.fromkeys(map(name, [*old, *new])):
        before, after = ([block for block in side if name(block) == wanted] for side in (old, new))
        for block in list(before):
            twin = next((other for other in after if _without(other, "place") == _without(block, "place")), None)
            if twin is not None:
                before.remove(block)
                after.remove(twin)
        for number in range(max(len(before), len(after))):
            pair = [side[number] if number < len(side) else None for side in (before, after)]
            yield wanted, pair[0], pair[1]


def _lists(base: Revision, head: Revision) -> Iterator[Change]:
    old, new = (
        {name: _without(block, "classes") for name, block in side.tables.lists.items()} for side in (base, head)
    )
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        place = _line_of_id(head if after else base, name)
        for change in _block_change("list", name, before, after, place):
            moves = _members(before, after) if before and after else ""
            yield change._replace(text=f"{change.text} ({moves})") if moves else change


def _members(old: _Block, new: _Block) -> str:
    """'+ 24.10, − 20.13'."""
    before, after = set(old["members"]), set(new["members"])
    return ", ".join(
        [*(f"+ {name}" for name in sorted(after - before)), *(f"− {name}" for name in sorted(before - after))]
    )


def _without(block: _Block, key: str) -> dict[str, Any]:
    return {name: value for name, value in block.items() if name != key}


def _places(base: Revision, head: Revision) -> Iterator[Change]:
    old, new = base.tables.jurisdictions, head.tables.jurisdictions
    for name in dict.fromkeys([*new, *old]):
        before, after = (side[name]._asdict() if name in side else None for side in (old, new))
        place = _line_of_id(head if after else base, name)
        yield from _block_change("jurisdiction", name, before, after, place)


def _classes(base: Revision, head: Revision) -> Iterator[Change]:
    if base.tables.nace != head.tables.nace:
        yield Change("eu", "changed", "classes", "nace", "the classes of NACE changed", "eu/nace.csv")


def _block_change(
    subject: str,
    name: str,
    old: _Block | None,
    new: _Block | None,
    place: str,
    free: Iterable[str] = (),
) -> Iterator[Change]:
    """A block that is new, gone or other; `free` keys may change without a word."""
    folder = _folder_of(place)
    if old is None or new is None:
        kind, text = ("added", "new") if old is None else ("removed", "gone")
        if old is not None or new is not None:
            yield Change(folder, kind, subject, name, text, place)
        return
    keys = tuple(k for k in dict.fromkeys([*new, *old]) if old.get(k) != new.get(k) and k not in {"place", *free})
    if keys:
        parts = [_key_change(key, old.get(key), new.get(key)) for key in keys]
        yield Change(folder, "changed", subject, name, ", ".join(parts), place, keys)


def _key_change(key: str, old: object, new: object) -> str:
    """'valid_to none → 2025-12-31'; of long values the key alone."""
    shown = ["none" if value is None else str(value) for value in (old, new)]
    plain = all(value is None or isinstance(value, (str, int, float)) for value in (old, new))
    return f"{key} {shown[0]} → {shown[1]}" if plain and sum(map(len, shown)) <= 60 else key


def _coverage(base: Revision, head: Revision) -> Iterator[Change]:
    """By jurisdiction and charge, the years whose status changed."""
    old, new = _statuses(base.tables), _statuses(head.tables)
    for place, charge in sorted({*old, *new}):
        before, after = old.get((place, charge), {}), new.get((place, charge), {})
        moves: dict[str, list[int]] = {}
        for year in sorted({*before, *after}):
            if before.get(year) != after.get(year):
                moves.setdefault(f"{before.get(year, 'no entry')} → {after.get(year, 'no entry')}", []).append(year)
        side = head if (place, charge) in new else base
        for move, years in moves.items():
            at = _coverage_place(side, place, charge, years)
            yield Change(_folder_of(at), "changed", "coverage", f"{place} {charge}", f"{spans(years)}: {move}", at)


def _statuses(tables: Tables) -> dict[tuple[str, str], dict[int, str]]:
    found: dict[tuple[str, str], dict[int, str]] = {}
    for entry in tables.coverage:
        where = "".join(f" ({k}: {', '.join(map(str, v))})" for k, v in entry.get("where", {}).items())
        for place in covered(entry):
            years = found.setdefault((place, f"{entry['charge']}{where}"), {})
            years.update({int(year): str(entry["status"]) for year in entry["years"]})
    return found


def _coverage_place(side: Revision, place: str, charge: str, years: Sequence[int]) -> str:
    """The block of coverage.toml that speaks of it, the one of these years if there are several."""
    import tomllib

    best = ""
    for name, content in side.files.items():
        if not name.endswith("coverage.toml"):
            continue
        text = content.decode("utf-8-sig")
        lines = [number for number, line in enumerate(text.splitlines(), 1) if line.strip() == "[[coverage]]"]
        for line, entry in zip(lines, tomllib.loads(text).get("coverage", ()), strict=False):
            if entry["charge"] == charge.partition(" (")[0] and place in covered(entry):
                if set(entry["years"]) & set(years):
                    return f"{name}:{line}"
                best = best or f"{name}:{line}"
    return best or "coverage.toml"


def spans(years: Iterable[int]) -> str:
    """'2019–2021, 2024'."""
    runs: list[list[int]] = []
    for year in sorted(set(years)):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def _line_of_id(side: Revision, name: str) -> str:
    pattern = re.compile(rf"""id\s*=\s*["']{re.escape(name)}["']""")
    return _line_of({file: text for file, text in side.files.items() if file.endswith(".toml")}, pattern)


def _line_of(files: Mapping[str, bytes], pattern: re.Pattern[str]) -> str:
    """file:line of the first line that begins so."""
    for name, content in files.items():
        for number, line in enumerate(content.decode("utf-8-sig", "replace").splitlines(), 1):
            if pattern.match(line.strip()):
                return f"{name}:{number}"
    return ""


# What a change touches ------------------------------------------------------------------------------------------------


class Touch(NamedTuple):
    """Something that bills of a year rest on and that differs: a rate, or (rate empty) the law, a list or the like."""

    folder: str
    year: int
    rate: str = ""


def touched(base: Tables, head: Tables, years: Sequence[int]) -> frozenset[Touch]:
    """What may move a bill of the years, by the folder it stands in. What only words changed in is left out."""
    found: set[Touch] = set()
    for rate in {*base.rate_ids, *head.rate_ids}:
        old, new = base.rows(rate), head.rows(rate)
        if old != new:
            folders = {_folder_of(row.place) for row in (*old, *new)}
            hit = [year for year in years if _in_force(base, rate, year) != _in_force(head, rate, year)]
            found |= {Touch(folder, year, rate) for folder in folders for year in hit}
    for folder in _folders(base, head):
        found |= {Touch(folder, year) for year in _law_years(base, head, folder, years)}
    if _list_members(base) != _list_members(head) or base.nace != head.nace:
        found |= {Touch("eu", year) for year in years}
    for name in {*base.jurisdictions, *head.jurisdictions}:
        sides = [tables.jurisdictions.get(name) for tables in (base, head)]
        folders = {place.folder for place in sides if place}
        same = _connection(sides[0]) == _connection(sides[1])
        held = set(base.years(name)) ^ set(head.years(name)) if same else set(years)
        found |= {Touch(folder, year) for folder in folders for year in held if year in years}
    return frozenset(found)


def _in_force(tables: Tables, rate: str, year: int) -> list[tuple[object, ...]]:
    """What holds on each day of a year on which a row of the rate begins or ends."""
    first, last = f"{year}-01-01", f"{year}-12-31"
    rows = tables.rows(rate)
    days = {first, *(row.valid_from for row in rows), *(day_after(row.valid_to) for row in rows if row.valid_to)}
    found: list[tuple[object, ...]] = []
    for day in sorted(days):
        if first <= day <= last:
            row = tables.row(rate, day)
            found.append((day, *_said(row), row.evidence) if row else (day,))
    return found


def _law_years(base: Tables, head: Tables, folder: str, years: Sequence[int]) -> list[int]:
    """The years whose law differs; all of them where more than charges does."""
    old, new = base.law(folder)._asdict(), head.law(folder)._asdict()
    for group in dict.fromkeys([*old, *new]):
        if group not in ("charges", *_CHECK_ONLY) and _bare(old.get(group, [])) != _bare(new.get(group, [])):
            return list(years)
    if _bare(old["charges"]) == _bare(new["charges"]):
        return []
    return [year for year in years if _charges_in(old["charges"], year) != _charges_in(new["charges"], year)]


def _charges_in(blocks: Sequence[_Block], year: int) -> list[str]:
    """What the charges say in a year, each version with the days of the year on which it holds."""
    from levelfield.year import versions

    first, last = f"{year}-01-01", f"{year}-12-31"
    return sorted(
        repr((max(start, first), min(end or last, last), _bare([{**block, "valid_from": "", "valid_to": ""}])))
        for charge in blocks
        for start, end, block in versions(charge)
        if start <= last and (not end or end >= first)
    )


def _bare(blocks: Iterable[_Block]) -> list[str]:
    """The blocks without their words; neither their order nor that of their keys matters."""
    return sorted(repr(sorted((k, v) for k, v in block.items() if k not in _WORDS)) for block in blocks)


def _list_members(tables: Tables) -> dict[str, tuple[object, ...]]:
    return {name: (block.get("kind", "nace"), frozenset(block["members"])) for name, block in tables.lists.items()}


def _connection(place: Jurisdiction | None) -> object:
    return place and place._replace(name={}, order=0)
