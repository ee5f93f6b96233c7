"""Slips of a pen in made-up tables: jumps, factors of ten, bands, bounds of the law, evidence and printed sums."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from levelfield.tables import Tables, load_tables
from levelfield.tables.check import bounds, evidence, plausibility, sums
from levelfield.tables.fault import Fault

HEADER = "rate,valid_from,valid_to,value,low,high,unit,published,source,locator,evidence,checked_on,note\n"
FILES = {
    "eu/nace.csv": "code,name\n20.13,Other inorganic basic chemicals\n",
    "eu/publishers.csv": "publisher,kind,country\nMinistry,ministry,xx\nAdviser,consultant,xx\n",
    "eu/market.csv": HEADER
    + "market.xx,2023-01-01,2023-12-31,100,,,EUR/MWh,,xx-act,,official,2025-02-01,\n"
    + "market.xx,2024-01-01,2024-12-31,300,,,EUR/MWh,,xx-act,,official,2025-02-01,\n",  # a price of the market may jump
    "xx/sources.csv": (
        "key,title,publisher,act,url,language,published,accessed,licence\n"
        "xx-act,Act 1,Ministry,Act 1,https://xx.example/1,en,,2025-02-01,\n"
        "xx-page,Page of an adviser,Adviser,,https://xx.example/2,en,,2025-02-01,\n"
    ),
    "xx/jurisdictions.toml": """
[[jurisdiction]]
id = "XX"
name = { en = "Made-up country", nl = "Verzonnen land" }
market = "market.xx"
[jurisdiction.levels]
extra_high = { operator = "one" }
high = { operator = "one" }
sub = { operator = "one" }
medium = { operator = "two" }
""",
}
Faults = Callable[[Tables], Iterator[Fault]]


def rates(*rows: str) -> str:
    """Rows such as 'xx.tax 2024 100 EUR/MWh' (a year each), with 'assumed' or '| a note' behind them."""
    lines = []
    for row in rows:
        cells, _, note = row.partition("|")
        rate, year, value, unit, *more = cells.split()
        stand_in = more[:1] == ["assumed"]
        low, high = (more[1], more[2]) if len(more) == 3 else ("", "")
        kind = "assumed" if stand_in else "official"
        source = "" if stand_in else "xx-act"
        note = f'"{note.strip()}"' if note else ""
        lines.append(
            f"{rate},{year}-01-01,{year}-12-31,{value},{low},{high},{unit},,{source},,{kind},2025-02-01,{note}"
        )
    return HEADER + "\n".join(lines) + "\n"


@pytest.fixture
def found(tmp_path: Path) -> Callable[..., list[Fault]]:
    """found(plausibility.faults, rows, law): the faults of one check, of tables with these rates and this law."""

    def check(faults: Faults, rows: str, law: str = "", **files: str) -> list[Fault]:
        texts = {**FILES, "xx/rates.csv": rows, **({"xx/law.toml": law} if law else {}), **files}
        for name, text in texts.items():
            target = tmp_path / name
            target.parent.mkdir(exist_ok=True)
            target.write_text(text, encoding="utf-8")
        return list(faults(load_tables(tmp_path)))

    return check


Found = Callable[..., list[Fault]]


def told(faults: list[Fault]) -> list[tuple[str, str, str]]:
    return [(fault.rule, fault.place, fault.severity) for fault in faults]


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        (("xx.tax 2023 100 EUR/MWh", "xx.tax 2024 125 EUR/MWh"), [3]),  # +25 %
        (("xx.tax 2023 100 EUR/MWh", "xx.tax 2024 119 EUR/MWh"), []),
        (("xx.tax 2023 100 EUR/MWh", "xx.tax 2024 79 EUR/MWh"), [3]),  # -21 %
        (("xx.tax 2022 100 EUR/MWh", "xx.tax 2024 142 EUR/MWh"), []),  # 1.19 × 1.19 in two years
        (("xx.tax 2022 100 EUR/MWh", "xx.tax 2024 150 EUR/MWh"), [3]),  # 1.22 × 1.22
        (("xx.tax 2023 0 EUR/MWh", "xx.tax 2024 79 EUR/MWh"), []),  # a new tax is no step
        (("xx.tax 2023 100 EUR/MWh", "xx.tax 2024 300 EUR/MWh assumed 200 400 | by judgement"), []),
    ],
)
def test_a_step_of_more_than_a_fifth_a_year_is_a_warning(rows: tuple[str, ...], lines: list[int], found: Found) -> None:
    faults = found(plausibility.faults, rates(*rows))
    assert told(faults) == [("plausibility.step", f"xx/rates.csv:{line}", "warning") for line in lines]


@pytest.mark.parametrize(
    ("second", "lines"),
    [
        ("140 EUR/MWh", []),  # both +40 %
        ("144 EUR/MWh", []),  # four points apart
        ("147 EUR/MWh", [3, 5]),  # seven points apart
    ],
)
def test_siblings_that_move_alike_explain_each_other(second: str, lines: list[int], found: Found) -> None:
    rows = rates(
        "xx.grid.ts.fee 2023 100 EUR/MWh",
        "xx.grid.ts.fee 2024 140 EUR/MWh",
        "xx.grid.hs.fee 2023 100 EUR/MWh",
        f"xx.grid.hs.fee 2024 {second}",
    )
    assert sorted(fault.line for fault in found(plausibility.faults, rows)) == lines


def test_the_prices_among_the_rates_may_jump(found: Found) -> None:
    law = """
[[list]]
id = "eu.prices"
kind = "rate"
title = "Prices"
source = "xx-act"
evidence = "official"
members = ["xx.allowance"]
"""
    rows = rates("xx.allowance 2023 100 EUR/tCO2", "xx.allowance 2024 50 EUR/tCO2")
    assert found(plausibility.faults, rows, law) == []
    assert len(found(plausibility.faults, rows, law.replace("xx.allowance", "xx.other"))) == 1


def test_a_note_answers_a_step(found: Found) -> None:
    rows = rates("xx.tax 2023 100 EUR/MWh", "xx.tax 2024 125 EUR/MWh | read twice; ok: raised by the Act of 2023")
    (fault,) = found(plausibility.faults, rows)
    assert (fault.severity, fault.answered) == ("warning", "raised by the Act of 2023")


@pytest.mark.parametrize(
    ("before", "after", "slip"),
    [
        ("0.0041 EUR/kWh", "0.00041 EUR/kWh", "a factor near 10 down"),  # a cell of a real file of grid tariffs
        ("20 EUR/MWh", "2 EUR/MWh", "ct/kWh where EUR/MWh is meant"),
        ("2.05 ct/kWh", "205 ct/kWh", "ct where EUR is meant"),
        ("38 EUR/kW/a", "0.037 EUR/kW/a", "kW where MW is meant"),
    ],
)
def test_a_power_of_ten_from_year_to_year_is_an_error(before: str, after: str, slip: str, found: Found) -> None:
    (fault,) = found(plausibility.faults, rates(f"xx.tax 2023 {before}", f"xx.tax 2024 {after}"))
    assert told([fault]) == [("plausibility.factor", "xx/rates.csv:3", "error")]
    assert slip in fault.message
    (fault,) = found(plausibility.faults, rates(f"xx.tax 2023 {before}", f"xx.tax 2024 {after} | ok: price shield"))
    assert (fault.severity, fault.answered) == ("warning", "price shield")


def test_a_power_of_ten_among_siblings_is_an_error(found: Found) -> None:
    rows = ["xx.grid.a.fee 2024 41 EUR/kW/a", "xx.grid.b.fee 2024 52 EUR/kW/a", "xx.grid.c.fee 2024 47 EUR/kW/a"]
    assert found(plausibility.faults, rates(*rows, "xx.grid.d.fee 2024 20 EUR/kW/a")) == []
    faults = found(plausibility.faults, rates(*rows, "xx.grid.d.fee 2024 4.4 EUR/kW/a"))
    assert told(faults) == [("plausibility.factor", "xx/rates.csv:5", "error")]


BRACKETS = """
[[charge]]
id = "xx.tax"
category = "tax"
name = { en = "Tax", nl = "Belasting" }
law = "Act 1"
kind = "brackets"
basis = "offtake"
brackets = [
  { interval = "[0, 10000) kWh", rate = "xx.tax.low" },
  { interval = "[10000, inf) kWh", rate = "xx.tax.high.{operator}" },
]
"""


def test_a_year_that_breaks_the_order_of_the_bands_is_a_warning(found: Found) -> None:
    bands = [(2021, 20, 10), (2022, 20, 10), (2023, 20, 21), (2024, 20, 10)]
    rows = [f"xx.tax.low {year} {low} EUR/MWh" for year, low, _ in bands]
    rows += [f"xx.tax.high.{name} {year} {high} EUR/MWh" for year, _, high in bands for name in ("one", "two")]
    faults = found(plausibility.faults, rates(*rows), BRACKETS)
    broken = [fault for fault in faults if fault.rule == "plausibility.bands"]
    assert told(broken) == [("plausibility.bands", f"xx/rates.csv:{line}", "warning") for line in (10, 11)]
    rising = [row.replace(" 20 EUR", " 9.9 EUR") for row in rows]
    assert all(fault.rule != "plausibility.bands" for fault in found(plausibility.faults, rates(*rising), BRACKETS))


def bound(*lines: str) -> str:
    return "\n".join(["[[bound]]", *lines, 'law = "Directive 1, table C"', 'source = "xx-act"']) + "\n"


TAX = rates("xx.tax.one 2023 0.4 EUR/MWh", "xx.tax.one 2024 0.5 EUR/MWh", "xx.tax.two 2024 0.049 ct/kWh")


@pytest.mark.parametrize(
    ("lines", "outside"),
    [
        (('rate = "xx.tax.one"', 'at_least = "0.5 EUR/MWh"'), ["2"]),
        (('rate = "xx.tax.*"', 'at_least = "0.05 ct/kWh"'), ["2", "4"]),
        (('rate = ["xx.tax.one", "xx.tax.two"]', 'at_most = "0.49 EUR/MWh"'), ["3"]),
        (('rate = "xx.tax.one"', 'at_least = "0.5 EUR/MWh"', "valid_from = 2024-01-01"), []),
        (('rate = "xx.tax.two"', 'at_least = "xx.tax.one"'), ["4"]),  # that of 2024: 0.5
    ],
)
def test_a_rate_outside_of_a_legal_bound_is_an_error(lines: tuple[str, ...], outside: list[str], found: Found) -> None:
    faults = found(bounds.faults, TAX, bound(*lines))
    assert told(faults) == [("bounds.outside", f"xx/rates.csv:{line}", "error") for line in outside]


def test_a_stand_in_whose_range_reaches_the_bound_is_a_warning(found: Found) -> None:
    law = bound('rate = "xx.factor"', 'at_most = "0.44 tCO2/MWh"')
    reaching = "xx.factor 2026 0.45 tCO2/MWh assumed 0.44 0.45 | last value; ok: low is the maximum"
    (fault,) = found(bounds.faults, rates(reaching), law)
    assert (fault.severity, fault.answered) == ("warning", "low is the maximum")
    (fault,) = found(bounds.faults, rates(reaching.replace("0.44 0.45", "0.445 0.45")), law)
    assert (fault.severity, fault.answered) == ("error", "")


@pytest.mark.parametrize(
    ("law", "message"),
    [
        (bound('rate = "xx.tacks"', 'at_least = "1 EUR/MWh"'), "'xx.tacks', which is no rate"),
        (bound('rate = "xx.tax.one"'), "needs at_least or at_most"),
        (bound('rate = "xx.tax.one"', 'at_least = "1 EUR/kW/a"'), "at_least: 1 EUR/kW/a"),
        (bound('rate = "xx.tax.one"', 'at_lest = "1 EUR/MWh"', 'at_most = "9 EUR/MWh"'), "'at_lest' is no key"),
        (bound('rate = "xx.tax.one"', 'at_most = "9 EUR/MWh"').replace("xx-act", "xx-axe"), "'xx-axe' is not in"),
        (bound('rate = "xx.tax.one"', 'at_most = "9 EUR/MWh"').replace("law", "# law"), "lacks law"),
    ],
)
def test_a_bound_that_says_too_little_is_told(law: str, message: str, found: Found) -> None:
    (fault,) = found(bounds.faults, TAX, law)
    assert (fault.rule, fault.place) == ("bounds.form", "xx/law.toml:1")
    assert message in fault.message


def test_official_is_what_an_authority_published_itself(found: Found) -> None:
    rows = rates("xx.tax 2023 100 EUR/MWh", "xx.tax 2024 101 EUR/MWh").replace("xx-act", "xx-page", 1)
    (fault,) = found(evidence.faults, rows)
    assert told([fault]) == [("evidence.publisher", "xx/rates.csv:2", "error")]
    assert "'Adviser' is of the kind consultant" in fault.message
    assert found(evidence.faults, rows.replace("official", "secondary", 1)) == []


def test_an_assumed_row_needs_its_range_and_derivation(found: Found) -> None:
    rows = rates("xx.tax 2023 100 EUR/MWh assumed | by judgement", "xx.fee 2023 1 EUR/MWh assumed 0.5 2")
    assert told(found(evidence.faults, rows)) == [
        ("evidence.assumed", "xx/rates.csv:3", "error"),
        ("evidence.assumed", "xx/rates.csv:2", "error"),
    ]


def test_a_publisher_has_a_known_kind(found: Found) -> None:
    files = {"eu/publishers.csv": "publisher,kind,country\nMinistry,misnistry,xx\n"}
    assert told(found(evidence.faults, rates("xx.tax 2023 1 EUR/MWh"), **files)) == [
        ("evidence.unknown_publisher", "xx/sources.csv:3", "warning"),
        ("evidence.kind", "eu/publishers.csv", "error"),
    ]


SUM = """
[[printed_sum]]
of = ["xx.levy.a", "xx.levy.b"]
is = {printed}
unit = "{unit}"
on = 2024-06-01
source = "xx-page"
locator = "table 2"
"""
LEVIES = rates("xx.levy.a 2024 0.2771 ct/kWh", "xx.levy.b 2024 0.8163 ct/kWh")  # together 1.0934 ct/kWh


@pytest.mark.parametrize(
    ("printed", "unit", "rules"),
    [
        ("1.0934", "ct/kWh", []),
        ("1.09", "ct/kWh", []),
        ("10.93", "EUR/MWh", []),
        ("1.10", "ct/kWh", []),  # TOML drops the zero: 1.1
        ('"1.10"', "ct/kWh", ["sums.differ"]),
        ("1.0943", "ct/kWh", ["sums.differ"]),  # two digits swapped
        ("10.94", "EUR/MWh", ["sums.differ"]),
        ("1.09", "EUR/kW/a", ["sums.form", "sums.form"]),
        ("1.09", "ct/kwh", ["sums.form"]),
        ('"a lot"', "ct/kWh", ["sums.form"]),
    ],
)
def test_rates_add_up_to_the_sum_that_was_printed(printed: str, unit: str, rules: list[str], found: Found) -> None:
    faults = found(sums.faults, LEVIES, SUM.format(printed=printed, unit=unit))
    assert told(faults) == [(rule, "xx/law.toml:2", "error") for rule in rules]


def test_a_charge_per_kw_becomes_a_price_at_the_hours_of_use(found: Found) -> None:
    """166.03 EUR/kW ÷ 6,000 h = 2.7672 ct/kWh, and 1.30 ct/kWh make 4.07, as the German regulator prints."""
    rows = rates("xx.levy.a 2024 166.03 EUR/kW/a", "xx.levy.b 2024 1.30 ct/kWh")
    law = SUM.format(printed="4.07", unit="ct/kWh")
    assert found(sums.faults, rows, law + "use_hours = 6000\n") == []
    assert [f.rule for f in found(sums.faults, rows, law + "use_hours = 5000\n")] == ["sums.differ"]
    assert "use_hours turns a charge per kW" in found(sums.faults, rows, law)[0].message


@pytest.mark.parametrize("key", ["of", "is", "unit", "on", "source"])
def test_a_printed_sum_that_says_too_little_is_told(key: str, found: Found) -> None:
    law = SUM.format(printed="1.0934", unit="ct/kWh").replace(f"\n{key} =", f"\n# {key} =")
    (fault,) = found(sums.faults, LEVIES, law)
    assert fault.rule == "sums.form"
    assert f"lacks {key}" in fault.message


@pytest.mark.parametrize("faults", [plausibility.faults, bounds.faults, evidence.faults, sums.faults])
def test_the_shipped_tables_hold(faults: Faults, tables: Tables) -> None:
    assert [str(fault) for fault in faults(tables) if fault.severity == "error"] == []
