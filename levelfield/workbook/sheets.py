"""The sheets of the workbook: their names, columns and print set-up, and what is asked of a writer of them."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from levelfield.lang import Words
from levelfield.workbook.grid import Cell


class Spec(NamedTuple):
    """A sheet: its name, what it holds, its columns, and how many rows and columns stay in view."""

    name: str
    about: str
    widths: tuple[float, ...]  # in characters
    rows_kept: int = 0
    columns_kept: int = 0
    printed: int = 0  # the columns that are printed; all if 0


Area = tuple[int, int, int, int]
"""First row, first column, last row, last column, from 0."""


class Chart(NamedTuple):
    """Bars, drawn at a cell of the sheet that holds their numbers: for each series its name's cell and its values."""

    sheet: str
    row: int
    column: int
    title: str
    unit: str
    categories: Area
    series: tuple[tuple[tuple[int, int], Area], ...]
    stacked: bool
    description: str  # for those who do not see it


class Sink(Protocol):
    """Writes a book, row after row: the rows of one sheet come in order, those of several sheets may mix."""

    def sheet(self, spec: Spec) -> None: ...
    def row(self, sheet: str, number: int, cells: list[Cell]) -> None: ...
    def choices(self, sheet: str, row: int, columns: tuple[int, int], values: tuple[str, ...]) -> None: ...
    def chart(self, chart: Chart) -> None: ...
    def close(self) -> None: ...


class Names(NamedTuple):
    """The names of the sheets in the reader's language."""

    summary: str
    panel: str
    plants: str
    rates: str
    lists: str
    comparison: str
    years: str
    sources: str
    checks: str
    about: str

    def bill(self, place: str, words: Words) -> str:
        return f"{words('Bill')} {place}"

    def work(self, place: str, words: Words) -> str:
        return f"{words('Workings')} {place}"


_ENGLISH = Names("Summary", "Panel", "Plants", "Rates", "Lists", "Comparison", "Years", "Sources", "Checks", "About")
_DUTCH = Names(
    "Samenvatting",
    "Panel",
    "Bedrijven",
    "Tarieven",
    "Lijsten",
    "Vergelijking",
    "Jaren",
    "Bronnen",
    "Controles",
    "Verantwoording",
)


def names(words: Words) -> Names:
    return _DUTCH if words.language == "nl" else _ENGLISH
