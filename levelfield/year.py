"""One plant in one jurisdiction in one calendar year: the law compiled, the year cut, the load measured.

A `Year` holds what does not change between evaluations: charges in their order, segments of constant law, determinants.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from levelfield._errors import UserError
from levelfield.calendars import ONE_DAY, Calendar, Peak, Segment, parse_window, segments
from levelfield.charges import Charge, Choice, compile_charge, compile_choice, conditions_node, is_part
from levelfield.expression import Node, Value, rates_of, symbols_of
from levelfield.load import PLAIN_MONTH, PLAIN_WEEK, FlatLoad, LoadCurve, Profile, year_of
from levelfield.plant import Plant
from levelfield.tables import Jurisdiction, Row, Tables
from levelfield.vocabulary import Vocabulary


class Year:
    """The law of a jurisdiction for a plant in a calendar year, compiled and cut into segments."""

    def __init__(
        self,
        tables: Tables,
        plant: Plant,
        place: Jurisdiction,
        year: int,
        period: tuple[date, date],
        reliefs: str = "stated",
        settings: Mapping[str, float] | None = None,
    ) -> None:
        self.tables, self.plant, self.place, self.year = tables, plant, place, year
        self.period = period
        self.settings = dict(settings or {})
        self.reliefs = reliefs
        self.texts, self.assumed_inputs, self.inputs = _connection(plant, place)
        products = {"direct": tuple(plant.products), "indirect": tuple(plant.indirect)}
        self.words = Vocabulary(tables, place, products, self.texts)
        self.calendars, self.peaks = _calendars(tables, place)
        self.active: dict[str, list[tuple[str, str, Charge]]] = {}
        self.choices: dict[str, Choice] = {}
        self.charges = self._compile()
        self.rates = self._all_rates()
        self.segments = segments(date(year, 1, 1), date(year, 12, 31), self._cuts())
        self.profile: Profile = self._profile()
        self.inside = [
            i for i, segment in enumerate(self.segments) if period[0] <= segment.start and segment.end <= period[1]
        ]
        self.energy = [self.profile.energy_in(segment) for segment in self.segments]
        used = self._symbols()
        self.facts = self._facts()
        self.on_year = {**self.facts, **self._determinants(year_of(year), used)}
        self.on_segment = [{**self.facts, **self._determinants(segment, used)} for segment in self.segments]
        self.steps = self._ordered()
        self._downstream: dict[str, frozenset[str]] = {}
        self._rows: dict[tuple[str, int], Row | None] = {}

    # The law ----------------------------------------------------------------------------------------------------------

    def _blocks(self) -> Iterable[dict[str, Any]]:
        for folder in dict.fromkeys(("eu", self.place.folder)):
            for block in self.tables.law(folder).charges:
                if self.place.id in block.get("jurisdictions", [self.place.id]):
                    yield block

    def _compile(self) -> list[Charge]:
        first, last = f"{self.year}-01-01", f"{self.year}-12-31"
        law = [self.tables.law(folder) for folder in dict.fromkeys(("eu", self.place.folder))]
        self.choices = {
            block["id"]: compile_choice(block, self.words)
            for part in law
            for block in part.choices
            if self.place.id in block.get("jurisdictions", [self.place.id])
        }
        charges: dict[str, Charge] = {}
        for block in self._blocks():
            for start, end, version in versions(block):
                if (end and end < first) or start > last:
                    continue
                if self.reliefs == "none" and (version.get("relief") or "claim" in version):
                    continue
                for option in self._options(version):
                    charge = compile_charge(version, self.words, option)
                    self.active.setdefault(charge.key, []).append((start, end, charge))
                    charges.setdefault(charge.key, charge)
        return list(charges.values())

    def _options(self, block: Mapping[str, Any]) -> list[tuple[str, str, str] | None]:
        if "choice" not in block:
            return [None]
        choice = self.choices[block["choice"]]
        wanted = block.get("option")
        return [(choice.id, choice.placeholder, option) for option, _ in choice.options if wanted in (None, option)]

    def version(self, key: str, segment: Segment) -> Charge | None:
        """The charge as the law stands in the segment."""
        day = segment.start.isoformat()
        for start, end, charge in self.active.get(key, ()):
            if start <= day and (not end or day <= end):
                return charge
        return None

    def all_versions(self) -> Iterable[Charge]:
        return (charge for found in self.active.values() for _, _, charge in found)

    def _nodes(self) -> Iterable[Node]:
        seen: set[str] = set()
        queue: list[Node] = [node for charge in self.all_versions() for node in charge.nodes()]
        queue += [conditions_node(when) for choice in self.choices.values() for _, when in choice.options]
        while queue:
            node = queue.pop()
            yield node
            for name in symbols_of(node) & self.words.quantity_blocks.keys() - seen:
                seen.add(name)
                queue.append(self.words.quantity(name))

    def _all_rates(self) -> set[str]:
        return set().union(*(rates_of(node) for node in self._nodes()))

    def _symbols(self) -> set[str]:
        return set().union(*(symbols_of(node) for node in self._nodes()))

    def _cuts(self) -> set[date]:
        cuts = {self.period[0], self.period[1] + ONE_DAY}
        edges = {(row.valid_from, row.valid_to) for rate in self.rates for row in self.tables.rows(rate)}
        edges |= {(start, end) for found in self.active.values() for start, end, _ in found}
        prefix = str(self.year)
        for start, end in edges:
            if start.startswith(prefix):
                cuts.add(date.fromisoformat(start))
            if end.startswith(prefix):
                cuts.add(date.fromisoformat(end) + ONE_DAY)
        return cuts

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
        facts: dict[str, Value] = {
            "yearly_offtake": plant.offtake,
            "full_load_hours": plant.full_load_hours,
            "use_hours": self.profile.use_hours(),
            "yearly_peak": plant.yearly_peak,
            "contracted_power": plant.contracted_power,
            "mean_power": plant.offtake / year_of(self.year).hours * 1000,
            "profile_factor": self._profile_factor(),
            "exempt_process_share": 0.0 if self.reliefs == "none" else plant.exempt_process_share,
            "gross_value_added": plant.gross_value_added,
            "turnover": plant.turnover,
            "payroll": plant.payroll,
            "eu_ets": float(plant.eu_ets),
            "carbon_leakage": float(plant.carbon_leakage),
            "direct_emissions": plant.direct_emissions,
            "free_allocation": plant.free_allocation or 0.0,
            "free_allocation_stated": float(plant.free_allocation is not None),
            "sector": plant.sector,
        }
        price = next((plant.prices[key] for key in self.place.plant_keys if key in plant.prices), None)
        facts["own_price"] = price or 0.0
        facts["own_price_stated"] = float(price is not None)
        for key, value in self.texts.items():
            facts[f"connection.{key}"] = value
        for key, amount in self.inputs.items():
            facts[f"connection.{key}"] = amount
        for group, items in (("direct", plant.products), ("indirect", plant.indirect)):
            for name, fields in items.items():
                facts.update({f"{group}.{name}.{key}": value for key, value in fields.items()})
        return facts

    def _profile_factor(self) -> float:
        if not isinstance(self.profile, LoadCurve):
            return 1.0
        from levelfield.prices import hourly_prices

        prices = hourly_prices(self.tables, self.place.market, self.year)
        return self.profile.profile_factor(prices) if prices else 1.0

    def _determinants(self, segment: Segment, used: set[str]) -> dict[str, Value]:
        """The quantities of a stretch of days, those that the law uses."""
        found: dict[str, Value] = {
            "offtake": self.profile.energy_in(segment),
            "years": segment.years,
            "months": segment.months,
            "weeks": 52 * segment.years,
            "hours": segment.hours,
        }
        if "monthly_peaks" in used:
            found["monthly_peaks"] = self.profile.peak_sum(PLAIN_MONTH, segment)
        if "weekly_peaks" in used:
            found["weekly_peaks"] = self.profile.peak_sum(PLAIN_WEEK, segment)
        for calendar in self.calendars:
            if any(name.startswith(f"offtake.{calendar.name}.") for name in used):
                for name, energy in self.profile.by_class(calendar, segment).items():
                    found[f"offtake.{calendar.name}.{name}"] = energy
            if any(name.startswith(f"overshoot.{calendar.name}.") for name in used):
                for name, power in self.profile.overshoot(calendar, segment, self._subscribed(calendar)).items():
                    found[f"overshoot.{calendar.name}.{name}"] = power
        for peak in self.peaks:
            if f"peak.{peak.name}" in used:
                found[f"peak.{peak.name}"] = self.profile.peak_sum(peak, segment)
        return found

    def _subscribed(self, calendar: Calendar) -> dict[str, float]:
        return {
            name: float(self.inputs.get(f"subscribed_{name}", self.plant.contracted_power))
            for name, _ in calendar.classes
        }

    def claims(self, reliefs: str) -> frozenset[str]:
        """The claims that count: those stated true, all that are not refused, or none."""
        if reliefs == "none":
            return frozenset()
        if reliefs == "all":
            named = {charge.claim for charge in self.all_versions() if charge.claim} | self._claim_symbols()
            return frozenset(named)
        return frozenset(claim for claim, granted in self.plant.claims.items() if granted)

    def _claim_symbols(self) -> set[str]:
        return {name.removeprefix("claim.") for name in self._symbols() if name.startswith("claim.")}

    def open_claims(self) -> list[str]:
        """Claims of this law of which the plant says neither yes nor no."""
        if self.reliefs != "stated":
            return []
        named = dict.fromkeys(charge.claim for charge in self.charges if charge.claim)
        return [claim for claim in named if claim not in self.plant.claims]

    # Order ------------------------------------------------------------------------------------------------------------

    def _ordered(self) -> list[str]:
        """Charge keys and 'choice:…' steps so that each comes after what it needs."""
        keys = [charge.key for charge in self.charges]
        members = {id_: [c.key for c in self.charges if c.choice == id_] for id_ in self.choices}
        needs: dict[str, set[str]] = {f"choice:{id_}": set(found) for id_, found in members.items()}
        for key in keys:
            families = set().union(*(charge.needs() for _, _, charge in self.active[key]))
            wanted: set[str] = set()
            for other in self.charges:
                if other.key != key and any(is_part(other.id, family) for family in families):
                    mine = self.active[key][0][2]
                    same = other.choice and other.choice == mine.choice
                    if same and other.option != mine.option:
                        continue
                    wanted.add(f"choice:{other.choice}" if other.choice and not same else other.key)
            needs[key] = wanted
        order: list[str] = []
        state: dict[str, int] = {}

        def visit(key: str, trail: tuple[str, ...]) -> None:
            if state.get(key) == 2:
                return
            if state.get(key) == 1:
                raise RuntimeError(f"charges need each other: {' → '.join([*trail, key])}")
            state[key] = 1
            for other in sorted(needs[key], key=lambda k: (keys.index(k) if k in keys else len(keys), k)):
                visit(other, (*trail, key))
            state[key] = 2
            order.append(key)

        for key in [*keys, *(f"choice:{id_}" for id_ in self.choices)]:
            visit(key, ())
        return order

    def downstream(self, names: Iterable[str]) -> frozenset[str]:
        """The charge keys whose amount may change when the named claims, facts or rates do."""
        found: set[str] = set()
        for name in names:
            if name not in self._downstream:
                self._downstream[name] = self._affected(name)
            found |= self._downstream[name]
        return frozenset(found)

    def _affected(self, name: str) -> frozenset[str]:
        affected: set[str] = set()
        grown = {name}
        for quantity in self.words.quantity_blocks:
            if self._uses(self.words.quantity(quantity), grown):
                grown.add(quantity)
        families: set[str] = set()
        for step in self.steps:
            if step.startswith("choice:"):
                group = [charge for charge in self.charges if charge.choice == step[7:]]
                if any(charge.key in affected for charge in group):
                    affected |= {step, *(charge.key for charge in group)}
                    families |= {charge.id for charge in group}
                continue
            for _, _, charge in self.active[step]:
                touched = any(self._uses(node, grown) for node in charge.nodes())
                if touched or any(is_part(id_, family) for family in charge.needs() for id_ in families):
                    affected.add(step)
                    families.add(charge.id)
        # Options that were dropped must be reckoned again before their choice is settled anew.
        for id_ in self.choices:
            if f"choice:{id_}" in affected:
                affected |= {charge.key for charge in self.charges if charge.choice == id_}
        return frozenset(affected)

    def _uses(self, node: Node, names: set[str]) -> bool:
        return bool((symbols_of(node) | rates_of(node)) & names)

    # Rates ------------------------------------------------------------------------------------------------------------

    def row(self, rate: str, segment: int) -> Row | None:
        """The row of a rate in force in a segment."""
        key = (rate, segment)
        if key not in self._rows:
            self._rows[key] = self.tables.row(rate, self.segments[segment].start.isoformat())
        return self._rows[key]

    def lacking(self, rate: str, segment: int) -> str:
        """What to say of a rate that the tables do not hold in a segment."""
        starts = sorted({row.valid_from for row in self.tables.rows(rate)})
        there = f"they hold it from {', '.join(starts)}" if starts else "no year of it is held"
        return f"{self.place.id}: the tables lack {rate} on {self.segments[segment].start}; {there}"


def versions(block: Mapping[str, Any]) -> list[tuple[str, str, Mapping[str, Any]]]:
    """A law block as (valid_from, valid_to, block) for each version of it, in time."""
    later = sorted(block.get("version", []), key=lambda version: version["valid_from"])
    states = [dict(block)]
    for version in later:
        states.append({**states[-1], "valid_to": "", **version})
    found: list[tuple[str, str, Mapping[str, Any]]] = []
    for state, after in zip(states, [*later, None], strict=True):
        state.pop("version", None)
        end = state.get("valid_to", "")
        if after is not None:
            eve = (date.fromisoformat(after["valid_from"]) - timedelta(days=1)).isoformat()
            end = min(end or eve, eve)
        found.append((state.get("valid_from", ""), end, state))
    return found


def _connection(plant: Plant, place: Jurisdiction) -> tuple[dict[str, str], list[str], dict[str, float]]:
    """The connection in the country's own terms: its texts, what was assumed, and its numbers."""
    stated: dict[str, Any] = {}
    for key in reversed(place.plant_keys):
        stated.update(plant.connections.get(key, {}))
    default = dict(place.levels[stated.get("level", plant.level)])
    assumed = default.pop("assumes", "")
    texts = {key: str(value) for key, value in default.items()}
    texts.update({key: str(stated[key]) for key, spec in place.inputs.items() if "values" in spec and key in stated})
    numbers: dict[str, float] = {}
    for key, spec in place.inputs.items():
        if "values" in spec:
            texts.setdefault(key, str(spec.get("default", "")))
        elif key in stated:
            numbers[key] = float(stated[key])
        else:
            default_value = spec.get("default", 0.0)
            numbers[key] = getattr(plant, default_value) if isinstance(default_value, str) else float(default_value)
    notes = [assumed] if assumed and not any(key in stated for key in default) else []
    return texts, notes, numbers


def _calendars(tables: Tables, place: Jurisdiction) -> tuple[list[Calendar], list[Peak]]:
    calendars, peaks = [], []
    for folder in dict.fromkeys(("eu", place.folder)):
        law = tables.law(folder)
        for block in law.calendars:
            classes = tuple((item["id"], parse_window(item)) for item in block["class"])
            calendars.append(Calendar(block["id"], classes, tuple(block.get("holidays", ()))))
        for block in law.peaks:
            within, outside = (tuple(parse_window(w) for w in block.get(side, ())) for side in ("within", "outside"))
            peaks.append(
                Peak(
                    block["id"],
                    block["per"],
                    block.get("rank", 1),
                    within,
                    outside,
                    block.get("drop_per_month", 0),
                    tuple(block.get("holidays", ())),
                )
            )
    return calendars, peaks
