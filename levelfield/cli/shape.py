"""`levelfield shape`: what moving load saves in each country."""

from __future__ import annotations

import sys
from typing import Annotated, Optional

import typer

from levelfield.cli.options import (
    AgainstOption,
    CompensationOption,
    GapsOption,
    HomeOption,
    KnownOption,
    Language,
    LanguageOption,
    PlantArgument,
    Procurement,
    ProcurementOption,
    Reliefs,
    ReliefsOption,
    SetOption,
    TariffsOption,
    jurisdiction,
    neighbours,
    one_of,
    open_tables,
    switches,
)
from levelfield.cli.output import print_json


def shape(
    plant: PlantArgument,
    year: Annotated[
        int | None,
        typer.Option("--year", help="A calendar year; that of the load curve if left out.", show_default=False),
    ] = None,
    peak: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option("--peak", metavar="POWER", help="Shave the peak to this; 95, 90 and 80 % of it if left out."),
    ] = None,
    home: HomeOption = "NL",
    against: AgainstOption = None,
    as_known_on: KnownOption = None,
    reliefs: ReliefsOption = Reliefs.stated,
    compensation: CompensationOption = True,
    procurement: ProcurementOption = Procurement.stated,
    set_: SetOption = None,
    allow_gaps: GapsOption = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    md: Annotated[bool, typer.Option("--md", help="Print Markdown.")] = False,
    lang: LanguageOption = Language.en,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield shape my-plant.toml --peak "90 MW"
    levelfield shape chlor-alkali --year 2025

    What the plant would save in each country by moving load: a lower peak, out of dear time classes, over or under the
    steps of the law, another contract; and which tariff rewards base load and which flexibility.
    """
    from levelfield.period import period
    from levelfield.plant_file import load_plant
    from levelfield.report import shapes as report
    from levelfield.report.terminal import print_lines
    from levelfield.shape import shapes, shown_limit

    one_of(json=json, md=md)
    tables = open_tables(tariffs, as_known_on)
    loaded = load_plant(plant, tables)
    limits = [shown_limit(text) for text in peak or ()]
    chosen_year = (
        loaded.load_curve.year if year is None and loaded.load_curve else period(tables, year, None, None)[0].year
    )
    places = list(dict.fromkeys([jurisdiction(home, tables), *neighbours(against, tables)]))
    chosen = switches(tables, reliefs, set_, allow_gaps, compensation, procurement)
    found = shapes(tables, loaded, chosen_year, places, chosen, limits)
    words = report.words_of(lang.value)
    if json:
        print_json(report.shape_document(found))
    elif md:
        sys.stdout.write(report.shape_markdown(found, words))
    else:
        print_lines(lambda width: report.shape_lines(found, words, width))
    if found.refusals:
        for faults in found.refusals.values():
            for fault in faults:
                sys.stderr.write(f"levelfield: refused: {fault}\n")
        raise typer.Exit(3)
