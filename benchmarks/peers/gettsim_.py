"""GETTSIM: the German solidarity surcharge of 2025, a piecewise linear tax on the income tax, of very many people."""

from __future__ import annotations

import functools
import warnings

import numpy as np
import pandas as pd
from gettsim import InputData, MainTarget, TTTargets, main

NEEDS = "gettsim"


@functools.cache
def _taxes(count: int) -> np.ndarray:
    return np.linspace(1, 60_000, count)


def scale(count: int) -> float:
    warnings.simplefilter("ignore")
    people = pd.DataFrame({"person": np.arange(count), "tax": _taxes(count)})
    found = main(
        main_target=MainTarget.results.df_with_mapper,
        policy_date_str="2025-01-01",
        input_data=InputData.df_and_mapper(
            df=people,
            mapper={
                "p_id": "person",
                "einkommensteuer": {"betrag_mit_kinderfreibetrag_y_sn": "tax", "gemeinsam_veranlagt": False},
                "einnahmen": {"kapitalerträge_y_sn": 0.0},
                "familie": {"p_id_ehepartner": -1},
            },
        ),
        tt_targets=TTTargets.tree({"solidaritätszuschlag": {"betrag_y_sn": "surcharge"}}),
        include_fail_nodes=False,
        include_warn_nodes=False,
    )
    return float(found["surcharge"].sum())
