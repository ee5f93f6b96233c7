"""`levelfield tariffs check`: whether the tables are sound."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from levelfield._errors import UserError
from levelfield.cli.options import TariffsOption

if TYPE_CHECKING:
    from levelfield.tables.fault import Fault


class Format(StrEnum):
    text = "text"
    json = "json"
    github = "github"
    gitlab = "gitlab"
    junit = "junit"
    sarif = "sarif"


def check(
    paths: Annotated[
        Optional[list[Path]],  # noqa: UP045
        typer.Argument(
            metavar="[PATH]...",
            help="Report only on these files or folders of the tables; all are read. Or another folder of tables.",
            show_default=False,
        ),
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="The form of the report.")] = Format.text,
    overlay: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--overlay",
            metavar="DIR",
            help="Read these files in place of those of the same name, or beside them.",
            show_default=False,
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Open warnings fail the check too.")] = False,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield tariffs check
    levelfield tariffs check tariffs/nl/grid.csv --format github

    Whether the tables are sound: form, time, units, references and evidence.

    A warning is answered by 'ok:' and a reason in the note of the row. Exit code 1 if there are errors (with --strict:
    or open warnings).
    """
    from levelfield.tables import registers
    from levelfield.tables.check import check as check_tables
    from levelfield.tables.check.formats import FORMATS, counts, summary
    from levelfield.tables.read import default_folder, load_with_faults

    own = [path for path in paths or [] if not (overlay and _is_in(path, Path(overlay)))]
    root = folder_of(own, Path(tariffs) if tariffs else default_folder(), stated=bool(tariffs))
    form: list[Fault] = []
    tables = load_with_faults(root, form, overlay)
    faults = within([*check_tables(tables, form), *registers.faults(tables)], paths or [], root, overlay)
    sys.stdout.write(FORMATS[format_.value](faults, _shown_from(root, overlay)))
    sys.stderr.write(f"{summary(faults)}\n")
    errors, warnings, _ = counts(faults)
    if errors or (strict and warnings):
        raise typer.Exit(1)


def folder_of(paths: Sequence[Path], usual: Path, stated: bool) -> Path:
    """The folder of tables in which the paths stand: the usual one, or another that holds folders of countries.

    Raises UserError for a path that does not exist or stands in no folder of tables.
    """
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise UserError([f"{path}: there is no such file or folder" for path in missing])
    outside = [path for path in paths if not _is_in(path, usual)]
    if not outside:
        return usual
    found: dict[Path, Path] = {}
    for path in outside:
        above = next((folder for folder in (path, *path.absolute().parents) if is_tables(folder)), None)
        if above is None or stated:
            raise UserError(
                f"{path}: stands in no folder of tables (one with a folder for each country) and not in {usual}; "
                "give a file or folder of the tables, or --tariffs"
            )
        found[above.resolve()] = above
    if len(found) > 1 or len(outside) < len(paths):
        folders = [*found.values(), *([usual] if len(outside) < len(paths) else [])]
        shown = " and ".join(str(folder) for folder in folders)
        raise UserError(f"the paths stand in several folders of tables ({shown}); check one at a time")
    return next(iter(found.values()))


def is_tables(folder: Path) -> bool:
    """Whether a folder holds folders of countries, each with its jurisdictions.toml."""
    return folder.is_dir() and any(folder.glob("*/jurisdictions.toml"))


def within(faults: Sequence[Fault], paths: Sequence[Path], root: Path, overlay: str | None) -> list[Fault]:
    """The faults of the files that the paths name or hold; all of them where there are no paths."""
    if not paths:
        return list(faults)
    wanted = [path.resolve() for path in paths]

    def holds(file: str) -> bool:
        place = _place(file, root, overlay).resolve()
        return any(place == path or path in place.parents for path in wanted)

    keep = {file: holds(file) for file in {fault.file for fault in faults}}
    return [fault for fault in faults if keep[fault.file]]


def _is_in(path: Path, folder: Path) -> bool:
    inner, outer = path.resolve(), folder.resolve()
    return inner == outer or outer in inner.parents


def _place(file: str, root: Path, overlay: str | None) -> Path:
    laid = Path(overlay, file) if overlay else None
    return laid if laid and laid.exists() else root / file


def _shown_from(root: Path, overlay: str | None) -> Callable[[str], str]:
    """A table's path from the current folder, where it stands below it."""
    here = os.getcwd()

    def shown(file: str) -> str:
        path = os.path.abspath(_place(file, root, overlay))
        inside = path.startswith(here.rstrip(os.sep) + os.sep)
        return (os.path.relpath(path, here) if inside else path).replace(os.sep, "/")

    return shown
