"""Units: what plant files and tables write, turned into the few in which levelfield reckons.

Inside the package every quantity is a plain float in the canonical unit of its dimension: MWh, kW, EUR, t, tCO2, h,
fraction. Time stays what the law says (per `a`, `month` or `week`): a monthly charge on monthly peaks is not twelve
times anything. kVA counts as kW (power factor 1); TJ and CWT are activity units of the EU benchmarks.

The table below holds what plant files and tariffs use; pint answers for the rest and is imported only then.
"""

from __future__ import annotations

import functools
import math
import re
from typing import Any

# unit: (canonical unit, factor). A test holds every energy, power and time factor against pint.
_ATOMS: dict[str, tuple[str, float]] = {
    "Wh": ("MWh", 1e-6),
    "kWh": ("MWh", 1e-3),
    "MWh": ("MWh", 1.0),
    "GWh": ("MWh", 1e3),
    "TWh": ("MWh", 1e6),
    "W": ("kW", 1e-3),
    "kW": ("kW", 1.0),
    "MW": ("kW", 1e3),
    "GW": ("kW", 1e6),
    "kVA": ("kW", 1.0),
    "MVA": ("kW", 1e3),
    "ct": ("EUR", 0.01),
    "EUR": ("EUR", 1.0),
    "kEUR": ("EUR", 1e3),
    "MEUR": ("EUR", 1e6),
    "BEUR": ("EUR", 1e9),
    "t": ("t", 1.0),
    "kt": ("t", 1e3),
    "Mt": ("t", 1e6),
    "tCO2": ("tCO2", 1.0),
    "tCO2e": ("tCO2", 1.0),
    "ktCO2": ("tCO2", 1e3),
    "MtCO2": ("tCO2", 1e6),
    "TJ": ("TJ", 1.0),
    "GJ": ("TJ", 1e-3),
    "PJ": ("TJ", 1e3),
    "CWT": ("CWT", 1.0),
    "kCWT": ("CWT", 1e3),
    "h": ("h", 1.0),
    "min": ("h", 1 / 60),
    "a": ("a", 1.0),
    "month": ("month", 1.0),
    "week": ("week", 1.0),
    "certificate": ("certificate", 1.0),
    "m3": ("m3", 1.0),
    "%": ("", 0.01),
    "factor": ("", 1.0),
    "fraction": ("", 1.0),
    "1": ("", 1.0),
    "": ("", 1.0),
}

_KINDS = {
    "MWh": "an energy",
    "kW": "a power",
    "EUR": "a sum of money",
    "t": "a mass",
    "tCO2": "a mass of CO2",
    "TJ": "a heat",
    "CWT": "a refinery throughput",
    "h": "a time",
    "a": "a time",
    "month": "a time",
    "": "a share",
}
_EXAMPLES = {
    "MWh": "GWh",
    "kW": "MW",
    "EUR": "MEUR",
    "t": "kt",
    "tCO2": "kt",
    "h": "h",
    "": "%",
    "TJ": "TJ",
    "CWT": "CWT",
}
_QUANTITY = re.compile(r"([-+]?[0-9][0-9_ ]*(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)\s*(.*)", re.DOTALL)


class UnitError(ValueError):
    """A unit that is unknown or of the wrong kind; the text says what was wanted and gives an example."""


@functools.cache
def canonical(unit: str) -> tuple[str, float]:
    """The canonical unit and the factor to it: 'ct/kWh' gives ('EUR/MWh', 10.0).

    Raises UnitError for a unit that is not in the table.
    """
    factor = 1.0
    parts: list[str] = []
    for place, atom in enumerate(unit.replace(" ", "").split("/")):
        if atom not in _ATOMS:
            raise UnitError(f"'{unit}' is no known unit")
        name, scale = _ATOMS[atom]
        factor = factor * scale if place == 0 else factor / scale
        parts.append(name)
    if len(parts) > 1 and parts[0] == parts[1]:  # MWh/MWh and the like
        parts[:2] = [""]
    head, *rest = parts
    return "/".join([head or "1", *rest]) if rest else head, factor


def split(text: str) -> tuple[float, str]:
    """The number and the unit of a written quantity: '800 GWh' gives (800.0, 'GWh')."""
    match = _QUANTITY.fullmatch(text.strip())
    if not match or match[2].startswith(","):
        hint = " (write a point for the decimals and no thousands separator)" if "," in text else ""
        raise UnitError(f"'{text}' is no quantity: a number and a unit are needed{hint}")
    value = float(match[1].replace("_", "").replace(" ", ""))
    if not math.isfinite(value):
        raise UnitError(f"'{text}' is too large a number")
    return value, match[2].strip()


def parse(text: str, wanted: str) -> float:
    """A written quantity in the canonical unit `wanted`.

    `wanted` is canonical itself ('MWh', 'kW', 'EUR/MWh', '' for a share). Plain mass counts as CO2 where CO2 is wanted.
    Raises UnitError.
    """
    value, unit = split(text)
    try:
        name, factor = canonical(unit)
    except UnitError:
        return _by_pint(text, value, unit, wanted)
    if name == "t" and wanted == "tCO2":
        name = "tCO2"
    if name == "TJ" and wanted == "MWh":
        return _by_pint(text, value, unit, wanted)
    if name != wanted:
        raise _mismatch(text, value, unit, name, wanted)
    return value * factor


def _mismatch(text: str, value: float, unit: str, name: str, wanted: str) -> UnitError:
    found = _KINDS.get(name, f"in {unit}" if unit else "a bare number")
    need = _KINDS.get(wanted, f"a quantity in {wanted}")
    example = f"{value:g} {_EXAMPLES.get(wanted, wanted)}"
    if not unit:
        return UnitError(f"{text} has no unit; {need} is wanted, say {example}")
    return UnitError(f"{text} is {found}; {need} is wanted, say {example}")


def _by_pint(text: str, value: float, unit: str, wanted: str) -> float:
    """Any other unit that pint knows, for the dimensions that both know."""
    target = {
        "MWh": "megawatt_hour",
        "kW": "kilowatt",
        "h": "hour",
        "t": "metric_ton",
        "tCO2": "metric_ton",
        "TJ": "terajoule",
    }
    try:
        quantity = _registry().Quantity(value, unit)
    except Exception:  # noqa: BLE001 - pint raises tokenizer and attribute errors besides its own
        raise UnitError(
            f"'{unit}' in '{text}' is no known unit; say {value:g} {_EXAMPLES.get(wanted, wanted)}"
        ) from None
    if wanted not in target or not quantity.is_compatible_with(target[wanted]):
        raise _mismatch(text, value, unit, unit, wanted)
    return float(quantity.to(target[wanted]).magnitude)


@functools.cache
def _registry() -> Any:
    import pint

    return pint.UnitRegistry()


@functools.cache
def dimensions(unit: str) -> tuple[tuple[str, int], ...]:
    """A canonical unit as its base units with their powers, for the check that a formula adds like to like."""
    powers: dict[str, int] = {}
    for place, atom in enumerate(unit.split("/")):
        for name in atom.split("*"):
            if name not in ("", "1"):
                powers[name] = powers.get(name, 0) + (1 if place == 0 else -1)
    return tuple(sorted((name, power) for name, power in powers.items() if power))
