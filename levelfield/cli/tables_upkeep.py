"""`levelfield tariffs due`, `coverage`, `sources` and `add`: the upkeep of the tables."""

from __future__ import annotations

import sys
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from levelfield._errors import UserError
from levelfield.cli.options import TariffsOption, one_of, open_tables
from levelfield.cli.options import jurisdiction as known_jurisdiction

if TYPE_CHECKING:
    from levelfield.tables.add import NewRow
    from levelfield.tables.due import Due


class Bibliography(StrEnum):
    md = "md"
    csv = "csv"
    bibtex = "bibtex"


def due(
    on: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--on", metavar="DATE", help="Due by this day; today if left out.", show_default=False),
    ] = None,
    months: Annotated[
        int, typer.Option("--months", metavar="N", min=0, help="List what was last looked at longer ago than this.")
    ] = 12,
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 1 if any rate is listed.")] = False,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield tariffs due
    levelfield tariffs due --on 2027-01-01 --strict

    The rates in force that should have been renewed or looked at, by country, a line each: rate, place, since when it
    is due, last value and its start, link of its source.

    A rate is due when a law that renews names it and its last row has ended, or has no end and was neither started nor
    looked at since the renewal. It is old when the row in force was looked at more than N months ago.
    """
    from levelfield.period import parse_date, today
    from levelfield.tables.due import due as rates_due

    day = parse_date(on, "--on") if on else today()
    found = rates_due(open_tables(tariffs, None), day, months)
    country = ""
    for item in found:
        if item.country != country:
            sys.stdout.write(("\n" if country else "") + f"{item.country.upper()}\n")
            country = item.country
        sys.stdout.write(f"  {_due_line(item)}\n")
    old = sum(item.why == "old" for item in found)
    sys.stderr.write(f"{day}: {len(found) - old} rates are due, {old} were not looked at for {months} months\n")
    if found and strict:
        raise typer.Exit(1)


def _due_line(item: Due) -> str:
    why = {
        "ended": f"due since {item.since}: the last row has ended",
        "open": f"due since {item.since}: not looked at since the renewal",
        "old": f"due since {item.since}: last looked at {item.checked_on or 'never'}",
    }[item.why]
    link = item.link or (f"{item.source}, without a link" if item.source else "no source")
    return "  ".join((item.rate, item.place, why, f"{item.value} from {item.start}", link))


def coverage(
    year: Annotated[int | None, typer.Option("--year", help="One year only.", show_default=False)] = None,
    jurisdiction: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--jurisdiction", metavar="NAME", help="One jurisdiction only, such as NL.", show_default=False),
    ] = None,
    md: Annotated[bool, typer.Option("--md", help="Print Markdown, with the notes.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV, with the notes.")] = False,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield tariffs coverage
    levelfield tariffs coverage --jurisdiction NL --md

    What the tables hold, by jurisdiction, charge and year: complete, partial or missing, and the worst evidence of the
    rates in force.
    """
    from levelfield.tables.matrix import as_csv, as_markdown, as_text, matrix

    one_of(md=md, csv=csv)
    tables = open_tables(tariffs, None)
    place = known_jurisdiction(jurisdiction, tables) if jurisdiction else None
    cells = matrix(tables, year, place)
    if not cells:
        held = ", ".join(map(str, tables.years())) or "none"
        raise UserError(f"the coverage speaks of no charge of {place or 'any jurisdiction'} in {year}; held are {held}")
    render = as_markdown if md else as_csv if csv else as_text
    sys.stdout.write(render(cells))


def sources(
    format: Annotated[Bibliography, typer.Option("--format", help="The form of the list.")] = Bibliography.md,
    country: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--country", metavar="CC", help="The sources of one folder, such as nl.", show_default=False),
    ] = None,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield tariffs sources --country nl
    levelfield tariffs sources --format bibtex > levelfield.bib

    Where the numbers come from, and how many rates rest on each source. Sources that nothing rests on are marked.
    """
    from levelfield._errors import did_you_mean
    from levelfield.tables.bibliography import as_bibtex, as_csv, as_markdown, bibliography

    entries = bibliography(open_tables(tariffs, None))
    if country:
        known = sorted({entry.country for entry in entries if entry.country})
        if country.lower() not in known:
            raise UserError(f"'{country}' is no country with sources; {did_you_mean(country.lower(), known)}")
        entries = [entry for entry in entries if entry.country == country.lower()]
    render = {"md": as_markdown, "csv": as_csv, "bibtex": as_bibtex}[format.value]
    sys.stdout.write(render(entries))


def _text(flag: str, help: str, metavar: str = "TEXT") -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(flag, metavar=metavar, help=help, show_default=False)
    return option


def add(
    rate: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(metavar="[RATE]", help="The rate; left out with --stdin.", show_default=False),
    ] = None,
    value: Annotated[Optional[str], _text("--value", "As published; none for a hole with bounds.", "V")] = None,  # noqa: UP045
    unit: Annotated[Optional[str], _text("--unit", "As published; that of the rate if left out.", "U")] = None,  # noqa: UP045
    start: Annotated[Optional[str], _text("--from", "First day.", "DATE")] = None,  # noqa: UP045
    end: Annotated[
        Optional[str],  # noqa: UP045
        _text("--to", "Last day; open if left out, but as the corrected row in a correction.", "DATE"),
    ] = None,
    low: Annotated[Optional[str], _text("--low", "Low end of the range.", "V")] = None,  # noqa: UP045
    high: Annotated[Optional[str], _text("--high", "High end of the range.", "V")] = None,  # noqa: UP045
    published: Annotated[Optional[str], _text("--published", "The day it became known.", "DATE")] = None,  # noqa: UP045
    source: Annotated[Optional[str], _text("--source", "A key of sources.csv.", "KEY")] = None,  # noqa: UP045
    locator: Annotated[Optional[str], _text("--locator", "Where in the source.")] = None,  # noqa: UP045
    evidence: Annotated[
        Optional[str],  # noqa: UP045
        _text("--evidence", "official, secondary, recalled or assumed.", "GRADE"),
    ] = None,
    note: Annotated[Optional[str], _text("--note", "Doubts, or how the value was derived.")] = None,  # noqa: UP045
    file: Annotated[str, _text("--file", "The file of a new rate, as in nl/grid.csv.", "PATH")] = "",
    close: Annotated[bool, typer.Option("--close", help="End an open-ended row before it the day before.")] = False,
    warnings: Annotated[
        bool, typer.Option("--despite-warnings", help="Write also what the check only warns of.")
    ] = False,
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Read rows as CSV, with the header of the tables or part of it.")
    ] = False,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield tariffs add nl.energy_tax.band2 --value 0.07 --from 2027 --source nl-wbm --evidence official
    levelfield tariffs add --stdin < rows.csv

    Write a new value of a rate, or a correction (the same start, published later), into the file that holds the rate.

    Nothing else in the file changes, and nothing is written that would give the tables a fault they do not have.
    """
    from pathlib import Path

    from levelfield.period import today
    from levelfield.tables import default_folder
    from levelfield.tables.add import parse_rows, plan, write

    stated = {
        "rate": rate,
        "valid_from": start,
        "valid_to": end,
        "value": value,
        "low": low,
        "high": high,
        "unit": unit,
        "published": published,
        "source": source,
        "locator": locator,
        "evidence": evidence,
        "note": note,
    }
    cells = {column: text for column, text in stated.items() if text is not None}
    if stdin and cells:
        raise UserError("with --stdin the rows come from standard input; leave the rate and its options out")
    rows = parse_rows(_standard_input()) if stdin else [_row(cells)]
    done = plan(Path(tariffs) if tariffs else default_folder(), rows, today(), file, close=close, warnings=warnings)
    write(done.edits)
    for line in done.added:
        sys.stdout.write(f"{line}\n")
    for remark in done.remarks:
        sys.stderr.write(f"levelfield: {remark}\n")


def _row(cells: dict[str, str]) -> NewRow:
    """The row of the options. Raises UserError if it lacks a rate or start, or a date is none."""
    from levelfield.period import parse_date
    from levelfield.tables.add import NewRow

    faults = [f"{what} is missing" for what, key in (("RATE", "rate"), ("--from", "valid_from")) if key not in cells]
    dates = {"valid_from": ("--from", False), "valid_to": ("--to", True), "published": ("--published", False)}
    texts = {key: " ".join(text.split()) for key, text in cells.items()}
    for key, (option, last) in dates.items():
        try:
            day: date | None = parse_date(texts[key], option, last=last) if texts.get(key) else None
            texts |= {key: day.isoformat()} if day else {}
        except UserError as error:
            faults += error.faults
    if faults:
        raise UserError(faults)
    return NewRow(texts, f"{texts['rate']} from {texts['valid_from']}")


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError("standard input is not UTF-8 text; save it as UTF-8") from None
