"""Setting Dutch law to Germany's, charge by charge, closes the gap charge by charge, and in the end to zero."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from levelfield.bill import Bill, make_bill
from levelfield.charges import is_part
from levelfield.comparison import Gap
from levelfield.period import calendar_year
from levelfield.plant import Plant
from levelfield.plant_file import load_plant
from levelfield.tables import Jurisdiction, Tables
from levelfield.toets.patch import lay_over
from levelfield.toets.proposal import Proposal, parse_proposal
from levelfield.year import versions

GERMANY = Path(__file__).parents[2] / "tariffs" / "de"
HEAD = 'title = "Germany"\nproposer = "a test"\nstatus = "idea"\nreference = "tariffs/de"\n'
CENT = 0.005
YEAR = 2025

# Law that looks at the amounts of other charges comes after them.
LAST = ("de.levy.section19", "de.concession")


class Step(NamedTuple):
    """A change of the law, and the lines of a bill that belong to what it ends or adds."""

    charge: str
    lines: frozenset[str]
    text: str


@pytest.mark.parametrize("name", ["flat-100mw", "zinc-smelter"])
def test_each_charge_copied_moves_the_drivers_by_its_own_part(name: str, tables: Tables) -> None:
    plant = load_plant(name, tables)
    there = bill(tables, plant, "DE")
    gap = Gap(bill(tables, plant, "NL"), there)
    assert abs(gap.eur) > 1_000_000
    laid: list[str] = []
    for step in [*ended(tables), *copied(tables, plant, there)]:
        laid.append(step.text)
        home = bill(lay_over(tables, [proposal(tables, plant, laid)]).tables, plant, "NL")
        before, gap = gap, Gap(home, there)
        parts = {line: part for line, part in before.by_charge().items() if line in step.lines and abs(part) >= CENT}
        # The charge's part of the gap is gone, to the cent, and nothing else moved.
        assert moved(before, gap) == pytest.approx({line: -part for line, part in parts.items()}, abs=CENT), step.charge
    assert abs(gap.eur) < CENT
    assert all(abs(part) < CENT for part in gap.by_charge().values())
    assert all(abs(part) < CENT for part in gap.by_category().values())


def moved(before: Gap, after: Gap) -> dict[str, float]:
    """The drivers that changed, with by how much."""
    old, new = before.by_charge(), after.by_charge()
    changes = {charge: new.get(charge, 0.0) - old.get(charge, 0.0) for charge in old | new}
    return {charge: change for charge, change in changes.items() if abs(change) >= CENT}


def bill(tables: Tables, plant: Plant, place: str) -> Bill:
    return make_bill(tables, plant, place, *calendar_year(YEAR))


# The proposal ---------------------------------------------------------------------------------------------------------


def proposal(tables: Tables, plant: Plant, steps: Sequence[str]) -> Proposal:
    """The steps as one proposal, with the named quantities of German law and the numbers that it reads."""
    text = "\n".join([HEAD, *steps, *quantities(tables, plant), *numbers(tables)])
    return parse_proposal(text, "germany.toml", "germany")


def ended(tables: Tables) -> Iterator[Step]:
    """Each Dutch charge of the year, with the change that ends it; a charge takes its parts along."""
    blocks = [b for b in tables.law("nl").charges if any(holds(start, end) for start, end, _ in versions(b))]
    for block in blocks:
        if not any(is_part(block["id"], other["id"]) for other in blocks if other is not block):
            parts = [lines_of(other) for other in blocks if is_part(other["id"], block["id"])]
            text = toml("change", {"end": block["id"], "from": date(YEAR, 1, 1)})
            yield Step(block["id"], frozenset().union(*parts), text)


def copied(tables: Tables, plant: Plant, there: Bill) -> Iterator[Step]:
    """Each German charge of the year as Dutch law, with the options of its choices that the German bill rests on."""
    blocks = [block for block in german("charge") if holds(*(str(block.get(key, "")) for key in VALID))]
    for block in sorted(blocks, key=lambda block: LAST.index(block["id"]) + 1 if block["id"] in LAST else 0):
        if "choice" in block and there.choices[block["choice"]] != block["option"]:
            continue
        kept = {key: value for key, value in block.items() if key not in ("choice", "option", *VALID)}
        text = toml("charge", dutch({**kept, "valid_from": date(YEAR, 1, 1)}, tables, plant))
        yield Step(block["id"], lines_of(block), text)


def lines_of(block: Mapping[str, Any]) -> frozenset[str]:
    """The lines that a bill has of a charge: one, or one a band."""
    bands = [band.get("part", f"band{number}") for number, band in enumerate(block.get("brackets", ()), 1)]
    return frozenset([block["id"], *(f"{block['id']}.{band}" for band in bands)])


VALID = ("valid_from", "valid_to")


def holds(start: str, end: str) -> bool:
    return start <= f"{YEAR}-01-01" and (not end or end >= f"{YEAR}-12-31")


def quantities(tables: Tables, plant: Plant) -> Iterator[str]:
    for block in german("quantity"):
        yield toml("quantity", dutch(block, tables, plant))


def numbers(tables: Tables) -> Iterator[str]:
    """The numbers that German law reads of the connection, as rates: the defaults, as the plant states none."""
    for key, spec in tables.jurisdictions["DE"].inputs.items():
        if "values" not in spec and not isinstance(spec["default"], str):
            value = f"{spec['default']} {'' if spec['unit'] == 'yes/no' else spec['unit']}".strip()
            yield toml("rate", {"rate": f"germany.{key}", "value": value, "valid_from": date(YEAR, 1, 1)})


def german(kind: str) -> Iterator[dict[str, Any]]:
    for path in sorted(GERMANY.glob("*.toml")):
        yield from tomllib.loads(path.read_text(encoding="utf-8")).get(kind, ())


def dutch(block: Mapping[str, Any], tables: Tables, plant: Plant) -> dict[str, Any]:
    """A German block as law of the Netherlands: what German law reads of the connection is filled in."""
    place = tables.jurisdictions["DE"]
    texts = texts_of(place, plant)

    def filled(text: str) -> str:
        for key, value in texts.items():
            text = text.replace(f"{{{key}}}", value).replace(f"connection.{key} ", f"'{value}' ")
        for key, spec in place.inputs.items():
            number = spec["default"] if isinstance(spec.get("default"), str) else f"germany.{key}"
            text = re.sub(rf"connection\.{key}\b", str(number), text)
        return text

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {filled(key): walk(item) for key, item in value.items()}
        if isinstance(value, list):
            return [walk(item) for item in value]
        return filled(value) if isinstance(value, str) else value

    return {**walk(block), "jurisdictions": ["NL"]}


def texts_of(place: Jurisdiction, plant: Plant) -> dict[str, str]:
    """What a connection of the plant is called in Germany, and its choices in words, which are left to the default."""
    assert "DE" not in plant.connections
    texts = {key: str(spec["default"]) for key, spec in place.inputs.items() if "values" in spec and "default" in spec}
    return texts | {key: str(value) for key, value in place.levels[plant.level].items() if key != "assumes"}


def toml(kind: str, block: Mapping[str, Any]) -> str:
    return "\n".join([f"[[{kind}]]", *(f"{json.dumps(key)} = {inline(value)}" for key, value in block.items())])


def inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {inline(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)
