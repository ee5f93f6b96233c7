"""Hourly day-ahead prices: read from tariffs/series, in the order of the hours of a local year."""

from __future__ import annotations

import csv
from pathlib import Path

from levelfield.tables import Tables


def hourly_prices(tables: Tables, market: str, year: int) -> list[float] | None:
    """The hourly prices (EUR/MWh) of a market in a year, from its first local hour; None if the year is not held.

    `market` is the rate of the yearly mean, such as market.day_ahead.nl; its last part names the column.
    """
    path = Path(tables.folder) / "series" / f"day_ahead_{year}.csv"
    if not path.is_file():
        return None
    zone = market.rpartition(".")[2].upper()
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or any(not row.get(zone) for row in rows):
        return None
    return [float(row[zone]) for row in rows]
