"""Plants as a sheet: a row for each thing that a plant file may say, a column for each plant.

The same sheet is the template to fill in, the inputs of an exported workbook, and what is read back from .xlsx or .ods.
Columns: what it is, the plant file's key, the unit, how to fill it in, then the plants. A number is in the unit of its
row; a text with a unit of its own ("800 GWh") is taken as written.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from levelfield import units
from levelfield._errors import UserError, did_you_mean
from levelfield.lang import Text, Words
from levelfield.plant import CLUSTERS, COMPANY, DIRECT, INDIRECT, LEVELS, MISSING, Plant
from levelfield.plant_reader import known_claims, read_plant
from levelfield.procurement import CONTRACT, KEYS, MODELS, PRICES, SHAPES, Procurement
from levelfield.tables import Tables
from levelfield.workbook.dutch import DUTCH

if TYPE_CHECKING:
    from levelfield.load import LoadCurve

LABEL, KEY, UNIT, NOTE, FIRST = range(5)
"""The columns; plants start at FIRST."""
HEADER = 2  # the row of the headings, from 0; fields follow
SHEETS = ("Plants", "Bedrijven")


class Field(NamedTuple):
    """A row of the sheet. `values` are what may be chosen; `unit` is None for a text, '' for a share."""

    key: str
    label: Text
    unit: str | None = None
    values: tuple[str, ...] = ()
    note: Text = Text("")


YES_NO = ("yes", "no")
_DUTCH = Words("nl", DUTCH)


def fields(tables: Tables, plants: Sequence[Plant] = (), products: int = 2) -> list[Field]:
    """All rows, in the order of a plant file; for plants that state more products or rates, those too."""
    keys = [place.plant_keys[-1] for place in tables.jurisdictions.values()]
    keys += [key for plant in plants for key in (*plant.connections, *plant.prices)]
    bought = dict.fromkeys(key for plant in plants for key in plant.procurement if key)
    countries = list(dict.fromkeys([*keys, *bought]))
    direct = max(products, *(len(plant.products) for plant in plants), 0)
    indirect = max(products, *(len(plant.indirect) for plant in plants), 0)
    rates = dict.fromkeys(rate for plant in plants for rate in plant.rates)
    sourced = dict.fromkeys(key for plant in plants for key in plant.sources)
    return [
        *_GENERAL,
        *(
            Field(
                f"electricity.price.{key}",
                Text(f"own electricity price, {key}", f"eigen stroomprijs, {key}"),
                "EUR/MWh",
            )
            for key in countries
        ),
        *_procurement(""),
        *(field for key in countries for field in _procurement(f"{key}.")[: None if key in bought else 1]),
        Field("connection.level", Text("connection level", "aansluitniveau"), None, LEVELS),
        *(field for key in countries for field in _connection(key, tables)),
        *_COMPANY_AND_CO2,
        *(field for number in range(1, direct + 1) for field in _product(number, tables)),
        *(field for number in range(1, indirect + 1) for field in _use(number, tables)),
        *(
            Field(f"claims.{claim}", Text(f"claim {claim}", f"aanspraak {claim}"), None, YES_NO, _CLAIM_NOTE)
            for claim in known_claims(tables)
        ),
        *(Field(f"rates.{rate}", Text(f"own rate {rate}", f"eigen tarief {rate}")) for rate in rates),
        *(Field(f"sources.{key}", Text(f"source of {key}", f"bron van {key}")) for key in sourced),
    ]


_CLAIM_NOTE = Text(
    "yes: applied for and granted; no: refused or not asked; empty: not stated",
    "ja: gevraagd en toegekend; nee: geweigerd of niet gevraagd; leeg: niet opgegeven",
)
_GENERAL = (
    Field("name", Text("name", "naam")),
    Field(
        "sector",
        Text("sector (NACE Rev. 2 class)", "sector (NACE Rev. 2-klasse)"),
        note=Text("as in 20.13", "zoals 20.13"),
    ),
    Field("cluster", Text("cluster", "cluster"), None, CLUSTERS),
    Field("description", Text("description", "omschrijving")),
    Field(
        "electricity.offtake",
        Text("offtake from the public grid, a year", "afname van het openbare net, per jaar"),
        "MWh",
    ),
    Field("electricity.yearly_peak", Text("yearly peak", "jaarpiek"), "kW"),
    Field(
        "electricity.full_load_hours",
        Text("full-load hours", "vollasturen"),
        "h",
        note=Text("instead of the yearly peak", "in plaats van de jaarpiek"),
    ),
    Field(
        "electricity.load_curve",
        Text("load curve", "belastingprofiel"),
        note=Text(
            "a sheet of this book or a CSV file (utc or start, kW); gives offtake and peak",
            "een blad van deze map of een CSV-bestand (utc of start, kW); geeft afname en piek",
        ),
    ),
    Field(
        "electricity.contracted_power",
        Text("contracted power", "gecontracteerd vermogen"),
        "kW",
        note=Text("empty: the yearly peak", "leeg: de jaarpiek"),
    ),
    Field(
        "electricity.exempt_process_share",
        Text("share used in exempt processes", "aandeel in vrijgestelde processen"),
        "",
        note=Text(
            "electrolysis, chemical reduction, metallurgy, mineralogy",
            "elektrolyse, chemische reductie, metallurgie, mineralogie",
        ),
    ),
)
_COMPANY_AND_CO2 = (
    *(
        Field(f"company.{key}", Text(key.replace("_", " "), dutch), "EUR")
        for key, dutch in zip(COMPANY, ("bruto toegevoegde waarde", "omzet", "loonsom"), strict=True)
    ),
    Field("co2.eu_ets", Text("in the EU ETS", "in het EU-ETS"), None, YES_NO),
    Field("co2.carbon_leakage", Text("on the carbon-leakage list", "op de lijst van koolstoflekkage"), None, YES_NO),
    Field("co2.direct_emissions", Text("direct emissions", "directe emissies"), "tCO2"),
    Field(
        "co2.free_allocation",
        Text("free allocation", "gratis toewijzing"),
        "tCO2",
        note=Text("empty: from the products", "leeg: uit de producten"),
    ),
)


_PROCUREMENT = {
    "model": Text("how it buys", "wijze van inkoop"),
    "spot": Text("mix: share at day-ahead prices", "mix: aandeel tegen day-aheadprijzen"),
    "forward": Text("mix: share at the year-ahead price", "mix: aandeel tegen de jaarvooruitprijs"),
    "formula": Text("mix: share by the formula of the CREG", "mix: aandeel volgens de formule van de CREG"),
    "contract_share": Text("own contract: share of the offtake", "eigen contract: aandeel van de afname"),
    "contract_price": Text("own contract: price", "eigen contract: prijs"),
    "contract_shape": Text("own contract: shape", "eigen contract: profiel"),
}
_SHAPE_NOTE = Text(
    f"{', '.join(SHAPES)}, or a CSV file of a curve (utc, kW)",
    f"{', '.join(SHAPES)}, of een CSV-bestand van een profiel (utc, kW)",
)


def _procurement(lead: str) -> list[Field]:
    """The rows on how a plant buys: everywhere, or with a lead such as 'NL.' in one country."""
    before = lead and f"{lead[:-1]}: "
    found = []
    for key in KEYS:
        label = Text(f"{before}{_PROCUREMENT[key].en}", f"{before}{_PROCUREMENT[key].nl}")
        unit = {"model": None, "contract_shape": None, "contract_price": "EUR/MWh"}.get(key, "")
        note = _SHAPE_NOTE if key == "contract_shape" else Text("")
        found.append(Field(f"electricity.procurement.{lead}{key}", label, unit, MODELS if key == "model" else (), note))
    return found


def _stated_procurement(lead: str, bought: Procurement) -> dict[str, str | float | None]:
    found: dict[str, str | float | None] = {f"{lead}.model": bought.model}
    if bought.model == "mix":
        found |= {f"{lead}.{price}": getattr(bought, price) for price in PRICES}
    if bought.contract_share:
        found |= {f"{lead}.{key}": getattr(bought, key) for key in CONTRACT}
    return found


def _connection(key: str, tables: Tables) -> Iterable[Field]:
    places = [place for place in tables.jurisdictions.values() if key in place.plant_keys]
    yield Field(f"connection.{key}.level", Text(f"{key}: connection level", f"{key}: aansluitniveau"), None, LEVELS)
    specs = {name: spec for place in places for name, spec in place.inputs.items()}
    for name, spec in specs.items():
        plain = name.replace("_", " ")
        label = Text(f"{key}: {plain}", f"{key}: {_DUTCH(plain)}")
        if "values" in spec:
            yield Field(f"connection.{key}.{name}", label, None, tuple(spec["values"]))
        elif spec.get("unit") == "yes/no":
            yield Field(f"connection.{key}.{name}", label, None, YES_NO)
        else:
            yield Field(f"connection.{key}.{name}", label, units.canonical(spec.get("unit", ""))[0])


def _benchmarks(family: str, tables: Tables) -> tuple[str, ...]:
    return tuple(rate.removeprefix(f"{family}.") for rate in tables.rate_ids if rate.startswith(f"{family}."))


def _product(number: int, tables: Tables) -> Iterable[Field]:
    start, lead = f"co2.product.{number}", (f"product {number}", f"product {number}")
    note = Text("in the unit of its benchmark, or as in 500 kt", "in de eenheid van zijn benchmark, of zoals 500 kt")
    yield Field(
        f"{start}.name", Text(f"{lead[0]}: EU benchmark", f"{lead[1]}: EU-benchmark"), None, _benchmarks(DIRECT, tables)
    )
    yield Field(f"{start}.output", Text(f"{lead[0]}: output", f"{lead[1]}: productie"), "t", note=note)
    yield Field(f"{start}.emissions", Text(f"{lead[0]}: emissions", f"{lead[1]}: emissies"), "tCO2")
    yield Field(f"{start}.electricity", Text(f"{lead[0]}: electricity", f"{lead[1]}: elektriciteit"), "MWh")


def _use(number: int, tables: Tables) -> Iterable[Field]:
    start, known = f"co2.indirect.{number}", _benchmarks(INDIRECT, tables)
    lead = (f"compensated use {number}", f"gecompenseerd verbruik {number}")
    yield Field(f"{start}.product", Text(f"{lead[0]}: benchmark", f"{lead[1]}: benchmark"), None, known)
    yield Field(f"{start}.output", Text(f"{lead[0]}: output", f"{lead[1]}: productie"), "t")
    note = Text("for the fallback", "voor de terugvaloptie")
    yield Field(f"{start}.consumption", Text(f"{lead[0]}: consumption", f"{lead[1]}: verbruik"), "MWh", note=note)


# A plant's column -----------------------------------------------------------------------------------------------------


def states(plant: Plant, curve: str = "") -> dict[str, str | float | bool]:
    """What a plant's column holds, by key, in canonical units; what is left out is not stated.

    A plant with a load curve states where it stands, `curve`, instead of offtake and peak.
    """
    measured = plant.load_curve is not None
    found: dict[str, str | float | bool | None] = {
        "name": plant.name,
        "sector": plant.sector,
        "cluster": plant.cluster or None,
        "description": plant.description or None,
        "electricity.offtake": None if measured else plant.offtake,
        "electricity.yearly_peak": None if measured else plant.yearly_peak,
        "electricity.load_curve": curve if measured else None,
        "electricity.contracted_power": plant.contracted_power if plant.contracted_power != plant.yearly_peak else None,
        "electricity.exempt_process_share": plant.exempt_process_share,
        "connection.level": plant.level,
        "co2.eu_ets": plant.eu_ets,
        "co2.carbon_leakage": plant.carbon_leakage,
        "co2.direct_emissions": plant.direct_emissions,
        "co2.free_allocation": plant.free_allocation,
    }
    found |= {f"electricity.price.{key}": price for key, price in plant.prices.items()}
    for key, bought in plant.procurement.items():
        found |= _stated_procurement(".".join(filter(None, ("electricity.procurement", key))), bought)
    for key, stated in plant.connections.items():
        found |= {f"connection.{key}.{name}": value for name, value in stated.items()}
    for figure in COMPANY:
        value = getattr(plant, figure)
        found[f"company.{figure}"] = None if value == MISSING else value
    for number, (name, amounts) in enumerate(plant.products.items(), 1):
        found |= {f"co2.product.{number}.name": name, f"co2.product.{number}.output": amounts["output"]}
        if amounts["electricity"] or amounts["emissions"]:
            found |= {f"co2.product.{number}.{key}": amounts[key] for key in ("emissions", "electricity")}
    for number, (name, amounts) in enumerate(plant.indirect.items(), 1):
        key = "consumption" if name == "fallback" else "output"
        found |= {f"co2.indirect.{number}.product": name, f"co2.indirect.{number}.{key}": amounts[key]}
    found |= {f"claims.{claim}": granted for claim, granted in plant.claims.items()}
    found |= {f"rates.{rate}": text for rate, text in plant.rates.items()}
    found |= {f"sources.{key}": text for key, text in plant.sources.items()}
    return {key: value for key, value in found.items() if value is not None}


# Reading --------------------------------------------------------------------------------------------------------------

Grid = Sequence[Sequence[Any]]


def read_plants(path: Path, tables: Tables) -> list[Plant]:
    """The plants of a sheet named Plants or Bedrijven. Raises UserError with all faults, each with its cell."""
    sheet, grid, curves = _sheet(path)
    top = next((i for i, row in enumerate(grid) if len(row) > KEY and str(row[KEY]).strip() == "name"), None)
    if top is None:
        raise UserError(
            f"{path}: {sheet}: no row has the key 'name' in column B; 'levelfield plants template' writes such a sheet"
        )
    columns = [c for c in range(FIRST, max(map(len, grid))) if any(_cell(row, c) != "" for row in grid[top:])]
    if not columns:
        raise UserError(f"{path}: {sheet}!{_letters(FIRST)}{top + 1}: no plant is filled in; the first goes here")
    plants: list[Plant] = []
    faults: list[str] = []
    for column in columns:
        try:
            plants.append(_column(grid, top, column, f"{path}: {sheet}", path.parent, tables, curves))
        except UserError as error:
            faults += error.faults
    names = [plant.name for plant in plants]
    faults += [
        f"{path}: {sheet}: two plants are named '{name}'" for name in dict.fromkeys(names) if names.count(name) > 1
    ]
    if faults:
        raise UserError(faults)
    return plants


def read_one(path: Path, name: str, tables: Tables) -> Plant:
    """One plant of a sheet: the only one, or the one named."""
    plants = read_plants(path, tables)
    found = [plant for plant in plants if plant.name == name] if name else plants
    if len(found) == 1:
        return found[0]
    names = [plant.name for plant in plants]
    if name:
        raise UserError(f"{path}: there is no plant '{name}'; {did_you_mean(name, names)}")
    raise UserError(f"{path}: holds {len(plants)} plants; say which, as in '{path}#{names[0]}'")


Curves = Callable[[str], "LoadCurve | None"]
"""The load curve of a sheet of the same book, or None if it has no such sheet."""


def _sheet(path: Path) -> tuple[str, Grid, Curves]:
    import python_calamine

    def grid(sheet: str) -> Grid:
        return book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)

    def curve(sheet: str) -> LoadCurve | None:
        if sheet not in book.sheet_names:
            return None
        from levelfield.load import load_curve_of

        rows = [(n, [_moment(cell) for cell in row[:2]]) for n, row in enumerate(grid(sheet), 1) if _cell(row, 0) != ""]
        return load_curve_of(rows, f"{path}: {sheet}")

    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        name = next((name for name in book.sheet_names if name in SHEETS), None)
        if name is None:
            raise UserError(
                f"{path}: a sheet named {' or '.join(SHEETS)} is wanted; there are {', '.join(book.sheet_names)}"
            )
        return name, grid(name), curve
    except (python_calamine.CalamineError, OSError) as error:
        raise UserError(f"{path}: cannot be read as a workbook: {error}") from None


def curves_of(path: Path) -> Curves:
    """The load curves that stand in sheets of a workbook."""
    return _sheet(path)[2]


def _moment(cell: Any) -> str:
    """A time or a power of a load curve as its CSV file would write it."""
    if isinstance(cell, datetime.datetime):
        # A spreadsheet counts days in fractions: the second may be off by a hair.
        return (cell + datetime.timedelta(seconds=30)).replace(second=0, microsecond=0).isoformat(timespec="minutes")
    return repr(cell) if isinstance(cell, float) else str(cell)


def _column(grid: Grid, top: int, column: int, place: str, folder: Path, tables: Tables, curves: Curves) -> Plant:
    """The plant of one column, read as a plant file is."""
    cells: list[tuple[str, Any, str]] = []
    for number, row in enumerate(grid[top:], top + 1):
        key, value = str(_cell(row, KEY)).strip(), _cell(row, column)
        if key and value != "":
            cells.append(
                (key, file_value(value, str(_cell(row, UNIT)).strip(), key), f"{place}!{_letters(column)}{number}")
            )
    return plant_of(cells, place, f"{place}!{_letters(column)}{top + 1}", folder, tables, curves)


def plant_of(
    cells: Iterable[tuple[str, Any, str]], place: str, heading: str, folder: Path, tables: Tables, curves: Curves
) -> Plant:
    """The plant of some cells, each a key, a value as a plant file would write it, and where it stands.

    `heading` is where a fault stands that no cell has. Raises UserError with all faults.
    """
    data: dict[str, Any] = {}
    places: dict[tuple[str | int, ...], str] = {}
    for key, value, where in cells:
        path = _path(key)
        places[path] = where
        _put(data, path, value)
    for kind, family in (("product", DIRECT), ("indirect", INDIRECT)):
        found = data.get("co2", {}).get(kind)
        if isinstance(found, dict):
            data["co2"][kind] = [_with_unit(found[n], family, tables) for n in sorted(found)]
            order = {n: i for i, n in enumerate(sorted(found))}
            places |= {
                (*path[:2], order[path[2]], *path[3:]): where
                for path, where in list(places.items())
                if path[:2] == ("co2", kind)
            }
    electricity = data.get("electricity", {})
    if isinstance(electricity.get("load_curve"), str):
        electricity["load_curve"] = curves(electricity["load_curve"]) or electricity["load_curve"]
    return read_plant(data, place, folder, tables, lambda path: _nearest(places, path) or heading)


def _nearest(cells: Mapping[tuple[str | int, ...], str], path: tuple[str | int, ...]) -> str | None:
    """The cell of a key, or of the first key below it or beside it."""
    if path in cells:
        return cells[path]
    for length in range(len(path), 0, -1):
        found = [cell for key, cell in cells.items() if key[:length] == path[:length]]
        if found:
            return found[0]
    return None


def _path(key: str) -> tuple[str | int, ...]:
    """'co2.product.1.output' as ('co2', 'product', 1, 'output'); claims, rates and sources keep their dots."""
    head, _, rest = key.partition(".")
    if head in ("claims", "rates", "sources") and rest:
        return (head, rest)
    return tuple(int(part) if part.isdigit() else part for part in key.split("."))


def _put(data: dict[str, Any], path: tuple[str | int, ...], value: Any) -> None:
    for part in path[:-1]:
        data = data.setdefault(part, {})  # type: ignore[arg-type]
        if not isinstance(data, dict):
            return
    data[path[-1]] = value  # type: ignore[index]


def file_value(value: Any, unit: str, key: str) -> Any:
    """A cell as a plant file would write it: a yes or no as true or false, a number with the unit of its row."""
    if isinstance(value, (datetime.date, datetime.time, datetime.timedelta)):
        return str(value)  # refused by the reader with the cell
    if isinstance(value, str):
        text = value.strip()
        said = {"yes": True, "ja": True, "true": True, "no": False, "nee": False, "false": False}
        return said.get(text.lower(), text)
    if isinstance(value, bool):
        return value
    if key == "sector":
        return f"{value:05.2f}"  # a spreadsheet takes 20.10 for a number
    if unit:
        return f"{value!r} {unit}"
    return float(value)


def _with_unit(item: dict[str, Any], family: str, tables: Tables) -> dict[str, Any]:
    """An output given as a bare number is in the unit of its benchmark."""
    rate = f"{family}.{item.get('name', item.get('product', ''))}"
    output = str(item.get("output", ""))
    if output.endswith(" t") and rate in tables:
        item["output"] = f"{output[:-2]} {tables.unit(rate).partition('/')[2]}"
    return item


def _cell(row: Sequence[Any], column: int) -> Any:
    value = row[column] if column < len(row) else ""
    return "" if value is None or (isinstance(value, str) and not value.strip()) else value


def _letters(column: int) -> str:
    return (chr(64 + column // 26) if column >= 26 else "") + chr(65 + column % 26)
