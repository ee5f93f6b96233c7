"""A row of a portfolio is read as the same plant would be from a plant file, and refused in the same words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from levelfield._errors import UserError
from levelfield.columns import Codes
from levelfield.plant_table import states
from levelfield.portfolio.plants import columns_of
from levelfield.portfolio.rows import Rows, keys_of, known_fields, read_rows
from levelfield.tables import Tables
from tests.portfolio.test_columns import THOROUGH, plants

WORKS = {"sector": "20.13", "electricity.offtake": "800000", "connection.level": "high"}


def read(rows: Sequence[Mapping[str, str]], tables: Tables) -> Rows:
    header = list(dict.fromkeys(key for row in rows for key in row))
    raw = pa.RecordBatch.from_pydict({key: pa.array([row.get(key) for row in rows], pa.string()) for key in header})
    return read_rows(
        raw, np.arange(2, 2 + len(rows)), keys_of(header, "plants.csv:1", tables), Path("plants.csv"), tables
    )


def one(tables: Tables, **cells: str) -> dict[str, Any]:
    """The values of a single plant whose cells are those of WORKS and some more, dots written as two underscores."""
    found = read([WORKS | {key.replace("__", "."): value for key, value in cells.items()}], tables)
    assert not found.rejects
    return values(found.columns, 0)


def values(columns: Mapping[str, Any], number: int) -> dict[str, Any]:
    """What the columns say of a plant, less what is not stated."""
    found = {}
    for key, column in columns.items():
        value = column.texts()[number] if isinstance(column, Codes) else float(column[number])
        product = key.startswith(("direct.", "indirect."))
        if value not in ("",) and value == value and not (product and value == 0):  # noqa: PLR0124 - not a number
            found[key] = value
    return found


def close(value: float) -> Any:
    return pytest.approx(value, rel=1e-12)


@THOROUGH
@given(data=st.data())
def test_a_row_is_the_plant(tables: Tables, data: st.DataObject) -> None:
    held = [
        plant._replace(name=f"Works {n}")
        for n, plant in enumerate(data.draw(st.lists(plants(tables), min_size=1, max_size=6)))
    ]
    with_unit = {"MWh": ("GWh", 1e3), "kW": ("MW", 1e3), "EUR": ("kEUR", 1e3), "tCO2": ("kt", 1e3)}
    known = known_fields(tables)
    rows = []
    for plant in held:
        row = {}
        for key, value in states(plant).items():
            unit = known[key].unit if key in known else None
            if isinstance(value, bool) or (known.get(key) and known[key].values == ("yes", "no")):
                row[key] = "yes" if value else "no"
            elif isinstance(value, float) and unit in with_unit and data.draw(st.booleans()):
                name, factor = with_unit[unit]
                row[key] = f"{value / factor!r} {name}"
            else:
                row[key] = value if isinstance(value, str) else repr(value)
        rows.append(row)
    found = read(rows, tables)
    assert not found.rejects
    expected = columns_of(held, tables)
    for number in range(len(held)):
        mine, theirs = values(found.columns, number), values(expected, number)
        assert mine.keys() == theirs.keys()
        assert mine == {key: value if isinstance(value, str) else close(value) for key, value in theirs.items()}


def test_what_a_row_leaves_out_has_the_default_of_a_plant_file(tables: Tables) -> None:
    found = one(tables, connection__level="", electricity__full_load_hours="8000")
    assert found["electricity.yearly_peak"] == 100_000
    assert found["electricity.contracted_power"] == 100_000
    assert found["connection.level"] == "extra_high"
    assert found["co2.carbon_leakage"] == 1
    assert found["company.turnover"] == np.inf
    assert "co2.free_allocation" not in found


@pytest.mark.parametrize(
    ("written", "megawatt_hours"),
    [
        ("800000", 8e5),
        (" 8e5 ", 8e5),
        ("800 GWh", 8e5),
        ("0.8TWh", 8e5),
        ("800_000 MWh", 8e5),
        ("+800000", 8e5),
        ("2880 TJ", 8e5),
    ],
)
def test_a_number_may_bear_its_unit(tables: Tables, written: str, megawatt_hours: float) -> None:
    assert one(tables, electricity__offtake=written)["electricity.offtake"] == pytest.approx(megawatt_hours)


@pytest.mark.parametrize("other", ["5", "5 GWh"])
def test_how_a_number_is_read_does_not_depend_on_its_neighbours(tables: Tables, other: str) -> None:
    for written, accepted in (
        ("5.", True),
        (".5", True),
        ("nan", False),
        ("inf", False),
        ("1,5", False),
        ("0x10", False),
    ):
        found = read([WORKS, WORKS | {"electricity.offtake": written}, WORKS | {"electricity.offtake": other}], tables)
        assert (3 not in [reject.row for reject in found.rejects]) == accepted, written


def test_products_are_read_by_name_wherever_they_stand(tables: Tables) -> None:
    first = WORKS | {
        "co2.product.1.name": "ammonia",
        "co2.product.1.output": "500 kt",
        "co2.product.2.name": "",
        "co2.product.2.output": "",
    }
    second = WORKS | {
        "co2.product.1.name": "hot_metal",
        "co2.product.1.output": "1000",
        "co2.product.2.name": "ammonia",
        "co2.product.2.output": "7",
    }
    found = read([first, second], tables)
    assert list(found.columns["direct.ammonia.output"]) == [500_000, 7]  # type: ignore[arg-type]
    assert list(found.columns["direct.hot_metal.stated"]) == [0, 1]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"sector": "99.99"}, "sector: '99.99' is no class of NACE"),
        ({"electricity.offtake": "-3"}, "electricity.offtake: -3.0 MWh is negative"),
        ({"electricity.offtake": "800 GW"}, "electricity.offtake: 800 GW is a power; an energy is wanted"),
        ({"electricity.offtake": ""}, "electricity.offtake: the yearly offtake is wanted"),
        ({"electricity.yearly_peak": "10"}, "gives at most"),
        ({"electricity.full_load_hours": "9000"}, "does not fit in a year"),
        ({"electricity.exempt_process_share": "1.5"}, "is more than all"),
        ({"connection.level": "highest"}, "is no level"),
        ({"connection.NL.operator": "nobody"}, "is not held; known are tennet"),
        ({"claims.de.besar": "perhaps"}, "claims.de.besar: true or false is wanted"),
        ({"co2.product.1.name": "ammonia"}, "ammonia needs its output"),
        ({"co2.product.1.name": "amonia", "co2.product.1.output": "5"}, "did you mean ammonia?"),
        ({"co2.indirect.1.product": "fallback"}, "the fallback needs the consumption"),
        ({"weight": "-1"}, "weight: -1 is negative"),
        ({"name": "a\nb"}, "line break"),
    ],
)
def test_a_bad_row_is_refused_with_the_words_of_a_plant_file(tables: Tables, cells: dict[str, str], said: str) -> None:
    found = read([WORKS, WORKS | cells, WORKS], tables)
    (reject,) = found.rejects
    assert reject.row == 3
    assert said in reject.reason
    assert list(found.rows) == [2, 4]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (
            ["sector", "electricity.offtak"],
            "column 2: 'electricity.offtak' is no key of a plant file; did you mean electricity.offtake?",
        ),
        (["sector", "sector", "electricity.offtake"], "column 2: 'sector' stands here twice"),
        (["sector"], "no column 'electricity.offtake'"),
        (["sector", "electricity.offtake", "rates.nl.no_such"], "'rates.nl.no_such' is no key"),
    ],
)
def test_a_bad_header_is_refused_with_its_place(tables: Tables, header: list[str], said: str) -> None:
    with pytest.raises(UserError, match=r"^plants\.csv:1") as error:
        keys_of(header, "plants.csv:1", tables)
    assert said in str(error.value)
