"""`levelfield proposals`: the shipped proposals, and help with one's own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from levelfield._errors import UserError
from levelfield.cli.options import Language, LanguageOption, TariffsOption, open_tables
from levelfield.cli.output import print_json, print_pages

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="levelfield proposals list\n\nProposed laws, as text files."
)

_TEMPLATE = """\
title     = {{ en = "{title}", nl = "{title}" }}
proposer  = "who proposes it"
status    = "idea"                          # idea | bill | adopted
reference = "the document in which it stands, with its date and link"
comment   = {{ en = "What it is meant to do.", nl = "Wat het beoogt." }}
# state_aid       = "cisaf-4.5"             # the rule of EU law it rests on: cisaf-4.5, ets-guidelines, de-minimis, …
# grants          = ["nl.indirect_compensation"]   # claims that plants are taken to make under it
# network_paid_by = "treasury"              # who bears a lower grid tariff: grid users | treasury
# lever           = "nl.energy_tax.band4.business" # the rate that 'levelfield close' may move

[[change]]                                  # set a rate from a day on ('to' ends it)
set    = "nl.energy_tax.band4.business"
value  = "0.50 EUR/MWh"
from   = 2027-01-01
source = "where the number stands"

# [[change]]                                # also: scale (by = 0.9), shift (by = "-5 EUR/MWh"), end, reactivate
# reactivate = "nl.grid.volume_correction"  # a repealed law, as it stood on a day
# as_on      = 2023-12-31
# from       = 2027-01-01

# [[change]]                                # more sectors on a list of the law
# extend = "eu.indirect_annex_1"
# with   = ["20.14"]
# from   = 2027-01-01

# [[rate]]                                  # a new rate and charge in the language of the tables (docs/tables.md)
# rate       = "nl.my_relief.rate"
# value      = "5 EUR/MWh"
# valid_from = 2027-01-01
#
# [[charge]]
# id            = "nl.my_relief"
# jurisdictions = ["NL"]
# category      = "compensation"
# name          = {{ en = "My relief", nl = "Mijn korting" }}
# law           = "the article"
# kind          = "rate"
# basis         = "-offtake"
# rate          = "nl.my_relief.rate"
# valid_from    = 2027-01-01
"""


@app.command("list", short_help="The shipped proposals.")
def list_(
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False, lang: LanguageOption = Language.en
) -> None:
    """\b
    levelfield proposals list

    The proposals that come with levelfield, with what each does.
    """
    from levelfield.lang import Words
    from levelfield.toets.proposal import load_proposal, shipped_proposals

    found = [load_proposal(name) for name in shipped_proposals()]
    if json:
        rows = [
            {"name": p.name, "title": p.title.en, "title_nl": p.title.nl, "status": p.status, "proposer": p.proposer}
            for p in found
        ]
        print_json(rows)
        return
    words = Words(lang.value)
    width = max(len(proposal.name) for proposal in found)
    for proposal in found:
        sys.stdout.write(f"{proposal.name:{width}}  {words.text(proposal.title)}\n")


@app.command(short_help="A proposal: who, what, and what it changes.")
def show(
    proposal: Annotated[
        str, typer.Argument(metavar="PROPOSAL", help="A proposal file or a shipped one.", show_default=False)
    ],
    text: Annotated[bool, typer.Option("--text", help="Print the file itself, to start one's own from.")] = False,
    lang: LanguageOption = Language.en,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield proposals show energy-tax-eu-minimum
    levelfield proposals show energy-tax-eu-minimum --text > my-law.toml

    Who proposes what, where it stands, and which rates and laws it changes, with the old and the new value.
    """
    from levelfield.lang import Words
    from levelfield.report.pages import Heading, Page, Paragraph
    from levelfield.report.toets import changes_of
    from levelfield.toets.patch import lay_over
    from levelfield.toets.proposal import load_proposal

    found = load_proposal(proposal)
    if text:
        sys.stdout.write(found.text)
        return
    tables, words = open_tables(tariffs, None), Words(lang.value)
    pages: list[Page] = [
        Heading(words.text(found.title), 1),
        Paragraph(f"{found.proposer} · {found.status} · {found.reference}"),
        *([Paragraph(words.text(found.comment))] if words.text(found.comment) else []),
        changes_of([found], tables, lay_over(tables, [found]).tables, words),
    ]
    print_pages(pages)


@app.command(short_help="Whether proposals can be laid over the tables.")
def check(
    proposals: Annotated[
        list[str],
        typer.Argument(metavar="PROPOSAL...", help="Proposal files or shipped proposals.", show_default=False),
    ],
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield proposals check my-law.toml
    levelfield proposals check my-law.toml energy-tax-eu-minimum

    Whether a proposal is sound and fits the tables, alone or together with others. All faults at once, exit code 2.
    """
    from levelfield.cli.toets import read_proposals
    from levelfield.toets.patch import lay_over

    found = read_proposals(proposals)
    lay_over(open_tables(tariffs, None), found)
    changed = sum(len(p.changes) + sum(map(len, p.blocks.values())) for p in found)
    sys.stderr.write(f"{len(found)} proposals, {changed} changes: no faults\n")


@app.command(short_help="A new proposal file to fill in.")
def new(
    path: Annotated[str, typer.Argument(metavar="FILE", help="Where to write it, such as my-law.toml.")],
    title: Annotated[str, typer.Option("--title", help="What it does, in a line.")] = "My proposal",
) -> None:
    """\b
    levelfield proposals new my-law.toml --title "Energy tax at the EU minimum"

    A proposal file with every kind of change in it, to fill in. A file that is there already is left alone.
    """
    target = Path(path)
    if target.exists():
        raise UserError(f"{path}: this file is there already; choose another name or delete it first")
    said = title.replace("\\", "\\\\").replace('"', '\\"')
    try:
        target.write_text(_TEMPLATE.format(title=said), encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror}") from None
    sys.stderr.write(f"{path} written; 'levelfield toets {path}' tests it\n")
