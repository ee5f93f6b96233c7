"""Hourly day-ahead prices: read from tariffs/series, in the order of the hours of a local year."""

from __future__ import annotations

import csv
import functools
from pathlib import Path
from typing import TYPE_CHECKING

from levelfield.tables import Tables

if TYPE_CHECKING:
    from levelfield.load import Powers


def hourly_prices(tables: Tables, market: str, year: int) -> Powers | None:
    """The hourly prices (EUR/MWh) of a market in a year, from its first local hour; None if the year is not held.

    `market` is the rate of the yearly mean, such as market.day_ahead.nl; its last part names the column.
    """
    path = Path(tables.folder) / "series" / f"day_ahead_{year}.csv"
    try:
        state = path.stat()
    except OSError:
        return None
    return _columns(path, state.st_mtime_ns, state.st_size).get(market.rpartition(".")[2].upper())


@functools.lru_cache(maxsize=16)
def _columns(path: Path, changed: int, size: int) -> dict[str, Powers]:
    """The complete columns of a file; `changed` and `size` tell one state of it from another."""
    import numpy as np

    del changed, size
    with open(path, encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    columns = dict(zip(head[1:], zip(*(row[1:] for row in rows), strict=True), strict=True))
    return {zone: np.array(column, dtype=float) for zone, column in columns.items() if all(column)}
