"""The workbook: ours against openpyxl writing the very same cells, and how it grows with years."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.side_by_side import Row, alternating, faster
from levelfield.plant_file import load_plant
from levelfield.tables import load_tables

ROUNDS = 5
YEARS = (2021, 2026)


def rows() -> Iterator[Row]:
    from tests.workbook.books import export

    tables = load_tables(None)
    plant = load_plant("chlor-alkali", tables)
    with tempfile.TemporaryDirectory() as place:
        book, other = Path(place) / "book.xlsx", Path(place) / "other.xlsx"
        ours = functools.partial(export, tables, [plant], book, YEARS)
        ours()
        sheets = _cells(book)
        count = sum(len(sheet) for sheet in sheets.values())
        found = alternating({"ours": ours, "theirs": functools.partial(_write, sheets, other)}, ROUNDS)
        yield faster(
            f"workbook, six years: bills and {count:,} cells with formats, against openpyxl writing the bare cells",
            found["ours"],
            found["theirs"],
            "openpyxl",
        )
        yield from _writing_alone(sheets, Path(place))


def _writing_alone(sheets: dict[str, dict[tuple[int, int], Any]], folder: Path) -> Iterator[Row]:
    """The library that writes, on the same bare cells."""
    found = alternating(
        {
            "ours": functools.partial(_write_ours, sheets, folder / "a.xlsx"),
            "theirs": functools.partial(_write, sheets, folder / "b.xlsx"),
        },
        ROUNDS,
    )
    yield faster("writing the same bare cells (XlsxWriter)", found["ours"], found["theirs"], "openpyxl")


def _cells(book: Path) -> dict[str, dict[tuple[int, int], Any]]:
    from openpyxl import load_workbook

    found = load_workbook(book)
    return {
        sheet.title: {(c.row, c.column): c.value for line in sheet.iter_rows() for c in line if c.value is not None}
        for sheet in found.worksheets
    }


def _write(sheets: dict[str, dict[tuple[int, int], Any]], path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    del book[book.sheetnames[0]]
    for name, cells in sheets.items():
        sheet = book.create_sheet(name)
        for (row, column), value in cells.items():
            sheet.cell(row, column, value)
    book.save(path)


def _write_ours(sheets: dict[str, dict[tuple[int, int], Any]], path: Path) -> None:
    from xlsxwriter import Workbook

    with Workbook(path, {"constant_memory": True}) as book:
        for name, cells in sheets.items():
            sheet = book.add_worksheet(name)
            for (row, column), value in cells.items():
                sheet.write(row - 1, column - 1, str(value) if not isinstance(value, (int, float)) else value)
