"""The facts of a plant and its load in a year, as cells: from the plants' sheet where it holds them.

A flat load's energies and peaks are formulas on offtake, peak and the calendar. What a load curve measured, and what
names a rate (operator, grid level), stands as it was when the book was made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from levelfield.calendars import hours_by_class
from levelfield.expression import ONE, ZERO, Const, Node, Op, Symbol, Value
from levelfield.lang import Words
from levelfield.load import FlatLoad, year_of
from levelfield.plant import COMPANY, MISSING
from levelfield.run import Run
from levelfield.workbook.grid import Content

PlantCell = Callable[[str], Symbol | None]
"""The cell of the plants' sheet for a key of the plant file, or None if the sheet has no such row."""
FactCell = Callable[[str, int | None], Symbol]
"""The cell of a fact: of a stretch by its number, or of the year (None)."""

CALENDAR, MEASURED, FIXED, PLANTS, CALCULATED = (
    "calendar",
    "measured",
    "fixed at export",
    "from the plants",
    "calculated",
)
_FIRST = ("hours", "months", "weeks", "years", "yearly_offtake", "yearly_peak", "contracted_power", "offtake")
_LOAD = ("monthly_peaks", "weekly_peaks", "peak", "full_load_hours", "use_hours", "mean_power", "overshoot")
_KEYS = {
    "yearly_offtake": "electricity.offtake",
    "yearly_peak": "electricity.yearly_peak",
    "contracted_power": "electricity.contracted_power",
    "exempt_process_share": "electricity.exempt_process_share",
    "sector": "sector",
    "eu_ets": "co2.eu_ets",
    "carbon_leakage": "co2.carbon_leakage",
    "direct_emissions": "co2.direct_emissions",
    "free_allocation": "co2.free_allocation",
    **{figure: f"company.{figure}" for figure in COMPANY},
}


class Fact(NamedTuple):
    """What stands in a fact's row: for the year, for each stretch, and what kind of number it is."""

    year: Content
    each: Callable[[int], Content]
    kind: str


def fact_order(name: str) -> tuple[int, str]:
    head = name.partition(".")[0]
    heads = (*_FIRST, *_LOAD)
    return (heads.index(head) if head in heads else len(heads), name)


class Facts:
    """The facts of one run; `cell` finds the cell of another fact, `plant` that of the plants' sheet."""

    def __init__(self, run: Run, plant: PlantCell, cell: FactCell, words: Words) -> None:
        self.run, self.year, self.plant, self.cell, self.words = run, run.year, plant, cell, words
        self.flat = isinstance(self.year.profile, FlatLoad)

    def basis(self, name: str) -> list[str]:
        """The facts that a fact is worked out from, which need rows too."""
        head, _, rest = name.partition(".")
        if head == "connection":
            spec = self.year.place.inputs.get(rest, {})
            default = spec.get("default")
            return [default] if isinstance(default, str) and "values" not in spec else []
        if head == "contracted_power":
            return ["yearly_peak"]
        if not self.flat:
            return []
        if head == "offtake" and rest:
            return [f"hours.{rest}"]
        return ["yearly_peak"] if head in _LOAD else []

    def fact(self, name: str) -> Fact:
        head, _, rest = name.partition(".")
        if head == "hours" and rest:
            return self._class_hours(rest)
        if head in ("hours", "months", "weeks", "years"):
            return self._as_measured(name, CALENDAR)
        if head == "overshoot" or (not self.flat and head in ("offtake", *_LOAD)):
            return self._as_measured(name, MEASURED)
        if head in ("offtake", "peak", "monthly_peaks", "weekly_peaks"):
            return self._flat_load(name, head, rest)
        content, kind = self._same_all_year(name, head, rest)
        if isinstance(content, (str, float)):
            return Fact(content, lambda _: content, kind)
        return Fact(content, lambda _: self.cell(name, None), kind)

    def _as_measured(self, name: str, kind: str) -> Fact:
        year = self.year
        return Fact(plain(year.on_year[name]), lambda i: plain(year.on_segment[i][name]), kind)

    def _class_hours(self, rest: str) -> Fact:
        """The hours of a time class."""
        calendar, _, kind = rest.rpartition(".")
        spans = [year_of(self.year.year), *self.year.segments]
        whole, *each = (float(hours_by_class(self.year.calendars[calendar], span).get(kind, 0)) for span in spans)
        return Fact(whole, each.__getitem__, CALENDAR)

    def _flat_load(self, name: str, head: str, rest: str) -> Fact:
        offtake, hours = self.cell("yearly_offtake", None), self.cell("hours", None)
        if head == "offtake" and not rest:
            return Fact(offtake, lambda i: over(times(offtake, self.cell("hours", i)), hours), CALCULATED)
        if head == "offtake":
            mean, of_class = over(offtake, hours), f"hours.{rest}"
            return Fact(
                times(mean, self.cell(of_class, None)), lambda i: times(mean, self.cell(of_class, i)), CALCULATED
            )
        peak = self.cell("yearly_peak", None)
        per = self.year.peaks[name.removeprefix("peak.")].per
        if per == "year":
            return Fact(peak, lambda _: peak, CALCULATED)
        return Fact(times(peak, self.cell(f"{per}s", None)), lambda i: times(peak, self.cell(f"{per}s", i)), CALCULATED)

    def _same_all_year(self, name: str, head: str, rest: str) -> tuple[Content, str]:
        switches = self.year.switches
        if head == "claim":
            stated = self.plant(f"claims.{rest}")
            if stated and switches.reliefs == "stated":
                return self._yes(stated), PLANTS
            return float(rest in self.run.inputs.claims), FIXED
        if head == "connection":
            return self._connection(rest)
        if name in ("full_load_hours", "use_hours", "mean_power") and self.flat:
            basis = self.cell("hours" if name == "mean_power" else "yearly_peak", None)
            found = times(over(self.cell("yearly_offtake", None), basis), Const(1000.0))
            return (found if name == "mean_power" else Op("round", (found, Const(6.0)))), CALCULATED
        if name == "exempt_process_share" and switches.reliefs == "none":
            return 0.0, FIXED
        if head.startswith("own_price"):
            return self._own_price(name)
        return self._from_the_plants(name, head, rest)

    def _from_the_plants(self, name: str, head: str, rest: str) -> tuple[Content, str]:
        key = _KEYS.get(name, "co2.free_allocation" if name == "free_allocation_stated" else "")
        if head in ("direct", "indirect"):
            key = f"co2.{'product' if head == 'direct' else head}.{rest}"
        stated = self.plant(key)
        if stated is None or (not self.flat and name in ("yearly_offtake", "yearly_peak")):
            return plain(self.year.on_year[name]), MEASURED
        if name in ("sector", "yearly_offtake", "yearly_peak"):
            return stated, PLANTS
        if name in ("eu_ets", "carbon_leakage"):
            return self._yes(stated), PLANTS
        if name == "free_allocation_stated":
            return Op("!=", (stated, Const(""))), PLANTS
        default: Node = Const(MISSING) if name in COMPANY else ZERO
        if name == "contracted_power":
            default = self.cell("yearly_peak", None)
        return stated_or(stated, default), PLANTS

    def _connection(self, key: str) -> tuple[Content, str]:
        """What the plant states of its connection, or the default of the country."""
        spec, value = self.year.place.inputs.get(key, {}), plain(self.year.on_year[f"connection.{key}"])
        cells = [self.plant(f"connection.{place}.{key}") for place in self.year.place.plant_keys]
        stated = [cell for cell in cells if cell]
        if isinstance(value, str) or not stated:
            return value, FIXED
        default = spec.get("default", 0.0)
        found: Node = self.cell(default, None) if isinstance(default, str) else Const(float(default))
        for cell in reversed(stated):
            found = stated_or(cell, found, self._yes(cell) if spec.get("unit") == "yes/no" else cell)
        return found, PLANTS

    def _own_price(self, name: str) -> tuple[Content, str]:
        cells = [self.plant(f"electricity.price.{key}") for key in self.year.place.plant_keys]
        if self.year.switches.procurement != "stated" or not any(cells):
            return 0.0, FIXED
        found: Node = ZERO
        for cell in reversed([cell for cell in cells if cell]):
            found = stated_or(cell, found, ONE if name == "own_price_stated" else cell)
        return found, PLANTS

    def _yes(self, cell: Node) -> Node:
        return Op("==", (cell, Const(self.words("yes"))))


def plain(value: Value) -> float | str:
    return value if isinstance(value, str) else float(value)


def stated_or(cell: Node, default: Node, found: Node | None = None) -> Node:
    """What a cell states, or a default where it is empty."""
    return Op("if", (Op("==", (cell, Const(""))), default, found or cell))


def times(a: Node, b: Node) -> Node:
    return Op("*", (a, b))


def over(a: Node, b: Node) -> Node:
    return Op("/", (a, b))
