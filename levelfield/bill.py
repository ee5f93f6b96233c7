"""From law and plant to a bill: the lines for one plant, one jurisdiction and one period.

Each calendar year is reckoned whole, cut into segments of constant law; those inside the period are added up.
The same year is reckoned again with unstated claims taken and assumed rates at their ends to give `low` and `high`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from levelfield._errors import MissingData
from levelfield.charges import is_part
from levelfield.explain import missed_conditions
from levelfield.lang import Text, text_of
from levelfield.plant import COMPANY, MISSING, Plant
from levelfield.run import Inputs, Record, Run, told, unit_of
from levelfield.switches import Switches
from levelfield.tables import GRADES, STATED, Jurisdiction, Row, Tables, covered, worst_grade
from levelfield.year import Year, year_for

_FIGURES = {
    "gross_value_added": Text("gross value added", "de bruto toegevoegde waarde"),
    "turnover": Text("turnover", "de omzet"),
    "payroll": Text("payroll", "de loonsom"),
}


class Part(NamedTuple):
    """What a line comes to in one segment."""

    start: date
    end: date
    quantity: float | None
    rate: float | None
    amount: float


class BillLine(NamedTuple):
    charge: str
    category: str
    name: Mapping[str, str]
    quantity: float | None
    quantity_unit: str
    rate: float | None
    rate_unit: str
    amount: float
    law: str
    source: str
    evidence: str
    parts: tuple[Part, ...]
    option: str = ""


class Relief(NamedTuple):
    """A relief of the law and what became of it: counted, not stated, refused or missed."""

    charge: str
    name: Mapping[str, str]
    claim: str
    status: str
    amount: float  # what it takes off, or would take off if it were claimed (negative)
    missed: tuple[str, ...]


class Bill(NamedTuple):
    """All lines of a plant in a jurisdiction over a period, EUR. `low` and `high` are the totals at the ends."""

    jurisdiction: Jurisdiction
    start: date
    end: date
    offtake: float
    lines: tuple[BillLine, ...]
    low: float
    high: float
    reliefs: tuple[Relief, ...]
    choices: Mapping[str, str]
    warnings: tuple[Text, ...]
    runs: tuple[Run, ...] = ()

    @property
    def total(self) -> float:
        return sum(line.amount for line in self.lines)

    @property
    def co2(self) -> float:
        return sum(line.amount for line in self.lines if line.category == "co2")

    @property
    def electricity(self) -> float:
        return self.total - self.co2

    def category(self, category: str) -> float:
        return sum(line.amount for line in self.lines if line.category == category)

    def charge(self, family: str) -> float:
        """The amount of a charge and all its parts."""
        return sum(line.amount for line in self.lines if is_part(line.charge, family))

    def evidence_share(self) -> dict[str, float]:
        """The share of each grade in the sum of the lines' absolute amounts."""
        weight = dict.fromkeys((*GRADES, STATED), 0.0)
        for line in self.lines:
            weight[line.evidence] += abs(line.amount)
        total = sum(weight.values()) or 1.0
        shares = {grade: amount / total for grade, amount in weight.items()}
        if not shares[STATED]:
            del shares[STATED]
        return shares


def make_bill(
    tables: Tables, plant: Plant, jurisdiction: str, start: date, end: date, switches: Switches | None = None
) -> Bill:
    """The bill of a plant in a jurisdiction, from one day to another, both included.

    Raises MissingData, with all that is missing, if the tables do not hold what the bill needs.
    """
    switches = switches or Switches()
    place = tables.jurisdictions[jurisdiction]
    years = [year_for(tables, plant, place, year, (start, end), switches) for year in range(start.year, end.year + 1)]
    held = tables.years(jurisdiction)
    absent = [year.year for year in years if year.year not in held]
    if absent and held:
        raise MissingData(
            f"{jurisdiction}: the tables hold nothing for {', '.join(map(str, absent))}; "
            f"held are {', '.join(map(str, held))}"
        )
    runs = [Run(year, run_inputs(year)) for year in years]
    faults = [fault for run in runs for fault in run.missing]
    if faults:
        raise MissingData(told(faults))
    lines = _lines(list(zip(years, runs, strict=True)))
    total = sum(line.amount for line in lines)
    low, high = total, total
    reliefs: dict[str, Relief] = {}
    for year, run in zip(years, runs, strict=True):
        under, over = _range(year, run)
        low += under
        high += over
        for relief in _reliefs(year, run):
            reliefs[relief.charge] = _merged(reliefs.get(relief.charge), relief)
    return Bill(
        jurisdiction=place,
        start=start,
        end=end,
        offtake=sum(year.energy[i] for year in years for i in year.inside),
        lines=lines,
        low=min(low, total),
        high=max(high, total),
        reliefs=tuple(reliefs.values()),
        choices={key: value for run in runs for key, value in run.chosen.items()},
        warnings=tuple(
            dict.fromkeys(warning for year, run in zip(years, runs, strict=True) for warning in _warnings(year, run))
        ),
        runs=tuple(runs),
    )


def run_inputs(year: Year) -> Inputs:
    """The inputs of the stated bill."""
    return Inputs(claims=year.claims(), allow_gaps=year.switches.allow_gaps)


# Lines ----------------------------------------------------------------------------------------------------------------


def _lines(years: list[tuple[Year, Run]]) -> tuple[BillLine, ...]:
    """One line a charge part, its segments added up, in the order of the law."""
    found: dict[str, list[tuple[Year, Record]]] = {}
    for year, run in years:
        for record in run.records:
            if record.segment in year.inside and record.amount:
                key = f"{record.charge.id}.{record.part}" if record.part else record.charge.id
                found.setdefault(key, []).append((year, record))
    return tuple(_line(key, records) for key, records in found.items())


def _line(key: str, records: list[tuple[Year, Record]]) -> BillLine:
    year, first = records[0]
    charge = first.charge
    parts = tuple(
        Part(year.segments[r.segment].start, year.segments[r.segment].end, r.quantity, r.rate, r.amount)
        for year, r in records
    )
    amount = sum(part.amount for part in parts)
    quantities = [part.quantity for part in parts if part.quantity is not None]
    quantity = sum(quantities) if len(quantities) == len(parts) else None
    quantity_unit, rate_unit = unit_of(charge, year, first.part)
    rows = dict.fromkeys(row for _, record in records for row in record.rows)
    return BillLine(
        charge=key,
        category=charge.category,
        name=charge.name,
        quantity=quantity,
        quantity_unit=quantity_unit if quantity is not None else "",
        rate=amount / quantity if quantity else None,
        rate_unit=rate_unit if quantity else "",
        amount=amount,
        law=charge.law,
        source="; ".join(dict.fromkeys(_source_text(year.tables, row) for row in rows)) or charge.law,
        evidence=worst_grade({record.evidence for _, record in records}),
        parts=parts,
        option=charge.option,
    )


def _source_text(tables: Tables, row: Row) -> str:
    source = tables.source(row.source)
    return f"{source.title} ({source.publisher})" if source else f"assumption: {row.note}"


# Low and high ---------------------------------------------------------------------------------------------------------


def _range(year: Year, stated: Run) -> tuple[float, float]:
    """How far the total of the period can lie below and above the stated one (a number ≤ 0 and one ≥ 0).

    Each uncertain input is moved to the first end that lowers (raises) the total, one after the other.
    """
    low = high = stated
    asked = year.all_needs.symbols
    unstated = [fact for fact in COMPANY if fact in asked and getattr(year.plant, fact) == MISSING]
    for claim in year.open_claims():
        claimed = low.inputs.with_claim(claim)
        low = _better(year, low, [claimed, *(claimed.with_fact(fact, 0.0) for fact in unstated)], -1)
    for fact in unstated:
        low = _better(year, low, [low.inputs.with_fact(fact, 0.0)], -1)
        high = _better(year, high, [high.inputs.with_fact(fact, 0.0)], 1)
    for rate in low.ranged():
        low = _better(year, low, [low.inputs.with_end(rate, end) for end in ("low", "high")], -1)
    for rate in high.ranged():
        high = _better(year, high, [high.inputs.with_end(rate, end) for end in ("high", "low")], 1)
    base = stated.total
    return min(0.0, low.total - base), max(0.0, high.total - base)


def _better(year: Year, best: Run, candidates: list[Inputs], sign: int) -> Run:
    for inputs in candidates:
        run = Run(year, inputs, best)
        if not run.missing and sign * (run.total - best.total) > 1e-9:
            return run
    return best


# Reliefs and warnings -------------------------------------------------------------------------------------------------


def _reliefs(year: Year, run: Run) -> list[Relief]:
    found = []
    for charge in year.charges:
        if not charge.relief or (charge.choice and run.chosen.get(charge.choice) not in (charge.option, None)):
            continue
        amount = run.amount_of(charge.key)
        missed = tuple(missed_conditions(run, charge))
        status = "counted" if amount else "missed"
        if not amount and charge.claim and not missed:
            stated = year.plant.claims.get(charge.claim)
            if stated is None and year.switches.reliefs == "stated":
                claimed = Run(year, run.inputs.with_claim(charge.claim), run)
                amount = 0.0 if claimed.missing else claimed.total - run.total
                status = "not stated"
            elif stated is False or year.switches.reliefs == "none":
                status = "refused"
        found.append(Relief(charge.id, charge.name, charge.claim, status, amount, missed))
    return found


def _merged(before: Relief | None, now: Relief) -> Relief:
    """The same relief over two years, or two blocks of one: what counted wins."""
    if before is None:
        return now
    kept = before if before.status == "counted" else now
    return Relief(now.charge, now.name, now.claim, kept.status, before.amount + now.amount, kept.missed)


def _warnings(year: Year, run: Run) -> list[Text]:
    id_ = year.place.id
    found = []
    for fact in run.missing_facts:
        if abs(Run(year, run.inputs.with_fact(fact, 0.0), run).total - run.total) < 0.01:
            continue  # it was asked for, but makes no difference
        names = _FIGURES[fact]
        found.append(
            Text(
                f"{names.en} is not stated: what depends on it is left out of the stated bill, low and high take it",
                f"{names.nl} is niet opgegeven: wat daarvan afhangt telt niet in de rekening, wel in laag en hoog",
            )
        )
    for entry in year.tables.coverage:
        here = all(year.texts.get(key) in values for key, values in entry.get("where", {}).items())
        partial = here and id_ in covered(entry) and year.year in entry["years"] and entry["status"] == "partial"
        if partial and entry.get("note") and _concerns(run, str(entry["charge"])):
            found.append(text_of(entry["note"]).after(str(entry["charge"])))
    for charge in year.charges:
        if charge.note and charge.relief and abs(run.amount_of(charge.key)) > 0.005:
            found.append(text_of(charge.note).after(charge.id))
    return [*found, *run.bridged, *year.assumed_inputs, *year.price_notes]


def _concerns(run: Run, charge: str) -> bool:
    """Whether a charge that the coverage names bears on this bill: it has an amount or an uncertain rate in it."""
    named = [run.results[found.key] for found in run.year.charges if is_part(found.id, charge)]
    return not named or any(any(result.amounts) or result.ranged for result in named)
