"""`levelfield prices`: the hourly day-ahead prices at hand, and more of them from downloads."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Optional

import typer

from levelfield._errors import UserError
from levelfield.cli.options import TariffsOption, open_tables

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="levelfield prices list\n\nHourly day-ahead prices, for plants with a load curve.",
)


@app.command("list", short_help="The series at hand.")
def list_(tariffs: TariffsOption = None) -> None:
    """\b
    levelfield prices list

    The years and zones whose hourly prices are at hand: hours, mean, the mean in the tables, hours below zero.
    """
    from levelfield.prices import folders
    from levelfield.series import held

    tables = open_tables(tariffs, None)
    found = held(tables)
    if found:
        sys.stdout.write("year  zone     hours     mean  tables  below 0  source\n")
    for one in found:
        tabled = f"{one.tabled:.2f}" if one.tabled is not None else "–"
        marks = [one.source or ("beside the tables" if one.folder == folders(tables)[0] else str(one.folder))]
        marks += ["by the quarter-hour too"] * one.quarter_hourly + ["not used: the tables have it"] * one.hidden
        numbers = f"{one.hours:7,} {one.mean:8.2f} {tabled:>7} {one.negative:8,}"
        sys.stdout.write(f"{one.year}  {one.zone:6} {numbers}  {'; '.join(marks)}\n")
    for folder in dict.fromkeys(folders(tables)):
        sys.stderr.write(f"looked in {folder}\n")


@app.command("import", short_help="Add prices from downloaded files.")
def import_(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="Downloads of ENTSO-E, SMARD, energy-charts or Ember.", show_default=False
        ),
    ],
    zone: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--zone", help="The zone of a file that names none, or one of several: NL, DE_LU, BE, FR."),
    ] = None,
    year: Annotated[
        int | None, typer.Option("--year", help="One year only; else every complete one.", show_default=False)
    ] = None,
    to: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--to", metavar="DIR", help="Where to keep them; else the user's folder.", show_default=False),
    ] = None,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield prices import energy-prices-2024.csv
    levelfield prices import price.json --zone NL --year 2024

    Add a year of day-ahead prices from files as the platforms hand them out. Gaps, doubled hours, the change of the
    clock and units are checked; nothing is written unless a whole year of a zone is there.
    """
    from levelfield.downloads import read_download, zone_named
    from levelfield.period import today
    from levelfield.series import assemble, markets, texts

    tables = open_tables(tariffs, None)
    zones = list(markets(tables))
    wanted = zone_named(zone) if zone else None
    if wanted and wanted not in zones:
        raise UserError(f"--zone {zone}: the tables know {', '.join(zones)}")
    downloads = [read_download(path, wanted) for path in files]
    series, gaps = assemble(downloads, zones, year)
    folder = _folder(to, tariffs)
    _write(folder, texts(folder, series, zones, today()))
    for one in series:
        fine = ", quarter-hours kept beside" if one.quarters else ""
        sys.stdout.write(
            f"{one.zone} {one.year}: {len(one.hourly):,} hours, mean {one.mean:.2f} EUR/MWh, "
            f"{one.negative:,} below zero{fine}\n"
        )
    sys.stdout.write(f"written to {folder}\n")
    for gap in gaps:
        sys.stderr.write(f"levelfield: left out: {gap}\n")
    from levelfield.prices import columns

    beside = Path(tables.folder) / "series"
    for one in series:
        if folder.resolve() != beside.resolve() and one.zone in columns(beside / f"day_ahead_{one.year}.csv"):
            sys.stderr.write(f"levelfield: {one.zone} {one.year} stands beside the tables too, and that goes first\n")


def _folder(to: Path | None, tariffs: str | None) -> Path:
    """Where the series go: --to, else the folder beside stated tables, else the user's own."""
    from levelfield.prices import user_folder

    return to or (Path(tariffs) / "series" if tariffs else user_folder())


def _write(folder: Path, files: dict[str, str]) -> None:
    """All the files or none: each is written whole beside its place before any takes it."""
    from levelfield.cli.files import beside

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            for name, text in files.items():
                stack.enter_context(beside(folder / name, folder=False)).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"{folder}: cannot be written: {error.strerror or error}; name another folder with --to"
        ) from None
