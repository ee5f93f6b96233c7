"""Numbers as people read them, and rounded."""

from __future__ import annotations

import math


def plain(value: float, digits: int = 6) -> str:
    """A number with thousands separators and no more digits than it carries: 1,348,086 or 0.7657."""
    if math.isinf(value):
        return "not stated" if value > 0 else "-∞"
    if abs(value) >= 1e5:
        return f"{value:,.0f}"
    text = f"{value:,.{digits}g}" if abs(value) >= 1 else f"{value:.4g}"
    if "e" in text:
        text = f"{value:.10f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rounded(value: float, digits: int) -> float:
    """A number, or a column of numbers, rounded to so many digits."""
    return round(value, digits) if isinstance(value, float) else value.round(digits)
