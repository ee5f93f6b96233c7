"""eeco on the tariff of tests/vector_tariff: its twelve monthly bills, built and run."""

from __future__ import annotations

import functools
import itertools
import warnings

import eeco.costs
import numpy as np
import pandas as pd

from benchmarks.peers.load import powers

NEEDS = "eeco"
SLOTS = ((0, 7, 0.05), (7, 9, 0.08), (9, 17, 0.07), (17, 20, 0.09), (20, 24, 0.05))
ALWAYS = {"utility": "electric", "basic_charge_limit (metric)": 0, "month_start": 1, "month_end": 12}
ALWAYS |= {"weekday_start": 0, "weekday_end": 6, "hour_start": 0, "hour_end": 24}


@functools.cache
def _load(per_hour: int) -> np.ndarray:
    return np.array(powers(per_hour))


def bill(per_hour: int) -> float:
    warnings.simplefilter("ignore")
    load = _load(per_hour)
    rows = [
        {**ALWAYS, "type": "customer", "name": "fixed", "charge": 100.0},
        {**ALWAYS, "type": "demand", "name": "peak", "charge": 4.7},
        *(
            {**ALWAYS, "type": "energy", "name": "energy", "charge": price + 0.003, "hour_start": a, "hour_end": b}
            for a, b, price in SLOTS
        ),
    ]
    rates = pd.DataFrame(rows)
    starts = pd.date_range("2025-01-01", periods=13, freq="MS")
    total, first = 0.0, 0
    for start, end in itertools.pairwise(starts):
        last = first + (end - start).days * 24 * per_hour
        resolution = f"{60 // per_hour}m" if per_hour > 1 else "1h"
        charges = eeco.costs.get_charge_dict(start, end, rates, resolution=resolution)
        cost, _ = eeco.costs.calculate_cost(charges, {"electric": load[first:last]}, resolution=resolution)
        total, first = total + float(cost), last
    return total
