"""levelfield: the all-in electricity and CO2 cost of an industrial plant in its own and in the neighbouring countries.

    >>> import levelfield as lf
    >>> tables = lf.load_tables()
    >>> plant = lf.load_plant("chlor-alkali", tables)
    >>> comparison = lf.compare(tables, plant, *lf.calendar_year(2025))
    >>> comparison.bill("NL").electricity / comparison.bill("NL").offtake  # EUR/MWh
    >>> law = lf.load_proposal("energy-tax-eu-minimum")
    >>> lf.run_toets(tables, [law], lf.load_panel("clusters", tables), [2026]).pairs  # gaps before and after

Names are loaded when they are first used, so that the command line starts fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "Bill": "bill",
    "Comparison": "comparison",
    "LevelfieldError": "_errors",
    "MissingData": "_errors",
    "Plant": "plant",
    "Switches": "switches",
    "Tables": "tables",
    "TablesError": "_errors",
    "UserError": "_errors",
    "compare": "comparison",
    "load_panel": "toets.panel",
    "load_plant": "plant_file",
    "load_proposal": "toets.proposal",
    "load_tables": "tables",
    "make_bill": "bill",
    "run_toets": "toets.effect",
    "shipped_plants": "plant",
    "calendar_year": "period",
}

__all__ = [
    "Bill",
    "Comparison",
    "LevelfieldError",
    "MissingData",
    "Plant",
    "Switches",
    "Tables",
    "TablesError",
    "UserError",
    "__version__",
    "calendar_year",
    "compare",
    "load_panel",
    "load_plant",
    "load_proposal",
    "load_tables",
    "make_bill",
    "run_toets",
    "shipped_plants",
]

if TYPE_CHECKING:
    from levelfield._errors import LevelfieldError, MissingData, TablesError, UserError
    from levelfield.bill import Bill, make_bill
    from levelfield.comparison import Comparison, compare
    from levelfield.period import calendar_year
    from levelfield.plant import Plant, shipped_plants
    from levelfield.plant_file import load_plant
    from levelfield.switches import Switches
    from levelfield.tables import Tables, load_tables
    from levelfield.toets.effect import run_toets
    from levelfield.toets.panel import load_panel
    from levelfield.toets.proposal import load_proposal


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'levelfield' has no attribute '{name}'")
    return getattr(import_module(f"levelfield.{_HOME[name]}"), name)
