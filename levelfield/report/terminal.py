"""A comparison for a person at a terminal: 80 columns, colour only where the terminal has it, plain when piped."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator

from levelfield.comparison import Comparison
from levelfield.lang import Words
from levelfield.period import today
from levelfield.report.rows import DEFINITION, Row, category_rows, drivers, evidence, gap_sentences, heading

Line = tuple[str, str]  # text and style

_BAR = 24
_NARROW, _WIDE = 80, 110


def print_comparison(comparison: Comparison, words: Words) -> None:
    print_lines(lambda width: comparison_lines(comparison, words, width))


def print_lines(render: Callable[[int], Iterable[Line]]) -> None:
    """Write lines for a width to standard output; rich is asked only for the colours of a terminal."""
    terminal = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    width = min(shutil.get_terminal_size((_NARROW, 24)).columns, _WIDE) if sys.stdout.isatty() else _NARROW
    lines = render(width)
    if not terminal:
        sys.stdout.write("".join(f"{text}\n" for text, _ in lines))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    for text, style in lines:
        console.print(Text(text, style=style))


def comparison_lines(comparison: Comparison, words: Words, width: int = _NARROW) -> Iterator[Line]:
    yield heading(comparison), "bold"
    places = [bill.jurisdiction.id for bill in comparison.bills]
    for title, rows in category_rows(comparison, words):
        yield "", ""
        yield from table(title, places, rows)
    if comparison.gaps:
        yield from _gaps(comparison, words, width)
    yield "", ""
    yield words("Evidence (share of the amounts by grade)"), "bold"
    for bill in comparison.bills:
        yield f"  {bill.jurisdiction.id:8}{evidence(bill, words)}", ""
    yield from _reliefs(comparison, words)
    yield from _notes(comparison, words, width)


def table(title: str, places: list[str], rows: list[Row]) -> Iterator[Line]:
    """A table of right-aligned columns under their names."""
    first = max(len(title), *(len(name) for name, _, _ in rows)) + 1
    cells = [[place, *(found[i] for _, found, _ in rows)] for i, place in enumerate(places)]
    widths = [max(len(cell) for cell in column) + 2 for column in cells]
    names, totals = [title, *(name for name, _, _ in rows)], [False, *(total for _, _, total in rows)]
    for number, (name, total) in enumerate(zip(names, totals, strict=True)):
        text = "".join(column[number].rjust(wide) for column, wide in zip(cells, widths, strict=True))
        yield f"{name:{first}}{text}", "bold" if total else "dim" if number == 0 else ""


def _gaps(comparison: Comparison, words: Words, width: int) -> Iterator[Line]:
    home = comparison.home
    yield "", ""
    yield words("The gap"), "bold"
    for sentence in gap_sentences(comparison, words):
        yield from wrapped(sentence.strip(), "    " if sentence.startswith(" ") else "  ", width)
    yield from wrapped(words(DEFINITION, home=home), "  ", width, "dim")
    yield "", ""
    yield words("What drives it (EUR/MWh, {home} less the neighbour)", home=home), "bold"
    found = drivers(comparison)
    widest = max((abs(value) for _, parts in found for _, value in parts), default=1.0)
    for place, parts in found:
        for number, (category, value) in enumerate(parts):
            bar = ("█" if value > 0 else "░") * max(1, round(abs(value) / widest * _BAR))
            label = place if number == 0 else ""
            yield f"  {label:8}{words(category):14}{words.number(value, sign=True):>9}  {bar}", ""


def _reliefs(comparison: Comparison, words: Words) -> Iterator[Line]:
    """Reliefs that the plant could have and does not state."""
    found = [(b, r) for b in comparison.bills for r in b.reliefs if r.status == "not stated" and r.amount < -0.5]
    if not found:
        return
    yield "", ""
    yield words("Reliefs"), "bold"
    for bill, relief in found:
        saved = words.number(-relief.amount / 1e6, 3)
        yield f"  {bill.jurisdiction.id:8}{relief.claim}: {words('not stated')}; {words('would save')} {saved} MEUR", ""


def _notes(comparison: Comparison, words: Words, width: int) -> Iterator[Line]:
    yield "", ""
    yield words("Notes"), "bold"
    for warning in comparison.warnings:
        yield from wrapped(words.text(warning), "  • ", width)
    tables, switches = comparison.tables, comparison.switches
    known = (tables.as_known_on or today()).isoformat()
    stated = (
        f"{words('switches')}: {words('reliefs')} {switches.reliefs}, {words('procurement')} {switches.procurement}"
    )
    stated += "" if switches.compensation else f", {words('no compensation')}"
    stated += "".join(f", {rate} = {value:g}" for rate, value in switches.settings.items())
    stated += f" · {words('tables')} {tables.hash[:12]}, {words('as known on')} {known}"
    yield from wrapped(stated, "  • ", width)


def wrapped(text: str, lead: str, width: int, style: str = "") -> Iterator[Line]:
    """A paragraph with a hanging indent."""
    for line in textwrap.wrap(text, width, initial_indent=lead, subsequent_indent=" " * len(lead)):
        yield line, style
