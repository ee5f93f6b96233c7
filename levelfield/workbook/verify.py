"""A received workbook held against what levelfield reckons from its plants, its settings and the tables.

The book is made again, in memory, and compared cell by cell: numbers, formulas and links. A number or formula that was
changed is a fault; a formula that is as it was but shows another number only follows from one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from levelfield._errors import UserError
from levelfield.lang import LANGUAGES, Words
from levelfield.plant import Plant
from levelfield.plant_table import read_plants
from levelfield.switches import Switches
from levelfield.tables import Tables
from levelfield.workbook.control import About, Made, fingerprint
from levelfield.workbook.dutch import DUTCH
from levelfield.workbook.export import Export, write_book
from levelfield.workbook.grid import UNLIMITED, Book, Cell, Excel, is_formula, letters
from levelfield.workbook.sheets import Chart, Spec, names

_TOLERANCE = 1e-9


class Difference(NamedTuple):
    """A cell that differs: what is in it and what levelfield has there. `follows` if only its result differs."""

    cell: str
    found: str
    expected: str
    follows: bool = False


class Verdict(NamedTuple):
    """What was compared and what differs. `notes` say what else a reader must know, such as other tables."""

    cells: int
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]

    @property
    def intact(self) -> bool:
        return not self.differences and not self.notes


class Said(NamedTuple):
    """What the book says it was made with."""

    language: str
    about: About


def read_about(path: Path) -> Said:
    """Raises UserError if the file is no workbook of levelfield."""
    book = _load(path, values=True)
    for language in LANGUAGES:
        words = Words(language, DUTCH)
        sheet = names(words).about
        if sheet not in book.sheetnames:
            continue
        said = {
            str(row[0]): str(row[1]) for row in book[sheet].iter_rows(max_col=2, values_only=True) if row[0] and row[1]
        }
        keys = ("command", "made with", "tables", "as known on", "plants, hash of the inputs", "settings")
        if all(words(key) in said for key in keys):
            command, version, tables, known, plants, settings = (said[words(key)] for key in keys)
            made = Made(command, version.rpartition(" ")[2], tables, known)
            return Said(language, About(made, _settings(path, settings), plants))
    raise UserError(
        f"{path}: this is no workbook that 'levelfield export' wrote: it has no sheet {names(Words()).about}"
    )


def _settings(path: Path, text: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(text)
    except json.JSONDecodeError:
        raise UserError(f"{path}: the settings in the book cannot be read; export it anew") from None
    return found


def _load(path: Path, *, values: bool) -> Any:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        return openpyxl.load_workbook(path, data_only=values)
    except (InvalidFileException, OSError, KeyError, ValueError) as error:
        raise UserError(f"{path}: cannot be read as an .xlsx workbook: {error}") from None
    except Exception as error:  # noqa: BLE001 - a broken zip or XML raises many things
        raise UserError(f"{path}: cannot be read as an .xlsx workbook: {type(error).__name__}") from None


def verify(path: Path, tables_as_known_on: Callable[[date | None], Tables]) -> Verdict:
    """Make the book again and compare. Raises UserError for a file that is no workbook of levelfield."""
    said = read_about(path)
    stated: Any = said.about.settings
    known = stated.get("as_known_on")
    tables = tables_as_known_on(date.fromisoformat(known) if known else None)
    plants = read_plants(path, tables)
    export = _export(said, tables, plants)
    book = Book()
    sink = _Compare(path, book)
    write_book(export, sink, book, made=said.about.made)
    notes = _notes(said.about, tables, plants)
    if sink.empty:
        notes.append(f"{sink.empty} formulas hold no result: open the book in a spreadsheet program and save it first")
    return Verdict(sink.cells, tuple(sink.differences), tuple(notes))


def _export(said: Said, tables: Tables, plants: list[Plant]) -> Export:
    stated: Any = said.about.settings
    switches = Switches(
        stated["reliefs"], stated["set"], stated["allow_gaps"], stated["compensation"], stated["procurement"]
    )
    first, last = (date.fromisoformat(stated[key]) for key in ("from", "to"))
    words = Words(said.language, DUTCH)
    return Export(
        tables, plants, first, last, stated["home"], stated["against"], switches, words, said.about.made.command
    )


def _notes(about: About, tables: Tables, plants: list[Plant]) -> list[str]:
    notes = []
    if about.made.tables_hash != tables.hash:
        notes.append(f"the book was made with tables {about.made.tables_hash[:12]}, these are {tables.hash[:12]}")
    if about.plants_hash != fingerprint(plants):
        notes.append("what a plant states was changed since the export")
    return notes


class _Compare:
    """A sink that writes nothing but holds each cell against the book that was read."""

    def __init__(self, path: Path, book: Book) -> None:
        self.book = book
        self.formulas, self.values = _load(path, values=False), _load(path, values=True)
        self.cells = self.empty = 0
        self.differences: list[Difference] = []
        self.seen: dict[str, set[tuple[int, int]]] = {}

    def sheet(self, spec: Spec) -> None:
        self.seen[spec.name] = set()
        if spec.name not in self.formulas.sheetnames:
            self.differences.append(Difference(spec.name, "no such sheet", spec.about))

    def row(self, sheet: str, number: int, cells: list[Cell]) -> None:
        if sheet not in self.formulas.sheetnames:
            return
        notation = Excel(sheet, self.book)
        for column, cell in enumerate(cells):
            self._compare(sheet, number, column, cell, notation)

    def _compare(self, sheet: str, number: int, column: int, cell: Cell, notation: Excel) -> None:
        where = f"{sheet}!{letters(column)}{number + 1}"
        self.seen[sheet].add((number + 1, column + 1))
        self.cells += 1
        found = self.formulas[sheet].cell(number + 1, column + 1)
        value = self.book.value(cell.content)
        if is_formula(cell.content):
            formula = f"={notation.write(cell.content)}"
            if _plain(str(found.value or "")) != _plain(formula):
                self.differences.append(Difference(where, _shown(found.value), formula))
                return
            shown = self.values[sheet].cell(number + 1, column + 1).value
            if shown is None and value != "":
                self.empty += 1
            elif not _same(shown, value):
                self.differences.append(Difference(where, _shown(shown), _shown(value), follows=True))
            return
        if not _same(found.value, value):
            self.differences.append(Difference(where, _shown(found.value), _shown(value)))
        elif cell.link.startswith("http"):
            target = found.hyperlink.target if found.hyperlink else None
            if unquote(target or "").rstrip("/") != unquote(cell.link).rstrip("/"):
                self.differences.append(Difference(where, f"link to {target}", f"link to {cell.link}"))

    def choices(self, sheet: str, row: int, columns: tuple[int, int], values: tuple[str, ...]) -> None:
        """What may be chosen is no figure."""

    def chart(self, chart: Chart) -> None:
        """A chart draws cells that are compared."""

    def close(self) -> None:
        """Cells that levelfield did not write."""
        for name in self.formulas.sheetnames:
            if name not in self.seen:
                self.differences.append(Difference(name, "a sheet", "no such sheet"))
                continue
            for row in self.formulas[name].iter_rows():
                for cell in row:
                    if cell.value is not None and (cell.row, cell.column) not in self.seen[name]:
                        self.differences.append(Difference(f"{name}!{cell.coordinate}", _shown(cell.value), "nothing"))


def _same(found: object, expected: object) -> bool:
    if isinstance(expected, float):
        wanted = min(expected, UNLIMITED)
        if isinstance(found, bool) or not isinstance(found, (int, float)):
            return False
        return abs(found - wanted) <= _TOLERANCE * max(1.0, abs(wanted))
    return (found if found is not None else "") == expected


def _plain(formula: str) -> str:
    """A formula without what other programs write in another way: TRUE(), 1E+099, spaces."""
    text = re.sub(r"\b(TRUE|FALSE)\(\)", r"\1", formula.replace(" ", "").replace("$", ""))
    return re.sub(r"(?<=\d)[eE]\+?0*(?=\d)", "E", text)


def _shown(value: object) -> str:
    return "nothing" if value is None or value == "" else f"{value:.15g}" if isinstance(value, float) else str(value)
