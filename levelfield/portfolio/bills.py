"""Bills of many plants at once: columns in, columns out.

`Columns` holds complete plants by the keys of the plant file, in canonical units: 'electricity.offtake' in MWh,
'connection.NL.operator', 'claims.de.besar' and so on (`plants.py` and `rows.py` make them). What not every plant states
is NaN, a text that is not stated is ''; a company figure that is not stated is infinite. A product that a plant states
has columns 'direct.<product>.stated', '.output', '.emissions', '.electricity' or 'indirect.<product>.stated',
'.output', '.consumption'. Where every plant has a load curve, 'electricity.load_curve' holds them (`curves.py`).

Plants whose connection is the same in words share a compiled law; all their numbers are columns of one run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from levelfield.charges import CATEGORIES, is_part
from levelfield.columns import Codes, Column, ColumnRun, Mask, plain
from levelfield.numbers import rounded
from levelfield.period import calendar_year
from levelfield.plant import COMPANY, Plant
from levelfield.procurement import PLAIN, Procurement
from levelfield.run import Inputs, MissingRate, told
from levelfield.switches import Switches
from levelfield.tables import Jurisdiction, Tables
from levelfield.year import Year

Columns: TypeAlias = Mapping[str, "Column | Codes"]
DIRECT_FIELDS = ("output", "emissions", "electricity")
INDIRECT_FIELDS = ("output", "consumption")
PROCUREMENT_FIELDS = ("spot", "forward", "formula", "contract_share", "contract_price")
ANYWHERE = "*"
"""Stands in the names of columns for all jurisdictions of which nothing else is said."""


class Bills(NamedTuple):
    """The bills of all plants in a jurisdiction and a year, EUR; NaN where one is refused.

    `refused` points into `reasons` and is 0 where there is a bill. `charges` holds the families that were asked for.
    """

    jurisdiction: str
    year: int
    categories: Mapping[str, Column]
    refused: npt.NDArray[np.int32]
    reasons: tuple[str, ...]
    charges: Mapping[str, Column] = {}

    @property
    def total(self) -> Column:
        return cast("Column", sum(self.categories.values()))

    @property
    def co2(self) -> Column:
        return self.categories["co2"]

    @property
    def electricity(self) -> Column:
        return cast("Column", sum(amount for name, amount in self.categories.items() if name != "co2"))


def reckon(
    tables: Tables,
    columns: Columns,
    year: int,
    places: Sequence[str],
    switches: Switches | None = None,
    charges: Sequence[str] = (),
) -> dict[str, Bills]:
    """The bills of a calendar year by jurisdiction; `charges` names charges of which the amounts are wanted too."""
    return Reckoner(tables, switches).reckon(columns, year, places, charges)


class Reckoner:
    """Reckons chunk after chunk of a portfolio by the same tables and switches; the law is compiled once."""

    def __init__(self, tables: Tables, switches: Switches | None = None) -> None:
        self.tables, self.switches = tables, switches or Switches()
        self._years: dict[tuple[Any, ...], Year] = {}

    def reckon(
        self, columns: Columns, year: int, places: Iterable[str], charges: Sequence[str] = ()
    ) -> dict[str, Bills]:
        return {place: self._place(columns, year, self.tables.jurisdictions[place], charges) for place in places}

    def _place(self, columns: Columns, year: int, place: Jurisdiction, charges: Sequence[str]) -> Bills:
        count = len(columns["electricity.offtake"])
        reasons: dict[str, int] = {"": 0}
        amounts = {name: np.zeros(count) for name in (*CATEGORIES, *charges)}
        refused = np.zeros(count, dtype=np.int32)
        held = self.tables.years(place.id)
        if held and year not in held:
            reason = f"{place.id}: the tables hold nothing for {year}; held are {', '.join(map(str, held))}"
            refused[:] = reasons.setdefault(reason, 1)
        for index, texts in _alike(columns, place) if not refused.any() else ():
            group = Group(columns, index, texts, place)
            law = self._law(group, year, place, texts)
            run = ColumnRun(law, _inputs(law, group))
            for charge in law.charges:
                amount: Any = run.amount_of(charge.key)
                amounts[charge.category][index] += amount
                for family in charges:
                    if is_part(charge.id, family):
                        amounts[family][index] += amount
            for mask, reason in _refusals(run.missing, len(index)):
                refused[index[mask]] = reasons.setdefault(reason, len(reasons))
        if refused.any():
            for column in amounts.values():
                column[refused > 0] = np.nan
        return Bills(
            place.id,
            year,
            {name: amounts[name] for name in CATEGORIES},
            refused,
            tuple(reasons),
            {name: amounts[name] for name in charges},
        )

    def _law(self, group: Group, year: int, place: Jurisdiction, texts: Mapping[str, str]) -> Year:
        plant = cast("Plant", group)
        key = (place.id, year, tuple(texts.items()), tuple(group.products), tuple(group.indirect))
        if key not in self._years:
            if len(self._years) >= 1000:
                self._years.clear()
            self._years[key] = Year(self.tables, plant, place, year, calendar_year(year), self.switches)
            return self._years[key]
        return self._years[key].measured(plant)


def _inputs(law: Year, group: Group) -> Inputs:
    gaps = law.switches.allow_gaps
    if law.switches.reliefs != "stated":
        return Inputs(law.claims(), allow_gaps=gaps)
    asked = [name for name in law.all_needs.symbols if name.startswith("claim.")]
    return Inputs(frozenset(), {name: group.claim(name[6:]) for name in asked}, allow_gaps=gaps)


def _refusals(lacks: Sequence[MissingRate], count: int) -> Iterator[tuple[Mask, str]]:
    """The plants that are refused, with the reason, which is that of the single bill."""
    if not lacks:
        return
    everyone = np.ones(count, dtype=bool)
    masks = [everyone if lack.plants is None else lack.plants for lack in lacks]
    kind = np.zeros(count, dtype=np.int64)  # plants of a kind lack the same
    for number, mask in enumerate(masks, 1):
        kind = kind * 2 + mask
        if not number % 32:
            kind = np.unique(kind, return_inverse=True)[1]
    _, examples, kinds = np.unique(kind, return_index=True, return_inverse=True)
    for number, example in enumerate(examples):
        mine = [lack for lack, mask in zip(lacks, masks, strict=True) if mask[example]]
        if mine:
            yield kinds == number, "; ".join(told(mine))


# Plants of one law ----------------------------------------------------------------------------------------------------


def _alike(columns: Columns, place: Jurisdiction) -> Iterator[tuple[npt.NDArray[np.intp], dict[str, str]]]:
    """The plants grouped by what their connection is in words: their indices, and the words by key."""
    count = len(columns["electricity.offtake"])
    level = cast("Codes", columns["connection.level"])
    words: dict[str, Codes] = {"level": level}
    for key in ("level", *(key for key, spec in place.inputs.items() if "values" in spec)):
        for name in reversed(place.plant_keys):
            stated = columns.get(f"connection.{name}.{key}")
            if isinstance(stated, Codes):
                words[key] = _first(stated, words[key]) if key in words else stated
    kind, kinds = np.zeros(count, dtype=np.int32), 1
    for texts in words.values():
        kind = kind * len(texts.names) + texts.codes
        held = np.zeros(kinds * len(texts.names), dtype=bool)
        held[kind] = True
        kinds = int(held.sum())
        kind = (np.cumsum(held, dtype=np.int32) - 1)[kind]
    order = np.argsort(kind.astype(np.uint16) if kinds < 65536 else kind, kind="stable")
    for index in np.split(order, np.flatnonzero(np.diff(kind[order])) + 1):
        if len(index):
            found = {key: texts.names[texts.codes[index[0]]] for key, texts in words.items()}
            yield index, {key: text for key, text in found.items() if text}


def _first(stated: Codes, otherwise: Codes) -> Codes:
    """The stated texts; where none is, the other."""
    names = dict.fromkeys((*stated.names, *otherwise.names))
    numbers = {name: number for number, name in enumerate(names)}
    mine, others = (
        np.array([numbers[name] for name in texts.names], dtype=np.int32)[texts.codes] for texts in (stated, otherwise)
    )
    empty = np.array([not name for name in stated.names], dtype=bool)[stated.codes]
    return Codes(np.where(empty, others, mine), tuple(names))


class Group:
    """Plants whose connection is the same in words, to `Year` what one `Plant` is: its numbers are columns.

    It answers to what a Plant answers to, as far as a jurisdiction asks.
    """

    products_differ = True

    def __init__(
        self, columns: Columns, index: npt.NDArray[np.intp], texts: Mapping[str, str], place: Jurisdiction
    ) -> None:
        self._columns, self._index = columns, index
        self._whole = len(index) == len(columns["electricity.offtake"])
        curves: Any = columns.get("electricity.load_curve")
        self.load_curve = curves if curves is None or self._whole else curves[index]
        self.level = texts["level"]
        self.sector = self._of("sector")
        self.offtake = self._of("electricity.offtake")
        self.yearly_peak = self._of("electricity.yearly_peak")
        self.contracted_power = self._of("electricity.contracted_power")
        self.exempt_process_share = self._of("electricity.exempt_process_share")
        self.gross_value_added, self.turnover, self.payroll = (self._of(f"company.{key}") for key in COMPANY)
        self.eu_ets, self.carbon_leakage = self._of("co2.eu_ets"), self._of("co2.carbon_leakage")
        self.direct_emissions = self._of("co2.direct_emissions")
        self.products = self._products("direct", DIRECT_FIELDS)
        self.indirect = self._products("indirect", INDIRECT_FIELDS)
        self.rates = {key[6:]: self._of(key) for key in columns if key.startswith("rates.")}
        self.rates = {rate: own for rate, own in self.rates.items() if not _none(own)}
        self.procurement = self._procurement(place)
        self.connections = {place.plant_keys[0]: {**texts, **self._numbers(place)}}

    def _of(self, key: str) -> Any:
        column = self._columns[key]
        return plain(column if self._whole else column[self._index])

    def _stated(self, key: str) -> Any:
        """A column of which not every plant states a value, or NaN."""
        found = self._of(key) if key in self._columns else np.nan
        return np.nan if _none(found) else found

    def _products(self, group: str, names: Sequence[str]) -> dict[str, dict[str, Any]]:
        """All products of the portfolio; those that no plant of the group makes are plain zeros."""
        found: dict[str, dict[str, Any]] = {}
        for key in sorted(self._columns):  # so that the law is the same one whatever chunk comes first
            if key.startswith(f"{group}.") and key.endswith(".stated"):
                product = key[len(group) + 1 : -len(".stated")]
                stated = self._of(key)
                made = not isinstance(stated, float) or stated != 0
                fields = {name: self._of(f"{group}.{product}.{name}") if made else 0.0 for name in names}
                found[product] = {"stated": stated, **fields}
        return found

    def _procurement(self, place: Jurisdiction) -> dict[str, Procurement]:
        """How the plants buy here; a load without a curve makes the same of a contract of either shape."""
        fields = {name: getattr(PLAIN, name) for name in PROCUREMENT_FIELDS}
        for key in (ANYWHERE, *reversed(place.plant_keys)):
            for name in PROCUREMENT_FIELDS:
                stated = self._stated(f"electricity.procurement.{key}.{name}")
                if not _none(stated):
                    fields[name] = plain(np.where(np.isnan(stated), fields[name], stated))
        return {place.plant_keys[0]: PLAIN._replace(**fields)}

    def _numbers(self, place: Jurisdiction) -> dict[str, Any]:
        """The numbers of the connection that any plant states; the others have the default of the input."""
        found: dict[str, Any] = {}
        for key, spec in place.inputs.items():
            if "values" in spec:
                continue
            value: Any = np.nan
            for name in reversed(place.plant_keys):
                stated = self._stated(f"connection.{name}.{key}")
                value = np.where(np.isnan(stated), value, stated) if not _none(stated) else value
            if not _none(value):
                default = spec.get("default", 0.0)
                otherwise = getattr(self, default) if isinstance(default, str) else float(default)
                found[key] = plain(np.where(np.isnan(value), otherwise, value))
        return found

    @property
    def full_load_hours(self) -> Any:
        return rounded(self.offtake / self.yearly_peak * 1000, 6)

    @property
    def allocation(self) -> tuple[Any, Any]:
        stated = self._stated("co2.free_allocation")
        return plain(np.nan_to_num(stated)), plain(1.0 - np.isnan(stated))

    def own_price(self, keys: Sequence[str]) -> tuple[Any, Any]:
        price: Any = np.nan
        for key in reversed(keys):
            stated = self._stated(f"electricity.price.{key}")
            price = np.where(np.isnan(stated), price, stated) if not _none(stated) else price
        return plain(np.nan_to_num(price)), plain(1.0 - np.isnan(price))

    def claim(self, claim: str) -> Any:
        """1 where the claim has been granted, else 0."""
        return plain(np.nan_to_num(self._stated(f"claims.{claim}")))


def _none(column: Any) -> bool:
    """Whether no plant states a value."""
    return bool(np.isnan(column).all())
