"""Bills side by side: the gap with each neighbour, by two definitions, and what drives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from levelfield._errors import MissingData, UserError, did_you_mean
from levelfield.bill import Bill, make_bill
from levelfield.charges import CATEGORIES
from levelfield.lang import Text
from levelfield.plant import Plant
from levelfield.switches import Switches
from levelfield.tables import Tables


class Gap(NamedTuple):
    """How much dearer the home jurisdiction is than another, EUR; negative where it is cheaper.

    `home_above` is (home − other) ÷ other and `other_below` is (home − other) ÷ home: two numbers that debate mixes up.
    Each is None where its denominator is not positive. The drivers, by category or by charge, add up to `eur`.
    """

    home: Bill
    other: Bill

    @property
    def eur(self) -> float:
        return self.home.total - self.other.total

    @property
    def electricity(self) -> float:
        return self.home.electricity - self.other.electricity

    @property
    def eur_per_mwh(self) -> float:
        return self.eur / self.home.offtake

    @property
    def home_above(self) -> float | None:
        return _ratio(self.eur, self.other.total)

    @property
    def other_below(self) -> float | None:
        return _ratio(self.eur, self.home.total)

    @property
    def electricity_home_above(self) -> float | None:
        return _ratio(self.electricity, self.other.electricity)

    @property
    def electricity_other_below(self) -> float | None:
        return _ratio(self.electricity, self.home.electricity)

    def by_category(self) -> dict[str, float]:
        return {category: self.home.category(category) - self.other.category(category) for category in CATEGORIES}

    def by_charge(self) -> dict[str, float]:
        """Charge by charge: those of home count up, those of the other down; one that both have counts once."""
        drivers: dict[str, float] = {}
        for bill, sign in ((self.home, 1), (self.other, -1)):
            for line in bill.lines:
                drivers[line.charge] = drivers.get(line.charge, 0.0) + sign * line.amount
        return drivers


class Comparison(NamedTuple):
    """The bills of one plant over a period, home first, and what could not be billed and why."""

    tables: Tables
    plant: Plant
    start: date
    end: date
    home: str
    switches: Switches
    bills: tuple[Bill, ...]
    refusals: Mapping[str, tuple[str, ...]]

    @property
    def gaps(self) -> tuple[Gap, ...]:
        home = next((bill for bill in self.bills if bill.jurisdiction.id == self.home), None)
        if home is None:
            return ()
        return tuple(Gap(home, bill) for bill in self.bills if bill is not home)

    def bill(self, jurisdiction: str) -> Bill:
        return next(bill for bill in self.bills if bill.jurisdiction.id == jurisdiction)

    @property
    def warnings(self) -> tuple[Text, ...]:
        """What a reader must know: defaults taken, holes, doubts; said once where it holds in several jurisdictions."""
        stated = [text.after(self.plant.name) for text in self.plant.defaults]
        places: dict[Text, list[str]] = {}
        for bill in self.bills:
            for warning in bill.warnings:
                places.setdefault(warning, []).append(bill.jurisdiction.id)
        found = [warning.after(", ".join(where)) for warning, where in places.items()]
        faults = [fault for refused in self.refusals.values() for fault in refused]
        refused = [Text(f"no bill for {fault}", f"geen rekening voor {fault}") for fault in faults]
        return tuple(dict.fromkeys([*stated, *found, *refused]))


def compare(
    tables: Tables,
    plant: Plant,
    start: date,
    end: date,
    home: str = "NL",
    against: Sequence[str] = (),
    switches: Switches | None = None,
) -> Comparison:
    """The plant's bills at home and in the other jurisdictions (all that the tables hold, unless some are named).

    A jurisdiction for which the tables lack something is refused, with the reason; the others stand. Raises UserError
    for an unknown jurisdiction and MissingData if none can be billed.
    """
    switches = switches or Switches()
    places = [home, *(expand(against, tables) if against else tables.jurisdictions)]
    for place in places:
        if place not in tables.jurisdictions:
            raise UserError(f"'{place}' is no jurisdiction of the tables; {did_you_mean(place, tables.jurisdictions)}")
    bills: list[Bill] = []
    refusals: dict[str, tuple[str, ...]] = {}
    for place in dict.fromkeys(places):
        try:
            bills.append(make_bill(tables, plant, place, start, end, switches))
        except MissingData as lack:
            refusals[place] = lack.faults
    if not bills:
        raise MissingData([fault for faults in refusals.values() for fault in faults])
    return Comparison(tables, plant, start, end, home, switches, tuple(bills), refusals)


def expand(places: Sequence[str], tables: Tables) -> list[str]:
    """Jurisdictions by name; a country's plant key such as BE stands for all its jurisdictions."""
    found: list[str] = []
    for name in places:
        wanted = name.strip().upper()
        members = [id_ for id_, place in tables.jurisdictions.items() if wanted in place.plant_keys]
        if not members:
            raise UserError(f"'{name}' is no jurisdiction of the tables; {did_you_mean(wanted, tables.jurisdictions)}")
        found += members
    return found


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None
