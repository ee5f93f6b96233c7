"""A fault of the tables: where it stands, which rule it breaks, and how to mend it."""

from __future__ import annotations

import re
from typing import NamedTuple

ERROR, WARNING = "error", "warning"
_ANSWER = re.compile(r"(?:^|\W)ok:\s*(\S.*)", re.DOTALL)


class Fault(NamedTuple):
    """`line` is 0 where a fault is of a whole file; `answered` is the reason that a note gives for a warning."""

    file: str
    line: int
    rule: str  # such as time.overlap
    message: str
    severity: str = ERROR
    answered: str = ""

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file

    def __str__(self) -> str:
        mark = "" if self.severity == ERROR else f"{self.severity}: "
        return f"{self.place}: {mark}{self.message}"


def fault_at(place: str, rule: str, message: str, severity: str = ERROR, answered: str = "") -> Fault:
    """A fault at a place such as nl/grid.csv:12."""
    file, _, line = place.rpartition(":")
    if not line.isdigit():
        file, line = place, "0"
    return Fault(file, int(line), rule, message, severity, answered)


def answer(note: str) -> str:
    """The reason that a note gives for a warning, which is what follows `ok:`; empty if it gives none."""
    match = _ANSWER.search(note)
    return match[1].strip() if match else ""
