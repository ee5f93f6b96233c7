"""`levelfield portfolio` as a user meets it: results, rejects, a run that was cut short, a full disk."""

from __future__ import annotations

import csv
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.plants import made_up, write
from levelfield.comparison import compare
from levelfield.period import calendar_year
from levelfield.plant_file import load_plant
from levelfield.plant_table import states
from levelfield.tables import Tables

ROOT = Path(__file__).parents[2]
HEAD = "name,sector,electricity.offtake,electricity.full_load_hours,connection.level"
WORKS = "A,20.13,800000,8000,extra_high\nB,24.10,90 GWh,,high\n"


def start(*args: str | Path, **options: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "levelfield", "portfolio", *map(str, args)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, **options)


def run(*args: str | Path) -> tuple[int, str]:
    with start(*args) as process:
        _, told = process.communicate()
    assert "Traceback" not in told, told
    return process.returncode, told


@pytest.fixture
def plants(tmp_path: Path) -> Path:
    path = tmp_path / "plants.csv"
    path.write_text(f"{HEAD}\n{WORKS}")
    return path


def rows(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        found: list[dict[str, Any]] = pq.read_table(path).to_pylist()
        return found
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_has_the_amounts_and_the_gap_of_a_comparison(tables: Tables, tmp_path: Path) -> None:
    plant = load_plant("chlor-alkali", tables)
    stated = {key: value for key, value in states(plant).items() if not key.startswith("sources.")}
    said = {True: "yes", False: "no"}
    cells = [said[value] if isinstance(value, bool) else str(value) for value in stated.values()]
    with open(tmp_path / "plants.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([stated, cells])
    code, told = run(
        tmp_path / "plants.csv",
        "-o",
        tmp_path / "bills.parquet",
        "--years",
        "2024:2025",
        "--home",
        "DE",
        "--charges",
        "de.grid",
    )
    assert code == 0, told
    found = rows(tmp_path / "bills.parquet")
    assert [(row["year"], row["jurisdiction"]) for row in found[:5]] == [
        (2024, place) for place in ("DE", "NL", "BE-VLG", "BE-WAL", "FR")
    ]
    comparison = compare(tables, plant, *calendar_year(2025), home="DE")
    by_place = {row["jurisdiction"]: row for row in found if row["year"] == 2025}
    for bill in comparison.bills:
        row = by_place[bill.jurisdiction.id]
        assert row["total_eur"] == pytest.approx(bill.total, rel=1e-9)
        assert row["electricity_eur"] == pytest.approx(bill.electricity, rel=1e-9)
        assert row["compensation_eur"] == pytest.approx(bill.category("compensation"), rel=1e-9)
        assert row["electricity_eur_per_mwh"] == pytest.approx(bill.electricity / bill.offtake, rel=1e-9)
        assert row["de.grid_eur"] == pytest.approx(bill.charge("de.grid"), rel=1e-9)
    for gap in comparison.gaps:
        row = by_place[gap.other.jurisdiction.id]
        assert row["gap_eur"] == pytest.approx(gap.eur, rel=1e-9)
        assert sum(row[f"gap_{name}_eur"] for name in gap.by_category()) == pytest.approx(gap.eur, rel=1e-9)
    assert by_place["DE"]["gap_eur"] is None


def test_bad_rows_are_told_apart_and_the_others_reckoned(plants: Path, tmp_path: Path) -> None:
    plants.write_text(f"{HEAD}\n{WORKS}C,99.99,5,,high\nD,20.13\n\nE,20.13,7000,,high\n")
    code, told = run(plants, "-o", tmp_path / "bills.csv", "--year", "2025")
    assert code == 0
    assert "2 rows are no plants and were left out" in told
    assert {row["name"] for row in rows(tmp_path / "bills.csv")} == {"A", "B", "E"}
    assert {row["row"] for row in rows(tmp_path / "bills.csv")} == {"2", "3", "7"}
    rejects = rows(tmp_path / "bills.rejects.csv")
    assert [(reject["row"], reject["name"]) for reject in rejects] == [("4", "C"), ("5", "")]
    assert "no class of NACE" in rejects[0]["reason"]
    assert "2 cells stand here, the header has 5" in rejects[1]["reason"]


def test_rows_keep_their_numbers_in_a_long_file(tmp_path: Path) -> None:
    from levelfield.portfolio.source import open_source
    from levelfield.tables import load_tables

    rows_ = [f'"Works {n}{"x" * 400}",20.13,7000,high,{"y" * 50}' for n in range(2, 30_000)]
    rows_[20_000 - 2] = "too,few"
    rows_[25_000 - 2] = ""
    rows_[26_000 - 2] = '"two\nlines",99.99,7000,high,y'
    rows_.append("at,the,end")
    path = tmp_path / "plants.csv"
    path.write_text("name,sector,electricity.offtake,connection.level,description\n" + "\n".join(rows_) + "\n")
    chunks = list(open_source(path, load_tables(None), 7_000).chunks)
    assert [reject.row for chunk in chunks for reject in chunk.broken] == [20_000, 30_000]
    for chunk in chunks:
        for row, name in zip(chunk.rows, chunk.raw.column("name").to_pylist(), strict=True):
            assert (name is None and row == 25_000) or row == 26_000 or name.rstrip("x") == f"Works {row}"
    assert sum(len(chunk.rows) for chunk in chunks) == 29_998 - 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,sectr\nA,20.13\n", "column 2: 'sectr' is no key of a plant file; did you mean sector?"),
        ("", "the file is empty"),
        (f"{HEAD}\n", "holds no plants"),
        (f"{HEAD}\nC,99.99,5,,high\n", "no row of the file is a plant"),
    ],
)
def test_a_file_without_plants_is_refused(plants: Path, tmp_path: Path, text: str, said: str) -> None:
    plants.write_text(text)
    code, told = run(plants, "-o", tmp_path / "bills.csv", "--year", "2025")
    assert code == 2
    assert said in told
    assert not (tmp_path / "bills.csv").exists()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["-o", "bills.txt"], "'txt' is no format"),
        (["-o", "bills.csv", "--years", "2025:x"], "years are wanted"),
        (["-o", "bills.csv", "--year", "2025", "--years", "2024"], "do not go together"),
        (["-o", "bills.csv", "--engine", "dask"], "go together"),
        (["-o", "nowhere/bills.csv"], "cannot be written"),
        (["-o", "/proc/bills.csv"], "cannot be written"),
    ],
)
def test_bad_options_are_refused(plants: Path, args: list[str], said: str) -> None:
    code, told = run(plants, *args)
    assert code == 2
    assert said in told
    assert told.count("\n") == 1


def test_a_year_that_is_not_held_is_refused_with_3(plants: Path, tmp_path: Path) -> None:
    code, told = run(plants, "-o", tmp_path / "bills.csv", "--year", "1999")
    assert code == 3
    assert "the tables hold nothing for 1999" in told
    assert all(row["total_eur"] == "" and row["refused"] for row in rows(tmp_path / "bills.csv"))


def test_a_refused_bill_is_an_empty_row_with_the_reason(plants: Path, tmp_path: Path) -> None:
    plants.write_text(f"{HEAD}\n{WORKS}C,20.13,5000,,medium\n")
    code, _ = run(plants, "-o", tmp_path / "bills.parquet", "--year", "2025", "--against", "BE-WAL")
    assert code == 0
    last = rows(tmp_path / "bills.parquet")[-1]
    assert (last["name"], last["jurisdiction"], last["total_eur"]) == ("C", "BE-WAL", None)
    assert last["refused"].startswith("BE-WAL: the tables lack be.grid.")


def test_a_load_curve_goes_with_the_others(tables: Tables, tmp_path: Path) -> None:
    from levelfield.bill import make_bill
    from levelfield.plant_file import parse_plant
    from tests.test_load import curve_file

    curve_file(tmp_path / "load.csv", local=True, minutes=15)
    (tmp_path / "plants.csv").write_text(
        "name,sector,electricity.offtake,electricity.load_curve,connection.level\n"
        "A,20.13,5000,,high\nB,20.13,,load.csv,high\nC,20.13,5000,,high\n"
    )
    assert run(tmp_path / "plants.csv", "-o", tmp_path / "bills.csv", "--years", "2024,2025", "--against", "FR")[0] == 0
    text = 'sector = "20.13"\n[electricity]\nload_curve = "load.csv"\n[connection]\nlevel = "high"'
    bill = make_bill(tables, parse_plant(text, "plant.toml", tmp_path, tables), "FR", *calendar_year(2025))
    found = {(row["name"], row["year"], row["jurisdiction"]): row for row in rows(tmp_path / "bills.csv")}
    assert len(found) == 12
    assert float(found["B", "2025", "FR"]["total_eur"]) == pytest.approx(bill.total, rel=1e-9)
    assert "the load curve is of 2025" in found["B", "2024", "FR"]["refused"]


def test_all_forms_of_input_and_output_say_the_same(tables: Tables, plants: Path, tmp_path: Path) -> None:
    import openpyxl

    plants.write_text(f"{HEAD},claims.de.besar,weight\nA,24.10,800000,8000,extra_high,yes,2\nB,24.10,90 GWh,,high,,\n")
    with open(plants, encoding="utf-8", newline="") as file:
        header, *cells = csv.reader(file)
    pq.write_table(
        pa.table(
            {
                "name": ["A", "B"],
                "sector": ["24.10", "24.10"],
                "electricity.offtake": [800_000.0, 90_000.0],
                "electricity.full_load_hours": [8000, None],
                "connection.level": pa.array(["extra_high", "high"]).dictionary_encode(),
                "claims.de.besar": [True, None],
                "weight": [2.0, None],
            }
        ),
        tmp_path / "plants.parquet",
    )
    books: list[Any] = [openpyxl.Workbook(), openpyxl.Workbook()]
    down, across = books
    for row in (header, ["A", 24.10, 800_000, 8000, "extra_high", "ja", 2], [*cells[1]]):
        down.active.append(row)
    down.save(tmp_path / "down.xlsx")
    across.active.title = "Bedrijven"
    across.active.append(["Plants"])
    units = {"electricity.offtake": "GWh", "electricity.full_load_hours": "h"}
    for key, first, second in zip(header, ["A", 24.10, 800, 8000, "extra_high", "ja", 2], cells[1], strict=True):
        across.active.append([key, key, units.get(key), "", first, second])
    across.save(tmp_path / "across.xlsx")
    found = []
    for name in ("plants.csv", "plants.parquet", "down.xlsx", "across.xlsx"):
        code, told = run(tmp_path / name, "-o", tmp_path / f"{name}.bills.parquet", "--year", "2025")
        assert code == 0, told
        table = pq.read_table(tmp_path / f"{name}.bills.parquet")
        assert table.num_rows == 10
        found.append(table.drop_columns(["row"]))
    assert all(table.equals(found[0]) for table in found)
    assert run(plants, "-o", tmp_path / "bills.xlsx", "--year", "2025", "--lang", "nl")[0] == 0
    sheet: Any = openpyxl.load_workbook(tmp_path / "bills.xlsx").active
    assert [cell.value for cell in sheet[1]][:5] == ["rij", "naam", "gewicht", "jaar", "gebied"]
    assert sheet.max_row == 11


def test_the_template_of_a_csv_file_names_all_columns(tmp_path: Path) -> None:
    path = tmp_path / "plants.csv"
    command = [sys.executable, "-m", "levelfield", "plants", "template", "-o", str(path)]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    keys = path.read_text().strip().split(",")
    row = ["A", "24.10", "90000", *[""] * (len(keys) - 3)]
    order = {key: number for number, key in enumerate(["name", "sector", "electricity.offtake"])}
    cells = [row[order[key]] if key in order else "" for key in keys]
    path.write_text(path.read_text() + ",".join(cells) + "\n")
    assert run(path, "-o", tmp_path / "bills.csv", "--year", "2025")[0] == 0


def test_what_users_wrote_is_never_a_formula(plants: Path, tmp_path: Path) -> None:
    import openpyxl

    plants.write_text(f'{HEAD}\n"=1+1",20.13,800000,8000,extra_high\n')
    assert run(plants, "-o", tmp_path / "bills.xlsx", "--year", "2025")[0] == 0
    sheet: Any = openpyxl.load_workbook(tmp_path / "bills.xlsx").active
    cell = sheet["B2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    plants.write_text(f'{HEAD}\n"=1+1",20.13,800000,8000,extra_high\n"@x",99.99,5,,high\n')
    assert run(plants, "-o", tmp_path / "bills.csv", "--year", "2025")[0] == 0
    assert {row["name"] for row in rows(tmp_path / "bills.csv")} == {"'=1+1"}
    assert [row["name"] for row in rows(tmp_path / "bills.rejects.csv")] == ["'@x"]


# A run that was cut short ---------------------------------------------------------------------------------------------


@pytest.fixture
def many(tables: Tables, tmp_path: Path) -> Path:
    write(made_up(2000, tables), tmp_path / "many.csv")
    return tmp_path / "many.csv"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_run_that_was_killed_goes_on_to_the_same_result(many: Path, tmp_path: Path, workers: str) -> None:
    output = tmp_path / "bills.parquet"
    options = ("--year", "2025", "--against", "DE", "--chunk", "100")
    with start(many, "-o", output, *options, "--workers", workers) as process:
        until(lambda: len(list(tmp_path.glob("bills.parquet.parts/*.arrow"))) >= 4)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.send_signal(signal.SIGKILL)
    assert not output.exists()
    until(
        lambda: (
            not any(
                Path(f"/proc/{child}/cmdline").exists() and Path(f"/proc/{child}/cmdline").read_bytes()
                for child in children
            )
        )
    )
    made = {path: path.stat().st_mtime_ns for path in tmp_path.glob("bills.parquet.parts/*.arrow")}
    assert 4 <= len(made) < 20
    cut = min(made)
    cut.write_bytes(cut.read_bytes()[:-20])  # as a machine that lost power may leave it
    code, told = run(many, "-o", output, *options, "--year", "2024")
    assert code == 2
    assert "unfinished run with another years" in told
    code, told = run(many, "-o", output, *options)
    assert code == 0, told
    assert "2,000 plants" in told
    assert not output.with_name("bills.parquet.parts").exists()
    assert run(many, "-o", tmp_path / "again.parquet", *options)[0] == 0
    assert output.read_bytes() == (tmp_path / "again.parquet").read_bytes()


def test_restart_drops_the_parts_of_another_run(plants: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bills.csv.parts"
    folder.mkdir()
    (folder / "manifest.json").write_text("{}")
    assert run(plants, "-o", tmp_path / "bills.csv", "--year", "2025")[0] == 2
    assert run(plants, "-o", tmp_path / "bills.csv", "--year", "2025", "--restart")[0] == 0
    assert not folder.exists()


def test_a_folder_of_the_users_own_is_left_alone(plants: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bills.csv.parts"
    folder.mkdir()
    (folder / "photo.jpg").write_text("")
    for option in ([], ["--restart"]):
        code, told = run(plants, "-o", tmp_path / "bills.csv", "--year", "2025", *option)
        assert code == 2
        assert "is in the way" in told
    assert (folder / "photo.jpg").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("kind", ["parquet", "csv", "xlsx"])
def test_a_full_disk_is_one_clear_line_and_no_half_file(plants: Path, tmp_path: Path, kind: str) -> None:
    output = tmp_path / f"bills.{kind}"
    # What is written comes to lie on a full disk.
    script = (
        "import levelfield.portfolio.parts as p, os, sys\n"
        "old = p.Parts.__init__\n"
        "def new(self, *args):\n"
        "    old(self, *args)\n"
        "    self.whole.symlink_to('/dev/full')\n"
        "p.Parts.__init__ = new\n"
        "from levelfield.cli import main\n"
        "sys.argv = ['levelfield', 'portfolio', *sys.argv[1:]]\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(plants), "-o", str(output), "--year", "2025"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 2
    assert "No space left on device; once that is mended, the same command goes on" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not output.exists()


def until(holds: Any, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_other_tables_are_priced_on_the_same_rows(tables: Tables, plants: Path) -> None:
    from levelfield.portfolio.source import open_source
    from levelfield.portfolio.work import Job, told, work
    from levelfield.switches import Switches
    from levelfield.tables import load_tables

    source = open_source(plants, tables, 10)
    laws = {"": tables, "proposed": load_tables(Path(tables.folder))}
    job = Job("two", laws, source.keys, plants, (2025,), ("NL", "DE"), Switches())
    found = work(job, next(source.chunks))
    assert told(found).bills == 4
    assert found["proposed_total_eur"].equals(found["total_eur"])
    assert found["proposed_gap_eur"].equals(found["gap_eur"])


def test_a_proposed_law_is_priced_on_the_same_plants(tmp_path: Path) -> None:
    """Two EUR/MWh less in band 4 from 2025: plant A pays it on 790 of its 800 GWh, B on 80 of 90; compensation is
    granted to both."""
    law = tmp_path / "law.toml"
    law.write_text(
        'title = "t"\nproposer = "p"\nstatus = "idea"\nreference = "r"\ngrants = ["nl.indirect_compensation"]\n'
        '[[change]]\nset = "nl.energy_tax.band4.business"\nvalue = "1.21 EUR/MWh"\nfrom = 2025-01-01\n'
    )
    plants, out = tmp_path / "plants.csv", tmp_path / "bills.csv"
    plants.write_text(f"{HEAD}\n{WORKS}")
    code, told = run(plants, "-o", out, "--year", "2025", "--against", "DE", "--proposal", law)
    assert code == 0, told
    home, *others = rows(out)
    assert float(home["after_tax_eur"]) - float(home["tax_eur"]) == pytest.approx(-2 * 790_000)
    assert [float(row["after_tax_eur"]) - float(row["tax_eur"]) for row in others] == pytest.approx([0, -160_000, 0])
    assert all(float(row["after_total_eur"]) for row in others)
