"""Load curves over columns come to what each comes to by itself."""

from __future__ import annotations

import math
from datetime import date

import pytest

from levelfield._errors import MissingData, UserError
from levelfield.bill import make_bill
from levelfield.load import LoadCurve
from levelfield.plant import Plant
from levelfield.plant_file import load_plant
from levelfield.portfolio import reckon
from levelfield.portfolio.curves import Curves, curve_columns
from levelfield.procurement import Procurement
from levelfield.tables import Tables

PLANTS = ("flat-100mw", "zinc-smelter", "paper-mill", "chlor-alkali")


def curve(number: int, year: int, per_hour: int) -> LoadCurve:
    """A load that goes by the day, the week and the season, each plant's in another way."""
    hours = (date(year + 1, 1, 1) - date(year, 1, 1)).days * 24 * per_hour
    return LoadCurve.of(
        year,
        [
            20_000 * (number + 1) * (1.5 + math.sin(n / (4 + number) / per_hour) + 0.3 * math.cos(n / 700))
            for n in range(hours)
        ],
    )


def with_curve(plant: Plant, made: LoadCurve) -> Plant:
    return plant._replace(load_curve=made, offtake=made.energy, yearly_peak=made.peak, contracted_power=0.8 * made.peak)


@pytest.mark.parametrize(("year", "per_hour"), [(2024, 1), (2025, 4)])
def test_each_bill_is_that_of_the_plant_by_itself(tables: Tables, year: int, per_hour: int) -> None:
    plants = [with_curve(load_plant(name, tables), curve(n, year, per_hour)) for n, name in enumerate(PLANTS)]
    found = reckon(tables, curve_columns(plants, tables), year, list(tables.jurisdictions))
    for place, bills in found.items():
        for plant, total in zip(plants, bills.total, strict=True):
            try:
                alone = make_bill(tables, plant, place, date(year, 1, 1), date(year, 12, 31)).total
            except MissingData:
                alone = math.nan
            assert total == pytest.approx(alone, rel=1e-9, nan_ok=True)


def test_curves_of_two_years_are_not_one_column() -> None:
    with pytest.raises(UserError, match="load curves of 2024, 2025"):
        Curves([curve(0, 2024, 1), curve(0, 2025, 1)])


def test_curves_of_two_steps_are_not_one_column() -> None:
    with pytest.raises(UserError, match="by the hour and by the quarter-hour"):
        Curves([curve(0, 2025, 1), curve(0, 2025, 4)])


def test_a_contract_that_does_not_follow_the_load_is_left_to_a_bill_of_its_own(tables: Tables) -> None:
    plant = with_curve(load_plant("paper-mill", tables), curve(0, 2024, 1))
    bought = Procurement(contract_share=0.4, contract_price=60.0, contract_shape="baseload")
    with pytest.raises(UserError, match="does not follow the load"):
        curve_columns([plant._replace(procurement={"": bought})], tables)
