"""The periodic report: the panel's gap now, a year ago and at the last report, and what moved it, law by law."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from levelfield._errors import MissingData
from levelfield.comparison import Comparison, compare
from levelfield.lang import Text
from levelfield.period import calendar_year
from levelfield.switches import Switches
from levelfield.tables import Tables
from levelfield.toets.panel import Panel
from levelfield.trend import trend


class Moment(NamedTuple):
    """The panel in a year, by the tables as known then. `gaps` are EUR and MWh by plant and neighbour."""

    label: Text
    year: int
    gaps: Mapping[tuple[str, str], tuple[float, float]]

    def mean(self, place: str) -> float | None:
        """The gap of all plants together, EUR/MWh."""
        found = [gap for (_, other), gap in self.gaps.items() if other == place]
        return sum(eur for eur, _ in found) / sum(mwh for _, mwh in found) if found else None

    def dearer(self, place: str) -> tuple[int, int]:
        """For how many plants home is the dearer country, and of how many there is a gap."""
        found = [eur for (_, other), (eur, _) in self.gaps.items() if other == place]
        return sum(eur > 0 for eur in found), len(found)


class Mover(NamedTuple):
    """What one piece of law or price did to the panel's bills in a jurisdiction since the year before, EUR."""

    place: str
    kind: str
    text: Text
    eur: float
    plants: int


class Monitor(NamedTuple):
    moments: tuple[Moment, ...]
    movers: tuple[Mover, ...]
    refusals: tuple[str, ...]


def moment(
    label: Text, tables: Tables, panel: Panel, year: int, home: str, places: Sequence[str], switches: Switches
) -> tuple[Moment, list[str]]:
    """The gaps of a year, and what could not be billed."""
    gaps: dict[tuple[str, str], tuple[float, float]] = {}
    refused: list[str] = []
    for member in panel.members:
        against = [place for place in places if not member.against or place in member.against]
        try:
            found: Comparison = compare(tables, member.plant, *calendar_year(year), home, against, switches)
        except MissingData as lack:
            refused += lack.faults
            continue
        refused += [fault for faults in found.refusals.values() for fault in faults]
        gaps.update({(member.key, gap.other.jurisdiction.id): (gap.eur, gap.home.offtake) for gap in found.gaps})
    return Moment(label, year, gaps), refused


def movers(
    tables: Tables, panel: Panel, year: int, home: str, places: Sequence[str], switches: Switches
) -> list[Mover]:
    """What moved the panel's bills from the year before, summed over the plants, the largest first."""
    sums: dict[tuple[str, str, str], tuple[Text, float, int]] = {}
    for member in panel.members:
        against = [place for place in places if place != home and (not member.against or place in member.against)]
        try:
            found = trend(tables, member.plant, [year - 1, year], home, against, switches)
        except MissingData:
            continue
        for step in found.steps:
            for move in step.moves:
                key = (step.jurisdiction, move.kind, move.name)
                text, eur, plants = sums.get(key, (move.text, 0.0, 0))
                sums[key] = (text, eur + move.eur, plants + 1)
    rows = [Mover(place, kind, text, eur, plants) for (place, kind, _), (text, eur, plants) in sums.items()]
    return sorted(rows, key=lambda row: -abs(row.eur))
