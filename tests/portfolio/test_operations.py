"""A tree over columns has, for each plant, the value that it has for that plant alone, and so it is with holes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from levelfield.columns import ColumnEnv, codes
from levelfield.expression import FLOATS, Amount, Const, In, Node, Op, Rate, Symbol, Value, evaluate
from levelfield.run import MissingRate
from tests.portfolio.test_columns import THOROUGH

NUMBERS = [0.0, 1.0, -2.0, 0.5, 2.5, 7000.0, -0.0, math.inf]


class Alone:
    """What a tree sees of one plant."""

    operations = FLOATS

    def __init__(self, facts: dict[str, Any]) -> None:
        self.facts = facts

    def symbol(self, name: str) -> Value:
        return self.facts[name]  # type: ignore[no-any-return]

    def rate(self, name: str) -> float:
        if name == "hole":
            raise MissingRate(name, "{} is missing")
        return 3.0

    def amount(self, charges: tuple[str, ...]) -> float:
        return 100.0 * len(charges)


class Together(ColumnEnv):
    """What a tree sees of several."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.facts = facts
        self.asking = self.lost = None
        self.lacks = []

    def symbol(self, name: str) -> Value:
        return self.facts[name]  # type: ignore[no-any-return]

    def rate(self, name: str) -> float:
        return self._held(name)

    def held(self, name: str) -> float:
        return Alone({}).rate(name)

    def amount(self, charges: tuple[str, ...]) -> float:
        return 100.0 * len(charges)


def trees() -> st.SearchStrategy[Node]:
    number = st.one_of(
        st.sampled_from([Symbol("a"), Symbol("b"), Symbol("shared"), Rate("held"), Amount(("x",))]),
        st.sampled_from(NUMBERS).map(Const),
    )
    leaf = st.one_of(
        number,
        number,
        number,
        st.just(Rate("hole")),
        st.just(In(Symbol("text"), frozenset(("x", "z")), "list")),
        st.just(Op("==", (Symbol("text"), Const("y")))),
    )

    def wider(below: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        return st.one_of(
            st.builds(
                lambda op, a, b: Op(op, (a, b)),
                st.sampled_from(["+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!="]),
                below,
                below,
            ),
            st.builds(lambda a: Op("round", (a, Const(1.0))), below),
            st.builds(lambda a: Op("not", (a,)), below),
            st.builds(lambda a, b, c: Op("if", (a, b, c)), below, below, below),
            st.builds(
                lambda op, args: Op(op, tuple(args)),
                st.sampled_from(["and", "or", "min", "max", "sum"]),
                st.lists(below, min_size=1, max_size=3),
            ),
        )

    return st.recursive(leaf, wider, max_leaves=12)


def finite(tree: Node, env: Alone) -> tuple[Value | None, bool]:
    """The value, None where a hole is asked for, and whether it is one that law can have: inf - inf is none."""
    try:
        value = evaluate(tree, env)
    except MissingRate:
        return None, True
    except OverflowError:
        return None, False  # Python does not round an infinite number
    return value, value == value  # noqa: PLR0124 - not a number


@settings(THOROUGH, max_examples=600)
@given(
    tree=trees(),
    facts=st.lists(
        st.tuples(st.sampled_from(NUMBERS), st.sampled_from(NUMBERS), st.sampled_from(["x", "y", "z"])),
        min_size=2,
        max_size=6,
    ),
    shared=st.sampled_from(NUMBERS),
)
def test_a_tree_over_columns_is_the_tree_plant_by_plant(
    tree: Node, facts: list[tuple[Any, ...]], shared: float
) -> None:
    alone = [finite(tree, Alone({"a": a, "b": b, "text": text, "shared": shared})) for a, b, text in facts]
    if not all(sound for _, sound in alone):
        return
    columns = {"a": np.array([a for a, _, _ in facts]), "b": np.array([b for _, b, _ in facts])}
    env = Together({**columns, "text": codes([text for _, _, text in facts]), "shared": shared})
    with np.errstate(all="ignore"):
        try:
            found: Any = evaluate(tree, env)
        except MissingRate:
            assert all(value is None for value, _ in alone)
            return
    lacking = np.zeros(len(facts), dtype=bool)
    for lack in env.lacks:
        lacking |= lack.plants
    assert [value is None for value, _ in alone] == list(lacking)
    for number, (value, _) in enumerate(alone):
        if value is not None:
            assert float(np.broadcast_to(found, (len(facts),))[number]) == pytest.approx(value, rel=1e-12, abs=1e-12)


def test_halves_are_rounded_as_for_one_plant() -> None:
    values = [0.05, 0.15, 0.25, 0.35, 1.005, 2.675, 7000.0000005, -0.25]
    for digits in (1.0, 2.0, 6.0):
        tree = Op("round", (Symbol("a"), Const(digits)))
        found: Any = evaluate(tree, Together({"a": np.array(values)}))
        assert list(found) == [round(value, int(digits)) for value in values]


def test_a_hole_is_held_against_those_that_ask_for_it() -> None:
    env = Together({"a": np.array([1.0, 5.0, 9.0])})
    test = Op(">", (Symbol("a"), Const(4.0)))
    found: Any = evaluate(Op("if", (test, Rate("hole"), Const(7.0))), env)
    assert found[0] == 7
    (lack,) = env.lacks
    assert list(lack.plants) == [False, True, True]
