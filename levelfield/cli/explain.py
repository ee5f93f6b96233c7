"""`levelfield explain`: the derivation of every line of a bill."""

from __future__ import annotations

from typing import Annotated

import typer

from levelfield._errors import UserError
from levelfield.cli.options import (
    CompensationOption,
    FromOption,
    GapsOption,
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
    jurisdiction,
    open_tables,
    switches,
)


def explain(
    plant: PlantArgument,
    place: Annotated[
        str, typer.Argument(metavar="JURISDICTION", help="NL, DE, BE-VLG, BE-WAL or FR.", show_default=False)
    ],
    charge: Annotated[
        str, typer.Argument(metavar="[CHARGE]", help="One charge or family, such as de.levy.", show_default=False)
    ] = "",
    year: YearOption = None,
    start: FromOption = None,
    end: ToOption = None,
    as_known_on: KnownOption = None,
    reliefs: ReliefsOption = Reliefs.stated,
    compensation: CompensationOption = True,
    procurement: ProcurementOption = Procurement.stated,
    set_: SetOption = None,
    allow_gaps: GapsOption = False,
    lang: LanguageOption = Language.en,
    overlay: OverlayOption = None,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield explain chlor-alkali DE --year 2025
    levelfield explain my-plant.toml NL nl.energy_tax

    How each line of a bill came about: the formula with its numbers, each condition with hit or miss and by how much,
    the law, the source and its evidence.
    """
    import sys
    import textwrap

    from levelfield.bill import make_bill
    from levelfield.charges import is_part
    from levelfield.lang import Words
    from levelfield.period import period
    from levelfield.plant_file import load_plant
    from levelfield.report.derivation import derivation

    tables = open_tables(tariffs, as_known_on, overlay)
    loaded = load_plant(plant, tables)
    first, last = period(tables, year, start, end)
    chosen = switches(tables, reliefs, set_, allow_gaps, compensation, procurement)
    bill = make_bill(tables, loaded, jurisdiction(place, tables), first, last, chosen)
    known = [found.id for run in bill.runs for found in run.year.charges]
    if charge and not any(is_part(id_, charge) for id_ in known):
        raise UserError(
            f"'{charge}' is no charge in {bill.jurisdiction.id}; known are {', '.join(dict.fromkeys(known))}"
        )
    words = Words(lang.value)
    width = 100 if sys.stdout.isatty() else 10_000
    for text, indent in derivation(bill, words, charge):
        if indent == 0:
            sys.stdout.write("\n")
        hanging = " " * (indent + 4)
        sys.stdout.write(textwrap.fill(text, width, initial_indent=" " * indent, subsequent_indent=hanging) + "\n")
    if not charge:
        sys.stdout.write(f"\n{words('total')}: {words.number(bill.total)} EUR\n")
    for warning in bill.warnings:
        sys.stderr.write(f"levelfield: {words.text(warning)}\n")
