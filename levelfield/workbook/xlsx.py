"""Writing a book as .xlsx: a value beside each formula, the same bytes for the same inputs."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import XlsxFileError

from levelfield.lang import Words
from levelfield.workbook.grid import UNLIMITED, Book, Cell, Excel, is_formula
from levelfield.workbook.sheets import Chart, Spec

_FONT = {"font_name": "Arial", "font_size": 9, "valign": "top"}
_INPUT = {"font_color": "#0000C0", "bg_color": "#FFF9DB", "border": 1, "border_color": "#808080"}
_FIXED = {"font_color": "#606060", "italic": True}
_CHECK = {"border": 4}
_STYLES: dict[str, dict[str, Any]] = {
    "text": {},
    "title": {"bold": True, "font_size": 13},
    "subtitle": {"font_size": 11},
    "finding": {"bold": True, "font_size": 11},
    "head": {"bold": True, "bottom": 2, "text_wrap": True},
    "head_number": {"bold": True, "bottom": 2, "align": "right"},
    "section": {"bold": True, "font_size": 11, "bottom": 1},
    "charge": {"bold": True, "top": 1},
    "strong": {"bold": True},
    "id": {"font_color": "#505050", "indent": 1},
    "long": {"font_color": "#505050", "text_wrap": True},
    "aside": {"font_color": "#505050"},
    "law": {"font_color": "#505050"},
    "calc": {"num_format": '[>=1E+98]"∞";#,##0.00####'},
    "calc_text": {},
    "rate": {"num_format": "#,##0.00####"},
    "amount": {"num_format": "#,##0.00"},
    "total": {"num_format": "#,##0.00", "bold": True, "top": 1},
    "percent": {"num_format": "0.0%"},
    "year": {"num_format": "0"},
    "input": {**_INPUT, "num_format": "#,##0.00####"},
    "input_text": {**_INPUT, "num_format": "@", "text_wrap": True},
    "fixed": {**_FIXED, "num_format": "#,##0.00"},
    "fixed_text": _FIXED,
    "check": {**_CHECK, "num_format": "#,##0.00##"},
    "check_text": _CHECK,
    "link": {"font_color": "#0000C0", "underline": 1},
}
# Apart in grey too: dark, light and hatched in turn.
_SHADES = (
    ("#1F3A5F", None),
    ("#C8D3E0", None),
    ("#3E6B48", "wide_upward_diagonal"),
    ("#E8B04A", None),
    ("#7A7A7A", None),
    ("#303030", "small_grid"),
)


_LINE = 12.75  # points
_WRAPPED = ("long", "input_text", "head")


def _lines(cells: list[Cell], widths: tuple[float, ...]) -> int:
    """How many lines the longest wrapped text of a row takes: no program works that out when it opens the file."""
    texts = [
        (str(cell.content), width)
        for cell, width in zip(cells, widths, strict=False)
        if cell.style in _WRAPPED and isinstance(cell.content, str)
    ]
    return min(20, max((math.ceil(len(text) / (1.15 * width)) for text, width in texts), default=1))


class XlsxSink:
    """Writes to `path`, row by row in constant memory; nothing is there until `close`."""

    def __init__(self, path: Path, book: Book, words: Words, title: str) -> None:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "max_url_length": 2079,
        }
        self.book, self.words = book, words
        self.file = xlsxwriter.Workbook(str(path), options)
        self.file.set_properties({"title": title, "author": "levelfield", "created": datetime(2000, 1, 1, tzinfo=UTC)})
        self.file.set_calc_mode("auto")
        self.formats = {name: self.file.add_format({**_FONT, **style}) for name, style in _STYLES.items()}
        self.sheets: dict[str, Any] = {}
        self.specs: dict[str, Spec] = {}
        self.last: dict[str, int] = {}
        self.notations: dict[str, Excel] = {}

    def sheet(self, spec: Spec) -> None:
        sheet = self.file.add_worksheet(spec.name)
        for column, width in enumerate(spec.widths):
            sheet.set_column(column, column, width)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.set_margins(0.4, 0.4, 0.6, 0.6)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L&A&R{self.words('page')} &P / &N")
        sheet.hide_gridlines(2)
        sheet.set_default_row(_LINE)
        if spec.rows_kept:
            sheet.repeat_rows(spec.rows_kept - 1)
        if spec.rows_kept or spec.columns_kept:
            sheet.freeze_panes(spec.rows_kept, spec.columns_kept)
        self.sheets[spec.name] = sheet
        self.specs[spec.name] = spec
        self.notations[spec.name] = Excel(spec.name, self.book)

    def row(self, sheet: str, number: int, cells: list[Cell]) -> None:
        to, notation = self.sheets[sheet], self.notations[sheet]
        self.last[sheet] = number
        lines = _lines(cells, self.specs[sheet].widths)
        if lines > 1 or any(cell.style == "title" for cell in cells):
            to.set_row(number, _LINE * max(lines, 1.5))
        for column, cell in enumerate(cells):
            style, content = self.formats[cell.style], cell.content
            if is_formula(content):
                to.write_formula(number, column, f"={notation.write(content)}", style, self.book.value(content))
                continue
            value = self.book.value(content)
            if cell.link:
                self._link(to, number, column, cell, str(value), style)
            elif isinstance(value, str):
                if value or cell.style.startswith("input"):
                    to.write_string(number, column, value, style) if value else to.write_blank(
                        number, column, None, style
                    )
            else:
                to.write_number(number, column, min(value, UNLIMITED), style)

    def _link(self, to: Any, number: int, column: int, cell: Cell, text: str, style: Any) -> None:
        if cell.link.startswith("#"):
            to.write_url(number, column, f"internal:'{cell.link[1:]}'!A1", style, text)
        elif cell.link.startswith(("http://", "https://")):
            to.write_url(number, column, cell.link, style, text)
        else:
            to.write_string(number, column, text, style)

    def choices(self, sheet: str, row: int, columns: tuple[int, int], values: tuple[str, ...]) -> None:
        if sum(len(value) + 1 for value in values) <= 255:
            rule = {"validate": "list", "source": list(values), "error_type": "warning"}
            self.sheets[sheet].data_validation(row, columns[0], row, columns[1], rule)

    def chart(self, chart: Chart) -> None:
        drawn: Any = self.file.add_chart({"type": "bar", **({"subtype": "stacked"} if chart.stacked else {})})
        for number, (name, values) in enumerate(chart.series):
            colour, pattern = _SHADES[number % len(_SHADES)]
            hatched = {"pattern": {"pattern": pattern, "fg_color": colour, "bg_color": "#FFFFFF"}}
            drawn.add_series(
                {
                    "name": [chart.sheet, *name],
                    "categories": [chart.sheet, *chart.categories],
                    "values": [chart.sheet, *values],
                    "gap": 60,
                    "border": {"color": "#303030", "width": 0.5},
                    **(hatched if pattern else {"fill": {"color": colour}}),
                }
            )
        grid = {"visible": True, "line": {"color": "#D0D0D0"}}
        drawn.set_title({"name": chart.title, "name_font": {"size": 11}, "overlay": False})
        drawn.set_x_axis({"name": chart.unit, "num_format": "#,##0", "major_gridlines": grid})
        drawn.set_y_axis({"reverse": True, "label_position": "low"})
        drawn.set_legend({"position": "bottom"})
        bars = (chart.categories[2] - chart.categories[0] + 1) * (1 if chart.stacked else len(chart.series))
        drawn.set_size({"width": 620, "height": max(340, 14 * bars + 120)})
        place = {"description": chart.description, "object_position": 1}
        self.sheets[chart.sheet].insert_chart(chart.row, chart.column, drawn, place)

    def close(self) -> None:
        for name, spec in self.specs.items():
            if spec.printed:
                self.sheets[name].print_area(0, 0, self.last.get(name, 0), spec.printed - 1)
        try:
            self.file.close()
        except XlsxFileError as error:
            raise OSError(str(error)) from None
