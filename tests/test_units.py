"""Units at the edges: what is read, what is refused, and that the small table agrees with pint."""

from __future__ import annotations

import pint
import pytest

from levelfield import units

PINT_NAMES = {"MWh": "megawatt_hour", "kW": "kilowatt", "t": "metric_ton", "h": "hour", "TJ": "terajoule"}
SPELT = {"t": "metric_ton", "kt": "kilometric_ton", "Mt": "megametric_ton", "a": "year", "min": "minute"}


@pytest.mark.parametrize(
    "atom", [atom for atom, (name, _) in units._ATOMS.items() if name in PINT_NAMES and "VA" not in atom]
)
def test_the_table_agrees_with_pint(atom: str) -> None:
    name, factor = units._ATOMS[atom]
    registry: pint.UnitRegistry[float] = pint.UnitRegistry()
    assert registry.Quantity(1, SPELT.get(atom, atom)).to(PINT_NAMES[name]).magnitude == pytest.approx(factor)


@pytest.mark.parametrize(
    ("text", "wanted", "value"),
    [
        ("800 GWh", "MWh", 800_000),
        ("800GWh", "MWh", 800_000),
        ("1 250 MWh", "MWh", 1_250),
        ("1_250 MWh", "MWh", 1_250),
        ("2.5e3 kWh", "MWh", 2.5),
        ("100 MW", "kW", 100_000),
        ("12 MVA", "kW", 12_000),
        ("50 kt", "tCO2", 50_000),
        ("50 kt", "t", 50_000),
        ("60 MEUR", "EUR", 60e6),
        ("95 %", "", 0.95),
        ("0.5 ct/kWh", "EUR/MWh", 5),
        ("3.6 TJ", "MWh", 1_000),  # through pint
        ("1000 hp", "kW", 745.7),  # through pint
    ],
)
def test_a_quantity_is_read_in_the_unit_wanted(text: str, wanted: str, value: float) -> None:
    assert units.parse(text, wanted) == pytest.approx(value, rel=1e-4)


@pytest.mark.parametrize(
    ("text", "wanted", "message"),
    [
        ("800 GW", "MWh", "800 GW is a power; an energy is wanted, say 800 GWh"),
        ("800", "MWh", "800 has no unit; an energy is wanted, say 800 GWh"),
        ("100 GWh", "kW", "100 GWh is an energy; a power is wanted, say 100 MW"),
        ("1,5 GWh", "MWh", "write a point for the decimals and no thousands separator"),
        ("much", "MWh", "'much' is no quantity: a number and a unit are needed"),
        ("5 bananas", "MWh", "'bananas' in '5 bananas' is no known unit; say 5 GWh"),
        ("5 hp", "MWh", "5 hp is in hp; an energy is wanted, say 5 GWh"),
    ],
)
def test_a_wrong_unit_says_what_to_write(text: str, wanted: str, message: str) -> None:
    with pytest.raises(units.UnitError) as error:
        units.parse(text, wanted)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("unit", "canonical"),
    [
        ("ct/kWh", ("EUR/MWh", 10)),
        ("EUR/kWh", ("EUR/MWh", 1_000)),
        ("EUR/kW/a", ("EUR/kW/a", 1)),
        ("EUR/MW/a", ("EUR/kW/a", 0.001)),
        ("EUR/kVA/a", ("EUR/kW/a", 1)),
        ("EUR/kW/month", ("EUR/kW/month", 1)),
        ("tCO2e/t", ("tCO2/t", 1)),
        ("%", ("", 0.01)),
        ("GWh/a", ("MWh/a", 1_000)),
    ],
)
def test_units_of_tables_have_one_canonical_form(unit: str, canonical: tuple[str, float]) -> None:
    name, factor = units.canonical(unit)
    assert name == canonical[0]
    assert factor == pytest.approx(canonical[1])
