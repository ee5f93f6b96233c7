"""Many draws of a rate for one plant: only what depends on the rate is reckoned, over all draws at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, cast

import numpy as np
import pytest

from levelfield.bill import make_bill, run_inputs
from levelfield.columns import ColumnRun
from levelfield.plant import Plant, shipped_plants
from levelfield.plant_file import load_plant
from levelfield.run import Run
from levelfield.switches import Switches
from levelfield.tables import Tables
from levelfield.year import Year


def law_of(tables: Tables, plant: Plant, place: str) -> Year:
    return Year(tables, plant, tables.jurisdictions[place], 2025, (date(2025, 1, 1), date(2025, 12, 31)))


@pytest.mark.parametrize(
    ("place", "rate"),
    [
        ("NL", "nl.energy_tax.band4.business"),
        ("DE", "market.day_ahead.de_lu"),
        ("FR", "market.day_ahead.fr"),
        ("DE", "de.levy.kwkg.rate"),
    ],
)
def test_each_draw_is_the_bill_with_the_rate_set(tables: Tables, place: str, rate: str) -> None:
    plant = load_plant("chlor-alkali", tables)
    law = law_of(tables, plant, place)
    base = Run(law, run_inputs(law))
    draws = np.linspace(0, 200, 7)
    run = ColumnRun(law, base.inputs.with_rate(rate, cast("Any", draws)), base)
    for draw, total in zip(draws, np.broadcast_to(run.total, draws.shape), strict=True):
        bill = make_bill(
            tables, plant, place, date(2025, 1, 1), date(2025, 12, 31), Switches(settings={rate: float(draw)})
        )
        assert total == pytest.approx(bill.total, rel=1e-9)


def test_what_does_not_depend_on_the_rate_is_not_reckoned_again(tables: Tables) -> None:
    law = law_of(tables, load_plant(next(iter(shipped_plants())), tables), "NL")
    base = Run(law, run_inputs(law))
    run = ColumnRun(law, base.inputs.with_rate("nl.energy_tax.band4.business", cast("Any", np.array([1.0, 2.0]))), base)
    again = [key for key, result in run.results.items() if result is not base.results[key]]
    assert again
    assert all(key.startswith("nl.energy_tax") for key in again)


def test_a_single_bill_imports_no_numpy(make_plant: Callable[[str], Plant]) -> None:
    import subprocess
    import sys

    script = (
        "import sys; from levelfield.cli import make_app\n"
        "try: make_app(['compare'])(['compare', 'chlor-alkali', '--year', '2025', '--json'])\n"
        "except SystemExit: pass\n"
        "print([name for name in ('numpy', 'pyarrow') if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "[]"
