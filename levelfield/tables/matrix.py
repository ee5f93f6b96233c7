"""What the tables hold, as a matrix: jurisdictions × charges × years, with the status that coverage.toml gives and the
worst evidence of the rates behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from levelfield.charges import is_related
from levelfield.tables.due import charge_blocks, rate_names, versions_between
from levelfield.tables.model import Jurisdiction, Row, Tables, covered, worst_grade

STATUSES = ("complete", "partial", "missing", "unstated")
"""Best first. `unstated` is what the law has and no entry of coverage.toml speaks of."""
HOLE = "hole"
"""The evidence where a rate in force has bounds and no value."""
_HEADER = "jurisdiction,charge,year,where,status,evidence,rates,lacking,verified_on,note"
_WIDTH = 80


class Cell(NamedTuple):
    """An entry of coverage.toml in one jurisdiction and year."""

    jurisdiction: str
    charge: str  # a charge or a family of them
    year: int
    where: str  # the connections it speaks of, as 'grid_level hs, ms'; empty for all
    status: str
    evidence: str  # the worst grade of the rates in force in the year, 'hole', or empty where none is in force
    rates: int  # in force on some day of the year
    lacking: int  # named by the law of the year, with no row in it
    verified_on: str
    note: str


def matrix(tables: Tables, year: int | None = None, jurisdiction: str | None = None) -> list[Cell]:
    """The cells in the order of jurisdictions, charges and years; of one year or jurisdiction if that is given.

    Where the tables speak of several kinds of connection, each has its own cell.
    """
    found: list[Cell] = []
    for place in tables.jurisdictions.values():
        if jurisdiction in (None, place.id):
            entries = [entry for entry in tables.coverage if place.id in covered(entry)]
            found += _stated(tables, place, entries, year)
            found += _unstated(tables, place, entries, year)
    order = list(tables.jurisdictions)
    return sorted(found, key=lambda cell: (order.index(cell.jurisdiction), cell.charge, cell.year, cell.where))


def _stated(tables: Tables, place: Jurisdiction, entries: list[dict[str, Any]], year: int | None) -> Iterator[Cell]:
    for entry in entries:
        for number in entry["years"]:
            if year in (None, number):
                yield _cell(tables, place, str(entry["charge"]), int(number), entry)


def _unstated(tables: Tables, place: Jurisdiction, entries: list[dict[str, Any]], year: int | None) -> Iterator[Cell]:
    """Charges of the law, in a year that the tables hold for the jurisdiction, that no entry speaks of."""
    for number in tables.years(place.id):
        if year not in (None, number):
            continue
        spoken = [str(entry["charge"]) for entry in entries if number in entry["years"]]
        for block in charge_blocks(tables, place):
            named = str(block["id"])
            in_force = any(versions_between(block, f"{number}-01-01", f"{number}-12-31"))
            if in_force and not any(is_related(named, charge) for charge in spoken):
                spoken.append(named)
                yield _cell(tables, place, named, number, {"status": "unstated"})


def _cell(tables: Tables, place: Jurisdiction, charge: str, year: int, entry: Mapping[str, Any]) -> Cell:
    first, last = f"{year}-01-01", f"{year}-12-31"
    names = rate_names(tables, place, entry.get("where"))
    rates = {
        rate
        for block in charge_blocks(tables, place)
        if is_related(str(block["id"]), charge)
        for version in versions_between(block, first, last)
        for rate in names(version)
    }
    in_force = {rate: rows for rate in rates if (rows := rows_between(tables, rate, first, last))}
    grades = [HOLE if row.value is None else row.evidence for rows in in_force.values() for row in rows]
    return Cell(
        place.id,
        charge,
        year,
        _where(entry.get("where", {})),
        str(entry["status"]),
        worst_evidence(grades),
        len(in_force),
        len(rates) - len(in_force),
        str(entry.get("verified_on", "")),
        _english(entry.get("note", "")),
    )


def rows_between(tables: Tables, rate: str, first: str, last: str) -> list[Row]:
    """The rows of a rate in force on some day between two days; a correction stands for what it corrects."""
    starts = {first, *(row.valid_from for row in tables.rows(rate) if first <= row.valid_from <= last)}
    return list(dict.fromkeys(row for day in sorted(starts) if (row := tables.row(rate, day))))


def worst_evidence(grades: Iterable[str]) -> str:
    """The worst of the grades, a hole being worst of all; empty when there is none."""
    found = set(grades) - {""}
    if HOLE in found:
        return HOLE
    return worst_grade(found) if found else ""


def _where(where: Mapping[str, list[str]]) -> str:
    return "; ".join(f"{key} {', '.join(texts)}" for key, texts in where.items())


def _english(note: object) -> str:
    return str(note.get("en", "")) if isinstance(note, Mapping) else str(note)


# Written out ----------------------------------------------------------------------------------------------------------


def as_text(cells: list[Cell]) -> str:
    """A table a jurisdiction: a row a charge, a column a year, a letter for the status and one for the evidence.

    Where cells of several kinds of connection differ, it shows the worst of each and a star.
    """
    years = sorted({cell.year for cell in cells})
    first = max((len(text) for cell in cells for text in (cell.jurisdiction, cell.charge)), default=0)
    roomy = first + 5 * len(years) <= _WIDTH
    column, heads = (5, [f"{year}" for year in years]) if roomy else (4, [f"{year % 100:02}" for year in years])
    out: list[str] = []
    for place, mine in _grouped(cells, "jurisdiction").items():
        out.append(f"{place:{first}}" + "".join(f" {head:{column - 1}}" for head in heads))
        for charge, row in _grouped(mine, "charge").items():
            marks = [_mark([cell for cell in row if cell.year == year]) for year in years]
            out.append(f"{charge:{first}}" + "".join(f" {mark:{column - 1}}" for mark in marks))
        out.append("")
    out += [
        "First letter: C complete, P partial, M missing, U unstated (the law has the",
        "charge, coverage.toml says nothing of it). Second: the worst evidence of the",
        "rates in force: o official, s secondary, r recalled, a assumed, h a hole with",
        "bounds, - no rate in force. * kinds of connection differ: the worst is shown,",
        "--md and --csv have them all.",
    ]
    return "\n".join(line.rstrip() for line in out) + "\n"


def _grouped(cells: Iterable[Cell], field: str) -> dict[str, list[Cell]]:
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(getattr(cell, field), []).append(cell)
    return groups


def _mark(cells: list[Cell]) -> str:
    if not cells:
        return "."
    status, evidence = worst_status(cell.status for cell in cells), worst_evidence(cell.evidence for cell in cells)
    differ = len({(cell.status, cell.evidence) for cell in cells}) > 1
    return status[:1].upper() + (evidence[:1] or "-") + "*" * differ


def worst_status(statuses: Iterable[str]) -> str:
    return max(statuses, key=lambda status: STATUSES.index(status) if status in STATUSES else len(STATUSES))


def as_csv(cells: list[Cell]) -> str:
    """A row a cell. A text that a spreadsheet would take for a formula is led by an apostrophe."""
    import csv
    import io

    from levelfield.report.document import safe

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEADER.split(","))
    writer.writerows([safe(item) if isinstance(item, str) else item for item in cell] for cell in cells)
    return out.getvalue()


def as_markdown(cells: list[Cell]) -> str:
    """A section a jurisdiction: the matrix in words, then the notes with the years for which they stand."""
    out: list[str] = []
    for place, mine in _grouped(cells, "jurisdiction").items():
        years = sorted({cell.year for cell in mine})
        out += [f"## {place}", "", f"| charge | {' | '.join(map(str, years))} |", f"| --- |{' --- |' * len(years)}"]
        for charge, row in _grouped(mine, "charge").items():
            texts = [_words([cell for cell in row if cell.year == year]) for year in years]
            out.append(f"| `{charge}` | {' | '.join(texts)} |")
        out += ["", *_notes(mine), ""]
    return "\n".join(out).rstrip().replace("\n\n\n", "\n\n") + "\n"


def _words(cells: list[Cell]) -> str:
    """One kind of connection after the other, those that agree together."""
    texts = [
        f"{cell.status}, {cell.evidence or 'no rate'}{f', {cell.lacking} lacking' if cell.lacking else ''}"
        for cell in cells
    ]
    if len(set(texts)) < 2:
        return texts[0] if texts else ""
    return "<br>".join(f"{cell.where or 'else'}: {text}" for cell, text in zip(cells, texts, strict=True))


def _notes(cells: list[Cell]) -> list[str]:
    years: dict[tuple[str, str, str, str], list[int]] = {}
    for cell in cells:
        if cell.note:
            years.setdefault((cell.charge, cell.where, cell.note, cell.verified_on), []).append(cell.year)
    return [
        f"- `{charge}`{f' ({where})' if where else ''} {', '.join(map(str, of))}: {' '.join(note.split())}"
        f"{f' (verified {verified_on})' if verified_on else ''}"
        for (charge, where, note, verified_on), of in years.items()
    ]
