"""The command line. Each command imports what it needs when it runs; no arithmetic here."""

from __future__ import annotations

import gc
import os
import sys
from typing import Annotated, Optional

import typer

from levelfield import __version__
from levelfield._errors import LevelfieldError
from levelfield.cli import compare as compare_command
from levelfield.cli import explain as explain_command
from levelfield.cli import plants as plants_commands
from levelfield.cli import tariffs as tariffs_commands
from levelfield.cli import trend as trend_command

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.command("compare")(compare_command.compare)
app.command("explain")(explain_command.explain)
app.command("trend")(trend_command.trend)
app.add_typer(plants_commands.app, name="plants")
app.add_typer(tariffs_commands.app, name="tariffs")


def _version(wanted: bool) -> None:
    if wanted:
        print(f"levelfield {__version__}")  # noqa: T201
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        Optional[bool], typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")  # noqa: UP045
    ] = None,
) -> None:
    """\b
    levelfield compare chlor-alkali --year 2025

    What a plant pays for electricity and CO2 in the Netherlands, Germany, Flanders, Wallonia and France, why, and on
    what evidence.
    """
    del version


def main() -> None:
    """Run the command line: results on stdout, messages on stderr.

    Exit codes: 0 fine, 1 answered no, 2 bad usage or input, 3 refused for lack of data, 70 a bug of levelfield.
    """
    gc.set_threshold(100_000)  # a bill makes many small objects and no garbage worth looking for
    try:
        app()
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
