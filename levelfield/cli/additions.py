"""`levelfield additions`: national additions to EU rules, with what they cost a panel."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from levelfield._errors import MissingData, UserError
from levelfield.cli.options import Language, LanguageOption, TariffsOption, YearOption, one_of, open_tables
from levelfield.cli.output import print_json, print_markdown, print_pages


def additions(
    country: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--country", metavar="LIST", help="Only those of NL, DE, BE or FR.", show_default=False),
    ] = None,
    panel: Annotated[
        str, typer.Option("--panel", metavar="PANEL", help="clusters, studies, a panel or plant file.")
    ] = "clusters",
    year: YearOption = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    md: Annotated[bool, typer.Option("--md", help="Print Markdown, with laws and sources.")] = False,
    lang: LanguageOption = Language.en,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield additions --country NL
    levelfield additions --panel studies --year 2026 --md

    National additions to EU rules ("nationale koppen"), the neighbour's counterpart, and what they cost the panel's
    plants where a charge of the tables prices them.
    """
    from levelfield.bill import Bill, make_bill
    from levelfield.lang import Words
    from levelfield.period import calendar_year, period
    from levelfield.report.monitor import additions_document, additions_in_full, additions_pages
    from levelfield.tables.registers import Addition, read_registers
    from levelfield.toets.panel import load_panel

    one_of(json=json, md=md)
    tables = open_tables(tariffs, None)
    registers = read_registers(tables.folder)
    wanted = [name.strip().upper() for name in country.split(",")] if country else []
    known = sorted({item.country for item in registers.additions})
    if set(wanted) - set(known):
        raise UserError(f"--country {country}: the register holds {', '.join(known) or 'nothing'}")
    number = period(tables, year, None, None)[0].year
    plants = load_panel(panel, tables)
    bills: dict[tuple[str, str], Bill | None] = {}

    def bill(key: str, place: str) -> Bill | None:
        if (key, place) not in bills:
            member = next(member for member in plants.members if member.key == key)
            try:
                bills[key, place] = make_bill(tables, member.plant, place, *calendar_year(number))
            except MissingData:
                bills[key, place] = None
        return bills[key, place]

    def cost(item: Addition) -> float | None:
        """What the charge costs the panel; of a country with several jurisdictions, in the first that has it."""
        if not item.priced_by:
            return None
        for place in tables.jurisdictions.values():
            if item.country in place.plant_keys or item.country == place.id:
                members = [member for member in plants.members if item.concerns(member.plant.sector)]
                found = [bill(member.key, place.id) for member in members]
                total = sum(one.charge(item.charge) for one in found if one)
                if total or place.plant_keys == (place.id,):
                    return total
        return 0.0

    rows = [(item, cost(item)) for item in registers.additions if not wanted or item.country in wanted]
    words = Words(lang.value)
    if json:
        document = additions_document(rows, registers.sources, plants.name, number)
        print_json(document)
    elif md:
        print_markdown(additions_in_full(rows, registers.sources, plants.name, number, words))
    else:
        print_pages(additions_pages(rows, plants.name, number, words))
