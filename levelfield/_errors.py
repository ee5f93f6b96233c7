"""The exceptions of levelfield, each with the exit code the command line gives it.

LevelfieldError
├── UserError            2  a bad option, plant file or load curve: the user can mend it
├── TablesError          2  a fault in the tariff tables
└── MissingData          3  the tables do not hold what the bill needs
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class LevelfieldError(Exception):
    """Base of all that levelfield raises on purpose; `faults` holds one line each, all of them at once."""

    exit_code = 70

    def __init__(self, faults: str | Sequence[str]) -> None:
        self.faults: tuple[str, ...] = (faults,) if isinstance(faults, str) else tuple(faults)
        super().__init__("\n".join(self.faults))


class UserError(LevelfieldError):
    exit_code = 2


class TablesError(LevelfieldError):
    exit_code = 2


class MissingData(LevelfieldError):  # noqa: N818 - it is an answer, not a defect
    exit_code = 3


def did_you_mean(word: str, known: Iterable[str], otherwise: str | None = None) -> str:
    """A hint at the nearest known word, else the known ones (or what `otherwise` says)."""
    import difflib

    words = list(known)
    near = difflib.get_close_matches(word, words, 1)
    if near:
        return f"did you mean {near[0]}?"
    return f"known are {', '.join(words)}" if otherwise is None else otherwise
