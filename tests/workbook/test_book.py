"""The workbook without a spreadsheet program: its stored results, its texts, its make-up, what becomes of a bad end."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from levelfield.comparison import compare
from levelfield.lang import Words
from levelfield.plant import shipped_plants
from levelfield.plant_file import load_plant, parse_plant
from levelfield.tables import Tables
from levelfield.workbook.dutch import DUTCH
from tests.workbook.books import column, export, formulas, values

CALENDAR = date(2025, 1, 1), date(2025, 12, 31)
PLANT = """
name = {name}
sector = "20.13"
[electricity]
offtake = "100 GWh"
full_load_hours = "8000 h"
[connection]
level = "extra_high"
"""


@pytest.fixture(scope="module")
def book(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "book.xlsx"
    return export(tables, [load_plant("chlor-alkali", tables)], path)


def run(*args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "levelfield", *args]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


# Figures --------------------------------------------------------------------------------------------------------------


def test_stored_totals_are_those_of_the_bills(tables: Tables, book: Path) -> None:
    comparison = compare(tables, load_plant("chlor-alkali", tables), *CALENDAR)
    for bill in comparison.bills:
        sheet = f"Bill {bill.jurisdiction.id}"
        assert column(book, sheet, "all-in electricity and direct CO2") == [pytest.approx(bill.total, abs=0.005)]
        frame = pd.read_excel(book, sheet_name=sheet, header=None, engine="openpyxl")  # not recalculated
        (found,) = frame[frame[0] == "electricity"][6]
        assert found == pytest.approx(bill.electricity, abs=0.005)


def test_checks_are_zero(book: Path) -> None:
    (total,) = column(book, "Checks", "all of them together", value=4)
    assert total == 0
    assert [cell for where, cell in values(book).items() if re.match(r"Checks!D\d", where) and where != "Checks!D3"]


def test_a_second_engine_agrees(book: Path) -> None:
    """The package `formulas` works the book out from its formulas alone."""
    import formulas as engine

    model = engine.ExcelModel().loads(str(book)).finish()
    solution = model.calculate()
    stored = values(book)
    found = 0
    for key, cell in solution.items():
        match = re.fullmatch(r"'\[book\.xlsx\]([^']+)'!([A-Z]+\d+)", str(key))
        if not match:
            continue
        names = {sheet.upper(): sheet for sheet in ("Bill NL", "Bill DE", "Bill FR", "Comparison")}
        where = f"{names.get(match[1], '')}!{match[2]}"
        expected = stored.get(where)
        if isinstance(expected, (int, float)) and re.match(r"(Bill|Comparison)", where):
            result = float(cell.value[0, 0])
            assert result == pytest.approx(expected, rel=1e-9, abs=1e-6), where
            found += 1
    assert found > 200


def test_no_formula_is_an_embedded_number_or_too_long(book: Path) -> None:
    found = formulas(book)
    assert len(found) > 2000
    workings = {where: text for where, text in found.items() if where.startswith(("Workings", "Bill", "Comparison"))}
    assert max(map(len, workings.values())) < 700
    for where, text in workings.items():
        # 1,000 turns MWh into kWh; 6 are the decimals of full-load hours; 1E+99 stands for no limit.
        numbers = re.findall(r"(?<![A-Z!0-9.])\d+(?:\.\d+)?(?![0-9.!])", re.sub(r'"[^"]*"|1E\+99|EXPORT.*', "", text))
        if "export the book again" not in text:
            assert set(numbers) <= {"0", "1", "2", "3", "6", "1000"}, f"{where}: {text}"


# Make-up --------------------------------------------------------------------------------------------------------------


def test_sheets_print_on_a4_with_their_heads_and_stay_in_view(book: Path) -> None:
    found = openpyxl.load_workbook(book)
    assert found.sheetnames[0] == "Summary"
    for sheet in found:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.paperSize == 9
        assert not sheet.merged_cells.ranges
    assert found["Rates"].freeze_panes == "B4"
    assert found["Rates"].print_title_rows == "$3:$3"
    assert found["Plants"].data_validations.dataValidation


def test_charts_say_in_words_what_they_draw(book: Path) -> None:
    with zipfile.ZipFile(book) as file:
        drawings = "".join(file.read(name).decode() for name in file.namelist() if "drawings/drawing" in name)
    assert drawings.count("descr=") == 2
    assert "Stacked bars" in drawings


def test_the_same_inputs_give_the_same_bytes(tables: Tables, tmp_path: Path) -> None:
    plant = load_plant("cocoa", tables)
    for suffix in ("xlsx", "ods"):
        paths = [tmp_path / f"{n}.{suffix}" for n in range(2)]
        for path in paths:
            export(tables, [plant], path)
            time.sleep(1.1 if path == paths[0] else 0)
        assert paths[0].read_bytes() == paths[1].read_bytes()


def test_every_word_of_the_book_is_there_in_dutch(
    tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing: set[str] = set()
    said = Words.__call__

    def listen(self: Words, text: str, **given: object) -> str:
        if text not in self._dutch:
            missing.add(text)
        return said(self, text, **given)

    monkeypatch.setattr(Words, "__call__", listen)
    plants = [load_plant(name, tables) for name in ("chlor-alkali", "waste-incinerator")]
    export(tables, plants, tmp_path / "nl.xlsx", (2024, 2025), lang="nl")
    export(tables, plants[:1], tmp_path / "een.xlsx", lang="nl")
    # Names of the tables, units and words that are the same in Dutch.
    kept = {text for text in missing if not re.search(r"[a-z] [a-z]", text) or "." in text}
    assert missing - kept == set()


def test_all_parts_of_a_dutch_book_have_dutch_names(tables: Tables, tmp_path: Path) -> None:
    path = export(tables, [load_plant("cocoa", tables)], tmp_path / "nl.xlsx", lang="nl")
    names = openpyxl.load_workbook(path).sheetnames
    assert names[:3] == ["Samenvatting", "Bedrijven", "Tarieven"]
    assert {"Rekening NL", "Berekening FR", "Vergelijking", "Bronnen", "Controles", "Verantwoording"} <= set(names)
    assert DUTCH["Bill"] == "Rekening"


# Texts ----------------------------------------------------------------------------------------------------------------

NAMES = ['=HYPERLINK("http://x","y")', "+1", "@x", "-2+3", "x" * 300, "fabriek 🏭 é", "a[b]:c*d?e/f\\g", "<&>'\""]


@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_what_a_user_writes_is_never_a_formula(tables: Tables, tmp_path: Path, suffix: str) -> None:
    names = NAMES if suffix == "xlsx" else NAMES[::5]  # .ods is slow to write
    plants = [
        parse_plant(PLANT.format(name=json.dumps(n, ensure_ascii=False)), "p.toml", Path(), tables) for n in names
    ]
    path = export(tables, plants, tmp_path / f"names.{suffix}")
    if suffix == "xlsx":
        assert not [text for text in formulas(path).values() if "HYPERLINK" in text]
        assert column(path, "Panel", "20.13", key=2, value=1) == names
    else:
        with zipfile.ZipFile(path) as file:
            content = file.read("content.xml").decode()
        assert not re.search(r'table:formula="[^"]*HYPERLINK', content)
        frame = pd.read_excel(path, sheet_name="Panel", header=None, engine="calamine")
        assert list(frame[0][3 : 3 + len(names)]) == names


def test_csv_cells_are_never_formulas(tables: Tables, tmp_path: Path) -> None:
    for n, name in enumerate(NAMES):
        (tmp_path / f"{n}.toml").write_text(PLANT.format(name=json.dumps(name, ensure_ascii=False)), encoding="utf-8")
    files = [f"{n}.toml" for n in range(len(NAMES))]
    done = run("export", *files, "--year", "2025", "-o", "book.json", "--csv", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with open(tmp_path / "out" / "panel.csv", encoding="utf-8", newline="") as file:
        cells = [row[0] for row in csv.reader(file)]
    assert not [cell for cell in cells if cell[:1] in "=+-@" and cell]
    document = json.loads((tmp_path / "book.json").read_text(encoding="utf-8"))
    assert [sheet["name"] for sheet in document["sheets"]][:2] == ["Summary", "Panel"]


def test_a_name_of_several_lines_is_refused(tables: Tables) -> None:
    with pytest.raises(Exception, match="on one line"):
        parse_plant(PLANT.format(name='"a\\nb"'), "p.toml", Path(), tables)


# Ends -----------------------------------------------------------------------------------------------------------------


def test_an_interrupted_export_leaves_the_old_file(tmp_path: Path) -> None:
    book = tmp_path / "book.xlsx"
    book.write_text("old", encoding="utf-8")
    names = list(shipped_plants())
    command = [
        sys.executable,
        "-m",
        "levelfield",
        "export",
        *names,
        "--from",
        "2021",
        "--to",
        "2026",
        "-o",
        "book.xlsx",
    ]
    kept = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a job in the background inherits that it is ignored
    try:
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    finally:
        signal.signal(signal.SIGINT, kept)
    while not list(tmp_path.glob(".book.part*")) and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    process.wait(60)
    assert process.returncode != 0
    assert book.read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path) == ["book.xlsx"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["cocoa", "-o", "book.pdf"], "-o book.pdf: 'pdf' is no format that is written; known are xlsx, ods, json, md"),
        (["cocoa", "-o", "none/book.xlsx"], "there is no folder none; make it first"),
        (["cocoa", "nowhere.toml", "-o", "book.xlsx"], "nowhere.toml: there is no such file"),
    ],
)
def test_a_mistake_has_one_clear_line(tmp_path: Path, args: list[str], message: str) -> None:
    done = run("export", *args, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_book_of_many_plants_needs_no_more_memory_than_one_of_few(tables: Tables, tmp_path: Path) -> None:
    import tracemalloc

    plant = load_plant("flat-100mw", tables)
    peaks = []
    for count in (3, 12):
        plants = [plant._replace(name=f"plant {n}") for n in range(count)]
        tracemalloc.start()
        export(tables, plants, tmp_path / "many.xlsx")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # Each plant keeps a few results, not its 19,000 cells, which come to more than 5 MB.
    assert peaks[1] - peaks[0] < 9 * 1_000_000
