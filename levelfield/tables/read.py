"""Reading the tables: a folder of CSV and TOML into one plain structure, kept in a cache until a file changes.

Numbers stand in CSV files (one row a sourced value), law in TOML files beside them. All faults of form are reported at
once, each with file and line. What is consistent in form but wrong in content is the business of `check`.

Files are UTF-8 of at most 10 MB. Lines may end as on Windows (CRLF), which git may make of them; a byte order mark is
read over with a warning, since the next tool may take it for a part of the first column's name.
"""

from __future__ import annotations

import marshal
import math
import os
import re
import sys
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, time
from pathlib import Path
from typing import Any

from levelfield import units
from levelfield._errors import TablesError, UserError
from levelfield.expression import ExpressionError
from levelfield.formula import Form
from levelfield.formula import read as read_formula
from levelfield.tables.fault import ERROR, WARNING, Fault
from levelfield.tables.model import GRADES, Row, Tables

HEADER = tuple(
    "rate,valid_from,valid_to,value,low,high,unit,published,source,locator,evidence,checked_on,note".split(",")
)
SOURCE_HEADER = tuple("key,title,publisher,act,url,language,published,accessed,licence".split(","))
REGISTERS = ("readiness.csv", "additions.csv", "registers_sources.csv", "state_aid.toml")
"""Files beside the tables that hold neither rates nor law of a bill; `registers` and `toets` read them."""
PUBLISHER_HEADER = ("publisher", "kind", "country")
_FORMAT = 9  # of the cache
_LARGEST = 10_000_000  # bytes of a file
_DEEPEST = 60  # levels of tables in TOML, or of operators in a formula
_RATE = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
_COMMON_RATES = ("eu", "market")  # first parts of the names of rates of the folder eu
_Stamps = list[tuple[str, str, int, int]]
_LAW_KEYS = {
    "charge": "charges",
    "quantity": "quantities",
    "choice": "choices",
    "calendar": "calendars",
    "peak": "peaks",
    "bound": "bounds",
    "printed_sum": "printed_sums",
}
_HEADERS = {
    "sources.csv": SOURCE_HEADER,
    "publishers.csv": PUBLISHER_HEADER,
    "nace.csv": ("code", "name"),
}
_KEYS = {"sources": "key", "publishers": "name", "nace": "code"}
_NUMBERS = slice(3, 6)  # value, low, high


def default_folder() -> Path:
    """Where the tables stand: LEVELFIELD_TARIFFS, or the folder shipped with the package."""
    stated = os.environ.get("LEVELFIELD_TARIFFS")
    if stated:
        return Path(stated)
    package = Path(__file__).resolve().parents[1]
    shipped = package / "tariffs"
    return shipped if shipped.is_dir() else package.parent / "tariffs"


def load_tables(
    folder: str | Path | None = None, as_known_on: date | None = None, overlay: str | Path | None = None
) -> Tables:
    """The tariff tables of a folder, as they were known on a date (default: all that is known).

    `overlay` is a second folder, laid over the first. Raises UserError if there is no such folder and TablesError with
    all faults of form if it cannot be read.
    """
    faults: list[Fault] = []
    tables = load_with_faults(folder, faults, overlay, as_known_on)
    _refuse(faults)
    return tables


def load_with_faults(
    folder: str | Path | None,
    faults: list[Fault],
    overlay: str | Path | None = None,
    as_known_on: date | None = None,
) -> Tables:
    """What can be read of the tables of a folder; the faults of form are added to `faults`.

    A file of the folder `overlay` takes the place of the file of the same name, or stands beside the others: then its
    rows are all that holds of their rates on their days. Raises UserError if there is no such folder.
    """
    root = Path(folder) if folder else default_folder()
    stamps = _laid_over(root, overlay)
    laid = {name for name, path, _, _ in stamps if overlay and Path(overlay) in Path(path).parents}
    raw = _from_cache(stamps)
    if raw is None:
        raw = read(_contents(stamps, faults), faults, laid)
        if all(fault.severity != ERROR for fault in faults):
            _to_cache(stamps, raw)
    else:
        faults += [Fault(*told) for told in raw["told"]]
    return Tables({**raw, "folder": str(root)}, as_known_on)


def _laid_over(root: Path, overlay: str | Path | None) -> _Stamps:
    stamps: dict[str, tuple[str, str, int, int]] = {}
    for folder in (root, Path(overlay)) if overlay else (root,):
        if not folder.is_dir():
            given = "--overlay" if folder is not root else "--tariffs or LEVELFIELD_TARIFFS"
            raise UserError(f"{folder}: there is no folder of tariff tables here; give one with {given}")
        try:
            stamps.update((stamp[0], stamp) for stamp in _stamps(str(folder), ""))
        except OSError as error:
            raise UserError(f"{error.filename or folder}: cannot be read: {error.strerror}") from None
    return [stamps[name] for name in sorted(stamps)]


def is_table(name: str) -> bool:
    """Whether a file, by its name without folders, holds rates or law."""
    return name.endswith((".csv", ".toml")) and name not in REGISTERS


def _stamps(folder: str, within: str) -> Iterator[tuple[str, str, int, int]]:
    """Name, path, size and time of each table below a folder; the hourly series are no tables."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "series":
                    yield from _stamps(entry.path, f"{within}{entry.name}/")
            elif is_table(entry.name):
                stat = entry.stat()
                yield f"{within}{entry.name}", entry.path, stat.st_size, stat.st_mtime_ns


def _contents(stamps: _Stamps, faults: list[Fault]) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each file; one that is too large is not opened."""
    for name, path, size, _ in stamps:
        if size > _LARGEST:
            faults.append(_too_large(name, size))
            continue
        try:
            yield name, Path(path).read_bytes()
        except OSError as error:
            faults.append(Fault(name, 0, "form.unreadable", f"cannot be read: {error.strerror}"))


def _too_large(name: str, size: int) -> Fault:
    return Fault(name, 0, "form.size", f"{size / 1e6:,.0f} MB; a table has at most {_LARGEST / 1e6:.0f} MB: split it")


def _refuse(faults: Sequence[Fault]) -> None:
    """Raises TablesError with the errors among the faults, if there are any."""
    errors = [str(fault) for fault in faults if fault.severity == ERROR]
    if errors:
        raise TablesError(errors)


def _cache_file(stamps: _Stamps) -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    version = f"{sys.implementation.cache_tag}-{_FORMAT}"
    return Path(base) / "levelfield" / f"tables-{zlib.crc32(repr(stamps).encode()):08x}-{version}.bin"


def _from_cache(stamps: _Stamps) -> dict[str, Any] | None:
    """What was read of files with just these names, sizes and times; None if nothing is kept of them."""
    try:
        kept, raw = marshal.loads(_cache_file(stamps).read_bytes())  # noqa: S302 - our own file; marshal holds data only
    except (OSError, ValueError, EOFError, TypeError):
        return None
    return raw if kept == stamps and isinstance(raw, dict) else None


def _to_cache(stamps: _Stamps, raw: dict[str, Any]) -> None:
    """Keep the structure; a cache that cannot be written only costs time."""
    target = _cache_file(stamps)
    beside = target.with_suffix(f".{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(marshal.dumps((stamps, raw)))
        beside.replace(target)
        for old in target.parent.glob("tables-*.bin"):
            if old.stat().st_mtime < target.stat().st_mtime - 30 * 86400:
                old.unlink(missing_ok=True)
    except OSError:
        beside.unlink(missing_ok=True) if beside.exists() else None


def read(
    contents: Iterable[tuple[str, bytes]], faults: list[Fault] | None = None, laid: Collection[str] = ()
) -> dict[str, Any]:
    """The plain structure of the tables' files, with their hash; the rows of the files `laid` go before others.

    The faults of form are added to `faults` where it is given, and what could be read is returned; without it a
    TablesError with all of them is raised.
    """
    import hashlib

    found: list[Fault] = []
    digest = hashlib.sha256()
    raw: dict[str, Any] = {
        "hash": "",
        "rates": {},
        "sources": {},
        "publishers": {},
        "law": {},
        "lists": {},
        "coverage": [],
        "jurisdictions": [],
        "nace": {},
        "homes": {},  # where each jurisdiction stands
    }
    for name, content in contents:
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
        text = _text(name, content, found)
        if text is not None:
            (_read_toml if name.endswith(".toml") else _read_csv)(name, text, raw, found)
    raw["hash"] = digest.hexdigest()
    if all(fault.severity != ERROR for fault in found):
        found += _unknown_markets(raw)
    if laid:
        _lay_over(raw["rates"], laid)
    _expand_lists(raw)
    raw["forms"] = dict(_forms(raw["law"], found))
    # Each rate by itself, so that a bill unpacks only those it uses.
    raw["units"] = {rate: rows[0][6] for rate, rows in raw["rates"].items()}
    raw["rates"] = {
        rate: marshal.dumps(sorted(rows, key=lambda row: (row[1], row[8]))) for rate, rows in raw["rates"].items()
    }
    raw["told"] = [tuple(fault) for fault in found]
    if faults is None:
        _refuse(found)
    else:
        faults += found
    return raw


def _text(name: str, content: bytes, faults: list[Fault]) -> str | None:
    """The text of a file; None, with a fault, if it cannot be taken for a table at all."""
    from levelfield.tables.check import form

    if len(content) > _LARGEST:
        faults.append(_too_large(name, len(content)))
        return None
    marker = form.conflict_line(content)
    if marker:
        message = "git could not merge here and left its markers; choose one side and delete the lines <<<, ===, >>>"
        faults.append(Fault(name, marker, "form.conflict", message))
        return None
    if b"\0" in content and content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        faults.append(Fault(name, line, "form.nul", "a NUL byte stands here: this is no text; save the file anew"))
        return None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        faults.append(Fault(name, line, "form.encoding", form.bad_bytes(content, error.start)))
        return None
    if text.startswith("\ufeff"):
        message = "the file begins with a byte order mark; save it as UTF-8 without one (BOM)"
        faults.append(Fault(name, 1, "form.bom", message, WARNING))
        text = text[1:]
    return text


def _unknown_markets(raw: dict[str, Any]) -> Iterator[Fault]:
    for block in raw["jurisdictions"]:
        if block["market"] not in raw["rates"]:
            file, _, line = raw["homes"][block["id"]].rpartition(":")
            message = f"{block['id']}: market '{block['market']}' is no rate of the tables"
            yield Fault(file, int(line), "reference.unknown", message)


def _lay_over(rates: dict[str, list[tuple[Any, ...]]], laid: Collection[str]) -> None:
    """Let the rows of some files be all that holds of their rates on their days."""
    from levelfield.tables.patch import outside

    for rate, rows in rates.items():
        own = [row for row in rows if row[-1].rpartition(":")[0] in laid]
        others = [Row(*row) for row in rows if row not in own] if own else []
        if others:
            for row in own:
                others = outside(others, row[1], row[2])
            rates[rate] = [*map(tuple, others), *own]


def _expand_lists(raw: dict[str, Any]) -> None:
    """A class such as 20.13 belongs to the group 20.1 and the division 20."""
    for listed in raw["lists"].values():
        members = frozenset(listed["members"])
        if listed.get("kind", "nace") == "nace":
            members = frozenset(code for code in raw["nace"] if members & {code, code[:4], code[:2]})
        listed["classes"] = members


def _read_csv(name: str, text: str, raw: dict[str, Any], faults: list[Fault]) -> None:
    rows = _csv_rows(name, text, faults)
    first = next(rows, None)
    if first is None:
        if not any(fault.file == name for fault in faults):
            message = f"the file is empty; delete it or give it the header {','.join(HEADER)}"
            faults.append(Fault(name, 1, "form.empty", message))
        return
    _, header = first
    kind = name.rpartition("/")[2]
    wanted = _HEADERS.get(kind, HEADER)
    if tuple(header) != wanted:
        from levelfield.tables.check import form

        faults.append(Fault(name, 1, *form.header_fault(header, wanted)))
        return
    seen: dict[tuple[str, ...], int] = {}
    for line, cells in rows:
        row = tuple(cells)
        if row in seen:
            message = f"this row stands on line {seen[row]} too; delete one of them"
            faults.append(Fault(name, line, "form.row_twice", message))
        elif len(cells) != len(wanted):
            from levelfield.tables.check import form

            faults.append(Fault(name, line, *form.cells_fault(cells, len(wanted), _NUMBERS)))
        elif wanted is HEADER:
            read_row = _rate_row(name, line, cells, faults)
            if read_row:
                raw["rates"].setdefault(read_row[0], []).append(read_row)
        else:
            _keyed_row(name, line, kind, cells, raw, faults)
        seen.setdefault(row, line)
    if not seen:
        faults.append(Fault(name, 1, "form.empty", "the file has a header and no rows; delete it until it has one"))


def _keyed_row(name: str, line: int, kind: str, cells: list[str], raw: dict[str, Any], faults: list[Fault]) -> None:
    """A row of the sources, the publishers or the classes of NACE, each with a key of its own."""
    group, value = {
        "sources.csv": ("sources", (*cells, f"{name}:{line}")),
        "publishers.csv": ("publishers", cells[1]),
        "nace.csv": ("nace", cells[1]),
    }[kind]
    singular = {"sources": "source", "publishers": "publisher", "nace": "class"}[group]
    key = cells[0]
    if not key:
        faults.append(Fault(name, line, "form.key", f"the {singular} has no {_KEYS[group]}"))
    elif key in raw[group]:
        before = raw[group][key][-1] if group == "sources" else "this file"
        message = f"the {singular} '{key}' stands in {before} too; delete one or give it another name"
        faults.append(Fault(name, line, "form.duplicate_id", message))
    else:
        raw[group][key] = value


def _csv_rows(name: str, text: str, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    """Each row that holds anything, with the line on which it starts.

    Where a quotation mark is not closed, reading goes on with the line after it.
    """
    import csv
    import io

    lines = list(io.StringIO(text, newline=""))
    start, told = 0, 0
    while start < len(lines):
        reader = csv.reader(lines[start:], strict=True)
        begin = start
        try:
            for cells in reader:
                if any(cells):
                    yield begin + 1, [cell.strip() for cell in cells]
                begin = start + reader.line_num
            return
        except csv.Error as error:
            told += 1
            message = f"a quotation mark that opens here is not closed, or one within the text is not doubled ({error})"
            if "field limit" in str(error):
                message = "a cell of more than 131,072 characters; is a quotation mark not closed?"
            faults.append(Fault(name, begin + 1, "form.quote", message))
            start = begin + 1
        if told == 20:
            faults.append(Fault(name, start, "form.quote", "reading ends after 20 such lines"))
            return


def _rate_row(name: str, line: int, cells: list[str], faults: list[Fault]) -> tuple[Any, ...] | None:
    rate, valid_from, valid_to, value, low, high, unit, published, source, locator, evidence, checked_on, note = cells
    count = len(faults)

    def tell(rule: str, message: str) -> None:
        faults.append(Fault(name, line, rule, message))

    if not _RATE.fullmatch(rate):
        small = rate.lower().replace("-", "_").replace(" ", "_")
        hint = f"write {small}" if _RATE.fullmatch(small) else "small letters, digits and '_' in parts, as in nl.levy"
        tell("form.rate_name", f"'{rate}' is no name of a rate; {hint}" if rate else "the rate has no name")
    else:
        folder, first = name.split("/", 1)[0] if "/" in name else "", rate.split(".", 1)[0]
        if folder and first != folder and not (folder == "eu" and first in _COMMON_RATES):
            tell("form.rate_folder", f"{rate} stands in the folder {folder}; its name must begin with '{folder}.'")
    for column, text, needed in (
        ("valid_from", valid_from, True),
        ("valid_to", valid_to, False),
        ("published", published, False),
        ("checked_on", checked_on, False),
    ):
        if (text or needed) and not _is_date(text):
            from levelfield.tables.check import form

            tell("form.date", form.date_fault(column, text) if text else f"{column} is empty; a date is wanted")
    if len(faults) == count and valid_to and valid_to < valid_from:
        tell("time.order", f"valid_to {valid_to} lies before valid_from {valid_from}")
    numbers = [
        _number(name, line, column, text, faults) for column, text in (("value", value), ("low", low), ("high", high))
    ]
    if not value and not (low and high):
        tell(
            "form.number",
            "value is empty; a hole needs low and high, the bounds that the law or a source gives",
        )
    if evidence not in GRADES:
        tell("form.evidence", f"evidence is '{evidence}'; one of {', '.join(GRADES)} is wanted")
    if not source and evidence != "assumed":
        tell("source.missing", f"{rate} has no source; only an assumed value may lack one")
    try:
        unit_name, factor = units.canonical(unit)
    except units.UnitError as error:
        tell("form.unit", f"{error}; docs/tables.md lists the units")
        return None
    if len(faults) > count:
        return None
    scaled = [None if n is None else _scale(n, factor) for n in numbers]
    written = f"{value or f'{low} to {high}'} {unit}".strip()
    return (
        rate,
        valid_from,
        valid_to,
        *scaled,
        unit_name,
        written,
        published,
        source,
        locator,
        evidence,
        checked_on,
        note,
        f"{name}:{line}",
    )


def _scale(number: float, factor: float) -> float:
    """Without the last-digit noise of binary fractions: 0.321 ct/kWh is 3.21 EUR/MWh."""
    return float(f"{number * factor:.15g}")


def _number(name: str, line: int, column: str, text: str, faults: list[Fault]) -> float | None:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not math.isfinite(number) or abs(number) > 1e15 or "_" in text:
        from levelfield.tables.check import form

        faults.append(Fault(name, line, "form.number", form.number_fault(column, text)))
        return None
    return number


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and 1900 <= date.fromisoformat(text).year <= 2200
    except ValueError:
        return False


def _read_toml(name: str, text: str, raw: dict[str, Any], faults: list[Fault]) -> None:
    import tomllib

    from levelfield.tables.check import form, shape

    try:
        data = _plain(tomllib.loads(text))
    except (ValueError, RecursionError, MemoryError) as error:  # TOMLDecodeError is a ValueError
        line, message = form.toml_fault(error, text)
        faults.append(Fault(name, line, "form.toml", message))
        return
    if not data:
        faults.append(Fault(name, 1, "form.empty", "the file holds no block; delete it until it has one"))
    lines = text.split("\n")
    for key, blocks in data.items():
        starts = form.header_lines(text, key)
        if key not in shape.SPECS:
            known = ", ".join(f"[[{block}]]" for block in shape.SPECS)
            line = starts[0] if starts else form.key_line(lines, 0, key) or 1
            faults.append(Fault(name, line, "law.unknown_block", f"unknown block [[{key}]]; known are {known}"))
            continue
        if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
            line = form.key_line(lines, 0, key) or 1
            message = f"{key} is no list of blocks; each block begins with [[{key}]], in double brackets"
            faults.append(Fault(name, line, "law.unknown_block", message))
            continue
        if len(starts) != len(blocks):  # written in line, as in charge = [{ … }]
            starts = [starts[0] if starts else 1] * len(blocks)
        for block, start in zip(blocks, starts, strict=True):
            odd = list(shape.amiss(key, block))
            for rule, path, message in odd:
                line = form.key_line(lines, start, path) if path else start
                faults.append(Fault(name, line, rule, f"{block.get('id', key)}: {message}"))
            if not odd:
                _keep(name, start, key, block, raw, faults)


def _keep(name: str, line: int, key: str, block: dict[str, Any], raw: dict[str, Any], faults: list[Fault]) -> None:
    """Put a block of sound shape into the structure, unless another has its id already."""
    folder = name.split("/", maxsplit=1)[0]
    place = f"{name}:{line}"
    if key == "coverage":
        raw["coverage"].append({**block, "place": place})
        return
    if key == "jurisdiction":
        rivals = list(raw["homes"].items())
    elif key == "list":
        rivals = [(id_, item["place"]) for id_, item in raw["lists"].items()]
    else:
        law = raw["law"].setdefault(folder, {group: [] for group in _LAW_KEYS.values()})
        group = law[_LAW_KEYS[key]]
        rivals = [(item["id"], item["place"]) for item in group if "id" in item and _meet(item, block)]
    before = next((where for id_, where in rivals if id_ == block.get("id")), None)
    if before is not None:
        message = f"{key} '{block['id']}' stands in {before} too; delete one or give it another id"
        faults.append(Fault(name, line, "form.duplicate_id", message))
    elif key == "jurisdiction":
        raw["jurisdictions"].append(_jurisdiction(folder, block))
        raw["homes"][block["id"]] = place
    elif key == "list":
        raw["lists"][block["id"]] = {**{k: v for k, v in block.items() if k != "id"}, "place": place}
    else:
        group.append({**block, "place": place})


def _meet(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two blocks of one id hold at the same time, in the same jurisdiction and for the same option."""
    places = [block.get("jurisdictions") for block in (one, other)]
    apart = all(places) and not set(places[0]) & set(places[1])  # type: ignore[arg-type]
    options = [block.get("option") for block in (one, other)]
    spans = [(block.get("valid_from", ""), block.get("valid_to", "9")) for block in (one, other)]
    apart = apart or (all(options) and options[0] != options[1])
    return not apart and spans[0][0] <= spans[1][1] and spans[1][0] <= spans[0][1]


def _forms(law: dict[str, Any], faults: list[Fault]) -> Iterator[tuple[str, Form]]:
    """The forms of all formulas of the law; what is no formula is told when the charge is compiled.

    A block with a formula that is too deep for any of the walks over its tree is told here and left out.
    """
    seen: set[str] = set()
    for blocks in law.values():
        for block in [*blocks["charges"], *blocks["quantities"], *blocks["choices"]]:
            for text in dict.fromkeys(_texts(block)):
                try:
                    form = read_formula(text)
                    if _depth(form) > _DEEPEST:
                        raise RecursionError
                except ExpressionError:
                    continue
                except (RecursionError, MemoryError, OverflowError, ValueError):
                    faults.append(_too_deep(block, text))
                    for group in ("charges", "quantities", "choices"):
                        blocks[group] = [other for other in blocks[group] if other is not block]
                    break
                if form[0] != "name" and text not in seen:
                    seen.add(text)
                    yield text, form


def _too_deep(block: dict[str, Any], text: str) -> Fault:
    file, _, line = block["place"].rpartition(":")
    shown = text if len(text) < 60 else f"{text[:57]}…"
    message = f"{block['id']}: '{shown}' is nested too deeply or holds a huge number; name its parts with `let`"
    return Fault(file, int(line), "law.formula", message)


def _depth(form: Any) -> int:
    """How many forms stand within each other at most."""
    deepest, stack = 0, [(form, 1)]
    while stack and deepest <= _DEEPEST:
        item, level = stack.pop()
        deepest = max(deepest, level)
        if item[0] in ("op", "call"):
            stack += [(inner, level + 1) for inner in item[2]]
    return deepest


def _texts(value: Any) -> Iterator[str]:
    """The texts of a block that may be formulas; a condition may have one on its left side."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in ("name", "note", "law", "place", "id"):
                if " " in key or "(" in key:
                    yield key
                yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _jurisdiction(folder: str, block: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": block["id"],
        "folder": folder,
        "name": block["name"],
        "plant_keys": (block["id"], *block.get("plant_keys", [])),
        "market": block["market"],
        "forward": block.get("forward", block["market"].replace("day_ahead", "cal1")),
        "levels": block["levels"],
        "inputs": block.get("inputs", {}),
        "claims": tuple(block.get("claims", ())),
        "order": block.get("order", 0),
    }


def _plain(value: Any, level: int = 0) -> Any:
    """TOML's dates as ISO texts, so that everything compares and can be kept in the cache."""
    if level > _DEEPEST:
        raise RecursionError
    if isinstance(value, dict):
        return {key: _plain(item, level + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, level + 1) for item in value]
    return value.isoformat() if isinstance(value, (date, time)) else value
