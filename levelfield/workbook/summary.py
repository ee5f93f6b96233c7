"""The first sheet: the finding in a sentence with its definition, the tables and charts it rests on."""

from __future__ import annotations

from levelfield.charges import CATEGORIES
from levelfield.comparison import Comparison
from levelfield.expression import Symbol
from levelfield.lang import Words
from levelfield.report.rows import DEFINITION, heading
from levelfield.workbook.grid import Book, Cell, Content, Text, at
from levelfield.workbook.outputs import ComparisonBlock
from levelfield.workbook.panel import Panel
from levelfield.workbook.sheets import Chart, Names, Sink


def write_summary(
    sink: Sink, book: Book, comparison: Comparison, block: ComparisonBlock, checks: Symbol, names: Names, words: Words
) -> None:
    """The finding, the bills by category, the gap and its drivers, drawn too."""
    sheet = names.summary
    number = 0

    def row(cells: list[Cell]) -> None:
        nonlocal number
        for column, cell in enumerate(cells):
            book.put(at(sheet, number, column), cell.content)
        sink.row(sheet, number, cells)
        number += 1

    row([Cell(words("Neighbour-country test"), "title")])
    row([Cell(heading(comparison), "subtitle")])
    row([])
    for n in block.neighbours:
        row([Cell(_sentence(book, block, n, comparison.home, words), "finding")])
    row([Cell(words(DEFINITION, home=comparison.home), "id")])
    row([Cell(_alright(checks, words), "id")])
    row([])
    places = [cells.bill.jurisdiction.id for cells in block.bills]
    head = number
    row([Cell("EUR/MWh", "head"), *(Cell(place, "head_number") for place in places)])
    first = number
    shown = [category for category in CATEGORIES if category != "co2"]
    for name in (*shown, "electricity", "co2", "all-in electricity and direct CO2", "low", "high"):
        style = "total" if name in ("electricity", "all-in electricity and direct CO2") else "amount"
        row([Cell(words(name)), *(Cell(block.cell(f"EUR/MWh {name}", n), style) for n in range(len(places)))])
    row([])
    gap_head = number
    others = [place if n in block.neighbours else "" for n, place in enumerate(places)]
    row(
        [
            Cell(words("What drives it (EUR/MWh, {home} less the neighbour)", home=comparison.home), "head"),
            *(Cell(p, "head_number") for p in others),
        ]
    )
    gap_first = number
    for category in CATEGORIES:
        row([Cell(words(category)), *(_driver(block, f"driver {category}", n, "amount") for n in range(len(places)))])
    row([Cell(words("sum"), "strong"), *(_driver(block, "drivers", n, "total") for n in range(len(places)))])
    row([])
    row(
        [
            Cell(words("Evidence (share of the amounts by grade)"), "head"),
            *(Cell(place, "head_number") for place in places),
        ]
    )
    for grade in ("official", "secondary", "recalled", "assumed", "stated"):
        row([Cell(words(grade)), *(Cell(cells.sums[f"share {grade}"], "percent") for cells in block.bills)])
    right = 2 + len(places)
    said = words(
        "Stacked bars: for each country the categories of the bill in EUR/MWh; compensation counts below zero."
    )
    series = tuple(((r, 0), (r, 1, r, len(places))) for r in range(first, first + len(shown)))
    heads = (head, 1, head, len(places))
    sink.chart(Chart(sheet, 2, right, words("What the plant pays"), "EUR/MWh", heads, series, True, said))
    if block.neighbours:
        said = words("Stacked bars: for each neighbour what each category adds to the gap in EUR/MWh.")
        series = tuple(((r, 0), (r, 2, r, len(places))) for r in range(gap_first, gap_first + len(CATEGORIES)))
        heads = (gap_head, 2, gap_head, len(places))
        sink.chart(Chart(sheet, 24, right, words("What makes the gap"), "EUR/MWh", heads, series, True, said))


def write_panel_summary(sink: Sink, panel: Panel, checks: Symbol, names: Names, words: Words) -> None:
    """For several plants: of how many the home country is the dearer one, and the panel drawn."""
    rows: list[list[Cell]] = [
        [Cell(words("Neighbour-country test"), "title")],
        [Cell(words("{count} plants", count=len(panel.rows)), "subtitle")],
        [],
        *([Cell(panel.finding(place), "finding")] for place in panel.neighbours),
        [Cell(words("Per plant: see {sheet}.", sheet=names.panel), "id")],
        [Cell(_alright(checks, words), "id")],
    ]
    for number, cells in enumerate(rows):
        sink.row(names.summary, number, cells)


def _alright(checks: Symbol, words: Words) -> Text:
    yes, no = words("All checks are zero."), words("A check is not zero: see the sheet of checks.")
    return Text(("IF(", checks, f'=0␟"{yes}"␟"{no}")'), yes)


def _driver(block: ComparisonBlock, key: str, n: int, style: str) -> Cell:
    return Cell(block.cell(key, n), style) if n in block.neighbours else Cell(None)


def _sentence(book: Book, block: ComparisonBlock, n: int, home: str, words: Words) -> Content:
    """'NL costs 29.87 EUR/MWh more than DE: NL is 50.3 % above DE; DE is 33.5 % below NL', alive."""
    other = block.bills[n].bill.jurisdiction.id
    gap, above, below = (
        block.cell(key, n) for key in ("gap EUR/MWh electricity", "home above electricity", "other below electricity")
    )
    eur, up, down = (book.symbol(cell.symbol) for cell in (gap, above, below))
    more = float(eur) >= 0
    text = words(
        f"{{home}} costs {{amount}} EUR/MWh {'more' if more else 'less'} than {{other}}",
        home=home,
        other=other,
        amount=words.number(abs(float(eur))),
    )
    side = ("above", "below") if more else ("below", "above")
    shares = f"{{home}} is {{above}} {side[0]} {{other}}; {{other}} is {{below}} {side[1]} {{home}}"
    if not isinstance(up, str) and not isinstance(down, str):
        text += ": " + words(
            shares, home=home, other=other, above=words.percent(abs(up)), below=words.percent(abs(down))
        )
    parts: list[str | Symbol] = ["IF(", gap, ">=0␟"]
    for number, verb in enumerate(("more", "less")):
        pieces = words(
            f"{{home}} costs {{amount}} EUR/MWh {verb} than {{other}}", home=home, other=other, amount="\0"
        ).split("\0")
        side = ("above", "below") if verb == "more" else ("below", "above")
        said = words(
            f"{{home}} is {{above}} {side[0]} {{other}}; {{other}} is {{below}} {side[1]} {{home}}",
            home=home,
            other=other,
            above="\1",
            below="\2",
        )
        lead, rest = said.split("\1")
        middle, end = rest.split("\2")
        parts += [f'"{pieces[0]}"&FIXED(ABS(', gap, f')␟2)&"{pieces[1]}: {lead}"&FIXED(100*ABS(', above]
        parts += [f')␟1)&" %{middle}"&FIXED(100*ABS(', below, f')␟1)&" %{end}"', "␟" if number == 0 else ")"]
    return Text(tuple(parts), text)
