"""The sheets that a reader reads: a bill for each jurisdiction, the comparison, the years, the panel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from levelfield.bill import Bill
from levelfield.charges import CATEGORIES
from levelfield.comparison import Comparison
from levelfield.expression import ZERO, Const, Node, Op, Symbol, Value
from levelfield.lang import Words
from levelfield.tables import GRADES, STATED, worst_grade
from levelfield.workbook.facts import over
from levelfield.workbook.grid import Book, Cell, Content, Span, Text, at
from levelfield.workbook.workings import LineCells, Workings, total

NAME, CATEGORY, QUANTITY, QUANTITY_UNIT, RATE, RATE_UNIT, AMOUNT, PER_MWH, EVIDENCE, LAW, ID, SOURCE = range(12)
BILL_HEADS = (
    "charge",
    "category",
    "quantity",
    "unit",
    "rate",
    "unit",
    "amount",
    "EUR/MWh",
    "evidence",
    "law",
    "name in the tables",
    "source",
)
ELECTRICITY = CATEGORIES[:-1]


class BillCells(NamedTuple):
    """Where a bill's results stand: its categories and sums by name, in EUR, and the offtake."""

    bill: Bill
    sums: Mapping[str, Symbol]
    offtake: Symbol


class BillBlock:
    """The rows of one plant's bill, from row `top` of a sheet on."""

    def __init__(self, book: Book, sheet: str, top: int, bill: Bill, blocks: Sequence[Workings], words: Words) -> None:
        self.book, self.sheet, self.words, self.bill = book, sheet, words, bill
        self.top = top
        self.rows: list[list[Cell]] = []
        self.sums: dict[str, Symbol] = {}
        plant = blocks[0].year.plant.name
        self._add([])
        self._add([Cell(f"{plant} · {words.name(bill.jurisdiction.name)} · {bill.start} – {bill.end}", "title")])
        numbers = ("quantity", "rate", "amount", "EUR/MWh")
        self._add([Cell(words(text), "head_number" if text in numbers else "head") for text in BILL_HEADS])
        offtake = total([block.period("offtake") for block in blocks])
        self.offtake = at(sheet, self._next(), AMOUNT)
        self._add(
            [Cell(words("offtake in the period")), *_blank(AMOUNT - 1), Cell(offtake, "amount"), Cell("MWh", "id")]
        )
        book.nonzero.add(self.offtake.symbol)
        first = self._next()
        spans = self._lines(_by_line(blocks))
        self.last_line = self._next() - 1
        self.first_line = first
        for category in CATEGORIES:
            self._sum(category, spans.get(category, ZERO))
        self._sum("electricity", total([self.sums[category] for category in ELECTRICITY]), "total")
        self._sum("all-in electricity and direct CO2", Op("+", (self.sums["electricity"], self.sums["co2"])), "total")
        self.total = self.sums["all-in electricity and direct CO2"]
        self._ends()
        self._evidence()

    def _next(self) -> int:
        return self.top + len(self.rows)

    def _add(self, cells: list[Cell]) -> None:
        for column, cell in enumerate(cells):
            self.book.put(at(self.sheet, self._next(), column), cell.content)
        self.rows.append(cells)

    def _lines(self, found: Mapping[str, list[tuple[Workings, LineCells]]]) -> dict[str, Node]:
        """The lines; gives the sum of each category."""
        known = {line.charge: line for line in self.bill.lines}
        cells: dict[str, list[Symbol]] = {}
        for key, parts in found.items():
            block, line = parts[0]
            charge, number = line.charge, self._next()
            amount = at(self.sheet, number, AMOUNT)
            quantities = [part.quantity for _, part in parts if part.quantity]
            units = line.units if len(quantities) == len(parts) else ("", "")
            quantity: Content = total(quantities) if units[0] else None
            rate: Content = None
            if units[0]:
                where = at(self.sheet, number, QUANTITY)
                rate = Op("if", (Op("==", (where, ZERO)), ZERO, Op("/", (amount, where))))
                self.book.nonzero.add(where.symbol)
            shown = known.get(key)
            name = self.words.name(charge.name) + (f", {line.part}" if line.part else "")
            grade = shown.evidence if shown else _grade(block, charge.key)
            self._add(
                [
                    Cell(name),
                    Cell(self.words(charge.category)),
                    Cell(quantity, "amount"),
                    Cell(units[0], "id"),
                    Cell(rate, "rate"),
                    Cell(units[1], "id"),
                    Cell(total([part.amount for _, part in parts]), "amount"),
                    Cell(over(amount, self.offtake), "amount"),
                    Cell(self.words(grade)),
                    Cell(charge.law, "long"),
                    Cell(key, "id"),
                    Cell(shown.source if shown else "", "aside"),
                ]
            )
            cells.setdefault(charge.category, []).append(amount)
        return {category: total(list(amounts)) for category, amounts in cells.items()}

    def _sum(self, name: str, node: Node, style: str = "amount") -> None:
        where = at(self.sheet, self._next(), AMOUNT)
        self.sums[name] = where
        label = Cell(self.words(name), "strong" if style == "total" else "text")
        self._add([label, *_blank(AMOUNT - 1), Cell(node, style), Cell(over(where, self.offtake), style)])

    def _ends(self) -> None:
        """Low and high are reckoned at export: they show as long as the total is the one they belong to."""
        bill, words = self.bill, self.words
        exported = at(self.sheet, self._next(), AMOUNT)
        self.sums["exported"] = exported
        self._add([Cell(words("total as levelfield reckoned it")), *_blank(AMOUNT - 1), Cell(bill.total, "fixed")])
        changed = at(self.sheet, self._next(), AMOUNT)
        self.sums["changed"] = changed
        difference = Op("round", (Op("-", (self.total, exported)), Const(2.0)))
        self._add([Cell(words("changed since by")), *_blank(AMOUNT - 1), Cell(difference, "check")])
        for name, end in (("low", round(bill.low, 2)), ("high", round(bill.high, 2))):
            where = at(self.sheet, self._next(), AMOUNT)
            self.sums[name] = where
            note = words("export the book again")
            shown = Text(("IF(", changed, f'=0␟{end!r}␟"{note}")'), end)
            per_mwh = Text(("IF(", changed, "=0␟", where, "/", self.offtake, '␟"")'), end / bill.offtake)
            self._add([Cell(words(name)), *_blank(AMOUNT - 1), Cell(shown, "amount"), Cell(per_mwh, "amount")])

    def _evidence(self) -> None:
        amounts = Span(at(self.sheet, self.first_line, AMOUNT), at(self.sheet, self.last_line, AMOUNT))
        grades = Span(at(self.sheet, self.first_line, EVIDENCE), at(self.sheet, self.last_line, EVIDENCE))
        shares = self.bill.evidence_share()
        for grade in (*GRADES, STATED):
            where = at(self.sheet, self._next(), AMOUNT)
            self.sums[f"share {grade}"] = where
            parts = (
                "SUMPRODUCT((",
                grades,
                f'="{self.words(grade)}")*ABS(',
                amounts,
                "))/SUMPRODUCT(ABS(",
                amounts,
                "))",
            )
            label = f"{self.words('evidence')}: {self.words(grade)}"
            self._add([Cell(label), *_blank(AMOUNT - 1), Cell(Text(parts, shares.get(grade, 0.0)), "percent")])

    def amounts(self) -> list[Symbol]:
        return [at(self.sheet, row, AMOUNT) for row in range(self.first_line, self.last_line + 1)]

    def close(self) -> BillCells:
        """The results; the rest of the block's cells are forgotten."""
        rows = range(self.top, self.top + len(self.rows))
        every = (at(self.sheet, row, column) for row in rows for column in range(len(BILL_HEADS)))
        self.book.close(every, [*self.sums.values(), self.offtake])
        return BillCells(self.bill, self.sums, self.offtake)


def _by_line(blocks: Sequence[Workings]) -> dict[str, list[tuple[Workings, LineCells]]]:
    """The lines of all years and options under one name, in the order of the bill."""
    found: dict[str, list[tuple[Workings, LineCells]]] = {}
    for block in blocks:
        for line in block.lines():
            key = f"{line.charge.id}.{line.part}" if line.part else line.charge.id
            found.setdefault(key, []).append((block, line))
    return dict(sorted(found.items(), key=lambda item: CATEGORIES.index(item[1][0][1].charge.category)))


def _grade(block: Workings, key: str) -> str:
    """The evidence of a line that comes to nothing: the worst of the rates it may use."""
    year = block.year
    rows = [year.row(rate, index) for rate in year.needs[key].rates for index in year.inside]
    return worst_grade({row.evidence for row in rows if row})


def _blank(count: int) -> list[Cell]:
    return [Cell(None)] * count


# Comparison -----------------------------------------------------------------------------------------------------------

_ABOVE = {
    "home above": "{home} above the neighbour: ({home} − other) ÷ other",
    "other below": "the neighbour below {home}: ({home} − other) ÷ {home}",
}


def year_rows(blocks: Mapping[str, Sequence[Workings]], places: Sequence[str]) -> list[list[Cell]]:
    """A row a year: the all-in electricity of each place in EUR/MWh."""
    rows = []
    for n, block in enumerate(next(iter(blocks.values()))):
        cells = [Cell(block.year.plant.name), Cell(float(block.year.year), "year")]
        for place in places:
            found = blocks[place][n] if place in blocks else None
            node = over(found.period("electricity"), found.period("offtake")) if found else None
            cells.append(Cell(node, "amount"))
        rows.append(cells)
    return rows


class ComparisonBlock:
    """A plant's bills side by side, the gap by its two definitions, and what drives it."""

    def __init__(
        self, book: Book, sheet: str, top: int, comparison: Comparison, bills: Sequence[BillCells], words: Words
    ) -> None:
        self.book, self.sheet, self.top, self.words = book, sheet, top, words
        self.rows: list[list[Cell]] = []
        self.bills = bills
        self.home = comparison.home
        home_too = any(cells.bill.jurisdiction.id == self.home for cells in bills)
        self.neighbours = [n for n, cells in enumerate(bills) if home_too and cells.bill.jurisdiction.id != self.home]
        self.at: dict[str, int] = {}  # the row of each result
        places = [cells.bill.jurisdiction.id for cells in bills]
        self._add([])
        self._add([Cell(f"{comparison.plant.name} · {comparison.start} – {comparison.end}", "title")])
        shown = [c for c in CATEGORIES if c != "co2"]
        for unit in ("EUR/MWh", "EUR"):
            self._add([Cell(words(unit), "head"), *(Cell(place, "head_number") for place in places)], f"head {unit}")
            for name in (*shown, "electricity", "co2", "all-in electricity and direct CO2", "low", "high"):
                style = "total" if name in ("electricity", "all-in electricity and direct CO2") else "amount"
                cells = [self._result(cells, name, unit) for cells in bills]
                self._add([Cell(words(name)), *(Cell(cell, style) for cell in cells)], f"{unit} {name}")
            self._add([])
        if self.neighbours:
            self._gap()
            self._drivers()

    def _add(self, cells: list[Cell], key: str = "") -> None:
        if key:
            self.at[key] = self.top + len(self.rows)
        for column, cell in enumerate(cells):
            self.book.put(at(self.sheet, self.top + len(self.rows), column), cell.content)
        self.rows.append(cells)

    def _result(self, cells: BillCells, name: str, unit: str) -> Content:
        where = cells.sums[name]
        if unit == "EUR":
            return where
        if name in ("low", "high"):
            value = self.book.number(where) / cells.bill.offtake
            return Text(("IF(ISNUMBER(", where, ")␟", where, "/", cells.offtake, '␟"")'), value)
        return over(where, cells.offtake)

    def cell(self, key: str, place: int) -> Symbol:
        """The cell of a result ('EUR/MWh electricity', 'gap EUR') of a bill by its number."""
        return at(self.sheet, self.at[key], 1 + place)

    def _home(self) -> int:
        return next(n for n, cells in enumerate(self.bills) if cells.bill.jurisdiction.id == self.home)

    def _across(self, label: str, key: str, make: Callable[[int], Content], style: str) -> None:
        """A row of what `make` gives for each neighbour."""
        cells = [Cell(make(n), style) if n in self.neighbours else Cell(None) for n in range(len(self.bills))]
        self._add([Cell(label), *cells], key)

    def _heads(self, label: str) -> None:
        places = [cells.bill.jurisdiction.id if n in self.neighbours else "" for n, cells in enumerate(self.bills)]
        self._add([Cell(label, "head"), *(Cell(place, "head_number") for place in places)])

    def _gap(self) -> None:
        words = self.words
        self._heads(words("{home} less the neighbour", home=self.home))
        for name in ("electricity", "all-in electricity and direct CO2"):
            for unit in ("EUR/MWh", "EUR"):
                self._across(
                    f"{words(name)} ({unit})", f"gap {unit} {name}", partial(self._less, f"{unit} {name}"), "amount"
                )
            for kind, text in _ABOVE.items():
                label = f"{words(name)}: {words(text, home=self.home)}"
                self._across(label, f"{kind} {name}", partial(self._share, name, kind), "percent")
        self._add([])

    def _less(self, key: str, other: int) -> Node:
        return Op("-", (self.cell(key, self._home()), self.cell(key, other)))

    def _share(self, name: str, kind: str, other: int) -> Text:
        """The gap over the other's bill or over that of home; a dash where that is not above zero."""
        gap = self.cell(f"gap EUR/MWh {name}", other)
        below = self.cell(f"EUR/MWh {name}", other if kind == "home above" else self._home())
        value = self.book.number(below)
        shown: Value = self.book.number(gap) / value if value > 0 else "–"
        return Text(("IF(", below, ">0␟", gap, "/", below, '␟"–")'), shown)

    def _drivers(self) -> None:
        words = self.words
        self._heads(words("What drives it (EUR/MWh, {home} less the neighbour)", home=self.home))
        for category in CATEGORIES:
            self._across(words(category), f"driver {category}", partial(self._less, f"EUR/MWh {category}"), "amount")
        self._across(words("sum"), "drivers", self._sum_of_drivers, "total")

    def _sum_of_drivers(self, other: int) -> Node:
        return total([self.cell(f"driver {category}", other) for category in CATEGORIES])
