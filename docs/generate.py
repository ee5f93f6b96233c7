"""Fill in the outputs that the documents show: `python docs/generate.py` writes them, `--check` only compares.

A block between `<!-- output: levelfield … -->` and `<!-- end -->` holds what that command prints.
docs/validation.md is written whole.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from levelfield.bill import Bill  # noqa: E402
from levelfield.comparison import Comparison, compare  # noqa: E402
from levelfield.lang import Words  # noqa: E402
from levelfield.plant_file import load_plant  # noqa: E402
from levelfield.replicate import replicate  # noqa: E402
from levelfield.replicate import studies as study_ids  # noqa: E402
from levelfield.report.studies import studies_markdown  # noqa: E402
from levelfield.switches import Switches  # noqa: E402
from levelfield.tables import load_tables  # noqa: E402

HEAD = """# Validation

This page is written by `python docs/generate.py`; a test holds that it is current.

## A flat 100 MW by hand

The plant `flat-100mw` takes 800 GWh at 8,000 hours from the highest voltage and has every relief it qualifies for.
Each line of its bills stands beside arithmetic written from the laws and tariffs alone
(tests/reproduction/flat_100mw.csv)."""
REPLICATION = """## What others published

`levelfield replicate all` prints these figures and exits with 0 only if each lies within its class: identity (the
published digits), component (1 %), known profile (10 %), unknown profile (20 %, or the same order), journalism (a
factor of three). ✓ within, ✗ outside, – not held. The last column is the share of our amount that rests on official
and secondary evidence."""
YEARS = range(2021, 2027)
PLANTS = (
    "zinc-smelter",
    "chlor-alkali",
    "flat-100mw",
    "refinery",
    "steel",
    "paper-mill",
    "edible-oil",
    "steam-cracker",
    "baseload-250",
)
TABLE = re.compile(r"(<!-- table: gap above ([^\n]+?) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
STAMP = re.compile(r"^  • .*\n(?:    .*\n)*", re.MULTILINE)  # a note, over several lines
BLOCK = re.compile(r"(<!-- output: (levelfield [^\n]+?) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def output(command: str) -> str:
    """What a command prints, without the note that names the tables' hash and the day."""
    from levelfield.cli import make_app

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
        make_app()(command.split()[1:], prog_name="levelfield")
    return STAMP.sub(lambda m: "" if "as known on" in " ".join(m[0].split()) else m[0], printed.getvalue()).rstrip()


def with_outputs(text: str) -> str:
    text = BLOCK.sub(lambda m: f"{m[1]}```console\n$ {m[2]}\n{output(m[2])}\n```\n{m[4]}", text)
    return TABLE.sub(lambda m: f"{m[1]}\n{gap_table(m[2])}\n\n{m[4]}", text)


def gap_table(switches: str) -> str:
    """How far NL lies above DE, in percent of DE, by plant and year; 'stated', 'without compensation' or 'none'."""
    tables = load_tables(ROOT / "tariffs")
    chosen = {"stated": Switches(), "without compensation": Switches(compensation=False), "none": Switches("none")}[
        switches
    ]
    out = [f"| NL above DE | {' | '.join(map(str, YEARS))} |", f"| --- |{' ---: |' * len(YEARS)}"]
    for name in PLANTS:
        plant = load_plant(name, tables)
        cells = []
        for year in YEARS:
            found = compare(tables, plant, date(year, 1, 1), date(year, 12, 31), "NL", ["DE"], chosen)
            ratio = found.gaps[0].electricity_home_above if found.gaps else None
            cells.append("–" if ratio is None else f"{ratio * 100:.0f} %".replace("-", "−"))
        out.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n".join(out)


def validation() -> str:
    from tests.reproduction.test_flat_100mw import ROWS, arithmetic

    out = [HEAD]
    tables = load_tables(ROOT / "tariffs")
    plant = load_plant("flat-100mw", tables)
    for year in (2025, 2026):
        comparison = compare(tables, plant, date(year, 1, 1), date(year, 12, 31), switches=Switches("all"))
        out += ["", f"### {year}"]
        for gap in comparison.gaps:
            out.append(f"- {_three_lines(comparison, gap.other)}")
        for bill in comparison.bills:
            place = bill.jurisdiction.id
            out += ["", f"**{place} {year}**: {bill.total:,.2f} EUR, {bill.total / bill.offtake:.2f} EUR/MWh", ""]
            out += ["| charge | by hand | EUR | levelfield |", "| --- | --- | ---: | ---: |"]
            for row in ROWS:
                if (row["jurisdiction"], row["year"]) == (place, str(year)):
                    hand = arithmetic(row["hand"])
                    ours = bill.charge(row["charge"])
                    sums = row["hand"].replace("*", "×")
                    out.append(f"| `{row['charge']}` | {sums}: {row['why']} | {hand:,.2f} | {ours:,.2f} |")
    studies = [replicate(tables, study) for study in study_ids()]
    out += ["", REPLICATION, "", studies_markdown(studies, Words())]
    return "\n".join(out).rstrip() + "\n"


def _three_lines(comparison: Comparison, other: Bill) -> str:
    """The three lines that make the gap with a neighbour, in words."""
    home = comparison.bill(comparison.home)
    pairs = []
    for title, mine, theirs in (
        ("electricity itself", "commodity", "commodity"),
        ("the network charge", "network", "network"),
        ("levies", "levy", "levy"),
        ("taxes", "tax", "tax"),
        ("compensation", "compensation", "compensation"),
    ):
        a, b = home.category(mine) / home.offtake, other.category(theirs) / other.offtake
        pairs.append((a - b, f"{title} ({a:.2f} against {b:.2f} EUR/MWh, {a - b:+.2f})"))
    pairs.sort(key=lambda pair: -abs(pair[0]))
    gap = (home.total - other.total) / home.offtake
    side = "dearer" if gap > 0 else "cheaper"
    top = ", ".join(text for _, text in pairs[:3])
    names = f"{home.jurisdiction.id} is {abs(gap):.2f} EUR/MWh {side} than {other.jurisdiction.id}"
    return f"{names}; three lines make it: {top}."


def documents() -> dict[Path, str]:
    """Each generated document with what it should say."""
    found = {ROOT / "docs" / "validation.md": validation()}
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        if path not in found and ("<!-- output:" in path.read_text(encoding="utf-8")):
            found[path] = with_outputs(path.read_text(encoding="utf-8"))
    return found


def main() -> int:
    stale = 0
    for path, text in documents().items():
        current = path.read_text(encoding="utf-8") if path.exists() else ""
        if current != text:
            stale += 1
            if "--check" in sys.argv:
                sys.stdout.write(f"{path.relative_to(ROOT)} is not current: run python docs/generate.py\n")
            else:
                path.write_text(text, encoding="utf-8")
    return int(bool(stale and "--check" in sys.argv))


if __name__ == "__main__":
    sys.exit(main())
