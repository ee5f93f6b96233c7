"""A trend as lines for a terminal, and as plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from levelfield import __version__
from levelfield.bill import Bill
from levelfield.charges import CATEGORIES
from levelfield.lang import Words
from levelfield.period import today
from levelfield.report.terminal import Line, table, wrapped
from levelfield.trend import Step, Trend

SCHEMA = "levelfield/trend/1"
_BAR = 40
_SHOWN = 6


def trend_lines(trend: Trend, words: Words, by: str, width: int) -> Iterator[Line]:
    first, last = trend.years[0], trend.years[-1]
    yield f"{trend.plant.name} · {first}–{last} · {trend.plant.offtake / 1000:,.0f} GWh", "bold"
    yield "", ""
    yield words("Bills by year (EUR/MWh, all-in electricity)"), "bold"
    yield from _by_year(trend, lambda bill: words.number(bill.electricity / bill.offtake))
    yield from _chart(trend, words)
    others = [place for place in trend.places if place != trend.home]
    if others:
        yield from _gaps(trend, words)
    if by:
        for place in trend.places:
            yield from _inside(trend, place, words, by)
    yield "", ""
    yield words("What moved it (EUR/MWh)"), "bold"
    for step in trend.steps:
        yield from _step(trend, step, words, width)
    yield from _sentences(trend, words, width)
    for (place, year), faults in trend.refusals.items():
        yield from wrapped(f"{words('No bill')}: {place} {year}: {faults[0]}", "  • ", width)


def _by_year(trend: Trend, cell: Callable[[Bill], str], places: tuple[str, ...] = ()) -> Iterator[Line]:
    columns = list(places or trend.places)
    rows = []
    for year in trend.years:
        bills = [trend.bills.get((place, year)) for place in columns]
        rows.append((str(year), [cell(bill) if bill else "–" for bill in bills], False))
    yield from table("", columns, rows)


def _chart(trend: Trend, words: Words) -> Iterator[Line]:
    values = {key: bill.electricity / bill.offtake for key, bill in trend.bills.items()}
    widest = max((abs(value) for value in values.values()), default=1.0) or 1.0
    yield "", ""
    for year in trend.years:
        for number, place in enumerate(trend.places):
            if (place, year) in values:
                value = values[place, year]
                bar = ("█" if place == trend.home else "▒") * round(abs(value) / widest * _BAR)
                yield f"{str(year) if number == 0 else '':6}{place:8}{bar} {words.number(value, 1)}", ""


def _gaps(trend: Trend, words: Words) -> Iterator[Line]:
    others = tuple(place for place in trend.places if place != trend.home)

    def gap(bill: Bill, home: Bill) -> float:
        return home.electricity - bill.electricity

    def cell(share: bool) -> Callable[[Bill], str]:
        def shown(bill: Bill) -> str:
            home = trend.bills.get((trend.home, bill.start.year))
            if home is None:
                return "–"
            if share:
                return words.percent(gap(bill, home) / bill.electricity if bill.electricity > 0 else None)
            return words.number(gap(bill, home) / home.offtake, sign=True)

        return shown

    yield "", ""
    yield words("The gap by year (EUR/MWh, {home} less the neighbour)", home=trend.home), "bold"
    yield from _by_year(trend, cell(False), others)
    yield "", ""
    yield words("{home} above the neighbour: ({home} − other) ÷ other", home=trend.home), "bold"
    yield from _by_year(trend, cell(True), others)


def _inside(trend: Trend, place: str, words: Words, by: str) -> Iterator[Line]:
    bills = [trend.bills.get((place, year)) for year in trend.years]
    if by == "category":
        names = [(words(c), c) for c in CATEGORIES]
        amounts: Callable[[Bill, str], float] = lambda bill, key: bill.category(key)  # noqa: E731
    else:
        names = [(charge, charge) for charge in dict.fromkeys(li.charge for b in bills if b for li in b.lines)]
        amounts = lambda bill, key: bill.charge(key)  # noqa: E731
    rows = []
    for shown, key in names:
        cells = [words.number(amounts(bill, key) / bill.offtake) if bill else "–" for bill in bills]
        if any(bill and amounts(bill, key) for bill in bills):
            rows.append((shown, cells, False))
    yield "", ""
    yield f"{place}, EUR/MWh", "bold"
    yield from table("", [str(year) for year in trend.years], rows)


def _step(trend: Trend, step: Step, words: Words, width: int) -> Iterator[Line]:
    offtake = trend.plant.offtake
    shown = words.number(step.change / offtake, sign=True)
    yield f"  {step.jurisdiction} {step.before} → {step.after}: {shown}", "bold"
    shown_moves = [move for move in step.moves[:_SHOWN] if abs(move.eur / offtake) >= 0.005]
    for move in shown_moves:
        lead = f"    {words(move.kind):9}{words.number(move.eur / offtake, sign=True):>9}  "
        yield from wrapped(words.text(move.text), lead, width)
    rest = step.moves[len(shown_moves) :]
    if rest:
        total = words.number(sum(move.eur for move in rest) / offtake, sign=True)
        yield f"    {'':9}{total:>9}  {words('{count} smaller ones', count=len(rest))}", ""


def _sentences(trend: Trend, words: Words, width: int) -> Iterator[Line]:
    """By how much the network cost grew, with and without the reductions on it: 'network costs went up tenfold'."""
    yield "", ""
    for place in trend.places:
        years = [year for year in trend.years if (place, year) in trend.bills]
        if len(years) < 2:
            continue
        net, gross = (
            [_network(trend.bills[place, year], plus) for year in (years[0], years[-1])] for plus in (False, True)
        )
        if net[0] > 0 and gross[0] > 0:
            text = words(
                "Network cost in {place}: × {net} from {first} to {last}; without its reductions × {gross}",
                place=place,
                net=words.number(net[1] / net[0]),
                gross=words.number(gross[1] / gross[0]),
                first=years[0],
                last=years[-1],
            )
            yield from wrapped(text, "  • ", width)


def _network(bill: Bill, gross: bool) -> float:
    lines = [line.amount for line in bill.lines if line.category == "network"]
    return sum(amount for amount in lines if amount > 0 or not gross) / bill.offtake


def trend_document(trend: Trend) -> dict[str, Any]:
    """The trend as plain data; amounts in EUR. The moves of a step add up to its change."""
    tables = trend.tables
    return {
        "schema": SCHEMA,
        "version": __version__,
        "tables": {"hash": tables.hash, "as_known_on": (tables.as_known_on or today()).isoformat()},
        "home": trend.home,
        "plant": {"name": trend.plant.name},
        "years": list(trend.years),
        "bills": [
            {
                "jurisdiction": place,
                "year": year,
                "electricity_eur_per_mwh": bill.electricity / bill.offtake,
                "electricity_eur": bill.electricity,
                "co2_eur": bill.co2,
                "total_eur": bill.total,
                "low_total_eur": bill.low,
                "high_total_eur": bill.high,
                "categories_eur": {category: bill.category(category) for category in CATEGORIES},
                "charges_eur": {line.charge: line.amount for line in bill.lines},
                "evidence_share": bill.evidence_share(),
            }
            for (place, year), bill in trend.bills.items()
        ],
        "steps": [
            {
                "jurisdiction": step.jurisdiction,
                "from": step.before,
                "to": step.after,
                "change_eur": step.change,
                "moves": [
                    {"kind": move.kind, "name": move.name, "text": str(move.text), "eur": move.eur}
                    for move in step.moves
                ],
            }
            for step in trend.steps
        ],
        "refusals": [
            {"jurisdiction": place, "year": year, "missing": list(faults)}
            for (place, year), faults in trend.refusals.items()
        ],
    }


def trend_csv(trend: Trend) -> str:
    """A row a jurisdiction, year and charge."""
    import csv
    import io

    from levelfield.report.document import safe

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["plant", "jurisdiction", "year", "charge", "category", "amount_eur", "evidence"])
    for (place, year), bill in trend.bills.items():
        for line in bill.lines:
            writer.writerow(
                [safe(trend.plant.name), place, year, line.charge, line.category, f"{line.amount:.2f}", line.evidence]
            )
    return out.getvalue()


def trend_markdown(trend: Trend, words: Words) -> str:
    """Bills by year and what moved them, as Markdown."""
    out = [f"## {trend.plant.name} · {trend.years[0]}–{trend.years[-1]}", ""]
    out += [f"| EUR/MWh | {' | '.join(trend.places)} |", f"| --- |{' ---: |' * len(trend.places)}"]
    for year in trend.years:
        bills = [trend.bills.get((place, year)) for place in trend.places]
        cells = [words.number(bill.electricity / bill.offtake) if bill else "–" for bill in bills]
        out.append(f"| {year} | {' | '.join(cells)} |")
    for step in trend.steps:
        change = words.number(step.change / trend.plant.offtake, sign=True)
        out += ["", f"### {step.jurisdiction} {step.before} → {step.after}: {change} EUR/MWh", ""]
        for move in step.moves:
            eur = words.number(move.eur / trend.plant.offtake, sign=True)
            out.append(f"- {eur} {words(move.kind)}: {words.text(move.text)}")
    return "\n".join(out) + "\n"
