"""What a plant pays for its commodity by the way it buys: prices and weights by hand."""

from __future__ import annotations

import pytest

from tests.conftest import MakeBill

PLANT = """
name = "Works"
[electricity]
offtake = "100 GWh"
full_load_hours = "8760 h"
[electricity.procurement]
model = "{model}"
[connection]
level = "extra_high"
FR = {{ arenh = false }}
"""


@pytest.mark.parametrize(
    ("place", "year", "price"), [("DE", 2025, 88.7), ("BE-VLG", 2021, 40.7), ("BE-VLG", 2022, 86.0), ("FR", 2025, 77)]
)
def test_year_ahead_prices(bill_of: MakeBill, place: str, year: int, price: float) -> None:
    bill = bill_of(PLANT.format(model="forward"), place, year)
    assert bill.category("commodity") == pytest.approx(100_000 * price)


def test_the_weights_of_the_formula(bill_of: MakeBill) -> None:
    """47.1 % year-ahead, 20.1 and 7.1 % two and three years ahead, 7.8 % quarter, 2.2 % month, 15.7 % day-ahead."""
    quotations = {"cal1": 80, "cal2": 70, "cal3": 60, "quarter_ahead": 90, "month_ahead": 100}
    settings = {f"market.{name}.be": float(price) for name, price in quotations.items()}
    bill = bill_of(PLANT.format(model="formula"), "BE-VLG", 2025, settings=settings)
    price = 0.471 * 80 + 0.201 * 70 + 0.071 * 60 + 0.078 * 90 + 0.022 * 100 + 0.157 * 82.57
    assert bill.category("commodity") == pytest.approx(100_000 * price)
