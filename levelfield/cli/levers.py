"""`levelfield levers`: the shipped proposals ranked."""

from __future__ import annotations

from typing import Annotated

import typer

from levelfield._errors import LevelfieldError
from levelfield.cli.options import (
    AgainstOption,
    GapsOption,
    HomeOption,
    KnownOption,
    Language,
    LanguageOption,
    OverlayOption,
    Reliefs,
    ReliefsOption,
    TariffsOption,
    YearOption,
    jurisdiction,
    neighbours,
    open_tables,
    switches,
)
from levelfield.cli.output import print_json, print_pages


def levers(
    panel: Annotated[str, typer.Argument(metavar="[PLANT|PANEL]", help="A plant, or a panel of plants.")] = "clusters",
    year: YearOption = None,
    home: HomeOption = "NL",
    against: AgainstOption = None,
    as_known_on: KnownOption = None,
    reliefs: ReliefsOption = Reliefs.stated,
    allow_gaps: GapsOption = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    lang: LanguageOption = Language.en,
    overlay: OverlayOption = None,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield levers clusters --year 2026
    levelfield levers zinc-smelter --against DE

    All shipped proposals, ranked by how much of the gap they close, with what a closed euro costs the treasury.
    """
    from levelfield.cli.toets import refuse
    from levelfield.lang import Words
    from levelfield.report.levers import levers_document, levers_pages, rank
    from levelfield.toets.effect import keeper, run_toets
    from levelfield.toets.panel import load_panel
    from levelfield.toets.proposal import load_proposal, shipped_proposals

    tables = open_tables(tariffs, as_known_on, overlay)
    from levelfield.period import period

    number = period(tables, year, None, None)[0].year
    plants = load_panel(panel, tables)
    bills, tested, failed = keeper(), {}, []
    for name in shipped_proposals():
        try:
            tested[name] = run_toets(
                tables,
                [load_proposal(name)],
                plants,
                [number],
                jurisdiction(home, tables),
                neighbours(against, tables),
                switches(tables, reliefs, None, allow_gaps),
                bills,
            )
        except LevelfieldError as error:
            failed.append(f"{name}: {error.faults[0]}")
    refuse(list(dict.fromkeys(fault for toets in tested.values() for fault in toets.refusals)), allow_gaps=allow_gaps)
    ranked, words = rank(tested), Words(lang.value)
    if json:
        print_json(levers_document(ranked, number, plants.name))
        return
    title = f"{words.text(plants.title)} · {number}"
    print_pages(levers_pages(ranked, failed, title, words))
