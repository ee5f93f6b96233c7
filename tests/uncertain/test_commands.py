"""`levelfield sensitivity` and `levelfield simulate` as a user meets them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from levelfield.lang import Text
from levelfield.report.uncertainty import two_sided
from levelfield.uncertain.sensitivity import Ends, Input
from tests.test_cli import run
from tests.uncertain.conftest import PLANT

SMALL = ("--draws", "2000", "--year", "2025")


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("a folder") / "my plant.toml"
    path.write_text(PLANT, encoding="utf-8")
    return str(path)


def charts(book: Any, sheet: str) -> int:
    return len(book[sheet]._charts)


@pytest.mark.parametrize("lang", ["en", "nl"])
@pytest.mark.parametrize("command", [("sensitivity", "--year", "2025"), ("simulate", *SMALL)])
def test_the_output_fits_80_columns_and_is_plain_when_piped(plant: str, command: tuple[str, ...], lang: str) -> None:
    done = run(*command, plant, "--lang", lang)
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "\x1b" not in done.stdout
    for place in ("DE", "BE-VLG", "BE-WAL", "FR"):
        assert place in done.stdout
    assert ("zoals opgegeven" if lang == "nl" else "as stated") in done.stdout or command[0] == "simulate"


def test_json_of_a_sensitivity(plant: str) -> None:
    done = run("sensitivity", plant, "--year", "2025", "--against", "DE", "--json", "--range", "eu.ets.price=50..90")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["schema"] == "levelfield/sensitivity/1"
    (gap,) = document["gaps"]
    widths = [item["width_eur_per_mwh"] for item in gap["inputs"]]
    assert widths == sorted(widths, reverse=True)
    named = {item["input"]: item for item in document["inputs"]}
    assert {item["input"] for item in gap["inputs"]} <= set(named)
    assert named["market.day_ahead.nl"]["low"] == 77.29
    totals = named["market.day_ahead.nl"]["totals_eur"]
    assert totals["NL"]["high"] - totals["NL"]["low"] == pytest.approx((95.82 - 77.29) * 800_000)
    assert totals["DE"]["high"] == totals["DE"]["low"]


def test_json_of_a_simulation(plant: str) -> None:
    done = run("simulate", plant, *SMALL, "--against", "DE,FR", "--json", "--seed", "3", "--fixed", "*.de_lu")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["schema"] == "levelfield/simulation/1"
    assert (document["draws"], document["seed"], document["bit_generator"]) == (2000, 3, "PCG64")
    assert document["fixed"] == ["*.de_lu"]
    assert not any(item["input"].endswith("de_lu") for item in document["inputs"])
    assert {tuple(item["of"]) for item in document["correlations"]} >= {("market.day_ahead.fr", "market.day_ahead.nl")}
    for gap in document["gaps"]:
        assert sum(gap["variance_shares"].values()) <= 1 + 1e-9
        assert sum(gap["histogram"]["shares"]) == pytest.approx(1)
        quantiles = list(gap["quantiles_eur_per_mwh"].values())
        assert list(gap["quantiles_eur_per_mwh"]) == ["0.05", "0.25", "0.5", "0.75", "0.95"]
        assert quantiles == sorted(quantiles)
    again = run("simulate", plant, *SMALL, "--against", "DE,FR", "--json", "--seed", "3", "--fixed", "*.de_lu")
    assert again.stdout == done.stdout


def test_markdown_says_how_each_input_was_drawn(plant: str) -> None:
    done = run("simulate", plant, *SMALL, "--against", "DE", "--md")
    assert done.returncode == 0, done.stderr
    assert "| market.day_ahead.nl |" in done.stdout
    assert "lognormal, sd 0.25" in done.stdout
    assert "Root mean square" in done.stdout
    assert "| --- |" in run("sensitivity", plant, "--against", "DE", "--md").stdout


def test_a_refused_neighbour_leaves_the_others_and_exits_with_3(plant: str) -> None:
    for command in (("sensitivity",), ("simulate", "--draws", "500")):
        done = run(*command, "edible-oil", "--year", "2025", "--against", "DE,BE")
        assert done.returncode == 3
        assert "be.grid.ores" in done.stderr
        assert "DE" in done.stdout
        home = run(*command, "edible-oil", "--year", "2025", "--home", "BE-WAL", "--against", "DE")
        assert home.returncode == 3
        assert home.stdout == ""
        assert "be.grid.ores" in home.stderr


def test_mistakes_are_told_in_a_line(plant: str, tmp_path: Path) -> None:
    faulty = tmp_path / "d.toml"
    faulty.write_text('[[input]]\nrate = "market.*"\ndistribution = "normal"\nreason = "x"\n')
    for args, message in (
        (("simulate", plant, "--input", str(faulty)), "sd, a number above 0"),
        (("simulate", plant, "--input", str(tmp_path / "none.toml")), "cannot be read"),
        (("simulate", plant, "--fixed", "market.day_ahead.nll"), "did you mean market.day_ahead.nl?"),
        (("simulate", plant, "--draws", "3"), "at least 100"),
        (("simulate", plant, "--json", "--md"), "do not go together"),
        (("sensitivity", plant, "--range", "eu.ets.price=9"), "RATE=LOW..HIGH"),
        (("sensitivity", plant, "-o", str(tmp_path / "a.pdf")), "no format that is written"),
        (("simulate", plant, "--draws", "500", "-o", str(tmp_path / "no" / "a.xlsx")), "there is no folder"),
    ):
        done = run(*args)
        assert done.returncode == 2, args
        assert message in done.stderr
        assert "Traceback" not in done.stderr
        assert done.stdout == ""


def test_a_file_of_distributions_and_an_overlay_count(plant: str, tmp_path: Path) -> None:
    path = tmp_path / "d.toml"
    path.write_text('[[input]]\nrate = "market.day_ahead.nl"\ndistribution = "normal"\nsd = 0.1\nreason = "x"\n')
    (tmp_path / "over" / "eu").mkdir(parents=True)
    (tmp_path / "over" / "eu" / "contract.csv").write_text(
        "rate,valid_from,valid_to,value,low,high,unit,published,source,locator,evidence,checked_on,note\n"
        "market.day_ahead.nl,2025-01-01,2025-12-31,50,40,60,EUR/MWh,,,,assumed,2026-11-24,contract\n"
    )
    args = ("simulate", plant, *SMALL, "--against", "DE", "--input", str(path), "--overlay", str(tmp_path / "over"))
    done = run(*args, "--json")
    assert done.returncode == 0, done.stderr
    (drawn,) = json.loads(done.stdout)["inputs"]
    assert drawn["stated"] == 50
    assert drawn["quantiles"]["0.95"] == pytest.approx(50 + 5 * 1.645, abs=0.5)


def test_the_book_of_a_simulation(plant: str, tmp_path: Path) -> None:
    path = tmp_path / "simulation.xlsx"
    done = run("simulate", plant, *SMALL, "--against", "DE,FR", "-o", str(path), "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    book = load_workbook(path)
    assert book.sheetnames == ["Outcome", "Histogram", "Shares", "Inputs", "Correlations", "About"]
    outcome = {row[0].value: [cell.value for cell in row[1:]] for row in book["Outcome"].iter_rows()}
    for gap in document["gaps"]:
        spread = outcome[f"NL − {gap['jurisdiction']}"]
        assert spread[0] == pytest.approx(gap["stated_eur_per_mwh"])
        assert spread[3:8] == pytest.approx(list(gap["quantiles_eur_per_mwh"].values()))
    about = {row[0].value: row[1].value for row in book["About"].iter_rows(min_row=2)}
    assert (about["draws"], about["seed"]) == ("2000", "1")
    assert "PCG64" in str(about["random numbers"])
    assert "simulate" in str(about["command"])
    inputs = {row[0].value: row for row in book["Inputs"].iter_rows()}
    assert str(inputs["market.day_ahead.nl"][2].value).startswith("lognormal")
    assert str(inputs["market.day_ahead.nl"][3].value).startswith("Root mean square")
    assert charts(book, "Histogram") == charts(book, "Shares") == 1
    percent = [
        sum(float(str(cell.value)) for cell in row[1:]) for row in book["Shares"].iter_rows(min_row=4, max_row=5)
    ]
    assert percent == pytest.approx([100, 100])


def test_the_book_of_a_sensitivity_and_the_other_formats(plant: str, tmp_path: Path) -> None:
    path = tmp_path / "sensitivity.xlsx"
    done = run("sensitivity", plant, "--year", "2025", "--against", "DE,FR", "-o", str(path), "--lang", "nl")
    assert done.returncode == 0, done.stderr
    book = load_workbook(path)
    assert book.sheetnames == ["NL - DE", "NL - FR", "Grootheden", "Verantwoording"]
    assert charts(book, "NL - DE") == 1
    rows = {row[0].value: [cell.value for cell in row[1:]] for row in book["NL - DE"].iter_rows(min_row=5)}
    assert rows["market.day_ahead.nl"][:2] == pytest.approx([77.29 - 86.81, 95.82 - 86.81])
    for suffix in ("ods", "md", "json"):
        for command in (("sensitivity",), ("simulate", "--draws", "500")):
            file = tmp_path / f"{command[0]}.{suffix}"
            done = run(*command, plant, "--against", "DE", "-o", str(file))
            assert done.returncode == 0, done.stderr
            assert file.stat().st_size > 500
    assert not list(tmp_path.glob(".*part*"))


def test_the_same_book_each_time(plant: str, tmp_path: Path) -> None:
    args = ("simulate", plant, "--draws", "500", "--against", "DE", "-o", str(tmp_path / "a.xlsx"))
    run(*args)
    first = (tmp_path / "a.xlsx").read_bytes()
    run(*args)
    assert (tmp_path / "a.xlsx").read_bytes() == first


def test_a_bar_shows_both_ends_about_the_middle() -> None:
    item = Input("x", 0, 1, 2, "", Text(""))
    assert two_sided(Ends(item, -5.0, 10.0, 0.0), 10.0) == f"{' ' * 5}{'░' * 5}│{'█' * 10}"
    assert two_sided(Ends(item, 10.0, 4.0, 0.0), 10.0) == f"{' ' * 10}│{'█' * 4}{'░' * 6}"
    assert two_sided(Ends(item, None, -10.0, 0.0), 10.0) == f"{'█' * 10}│{' ' * 10}"


def test_sensitivity_imports_no_numpy() -> None:
    import subprocess
    import sys

    script = (
        "import sys; from levelfield.cli import make_app\n"
        "try: make_app(['sensitivity'])(['sensitivity', 'chlor-alkali', '--json'])\n"
        "except SystemExit: pass\n"
        "print([name for name in ('numpy', 'rich') if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "[]"
