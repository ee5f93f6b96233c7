"""The command line as a user meets it: output, messages, exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[1]
SCHEMA = json.loads((ROOT / "levelfield" / "schemas" / "comparison-1.json").read_text())
PLANT = """
name = "{name}"
sector = "20.13"
[electricity]
offtake = "800 GWh"
yearly_peak = "100 MW"
[connection]
level = "extra_high"
[company]
gross_value_added = "200 MEUR"
turnover = "400 MEUR"
[co2]
eu_ets = true
direct_emissions = "50 kt"
free_allocation = "20 kt"
"""


def run(*args: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "levelfield", *args],
        capture_output=True,
        text=True,
        input=stdin,
        env={**os.environ, **env},
        cwd=ROOT,
        check=False,
    )


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("a folder") / "my plant.toml"
    path.write_text(PLANT.format(name="Works"))
    return str(path)


@pytest.mark.parametrize("year", ["2025", "2026"])
def test_json_has_the_shape_of_its_schema_and_adds_up(plant: str, year: str) -> None:
    done = run("compare", plant, "--year", year, "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    Draft202012Validator(SCHEMA).validate(document)
    assert {bill["jurisdiction"] for bill in document["bills"]} == {"NL", "DE", "BE-VLG", "BE-WAL", "FR"}
    for bill in document["bills"]:
        assert sum(line["amount_eur"] for line in bill["lines"]) == pytest.approx(bill["total_eur"], abs=0.005)
        assert sum(bill["categories_eur"].values()) == pytest.approx(bill["total_eur"], abs=0.005)
        assert bill["electricity_eur"] + bill["co2_eur"] == pytest.approx(bill["total_eur"], abs=0.005)
        assert bill["low_total_eur"] <= bill["total_eur"] <= bill["high_total_eur"]
        assert sum(bill["evidence_share"].values()) == pytest.approx(1)
    for gap in document["gaps"]:
        assert sum(gap["drivers_eur"].values()) == pytest.approx(gap["eur"], abs=0.005)
        assert sum(gap["drivers_by_charge_eur"].values()) == pytest.approx(gap["eur"], abs=0.005)


def test_the_table_fits_80_columns_and_is_plain_when_piped(plant: str) -> None:
    done = run("compare", plant, "--year", "2025")
    assert done.returncode == 0, done.stderr
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    assert "\x1b" not in done.stdout
    assert "(NL − other) ÷ other" in done.stdout


def test_dutch_output_uses_dutch_words_and_decimal_commas(plant: str) -> None:
    done = run("compare", plant, "--year", "2025", "--lang", "nl")
    assert "netkosten" in done.stdout
    assert "(NL − ander) ÷ ander" in done.stdout
    assert "86,81" in done.stdout


def test_csv_and_markdown_hold_the_same_lines(plant: str) -> None:
    document = json.loads(run("compare", plant, "--year", "2025", "--json").stdout)
    rows = list(csv.DictReader(io.StringIO(run("compare", plant, "--year", "2025", "--csv").stdout)))
    lines = [line for bill in document["bills"] for line in bill["lines"]]
    assert [row["charge"] for row in rows] == [line["charge"] for line in lines]
    assert [float(row["amount_eur"]) for row in rows] == pytest.approx(
        [line["amount_eur"] for line in lines], abs=0.006
    )
    markdown = run("compare", plant, "--year", "2025", "--md").stdout
    assert markdown.startswith("## Works · 2025 · 800 GWh")
    assert all(f"`{line['charge']}`" in markdown for line in lines)


def test_a_name_that_looks_like_a_formula_stays_a_text() -> None:
    done = run("compare", "-", "--year", "2025", "--against", "DE", "--csv", stdin=PLANT.format(name="=HYPERLINK(1)"))
    assert done.returncode == 0
    assert "'=HYPERLINK(1),NL" in done.stdout


def test_a_plant_may_come_from_standard_input_and_be_compared_from_elsewhere() -> None:
    done = run(
        "compare", "-", "--year", "2025", "--home", "de", "--against", "BE", "--json", stdin=PLANT.format(name="x")
    )
    document = json.loads(done.stdout)
    assert document["home"] == "DE"
    assert [gap["jurisdiction"] for gap in document["gaps"]] == ["BE-VLG", "BE-WAL"]


def test_set_changes_a_rate_and_says_so(plant: str) -> None:
    done = run(
        "compare", plant, "--year", "2025", "--against", "DE", "--set", "nl.energy_tax.band4.business=0.00421", "--json"
    )
    document = json.loads(done.stdout)
    (line,) = [line for line in document["bills"][0]["lines"] if line["charge"] == "nl.energy_tax.band4"]
    assert line["rate"] == pytest.approx(4.21)
    assert line["evidence"] == "stated"
    assert document["switches"]["settings"] == {"nl.energy_tax.band4.business": pytest.approx(4.21)}


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["compare", "nowhere.toml"], 2, "nowhere.toml: there is no such file"),
        (["compare", "{plant}", "--year", "2031"], 3, "the tables hold nothing for 2031; held are "),
        (["compare", "{plant}", "--against", "ES"], 2, "'ES' is no jurisdiction of the tables; known are"),
        (["compare", "{plant}", "--home", "NLX"], 2, "did you mean NL?"),
        (["compare", "{plant}", "--from", "2025-02"], 2, "--from and --to go together"),
        (["compare", "{plant}", "--from", "2025-13", "--to", "2026"], 2, "--from 2025-13: a date such as"),
        (["compare", "{plant}", "--year", "2025", "--from", "2025", "--to", "2025"], 2, "do not go together"),
        (["compare", "{plant}", "--json", "--csv"], 2, "do not go together"),
        (["compare", "{plant}", "--set", "nl.energy_tax.band5=1"], 2, "is no rate of the tables; did you mean"),
        (["compare", "{plant}", "--set", "nl.energy_tax.band1"], 2, "RATE=VALUE is wanted"),
        (["compare", "{plant}", "--set", "nl.energy_tax.band1=5 MW"], 2, "5 MW is a power"),
        (["compare", "{plant}", "--tariffs", "nowhere"], 2, "there is no folder of tariff tables here"),
        (["compare", "{plant}", "--as-known-on", "yesterday"], 2, "--as-known-on yesterday: a date such as"),
        (["explain", "{plant}", "NL", "nl.energytax"], 2, "'nl.energytax' is no charge in NL; known are"),
        (["tariffs", "show", "nl.energy_tax"], 2, "below it are nl.energy_tax.band1"),
        (["trend", "{plant}", "--from", "2026", "--to", "2021"], 2, "--from"),
        (["replicate", "ebridge"], 2, "did you mean ebridge-2024?"),
        (["compare"], 2, "Missing argument 'PLANT'"),
        (["compar"], 2, "No such command 'compar'"),
    ],
)
def test_a_mistake_has_one_clear_line_and_its_exit_code(plant: str, args: list[str], code: int, message: str) -> None:
    done = run(*(arg.format(plant=plant) for arg in args))
    assert done.returncode == code, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == "" or code == 3


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["compare"],
        ["explain"],
        ["trend"],
        ["replicate"],
        ["export"],
        ["verify"],
        ["plants", "template"],
        ["plants"],
        ["plants", "new"],
        ["plants", "check"],
        ["tariffs"],
        ["tariffs", "show"],
    ],
)
def test_help_starts_with_an_example(command: list[str]) -> None:
    done = run(*command, "--help")
    assert done.returncode == 0
    body = [line.strip() for line in done.stdout.splitlines() if line.strip() and not line.startswith("Usage")]
    assert body[0].startswith("levelfield ")


def test_explain_gives_formula_condition_law_and_source(plant: str) -> None:
    done = run("explain", plant, "NL", "nl.energy_tax", "--year", "2025")
    assert "Wet belastingen op milieugrondslag" in done.stdout
    assert "band4: 790,000 MWh × 3.21 EUR/MWh = 2,535,900.00 EUR" in done.stdout
    assert "nl.energy_tax.band4.business = 0.00321 EUR/kWh" in done.stdout
    german = run("explain", plant, "DE", "de.grid", "--year", "2025", "--reliefs", "all").stdout
    assert "full load hours 8,000 h; wanted: at least 7,000 h" in german


def test_a_new_plant_file_can_be_compared_and_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    assert run("plants", "new", "-o", str(path), "--name", 'The "new" works').returncode == 0
    assert run("plants", "check", str(path)).stdout.startswith('The "new" works: 100.0 GWh, 12.50 MW, 8,000 h')
    assert run("compare", str(path), "--year", "2025", "--json").returncode == 0
    before = path.read_text()
    again = run("plants", "new", "-o", str(path))
    assert again.returncode == 2
    assert "is there already; --force replaces it" in again.stderr
    assert path.read_text() == before


def test_every_shipped_plant_is_listed_and_billed_in_both_years() -> None:
    listed = run("plants", "list").stdout.splitlines()
    assert len(listed) >= 20
    for line in listed:
        name = line.split()[0]
        for year in ("2025", "2026"):
            done = run("compare", name, "--year", year, "--json")
            assert done.returncode in (0, 3), (name, year, done.stderr)
            assert "NL" in [bill["jurisdiction"] for bill in json.loads(done.stdout)["bills"]]


def test_the_tables_pass_their_check() -> None:
    done = run("tariffs", "check")
    assert done.returncode == 0, done.stdout
    assert done.stderr.startswith("0 errors")


def test_comparing_imports_nothing_heavy(plant: str) -> None:
    code = (
        "import sys; sys.argv = ['levelfield', 'compare', sys.argv[1], '--year', '2025', '--json']\n"
        "from levelfield.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'pandas', 'numpy', 'openpyxl', 'xlsxwriter', 'pint', 'rich.table'} & set(sys.modules)\n"
        "print('heavy:', sorted(heavy), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, plant], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.stderr.strip().endswith("heavy: []"), done.stderr
