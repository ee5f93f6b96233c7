"""The tables as they are in a folder, as they were known on a date, or as a git revision holds them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from levelfield._errors import TablesError, UserError
from levelfield.tables.model import Tables
from levelfield.tables.read import default_folder, is_table, load_tables, read

_PATH = "tariffs"
_KNOWN = re.compile(r"@\d")


class Revision(NamedTuple):
    """One state of the tables. `files` are their files by path below the folder, without the hourly series.

    `tree` is the git object that holds them, empty for a folder.
    """

    name: str
    tables: Tables
    files: Mapping[str, bytes]
    tree: str = ""


def open_revision(name: str = "", folder: str | Path | None = None, checkout: str | Path = ".") -> Revision:
    """The tables that a name stands for; a name that fits several is taken for the first.

    ""              the folder (default: the shipped tables)
    @2025-03-01     the folder as known on that day
    some/folder     another folder
    REV, REV:path   a git revision of the checkout, its tariffs/ or another path from its root

    Nothing is checked out. Raises UserError for an unknown revision, outside a git repository, or where no tables
    stand; TablesError with all faults of form if they cannot be read.
    """
    if not name:
        return _folder(Path(folder) if folder else default_folder(), None)
    if _KNOWN.match(name):
        from levelfield.period import parse_date

        day = parse_date(name[1:], "as known on", last=True)
        return _folder(Path(folder) if folder else default_folder(), day)._replace(name=name)
    if Path(name).is_dir():
        return _folder(Path(name), None)
    return _git_revision(name, Path(checkout))


def with_series(revision: Revision, scratch: Path, checkout: str | Path = ".") -> Revision:
    """The revision with the hourly prices that it holds written below `scratch`, where load curves find them.

    A folder has them already and is given back as it is.
    """
    if not revision.tree:
        return revision
    target = scratch / revision.tree / "series"
    target.mkdir(parents=True, exist_ok=True)
    names = [item for item in _listed(Path(checkout), revision.tree) if _is_series(item[0])]
    for path, content in _contents(Path(checkout), names):
        (target / Path(path).name).write_bytes(content)
    revision.tables.folder = str(target.parent)
    return revision


def _folder(folder: Path, day: date | None) -> Revision:
    tables = load_tables(folder, day)
    paths = sorted((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if path.is_file())
    files = {name: path.read_bytes() for name, path in paths if _is_table(name)}
    if not files:
        raise UserError(
            f"{folder}: this folder holds no tables; give one that does, or REV:path if a git revision is meant"
        )
    return Revision(str(folder), tables, files)


def _git_revision(name: str, checkout: Path) -> Revision:
    revision, colon, path = name.partition(":")
    path = path.rstrip("/") if colon else _PATH
    if revision.startswith("-") or not revision:
        raise UserError(f"'{name}' is no revision; a branch, tag or commit is wanted, as in main or main:tariffs")
    if _git(checkout, "rev-parse", "--git-dir") is None:
        raise UserError(
            f"'{name}' is no folder, and this is no git repository whose revisions could be read; "
            "give a folder, or run it in a checkout"
        )
    if _git(checkout, "rev-parse", "--verify", "--quiet", f"{revision}^{{tree}}") is None:
        raise UserError(
            f"'{revision}' is neither a folder nor a git revision here; 'git fetch' brings what a checkout lacks"
        )
    tree = (_git(checkout, "rev-parse", "--verify", "--quiet", f"{revision}:{path}") or b"").decode().strip()
    listed = [item for item in _listed(checkout, tree) if _is_table(item[0])] if tree else []
    if not listed:
        raise UserError(
            f"{revision} holds no tables under {path or 'its root'}; name their folder, as in {revision}:data/tariffs"
        )
    contents = list(_contents(checkout, listed))
    try:
        raw = read(contents)
    except TablesError as error:
        raise TablesError([f"{name}: {fault}" for fault in error.faults]) from None
    return Revision(name, Tables({**raw, "folder": f"{revision}:{path}"}), dict(contents), tree)


def _is_table(name: str) -> bool:
    return is_table(name.rpartition("/")[2]) and not _is_series(name)


def _is_series(name: str) -> bool:
    return "series" in name.split("/")[:-1]


def _listed(checkout: Path, tree: str) -> list[tuple[str, str]]:
    """(path, object) of the files of a tree, by path; none if the object is no tree."""
    found = []
    for entry in (_git(checkout, "ls-tree", "-r", "-z", "--full-tree", tree) or b"").split(b"\0"):
        head, _, path = entry.partition(b"\t")
        mode, _, rest = head.partition(b" ")
        if mode.startswith(b"100"):  # neither a symbolic link nor a submodule
            found.append((path.decode("utf-8", "replace"), rest.split()[1].decode()))
    return sorted(found)


def _contents(checkout: Path, listed: Sequence[tuple[str, str]]) -> Iterable[tuple[str, bytes]]:
    asked = "".join(f"{blob}\n" for _, blob in listed).encode()
    answer = _git(checkout, "cat-file", "--batch", stdin=asked) or b""
    at = 0
    for path, blob in listed:
        end = answer.find(b"\n", at)
        head = answer[at:end].split()
        if end < 0 or len(head) != 3:
            raise UserError(f"git does not hold {path} ({blob[:12]}) of the revision; 'git fetch' brings it")
        size = int(head[2])
        yield path, answer[end + 1 : end + 1 + size]
        at = end + size + 2


def _git(checkout: Path, *args: str, stdin: bytes | None = None) -> bytes | None:
    """What git prints, or None if it says no."""
    import subprocess

    command = ["git", "-C", str(checkout), *args]
    try:
        done = subprocess.run(command, input=stdin, capture_output=True, check=False)  # noqa: S603 - no shell
    except OSError as error:
        raise UserError(f"git cannot be run ({error.strerror}); install it, or compare folders") from None
    if b"dubious ownership" in done.stderr:
        raise UserError("git refuses this checkout, which another user owns; 'git config safe.directory' allows it")
    return done.stdout if done.returncode == 0 else None
