"""The Dutch law against worked examples and hand calculations."""

from __future__ import annotations

import pytest

from tests.conftest import MakeBill

FLAT = """
[electricity]
offtake = "{offtake}"
full_load_hours = "8000 h"
"""


@pytest.mark.parametrize(
    ("offtake", "year", "expected"),
    [
        # Full sum of 2025: 1,015.40 + 2,774.80 + 384,866.00 + 288,900.00.
        ("100 GWh", 2025, 677_556.20),
        ("10 GWh", 2025, 388_656.20),
        ("1000 GWh", 2025, 3_566_556.20),
    ],
)
def test_energy_tax_of_a_baseload_user(bill_of: MakeBill, offtake: str, year: int, expected: float) -> None:
    assert bill_of(FLAT.format(offtake=offtake), "NL", year).charge("nl.energy_tax") == pytest.approx(expected, abs=0.005)
