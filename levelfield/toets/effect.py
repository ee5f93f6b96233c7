"""What proposals do to a panel: the bills before (the zero option) and after, the gaps, the budget, the verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from levelfield._errors import MissingData
from levelfield.bill import Bill, make_bill
from levelfield.comparison import Gap
from levelfield.period import calendar_year
from levelfield.plant import Plant
from levelfield.switches import Switches
from levelfield.tables import Jurisdiction, Tables
from levelfield.toets.panel import Member, Panel
from levelfield.toets.patch import Patched, lay_over
from levelfield.toets.proposal import PAYERS, Proposal

OF_THE_STATE = ("levy", "tax", "compensation", "co2")
"""Categories paid to or by the treasury; the price of ETS allowances, the same in all countries, stays out."""
EVEN = 0.005  # EUR/MWh; a smaller change of a gap is none


class Pair(NamedTuple):
    """A plant and a neighbour in a year: the gap before and after."""

    member: Member
    year: int
    before: Gap
    after: Gap

    @property
    def other(self) -> str:
        return self.before.other.jurisdiction.id

    @property
    def change(self) -> float:
        """Of the gap, EUR."""
        return self.after.eur - self.before.eur

    @property
    def change_per_mwh(self) -> float:
        return self.change / self.before.home.offtake

    @property
    def crosses(self) -> int:
        """1 if the plant becomes dearer than there, −1 if it no longer is, 0 otherwise."""
        return int(self.after.eur > 0) - int(self.before.eur > 0)


class Effect(NamedTuple):
    """The bills of a plant in a year before and after, by jurisdiction, home first; and what has none, with why."""

    member: Member
    year: int
    before: dict[str, Bill]
    after: dict[str, Bill]
    refused: dict[str, tuple[str, ...]]

    def pairs(self, home: str) -> Iterator[Pair]:
        if home in self.before:
            for place in self.before:
                if place != home:
                    before, after = (Gap(side[home], side[place]) for side in (self.before, self.after))
                    yield Pair(self.member, self.year, before, after)

    def budget(self, place: str, network_paid_by: str) -> float:
        """What the treasury of a jurisdiction gains from this plant, EUR; negative is a cost."""
        return sum(self.paid(place, category) for category in (*OF_THE_STATE, *_network(network_paid_by)))

    def paid(self, place: str, category: str) -> float:
        """What the plant pays more in a category, EUR, without the price of ETS allowances."""
        before, after = self.before.get(place), self.after.get(place)
        if before is None or after is None:
            return 0.0
        ets = after.charge("eu.ets") - before.charge("eu.ets") if category == "co2" else 0.0
        return after.category(category) - before.category(category) - ets


def _network(paid_by: str) -> tuple[str, ...]:
    return ("network",) if paid_by == "treasury" else ()


class Toets(NamedTuple):
    """Proposals tested on a panel: one effect a plant and year."""

    tables: Tables
    proposals: tuple[Proposal, ...]
    patched: Patched
    panel: Panel
    years: tuple[int, ...]
    home: str
    switches: Switches
    effects: tuple[Effect, ...]

    @property
    def pairs(self) -> list[Pair]:
        return [pair for effect in self.effects for pair in effect.pairs(self.home)]

    def of(self, proposal: Proposal) -> Toets:
        """The same test of one of the proposals alone."""
        against = [place for place in self.tables.jurisdictions if any(place in e.before for e in self.effects)]
        return run_toets(self.tables, [proposal], self.panel, self.years, self.home, against, self.switches)

    @property
    def network_paid_by(self) -> str:
        """Who bears a lower grid tariff: other grid users unless said otherwise; both, if proposals differ on it."""
        named = {proposal.network_paid_by for proposal in self.proposals} - {""}
        return "both" if len(named) > 1 else next(iter(named), PAYERS[0])

    @property
    def refusals(self) -> list[str]:
        faults = [fault for effect in self.effects for found in effect.refused.values() for fault in found]
        return list(dict.fromkeys(faults))

    @property
    def bridged(self) -> int:
        """How many bills rest on holes that were bridged by their bounds."""
        bills = [bill for effect in self.effects for side in (effect.before, effect.after) for bill in side.values()]
        return sum(any(run.bridged for run in bill.runs) for bill in {id(bill): bill for bill in bills}.values())

    def budget(self, year: int, place: str, *, weighted: bool) -> float:
        """Of the treasury in a year, EUR: for the plants of the panel, or for all that they stand for."""
        return sum(
            effect.budget(place, self.network_paid_by) * (effect.member.alike if weighted else 1.0)
            for effect in self.effects
            if effect.year == year
        )

    def paid(self, year: int, place: str, category: str) -> float:
        return sum(effect.paid(place, category) for effect in self.effects if effect.year == year)


def run_toets(
    tables: Tables,
    proposals: Sequence[Proposal],
    panel: Panel,
    years: Sequence[int],
    home: str = "NL",
    against: Sequence[str] = (),
    switches: Switches | None = None,
    bills: Callable[..., Bill] = make_bill,
) -> Toets:
    """The panel's bills of the years without and with the proposals.

    A jurisdiction that lacks something is refused for that plant and year; the others stand. `bills` makes a bill, and
    may keep those of the zero option for several proposals. Raises UserError for proposals at fault.
    """
    switches = switches or Switches()
    patched = lay_over(tables, proposals)
    grants = {claim: True for proposal in proposals for claim in proposal.grants}
    effects = []
    for year in years:
        for member in panel.members:
            wanted = member.against or tables.jurisdictions
            places = [home, *(place for place in wanted if place != home and place in (against or wanted))]
            effect = Effect(member, year, {}, {}, {})
            granted = member.plant._replace(claims={**member.plant.claims, **grants})
            for place in places:
                try:
                    span = calendar_year(year)
                    before = bills(tables, member.plant, place, *span, switches)
                    same = granted.claims == member.plant.claims and not touches(patched, before)
                    after = before if same else make_bill(patched.tables, granted, place, *span, switches)
                except MissingData as lack:
                    effect.refused[place] = lack.faults
                    continue
                effect.before[place], effect.after[place] = before, after
            effects.append(effect)
    return Toets(tables, tuple(proposals), patched, panel, tuple(years), home, switches, tuple(effects))


def touches(patched: Patched, bill: Bill) -> bool:
    """Whether the changes bear on the law that a bill was made from."""
    folders = {"eu", bill.jurisdiction.folder}
    lists = any(rate.startswith("list.") for rate in patched.rates)
    return (
        lists or bool(folders & patched.folders) or any(run.year.all_needs.rates & patched.rates for run in bill.runs)
    )


def keeper() -> Callable[..., Bill]:
    """A maker of bills that keeps each it made: the zero option is the same for all proposals."""
    kept: dict[tuple[object, ...], Bill] = {}

    def bill(tables: Tables, plant: Plant, place: str, start: date, end: date, switches: Switches) -> Bill:
        key = (tables.hash, id(plant), place, start, end)
        if key not in kept:
            kept[key] = make_bill(tables, plant, place, start, end, switches)
        return kept[key]

    return bill


def changed_places(toets: Toets) -> list[Jurisdiction]:
    """The jurisdictions in which a bill differs, home first."""
    found = {
        place
        for effect in toets.effects
        for place in effect.before
        if abs(effect.after[place].total - effect.before[place].total) > 0.005
    }
    return [place for place in toets.tables.jurisdictions.values() if place.id in found]


# The verdict ----------------------------------------------------------------------------------------------------------


class Verdict(NamedTuple):
    """Whether the proposals pass. `worst` and `best` are the pairs whose gap grows and shrinks most."""

    passes: bool
    worst: Pair
    best: Pair
    worse: int
    better: int
    even: int
    into: int  # pairs that become dearer than the neighbour
    out: int  # pairs that no longer are


def verdict(toets: Toets, max_increase: float = 0.0, fail_on: str = "worse") -> Verdict | None:
    """The verdict over all pairs; None if there is none to judge.

    `worse`: fails if a gap grows by more than `max_increase` EUR/MWh. `not-better`: fails also if no gap shrinks.
    """
    pairs = toets.pairs
    if not pairs:
        return None
    worse = [pair for pair in pairs if pair.change_per_mwh > max_increase + EVEN]
    better = [pair for pair in pairs if pair.change_per_mwh < -EVEN]
    return Verdict(
        passes=not worse and (fail_on == "worse" or bool(better)),
        worst=max(pairs, key=lambda pair: pair.change_per_mwh),
        best=min(pairs, key=lambda pair: pair.change_per_mwh),
        worse=sum(pair.change_per_mwh > EVEN for pair in pairs),
        better=len(better),
        even=sum(abs(pair.change_per_mwh) <= EVEN for pair in pairs),
        into=sum(pair.crosses == 1 for pair in pairs),
        out=sum(pair.crosses == -1 for pair in pairs),
    )
