"""From plants and tables to a book: block after block, so that a book of many plants needs no more memory than one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from levelfield import __version__
from levelfield._errors import MissingData
from levelfield.comparison import Comparison, compare
from levelfield.lang import Words
from levelfield.period import today
from levelfield.plant import Plant
from levelfield.switches import Switches
from levelfield.tables import Tables
from levelfield.workbook.control import About, Checks, Made, fingerprint, write_about, write_sources
from levelfield.workbook.grid import Book, Cell, Span
from levelfield.workbook.inputs import PlantsSheet, RatesSheet
from levelfield.workbook.outputs import BillBlock, BillCells, ComparisonBlock, year_rows
from levelfield.workbook.panel import Panel
from levelfield.workbook.sheets import Names, Sink, Spec, names
from levelfield.workbook.summary import write_panel_summary, write_summary
from levelfield.workbook.workings import Workings


class Export(NamedTuple):
    """What a book is of. `command` is what the reader gave to make it."""

    tables: Tables
    plants: Sequence[Plant]
    start: date
    end: date
    home: str
    places: Sequence[str]
    switches: Switches
    words: Words
    command: str

    @property
    def all_places(self) -> list[str]:
        """Home first."""
        return list(dict.fromkeys([self.home, *self.places]))

    @property
    def many_years(self) -> bool:
        return self.start.year != self.end.year


def sheets_of(export: Export) -> list[Spec]:
    """The sheets in order."""
    words, found = export.words, names(export.words)
    places = export.all_places
    count = len(places)
    specs = [Spec(found.summary, words("the finding, the tables and charts it rests on"), (44, *(11,) * count))]
    if len(export.plants) > 1:
        columns = (34, 8, 18, 10, *(11,) * (3 * count - 2))
        specs.append(Spec(found.panel, words("all plants in one table"), columns, 3, 1))
    plants = (46, 38, 10, 40, *(26,) * len(export.plants))
    rates = (42, 10, 10, 13, 11, 12, 42, 26, 20, 10, 11, 11, 26, 30, 70)
    bill = (46, 13, 15, 9, 12, 11, 16, 10, 11, 38, 34, 70)
    work = (54, 34, 13, 15, *(16,) * 10)
    specs += [
        Spec(found.plants, words("inputs: what each plant states"), plants, 3, 2),
        Spec(found.rates, words("inputs: every rate and threshold, with its source"), rates, 3, 1, 8),
        Spec(
            found.lists, words("inputs: lists of sectors that decide what a plant may have"), (34, 12, 70, 60), 2, 0, 3
        ),
    ]
    for n, plant in enumerate(export.plants, 1):
        if plant.load_curve:
            about = words("the load curve of {plant}", plant=plant.name)
            specs.append(Spec(f"{words('Load')} {n}", about, (20, 14), 1))
    for place in places:
        about = words("the bill in {place}, line by line", place=place)
        specs.append(Spec(found.bill(place, words), about, bill, 0, 1, 10))
    about = words("the bills side by side, the gap and its drivers")
    specs.append(Spec(found.comparison, about, (70, *(16,) * count), 0, 1))
    if export.many_years:
        specs.append(Spec(found.years, words("year by year"), (34, 8, *(14,) * count), 2, 2))
    for place in places:
        about = words("how the bill in {place} comes about, stretch by stretch of constant law", place=place)
        specs.append(Spec(found.work(place, words), about, work, 0, 1))
    sources = (28, 60, 34, 34, 14, 12, 40, 16, 10, 60)
    specs += [
        Spec(found.sources, words("the sources of the rates"), sources, 2, 1, 7),
        Spec(found.checks, words("sums that must be zero"), (40, 14, 64, 16), 3),
        Spec(found.about, words("command, versions, how to check this book"), (34, 120)),
    ]
    return specs


def write_book(
    export: Export, sink: Sink, book: Book, progress: Callable[[int], None] = lambda _: None, made: Made | None = None
) -> list[str]:
    """Write all sheets; gives what could not be billed and why. Raises MissingData if nothing could be billed at all.

    `made` says what the book was made with, where that is not this version with these tables today.
    """
    writer = _Writer(export, sink, book, made)
    writer.write(progress)
    sink.close()
    return writer.refusals


class _Writer:
    def __init__(self, export: Export, sink: Sink, book: Book, made: Made | None) -> None:
        known = (export.tables.as_known_on or today()).isoformat()
        self.made = made or Made(export.command, __version__, export.tables.hash, known)
        self.export, self.sink, self.book, self.words = export, sink, book, export.words
        self.names: Names = names(export.words)
        self.specs = sheets_of(export)
        for spec in self.specs:
            sink.sheet(spec)
        self.plants = PlantsSheet(self.book, self.names.plants, export.plants, export.tables, self.words)
        self.rates = RatesSheet(self.book, self.names.rates, self.names.lists, export.tables, self.words)
        self.checks = Checks(self.book, self.names.checks, self.words)
        self.next: dict[str, int] = {spec.name: 0 for spec in self.specs}
        self.refusals: list[str] = []
        self.panel = Panel(book, self.names.panel, export.home, export.all_places, self.words)
        self.notes: dict[str, None] = {}
        if export.many_years:
            heads = [self.words("plant"), self.words("year"), *(f"{place} EUR/MWh" for place in export.all_places)]
            self._rows(
                self.names.years,
                [[Cell(self.words("All-in electricity by year"), "title")], [Cell(t, "head") for t in heads]],
            )

    def write(self, progress: Callable[[int], None]) -> None:
        export = self.export
        first: tuple[Comparison, ComparisonBlock] | None = None
        for number, plant in enumerate(export.plants):
            try:
                comparison = compare(
                    export.tables, plant, export.start, export.end, export.home, export.places, export.switches
                )
            except MissingData as lack:
                self.refusals += [f"{plant.name}: {fault}" for fault in lack.faults]
                continue
            for faults in comparison.refusals.values():
                self.refusals += [f"{plant.name}: {fault}" for fault in faults]
            block = self._plant(number, comparison)
            first = first or (comparison, block)
            progress(number + 1)
        if first is None:
            raise MissingData(self.refusals)
        self.plants.write(self.sink, "Change a value and the whole book follows; what names a rate is fixed.")
        self.plants.write_curves(self.sink)
        self.rates.write(self.sink)
        self.rates.write_lists(self.sink)
        write_sources(self.sink, self.names.sources, export.tables, self.rates.used.values(), self.words)
        checked = self.checks.write(self.sink)
        if len(export.plants) > 1:
            self.panel.write(self.sink)
            write_panel_summary(self.sink, self.panel, checked, self.names, self.words)
        else:
            write_summary(self.sink, self.book, *first, checked, self.names, self.words)
        about = About(self.made, settings_of(export), fingerprint(export.plants))
        write_about(self.sink, self.names.about, about, self.specs, [*self.refusals, *self.notes], self.words)

    def _rows(self, sheet: str, rows: Sequence[list[Cell]]) -> None:
        for cells in rows:
            self.sink.row(sheet, self.next[sheet], cells)
            self.next[sheet] += 1

    def _plant(self, number: int, comparison: Comparison) -> ComparisonBlock:
        words = self.words
        found: list[BillCells] = []
        years: dict[str, list[Workings]] = {}
        for bill in comparison.bills:
            place = bill.jurisdiction.id
            work, sheet = self.names.work(place, words), self.names.bill(place, words)
            blocks: list[Workings] = []
            for run in bill.runs:
                block = Workings(
                    self.book, work, self.next[work], run, lambda key: self.plants.cell(number, key), self.rates, words
                )
                self._rows(work, block.rows)
                blocks.append(block)
            made = BillBlock(self.book, sheet, self.next[sheet], bill, blocks, words)
            self._rows(sheet, made.rows)
            lines = made.amounts()
            value = sum(map(self.book.number, lines))
            cells = made.close()
            self.checks.bill(comparison.plant.name, cells, Span(lines[0], lines[-1]), value)
            for done in blocks:
                done.close()
            years[place] = blocks
            found.append(cells)
        if self.export.many_years:
            self._rows(self.names.years, year_rows(years, self.export.all_places))
        side = ComparisonBlock(
            self.book, self.names.comparison, self.next[self.names.comparison], comparison, found, words
        )
        self._rows(self.names.comparison, side.rows)
        self.checks.comparison(comparison.plant.name, side)
        self.panel.add(comparison, side)
        lead = f"{comparison.plant.name}: " if len(self.export.plants) > 1 else ""
        own = len(comparison.plant.defaults)  # these name the plant already
        for n, text in enumerate(comparison.warnings):
            self.notes[("" if n < own else lead) + words.text(text)] = None
        return side


def settings_of(export: Export) -> dict[str, object]:
    """What verify needs to make the book again."""
    switches = export.switches
    return {
        "from": export.start.isoformat(),
        "to": export.end.isoformat(),
        "home": export.home,
        "against": list(export.places),
        "reliefs": switches.reliefs,
        "compensation": switches.compensation,
        "procurement": switches.procurement,
        "allow_gaps": switches.allow_gaps,
        "set": dict(switches.settings),
        "as_known_on": export.tables.as_known_on.isoformat() if export.tables.as_known_on else None,
        "lang": export.words.language,
    }
