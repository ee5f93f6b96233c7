"""One plant in one jurisdiction in one calendar year: the law compiled, the year cut, the load measured.

A `Year` holds what does not change between evaluations: charges in their order, segments of constant law, determinants.
"""

from __future__ import annotations

import copy
import functools
import operator
import weakref
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from levelfield._errors import TablesError, UserError
from levelfield.calendars import ONE_DAY, Calendar, Peak, Segment, day_before, hours_by_class, parse_window, segments
from levelfield.charges import CATEGORIES, Charge, Choice, compile_charge, compile_choice, conditions_node
from levelfield.expression import Needs, Value, needs
from levelfield.lang import Text, text_of
from levelfield.load import PLAIN_MONTH, PLAIN_WEEK, FlatLoad, Profile, year_of
from levelfield.plant import Plant
from levelfield.procurement import facts_of, of_place, shape_of
from levelfield.switches import Switches
from levelfield.tables import Jurisdiction, Row, Tables
from levelfield.vocabulary import Vocabulary


class Values(dict[str, Value]):
    """The facts of the plant and the quantities of a stretch of days, each measured when it is first asked for."""

    def __init__(self, year: Year, segment: Segment) -> None:
        super().__init__(year.facts)
        # Weakly, so that a year, which holds these, goes with its last use and not when garbage is looked for.
        self.year, self.segment = weakref.proxy(year), segment
        self["offtake"] = year.profile.energy_in(segment)
        self["years"], self["months"], self["weeks"] = segment.years, segment.months, 52 * segment.years
        self["hours"] = segment.hours

    def __missing__(self, name: str) -> Value:
        """Raises KeyError for what is no determinant."""
        year, segment = self.year, self.segment
        head, _, rest = name.partition(".")
        if head in ("offtake", "overshoot", "hours"):
            calendar = year.calendars[rest.rpartition(".")[0]]
            if head == "offtake":
                found = year.profile.by_class(calendar, segment)
            elif head == "hours":
                found = hours_by_class(calendar, segment)
            else:
                found = year.profile.overshoot(calendar, segment, year.subscribed(calendar))
            self.update({f"{head}.{calendar.name}.{kind}": value for kind, value in found.items()})
        elif name == "use_hours":
            self[name] = year.profile.use_hours()
        else:
            self[name] = year.profile.peak_sum(year.peaks[name.removeprefix("peak.")], segment)
        return dict.__getitem__(self, name)


class Year:
    """The law of a jurisdiction for a plant in a calendar year, compiled and cut into segments."""

    def __init__(
        self,
        tables: Tables,
        plant: Plant,
        place: Jurisdiction,
        year: int,
        period: tuple[date, date],
        switches: Switches | None = None,
        lags: Callable[[str], bool] | None = None,
    ) -> None:
        """`lags` says of a rate or charge whether it stands as it stood a year earlier; none does if it is left out."""
        self.lags = lags or (lambda _: False)
        self.tables, self.plant, self.place, self.year = tables, plant, place, year
        self.period = period
        self.switches = switches or Switches()
        self.texts, self.assumed_inputs, self.inputs = _connection(plant, place)
        products = {"direct": tuple(plant.products), "indirect": tuple(plant.indirect)}
        forward = {place.market: place.forward} if self.switches.procurement == "forward" else {}
        self.words = Vocabulary(tables, place, products, self.texts, forward, plant.products_differ)
        self.calendars, self.peaks = _calendars(tables, place)
        self.active: dict[str, list[tuple[str, str, Charge]]] = {}
        self.choices: dict[str, Choice] = {}
        self.charges = self._compile()
        self.needs = {
            key: self.words.reach(functools.reduce(operator.or_, (charge.needs for _, _, charge in found)))
            for key, found in self.active.items()
        }
        open_to = [conditions_node(when) for choice in self.choices.values() for _, when in choice.options]
        every = [*self.needs.values(), self.words.reach(needs(open_to))]
        self.all_needs = Needs(*(frozenset().union(*kind) for kind in zip(*every, strict=True)))
        self._families = self._index()
        self.segments = segments(date(year, 1, 1), date(year, 12, 31), self._cuts())
        self.inside = [
            i for i, segment in enumerate(self.segments) if period[0] <= segment.start and segment.end <= period[1]
        ]
        self.steps = self._ordered()
        self._downstream: dict[str, frozenset[str]] = {}
        self._rows: dict[tuple[str, int], Row | None] = {}
        self.units: dict[tuple[int, str], tuple[str, str]] = {}  # how the lines of the charges are shown
        self._measure(plant, self.inputs)

    def measured(self, plant: Plant) -> Year:
        """The same compiled law for another plant with the same connection in words and the same products."""
        other = copy.copy(self)
        other._measure(plant, _connection(plant, self.place)[2])
        return other

    def _measure(self, plant: Plant, inputs: dict[str, float]) -> None:
        """What depends on the plant's numbers."""
        place = self.place
        self.plant, self.inputs = plant, inputs
        self.settings = self.switches.all_settings(self.tables, plant)
        self.profile: Profile = self._profile()
        self.bought = of_place(plant, place, self.switches)
        self.shape = shape_of(self.tables, place, self.year, plant.load_curve, self.bought)
        self.energy = [self.profile.energy_in(segment) for segment in self.segments]
        self.facts = self._facts()
        # Numbers that the user states: what rests on them is graded so.
        stated = (f"connection.{key}" for key in self.inputs if _states(plant, place, key))
        self.stated_facts = {"own_price", "contract_price", *stated}
        own: Value = self.facts[
            "own_price_stated"
        ]  # over columns some plants may: then the notes are of use to the rest
        self.price_notes = () if isinstance(own, float) and own else self.shape.notes
        self.on_year = Values(self, year_of(self.year))
        self.on_segment = [Values(self, segment) for segment in self.segments]

    # The law ----------------------------------------------------------------------------------------------------------

    def _blocks(self) -> Iterable[dict[str, Any]]:
        for folder in dict.fromkeys(("eu", self.place.folder)):
            for block in self.tables.law(folder).charges:
                if self.place.id in block.get("jurisdictions", [self.place.id]):
                    yield block

    def _compile(self) -> list[Charge]:
        law = [self.tables.law(folder) for folder in dict.fromkeys(("eu", self.place.folder))]
        self.choices = {
            block["id"]: compile_choice(block, self.words)
            for part in law
            for block in part.choices
            if self.place.id in block.get("jurisdictions", [self.place.id])
        }
        charges: dict[str, Charge] = {}
        for block in self._blocks():
            first, last = (self.law_day(block["id"], f"{self.year}-{day}") for day in ("01-01", "12-31"))
            for start, end, version in versions(block):
                if (end and end < first) or start > last:
                    continue
                if self._left_out(version):
                    continue
                for option in self._options(version):
                    charge = compile_charge(version, self.words, option)
                    self.active.setdefault(charge.key, []).append((start, end, charge))
                    charges.setdefault(charge.key, charge)
        # In the order in which a bill is read; within a category, that of the law.
        return sorted(charges.values(), key=lambda charge: CATEGORIES.index(charge.category))

    def _left_out(self, block: Mapping[str, Any]) -> bool:
        """Whether the switches leave a charge out: a relief where none counts, an aid where compensation does not."""
        relief = bool(block.get("relief")) or "claim" in block
        no_aid = not self.switches.compensation and block.get("category") == "compensation"
        return no_aid or (relief and self.switches.reliefs == "none")

    def _options(self, block: Mapping[str, Any]) -> list[tuple[str, str, str] | None]:
        if "choice" not in block:
            return [None]
        choice = self.choices[block["choice"]]
        wanted = block.get("option")
        return [(choice.id, choice.placeholder, option) for option, _ in choice.options if wanted in (None, option)]

    def version(self, key: str, segment: Segment) -> Charge | None:
        """The charge as the law stands in the segment."""
        for start, end, charge in self.active.get(key, ()):
            day = self.law_day(charge.id, segment.start.isoformat())
            if start <= day and (not end or day <= end):
                return charge
        return None

    def _cuts(self) -> set[date]:
        cuts = {self.period[0], self.period[1] + ONE_DAY}
        edges = {
            (row.valid_from, row.valid_to, self.lags(rate))
            for rate in self.all_needs.rates
            for row in self.tables.rows(rate)
        }
        edges |= {(start, end, self.lags(charge.id)) for found in self.active.values() for start, end, charge in found}
        for start, end, lags in edges:
            prefix = str(self.year - lags)
            if start.startswith(prefix):
                cuts.add(date.fromisoformat(shifted(start, lags)))
            if end.startswith(prefix):
                cuts.add(date.fromisoformat(shifted(end, lags)) + ONE_DAY)
        return cuts

    def law_day(self, name: str, day: str) -> str:
        """The day on which the law of a rate or charge is looked up for a day of this year."""
        return shifted(day, -1) if self.lags(name) else day

    # The plant --------------------------------------------------------------------------------------------------------

    def _profile(self) -> Profile:
        curve = self.plant.load_curve
        if curve is None:
            return FlatLoad(self.plant.offtake, self.plant.yearly_peak)
        if curve.year != self.year:
            raise UserError(
                f"{curve.place}: the load curve is of {curve.year}, the bill of {self.year}; give one of that year"
            )
        return curve

    def _facts(self) -> dict[str, Value]:
        """What is the same in every segment."""
        plant = self.plant
        allocation, allocation_stated = plant.allocation
        facts: dict[str, Value] = {
            "yearly_offtake": plant.offtake,
            "full_load_hours": plant.full_load_hours,
            "yearly_peak": plant.yearly_peak,
            "contracted_power": plant.contracted_power,
            "mean_power": plant.offtake / year_of(self.year).hours * 1000,
            **facts_of(self.bought, self.shape),
            "exempt_process_share": 0.0 if self.switches.reliefs == "none" else plant.exempt_process_share,
            "gross_value_added": plant.gross_value_added,
            "turnover": plant.turnover,
            "payroll": plant.payroll,
            "eu_ets": 1.0 * plant.eu_ets,
            "carbon_leakage": 1.0 * plant.carbon_leakage,
            "direct_emissions": plant.direct_emissions,
            "free_allocation": allocation,
            "free_allocation_stated": allocation_stated,
            "sector": plant.sector,
        }
        keys = self.place.plant_keys if self.switches.procurement == "stated" else ()
        facts["own_price"], facts["own_price_stated"] = plant.own_price(keys)
        for key, value in self.texts.items():
            facts[f"connection.{key}"] = value
        for key, amount in self.inputs.items():
            facts[f"connection.{key}"] = amount
        for group, items in (("direct", plant.products), ("indirect", plant.indirect)):
            for name, fields in items.items():
                facts.update({f"{group}.{name}.{key}": value for key, value in fields.items()})
        return facts

    def subscribed(self, calendar: Calendar) -> dict[str, float]:
        return {
            name: self.inputs.get(f"subscribed_{name}", self.plant.contracted_power) for name in calendar.class_names
        }

    def claims(self) -> frozenset[str]:
        """The claims that count: those stated true, all that are not refused, or none."""
        if self.switches.reliefs == "none":
            return frozenset()
        if self.switches.reliefs == "all":
            # A claim is a symbol of the charges that it opens.
            return frozenset(name[6:] for name in self.all_needs.symbols if name.startswith("claim."))
        return frozenset(claim for claim, granted in self.plant.claims.items() if granted)

    def open_claims(self) -> list[str]:
        """Claims of this law of which the plant says neither yes nor no."""
        if self.switches.reliefs != "stated":
            return []
        named = dict.fromkeys(charge.claim for charge in self.charges if charge.claim)
        return [claim for claim in named if claim not in self.plant.claims]

    # Order ------------------------------------------------------------------------------------------------------------

    def _index(self) -> dict[str, list[Charge]]:
        """The charges of each family: de.grid.energy is of the families de.grid.energy, de.grid and de."""
        families: dict[str, list[Charge]] = {}
        for charge in self.charges:
            parts = charge.id.split(".")
            for end in range(1, len(parts) + 1):
                families.setdefault(".".join(parts[:end]), []).append(charge)
        return families

    def members(self, families: Iterable[str]) -> list[Charge]:
        """The charges of some families, each once."""
        found = {charge.key: charge for family in families for charge in self._families.get(family, ())}
        return list(found.values())

    def _ordered(self) -> list[str]:
        """Charge keys and 'choice:…' steps so that each comes after what it needs."""
        before: dict[str, list[str]] = {f"choice:{id_}": [] for id_ in self.choices}
        for charge in self.charges:
            before[charge.key] = []
            for other in self.members(self.needs[charge.key].charges):
                same = bool(other.choice) and other.choice == charge.choice
                if other.key == charge.key or (same and other.option != charge.option):
                    continue
                before[charge.key].append(f"choice:{other.choice}" if other.choice and not same else other.key)
            if charge.choice:
                before[f"choice:{charge.choice}"].append(charge.key)
        order: dict[str, None] = {}

        def visit(step: str, trail: tuple[str, ...]) -> None:
            if step in trail:
                raise TablesError(f"charges need each other: {' → '.join([*trail, step])}")
            if step not in order:
                for earlier in before[step]:
                    visit(earlier, (*trail, step))
                order[step] = None

        for step in [*(charge.key for charge in self.charges), *before]:
            visit(step, ())
        return list(order)

    def downstream(self, names: Iterable[str]) -> frozenset[str]:
        """The steps whose outcome may change when the named claims, facts or rates do."""
        found: frozenset[str] = frozenset()
        for name in names:
            if name not in self._downstream:
                self._downstream[name] = self._affected(name)
            found |= self._downstream[name]
        return found

    def _affected(self, name: str) -> frozenset[str]:
        affected: set[str] = set()
        for step in self.steps:
            if step.startswith("choice:"):
                group = {charge.key for charge in self.charges if charge.choice == step[7:]}
                if group & affected:
                    affected |= group | {step}  # all options are reckoned again before the choice is settled anew
                continue
            wanted = self.needs[step]
            direct = name in wanted.symbols or name in wanted.rates
            if direct or any(charge.key in affected for charge in self.members(wanted.charges)):
                affected.add(step)
        return frozenset(affected)

    # Rates ------------------------------------------------------------------------------------------------------------

    def row(self, rate: str, segment: int) -> Row | None:
        """The row of a rate in force in a segment."""
        key = (rate, segment)
        if key not in self._rows:
            self._rows[key] = self.tables.row(rate, self.law_day(rate, self.segments[segment].start.isoformat()))
        return self._rows[key]

    def lacking(self, rate: str, segment: int) -> str:
        """What to say of a rate that the tables do not hold in a segment, with {} for its name."""
        day = str(self.segments[segment].start)
        rows = self.tables.rows(rate)
        until = max((row.valid_to for row in rows if row.valid_to and row.valid_to < day), default="")
        since = min((row.valid_from for row in rows if row.valid_from > day), default="")
        spans = [f"until {until}"] * bool(until) + [f"from {since}"] * bool(since)
        held = f"held {' and '.join(spans)}" if spans else "no year of it is held"
        return f"{self.place.id}: the tables lack {{}} on {day}; {held}"


_COMPILED: dict[tuple[Any, ...], Year] = {}
_KEPT = 64


def year_for(
    tables: Tables, plant: Plant, place: Jurisdiction, year: int, period: tuple[date, date], switches: Switches
) -> Year:
    """The year for a plant. The law is compiled once for plants whose connection is the same in words."""
    texts, notes, _ = _connection(plant, place)
    told = (*texts.items(), None, *notes, None, *plant.products, None, *plant.indirect)
    chosen = [value for name, value in zip(switches._fields, switches, strict=True) if name != "settings"]
    key = (tables, place.id, year, period, *chosen, *switches.settings.items(), told)
    if key in _COMPILED:
        return _COMPILED[key].measured(plant)
    if len(_COMPILED) >= _KEPT:
        _COMPILED.clear()
    _COMPILED[key] = Year(tables, plant, place, year, period, switches)
    return _COMPILED[key]


def shifted(day: str, years: int) -> str:
    """The same day some years later; 29 February becomes the 28th."""
    moved = f"{int(day[:4]) + years}{day[4:]}"
    return f"{moved[:8]}28" if years and day.endswith("02-29") else moved


def versions(block: Mapping[str, Any]) -> list[tuple[str, str, Mapping[str, Any]]]:
    """A law block as (valid_from, valid_to, block) for each version of it, in time."""
    later = sorted(block.get("version", []), key=lambda version: version["valid_from"])
    states = [dict(block)]
    for version in later:
        states.append({**states[-1], "valid_to": "", "change": {}, **version})
    found: list[tuple[str, str, Mapping[str, Any]]] = []
    for state, after in zip(states, [*later, None], strict=True):
        state.pop("version", None)
        end = state.get("valid_to", "")
        if after is not None:
            eve = day_before(after["valid_from"])
            end = min(end or eve, eve)
        found.append((state.get("valid_from", ""), end, state))
    return found


def _states(plant: Plant, place: Jurisdiction, key: str) -> bool:
    return any(key in plant.connections.get(name, {}) for name in place.plant_keys)


def _connection(plant: Plant, place: Jurisdiction) -> tuple[dict[str, str], list[Text], dict[str, float]]:
    """The connection in the country's own terms: its texts, what was assumed, and its numbers."""
    stated: dict[str, Any] = {}
    for key in reversed(place.plant_keys):
        stated.update(plant.connections.get(key, {}))
    default: dict[str, Any] = dict(place.levels[stated.get("level", plant.level)])
    assumed = default.pop("assumes", "")
    texts = {key: str(value) for key, value in default.items()}
    texts.update({key: str(stated[key]) for key, spec in place.inputs.items() if "values" in spec and key in stated})
    numbers: dict[str, float] = {}
    for key, spec in place.inputs.items():
        if "values" in spec:
            texts.setdefault(key, str(spec.get("default", "")))
        elif key in stated:
            numbers[key] = stated[key]
        else:
            default_value = spec.get("default", 0.0)
            numbers[key] = getattr(plant, default_value) if isinstance(default_value, str) else float(default_value)
    notes = [text_of(assumed)] if assumed and not any(key in stated for key in default) else []
    return texts, notes, numbers


def _calendars(tables: Tables, place: Jurisdiction) -> tuple[dict[str, Calendar], dict[str, Peak]]:
    calendars: dict[str, Calendar] = {}
    peaks = {"monthly_peaks": PLAIN_MONTH, "weekly_peaks": PLAIN_WEEK}
    for folder in dict.fromkeys(("eu", place.folder)):
        law = tables.law(folder)
        for block in law.calendars:
            classes = tuple((item["id"], parse_window(item)) for item in block["class"])
            calendars[block["id"]] = Calendar(block["id"], classes, block.get("holidays", ()))
        for block in law.peaks:
            within, outside = (tuple(parse_window(w) for w in block.get(side, ())) for side in ("within", "outside"))
            peaks[block["id"]] = Peak(
                block["id"],
                block["per"],
                block.get("rank", 1),
                within,
                outside,
                block.get("drop_per_month", 0),
                tuple(block.get("holidays", ())),
            )
    return calendars, peaks
