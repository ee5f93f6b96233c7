"""What tests share: the shipped tables, and a bill from the text of a plant file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from levelfield.bill import Bill, make_bill
from levelfield.plant import Plant
from levelfield.plant_file import parse_plant
from levelfield.switches import Switches
from levelfield.tables import Tables, load_tables

MakeBill = Callable[..., Bill]


@pytest.fixture(autouse=True, scope="session")
def _no_series_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hourly prices that the user of this machine imported do not count."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEVELFIELD_SERIES", str(tmp_path_factory.mktemp("series")))
        yield


@pytest.fixture(scope="session")
def tables() -> Tables:
    return load_tables(Path(__file__).parents[1] / "tariffs")


@pytest.fixture(scope="session")
def make_plant(tables: Tables) -> Callable[[str], Plant]:
    """A plant from the text of its file; name and sector (20.13) need not be said."""

    def build(text: str) -> Plant:
        head = "" if "sector" in text.partition("[")[0] else 'sector = "20.13"\n'
        return parse_plant(head + text, "plant.toml", Path(), tables)

    return build


@pytest.fixture(scope="session")
def bill_of(tables: Tables, make_plant: Callable[[str], Plant]) -> MakeBill:
    """bill_of(text, "NL", 2025): the bill of a calendar year; bill_of(..., reliefs="all") and the like set switches."""

    def build(text: str, jurisdiction: str, year: int, **switches: object) -> Bill:
        period = date(year, 1, 1), date(year, 12, 31)
        return make_bill(tables, make_plant(text), jurisdiction, *period, Switches(**switches))  # type: ignore[arg-type]

    return build
