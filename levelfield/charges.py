"""The closed vocabulary of charge kinds: each law block becomes a charge whose lines are trees.

kind         amount of a line                                                          reckoned on
rate         basis × rate (× years or months, where the rate is per a or per month)    the segment
steps        basis × the one rate where a fact falls                                   the segment
brackets     for each band, the part of the basis in it × its rate                     the year
share        rate × the sum of named charges                                           the segment
reduction    −(rate, steps or ramp of a fact) × the sum of named charges               the segment
cap          −max(0, sum of named charges − a limit)                                   the year
floor        +max(0, a limit − sum of named charges)                                   the year
formula      what it says, with named intermediate results in `let`                    the year, or as it says

A charge on the segment sees the quantities of a stretch of constant law; one on the year sees those of the calendar
year and counts for a segment by its share of the year (of the offtake, for brackets). docs/tables.md is the reference.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from levelfield import units
from levelfield._errors import TablesError
from levelfield.expression import (
    ONE,
    ZERO,
    Amount,
    Const,
    Dimensions,
    ExpressionError,
    In,
    Names,
    Node,
    Op,
    Rate,
    Symbol,
    add,
    all_of,
    amounts_of,
    dotted,
    infer,
    mul,
    parse,
    parse_ast,
    rates_of,
    symbols_of,
)
from levelfield.tables import Jurisdiction, Tables

CATEGORIES = ("commodity", "network", "levy", "tax", "compensation", "co2")

SYMBOLS: dict[str, str] = {
    "offtake": "MWh",
    "yearly_offtake": "MWh",
    "full_load_hours": "h",
    "use_hours": "h",
    "yearly_peak": "kW",
    "contracted_power": "kW",
    "mean_power": "kW",
    "monthly_peaks": "kW*month",
    "weekly_peaks": "kW*week",
    "profile_factor": "",
    "years": "a",
    "months": "month",
    "weeks": "week",
    "hours": "h",
    "exempt_process_share": "",
    "own_price": "EUR/MWh",
    "own_price_stated": "",
    "gross_value_added": "EUR",
    "turnover": "EUR",
    "payroll": "EUR",
    "eu_ets": "",
    "carbon_leakage": "",
    "direct_emissions": "tCO2",
    "free_allocation": "tCO2",
    "free_allocation_stated": "",
    "sector": "text",
}
"""What a formula may ask of the plant and the period, with its unit. Kinds with a suffix are in `_symbol_unit`."""

_INTERVAL = re.compile(r"([\[(])\s*([^,]+),\s*([^\])]+)([\])])\s*(.*)")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_TESTS = {"at_least": ">=", "above": ">", "at_most": "<=", "below": "<", "is": "=="}


class Line(NamedTuple):
    """One line of a bill: `amount` is `quantity` times `rate` where the law has such a pair."""

    part: str
    quantity: Node | None
    rate: Node | None
    amount: Node


class Condition(NamedTuple):
    """A test of the law on a fact; `bound` is None where the fact is a text or a yes or no."""

    fact: Node
    op: str
    bound: Node | None
    test: Node
    label: str


class Charge(NamedTuple):
    id: str
    category: str
    name: Mapping[str, str]
    law: str
    kind: str
    on_year: bool
    weight: str  # by what a charge on the year counts for a segment: 'offtake' or 'years'
    conditions: tuple[tuple[Condition, ...], ...]  # any of the groups, all of a group
    claim: str
    relief: bool
    choice: str
    option: str
    lets: tuple[tuple[str, Node], ...]
    lines: tuple[Line, ...]
    monotone: bool
    note: Mapping[str, str]
    place: str

    @property
    def key(self) -> str:
        return f"{self.id}@{self.option}" if self.option else self.id

    def nodes(self) -> Iterable[Node]:
        for group in self.conditions:
            for condition in group:
                yield condition.test
        for _, node in self.lets:
            yield node
        for line in self.lines:
            yield line.amount

    def rates(self) -> set[str]:
        return set().union(*(rates_of(node) for node in self.nodes()))

    def needs(self) -> set[str]:
        """The charges (or families) whose amounts it uses."""
        return set().union(*(amounts_of(node) for node in self.nodes()))


class Choice(NamedTuple):
    """Something the customer chooses for a year, such as a tariff version; each option has its conditions."""

    id: str
    placeholder: str
    options: tuple[tuple[str, tuple[tuple[Condition, ...], ...]], ...]
    input: str  # the key of the plant file's connection that states the choice
    default: str  # an option, or 'cheapest'
    name: Mapping[str, str]
    option_names: Mapping[str, Mapping[str, str]]


def is_part(charge: str, family: str) -> bool:
    return charge == family or charge.startswith(f"{family}.")


class Vocabulary(Names):
    """What names mean in the law of one jurisdiction, for a plant with the given products and connection."""

    def __init__(
        self,
        tables: Tables,
        jurisdiction: Jurisdiction,
        products: Mapping[str, tuple[str, ...]],
        texts: Mapping[str, str],
    ) -> None:
        self.tables = tables
        self.jurisdiction = jurisdiction
        self.products = products
        self.texts = dict(texts)
        blocks = [tables.law(folder) for folder in ("eu", jurisdiction.folder)]
        self.calendars = {c["id"]: [k["id"] for k in c["class"]] for law in blocks for c in law.calendars}
        self.peaks = {p["id"]: p for law in blocks for p in law.peaks}
        self.quantity_blocks = {
            q["id"]: q
            for law in blocks
            for q in law.quantities
            if jurisdiction.id in q.get("jurisdictions", [jurisdiction.id])
        }
        self.local: dict[str, Dimensions | None] = {}
        self._dimensions: dict[str, Dimensions | None] = {}
        self._trees: dict[str, Node] = {}

    # Names ------------------------------------------------------------------------------------------------------------

    def fill(self, text: str, place: str = "") -> str:
        """The text with {level}, {operator} and the like filled in from the connection."""

        def value(match: re.Match[str]) -> str:
            if match[1] not in self.texts:
                raise ExpressionError(f"{place}: {match[0]} is no key of the connection in {self.jurisdiction.id}")
            return self.texts[match[1]].lower()

        return _PLACEHOLDER.sub(value, text)

    def tree(self, text: str | float, place: str = "") -> Node:
        """The tree of a formula; a quantity with a unit such as '7000 h' is a constant."""
        if isinstance(text, (int, float)):
            return Const(float(text))
        return parse(self.fill(text, place), self)

    def name(self, dotted: str) -> Node:
        if dotted in self.local or self.symbol_unit(dotted) is not None:
            return Symbol(dotted)
        if dotted in self.tables:
            return Rate(dotted)
        if any(value and f".{value.lower()}." in f"{dotted}." for value in self.texts.values()):
            return Rate(
                dotted
            )  # a tariff of an operator or level that the tables lack: a hole, found when it is needed
        close = difflib.get_close_matches(dotted, [*SYMBOLS, *self.quantity_blocks, *self.tables.rate_ids], 1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise ExpressionError(f"'{dotted}' is neither a rate, a quantity nor a fact{hint}")

    def call(self, function: str, args: list[Any]) -> Node | None:
        if function == "sector_in" and len(args) == 1:
            return self.sector_in(dotted(args[0]))
        if function == "sum_products" and len(args) == 2:
            group = dotted(args[0])
            terms = [
                parse_ast(args[1], _ProductNames(self, group, product)) for product in self.products.get(group, ())
            ]
            return add(*terms)
        return None

    def sector_in(self, name: str) -> Node:
        if name not in self.tables.lists:
            raise ExpressionError(f"'{name}' is no list of the tables")
        return In(Symbol("sector"), self.tables.list_of(name), name)

    def symbol_unit(self, name: str) -> str | None:
        """The unit of a symbol, 'text', or None if there is no such symbol."""
        if name in SYMBOLS:
            return SYMBOLS[name]
        head, _, rest = name.partition(".")
        if head == "connection":
            if rest in self.texts:
                return "text"
            spec = self.jurisdiction.inputs.get(rest)
            return None if spec is None else ("text" if "values" in spec else spec.get("unit", ""))
        if head == "claim":
            return ""
        if head in ("offtake", "overshoot"):
            calendar, _, kind = rest.rpartition(".")
            unit = "MWh" if head == "offtake" else "kW*month"
            return unit if kind in self.calendars.get(calendar, ()) else None
        if head == "peak":
            found = self.peaks.get(rest)
            return None if found is None else ("kW" if found["per"] == "year" else f"kW*{found['per']}")
        return self.quantity_blocks[name]["unit"] if name in self.quantity_blocks else None

    # Units ------------------------------------------------------------------------------------------------------------

    def unit_of(self, node: Node) -> Dimensions | None:
        match node:
            case Amount():
                return (("EUR", 1),)
            case Rate(rate):
                return units.dimensions(self.tables.unit(rate)) if rate in self.tables else None
            case Symbol(name) if name in self.local:
                return self.local[name]
            case Symbol(name):
                unit = self.symbol_unit(name)
                if unit is None:
                    return None  # a field of a product
                return None if unit == "text" else units.dimensions(_known(unit))
        return None

    def dimensions(self, node: Node) -> Dimensions | None:
        return infer(node, self.unit_of)

    def quantity(self, name: str) -> Node:
        """The tree of a quantity that the law names."""
        if name not in self._trees:
            block = self.quantity_blocks[name]
            try:
                self._trees[name] = self.tree(block["formula"], block["place"])
            except ExpressionError as error:
                raise TablesError(f"{block['place']}: quantity {name}: {error}") from None
        return self._trees[name]


def _known(unit: str) -> str:
    return unit if "*" in unit else units.canonical(unit)[0]


class _ProductNames(Names):
    """Names inside sum_products(): the fields of one product, per(rate) and among(list)."""

    fields = ("output", "emissions", "electricity", "consumption")

    def __init__(self, outer: Vocabulary, group: str, product: str) -> None:
        self.outer, self.group, self.product = outer, group, product

    def name(self, dotted: str) -> Node:
        return Symbol(f"{self.group}.{self.product}.{dotted}") if dotted in self.fields else self.outer.name(dotted)

    def call(self, function: str, args: list[Any]) -> Node | None:
        if function == "per" and len(args) == 1:
            return Rate(f"{dotted(args[0])}.{self.product}")
        if function == "among" and len(args) == 1:
            return ONE if self.product in self.outer.tables.list_of(dotted(args[0])) else ZERO
        return self.outer.call(function, args)


# From law block to charge ---------------------------------------------------------------------------------------------


def compile_charge(block: Mapping[str, Any], words: Vocabulary, option: tuple[str, str, str] | None = None) -> Charge:
    """The charge of a law block, for one option of its choice if it has one.

    `option` is (choice, placeholder, option). Raises TablesError with the block's place.
    """
    place = block["place"]
    if option:
        words.texts[option[1]] = option[2]
    words.local = {}
    try:
        kind = block["kind"]
        if kind not in _KINDS:
            raise ExpressionError(f"kind '{kind}' is unknown; known are {', '.join(_KINDS)}")
        lets = []
        for name, text in block.get("let", {}).items():
            node = words.tree(text, place)
            words.local[name] = words.dimensions(node)
            lets.append((name, node))
        lines = tuple(_KINDS[kind](block, words))
        scope = block.get("on", "year" if kind in ("brackets", "cap", "floor", "formula") else "segment")
        return Charge(
            id=block["id"],
            category=block["category"],
            name=block["name"],
            law=block.get("law", ""),
            kind=kind,
            on_year=scope == "year",
            weight="offtake" if kind == "brackets" else "years",
            conditions=compile_when(block.get("when"), words, block.get("claim", "")),
            claim=block.get("claim", ""),
            relief=bool(block.get("relief", "claim" in block)),
            choice=option[0] if option else "",
            option=option[2] if option else "",
            lets=tuple(lets),
            lines=lines,
            monotone=block.get("monotone") == "raises",
            note=block.get("note", {}),
            place=place,
        )
    except KeyError as error:
        raise TablesError(f"{place}: {block.get('id', 'a charge')}: the key {error} is missing") from None
    except (ExpressionError, units.UnitError) as error:
        raise TablesError(f"{place}: {block.get('id', 'a charge')}: {error}") from None
    finally:
        if option:
            words.texts.pop(option[1], None)


def compile_choice(block: Mapping[str, Any], words: Vocabulary) -> Choice:
    options = tuple((item["id"], compile_when(item.get("when"), words, "")) for item in block["options"])
    names = {item["id"]: item.get("name", {"en": item["id"]}) for item in block["options"]}
    return Choice(
        block["id"],
        block["placeholder"],
        options,
        block["input"],
        block.get("default", "cheapest"),
        block["name"],
        names,
    )


def compile_when(
    when: Mapping[str, Any] | list[Mapping[str, Any]] | None, words: Vocabulary, claim: str
) -> tuple[tuple[Condition, ...], ...]:
    """Conditions in groups: a list of tables means any of them, a table means all of its tests."""
    claimed = (_condition(f"claim.{claim}", True, words),) if claim else ()
    groups = [when] if isinstance(when, Mapping) else when or []
    if not groups:
        return (claimed,) if claimed else ()
    return tuple(
        claimed + tuple(_condition(fact, test, words) for fact, tests in group.items() for test in _tests(tests))
        for group in groups
    )


def _tests(tests: Any) -> list[Any]:
    return [{op: bound} for op, bound in tests.items()] if isinstance(tests, Mapping) else [tests]


def _condition(fact_text: str, test: Any, words: Vocabulary) -> Condition:
    fact = words.tree(fact_text)
    if not isinstance(test, Mapping):
        test = {"is": test}
    ((op, value),) = test.items()
    if op in ("in", "not_in"):
        members = words.tables.list_of(value) if isinstance(value, str) else frozenset(value)
        label = value if isinstance(value, str) else ", ".join(value)
        found = In(fact, members, label)
        return Condition(fact, op, None, found if op == "in" else Op("not", (found,)), label)
    if op not in _TESTS:
        raise ExpressionError(f"'{op}' is no test; known are {', '.join([*_TESTS, 'in', 'not_in'])}")
    if op == "is":
        expected = Const(float(value) if isinstance(value, bool) else value)
        return Condition(fact, op, None, Op("==", (fact, expected)), str(value))
    bound = _bound(value, words)
    return Condition(fact, op, bound, Op(_TESTS[op], (fact, bound)), str(value))


def _bound(value: Any, words: Vocabulary) -> Node:
    """A threshold: a number, a written quantity ('7000 h') or the name of a rate."""
    if isinstance(value, str) and value[:1].isdigit():
        return _quantity(*units.split(value))
    return words.tree(value)


def conditions_node(groups: tuple[tuple[Condition, ...], ...]) -> Node:
    """One tree that is true when the conditions hold."""
    if not groups:
        return ONE
    tests = [all_of(*(condition.test for condition in group)) if group else ONE for group in groups]
    return tests[0] if len(tests) == 1 else Op("or", tuple(tests))


# The kinds ------------------------------------------------------------------------------------------------------------


def _pair(part: str, quantity: Node, rate: Node, words: Vocabulary) -> Line:
    """quantity × rate, times years, months or weeks where the rate is per year, month or week."""
    left = dict(words.dimensions(mul(quantity, rate)) or ())
    for unit, symbol in (("a", "years"), ("month", "months"), ("week", "weeks")):
        if left.get(unit) == -1:
            quantity = mul(quantity, Symbol(symbol))
    return Line(part, quantity, rate, mul(quantity, rate))


def _rate(block: Mapping[str, Any], words: Vocabulary) -> list[Line]:
    return [_pair("", words.tree(block["basis"]), words.tree(block["rate"]), words)]


def interval(text: str) -> tuple[Const, Const, bool, bool]:
    """'[0, 10000) kWh' as 0 MWh, 10 MWh, True, False: lower, upper, and which ends belong to it."""
    match = _INTERVAL.fullmatch(text.strip())
    if not match:
        raise ExpressionError(f"'{text}' is no interval; write for example [0, 10000) kWh")
    low, high = (_quantity(float(end), match[5].strip()) for end in (match[2], match[3]))
    if not low.value < high.value:  # type: ignore[operator]
        raise ExpressionError(f"the interval '{text}' is empty")
    return low, high, match[1] == "[", match[4] == "]"


def _quantity(number: float, unit: str) -> Const:
    """A constant with a unit, in the canonical one."""
    name, factor = units.canonical(unit)
    return Const(float(f"{number * factor:.15g}"), units.dimensions(name))


def _brackets(block: Mapping[str, Any], words: Vocabulary) -> list[Line]:
    basis, lines, expected = words.tree(block["basis"]), [], 0.0
    for number, band in enumerate(block["brackets"], 1):
        low, high, *_ = interval(band["interval"])
        if low.value != expected:
            raise ExpressionError(
                f"the band {band['interval']} does not start where the one before ends ({expected:g})"
            )
        expected = float(high.value)
        top = basis if expected == float("inf") else Op("min", (basis, high))
        within = top if low.value == 0 else Op("max", (ZERO, Op("-", (top, low))))
        lines.append(_pair(band.get("part", f"band{number}"), within, words.tree(band["rate"]), words))
    if expected != float("inf"):
        raise ExpressionError("the last band must end at inf")
    return lines


def _stepped(steps: list[Mapping[str, Any]], fact: Node, words: Vocabulary) -> Node:
    """The value of the step in which the fact falls; outside all steps it is zero."""
    node: Node = ZERO
    for step in reversed(steps):
        low, high, low_in, high_in = interval(step["interval"])
        tests: list[Node] = []
        if low.value != float("-inf"):
            tests.append(Op(">=" if low_in else ">", (fact, low)))
        if high.value != float("inf"):
            tests.append(Op("<=" if high_in else "<", (fact, high)))
        node = Op("if", (all_of(*tests) if tests else ONE, words.tree(step["rate"]), node))
    return node


def _steps(block: Mapping[str, Any], words: Vocabulary) -> list[Line]:
    return [_pair("", words.tree(block["basis"]), _stepped(block["steps"], words.tree(block["by"]), words), words)]


def _named(block: Mapping[str, Any]) -> Node:
    return Amount(tuple(block["of"]))


def _share(block: Mapping[str, Any], words: Vocabulary) -> list[Line]:
    base, rate = _named(block), words.tree(block["rate"])
    return [Line("", base, rate, mul(base, rate))]


def _reduction(block: Mapping[str, Any], words: Vocabulary) -> list[Line]:
    base = _named(block)
    if "steps" in block:
        rate = _stepped(block["steps"], words.tree(block["by"]), words)
    elif "ramps" in block:
        rate = ONE
        for ramp in block["ramps"]:
            rate = mul(rate, _ramp(ramp, words))
    else:
        rate = words.tree(block["rate"])
    if "at_most" in block:
        rate = Op("min", (rate, words.tree(block["at_most"])))
    return [Line("", base, mul(Const(-1.0), rate), mul(mul(Const(-1.0), rate), base))]


def _ramp(ramp: Mapping[str, Any], words: Vocabulary) -> Node:
    """0 below `from`, 1 above `to`, straight in between."""
    fact = words.tree(ramp["fact"])
    low, high = _bound(ramp["from"], words), _bound(ramp["to"], words)
    slope = Op("/", (Op("-", (fact, low)), Op("-", (high, low))))
    return Op("min", (ONE, Op("max", (ZERO, slope))))


def _cap(block: Mapping[str, Any], words: Vocabulary) -> list[Line]:
    excess = Op("max", (ZERO, Op("-", (_named(block), words.tree(block["at"])))))
    return [Line("", None, None, mul(Const(-1.0), excess))]


def _floor(block: Mapping[str, Any], words: Vocabulary) -> list[Line]:
    return [Line("", None, None, Op("max", (ZERO, Op("-", (words.tree(block["at"]), _named(block))))))]


def _formula(block: Mapping[str, Any], words: Vocabulary) -> list[Line]:
    quantity = words.tree(block["quantity"]) if "quantity" in block else None
    return [Line("", quantity, None, words.tree(block["formula"]))]


_KINDS: dict[str, Callable[[Mapping[str, Any], Vocabulary], list[Line]]] = {
    "rate": _rate,
    "brackets": _brackets,
    "steps": _steps,
    "share": _share,
    "reduction": _reduction,
    "cap": _cap,
    "floor": _floor,
    "formula": _formula,
}
KINDS = tuple(_KINDS)


def symbols_used(charges: Iterable[Charge]) -> set[str]:
    return set().union(*(symbols_of(node) for charge in charges for node in charge.nodes()))
