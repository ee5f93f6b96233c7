"""Segments, holidays and time classes against the calendar on the wall."""

from __future__ import annotations

from datetime import date

import pytest

from levelfield.calendars import Calendar, Segment, easter, holidays_of, hours_by_class, parse_window, segments


@pytest.mark.parametrize(
    ("year", "day"),
    [(2024, date(2024, 3, 31)), (2025, date(2025, 4, 20)), (2026, date(2026, 4, 5)), (2038, date(2038, 4, 25))],
)
def test_easter(year: int, day: date) -> None:
    assert easter(year) == day


def test_holidays_by_date_and_by_easter() -> None:
    assert holidays_of(("01-01", "easter+1", "easter+39"), 2025) == {
        date(2025, 1, 1),
        date(2025, 4, 21),
        date(2025, 5, 29),
    }


def test_a_period_is_cut_at_new_law_and_new_years() -> None:
    cut = segments(
        date(2025, 6, 1), date(2026, 3, 31), [date(2025, 8, 1), date(2026, 2, 1), date(2025, 6, 1), date(2027, 1, 1)]
    )
    assert [(s.start.isoformat(), s.end.isoformat()) for s in cut] == [
        ("2025-06-01", "2025-07-31"),
        ("2025-08-01", "2025-12-31"),
        ("2026-01-01", "2026-01-31"),
        ("2026-02-01", "2026-03-31"),
    ]


def test_months_count_by_their_days() -> None:
    assert Segment(date(2025, 1, 1), date(2025, 7, 31)).months == pytest.approx(7)
    assert Segment(date(2025, 1, 16), date(2025, 2, 28)).months == pytest.approx(16 / 31 + 1)
    assert Segment(date(2024, 1, 1), date(2024, 12, 31)).years == pytest.approx(1)


def test_the_first_class_that_fits_takes_the_hour() -> None:
    calendar = Calendar(
        "test",
        (
            ("peak", parse_window({"months": [1], "days": "mon-fri", "holidays": False, "hours": ["09-11", "18-20"]})),
            ("night", parse_window({"hours": ["23-07"]})),
            ("rest", parse_window({})),
        ),
        ("01-01",),
    )
    assert calendar.pattern(date(2025, 1, 2))[9] == "peak"
    assert calendar.pattern(date(2025, 1, 2))[11] == "rest"
    assert calendar.pattern(date(2025, 1, 1))[9] == "rest"  # a holiday
    assert calendar.pattern(date(2025, 1, 4))[9] == "rest"  # a Saturday
    assert calendar.pattern(date(2025, 1, 2))[23] == "night"
    assert calendar.pattern(date(2025, 1, 2))[6] == "night"
    assert calendar.pattern(date(2025, 1, 2))[7] == "rest"
    # January 2025 has 22 working days besides New Year's Day; a night has eight hours.
    hours = hours_by_class(calendar, Segment(date(2025, 1, 1), date(2025, 1, 31)))
    assert hours == {"peak": 22 * 4, "night": 31 * 8, "rest": 31 * 24 - 22 * 4 - 31 * 8}
