"""Which rates does no test guard? `python -m tests.mutate` (or `make mutate`) changes each rate by 10 % and looks.

Each test of the law, the hand calculation and each study is run once, noting which rates it reads; then, rate by rate,
with that rate 10 % higher, until one fails. What survives is written to docs/unguarded-rates.md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

from levelfield.replicate import replicate, studies
from levelfield.tables import Row, Tables, load_tables

ROOT = Path(__file__).parents[1]
FACTOR = 1.1
REASONS = {
    "be.pso.wal.exemption.accord": "the least that is paid, 15 %, says the same",
    "de.electricity_tax.spitzenausgleich.pension_ceiling": "the pension rate has been below it since 2018",
    "eu.icc.elec_benchmark.fallback": "0 by construction: the fall-back counts consumption, not output",
    "fr.vnu.unit_tariff": "0 in its only year, below the amount that is handed out",
}
_read: set[str] = set()
_scaled: set[str] = set()
_rows = Tables.rows


def _scaling_rows(self: Tables, rate: str) -> tuple[Row, ...]:
    _read.add(rate)
    rows = _rows(self, rate)
    if rate not in _scaled:
        return rows
    return tuple(
        row._replace(
            value=None if row.value is None else row.value * FACTOR + (0.001 if row.value == 0 else 0),
            low=None if row.low is None else row.low * FACTOR,
            high=None if row.high is None else row.high * FACTOR,
        )
        for row in rows
    )


@contextmanager
def scaled(rate: str) -> Iterator[None]:
    _scaled.add(rate)
    try:
        yield
    finally:
        _scaled.clear()


def study_states(tables: Tables, study: str) -> list[bool | None]:
    return [figure.within for figure in replicate(tables, study).figures]


class Mutation:
    def __init__(self) -> None:
        self.unguarded: list[str] = []
        self.tried = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        tables = load_tables(ROOT / "tariffs")
        used = rates_of_the_law(tables)
        self.tried = len(used)
        readers: dict[str, list[pytest.Item]] = {}
        for item in session.items:
            _read.clear()
            assert passes(item), f"{item.nodeid} fails without any change"
            for rate in _read:
                readers.setdefault(rate, []).append(item)
        base, study_reads = {}, {}
        for study in studies():
            _read.clear()
            base[study] = study_states(tables, study)
            study_reads[study] = set(_read)
        for number, rate in enumerate(used):
            with scaled(rate):
                guarded = any(not passes(item) for item in readers.get(rate, ())) or any(
                    rate in study_reads[study] and study_states(tables, study) != base[study] for study in base
                )
            if not guarded:
                self.unguarded.append(rate)
            sys.stderr.write(f"\r{number + 1} of {len(used)}, {len(self.unguarded)} unguarded")
        sys.stderr.write("\n")
        return True


def passes(item: pytest.Item) -> bool:
    """Whether a test passes; everything is set up anew, so that no fixture keeps what was read before."""
    return all(report.passed for report in runtestprotocol(item, nextitem=None, log=False))


def rates_of_the_law(tables: Tables) -> list[str]:
    """The rates that are not kept for reference only and hold at some time in the years that are held."""
    return [
        rate
        for rate in tables.rate_ids
        if not all("reference:" in row.note for row in _rows(tables, rate))
        and any(
            row.valid_from <= "2026-12-31" and (row.valid_to or "9999") >= "2021-01-01" for row in _rows(tables, rate)
        )
    ]


def main() -> int:
    Tables.rows = _scaling_rows  # type: ignore[method-assign]
    mutation = Mutation()
    tests = sys.argv[1:] or ["tests/law", "tests/reproduction"]
    code = pytest.main(["-q", "-p", "no:xdist", *tests], plugins=[mutation])
    lines = [
        "# Rates that no test guards",
        "",
        "Written by `make mutate`: each rate is made 10 % higher, and the tests of the law, the hand calculation and",
        f"the studies are run until one fails. {len(mutation.unguarded)} of {mutation.tried} survive:",
        "",
        *(f"- `{rate}`: {REASONS.get(rate, 'a test is wanted')}" for rate in mutation.unguarded),
    ]
    (ROOT / "docs" / "unguarded-rates.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
