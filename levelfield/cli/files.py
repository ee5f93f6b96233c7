"""Files that a command writes: the format by name or suffix, and nothing half-written."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from levelfield._errors import UserError

if TYPE_CHECKING:
    from levelfield.lang import Words
    from levelfield.workbook.grid import Book
    from levelfield.workbook.sheets import Sink


def format_of(output: str, stated: str | None, known: Sequence[str]) -> str:
    """The format that is stated, or else that of the file's suffix. Raises UserError if it is not a known one."""
    kind = stated or Path(output).suffix.removeprefix(".").lower()
    if kind not in known:
        raise UserError(f"-o {output}: '{kind}' is no format that is written; known are {', '.join(known)}")
    return kind


def sink_of(kind: str, path: Path, book: Book, words: Words) -> Sink:
    if kind == "xlsx":
        from levelfield.workbook.xlsx import XlsxSink

        return XlsxSink(path, book, words, words("Neighbour-country test"))
    if kind == "ods":
        from levelfield.workbook.ods import OdsSink

        return OdsSink(path, book)
    from levelfield.workbook.plain import PlainSink

    return PlainSink(path, book)


@contextmanager
def beside(path: Path, *, folder: bool) -> Iterator[Path]:
    """A place beside `path` to write to, which takes its place once all is written; an old file is never half gone."""
    part = path.with_name(f".{path.stem}.part{os.getpid()}{path.suffix}")
    try:
        if not path.parent.is_dir():
            raise UserError(f"{path}: there is no folder {path.parent}; make it first")
        yield part
        if folder:
            path.mkdir(exist_ok=True)
            for file in part.iterdir():
                os.replace(file, path / file.name)
        else:
            os.replace(part, path)
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        if part.is_dir():
            shutil.rmtree(part)
        else:
            part.unlink(missing_ok=True)
