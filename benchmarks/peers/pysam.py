"""PySAM Utilityrate5 on the tariff of tests/vector_tariff: one bill, built and run."""

from __future__ import annotations

import functools

from PySAM import Utilityrate5

from benchmarks.peers.load import powers

NEEDS = "NREL-PySAM"
SLOTS = [[1] * 7 + [2] * 2 + [3] * 8 + [4] * 3 + [1] * 4] * 12
PRICES = {1: 0.05, 2: 0.08, 3: 0.07, 4: 0.09}


@functools.cache
def _load(per_hour: int) -> tuple[list[float], list[float]]:
    load = powers(per_hour)
    return load, [0.0] * len(load)


def bill(per_hour: int) -> float:
    load, nothing = _load(per_hour)
    model = Utilityrate5.new()
    for name, value in {
        "inflation_rate": 0,
        "analysis_period": 1,
        "degradation": [0],
        "rate_escalation": [0],
        "system_use_lifetime_output": 0,
        "gen": nothing,
        "load": load,
        "ur_metering_option": 4,
        "ur_en_ts_sell_rate": 0,
        "ur_monthly_fixed_charge": 100,
        "ur_ec_sched_weekday": SLOTS,
        "ur_ec_sched_weekend": SLOTS,
        "ur_ec_tou_mat": [[slot, 1, 1e38, 0, price + 0.003, 0] for slot, price in PRICES.items()],
        "ur_dc_enable": 1,
        "ur_dc_flat_mat": [[month, 1, 1e38, 4.7] for month in range(12)],
        "ur_dc_sched_weekday": [[1] * 24] * 12,
        "ur_dc_sched_weekend": [[1] * 24] * 12,
        "ur_dc_tou_mat": [[1, 1, 1e38, 0]],
    }.items():
        model.value(name, value)
    model.execute(0)
    return float(model.Outputs.utility_bill_wo_sys_year1)
