"""`levelfield monitor`: the periodic report on the level playing field."""

from __future__ import annotations

from typing import Annotated

import typer

from levelfield._errors import UserError
from levelfield.cli.options import (
    AgainstOption,
    GapsOption,
    HomeOption,
    KnownOption,
    Language,
    LanguageOption,
    TariffsOption,
    YearOption,
    jurisdiction,
    neighbours,
    one_of,
    open_tables,
)
from levelfield.cli.output import print_json, print_markdown, print_pages


def monitor(
    panel: Annotated[
        str, typer.Option("--panel", metavar="PANEL", help="clusters, studies, a panel or plant file.")
    ] = "clusters",
    year: YearOption = None,
    as_known_on: KnownOption = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="DATE", help="The day of the last report.", show_default=False),
    ] = None,
    home: HomeOption = "NL",
    against: AgainstOption = None,
    allow_gaps: GapsOption = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    md: Annotated[bool, typer.Option("--md", help="Print Markdown.")] = False,
    lang: LanguageOption = Language.en,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield monitor
    levelfield monitor --as-known-on 2026-11-01 --since 2026-05-01 --lang nl --md

    The gap of a panel now, a year ago and at the last report, what moved it, what is due, which proposals are pending,
    and whether infrastructure and permits will be ready in time.
    """
    from levelfield.lang import Text, Words
    from levelfield.period import parse_date, period, today
    from levelfield.report.monitor import monitor_document, pages
    from levelfield.switches import Switches
    from levelfield.tables import load_tables
    from levelfield.tables.due import due
    from levelfield.tables.registers import read_registers
    from levelfield.toets.monitor import Monitor, moment, movers
    from levelfield.toets.panel import load_panel
    from levelfield.toets.proposal import load_proposal, shipped_proposals

    one_of(json=json, md=md)
    tables = open_tables(tariffs, as_known_on)
    day = tables.as_known_on or today()
    number = year or max((found for found in tables.years() if found <= day.year), default=0)
    if not number:
        number = period(tables, None, None, None)[0].year
    place, switches = jurisdiction(home, tables), Switches(allow_gaps=allow_gaps)
    places = [place, *(other for other in neighbours(against, tables) if other != place)]
    plants = load_panel(panel, tables)
    moments, refusals = [], []
    wanted = [
        (Text(f"{number}, as known now", f"{number}, bekend nu"), tables, number),
        (Text(f"{number - 1}, a year ago", f"{number - 1}, een jaar geleden"), tables, number - 1),
    ]
    if since:
        then = parse_date(since, "--since", last=True)
        if then >= day:
            raise UserError(f"--since {then}: the last report lies before {day}, the day of this one")
        earlier = load_tables(tariffs, then)
        label = Text(f"{number}, as known on {then}", f"{number}, bekend op {then}")
        wanted.append((label, earlier, number))
    for label, known, which in wanted:
        found, refused = moment(label, known, plants, which, place, places, switches)
        moments.append(found)
        # What is lacking in all countries is told once.
        refusals += [f"{label.en}: {fault}" for fault in dict.fromkeys(text.partition(": ")[2] for text in refused)]
    made = Monitor(
        tuple(moments), tuple(movers(tables, plants, number, place, places, switches)), tuple(dict.fromkeys(refusals))
    )
    waiting = due(tables, day)
    pending = [proposal for name in shipped_proposals() if (proposal := load_proposal(name)).status != "adopted"]
    registers = read_registers(tables.folder)
    if json:
        document = monitor_document(made, waiting, pending, registers)
        print_json(document)
        return
    words = Words(lang.value)
    title = f"{'Monitor buurlanden' if lang.value == 'nl' else 'Neighbour-country monitor'} · {day} · {plants.name}"
    content = list(pages(made, place, places, waiting, pending, registers, title, words))
    if md:
        print_markdown(content)
        return
    print_pages(content)
