"""`levelfield replicate`: our bills beside what others published."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from levelfield.cli.options import KnownOption, Language, LanguageOption, TariffsOption, one_of, open_tables
from levelfield.cli.output import print_json


def replicate(
    study: Annotated[str, typer.Argument(metavar="[STUDY|all]", help="A study by its id; all if left out.")] = "all",
    as_known_on: KnownOption = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    md: Annotated[bool, typer.Option("--md", help="Print Markdown.")] = False,
    lang: LanguageOption = Language.en,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield replicate ebridge-2024
    levelfield replicate all

    Published figures beside ours: difference, share of evidence, and whether it lies within the class of the study.

    Exit code 1 if a figure lies outside its class or cannot be reckoned; each is listed with the reason found.
    """
    from levelfield.lang import Words
    from levelfield.replicate import replicate as make
    from levelfield.replicate import studies
    from levelfield.report import studies as report
    from levelfield.report.terminal import print_lines

    one_of(json=json, md=md)
    tables = open_tables(tariffs, as_known_on)
    found = [make(tables, name) for name in (studies() if study == "all" else [study])]
    words = Words(lang.value)
    if json:
        document = report.studies_document(found)
        print_json(document)
    elif md:
        sys.stdout.write(report.studies_markdown(found, words))
    else:
        print_lines(lambda width: report.study_lines(found, words, width))
    if not all(item.holds for item in found):
        raise typer.Exit(1)
