"""Writing a book as OpenDocument: the cells and formulas of .xlsx without the charts; the same bytes each time."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

from odsgenerator.odsgenerator import ods_bytes

from levelfield.workbook.grid import HOLE, UNLIMITED, Book, Cell, OpenDocument, is_formula
from levelfield.workbook.sheets import Chart, Spec

_NUMBER = '<number:number-style><number:number number:decimal-places="{most}" number:min-decimal-places="{least}" \
number:min-integer-digits="1" number:grouping="true"/></number:number-style>'
_CELL = '<style:style style:family="table-cell" style:parent-style-name="Default"{data}>\
<style:table-cell-properties style:vertical-align="top"{cell}/>\
<style:paragraph-properties fo:margin-left="1mm" fo:margin-right="1mm"{paragraph}/>\
<style:text-properties style:font-name="Arial"{text}/></style:style>'
_BOLD, _GREY = ' fo:font-weight="bold"', ' fo:color="#505050"'
_FRAME = ' fo:border="0.5pt solid #808080" fo:background-color="#FFF9DB"'
_RIGHT = ' fo:text-align="end"'
# style: (number format, cell, paragraph, text)
_STYLES: dict[str, tuple[str, str, str, str]] = {
    "text": ("", "", "", ""),
    "title": ("", "", "", f'{_BOLD} fo:font-size="13pt"'),
    "subtitle": ("", "", "", ' fo:font-size="11pt"'),
    "finding": ("", "", "", f'{_BOLD} fo:font-size="11pt"'),
    "head": ("", ' fo:border-bottom="1pt solid #000000"', "", _BOLD),
    "head_number": ("", ' fo:border-bottom="1pt solid #000000"', _RIGHT, _BOLD),
    "section": ("", ' fo:border-bottom="0.5pt solid #000000"', "", f'{_BOLD} fo:font-size="11pt"'),
    "charge": ("", ' fo:border-top="0.5pt solid #000000"', "", _BOLD),
    "strong": ("", "", "", _BOLD),
    "id": ("", "", "", _GREY),
    "law": ("", "", "", _GREY),
    "long": ("", ' fo:wrap-option="wrap"', "", _GREY),
    "aside": ("", "", "", _GREY),
    "calc": ("most", "", "", ""),
    "calc_text": ("", "", "", ""),
    "rate": ("most", "", "", ""),
    "amount": ("two", "", "", ""),
    "total": ("two", ' fo:border-top="0.5pt solid #000000"', "", _BOLD),
    "percent": ("share", "", "", ""),
    "year": ("", "", "", ""),
    "input": ("most", _FRAME, "", ' fo:color="#0000C0"'),
    "input_text": ("", f'{_FRAME} fo:wrap-option="wrap"', "", ' fo:color="#0000C0"'),
    "fixed": ("most", "", "", f'{_GREY} fo:font-style="italic"'),
    "fixed_text": ("", "", "", f'{_GREY} fo:font-style="italic"'),
    "check": ("most", ' fo:border="0.5pt dotted #000000"', "", ""),
    "check_text": ("", ' fo:border="0.5pt dotted #000000"', "", ""),
    "link": ("", "", "", ' fo:color="#0000C0" style:text-underline-style="solid"'),
}
_EPOCH = (2000, 1, 1, 0, 0, 0)


def _definitions() -> list[dict[str, str]]:
    percent = '<number:percentage-style><number:number number:decimal-places="1" number:min-integer-digits="1"/>\
<number:text>%</number:text></number:percentage-style>'
    found = [
        {"name": "two", "definition": _NUMBER.format(most=2, least=2)},
        {"name": "most", "definition": _NUMBER.format(most=6, least=2)},
        {"name": "share", "definition": percent},
    ]
    for name, (number, cell, paragraph, text) in _STYLES.items():
        data = f' style:data-style-name="{number}"' if number else ""
        size = "" if "font-size" in text else ' fo:font-size="9pt"'
        xml = _CELL.format(data=data, cell=cell, paragraph=paragraph, text=text + size)
        found.append({"name": f"lf_{name}", "definition": xml})
    return found


class OdsSink:
    """Keeps the rows until `close` writes them to `path`."""

    def __init__(self, path: Path, book: Book) -> None:
        self.path, self.book = path, book
        self.specs: dict[str, Spec] = {}
        self.rows: dict[str, dict[int, list[Any]]] = {}

    def sheet(self, spec: Spec) -> None:
        self.specs[spec.name] = spec
        self.rows[spec.name] = {}

    def row(self, sheet: str, number: int, cells: list[Cell]) -> None:
        notation = OpenDocument(sheet, self.book)
        self.rows[sheet][number] = [self._cell(cell, notation) for cell in cells]

    def _cell(self, cell: Cell, notation: OpenDocument) -> dict[str, Any]:
        value = self.book.value(cell.content)
        if isinstance(value, float):
            value = min(value, UNLIMITED)
        found: dict[str, Any] = {"value": None if value == "" else value, "style": f"lf_{cell.style}"}
        if is_formula(cell.content):
            found["formula"] = f"of:={notation.write(cell.content)}"
            if value == HOLE:
                found["value"] = None
        return found

    def choices(self, sheet: str, row: int, columns: tuple[int, int], values: tuple[str, ...]) -> None:
        """Left out: the note beside an input says what it may hold."""

    def chart(self, chart: Chart) -> None:
        """Left out: the tables that a chart draws are there."""

    def close(self) -> None:
        body = [
            {
                "name": name,
                "width": [f"{width * 1.9:.0f}mm" for width in spec.widths],
                "table": [self.rows[name].get(n, []) for n in range(max(self.rows[name], default=-1) + 1)],
            }
            for name, spec in self.specs.items()
        ]
        raw = ods_bytes({"body": body, "styles": _definitions()})
        self.path.write_bytes(_same_each_time(raw))


def _same_each_time(raw: bytes) -> bytes:
    """The file without the moments at which it was made."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename == "meta.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+Z?", b"2000-01-01T00:00:00", content)
            fresh = zipfile.ZipInfo(info.filename, _EPOCH)
            fresh.compress_type = zipfile.ZIP_STORED if info.filename == "mimetype" else zipfile.ZIP_DEFLATED
            new.writestr(fresh, content)
    return out.getvalue()
