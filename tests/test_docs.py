"""The documents: outputs shown are current, links lead somewhere, every command is documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_outputs_shown_are_what_the_commands_print() -> None:
    from docs.generate import documents

    for path, text in documents().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is not current: run python docs/generate.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_example_of_the_library_runs() -> None:
    import levelfield as lf

    tables = lf.load_tables()
    plant = lf.load_plant("chlor-alkali", tables)
    comparison = lf.compare(tables, plant, *lf.calendar_year(2025))
    assert comparison.bill("NL").electricity / comparison.bill("NL").offtake > 0
    assert set(lf.__all__) <= {*dir(lf), *lf._HOME}
