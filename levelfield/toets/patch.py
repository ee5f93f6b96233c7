"""Proposals laid over the tables: every change applied, every fault and conflict told, nothing half done."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from levelfield import units
from levelfield._errors import LevelfieldError, UserError, did_you_mean
from levelfield.calendars import day_after, day_before
from levelfield.charges import CATEGORIES, compile_charge, is_part, is_related
from levelfield.expression import ExpressionError, show_dimensions
from levelfield.tables import STATED, Row, Source, Tables, worst_grade
from levelfield.tables.check import shape
from levelfield.tables.patch import Draft, inside
from levelfield.toets.proposal import BLOCKS, Change, Proposal
from levelfield.vocabulary import Vocabulary
from levelfield.year import versions

_NAME = re.compile(r"[\w.{}]+")
_BEGINNING = "1900-01-01"


class Patched(NamedTuple):
    """The tables with proposals laid over them, and which rates and folders of law differ."""

    tables: Tables
    rates: frozenset[str]
    folders: frozenset[str]


def lay_over(tables: Tables, proposals: Sequence[Proposal]) -> Patched:
    """The tables with all proposals; the order does not matter. Raises UserError with all faults and conflicts."""
    faults = list(_conflicts(tables, proposals))
    draft = Draft(tables)
    for proposal in proposals:
        faults += _add(draft, proposal)
    for proposal in proposals:
        for change in proposal.changes:
            faults += _APPLY[change.operation](draft, change)
    if faults:
        raise UserError(list(dict.fromkeys(faults)))
    mark = "\0".join(sorted(proposal.text for proposal in proposals))
    patched = draft.tables(mark)
    faults = [fault for proposal in proposals for fault in _law_faults(patched, proposal)]
    if faults:
        raise UserError(list(dict.fromkeys(faults)))
    return Patched(patched, draft.touched["rates"], draft.touched["folders"])


def _add(draft: Draft, proposal: Proposal) -> Iterator[str]:
    draft.sources[_key(proposal)] = Source(
        _key(proposal), str(proposal.title), proposal.proposer, proposal.reference, "", "", "", "", "", ""
    )
    for kind, add in _ADD.items():
        for block in proposal.blocks[kind]:
            yield from add(draft, proposal, block)


def _key(proposal: Proposal | Change) -> str:
    return f"proposal:{proposal.name if isinstance(proposal, Proposal) else proposal.proposal}"


# Rates


def _rates(draft: Draft, change: Change) -> tuple[list[str], list[str]]:
    """The rates that a change names, by name or with *, and the faults of that."""
    named = change.target
    if "*" in named:
        found = fnmatch.filter([*draft.base.rate_ids, *draft.rates], named)
        return found, [] if found else [f"{change.place}: no rate of the tables is called {named}"]
    if named in draft.base or named in draft.rates:
        return [named], []
    hint = did_you_mean(named, draft.base.rate_ids, "'levelfield tariffs list' shows them")
    return [], [f"{change.place}: '{named}' is no rate of the tables; {hint}"]


def _too_early(draft: Draft, change: Change, rate: str) -> list[str]:
    first = min((row.valid_from for row in draft.rows(rate)), default=change.start)
    if change.start < first:
        return [f"{change.place}: from {change.start} lies before the first value of {rate}, of {first}"]
    return []


def _set(draft: Draft, change: Change) -> list[str]:
    rates, faults = _rates(draft, change)
    for rate in rates:
        faults += _too_early(draft, change, rate)
        try:
            unit = draft.base.unit(rate) if rate in draft.base else draft.rows(rate)[0].unit
            value, low, high = (
                units.parse(str(change.keys[key]), unit) if key in change.keys else None for key in _NUMBERS
            )
        except units.UnitError as error:
            faults.append(f"{change.place}: {rate}: {error}")
            continue
        draft.lay(rate, [_row(change, rate, unit, value, low, high)], change.start, change.end)
    return faults


_NUMBERS = ("value", "low", "high")


def _row(
    change: Change, rate: str, unit: str, value: float | None, low: float | None = None, high: float | None = None
) -> Row:
    return Row(
        rate=rate,
        valid_from=change.start,
        valid_to=change.end,
        value=value,
        low=low,
        high=high,
        unit=unit,
        written=str(change.keys.get("value", "")) or f"{value:g} {unit}".strip(),
        published="",
        source=_key(change),
        locator=str(change.keys.get("source", "")),
        evidence=STATED,
        checked_on=_BEGINNING,  # a proposal is known whenever it is tested
        note=str(change.keys.get("note", "")),
        place=change.place,
    )


def _moved(draft: Draft, change: Change, how: Callable[[float], float], rates: list[str]) -> None:
    def moved(row: Row) -> Row:
        value, low, high = (None if n is None else how(n) for n in (row.value, row.low, row.high))
        shown = "a hole" if value is None else f"{value:g} {row.unit}".strip()
        return row._replace(
            value=value,
            low=low,
            high=high,
            written=f"{shown} ({row.written}; {change.text})",
            published="",
            evidence=worst_grade({row.evidence, STATED}),
            checked_on=_BEGINNING,
        )

    for rate in rates:
        draft.change(rate, change.start, change.end, moved)


def _scale(draft: Draft, change: Change) -> list[str]:
    rates, faults = _rates(draft, change)
    faults += _nothing_there(draft, change, rates)
    if not faults:
        _moved(draft, change, lambda number: number * float(change.keys["by"]), rates)
    return faults


def _shift(draft: Draft, change: Change) -> list[str]:
    rates, faults = _rates(draft, change)
    faults += _nothing_there(draft, change, rates)
    for rate in rates:
        try:
            step = units.parse(str(change.keys["by"]), draft.base.unit(rate))
        except units.UnitError as error:
            faults.append(f"{change.place}: {rate}: {error}")
            continue
        _moved(draft, change, lambda number, step=step: number + step, [rate])  # type: ignore[misc]
    return faults


def _nothing_there(draft: Draft, change: Change, rates: list[str]) -> list[str]:
    """A value can only be moved where there is one; of a pattern, rates that have none are passed over."""
    if "*" not in change.target:
        early = [fault for rate in rates for fault in _too_early(draft, change, rate)]
        if early:
            return early
    if rates and not any(inside(draft.rows(rate), change.start, change.end) for rate in rates):
        return [f"{change.place}: the tables hold no value of {change.target} from {change.start} on; use 'set'"]
    return []


# Law


def _blocks(draft: Draft, family: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The blocks that the tables hold of a charge and its parts, with their folder, free to be changed."""
    for folder in dict.fromkeys(("eu", *(place.folder for place in draft.base.jurisdictions.values()))):
        held = {block["place"] for block in draft.base.law(folder).charges if is_part(block["id"], family)}
        for block in draft.law(folder).charges if held else ():
            if block["place"] in held:
                yield folder, block


def _no_charge(draft: Draft, change: Change) -> str:
    folders = {place.folder for place in draft.base.jurisdictions.values()}
    known = {block["id"] for folder in folders for block in draft.base.law(folder).charges}
    hint = did_you_mean(change.target, known, "docs/method.md names them")
    return f"{change.place}: '{change.target}' is no charge of the law; {hint}"


def _end(draft: Draft, change: Change) -> list[str]:
    """A charge and its parts end the day before; a rate becomes 0."""
    if change.target in draft.base and not any(True for _ in _blocks(draft, change.target)):
        faults = _too_early(draft, change, change.target)
        row = _row(change, change.target, draft.base.unit(change.target), 0.0)
        draft.lay(change.target, [row], change.start, change.end)
        return faults
    faults, found = [], False
    eve = day_before(change.start)
    for _, block in _blocks(draft, change.target):
        found = True
        first = str(block.get("valid_from", ""))
        if first and change.start < first:
            faults.append(f"{change.place}: from {change.start} lies before the law of {block['id']}, of {first}")
        block["version"] = [version for version in block.get("version", []) if version["valid_from"] < change.start]
        for state in (block, *block["version"]):
            if "valid_to" not in state or state["valid_to"] > eve or not state["valid_to"]:
                state["valid_to"] = eve
    return faults if found else [_no_charge(draft, change)]


def _reactivate(draft: Draft, change: Change) -> list[str]:
    """A charge as it stood on a day, and the values of those of its rates that have none any more."""
    day, found, alive = change.keys["as_on"], False, False
    for folder, block in _blocks(draft, change.target):
        found = True
        then = _state_on(block, day)
        if then is None:
            continue
        alive, state = True, then[1]
        block.setdefault("version", []).append({**state, "valid_from": change.start, "valid_to": change.end})
        block["version"].sort(key=lambda version: version["valid_from"])
        for rate in _rates_named(draft, folder, state):
            row = draft.base.row(rate, day)
            if row and draft.base.row(rate, change.start) is None:
                back = row._replace(valid_from=change.start, valid_to=change.end, published="", checked_on=_BEGINNING)
                draft.lay(rate, [back._replace(written=f"{row.written} (as on {day})")], change.start, change.end)
    if not found:
        return [_no_charge(draft, change)]
    return [] if alive else [f"{change.place}: {change.target} did not hold on {day}"]


def _rates_named(draft: Draft, folder: str, state: Mapping[str, Any]) -> set[str]:
    """The rates that a law block names, itself or through the quantities it names; braces stand for any part."""
    quantities = {q["id"]: q for part in ("eu", folder) for q in draft.base.law(part).quantities}
    names: set[str] = set()
    todo: list[Any] = [state]
    while todo:
        for name in set(_NAME.findall(str(todo.pop()))) - names:
            names.add(name)
            if name in quantities:
                todo.append(quantities[name]["formula"])
    patterns = [re.sub(r"\{\w+\}", "*", name) for name in names if "{" in name]
    found = {rate for pattern in patterns for rate in fnmatch.filter(draft.base.rate_ids, pattern)}
    return found | {name for name in names if name in draft.base}


def _state_on(block: Mapping[str, Any], day: str) -> tuple[str, Mapping[str, Any]] | None:
    """The last day and the content of a law block as it stands on a day; None where it does not hold."""
    return next(
        ((end, state) for start, end, state in versions(block) if start <= day and (not end or day <= end)), None
    )


def _amend(draft: Draft, change: Change) -> list[str]:
    found = False
    for _, block in _blocks(draft, change.target):
        if block["id"] != change.target:
            continue
        found = True
        now = _state_on(block, change.start)
        if now is None:
            return [f"{change.place}: {change.target} does not hold on {change.start}; use 'reactivate'"]
        last, state = now
        amended = {**state, **change.keys["keys"]}
        amended.pop("place")
        odd = list(shape.amiss("charge", amended))
        if odd:
            return [f"{change.place}: {change.target}: {item.message}" for item in odd]
        later = block.setdefault("version", [])
        if change.end:
            after = _state_on(block, day_after(change.end))
            if after:
                later.append({**after[1], "valid_from": day_after(change.end), "valid_to": after[0]})
            last = min(last or change.end, change.end)
            later[:] = [v for v in later if not change.start <= v["valid_from"] <= change.end]
        later.append({**change.keys["keys"], "valid_from": change.start, "valid_to": last})
        later.sort(key=lambda version: version["valid_from"])
    return [] if found else [_no_charge(draft, change)]


def _extend(draft: Draft, change: Change) -> list[str]:
    tables, name = draft.base, change.target
    if name not in tables.lists:
        return [f"{change.place}: '{name}' is no list of the tables; {did_you_mean(name, tables.lists)}"]
    added = set(change.keys["with"])
    if tables.lists[name].get("kind", "nace") == "nace":
        known = {code[:length] for code in tables.nace for length in (2, 4, 5)}
        strange = sorted(added - known)
        if strange:
            return [f"{change.place}: {', '.join(strange)} is no class of NACE Rev. 2; write it as in 20.14"]
        added = {code for code in tables.nace if added & {code, code[:4], code[:2]}}
    double = added & tables.list_of(name)
    if double == added:
        return [f"{change.place}: {', '.join(sorted(added))} stands on {name} already"]
    rate = f"list.{name}.{len(draft.lists.get(name, {}).get('extensions', ()))}"  # a rate for each extension
    on, off = (_row(change, rate, "", value) for value in (1.0, 0.0))
    rows = [off._replace(valid_from=_BEGINNING, valid_to=day_before(change.start)), on]
    if change.end:
        rows.append(off._replace(valid_from=day_after(change.end), valid_to=""))
    draft.rates[rate] = rows
    places = change.keys.get("jurisdictions", list(tables.jurisdictions))
    if not isinstance(places, list) or set(places) - tables.jurisdictions.keys():
        return [f"{change.place}: jurisdictions must be a list of some of {', '.join(tables.jurisdictions)}"]
    draft.extend(name, frozenset(added), rate, tuple(places))
    return []


_APPLY: dict[str, Callable[[Draft, Change], list[str]]] = {
    "set": _set,
    "scale": _scale,
    "shift": _shift,
    "end": _end,
    "reactivate": _reactivate,
    "extend": _extend,
    "amend": _amend,
}


# What a proposal adds


def _add_rate(draft: Draft, proposal: Proposal, block: Mapping[str, Any]) -> list[str]:
    place = block["place"]
    rate = block["rate"]
    if rate in draft.base:
        return [f"{place}: {rate} is a rate of the tables already; use a [[change]] with 'set'"]
    try:
        number, written = units.split(str(block["value"]))
        unit, factor = units.canonical(written)
        low, high = (units.parse(str(block[key]), unit) if key in block else None for key in ("low", "high"))
    except units.UnitError as error:
        return [f"{place}: {rate}: {error}"]
    held = draft.rates.get(rate, [])
    if held and held[0].unit != unit:
        return [f"{place}: {rate} is in {unit or 'a bare number'} here and in {held[0].unit} in {held[0].place}"]
    row = Row(
        rate=rate,
        valid_from=block["valid_from"],
        valid_to=block.get("valid_to", ""),
        value=float(f"{number * factor:.15g}"),
        low=low,
        high=high,
        unit=unit,
        written=str(block["value"]),
        published="",
        source=_key(proposal),
        locator=block.get("locator", ""),
        evidence=block.get("evidence", STATED),
        checked_on=_BEGINNING,
        note=block.get("note", ""),
        place=place,
    )
    draft.rates[rate] = sorted([*held, row], key=lambda row: row.valid_from)
    return []


def _add_law(kind: str) -> Callable[[Draft, Proposal, Mapping[str, Any]], list[str]]:
    def add(draft: Draft, proposal: Proposal, block: Mapping[str, Any]) -> list[str]:
        del proposal
        place, id_ = block["place"], block.get("id")
        if not id_:
            return [f"{place}: the [[{kind}]] has no id"]
        named = block.get("jurisdictions")
        places = draft.base.jurisdictions
        if not isinstance(named, list) or not named or set(named) - places.keys():
            return [f"{place}: {id_} needs jurisdictions, a list of some of {', '.join(places)}"]
        if kind == "charge" and "valid_from" not in block:
            return [f"{place}: {id_} needs valid_from, the day from which it holds"]
        for folder in dict.fromkeys(places[name].folder for name in named):
            law = draft.law(folder)
            blocks = law.charges if kind == "charge" else law.quantities
            if any(held["id"] == id_ for held in (*blocks, *_of(draft.base, kind, folder))):
                return [f"{place}: {id_} stands in the law already; use a [[change]] with 'amend', or another id"]
            blocks.append(dict(block))
        return []

    return add


def _of(tables: Tables, kind: str, folder: str) -> list[dict[str, Any]]:
    law = [tables.law(part) for part in ("eu", folder)]
    return [block for part in law for block in (part.charges if kind == "charge" else part.quantities)]


def _add_list(draft: Draft, proposal: Proposal, block: Mapping[str, Any]) -> list[str]:
    del proposal
    place, id_ = block["place"], block.get("id")
    if not id_ or not block.get("members"):
        return [f"{place}: a [[list]] needs id and members"]
    if id_ in draft.base.lists or id_ in draft.lists:
        return [f"{place}: the list {id_} is there already; use a [[change]] with 'extend'"]
    members = set(block["members"])
    codes = frozenset(code for code in draft.base.nace if members & {code, code[:4], code[:2]})
    draft.lists[id_] = {**block, "classes": codes if block.get("kind", "nace") == "nace" else frozenset(members)}
    return []


_ADD: dict[str, Callable[[Draft, Proposal, Mapping[str, Any]], list[str]]] = {
    "list": _add_list,
    "rate": _add_rate,
    "quantity": _add_law("quantity"),
    "charge": _add_law("charge"),
}


# Faults of several at once --------------------------------------------------------------------------------------------


def _conflicts(tables: Tables, proposals: Sequence[Proposal]) -> Iterator[str]:
    """Two changes of one thing on the same days, and two additions of one name: each names both places."""
    changes = [change for proposal in proposals for change in proposal.changes if change.operation != "extend"]
    for number, later in enumerate(changes):
        for earlier in changes[:number]:
            apart = (earlier.end and earlier.end < later.start) or (later.end and later.end < earlier.start)
            both = "" if apart else _both_change(tables, earlier, later)
            if both:
                names = [f"{change.text} ({change.proposal})" for change in (later, earlier)]
                yield f"{later.place}: {names[0]} conflicts with {names[1]} in {earlier.place}: both change {both}"
    added: dict[tuple[str, str, str], str] = {}
    for proposal in proposals:
        for kind in BLOCKS:
            for block in proposal.blocks[kind]:
                name = block.get("id") or block.get("rate") or ""
                key = (kind, name, str(block.get("valid_from", "")) if kind == "rate" else "")
                if key in added:
                    yield f"{block['place']}: {kind} {name} conflicts with that in {added[key]}: both add it"
                added[key] = block["place"]


def _both_change(tables: Tables, one: Change, other: Change) -> str:
    """What two changes both touch; lists only grow, in any order, and a rate is not the charge of its name."""
    if _of_law(tables, one) != _of_law(tables, other):
        return ""
    if _of_law(tables, one):
        longer = max(one.target, other.target, key=len)
        return longer if is_related(one.target, other.target) else ""
    shared = _matching(tables, one) & _matching(tables, other)
    return min(shared, default="")


def _of_law(tables: Tables, change: Change) -> bool:
    if change.operation == "end":
        return any(
            is_part(block["id"], change.target)
            for place in tables.jurisdictions.values()
            for folder in ("eu", place.folder)
            for block in tables.law(folder).charges
        )
    return change.operation in ("reactivate", "amend")


def _matching(tables: Tables, change: Change) -> set[str]:
    return set(fnmatch.filter(tables.rate_ids, change.target)) | {change.target}


def _law_faults(tables: Tables, proposal: Proposal) -> Iterator[str]:
    """Whether the law that a proposal adds or amends can be read wherever it applies, and comes out in EUR."""
    places = {block["place"] for kind in ("charge", "quantity") for block in proposal.blocks[kind]}
    amended = {change.target: change.place for change in proposal.changes if change.operation == "amend"}
    for jurisdiction in tables.jurisdictions.values():
        for level in jurisdiction.levels.values() if places or amended else ():
            inputs = jurisdiction.inputs.items()
            texts = {key: str(spec.get("default", "")) for key, spec in inputs if "values" in spec}
            texts.update({key: str(value) for key, value in level.items() if key != "assumes"})
            words = Vocabulary(tables, jurisdiction, {}, texts)
            for name, block in words.quantity_blocks.items():
                if block["place"] in places:
                    try:
                        words.dimensions(words.quantity(name))
                    except (LevelfieldError, ExpressionError) as error:
                        yield str(error)
            for block in tables.law(jurisdiction.folder).charges:
                if jurisdiction.id in block.get("jurisdictions", [jurisdiction.id]) and (
                    block["place"] in places or block["id"] in amended
                ):
                    yield from _charge_faults(block, words, amended.get(block["id"], block["place"]))


def _charge_faults(block: Mapping[str, Any], words: Vocabulary, place: str) -> Iterator[str]:
    for _, _, state in versions(block):
        if "choice" in state:
            continue  # its placeholder is filled in only in a bill
        try:
            charge = compile_charge({**state, "place": place}, words)
            words.local = dict(charge.lets)
            for line in charge.lines:
                found = words.dimensions(line.amount)
                if found not in ((("EUR", 1),), None):
                    yield f"{place}: {charge.id} comes out in {show_dimensions(found)}, not in EUR"
            if charge.category not in CATEGORIES:
                yield f"{place}: {charge.id}: category '{charge.category}' is none of {', '.join(CATEGORIES)}"
        except LevelfieldError as error:
            yield from error.faults
        except ExpressionError as error:
            yield f"{place}: {block['id']}: {error}"
