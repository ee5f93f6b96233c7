"""`levelfield simulate`: all uncertain inputs drawn together."""

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
from levelfield.cli.sensitivity import OutputOption, tell_refusals


def simulate(
    plant: PlantArgument,
    draws: Annotated[int, typer.Option("--draws", help="So many joint draws.")] = 100_000,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same draws.")] = 1,
    year: YearOption = None,
    start: FromOption = None,
    end: ToOption = None,
    home: HomeOption = "NL",
    against: AgainstOption = None,
    input_: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--input", metavar="FILE", help="Distributions instead of the shipped ones (TOML).", show_default=False
        ),
    ] = None,
    fixed: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            "--fixed", metavar="RATE", help="Leave an input as stated: market.day_ahead.*", show_default=False
        ),
    ] = None,
    as_known_on: KnownOption = None,
    reliefs: ReliefsOption = Reliefs.stated,
    compensation: CompensationOption = True,
    procurement: ProcurementOption = Procurement.stated,
    set_: SetOption = None,
    allow_gaps: GapsOption = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    md: Annotated[bool, typer.Option("--md", help="Print Markdown, with how each input was drawn.")] = False,
    output: OutputOption = None,
    lang: LanguageOption = Language.en,
    overlay: OverlayOption = None,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield simulate chlor-alkali --draws 100000 --seed 1
    levelfield simulate my-plant.toml --against DE --fixed "market.*" --json

    How likely it is that home is dearer than each neighbour, how far the gap may lie off, and which inputs make it so.

    Exit code 3 if a bill is refused because the tables lack something; the other bills still count.
    """
    from pathlib import Path

    from levelfield.lang import Words
    from levelfield.report.uncertainty import simulation_document, simulation_pages
    from levelfield.uncertain.distributions import read_distributions
    from levelfield.uncertain.simulation import simulate as drawn
    from levelfield.workbook.dutch import DUTCH

    one_of(json=json, md=md)
    tables = open_tables(tariffs, as_known_on, overlay)
    chosen = switches(tables, reliefs, set_, allow_gaps, compensation, procurement)
    comparison = compared(tables, plant, (year, start, end), (home, against), chosen)
    said = read_distributions(Path(input_) if input_ else None)
    found = drawn(comparison, said, draws, seed, fixed or [])
    words = Words(lang.value, DUTCH)
    if output:
        from levelfield.workbook.uncertainty import write_simulation

        write_simulation(found, output, shlex.join(["levelfield", *sys.argv[1:]]), words)
    if json:
        print_json(simulation_document(found))
    elif md:
        print_markdown(simulation_pages(found, words, full=True))
    else:
        print_pages(simulation_pages(found, words))
    tell_refusals(comparison.refusals, found.refusals)
