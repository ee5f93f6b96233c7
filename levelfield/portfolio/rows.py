"""Rows of plants, as a file holds them, into complete columns: a row a plant, a column a key of the plant file.

Plain cells are read column by column. A row with anything out of the ordinary, be it right or wrong, goes through the
reader of plant files instead, so that what is refused, and the words for it, are the same everywhere.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from levelfield import units
from levelfield._errors import UserError, did_you_mean
from levelfield.columns import Codes, Column, Mask
from levelfield.load import LoadCurve
from levelfield.plant import CLUSTERS, COMPANY, DIRECT, INDIRECT, LEVEL_BY_PEAK, LEVELS, MISSING, Plant
from levelfield.plant_file import WORKBOOKS
from levelfield.plant_table import YES_NO, Curves, Field, curves_of, fields, file_value, plant_of
from levelfield.portfolio.bills import DIRECT_FIELDS, INDIRECT_FIELDS, Columns
from levelfield.portfolio.plants import columns_of, joined, taken
from levelfield.tables import Tables

Keys: TypeAlias = dict[str, Field]
WEIGHT = "weight"
_REPEATED = re.compile(r"co2\.(product|indirect)\.[1-9][0-9]*\.(\w+)")
_PLAIN = r"[-+]?(?:[0-9][0-9_ ]*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_NUMBER = re.compile(_PLAIN)
_WRITTEN = rf"^(?P<number>{_PLAIN})\s*(?P<unit>[^0-9,.\s].*)?$"


class Reject(NamedTuple):
    """A row that is no plant, and why."""

    row: int
    name: str
    reason: str


class Rows(NamedTuple):
    """Plants that were read. `rows` are their numbers in the file, `curves` those with a load curve, by their index."""

    columns: Columns
    rows: npt.NDArray[np.int64]
    weight: Column
    curves: Mapping[int, Plant]
    rejects: tuple[Reject, ...]


# The header -----------------------------------------------------------------------------------------------------------


def keys_of(header: Sequence[str], place: str, tables: Tables) -> Keys:
    """The field of each column. Raises UserError with all faults of the header."""
    known = known_fields(tables)
    found: Keys = {}
    faults = []
    for number, name in enumerate(header, 1):
        field = _field(name, known, tables)
        if name in found:
            faults.append(f"{place}: column {number}: '{name}' stands here twice; leave one out")
        elif field is None:
            hint = did_you_mean(name, [*known, WEIGHT], "docs/portfolio.md lists the keys")
            faults.append(f"{place}: column {number}: '{name}' is no key of a plant file; {hint}")
        else:
            found[name] = field
    wanted = [key for key in ("sector", "electricity.offtake") if key not in found]
    if "electricity.load_curve" in found and "electricity.offtake" in wanted:
        wanted.remove("electricity.offtake")
    if wanted and not faults:
        faults = [f"{place}: the header has no column '{key}', which every plant needs; add it" for key in wanted]
    if faults:
        raise UserError(faults)
    return found


def known_fields(tables: Tables) -> Keys:
    """What a column may be called, by its key; products and compensated uses also with higher numbers than 2."""
    found = {field.key: field for field in fields(tables)}
    for place in tables.jurisdictions.values():
        for key in place.plant_keys:
            for field in list(found.values()):
                start, _, rest = field.key.partition(f".{place.plant_keys[-1]}")
                if rest.startswith(".") or (not rest and start == "electricity.price"):
                    other = f"{start}.{key}{rest}"
                    found.setdefault(other, field._replace(key=other))
    return found


def _field(name: str, known: Keys, tables: Tables) -> Field | None:
    if name in known:
        return known[name]
    if name == WEIGHT:
        return Field(WEIGHT, known["name"].label, "")
    repeated = _REPEATED.fullmatch(name)
    if repeated:
        first = known.get(f"co2.{repeated[1]}.1.{repeated[2]}")
        return first and first._replace(key=name)
    if name.startswith("sources."):
        return known["description"]._replace(key=name)
    if name.startswith("rates.") and name[6:] in tables:
        return Field(name, known["name"].label)
    return None


# Cells ----------------------------------------------------------------------------------------------------------------


class Numbers(NamedTuple):
    """A column of numbers as written: NaN where the cell is empty or no plain quantity; `unit` -1 where none stands."""

    values: Column
    unit: npt.NDArray[np.int32]
    units: tuple[str, ...]
    empty: Mask

    def within(self, wanted: str, bare: float = 1.0) -> Column:
        """In the canonical unit that is wanted; a number without a unit is multiplied by `bare`. NaN where unfit."""
        factors = np.array([_factor(unit, wanted) for unit in self.units] + [bare])
        return cast("Column", self.values * factors[self.unit])


def _factor(unit: str, wanted: str) -> float:
    try:
        name, factor = units.canonical(unit)
    except units.UnitError:
        return np.nan
    return factor if name == wanted or (name, wanted) == ("t", "tCO2") else np.nan


def numbers(column: pa.Array) -> Numbers:
    """The numbers of a column of numbers or texts."""
    count = len(column)
    bare = np.full(count, -1, dtype=np.int32)
    if pa.types.is_boolean(column.type):
        return Numbers(np.full(count, np.nan), bare, (), pc.is_null(column).to_numpy(zero_copy_only=False))
    if not _is_text(column):
        values = pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False)
        empty = np.isnan(values)
        return Numbers(np.where(np.isfinite(values), values, np.nan), bare, (), empty)
    text = _texts(column)
    empty = pc.is_null(text).to_numpy(zero_copy_only=False)
    try:
        values = pc.cast(text, pa.float64()).to_numpy(zero_copy_only=False)
        return Numbers(np.where(np.isfinite(values), values, np.nan), bare, (), empty)
    except pa.ArrowInvalid:
        parts = pc.extract_regex(text, _WRITTEN)
    written = pc.replace_substring_regex(pc.struct_field(parts, "number"), r"^\+|[_ ]", "")
    values = pc.cast(written, pa.float64()).to_numpy(zero_copy_only=False)
    unit = pc.dictionary_encode(pc.utf8_rtrim_whitespace(pc.struct_field(parts, "unit")))
    codes = pc.fill_null(unit.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
    names = tuple(unit.dictionary.to_pylist())
    if "" in names:
        codes = np.where(codes == names.index(""), -1, codes).astype(np.int32)
    return Numbers(np.where(np.isfinite(values), values, np.nan), codes, names, empty)


def _is_text(column: pa.Array) -> bool:
    return bool(pa.types.is_string(column.type) or pa.types.is_large_string(column.type))


def _texts(column: pa.Array) -> pa.Array:
    """A column as trimmed texts; null where a cell is empty."""
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), None, column)
    text = pc.utf8_trim_whitespace(column if _is_text(column) else pc.cast(column, pa.string()))
    return pc.if_else(pc.equal(text, ""), None, text)


def texts(column: pa.Array) -> Codes:
    """A column of texts; '' where a cell is empty."""
    encoded = pc.dictionary_encode(pc.fill_null(_texts(column), ""))
    return Codes(encoded.indices.to_numpy().astype(np.int32), encoded.dictionary.to_pylist())


_SAID = {"yes": 1.0, "ja": 1.0, "true": 1.0, "no": 0.0, "nee": 0.0, "false": 0.0}


# Reading --------------------------------------------------------------------------------------------------------------


def read_rows(raw: pa.RecordBatch, rows: npt.NDArray[np.int64], keys: Keys, place: Path, tables: Tables) -> Rows:
    """The plants of some rows, whose numbers in the file are `rows`; paths of load curves start beside the file."""
    reader = _Reader(raw, keys, tables)
    columns, weight = reader.columns()
    odd = np.flatnonzero(reader.odd)
    if not len(odd):
        return Rows(columns, rows, weight, {}, ())
    plants: list[Plant] = []
    kept: list[int] = []
    weights: list[float] = []
    rejects: list[Reject] = []
    curves: dict[int, Plant] = {}
    sheets = _curves(place)
    for index in odd:
        cells = reader.cells(int(index))
        if not cells:
            continue  # an empty line
        try:
            weights.append(_weight(cells.pop(WEIGHT, None)))
            plant = plant_of(
                [(key, value, "") for key, value in cells.items()], str(place), "", place.parent, tables, sheets
            )
        except UserError as error:
            reason = "; ".join(fault.removeprefix(": ") for fault in error.faults)
            rejects.append(Reject(int(rows[index]), str(cells.get("name", "")), reason))
            weights = weights[: len(plants)]
            continue
        if plant.load_curve is not None:
            curves[int(index)] = plant
        plants.append(plant)
        kept.append(int(index))
    plain = np.flatnonzero(~reader.odd)
    order = np.argsort(np.concatenate([plain, np.array(kept, dtype=plain.dtype)]), kind="stable")
    numbers_ = np.concatenate([plain, np.array(kept, dtype=plain.dtype)])[order]
    parts = [taken(columns, plain), *([columns_of(plants, tables)] if plants else [])]
    whole = taken(joined(parts, [len(plain), len(plants)][: len(parts)]), order)
    at = {int(number): position for position, number in enumerate(numbers_)}
    return Rows(
        whole,
        rows[numbers_],
        np.concatenate([weight[plain], np.array(weights, dtype=float)])[order],
        {at[index]: plant for index, plant in curves.items()},
        tuple(rejects),
    )


def _curves(place: Path) -> Curves:
    """The load curves that stand in sheets of a workbook; those of a CSV file stand in files of their own."""

    def curve(sheet: str) -> LoadCurve | None:
        return opened(sheet) if place.suffix in WORKBOOKS else None

    @functools.cache
    def opened(sheet: str) -> LoadCurve | None:
        return curves_of(place)(sheet)

    return curve


def _weight(cell: Any) -> float:
    if cell is None:
        return 1.0
    try:
        value = units.parse(str(cell), "")
    except units.UnitError as error:
        raise UserError(f"weight: {error}") from None
    if value < 0:
        raise UserError(f"weight: {cell} is negative; write the amount itself")
    return value


class _Reader:
    """Reads the plain cells; `odd` marks the rows that hold anything else."""

    def __init__(self, raw: pa.RecordBatch, keys: Keys, tables: Tables) -> None:
        self.raw, self.keys, self.tables = raw, keys, tables
        self.count = raw.num_rows
        self.odd = np.zeros(self.count, dtype=bool)

    def column(self, key: str) -> pa.Array:
        return self.raw.column(self.raw.schema.get_field_index(key))

    def number(self, key: str, unit: str, otherwise: float = np.nan) -> Column:
        """A quantity in a canonical unit; `otherwise` where the cell is empty. Negative ones are odd."""
        if key not in self.keys:
            return np.full(self.count, otherwise)
        found = numbers(self.column(key))
        values = found.within(unit)
        self.odd |= ~found.empty & ~(values >= 0)
        return np.where(found.empty, otherwise, values)

    def text(self, key: str, known: Sequence[str] = ()) -> Codes:
        """A text; one that is not among those known is odd."""
        if key not in self.keys:
            return Codes(np.zeros(self.count, dtype=np.int32), ("",))
        column = self.column(key)
        if key == "sector" and pa.types.is_floating(column.type):
            column = pa.array(
                [None if value is None else f"{value:05.2f}" for value in column.to_pylist()], pa.string()
            )
        found = texts(column)
        if known:
            allowed = {"", *known}
            self.odd |= np.array([name not in allowed for name in found.names], dtype=bool)[found.codes]
        return found

    def flag(self, key: str, otherwise: float) -> Column:
        if key not in self.keys:
            return np.full(self.count, otherwise)
        column = self.column(key)
        if pa.types.is_boolean(column.type):
            found = pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False)
            return np.where(np.isnan(found), otherwise, found)
        said = self.text(key)
        values = np.array([otherwise if not name else _SAID.get(name.lower(), np.nan) for name in said.names])[
            said.codes
        ]
        unsaid = np.array([bool(name) and name.lower() not in _SAID for name in said.names], dtype=bool)
        self.odd |= unsaid[said.codes]
        return cast("Column", values)

    def columns(self) -> tuple[Columns, Column]:
        found: dict[str, Any] = {"name": self.name()}
        found["sector"] = self.text("sector", tuple(self.tables.nace))
        self.odd |= np.array([not name for name in found["sector"].names], dtype=bool)[found["sector"].codes]
        self.text("cluster", CLUSTERS)
        if "electricity.load_curve" in self.keys:
            self.odd |= ~pc.is_null(_texts(self.column("electricity.load_curve"))).to_numpy(zero_copy_only=False)
        self.energy(found)
        for key in COMPANY:
            found[f"company.{key}"] = self.number(f"company.{key}", "EUR", MISSING)
        found["co2.eu_ets"] = self.flag("co2.eu_ets", 0.0)
        found["co2.carbon_leakage"] = self.flag("co2.carbon_leakage", 1.0)
        found["co2.direct_emissions"] = self.number("co2.direct_emissions", "tCO2", 0.0)
        found["co2.free_allocation"] = self.number("co2.free_allocation", "tCO2")
        for key, field in self.keys.items():
            head = key.partition(".")[0]
            if key.startswith("electricity.price."):
                found[key] = self.number(key, "EUR/MWh")
            elif head == "connection" and key != "connection.level":
                found[key] = self.connection(key, field)
            elif head == "claims":
                found[key] = self.flag(key, np.nan)
            elif head == "rates":
                found[key] = self.rate(key)
        self.products(found)
        return found, self.number(WEIGHT, "", 1.0)

    def name(self) -> Codes:
        found = self.text("name")
        self.odd |= np.array([not name.isprintable() for name in found.names], dtype=bool)[found.codes]
        return found

    def energy(self, found: dict[str, Any]) -> None:
        """Offtake, peak, contracted power and level, with the defaults of a plant file."""
        offtake = self.number("electricity.offtake", "MWh")
        stated = self.number("electricity.yearly_peak", "kW")
        hours = self.number("electricity.full_load_hours", "h")
        with np.errstate(all="ignore"):
            peak = np.where(np.isnan(stated), offtake * 1000 / np.where(np.isnan(hours), 8760.0, hours), stated)
            both = ~np.isnan(stated) & ~np.isnan(hours)
            self.odd |= ~(offtake > 0) | ~(peak > 0) | (hours <= 0) | (hours > 8784)
            self.odd |= both & (np.abs(peak * hours / 1000 - offtake) > 0.01 * offtake)
            self.odd |= ~np.isnan(stated) & (offtake * 1000 / peak > 8784.5)
        contracted = self.number("electricity.contracted_power", "kW")
        share = self.number("electricity.exempt_process_share", "", 0.0)
        self.odd |= share > 1
        found["electricity.offtake"], found["electricity.yearly_peak"] = offtake, peak
        found["electricity.contracted_power"] = np.where(np.isnan(contracted), peak, contracted)
        found["electricity.exempt_process_share"] = share
        level = self.text("connection.level", LEVELS)
        names = dict.fromkeys((*LEVELS, *level.names))
        place = {name: number for number, name in enumerate(names)}
        stated_level = np.array([place[name] for name in level.names], dtype=np.int32)[level.codes]
        empty = np.array([not name for name in level.names], dtype=bool)[level.codes]
        by_peak = np.select(
            [peak >= least for _, least in LEVEL_BY_PEAK], [place[name] for name, _ in LEVEL_BY_PEAK], place["medium"]
        )
        found["connection.level"] = Codes(np.where(empty, by_peak, stated_level).astype(np.int32), tuple(names))

    def connection(self, key: str, field: Field) -> Column | Codes:
        if field.values == YES_NO:
            return self.flag(key, np.nan)
        if field.values:
            return self.text(key, field.values)
        return self.number(key, field.unit or "")

    def rate(self, key: str) -> Column:
        """A rate that the plant sets: a bare number is in the unit in which the tables print it."""
        rate = key[6:]
        rows = self.tables.rows(rate)
        written = rows[-1].written.rpartition(" ")[2] if rows else ""
        bare = units.canonical(written if written[:1].isalpha() or written == "%" else "")[1]
        found = numbers(self.column(key))
        values = found.within(self.tables.unit(rate), bare)
        self.odd |= ~found.empty & np.isnan(values)
        return values

    def products(self, found: dict[str, Any]) -> None:
        slots = {match[0].rpartition(".")[0] for key in self.keys if (match := _REPEATED.fullmatch(key))}
        for slot in sorted(slots, key=lambda slot: (slot.split(".")[1], int(slot.split(".")[2]))):
            if slot.startswith("co2.product"):
                self.product(found, slot)
            else:
                self.use(found, slot)

    def product(self, found: dict[str, Any], slot: str) -> None:
        """One of the products with a benchmark that a plant may state."""
        name = self.text(f"{slot}.name")
        emissions, electricity = self.number(f"{slot}.emissions", "tCO2"), self.number(f"{slot}.electricity", "MWh")
        output = self.output(slot)
        empty = np.array([not text for text in name.names], dtype=bool)[name.codes]
        self.odd |= empty & ~(output.empty & np.isnan(emissions) & np.isnan(electricity))
        self.odd |= ~empty & (output.empty | (~np.isnan(electricity) & np.isnan(emissions)))
        amounts = {"emissions": np.nan_to_num(emissions), "electricity": np.nan_to_num(electricity)}
        self.spread(found, "direct", DIRECT, name, output, amounts, DIRECT_FIELDS)

    def use(self, found: dict[str, Any], slot: str) -> None:
        """One of the uses that count for indirect-cost compensation: a benchmark product, or the fallback."""
        name = self.text(f"{slot}.product")
        consumption = self.number(f"{slot}.consumption", "MWh")
        output = self.output(slot)
        is_fallback = np.array([text == "fallback" for text in name.names], dtype=bool)[name.codes]
        empty = np.array([not text for text in name.names], dtype=bool)[name.codes]
        is_fallback |= empty & ~np.isnan(consumption)
        self.odd |= empty & np.isnan(consumption) & ~output.empty
        self.odd |= is_fallback & (np.isnan(consumption) | ~output.empty)
        if is_fallback.any():
            self.add(found, "indirect", "fallback", is_fallback, {"consumption": consumption}, INDIRECT_FIELDS)
        named = ~is_fallback & ~empty
        self.odd |= named & output.empty
        names = Codes(np.where(named, name.codes, len(name.names)).astype(np.int32), (*name.names, ""))
        self.spread(found, "indirect", INDIRECT, names, output, {}, INDIRECT_FIELDS)

    def output(self, slot: str) -> Numbers:
        if f"{slot}.output" in self.keys:
            return numbers(self.column(f"{slot}.output"))
        empty = np.full(self.count, np.nan)
        return Numbers(empty, np.full(self.count, -1, dtype=np.int32), (), np.isnan(empty))

    def spread(
        self,
        found: dict[str, Any],
        group: str,
        family: str,
        name: Codes,
        output: Numbers,
        amounts: Mapping[str, Column],
        names: Sequence[str],
    ) -> None:
        """A slot's products, each into its own columns."""
        for code in np.unique(name.codes):
            product = name.names[code]
            if not product:
                continue
            mine = name.codes == code
            if f"{family}.{product}" not in self.tables:
                self.odd |= mine
                continue
            values = output.within(self.tables.unit(f"{family}.{product}").partition("/")[2])
            self.odd |= mine & ~(values >= 0)
            self.add(found, group, product, mine, {"output": values, **amounts}, names)

    def add(
        self,
        found: dict[str, Any],
        group: str,
        product: str,
        mine: Mask,
        amounts: Mapping[str, Column],
        names: Sequence[str],
    ) -> None:
        stated = found.setdefault(f"{group}.{product}.stated", np.zeros(self.count))
        self.odd |= mine & (stated > 0)  # stands there twice
        stated[mine] = 1.0
        for name in names:
            column = found.setdefault(f"{group}.{product}.{name}", np.zeros(self.count))
            if name in amounts:
                column[mine] = np.nan_to_num(amounts[name][mine])

    def cells(self, index: int) -> dict[str, Any]:
        """The cells of a row as a plant file would write them."""
        found: dict[str, Any] = {}
        for key, field in self.keys.items():
            value = self.column(key)[index].as_py()
            if isinstance(value, str):
                value = value.strip()
            if value is None or value == "" or (isinstance(value, float) and np.isnan(value)):
                continue
            unit = field.unit
            if key.startswith(("description", "sources.", "rates.")) or key in ("name", WEIGHT):
                found[key] = value if isinstance(value, str) or key == WEIGHT else str(value)
                continue
            if unit is not None and isinstance(value, str) and _NUMBER.fullmatch(value):
                value = float(value.replace("_", "").replace(" ", ""))
            elif isinstance(value, int) and not isinstance(value, bool):
                value = float(value)
            found[key] = file_value(value, unit or "", key)
        return found
