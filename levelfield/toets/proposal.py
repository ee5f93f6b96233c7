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

STATUSES = ("idea", "bill", "adopted")
PAYERS = ("grid users", "treasury")
OPERATIONS = ("set", "scale", "shift", "end", "reactivate", "extend", "amend")
_KEYS = {"title", "proposer", "status", "reference", "comment", "lever", "network_paid_by", "state_aid", "grants"}
_CHANGE_KEYS = {
    "set": ({"value", "from"}, {"to", "low", "high"}),
    "scale": ({"by", "from"}, {"to"}),
    "shift": ({"by", "from"}, {"to"}),
    "end": ({"from"}, set()),
    "reactivate": ({"as_on", "from"}, {"to"}),
    "extend": ({"with", "from"}, {"to", "jurisdictions"}),
    "amend": ({"from", "keys"}, {"to"}),
}
BLOCKS = ("charge", "quantity", "list", "rate")


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
    network_paid_by: str
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
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(toml_fault(text, place, str(error))) from None
    faults: list[str] = []

    def at(key: str, number: int | None = None) -> str:
        """The line of a key, or that of the header of a numbered block."""
        lines = [n for n, line in enumerate(text.splitlines(), 1) if line.strip().startswith(f"[[{key}]]")]
        found = locate(text, (key,)) if number is None or number >= len(lines) else lines[number]
        return f"{place}:{found}"

    for key in sorted(data.keys() - _KEYS - {"change", *BLOCKS}):
        known = sorted([*_KEYS, "change", *BLOCKS])
        faults.append(f"{at(key)}: '{key}' is no key of a proposal; {did_you_mean(key, known)}")
    for key in ("title", "proposer", "status", "reference"):
        if not data.get(key):
            faults.append(f"{place}:1: the proposal has no {key}; say {_WANTED[key]}")
    for key, allowed in (("status", STATUSES), ("network_paid_by", PAYERS)):
        if key in data and data[key] not in allowed:
            faults.append(f"{at(key)}: {key} is {data[key]!r}; one of {', '.join(allowed)} is wanted")
    changes = _tables(data, "change", place, faults)
    read = [_change(block, at("change", number), name, faults) for number, block in enumerate(changes)]
    blocks = {kind: tuple(_tables(data, kind, place, faults)) for kind in BLOCKS}
    if not changes and not any(blocks.values()):
        faults.append(f"{place}:1: the proposal changes nothing; add a [[change]], a [[charge]] or a [[rate]]")
    placed = {
        kind: tuple({**_plain(block), "place": at(kind, number)} for number, block in enumerate(found))
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
        network_paid_by=data.get("network_paid_by", PAYERS[0]),
        state_aid=str(data.get("state_aid", "")),
        grants=tuple(data.get("grants", ())),
        changes=tuple(change for change in read if change),
        blocks=placed,
        text=text,
    )


_WANTED = {
    "title": "what it does, in a line, as a text or as { en = …, nl = … }",
    "proposer": "who proposes it",
    "status": f"one of {', '.join(STATUSES)}",
    "reference": "the document in which it stands",
}


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
    needed, possible = _CHANGE_KEYS[operation]
    count = len(faults)
    for key in sorted(needed - block.keys()):
        faults.append(f"{place}: a change with '{operation}' needs '{key}'")
    for key in sorted(block.keys() - needed - possible - {operation, "source", "note"}):
        known = [*needed, *possible, "source", "note"]
        faults.append(f"{place}: '{key}' is no key of a change with '{operation}'; {did_you_mean(key, known)}")
    for key in ("from", "to", "as_on"):
        if key in block and not isinstance(block[key], date):
            faults.append(f"{place}: {key} is {block[key]!r}; a date such as 2026-01-01, without quotes, is wanted")
    if not isinstance(block[operation], str):
        faults.append(f"{place}: '{operation}' must name a rate, a charge or a list")
    if operation == "scale" and not isinstance(block.get("by", 1), (int, float)):
        faults.append(f"{place}: 'by' is {block['by']!r}; a factor such as 0.9 is wanted")
    if len(faults) > count:
        return None
    plain = _plain(block)
    start, end = plain["from"], plain.get("to", "")
    if end and end < start:
        faults.append(f"{place}: 'to' {end} lies before 'from' {start}")
        return None
    return Change(operation, block[operation], start, end, plain, place, proposal)


def _plain(value: Any) -> Any:
    """Dates as ISO texts, as the tables hold them."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
