"""The sheets that a reader changes: the plants, the rates and thresholds of the law, the lists of sectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from levelfield import plant_table
from levelfield.expression import Symbol
from levelfield.lang import Words
from levelfield.plant import Plant
from levelfield.tables import STATED, Row, Tables
from levelfield.workbook.grid import Book, Cell, at
from levelfield.workbook.sheets import Sink, Spec, names
from levelfield.year import Year


class PlantsSheet:
    """A column for each plant. `cell(2, "sector")` is where the third plant's sector stands."""

    def __init__(
        self, book: Book, sheet: str, plants: Sequence[Plant], tables: Tables, words: Words, empty: int = 0
    ) -> None:
        """`empty` more columns are there to be filled in."""
        self.sheet, self.words, self.count = sheet, words, len(plants) + empty
        self.fields = plant_table.fields(tables, plants)
        self.rows = {field.key: plant_table.HEADER + 1 + n for n, field in enumerate(self.fields)}
        self.curves = {n: f"{words('Load')} {n + 1}" for n, plant in enumerate(plants) if plant.load_curve}
        self.columns = [plant_table.states(plant, self.curves.get(n, "")) for n, plant in enumerate(plants)]
        self.columns += [{}] * empty
        self.plants = plants
        for number, stated in enumerate(self.columns):
            for key in self.rows:
                book.put(self._at(number, key), self._shown(stated.get(key)))

    def _at(self, plant: int, key: str) -> Symbol:
        return at(self.sheet, self.rows[key], plant_table.FIRST + plant)

    def cell(self, plant: int, key: str) -> Symbol | None:
        head, _, rest = key.partition(".")
        if head == "co2" and rest.split(".")[0] in ("product", "indirect"):
            key = self._numbered(plant, key)
        return self._at(plant, key) if key in self.rows else None

    def _numbered(self, plant: int, key: str) -> str:
        """'co2.product.ammonia.output' with the number under which the plant's column holds ammonia."""
        _, kind, name, field = key.split(".")
        wanted = {"product": "name", "indirect": "product"}[kind]
        for stated, value in self.columns[plant].items():
            parts = stated.split(".")
            if parts[:2] == ["co2", kind] and parts[-1] == wanted and value == name:
                return f"co2.{kind}.{parts[2]}.{field}"
        return ""

    def _shown(self, value: str | float | bool | None) -> str | float | None:
        if isinstance(value, bool):
            return self.words("yes" if value else "no")
        return value

    def write(self, sink: Sink, explanation: str, units: Mapping[str, str] = {}) -> None:
        """`units` are other units than levelfield's own, for a sheet to be filled in."""
        words = self.words
        sink.row(self.sheet, 0, [Cell(words("Plants: the inputs"), "title")])
        sink.row(self.sheet, 1, [Cell(words(explanation))])
        heads = [words(text) for text in ("what", "key", "unit", "note")]
        heads += [f"{words('plant')} {number + 1}" for number in range(self.count)]
        sink.row(self.sheet, plant_table.HEADER, [Cell(text, "head") for text in heads])
        last = plant_table.FIRST + self.count - 1
        for field in self.fields:
            row = self.rows[field.key]
            values = tuple(map(words, field.values)) if field.values == plant_table.YES_NO else field.values
            if values:
                sink.choices(self.sheet, row, (plant_table.FIRST, last), values)
            unit = units.get(field.unit or "", field.unit or "")
            head = [Cell(words.text(field.label)), Cell(field.key, "id"), Cell(unit, "id")]
            style = "input" if field.unit is not None else "input_text"
            cells = [Cell(self._shown(stated.get(field.key)), style) for stated in self.columns]
            sink.row(self.sheet, row, [*head, Cell(words.text(field.note), "id"), *cells])

    def write_curves(self, sink: Sink) -> None:
        """A sheet for each load curve, as the plants' sheet names it."""
        for n, sheet in self.curves.items():
            curve = self.plants[n].load_curve
            sink.row(sheet, 0, [Cell("utc", "head"), Cell("kW", "head_number")])
            for number, (moment, power) in enumerate(curve.rows() if curve else (), 1):
                sink.row(sheet, number, [Cell(moment), Cell(power, "rate")])


class RatesSheet:
    """A row for each version of a rate that a bill uses, and for each threshold in the text of a law."""

    HEADS = (
        "rate",
        "from",
        "until",
        "value (input)",
        "unit",
        "evidence",
        "source",
        "place in the source",
        "as published",
        "published",
        "low",
        "high",
        "publisher",
        "link",
        "note",
    )
    VALUE = 3
    TOP = 3

    def __init__(self, book: Book, sheet: str, lists_sheet: str, tables: Tables, words: Words) -> None:
        self.book, self.sheet, self.lists_sheet, self.tables, self.words = book, sheet, lists_sheet, tables, words
        self._rows: dict[tuple[str, ...], int] = {}
        self.cells: list[list[Cell]] = []
        self.used: dict[str, Row] = {}
        self.lists: dict[str, None] = {}

    def _add(self, key: tuple[str, ...], value: float, cells: list[Cell]) -> Symbol:
        where = at(self.sheet, self.TOP + len(self.cells), self.VALUE)
        self._rows[key] = self.TOP + len(self.cells)
        self.cells.append(cells)
        self.book.put(where, value)
        return where

    def rate(self, year: Year, rate: str, row: Row | None) -> Symbol:
        by_hand = year.settings.get(rate)
        if by_hand is not None:
            key: tuple[str, ...] = (rate, f"{by_hand!r}")
        else:
            assert row is not None  # noqa: S101 - a hole has no cell
            key = (rate, row.valid_from, row.published, row.place)
        if key in self._rows:
            return at(self.sheet, self._rows[key], self.VALUE)
        words, unit = self.words, self.tables.unit(rate)
        if by_hand is not None:
            stated = Cell(words(STATED))
            return self._add(key, by_hand, [Cell(rate), *_dates(), Cell(by_hand, "input"), Cell(unit, "id"), stated])
        assert row is not None  # noqa: S101
        self.used[f"{row.rate} {row.valid_from} {row.published}"] = row
        value = row.value if row.value is not None else ((row.low or 0.0) + (row.high or 0.0)) / 2
        source = self.tables.source(row.source)
        found = [
            Cell(rate),
            *_dates(row.valid_from, row.valid_to),
            Cell(value, "input"),
            Cell(unit, "id"),
            Cell(words(row.evidence)),
            Cell(source.title if source else words("assumed"), "long"),
            Cell(row.locator, "long"),
            Cell(row.written),
            Cell(row.published),
            Cell(row.low, "rate"),
            Cell(row.high, "rate"),
            Cell(source.publisher if source else "", "aside"),
            Cell(source.url if source else "", "link", source.url if source else ""),
            Cell(row.note, "aside"),
        ]
        return self._add(key, value, found)

    def threshold(self, value: float, unit: str, owner: str, law: str) -> Symbol:
        """A number that stands in the text of the law itself: the edge of a band, a limit."""
        key = ("threshold", owner, f"{value!r}")
        if key in self._rows:
            return at(self.sheet, self._rows[key], self.VALUE)
        label = Cell(self.words("in the text of the law"))
        return self._add(
            key, value, [Cell(owner), *_dates(), Cell(value, "input"), Cell(unit, "id"), label, Cell(law, "long")]
        )

    def members(self, label: str) -> None:
        """Keep a list of the tables for the sheet of lists."""
        if label in self.tables.lists and label not in self.book.lists:
            first = 2 + sum(len(self.tables.list_of(name)) for name in self.lists)
            self.lists[label] = None
            last = first + len(self.tables.list_of(label)) - 1
            self.book.lists[label] = at(self.lists_sheet, first, 1).symbol, at(self.lists_sheet, last, 1).symbol

    def write(self, sink: Sink) -> None:
        words = self.words
        sink.row(self.sheet, 0, [Cell(words("Rates: every number of a law or tariff that a bill uses"), "title")])
        sink.row(
            self.sheet,
            1,
            [
                Cell(
                    words(
                        "A rate can have several rows, one for each time it held. Change a value and the book follows."
                    )
                )
            ],
        )
        sink.row(self.sheet, 2, [Cell(words(text), "head") for text in self.HEADS])
        for number, cells in enumerate(self.cells, self.TOP):
            sink.row(self.sheet, number, cells)

    def write_lists(self, sink: Sink) -> None:
        words, sheet = self.words, self.lists_sheet
        sink.row(sheet, 0, [Cell(words("Lists of sectors and installations"), "title")])
        sink.row(
            sheet, 1, [Cell(words(text), "head") for text in ("list", "NACE class", "description", "title of the list")]
        )
        number = 2
        for name in self.lists:
            for member in sorted(self.tables.list_of(name)):
                title = str(self.tables.lists[name].get("title", ""))
                sink.row(
                    sheet,
                    number,
                    [Cell(name), Cell(member, "input_text"), Cell(self.tables.nace.get(member, "")), Cell(title, "id")],
                )
                number += 1


def _dates(first: str = "", last: str = "") -> list[Cell]:
    return [Cell(first), Cell(last)]


TEMPLATE_UNITS = {"MWh": "GWh", "kW": "MW", "EUR": "MEUR", "tCO2": "kt", "t": "kt"}


def write_template(sink: Sink, book: Book, tables: Tables, words: Words, count: int) -> None:
    """A sheet of plants to fill in, for `count` plants."""
    spec = Spec(names(words).plants, "", (46, 38, 10, 60, *(26,) * count), plant_table.HEADER + 1, 2)
    sink.sheet(spec)
    sheet = PlantsSheet(book, spec.name, (), tables, words, empty=count)
    explanation = "A column a plant. Leave out what you do not know: a default stands for it, and the output names it."
    sheet.write(sink, explanation, TEMPLATE_UNITS)
    sink.close()
