"""What moves a gap: each uncertain input at its low and its high end, all else as stated.

The inputs are the assumed and ranged rates that the bills use, the prices of electricity and of allowances, the
full-load hours, and what the plant file leaves open: company figures and claims.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from levelfield._errors import UserError, did_you_mean
from levelfield.bill import Bill
from levelfield.comparison import Comparison
from levelfield.lang import Text
from levelfield.plant import COMPANY, MISSING, Plant
from levelfield.run import Run
from levelfield.tables import Tables, parse_setting
from levelfield.year import Year

HOURS = "full_load_hours"
HOURS_EITHER_WAY = 0.05
ALLOWANCES = ("eu.ets.price", "eu.icc.price")
"""The price of allowances of the year, and that by which compensation of its indirect costs is reckoned."""
AROUND = 2
"""So many years before and after a year give the range of a price that has none of its own."""

Move = Callable[[Year, Run], Run]


class Input(NamedTuple):
    """Something uncertain: its ends and what is stated, in `unit`; infinite for a company figure not stated."""

    name: str
    low: float
    stated: float | None
    high: float
    unit: str
    range: Text  # where the range is from


class Swing(NamedTuple):
    """The totals in EUR by jurisdiction with an input at its low and at its high end; None where a rate is missing."""

    input: Input
    low: Mapping[str, float | None]
    high: Mapping[str, float | None]


class Ends(NamedTuple):
    """What an input does to a gap: EUR/MWh with the input at its low and at its high end."""

    input: Input
    low: float | None
    high: float | None
    stated: float

    @property
    def width(self) -> float:
        """From the least to the greatest of the two ends and the stated gap."""
        known = [self.stated, *(end for end in (self.low, self.high) if end is not None)]
        return max(known) - min(known)


class Sensitivity(NamedTuple):
    comparison: Comparison
    swings: tuple[Swing, ...]

    def ends(self, other: str) -> list[Ends]:
        """What each input does to the gap with a neighbour, the widest first; those that do nothing are left out."""
        home = self.comparison.bill(self.comparison.home)
        stated = (home.total - self.comparison.bill(other).total) / home.offtake

        def gap(totals: Mapping[str, float | None]) -> float | None:
            mine, theirs = totals[home.jurisdiction.id], totals[other]
            return None if mine is None or theirs is None else (mine - theirs) / home.offtake

        found = [Ends(swing.input, gap(swing.low), gap(swing.high), stated) for swing in self.swings]
        return sorted((ends for ends in found if ends.width > 1e-9), key=lambda ends: -ends.width)


def sensitivity(comparison: Comparison, ranges: Mapping[str, tuple[float, float]] | None = None) -> Sensitivity:
    """Each input at its ends; `ranges` holds the ends of rates, in canonical units, that stand instead of their own.

    Raises UserError for a range of a rate that no bill asks for.
    """
    ranges = ranges or {}
    runs = [run for bill in comparison.bills for run in bill.runs]
    for rate in ranges:
        if not any(rate in run.year.all_needs.rates for run in runs):
            used = sorted({rate for run in runs for rate in run.year.all_needs.rates})
            hint = did_you_mean(rate, used, "'levelfield explain' shows the rates of a bill")
            raise UserError(f"--range {rate}: no bill of this plant asks for it; {hint}")
    found = [*_by_hand(comparison, ranges), *_ranged(runs, ranges), *_prices(comparison, ranges)]
    found += [*_hours(comparison), *_left_open(comparison)]
    swings = [Swing(input_, _totals(comparison, low), _totals(comparison, high)) for input_, low, high in found]
    stated = {bill.jurisdiction.id: bill.total for bill in comparison.bills}
    return Sensitivity(comparison, tuple(swing for swing in swings if _moves(swing, stated)))


def parse_ranges(texts: Sequence[str], tables: Tables) -> dict[str, tuple[float, float]]:
    """Ranges written RATE=LOW..HIGH, in canonical units; a unit behind the high end counts for both.

    Raises UserError with all that are faulty.
    """
    found: dict[str, tuple[float, float]] = {}
    faults: list[str] = []
    for text in texts:
        rate, equals, span = (part.strip() for part in text.partition("="))
        first, dots, last = (part.strip() for part in span.partition(".."))
        if not (equals and dots and first and last):
            faults.append(f"--range {text}: RATE=LOW..HIGH is wanted, as in eu.ets.price='60..90 EUR/tCO2'")
            continue
        try:
            unit = last.lstrip("0123456789.,-− ")
            low, high = (
                parse_setting(rate, end, tables)
                for end in (first if first[-1:].isalpha() or first[-1:] == "%" else f"{first} {unit}".strip(), last)
            )
        except UserError as error:
            faults += [f"--range {fault}" for fault in error.faults]
            continue
        if low > high:
            faults.append(f"--range {text}: the low end lies above the high one")
        found[rate] = (low, high)
    if faults:
        raise UserError(faults)
    return found


# Inputs ---------------------------------------------------------------------------------------------------------------

Found = tuple[Input, Move, Move]


def _by_hand(comparison: Comparison, ranges: Mapping[str, tuple[float, float]]) -> Iterable[Found]:
    runs = [run for bill in comparison.bills for run in bill.runs]
    for rate, (low, high) in ranges.items():
        run = next(run for run in runs if rate in run.year.all_needs.rates)
        input_ = Input(
            rate, low, _stated(run, rate), high, comparison.tables.unit(rate), Text("by hand", "met de hand")
        )
        numbers = {run.year.year for run in runs}
        yield input_, _set(rate, dict.fromkeys(numbers, low)), _set(rate, dict.fromkeys(numbers, high))


def _ranged(runs: Sequence[Run], ranges: Mapping[str, tuple[float, float]]) -> Iterable[Found]:
    """The rates that a bill uses and that the tables give a range."""
    seen: set[str] = set()
    for run in runs:
        for rate in run.ranged():
            if rate in seen or rate in ranges:
                continue
            seen.add(rate)
            rows = [run.year.row(rate, i) for i in run.year.inside]
            row = next((row for row in rows if row and row.low is not None and row.high is not None), None)
            if row is None or row.low is None or row.high is None:
                continue  # it has a range on other days of the year only
            input_ = Input(
                rate, row.low, row.value, row.high, run.year.tables.unit(rate), Text("of the tables", "van de tabellen")
            )
            yield input_, _end(rate, "low"), _end(rate, "high")


def _prices(comparison: Comparison, ranges: Mapping[str, tuple[float, float]]) -> Iterable[Found]:
    """Electricity in each zone and allowances, where the tables give no range of the year: what years around it saw."""
    runs = [run for bill in comparison.bills for run in bill.runs]
    markets = [rate for run in runs for rate in sorted(run.used) if rate.startswith("market.")]
    for rate in dict.fromkeys([*markets, *ALLOWANCES]):
        own = [run for run in runs if rate in run.used and rate not in run.year.settings]
        if not own or rate in ranges or any(rate in run.ranged() for run in runs):
            continue
        spans = {run.year.year: around(comparison.tables, rate, run.year.year) for run in own}
        held = {number: span for number, span in spans.items() if span is not None}
        if not held:
            continue
        first = own[0].year.year
        low, high = held.get(first) or next(iter(held.values()))
        span = f"{first - AROUND}–{first + AROUND}"
        why = Text(f"yearly means held of {span}", f"jaargemiddelden in de tabellen van {span}")
        input_ = Input(rate, low, _stated(own[0], rate), high, comparison.tables.unit(rate), why)
        low_end, high_end = ({number: span[end] for number, span in held.items()} for end in (0, 1))
        yield input_, _set(rate, low_end), _set(rate, high_end)


def around(tables: Tables, rate: str, year: int) -> tuple[float, float] | None:
    """The least and the greatest value of a price in the years held around a year; None if its own is not held."""
    values = {}
    for number in range(year - AROUND, year + AROUND + 1):
        row = tables.row(rate, f"{number}-07-01")
        if row is not None and row.value is not None:
            values[number] = row.value
    return (min(values.values()), max(values.values())) if year in values else None


def _hours(comparison: Comparison) -> Iterable[Found]:
    """Full-load hours a twentieth either way at the same offtake: it is the yearly peak that moves."""
    plant = comparison.plant
    if plant.load_curve is not None:
        return  # the curve says what the peaks are
    stated = plant.full_load_hours
    most = min(run.year.on_year.segment.hours for bill in comparison.bills for run in bill.runs)
    low, high = stated * (1 - HOURS_EITHER_WAY), max(stated, min(stated * (1 + HOURS_EITHER_WAY), most))
    why = Text(
        "5 % either way, the offtake stays: the peak moves", "5 % naar elke kant, de afname blijft: de piek schuift"
    )
    yield Input(HOURS, low, stated, high, "h", why), _peak(low), _peak(high)


def with_hours(plant: Plant, hours: float) -> Plant:
    """The plant with other full-load hours at the same offtake; contracted power that is the peak goes with it."""
    peak = plant.offtake / hours * 1000
    contracted = peak if plant.contracted_power == plant.yearly_peak else plant.contracted_power
    return plant._replace(yearly_peak=peak, contracted_power=contracted)


def _left_open(comparison: Comparison) -> Iterable[Found]:
    """Company figures that are not stated, at nothing and without limit, and claims of which nothing is said."""
    runs = [run for bill in comparison.bills for run in bill.runs]
    for fact in COMPANY:
        if getattr(comparison.plant, fact) == MISSING:
            why = Text("not stated: from nothing to no limit", "niet opgegeven: van niets tot geen grens")
            yield Input(fact, 0.0, None, MISSING, "EUR", why), _nothing(fact), _as_stated
    for claim in dict.fromkeys(claim for run in runs for claim in run.year.open_claims()):
        why = Text("not stated: 0 not granted, 1 granted", "niet opgegeven: 0 niet verleend, 1 wel")
        yield Input(f"claim {claim}", 0.0, 0.0, 1.0, "", why), _as_stated, _claim(claim)


def _stated(run: Run, rate: str) -> float | None:
    year = run.year
    if rate in year.settings:
        return year.settings[rate]
    row = next((row for row in (year.row(rate, i) for i in year.inside) if row), None)
    return row.value if row else None


# Moving ---------------------------------------------------------------------------------------------------------------


def _end(rate: str, end: str) -> Move:
    def move(year: Year, run: Run) -> Run:
        return Run(year, run.inputs.with_end(rate, end), run) if rate in year.all_needs.rates else run

    return move


def _set(rate: str, values: Mapping[int, float]) -> Move:
    """A rate at a value for each calendar year; in a year without one it stays."""

    def move(year: Year, run: Run) -> Run:
        to = values.get(year.year) if rate in year.all_needs.rates else None
        return run if to is None else Run(year, run.inputs.with_rate(rate, to), run)

    return move


def _nothing(fact: str) -> Move:
    def move(year: Year, run: Run) -> Run:
        return Run(year, run.inputs.with_fact(fact, 0.0), run)

    return move


def _as_stated(year: Year, run: Run) -> Run:
    del year
    return run


def _claim(claim: str) -> Move:
    def move(year: Year, run: Run) -> Run:
        return Run(year, run.inputs.with_claim(claim), run) if claim in year.open_claims() else run

    return move


def _peak(hours: float) -> Move:
    def move(year: Year, run: Run) -> Run:
        return Run(year.measured(with_hours(year.plant, hours)), run.inputs, run)

    return move


def _totals(comparison: Comparison, move: Move) -> dict[str, float | None]:
    return {bill.jurisdiction.id: _total(bill, move) for bill in comparison.bills}


def _total(bill: Bill, move: Move) -> float | None:
    runs = [move(run.year, run) for run in bill.runs]
    if all(run is before for run, before in zip(runs, bill.runs, strict=True)):
        return bill.total
    return None if any(run.missing for run in runs) else sum(run.total for run in runs)


def _moves(swing: Swing, stated: Mapping[str, float]) -> bool:
    """Whether an end changes any bill by a thousandth of a cent or more."""
    ends = [(end[place], stated[place]) for end in (swing.low, swing.high) for place in stated]
    return any(found is None or abs(found - was) > 1e-5 for found, was in ends)
