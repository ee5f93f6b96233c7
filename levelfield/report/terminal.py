"""A comparison for a person at a terminal: 80 columns, plain when piped."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING

from levelfield.comparison import Comparison
from levelfield.lang import Words
from levelfield.period import today
from levelfield.report.rows import category_rows, drivers, evidence, gap_sentences, heading, notes

if TYPE_CHECKING:
    from rich.console import Console

_BAR = 24


def make_console() -> Console:
    """Standard output; 80 columns where it is no terminal, without colour there or with NO_COLOR."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else 80
    return Console(highlight=False, width=width, soft_wrap=False, emoji=False, markup=False)


def print_comparison(comparison: Comparison, words: Words) -> None:
    from rich.table import Table
    from rich.text import Text

    console = make_console()
    console.print(Text(heading(comparison), style="bold"))
    console.print()
    for title, rows in category_rows(comparison, words):
        table = Table(box=None, pad_edge=False, show_edge=False)
        table.add_column(title, no_wrap=True)
        for bill in comparison.bills:
            table.add_column(bill.jurisdiction.id, justify="right", no_wrap=True)
        for name, cells, total in rows:
            table.add_row(name, *cells, style="bold" if total else None)
        console.print(table)
        console.print()
    if comparison.gaps:
        _gaps(console, comparison, words)
    console.print(Text(words("Evidence (share of the amounts by grade)"), style="bold"))
    for bill in comparison.bills:
        console.print(f"  {bill.jurisdiction.id:8}{evidence(bill, words)}")
    _reliefs(console, comparison, words)
    _notes(console, comparison, words)


def _gaps(console: Console, comparison: Comparison, words: Words) -> None:
    from rich.text import Text

    home = comparison.home
    console.print(Text(words("The gap"), style="bold"))
    for sentence in gap_sentences(comparison, words):
        _wrapped(console, sentence.strip(), "    " if sentence.startswith(" ") else "  ")
    definition = words(
        "'above' is ({home} − other) ÷ other, 'below' is ({home} − other) ÷ {home}: not the same number", home=home
    )
    _wrapped(console, definition, "  ", "dim")
    console.print()
    console.print(Text(words("What drives it (EUR/MWh, {home} less the neighbour)", home=home), style="bold"))
    found = drivers(comparison)
    widest = max((abs(value) for _, parts in found for _, value in parts), default=1.0)
    for place, parts in found:
        for number, (category, value) in enumerate(parts):
            bar = "█" * max(1, round(abs(value) / widest * _BAR))
            label = place if number == 0 else ""
            shown = words.number(value, sign=True)
            console.print(f"  {label:8}{words(category):14}{shown:>9}  {bar if value > 0 else bar.replace('█', '░')}")
    console.print()


def _reliefs(console: Console, comparison: Comparison, words: Words) -> None:
    """Reliefs that the plant could have and does not state."""
    from rich.text import Text

    open_ = [
        (bill, r) for bill in comparison.bills for r in bill.reliefs if r.status == "not stated" and r.amount < -0.5
    ]
    if not open_:
        return
    console.print()
    console.print(Text(words("Reliefs"), style="bold"))
    for bill, relief in open_:
        saved = words.number(-relief.amount / 1e6, 3)
        console.print(
            f"  {bill.jurisdiction.id:8}{relief.claim}: {words('not stated')}; {words('would save')} {saved} MEUR"
        )


def _notes(console: Console, comparison: Comparison, words: Words) -> None:
    from rich.text import Text

    console.print()
    console.print(Text(words("Notes"), style="bold"))
    for note in notes(comparison):
        _wrapped(console, note, "  • ")
    tables, switches = comparison.tables, comparison.switches
    known = (tables.as_known_on or today()).isoformat()
    stated = f"{words('switches')}: {words('reliefs')} {switches.reliefs}"
    stated += "".join(f", {rate} = {value:g}" for rate, value in switches.settings.items())
    _wrapped(console, f"{stated} · {words('tables')} {tables.hash[:12]}, {words('as known on')} {known}", "  • ")


def _wrapped(console: Console, text: str, lead: str, style: str = "") -> None:
    """A paragraph with a hanging indent; no blanks at the ends of lines."""
    from rich.text import Text

    filled = textwrap.fill(text, console.width, initial_indent=lead, subsequent_indent=" " * len(lead))
    console.print(Text(filled, style=style))
