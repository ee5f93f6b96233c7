"""What a lever closes, and the shipped levers side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from levelfield.lang import Words
from levelfield.numbers import plain
from levelfield.report.pages import Heading, Page, Paragraph, Table
from levelfield.toets.effect import Pair, Toets
from levelfield.toets.proposal import Proposal
from levelfield.toets.solve import Closing

_BAR = 8


class Solved(NamedTuple):
    """A plant, a neighbour, and what the lever does to the gap between them; `note` where there is no bill."""

    plant: str
    other: str
    closing: Closing | None
    note: str = ""


def closing_pages(
    rate: str,
    unit: str,
    span: tuple[float, float],
    current: float | None,
    target: float,
    year: int,
    home: str,
    solved: Sequence[Solved],
    words: Words,
    *,
    proposal: bool = False,
) -> Iterator[Page]:
    nl = words.language == "nl"
    low, high = (with_unit(end, unit) for end in span)
    now = with_unit(current, unit) if current is not None else ""
    where = ("nu" if nl else "now") if not proposal else ("in het voorstel" if nl else "in the proposal")
    yield Heading(f"{rate} · {year}{f', {where} {now}' if now else ''}", 1)
    goal = words.number(target)
    yield Paragraph(
        f"De waarde tussen {low} en {high} waarbij {home} min buurland {goal} EUR/MWh is."
        if nl
        else f"The value between {low} and {high} at which {home} less the neighbour is {goal} EUR/MWh."
    )
    rows = []
    for item in solved:
        found = item.closing
        cells = (words.number(found.now, sign=True), answer(found, unit, words)) if found else ("–", item.note)
        rows.append((item.plant, item.other, *cells))
    head = (words("plant"), "buurland" if nl else "neighbour", "EUR/MWh", "gesloten bij" if nl else "closed at")
    yield Table(head, tuple(rows), texts=2, widest=34)


def with_unit(value: float, unit: str, digits: int = 6) -> str:
    """A value of a lever; large sums of money in millions."""
    if unit in ("EUR", "EUR/a") and abs(value) >= 1e6:
        value, unit = value / 1e6, f"M{unit}"
    return f"{plain(value, digits)} {unit}".strip()


def answer(found: Closing, unit: str, words: Words) -> str:
    """The value, all values where the gap is not monotone, or how near the lever comes."""
    nl = words.language == "nl"
    shown = ", ".join(with_unit(value, unit, 9) for value in found.values)
    if found.still:
        return "de hefboom doet hier niets" if nl else "the lever does nothing here"
    if found.values and found.monotone:
        return shown
    if found.values or not found.monotone:
        text = "niet monotoon" if nl else "not monotone"
        return f"{text}: {shown or '–'}"
    at = with_unit(found.best, unit)
    near = f"{words.number(found.at_best, sign=True)} EUR/MWh {'bij' if nl else 'at'} {at}"
    if found.steps:
        jump = ", ".join(with_unit(value, unit) for value in found.steps)
        return f"{'springt erover bij' if nl else 'steps over it at'} {jump}; {near}"
    return f"{'hoogstens tot' if nl else 'at most to'} {near}"


def closing_document(
    rate: str, unit: str, span: tuple[float, float], target: float, year: int, home: str, solved: Sequence[Solved]
) -> dict[str, Any]:
    return {
        "schema": "levelfield/close/1",
        "lever": rate,
        "unit": unit,
        "from": span[0],
        "to": span[1],
        "target_eur_per_mwh": target,
        "year": year,
        "home": home,
        "gaps": [
            {
                "plant": item.plant,
                "jurisdiction": item.other,
                "missing": item.note or None,
                **(
                    {
                        "now_eur_per_mwh": item.closing.now,
                        "values": list(item.closing.values),
                        "steps": list(item.closing.steps),
                        "monotone": item.closing.monotone,
                        "moves": not item.closing.still,
                        "nearest_value": item.closing.best,
                        "nearest_eur_per_mwh": item.closing.at_best,
                    }
                    if item.closing
                    else {}
                ),
            }
            for item in solved
        ],
    }


# Ranked ---------------------------------------------------------------------------------------------------------------


class Ranked(NamedTuple):
    """What a proposal closes of the gaps of a panel in a year, and what that costs the treasury and grid users, EUR.

    Closed is what the positive gaps shrink by, for each plant the mean over its neighbours;
    gaps that grow count against it.
    """

    proposal: Proposal
    open: float
    closed: float
    treasury: float
    grid_users: float

    @property
    def cost(self) -> float:
        return self.treasury + self.grid_users

    @property
    def cost_per_closed(self) -> float | None:
        return self.cost / self.closed if self.closed > 1 else None


def rank(tested: Mapping[str, Toets]) -> list[Ranked]:
    """The proposals, the one that closes most first."""
    found = []
    for toets in tested.values():
        by_plant: dict[str, list[Pair]] = {}
        for pair in toets.pairs:
            by_plant.setdefault(pair.member.key, []).append(pair)
        before, after = (
            sum(sum(max(0.0, getattr(p, side).eur) for p in pairs) / len(pairs) for pairs in by_plant.values())
            for side in ("before", "after")
        )
        treasury = -sum(toets.budget(year, toets.home, weighted=False) for year in toets.years)
        network = -sum(toets.paid(year, toets.home, "network") for year in toets.years)
        others = 0.0 if toets.network_paid_by == "treasury" else network
        found.append(Ranked(toets.proposals[0], before, before - after, treasury, others))
    return sorted(found, key=lambda item: (-item.closed, item.cost))


def levers_pages(ranked: Sequence[Ranked], failed: Sequence[str], title: str, words: Words) -> Iterator[Page]:
    nl = words.language == "nl"
    yield Heading(title, 1)
    widest = max((abs(item.closed) for item in ranked), default=0.0) or 1.0
    rows = []
    for item in ranked:
        bar = ("█" if item.closed >= 0 else "░") * round(abs(item.closed) / widest * _BAR)
        per = item.cost_per_closed
        rows.append(
            (
                item.proposal.name,
                bar,
                words.number(item.closed / 1e6, 1, sign=True),
                words.percent(item.closed / item.open if item.open else None),
                words.number(item.treasury / 1e6, 1),
                words.number(item.grid_users / 1e6, 1),
                "–" if per is None else words.number(per),
            )
        )
    payers = ("schatkist", "net") if nl else ("treasury", "grid")
    yield Table(
        ("voorstel" if nl else "proposal", "", "MEUR", "%", *payers, "EUR/EUR"), tuple(rows), texts=2, widest=28
    )
    yield Paragraph(
        "MEUR: wat de verschillen ten nadele van bedrijven krimpen, per bedrijf gemiddeld over de buurlanden. Kosten "
        "voor de schatkist en voor andere netgebruikers, MEUR; EUR/EUR: samen per euro die gesloten wordt."
        if nl
        else "MEUR: what the gaps at the plants' expense shrink by, for each plant the mean over its neighbours. Cost "
        "to the treasury and to other grid users, MEUR; EUR/EUR: both for each euro closed.",
        "dim",
    )
    for fault in failed:
        yield Paragraph(fault, "dim")


def levers_document(ranked: Sequence[Ranked], year: int, panel: str) -> dict[str, Any]:
    return {
        "schema": "levelfield/levers/1",
        "year": year,
        "panel": panel,
        "levers": [
            {
                "name": item.proposal.name,
                "title": item.proposal.title.en,
                "open_eur": item.open,
                "closed_eur": item.closed,
                "treasury_eur": item.treasury,
                "grid_users_eur": item.grid_users,
                "cost_per_closed": item.cost_per_closed,
            }
            for item in ranked
        ],
    }
