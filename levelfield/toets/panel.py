"""The plants that a proposal is tested on, and how many of each there are in the country."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from levelfield._errors import UserError, did_you_mean
from levelfield.lang import Text, text_of
from levelfield.plant import Plant, shipped_plants
from levelfield.plant_file import WORKBOOKS, load_plant, locate, toml_fault
from levelfield.tables import Tables
from levelfield.tables.check import shape


class Member(NamedTuple):
    """A plant of the panel. `alike` is how many such plants the country has, 1 where that is not known."""

    key: str
    plant: Plant
    alike: float
    alike_source: str
    against: tuple[str, ...]  # the neighbours it is held against; all if empty


class Panel(NamedTuple):
    name: str
    title: Text
    members: tuple[Member, ...]

    @property
    def unweighted(self) -> bool:
        """Whether no member says how many plants it stands for."""
        return not any(member.alike_source for member in self.members)


def shipped_panels() -> dict[str, Path]:
    return {path.stem: path for path in sorted((Path(__file__).parents[1] / "panels").glob("*.toml"))}


def load_panel(name: str, tables: Tables) -> Panel:
    """A panel: shipped by name, a panel file, a workbook or a file of plants, or a shipped plant by itself.

    Raises UserError with all faults.
    """
    path = Path(name)
    if not path.exists() and name in shipped_panels():
        path = shipped_panels()[name]
    elif not path.exists() and name in shipped_plants():
        return _alone(name, tables)
    if path.suffix in WORKBOOKS:
        from levelfield.plant_table import read_plants

        plants = read_plants(path, tables)
        return Panel(path.stem, Text(path.stem), tuple(Member(plant.name, plant, 1.0, "", ()) for plant in plants))
    try:
        text = path.read_text(encoding="utf-8-sig")
        data = tomllib.loads(text)
    except FileNotFoundError:
        hint = did_you_mean(name, [*shipped_panels(), *shipped_plants()], f"shipped are {', '.join(shipped_panels())}")
        raise UserError(f"{name}: there is no such panel, file or plant; {hint}") from None
    except UnicodeDecodeError:
        raise UserError(f"{name}: this is not UTF-8 text; save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise UserError(toml_fault(text, name, str(error))) from None
    except OSError as error:
        raise UserError(f"{name}: cannot be read: {error.strerror}") from None
    if "plant" not in data:
        return _alone(name, tables)
    return _panel(data, text, name, path, tables)


def _alone(name: str, tables: Tables) -> Panel:
    plant = load_plant(name, tables)
    return Panel(Path(name).stem, Text(plant.name), (Member(Path(name).stem, plant, 1.0, "", ()),))


_PANEL: shape.Spec = {
    "title": shape.WORDS,
    "plant!": [{"plant!": shape.TEXT, "alike": shape.NUMBER, "source": shape.TEXT, "against": shape.TEXTS}],
}


def _panel(data: dict[str, Any], text: str, name: str, path: Path, tables: Tables) -> Panel:
    odd = list(shape.against(_PANEL, data))
    if odd:
        raise UserError([f"{name}:{_line(text, item.path)}: {item.message}" for item in odd])
    faults: list[str] = []
    members: list[Member] = []
    for number, block in enumerate(data["plant"]):
        place = f"{name}:{locate(text, ('plant', number, 'plant'))}"
        alike = block.get("alike", 1)
        if alike < 0:
            faults.append(f"{place}: alike is {alike}; a number of plants is wanted")
        elif "alike" in block and not block.get("source"):
            faults.append(f"{place}: alike needs a source: where the number stands, or 'assumed: why'")
        strange = [other for other in block.get("against", ()) if other not in tables.jurisdictions]
        if strange:
            faults.append(f"{place}: {', '.join(strange)} is no jurisdiction; {', '.join(tables.jurisdictions)} are")
        wanted = block["plant"]
        beside = path.parent / wanted
        try:
            plant = load_plant(beside if wanted not in shipped_plants() and beside.exists() else wanted, tables)
        except UserError as error:
            faults += [f"{place}: {fault}" for fault in error.faults]
            continue
        members.append(
            Member(Path(wanted).stem, plant, alike, block.get("source", ""), tuple(block.get("against", ())))
        )
    if faults:
        raise UserError(faults)
    return Panel(path.stem, text_of(data.get("title", path.stem)), tuple(members))


def _line(text: str, path: str) -> int:
    """The line of a key such as plant.2.alike."""
    return locate(text, tuple(int(part) if part.isdigit() else part for part in path.split("."))) if path else 1
