"""Cells of a workbook. A formula is a tree of the law's own language, its leaves the cells it takes its values from.

So a cell's value and its formula cannot part: `Book.value` evaluates the tree, `excel` and `opendocument` write it.
A cell that is asked for a rate which the tables do not hold is #N/A, as long as no amount needs it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeAlias

from levelfield.expression import FLOATS, Const, In, Node, Op, Symbol, Value, evaluate

UNLIMITED = 1e99
"""Stands for infinity, which no spreadsheet knows: no cap binds, no intensity is reached."""
HOLE = "#N/A"

NA = Symbol("#N/A")


class Span(NamedTuple):
    """The cells from one to another."""

    first: Symbol
    last: Symbol


class Text(NamedTuple):
    """A formula in parts, for what trees do not say, such as a sentence: texts and cells in turn, and what it shows.

    The mark ␟ in a text stands for what parts the arguments of a function.
    """

    parts: tuple[str | Symbol | Span, ...]
    value: Value


Content: TypeAlias = Node | Text | str | float | None


class Cell(NamedTuple):
    content: Content
    style: str = "text"
    link: str = ""


class NotHeld(Exception):  # noqa: N818 - caught within the package
    """A cell that rests on a rate which the tables lack."""


def at(sheet: str, row: int, column: int) -> Symbol:
    """The cell of a sheet, row and column counted from 0."""
    return Symbol(f"{sheet}!{letters(column)}{row + 1}")


def letters(column: int) -> str:
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def is_formula(content: Content) -> bool:
    return isinstance(content, (Op, Symbol, In, Text))


class Book:
    """The values of all cells that formulas may ask for, by 'sheet!A1'; each is worked out when it is first needed."""

    operations = FLOATS

    def __init__(self) -> None:
        self.cells: dict[str, Content] = {}
        self.lists: dict[str, tuple[str, str]] = {}  # the first and last cell of a list
        self.nonzero: set[str] = set()  # cells that may be divided by

    def put(self, where: Symbol, content: Content) -> None:
        self.cells[where.symbol] = content

    def close(self, block: Iterable[Symbol], kept: Iterable[Symbol]) -> None:
        """Of a block that is written keep some cells, as the numbers they are by now, and forget the rest."""
        numbers = {where.symbol: self.value(where) for where in kept}
        for where in block:
            self.cells.pop(where.symbol, None)
        self.cells.update(numbers)

    def symbol(self, name: str) -> Value:
        content = self.cells.get(name, HOLE) if name != HOLE else HOLE
        if isinstance(content, tuple):
            content = self.value(content)
            self.cells[name] = content
        if content == HOLE:
            raise NotHeld(name)
        return "" if content is None else content

    def number(self, where: Symbol) -> float:
        """The value of a cell that holds a number."""
        return float(self.symbol(where.symbol))

    def rate(self, name: str) -> float:
        raise KeyError(name)

    def amount(self, charges: tuple[str, ...]) -> float:
        raise KeyError(charges)

    def value(self, content: Content) -> Value:
        """What a cell shows: its literal, or what its formula comes to; '#N/A' where a rate is not held."""
        if isinstance(content, Text):
            return content.value
        if not isinstance(content, tuple):
            return "" if content is None else content
        try:
            found = evaluate(content, self)
        except NotHeld:
            return HOLE
        if isinstance(found, float) and math.isinf(found):
            return math.copysign(UNLIMITED, found)
        return found


# Notation -------------------------------------------------------------------------------------------------------------

_LEVEL = {"<": 1, "<=": 1, ">": 1, ">=": 1, "==": 1, "!=": 1, "+": 2, "-": 2, "sum": 2, "*": 3, "/": 3}
_SIGN = {"==": "=", "!=": "<>", "sum": "+"}
_TRUTHS = {"<", "<=", ">", ">=", "==", "!=", "and", "or", "not"}


class Notation:
    """How a tree is written as a formula of a sheet. `ref` writes a cell or a range, `between` parts arguments."""

    between = ","

    def __init__(self, sheet: str, book: Book) -> None:
        self.sheet, self.book = sheet, book

    def ref(self, first: str, last: str = "") -> str:
        raise NotImplementedError

    def call(self, function: str, *args: str) -> str:
        return f"{function}({self.between.join(args)})"

    def write(self, content: Content) -> str:
        if isinstance(content, Text):
            return "".join(map(self.part, content.parts))
        return self.tree(content, 0, truth=False)  # type: ignore[arg-type]

    def part(self, part: str | Symbol | Span) -> str:
        if isinstance(part, Symbol):
            return self.ref(part.symbol)
        if isinstance(part, Span):
            return self.ref(part.first.symbol, part.last.symbol)
        return part.replace("␟", self.between)

    def tree(self, node: Node, level: int, *, truth: bool) -> str:
        """The tree; where no truth is wanted, a comparison is written so that it counts as 1 or 0."""
        if isinstance(node, Const):
            return self.constant(node.value)
        if isinstance(node, Symbol):
            return "NA()" if node.symbol == HOLE else self.ref(node.symbol)
        assert isinstance(node, (Op, In))  # noqa: S101 - rates and amounts are cells by now
        if isinstance(node, In) or node.op in _TRUTHS:
            text = self.truth(node, level if truth else 0)
            return text if truth else self.call("IF", text, "1", "0")
        return self.operation(node, level)

    def constant(self, value: Value) -> str:
        if isinstance(value, str):
            return '"' + value.replace('"', '""') + '"'
        if math.isinf(value):
            return "1E+99" if value > 0 else "-1E+99"
        return f"{value:.15G}"

    def truth(self, node: Op | In, level: int) -> str:
        if isinstance(node, In):
            return self.member(node)
        if node.op == "not":
            return self.call("NOT", self.tree(node.args[0], 0, truth=True))
        if node.op in ("and", "or"):
            return self.several(node)
        left, right = (self.tree(arg, 2, truth=False) for arg in node.args)
        text = f"{left}{_SIGN.get(node.op, node.op)}{right}"
        return f"({text})" if level > 1 else text

    def several(self, node: Op) -> str:
        """AND and OR look at all their arguments; where one is not held, IF stops before it as the law does."""
        tests = [self.tree(arg, 0, truth=True) for arg in node.args]
        if all(self.book.value(arg) != HOLE for arg in node.args):
            return self.call(node.op.upper(), *tests)
        *first, text = tests
        for test in reversed(first):
            text = self.call("IF", test, *((text, "FALSE") if node.op == "and" else ("TRUE", text)))
        return text

    def member(self, node: In) -> str:
        fact = self.tree(node.fact, 2, truth=False)
        if node.label in self.book.lists:
            return self.call("ISNUMBER", self.call("MATCH", fact, self.ref(*self.book.lists[node.label]), "0"))
        return self.call("OR", *(f"{fact}={self.constant(value)}" for value in sorted(node.values)))

    def operation(self, node: Op, level: int) -> str:
        op, args = node.op, node.args
        if op == "if":
            test = self.tree(args[0], 0, truth=True)
            return self.call("IF", test, *(self.tree(arg, 0, truth=False) for arg in args[1:]))
        if op in ("min", "max", "round"):
            return self.call(op.upper(), *(self.tree(arg, 0, truth=False) for arg in args))
        if op == "sum" and len(args) > 2 and (span := _span(args)):
            return self.call("SUM", self.ref(*span))
        mine = _LEVEL[op]
        if op == "/" and not isinstance(args[1], Const):
            above, below = (self.tree(arg, mine + i, truth=False) for i, arg in enumerate(args))
            if not (isinstance(args[1], Symbol) and args[1].symbol in self.book.nonzero):
                sign = f"{self.constant(UNLIMITED)}*{self.call('SIGN', above)}"
                return self.call("IF", f"{below}=0", sign, f"{above}/{below}")
        tight = [self.tree(arg, mine + (i > 0 and op in "-/"), truth=False) for i, arg in enumerate(args)]
        text = _SIGN.get(op, op).join(tight)
        return f"({text})" if mine < level else text


def _span(args: tuple[Node, ...]) -> tuple[str, str] | None:
    """The first and last of cells that stand in one unbroken row or column."""
    names = [arg.symbol if isinstance(arg, Symbol) else "" for arg in args]
    places = [re.fullmatch(r"(.+)!([A-Z]+)(\d+)", name) for name in names]
    if not all(places):
        return None
    cells = [(place[1], _number(place[2]), int(place[3])) for place in places if place]
    (sheet, column, row), *rest = cells
    down = all(cell == (sheet, column, row + i) for i, cell in enumerate(rest, 1))
    right = all(cell == (sheet, column + i, row) for i, cell in enumerate(rest, 1))
    return (names[0], names[-1]) if down or right else None


def _number(name: str) -> int:
    column = 0
    for letter in name:
        column = column * 26 + ord(letter) - 64
    return column


class Excel(Notation):
    def ref(self, first: str, last: str = "") -> str:
        sheet, _, cell = first.rpartition("!")
        span = f"{cell}:{last.rpartition('!')[2]}" if last else cell
        if sheet == self.sheet:
            return span
        return f"{sheet}!{span}" if re.fullmatch(r"[A-Za-z_]+", sheet) else f"'{sheet}'!{span}"


class OpenDocument(Notation):
    between = ";"

    def ref(self, first: str, last: str = "") -> str:
        sheet, _, cell = first.rpartition("!")
        there = "" if sheet == self.sheet else f"${sheet}" if re.fullmatch(r"[A-Za-z_]+", sheet) else f"$'{sheet}'"
        return f"[{there}.{cell}:.{last.rpartition('!')[2]}]" if last else f"[{there}.{cell}]"


Write: TypeAlias = Callable[[str, int, list[Cell]], None]
"""Takes a row of a sheet: its name, the row's number from 0, the cells from the first column on."""
