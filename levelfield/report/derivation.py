"""How each line of a bill came about, for a person who must defend it: formula, numbers, conditions, law, source."""

from __future__ import annotations

from collections.abc import Iterator

from levelfield.bill import Bill
from levelfield.charges import Charge, is_part
from levelfield.explain import describe, named, with_numbers
from levelfield.expression import Node, Op, Symbol, evaluate, needs, write
from levelfield.lang import Words
from levelfield.numbers import plain
from levelfield.run import Env, MissingRate, Record, Run, unit_of
from levelfield.tables import Row, Tables

Part = tuple[str, int]  # text and indentation


def derivation(bill: Bill, words: Words, charge: str = "") -> Iterator[Part]:
    """The derivation of every charge (or of one family), those that do not apply included, in the order of the law."""
    for run in bill.runs:
        year = run.year
        if len(bill.runs) > 1:
            yield f"{year.year}", 0
        for found in year.charges:
            if charge and not is_part(found.id, charge):
                continue
            yield from _charge(run, found, words)


def _charge(run: Run, charge: Charge, words: Words) -> Iterator[Part]:
    year = run.year
    records = [r for r in run.results[charge.key].records if r.segment in year.inside]
    option = f" [{charge.option}]" if charge.option else ""
    amount = words.number(run.amount_of(charge.key))
    yield f"{charge.id}{option}  {words.name(charge.name)}: {amount} EUR", 0
    yield f"{words('law')}: {charge.law}", 2
    if charge.option and run.chosen.get(charge.choice) != charge.option:
        yield f"{words('another option was chosen')}: {run.chosen.get(charge.choice)}", 2
        return
    yield from _conditions(run, charge, words)
    if not records:
        if not charge.conditions:
            yield words("does not apply"), 2
        return
    if charge.note:
        yield words.name(charge.note), 2
    last = -1
    told: set[str] = set()
    for record in records:
        segment = year.segments[record.segment]
        env = Env(run, record.charge, record.segment)
        if record.segment != last and len({r.segment for r in records}) > 1:
            yield f"{words('from')} {segment.start} {words('to')} {segment.end}", 2
        if record.segment != last:
            for name, node in record.charge.lets:
                value = evaluate(node, env)
                if isinstance(value, float):
                    env.local[name] = value
                    yield f"{name} = {write(node, named)} = {with_numbers(node, env)} = {plain(value)}", 4
        else:
            for name, node in record.charge.lets:
                env.local[name] = float(evaluate(node, env))
        last = record.segment
        yield from _line(run, record, env, words, told)
    rows = dict.fromkeys(row for record in records for row in record.rows)
    for row in rows:
        yield _source(year.tables, row, words), 4


def _line(run: Run, record: Record, env: Env, words: Words, told: set[str]) -> Iterator[Part]:
    line = next(line for line in record.charge.lines if line.part == record.part)
    label = f"{record.part}: " if record.part else ""
    amount = f"{words.number(record.amount)} EUR"
    if line.quantity is not None and line.rate is not None and record.quantity is not None and record.rate is not None:
        quantity_unit, rate_unit = unit_of(record.charge, run.year, record.part)
        quantity = f"{plain(record.quantity, 10)} {quantity_unit}".removesuffix(" 1")
        rate = f"{plain(record.rate, 10)} {rate_unit}".removesuffix(" 1")
        yield f"{label}{quantity} × {rate} = {amount}", 4
        for node in (line.quantity, line.rate):
            if isinstance(node, (Op, Symbol)):
                yield from _formula(node, env, 6, told)
    else:
        yield f"{label}{amount}", 4
        yield from _formula(line.amount, env, 6, told)


def _formula(node: Node, env: Env, indent: int, told: set[str]) -> Iterator[Part]:
    """A formula with its numbers, and below it the named quantities in it."""
    if isinstance(node, Op):
        yield f"{write(node, named)} = {with_numbers(node, env)}", indent
    yield from _quantities(node, env, indent + 2, told)


def _quantities(node: Node, env: Env, indent: int, told: set[str]) -> Iterator[Part]:
    """The named quantities in a tree, and those in them, each once a charge."""
    words = env.run.year.words
    for name in sorted(needs([node]).symbols & words.quantity_blocks.keys()):
        if name in told:
            continue
        told.add(name)
        tree = words.quantity(name)
        own = Env(env.run, None, env.segment) if words.quantity_blocks[name].get("on") == "year" else env
        try:
            value = evaluate(tree, own)
        except MissingRate:
            continue  # in a branch that was not taken
        shown = value if isinstance(value, str) else plain(value)
        yield f"{name} = {write(tree, named)} = {with_numbers(tree, own)} = {shown}", indent
        yield from _quantities(tree, own, indent + 2, told)


def _conditions(run: Run, charge: Charge, words: Words) -> Iterator[Part]:
    if not charge.conditions:
        return
    index = next((i for i in run.year.inside if run.year.version(charge.key, run.year.segments[i])), 0)
    current = run.year.version(charge.key, run.year.segments[index]) or charge
    env = Env(run, current, index)
    several = len(current.conditions) > 1
    for group in current.conditions:
        if several:
            yield f"{words('any of these')}:", 2
        for condition in group:
            try:
                text, holds = describe(condition, env), bool(evaluate(condition.test, env))
            except MissingRate as lack:
                text, holds = str(lack), False
            yield (
                f"{'✓' if holds else '✗'} {text} – {words('holds' if holds else 'does not hold')}",
                4 if several else 2,
            )


def _source(tables: Tables, row: Row, words: Words) -> str:
    source = tables.source(row.source)
    where = f"{source.title}, {source.publisher}" if source else words("assumed")
    locator = f", {row.locator}" if row.locator else ""
    note = f" – {row.note}" if row.note else ""
    span = (
        f" ({words('low')} {plain(row.low)}, {words('high')} {plain(row.high)})"
        if row.low is not None and row.high is not None
        else ""
    )
    link = f" <{source.url}>" if source and source.url else ""
    return f"{row.rate} = {row.written}{span} [{words(row.evidence)}] {where}{locator}{link}{note}"
