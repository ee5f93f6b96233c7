"""Our bills beside what others published, study by study, with how close each class of evidence should come.

A study is a TOML file of this package (levelfield/studies): where it was published, and figures, each with the plant,
the year, the switches and the measure that reproduce it. What cannot be reckoned or lies outside its class is listed
with the reason found; nothing is tuned to come out.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from levelfield._errors import MissingData, UserError, did_you_mean
from levelfield.bill import Bill, make_bill
from levelfield.period import calendar_year
from levelfield.plant import Plant
from levelfield.plant_file import load_plant, parse_plant
from levelfield.switches import Switches
from levelfield.tables import Tables

FOLDER = Path(__file__).parent / "studies"

CLASSES = {
    "identity": "the published digits",
    "component": "1 %",
    "known profile": "10 %",
    "unknown profile": "20 %, or the same order",
    "journalism": "a factor of three",
}
_SHARES = {"component": 0.01, "known profile": 0.10, "unknown profile": 0.20}


class Figure(NamedTuple):
    """One published figure and ours. `within` is None where ours could not be reckoned."""

    study: str
    name: str
    published: float | str
    ours: float | str | None
    unit: str
    kind: str
    within: bool | None
    independent: bool
    evidence: float | None  # share of official and secondary
    switches: str
    reason: str
    lines: tuple[tuple[str, float], ...] = ()  # ours, charge by charge, EUR/MWh

    @property
    def difference(self) -> float | None:
        """Ours less the published, as a share of the published."""
        if isinstance(self.published, str) or not isinstance(self.ours, float) or not self.published:
            return None
        return (self.ours - self.published) / abs(self.published)


class Study(NamedTuple):
    id: str
    title: str
    source: str
    url: str
    evidence: str
    note: str
    figures: tuple[Figure, ...]

    @property
    def holds(self) -> bool:
        return all(figure.within for figure in self.figures)


def studies() -> list[str]:
    """The studies by id."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def replicate(tables: Tables, study: str) -> Study:
    """A study with our figures beside the published ones. Raises UserError for an unknown study."""
    path = FOLDER / f"{study}.toml"
    if not path.is_file():
        raise UserError(f"'{study}' is no study; {did_you_mean(study, studies())}")
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    plants = {name: parse_plant(text, f"{study}.toml", FOLDER, tables) for name, text in data.get("plants", {}).items()}
    bills = _Bills(tables, plants)
    figures = tuple(_figure(study, item, bills) for item in data["figure"])
    return Study(
        study,
        data["title"],
        data["source"],
        data.get("url", ""),
        data["evidence"],
        " ".join(data.get("note", "").split()),
        figures,
    )


class _Bills:
    """Bills by plant, place, year and switches, made once."""

    def __init__(self, tables: Tables, plants: Mapping[str, Plant]) -> None:
        self.tables, self.plants = tables, dict(plants)
        self._made: dict[tuple[Any, ...], Bill] = {}

    def __call__(self, item: Mapping[str, Any], place: str, year: int | None = None) -> Bill:
        name, in_year = item["plant"], year or item["year"]
        settings = {rate: float(value) for rate, value in item.get("settings", {}).items()}
        switches = Switches(
            reliefs=item.get("reliefs", "stated"),
            settings=settings,
            compensation=item.get("compensation", True),
            procurement=item.get("procurement", "stated"),
        )
        key = (name, place, in_year, repr(switches))
        if key not in self._made:
            if name not in self.plants:
                self.plants[name] = load_plant(name, self.tables)
            self._made[key] = make_bill(self.tables, self.plants[name], place, *calendar_year(in_year), switches)
        return self._made[key]


def _figure(study: str, item: Mapping[str, Any], bills: _Bills) -> Figure:
    published, kind = item["published"], item["class"]
    if isinstance(published, list):
        published = " < ".join(published)
    reason = " ".join(item.get("reason", "").split())
    ours: float | str | None = None
    evidence = None
    lines: tuple[tuple[str, float], ...] = ()
    try:
        ours = _MEASURES[item["measure"]](item, bills)
        shares = bills(item, item["place"]).evidence_share() if "place" in item else {}
        evidence = shares.get("official", 0.0) + shares.get("secondary", 0.0) if shares else None
        if item["measure"] == "electricity":
            lines = _by_family(bills(item, item["place"]))
    except MissingData as lack:
        reason = reason or lack.faults[0]
    within = None if ours is None else _within(published, ours, kind)
    return Figure(
        study,
        item["name"],
        published if isinstance(published, str) else float(published),
        ours,
        item.get("unit", ""),
        kind,
        within,
        item.get("independent", True),
        evidence,
        _said(item),
        reason,
        lines,
    )


def _by_family(bill: Bill) -> tuple[tuple[str, float], ...]:
    """The amounts of the charges, their parts added up, in EUR/MWh."""
    found: dict[str, float] = {}
    for line in bill.lines:
        family = ".".join(line.charge.split(".")[: 3 if line.charge.split(".")[1] in ("levy", "vlg", "wal") else 2])
        found[family] = found.get(family, 0.0) + line.amount / bill.offtake
    return tuple(found.items())


def _within(published: float | str, ours: float | str, kind: str) -> bool:
    if isinstance(published, str) or isinstance(ours, str):
        return published == ours
    if kind == "identity":
        digits = len(f"{published}".partition(".")[2].rstrip("0"))
        return abs(ours - published) <= 0.5 * 10.0**-digits + 1e-9
    if kind == "journalism":
        return ours * published > 0 and 1 / 3 <= ours / published <= 3
    return abs(ours - published) <= _SHARES[kind] * abs(published)


def _said(item: Mapping[str, Any]) -> str:
    """The switches of a figure, as they would be typed."""
    parts = [str(item["plant"])] if "plant" in item else []
    parts += [f"--year {item['year']}"] if "year" in item else []
    parts += [f"--reliefs {item['reliefs']}"] if item.get("reliefs", "stated") != "stated" else []
    parts += ["--no-compensation"] if not item.get("compensation", True) else []
    parts += [f"--procurement {item['procurement']}"] if "procurement" in item else []
    parts += [f"--set {rate}={value}" for rate, value in item.get("settings", {}).items()]
    return " ".join(parts)


# Measures -------------------------------------------------------------------------------------------------------------

Measure = Callable[[Mapping[str, Any], _Bills], float | str]


def _electricity(item: Mapping[str, Any], bills: _Bills) -> float:
    bill = bills(item, item["place"])
    return bill.electricity / bill.offtake


def _without_taxes(item: Mapping[str, Any], bills: _Bills) -> float:
    """Commodity and network, as statistics without taxes and levies count them."""
    bill = bills(item, item["place"])
    return (bill.category("commodity") + bill.category("network")) / bill.offtake


def _charge(item: Mapping[str, Any], bills: _Bills) -> float:
    return bills(item, item["place"]).charge(item["charge"])


def _charge_per_mwh(item: Mapping[str, Any], bills: _Bills) -> float:
    bill = bills(item, item["place"])
    return bill.charge(item["charge"]) / bill.offtake


def _below_home(item: Mapping[str, Any], bills: _Bills) -> float:
    """How much the place lies below home, in percent of home (negative: below)."""
    home, other = (bills(item, place) for place in (item.get("home", "NL"), item["place"]))
    return (other.electricity - home.electricity) / home.electricity * 100


def _network_below_home(item: Mapping[str, Any], bills: _Bills) -> float:
    home, other = (bills(item, place).category("network") for place in (item.get("home", "NL"), item["place"]))
    return (other - home) / home * 100


def _network_multiple(item: Mapping[str, Any], bills: _Bills) -> float:
    """The network cost as a multiple of an earlier year's; with gross = true without the reductions on it."""

    def cost(bill: Bill) -> float:
        lines = [line.amount for line in bill.lines if line.category == "network"]
        return sum(amount for amount in lines if amount > 0 or not item.get("gross", False)) / bill.offtake

    return cost(bills(item, item["place"])) / cost(bills(item, item["place"], item["since"]))


def _rank(item: Mapping[str, Any], bills: _Bills) -> str:
    """The places from the cheapest to the dearest."""
    cost = {place: bills(item, place).electricity for place in item["published"]}
    return " < ".join(sorted(cost, key=lambda place: cost[place]))


def _cheapest(item: Mapping[str, Any], bills: _Bills) -> str:
    cost = {place: bills(item, place).electricity for place in item["places"]}
    return str(min(cost, key=lambda place: cost[place]))


def _above_mean(item: Mapping[str, Any], bills: _Bills) -> float:
    """A place less the mean of some places, EUR/MWh."""
    prices = [_electricity({**item, "place": place}, bills) for place in item["places"]]
    return _electricity(item, bills) - sum(prices) / len(prices)


def _arithmetic(item: Mapping[str, Any], _: _Bills) -> float:
    """A sum of published parts."""
    return float(sum(item["parts"]))


_MEASURES: dict[str, Measure] = {
    "electricity": _electricity,
    "without taxes": _without_taxes,
    "charge": _charge,
    "charge per MWh": _charge_per_mwh,
    "below home": _below_home,
    "network below home": _network_below_home,
    "network multiple": _network_multiple,
    "order": _rank,
    "cheapest": _cheapest,
    "above mean": _above_mean,
    "sum": _arithmetic,
}
