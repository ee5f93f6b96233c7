"""`levelfield export`: the workbook for the buurlandentoets."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from levelfield._errors import UserError
from levelfield.cli.files import beside, format_of, sink_of
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
    Procurement,
    ProcurementOption,
    Reliefs,
    ReliefsOption,
    SetOption,
    TariffsOption,
    ToOption,
    YearOption,
    jurisdiction,
    neighbours,
    open_tables,
    switches,
)

if TYPE_CHECKING:
    from levelfield.plant import Plant
    from levelfield.tables import Tables

FORMATS = ("xlsx", "ods", "json", "md")


def export(
    plants: Annotated[
        list[str],
        typer.Argument(
            metavar="PLANT...",
            help="Plant files, shipped plants, or workbooks with a sheet of plants, of which all are taken.",
            show_default=False,
        ),
    ],
    output: Annotated[
        str, typer.Option("-o", "--output", help="The file to write: .xlsx, .ods, .json or .md.")
    ] = "buurlandentoets.xlsx",
    format_: Annotated[
        str | None,
        typer.Option("--format", metavar="FORMAT", help="xlsx, ods, json or md, if the file's name does not say."),
    ] = None,
    csv: Annotated[
        str | None,
        typer.Option(
            "--csv", metavar="DIR", help="Also a CSV file for each sheet, in this folder.", show_default=False
        ),
    ] = None,
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
    lang: LanguageOption = Language.en,
    overlay: OverlayOption = None,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield export chlor-alkali --year 2025 -o buurlandentoets.xlsx --lang nl
    levelfield export zinc-smelter my-plants.xlsx --from 2024 --to 2026 -o panel.ods

    A workbook of live formulas: change a rate, an offtake or a claim in it and the gap follows.

    Exit code 3 if a bill is refused because the tables lack something; the book holds the others.
    """
    from levelfield.lang import Words
    from levelfield.period import period
    from levelfield.workbook.dutch import DUTCH
    from levelfield.workbook.export import Export, write_book
    from levelfield.workbook.grid import Book

    kind = format_of(output, format_, FORMATS)
    tables = open_tables(tariffs, as_known_on, overlay)
    loaded = _plants(plants, tables)
    first, last = period(tables, year, start, end)
    made = Export(
        tables=tables,
        plants=loaded,
        start=first,
        end=last,
        home=jurisdiction(home, tables),
        places=neighbours(against, tables),
        switches=switches(tables, reliefs, set_, allow_gaps, compensation, procurement),
        words=Words(lang.value, DUTCH),
        command=shlex.join(["levelfield", *sys.argv[1:]]),
    )
    outputs = [(kind, Path(output)), *([("csv", Path(csv))] if csv else [])]
    refusals: list[str] = []
    for wanted, path in outputs:
        book = Book()
        with beside(path, folder=wanted == "csv") as part, _progress(len(loaded)) as step:
            refusals = write_book(made, sink_of(wanted, part, book, made.words), book, step)
    sys.stderr.write(f"{output} written: {len(loaded)} {'plant' if len(loaded) == 1 else 'plants'}\n")
    if refusals:
        for refusal in refusals:
            sys.stderr.write(f"levelfield: refused: {refusal}\n")
        raise typer.Exit(3)


def _plants(names: list[str], tables: Tables) -> list[Plant]:
    """All plants; of a workbook every one. Raises UserError with the faults of all."""
    from levelfield.plant_file import WORKBOOKS, load_plant
    from levelfield.plant_table import read_plants

    found: list[Plant] = []
    faults: list[str] = []
    for name in names:
        try:
            found += read_plants(Path(name), tables) if name.endswith(WORKBOOKS) else [load_plant(name, tables)]
        except UserError as error:
            faults += error.faults
    seen: dict[str, int] = {}
    for number, plant in enumerate(found):
        seen[plant.name] = seen.get(plant.name, 0) + 1
        if seen[plant.name] > 1:
            found[number] = plant._replace(name=f"{plant.name} ({seen[plant.name]})")
    if faults:
        raise UserError(faults)
    return found


@contextmanager
def _progress(count: int) -> Iterator[Callable[[int], None]]:
    """A bar on the terminal for a book that takes a while."""
    if count < 4 or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=count)
        yield lambda done: bar.update(task, completed=done)
