"""Bills through the years, and what moved them from one year to the next.

A change between two years is split exactly. Starting from the earlier year's bill, first the calendar moves on (hours
of time classes, leap days), then one after the other each piece of law and each price takes its new state, the rest
standing as it stood a year earlier; what the bill changes at each step is that piece's part. The parts add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from levelfield._errors import MissingData
from levelfield.bill import Bill, make_bill, run_inputs
from levelfield.calendars import day_after
from levelfield.charges import Charge
from levelfield.lang import Text
from levelfield.numbers import plain
from levelfield.period import calendar_year
from levelfield.plant import Plant
from levelfield.run import Run
from levelfield.switches import Switches
from levelfield.tables import Jurisdiction, Tables
from levelfield.year import Year

PRICES = "eu.prices"
"""The list of the rates that are prices of a market, not law."""


class Move(NamedTuple):
    """What one piece of law or one price did to a bill between two years, EUR."""

    kind: str  # law | price | plant
    name: str  # the charge, or the rate of a price
    text: Text
    eur: float


class Step(NamedTuple):
    """From one year to the next: the bills' totals and what moved them, the largest first."""

    jurisdiction: str
    before: int
    after: int
    change: float
    moves: tuple[Move, ...]


class Trend(NamedTuple):
    plant: Plant
    tables: Tables
    home: str
    years: tuple[int, ...]
    places: tuple[str, ...]
    bills: Mapping[tuple[str, int], Bill]
    refusals: Mapping[tuple[str, int], tuple[str, ...]]
    steps: tuple[Step, ...]


def trend(
    tables: Tables,
    plant: Plant,
    years: Sequence[int],
    home: str,
    places: Sequence[str],
    switches: Switches | None = None,
) -> Trend:
    """The bills of the years, and for each pair of years that both have one, what moved the bill.

    Raises MissingData if no year can be billed at home.
    """
    switches = switches or Switches()
    bills: dict[tuple[str, int], Bill] = {}
    refusals: dict[tuple[str, int], tuple[str, ...]] = {}
    order = tuple(dict.fromkeys([home, *places]))
    for place in order:
        for year in years:
            try:
                bills[place, year] = make_bill(tables, plant, place, *calendar_year(year), switches)
            except MissingData as lack:
                refusals[place, year] = lack.faults
    if not any(place == home for place, _ in bills):
        raise MissingData([fault for (place, _), faults in refusals.items() if place == home for fault in faults])
    steps = tuple(
        _step(tables, plant, tables.jurisdictions[place], year, switches, bills)
        for place in order
        for year in years
        if (place, year) in bills and (place, year - 1) in bills
    )
    return Trend(plant, tables, home, tuple(years), order, bills, refusals, steps)


def _step(
    tables: Tables,
    plant: Plant,
    place: Jurisdiction,
    year: int,
    switches: Switches,
    bills: Mapping[tuple[str, int], Bill],
) -> Step:
    before, after = bills[place.id, year - 1].total, bills[place.id, year].total
    moved: set[str] = set()

    def total() -> float | None:
        law = Year(tables, plant, place, year, calendar_year(year), switches, lambda name: name not in moved)
        run = Run(law, run_inputs(law))
        return None if run.missing else run.total

    moves: list[Move] = []
    last = before

    def note(kind: str, name: str, text: Text) -> None:
        """What the bill changed since the last note; a state that lacks a rate is counted with the next one."""
        nonlocal last
        now = total()
        if now is not None:
            if abs(now - last) > 0.005:
                moves.append(Move(kind, name, text, now - last))
            last = now

    note("plant", "plant", Text("the calendar (hours of time classes, leap day)", "de kalender (uren, schrikkeldag)"))
    runs = [*bills[place.id, year - 1].runs, *bills[place.id, year].runs]
    billed = {record.charge.id: record.charge for run in runs for record in run.records if record.amount}
    for group in _groups(tables, plant, place, year, switches, billed):
        moved |= group.names
        note(group.kind, group.name, group.text)
    # What is left lagging has the same value in both years; only a state that lacked a rate leaves a rest.
    if abs(after - last) > 0.005:
        moves.append(Move("law", "rest", Text("the rest, not separable", "de rest, niet te splitsen"), after - last))
    moves.sort(key=lambda move: -abs(move.eur))
    return Step(place.id, year - 1, year, after - before, tuple(moves))


class _Group(NamedTuple):
    kind: str
    name: str
    text: Text
    names: frozenset[str]


def _groups(
    tables: Tables, plant: Plant, place: Jurisdiction, year: int, switches: Switches, billed: Mapping[str, Charge]
) -> list[_Group]:
    """What changed between two years: each charge with the rates that it is the first to use, then each price."""
    laws = [Year(tables, plant, place, y, calendar_year(y), switches) for y in (year - 1, year)]
    prices = tables.list_of(PRICES) if PRICES in tables.lists else frozenset()
    days = sorted({f"{segment.start:%m-%d}" for law in laws for segment in law.segments})
    changed = {rate for law in laws for rate in law.all_needs.rates if _differs(tables, rate, year, days)}
    groups: list[_Group] = []
    ids = list(dict.fromkeys(charge.id for law in reversed(laws) for charge in law.charges))
    uses = {
        id_: {rate for law in laws for c in law.charges if c.id == id_ for rate in law.needs[c.key].rates}
        for id_ in ids
    }
    owner: dict[str, str] = {}
    for rate in changed - prices:
        users = [id_ for id_ in ids if rate in uses[id_]]
        users = [id_ for id_ in users if id_ in billed] or users
        if users:
            # A rate that ends is needed by its last user until that one has moved on.
            owner[rate] = users[-1] if tables.row(rate, f"{year}-12-31") is None else users[0]
    for id_ in ids:
        mine = [charge for law in laws for charge in law.charges if charge.id == id_]
        own = {rate for rate, user in owner.items() if user == id_}
        if own or _law_moved(laws, id_):
            groups.append(
                _Group("law", id_, _said(tables, billed.get(id_, mine[-1]), laws, own, year), frozenset({id_, *own}))
            )
    for rate in sorted(changed & prices):
        groups.append(_Group("price", rate, _price_text(tables, rate, year), frozenset({rate})))
    return groups


def _differs(tables: Tables, rate: str, year: int, days: Sequence[str]) -> bool:
    pairs = [(tables.row(rate, f"{year - 1}-{day}"), tables.row(rate, f"{year}-{day}")) for day in days]
    return any((a and a.value) != (b and b.value) for a, b in pairs)


def _states(law: Year, id_: str) -> list[tuple[str, str]]:
    """From when to when the versions of a charge hold."""
    return [(start, end) for found in law.active.values() for start, end, charge in found if charge.id == id_]


def _law_moved(laws: Sequence[Year], id_: str) -> bool:
    return _states(laws[0], id_) != _states(laws[1], id_)


def _said(tables: Tables, charge: Charge, laws: Sequence[Year], rates: set[str], year: int) -> Text:
    """What happened to a charge: it began, ended or changed on a day, or its rate went from one value to another."""
    en, nl = (charge.name.get(lang) or charge.name["en"] for lang in ("en", "nl"))
    old, new = (_states(law, charge.id) for law in laws)
    if not new and old:
        day = day_after(max(end for _, end in old))
        return Text(f"{en} ended {day}", f"{nl} eindigde {day}")
    told = [
        c.change for law in laws[1:] for f in law.active.values() for _, _, c in f if c.id == charge.id and c.change
    ]
    if told and new != old:
        return Text(told[-1]["en"], told[-1].get("nl", ""))
    starts = [start for start, _ in new if start > f"{year - 1}-01-01"]
    if starts and (not old or min(starts) > f"{year}-01-01" or not _held_on(old, f"{year - 1}-01-01")):
        day = min(starts)
        verb = ("changed", "veranderde") if _held_on(old, f"{year - 1}-01-01") else ("began", "begon")
        return Text(f"{en} {verb[0]} {day}", f"{nl} {verb[1]} {day}")
    ends = [end for _, end in new if end and end < f"{year}-12-31"]
    if ends and len(new) == 1:
        day = day_after(max(ends))
        return Text(f"{en} ended {day}", f"{nl} eindigde {day}")
    money = sorted(rate for rate in rates if tables.unit(rate).startswith("EUR")) or sorted(rates)
    if len(money) == 1:
        shown = _from_to(tables, money[0], year)
        return Text(f"{en}: {shown}", f"{nl}: {shown}")
    if not money:
        return Text(f"{en} changed", f"{nl} veranderde")
    return Text(f"{en}: {len(money)} rates", f"{nl}: {len(money)} tarieven")


def _held_on(states: Sequence[tuple[str, str]], day: str) -> bool:
    return any(start <= day and (not end or day <= end) for start, end in states)


def _price_text(tables: Tables, rate: str, year: int) -> Text:
    names = tables.lists[PRICES]["names"].get(rate, {"en": rate, "nl": rate})
    shown = _from_to(tables, rate, year)
    return Text(f"{names['en']}: {shown}", f"{names['nl']}: {shown}")


def _from_to(tables: Tables, rate: str, year: int) -> str:
    """'74.17 → 87.9 EUR/tCO2' from the end of one year to the end of the next."""
    old, new = tables.row(rate, f"{year - 1}-12-31"), tables.row(rate, f"{year}-12-31")
    a, b = (plain(row.value) if row and row.value is not None else "–" for row in (old, new))
    return f"{a} → {b} {tables.unit(rate)}".strip()
