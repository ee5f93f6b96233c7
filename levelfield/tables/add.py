"""New rows in the tables: into the right file, in its order, with no other byte of it touched, and only if the tables
still pass their check."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from levelfield._errors import TablesError, UserError, did_you_mean
from levelfield.calendars import day_before
from levelfield.tables.model import Tables
from levelfield.tables.read import HEADER, load_tables

if TYPE_CHECKING:
    from levelfield.tables.check import Fault

_LINE = re.compile(r"(\.(?:csv|toml)):\d+")
_PLACE = re.compile(r"[\w./-]+\.csv:\d+")
_OTHERS = ("sources.csv", "publishers.csv", "nace.csv")  # tables with a header of their own
_Key = tuple[str, str, str]


class NewRow(NamedTuple):
    """A row as it is given: texts by column, without those left out. `label` says in messages which one it is."""

    cells: Mapping[str, str]
    label: str


class Edit(NamedTuple):
    """What a file holds and what it shall hold; `before` is None for a file that is not there yet."""

    path: Path
    before: bytes | None
    after: bytes


class Plan(NamedTuple):
    edits: tuple[Edit, ...]
    added: tuple[str, ...]  # the new rows as they will stand, each led by file:line
    remarks: tuple[str, ...]  # what the user should know, one line each


class _Record(NamedTuple):
    """A row of a file: its very characters with the line end, and its cells by column, without blanks around them.

    The cells are empty for the header and for an empty line. `label` is what messages call it: file:line of what is
    there already, the label of a new row.
    """

    raw: str
    cells: Mapping[str, str]
    label: str
    new: bool = False

    @property
    def key(self) -> _Key:
        """By what the rows of a file are sorted."""
        return self.cells["rate"], self.cells["valid_from"], self.cells["published"]


def plan(
    folder: Path, rows: Sequence[NewRow], day: date, file: str = "", *, close: bool = False, warnings: bool = False
) -> Plan:
    """What to write so that the tables of a folder hold the rows too; nothing is written.

    A row goes into the file that holds the rate already; `file` says where a new rate goes, as 'nl/grid.csv'. A row
    with the start of one that is there is a correction and must be published later. What a row leaves out: `unit` is
    that of the rate, the `valid_to` of a correction that of the row it corrects, `checked_on` is `day`. `close` ends an
    open-ended row before the new one on the eve of its start.

    Raises UserError with all faults of all rows, also those that the changed tables would have on reading or in their
    check and do not have now; `warnings` lets new warnings of the check pass as remarks.
    """
    tables = load_tables(folder)
    held = {rate: sorted({_file_of(row.place) for row in tables.rows(rate)}) for rate in tables.rate_ids}
    files: dict[str, list[_Record]] = {}
    faults: list[str] = []
    remarks: list[str] = []
    for row in rows:
        try:
            name = _target(folder, row.cells.get("rate", ""), held, file)
            if name not in files:
                files[name] = _records(folder, name)
            files[name] = _with_row(name, files[name], row, day, close, remarks)
            held.setdefault(row.cells["rate"], [name])
        except UserError as error:
            faults += [f"{row.label}: {fault}" for fault in error.faults]
    edits = [_edit(folder / name, records) for name, records in files.items()]
    found, passed = _trial(folder, tables, edits, dict(_placed(files)), warnings)
    if faults or found:
        raise UserError([*faults, *found, "nothing was written"])
    added = [f"{place}: {record.raw.rstrip()}" for place, record in _placed(files) if record.new]
    return Plan(tuple(edits), tuple(added), (*remarks, *passed))


def write(edits: Sequence[Edit]) -> None:
    """Put the files in the place of the old ones, each whole or not at all.

    Raises UserError if a file has changed since the plan was made, or cannot be written.
    """
    parts: list[tuple[Path, Path]] = []
    path = Path()
    try:
        for edit in edits:
            path = edit.path.resolve()  # a link stays a link
            if (path.read_bytes() if path.exists() else None) != edit.before:
                raise UserError(f"{path}: someone else has changed the file meanwhile; nothing was written, try again")
            part = path.with_name(f".{path.name}.part{os.getpid()}")  # no suffix by which it would be read as a table
            parts.append((part, path))
            part.write_bytes(edit.after)
            if edit.before is not None:
                shutil.copymode(path, part)
        for part, path in parts:
            part.replace(path)
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        for part, _ in parts:
            part.unlink(missing_ok=True)


def parse_rows(text: str) -> list[NewRow]:
    """The rows of a CSV text with the header of the tables, or part of it; rate and valid_from may not be left out.

    Raises UserError with all faults of form.
    """
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    rows: list[NewRow] = []
    faults: list[str] = []
    header: list[str] | None = None
    try:
        for cells in reader:
            place = f"standard input:{reader.line_num}"
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = [cell.strip() for cell in cells]
                faults += _header_faults(place, header)
            elif len(cells) != len(header):
                faults.append(f"{place}: {len(cells)} cells where {len(header)} are wanted")
            else:
                rows.append(NewRow(dict(zip(header, map(_folded, cells), strict=True)), place))
    except csv.Error as error:
        faults.append(f"standard input:{reader.line_num}: {error}; is a quotation mark missing?")
    if not rows and not faults:
        faults.append(f"standard input holds no row; a CSV with the header {','.join(HEADER)} is wanted")
    if faults:
        raise UserError(faults)
    return rows


def _header_faults(place: str, header: list[str]) -> Iterator[str]:
    for column in ("rate", "valid_from"):
        if column not in header:
            yield f"{place}: the column {column} is missing"
    for column, times in Counter(header).items():
        if column not in HEADER:
            yield f"{place}: '{column}' is no column of the tables; {did_you_mean(column, HEADER)}"
        elif times > 1:
            yield f"{place}: the column {column} stands here twice"


def _folded(text: str) -> str:
    return " ".join(text.split())


# The right file and place ---------------------------------------------------------------------------------------------


def _target(folder: Path, rate: str, held: Mapping[str, list[str]], file: str) -> str:
    """The file that is to hold a row of the rate, as the tables name it: 'nl/grid.csv'. Raises UserError."""
    if not rate:
        raise UserError("the rate has no name")
    stated = _stated(folder, file) if file else ""
    holds = held.get(rate, [])
    if not holds:
        if not stated:
            raise UserError(
                f"no file holds '{rate}' yet; {did_you_mean(rate, held, 'is the name right?')} For a new rate say with "
                "--file where it goes, as in --file nl/grid.csv"
            )
        return stated
    if stated and stated not in holds:
        raise UserError(f"{rate} stands in {', '.join(holds)}, not in {stated}; leave --file out")
    if len(holds) > 1 and not stated:
        raise UserError(f"{rate} stands in {' and '.join(holds)}; say with --file which one")
    return stated or holds[0]


def _stated(folder: Path, file: str) -> str:
    """A file that is named from the folder of tables or from here, as a name below the folder. Raises UserError."""
    root = folder.resolve()
    candidates = ((root / file).resolve(), Path(file).resolve())
    path = next((path for path in candidates if path.is_relative_to(root) and path.parent.is_dir()), candidates[0])
    if not path.is_relative_to(root):
        raise UserError(f"--file {file}: that is not below the folder of tables, {folder}")
    if not path.parent.is_dir():
        raise UserError(f"--file {file}: there is no folder {path.parent}; make it first")
    name = path.relative_to(root).as_posix()
    if not name.endswith(".csv") or path.name in _OTHERS or name.startswith("series/") or not _may_hold_rates(path):
        raise UserError(f"--file {file}: that is no table of rates; name a .csv file, as in --file nl/grid.csv")
    return name


def _may_hold_rates(path: Path) -> bool:
    """Whether the file has the header of rates, or is not there yet."""
    if not path.exists():
        return True
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return next(csv.reader(lines), []) == list(HEADER)


def _file_of(place: str) -> str:
    return place.rpartition(":")[0]


def _records(folder: Path, name: str) -> list[_Record]:
    """The rows of a file, header first; together their characters are those of the file."""
    path = folder / name
    text = path.read_bytes().decode() if path.exists() else f"{','.join(HEADER)}\n"
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(iter(lines), strict=True)
    records: list[_Record] = []
    done = 0
    for cells in reader:
        raw = "".join(lines[done : reader.line_num])
        filled = len(records) > 0 and any(cells)
        records.append(_Record(raw, _by_column(cells) if filled else {}, f"{name}:{done + 1}"))
        done = reader.line_num
    return records


def _by_column(cells: Sequence[str]) -> dict[str, str]:
    return dict(zip(HEADER, (cell.strip() for cell in cells), strict=True))


def _with_row(
    name: str, records: list[_Record], row: NewRow, day: date, close: bool, remarks: list[str]
) -> list[_Record]:
    """The records of a file with one more. Raises UserError if the row corrects nothing that it could correct."""
    cells = {**dict.fromkeys(HEADER, ""), **row.cells}
    cells["checked_on"] = cells["checked_on"] or day.isoformat()
    rate, start = cells["rate"], cells["valid_from"]
    mine = sorted((record for record in records if record.cells.get("rate") == rate), key=lambda record: record.key)
    if "unit" not in row.cells:
        if not mine:
            raise UserError(f"{rate} is a new rate: its unit is wanted, as in EUR/MWh")
        cells["unit"] = mine[-1].cells["unit"]
    same = [record for record in mine if record.cells["valid_from"] == start]
    before = [record for record in mine if record.cells["valid_from"] < start]
    if same:
        _correct(name, same[-1], row, cells, remarks)
    elif before and not before[-1].cells["valid_to"]:
        records = _open_ended(records, before[-1], row.label, start, close, remarks)
    elif close:
        remarks.append(f"{row.label}: no open-ended row of {rate} stands before it; --close had nothing to end")
    return _inserted(records, cells, row.label)


def _correct(name: str, old: _Record, row: NewRow, cells: dict[str, str], remarks: list[str]) -> None:
    """Make the cells those of a correction of the row."""
    rate, start, published = old.key
    if cells["published"] <= published:
        said = f", published {published}," if published else ""
        raise UserError(
            f"{rate} from {start}{said} stands in {name} already; a correction is published later, say so with "
            "--published"
        )
    if "valid_to" not in row.cells:
        cells["valid_to"] = old.cells["valid_to"]
        if cells["valid_to"]:
            remarks.append(f"{row.label}: ends on {cells['valid_to']}, as the row that it corrects does")


def _open_ended(
    records: list[_Record], old: _Record, label: str, start: str, close: bool, remarks: list[str]
) -> list[_Record]:
    """What becomes of an open-ended row before the new one: it ends on the eve if asked for, else it is spoken of."""
    try:
        eve = day_before(start)
    except ValueError:
        return records  # that is no day: told when the tables are read
    said = f"{label}: the row before it, from {old.cells['valid_from']}"
    if not close:
        remarks.append(f"{said}, is open-ended and gives way on {start}; --close ends it on {eve}")
        return records
    remarks.append(f"{said}, now ends on {eve}")
    index = next(index for index, record in enumerate(records) if record is old)
    closed = old._replace(raw=_ending(old.raw, eve), cells={**old.cells, "valid_to": eve})
    return [*records[:index], closed, *records[index + 1 :]]


def _ending(raw: str, valid_to: str) -> str:
    """The characters of a row with another valid_to, all others as they are; no comma stands in a rate or a date."""
    rate, start, _, rest = raw.split(",", 3)
    return ",".join((rate, start, valid_to, rest))


def _inserted(records: list[_Record], cells: Mapping[str, str], label: str) -> list[_Record]:
    """With a new row in the order of the file and its line ends; a last line without an end stays without."""
    ordered = {column: cells[column] for column in HEADER}
    position = _position(records, (cells["rate"], cells["valid_from"], cells["published"]))
    above = records[position - 1]
    end = _line_end(above.raw) or _line_end(records[0].raw) or "\n"
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(ordered.values())
    raw = out.getvalue() + end
    if not _line_end(above.raw):
        above, raw = above._replace(raw=above.raw + end), out.getvalue()
    return [*records[: position - 1], above, _Record(raw, ordered, label, new=True), *records[position:]]


def _line_end(raw: str) -> str:
    return raw[len(raw.rstrip("\r\n")) :]


def _position(records: list[_Record], key: _Key) -> int:
    """Before which record the key goes: in a sorted file by its order, else among the rows of its rate, else last."""
    filled = [index for index, record in enumerate(records) if record.cells]
    keys = [records[index].key for index in filled]
    mine = [index for index in filled if records[index].key[0] == key[0]]
    among = filled if keys == sorted(keys) else mine
    earlier = [index for index in among if records[index].key <= key]
    if earlier:
        return earlier[-1] + 1
    if among:
        return among[0]
    return filled[-1] + 1 if filled else 1


def _edit(path: Path, records: Sequence[_Record]) -> Edit:
    before = path.read_bytes() if path.exists() else None
    return Edit(path, before, "".join(record.raw for record in records).encode())


def _placed(files: Mapping[str, list[_Record]]) -> Iterator[tuple[str, _Record]]:
    """Each record with the file:line on which it will start."""
    for name, records in files.items():
        line = 1
        for record in records:
            yield f"{name}:{line}", record
            line += sum(1 for _ in io.StringIO(record.raw, newline=""))


# The trial ------------------------------------------------------------------------------------------------------------


def _trial(
    folder: Path, tables: Tables, edits: Sequence[Edit], records: Mapping[str, _Record], warnings: bool
) -> tuple[list[str], list[str]]:
    """What a copy of the folder with the edits has in faults that the tables have not, and the warnings let pass.

    `records` are those of the changed files by the place that they have in the copy.
    """
    from levelfield.tables.check import check

    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary) / "tariffs"
        shutil.copytree(folder, copy)
        for edit in edits:
            (copy / edit.path.relative_to(folder)).write_bytes(edit.after)
        try:
            with _cache_in(temporary):
                changed = load_tables(copy)
        except TablesError as error:
            return [_labelled(fault, records) for fault in error.faults], []
        after = check(changed)
        found = _more(check(tables), after, records) if after else []
    # A warning that the note of the row answers asks for nothing more.
    stops = [fault for fault in found if fault.severity == "error" or not (warnings or fault.answered)]
    passed = [fault for fault in found if fault not in stops and not fault.answered]
    told = [_labelled(str(fault), records) for fault in stops]
    if stops and all(fault.severity != "error" for fault in stops):
        told.append("if it is right, say why in the note after 'ok:', or write it with --despite-warnings")
    return told, [_labelled(str(fault), records) for fault in passed]


@contextmanager
def _cache_in(folder: str) -> Iterator[None]:
    """Keep the tables of a trial apart: in the user's cache each trial would leave a file that nothing reads again."""
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = folder
    try:
        yield
    finally:
        if before is None:
            del os.environ["XDG_CACHE_HOME"]
        else:
            os.environ["XDG_CACHE_HOME"] = before


def _more(before: Sequence[Fault], after: Sequence[Fault], records: Mapping[str, _Record]) -> list[Fault]:
    """The faults that are new, whatever their lines; of several that read alike, first those of the new rows."""

    def apart_from_lines(fault: Fault) -> tuple[str, str]:
        return _LINE.sub(r"\1", fault.place), _LINE.sub(r"\1", fault.message)

    known = Counter(map(apart_from_lines, before))
    found: list[Fault] = []
    new = {place for place, record in records.items() if record.new}
    for fault in sorted(after, key=lambda fault: fault.place in new):  # those of old rows use up what is known
        same = apart_from_lines(fault)
        if known[same]:
            known[same] -= 1
        else:
            found.append(fault)
    return found


def _labelled(fault: str, records: Mapping[str, _Record]) -> str:
    """A fault with the rows called by their labels: the lines of the copy are nowhere to be seen."""
    return _PLACE.sub(lambda match: records[match[0]].label if match[0] in records else match[0], fault)
