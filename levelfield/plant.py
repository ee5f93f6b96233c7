"""The plant, in canonical units, and the reference plants that ship with the package."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from levelfield.lang import Text

if TYPE_CHECKING:
    from levelfield.load import LoadCurve
    from levelfield.procurement import Procurement

LEVELS = ("extra_high", "high", "sub", "medium")
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
        return round(self.offtake / self.yearly_peak * 1000, 6)


def shipped_plants() -> dict[str, Path]:
    """The reference plants by name."""
    return {path.stem: path for path in sorted((Path(__file__).parent / "plants").glob("*.toml"))}
