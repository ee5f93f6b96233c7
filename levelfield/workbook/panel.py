"""Several plants in one table: what each pays in each place, and the gap with each neighbour."""

from __future__ import annotations

from collections.abc import Sequence

from levelfield.comparison import Comparison
from levelfield.lang import Words
from levelfield.report.rows import DEFINITION
from levelfield.workbook.grid import Book, Cell, Span, Text, at
from levelfield.workbook.outputs import ComparisonBlock
from levelfield.workbook.sheets import Chart, Sink

HEAD, PLANT_COLUMNS = 2, 4
_GAP = "gap EUR/MWh electricity"


class Panel:
    """A row a plant; columns: plant, sector, cluster, offtake, a bill for each place, a gap for each neighbour."""

    def __init__(self, book: Book, sheet: str, home: str, places: Sequence[str], words: Words) -> None:
        self.book, self.sheet, self.home, self.words = book, sheet, home, words
        self.places = list(places)
        self.neighbours = [place for place in places if place != home]
        self.rows: list[list[Cell]] = []
        self.gaps: dict[str, list[float]] = {place: [] for place in self.neighbours}

    def add(self, comparison: Comparison, block: ComparisonBlock) -> None:
        plant = comparison.plant
        numbers = {cells.bill.jurisdiction.id: n for n, cells in enumerate(block.bills)}
        cells = [Cell(plant.name), Cell(plant.sector), Cell(plant.cluster), Cell(plant.offtake / 1000, "fixed")]
        for place in self.places:
            found = block.cell("EUR/MWh electricity", numbers[place]) if place in numbers else None
            cells.append(Cell(found, "amount"))
        for key, style in ((_GAP, "amount"), ("home above electricity", "percent")):
            for place in self.neighbours:
                held = numbers.get(place) in block.neighbours
                where = block.cell(key, numbers[place]) if held else None
                if where and key == _GAP:
                    self.gaps[place].append(self.book.number(where))
                cells.append(Cell(where, style))
        self.rows.append(cells)

    def _gaps_of(self, place: str) -> Span:
        column = PLANT_COLUMNS + len(self.places) + self.neighbours.index(place)
        return Span(at(self.sheet, HEAD + 1, column), at(self.sheet, HEAD + len(self.rows), column))

    def finding(self, place: str) -> Text:
        """'NL is dearer than DE for 21 of 24 plants', alive."""
        gaps, span = self.gaps[place], self._gaps_of(place)
        text = self.words(
            "{home} is dearer than {other} for {count} of {all} plants",
            home=self.home,
            other=place,
            count="\0",
            all="\1",
        )
        lead, rest = text.split("\0")
        middle, end = rest.split("\1")
        parts = (f'"{lead}"&COUNTIF(', span, f'␟">0")&"{middle}"&COUNT(', span, f')&"{end}"')
        return Text(parts, text.replace("\0", str(sum(gap > 0 for gap in gaps))).replace("\1", str(len(gaps))))

    def write(self, sink: Sink) -> None:
        words = self.words
        sink.row(self.sheet, 0, [Cell(words("All plants: all-in electricity, EUR/MWh"), "title")])
        sink.row(self.sheet, 1, [Cell(words(DEFINITION, home=self.home), "id")])
        heads = [words(text) for text in ("plant", "sector", "cluster", "GWh")]
        heads += self.places
        heads += [f"{self.home} − {place}" for place in self.neighbours]
        heads += [words("{home} above {other}", home=self.home, other=place) for place in self.neighbours]
        sink.row(self.sheet, HEAD, [Cell(text, "head") for text in heads])
        for number, cells in enumerate(self.rows, HEAD + 1):
            sink.row(self.sheet, number, cells)
        first, last = HEAD + 1, HEAD + len(self.rows)
        start = PLANT_COLUMNS + len(self.places)
        series = tuple(((HEAD, start + n), (first, start + n, last, start + n)) for n in range(len(self.neighbours)))
        if series:
            said = words("Bars: for each plant the gap with each neighbour in EUR/MWh.")
            sink.chart(
                Chart(
                    self.sheet,
                    last + 2,
                    0,
                    words("The gap by plant"),
                    "EUR/MWh",
                    (first, 0, last, 0),
                    series,
                    False,
                    said,
                )
            )
