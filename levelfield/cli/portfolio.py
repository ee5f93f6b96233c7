"""`levelfield portfolio`: the bills of very many plants."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from levelfield._errors import UserError
from levelfield.cli.options import (
    AgainstOption,
    CompensationOption,
    GapsOption,
    HomeOption,
    KnownOption,
    Language,
    LanguageOption,
    OverlayOption,
    Procurement,
    ProcurementOption,
    Reliefs,
    ReliefsOption,
    SetOption,
    TariffsOption,
    YearOption,
    jurisdiction,
    neighbours,
    open_tables,
    switches,
)

if TYPE_CHECKING:
    from levelfield.portfolio.parts import Summary

_CHUNK = 25_000  # plants and years at a time
AFTER = "after"  # leads the columns of a proposed law
_SHOWN = 3  # reasons of refusal that are told; the output has them all


class EngineName(StrEnum):
    processes = "processes"
    dask = "dask"


def portfolio(
    plants: Annotated[
        str,
        typer.Argument(
            metavar="PLANTS",
            help="A file of plants: .csv, .parquet, .xlsx or .ods (docs/portfolio.md).",
            show_default=False,
        ),
    ],
    output: Annotated[
        str, typer.Option("-o", "--output", help="The file to write: .parquet, .csv or .xlsx.", show_default=False)
    ],
    year: YearOption = None,
    years: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--years", metavar="LIST", help="Years, as in 2021:2026 or 2021,2025.", show_default=False),
    ] = None,
    home: HomeOption = "NL",
    against: AgainstOption = None,
    as_known_on: KnownOption = None,
    reliefs: ReliefsOption = Reliefs.stated,
    compensation: CompensationOption = True,
    procurement: ProcurementOption = Procurement.stated,
    set_: SetOption = None,
    allow_gaps: GapsOption = False,
    charges: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--charges", metavar="LIST", help="Also these charges, as in de.grid,eu.ets.", show_default=False),
    ] = None,
    proposal: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            "--proposal",
            metavar="PROPOSAL",
            help="Also the bills under this proposed law, in columns after_…; again for more.",
            show_default=False,
        ),
    ] = None,
    rejects: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--rejects", metavar="FILE", help="Rows that are no plants; OUT.rejects.csv if left out."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Processes; one a core if left out.", show_default=False)
    ] = None,
    chunk: Annotated[
        int | None,
        typer.Option(
            "--chunk", min=1, help="Plants at a time; 25,000, shared by the years, if left out.", show_default=False
        ),
    ] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Drop the parts of an unfinished run.")] = False,
    engine: Annotated[EngineName, typer.Option("--engine", help="Where to reckon.")] = EngineName.processes,
    scheduler: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--scheduler", metavar="ADDRESS", help="Of the Dask cluster: tcp://host:8786.", show_default=False
        ),
    ] = None,
    lang: LanguageOption = Language.en,
    overlay: OverlayOption = None,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield portfolio plants.csv -o bills.parquet --year 2025
    levelfield portfolio plants.csv -o bills.csv --years 2021:2026 --against DE
    levelfield portfolio plants.csv -o bills.csv --year 2026 --proposal energy-tax-eu-minimum

    The bills of all plants of a file, a row for each plant, year and jurisdiction, with the gap. A run that was cut
    short goes on when it is given again.
    """
    from levelfield.cli.files import format_of
    from levelfield.lang import Words
    from levelfield.portfolio.parts import Parts, carry_through, id_of, in_processes, manifest_of, on_dask
    from levelfield.portfolio.sink import FORMATS
    from levelfield.portfolio.source import open_source
    from levelfield.portfolio.work import Job

    kind, path, target = format_of(output, None, FORMATS), Path(plants), Path(output)
    if (engine == EngineName.dask) != (scheduler is not None):
        raise UserError("--engine dask and --scheduler ADDRESS go together; give both or none")
    tables = open_tables(tariffs, as_known_on, overlay)
    chosen = switches(tables, reliefs, set_, allow_gaps, compensation, procurement)
    place = jurisdiction(home, tables)
    wanted = _years(year, years, tables.years())
    size = chunk or max(1, _CHUNK // len(wanted))
    laws, grants = {"": tables}, {}
    if proposal:
        from levelfield.cli.toets import read_proposals
        from levelfield.toets.patch import lay_over

        read = read_proposals(proposal)
        laws[AFTER] = lay_over(tables, read).tables
        grants[AFTER] = tuple(dict.fromkeys(claim for one in read for claim in one.grants))
    job = Job(
        "",
        laws,
        {},
        path,
        wanted,
        tuple(dict.fromkeys([place, *neighbours(against, tables)])),
        chosen,
        tuple(name.strip() for name in charges.split(",")) if charges else (),
        grants,
    )
    source = open_source(path, tables, size)
    manifest = manifest_of(job, size, f"{kind}, {lang.value}")
    job = job._replace(id=id_of(manifest), keys=source.keys)
    refusals = Path(rejects) if rejects else target.with_suffix(".rejects.csv")
    for file in (target, refusals):
        if file.resolve() == path.resolve():
            raise UserError(f"{file}: is the file of plants itself; choose another output")
    try:
        parts = Parts(target, manifest, restart)
    except OSError as error:
        raise UserError(f"{target}: cannot be written: {error.strerror or error}") from None
    run = on_dask(scheduler) if scheduler else in_processes(workers or _cores())
    start = time.perf_counter()
    with _progress(source.expected) as progress:
        try:
            summary = carry_through(job, source.chunks, target, parts, run, kind, refusals, Words(lang.value), progress)
        except KeyboardInterrupt:
            sys.stderr.write("stopped; the same command goes on from where it was\n")
            raise typer.Exit(130) from None
    _tell(summary, job.places, job.years, target, refusals, time.perf_counter() - start)


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _years(year: int | None, years: str | None, held: list[int]) -> tuple[int, ...]:
    from levelfield.period import today

    if year is not None and years:
        raise UserError("--year and --years do not go together; give one of them")
    if year is not None:
        return (year,)
    if not years:
        return (max([number for number in held if number < today().year] or held),)
    found: list[int] = []
    for part in years.split(","):
        first, colon, last = part.partition(":")
        try:
            found += range(int(first), int(last or first) + 1) if colon else [int(first)]
        except ValueError:
            raise UserError(f"--years {years}: years are wanted, as in 2021:2026 or 2021,2025") from None
    if not found or not all(1990 <= number <= 2100 for number in found):
        raise UserError(f"--years {years}: years are wanted, as in 2021:2026 or 2021,2025")
    return tuple(dict.fromkeys(found))


@contextmanager
def _progress(count: int) -> Iterator[Callable[[int], None]]:
    """A bar with rate and time left, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task, start, done = bar.add_task("", total=count or None, rate=""), time.perf_counter(), 0

        def step(more: int) -> None:
            nonlocal done
            done += more
            rate = f"{done / (time.perf_counter() - start):,.0f} plants/s"
            bar.update(task, completed=done, total=max(count, done), rate=rate)

        yield step


def _tell(
    summary: Summary, places: tuple[str, ...], years: tuple[int, ...], output: Path, rejects: Path, seconds: float
) -> None:
    """What was done, on standard error. Raises UserError without a plant, and ends with 3 without a bill."""
    say = sys.stderr.write
    if not summary.plants:
        if not summary.rejects:
            raise UserError(f"{output}: not written: the file holds no plants; the rows below the header are empty")
        raise UserError(f"{output}: not written: no row of the file is a plant; {rejects} says why")
    say(
        f"{output} written: {summary.plants:,} plants, {len(places)} jurisdictions, {len(years)} years, "
        f"{summary.bills:,} bills in {seconds:,.1f} s ({summary.plants / max(seconds, 1e-9):,.0f} plants/s)\n"
    )
    if summary.rejects:
        say(f"{summary.rejects:,} rows are no plants and were left out; {rejects} says why\n")
    by_count = sorted(summary.refused.items(), key=lambda item: -item[1])
    for reason, count in by_count[:_SHOWN]:
        say(f"{count:,} bills refused: {reason}\n")
    if len(by_count) > _SHOWN:
        say(f"and {sum(n for _, n in by_count[_SHOWN:]):,} more for other reasons; the column 'refused' has them\n")
    if not summary.bills:
        raise typer.Exit(3)
