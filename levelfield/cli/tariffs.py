"""`levelfield tariffs`: the tables themselves."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from levelfield._errors import UserError, did_you_mean
from levelfield.cli.options import KnownOption, OverlayOption, TariffsOption, open_tables
from levelfield.cli.tables_changes import diff, impact
from levelfield.cli.tables_check import check
from levelfield.cli.tables_upkeep import add, coverage, due, sources

_LIST = "'levelfield tariffs list' shows them"
app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="levelfield tariffs list\n\nThe tariff and tax tables."
)


@app.command("list", short_help="The rates, each with its latest value.")
def list_(
    prefix: Annotated[
        str, typer.Argument(metavar="[PREFIX]", help="Only rates that begin so, such as de.levy.", show_default=False)
    ] = "",
    overlay: OverlayOption = None,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield tariffs list de.levy

    The rates of the tables, each with its latest value.
    """
    tables = open_tables(tariffs, None, overlay)
    found = [rate for rate in tables.rate_ids if rate.startswith(prefix)]
    if not found:
        raise UserError(f"no rate begins with '{prefix}'")
    width = max(len(rate) for rate in found)
    for rate in found:
        row = tables.rows(rate)[-1]
        sys.stdout.write(f"{rate:{width}}  {row.written:>20}  {row.valid_from}  {row.evidence}\n")


@app.command(short_help="The history of a rate, with its sources.")
def show(
    rate: Annotated[str, typer.Argument(metavar="RATE", help="A rate, or a charge of the law.", show_default=False)],
    as_known_on: KnownOption = None,
    overlay: OverlayOption = None,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield tariffs show nl.energy_tax.band4.business

    The history of a rate: every value with its validity, evidence, source and notes.
    """
    tables = open_tables(tariffs, as_known_on, overlay)
    if rate not in tables:
        below = [known for known in tables.rate_ids if known.startswith(f"{rate}.")]
        hint = f"below it are {', '.join(below)}" if below else did_you_mean(rate, tables.rate_ids, _LIST)
        raise UserError(f"'{rate}' is no rate of the tables; {hint}")
    sys.stdout.write(f"{rate}  ({tables.unit(rate) or 'share'})\n")
    for row in tables.rows(rate):
        span = f"{row.valid_from} – {row.valid_to or '…'}"
        ends = f"  low {row.low:g} high {row.high:g}" if row.low is not None and row.high is not None else ""
        published = f"  published {row.published}" if row.published else ""
        sys.stdout.write(f"\n{span}  {row.written}{ends}  [{row.evidence}]{published}  {row.place}\n")
        source = tables.source(row.source)
        if source:
            locator = f", {row.locator}" if row.locator else ""
            sys.stdout.write(f"  {source.title}, {source.publisher}{locator}\n")
            sys.stdout.write(f"  {source.url}\n" if source.url else "")
        sys.stdout.write(f"  {row.note}\n" if row.note else "")


app.command(short_help="Whether the tables are sound.")(check)
app.command(short_help="What two states of the tables differ in.")(diff)
app.command(short_help="What a change of the tables does to the reference plants.")(impact)
app.command(short_help="The rates that should have been renewed by now.")(due)
app.command(short_help="What is held: jurisdictions, charges and years, with their evidence.")(coverage)
app.command(short_help="The bibliography.")(sources)
app.command(short_help="Add a sourced value, or a correction.")(add)
