"""The registers beside the tables: infrastructure and permits (readiness), and national additions to EU rules.

They price nothing; `monitor` and `additions` show them, `tariffs check` checks their form.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from levelfield._errors import TablesError, UserError
from levelfield.charges import is_related
from levelfield.tables.fault import Fault
from levelfield.tables.model import GRADES, Tables

KINDS = ("grid", "co2", "hydrogen", "offshore", "permit")
STATES = ("planned", "permitting", "decided", "under construction", "in operation", "paused", "cancelled")
STANDINGS = ("in force", "dormant", "proposed", "withdrawn")
_DATE = re.compile(r"(\d{4})(?:-Q([1-4])|-(\d{2})(?:-\d{2})?)?")
_SPAN = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?")


class Project(NamedTuple):
    """A project, or the lead time of a permit. Dates are as announced: a year, a quarter, a month or a day; lead times
    are ISO durations such as P8Y: what is promised and what it takes."""

    key: str
    project: str
    kind: str
    country: str
    planned: str
    planned_announced_on: str
    planned_source: str
    current: str
    current_announced_on: str
    current_source: str
    status: str
    counterpart_of: str
    locator: str
    evidence: str
    checked_on: str
    note: str

    @property
    def slip(self) -> int | None:
        """Months from the planned date to the current one, by the last month of what was said; None if one is unknown.

        Of a year its December, of a quarter its last month: a plan for 2026 is kept until the year is over.
        """
        planned, current = _months(self.planned), _months(self.current)
        return None if planned is None or current is None else current - planned


class Addition(NamedTuple):
    """A national addition to an EU rule, with a neighbour's counterpart.

    `priced_by` is the charge that prices it, for plants of all sectors or, as in 'de.nehs in 38.21' and 'de.nehs not in
    38.21', of some.
    """

    key: str
    country: str
    addition: str
    eu_rule: str
    law: str
    since: str
    until: str
    status: str
    counterpart_country: str
    counterpart: str
    priced_by: str
    locator: str
    source: str
    counterpart_source: str
    evidence: str
    checked_on: str
    note: str

    @property
    def charge(self) -> str:
        return self.priced_by.partition(" ")[0]

    def concerns(self, sector: str) -> bool:
        """Whether the charge prices the addition for plants of a sector."""
        match self.priced_by.split()[1:]:
            case ["in", wanted]:
                return sector == wanted
            case ["not", "in", wanted]:
                return sector != wanted
        return bool(self.priced_by)


class Registers(NamedTuple):
    projects: tuple[Project, ...]
    additions: tuple[Addition, ...]
    sources: dict[str, str]  # key: title, publisher and link


def read_registers(folder: str | Path) -> Registers:
    """The registers of a folder of tables, empty where a file is not there. Raises TablesError with all faults."""
    faults: list[Fault] = []
    registers = _read(Path(folder), faults)
    if faults:
        raise TablesError([str(fault) for fault in faults])
    return registers


def faults(tables: Tables) -> list[Fault]:
    """What is wrong with the registers beside the tables: form, keys, dates, grades, sources."""
    found: list[Fault] = []
    registers = _read(Path(tables.folder), found)
    charges = {
        block["id"]
        for place in tables.jurisdictions.values()
        for folder in ("eu", place.folder)
        for block in tables.law(folder).charges
    }
    known = {project.key for project in registers.projects}
    for number, project in enumerate(registers.projects, 2):
        place = ("readiness.csv", number, "register")
        if project.kind not in KINDS:
            found.append(Fault(*place, f"kind is '{project.kind}'; one of {', '.join(KINDS)} is wanted"))
        if project.status not in STATES:
            found.append(Fault(*place, f"status is '{project.status}'; one of {', '.join(STATES)} is wanted"))
        if project.counterpart_of and project.counterpart_of not in known:
            found.append(Fault(*place, f"counterpart_of names '{project.counterpart_of}', which is no row"))
        for column in ("planned", "current"):
            text = getattr(project, column)
            if text and _months(text) is None:
                message = f"{column} is '{text}'; 2030, 2030-Q4, 2030-06 or a duration such as P8Y is wanted"
                found.append(Fault(*place, message))
            if text and not getattr(project, f"{column}_source"):
                found.append(Fault(*place, f"{column} {text} has no source"))
        found += _common(place, project, (project.planned_source, project.current_source), registers)
    for number, addition in enumerate(registers.additions, 2):
        place = ("additions.csv", number, "register")
        if addition.status not in STANDINGS:
            found.append(Fault(*place, f"status is '{addition.status}'; one of {', '.join(STANDINGS)} is wanted"))
        if addition.charge and not any(is_related(addition.charge, charge) for charge in charges):
            found.append(Fault(*place, f"priced_by names '{addition.charge}', which is no charge of the law"))
        found += _common(place, addition, (addition.source, addition.counterpart_source), registers)
    return found


def _common(
    place: tuple[str, int, str], row: Project | Addition, sources: Sequence[str], registers: Registers
) -> Iterator[Fault]:
    if row.evidence not in GRADES:
        yield Fault(*place, f"evidence is '{row.evidence}'; one of {', '.join(GRADES)} is wanted")
    if not any(sources):
        yield Fault(*place, f"{row.key} has no source: only sourced rows belong here")
    for key in sources:
        if key and key not in registers.sources:
            yield Fault(*place, f"source '{key}' is not in registers_sources.csv")


def _read(folder: Path, found: list[Fault]) -> Registers:
    projects = [Project(*cells) for cells in _rows(folder, "readiness.csv", Project._fields, found)]
    additions = [Addition(*cells) for cells in _rows(folder, "additions.csv", Addition._fields, found)]
    header = "key,title,publisher,act,url,language,published,accessed,licence".split(",")
    sources = {
        cells[0]: ", ".join(text for text in (cells[1], cells[2], cells[6], cells[4]) if text)
        for cells in _rows(folder, "registers_sources.csv", header, found)
    }
    return Registers(tuple(projects), tuple(additions), sources)


def _rows(folder: Path, name: str, header: Sequence[str], found: list[Fault]) -> Iterator[list[str]]:
    path = folder / name
    if not path.is_file():
        return
    try:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        found.append(Fault(name, 0, "register", f"cannot be read as a UTF-8 CSV file: {error}"))
        return
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    if not rows or rows[0] != list(header):
        found.append(Fault(name, 1, "register", f"the header must be {','.join(header)}"))
        return
    seen: set[str] = set()
    for number, cells in enumerate(rows[1:], 2):
        if len(cells) != len(header):
            found.append(Fault(name, number, "register", f"{len(cells)} cells where {len(header)} are wanted"))
        elif cells[0] in seen:
            found.append(Fault(name, number, "register", f"the key '{cells[0]}' stands here twice"))
        else:
            seen.add(cells[0])
            yield cells


def _months(text: str) -> int | None:
    """A date as its last month, counted; a duration as months."""
    date = _DATE.fullmatch(text)
    if date:
        month = 3 * int(date[2]) if date[2] else int(date[3]) if date[3] else 12
        return 12 * int(date[1]) + month if 1 <= month <= 12 else None
    span = _SPAN.fullmatch(text) if len(text) > 1 else None
    if span:
        years, months, days = (int(part or 0) for part in span.groups())
        return 12 * years + months + round(days / 30)
    return None
