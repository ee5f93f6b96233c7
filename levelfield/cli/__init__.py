"""The command line. Each command imports what it needs when it runs; no arithmetic here."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Optional

import typer

from levelfield import __version__
from levelfield._errors import LevelfieldError

COMMANDS = {
    "compare": "The bills of a plant side by side, and the gap.",
    "explain": "How each line of a bill came about.",
    "trend": "Bills through the years, and what moved them.",
    "shape": "What moving load saves in each country.",
    "sensitivity": "What moves the gap: each uncertain input at its ends.",
    "simulate": "How likely home is dearer: all uncertain inputs drawn together.",
    "replicate": "Our bills beside what others published.",
    "export": "The workbook for the buurlandentoets: Excel, OpenDocument, CSV.",
    "portfolio": "The bills of very many plants, from file to file.",
    "toets": "What a proposed law does to the gap with the neighbours.",
    "close": "At which value of a rate or proposal a gap is closed.",
    "levers": "The shipped proposals ranked by what they close and cost.",
    "monitor": "The periodic report: the gap, what moved it, what is due and pending.",
    "additions": "National additions to EU rules, and the neighbours' counterparts.",
    "verify": "Whether a workbook still says what levelfield reckons.",
}
GROUPS = {
    "plants": "The shipped plants, and help with your own plant file.",
    "proposals": "The shipped proposals, and help with your own.",
    "tariffs": "The tariff and tax tables.",
    "prices": "Hourly day-ahead prices: those at hand, and more from downloads.",
}


def _version(wanted: bool) -> None:
    if wanted:
        print(f"levelfield {__version__}")  # noqa: T201
        raise typer.Exit


def root(
    version: Annotated[
        Optional[bool],  # noqa: UP045
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = None,
) -> None:
    """\b
    levelfield compare chlor-alkali --year 2025

    What a plant pays for electricity and CO2 in the Netherlands, Germany, Flanders, Wallonia and France, why, and on
    what evidence.
    """
    del version


def make_app(args: Sequence[str] = ()) -> typer.Typer:
    """The application; where the first argument names a command, with that one alone, which starts faster."""
    app = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(root)
    wanted = [name for name in (*COMMANDS, *GROUPS) if args and args[0] == name] or [*COMMANDS, *GROUPS]
    if args and args[0] == "--version":
        wanted = []
    for name in wanted:
        module = import_module(f"levelfield.cli.{name}")
        if name in GROUPS:
            app.add_typer(module.app, name=name, short_help=GROUPS[name])
        else:
            app.command(name, short_help=COMMANDS[name])(getattr(module, name))
    return app


def main() -> None:
    """Run the command line: results on stdout, messages on stderr.

    Exit codes: 0 fine, 1 answered no, 2 bad usage or input, 3 refused for lack of data, 70 a bug of levelfield.
    """
    gc.set_threshold(100_000)  # a bill makes many small objects and no garbage worth looking for
    try:
        make_app(sys.argv[1:])()
    except LevelfieldError as error:
        for fault in error.faults:
            print(f"levelfield: {fault}", file=sys.stderr)  # noqa: T201
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        if os.environ.get("LEVELFIELD_TRACEBACK"):
            raise
        print(  # noqa: T201
            f"levelfield: a bug of ours: {type(error).__name__}: {error}; please report it with the plant file "
            "(LEVELFIELD_TRACEBACK=1 shows where)",
            file=sys.stderr,
        )
        sys.exit(70)
