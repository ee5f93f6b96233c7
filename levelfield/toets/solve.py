"""At which value of a lever the gap with a neighbour is closed, with a proof that there is only one such value.

The gap is reckoned over whole ranges of the lever at once (`dual`): where its slope has one sign over a range, it is
monotone there. Ranges in which some test of the law flips are cut in two, down to a width at which only a step of the
law is left; the gaps on its two sides are then compared.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import NamedTuple

from levelfield._errors import MissingData, UserError
from levelfield.bill import run_inputs
from levelfield.period import calendar_year
from levelfield.plant import Plant
from levelfield.run import Run, told
from levelfield.switches import Switches
from levelfield.tables import Tables
from levelfield.toets.dual import Moving, Undecided, lever, moving
from levelfield.year import Year

_STEPS = 40  # halvings: a range shrinks to a millionth of a millionth
_LEAVES = 400  # ranges that are looked at before the proof is given up


class Curve:
    """The gap of a plant with a neighbour in a year, EUR/MWh, as a function of one rate.

    Raises MissingData if either bill cannot be made.
    """

    def __init__(
        self, tables: Tables, plant: Plant, home: str, other: str, year: int, rate: str, switches: Switches
    ) -> None:
        self.rate = rate
        places = [tables.jurisdictions[place] for place in (home, other)]
        self.years = [Year(tables, plant, place, year, calendar_year(year), switches) for place in places]
        self.offtake = sum(self.years[0].energy)
        runs = [Run(found, run_inputs(found)) for found in self.years]
        faults = [fault for run in runs for fault in run.missing]
        if faults:
            raise MissingData(told(faults))
        self.now = (runs[0].total - runs[1].total) / self.offtake
        self.matters = any(rate in found.all_needs.rates for found in self.years)

    def over(self, value: Moving | float) -> Moving:
        """The gap with the rate at a value, or over a range. Raises Undecided where the law has a step in the range."""
        totals = []
        for year in self.years:
            if self.rate not in year.all_needs.rates:
                year.settings.pop(self.rate, None)
            else:
                year.settings[self.rate] = value  # type: ignore[assignment]
            run = Run(year, run_inputs(year))
            if run.missing:
                raise MissingData(told(run.missing))
            totals.append(moving(run.total))
        return (totals[0] - totals[1]) * (1 / self.offtake)

    def at(self, value: float) -> float:
        return float(self.over(value))


class Piece(NamedTuple):
    """A range of the lever with the gap at its ends; `rises` is 1, -1 or 0 where that is proved, else None."""

    low: float
    high: float
    at_low: float
    at_high: float
    rises: int | None


class Closing(NamedTuple):
    """What a lever does to a gap, EUR/MWh: `values` are those at which it equals the target.

    At `steps` the law makes the gap jump over the target without taking it. `monotone` is whether that was proved over
    the whole range, `still` that the lever does nothing there. `best` comes nearest to the target.
    """

    now: float
    values: tuple[float, ...]
    steps: tuple[float, ...]
    monotone: bool
    still: bool
    best: float
    at_best: float


def close(curve: Curve, low: float, high: float, target: float = 0.0) -> Closing:
    """The values of the lever between `low` and `high` at which the gap is the target, to a millionth."""
    if not low < high:
        raise UserError(f"the range from {low:g} to {high:g} is empty")
    found = list(pieces(curve.over, low, high))
    signs = {piece.rises for piece in found} - {0}
    jumps = [_sign(b.at_low - a.at_high) for a, b in itertools.pairwise(found)]
    monotone = None not in signs and len(signs | (set(jumps) - {0})) <= 1
    values: list[float] = []
    steps: list[float] = []
    for piece in found:
        value = _crossing(curve, piece, target)
        if value is not None and not any(abs(value - known) <= 1e-6 * max(1.0, abs(value)) for known in values):
            (values if abs(curve.at(value) - target) < 1e-6 else steps).append(value)
    ends = [(piece.low, piece.at_low) for piece in found] + [(piece.high, piece.at_high) for piece in found]
    best, at_best = min(ends, key=lambda end: abs(end[1] - target))
    still = all(abs(end[1] - ends[0][1]) < 1e-9 for end in ends)
    return Closing(curve.now, tuple(values), tuple(steps), monotone, still, best, at_best)


def pieces(over: Callable[[Moving | float], Moving], low: float, high: float) -> Iterator[Piece]:
    """The range cut into pieces on each of which the slope has one sign, as far as that can be proved."""
    todo, leaves = [(low, high, 0)], 0
    while todo:
        a, b, depth = todo.pop()
        rises: int | None = None
        try:
            slope = over(lever(a, b)).slope
            rises = _one_sign(slope)
        except Undecided:
            pass
        if rises is None and depth < _STEPS and leaves < _LEAVES:
            middle = (a + b) / 2
            todo += [(middle, b, depth + 1), (a, middle, depth + 1)]
            continue
        leaves += 1
        ends = float(over(a)), float(over(b))
        if rises is None and depth >= _STEPS:
            rises = _sign(ends[1] - ends[0])  # only a step is left here
        yield Piece(a, b, *ends, rises)


def _one_sign(slope: tuple[float, float]) -> int | None:
    if slope == (0.0, 0.0):
        return 0
    if slope[0] >= 0:
        return 1
    return -1 if slope[1] <= 0 else None


def _sign(number: float) -> int:
    return 0 if abs(number) < 1e-9 else 1 if number > 0 else -1


def _crossing(curve: Curve, piece: Piece, target: float) -> float | None:
    """Where the gap meets the target within a piece, by halving; None if it does not."""
    a, b, at_a, at_b = piece.low, piece.high, piece.at_low - target, piece.at_high - target
    if at_a == 0:
        return a
    if at_b == 0:
        return b
    if (at_a > 0) == (at_b > 0):
        return None
    for _ in range(200):
        # The straight line through the ends hits it at once where the law is linear; halving makes sure otherwise.
        guess = a + (b - a) * at_a / (at_a - at_b)
        for x in (guess, (a + b) / 2):
            if not a < x < b:
                continue
            y = curve.at(x) - target
            if abs(y) < 1e-12:
                return x
            if (y > 0) == (at_a > 0):
                a, at_a = x, y
            else:
                b, at_b = x, y
        if b - a <= 1e-9 * max(1.0, abs(a), abs(b)):
            break
    return (a + b) / 2
