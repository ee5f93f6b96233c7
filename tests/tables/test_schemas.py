"""The schemas for other tools: they take every shipped table, refuse mistakes, and say what the code says."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from levelfield import units
from levelfield._errors import TablesError
from levelfield.charges import CATEGORIES, KINDS, compile_charge
from levelfield.plant import LEVELS
from levelfield.tables import GRADES, load_tables
from levelfield.tables.check import shape
from levelfield.tables.read import HEADER, REGISTERS, SOURCE_HEADER
from levelfield.vocabulary import Vocabulary

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "docs" / "schemas"
MADE_UP = ROOT / "tests" / "made_up_country"
TOML = sorted(
    path
    for folder in (ROOT / "tariffs", MADE_UP)
    for path in folder.rglob("*.toml")
    if path.name not in REGISTERS  # they hold no law
)
CSV = sorted((ROOT / "tariffs").rglob("*.csv"))


def schema_of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    return found


LAW, COVERAGE, RATES, SOURCES = (schema_of(name) for name in ("law", "coverage", "rates", "sources"))
PACKAGE = json.loads((SCHEMAS / "datapackage.json").read_text(encoding="utf-8"))
RESOURCES = {resource["path"]: resource for resource in PACKAGE["resources"]}


def _dates_as_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _dates_as_texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_dates_as_texts(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _faults(text: str, schema: Mapping[str, Any]) -> list[str]:
    """'path: message' of each fault, as in 'charge.0.kind: …'."""
    errors = Draft202012Validator(schema).iter_errors(_dates_as_texts(tomllib.loads(text)))
    return [f"{'.'.join(str(part) for part in error.absolute_path)}: {error.message}" for error in errors]


# Law and coverage -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("schema", [LAW, COVERAGE], ids=["law", "coverage"])
def test_they_are_json_schemas(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("path", TOML, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_tables_pass(path: Path) -> None:
    schema = COVERAGE if path.name == "coverage.toml" else LAW
    assert _faults(path.read_text(encoding="utf-8"), schema) == []


CHARGE = """
[[charge]]
id = "nl.levy"
category = "levy"
name = { en = "Levy", nl = "Heffing" }
law = "Act 1, art. 2"
kind = "rate"
basis = "offtake"
rate = "nl.levy"
"""
LISTED = """
[[list]]
id = "nl.exempt"
title = "Act 1, annex"
source = "nl-act-1"
evidence = "official"
members = ["20.13", "24"]
"""
PLACE = """
[[jurisdiction]]
id = "NL"
name = { en = "Netherlands", nl = "Nederland" }
market = "market.day_ahead.nl"
levels = { extra_high = {}, high = {}, sub = {}, medium = { assumes = "a stand-in" } }
inputs = { contract = { values = ["firm", "non_firm"], default = "firm" }, path_cost = { unit = "EUR/a", default = 0 } }
"""
CALENDAR = """
[[calendar]]
id = "nl.hours"
holidays = ["01-01", "easter+1"]
class = [{ id = "day", days = "mon-fri", hours = ["07-23"], months = [1, 2] }, { id = "rest" }]
"""
BOUND = """
[[bound]]
rate = ["nl.levy", "nl.levy.*"]
at_least = "0.5 EUR/MWh"
law = "Directive 1"
source = "nl-act-1"
"""
PRINTED = """
[[printed_sum]]
of = ["nl.levy", "nl.tax"]
is = "4.10"
unit = "EUR/MWh"
on = 2026-01-01
source = "nl-act-1"
"""
ENTRY = """
[[coverage]]
jurisdiction = "NL"
charge = "nl.levy"
years = [2025]
status = "complete"
verified_on = 2025-02-01
"""
REDUCTION = CHARGE.replace('kind = "rate"\nbasis = "offtake"', 'kind = "reduction"\nof = ["nl.levy"]')
BRACKETS = CHARGE.replace(
    'kind = "rate"\nbasis = "offtake"\nrate = "nl.levy"',
    'kind = "brackets"\nbasis = "offtake"\nbrackets = [{ interval = "[0, inf) MWh", rate = "nl.levy" }]',
)


@pytest.mark.parametrize(
    ("sound", "old", "new", "where"),
    [
        (CHARGE, 'kind = "rate"', 'kind = "rates"', "charge.0.kind"),
        (CHARGE, 'rate = "nl.levy"', "", "charge.0: 'rate' is a required"),
        (CHARGE, 'rate = "nl.levy"', 'rates = "nl.levy"', "charge.0: Additional properties"),
        (CHARGE, 'law = "Act 1, art. 2"', "", "charge.0: 'law' is a required"),
        (CHARGE, 'law = "Act', 'formula = "offtake"\nlaw = "Act', "charge.0: 'formula' is not one of"),
        (CHARGE, ', nl = "Heffing"', "", "charge.0.name: 'nl' is a required"),
        (CHARGE, '"levy"', '"levies"', "charge.0.category"),
        (CHARGE, "[[charge]]", "[[charges]]", ": Additional properties"),
        (CHARGE, 'law = "Act', 'valid_from = 2025\nlaw = "Act', "charge.0.valid_from"),
        (CHARGE, 'law = "Act', 'renews = "1-1"\nlaw = "Act', "charge.0.renews"),
        (CHARGE, 'law = "Act', 'when = { offtake = { over = 3 } }\nlaw = "Act', "charge.0.when.offtake"),
        (CHARGE, 'law = "Act', 'when = []\nlaw = "Act', "charge.0.when"),
        (CHARGE, 'law = "Act', 'option = "long"\nlaw = "Act', "charge.0: 'choice' is a dependency"),
        (CHARGE, 'law = "Act', 'version = [{ rate = "nl.other" }]\nlaw = "Act', "charge.0.version.0: 'valid_from'"),
        (
            CHARGE,
            'law = "Act',
            'version = [{ valid_from = 2026-01-01, at = "nl.x" }]\nlaw = "Act',
            "charge.0.version.0: 'at' is not one of",
        ),
        (REDUCTION, 'rate = "nl.levy"', "", "charge.0: "),
        (REDUCTION, 'rate = "nl.levy"', 'rate = "nl.levy"\nramps = [{ fact = "a", from = 1, to = 2 }]', "charge.0: "),
        (REDUCTION, 'rate = "nl.levy"', 'steps = [{ interval = "[0, 9] h", rate = "nl.levy" }]', "charge.0: "),
        (BRACKETS, "[0, inf) MWh", "0 - 10 MWh", "charge.0.brackets.0.interval"),
        (BRACKETS, "[0, inf) MWh", "[0, inf) MWhs", "charge.0.brackets.0.interval"),
        (LISTED, 'source = "nl-act-1"', "", "list.0: 'source' is a required"),
        (LISTED, '"20.13"', '"C20"', "list.0.members.0"),
        (PLACE, "sub = {}, ", "", "jurisdiction.0.levels: 'sub'"),
        (PLACE, 'unit = "EUR/a"', 'unit = "EUR per a"', "jurisdiction.0.inputs.path_cost.unit"),
        (PLACE, 'default = "firm"', "default = 1", "jurisdiction.0.inputs.contract.default"),
        (CALENDAR, '"mon-fri"', '"ma-vr"', "calendar.0.class.0.days"),
        (CALENDAR, '"07-23"', '"7:00-23:00"', "calendar.0.class.0.hours.0"),
        (CALENDAR, "[1, 2]", "[0]", "calendar.0.class.0.months.0"),
        (CALENDAR, '"easter+1"', '"Easter Monday"', "calendar.0.holidays.1"),
        (CALENDAR, '"mon-fri"', '"sat-mon"', "calendar.0.class.0.days"),
        (BOUND, 'at_least = "0.5 EUR/MWh"', "", "bound.0: "),
        (PRINTED, '"4.10"', '"4,10"', "printed_sum.0.is"),
        (PRINTED, "2026-01-01", "2026", "printed_sum.0.on"),
        (ENTRY, '"complete"', '"partial"', "coverage.0: 'note' is a required"),
        (ENTRY, '"complete"', '"done"', "coverage.0.status"),
        (ENTRY, "[2025]", "2025", "coverage.0.years"),
        (ENTRY, "2025-02-01", "2025-02-01\nwhere = { operator = 1 }", "coverage.0.where.operator"),
    ],
)
def test_a_mistake_is_refused_where_it_stands(sound: str, old: str, new: str, where: str) -> None:
    schema = COVERAGE if "[[coverage]]" in sound else LAW
    assert _faults(sound, schema) == []
    assert old in sound
    assert any(fault.startswith(where) for fault in _faults(sound.replace(old, new, 1), schema))


def test_a_version_may_be_of_another_kind() -> None:
    version = 'version = [{ valid_from = 2026-01-01, kind = "formula", formula = "nl.levy * offtake" }]\n'
    assert _faults(CHARGE + version, LAW) == []


# The same as the code -------------------------------------------------------------------------------------------------


def _charges(folder: Path) -> list[dict[str, Any]]:
    return [
        block for path in sorted(folder.rglob("*.toml")) for block in tomllib.loads(path.read_text()).get("charge", [])
    ]


def test_the_schema_knows_what_the_code_knows() -> None:
    charge = LAW["$defs"]["charge"]["properties"]
    assert set(charge["kind"]["enum"]) == set(KINDS)
    assert charge["category"]["enum"] == list(CATEGORIES)
    assert LAW["$defs"]["list"]["properties"]["evidence"]["enum"] == list(GRADES)
    assert set(LAW["$defs"]["jurisdiction"]["properties"]["levels"]["properties"]) == set(LEVELS)


@pytest.mark.parametrize("block", shape.SPECS)
def test_a_block_has_the_keys_that_the_code_knows(block: str) -> None:
    assert set(shape.SPECS) == {*LAW["properties"], *COVERAGE["properties"]}
    stated = COVERAGE["properties"]["coverage"]["items"] if block == "coverage" else LAW["$defs"][block]
    keys = shape.SPECS[block]
    if "*" not in keys:  # of those, the check that reads them knows more
        assert set(stated["properties"]) == {key.rstrip("!") for key in keys}
        assert set(stated["required"]) >= {key.rstrip("!") for key in keys if key.endswith("!")}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_needs_the_keys_that_the_code_needs(kind: str) -> None:
    """Each key of a charge is left out in turn: the schema refuses where the code misses it, and only there."""
    tables = load_tables(MADE_UP)
    words = Vocabulary(tables, tables.jurisdictions["XX"], {}, {"operator": "one", "grid_level": "top"})
    block = next(block for block in _charges(MADE_UP) if block["kind"] == kind)
    option = ("xx.version", "version", "short") if "choice" in block else None

    def refused_by_schema(rest: Mapping[str, Any]) -> bool:
        return not Draft202012Validator(LAW).is_valid(_dates_as_texts({"charge": [rest]}))

    def missed_by_code(rest: Mapping[str, Any]) -> bool:
        try:
            compile_charge({**rest, "place": "law.toml:1"}, words, option)
        except TablesError as error:
            return "is missing" in str(error)
        return False

    without = {key: {name: value for name, value in block.items() if name != key} for key in block}
    missed = {key for key, rest in without.items() if missed_by_code(rest)}
    assert missed >= {"id", "category", "name", "kind"}
    # The law of a charge is asked for by the check.
    assert {key for key, rest in without.items() if refused_by_schema(rest)} == {*missed, "law"}


def test_units_are_those_of_the_code() -> None:
    fields = {field["name"]: field for field in RATES["fields"]}
    table = re.compile(fields["unit"]["constraints"]["pattern"])
    atoms = set(table.pattern.partition(")")[0].strip("(").split("|"))
    assert atoms == {unit for unit in units._ATOMS if unit}
    assert table.fullmatch("EUR/kW/a")
    assert not table.fullmatch("EUR per kWh")
    for definition in ("input", "quantity"):
        assert table.pattern in LAW["$defs"][definition]["properties"]["unit"]["pattern"]
    assert table.pattern in LAW["$defs"]["interval"]["pattern"]


def test_columns_are_those_of_the_code() -> None:
    assert tuple(field["name"] for field in RATES["fields"]) == HEADER
    assert tuple(field["name"] for field in SOURCES["fields"]) == SOURCE_HEADER
    evidence = next(field for field in RATES["fields"] if field["name"] == "evidence")
    assert evidence["constraints"]["enum"] == list(GRADES)


# The data package -----------------------------------------------------------------------------------------------------


def _schema(resource: Mapping[str, Any]) -> dict[str, Any]:
    stated = resource["schema"]
    found: dict[str, Any] = (
        stated if isinstance(stated, dict) else json.loads((ROOT / stated).read_text(encoding="utf-8"))
    )
    return found


def test_every_csv_of_the_tables_is_in_the_package_once() -> None:
    paths = [resource["path"] for resource in PACKAGE["resources"]]
    assert sorted(paths) == [path.relative_to(ROOT).as_posix() for path in CSV]
    names = [resource["name"] for resource in PACKAGE["resources"]]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in names)


def test_the_package_states_its_licences() -> None:
    assert [licence["name"] for licence in PACKAGE["licenses"]] == ["EUPL-1.2"]
    for path, resource in RESOURCES.items():
        if path.startswith("tariffs/series/"):
            assert [licence["name"] for licence in resource["licenses"]] == ["CC-BY-4.0"]
            assert resource["sources"][0]["title"] == "Bundesnetzagentur | SMARD.de"


@pytest.mark.parametrize("path", CSV, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_cells_pass_the_schema_of_their_file(path: Path) -> None:
    schema = _schema(RESOURCES[path.relative_to(ROOT).as_posix()])
    fields = schema["fields"]
    with open(path, encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == [field["name"] for field in fields]
    for line, row in enumerate(rows, 2):
        for field, cell in zip(fields, row, strict=True):
            assert _fits(cell, field), f"{path.name}, row {line}, {field['name']}: {cell!r}"
    key = schema.get("primaryKey", [])
    keys = [tuple(row[header.index(name)] for name in key) for row in rows]
    assert not key or len(set(keys)) == len(keys)


def _fits(cell: str, field: Mapping[str, Any]) -> bool:
    """Whether a cell holds the type and the constraints of a field, for the few that the schemas use."""
    limits = field.get("constraints", {})
    if cell == "":
        return not limits.get("required")
    try:
        match field["type"]:
            case "number":
                float(cell)
            case "date":
                date.fromisoformat(cell)
            case "datetime":
                datetime.strptime(cell, field["format"])  # noqa: DTZ007 - the format has its Z
    except ValueError:
        return False
    return re.fullmatch(limits.get("pattern", ".*"), cell) is not None and cell in limits.get("enum", [cell])
