"""The upkeep of the tables, on a small made-up country whose answers are worked out by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from levelfield._errors import LevelfieldError, UserError
from levelfield.cli import tables_upkeep
from levelfield.period import today
from levelfield.tables import Tables, load_tables
from levelfield.tables.add import parse_rows, plan, write
from levelfield.tables.bibliography import as_bibtex, bibliography
from levelfield.tables.due import due
from levelfield.tables.matrix import matrix

HEADER = "rate,valid_from,valid_to,value,low,high,unit,published,source,locator,evidence,checked_on,note"
FILES = {
    "eu/nace.csv": "code,name\n20.13,Basic inorganic chemicals\n",
    "xx/sources.csv": (
        "key,title,publisher,act,url,language,published,accessed,licence\n"
        "xx-gazette,Gazette,Ministry,Act 1,https://xx.example/gazette,en,2024-10-01,2025-02-01,\n"
        "xx-list,Lists of sectors,Ministry,Act 2,,nl,,2025-02-01,CC BY 4.0\n"
        "xx-unused,A book nobody opens,Publisher,,,en,2020-03-09,2025-02-01,\n"
    ),
    "xx/jurisdictions.toml": """
[[jurisdiction]]
id = "XX"
name = { en = "Made-up country", nl = "Verzonnen land" }
market = "xx.market"
[jurisdiction.levels]
extra_high = { operator = "one" }
high = { operator = "one" }
sub = { operator = "one" }
medium = { operator = "two" }
[jurisdiction.inputs]
operator = { values = ["one", "two", "three", "four"] }
""",
    "xx/law.toml": """
[[quantity]]
id = "xx.taxed_offtake"
unit = "MWh"
formula = "offtake * xx.tax.share"

[[charge]]
id = "xx.commodity"
category = "commodity"
name = { en = "Energy", nl = "Levering" }
law = "market"
kind = "rate"
basis = "offtake"
rate = "xx.market"

[[charge]]
id = "xx.grid"
category = "network"
name = { en = "Grid", nl = "Net" }
law = "Act 1"
kind = "rate"
basis = "contracted_power"
rate = "xx.grid.{operator}.fee"
renews = "01-01"

[[charge]]
id = "xx.tax"
category = "tax"
name = { en = "Tax", nl = "Belasting" }
law = "Act 2"
kind = "rate"
basis = "xx.taxed_offtake"
rate = "xx.tax.rate"
when = { yearly_offtake = { above = "xx.tax.threshold" } }
renews = "04-01"

[[charge]]
id = "xx.ended"
category = "levy"
name = { en = "Ended", nl = "Vervallen" }
law = "Act 3"
kind = "rate"
basis = "offtake"
rate = "xx.ended"
valid_to = 2024-12-31
renews = "01-01"

[[list]]
id = "xx.sectors"
title = "Sectors"
source = "xx-list"
evidence = "official"
members = ["20.13"]
""",
    "xx/rates.csv": f"""{HEADER}
xx.ended,2024-01-01,2024-12-31,1,,,EUR/MWh,2023-10-01,xx-gazette,,official,2024-01-02,
xx.grid.four.fee,2025-01-01,2027-12-31,14,,,EUR/kW/a,2024-10-01,xx-gazette,,official,2025-11-01,three years at once
xx.grid.one.fee,2024-01-01,2024-12-31,10,,,EUR/kW/a,2023-10-01,xx-gazette,,official,2025-11-01,
xx.grid.one.fee,2025-01-01,2025-12-31,11,,,EUR/kW/a,2024-10-01,xx-gazette,,official,2025-11-01,
xx.grid.three.fee,2025-01-01,,,12,16,EUR/kW/a,2024-10-01,xx-gazette,,secondary,2026-01-01,bounds only
xx.grid.two.fee,2025-01-01,,13,,,EUR/kW/a,2024-10-01,xx-gazette,,secondary,2025-11-01,"a comma, here"
xx.market,2025-01-01,,50,,,EUR/MWh,2024-10-01,xx-gazette,,recalled,2025-11-01,
xx.reference,2020-01-01,,50,,,EUR/MWh,2019-10-01,xx-gazette,,official,2020-01-02,reference: kept for the record
xx.tax.rate,2025-04-01,,5,,,EUR/MWh,2025-01-01,xx-gazette,,official,2025-11-01,
xx.tax.share,2020-01-01,,90,,,%,2019-10-01,xx-gazette,,official,2025-11-01,
xx.tax.threshold,2020-01-01,,10,,,GWh,2019-10-01,xx-gazette,,official,2025-03-31,
""",
    "xx/coverage.toml": """
[[coverage]]
jurisdiction = "XX"
charge = "xx.grid"
years = [2025, 2026]
where = { operator = ["one", "two"] }
status = "complete"
verified_on = 2025-11-01

[[coverage]]
jurisdiction = "XX"
charge = "xx.grid"
years = [2025]
where = { operator = ["three"] }
status = "partial"
verified_on = 2025-11-02
note = { en = "bounds only", nl = "alleen grenzen" }

[[coverage]]
jurisdiction = "XX"
charge = "xx.commodity"
years = [2025, 2027]
status = "missing"
verified_on = 2025-11-01
note = "from memory"
""",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "tables"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return root


@pytest.fixture
def small(folder: Path) -> Tables:
    return load_tables(folder)


def call(folder: Path, *args: str, stdin: str | bytes = "") -> Result:
    app = typer.Typer(rich_markup_mode=None)
    for command in (tables_upkeep.due, tables_upkeep.coverage, tables_upkeep.sources, tables_upkeep.add):
        app.command()(command)
    return CliRunner().invoke(app, [*args, "--tariffs", str(folder)], input=stdin)


def faults(result: Result) -> tuple[str, ...]:
    assert isinstance(result.exception, LevelfieldError), result.output
    assert result.exception.exit_code == 2
    return result.exception.faults


# due ------------------------------------------------------------------------------------------------------------------


def waiting(tables: Tables, day: str, months: int = 1000) -> dict[str, tuple[str, str]]:
    return {item.rate: (item.why, item.since) for item in due(tables, date.fromisoformat(day), months)}


def test_a_rate_is_due_on_the_day_of_its_renewal_and_not_on_the_eve(small: Tables) -> None:
    threshold = {"xx.tax.threshold": ("open", "2025-04-01")}  # looked at on 31 March, the eve of its renewal
    assert waiting(small, "2025-03-31") == {}
    assert waiting(small, "2025-12-31") == threshold
    assert waiting(small, "2026-01-01") == threshold | {
        "xx.grid.one.fee": ("ended", "2026-01-01"),
        "xx.grid.two.fee": ("open", "2026-01-01"),  # open-ended, looked at in November; three was looked at that day
    }


def test_a_look_after_the_renewal_counts_until_the_next_and_a_stated_end_as_long_as_it_lasts(small: Tables) -> None:
    assert "xx.grid.three.fee" not in waiting(small, "2026-12-31")
    assert waiting(small, "2027-01-01")["xx.grid.three.fee"] == ("open", "2027-01-01")
    assert "xx.grid.four.fee" not in waiting(small, "2027-12-31")
    assert waiting(small, "2028-01-01")["xx.grid.four.fee"] == ("ended", "2028-01-01")


def test_rates_are_found_through_quantities_and_conditions_but_not_in_law_that_ended(small: Tables) -> None:
    found = waiting(small, "2026-04-01")
    assert {"xx.tax.rate", "xx.tax.share", "xx.tax.threshold"} < found.keys()
    assert found["xx.tax.share"] == ("open", "2026-04-01")
    assert not {"xx.ended", "xx.market", "xx.reference"} & found.keys()  # ended; without renewal; for reference


def test_what_is_kept_for_reference_does_not_wait(folder: Path) -> None:
    file = folder / "xx/rates.csv"
    file.write_text(file.read_text().replace('"a comma, here"', '"reference: a comma, here"'))
    found = waiting(load_tables(folder), "2026-01-01")
    assert "xx.grid.one.fee" in found
    assert "xx.grid.two.fee" not in found


def test_a_new_row_ends_the_waiting(folder: Path) -> None:
    with (folder / "xx/rates.csv").open("a") as file:
        file.write("xx.grid.one.fee,2026-01-01,,12,,,EUR/kW/a,2025-10-01,xx-gazette,,official,2025-11-01,\n")
    assert "xx.grid.one.fee" not in waiting(load_tables(folder), "2026-06-01")


def test_what_nobody_looked_at_for_long_is_old_from_the_day_after(small: Tables) -> None:
    # xx.market was looked at on 1 November 2025 and has no renewal.
    assert "xx.market" not in waiting(small, "2026-11-01", 12)
    assert waiting(small, "2026-11-02", 12)["xx.market"] == ("old", "2026-11-02")
    assert waiting(small, "2025-12-02", 1)["xx.market"] == ("old", "2025-12-02")


def test_a_renewal_on_the_last_day_of_february_is_on_the_first_of_march_in_other_years(folder: Path) -> None:
    law = folder / "xx/law.toml"
    law.write_text(law.read_text().replace('renews = "04-01"', 'renews = "02-29"'))
    tables = load_tables(folder)  # xx.tax.share was last looked at on 1 November 2025
    assert "xx.tax.share" not in waiting(tables, "2026-02-28")
    assert waiting(tables, "2026-03-01")["xx.tax.share"] == ("open", "2026-03-01")


def test_due_prints_a_line_a_rate_by_country(folder: Path) -> None:
    result = call(folder, "due", "--on", "2026-01-01", "--months", "1000")
    assert result.exit_code == 0
    head, *lines = result.stdout.splitlines()
    assert head == "XX"
    assert [line.split()[0] for line in lines] == ["xx.grid.one.fee", "xx.grid.two.fee", "xx.tax.threshold"]
    for part in ("xx/rates.csv:5", "since 2026-01-01", "11 EUR/kW/a from 2025-01-01", "https://xx.example/gazette"):
        assert part in lines[0]
    assert "3 rates are due, 0 were not looked at" in result.stderr


def test_strict_says_no_only_if_something_waits(folder: Path) -> None:
    assert call(folder, "due", "--on", "2026-01-01", "--strict").exit_code == 1
    assert call(folder, "due", "--on", "2025-03-31", "--strict", "--months", "1000").exit_code == 0
    assert "--on 2026-13" in faults(call(folder, "due", "--on", "2026-13"))[0]


# coverage -------------------------------------------------------------------------------------------------------------


def test_a_cell_has_the_status_and_the_worst_evidence_of_its_connections(small: Tables) -> None:
    cells = {(cell.charge, cell.year, cell.where): cell for cell in matrix(small)}
    one_two = cells["xx.grid", 2025, "operator one, two"]
    assert (one_two.status, one_two.evidence, one_two.rates, one_two.lacking) == ("complete", "secondary", 2, 0)
    later = cells["xx.grid", 2026, "operator one, two"]  # one has no row in 2026
    assert (later.evidence, later.rates, later.lacking) == ("secondary", 1, 1)
    three = cells["xx.grid", 2025, "operator three"]
    assert (three.status, three.evidence, three.note) == ("partial", "hole", "bounds only")
    assert three.verified_on == "2025-11-02"
    market = cells["xx.commodity", 2027, ""]
    assert (market.status, market.evidence) == ("missing", "recalled")


def test_a_charge_of_which_the_coverage_is_silent_is_shown_in_the_years_that_are_held(small: Tables) -> None:
    tax = [cell for cell in matrix(small) if cell.charge == "xx.tax"]
    assert [(cell.year, cell.status, cell.evidence) for cell in tax] == [
        (2025, "unstated", "official"),
        (2026, "unstated", "official"),
    ]
    assert not [cell for cell in matrix(small) if cell.charge == "xx.ended"]  # ended in 2024


def test_the_table_has_a_row_a_charge_and_two_letters_a_year(folder: Path) -> None:
    result = call(folder, "coverage")
    rows = {line.split()[0]: line.split()[1:] for line in result.stdout.splitlines()[:4]}
    assert rows["XX"] == ["2025", "2026", "2027"]
    assert rows["xx.commodity"] == ["Mr", "Ur", "Mr"]
    assert rows["xx.grid"] == ["Ph*", "Cs", "."]  # the worst of two kinds of connection
    assert rows["xx.tax"] == ["Uo", "Uo", "."]
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_csv_and_markdown_of_the_coverage_hold_it_whole(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(call(folder, "coverage", "--csv", "--year", "2025").stdout)))
    assert [(row["charge"], row["where"], row["status"]) for row in rows] == [
        ("xx.commodity", "", "missing"),
        ("xx.grid", "operator one, two", "complete"),
        ("xx.grid", "operator three", "partial"),
        ("xx.tax", "", "unstated"),
    ]
    markdown = call(folder, "coverage", "--md", "--jurisdiction", "xx").stdout
    assert "| `xx.commodity` | missing, recalled | unstated, recalled | missing, recalled |" in markdown
    assert "operator one, two: complete, secondary<br>operator three: partial, hole" in markdown
    assert "- `xx.commodity` 2025, 2027: from memory (verified 2025-11-01)" in markdown


def test_coverage_refuses_what_it_does_not_know(folder: Path) -> None:
    assert "held are 2025, 2026" in faults(call(folder, "coverage", "--year", "2040"))[0]
    assert "'QQ' is no jurisdiction" in faults(call(folder, "coverage", "--jurisdiction", "QQ"))[0]
    assert "do not go together" in faults(call(folder, "coverage", "--md", "--csv"))[0]


# sources --------------------------------------------------------------------------------------------------------------


def test_each_source_says_how_many_rates_rest_on_it(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(call(folder, "sources", "--format", "csv").stdout)))
    assert [(row["key"], row["country"], row["rates"], row["blocks"]) for row in rows] == [
        ("xx-gazette", "xx", "10", "0"),  # ten rates, of which one has two rows
        ("xx-list", "xx", "0", "1"),
        ("xx-unused", "xx", "0", "0"),
    ]
    lines = call(folder, "sources", "--country", "XX").stdout.splitlines()
    assert [line for line in lines if "**unused**" in line] == [lines[-1]]
    assert "<https://xx.example/gazette>" in lines[2]
    assert "'nl' is no country" in faults(call(folder, "sources", "--country", "nl"))[0]


def test_bibtex_of_odd_titles_stays_balanced_and_escaped(folder: Path) -> None:
    sources = folder / "xx/sources.csv"
    odd = (
        '"Costs & rates: 50 % of $1_000 #2 {open ~ \\cite^",A and B,Stcrt. 2024} 1,https://x.example/a_b?c=%7B&d={e},xy'
    )
    sources.write_text(
        sources.read_text() + f"xx odd,{odd},2021,2025-02-01,\nxx-Odd,Title,P,,,de,2021-02-28,2025-02-01,\n"
        "XX-ODD,Title,P,,,de,,2025-02-01,\n"
    )
    text = as_bibtex(bibliography(load_tables(folder)))
    entries = dict(_parse_bibtex(text))
    assert list(entries) == ["XX-ODD", "xx-odd-2", "xx-Odd-3", "xx-gazette", "xx-list", "xx-unused"]
    strange = entries["xx-odd-2"]
    assert strange["title"] == (
        r"{Costs \& rates: 50 \% of \$1\_000 \#2 \textbraceleft{}open \textasciitilde{} "
        r"\textbackslash{}cite\textasciicircum{}}"
    )
    assert strange["author"] == "{A and B}"  # one body, not two authors
    assert strange["howpublished"] == r"Stcrt. 2024\textbraceright{} 1"
    assert strange["url"] == "https://x.example/a_b?c=%7B&d=%7Be%7D"
    assert strange["year"] == "2021"
    assert [entries["xx-unused"][name] for name in ("year", "month", "day", "annote")] == ["2020", "mar", "9", "unused"]
    assert entries["xx-list"]["note"] == "Licence: CC BY 4.0"


def _parse_bibtex(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Entries as BibTeX reads them: it counts braces, also those behind a backslash."""
    for block in text.split("@misc")[1:]:
        body = _braced(block.strip())
        key, *rest = body.split(",\n")
        fields: dict[str, str] = {}
        for field in rest:
            name, _, value = field.strip().partition(" = ")
            fields[name] = _braced(value) if value.startswith("{") else value
        yield key, fields


def _braced(text: str) -> str:
    """What stands within braces that open with the text and close with it."""
    depth = [0]
    for sign in text:
        depth.append(depth[-1] + (sign == "{") - (sign == "}"))
    assert depth[-1] == 0
    assert min(depth[1:-1]) > 0
    return text[1:-1]


# add ------------------------------------------------------------------------------------------------------------------

OFFICIAL = ("--source", "xx-gazette", "--evidence", "official")
NEW = ("xx.grid.one.fee", "--value", "12.50", "--from", "2026", "--to", "2026", *OFFICIAL)
NEW_LINE = f"xx.grid.one.fee,2026-01-01,2026-12-31,12.50,,,EUR/kW/a,,xx-gazette,,official,{today()},"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_new_row_stands_in_its_place_and_no_other_byte_changes(folder: Path, end: str) -> None:
    file = folder / "xx/rates.csv"
    before = FILES["xx/rates.csv"].replace("\n", end).replace(",reference:", ',"reference:"').encode()
    before = before.replace(b'"reference:" kept', b'"reference: kept').replace(b"record", b'record"')
    file.write_bytes(before)
    result = call(folder, "add", *NEW, "--unit", "EUR/kW/a")
    assert result.exit_code == 0, result.exception
    assert result.stdout == f"xx/rates.csv:6: {NEW_LINE}\n"
    lines = before.split(end.encode())
    assert file.read_bytes() == end.encode().join([*lines[:5], NEW_LINE.encode(), *lines[5:]])
    assert sorted(path.name for path in file.parent.iterdir()) == sorted(
        Path(name).name for name in FILES if name.startswith("xx/")
    )


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_without_a_final_newline_stays_without(folder: Path, end: str) -> None:
    file = folder / "xx/rates.csv"
    before = FILES["xx/rates.csv"].removesuffix("\n").replace("\n", end).encode()
    file.write_bytes(before)
    row = ("xx.tax.threshold", "--value", "10.5", "--from", "2027", *OFFICIAL)
    assert call(folder, "add", *row, "--despite-warnings").exit_code == 0
    new = f"xx.tax.threshold,2027-01-01,,10.5,,,GWh,,xx-gazette,,official,{today()},"
    assert file.read_bytes() == before + f"{end}{new}".encode()


def test_a_file_that_is_not_sorted_keeps_its_order(folder: Path) -> None:
    file = folder / "xx/rates.csv"
    head, *rows = FILES["xx/rates.csv"].splitlines()
    mine = [row for row in rows if row.startswith("xx.grid.one")]
    others = sorted((row for row in rows if row not in mine), reverse=True)
    file.write_text("\n".join([head, *mine, *others, ""]))
    assert call(folder, "add", *NEW).exit_code == 0
    assert file.read_text().splitlines() == [head, *mine, NEW_LINE, *others]
    assert (
        call(folder, "add", "xx.new", *NEW[1:], "--unit", "h", "--file", "xx/rates.csv", "--despite-warnings").exit_code
        == 0
    )
    assert file.read_text().splitlines()[-1].startswith("xx.new,")


def test_a_correction_stands_behind_what_it_corrects_and_ends_with_it(folder: Path) -> None:
    row = ("xx.grid.one.fee", "--value", "10.5", "--from", "2024-01-01", *OFFICIAL)
    said = faults(call(folder, "add", *row))
    assert "published 2023-10-01, stands in xx/rates.csv already" in said[0]
    assert faults(call(folder, "add", *row, "--published", "2023-10-01")) == said
    result = call(folder, "add", *row, "--published", "2024-05-01", "--note", 'said "9", not 10')
    assert result.exit_code == 0, result.exception
    assert "ends on 2024-12-31, as the row that it corrects" in result.stderr
    assert (folder / "xx/rates.csv").read_text().splitlines()[4] == (
        "xx.grid.one.fee,2024-01-01,2024-12-31,10.5,,,EUR/kW/a,2024-05-01,xx-gazette,,official,"
        f'{today()},"said ""9"", not 10"'
    )
    corrected = load_tables(folder).row("xx.grid.one.fee", "2024-07-01")
    assert corrected is not None
    assert corrected.value == 10.5


def test_close_ends_the_open_row_before_on_the_eve_in_that_cell_alone(folder: Path) -> None:
    file = folder / "xx/rates.csv"
    row = ("xx.grid.two.fee", "--value", "15", "--from", "2026-07-01", *OFFICIAL)
    new = f"xx.grid.two.fee,2026-07-01,,15,,,EUR/kW/a,,xx-gazette,,official,{today()},"
    before = file.read_text()
    result = call(folder, "add", *row)
    assert "is open-ended and gives way on 2026-07-01; --close ends it on 2026-06-30" in result.stderr
    assert file.read_text().splitlines() == [*before.splitlines()[:7], new, *before.splitlines()[7:]]
    file.write_text(before)
    result = call(folder, "add", *row, "--close")
    assert "now ends on 2026-06-30" in result.stderr
    lines = before.splitlines()
    closed = lines[6].replace("2025-01-01,,13", "2025-01-01,2026-06-30,13")
    assert closed.endswith('"a comma, here"')
    assert file.read_text().splitlines() == [*lines[:6], closed, new, *lines[7:]]


def test_a_new_rate_needs_a_file_a_unit_and_a_law_that_uses_it(folder: Path) -> None:
    row = ("xx.levy", "--value", "3", "--from", "2025", *OFFICIAL)
    assert "say with --file where it goes" in faults(call(folder, "add", *row))[0]
    assert "its unit is wanted" in faults(call(folder, "add", *row, "--file", "xx/levy.csv"))[0]
    full = (*row, "--file", "xx/levy.csv", "--unit", "EUR/MWh")
    assert "used by no law block" in faults(call(folder, "add", *full))[0]
    assert not (folder / "xx/levy.csv").exists()
    result = call(folder, "add", *full, "--despite-warnings")
    assert result.exit_code == 0
    assert "used by no law block" in result.stderr
    line = f"xx.levy,2025-01-01,,3,,,EUR/MWh,,xx-gazette,,official,{today()},"
    assert (folder / "xx/levy.csv").read_text() == f"{HEADER}\n{line}\n"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("xx/sources.csv", "that is no table of rates"),
        ("eu/nace.csv", "that is no table of rates"),
        ("xx/law.toml", "that is no table of rates"),
        ("../outside.csv", "that is not below the folder of tables"),
        ("yy/rates.csv", "there is no folder"),
    ],
)
def test_a_new_rate_goes_into_a_table_of_rates_only(folder: Path, file: str, said: str) -> None:
    result = call(folder, "add", "xx.levy", "--value", "3", "--from", "2025", "--unit", "EUR/MWh", "--file", file)
    assert f"--file {file}: {said}" in faults(result)[0]


def test_what_the_check_would_refuse_is_not_written_and_all_is_told_at_once(folder: Path) -> None:
    before = (folder / "xx/rates.csv").read_bytes()
    rows = """rate,valid_from,value,source,evidence
xx.grid.one.fee,2025-07-01,12,xx-nowhere,official
xx.grid.one.fee,2025-01-01,12,xx-gazette,official
xx.nothing,2025-01-01,12,xx-gazette,official
xx.tax.rate,2026-04-01,6,xx-gazette,official
"""
    said = "\n".join(faults(call(folder, "add", "--stdin", stdin=rows)))
    assert "standard input:2: xx.grid.one.fee from 2025-07-01 overlaps the row to 2025-12-31" in said
    assert "xx-nowhere" in said
    assert "standard input:3: xx.grid.one.fee from 2025-01-01, published 2024-10-01, stands in xx/rates.csv" in said
    assert "standard input:4: no file holds 'xx.nothing'" in said
    assert "nothing was written" in said
    assert "standard input:5" not in said
    assert (folder / "xx/rates.csv").read_bytes() == before


def test_a_warning_stops_a_row_until_its_note_answers_it(folder: Path) -> None:
    row = ("xx.tax.rate", "--value", "8", "--from", "2026-04", *OFFICIAL)  # from 5: more than other rates move
    said = faults(call(folder, "add", *row))
    assert said[0].startswith("xx.tax.rate from 2026-04-01: warning: ")
    assert "say why in the note after 'ok:'" in said[1]
    assert call(folder, "add", *row, "--note", "ok: the act says so").exit_code == 0


def test_a_fault_that_shows_in_an_old_row_names_the_line_that_it_has_now(folder: Path) -> None:
    row = ("xx.grid.one.fee", "--value", "9", "--from", "2024", "--published", "2024-05", *OFFICIAL)
    said = faults(call(folder, "add", *row))  # 9 in 2024, 11 in 2025
    assert said[0].startswith("xx/rates.csv:5: warning: xx.grid.one.fee")


def test_faults_of_form_name_the_new_row_and_leave_the_file(folder: Path) -> None:
    before = (folder / "xx/rates.csv").read_bytes()
    result = call(folder, "add", "xx.tax.rate", "--value", "4,5", "--from", "2026-04-01", "--source", "xx-gazette")
    said = faults(result)
    assert any(fault.startswith("xx.tax.rate from 2026-04-01: value is '4,5'") for fault in said)
    assert any("evidence is ''" in fault for fault in said)
    assert (folder / "xx/rates.csv").read_bytes() == before


def test_faults_that_the_tables_have_already_do_not_stop_a_row(folder: Path) -> None:
    file = folder / "xx/rates.csv"  # two rates that no law uses, each a warning, on lines that move
    file.write_text(
        file.read_text().replace("xx.tax.threshold", "xx.aaa").replace("reference: kept for the record", "")
        + "xx.tax.threshold,2020-01-01,,10,,,GWh,2019-10-01,xx-gazette,,official,2025-03-31,\n"
    )
    assert call(folder, "add", *NEW).exit_code == 0


def test_rows_from_standard_input_may_go_to_several_files_and_leave_columns_out(folder: Path) -> None:
    extra = folder / "xx/extra.csv"
    lines = FILES["xx/rates.csv"].splitlines(keepends=True)
    extra.write_bytes("".join([lines[0], *lines[-3:]]).replace("\n", "\r\n").encode())
    (folder / "xx/rates.csv").write_bytes("".join(lines[:-3]).encode())
    rows = (
        "\ufeffvalid_from,rate,value,evidence,source,checked_on\r\n"
        "2026-01-01,xx.grid.one.fee,12,official,xx-gazette,\r\n\r\n"
        "2026-04-01,xx.tax.rate,6,official,xx-gazette,2026-02-03\r\n"
        "2027-04-01,xx.tax.rate,7,official,xx-gazette,\r\n"
    )
    result = call(folder, "add", "--stdin", "--close", stdin=rows.encode())
    assert result.exit_code == 0, result.exception
    assert extra.read_bytes().decode().split("\r\n")[1:4] == [
        "xx.tax.rate,2025-04-01,2026-03-31,5,,,EUR/MWh,2025-01-01,xx-gazette,,official,2025-11-01,",
        "xx.tax.rate,2026-04-01,2027-03-31,6,,,EUR/MWh,,xx-gazette,,official,2026-02-03,",
        f"xx.tax.rate,2027-04-01,,7,,,EUR/MWh,,xx-gazette,,official,{today()},",
    ]
    assert "xx.grid.one.fee,2026-01-01,,12," in (folder / "xx/rates.csv").read_text()
    assert [line.partition(",")[0] for line in result.stdout.splitlines()] == [
        "xx/rates.csv:6: xx.grid.one.fee",
        "xx/extra.csv:3: xx.tax.rate",
        "xx/extra.csv:4: xx.tax.rate",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rate,value\nxx.a,1\n", "standard input:1: the column valid_from is missing"),
        ("rate,valid_from,valeu\n", "'valeu' is no column of the tables; did you mean value?"),
        ("rate,valid_from,rate\n", "the column rate stands here twice"),
        ("rate,valid_from\nxx.a\n", "standard input:2: 1 cells where 2 are wanted"),
        ('rate,valid_from\nxx.a,"2025\n', "is a quotation mark missing?"),
        ("", "standard input holds no row"),
    ],
)
def test_faults_in_the_form_of_standard_input(text: str, said: str) -> None:
    with pytest.raises(UserError, match="standard input") as error:
        parse_rows(text)
    assert said in str(error.value)


def test_options_that_are_missing_or_do_not_go_together(folder: Path) -> None:
    assert faults(call(folder, "add")) == ("RATE is missing", "--from is missing")
    assert "leave the rate and its options out" in faults(call(folder, "add", "--stdin", "--value", "1"))[0]
    assert "--to 2025-02-30" in faults(call(folder, "add", "xx.market", "--from", "2025", "--to", "2025-02-30"))[0]
    assert "not UTF-8" in faults(call(folder, "add", "--stdin", stdin=b"rate,valid_from\n\xff,2025\n"))[0]


def test_a_file_that_changed_meanwhile_is_left_alone(folder: Path) -> None:
    row = (
        "rate,valid_from,valid_to,value,source,evidence\nxx.grid.one.fee,2026-01-01,2026-12-31,12,xx-gazette,official\n"
    )
    planned = plan(folder, parse_rows(row), date(2026, 1, 2))
    file = folder / "xx/rates.csv"
    file.write_text(file.read_text() + "\n")
    with pytest.raises(UserError, match="someone else has changed the file"):
        write(planned.edits)
    assert file.read_text() == FILES["xx/rates.csv"] + "\n"
