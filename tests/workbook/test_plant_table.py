"""Plants from a sheet: what goes out comes back, and a mistake names its cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from levelfield._errors import UserError
from levelfield.lang import Words
from levelfield.plant import Plant, shipped_plants
from levelfield.plant_file import load_plant
from levelfield.plant_table import FIRST, read_plants
from levelfield.tables import Tables
from levelfield.workbook.dutch import DUTCH
from levelfield.workbook.grid import Book
from levelfield.workbook.inputs import write_template
from levelfield.workbook.xlsx import XlsxSink
from tests.test_load import curve_file
from tests.workbook.books import export


def bare(plant: Plant) -> Plant:
    """A plant without what says where it came from, to the digits that a workbook keeps."""
    peak, contracted = (float(f"{power:.12g}") for power in (plant.yearly_peak, plant.contracted_power))
    return plant._replace(place="", defaults=(), load_curve=None, yearly_peak=peak, contracted_power=contracted)


@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_shipped_plants_come_back_from_a_book_as_they_were(tables: Tables, tmp_path: Path, suffix: str) -> None:
    names = ["ammonia", "electric-arc-furnace"]
    plants = [load_plant(name, tables) for name in (names if suffix == "ods" else shipped_plants())]
    path = export(tables, plants, tmp_path / f"book.{suffix}")
    for stated, read in zip(plants, read_plants(path, tables), strict=True):
        assert bare(read) == bare(stated)


def test_a_load_curve_comes_back_too(tables: Tables, tmp_path: Path) -> None:
    curve_file(tmp_path / "load.csv", local=True, minutes=15)
    text = 'name = "Curve"\nsector = "20.13"\n[electricity]\nload_curve = "load.csv"\n[connection]\nlevel = "high"\n'
    (tmp_path / "curve.toml").write_text(text, encoding="utf-8")
    plant = load_plant(tmp_path / "curve.toml", tables)
    (read,) = read_plants(export(tables, [plant], tmp_path / "book.xlsx"), tables)
    assert plant.load_curve
    assert read.load_curve
    assert read.load_curve.booked == pytest.approx(plant.load_curve.booked)
    assert read.offtake == pytest.approx(plant.offtake)


def test_how_a_plant_buys_comes_back_too(tables: Tables, tmp_path: Path) -> None:
    text = """name = "Buys"
sector = "20.13"
[electricity]
offtake = "800 GWh"
[electricity.procurement]
model = "mix"
spot = 0.4
forward = 0.6
contract_share = 0.3
contract_price = "62 EUR/MWh"
contract_shape = "baseload"
NL = { model = "spot", contract_share = 0.5, contract_price = "70 EUR/MWh" }
"""
    (tmp_path / "buys.toml").write_text(text, encoding="utf-8")
    plant = load_plant(tmp_path / "buys.toml", tables)
    (read,) = read_plants(export(tables, [plant], tmp_path / "book.xlsx"), tables)
    assert read.procurement == plant.procurement


@pytest.fixture
def template(tables: Tables, tmp_path: Path) -> Path:
    path, book, words = tmp_path / "plants.xlsx", Book(), Words("nl", DUTCH)
    write_template(XlsxSink(path, book, words, "t"), book, tables, words, 3)
    return path


def fill(path: Path, *columns: dict[str, object]) -> Path:
    book = openpyxl.load_workbook(path)
    sheet: Any = book["Bedrijven"]
    rows = {sheet.cell(row, 2).value: row for row in range(1, sheet.max_row + 1)}
    for number, stated in enumerate(columns):
        for key, value in stated.items():
            sheet.cell(rows[key], FIRST + 1 + number).value = value
    book.save(path)
    return path


OURS: dict[str, object] = {
    "name": "Onze fabriek",
    "sector": 20.13,
    "electricity.offtake": 800,
    "electricity.full_load_hours": 8000,
    "electricity.procurement.contract_share": 0.25,
    "electricity.procurement.contract_price": 62,
    "electricity.procurement.contract_shape": "baseload",
    "electricity.procurement.FR.model": "forward",
    "electricity.exempt_process_share": "95 %",
    "connection.level": "extra_high",
    "connection.FR.arenh": "nee",
    "company.gross_value_added": 60,
    "co2.product.1.name": "heat",
    "co2.product.1.output": "2 PJ",
    "co2.product.2.name": "ammonia",
    "co2.product.2.output": 500,
    "claims.de.besar": "ja",
}


def test_a_filled_template_is_read_in_its_own_units(tables: Tables, template: Path) -> None:
    (plant,) = read_plants(fill(template, OURS), tables)
    assert plant.offtake == 800_000
    assert plant.yearly_peak == 100_000
    assert plant.sector == "20.13"
    assert plant.gross_value_added == 60e6
    assert plant.exempt_process_share == pytest.approx(0.95)
    assert plant.products["heat"]["output"] == 2_000
    assert plant.products["ammonia"]["output"] == 500_000
    assert plant.claims == {"de.besar": True}
    assert plant.connections["FR"] == {"arenh": 0.0}
    assert plant.procurement[""]._asdict() | {"contract_curve": None} == {
        "model": "spot",
        "spot": 1.0,
        "forward": 0.0,
        "formula": 0.0,
        "contract_share": 0.25,
        "contract_price": 62.0,
        "contract_shape": "baseload",
        "contract_curve": None,
    }
    assert plant.procurement["FR"].forward == 1.0


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (
            "electricity.offtake",
            "800 GW",
            "F8: electricity.offtake: 800 GW is a power; an energy is wanted, say 800 GWh",
        ),
        ("electricity.offtake", -5, "F8: electricity.offtake: -5.0 GWh is negative"),
        ("sector", "99.99", "F5: sector: '99.99' is no class of NACE"),
        ("connection.level", "huge", "connection.level: 'huge' is no level"),
        ("connection.NL.operator", "nuon", "connection.NL.operator: 'nuon' is not held; known are tennet"),
        (
            "co2.product.2.name",
            "amonia",
            "co2.product.name: 'amonia' has no benchmark in the tables; did you mean ammonia?",
        ),
        ("claims.de.besar", "misschien", "claims.de.besar: true or false is wanted, found 'misschien'"),
        ("electricity.procurement.contract_share", 1.5, "electricity.procurement.contract_share: 1.5 is more than all"),
        ("electricity.procurement.FR.model", "formule", "'formule' is no way to buy; did you mean formula?"),
        ("name", "Onze fabriek", "two plants are named 'Onze fabriek'"),
    ],
)
def test_a_mistake_names_its_cell(tables: Tables, template: Path, key: str, value: object, message: str) -> None:
    wrong = {**OURS, "name": "Andere", key: value}
    with pytest.raises(UserError) as refusal:
        read_plants(fill(template, OURS, wrong), tables)
    assert len(refusal.value.faults) == 1
    assert message in refusal.value.faults[0]
    assert refusal.value.faults[0].startswith(str(template))


def test_an_empty_template_says_where_to_start(tables: Tables, template: Path) -> None:
    with pytest.raises(UserError, match=r"Bedrijven!E4: no plant is filled in"):
        read_plants(template, tables)


def test_one_plant_of_several_is_named(tables: Tables, template: Path) -> None:
    fill(template, OURS, {**OURS, "name": "Andere"})
    assert load_plant(f"{template}#Andere", tables).name == "Andere"
    with pytest.raises(UserError, match="holds 2 plants; say which"):
        load_plant(template, tables)
