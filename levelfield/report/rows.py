"""What a comparison says, as rows and sentences: shared by the terminal and Markdown."""

from __future__ import annotations

from levelfield.bill import Bill
from levelfield.charges import CATEGORIES
from levelfield.comparison import Comparison, Gap
from levelfield.lang import Words
from levelfield.tables import GRADES, STATED

DEFINITION = "'above' is ({home} − other) ÷ other, 'below' is ({home} − other) ÷ {home}: not the same number"
Row = tuple[str, list[str], bool]  # name, a cell a jurisdiction, whether it is a total


def heading(comparison: Comparison) -> str:
    start, end = comparison.start, comparison.end
    whole = (start.month, start.day, end.month, end.day) == (1, 1, 12, 31)
    years = str(start.year) if start.year == end.year else f"{start.year}–{end.year}"
    span = years if whole else f"{start} – {end}"
    return f"{comparison.plant.name} · {span} · {comparison.bills[0].offtake / 1000:,.0f} GWh"


def category_rows(comparison: Comparison, words: Words) -> list[tuple[str, list[Row]]]:
    """Two tables: EUR/MWh by category, and MEUR."""
    bills = comparison.bills
    whole_year = comparison.start.year == comparison.end.year and (comparison.end - comparison.start).days >= 364
    tables = []
    for title, unit in (("EUR/MWh", 0), ("MEUR a year" if whole_year else "MEUR in the period", 1)):
        rows: list[Row] = []

        def add(name: str, amounts: list[float], total: bool = False, unit: int = unit, rows: list[Row] = rows) -> None:
            scale = [1e6 if unit else bill.offtake for bill in bills]
            rows.append((words(name), [words.number(a / s) for a, s in zip(amounts, scale, strict=True)], total))

        for category in CATEGORIES:
            if category == "co2":
                add("electricity", [bill.electricity for bill in bills], total=True)
            amounts = [bill.category(category) for bill in bills]
            if any(amounts):
                add(category, amounts)
        if any(bill.co2 for bill in bills):
            add("total", [bill.total for bill in bills], total=True)
        if any(bill.high > bill.low for bill in bills):
            add("low", [bill.low for bill in bills])
            add("high", [bill.high for bill in bills])
        tables.append((words(title), rows))
    return tables


def gap_sentences(comparison: Comparison, words: Words) -> list[str]:
    """The gap with each neighbour in words: for electricity, and with CO2 where there is any."""
    out = []
    with_co2 = any(bill.co2 for bill in comparison.bills)
    for gap in comparison.gaps:
        out.append(_sentence(gap, words, gap.electricity, gap.electricity_home_above, gap.electricity_other_below))
        if with_co2:
            text = _sentence(gap, words, gap.eur, gap.home_above, gap.other_below)
            out.append(f"  {words('all-in electricity and direct CO2')}: {text}")
    return out


def _sentence(gap: Gap, words: Words, eur: float, above: float | None, below: float | None) -> str:
    home, other = gap.home.jurisdiction.id, gap.other.jurisdiction.id
    amount = words.number(abs(eur) / gap.home.offtake)
    more = "more" if eur >= 0 else "less"
    text = words(f"{{home}} costs {{amount}} EUR/MWh {more} than {{other}}", home=home, other=other, amount=amount)
    if above is None or below is None:
        return text
    side = ("above", "below") if eur >= 0 else ("below", "above")
    shares = words(
        f"{{home}} is {{above}} {side[0]} {{other}}; {{other}} is {{below}} {side[1]} {{home}}",
        home=home,
        other=other,
        above=words.percent(abs(above)),
        below=words.percent(abs(below)),
    )
    return f"{text}: {shares}"


def drivers(comparison: Comparison) -> list[tuple[str, list[tuple[str, float]]]]:
    """For each neighbour, the categories with what they add to the gap in EUR/MWh, the largest first."""
    found = []
    for gap in comparison.gaps:
        parts = [(category, eur / gap.home.offtake) for category, eur in gap.by_category().items() if abs(eur) > 0.5]
        found.append((gap.other.jurisdiction.id, sorted(parts, key=lambda part: -abs(part[1]))))
    return found


def evidence(bill: Bill, words: Words) -> str:
    shares = bill.evidence_share()
    kept = [(grade, shares.get(grade, 0.0)) for grade in (*GRADES, STATED) if shares.get(grade, 0.0) >= 0.005]
    return ", ".join(f"{words(grade)} {words.number(share * 100, 0)} %" for grade, share in kept)
