"""All uncertain inputs drawn together: how likely home is dearer, how far the gap may lie off, and what makes it so.

The law is evaluated over columns of draws (`columns.ColumnRun`), on the base of the stated bill.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple, cast

import numpy as np

from levelfield._errors import MissingData, UserError, did_you_mean
from levelfield.bill import Bill
from levelfield.columns import Column, ColumnRun
from levelfield.comparison import Comparison
from levelfield.run import MissingRate, Run, told
from levelfield.tables import Row
from levelfield.uncertain.distributions import Distribution, Distributions, Latent, Mover, draw
from levelfield.uncertain.sensitivity import HOURS, with_hours
from levelfield.uncertain.shares import binned, shares

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
LEAST = 100
"""Fewer draws than this say nothing of a quantile."""
_PIECE = 20_000  # draws reckoned at once: what they need stays in the processor's cache


class Drawn(NamedTuple):
    """An input as it was drawn; `quantiles` are those of QUANTILES, `group` is that with which it moves, or itself."""

    name: str
    group: str
    distribution: Distribution
    stated: float | None
    unit: str
    quantiles: tuple[float, ...]


class Spread(NamedTuple):
    """The draws of a number, EUR/MWh, beside the stated one."""

    stated: float
    mean: float
    sd: float
    quantiles: tuple[float, ...]


class Chance(NamedTuple):
    """How often home is dearer, and the standard error of that share."""

    share: float
    error: float


class Simulation(NamedTuple):
    """`totals` holds the draws of each bill, EUR, home first; `shares` the variance of each gap by input or group.

    `refusals` are the bills that lack a rate in some of the draws, besides those that the comparison refuses.
    """

    comparison: Comparison
    distributions: Distributions
    draws: int
    seed: int
    fixed: tuple[str, ...]
    inputs: tuple[Drawn, ...]
    blocks: tuple[tuple[str, ...], ...]
    totals: Mapping[str, Column]
    shares: Mapping[str, Mapping[str, float]]
    refusals: Mapping[str, tuple[str, ...]]

    @property
    def others(self) -> list[str]:
        return [place for place in self.totals if place != self.comparison.home]

    def bill(self, place: str) -> Spread:
        bill = self.comparison.bill(place)
        return _spread(bill.total / bill.offtake, self.totals[place] / bill.offtake)

    def gap(self, other: str) -> Spread:
        home, neighbour = self.comparison.bill(self.comparison.home), self.comparison.bill(other)
        return _spread((home.total - neighbour.total) / home.offtake, self.gaps(other))

    def gaps(self, other: str) -> Column:
        """The draws of the gap with a neighbour, EUR/MWh."""
        home = self.comparison.home
        return (self.totals[home] - self.totals[other]) / self.comparison.bill(home).offtake

    def dearer(self, other: str) -> Chance:
        share = float(np.count_nonzero(self.gaps(other) > 0) / self.draws)
        return Chance(share, math.sqrt(share * (1 - share) / self.draws))


def _spread(stated: float, draws: Column) -> Spread:
    # The last digits hang on how a machine adds up.
    quantiles = tuple(round(float(quantile), 9) for quantile in np.quantile(draws, QUANTILES))
    return Spread(stated, round(float(draws.mean()), 9), round(float(draws.std()), 9), quantiles)


def simulate(
    comparison: Comparison, said: Distributions, draws: int, seed: int = 1, fixed: Sequence[str] = ()
) -> Simulation:
    """So many joint draws of all inputs that have a distribution and that the bills of the comparison use.

    `fixed` names inputs, or patterns of them, that stay as stated. Raises MissingData if the home bill is refused, or
    lacks a rate in some draws; UserError for distributions that cannot be, and for what is fixed and no input.
    """
    if draws < LEAST:
        raise UserError(f"--draws {draws}: at least {LEAST} are wanted")
    if seed < 0:
        raise UserError(f"--seed {seed}: a number of at least 0 is wanted")
    if comparison.home in comparison.refusals:
        raise MissingData(comparison.refusals[comparison.home])
    names = list(_inputs(comparison, said))
    for pattern in fixed:
        kept = [name for name in names if not fnmatchcase(name, pattern) and said.group(name) != pattern]
        if len(kept) == len(names):
            raise UserError(f"--fixed {pattern}: it is no input of these bills; {did_you_mean(pattern, names)}")
        names = kept
    latents, blocks = draw(names, said, draws, seed)
    movers = {
        name: Mover(name, cast("Distribution", said.of(name)), latent, comparison.tables)
        for latent in latents
        for name in latent.members
    }
    totals: dict[str, Column] = {}
    refusals: dict[str, tuple[str, ...]] = {}
    for bill in comparison.bills:
        total, missing = _totals(bill, movers, draws)
        place = bill.jurisdiction.id
        if missing:
            refusals[place] = tuple(
                f"{fault} (needed in some of the draws; --fixed INPUT leaves one as stated)" for fault in told(missing)
            )
        else:
            totals[place] = total
    if comparison.home in refusals:
        raise MissingData(refusals[comparison.home])
    rows = {name: _row(comparison, name) for name in names}
    values = {name: movers[name].about(*rows[name]) for name in names}
    drawn = [
        Drawn(
            name,
            latent.name,
            movers[name].said,
            rows[name][0],
            "h" if name == HOURS else comparison.tables.unit(name),
            tuple(float(q) for q in np.quantile(values[name], QUANTILES)),
        )
        for latent in latents
        for name in latent.members
    ]
    found = Simulation(comparison, said, draws, seed, tuple(fixed), tuple(drawn), tuple(blocks), totals, {}, refusals)
    return found._replace(shares=_shares(found, latents, values))


# Inputs ---------------------------------------------------------------------------------------------------------------


def _inputs(comparison: Comparison, said: Distributions) -> Iterable[str]:
    """The rates and facts that are drawn, in order: they have a distribution, a bill may depend on them."""
    runs = [run for bill in comparison.bills for run in bill.runs]
    ranged = {rate for run in runs for rate in run.ranged()}
    used = {rate for run in runs for rate in run.used}
    for rate in sorted({rate for run in runs for rate in run.year.all_needs.rates}):
        found = said.of(rate)
        if found is None or rate not in (ranged if found.needs_range else used):
            continue
        if any(_depends(run, rate) for run in runs) and _row(comparison, rate) != (None, None, None):
            yield rate
    if said.of(HOURS) is not None and comparison.plant.load_curve is None:
        yield HOURS


def _depends(run: Run, rate: str) -> bool:
    """Whether a bill may change with a rate that its tables hold; one that is set by hand stays as it is."""
    year = run.year
    return rate in year.all_needs.rates and rate not in year.settings and bool(year.downstream([rate]))


def _row(comparison: Comparison, name: str) -> tuple[float | None, float | None, float | None]:
    """Value, low and high of an input, of the first stretch of the period that holds it."""
    if name == HOURS:
        return comparison.plant.full_load_hours, None, None
    for bill in comparison.bills:
        for run in bill.runs:
            rows = [run.year.row(name, i) for i in run.year.inside] if name in run.year.all_needs.rates else []
            row: Row | None = next((row for row in rows if row), None)
            if row:
                return row.value, row.low, row.high
    return None, None, None


# Reckoning ------------------------------------------------------------------------------------------------------------


def _totals(bill: Bill, movers: Mapping[str, Mover], draws: int) -> tuple[Column, list[MissingRate]]:
    """The draws of a bill's total, EUR, and what some of them lack."""
    total = np.empty(draws)
    mine = {
        name: mover for name, mover in movers.items() if name == HOURS or any(_depends(run, name) for run in bill.runs)
    }
    for start in range(0, draws, _PIECE):
        piece = slice(start, min(start + _PIECE, draws))
        moves = {name: mover.part(piece) for name, mover in mine.items()}
        runs = [_moved(run, moves) for run in bill.runs]
        # A lack that concerns none of the draws is that of an option which none of them has open.
        missing = [lack for run in runs for lack in run.missing if lack.plants is None or lack.plants.any()]
        if missing:
            return total, missing
        total[piece] = sum(run.total for run in runs)
    return total, []


def _moved(run: Run, moves: Mapping[str, Mover]) -> Run:
    year = run.year
    rates = {name: mover for name, mover in moves.items() if name in year.all_needs.rates}
    if HOURS in moves:
        hours = moves[HOURS].about(year.plant.full_load_hours, None, None)
        year = year.measured(with_hours(year.plant, cast("Any", np.minimum(hours, year.on_year.segment.hours))))
    return ColumnRun(year, run.inputs.with_moves(rates), run)


def _shares(found: Simulation, latents: Sequence[Latent], values: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Of each gap, the share of its variance that each input or group makes."""
    tied = {group for block in found.blocks for group in block}
    alone = {
        latent.name: binned(latent.column, even=not latent.normal) for latent in latents if latent.name not in tied
    }
    by_name = {latent.name: latent for latent in latents}

    def column(group: str) -> Column:
        """What a regression takes: the input itself where the group is one, which bills mostly follow in a line."""
        members = by_name[group].members
        value = values[members[0]] if len(members) == 1 else None
        return by_name[group].column if value is None or isinstance(value, float) else cast("Column", value)

    home = found.comparison.home
    parts: dict[str, dict[str, float]] = {}
    for other in found.others:
        bears = {
            latent.name for latent in latents if any(_bears(found, name, (home, other)) for name in latent.members)
        }
        mine = {name: bins for name, bins in alone.items() if name in bears}
        blocks = [{group: column(group) for group in block if group in bears} for block in found.blocks]
        parts[other] = dict(_sorted(shares(found.gaps(other), mine, blocks)))
    return parts


def _bears(found: Simulation, name: str, places: Sequence[str]) -> bool:
    """Whether a bill of some jurisdictions may change with an input."""
    runs = [run for bill in found.comparison.bills if bill.jurisdiction.id in places for run in bill.runs]
    return name == HOURS or any(_depends(run, name) for run in runs)


def _sorted(parts: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    yield from sorted(parts.items(), key=lambda item: (-item[1], item[0]))
