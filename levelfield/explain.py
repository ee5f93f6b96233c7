"""The derivation of a charge: its formula with the numbers in it, and its conditions with hit or miss and distance."""

from __future__ import annotations

from levelfield.charges import Charge, Condition
from levelfield.expression import Amount, Const, Node, Rate, Symbol, evaluate, number, show_dimensions, write
from levelfield.numbers import plain
from levelfield.plant import MISSING
from levelfield.run import Env, MissingRate, Run
from levelfield.vocabulary import Vocabulary

_COMPARED = {"at_least": "at least", "above": "more than", "at_most": "at most", "below": "less than"}


def missed_conditions(run: Run, charge: Charge) -> list[str]:
    """What the conditions of a relief lack: 'full load hours 6,500 h; wanted: at least 7,000 h (500 h short)'.

    Of several groups of conditions, the one with the fewest misses. A claim that is not made is not counted as a miss.
    """
    index = next((i for i, s in enumerate(run.year.segments) if run.year.version(charge.key, s)), 0)
    env = Env(run, charge, index)
    claim = Symbol(f"claim.{charge.claim}")
    found = []
    for group in charge.conditions or ((),):
        misses = []
        for condition in group:
            try:
                if condition.fact != claim and not evaluate(condition.test, env):
                    misses.append(describe(condition, env))
            except MissingRate as lack:
                misses.append(str(lack))
        found.append(misses)
    return min(found, key=len)


def describe(condition: Condition, env: Env) -> str:
    """A condition with the value of its fact, the threshold, and by how much it is missed if it is."""
    name = write(condition.fact, lambda node: named(node).removeprefix("connection.").replace("_", " "))
    value = evaluate(condition.fact, env)
    if condition.bound is None or isinstance(value, str):
        shown = value if isinstance(value, str) else ("yes" if value else "no")
        wanted = {"in": "in ", "not_in": "not in "}.get(condition.op, "")
        label = {"True": "yes", "False": "no"}.get(condition.label, condition.label)
        return f"{name} {shown}; wanted: {wanted}{label}"
    bound = number(condition.bound, env)
    unit = unit_text(env.run.year.words, condition.bound) or unit_text(env.run.year.words, condition.fact)
    text = f"{name} {with_unit(value, unit)}; wanted: {_COMPARED[condition.op]} {with_unit(bound, unit)}"
    if evaluate(condition.test, env) or value in (MISSING, bound):
        return text
    return f"{text} ({with_unit(abs(bound - value), unit)} {'short' if value < bound else 'over'})"


def unit_text(words: Vocabulary, node: Node) -> str:
    found = words.dimensions(node)
    return show_dimensions(found) if found else ""


def with_unit(value: float, unit: str) -> str:
    """A number in the unit a reader expects: large energies in GWh, powers in MW, shares in percent."""
    if value == MISSING:
        return "not stated"
    if unit == "MWh" and abs(value) >= 1000:
        return f"{plain(value / 1000)} GWh"
    if unit == "kW" and abs(value) >= 1000:
        return f"{plain(value / 1000)} MW"
    if unit == "EUR" and abs(value) >= 1e6:
        return f"{plain(value / 1e6)} MEUR"
    if not unit:
        return f"{plain(value * 100)} %" if 0 < abs(value) < 2 else plain(value)
    return f"{plain(value)} {unit}"


def named(node: Node) -> str:
    """A leaf by its name."""
    match node:
        case Const(value):
            return value if isinstance(value, str) else plain(value)
        case Symbol(name) | Rate(name):
            return name
        case Amount(charges):
            return f"[{' + '.join(charges)}]"
    return "?"


def with_numbers(node: Node, env: Env) -> str:
    """The tree with the value of each leaf in place of its name."""

    def leaf(item: Node) -> str:
        try:
            value = evaluate(item, env)
        except MissingRate:
            return "–"  # in a branch that was not taken
        return value if isinstance(value, str) else plain(value)

    return write(node, leaf)
