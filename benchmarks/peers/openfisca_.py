"""OpenFisca-core's country template: the social security contribution, a marginal scale, for a month."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_country_template import CountryTaxBenefitSystem

NEEDS = "OpenFisca-Core"


@functools.cache
def _system() -> Any:
    return CountryTaxBenefitSystem()


@functools.cache
def _incomes(count: int) -> np.ndarray:
    return np.linspace(1, 60_000, count)


def scale(count: int) -> float:
    simulation = SimulationBuilder().build_default_simulation(_system(), count=count)
    simulation.set_input("salary", "2025-01", _incomes(count))
    return float(simulation.calculate("social_security_contribution", "2025-01").sum(dtype=float))
