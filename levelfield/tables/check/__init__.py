"""What is consistent in form but wrong in content: the check that tables pass before a bill is made from them.

Faults name file and line, the rule, what was found, and the remedy. Errors stop a merge; warnings ask for a look, and
are answered by `ok:` and a reason in the note of the row (`ok = "reason"` in a block of the law).
"""

from __future__ import annotations

from collections.abc import Sequence

from levelfield.tables.fault import ERROR, Fault
from levelfield.tables.model import Tables

__all__ = ["Fault", "check"]


def check(tables: Tables, form: Sequence[Fault] = ()) -> list[Fault]:
    """All faults of the tables, errors first, then by file and line.

    Without errors, every bill that the tables can make is well formed.

    `form` are the faults of form that reading found. Where a file could not be read whole, nothing is said of what
    seems to be missing: it may stand in that file.
    """
    from levelfield.tables.check import bounds, evidence, law, plausibility, references, rows, sums
    from levelfield.tables.check.rules import OF_ABSENCE

    lost = any(fault.severity == ERROR and fault.rule not in OF_ABSENCE for fault in form)
    found: list[Fault] = list(rows.faults(tables))
    reading = [law.Reading(tables, place) for place in tables.jurisdictions.values()]
    for read in reading:
        found += read.faults
    found += references.faults(tables, reading)
    for more in (evidence.faults, plausibility.faults, bounds.faults, sums.faults):
        found += more(tables)
    kept = (fault for fault in [*form, *found] if not (lost and fault.rule in OF_ABSENCE))
    return sorted(dict.fromkeys(kept), key=lambda fault: (fault.severity != ERROR, fault.file, fault.line, fault.rule))
