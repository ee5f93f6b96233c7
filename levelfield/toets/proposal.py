"""A proposed law: a text file of changes to the tables from a date, checked and laid over them.

    title     = { en = "Energy tax to the EU minimum", nl = "Energiebelasting naar het EU-minimum" }
    proposer  = "…"
    status    = "idea"                  # idea | bill | adopted
    reference = "where it was proposed"
    [[change]]
    set   = "nl.energy_tax.band4.business"
    value = "0.50 EUR/MWh"
    from  = 2026-01-01

docs/buurlandentoets.md is the reference. Faults are told all at once, each with its place in the file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from levelfield._errors import UserError, did_you_mean
from levelfield.lang import Text, text_of
from levelfield.plant_file import locate, toml_fault
from levelfield.tables import GRADES, STATED
from levelfield.tables.check import shape

STATUSES = ("idea", "bill", "adopted")
PAYERS = ("grid users", "treasury")
BLOCKS = ("charge", "quantity", "list", "rate")
_HEAD: shape.Spec = {
    "title!": shape.WORDS,
    "proposer!": shape.TEXT,
    "status!": shape.one_of(*STATUSES),
    "reference!": shape.TEXT,
    "comment": shape.WORDS,
    "lever": shape.ID,
    "network_paid_by": shape.one_of(*PAYERS),
    "state_aid": shape.TEXT,
    "grants": shape.TEXTS,
}
_ALWAYS: shape.Spec = {"from!": shape.DATE, "source": shape.TEXT, "note": shape.TEXT}
_UNTIL: shape.Spec = {**_ALWAYS, "to": shape.DATE}
_CHANGES: dict[str, shape.Spec] = {
    "set": {**_UNTIL, "value!": shape.VALUE, "low": shape.VALUE, "high": shape.VALUE},
    "scale": {**_UNTIL, "by!": shape.NUMBER},
    "shift": {**_UNTIL, "by!": shape.VALUE},
    "end": _ALWAYS,
    "reactivate": {**_UNTIL, "as_on!": shape.DATE},
    "extend": {**_UNTIL, "with!": shape.TEXTS, "jurisdictions": shape.TEXTS},
    "amend": {**_UNTIL, "keys!": shape.Kind(lambda keys: isinstance(keys, dict), "a table of keys of the charge")},
}
OPERATIONS = tuple(_CHANGES)
_RATE: shape.Spec = {
    "rate!": shape.ID,
    "value!": shape.VALUE,
    "valid_from!": shape.DATE,
    "valid_to": shape.DATE,
    "low": shape.VALUE,
    "high": shape.VALUE,
    "note": shape.TEXT,
    "evidence": shape.one_of(*GRADES, STATED),
    "locator": shape.TEXT,
}


class Change(NamedTuple):
    """One change: what it does to what, over which days, and the rest of its keys."""

    operation: str
    target: str
    start: str
    end: str
    keys: Mapping[str, Any]
    place: str
    proposal: str

    @property
    def text(self) -> str:
        """The change in words, for messages and tables."""
        wanted = {"set": "value", "scale": "by", "shift": "by", "extend": "with"}.get(self.operation)
        value = self.keys.get(wanted, "") if wanted else ""
        shown = ", ".join(value) if isinstance(value, list) else str(value)
        return " ".join(part for part in (self.operation, self.target, shown) if part)


class Proposal(NamedTuple):
    """A proposal as read; `blocks` are law and rates that it adds, in the language of the tables."""

    name: str
    title: Text
    proposer: str
    status: str
    reference: str
    comment: Text
    lever: str  # the rate that a solver may move, if the proposal names one
    network_paid_by: str  # empty where the proposal does not say
    state_aid: str  # the rule that the proposal rests on, if it names one
    grants: tuple[str, ...]  # claims that the plants are taken to make under it
    changes: tuple[Change, ...]
    blocks: Mapping[str, tuple[Mapping[str, Any], ...]]
    text: str

    @property
    def start(self) -> str:
        """The first day on which it changes anything."""
        days = [change.start for change in self.changes]
        days += [str(block.get("valid_from", "")) for kind in ("charge", "rate") for block in self.blocks[kind]]
        return min((day for day in days if day), default="")


def shipped_proposals() -> dict[str, Path]:
    """The proposals that come with the package, by name."""
    return {path.stem: path for path in sorted((Path(__file__).parents[1] / "proposals").glob("*.toml"))}


# Reading --------------------------------------------------------------------------------------------------------------


def load_proposal(name: str | Path) -> Proposal:
    """A proposal from a file, or a shipped one by name. Raises UserError with all faults of form."""
    path = Path(name)
    if not path.exists() and str(name) in shipped_proposals():
        path = shipped_proposals()[str(name)]
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, IsADirectoryError):
        hint = did_you_mean(str(name), shipped_proposals(), "'levelfield proposals list' shows the shipped ones")
        raise UserError(f"{name}: there is no such file and no shipped proposal of this name; {hint}") from None
    except UnicodeDecodeError:
        raise UserError(f"{name}: this is not UTF-8 text; save the file as UTF-8") from None
    except OSError as error:
        raise UserError(f"{name}: cannot be read: {error.strerror}") from None
    return parse_proposal(text, str(name), path.stem)


def parse_proposal(text: str, place: str, name: str) -> Proposal:
    """The proposal of a file's text. Raises UserError with all faults of form."""
    try:
        data = _plain(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise UserError(toml_fault(text, place, str(error))) from None
    faults: list[str] = []

    def at(key: str, number: int | None = None) -> str:
        """The line of a key, or that of the header of a numbered block."""
        lines = [n for n, line in enumerate(text.splitlines(), 1) if line.strip().startswith(f"[[{key}]]")]
        found = locate(text, (key,)) if number is None or number >= len(lines) else lines[number]
        return f"{place}:{found}"

    head = {key: value for key, value in data.items() if key not in ("change", *BLOCKS)}
    faults += [f"{at(odd.path) if odd.path else f'{place}:1'}: {odd.message}" for odd in shape.against(_HEAD, head)]
    changes = _tables(data, "change", place, faults)
    read = [_change(block, at("change", number), name, faults) for number, block in enumerate(changes)]
    blocks = {kind: tuple(_tables(data, kind, place, faults)) for kind in BLOCKS}
    if not changes and not any(blocks.values()):
        faults.append(f"{place}:1: the proposal changes nothing; add a [[change]], a [[charge]] or a [[rate]]")
    for kind, found in blocks.items():
        for number, block in enumerate(found):
            amiss = shape.against(_RATE, block) if kind == "rate" else shape.amiss(kind, block)
            named = block.get("id") or block.get("rate") or kind
            faults += [f"{at(kind, number)}: {named}: {odd.message}" for odd in amiss]
    placed = {
        kind: tuple({**block, "place": at(kind, number)} for number, block in enumerate(found))
        for kind, found in blocks.items()
    }
    if faults:
        raise UserError(faults)
    return Proposal(
        name=name,
        title=text_of(data["title"]),
        proposer=str(data["proposer"]),
        status=data["status"],
        reference=str(data["reference"]),
        comment=text_of(data.get("comment", "")),
        lever=data.get("lever", ""),
        network_paid_by=data.get("network_paid_by", ""),
        state_aid=str(data.get("state_aid", "")),
        grants=tuple(data.get("grants", ())),
        changes=tuple(change for change in read if change),
        blocks=placed,
        text=text,
    )


def _tables(data: Mapping[str, Any], key: str, place: str, faults: list[str]) -> list[dict[str, Any]]:
    found = data.get(key, [])
    if not isinstance(found, list) or not all(isinstance(block, dict) for block in found):
        faults.append(f"{place}: '{key}' must be tables, each headed [[{key}]]")
        return []
    return found


def _change(block: dict[str, Any], place: str, proposal: str, faults: list[str]) -> Change | None:
    named = [operation for operation in OPERATIONS if operation in block]
    if len(named) != 1:
        found = " and ".join(named) if named else "none of them"
        faults.append(f"{place}: a change names one of {', '.join(OPERATIONS)}; here is {found}")
        return None
    (operation,) = named
    odd = list(shape.against({f"{operation}!": shape.TEXT, **_CHANGES[operation]}, block))
    if odd:
        faults += [f"{place}: {item.message}" for item in odd]
        return None
    start, end = block["from"], block.get("to", "")
    if end and end < start:
        faults.append(f"{place}: 'to' {end} lies before 'from' {start}")
        return None
    return Change(operation, block[operation], start, end, block, place, proposal)


def _plain(value: Any) -> Any:
    """Dates as ISO texts, as the tables hold them."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
