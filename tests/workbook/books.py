"""Books for the tests: written from plants, read back, recalculated by LibreOffice."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl

from levelfield.lang import Words
from levelfield.plant import Plant
from levelfield.switches import Switches
from levelfield.tables import Tables
from levelfield.workbook.dutch import DUTCH
from levelfield.workbook.export import Export, write_book
from levelfield.workbook.grid import Book
from levelfield.workbook.ods import OdsSink
from levelfield.workbook.sheets import Sink
from levelfield.workbook.xlsx import XlsxSink

POISON = "987654"
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
<prop oor:name="ODFRecalcMode" oor:op="fuse"><value>0</value></prop>
</item>
</oor:items>
"""


def export(
    tables: Tables,
    plants: Sequence[Plant],
    path: Path,
    years: tuple[int, int] = (2025, 2025),
    lang: str = "en",
    switches: Switches | None = None,
    home: str = "NL",
) -> Path:
    """A book of calendar years, written to `path`."""
    book, words = Book(), Words(lang, DUTCH)
    sink: Sink = OdsSink(path, book) if path.suffix == ".ods" else XlsxSink(path, book, words, "test")
    first, last = date(years[0], 1, 1), date(years[1], 12, 31)
    places = list(tables.jurisdictions)
    made = Export(tables, plants, first, last, home, places, switches or Switches(), words, "levelfield export")
    write_book(made, sink, book)
    return path


def values(path: Path) -> dict[str, Any]:
    """The stored results of all cells, by 'sheet!A1'."""
    book = openpyxl.load_workbook(path, data_only=True)
    return {f"{sheet.title}!{cell.coordinate}": cell.value for sheet in book for cell in _cells(sheet)}


def formulas(path: Path) -> dict[str, str]:
    book = openpyxl.load_workbook(path)
    return {
        f"{sheet.title}!{cell.coordinate}": str(cell.value)
        for sheet in book
        for cell in _cells(sheet)
        if cell.data_type == "f"
    }


def _cells(sheet: Any) -> Iterator[Any]:
    for row in sheet.iter_rows():
        yield from (cell for cell in row if cell.value is not None)


def column(path: Path, sheet: str, label: str, key: int = 1, value: int = 7) -> list[Any]:
    """What stands in column `value` beside each `label` in column `key`, counted from 1."""
    book = openpyxl.load_workbook(path, data_only=True)
    rows = book[sheet].iter_rows(values_only=True)
    return [row[value - 1] for row in rows if row[key - 1] == label]


# LibreOffice ----------------------------------------------------------------------------------------------------------


def soffice() -> str | None:
    return shutil.which("soffice")


def poison(path: Path, into: Path, changed: Mapping[str, float | str] = {}) -> Path:
    """A copy whose stored results are all wrong, so that only a real recalculation gives the right ones.

    `changed` sets inputs, by 'sheet!A1'.
    """
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as new:
        sheets = (
            re.findall(r'<sheet name="([^"]+)"', old.read("xl/workbook.xml").decode()) if path.suffix == ".xlsx" else []
        )
        for info in old.infolist():
            content = old.read(info)
            if info.filename.startswith("xl/worksheets/sheet"):
                number = int(re.findall(r"sheet(\d+)", info.filename)[0])
                content = _poison_xlsx(content.decode(), sheets[number - 1], changed).encode()
            elif info.filename == "content.xml":
                content = re.sub(r"<table:table-cell[^>]*table:formula[^>]*>", _poison_ods, content.decode()).encode()
            new.writestr(info, content)
    return into


def _poison_xlsx(xml: str, sheet: str, changed: Mapping[str, float | str]) -> str:
    xml = re.sub(r"(</f><v>)[^<]*(</v>)", rf"\g<1>{POISON}\2", xml)
    xml = re.sub(r'<c ([^>]*) t="(?:str|e|b)"([^>]*)><f>', r"<c \1\2><f>", xml)
    for where, value in changed.items():
        name, _, cell = where.rpartition("!")
        if name == sheet:
            old, new = (
                ("<v>[^<]*</v>", f"<v>{value!r}</v>")
                if isinstance(value, float)
                else ("<t>[^<]*</t>", f"<t>{value}</t>")
            )
            xml, count = re.subn(rf'(<c r="{cell}"[^>]*>(?:<is>)?){old}', rf"\g<1>{new}", xml)
            assert count == 1, where
    return xml


def _poison_ods(match: re.Match[str]) -> str:
    return re.sub(r'office:value="[^"]*"', f'office:value="{POISON}"', match.group(0))


def recalculated(paths: Sequence[Path], folder: Path) -> list[Path]:
    """The books as LibreOffice works them out anew, as .xlsx in `folder`."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
    command = [soffice() or "soffice", "--headless", "--norestore", f"-env:UserInstallation={profile.as_uri()}"]
    out = folder / "out"
    subprocess.run(
        [*command, "--convert-to", "xlsx", "--outdir", str(out), *map(str, paths)], check=True, capture_output=True
    )
    return [out / f"{path.stem}.xlsx" for path in paths]


def differing(path: Path, again: Path) -> list[str]:
    """The cells with a formula whose recalculated result is another than the stored one."""
    stored, fresh = values(path), values(again)
    found = []
    for where in formulas(path):
        a, b = stored.get(where), fresh.get(where)
        if isinstance(a, (int, float)) and isinstance(b, (int, float)):
            same = abs(a - b) <= 1e-6 + 1e-9 * abs(a)
        else:
            same = a == b or (a in (None, "") and b in (None, ""))
        if not same:
            found.append(f"{where}: {a!r} stored, {b!r} recalculated")
    return found
