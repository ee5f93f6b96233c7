"""Sums that a publisher printed, held against the rates that make them up.

```toml
[[printed_sum]]
of = ["be.grid.fluvius.antwerpen.kv1_26.pso", "be.grid.fluvius.antwerpen.kv1_26.surcharges"]
is = 4.1367                                  # as printed; a text such as "4.10" where the last digit is a zero
unit = "EUR/MWh"
on = 2026-01-01
use_hours = 6000                             # where charges per kW are printed as a price at so many hours of use
source = "be-flexcity-grid-fees"
locator = "Fees Database, antwerpen 26-36 grid"
```
The sum may differ from what is printed by half of the last printed digit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from levelfield import units
from levelfield.tables.fault import Fault, fault_at
from levelfield.tables.model import Row, Tables

_KEYS = ("of", "is", "unit", "on", "use_hours", "source", "locator", "ok", "place")
_A_YEAR = {"EUR/kW/a": 1, "EUR/kW/month": 12}


def faults(tables: Tables) -> Iterator[Fault]:
    """Printed sums that the rates do not make, and blocks that name a rate, a unit or a source the tables lack."""
    folders = dict.fromkeys(("eu", *(place.folder for place in tables.jurisdictions.values())))
    for folder in folders:
        for block in tables.law(folder).printed_sums:
            unfit = list(_form(tables, block))
            yield from (fault_at(str(block["place"]), "sums.form", message) for message in unfit)
            if not unfit:
                yield from _differ(tables, block)


def _form(tables: Tables, block: Mapping[str, Any]) -> Iterator[str]:
    for key in block:
        if key not in _KEYS:
            yield f"'{key}' is no key of a printed sum; known are {', '.join(_KEYS[:-1])}"
    lacking = [key for key in ("of", "is", "unit", "on", "source") if key not in block]
    if lacking or not isinstance(block["of"], list) or not block["of"]:
        yield f"the printed sum lacks {', '.join(lacking)}" if lacking else "'of' must be a list of rates"
        return
    if tables.source(str(block["source"])) is None:
        yield f"source '{block['source']}' is not in sources.csv"
    if _number(block["is"]) is None or (_number(block.get("use_hours", 1)) or 0) <= 0:
        yield "'is' must be a number as printed, and 'use_hours' a number above 0"
        return
    try:
        wanted, _ = units.canonical(str(block["unit"]))
    except units.UnitError as error:
        yield str(error)
        return
    for rate in block["of"]:
        row = tables.row(str(rate), str(block["on"]))
        if row is None or row.value is None:
            yield f"{rate} has no value on {block['on']}"
        elif _in_unit(row, wanted, block) is None:
            hint = "; use_hours turns a charge per kW into a price" if row.unit in _A_YEAR else ""
            yield f"{rate} is in {row.unit or 'no unit'}, the sum in {block['unit']}{hint}"


def _differ(tables: Tables, block: Mapping[str, Any]) -> Iterator[Fault]:
    wanted, factor = units.canonical(str(block["unit"]))
    day, printed = str(block["on"]), _number(block["is"]) or 0.0
    rows = [row for rate in block["of"] if (row := tables.row(str(rate), day))]
    parts = [(_in_unit(row, wanted, block) or 0.0) / factor for row in rows]
    if abs(sum(parts) - printed) > _rounding(block["is"]) * (1 + 1e-6):
        made = " + ".join(f"{part:.10g}" for part in parts)
        where = ", ".join(str(block[key]) for key in ("source", "locator") if key in block)
        yield fault_at(
            str(block["place"]),
            "sums.differ",
            f"{' + '.join(block['of'])} on {day} is {made} = {sum(parts):.10g} {block['unit']}, where {where}"
            f" prints {block['is']}; read both again ({', '.join(row.place for row in rows)})",
        )


def _in_unit(row: Row, wanted: str, block: Mapping[str, Any]) -> float | None:
    """The value of a row in the unit of the sum; None if it cannot be said in it."""
    if row.unit == wanted:
        return row.value
    if wanted == "EUR/MWh" and "use_hours" in block and row.unit in _A_YEAR and row.value is not None:
        return row.value * _A_YEAR[row.unit] * 1000 / float(block["use_hours"])
    return None


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _rounding(printed: object) -> float:
    """Half of the last printed digit."""
    decimals = str(printed).partition(".")[2]
    return float(0.5 * 10.0 ** -len(decimals))
