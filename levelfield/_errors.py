"""The exceptions of levelfield, each with the exit code the command line gives it.

LevelfieldError
├── UserError            2  a bad option, plant file or load curve: the user can mend it
├── TablesError          2  a fault in the tariff tables
└── MissingData          3  the tables do not hold what the bill needs
"""

from __future__ import annotations

from collections.abc import Sequence


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
