"""The flat 100 MW plant at the highest voltage, every relief: each line against a hand calculation.

The arithmetic in flat_100mw.csv was written from the laws and tariffs, not from the code; it stands beside the bills in
docs/validation.md.
"""

from __future__ import annotations

import ast
import csv
from datetime import date
from pathlib import Path

import pytest

from levelfield.bill import make_bill
from levelfield.charges import is_part
from levelfield.plant_file import load_plant
from levelfield.switches import Switches
from levelfield.tables import Tables

ROWS = list(csv.DictReader((Path(__file__).parent / "flat_100mw.csv").open(encoding="utf-8", newline="")))


def arithmetic(text: str) -> float:
    """The value of a sum of numbers; nothing else is allowed in it."""
    tree = ast.parse(text, mode="eval")
    allowed = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Constant, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.USub)
    assert all(isinstance(node, allowed) for node in ast.walk(tree)), text
    return float(eval(compile(tree, "<hand>", "eval"), {"__builtins__": {}}))  # noqa: S307 - numbers and signs only


@pytest.mark.parametrize("year", [2025, 2026])
@pytest.mark.parametrize("place", ["NL", "DE", "BE-VLG", "BE-WAL", "FR"])
def test_each_line_is_what_a_hand_calculation_gives(tables: Tables, place: str, year: int) -> None:
    plant = load_plant("flat-100mw", tables)
    bill = make_bill(tables, plant, place, date(year, 1, 1), date(year, 12, 31), Switches("all"))
    hand = [row for row in ROWS if row["jurisdiction"] == place and row["year"] == str(year)]
    for row in hand:
        assert bill.charge(row["charge"]) == pytest.approx(
            arithmetic(row["hand"]), abs=400 if "5.359" in row["hand"] else 0.01
        )
    covered = [row["charge"] for row in hand]
    assert [line.charge for line in bill.lines if not any(is_part(line.charge, family) for family in covered)] == []
