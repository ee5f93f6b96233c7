"""The load that all calculators are given: kW in each hour of 2025, days of 24 hours, as in tests/test_vector.py."""

from __future__ import annotations

import math


def powers(per_hour: int = 1) -> list[float]:
    hours = (
        8000 + 1500 * math.sin(2 * math.pi * h / 24) + 600 * math.sin(2 * math.pi * h / 168) + h * 7919 % 97
        for h in range(8760)
    )
    return [power for power in hours for _ in range(per_hour)]
