"""The sheets of control: sources, checks that must be zero, and what the book was made with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from levelfield import plant_table
from levelfield.expression import Symbol
from levelfield.lang import Words
from levelfield.plant import Plant
from levelfield.tables import Row, Tables
from levelfield.workbook.grid import Book, Cell, Span, Text, at
from levelfield.workbook.outputs import BillCells, ComparisonBlock
from levelfield.workbook.sheets import Sink, Spec

SOURCE_HEADS = (
    "key",
    "title",
    "publisher",
    "act",
    "date of publication",
    "looked up",
    "link",
    "licence",
    "language",
    "used for",
)


def write_sources(sink: Sink, sheet: str, tables: Tables, used: Iterable[Row], words: Words) -> None:
    """A row for each source that a rate of the book rests on."""
    sink.row(sheet, 0, [Cell(words("Sources"), "title")])
    sink.row(sheet, 1, [Cell(words(text), "head") for text in SOURCE_HEADS])
    rates: dict[str, dict[str, None]] = {}
    for row in used:
        rates.setdefault(row.source, {})[row.rate] = None
    number = 2
    for key in sorted(rates):
        source = tables.source(key)
        names = list(rates[key])
        shown = ", ".join(names[:6]) + (f" (+{len(names) - 6})" if len(names) > 6 else "")
        if source is None:
            cells = [
                Cell(""),
                Cell(words("assumed: the note of the rate says from what")),
                *(Cell("") for _ in range(7)),
            ]
        else:
            texts = (source.key, source.title, source.publisher, source.act, source.published, source.accessed)
            link = Cell(source.url, "link", source.url)
            cells = [*(Cell(text, "long") for text in texts), link, Cell(source.licence), Cell(source.language)]
        sink.row(sheet, number, [*cells, Cell(shown, "long")])
        number += 1


# Checks ---------------------------------------------------------------------------------------------------------------

CHECK_HEADS = ("plant", "jurisdiction", "what must be zero", "EUR")


class Checks:
    """Rows that must each be zero, and the cell that adds up how far they are from it."""

    TOP = 3

    def __init__(self, book: Book, sheet: str, words: Words) -> None:
        self.book, self.sheet, self.words = book, sheet, words
        self.rows: list[list[Cell]] = []
        self.off = 0.0

    def _add(self, plant: str, place: str, what: str, parts: tuple[str | Symbol | Span, ...], value: float) -> None:
        self.off += abs(round(value, 4))
        found = Text(("ROUND(", *parts, "␟4)"), round(value, 4) + 0.0)
        self.rows.append([Cell(plant), Cell(place), Cell(self.words(what)), Cell(found, "check")])

    def bill(self, plant: str, cells: BillCells, lines: Span, value: float) -> None:
        """`lines` are the amounts of the bill, `value` is what they add up to."""
        number = self.book.number
        place, whole = cells.bill.jurisdiction.id, cells.sums["all-in electricity and direct CO2"]
        self._add(plant, place, "the lines less the total", ("SUM(", lines, ")-", whole), value - number(whole))
        shares = [cells.sums[name] for name in cells.sums if name.startswith("share ")]
        parts = ("SUM(", Span(shares[0], shares[-1]), ")-1")
        self._add(plant, place, "the shares of evidence less 1", parts, sum(map(number, shares)) - 1)
        changed = cells.sums["changed"]
        what = "total less what levelfield reckoned (not zero once an input is changed)"
        self._add(plant, place, what, (changed,), number(changed))

    def comparison(self, plant: str, block: ComparisonBlock) -> None:
        for n in block.neighbours:
            gap = block.cell("gap EUR/MWh all-in electricity and direct CO2", n)
            drivers, place = block.cell("drivers", n), block.bills[n].bill.jurisdiction.id
            value = self.book.number(drivers) - self.book.number(gap)
            self._add(plant, place, "the drivers less the gap", (drivers, "-", gap), value)

    def write(self, sink: Sink) -> Symbol:
        words, sum_at = self.words, at(self.sheet, 1, 3)
        cells = Span(at(self.sheet, self.TOP, 3), at(self.sheet, self.TOP + len(self.rows) - 1, 3))
        self.book.put(sum_at, self.off)
        summed = Text(("SUMPRODUCT(ABS(", cells, "))"), self.off)
        sink.row(self.sheet, 0, [Cell(words("Checks: each must be zero"), "title")])
        sink.row(
            self.sheet, 1, [Cell(words("all of them together"), "strong"), Cell(""), Cell(""), Cell(summed, "check")]
        )
        sink.row(self.sheet, 2, [Cell(words(text), "head") for text in CHECK_HEADS])
        for number, row in enumerate(self.rows, self.TOP):
            sink.row(self.sheet, number, row)
        return sum_at


# About ----------------------------------------------------------------------------------------------------------------


class Made(NamedTuple):
    """What a book was made with."""

    command: str
    version: str
    tables_hash: str
    as_known_on: str


class About(NamedTuple):
    """What it takes to make a book again, and to see whether a plant was changed in it."""

    made: Made
    settings: Mapping[str, object]
    plants_hash: str


def fingerprint(plants: Sequence[Plant]) -> str:
    """A hash of what the plants' sheet states: whether an input was changed since the export."""
    stated = [
        plant_table.states(plant, f"{plant.load_curve.energy:.9g} MWh" if plant.load_curve else "") for plant in plants
    ]
    text = json.dumps(stated, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def write_about(
    sink: Sink, sheet: str, about: About, specs: Sequence[Spec], notes: Sequence[str], words: Words
) -> None:
    """What the book was made with, its sheets, how cells look, and what a reader must know."""
    made = about.made
    rows: list[tuple[str, str]] = [
        (words("made with"), f"levelfield {made.version}"),
        (words("command"), made.command),
        (words("tables"), made.tables_hash),
        (words("as known on"), made.as_known_on),
        (words("plants, hash of the inputs"), about.plants_hash),
        (words("settings"), json.dumps(about.settings, sort_keys=True, ensure_ascii=False)),
        (
            words("licence"),
            "EUPL-1.2 (levelfield); " + words("Prices of 2025 by hour: Bundesnetzagentur | SMARD.de, CC BY 4.0"),
        ),
        (
            words("make it again"),
            words("install this version of levelfield with these tables and give the command above"),
        ),
        (words("check it"), words("levelfield verify BOOK.xlsx says which cells differ from what levelfield reckons")),
    ]
    sink.row(sheet, 0, [Cell(words("About this book"), "title")])
    number = 2
    for name, text in rows:
        sink.row(sheet, number, [Cell(name, "strong"), Cell(text, "long")])
        number += 1
    number += 1
    sink.row(sheet, number, [Cell(words("sheet"), "head"), Cell(words("what is in it"), "head")])
    for spec in specs:
        number += 1
        sink.row(sheet, number, [Cell(spec.name, "link", f"#{spec.name}"), Cell(spec.about)])
    number += 2
    sink.row(sheet, number, [Cell(words("how cells look"), "head"), Cell(words("means"), "head")])
    for style, name, text in (
        ("input", words("input"), words("a number to change: blue, framed, on yellow")),
        ("calc", words("calculated"), words("a formula: black, not framed")),
        ("fixed", words("fixed"), words("as it was at export: grey and slanted")),
        ("check", words("check"), words("must be zero: framed by dots")),
    ):
        number += 1
        sink.row(sheet, number, [Cell(name, f"{style}_text"), Cell(text)])
    number += 2
    if notes:
        sink.row(sheet, number, [Cell(words("Notes"), "head")])
        for note in notes:
            number += 1
            sink.row(sheet, number, [Cell(""), Cell(note, "long")])
