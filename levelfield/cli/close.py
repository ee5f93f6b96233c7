"""`levelfield close`: the value of a lever at which a gap is closed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from levelfield._errors import MissingData, UserError, did_you_mean
from levelfield.cli.options import (
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
    YearOption,
    jurisdiction,
    neighbours,
    open_tables,
    switches,
)
from levelfield.cli.output import print_json, print_pages

if TYPE_CHECKING:
    from levelfield.tables import Tables


def close(
    panel: Annotated[
        str, typer.Argument(metavar="PLANT|PANEL", help="A plant, or a panel of plants.", show_default=False)
    ],
    lever: Annotated[
        str, typer.Option("--lever", metavar="RATE|PROPOSAL", help="A rate, or a proposal with a lever of its own.")
    ],
    target: Annotated[float, typer.Option("--target", help="The gap that is wanted, EUR/MWh.")] = 0.0,
    with_: Annotated[
        str | None, typer.Option("--with", metavar="LIST", help="Neighbours; all if left out.", show_default=False)
    ] = None,
    low: Annotated[
        str | None, typer.Option("--from-value", help="The least value, with unit; 0 if left out.", show_default=False)
    ] = None,
    high: Annotated[
        str | None,
        typer.Option("--to-value", help="The greatest value; ten times the present one.", show_default=False),
    ] = None,
    year: YearOption = None,
    home: HomeOption = "NL",
    as_known_on: KnownOption = None,
    reliefs: ReliefsOption = Reliefs.stated,
    set_: SetOption = None,
    allow_gaps: GapsOption = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    lang: LanguageOption = Language.en,
    overlay: OverlayOption = None,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield close zinc-smelter --lever nl.ikc.aid_intensity --with DE
    levelfield close clusters --lever grid-subsidy --target 0 --year 2026

    The value of a rate at which the gap with a neighbour is the target, or how far it can close the gap at most.

    That there is one such value is proved from the law's formulas; where it cannot be, all values found are given.
    Exit code 1 if no gap can be closed.
    """
    from levelfield.lang import Words
    from levelfield.period import period
    from levelfield.report.levers import Solved, closing_document, closing_pages
    from levelfield.toets.panel import load_panel
    from levelfield.toets.solve import Curve
    from levelfield.toets.solve import close as solve

    tables = open_tables(tariffs, as_known_on, overlay)
    rate, tables, grants = _lever(lever, tables)
    number = period(tables, year, None, None)[0].year
    row = tables.row(rate, f"{number}-07-01")
    current = row.value if row else None
    span = _range(rate, low, high, current, tables)
    chosen, place = switches(tables, reliefs, set_, allow_gaps), jurisdiction(home, tables)
    solved: list[Solved] = []
    for member in load_panel(panel, tables).members:
        plant = member.plant._replace(claims={**member.plant.claims, **grants})
        for other in neighbours(with_, tables) or tables.jurisdictions:
            if other == place or (member.against and other not in member.against):
                continue
            try:
                curve = Curve(tables, plant, place, other, number, rate, chosen)
                solved.append(Solved(plant.name, other, solve(curve, *span, target)))
            except MissingData as lack:
                solved.append(Solved(plant.name, other, None, "no bill"))
                for fault in lack.faults:
                    sys.stderr.write(f"levelfield: {fault}\n")
    unit = tables.unit(rate)
    if json:
        document = closing_document(rate, unit, span, target, number, place, solved)
        print_json(document)
    else:
        words, of_proposal = Words(lang.value), rate != lever
        pages = list(
            closing_pages(rate, unit, span, current, target, number, place, solved, words, proposal=of_proposal)
        )
        print_pages(pages)
    if not any(item.closing and item.closing.values for item in solved):
        raise typer.Exit(1)


def _lever(name: str, tables: Tables) -> tuple[str, Tables, dict[str, bool]]:
    """The rate that is moved, in which tables, and which claims are then made. Raises UserError."""
    from pathlib import Path

    from levelfield.toets.patch import lay_over
    from levelfield.toets.proposal import load_proposal, shipped_proposals

    if name in tables:
        return name, tables, {}
    if name not in shipped_proposals() and not Path(name).exists():
        known = [*shipped_proposals(), *tables.rate_ids]
        hint = did_you_mean(name, known, "'levelfield tariffs list' and 'levelfield proposals list' show them")
        raise UserError(f"--lever {name}: this is no rate and no proposal; {hint}")
    proposal = load_proposal(name)
    patched = lay_over(tables, [proposal]).tables
    if not proposal.lever:
        raise UserError(f"--lever {name}: the proposal names no lever of its own (lever = …); name a rate of it")
    if proposal.lever not in patched:
        raise UserError(f"--lever {name}: its lever '{proposal.lever}' is no rate")
    return proposal.lever, patched, dict.fromkeys(proposal.grants, True)


def _range(rate: str, low: str | None, high: str | None, current: float | None, tables: Tables) -> tuple[float, float]:
    from levelfield.tables import parse_setting

    first = parse_setting(rate, low, tables) if low else 0.0
    if high:
        return first, parse_setting(rate, high, tables)
    if tables.unit(rate) == "" and (current is None or 0 <= current <= 1):
        return first, 1.0  # a share
    return first, max(10 * (current or 0.0), first + 1.0, 100.0 if not current else 0.0)
