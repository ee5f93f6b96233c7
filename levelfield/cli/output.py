"""What commands print: data as one line of JSON, reports as Markdown or for the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from levelfield.report.pages import Page


def print_json(document: Any) -> None:
    import json

    sys.stdout.write(json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n")


def print_markdown(pages: Iterable[Page]) -> None:
    from levelfield.report.pages import as_markdown

    sys.stdout.write(as_markdown(pages))


def print_pages(pages: Iterable[Page]) -> None:
    """For the terminal, as wide as it is."""
    from levelfield.report.pages import as_lines
    from levelfield.report.terminal import print_lines

    made = list(pages)
    print_lines(lambda width: as_lines(made, width))
