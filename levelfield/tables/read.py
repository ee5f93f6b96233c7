"""Reading the tables: a folder of CSV and TOML into one plain structure, kept in a cache until a file changes.

Numbers stand in CSV files (one row a sourced value), law in TOML files beside them. All faults of form are reported at
once, each with file and line. What is consistent in form but wrong in content is the business of `check`.
"""

from __future__ import annotations

import marshal
import math
import os
import sys
import zlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from levelfield import units
from levelfield._errors import TablesError, UserError
from levelfield.expression import ExpressionError
from levelfield.formula import Form
from levelfield.formula import read as read_formula
from levelfield.tables.model import GRADES, Tables

HEADER = tuple(
    "rate,valid_from,valid_to,value,low,high,unit,published,source,locator,evidence,checked_on,note".split(",")
)
SOURCE_HEADER = tuple("key,title,publisher,act,url,language,published,accessed,licence".split(","))
_FORMAT = 6  # of the cache
_Stamps = list[tuple[str, int, int]]
_LAW_KEYS = {
    "charge": "charges",
    "quantity": "quantities",
    "choice": "choices",
    "calendar": "calendars",
    "peak": "peaks",
}


def default_folder() -> Path:
    """Where the tables stand: LEVELFIELD_TARIFFS, or the folder shipped with the package."""
    stated = os.environ.get("LEVELFIELD_TARIFFS")
    if stated:
        return Path(stated)
    package = Path(__file__).resolve().parents[1]
    shipped = package / "tariffs"
    return shipped if shipped.is_dir() else package.parent / "tariffs"


def load_tables(folder: str | Path | None = None, as_known_on: date | None = None) -> Tables:
    """The tariff tables of a folder, as they were known on a date (default: all that is known).

    Raises UserError if there is no such folder and TablesError with all faults of form if it cannot be read.
    """
    root = Path(folder) if folder else default_folder()
    if not root.is_dir():
        raise UserError(
            f"{root}: there is no folder of tariff tables here; give one with --tariffs or LEVELFIELD_TARIFFS"
        )
    stamps = sorted(_stamps(str(root)))
    raw = _from_cache(stamps)
    if raw is None:
        files = [Path(path) for path, _, _ in stamps]
        raw = read([(path.relative_to(root).as_posix(), path.read_bytes()) for path in files])
        _to_cache(stamps, raw)
    return Tables({**raw, "folder": str(root)}, as_known_on)


def _stamps(folder: str) -> Iterator[tuple[str, int, int]]:
    """Path, size and time of each table below a folder; the hourly series are no tables."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "series":
                    yield from _stamps(entry.path)
            elif entry.name.endswith((".csv", ".toml")):
                stat = entry.stat()
                yield entry.path, stat.st_size, stat.st_mtime_ns


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


def read(contents: list[tuple[str, bytes]]) -> dict[str, Any]:
    """The plain structure of the tables' files, with their hash. Raises TablesError with all faults of form."""
    import hashlib

    digest = hashlib.sha256()
    for name, content in contents:
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    faults: list[str] = []
    raw: dict[str, Any] = {
        "hash": digest.hexdigest(),
        "rates": {},
        "sources": {},
        "law": {},
        "lists": {},
        "coverage": [],
        "jurisdictions": [],
        "nace": {},
    }
    for name, content in contents:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            faults.append(f"{name}:{line}: this is not UTF-8 text; save the file as UTF-8")
            continue
        if name.endswith(".toml"):
            _read_toml(name, text, raw, faults)
        else:
            _read_csv(name, text, raw, faults)
    if faults:
        raise TablesError(faults)
    for listed in raw["lists"].values():
        members = frozenset(listed["members"])
        if listed.get("kind", "nace") == "nace":
            # A class such as 20.13 belongs to the group 20.1 and the division 20.
            members = frozenset(code for code in raw["nace"] if members & {code, code[:4], code[:2]})
        listed["classes"] = members
    raw["forms"] = dict(_forms(raw["law"]))
    # Each rate by itself, so that a bill unpacks only those it uses.
    raw["units"] = {rate: rows[0][6] for rate, rows in raw["rates"].items()}
    raw["rates"] = {
        rate: marshal.dumps(sorted(rows, key=lambda row: (row[1], row[8]))) for rate, rows in raw["rates"].items()
    }
    return raw


def _read_csv(name: str, text: str, raw: dict[str, Any], faults: list[str]) -> None:
    rows = list(_csv_rows(name, text, faults))
    if not rows:
        faults.append(f"{name}:1: the file is empty; delete it or give it the header {','.join(HEADER)}")
        return
    _, header = rows[0]
    body = rows[1:]
    if name.endswith("sources.csv"):
        if tuple(header) != SOURCE_HEADER:
            faults.append(f"{name}:1: the header must be {','.join(SOURCE_HEADER)}")
            return
        for line, cells in body:
            if len(cells) != len(header):
                faults.append(f"{name}:{line}: {len(cells)} cells where {len(header)} are wanted")
            elif cells[0] in raw["sources"]:
                faults.append(f"{name}:{line}: the source '{cells[0]}' stands here twice")
            else:
                raw["sources"][cells[0]] = tuple(cells)
        return
    if name.endswith("nace.csv"):
        raw["nace"] = {cells[0]: cells[1] for _, cells in body}
        return
    if tuple(header) != HEADER:
        faults.append(f"{name}:1: the header must be {','.join(HEADER)}")
        return
    for line, cells in body:
        row = _rate_row(f"{name}:{line}", cells, faults)
        if row:
            raw["rates"].setdefault(row[0], []).append(row)


def _csv_rows(name: str, text: str, faults: list[str]) -> Iterator[tuple[int, list[str]]]:
    import csv
    import io

    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            if any(cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        faults.append(f"{name}:{reader.line_num}: {error}; is a quotation mark missing?")


def _rate_row(place: str, cells: list[str], faults: list[str]) -> tuple[Any, ...] | None:
    if len(cells) != len(HEADER):
        faults.append(
            f"{place}: {len(cells)} cells where {len(HEADER)} are wanted; put quotes around a text with a comma"
        )
        return None
    rate, valid_from, valid_to, value, low, high, unit, published, source, locator, evidence, checked_on, note = cells
    count = len(faults)
    if not rate:
        faults.append(f"{place}: the rate has no name")
    for column, text, needed in (
        ("valid_from", valid_from, True),
        ("valid_to", valid_to, False),
        ("published", published, False),
        ("checked_on", checked_on, False),
    ):
        if (text or needed) and not _is_date(text):
            faults.append(f"{place}: {column} is '{text}'; a date such as 2025-01-01 is wanted")
    if valid_to and valid_to < valid_from:
        faults.append(f"{place}: valid_to {valid_to} lies before valid_from {valid_from}")
    numbers = [
        _number(place, column, text, faults) for column, text in (("value", value), ("low", low), ("high", high))
    ]
    if not value and not (low and high):
        faults.append(f"{place}: value is empty; a hole needs low and high, the bounds that the law or a source gives")
    if evidence not in GRADES:
        faults.append(f"{place}: evidence is '{evidence}'; one of {', '.join(GRADES)} is wanted")
    if not source and evidence != "assumed":
        faults.append(f"{place}: {rate} has no source; only an assumed value may lack one")
    try:
        name, factor = units.canonical(unit)
    except units.UnitError as error:
        faults.append(f"{place}: {error}")
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
        name,
        written,
        published,
        source,
        locator,
        evidence,
        checked_on,
        note,
        place,
    )


def _scale(number: float, factor: float) -> float:
    """Without the last-digit noise of binary fractions: 0.321 ct/kWh is 3.21 EUR/MWh."""
    return float(f"{number * factor:.15g}")


def _number(place: str, column: str, text: str, faults: list[str]) -> float | None:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not math.isfinite(number) or "_" in text:
        faults.append(f"{place}: {column} is '{text}'; a number with a point for the decimals is wanted")
        return None
    return number


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and date.fromisoformat(text) is not None
    except ValueError:
        return False


def _read_toml(name: str, text: str, raw: dict[str, Any], faults: list[str]) -> None:
    import tomllib

    try:
        data = _plain(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        faults.append(f"{name}: {error}")
        return
    if name.endswith("coverage.toml"):
        raw["coverage"] += data.get("coverage", [])
        return
    folder = name.split("/", maxsplit=1)[0]
    law = raw["law"].setdefault(folder, {group: [] for group in _LAW_KEYS.values()})
    for key, blocks in data.items():
        if key in _LAW_KEYS:
            lines = _block_lines(text, key)
            law[_LAW_KEYS[key]] += [
                {**block, "place": f"{name}:{line}"} for block, line in zip(blocks, lines, strict=False)
            ]
        elif key == "jurisdiction":
            raw["jurisdictions"] += [_jurisdiction(folder, block) for block in blocks]
        elif key == "list":
            raw["lists"].update({block.pop("id"): block for block in blocks})
        else:
            known = ", ".join([*_LAW_KEYS, "jurisdiction", "list"])
            faults.append(f"{name}: unknown block [[{key}]]; known are {known}")


def _forms(law: dict[str, Any]) -> Iterator[tuple[str, Form]]:
    """The forms of all formulas of the law; what is no formula is told when the charge is compiled."""
    for text in {text for blocks in law.values() for key in ("charges", "quantities") for text in _texts(blocks[key])}:
        try:
            form = read_formula(text)
        except ExpressionError:
            continue
        if form[0] != "name":
            yield text, form


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in ("name", "note", "law", "place", "id"):
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


def _block_lines(text: str, key: str) -> list[int]:
    return [number for number, line in enumerate(text.splitlines(), 1) if line.strip().startswith(f"[[{key}]]")]


def _plain(value: Any) -> Any:
    """TOML's dates as ISO texts, so that everything compares and can be kept in the cache."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
