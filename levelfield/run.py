"""One evaluation of a year's law: the amounts, what they were reckoned from, and what was missing.

A run with other inputs than its base reckons only the charges that depend on what differs, so that low and high, or a
sensitivity, cost a fraction of a bill.

The amounts are numbers, for one plant; `columns.ColumnRun` is the same run over many plants at once, or over many draws
of a rate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from levelfield.charges import Charge, Choice, Line, conditions_node
from levelfield.expression import FLOATS, Node, Operations, Value, evaluate, number, show_dimensions
from levelfield.lang import Text
from levelfield.plant import COMPANY, MISSING
from levelfield.tables import STATED, Row, worst_grade
from levelfield.year import Year


class Inputs(NamedTuple):
    """What may differ between runs: the claims that count, facts and rates set otherwise, ranges moved to an end.

    `moves` gives a rate's value from its row in force, so that a rate that changes within the year keeps its course.
    """

    claims: frozenset[str]
    facts: Mapping[str, float] = {}
    ends: Mapping[str, str] = {}
    allow_gaps: bool = False
    rates: Mapping[str, float] = {}
    moves: Mapping[str, Callable[[Row], float]] = {}

    def with_claim(self, claim: str) -> Inputs:
        return self._replace(claims=self.claims | {claim})

    def with_fact(self, fact: str, value: float) -> Inputs:
        return self._replace(facts={**self.facts, fact: value})

    def with_end(self, rate: str, end: str) -> Inputs:
        return self._replace(ends={**self.ends, rate: end})

    def with_rate(self, rate: str, value: float) -> Inputs:
        return self._replace(rates={**self.rates, rate: value})

    def with_moves(self, moves: Mapping[str, Callable[[Row], float]]) -> Inputs:
        return self._replace(moves={**self.moves, **moves})

    def changed(self, other: Inputs) -> set[str]:
        """The claims, facts and rates in which two inputs differ, by the names that trees use."""
        found = {f"claim.{claim}" for claim in self.claims ^ other.claims}
        found |= {name for name in {*self.facts, *other.facts} if _differ(self.facts.get(name), other.facts.get(name))}
        found |= {name for name in {*self.rates, *other.rates} if _differ(self.rates.get(name), other.rates.get(name))}
        found |= {name for name in {*self.moves, *other.moves} if self.moves.get(name) is not other.moves.get(name)}
        return found | {name for name in {*self.ends, *other.ends} if self.ends.get(name) != other.ends.get(name)}


def _differ(a: Any, b: Any) -> bool:
    """Whether two numbers, or two columns, are not the same; columns are if they are one object."""
    return a is not b and not (isinstance(a, float) and isinstance(b, float) and a == b)


class Record(NamedTuple):
    """One line of a charge in one segment."""

    charge: Charge
    part: str
    segment: int
    quantity: float | None
    rate: float | None
    amount: float
    evidence: str
    rows: tuple[Row, ...]


class Result:
    """What a charge comes to: EUR by segment, its lines, the uncertain rates it used, and what it lacked."""

    def __init__(self, segments: int, missing: Sequence[MissingRate] = ()) -> None:
        self.amounts = [0.0] * segments
        self.records: list[Record] = []
        self.grade = "official"
        self.ranged: dict[str, None] = {}
        self.missing = list(missing)

    def among(self, truth: float, unknown: list[MissingRate], times: Callable[[float, float], float]) -> Result:
        """The same where an option is chosen (1); where it is not (0) nothing but what was not known in choosing."""
        if isinstance(truth, float) and truth:
            return self
        found = Result(len(self.amounts), unknown)
        if not isinstance(truth, float):
            found.amounts = [times(amount, truth) for amount in self.amounts]
            found.missing += [part for lack in self.missing for part in lack.among(truth)]
        return found

    def note_ranged(self, rows: Mapping[str, Row]) -> None:
        self.ranged.update({rate: None for rate, row in rows.items() if row.low is not None and row.high is not None})


class MissingRate(Exception):  # noqa: N818 - caught within the package, becomes MissingData
    """A tree asked for a rate that the tables do not hold on the day; `saying` has {} where the rate's name belongs.

    `plants` is the mask of the plants that lack it, where a run is over columns; None means all.
    """

    def __init__(self, rate: str, saying: str, plants: Any = None) -> None:
        self.rate, self.saying, self.plants = rate, saying, plants
        super().__init__(saying.format(rate))

    def among(self, truth: float) -> list[MissingRate]:
        """The same for the plants of which something is true (1), none if it is true of none (0)."""
        if isinstance(truth, float):
            return [self] if truth else []
        mask = truth != 0
        return [MissingRate(self.rate, self.saying, mask if self.plants is None else mask & self.plants)]


def told(lacks: Iterable[MissingRate]) -> list[str]:
    """One line for each rate that is missing, of its first stretch; many of one kind in one line."""
    first: dict[str, MissingRate] = {}
    for lack in lacks:
        first.setdefault(lack.rate, lack)
    kinds: dict[tuple[str, str], list[str]] = {}
    for rate, lack in first.items():
        kinds.setdefault((lack.saying, ".".join(rate.split(".")[:3])), []).append(rate)
    return [
        saying.format(", ".join(rates) if len(rates) < 4 else f"{rates[0]} and {len(rates) - 1} more of {kind}")
        for (saying, kind), rates in kinds.items()
    ]


class Env:
    """The values a tree sees: of a segment, or of the whole year under the law of a segment."""

    operations: Operations = FLOATS

    def __init__(self, run: Run, charge: Charge | None, segment: int) -> None:
        self.run, self.segment = run, segment
        self.on_year = charge is None or charge.on_year
        self.charge = charge
        self.values = run.year.on_year if self.on_year else run.year.on_segment[segment]
        self.local: dict[str, float] = {}
        self.rows: dict[str, Row] = {}
        self.used: set[str] = set()
        self.lacks: list[MissingRate] = []  # of some plants only, where a run is over columns
        self.stated = False

    def symbol(self, name: str) -> Value:
        if name in self.local:
            return self.local[name]
        if name in self.run.inputs.facts:
            return self.run.inputs.facts[name]
        words = self.run.year.words
        if name in words.quantity_blocks:
            return self._quantity(words.quantity(name), words.quantity_blocks[name].get("on") == "year")
        if name.startswith("claim."):
            return float(name[6:] in self.run.inputs.claims)
        value = self.values[name]
        if name in COMPANY and isinstance(value, float) and value == MISSING:
            self.run.missing_facts[name] = None
        if name in self.run.year.stated_facts:
            self.stated = True
        return value

    def _quantity(self, tree: Node, on_year: bool) -> Value:
        """A named quantity: as the asking tree sees it, or always on the year if the law says so."""
        if self.on_year or not on_year:
            return evaluate(tree, self)
        segment_values, self.values, self.on_year = self.values, self.run.year.on_year, True
        try:
            return evaluate(tree, self)
        finally:
            self.values, self.on_year = segment_values, False

    def rate(self, name: str) -> float:
        run = self.run
        for stated in (run.inputs.rates, run.year.settings):
            if name in stated:
                self.stated = True
                return stated[name]
        return self.held(name)

    def held(self, name: str) -> float:
        """A rate as the tables hold it. Raises MissingRate."""
        run = self.run
        row = run.year.row(name, self.segment)
        if row is None:
            raise MissingRate(name, run.year.lacking(name, self.segment))
        if row.value is None:
            if not run.inputs.allow_gaps:
                raise MissingRate(
                    name,
                    f"{run.year.place.id}: {{}} is a hole from {row.valid_from} ({row.written}); "
                    "--allow-gaps takes these bounds",
                )
            gap = Text(
                f"{name} is a hole: the middle of {row.written} stands for it, low and high take the ends",
                f"{name} ontbreekt: het midden van {row.written} staat ervoor, laag en hoog nemen de uiteinden",
            )
            run.bridged[gap] = None
            self.rows[name] = row
            if name in run.inputs.moves:
                return run.inputs.moves[name](row)
            low, high = row.low or 0.0, row.high or 0.0
            return {"low": low, "high": high}.get(run.inputs.ends.get(name, ""), (low + high) / 2)
        self.rows[name] = row
        if name in run.inputs.moves:
            return run.inputs.moves[name](row)
        end = run.inputs.ends.get(name)
        if end and row.low is not None and row.high is not None:
            return row.low if end == "low" else row.high
        return row.value

    def amount(self, charges: tuple[str, ...]) -> float:
        """The sum of the named charges and their parts; among the options of a choice, those of the asking charge."""
        total = 0.0
        for key in self.run.members(charges, self.charge):
            self.used.add(key)
            amounts = self.run.results[key].amounts
            total = total + (sum(amounts) if self.on_year else amounts[self.segment])
        return total

    def truth(self, test: Node) -> float:
        """1 where a test holds, 0 where it does not."""
        return 1.0 if evaluate(test, self) else 0.0

    def any(self, truth: float) -> bool:
        """Whether something is true of the plant; over columns, of any plant."""
        return bool(truth)

    def admits(self, test: Node) -> bool:
        """Whether the conditions of a charge hold; over columns, whether they hold for any plant."""
        return bool(evaluate(test, self))

    def admitted(self, amount: float) -> float:
        """An amount of the charge; over columns, of the plants for which its conditions hold, and 0 for the others."""
        return amount


class Run:
    """The law of a year evaluated with given inputs; with a base, only what differs is reckoned anew.

    The base may be of the same law measured for another plant (`Year.measured`).
    """

    def __init__(self, year: Year, inputs: Inputs, base: Run | None = None) -> None:
        self.year, self.inputs = year, inputs
        self.results: dict[str, Result] = dict(base.results) if base else {}
        self.missing_facts: dict[str, None] = dict(base.missing_facts) if base else {}
        self.bridged: dict[Text, None] = dict(base.bridged) if base else {}
        self.chosen: dict[str, str] = dict(base.chosen) if base else {}
        dirty = year.downstream(inputs.changed(base.inputs) | _measured_anew(year, base.year)) if base else None
        for step in year.steps:
            if dirty is not None and step not in dirty:
                continue
            if step.startswith("choice:"):
                self._choose(year.choices[step[7:]])
            else:
                self.results[step] = self._reckon(step)

    @property
    def missing(self) -> list[MissingRate]:
        return [fault for result in self.results.values() for fault in result.missing]

    @property
    def records(self) -> list[Record]:
        return [record for charge in self.year.charges for record in self.results[charge.key].records]

    @property
    def used(self) -> set[str]:
        """The rates of which a value went into a line, or into a test of one that counts."""
        return {row.rate for record in self.records for row in record.rows}

    @property
    def total(self) -> float:
        """Of the segments inside the period, EUR."""
        return sum(result.amounts[i] for result in self.results.values() for i in self.year.inside)

    def ranged(self) -> dict[str, None]:
        """The uncertain rates that were used."""
        return {rate: None for result in self.results.values() for rate in result.ranged}

    def members(self, families: tuple[str, ...], asking: Charge | None) -> list[str]:
        """The keys of the families' charges; of the choice that the asking charge is part of, those of its option."""
        return [
            charge.key
            for charge in self.year.members(families)
            if charge.key in self.results
            and not (asking and charge.choice and charge.choice == asking.choice and charge.option != asking.option)
        ]

    def amount_of(self, key: str) -> float:
        """A charge's amount in the period."""
        return sum(self.results[key].amounts[i] for i in self.year.inside)

    def _reckon(self, key: str) -> Result:
        year = self.year
        result = Result(len(year.segments))
        for index, segment in enumerate(year.segments):
            charge = year.version(key, segment)
            if charge is None:
                continue
            env = self._env(charge, index)
            try:
                if charge.conditions and not env.admits(conditions_node(charge.conditions)):
                    continue
                for name, node in charge.lets:
                    env.local[name] = number(node, env)
                weight = self._weight(charge, index)
                shared, used = dict(env.rows), set(env.used)
                for line in charge.lines:
                    env.rows, env.used = dict(shared), set(used)
                    record = self._record(charge, line, env, weight)
                    result.amounts[index] = result.amounts[index] + record.amount
                    result.records.append(record)
                    result.grade = worst_grade({result.grade, record.evidence})
                    result.note_ranged(env.rows)
            except MissingRate as lack:
                result.missing.append(lack.with_traceback(None))  # which would hold the whole run
            finally:
                result.missing += env.lacks
            result.note_ranged(env.rows)
        return result

    def _weight(self, charge: Charge, index: int) -> float:
        """What a charge reckoned on the year counts for in a segment."""
        if not charge.on_year:
            return 1.0
        if charge.weight == "offtake":
            return self.year.energy[index] / sum(self.year.energy)
        return self.year.segments[index].years

    def _env(self, charge: Charge | None, segment: int) -> Env:
        return Env(self, charge, segment)

    def _record(self, charge: Charge, line: Line, env: Env, weight: float) -> Record:
        quantity, rate, amount = measured(line, env, weight)
        if rate is None:
            rate = amount / quantity if quantity else None
        grades = {row.evidence for row in env.rows.values()}
        grades |= {self.results[key].grade for key in env.used if any(self.results[key].amounts)}
        if env.stated:
            grades.add(STATED)
        return Record(
            charge,
            line.part,
            env.segment,
            quantity,
            rate,
            amount,
            worst_grade(grades),
            tuple(reversed(env.rows.values())),
        )

    def _choose(self, choice: Choice) -> None:
        """Settle a choice: what the plant states, else the default, else the cheapest; the others are dropped.

        Truths are 1 and 0, so that over columns each plant chooses for itself.
        """
        year, env = self.year, self._env(None, 0)
        times, less, most = (env.operations.plain[op] for op in ("*", "<", "max"))
        charges = [charge for charge in year.charges if charge.choice == choice.id]
        open_ = {option: env.truth(conditions_node(when)) for option, when in choice.options}
        picked = dict.fromkeys(open_, 0.0)
        left, found, least = 1.0, 0.0, 0.0
        for option in (year.texts.get(choice.input, ""), choice.default):
            if option in open_:
                picked[option] = picked[option] + left * open_[option]
                left = left * (1 - open_[option])
        unknown = list(env.lacks)
        for option in open_ if env.any(left) else ():
            free, cost = left * open_[option], 0.0
            for charge in charges:
                if charge.option == option:
                    cost = cost + sum(self.results[charge.key].amounts)
                    unknown += [part for lack in self.results[charge.key].missing for part in lack.among(free)]
            better = free * most(1 - found, less(cost, least)) if env.any(found) else free
            picked = {other: truth * (1 - better) for other, truth in picked.items()}
            picked[option] = picked[option] + better
            least = times(least, 1 - better) + times(cost, better)
            found = most(found, better)
        self.chosen[choice.id] = next((option for option, truth in picked.items() if env.any(truth)), "")
        for charge in charges:
            # Where an open option lacks a rate, which one is the cheapest is not known.
            self.results[charge.key] = self.results[charge.key].among(picked[charge.option], unknown, times)


def _measured_anew(year: Year, before: Year) -> set[str]:
    """The symbols that the same law sees otherwise in two plants: facts, and what is measured of the load."""
    if year is before:
        return set()
    pairs = list(zip((year.on_year, *year.on_segment), (before.on_year, *before.on_segment), strict=True))
    names = [
        name
        for name in year.all_needs.symbols
        if name not in year.words.quantity_blocks and year.words.symbol_unit(name) and not name.startswith("claim.")
    ]
    return {name for name in names if any(_differ(now[name], then[name]) for now, then in pairs)}


def measured(line: Line, env: Env, weight: float) -> tuple[float | None, float | None, float]:
    """The quantity and the rate of a line, where the law has such a pair, and its amount."""
    quantity = None if line.quantity is None else number(line.quantity, env) * weight
    rate = None if line.rate is None else number(line.rate, env)
    if quantity is not None and rate is not None:
        return quantity, rate, env.admitted(env.operations.plain["*"](quantity, rate))
    return quantity, None, env.admitted(number(line.amount, env) * weight)


def unit_of(charge: Charge, year: Year, part: str) -> tuple[str, str]:
    """The units of a line's quantity and rate, as they are shown: ('MWh', 'EUR/MWh')."""
    key = id(charge), part  # the year holds the charge
    if key not in year.units:
        year.units[key] = _unit_of(charge, year, part)
    return year.units[key]


def _unit_of(charge: Charge, year: Year, part: str) -> tuple[str, str]:
    line = next(line for line in charge.lines if line.part == part)
    words = year.words
    words.local = dict(charge.lets)
    quantity, rate = (_shown(words.dimensions(node)) if node is not None else "" for node in (line.quantity, line.rate))
    if line.rate is None and quantity:
        rate = "EUR" if quantity == "1" else f"EUR/{quantity}".replace("·", "/")
    return quantity, rate


def _shown(found: tuple[tuple[str, int], ...] | None) -> str:
    return show_dimensions(found).replace("a bare number", "1") if found is not None else "1"
