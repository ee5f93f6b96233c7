"""A sensitivity or a simulation as a workbook: what was reckoned, as numbers, with charts, and how it was made."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from levelfield import __version__
from levelfield.cli.files import beside, format_of, sink_of
from levelfield.comparison import Comparison
from levelfield.lang import Words
from levelfield.period import today
from levelfield.report.pages import Page, Table, as_markdown
from levelfield.report.rows import heading
from levelfield.report.uncertainty import (
    FIXED,
    SHARES,
    correlations_table,
    histogram,
    sensitivity_document,
    shape,
    simulation_document,
    simulation_pages,
    tornado_pages,
)
from levelfield.uncertain.sensitivity import Sensitivity
from levelfield.workbook.grid import Book, Cell
from levelfield.workbook.sheets import Chart, Sink, Spec

if TYPE_CHECKING:
    from levelfield.uncertain.simulation import Simulation, Spread

FORMATS = ("xlsx", "ods", "json", "md")
_DRAWN = 12  # bars of a tornado in the book
_SHARES = 7  # inputs in the chart of shares; the rest is one bar


def write_sensitivity(found: Sensitivity, output: str, command: str, words: Words) -> None:
    """To .xlsx, .ods, .md or .json. Raises UserError; no half file stays behind."""
    _write(
        output,
        words,
        lambda: tornado_pages(found, words),
        lambda: sensitivity_document(found),
        lambda sheets: _sensitivity(found, sheets, command),
    )


def write_simulation(found: Simulation, output: str, command: str, words: Words) -> None:
    """To .xlsx, .ods, .md or .json. Raises UserError; no half file stays behind."""
    _write(
        output,
        words,
        lambda: simulation_pages(found, words, full=True),
        lambda: simulation_document(found),
        lambda sheets: _simulation(found, sheets, command),
    )


def _write(
    output: str,
    words: Words,
    pages: Callable[[], Iterable[Page]],
    document: Callable[[], dict[str, Any]],
    book: Callable[[_Sheets], None],
) -> None:
    kind = format_of(output, None, FORMATS)
    with beside(Path(output), folder=False) as part:
        if kind == "md":
            part.write_text(as_markdown(pages()), encoding="utf-8")
        elif kind == "json":
            part.write_text(json.dumps(document(), ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
        else:
            sheets = _Sheets(kind, part, words)
            book(sheets)
            sheets.sink.close()


class _Sheets:
    """Sheets that are written row after row; nothing in them is a formula."""

    def __init__(self, kind: str, path: Path, words: Words) -> None:
        self.words = words
        self.sink: Sink = sink_of(kind, path, Book(), words)
        self.next: dict[str, int] = {}
        self.about: list[tuple[str, str]] = []

    def t(self, en: str, nl: str) -> str:
        return nl if self.words.language == "nl" else en

    def add(self, name: str, about: str, widths: tuple[float, ...], kept: int = 0) -> str:
        self.sink.sheet(Spec(name, about, widths, kept))
        self.next[name] = 0
        self.about.append((name, about))
        return name

    def row(self, sheet: str, *cells: Cell) -> int:
        number = self.next[sheet]
        self.sink.row(sheet, number, list(cells))
        self.next[sheet] += 1
        return number

    def head(self, sheet: str, texts: Sequence[str], numbers: Sequence[str]) -> int:
        named = [Cell(text, "head") for text in texts]
        return self.row(sheet, *named, *(Cell(text, "head_number") for text in numbers))

    def table(self, sheet: str, table: Table) -> None:
        self.head(sheet, table.head[: table.texts], table.head[table.texts :])
        for row in table.rows:
            self.row(sheet, *(Cell(text, "long") for text in row))

    def made(self, comparison: Comparison, command: str, more: Sequence[tuple[str, str]]) -> None:
        """The sheet that says how the book was made."""
        t, words = self.t, self.words
        sheet = self.add(t("About", "Verantwoording"), t("command, versions", "opdracht, versies"), (34, 110))
        switches = comparison.switches
        rows = [
            (t("command", "opdracht"), command),
            (words("plant"), heading(comparison)),
            *more,
            (
                words("switches"),
                f"{words('reliefs')} {switches.reliefs}, {words('procurement')} {switches.procurement}",
            ),
            *(
                (t("set by hand", "met de hand gezet"), f"{rate} = {value:g}")
                for rate, value in switches.settings.items()
            ),
            ("levelfield", __version__),
            (words("tables"), comparison.tables.hash),
            (words("as known on"), (comparison.tables.as_known_on or today()).isoformat()),
            *self.about[:-1],
            *((words("No bill"), fault) for faults in comparison.refusals.values() for fault in faults),
        ]
        self.row(sheet, Cell(t("How this book was made", "Hoe deze map is gemaakt"), "title"))
        for name, text in rows:
            self.row(sheet, Cell(name, "strong"), Cell(text, "long"))


def _amount(value: float | None, style: str = "amount") -> Cell:
    return Cell(None if value is None or math.isinf(value) else value, style)


# Sensitivity ----------------------------------------------------------------------------------------------------------


def _sensitivity(found: Sensitivity, sheets: _Sheets, command: str) -> None:
    t, comparison = sheets.t, found.comparison
    home = comparison.home
    texts = (t("input", "grootheid"),)
    numbers = (
        t("change at the low end", "verandering op het lage einde"),
        t("change at the high end", "verandering op het hoge einde"),
        t("gap at the low end", "verschil op het lage einde"),
        t("gap at the high end", "verschil op het hoge einde"),
        t("width", "breedte"),
    )
    for gap in comparison.gaps:
        other = gap.other.jurisdiction.id
        about = t(
            f"what moves the gap of {home} with {other}, EUR/MWh",
            f"wat het verschil van {home} met {other} beweegt, EUR/MWh",
        )
        sheet = sheets.add(f"{home} - {other}", about, (38, 14, 14, 14, 14, 14), 4)
        sheets.row(sheet, Cell(f"{home} − {other} · {heading(comparison)}", "title"))
        stated = t("the gap as stated, EUR/MWh", "het verschil zoals opgegeven, EUR/MWh")
        sheets.row(sheet, Cell(stated, "strong"), _amount(gap.eur_per_mwh))
        sheets.row(sheet)
        head = sheets.head(sheet, texts, numbers)
        ends = found.ends(other)
        for item in ends:
            changes = (None if end is None else end - item.stated for end in (item.low, item.high))
            cells = (*(_amount(value) for value in (*changes, item.low, item.high)), _amount(item.width))
            sheets.row(sheet, Cell(item.input.name), *cells)
        last = head + min(len(ends), _DRAWN)
        if last > head:
            series = tuple(((head, column), (head + 1, column, last, column)) for column in (1, 2))
            title = t(f"What moves the gap with {other}", f"Wat het verschil met {other} beweegt")
            said = t(
                "Bars: how far each input at its low and high end takes the gap from the stated one, the widest first.",
                "Staven: hoe ver elke grootheid op het lage en hoge einde het verschil verschuift, de breedste eerst.",
            )
            names = (head + 1, 0, last, 0)
            sheets.sink.chart(Chart(sheet, 3, 7, title, "EUR/MWh", names, series, False, said))
    _inputs_sheet(found, sheets)
    sheets.made(comparison, command, [])


def _inputs_sheet(found: Sensitivity, sheets: _Sheets) -> None:
    t, words = sheets.t, sheets.words
    about = t("the inputs, their ends, and each bill at them", "de grootheden, hun einden, en elke rekening daarbij")
    places = [bill.jurisdiction.id for bill in found.comparison.bills]
    sheet = sheets.add(t("Inputs", "Grootheden"), about, (38, 16, 44, *(14,) * (3 + 2 * len(places))), 1)
    bills = [f"{place} {words(end)}, EUR" for place in places for end in ("low", "high")]
    texts = (t("input", "grootheid"), t("unit", "eenheid"), t("range", "bereik"))
    sheets.head(sheet, texts, (words("low"), words("stated"), words("high"), *bills))
    for swing in found.swings:
        item = swing.input
        ends = (swing.low[place] if low else swing.high[place] for place in places for low in (True, False))
        values = (_amount(value, "rate") for value in (item.low, item.stated, item.high))
        named = (Cell(item.name), Cell(item.unit), Cell(words.text(item.range), "long"))
        sheets.row(sheet, *named, *values, *map(_amount, ends))


# Simulation -----------------------------------------------------------------------------------------------------------


def _simulation(found: Simulation, sheets: _Sheets, command: str) -> None:
    from levelfield.uncertain.distributions import BIT_GENERATOR

    t = sheets.t
    _outcome(found, sheets)
    if found.others:
        _histogram(found, sheets)
        _shares(found, sheets)
    _inputs(found, sheets)
    if found.blocks:
        about = t("correlations of the inputs", "correlaties van de grootheden")
        sheet = sheets.add(t("Correlations", "Correlaties"), about, (34, 34, 60, 12), 1)
        sheets.table(sheet, correlations_table(found, sheets.words))
    more = [
        (t("draws", "trekkingen"), str(found.draws)),
        ("seed", str(found.seed)),
        (t("random numbers", "toevalsgetallen"), f"NumPy {_numpy()}, {BIT_GENERATOR}"),
        (t("distributions", "verdelingen"), found.distributions.place),
        (t("held fixed", "vastgehouden"), ", ".join(found.fixed) or "–"),
        (t("left as stated", "zoals opgegeven"), sheets.words.text(FIXED)),
        *((sheets.words("No bill"), fault) for faults in found.refusals.values() for fault in faults),
    ]
    sheets.made(found.comparison, command, more)


def _numpy() -> str:
    import numpy

    return str(numpy.__version__)


def _outcome(found: Simulation, sheets: _Sheets) -> None:
    t, home = sheets.t, found.comparison.home
    about = t("how likely home is dearer, and quantiles", "hoe waarschijnlijk thuis duurder is, en kwantielen")
    sheet = sheets.add(t("Outcome", "Uitkomst"), about, (24, *(13,) * 9))
    title = t(f"How likely {home} is dearer", f"Hoe waarschijnlijk {home} duurder is")
    sheets.row(sheet, Cell(f"{title} · {heading(found.comparison)}", "title"))
    drawn = t(f"{found.draws} draws, seed {found.seed}", f"{found.draws} trekkingen, seed {found.seed}")
    sheets.row(sheet, Cell(drawn, "subtitle"))
    sheets.row(sheet)
    numbers = (t("chance", "kans"), t("standard error", "standaardfout"), t("of draws", "van trekkingen"))
    sheets.head(sheet, (t("neighbour", "buurland"),), numbers)
    for other in found.others:
        chance = found.dearer(other)
        count = Cell(float(round(chance.share * found.draws)), "year")
        sheets.row(sheet, Cell(other), Cell(chance.share, "percent"), Cell(chance.error, "rate"), count)
    sheets.row(sheet)
    names = (
        sheets.words("stated"),
        t("mean", "gemiddeld"),
        t("sd", "spreiding"),
        "5 %",
        "25 %",
        "50 %",
        "75 %",
        "95 %",
    )
    sheets.head(sheet, ("EUR/MWh",), names)
    for place in found.totals:
        sheets.row(sheet, Cell(place), *_spread(found.bill(place)))
    for other in found.others:
        sheets.row(sheet, Cell(f"{home} − {other}", "strong"), *_spread(found.gap(other)))


def _spread(spread: Spread) -> list[Cell]:
    return [Cell(value, "amount") for value in (spread.stated, spread.mean, spread.sd, *spread.quantiles)]


def _histogram(found: Simulation, sheets: _Sheets) -> None:
    t, drawn = sheets.t, histogram(found)
    about = t("the gap: how many of a hundred draws", "het verschil: hoeveel van de honderd trekkingen")
    sheet = sheets.add(t("Histogram", "Histogram"), about, (22, *(14,) * len(drawn.shares)), 1)
    head = sheets.head(sheet, ("EUR/MWh",), [f"{found.comparison.home} − {other} (%)" for other in drawn.shares])
    for number, name in enumerate(drawn.names(sheets.words)):
        cells = (Cell(100 * parts[number], "amount") for parts in drawn.shares.values())
        sheets.row(sheet, Cell(name), *cells)
    last = sheets.next[sheet] - 1
    series = tuple(((head, n), (head + 1, n, last, n)) for n in range(1, len(drawn.shares) + 1))
    title = drawn.title(sheets.words)
    said = t(
        "Bars: how many of a hundred draws put the gap with each neighbour within the stretch, EUR/MWh.",
        "Staven: bij hoeveel van de honderd trekkingen het verschil met elk buurland in het vak valt, EUR/MWh.",
    )
    place = (1, len(drawn.shares) + 2)
    sheets.sink.chart(Chart(sheet, *place, title, "%", (head + 1, 0, last, 0), series, False, said))


def _shares(found: Simulation, sheets: _Sheets) -> None:
    """The share of each gap's variance by input: neighbours in rows, so that a bar is a gap."""
    t, words = sheets.t, sheets.words
    about = t("the share of each input in the variance of a gap", "het aandeel van elke grootheid in de variantie")
    groups = list(dict.fromkeys(item.group for item in found.inputs))
    most = {group: max(parts.get(group, 0.0) for parts in found.shares.values()) for group in groups}
    groups.sort(key=lambda group: -most[group])
    shown, others = groups[:_SHARES], groups[_SHARES:]
    sheet = sheets.add(t("Shares", "Aandelen"), about, (24, *(16,) * (len(shown) + 2)))
    sheets.row(
        sheet, Cell(t("Share of the variance of a gap (%)", "Aandeel in de variantie van een verschil (%)"), "title")
    )
    sheets.row(sheet, Cell(words.text(SHARES), "id"))
    rest = (t("other inputs", "andere grootheden"), t("in combination", "in samenhang"))
    head = sheets.head(sheet, ("",), (*shown, *rest))
    for other in found.others:
        parts = found.shares[other]
        small = sum(parts.get(group, 0.0) for group in others)
        values = (*(parts.get(group, 0.0) for group in shown), small, max(0.0, 1 - sum(parts.values())))
        sheets.row(sheet, Cell(f"{found.comparison.home} − {other}"), *(Cell(100 * v, "amount") for v in values))
    last = sheets.next[sheet] - 1
    series = tuple(((head, n), (head + 1, n, last, n)) for n in range(1, len(shown) + 3))
    title = t("Where the uncertainty comes from", "Waar de onzekerheid vandaan komt")
    said = t(
        "Stacked bars: for each gap, which input makes how much of its variance, percent.",
        "Gestapelde staven: welke grootheid hoeveel van de variantie van elk verschil maakt, procent.",
    )
    chart = Chart(sheet, last + 2, 0, title, "%", (head + 1, 0, last, 0), series, True, said)
    sheets.row(sheet)
    sheets.sink.chart(chart._replace(row=sheets.next[sheet] + len(groups) + 2))
    sheets.head(sheet, (t("input", "grootheid"),), [f"{found.comparison.home} − {other} (%)" for other in found.others])
    for group in groups:
        values = tuple(found.shares[other].get(group, 0.0) for other in found.others)
        sheets.row(sheet, Cell(group), *(Cell(100 * value, "amount") for value in values))


def _inputs(found: Simulation, sheets: _Sheets) -> None:
    t = sheets.t
    about = t("how each input was drawn, and why so", "hoe elke grootheid is getrokken, en waarom")
    sheet = sheets.add(t("Inputs", "Grootheden"), about, (36, 26, 28, 70, 16, *(12,) * 6), 1)
    texts = (
        t("input", "grootheid"),
        t("moves with", "beweegt met"),
        t("distribution", "verdeling"),
        t("reason", "reden"),
        t("unit", "eenheid"),
    )
    sheets.head(sheet, texts, (sheets.words("stated"), "5 %", "25 %", "50 %", "75 %", "95 %"))
    for item in found.inputs:
        named = (item.name, item.group if item.group != item.name else "", shape(item.distribution, sheets.words))
        values = (_amount(value, "rate") for value in (item.stated, *item.quantiles))
        cells = (*(Cell(text) for text in named), Cell(item.distribution.reason, "long"), Cell(item.unit))
        sheets.row(sheet, *cells, *values)
