"""How the time grows with size: the slope of its logarithm over that of the size, at most 1.05 where nothing is wasted.

Sizes are measured in alternating rounds. The slope is that of the straight line through all of them; a fixed cost
flattens it, so the sizes start where the work outweighs it.
"""

from __future__ import annotations

import functools
import gc
import math
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from benchmarks.side_by_side import Row, not_run, shown
from levelfield.bill import make_bill
from levelfield.load import LoadCurve, load_curve_of, year_of
from levelfield.period import calendar_year
from levelfield.plant_file import load_plant
from levelfield.tables import Tables, load_tables

ROUNDS = 7
AT_MOST = 1.05


def slope(actions: Mapping[int, Callable[[], object]], rounds: int = ROUNDS) -> tuple[float, dict[int, float]]:
    """The slope, and the shortest time at each size: what other programs add is never negative."""
    times: dict[int, float] = dict.fromkeys(actions, math.inf)
    for _ in range(rounds):
        for size, action in actions.items():
            start = time.perf_counter()
            action()
            times[size] = min(times[size], time.perf_counter() - start)
    x, y = [math.log(size) for size in times], [math.log(seconds) for seconds in times.values()]
    mx, my = sum(x) / len(x), sum(y) / len(y)
    return sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True)) / sum((a - mx) ** 2 for a in x), times


def row(what: str, actions: Mapping[int, Callable[[], object]], rounds: int = ROUNDS) -> Row:
    found, times = slope(actions, rounds)
    sizes = ", ".join(f"{size:,}: {shown(seconds)}" for size, seconds in times.items())
    met = "yes" if found <= AT_MOST else "no"
    return Row(f"growth in {what}", sizes, "", f"slope {found:.2f}", f"≤ {AT_MOST:g}", met)


def rows() -> Iterator[Row]:
    gc.set_threshold(100_000)  # as the command line does
    tables = load_tables(None)
    plant = load_plant("flat-100mw", tables)
    yield row("hours: a load curve read from its rows", {n: functools.partial(_read, n) for n in (8760, 35_040)})
    yield row("hours: a load curve measured", {n: functools.partial(_measure, n, tables) for n in (8760, 35_040)})
    spans = {count: functools.partial(_years, tables, plant, 2027 - count) for count in (1, 2, 3, 6)}
    yield row("years: the Dutch bill, cut again each year", spans)
    yield from _plants(tables)
    yield from _draws(tables, plant)


@functools.cache
def _rows(count: int) -> list[tuple[int, tuple[str, str]]]:
    powers = [8000.0 + number % 97 for number in range(count)]
    curve = LoadCurve(2025, count // 8760, powers, powers, "load.csv")
    return [(1, ("utc", "kW")), *((n, (stamp, repr(power))) for n, (stamp, power) in enumerate(curve.rows(), 2))]


def _read(count: int) -> object:
    return load_curve_of(_rows(count), "load.csv")


def _measure(count: int, tables: Tables) -> object:
    """What the law of all jurisdictions asks of a load curve, without the law."""
    curve = _curve(count)
    fresh = LoadCurve(2025, curve.per_hour, curve._booked, curve._run, "load.csv")  # type: ignore[arg-type]
    year = year_of(2025)
    found: list[object] = [fresh.use_hours()]
    for calendars, peaks in _measures(tables):
        found += [fresh.by_class(calendar, year) for calendar in calendars.values()]
        found += [fresh.peak_sum(peak, year) for peak in peaks.values()]
    return found


@functools.cache
def _measures(tables: Tables) -> list[Any]:
    from levelfield.year import _calendars

    return [_calendars(tables, place) for place in tables.jurisdictions.values()]


@functools.cache
def _curve(count: int) -> LoadCurve:
    return load_curve_of(_rows(count), "load.csv")


def _years(tables: Tables, plant: Any, first: int) -> object:
    return make_bill(tables, plant, "NL", calendar_year(first)[0], calendar_year(2026)[1])


def _plants(tables: Tables) -> Iterator[Row]:
    what = "plants: five jurisdictions over columns"
    try:
        from levelfield.portfolio import Reckoner
        from levelfield.portfolio.plants import columns_of, taken
    except ImportError:
        yield not_run(f"growth in {what}", "levelfield.portfolio is not in this version", f"≤ {AT_MOST:g}")
        return
    import numpy as np

    from levelfield.plant import shipped_plants

    plants = [load_plant(name, tables) for name in shipped_plants()]
    columns = columns_of([plant for plant in plants if plant.load_curve is None], tables)
    held = len(columns["electricity.offtake"])
    reckoner = Reckoner(tables)
    places = list(tables.jurisdictions)

    def reckon(count: int) -> object:
        return reckoner.reckon(taken(columns, np.arange(count) % held), 2025, places)

    yield row(what, {count: functools.partial(reckon, count) for count in (20_000, 40_000, 80_000, 160_000)}, 3)


def _draws(tables: Tables, plant: Any) -> Iterator[Row]:
    what = "draws: a Dutch bill with the market price drawn"
    try:
        from levelfield.columns import ColumnRun
    except ImportError:
        yield not_run(f"growth in {what}", "levelfield.columns is not in this version", f"≤ {AT_MOST:g}")
        return
    import numpy as np

    from levelfield.bill import run_inputs
    from levelfield.run import Run
    from levelfield.year import Year

    place = tables.jurisdictions["NL"]
    year = Year(tables, plant, place, 2025, calendar_year(2025))
    base = Run(year, run_inputs(year))
    drawn = np.random.default_rng(2025).normal(80, 20, 4_000_000)

    def draw(count: int) -> object:
        return ColumnRun(year, base.inputs.with_rate(place.market, cast("float", drawn[:count])), base).total

    yield row(what, {count: functools.partial(draw, count) for count in (1_000_000, 2_000_000, 4_000_000)})
