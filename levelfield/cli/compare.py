"""`levelfield compare`: the bills of a plant side by side."""

from __future__ import annotations

import sys
from typing import Annotated

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
from levelfield.cli.output import print_json


def compare(
    plant: PlantArgument,
    year: YearOption = None,
    start: FromOption = None,
    end: ToOption = None,
    home: HomeOption = "NL",
    against: AgainstOption = None,
    as_known_on: KnownOption = None,
    reliefs: ReliefsOption = Reliefs.stated,
    compensation: CompensationOption = True,
    procurement: ProcurementOption = Procurement.stated,
    set_: SetOption = None,
    allow_gaps: GapsOption = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print the bill lines as CSV.")] = False,
    md: Annotated[bool, typer.Option("--md", help="Print Markdown.")] = False,
    lang: LanguageOption = Language.en,
    overlay: OverlayOption = None,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield compare chlor-alkali --year 2025
    levelfield compare my-plant.toml --against DE,FR --reliefs all --json

    What a plant pays in each country, the gap with each neighbour, and what drives it.

    Exit code 3 if a bill is refused because the tables lack something; the other bills are still printed.
    """
    from levelfield.lang import Words

    one_of(json=json, csv=csv, md=md)
    tables = open_tables(tariffs, as_known_on, overlay)
    chosen = switches(tables, reliefs, set_, allow_gaps, compensation, procurement)
    comparison = compared(tables, plant, (year, start, end), (home, against), chosen)
    words = Words(lang.value)
    if json:
        from levelfield.report.document import as_document

        print_json(as_document(comparison))
    elif csv:
        from levelfield.report.document import as_csv

        sys.stdout.write(as_csv(comparison, words))
    elif md:
        from levelfield.report.document import as_markdown

        sys.stdout.write(as_markdown(comparison, words))
    else:
        from levelfield.report.terminal import print_comparison

        print_comparison(comparison, words)
    if comparison.refusals:
        for faults in comparison.refusals.values():
            for fault in faults:
                sys.stderr.write(f"levelfield: refused: {fault}\n")
        raise typer.Exit(3)
