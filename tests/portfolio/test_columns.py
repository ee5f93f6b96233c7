"""Bills over columns are the bills of the plants one by one: amounts, choices and refusals."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from levelfield._errors import MissingData
from levelfield.bill import Bill, make_bill
from levelfield.charges import CATEGORIES
from levelfield.plant import Plant
from levelfield.portfolio import reckon
from levelfield.portfolio.plants import columns_of
from levelfield.switches import Switches
from levelfield.tables import Tables
from tests.test_invariants import YEARS
from tests.test_invariants import plants as bare_plants

THOROUGH = settings(
    max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@st.composite
def plants(draw: st.DrawFn, tables: Tables) -> Plant:
    """A plant that also says things by jurisdiction, makes products, and sets rates of its own."""
    plant = draw(bare_plants())
    connections: dict[str, dict[str, object]] = {}
    for place in tables.jurisdictions.values():
        for key in place.plant_keys:
            if draw(st.integers(0, 3)):
                continue
            said: dict[str, object] = {}
            for name, spec in place.inputs.items():
                if draw(st.integers(0, 3)):
                    continue
                if "values" in spec:
                    said[name] = draw(st.sampled_from(spec["values"]))
                elif spec.get("unit") == "yes/no":
                    said[name] = draw(st.sampled_from([0.0, 1.0]))
                elif spec.get("unit") == "kW":
                    said[name] = plant.yearly_peak * draw(st.sampled_from([0.5, 1.0, 1.5]))
                else:
                    said[name] = draw(st.sampled_from([0.0, 0.2, 1e5]))
            if draw(st.booleans()):
                said["level"] = draw(st.sampled_from(["extra_high", "high", "sub", "medium"]))
            connections[key] = said
    made = ["ammonia", "hot_metal", "refinery", "fuel_benchmark", "grey_clinker"]
    products = {
        name: {
            "output": draw(st.sampled_from([0.0, 1e4, 5e5])),
            "emissions": draw(st.sampled_from([0.0, 1e5])),
            "electricity": 0.0,
        }
        for name in draw(
            st.lists(st.sampled_from([n for n in made if f"eu.ets.benchmark.{n}" in tables]), unique=True, max_size=2)
        )
    }
    uses = [
        rate.removeprefix("eu.icc.elec_benchmark.")
        for rate in tables.rate_ids
        if rate.startswith("eu.icc.elec_benchmark.") and not rate.endswith(".fallback")
    ]
    indirect = dict(plant.indirect)
    for name in draw(st.lists(st.sampled_from(uses), unique=True, max_size=2)):
        indirect[name] = {"output": draw(st.sampled_from([0.0, 1e4])), "consumption": 0.0}
    return plant._replace(
        level=draw(st.sampled_from(["extra_high", "high", "sub", "medium"])),
        connections=connections,
        products=products,
        indirect=indirect,
        prices=draw(
            st.dictionaries(st.sampled_from(["NL", "DE", "BE", "FR"]), st.sampled_from([0.0, 55.0, 80.0]), max_size=2)
        ),
        rates=draw(
            st.dictionaries(
                st.sampled_from(["nl.energy_tax.band4.business", "de.offshore", "market.day_ahead.nl"]),
                st.just("70 EUR/MWh"),
                max_size=1,
            ).map(lambda found: {rate: text for rate, text in found.items() if rate in tables})
        ),
    )


def billed(tables: Tables, plant: Plant, place: str, year: int, switches: Switches) -> tuple[Bill | None, str]:
    try:
        return make_bill(tables, plant, place, date(year, 1, 1), date(year, 12, 31), switches), ""
    except MissingData as lack:
        return None, "; ".join(lack.faults)


@THOROUGH
@given(
    data=st.data(),
    year=st.sampled_from(YEARS),
    reliefs=st.sampled_from(["stated", "stated", "all", "none"]),
    allow_gaps=st.booleans(),
    procurement=st.sampled_from(["stated", "market", "forward"]),
)
def test_columns_give_the_bills_of_the_plants_one_by_one(
    tables: Tables, data: st.DataObject, year: int, reliefs: str, allow_gaps: bool, procurement: str
) -> None:
    held = data.draw(st.lists(plants(tables), min_size=2, max_size=12))
    switches = Switches(reliefs, {}, allow_gaps, procurement=procurement)
    families = ["eu.ets", "fr.grid", "de.grid.bandlast", "be.excise.band1"]
    found = reckon(tables, columns_of(held, tables), year, list(tables.jurisdictions), switches, families)
    for place, bills in found.items():
        for number, plant in enumerate(held):
            bill, reason = billed(tables, plant, place, year, switches)
            assert bills.reasons[bills.refused[number]] == reason
            if bill is None:
                continue
            scale = 1e-9 * sum(abs(line.amount) for line in bill.lines)
            for category in CATEGORIES:
                assert bills.categories[category][number] == pytest.approx(bill.category(category), rel=1e-9, abs=scale)
            assert bills.total[number] == pytest.approx(bill.total, rel=1e-9, abs=scale)
            assert bills.electricity[number] == pytest.approx(bill.electricity, rel=1e-9, abs=scale)
            assert bills.charges["fr.grid"][number] == pytest.approx(bill.charge("fr.grid"), rel=1e-9, abs=scale)
            assert bills.charges["eu.ets"][number] == pytest.approx(bill.charge("eu.ets"), rel=1e-9, abs=scale)
