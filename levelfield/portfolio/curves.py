"""The load curves of many plants, to a run over columns what one `LoadCurve` is to the run of a bill."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np

from levelfield._errors import UserError
from levelfield.calendars import Calendar, Peak, Segment
from levelfield.columns import Column
from levelfield.load import LoadCurve
from levelfield.plant import Plant
from levelfield.portfolio.bills import Columns
from levelfield.portfolio.plants import columns_of
from levelfield.tables import Tables


class Curves:
    """Load curves of one year, a plant each; every measure of them is a column. Energies are in MWh, powers in kW.

    Raises UserError if they are of several years, or some by the hour and some by the quarter-hour.
    """

    def __init__(self, curves: Sequence[LoadCurve]) -> None:
        years = sorted({curve.year for curve in curves})
        if len(years) > 1:
            raise UserError(f"load curves of {', '.join(map(str, years))}; give those of one year at a time")
        steps = {curve.per_hour for curve in curves}
        if len(steps) > 1:
            raise UserError("load curves by the hour and by the quarter-hour; give those of one kind at a time")
        self.curves, self.year, self.per_hour = tuple(curves), years[0], steps.pop()
        self.place = curves[0].place

    def __len__(self) -> int:
        return len(self.curves)

    def __getitem__(self, index: Any) -> Curves:
        return Curves([self.curves[number] for number in np.arange(len(self.curves))[index]])

    def _each(self, measure: Callable[[LoadCurve], float]) -> Any:
        return np.fromiter(map(measure, self.curves), dtype=float, count=len(self.curves))

    def energy_in(self, segment: Segment) -> Any:
        return self._each(lambda curve: curve.energy_in(segment))

    def by_class(self, calendar: Calendar, segment: Segment) -> dict[str, Any]:
        return _columns([curve.by_class(calendar, segment) for curve in self.curves])

    def peak_sum(self, peak: Peak, segment: Segment) -> Any:
        return self._each(lambda curve: curve.peak_sum(peak, segment))

    def overshoot(
        self, calendar: Calendar, segment: Segment, subscribed: Mapping[str, float | Column]
    ) -> dict[str, Any]:
        limits = np.column_stack([np.broadcast_to(limit, len(self)) for limit in subscribed.values()]).tolist()
        return _columns(
            [
                curve.overshoot(calendar, segment, dict(zip(subscribed, own, strict=True)))
                for curve, own in zip(self.curves, limits, strict=True)
            ]
        )

    def use_hours(self) -> Any:
        return self._each(LoadCurve.use_hours)

    def profile_factor(self, prices: Any) -> Any:
        return self._each(lambda curve: curve.profile_factor(prices))


def _columns(rows: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    return dict(zip(rows[0], np.array([list(row.values()) for row in rows]).T, strict=True))


def curve_columns(plants: Sequence[Plant], tables: Tables) -> Columns:
    """The columns of plants that each have a load curve.

    Raises UserError if one has none, or another year's, or a contract that does not follow its load.
    """
    bare = [plant.name for plant in plants if plant.load_curve is None]
    if bare:
        raise UserError(f"{bare[0]}: a load curve is wanted")
    shaped = [
        plant.name
        for plant in plants
        for bought in plant.procurement.values()
        if bought.contract_share and bought.contract_shape != "as_consumed"
    ]
    if shaped:
        raise UserError(f"{shaped[0]}: its contract does not follow the load; reckon this plant by itself")
    curves = Curves([plant.load_curve for plant in plants if plant.load_curve])
    return {**columns_of(plants, tables), "electricity.load_curve": cast("Any", curves)}
