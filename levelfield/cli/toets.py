"""`levelfield toets`: the neighbour-country test of a proposed law."""

from __future__ import annotations

import shlex
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from levelfield.cli.options import (
    AgainstOption,
    FromOption,
    GapsOption,
    HomeOption,
    KnownOption,
    Language,
    LanguageOption,
    OverlayOption,
    Reliefs,
    ReliefsOption,
    SetOption,
    TariffsOption,
    ToOption,
    YearOption,
    jurisdiction,
    neighbours,
    one_of,
    open_tables,
    switches,
)
from levelfield.cli.output import print_json, print_markdown, print_pages

if TYPE_CHECKING:
    from levelfield.tables import Tables
    from levelfield.toets.proposal import Proposal

FORMATS = ("xlsx", "ods", "json", "md")
PanelOption = Annotated[
    str,
    typer.Option("--panel", metavar="PANEL", help="clusters, studies, a panel or plant file, or a workbook of plants."),
]


class FailOn(StrEnum):
    worse = "worse"
    not_better = "not-better"


def toets(
    proposals: Annotated[
        list[str],
        typer.Argument(metavar="PROPOSAL...", help="Proposal files or shipped proposals.", show_default=False),
    ],
    panel: PanelOption = "clusters",
    year: YearOption = None,
    start: FromOption = None,
    end: ToOption = None,
    home: HomeOption = "NL",
    against: AgainstOption = None,
    max_gap_increase: Annotated[
        float, typer.Option("--max-gap-increase", help="How far a gap may grow, EUR/MWh.", min=0)
    ] = 0.0,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="Fail where a gap grows, or also where none shrinks.")
    ] = FailOn.worse,
    as_known_on: KnownOption = None,
    reliefs: ReliefsOption = Reliefs.stated,
    set_: SetOption = None,
    allow_gaps: GapsOption = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    md: Annotated[bool, typer.Option("--md", help="Print the full report as Markdown.")] = False,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", help="Also write a workbook (.xlsx, .ods) or report.", show_default=False),
    ] = None,
    lang: LanguageOption = Language.en,
    overlay: OverlayOption = None,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield toets energy-tax-eu-minimum --year 2026
    levelfield toets my-law.toml --panel clusters --from 2026 --to 2027 -o toets.xlsx --lang nl

    What a proposed law does to the gap with the neighbours, plant by plant, and to the treasury.

    Several proposals are tested together. Exit code 1 if the test fails, 3 if a bill cannot be made.
    """
    from levelfield.lang import Words
    from levelfield.report.toets import Judged, as_document, full, short
    from levelfield.toets.effect import run_toets
    from levelfield.toets.panel import load_panel
    from levelfield.workbook.dutch import DUTCH

    one_of(json=json, md=md)
    tables = open_tables(tariffs, as_known_on, overlay)
    read = read_proposals(proposals)
    found = run_toets(
        tables,
        read,
        load_panel(panel, tables),
        test_years(tables, read, year, start, end),
        jurisdiction(home, tables),
        neighbours(against, tables),
        switches(tables, reliefs, set_, allow_gaps),
    )
    refuse(found.refusals, allow_gaps=allow_gaps)
    judged = Judged(found, Words(lang.value, DUTCH), max_gap_increase, fail_on.value)
    command = shlex.join(["levelfield", *sys.argv[1:]])
    if output:
        from levelfield.workbook.toets import write_toets

        write_toets(judged, output, command)
    if json:
        print_json(as_document(judged))
    elif md:
        print_markdown(full(judged, command))
    else:
        print_pages(short(judged))
    if judged.verdict is None or not judged.verdict.passes:
        raise typer.Exit(1)


def read_proposals(names: list[str]) -> list[Proposal]:
    """Raises UserError with the faults of all files."""
    from levelfield._errors import UserError
    from levelfield.toets.proposal import load_proposal

    read: list[Proposal] = []
    faults: list[str] = []
    for name in dict.fromkeys(names):
        try:
            read.append(load_proposal(name))
        except UserError as error:
            faults += error.faults
    if faults:
        raise UserError(faults)
    return read


def test_years(
    tables: Tables, proposals: list[Proposal], year: int | None, start: str | None, end: str | None
) -> list[int]:
    """The years asked for; without any, the first that the proposals change in whole, or else the last that is held."""
    from levelfield.period import period

    if year is not None or start or end:
        first, last = period(tables, year, start, end)
        return list(range(first.year, last.year + 1))
    begins = min((p.start for p in proposals if p.start), default="")
    held = tables.years()
    whole = [number for number in held if f"{number}-01-01" >= begins]
    return [min(whole, default=max(held))]


def refuse(refusals: list[str], *, allow_gaps: bool) -> None:
    """Raises MissingData where a bill could not be made, unless gaps are allowed: no verdict rests on a part."""
    from levelfield._errors import MissingData

    if refusals and not allow_gaps:
        remedy = "leave that neighbour out with --against, or give --allow-gaps: the verdict then says what is missing"
        raise MissingData([*refusals, f"no verdict without these bills: {remedy}"])
