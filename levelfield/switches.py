"""How a bill is reckoned, where that is the reader's choice: each switch is named in the output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from levelfield.plant import Plant
from levelfield.tables import Tables, parse_setting

RELIEFS = ("stated", "all", "none")
PROCUREMENT = ("stated", "market", "forward")


class Switches(NamedTuple):
    """The reader's choices.

    reliefs: what the plant states, all it qualifies for, or none. settings: rates set by hand, in canonical units.
    allow_gaps: bridge holes by their bounds. compensation: count the aids of that category. procurement: as the
    plant states it, at day-ahead prices (the mean of the year, or hour by hour where there is a load curve), or at the
    year-ahead mean of the year before.
    """

    reliefs: str = "stated"
    settings: Mapping[str, float] = {}
    allow_gaps: bool = False
    compensation: bool = True
    procurement: str = "stated"

    def all_settings(self, tables: Tables, plant: Plant) -> dict[str, float]:
        """The rates that the plant or the reader sets; the reader wins."""
        own = {
            rate: parse_setting(rate, stated, tables) if isinstance(stated, str) else stated
            for rate, stated in plant.rates.items()
        }
        return {**own, **self.settings}
