"""`levelfield trend`: bills through the years and what moved them."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from levelfield._errors import UserError
from levelfield.cli.options import (
    AgainstOption,
    CompensationOption,
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
    jurisdiction,
    neighbours,
    one_of,
    open_tables,
    switches,
)
from levelfield.cli.output import print_json


class By(StrEnum):
    category = "category"
    charge = "charge"


def trend(
    plant: PlantArgument,
    start: Annotated[
        int | None, typer.Option("--from", help="First year; the first that home is held in.", show_default=False)
    ] = None,
    end: Annotated[
        int | None, typer.Option("--to", help="Last year; the last that home is held in.", show_default=False)
    ] = None,
    by: Annotated[
        By | None, typer.Option("--by", help="Also show each bill by category or by charge.", show_default=False)
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
    csv: Annotated[bool, typer.Option("--csv", help="Print a row a charge and year as CSV.")] = False,
    md: Annotated[bool, typer.Option("--md", help="Print Markdown.")] = False,
    lang: LanguageOption = Language.en,
    overlay: OverlayOption = None,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield trend chlor-alkali --from 2021 --to 2026 --against DE
    levelfield trend my-plant.toml --by category

    The bill and the gap through the years, and what moved them: each piece of law, each price.
    """
    from levelfield.lang import Words
    from levelfield.plant_file import load_plant
    from levelfield.report import years as report
    from levelfield.report.terminal import print_lines
    from levelfield.trend import trend as make_trend

    one_of(json=json, csv=csv, md=md)
    tables = open_tables(tariffs, as_known_on, overlay)
    loaded = load_plant(plant, tables)
    place = jurisdiction(home, tables)
    held = tables.years(place)
    first, last = start or min(held), end or max(held)
    if first > last:
        raise UserError(f"--from {first} lies after --to {last}")
    chosen = switches(tables, reliefs, set_, allow_gaps, compensation, procurement)
    found = make_trend(tables, loaded, range(first, last + 1), place, neighbours(against, tables), chosen)
    words = Words(lang.value)
    if json:
        print_json(report.trend_document(found))
    elif csv:
        sys.stdout.write(report.trend_csv(found))
    elif md:
        sys.stdout.write(report.trend_markdown(found, words))
    else:
        print_lines(lambda width: report.trend_lines(found, words, by.value if by else "", width))
