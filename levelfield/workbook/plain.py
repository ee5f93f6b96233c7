"""A book as text: a CSV file for each sheet, or all sheets as Markdown or as JSON, which has the formulas too."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

from levelfield.report.document import safe
from levelfield.workbook.grid import Book, Cell, Excel, is_formula
from levelfield.workbook.sheets import Chart, Spec


class PlainSink:
    """Keeps the rows of all sheets, and writes them on `close` to a folder or a file, by its suffix."""

    def __init__(self, path: Path, book: Book) -> None:
        self.path, self.book = path, book
        self.specs: dict[str, Spec] = {}
        self.rows: dict[str, list[list[Cell]]] = {}
        self.values: dict[str, list[list[Any]]] = {}

    def sheet(self, spec: Spec) -> None:
        self.specs[spec.name], self.rows[spec.name], self.values[spec.name] = spec, [], []

    def row(self, sheet: str, number: int, cells: list[Cell]) -> None:
        rows, values = self.rows[sheet], self.values[sheet]
        while len(rows) < number:
            rows.append([])
            values.append([])
        rows.append(cells)
        values.append([self.book.value(cell.content) for cell in cells])

    def choices(self, sheet: str, row: int, columns: tuple[int, int], values: tuple[str, ...]) -> None:
        """Nothing to choose from in a text."""

    def chart(self, chart: Chart) -> None:
        """Nothing to draw in a text."""

    def close(self) -> None:
        if self.path.suffix == ".json":
            self.path.write_text(json.dumps(self._document(), ensure_ascii=False) + "\n", encoding="utf-8")
        elif self.path.suffix == ".md":
            self.path.write_text("\n".join(self._markdown()) + "\n", encoding="utf-8")
        else:
            self.path.mkdir(parents=True, exist_ok=True)
            for name in self.specs:
                (self.path / f"{file_name(name)}.csv").write_text(self._csv(name), encoding="utf-8")

    def _csv(self, sheet: str) -> str:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        for row in self.values[sheet]:
            writer.writerow([safe(value) if isinstance(value, str) else f"{value:.15g}" for value in row])
        return out.getvalue()

    def _markdown(self) -> list[str]:
        lines: list[str] = []
        for name in self.specs:
            width = max((len(row) for row in self.values[name]), default=0)
            lines += [f"## {name}", "", f"|{' |' * width}", f"|{' --- |' * width}"]
            for row in self.values[name]:
                cells = [_cell(value) for value in row] + [""] * (width - len(row))
                lines.append(f"| {' | '.join(cells)} |")
            lines.append("")
        return lines

    def _document(self) -> dict[str, Any]:
        sheets = []
        for name in self.specs:
            notation = Excel(name, self.book)
            rows = [
                [self._with_formula(cell, value, notation) for cell, value in zip(cells, values, strict=True)]
                for cells, values in zip(self.rows[name], self.values[name], strict=True)
            ]
            sheets.append({"name": name, "rows": rows})
        return {"schema": "levelfield/workbook/1", "sheets": sheets}

    def _with_formula(self, cell: Cell, value: Any, notation: Excel) -> Any:
        if is_formula(cell.content):
            return {"value": value, "formula": f"={notation.write(cell.content)}"}
        return value


def file_name(sheet: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", sheet).strip("-").lower()


def _cell(value: Any) -> str:
    text = value if isinstance(value, str) else f"{value:.10g}"
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
