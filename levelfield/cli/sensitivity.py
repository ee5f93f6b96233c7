"""`levelfield sensitivity`: what moves the gap, one input at a time."""

from __future__ import annotations

import shlex
import sys
from typing import Annotated, Optional

import typer

from levelfield.cli.options import (
    AgainstOption,
    CompensationOption,
    FromOption,
    GapsOption,
    HomeOption,
    KnownOption,
    Language,
    LanguageOption,
    OverlayOption,
    PlantArgument,
    Procurement,
    ProcurementOption,
    Reliefs,
    ReliefsOption,
    SetOption,
    TariffsOption,
    ToOption,
    YearOption,
    compared,
    one_of,
    open_tables,
    switches,
)
from levelfield.cli.output import print_json, print_markdown, print_pages

OutputOption = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("-o", "--output", help="Also write a workbook (.xlsx, .ods) or report.", show_default=False),
]


def sensitivity(
    plant: PlantArgument,
    year: YearOption = None,
    start: FromOption = None,
    end: ToOption = None,
    home: HomeOption = "NL",
    against: AgainstOption = None,
    ranges: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            "--range",
            metavar="RATE=LOW..HIGH",
            help="The ends of a rate: eu.ets.price='60..90 EUR/tCO2'.",
            show_default=False,
        ),
    ] = None,
    top: Annotated[int, typer.Option("--top", help="So many inputs for each neighbour.", min=1)] = 10,
    as_known_on: KnownOption = None,
    reliefs: ReliefsOption = Reliefs.stated,
    compensation: CompensationOption = True,
    procurement: ProcurementOption = Procurement.stated,
    set_: SetOption = None,
    allow_gaps: GapsOption = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON: all inputs.")] = False,
    md: Annotated[bool, typer.Option("--md", help="Print Markdown: all inputs.")] = False,
    output: OutputOption = None,
    lang: LanguageOption = Language.en,
    overlay: OverlayOption = None,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield sensitivity chlor-alkali --year 2025
    levelfield sensitivity my-plant.toml --against DE --range market.day_ahead.nl="60..110 EUR/MWh"

    A tornado of each gap: assumed and ranged rates, prices, full-load hours and what the plant leaves open, one at a
    time at their ends.

    Exit code 3 if a bill is refused because the tables lack something; the other bills still count.
    """
    from levelfield._errors import MissingData
    from levelfield.lang import Words
    from levelfield.report.uncertainty import sensitivity_document, tornado_pages
    from levelfield.uncertain.sensitivity import parse_ranges
    from levelfield.uncertain.sensitivity import sensitivity as moved
    from levelfield.workbook.dutch import DUTCH

    one_of(json=json, md=md)
    tables = open_tables(tariffs, as_known_on, overlay)
    chosen = switches(tables, reliefs, set_, allow_gaps, compensation, procurement)
    comparison = compared(tables, plant, (year, start, end), (home, against), chosen)
    if comparison.home in comparison.refusals:
        raise MissingData(comparison.refusals[comparison.home])
    found = moved(comparison, parse_ranges(ranges or [], tables))
    words = Words(lang.value, DUTCH)
    if output:
        from levelfield.workbook.uncertainty import write_sensitivity

        write_sensitivity(found, output, shlex.join(["levelfield", *sys.argv[1:]]), words)
    if json:
        print_json(sensitivity_document(found))
    elif md:
        print_markdown(tornado_pages(found, words))
    else:
        print_pages(tornado_pages(found, words, top))
    tell_refusals(comparison.refusals)


def tell_refusals(*refused: object) -> None:
    """Name what is missing on standard error, and exit with 3 if there is anything."""
    faults = [fault for refusals in refused for found in refusals.values() for fault in found]  # type: ignore[attr-defined]
    for fault in faults:
        sys.stderr.write(f"levelfield: refused: {fault}\n")
    if faults:
        raise typer.Exit(3)
