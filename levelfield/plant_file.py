"""Plant files: TOML text, a sheet of a workbook, or a shipped plant by name."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

from levelfield._errors import UserError, did_you_mean
from levelfield.plant import Plant, shipped_plants
from levelfield.plant_reader import Where, read_plant
from levelfield.tables import Tables

WORKBOOKS = (".xlsx", ".ods")


def load_plant(plant: str | Path, tables: Tables) -> Plant:
    """A plant from a file, from standard input ('-'), or a shipped one by name.

    Of a workbook that holds several plants one is named behind a #: plants.xlsx#Our works. Raises UserError with all
    faults of the file.
    """
    book, _, name = str(plant).partition("#")
    if book.endswith(WORKBOOKS):
        from levelfield.plant_table import read_one

        return read_one(Path(book), name, tables)
    text, place, folder = read_plant_text(plant)
    return parse_plant(text, place, folder, tables)


def read_plant_text(plant: str | Path) -> tuple[str, str, Path]:
    """The text of a plant file, its name for messages, and the folder that its paths start from."""
    if str(plant) == "-":
        return sys.stdin.read(), "<stdin>", Path()
    path = Path(plant)
    shipped = shipped_plants()
    if not path.exists() and str(plant) in shipped:
        path = shipped[str(plant)]
    try:
        return path.read_text(encoding="utf-8-sig"), str(plant), path.parent
    except FileNotFoundError:
        hint = did_you_mean(str(plant), shipped, "'levelfield plants list' shows the shipped plants")
        raise UserError(f"{plant}: there is no such file and no shipped plant of this name; {hint}") from None
    except UnicodeDecodeError:
        raise UserError(f"{plant}: this is not UTF-8 text; save the file as UTF-8") from None
    except OSError as error:
        raise UserError(f"{plant}: cannot be read: {error.strerror}") from None


def parse_plant(text: str, place: str, folder: Path, tables: Tables) -> Plant:
    """The plant of a file's text. Raises UserError with all faults."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(toml_fault(text, place, str(error))) from None

    def where(path: tuple[str | int, ...]) -> str:
        return f"{place}:{locate(text, path)}"

    return read_plant(data, place, folder, tables, where)


def toml_fault(text: str, place: str, message: str) -> str:
    match = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)", message)
    if not match:
        return f"{place}: {message}"
    line = int(match[1]) if match[1] else text.count("\n") + 1
    hint = ""
    found = text.splitlines()[line - 1].strip() if line <= text.count("\n") + 1 and text.splitlines() else ""
    if re.search(r"=\s*[0-9.]+ ?[A-Za-z%]", found):
        hint = '; put quotes around a quantity: offtake = "800 GWh"'
    return f"{place}:{line}: {message[: match.start()]}: {found}{hint}"


def locate(text: str, path: Where) -> int:
    """The line of a key in a TOML text: the header of its table, then the key itself; 1 if it is not found.

    A number in the path says which of several tables of one name is meant, counted from 0.
    """
    skip = next((part + 1 for part in path if isinstance(part, int)), 0)
    *parents, key = (str(part) for part in path if not isinstance(part, int))
    header = ".".join(parents)
    whole = f"{header}.{key}" if header else key
    current, best = "", 1
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        match = re.match(r"\[+\s*([^\]]+?)\s*\]+", stripped)
        if match and not re.match(r"\[.*\]\s*=", stripped):
            current = match[1].replace('"', "")
            if current == header and stripped.startswith("[["):
                skip -= 1
            if current in (header, whole) and skip < 1:
                best = number
            continue
        name = re.match(r'"?([^"=]+?)"?\s*=', stripped)
        if name and name[1] in (key, parents[-1] if parents else key) and current in (header, ".".join(parents[:-1])):
            best = number
            if name[1] == key and current == header and skip < 1:
                return number
    return best
