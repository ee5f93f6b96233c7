"""Hourly day-ahead prices: read from folders of series, in the order of the hours of a local year.

A folder holds day_ahead_YYYY.csv with a column a zone, and day_ahead_YYYY_15min.csv where the auction cleared by the
quarter-hour. The folder beside the tables goes first, then the reader's own (`user_folder`).
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from levelfield._errors import UserError
from levelfield.clock import hours_of
from levelfield.tables import Tables

if TYPE_CHECKING:
    from levelfield.load import Powers

QUARTERS = "_15min"


def user_folder() -> Path:
    """The reader's own series: LEVELFIELD_SERIES, or levelfield/series in the folder for a user's data."""
    return _user_folder(os.environ.get("LEVELFIELD_SERIES", ""), os.environ.get("XDG_DATA_HOME", ""))


@functools.cache
def _user_folder(stated: str, data: str) -> Path:
    if stated:
        return Path(stated)
    return Path(data or Path.home() / ".local" / "share") / "levelfield" / "series"


def folders(tables: Tables) -> tuple[Path, ...]:
    return _beside(tables.folder), user_folder()


@functools.lru_cache(maxsize=16)
def _beside(folder: str) -> Path:
    return Path(folder) / "series"


@functools.lru_cache(maxsize=64)
def _file(folder: Path, name: str) -> Path:
    return folder / name


def zone_of(market: str) -> str:
    """The column of a market: market.day_ahead.de_lu is DE_LU."""
    return market.rpartition(".")[2].upper()


def hourly_prices(tables: Tables, market: str, year: int) -> Powers | None:
    """The hourly prices (EUR/MWh) of a market in a year, from its first local hour; None if the year is not held.

    `market` is the rate of the yearly mean, such as market.day_ahead.nl; its last part names the column.
    """
    return next(_held(tables, market, f"day_ahead_{year}.csv"), None)


def quarter_hourly_prices(tables: Tables, market: str, year: int) -> Powers | None:
    """The same by the quarter-hour; hours of one price have it four times. None if no such file is held."""
    return next(_held(tables, market, f"day_ahead_{year}{QUARTERS}.csv"), None)


def _held(tables: Tables, market: str, name: str) -> Iterator[Powers]:
    for folder in folders(tables):
        found = columns(_file(folder, name)).get(zone_of(market))
        if found is not None:
            yield found


def columns(path: Path) -> dict[str, Powers]:
    """The complete columns of a file of series, by zone; none if there is no such file."""
    try:
        state = path.stat()
    except OSError:
        return {}
    return _columns(path, state.st_mtime_ns, state.st_size)


@functools.lru_cache(maxsize=32)
def _columns(path: Path, changed: int, size: int) -> dict[str, Powers]:
    """`changed` and `size` tell one state of the file from another."""
    del changed, size
    import csv

    import numpy as np

    year, count = int(path.stem.split("_")[2]), 4 if path.stem.endswith(QUARTERS) else 1
    try:
        with open(path, encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        whole = [zone for number, zone in enumerate(head) if number and rows and all(row[number] for row in rows)]
        found = {zone: np.array([row[head.index(zone)] for row in rows], dtype=float) for zone in whole}
    except (ValueError, IndexError, csv.Error, OSError) as error:
        raise UserError(f"{path}: cannot be read as a series of prices ({error}); import it again") from None
    if rows and len(rows) != hours_of(year) * count:
        raise UserError(f"{path}: {hours_of(year) * count:,} rows are wanted, found {len(rows):,}; import it again")
    return found
