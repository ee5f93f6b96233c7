"""Pictures of what commands print: `python docs/pictures.py` makes docs/pictures/*.svg anew, or those that are named.

A picture is the real output: each command runs in a terminal of 80 columns (a pseudo-terminal; not on Windows) and rich
draws what it printed. The line with the tables' hash and the day is left out, so that a picture changes only with what
it shows. A command that is not there, or fails, is told and its picture stays as it is.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "pictures"
WIDTH = 80


class Picture(NamedTuple):
    """A command after `levelfield`, how many of its lines are shown (0 is all), and a file that it writes, to show."""

    command: str
    lines: int = 0
    writes: str = ""


PICTURES: dict[str, Picture] = {
    "compare": Picture("compare chlor-alkali --year 2025 --against DE,FR", 42),
    "explain": Picture("explain chlor-alkali DE de.levy --year 2025", 40),
    "trend": Picture("trend chlor-alkali --from 2021 --to 2026", 40),
    "toets": Picture("toets energy-tax-eu-minimum --panel clusters --year 2026", 48),
    "close": Picture("close zinc-smelter --lever nl.ikc.aid_intensity --year 2026"),
    "levers": Picture("levers clusters --year 2026"),
    "monitor": Picture("monitor --since 2026-05-01", 48),
    "portfolio": Picture("portfolio plants.csv -o bills.csv --year 2025", 0, "bills.csv"),
    "sensitivity": Picture("sensitivity zinc-smelter --year 2025 --against DE,BE-WAL,FR --top 8", 38),
    "simulate": Picture("simulate zinc-smelter --year 2025 --draws 100000 --seed 1", 58),
    "shape": Picture("shape zinc-smelter"),
    "prices-list": Picture("prices list"),
    "tariffs-due": Picture("tariffs due", 40),
    "tariffs-coverage": Picture("tariffs coverage", 40),
    "tariffs-impact": Picture("tariffs impact --base @2025-12-01 --year 2026 --max-length 5000", 44),
}
"""One picture each, docs/pictures/<name>.svg."""

MADE = {
    "plants.csv": "name,sector,electricity.offtake,electricity.yearly_peak,connection.level\n"
    "Works A,20.13,800 GWh,100 MW,extra_high\nWorks B,24.42,900 GWh,110 MW,high\nWorks C,17.12,180 GWh,25 MW,high\n",
}
"""Files that a command of the table names; they lie in the folder in which it runs."""


def printed(command: str, folder: Path) -> tuple[int, str, str]:
    """The exit code of a command, what it prints on a terminal of 80 columns, with its colours, and its messages."""
    import fcntl
    import pty
    import struct
    import termios

    outer, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 24, WIDTH, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(WIDTH), "PYTHONPATH": str(ROOT)}
    environment.pop("NO_COLOR", None)
    running = subprocess.Popen(  # noqa: S603 - our own commands
        [sys.executable, "-m", "levelfield", *command.split()],
        stdin=subprocess.DEVNULL,
        stdout=inner,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=environment,
    )
    os.close(inner)
    found = b""
    while True:
        try:
            part = os.read(outer, 65536)
        except OSError:  # Linux says so when the other side is closed
            break
        if not part:
            break
        found += part
    os.close(outer)
    _, messages = running.communicate()
    return running.returncode, found.decode("utf-8").replace("\r\n", "\n"), messages.decode("utf-8")


def drawn(name: str, picture: Picture, text: str) -> str:
    """The picture of a text as SVG that needs nothing from elsewhere."""
    from rich._export_format import CONSOLE_SVG_FORMAT
    from rich.console import Console
    from rich.text import Text

    lines = [line for line in text.rstrip("\n").split("\n") if "as known on" not in line]
    if picture.lines and len(lines) > picture.lines:
        lines = [*lines[: picture.lines], "…"]
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text(f"$ levelfield {picture.command}", style="bold"))
    for line in lines:
        console.print(Text.from_ansi(line), highlight=False, overflow="fold")
    form = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    made = console.export_svg(title="levelfield", code_format=form, unique_id=f"levelfield-{name}")
    return "\n".join(line.rstrip() for line in made.splitlines()) + "\n"


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in PICTURES]
    if unknown:
        sys.stderr.write(f"no picture {', '.join(unknown)}; known are {', '.join(PICTURES)}\n")
        return 2
    FOLDER.mkdir(exist_ok=True)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for file, text in MADE.items():
            (Path(folder) / file).write_text(text, encoding="utf-8")
        for name in names or PICTURES:
            picture = PICTURES[name]
            code, text, messages = printed(picture.command, Path(folder))
            if code not in (0, 1):  # 1 is an answer: no
                failed += 1
                sys.stderr.write(f"{name}: exit code {code}: {(messages.strip().splitlines() or [''])[-1]}\n")
                continue
            if picture.writes:
                rows = (Path(folder) / picture.writes).read_text(encoding="utf-8").splitlines()
                text += "\n".join([f"$ cut -c1-{WIDTH} {picture.writes}", *(row[:WIDTH] for row in rows)])
            (FOLDER / f"{name}.svg").write_text(drawn(name, picture, text), encoding="utf-8")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
