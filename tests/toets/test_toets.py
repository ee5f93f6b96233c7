"""`levelfield toets` as a ministry uses it: verdict, exit codes, report, workbook; and the registers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from levelfield._errors import UserError
from levelfield.tables import Tables, load_tables
from levelfield.tables.registers import Project, faults, read_registers
from levelfield.toets.effect import run_toets, verdict
from levelfield.toets.panel import load_panel
from levelfield.toets.proposal import parse_proposal
from levelfield.toets.state_aid import warnings
from tests.workbook.books import differing, poison, recalculated, soffice

HEAD = 'title = { en = "A law", nl = "Een wet" }\nproposer = "somebody"\nstatus = "idea"\nreference = "a letter"\n'
CHEAPER = '[[change]]\nset = "nl.energy_tax.band4.business"\nvalue = "1.21 EUR/MWh"\nfrom = 2025-01-01\n'
DEARER = CHEAPER.replace("1.21", "5.21")


def run(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "levelfield", *args],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "80"},
    )


@pytest.fixture
def cheaper(tmp_path: Path) -> str:
    (tmp_path / "cheaper.toml").write_text(HEAD + CHEAPER)
    return str(tmp_path / "cheaper.toml")


def test_two_euro_less_by_hand(tables: Tables) -> None:
    """Band 4 falls by 2 EUR/MWh: a flat 100 MW with 800 GWh pays it on 790 GWh, so 1.58 MEUR less, 1.975 EUR/MWh."""
    found = run_toets(tables, [parse_proposal(HEAD + CHEAPER, "p", "p")], load_panel("flat-100mw", tables), [2025])
    assert {round(pair.change, 2) for pair in found.pairs} == {-1_580_000.0}
    assert {round(pair.change_per_mwh, 9) for pair in found.pairs} == {-1.975}
    assert found.budget(2025, "NL", weighted=True) == pytest.approx(-1_580_000)
    judged = verdict(found)
    assert judged is not None
    assert (judged.passes, judged.better, judged.worse) == (True, 4, 0)


def test_a_panel_counts_its_plants_alike(tables: Tables, tmp_path: Path) -> None:
    text = '[[plant]]\nplant = "flat-100mw"\nalike = 3\nsource = "counted"\nagainst = ["DE"]\n'
    (tmp_path / "three.toml").write_text(text)
    panel = load_panel(str(tmp_path / "three.toml"), tables)
    found = run_toets(tables, [parse_proposal(HEAD + CHEAPER, "p", "p")], panel, [2025])
    assert found.budget(2025, "NL", weighted=True) == pytest.approx(-3 * 1_580_000)
    assert [pair.other for pair in found.pairs] == ["DE"]


def test_a_lower_grid_tariff_costs_who_pays_for_it(tables: Tables) -> None:
    text = '[[change]]\nscale = "nl.grid.tennet.*.*"\nby = 0.5\nfrom = 2025-01-01\n'
    panel = load_panel("flat-100mw", tables)
    for payer, cost in (("grid users", False), ("treasury", True)):
        head = f'{HEAD}network_paid_by = "{payer}"\n'
        found = run_toets(tables, [parse_proposal(head + text, "p", "p")], panel, [2025])
        network = found.paid(2025, "NL", "network")
        assert network < -1e6
        assert found.budget(2025, "NL", weighted=False) == pytest.approx(network if cost else 0.0)


def test_exit_codes(cheaper: str, tmp_path: Path) -> None:
    (tmp_path / "dearer.toml").write_text(HEAD + DEARER)
    panel = ["--panel", "flat-100mw", "--year", "2025"]
    good = run("toets", cheaper, *panel)
    assert (good.returncode, "PASSES" in good.stdout) == (0, True)
    bad = run("toets", str(tmp_path / "dearer.toml"), *panel)
    assert (bad.returncode, "FAILS" in bad.stdout) == (1, True)
    assert run("toets", str(tmp_path / "dearer.toml"), *panel, "--max-gap-increase", "2").returncode == 0
    (tmp_path / "nothing.toml").write_text(HEAD + CHEAPER.replace("1.21", "3.21"))
    assert run("toets", str(tmp_path / "nothing.toml"), *panel).returncode == 0
    assert run("toets", str(tmp_path / "nothing.toml"), *panel, "--fail-on", "not-better").returncode == 1
    (tmp_path / "broken.toml").write_text(HEAD + CHEAPER.replace("EUR/MWh", "EUR/kW"))
    broken = run("toets", str(tmp_path / "broken.toml"), *panel)
    assert (broken.returncode, broken.stdout) == (2, "")
    assert "broken.toml:5" in broken.stderr


def test_no_verdict_from_a_part(cheaper: str) -> None:
    """A cocoa factory on a distribution grid has no bill in Wallonia."""
    refused = run("toets", cheaper, "--panel", "cocoa", "--year", "2025")
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "--against" in refused.stderr
    assert run("toets", cheaper, "--panel", "cocoa", "--year", "2025", "--against", "DE,FR").returncode == 0
    allowed = run("toets", cheaper, "--panel", "cocoa", "--year", "2025", "--allow-gaps")
    (line,) = (line for line in allowed.stdout.splitlines() if "PASSES" in line)
    assert "with reserve" in allowed.stdout[allowed.stdout.index(line) :].split("\n\n")[0]


def test_json_and_report(cheaper: str) -> None:
    document = json.loads(run("toets", cheaper, "--panel", "flat-100mw", "--year", "2025", "--json").stdout)
    assert document["schema"] == "levelfield/toets/1"
    for gap in document["gaps"]:
        assert gap["after"]["eur"] - gap["before"]["eur"] == pytest.approx(gap["change_eur"])
    report = run("toets", cheaper, "--panel", "clusters", "--year", "2025", "--md", "--lang", "nl").stdout
    for question in ("Wat is het probleem?", "Wat is het beoogde doel?", "Wat zijn opties", "Wat zijn de gevolgen"):
        assert question in report
    assert "Wat is de voorkeursoptie?" in report
    assert "### Grenseffecten" in report


def test_a_proposal_is_shown_made_and_checked(tmp_path: Path) -> None:
    path = str(tmp_path / "new law.toml")
    assert run("proposals", "new", path, "--title", 'A "new" law').returncode == 0
    assert run("proposals", "check", path).returncode == 0
    again = run("proposals", "new", path)
    assert (again.returncode, "is there already" in again.stderr) == (2, True)
    listed = json.loads(run("proposals", "list", "--json").stdout)
    assert all({"name", "title"} <= item.keys() for item in listed)


def test_the_workbook_says_what_the_command_says(cheaper: str, tmp_path: Path) -> None:
    path = tmp_path / "toets.xlsx"
    args = ("--panel", "flat-100mw", "--year", "2025", "-o", str(path))
    done = run("toets", cheaper, *args)
    assert done.returncode == 0, done.stderr
    book = openpyxl.load_workbook(path, data_only=True)
    rows = list(book["Gap"].iter_rows(min_row=4, values_only=True))
    assert {row[1] for row in rows} == {"DE", "BE-VLG", "BE-WAL", "FR"}
    assert [row[5] for row in rows] == pytest.approx([-1.975] * 4)
    assert "PASSES" in str(book["Verdict"]["A4"].value)
    formulas = openpyxl.load_workbook(path)
    assert str(formulas["Gap"]["D4"].value).startswith("=")


@pytest.mark.skipif(soffice() is None, reason="LibreOffice (soffice) is not installed")
def test_the_workbook_recalculated(cheaper: str, tmp_path: Path) -> None:
    stored, *others = (tmp_path / f"toets.{suffix}" for suffix in ("xlsx", "ods"))
    for path in (stored, *others):
        assert run("toets", cheaper, "--year", "2025", "-o", str(path)).returncode == 0
    poisoned = [poison(path, tmp_path / f"poisoned{path.suffix}") for path in (stored, *others)]
    for again in recalculated(poisoned, tmp_path):
        assert differing(stored, again) == []


# The registers --------------------------------------------------------------------------------------------------------


def test_the_registers_are_sound(tables: Tables) -> None:
    assert [str(fault) for fault in faults(tables)] == []
    registers = read_registers(tables.folder)
    assert len(registers.projects) >= 25
    assert {project.country for project in registers.projects} >= {"NL", "DE", "BE", "FR"}


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "said"),
    [
        ("readiness.csv", ",co2,NL,", ",steam,NL,", 8, "kind is 'steam'"),
        ("readiness.csv", ",nl-co2-porthos,", ",nl-co2-portos,", 24, "names 'nl-co2-portos'"),
        ("additions.csv", "nl.co2_minimum_price,", "nl.co2_price,", 3, "no charge of the law"),
        ("registers_sources.csv", "reg-wbm,", "reg-wmb,", 0, "source 'reg-wbm' is not in"),
        ("readiness.csv", "key,project,", "key,projekt,", 1, "the header must be"),
    ],
)
def test_faults_of_the_registers(
    tables: Tables, tmp_path: Path, file: str, old: str, new: str, line: int, said: str
) -> None:
    for name in ("readiness.csv", "additions.csv", "registers_sources.csv"):
        text = (Path(tables.folder) / name).read_text()
        (tmp_path / name).write_text(text.replace(old, new, 1) if name == file else text)
    changed = load_tables(tables.folder)
    changed.folder = str(tmp_path)
    found = [fault for fault in faults(changed) if said in fault.message]
    assert found
    assert not line or found[0].line == line


@pytest.mark.parametrize(
    ("planned", "current", "slip"),
    [
        ("2026", "2028-Q2", 18),  # December 2026 to June 2028
        ("2025-03", "2025-09-15", 6),
        ("2033", "2031", -24),
        ("P4Y", "P7Y6M", 42),
        ("", "2030", None),
    ],
)
def test_slip_in_months(planned: str, current: str, slip: int | None) -> None:
    project = Project(*[""] * len(Project._fields))._replace(planned=planned, current=current)
    assert project.slip == slip


def test_monitor_and_additions() -> None:
    report = run("monitor", "--md", "--lang", "nl")
    assert report.returncode == 0, report.stderr
    for part in ("Het verschil", "Wat het bewoog", "Wat vernieuwd moet worden", "Wat er ligt", "Gereedheid"):
        assert f"## {part}" in report.stdout
    document = json.loads(run("monitor", "--json").stdout)
    assert document["schema"] == "levelfield/monitor/1"
    later = run("monitor", "--since", "2100-01-01")
    assert (later.returncode, "--since" in later.stderr) == (2, True)
    rows = json.loads(run("additions", "--json", "--year", "2025").stdout)["additions"]
    priced = {row["key"]: row["panel_eur"] for row in rows}
    assert priced["nl-plastic-levy"] is None
    assert priced["nl-co2-levy"] > 0


def test_faults_of_a_panel_at_once(tables: Tables, tmp_path: Path) -> None:
    path = tmp_path / "panel.toml"
    path.write_text('[[plant]]\nplant = "cocoa"\n[[plant]]\nplant = "salt"\nalike = "x"\nagainst = 3\ncolour = 1\n')
    with pytest.raises(UserError) as caught:
        load_panel(str(path), tables)
    places = [fault.removeprefix(f"{path}:").partition(":")[0] for fault in caught.value.faults]
    assert places == ["5", "6", "7"]


def test_who_pays_for_the_grid_is_not_mixed_up(tables: Tables) -> None:
    """One proposal charges other grid users, another the treasury: the sum of both is neither's alone."""
    grid = '[[change]]\nscale = "nl.grid.tennet.ehs.{}"\nby = 0.5\nfrom = 2025-01-01\n'
    texts = [
        f'{HEAD}network_paid_by = "{payer}"\n{grid.format(rate)}'
        for payer, rate in (("treasury", "contracted"), ("grid users", "monthly_peak"))
    ]
    read = [parse_proposal(text, f"{n}.toml", f"p{n}") for n, text in enumerate(texts)]
    panel = load_panel("flat-100mw", tables)
    for proposals, payer in ((read, "both"), (read[:1], "treasury"), (read[1:], "grid users")):
        found = run_toets(tables, proposals, panel, [2025])
        assert found.network_paid_by == payer
        treasury = found.paid(2025, "NL", "network") if payer == "treasury" else 0.0
        assert found.budget(2025, "NL", weighted=False) == pytest.approx(treasury)
    other = parse_proposal(HEAD + CHEAPER, "c.toml", "c")  # says nothing of the grid
    assert run_toets(tables, [read[0], other], panel, [2025]).network_paid_by == "treasury"


def test_the_ceiling_of_compensation_counts_what_is_paid_already(tables: Tables) -> None:
    """Zinc has 75 % of its indirect costs back; 10 % more in a charge of its own is above the 80 % of the EU."""
    text = (
        'state_aid = "ets-guidelines"\n[[rate]]\nrate = "nl.more.share"\nvalue = "{} %"\nvalid_from = 2025-01-01\n'
        '[[charge]]\nid = "nl.more"\njurisdictions = ["NL"]\nvalid_from = 2025-01-01\ncategory = "compensation"\n'
        'name = {{ en = "more", nl = "meer" }}\nlaw = "none"\nkind = "share"\nof = ["nl.indirect_compensation"]\n'
        'rate = "nl.more.share"\n'
    )
    panel = load_panel("zinc-smelter", tables)
    told = {}
    for more in (3, 13.4):  # of what is paid: 75 % × 1.03 is 77 %, × 1.134 is 85 %
        found = run_toets(tables, [parse_proposal(HEAD + text.format(more), "m.toml", "m")], panel, [2025])
        told[more] = any(warned.plants for warned in warnings(found))
    assert told == {3: False, 13.4: True}
