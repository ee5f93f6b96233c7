"""ts-tariffs on the tariff of tests/vector_tariff: one bill, built and run. It needs a pandas below 2."""

from __future__ import annotations

import functools
from datetime import timedelta

import pandas as pd
from ts_tariffs.meters import MeterData
from ts_tariffs.tariffs import ConnectionTariff, DemandTariff, SingleRateTariff, TouTariff
from ts_tariffs.ts_utils import TouBins

from benchmarks.peers.load import powers

NEEDS = "ts-tariffs"


@functools.cache
def _load(per_hour: int) -> list[float]:
    return powers(per_hour)


def bill(per_hour: int) -> float:
    load = _load(per_hour)
    index = pd.date_range("2025-01-01", periods=len(load), freq=f"{60 // per_hour}min")
    step = timedelta(minutes=60 // per_hour)
    energy = MeterData("load", pd.Series(load, index=index) / per_hour, "kWh", step)
    power = MeterData("load", pd.Series(load, index=index), "kW", step)
    bins = TouBins([7, 9, 17, 20, 24], [0.05, 0.08, 0.07, 0.09, 0.05], ["a", "b", "c", "d", "e"])
    kwh = ("kWh", "EUR/kWh", step, 1.0)
    charges = [
        SingleRateTariff("grid", "SingleRateTariff", *kwh, 0.003).apply(energy),
        TouTariff("energy", "TouTariff", *kwh, bins).apply(energy),
        DemandTariff("peak", "DemandTariff", "kW", "EUR/kW", step, 1.0, 4.7, "month").apply(power),
        ConnectionTariff("fixed", "ConnectionTariff", "day", "EUR/month", step, 1.0, 100.0, "month").apply(energy),
    ]
    return float(sum(charge.total for charge in charges))
