"""Options that several commands share, and what they mean."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from levelfield._errors import UserError, did_you_mean

if TYPE_CHECKING:
    from levelfield.comparison import Comparison
    from levelfield.switches import Switches
    from levelfield.tables import Tables

# Optional[...] rather than | None: Typer reads these at run time.
PlantArgument = Annotated[
    str,
    typer.Argument(
        metavar="PLANT",
        help="A plant file, - for standard input, or a shipped plant (plants list).",
        show_default=False,
    ),
]
YearOption = Annotated[
    int | None,
    typer.Option("--year", help="A calendar year; the last whole one held if left out.", show_default=False),
]
FromOption = Annotated[
    str | None, typer.Option("--from", help="First day: 2025-07-01, 2025-07 or 2025.", show_default=False)
]
ToOption = Annotated[Optional[str], typer.Option("--to", help="Last day.", show_default=False)]  # noqa: UP045
KnownOption = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--as-known-on", metavar="DATE", help="Use only what had been published by this day.", show_default=False
    ),
]
TariffsOption = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--tariffs", metavar="DIR", help="Another folder of tables (or LEVELFIELD_TARIFFS).", show_default=False
    ),
]
OverlayOption = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--overlay", metavar="DIR", help="A second folder of tables that lies over the first.", show_default=False
    ),
]
SetOption = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option(
        "--set",
        metavar="RATE=VALUE",
        help="Set a rate by hand: nl.energy_tax.band1='0.09 EUR/kWh'.",
        show_default=False,
    ),
]
GapsOption = Annotated[bool, typer.Option("--allow-gaps", help="Bridge holes by the bounds that the tables give.")]


class Reliefs(StrEnum):
    stated = "stated"
    all = "all"
    none = "none"


class Procurement(StrEnum):
    stated = "stated"
    market = "market"
    spot = "spot"  # another word for market: the load at day-ahead prices
    forward = "forward"


class Language(StrEnum):
    en = "en"
    nl = "nl"


HomeOption = Annotated[str, typer.Option("--home", help="The jurisdiction to compare from.")]
AgainstOption = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--against",
        metavar="LIST",
        help="Neighbours, as in DE,FR; BE is both regions. All if left out.",
        show_default=False,
    ),
]
ReliefsOption = Annotated[
    Reliefs, typer.Option("--reliefs", help="Count what the plant states, all it qualifies for, or none.")
]
CompensationOption = Annotated[
    bool, typer.Option("--compensation/--no-compensation", help="Count aids such as indirect-cost compensation.")
]
ProcurementOption = Annotated[
    Procurement,
    typer.Option(
        "--procurement", help="As the plant states it, at day-ahead prices (market, spot), or at the year-ahead mean."
    ),
]
LanguageOption = Annotated[Language, typer.Option("--lang", help="Language of the output.")]


def open_tables(folder: str | None, known: str | None, overlay: str | None = None) -> Tables:
    from levelfield.period import parse_date
    from levelfield.tables import load_tables

    day: date | None = parse_date(known, "--as-known-on", last=True) if known else None
    return load_tables(folder, day, overlay)


def switches(
    tables: Tables,
    reliefs: Reliefs,
    settings: list[str] | None,
    allow_gaps: bool,
    compensation: bool = True,
    procurement: Procurement = Procurement.stated,
) -> Switches:
    """Raises UserError with all faulty settings."""
    from levelfield.switches import Switches
    from levelfield.tables import parse_setting

    found: dict[str, float] = {}
    faults: list[str] = []
    for text in settings or []:
        rate, equals, value = text.partition("=")
        if not equals:
            faults.append(f"--set {text}: RATE=VALUE is wanted, as in nl.energy_tax.band1='0.09 EUR/kWh'")
            continue
        try:
            found[rate.strip()] = parse_setting(rate.strip(), value, tables)
        except UserError as error:
            faults += [f"--set {fault}" for fault in error.faults]
    if faults:
        raise UserError(faults)
    bought = Procurement.market if procurement is Procurement.spot else procurement
    return Switches(reliefs.value, found, allow_gaps, compensation, bought.value)


def one_of(**flags: bool) -> None:
    """Raises UserError if more than one of the flags is set."""
    if sum(flags.values()) > 1:
        names = [f"--{name}" for name in flags]
        raise UserError(f"{', '.join(names[:-1])} and {names[-1]} do not go together; give one of them")


def neighbours(against: str | None, tables: Tables) -> list[str]:
    """The jurisdictions of --against, or all that the tables hold."""
    from levelfield.comparison import expand

    return expand(against.split(","), tables) if against else list(tables.jurisdictions)


def jurisdiction(name: str, tables: Tables) -> str:
    wanted = name.upper()
    if wanted in tables.jurisdictions:
        return wanted
    raise UserError(f"'{name}' is no jurisdiction of the tables; {did_you_mean(wanted, tables.jurisdictions)}")


def compared(
    tables: Tables,
    plant: str,
    days: tuple[int | None, str | None, str | None],
    places: tuple[str, str | None],
    chosen: Switches,
) -> Comparison:
    """The comparison that the options ask for: `days` are --year, --from and --to, `places` --home and --against."""
    from levelfield.comparison import compare
    from levelfield.period import period
    from levelfield.plant_file import load_plant

    loaded = load_plant(plant, tables)
    home, against = places
    return compare(
        tables, loaded, *period(tables, *days), jurisdiction(home, tables), neighbours(against, tables), chosen
    )
