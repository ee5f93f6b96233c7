"""`levelfield verify`: whether a workbook still says what levelfield reckons."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from levelfield.cli.options import TariffsOption

_SHOWN = 40


def verify(
    book: Annotated[
        str, typer.Argument(metavar="BOOK", help="A workbook that export wrote (.xlsx).", show_default=False)
    ],
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield verify buurlandentoets.xlsx

    Makes the book again from its plants, period and the tables, and says which cells differ.

    Exit code 1 if any does.
    """
    from levelfield.tables import load_tables
    from levelfield.workbook.verify import verify as verify_book

    verdict = verify_book(Path(book), lambda day: load_tables(tariffs, day))
    for note in verdict.notes:
        sys.stdout.write(f"{note}\n")
    changed = [d for d in verdict.differences if not d.follows]
    follows = len(verdict.differences) - len(changed)
    for difference in changed[:_SHOWN]:
        sys.stdout.write(f"{difference.cell}: {difference.found}; levelfield has {difference.expected}\n")
    if len(changed) > _SHOWN:
        sys.stdout.write(f"and {len(changed) - _SHOWN} more cells that were changed\n")
    if follows:
        first = next(d for d in verdict.differences if d.follows)
        sys.stdout.write(
            f"{follows} cells whose formula is as it was show another number, such as {first.cell}: "
            f"{first.found}; levelfield has {first.expected}\n"
        )
    if verdict.intact:
        sys.stdout.write(f"{book} is intact: {verdict.cells:,} cells are what levelfield reckons\n")
        return
    sys.stdout.write(f"{book} is not intact: {len(changed)} cells were changed, {follows} follow from that\n")
    raise typer.Exit(1)
