"""What is wrong with a file or a row that could not be read, in words that say how to mend it.

Only called where something is amiss: reading sound tables does not load it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

_MARKER = re.compile(rb"^(<{7}|>{7}|\|{7}) |^={7}\r?$", re.MULTILINE)
_DAY_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}([., '\u00a0\u202f]\d{3})+([.,]\d+)?")
_TOML_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_WANTED_DATE = "a date such as 2025-01-01 is wanted"


def conflict_line(content: bytes) -> int:
    """The line of the first marker that git left where it could not merge; 0 if there is none."""
    if b"<<<<<<<" not in content and b">>>>>>>" not in content:
        return 0  # a row of = alone may underline a heading
    match = _MARKER.search(content)
    return content.count(b"\n", 0, match.start()) + 1 if match else 0


def bad_bytes(content: bytes, position: int) -> str:
    """What to say of bytes that are no UTF-8."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "this is UTF-16 text ('Unicode' to Excel); save the file as CSV UTF-8"
    line = content.rfind(b"\n", 0, position) + 1
    end = content.find(b"\n", position)
    word = content[line : end if end >= 0 else None].decode("cp1252", "replace")
    shown = " ".join(re.findall(r"\w*[^\x00-\x7f]+\w*", word)[:1])
    return f"this is not UTF-8 text, probably Latin-1 ('{shown[:30]}'); save the file as UTF-8"


def header_fault(found: Sequence[str], wanted: Sequence[str]) -> tuple[str, str]:
    """Rule and message for a header that is not the wanted one: its first difference."""
    for sign, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(found) <= 2 and sign in ",".join(found):
            return "form.delimiter", f"the cells are separated by {name}; save the file with commas between them"
    trimmed = list(found)
    while trimmed and not trimmed[-1]:
        trimmed.pop()
    if trimmed == list(wanted):
        extra = len(found) - len(wanted)
        return "form.cells", f"{extra} empty cells stand behind the header; delete the last commas of each row"
    whole = f"the header must be {','.join(wanted)}"
    if sorted(trimmed) == sorted(wanted):
        place, name = next((i, n) for i, (n, w) in enumerate(zip(trimmed, wanted, strict=True), 1) if n != w)
        return "form.header", f"the columns are in another order: column {place} is '{name}'; {whole}"
    for place, (name, want) in enumerate(zip(trimmed, wanted, strict=False), 1):
        if name != want:
            return "form.header", f"column {place} is called '{name}' where '{want}' is wanted; {whole}"
    missing = ", ".join(wanted[len(trimmed) :])
    return "form.header", f"the header lacks {missing}; {whole}" if missing else f"the header is too long; {whole}"


def cells_fault(cells: Sequence[str], wanted: int, numbers: slice) -> tuple[str, str]:
    """Rule and message for a row with too many or too few cells; `numbers` are the columns of numbers."""
    if len(cells) == 1 and cells[0].count(";") >= wanted - 1:
        return "form.delimiter", "the cells are separated by semicolons; save the file with commas between them"
    shifted = len(cells) > wanted > numbers.stop and not cells[numbers.stop].strip("0123456789.")  # where the unit was
    if shifted:
        for whole, part in pairwise(cells[numbers.start : numbers.stop + 1]):
            if re.fullmatch(r"[-+]?\d+", whole) and part.isdigit():
                meant = f"is '{whole},{part}' a number with a decimal comma? write {whole}.{part}"
                return "form.number", f"{len(cells)} cells where {wanted} are wanted; {meant}"
    if len(cells) > wanted and not any(cells[wanted:]):
        return "form.cells", f"{len(cells) - wanted} empty cells too many at the end; delete the last commas"
    if any("\n" in cell for cell in cells):
        return "form.quote", "a quotation mark opens here and closes on a later line; close it where its text ends"
    return (
        "form.cells",
        f"{len(cells)} cells where {wanted} are wanted; put quotes around a text with a comma"
        if len(cells) > wanted
        else f"{len(cells)} cells where {wanted} are wanted; an empty cell needs its comma too",
    )


def number_fault(column: str, text: str) -> str:
    """What to say of a cell that is no number."""
    if re.fullmatch(r"[-+]?\d+,\d+", text) and not re.fullmatch(r"[-+]?[1-9]\d{0,2},\d{3}", text):
        return f"{column} is '{text}', with a decimal comma; write {text.replace(',', '.')}"
    if _THOUSANDS.fullmatch(text):
        return f"{column} is '{text}'; write it without thousands separators and with a point for the decimals"
    return f"{column} is '{text}'; a number with a point for the decimals is wanted"


def date_fault(column: str, text: str) -> str:
    """What to say of a cell that is no date; names the dates it may mean."""
    first = f"{column} is '{text}'"
    match = _DAY_FIRST.fullmatch(text)
    if match:
        a, b, year = int(match[1]), int(match[2]), int(match[3])
        meant = [iso for iso in dict.fromkeys((_iso(year, b, a), _iso(year, a, b))) if iso]
        return f"{first}; write {' or '.join(meant)}, whichever is meant" if meant else f"{first}; {_WANTED_DATE}"
    match = _YEAR_FIRST.fullmatch(text)
    if match:
        year, month, day = (int(part) for part in match.groups())
        if _iso(year, month, day):
            return f"{first}; write {_iso(year, month, day)}"
        if _iso(year, day, month):
            return f"{first}: there is no month {month}; are day and month swapped? write {_iso(year, day, month)}"
        return f"{first}: there is no such day; {_WANTED_DATE}"
    return f"{first}; {_WANTED_DATE}"


def _iso(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


def toml_fault(error: Exception, text: str) -> tuple[int, str]:
    """Line and message for TOML that cannot be read."""
    if isinstance(error, (RecursionError, MemoryError)):
        return 1, "the tables are nested too deeply; no table of the law needs more than a few levels"
    message = str(error)
    match = _TOML_LINE.search(message)
    if match:
        said = message.replace(match[0], "").strip()
        return int(match[1]), f"this is no TOML: {said[:1].lower()}{said[1:]}"
    if "end of document" in message:
        return text.count("\n") + (
            not text.endswith("\n")
        ) or 1, "this is no TOML: the file ends in the middle of a value"
    if "digits" in message:
        return 1, "a number has more than 4,300 digits"
    return 1, f"this is no TOML: {message}"


def header_lines(text: str, key: str) -> list[int]:
    """The lines on which the blocks [[key]] start; what looks like one inside a text over several lines is none."""
    wanted = re.compile(rf"\s*\[\[\s*[\"']?{re.escape(key)}[\"']?\s*\]\]")
    lines, inside = [], ""
    for number, line in enumerate(text.split("\n"), 1):
        if not inside and wanted.match(line):
            lines.append(number)
        for mark in re.findall(r'"""|\'\'\'', line):
            inside = "" if inside == mark else (inside or mark)
    return lines


def key_line(lines: Sequence[str], start: int, path: str) -> int:
    """The line of a key of the block that starts on line `start`, as far down its path as it can be followed.

    `path` is a name, or names and places in lists, as in class.0.hours.
    """
    found = start
    own = lines[start - 1].split("]]")[0].strip() if 0 < start <= len(lines) else ""
    ends = (n for n in range(start, len(lines)) if own and _other_block(lines[n], own))
    end = next(ends, len(lines))
    for name, place in re.findall(r"([^.\d][^.]*)(?:\.(\d+)(?=\.|$))?", path):
        wanted = re.compile(rf"\s*(\[+\s*[\w.]*\.\s*)?[\"']?{re.escape(name)}[\"']?\s*[=.\]]")
        hits = [n for n in range(found + 1, end + 1) if wanted.match(lines[n - 1])]
        if not hits:
            break
        found = hits[min(int(place or 0), len(hits) - 1)]
        if not lines[found - 1].lstrip().startswith("["):  # a value: its items may stand on the lines below
            item = found + 1 + int(place or 0)
            return item if place and item <= end and lines[item - 1].lstrip().startswith("{") else found
    return found


def _other_block(line: str, own: str) -> bool:
    """Whether a line begins a block that is no part of the one that begins with `own`, such as [[charge."""
    text = line.strip()
    return text.startswith("[[") and not text.startswith(f"{own}.")
