"""What EU law asks of an aid that a proposal gives: warnings with their rule, never a judgement."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from levelfield._errors import TablesError
from levelfield.expression import Const, ExpressionError, evaluate
from levelfield.lang import Text, text_of
from levelfield.run import Env, MissingRate
from levelfield.tables import Tables
from levelfield.tables.check.bounds import faults as bound_faults
from levelfield.toets.effect import OF_THE_STATE, Effect, Toets


class Warned(NamedTuple):
    """A rule that a proposal meets or misses; `plants` are those that miss it."""

    law: str
    text: Text
    plants: tuple[str, ...] = ()


def rules(tables: Tables) -> dict[str, dict[str, Any]]:
    """The rules by id, from state_aid.toml beside the tables."""
    path = Path(tables.folder) / "state_aid.toml"
    if not path.is_file():
        return {}
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))["rule"]
        return {block["id"]: block for block in found}
    except (tomllib.TOMLDecodeError, KeyError, UnicodeDecodeError) as error:
        raise TablesError(f"{path.name}: {error}; a [[rule]] with an id is wanted") from None


def warnings(toets: Toets) -> list[Warned]:
    """The bounds of the law that the changed rates break, and what the rule that a proposal names asks of its aid."""
    return [*_bounds(toets), *_aids(toets)]


def _bounds(toets: Toets) -> Iterator[Warned]:
    """Legal bounds of rates that hold in the tables and no longer with the proposals."""
    before = {fault.message for fault in bound_faults(toets.tables)}
    for fault in bound_faults(toets.patched.tables):
        if fault.message not in before:
            yield Warned("", Text(fault.message))


def _aids(toets: Toets) -> Iterator[Warned]:
    known = rules(toets.tables)
    for proposal in toets.proposals:
        # Of several proposals each has to answer for its own aid.
        alone = toets if len(toets.proposals) == 1 else toets.of(proposal)
        if not proposal.state_aid:
            if any(_aid(effect, alone) > 1 for effect in alone.effects):
                yield Warned(
                    "art. 107 TFEU",
                    Text(
                        f"{proposal.name} lowers bills and names no rule on state aid (state_aid = …)",
                        f"{proposal.name} verlaagt rekeningen en noemt geen staatssteunregel (state_aid = …)",
                    ),
                )
            continue
        rule = known.get(proposal.state_aid)
        if rule is None:
            names = ", ".join(known)
            text = Text(
                f"{proposal.name}: '{proposal.state_aid}' is no rule of state_aid.toml; known are {names}",
                f"{proposal.name}: '{proposal.state_aid}' staat niet in state_aid.toml; bekend zijn {names}",
            )
            yield Warned("", text)
            continue
        for test in rule.get("test", ()):
            missed = tuple(
                f"{effect.member.plant.name} ({effect.year})"
                for effect in alone.effects
                if _misses(effect, alone, test)
            )
            if missed:
                said = text_of(test["says"])
                yield Warned(rule["law"], Text(f"not met: {said.en}", f"niet gehaald: {said.nl}"), missed)
        for duty in rule.get("duty", ()):
            yield Warned(rule["law"], text_of(duty))


def _aid(effect: Effect, toets: Toets) -> float:
    """What the proposals take off the bill of a plant at home, EUR."""
    categories = (*OF_THE_STATE, "network", "commodity")
    return -sum(effect.paid(toets.home, category) for category in categories)


def _misses(effect: Effect, toets: Toets, test: dict[str, Any]) -> bool:
    """Whether a plant's aid fails a test; one that cannot be reckoned is passed over."""
    aid = _aid(effect, toets)
    bill = effect.after.get(toets.home)
    if bill is None or aid < 1:
        return False
    run = bill.runs[0]
    year = run.year
    price = toets.patched.tables.row(year.place.market, f"{effect.year}-07-01")
    env = Env(run, None, len(year.segments) - 1)  # by the law at the end of the year
    all_aid = -bill.category("compensation")
    env.local = {"aid": aid, "all_aid": all_aid, "market_price": (price.value or 0.0) if price else 0.0}
    year.words.local = {name: Const(0.0) for name in env.local}
    try:
        return not evaluate(year.words.tree(test["holds"]), env)
    except (MissingRate, ExpressionError):
        return False
    finally:
        year.words.local = {}
