"""A comparison as plain data for JSON, CSV and Markdown; the JSON's schema ships as schemas/comparison-1.json."""

from __future__ import annotations

from typing import Any

from levelfield import __version__
from levelfield.bill import Bill
from levelfield.charges import CATEGORIES
from levelfield.comparison import Comparison, Gap
from levelfield.lang import Words
from levelfield.period import today

SCHEMA = "levelfield/comparison/1"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def as_document(comparison: Comparison) -> dict[str, Any]:
    """The comparison in the shape of its JSON Schema; amounts in EUR, not rounded to cents so that sums hold."""
    tables, switches = comparison.tables, comparison.switches
    return {
        "schema": SCHEMA,
        "version": __version__,
        "tables": {"hash": tables.hash, "as_known_on": (tables.as_known_on or today()).isoformat()},
        "home": comparison.home,
        "plant": {
            "name": comparison.plant.name,
            "sector": comparison.plant.sector,
            "cluster": comparison.plant.cluster,
        },
        "period": {"from": comparison.start.isoformat(), "to": comparison.end.isoformat()},
        "switches": {**switches._asdict(), "settings": dict(switches.settings)},
        "bills": [_bill(bill) for bill in comparison.bills],
        "gaps": [_gap(gap) for gap in comparison.gaps],
        "refusals": [{"jurisdiction": place, "missing": list(faults)} for place, faults in comparison.refusals.items()],
        "warnings": [str(warning) for warning in comparison.warnings],
    }


def _bill(bill: Bill) -> dict[str, Any]:
    return {
        "jurisdiction": bill.jurisdiction.id,
        "offtake_mwh": bill.offtake,
        "lines": [
            {
                "charge": line.charge,
                "category": line.category,
                "name": dict(line.name),
                "quantity": line.quantity,
                "quantity_unit": line.quantity_unit,
                "rate": line.rate,
                "rate_unit": line.rate_unit,
                "amount_eur": line.amount,
                "law": line.law,
                "source": line.source,
                "evidence": line.evidence,
                "segments": [
                    {
                        "from": part.start.isoformat(),
                        "to": part.end.isoformat(),
                        "quantity": part.quantity,
                        "rate": part.rate,
                        "amount_eur": part.amount,
                    }
                    for part in line.parts
                ],
            }
            for line in bill.lines
        ],
        "categories_eur": {category: bill.category(category) for category in CATEGORIES},
        "electricity_eur": bill.electricity,
        "electricity_eur_per_mwh": bill.electricity / bill.offtake,
        "co2_eur": bill.co2,
        "total_eur": bill.total,
        "low_total_eur": bill.low,
        "high_total_eur": bill.high,
        "evidence_share": bill.evidence_share(),
        "reliefs": [
            {"charge": r.charge, "claim": r.claim, "status": r.status, "amount_eur": r.amount, "missed": list(r.missed)}
            for r in bill.reliefs
        ],
        "choices": dict(bill.choices),
    }


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "jurisdiction": gap.other.jurisdiction.id,
        "home_above_pct": _percent(gap.home_above),
        "other_below_pct": _percent(gap.other_below),
        "eur": gap.eur,
        "eur_per_mwh": gap.eur_per_mwh,
        "drivers_eur": gap.by_category(),
        "drivers_by_charge_eur": gap.by_charge(),
        "electricity": {
            "home_above_pct": _percent(gap.electricity_home_above),
            "other_below_pct": _percent(gap.electricity_other_below),
            "eur": gap.electricity,
            "eur_per_mwh": gap.electricity / gap.home.offtake,
        },
    }


def _percent(ratio: float | None) -> float | None:
    return None if ratio is None else ratio * 100


def as_csv(comparison: Comparison, words: Words) -> str:
    """A row a bill line. A cell that a spreadsheet would take for a formula is led by an apostrophe."""
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    head = (
        "plant,jurisdiction,charge,name,category,quantity,quantity_unit,rate,rate_unit,amount_eur,law,source,evidence"
    )
    writer.writerow(head.split(","))
    for bill in comparison.bills:
        for line in bill.lines:
            texts = (
                [comparison.plant.name, bill.jurisdiction.id, line.charge, words.name(line.name), line.category],
                [_number(line.quantity), line.quantity_unit, _number(line.rate), line.rate_unit, f"{line.amount:.2f}"],
                [line.law, line.source, line.evidence],
            )
            writer.writerow([*map(safe, texts[0]), *texts[1], *map(safe, texts[2])])
    return out.getvalue()


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def as_markdown(comparison: Comparison, words: Words) -> str:
    """The comparison as Markdown tables: EUR/MWh by category, the gap, and the lines of each bill."""
    from levelfield.report.rows import category_rows, gap_sentences, heading

    places = [bill.jurisdiction.id for bill in comparison.bills]
    out = [f"## {_cell(heading(comparison))}", ""]
    for title, rows in category_rows(comparison, words):
        out += [f"| {title} | {' | '.join(places)} |", f"| --- |{' ---: |' * len(places)}"]
        out += [f"| {_cell(name)} | {' | '.join(cells)} |" for name, cells, _ in rows]
        out.append("")
    out += [f"- {_cell(sentence)}" for sentence in gap_sentences(comparison, words)]
    out.append("")
    for bill in comparison.bills:
        out += [
            f"### {bill.jurisdiction.id}",
            "",
            f"| {words('charge')} | EUR | {words('evidence')} | {words('law')} |",
            "| --- | ---: | --- | --- |",
        ]
        out += [
            f"| {_cell(words.name(line.name))} (`{line.charge}`) | {words.number(line.amount)} "
            f"| {words(line.evidence)} | {_cell(line.law)} |"
            for line in bill.lines
        ]
        out.append("")
    out += [f"- {_cell(words.text(warning))}" for warning in comparison.warnings]
    return "\n".join(out).rstrip() + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
