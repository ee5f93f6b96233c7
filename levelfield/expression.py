"""The tree that a charge is.

A charge, a condition and a named quantity are each one small tree over constants, rates, symbols (determinants and
facts of the plant) and the amounts of other charges. The tree is total: every tree over finite inputs has a value. It
can be evaluated, written out with its numbers, checked for units and asked what it needs; it does no input or output.

A tree is evaluated over numbers, or over columns: arrays that hold one number a plant. One `evaluate` walks it; what
differs are the `Operations` (those on columns are in columns.py), so that a single plant never waits for NumPy.

How a tree is written as a formula: see `formula`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias

Value: TypeAlias = float | str
"""A number or a text. Where trees are evaluated over columns, an array of one number (or a text's code) a plant stands
for it: its type is told as that of its members, since to the law it is one."""


Dimensions: TypeAlias = tuple[tuple[str, int], ...]
"""Base units with their powers: EUR/MWh is (('EUR', 1), ('MWh', -1)); () is a bare number."""


class Const(NamedTuple):
    value: Value
    unit: Dimensions = ()


class Symbol(NamedTuple):
    """A determinant, a fact of the plant, or a quantity that the law names."""

    symbol: str


class Rate(NamedTuple):
    rate: str


class Amount(NamedTuple):
    """The sum in EUR of the named charges; a name stands for itself and all its parts."""

    charges: tuple[str, ...]


class Op(NamedTuple):
    op: str
    args: tuple[Node, ...]


class In(NamedTuple):
    """Whether a text fact is one of the values (1 or 0)."""

    fact: Node
    values: frozenset[str]
    label: str


Node: TypeAlias = Const | Symbol | Rate | Amount | Op | In

ZERO, ONE = Const(0.0), Const(1.0)


class Env(Protocol):
    """Where a tree finds its values. Each look-up may raise; a branch not taken is never looked up."""

    operations: Operations

    def symbol(self, name: str) -> Value: ...
    def rate(self, name: str) -> float: ...
    def amount(self, charges: tuple[str, ...]) -> float: ...


class Operations(NamedTuple):
    """What the operators do: `plain` with the values of all arguments, `branch` with the arguments that it chooses."""

    plain: Mapping[str, Callable[..., Any]]
    branch: Mapping[str, Callable[[tuple[Node, ...], Any], Value]]


class ExpressionError(ValueError):
    """A formula that is not in the language: says what was found and what may stand there."""


def _div(a: float, b: float) -> float:
    if b:
        return a / b if math.isfinite(a) or math.isfinite(b) else 0.0
    return math.copysign(math.inf, a) if a else 0.0


def _mul(a: float, b: float) -> float:
    return a * b if a and b else 0.0


def _if(args: tuple[Node, ...], env: Env) -> Value:
    return evaluate(args[1] if evaluate(args[0], env) else args[2], env)


def _and(args: tuple[Node, ...], env: Env) -> Value:
    return float(all(evaluate(arg, env) for arg in args))


def _or(args: tuple[Node, ...], env: Env) -> Value:
    return float(any(evaluate(arg, env) for arg in args))


_COMPARED: dict[str, Callable[[float, float], float]] = {
    "<": lambda a, b: float(a < b),
    "<=": lambda a, b: float(a <= b),
    ">": lambda a, b: float(a > b),
    ">=": lambda a, b: float(a >= b),
    "==": lambda a, b: float(a == b),
    "!=": lambda a, b: float(a != b),
}
_BINARY: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": _mul,
    "/": _div,
    "round": lambda a, digits: round(a, int(digits)),
    **_COMPARED,
}
FLOATS = Operations(
    {
        **_BINARY,
        "min": lambda *values: min(values),
        "max": lambda *values: max(values),
        "sum": lambda *values: sum(values),
        "not": lambda value: float(not value),
        "in": lambda text, members: float(text in members),
    },
    {"if": _if, "and": _and, "or": _or},
)


_BRANCHES = frozenset(FLOATS.branch)


def evaluate(node: Node, env: Env) -> Value:
    """The value of the tree. x / 0 is 0 for x = 0 and infinite otherwise; 0 times infinity is 0: the tree is total."""
    kind = type(node)
    if kind is Const:
        return node.value  # type: ignore[union-attr]
    if kind is Symbol:
        return env.symbol(node.symbol)  # type: ignore[union-attr]
    if kind is Rate:
        return env.rate(node.rate)  # type: ignore[union-attr]
    if kind is Op:
        op, args = node.op, node.args  # type: ignore[union-attr]
        if op in _BRANCHES:
            return env.operations.branch[op](args, env)
        if len(args) == 2:
            return env.operations.plain[op](evaluate(args[0], env), evaluate(args[1], env))  # type: ignore[no-any-return]
        return env.operations.plain[op](*[evaluate(arg, env) for arg in args])  # type: ignore[no-any-return]
    if kind is In:
        return env.operations.plain["in"](evaluate(node.fact, env), node.values)  # type: ignore[union-attr, no-any-return]
    return env.amount(node.charges)  # type: ignore[union-attr]


def number(node: Node, env: Env) -> float:
    """The value of a tree that is a number."""
    value = evaluate(node, env)
    if isinstance(value, str):
        raise ExpressionError(f"'{value}' is a text where a number is needed")
    return value


def add(*terms: Node) -> Node:
    kept = tuple(term for term in terms if term != ZERO)
    return Op("sum", kept) if len(kept) > 1 else (kept[0] if kept else ZERO)


def mul(a: Node, b: Node) -> Node:
    if ONE in (a, b):
        return b if a == ONE else a
    return Op("*", (a, b))


def all_of(*tests: Node) -> Node:
    return Op("and", tests) if len(tests) != 1 else tests[0]


class Needs(NamedTuple):
    """What trees look up: symbols, rates and the charges whose amounts they use."""

    symbols: frozenset[str]
    rates: frozenset[str]
    charges: frozenset[str]

    def __or__(self, other: Needs) -> Needs:
        return Needs(self.symbols | other.symbols, self.rates | other.rates, self.charges | other.charges)


NO_NEEDS = Needs(frozenset(), frozenset(), frozenset())


def needs(nodes: Iterable[Node]) -> Needs:
    """What the trees look up, in any of their branches."""
    symbols: set[str] = set()
    rates: set[str] = set()
    charges: set[str] = set()
    stack = list(nodes)
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind is Op:
            stack.extend(node.args)  # type: ignore[union-attr]
        elif kind is Symbol:
            symbols.add(node.symbol)  # type: ignore[union-attr]
        elif kind is Rate:
            rates.add(node.rate)  # type: ignore[union-attr]
        elif kind is Amount:
            charges.update(node.charges)  # type: ignore[union-attr]
        elif kind is In:
            stack.append(node.fact)  # type: ignore[union-attr]
    return Needs(frozenset(symbols), frozenset(rates), frozenset(charges))


# Written out ----------------------------------------------------------------------------------------------------------

_LEVEL = {"if": 0, "or": 1, "and": 2, "not": 3, "sum": 5, "+": 5, "-": 5, "*": 6, "/": 6}
_SIGN = {"*": "×", "/": "÷", "<=": "≤", ">=": "≥", "!=": "≠", "==": "="}


def write(node: Node, leaf: Callable[[Node], str], level: int = 0) -> str:
    """The tree in ordinary notation; `leaf` says how a constant, rate, symbol or amount is shown."""
    if isinstance(node, In):
        return f"{leaf(node.fact)} in {node.label}"
    if not isinstance(node, Op):
        return leaf(node)
    op, args = node.op, node.args
    mine = _LEVEL.get(op, 4)
    if op in ("min", "max"):
        return f"{op}({', '.join(write(arg, leaf) for arg in args)})"
    if op == "if":
        text = " ".join((write(args[1], leaf, 1), "if", write(args[0], leaf, 1), "else", write(args[2], leaf, 0)))
    elif op == "not":
        text = f"not {write(args[0], leaf, mine)}"
    elif op == "sum":
        text = " + ".join(write(arg, leaf, mine) for arg in args)
    else:
        sign = f" {_SIGN.get(op, op)} "
        # The right side of - and ÷ binds tighter, so that a - (b - c) keeps its brackets; comparisons are not chained.
        compared = op in _BINARY and mine == 4
        text = sign.join(write(arg, leaf, mine + (compared or (i > 0 and op in "-/"))) for i, arg in enumerate(args))
    return f"({text})" if mine < level else text


# Units ----------------------------------------------------------------------------------------------------------------


def infer(node: Node, unit_of: Callable[[Node], Dimensions | None]) -> Dimensions | None:
    """The dimensions of the tree's value; None fits any (a text, zero, infinity).

    `unit_of` gives those of a rate, symbol or amount. Raises ExpressionError where unlike things are added or compared.
    """
    if isinstance(node, Const):
        return None if isinstance(node.value, str) or node.value in (0, math.inf) else node.unit
    if isinstance(node, In):
        return ()
    if not isinstance(node, Op):
        return unit_of(node)
    parts = [infer(arg, unit_of) for arg in node.args]
    if node.op in ("*", "/"):
        if None in parts:
            return None
        powers: dict[str, int] = {}
        for sign, part in zip((1, 1 if node.op == "*" else -1), parts, strict=True):
            for name, power in part or ():
                powers[name] = powers.get(name, 0) + sign * power
        return tuple(sorted((name, power) for name, power in powers.items() if power))
    if node.op in ("and", "or", "not"):
        return ()
    alike = parts[1:] if node.op == "if" else parts
    kinds = {part for part in alike if part is not None}
    if len(kinds) > 1:
        shown = " and ".join(sorted(show_dimensions(kind) for kind in kinds))
        raise ExpressionError(f"{shown} cannot be added or compared in '{write(node, _plain_leaf)}'")
    if node.op in _BINARY and node.op not in ("+", "-"):
        return ()
    return next(iter(kinds), None)


_TIMES = ("h", "week", "month", "a")


def show_dimensions(dimensions: Dimensions) -> str:
    """'EUR/kW/a' for (('EUR', 1), ('a', -1), ('kW', -1)): times come last, as tariffs write them."""
    ordered = sorted(dimensions, key=lambda item: (item[0] in _TIMES, item[0]))
    above = "·".join(name for name, power in ordered for _ in range(max(power, 0)))
    below = "".join(f"/{name}" for name, power in ordered for _ in range(max(-power, 0)))
    return (above or ("1" if below else "")) + below or "a bare number"


def _plain_leaf(node: Node) -> str:
    match node:
        case Const(value):
            return f"{value:g}" if isinstance(value, float) else value
        case Symbol(name) | Rate(name):
            return name
        case Amount(charges):
            return f"amount({', '.join(charges)})"
    return "?"
