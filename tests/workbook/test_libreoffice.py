"""The workbook recalculated by LibreOffice from formulas alone: every stored result is poisoned before.

Each reference plant in each year that is held, as .xlsx; each plant and each year as .ods; and rates changed in the
book against bills with the same rates set by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from levelfield.charges import KINDS
from levelfield.comparison import compare
from levelfield.plant import Plant, shipped_plants
from levelfield.plant_file import load_plant, parse_plant
from levelfield.switches import Switches
from levelfield.tables import Tables, load_tables
from tests.test_load import curve_file
from tests.workbook.books import column, differing, export, poison, recalculated, soffice

pytestmark = pytest.mark.skipif(soffice() is None, reason="LibreOffice (soffice) is not installed")
YEARS = load_tables(Path(__file__).parents[2] / "tariffs").years("NL")


def shipped(tables: Tables) -> list[Plant]:
    return [load_plant(name, tables) for name in shipped_plants()]


@pytest.mark.parametrize("year", YEARS)
def test_every_plant_in_every_year(tables: Tables, tmp_path: Path, year: int) -> None:
    path = export(tables, shipped(tables), tmp_path / "book.xlsx", (year, year))
    (again,) = recalculated([poison(path, tmp_path / "poisoned.xlsx")], tmp_path)
    assert differing(path, again) == []
    assert column(again, "Checks", "all of them together", value=4) == [0]


@pytest.mark.parametrize("year", YEARS)
def test_open_document(tables: Tables, tmp_path: Path, year: int) -> None:
    """Each year, and over the years each plant."""
    plants = shipped(tables)[YEARS.index(year) :: len(YEARS)]
    stored = export(tables, plants, tmp_path / "book.xlsx", (year, year))
    book = export(tables, plants, tmp_path / "book.ods", (year, year))
    (again,) = recalculated([poison(book, tmp_path / "poisoned.ods")], tmp_path)
    assert differing(stored, again) == []


def test_several_years_switches_and_load_curves(tables: Tables, tmp_path: Path) -> None:
    curve_file(tmp_path / "load.csv", local=True, minutes=15)
    text = (
        'name = "Curve"\nsector = "20.13"\n[electricity]\nload_curve = "load.csv"\n[connection]\nlevel = "extra_high"\n'
    )
    curve = parse_plant(text, "curve.toml", tmp_path, tables)
    few = [load_plant(name, tables) for name in ("flat-100mw", "zinc-smelter")]
    years = (2021, 2026)
    books = [
        export(tables, few, tmp_path / "years.xlsx", years),
        export(tables, few, tmp_path / "all.xlsx", switches=Switches(reliefs="all")),
        export(tables, few, tmp_path / "none.xlsx", switches=Switches(reliefs="none", compensation=False)),
        export(tables, few, tmp_path / "forward.xlsx", switches=Switches(procurement="forward")),
        export(tables, few, tmp_path / "gaps.xlsx", (2023, 2023), switches=Switches(allow_gaps=True)),
        export(tables, few, tmp_path / "home.xlsx", home="DE"),
        export(tables, [curve], tmp_path / "curve.xlsx", (2026, 2026) if curve.load_curve is None else _year(curve)),
    ]
    poisoned = [poison(path, tmp_path / f"{path.stem}-poisoned.xlsx") for path in books]
    for path, again in zip(books, recalculated(poisoned, tmp_path), strict=True):
        assert differing(path, again) == [], path.name


def _year(plant: Plant) -> tuple[int, int]:
    assert plant.load_curve
    return plant.load_curve.year, plant.load_curve.year


FLOOR = """
name = "Floor"
sector = "20.13"
[electricity]
offtake = "876 GWh"
yearly_peak = "100 MW"
[connection]
level = "extra_high"
FR = { reduction_floor = "2 MEUR" }
[claims]
"fr.turpe_reduction" = true
"""
# A rate of each kind of charge that the tables use; `share` has none.
CHANGED = {
    "rate": ("nl.grid.tennet.hs.contracted", 1.1),
    "brackets": ("nl.energy_tax.band4.business", 2.0),
    "steps": ("be.wal.connection_fee.hv_large", 3.0),
    "reduction": ("fr.turpe_reduction.stable.rate", 0.5),
    "cap": ("be.vlg.supercap.share_intensive", 2.0),
    "formula": ("nl.ikc.emission_factor", 0.9),
    "floor": ("fr.turpe_reduction.stable.rate", 0.9),
}


def test_a_rate_changed_in_the_book_is_a_rate_set_by_hand(tables: Tables, tmp_path: Path) -> None:
    assert set(CHANGED) == set(KINDS) - {"share"}
    chlor = load_plant("chlor-alkali", tables)
    plants = {kind: parse_plant(FLOOR, "floor.toml", Path(), tables) if kind == "floor" else chlor for kind in CHANGED}
    poisoned = []
    for kind, (rate, factor) in CHANGED.items():
        path = export(tables, [plants[kind]], tmp_path / f"{kind}.xlsx")
        cells = _cells_of(path, rate, factor)
        assert cells, rate
        poisoned.append(poison(path, tmp_path / f"{kind}-changed.xlsx", cells))
    for (kind, (rate, factor)), again in zip(CHANGED.items(), recalculated(poisoned, tmp_path), strict=True):
        row = tables.row(rate, "2025-06-01")
        assert row
        assert row.value is not None
        by_hand = compare(
            tables,
            plants[kind],
            date(2025, 1, 1),
            date(2025, 12, 31),
            switches=Switches(settings={rate: row.value * factor}),
        )
        moved = False
        for bill in by_hand.bills:
            sheet = f"Bill {bill.jurisdiction.id}"
            (total,) = column(again, sheet, "all-in electricity and direct CO2")
            assert total == pytest.approx(bill.total, abs=0.005), f"{kind} {rate} {sheet}"
            (since,) = column(again, sheet, "changed since by")
            moved = moved or abs(since) > 0.01
        assert moved or kind == "floor"


def _cells_of(path: Path, rate: str, factor: float) -> Mapping[str, float]:
    """The cells of the sheet of rates that hold a rate, with its changed value."""
    sheet = openpyxl.load_workbook(path)["Rates"]
    rows = [row for row in sheet.iter_rows() if row[0].value == rate]
    return {f"Rates!{row[3].coordinate}": float(str(row[3].value)) * factor for row in rows}


def test_a_plant_changed_in_the_book_is_that_plant(tables: Tables, tmp_path: Path) -> None:
    """Offtake, peak, value added, emissions, a claim: each input that a formula may look at."""
    plant = load_plant("zinc-smelter", tables)
    path = export(tables, [plant], tmp_path / "book.xlsx")
    sheet = openpyxl.load_workbook(path)["Plants"]
    cells = {row[1].value: f"Plants!{row[4].coordinate}" for row in sheet.iter_rows()}
    inputs: dict[str, float | str] = {
        cells["electricity.offtake"]: 700_000.0,
        cells["electricity.yearly_peak"]: 110_000.0,
        cells["electricity.exempt_process_share"]: 0.4,
        cells["company.gross_value_added"]: 30e6,
        cells["co2.direct_emissions"]: 90_000.0,
        cells["claims.de.besar"]: "no",
        cells["claims.fr.turpe_reduction"]: "no",
    }
    changed = plant._replace(
        offtake=700_000.0,
        yearly_peak=110_000.0,
        contracted_power=110_000.0,
        exempt_process_share=0.4,
        gross_value_added=30e6,
        direct_emissions=90_000.0,
        claims={**plant.claims, "de.besar": False, "fr.turpe_reduction": False},
    )
    (again,) = recalculated([poison(path, tmp_path / "changed.xlsx", inputs)], tmp_path)
    for bill in compare(tables, changed, date(2025, 1, 1), date(2025, 12, 31)).bills:
        (total,) = column(again, f"Bill {bill.jurisdiction.id}", "all-in electricity and direct CO2")
        assert total == pytest.approx(bill.total, abs=0.005), bill.jurisdiction.id
