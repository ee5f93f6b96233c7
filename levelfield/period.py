"""The period of a bill, as people write it."""

from __future__ import annotations

import re
from datetime import date, datetime

from levelfield._errors import UserError
from levelfield.calendars import days_in_month
from levelfield.tables import Tables


def today() -> date:
    return datetime.now().astimezone().date()


def calendar_year(number: int) -> tuple[date, date]:
    """The first and last day of a calendar year."""
    return date(number, 1, 1), date(number, 12, 31)


def parse_date(text: str, option: str, *, last: bool = False) -> date:
    """A day written 2025-07-01, a month 2025-07 or a year 2025: its first day, or its last. Raises UserError."""
    match = re.fullmatch(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", text.strip())
    try:
        if match is None:
            raise ValueError
        number, month, day = int(match[1]), match[2], match[3]
        if day:
            return date(number, int(month), int(day))
        in_month = int(month) if month else (12 if last else 1)
        return date(number, in_month, days_in_month(number, in_month) if last else 1)
    except ValueError:
        raise UserError(f"{option} {text}: a date such as 2025-07-01, 2025-07 or 2025 is wanted") from None


def period(tables: Tables, in_year: int | None, start: str | None, end: str | None) -> tuple[date, date]:
    """The period that the options ask for; without any, the last whole year that the tables hold."""
    if in_year is not None:
        if start or end:
            raise UserError("--year and --from/--to do not go together; give one of them")
        if not 1990 <= in_year <= 2100:
            raise UserError(f"--year {in_year}: a year such as 2025 is wanted")
        return calendar_year(in_year)
    if start or end:
        if not (start and end):
            raise UserError("--from and --to go together; give both")
        first, last = parse_date(start, "--from"), parse_date(end, "--to", last=True)
        if first > last:
            raise UserError(f"--from {first} lies after --to {last}")
        return first, last
    held = tables.years() or [today().year - 1]
    whole = [number for number in held if number < today().year]
    return calendar_year(max(whole or held))
