"""`levelfield tariffs diff` and `tariffs impact`: what a change of the tables is, and what it does to bills."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from levelfield.cli.options import HomeOption, TariffsOption, one_of
from levelfield.cli.output import print_json

if TYPE_CHECKING:
    from levelfield.tables.diff import Change

_SIDE = "A git revision (main, main:tariffs), a folder, or @2025-03-01 for the tables as known on that day."
LONGEST, SHORTEST = 60_000, 2_000
"""Of a comment, in characters: GitHub takes 65,536; the shortest has room for what is never left out."""


class Format(StrEnum):
    text = "text"
    markdown = "markdown"
    json = "json"


def diff(
    base: Annotated[str, typer.Argument(metavar="A", help=_SIDE, show_default=False)],
    head: Annotated[
        str, typer.Argument(metavar="[B]", help="The later side; the folder of tables if left out.", show_default=False)
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    md: Annotated[bool, typer.Option("--md", help="Print Markdown.")] = False,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield tariffs diff main
    levelfield tariffs diff v0.1.0 v0.2.0 --md
    levelfield tariffs diff @2025-03-01

    What changed in the tables from A to B: rates added, corrected and ended, sources, law, evidence.

    Exit code 1 if history is rewritten: a published value that is another now, or a row that is gone.
    """
    from levelfield.tables.diff import diff as compare_tables
    from levelfield.tables.revision import open_revision

    one_of(json=json, md=md)
    sides = open_revision(base, tariffs), open_revision(head, tariffs)
    changes = compare_tables(*sides)
    errors = sum(change.rewrites for change in changes)
    if json:
        document = {
            "schema": "levelfield/tables-diff/1",
            "base": {"name": sides[0].name, "tables": sides[0].tables.hash},
            "head": {"name": sides[1].name, "tables": sides[1].tables.hash},
            "changes": [change.document() for change in changes],
        }
        print_json(document)
    else:
        sys.stdout.write("".join(f"{line}\n" for line in (_markdown(changes) if md else _text(changes))))
    sys.stderr.write(f"{len(changes)} change{'s' * (len(changes) != 1)}, {errors} rewriting history\n")
    if errors:
        raise typer.Exit(1)


def impact(
    base: Annotated[str, typer.Option("--base", metavar="REV", help=_SIDE, show_default=False)],
    head: Annotated[
        str, typer.Option("--head", metavar="REV", help="The later side; the folder of tables if left out.")
    ] = "",
    year: Annotated[
        int | None,
        typer.Option("--year", help="One year; every held year that changes if left out.", show_default=False),
    ] = None,
    plants: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option("--plants", metavar="FILE", help="A plant, again for more; all shipped plants if left out."),
    ] = None,
    home: HomeOption = "NL",
    format_: Annotated[Format, typer.Option("--format", help="What is printed.")] = Format.text,
    max_length: Annotated[
        int, typer.Option("--max-length", min=SHORTEST, metavar="N", help="Leave out rows beyond N characters.")
    ] = LONGEST,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield tariffs impact --base main
    levelfield tariffs impact --base origin/main --format markdown > comment.md

    What a change of the tables does to the bills of the reference plants and to the gaps.

    Bills are priced as on both sides where they can differ. JSON is whole; the other forms keep to --max-length and
    say how many rows they leave out, never a refused bill.
    """
    from tempfile import TemporaryDirectory

    from levelfield import impact as report
    from levelfield._errors import UserError
    from levelfield.tables.revision import open_revision

    names = plants or list(_shipped())
    if "-" in names:
        raise UserError("--plants -: each plant is read twice, so it cannot come from standard input; give a file")
    if year is not None and not 1990 <= year <= 2100:
        raise UserError(f"--year {year}: a year such as 2025 is wanted")
    sides = open_revision(base, tariffs), open_revision(head, tariffs)
    with TemporaryDirectory() as scratch:
        if plants:
            from pathlib import Path

            from levelfield.tables.revision import with_series

            sides = with_series(sides[0], Path(scratch)), with_series(sides[1], Path(scratch))
        found = report.impact(*sides, names, home.upper(), None if year is None else [year])
    if format_ is Format.json:
        import json

        sys.stdout.write(json.dumps(report.as_document(found), ensure_ascii=False, allow_nan=False) + "\n")
    elif format_ is Format.markdown:
        sys.stdout.write(report.as_markdown(found, max_length))
    else:
        sys.stdout.write(report.as_text(found, max_length))


def _shipped() -> Iterator[str]:
    from levelfield.plant import shipped_plants

    yield from shipped_plants()


def _text(changes: Sequence[Change]) -> Iterator[str]:
    """A line a change under its country and kind, wrapped at 80 columns."""
    from textwrap import wrap

    above: tuple[str, str] = ("-", "-")
    for change in changes:
        if change.folder != above[0]:
            yield change.folder or "all"
        if (change.folder, change.kind) != above:
            yield f"  {change.kind}{' (an error: history is rewritten)' if change.rewrites else ''}"
        above = change.folder, change.kind
        yield from wrap(_line(change), 80, initial_indent=" " * 4, subsequent_indent=" " * 6, break_on_hyphens=False)


def _line(change: Change) -> str:
    what = change.name if change.subject == "rate" else f"{change.subject} {change.name}"
    return f"{change.place}: {what}: {change.text}"


def _markdown(changes: Sequence[Change]) -> Iterator[str]:
    above: tuple[str, str] = ("-", "-")
    for change in changes:
        if change.folder != above[0]:
            yield f"{'' if above[0] == '-' else chr(10)}## {change.folder or 'all'}"
        if (change.folder, change.kind) != above:
            yield f"\n### {change.kind}\n"
        above = change.folder, change.kind
        mark = "**History is rewritten.** " if change.rewrites else ""
        what = f"`{change.name}`" if change.subject == "rate" else f"{change.subject} `{change.name}`"
        yield f"- {mark}{what}: {change.text} (`{change.place}`)"
