"""The plant, in canonical units, and the reference plants that ship with the package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from levelfield.lang import Text
from levelfield.numbers import rounded

if TYPE_CHECKING:
    from levelfield.load import LoadCurve
    from levelfield.procurement import Procurement

LEVELS = ("extra_high", "high", "sub", "medium")
LEVEL_BY_PEAK = (("extra_high", 100_000.0), ("high", 20_000.0), ("medium", 0.0))
"""The level that stands where none is stated, from a yearly peak of so many kW."""
CLUSTERS = ("chemelot", "smart-delta", "rotterdam-moerdijk", "noordzeekanaal", "noord-nederland", "cluster-6")
DIRECT, INDIRECT = "eu.ets.benchmark", "eu.icc.elec_benchmark"  # the rates that name the products
COMPANY = ("gross_value_added", "turnover", "payroll")
MISSING = float("inf")
"""Stands for a company figure that is not stated: no cap binds and no intensity is reached."""


class Plant(NamedTuple):
    """A plant in canonical units: MWh, kW, EUR, tCO2, fractions. Company figures that are not stated are infinite."""

    name: str
    sector: str
    cluster: str
    offtake: float
    yearly_peak: float
    contracted_power: float
    exempt_process_share: float
    prices: Mapping[str, float]
    load_curve: LoadCurve | None
    level: str
    connections: Mapping[str, Mapping[str, Any]]
    gross_value_added: float
    turnover: float
    payroll: float
    eu_ets: bool
    carbon_leakage: bool
    direct_emissions: float
    free_allocation: float | None
    products: Mapping[str, Mapping[str, float]]
    indirect: Mapping[str, Mapping[str, float]]
    claims: Mapping[str, bool]
    rates: Mapping[str, str]
    defaults: tuple[Text, ...] = ()
    description: str = ""
    sources: Mapping[str, str] = {}
    place: str = ""
    procurement: Mapping[str, Procurement] = {}  # by a plant key of a jurisdiction; '' for all others

    @property
    def full_load_hours(self) -> float:
        """Rounded to a millionth of an hour, so that 7,000 h stays 7,000 h whichever two of the three were stated."""
        return rounded(self.offtake / self.yearly_peak * 1000, 6)

    @property
    def allocation(self) -> tuple[float, float]:
        """The free allocation that is stated, and whether one is (1 or 0)."""
        return self.free_allocation or 0.0, float(self.free_allocation is not None)

    def own_price(self, keys: Sequence[str]) -> tuple[float, float]:
        """The price stated under the first of the keys that has one, and whether one does (1 or 0)."""
        price = next((self.prices[key] for key in keys if key in self.prices), None)
        return price or 0.0, float(price is not None)

    @property
    def products_differ(self) -> bool:
        """Whether this stands for several plants that make different products: one does not."""
        return False


def shipped_plants() -> dict[str, Path]:
    """The reference plants by name."""
    return {path.stem: path for path in sorted((Path(__file__).parent / "plants").glob("*.toml"))}
