"""A report as headings, paragraphs and tables, for a terminal or as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from levelfield.report.terminal import Line, wrapped


class Heading(NamedTuple):
    text: str
    level: int = 2


class Paragraph(NamedTuple):
    text: str
    style: str = ""  # bold or dim, where there is a terminal


class Bullets(NamedTuple):
    items: tuple[str, ...]


class Table(NamedTuple):
    """The first `texts` columns are texts, the others numbers, aligned right."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    texts: int = 1
    widest: int = 30  # of a text in a terminal, in characters


Page: TypeAlias = Heading | Paragraph | Bullets | Table


def as_markdown(pages: Iterable[Page]) -> str:
    out: list[str] = []
    for page in pages:
        match page:
            case Heading(text, level):
                out += [f"{'#' * level} {text}", ""]
            case Paragraph(text, style):
                out += [f"**{text}**" if style == "bold" else text, ""]
            case Bullets(items):
                out += [*(f"- {item}" for item in items), ""]
            case Table(head, rows, texts):
                out += [_markdown_row(head), _markdown_row(["---" if n < texts else "---:" for n in range(len(head))])]
                out += [*(_markdown_row(row) for row in rows), ""]
    return "\n".join(out).rstrip() + "\n"


def _markdown_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|').replace(chr(10), ' ') for cell in cells)} |"


def as_lines(pages: Iterable[Page], width: int) -> Iterator[Line]:
    """The lines for a terminal of a width, each with its style."""
    for number, page in enumerate(pages):
        match page:
            case Heading(text, level):
                if number:
                    yield "", ""
                yield from wrapped(text, "", width, "bold" if level < 4 else "")
            case Paragraph(text, style):
                yield from wrapped(text, "", width, style)
            case Bullets(items):
                for item in items:
                    yield from wrapped(item, "  • ", width, "")
            case Table():
                yield from _table(page)


def _table(table: Table) -> Iterator[Line]:
    grid = [table.head, *table.rows]
    columns = [[row[n] for row in grid] for n in range(len(table.head))]
    sizes = [max(map(len, column)) for column in columns]
    for n in range(table.texts):
        sizes[n] = min(sizes[n], table.widest)
    for number, row in enumerate(grid):
        cells = [
            _cut(cell, size).ljust(size) if n < table.texts else cell.rjust(size)
            for n, (cell, size) in enumerate(zip(row, sizes, strict=True))
        ]
        yield "  ".join(cells).rstrip(), "dim" if number == 0 else ""


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else f"{text[: size - 1]}…"
