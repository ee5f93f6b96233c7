"""The check of the tables: a sound country passes, and each seeded fault is told by its rule and line, alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from levelfield._errors import TablesError, UserError
from levelfield.cli.tables_check import check as command
from levelfield.tables import load_tables
from levelfield.tables.check import check
from levelfield.tables.check.rules import RULES
from levelfield.tables.fault import ERROR, WARNING, Fault, answer
from levelfield.tables.read import HEADER, load_with_faults
from tests.tables.seeded import CSV, LAW, SEEDS, Files, Seed, country, more, swap

SHIPPED = Path(__file__).parents[2] / "tariffs"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def write(folder: Path, files: Files) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def found_in(folder: Path) -> list[Fault]:
    form: list[Fault] = []
    return check(load_with_faults(folder, form), form)


def test_the_sound_country_has_no_fault(tmp_path: Path) -> None:
    assert found_in(write(tmp_path / "t", country())) == []


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.name.replace(" ", "_"))
def test_a_seeded_fault_is_told_by_its_rule_and_line_and_nothing_else_is(tmp_path: Path, seed: Seed) -> None:
    files = country()
    seed.change(files)
    folder = write(tmp_path / "t", files)
    found = found_in(folder)
    assert {(f.rule, f.file, f.line) for f in found} == {(seed.rule, seed.file, seed.line), *seed.also}, found
    for fault in found:
        assert fault.rule in RULES
        assert "\n" not in fault.message
        assert len(fault.message) < 420


def test_at_least_sixty_faults_are_seeded_and_each_rule_of_this_module_is_among_them() -> None:
    assert len(SEEDS) >= 60
    others = {rule for rule in RULES if rule.startswith(("bounds.", "sums.", "plausibility.", "evidence.", "register"))}
    assert set(RULES) - others - {"form.key", "form.unreadable"} <= {seed.rule for seed in SEEDS}


def test_the_shipped_tables_have_no_error_of_form_time_unit_or_reference() -> None:
    others = ("bounds.", "sums.", "plausibility.", "evidence.")  # have tests of their own
    wrong = [fault for fault in found_in(SHIPPED) if fault.severity == ERROR and not fault.rule.startswith(others)]
    assert wrong == []


def test_every_rule_that_is_told_has_a_line_of_help() -> None:
    told = {fault.rule for fault in found_in(SHIPPED)}
    assert told <= set(RULES)


# Remedies -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("10.5", '"10,5"', "write 10.5"),
        ("10.5", "10,5", "write 10.5"),
        ("10.5", '"1.010,5"', "without thousands separators"),
        ("10.5", '"1,010.5"', "without thousands separators"),
        ("2025-12-31,10.5", "31-12-2025,10.5", "write 2025-12-31"),
        ("2025-12-31,10.5", "12/31/2025,10.5", "write 2025-12-31"),
        ("2025-12-31,10.5", "2/3/2025,10.5", "write 2025-03-02 or 2025-02-03, whichever is meant"),
        ("2025-12-31,10.5", "2025-31-12,10.5", "are day and month swapped? write 2025-12-31"),
        ("2025-12-31,10.5", "2025-2-3,10.5", "write 2025-02-03"),
        ("2025-12-31,10.5", "2026-01-31,10.5", "end that one on 2025-12-31"),
        ("valid_to", "valid_until", "column 3 is called 'valid_until' where 'valid_to' is wanted"),
        ("low,high", "high,low", "the columns are in another order: column 5 is 'high'"),
        ("xx.population", "xx.Popu-lation", "write xx.popu_lation"),
        ("xx-gazette", "xx-gazete", "is in no sources.csv"),
    ],
)
def test_a_fault_says_how_to_mend_it(tmp_path: Path, old: str, new: str, said: str) -> None:
    files = country()
    swap(CSV, old, new)(files)
    assert said in "\n".join(map(str, found_in(write(tmp_path / "t", files))))


def test_without_a_list_the_faults_of_form_are_raised_all_at_once(tmp_path: Path) -> None:
    files = country()
    swap(CSV, "10.5", '"10,5"')(files)
    swap(LAW, 'basis = "offtake"\n', "")(files)
    with pytest.raises(TablesError) as raised:
        load_tables(write(tmp_path / "t", files))
    assert [fault.split(" ", 1)[0] for fault in raised.value.faults] == ["xx/law.toml:6:", "xx/rates.csv:6:"]


def test_what_could_be_read_is_checked_though_a_file_could_not(tmp_path: Path) -> None:
    files = country()
    swap(LAW, 'formula = "0 if', "formula = 0 if")(files)  # no TOML: nothing is known of the law
    swap(CSV, ",55,50,60,", ",55,57,60,")(files)
    assert {(f.rule, f.line) for f in found_in(write(tmp_path / "t", files))} == {("form.toml", 4), ("row.range", 3)}


def test_windows_line_ends_are_read_as_any_other(tmp_path: Path) -> None:
    files = {name: content.replace(b"\n", b"\r\n") for name, content in country().items()}
    assert found_in(write(tmp_path / "t", files)) == []


def test_a_warning_of_form_is_told_again_when_the_tables_come_from_the_cache(tmp_path: Path) -> None:
    files = country()
    files[CSV] = b"\xef\xbb\xbf" + files[CSV]
    folder = write(tmp_path / "t", files)
    assert [f.rule for f in found_in(folder)] == [f.rule for f in found_in(folder)] == ["form.bom"]


def test_time_is_counted_in_days(tmp_path: Path) -> None:
    """2024 is a leap year: a row to 28 February leaves the 29th open."""
    files = country()
    more(CSV, "xx.area,2020-01-01,2024-02-28,1,,,1,,xx-gazette,p. 2,official,2025-02-01,reference: a fact\n")(files)
    more(CSV, "xx.area,2024-03-01,,1,,,1,,xx-gazette,p. 2,official,2025-02-01,\n")(files)
    (fault,) = found_in(write(tmp_path / "t", files))
    assert (fault.rule, fault.line) == ("time.gap", 18)
    assert "between 2024-02-28 and 2024-03-01" in fault.message


def test_a_correction_of_the_same_start_is_no_overlap(tmp_path: Path) -> None:
    files = country()
    more(CSV, "xx.levy,2025-01-01,2025-12-31,5.1,,,EUR/MWh,2025-03-01,xx-gazette,p. 2,official,2025-03-01,\n")(files)
    assert found_in(write(tmp_path / "t", files)) == []


def test_a_row_without_an_end_gives_way_to_the_next(tmp_path: Path) -> None:
    files = country()
    swap(CSV, "xx.tax.band1,2025-01-01,2025-12-31", "xx.tax.band1,2025-01-01,")(files)
    assert found_in(write(tmp_path / "t", files)) == []


# Answers --------------------------------------------------------------------------------------------------------------


def test_a_warning_is_answered_in_the_note_of_its_row(tmp_path: Path) -> None:
    files = country()
    row = "xx.levy,2026-01-01,,5.5,,,EUR/MWh,2025-10-01,xx-gazette,p. 1,official,2025-02-01,"
    swap(CSV, row, row.replace("2026-01-01", "2026-03-01") + "printed late; ok: suspended for two months")(files)
    (fault,) = found_in(write(tmp_path / "t", files))
    assert (fault.rule, fault.severity, fault.answered) == ("time.gap", WARNING, "suspended for two months")


def test_a_change_of_unit_is_answered_only_where_the_note_speaks_of_the_unit(tmp_path: Path) -> None:
    row = "xx.levy,2026-01-01,,5.5,,,EUR/MWh,2025-10-01,xx-gazette,p. 1,official,2025-02-01,"
    for note, rules in (("ok: rounded", {"unit.changed"}), ("ok: unit since Act 3a a yearly sum", set())):
        files = country()
        swap(CSV, row, row.replace("EUR/MWh", "EUR/a") + note)(files)
        found = {fault.rule for fault in found_in(write(tmp_path / note[4:8], files))}
        assert found & {"unit.changed"} == rules


def test_a_block_of_law_answers_with_its_key_ok(tmp_path: Path) -> None:
    files = country()
    more(LAW, '[[calendar]]\nid = "xx.c"\nok = "for the law of 2027"\nclass = [{ id = "all" }]\n')(files)
    (fault,) = found_in(write(tmp_path / "t", files))
    assert (fault.rule, fault.answered) == ("law.unused", "for the law of 2027")


@pytest.mark.parametrize(
    ("note", "reason"),
    [("ok: a", "a"), ("read; ok: b", "b"), ("ok:", ""), ("book: c", ""), ("", ""), ("it is ok", "")],
)
def test_the_reason_stands_behind_ok(note: str, reason: str) -> None:
    assert answer(note) == reason


# The command ----------------------------------------------------------------------------------------------------------

app = typer.Typer()
app.command("check")(command)


@app.command("other")
def _other() -> None: ...


def run(*args: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["check", *args])
    if isinstance(done.exception, (UserError, TablesError)):
        return done.exception.exit_code, "", str(done.exception)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout, done.stderr


def faulty(folder: Path) -> Path:
    """Two errors in the rates, a warning in the sources."""
    files = country()
    swap(CSV, ",55,50,60,", ",55,57,60,")(files)
    swap(CSV, "xx.tax.band1,2025-01-01,2025-12-31", "xx.tax.band1,2025-01-01,2026-01-31")(files)
    more("xx/sources.csv", "xx-other,Other,Made-up ministry,Act 9,,en,2024-10-01,,\n")(files)
    return write(folder, files)


def test_the_command_names_file_line_and_rule_and_fails_on_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faulty(tmp_path / "tariffs")
    monkeypatch.chdir(tmp_path)
    code, out, err = run("--tariffs", "tariffs")
    assert code == 1
    lines = out.splitlines()
    assert lines[0].startswith("tariffs/xx/rates.csv:3: error: xx.market: low 57, value 55, high 60")
    assert lines[1].startswith("tariffs/xx/rates.csv:7: error: ")
    assert lines[2].startswith("tariffs/xx/sources.csv:4: warning: ")
    assert [line.rpartition(" ")[2] for line in lines] == ["[row.range]", "[time.overlap]", "[source.unused]"]
    assert err == "2 errors, 1 warning, 0 answered\n"


def test_warnings_fail_only_a_strict_check(tmp_path: Path) -> None:
    files = country()
    more("xx/sources.csv", "xx-other,Other,Made-up ministry,Act 9,,en,2024-10-01,,\n")(files)
    folder = str(write(tmp_path / "t", files))
    assert run("--tariffs", folder)[0] == 0
    assert run("--tariffs", folder, "--strict")[0] == 1


def test_paths_limit_what_is_told_and_not_what_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = faulty(tmp_path / "tariffs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEVELFIELD_TARIFFS", str(folder))
    code, out, err = run("tariffs/xx/sources.csv")
    assert (code, len(out.splitlines()), err) == (0, 1, "0 errors, 1 warning, 0 answered\n")
    assert len(run("tariffs/xx")[1].splitlines()) == 3
    assert run("tariffs/eu")[1] == ""
    assert run("tariffs")[0] == 1


def test_a_path_elsewhere_is_a_folder_of_tables_or_stands_in_one(tmp_path: Path) -> None:
    folder = faulty(tmp_path / "elsewhere")
    assert len(run(str(folder))[1].splitlines()) == 3
    assert len(run(str(folder / "xx" / "rates.csv"))[1].splitlines()) == 2
    (tmp_path / "plain").mkdir()
    code, _, err = run(str(tmp_path / "plain"))
    assert code == 2
    assert "stands in no folder of tables" in err
    code, _, err = run(str(tmp_path / "nowhere"))
    assert (code, "there is no such file or folder" in err) == (2, True)
    code, _, err = run(str(folder), str(SHIPPED / "nl"))
    assert (code, "check one at a time" in err) == (2, True)


def test_files_of_an_overlay_take_the_place_of_those_of_the_same_name(tmp_path: Path) -> None:
    folder = write(tmp_path / "t", country())
    files = country()
    swap(CSV, ",55,50,60,", ",55,57,60,")(files)
    over = write(tmp_path / "over", {CSV: files[CSV]})
    assert run("--tariffs", str(folder))[0] == 0
    code, out, _ = run("--tariffs", str(folder), "--overlay", str(over))
    assert code == 1
    assert out.startswith(f"{over}/xx/rates.csv:3: error: ")
    assert run("--tariffs", str(folder), "--overlay", str(over), str(over / CSV))[0] == 1
    assert run("--tariffs", str(folder), "--overlay", str(over), str(folder / "eu"))[0] == 0
    assert run("--tariffs", str(folder), "--overlay", str(tmp_path / "none"))[0] == 2


def test_json_lists_what_is_answered_and_the_text_only_counts_it(tmp_path: Path) -> None:
    files = country()
    more(LAW, '[[calendar]]\nid = "xx.c"\nok = "for 2027"\nclass = [{ id = "all" }]\n')(files)
    folder = str(write(tmp_path / "t", files))
    assert run("--tariffs", folder, "--strict") == (0, "", "0 errors, 0 warnings, 1 answered\n")
    document = json.loads(run("--tariffs", folder, "--format", "json")[1])
    assert (document["errors"], document["warnings"], document["answered"]) == (0, 0, 1)
    assert document["faults"][0]["answered"] == "for 2027"


def test_rows_of_another_file_of_an_overlay_hold_on_their_days(tmp_path: Path) -> None:
    """A contract of 2025 stands between the values of 2024 and 2026; the law and all other rates stay."""
    over = tmp_path / "mine" / "nl"
    over.mkdir(parents=True)
    row = "nl.grid.tennet.ehs.contracted,2025-01-01,2025-12-31,30,28,32,EUR/kW/a,,,,assumed,2026-11-24,our contract"
    (over / "contract.csv").write_text(f"{','.join(HEADER)}\n{row}\n")
    plain, laid = load_tables(SHIPPED), load_tables(SHIPPED, overlay=over.parent)
    rate = "nl.grid.tennet.ehs.contracted"
    assert laid.row(rate, "2025-07-01").value == 30  # type: ignore[union-attr]
    for day in ("2024-12-31", "2026-01-01"):
        assert laid.row(rate, day).value == plain.row(rate, day).value  # type: ignore[union-attr]
    assert laid.hash != plain.hash
    assert [fault for fault in check(laid) if fault.severity == "error"] == []
