"""A received book: intact, or changed in a number, a formula, a link, a plant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from levelfield._errors import UserError
from levelfield.plant_file import load_plant
from levelfield.tables import Tables, load_tables
from levelfield.workbook.verify import Verdict, verify
from tests.workbook.books import export

TARIFFS = Path(__file__).parents[2] / "tariffs"


def check(path: Path) -> Verdict:
    return verify(path, lambda day: load_tables(TARIFFS, day))


@pytest.fixture(scope="module")
def book(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    plants = [load_plant(name, tables) for name in ("flat-100mw", "ammonia")]
    return export(tables, plants, tmp_path_factory.mktemp("book") / "book.xlsx", lang="nl")


def test_a_book_as_it_was_written_is_intact(book: Path) -> None:
    verdict = check(book)
    assert verdict.intact
    assert verdict.cells > 20_000


def change(book: Path, into: Path, act: Callable[[Any], None]) -> Verdict:
    found = openpyxl.load_workbook(book)
    act(found)
    found.save(into)
    return check(into)


def set_cell(sheet: str, cell: str, value: object) -> Callable[[Any], None]:
    def act(found: Any) -> None:
        found[sheet][cell] = value

    return act


def set_link(found: Any) -> None:
    cell = next(cell for row in found["Tarieven"].iter_rows() for cell in row if cell.hyperlink)
    cell.hyperlink.target = "https://example.org/"


@pytest.mark.parametrize(
    ("act", "cell", "found"),
    [
        (set_cell("Tarieven", "D10", 1.5), "Tarieven!D10", "1.5"),
        (set_cell("Rekening NL", "G6", "=1"), "Rekening NL!G6", "=1"),
        (set_cell("Berekening DE", "F20", 5), "Berekening DE!F20", "5"),
        (set_cell("Rekening NL", "Z99", "note"), "Rekening NL!Z99", "note"),
        (set_link, "Tarieven!N", "link to https://example.org/"),
        (lambda found: found.remove(found["Controles"]), "Controles", "no such sheet"),
    ],
)
def test_a_change_is_found(book: Path, tmp_path: Path, act: Callable[[Any], None], cell: str, found: str) -> None:
    verdict = change(book, tmp_path / "changed.xlsx", act)
    assert not verdict.intact
    changed = [difference for difference in verdict.differences if not difference.follows]
    assert any(d.cell.startswith(cell) and d.found == found for d in changed), changed[:5]
    # openpyxl stores no results: that is said, and is not taken for a change.
    assert any("hold no result" in note for note in verdict.notes)


def test_a_changed_plant_is_named_and_reckoned_as_it_stands(book: Path, tmp_path: Path) -> None:
    verdict = change(book, tmp_path / "plant.xlsx", set_cell("Bedrijven", "E8", 700_000.0))
    assert any("was changed since the export" in note for note in verdict.notes)


def test_what_is_no_book_of_levelfield_is_refused(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "other.xlsx")
    for name, text in (("other.xlsx", "no workbook that 'levelfield export' wrote"), ("none.xlsx", "cannot be read")):
        with pytest.raises(UserError, match=text):
            check(tmp_path / name)
