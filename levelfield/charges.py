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

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from levelfield import units
from levelfield._errors import TablesError
from levelfield.expression import (
    ONE,
    ZERO,
    Amount,
    Const,
    ExpressionError,
    In,
    Needs,
    Node,
    Op,
    Symbol,
    all_of,
    mul,
    needs,
)
from levelfield.vocabulary import Vocabulary

CATEGORIES = ("commodity", "network", "levy", "tax", "compensation", "co2")

_INTERVAL = re.compile(r"([\[(])\s*([^,]+),\s*([^\])]+)([\])])\s*(.*)")
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
    change: Mapping[str, str]  # what this version of the law changed, in words
    place: str
    key: str  # the id, with the option of a choice behind @
    needs: Needs


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


def is_related(one: str, other: str) -> bool:
    """Whether one is the other or a part of it: a word on nl.grid bears on nl.grid.contracted, and the reverse."""
    return is_part(one, other) or is_part(other, one)


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
        conditions = compile_when(block.get("when"), words, block.get("claim", ""))
        lets: list[tuple[str, Node]] = []
        lines: tuple[Line, ...] = ()
        if not is_shut(conditions, words.texts):
            for name, text in block.get("let", {}).items():
                node = words.tree(text)
                words.local[name] = node
                lets.append((name, node))
            lines = tuple(_KINDS[kind](block, words))
        scope = block.get("on", "year" if kind in ("brackets", "cap", "floor", "formula") else "segment")
        tests = [condition.test for group in conditions for condition in group]
        return Charge(
            id=block["id"],
            category=block["category"],
            name=block["name"],
            law=block.get("law", ""),
            kind=kind,
            on_year=scope == "year",
            weight="offtake" if kind == "brackets" else "years",
            conditions=conditions,
            claim=block.get("claim", ""),
            relief=bool(block.get("relief", "claim" in block)),
            choice=option[0] if option else "",
            option=option[2] if option else "",
            lets=tuple(lets),
            lines=lines,
            monotone=block.get("monotone") == "raises",
            note=block.get("note", {}),
            change=block.get("change", {}),
            place=place,
            key=f"{block['id']}@{option[2]}" if option else block["id"],
            needs=needs([*tests, *(node for _, node in lets), *(line.amount for line in lines)]),
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


def is_shut(groups: tuple[tuple[Condition, ...], ...], texts: Mapping[str, str]) -> bool:
    """Whether the connection alone rules the charge out: then its lines need not be compiled."""

    def fails(condition: Condition) -> bool:
        key = condition.fact.symbol.removeprefix("connection.") if isinstance(condition.fact, Symbol) else ""
        match condition.test:
            case Op("==", (_, Const(str() as wanted))) if key in texts:
                return texts[key] != wanted
            case In(_, values, _) if key in texts:
                return texts[key] not in values
            case Op("not", (In(_, values, _),)) if key in texts:
                return texts[key] in values
        return False

    return bool(groups) and all(any(fails(condition) for condition in group) for group in groups)


def _tests(tests: Any) -> list[Any]:
    return [{op: bound} for op, bound in tests.items()] if isinstance(tests, Mapping) else [tests]


def _condition(fact_text: str, test: Any, words: Vocabulary) -> Condition:
    fact = words.tree(fact_text)
    if not isinstance(test, Mapping):
        test = {"is": test}
    ((op, value),) = test.items()
    if op in ("in", "not_in"):
        label = value if isinstance(value, str) else ", ".join(value)
        found = words.listed(fact, value) if isinstance(value, str) else In(fact, frozenset(value), label)
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
