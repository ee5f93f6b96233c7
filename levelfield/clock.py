"""Central European time without a database of zones: summer time from the last Sunday of March to that of October."""

from __future__ import annotations

import functools
from datetime import UTC, date, datetime, timedelta


@functools.cache
def last_sunday(year: int, month: int) -> date:
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() + 1) % 7)


@functools.cache
def _summer(year: int) -> tuple[datetime, datetime]:
    """From when to when summer time holds, in UTC: it starts and ends at 01:00."""
    march, october = (last_sunday(year, month) for month in (3, 10))
    return (
        datetime(year, 3, march.day, 1, tzinfo=UTC),
        datetime(year, 10, october.day, 1, tzinfo=UTC),
    )


def is_summer(moment: datetime) -> bool:
    """Whether summer time holds at a UTC moment."""
    start, end = _summer(moment.year)
    return start <= moment < end


def to_local(moment: datetime) -> datetime:
    """The local time of a UTC moment, without an offset."""
    return (moment + timedelta(hours=2 if is_summer(moment) else 1)).replace(tzinfo=None)


def to_utc(stamp: datetime) -> datetime | None:
    """A local time as UTC, the first of two; None for the hour that March skips."""
    naive = stamp.replace(tzinfo=UTC)
    for offset in (2, 1):
        moment = naive - timedelta(hours=offset)
        if is_summer(moment) == (offset == 2):
            return moment
    return None


def first_hour(year: int) -> datetime:
    """The UTC moment at which a local year begins."""
    return datetime(year - 1, 12, 31, 23, tzinfo=UTC)


def hours_of(year: int) -> int:
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days * 24
