"""What a change of the tables is and does, on git repositories that hold the made-up country.

The works take 80 GWh at 8,000 h, so 10 MW. A levy of 1 EUR/MWh more is 80,000 EUR a year and 1.00 EUR/MWh.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from levelfield._errors import MissingData, TablesError, UserError
from levelfield.bill import make_bill
from levelfield.cli import tables_changes
from levelfield.impact import Impact, Section, as_document, as_markdown, as_text, fitted, impact
from levelfield.tables.diff import Touch, diff, spans, touched
from levelfield.tables.revision import open_revision, with_series

COUNTRY = Path(__file__).parents[1] / "made_up_country"
LEVY = "xx.levy,2025-01-01,2025-12-31,6,,,EUR/MWh,2025-08-01,xx-gazette,p. 4,official,2025-08-01,a correction\n"
DEARER = "xx.levy,2025-01-01,2025-12-31,7,,,EUR/MWh,2025-12-01,xx-gazette,p. 4,official,2025-12-01,corrected again\n"
SHORT = "xx.grid.energy.short,2025-01-01,,0.4"
WORKS = """
name = "Works"
sector = "20.13"
[electricity]
offtake = "80 GWh"
full_load_hours = "{hours} h"
[connection]
level = "high"
"""

app = typer.Typer()
app.command()(tables_changes.diff)
app.command()(tables_changes.impact)

Edit = Callable[[str, str, str], None]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository with the made-up country under tariffs/, committed and tagged 'before'; we stand in it."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "A")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "a@example.org")
        monkeypatch.setenv(f"GIT_{role}_DATE", "2025-12-01T12:00:00Z")
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):  # as a hook of git sets them
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "checkout"
    shutil.copytree(COUNTRY, root / "tariffs")
    (root / "tariffs" / "readiness.csv").write_text("key,project\n")  # a register, no table
    (root / "works.toml").write_text(WORKS.format(hours=8000))
    monkeypatch.chdir(root)
    monkeypatch.setenv("LEVELFIELD_TARIFFS", str(root / "tariffs"))
    git("init", "-q", "-b", "main")
    commit()
    git("tag", "before")
    return root


def git(*args: str) -> str:
    return subprocess.run(["git", *args], check=True, capture_output=True, text=True).stdout


def commit() -> None:
    git("add", ".")
    git("commit", "-q", "-m", "tables")


@pytest.fixture
def edit(checkout: Path) -> Edit:
    """edit("xx/rates.csv", old, new): one place of a table rewritten in the work tree."""

    def replace(name: str, old: str, new: str) -> None:
        path = checkout / "tariffs" / name
        text = path.read_text()
        assert text.count(old) == 1, old
        path.write_text(text.replace(old, new))

    return replace


def kinds(base: str = "before", head: str = "") -> list[tuple[str, str, str]]:
    return [(c.kind, c.subject, c.name) for c in diff(open_revision(base), open_revision(head))]


def priced(base: str = "before", head: str = "", plants: tuple[str, ...] = ("works.toml",)) -> Impact:
    return impact(open_revision(base), open_revision(head), plants, "XX")


# Revisions ------------------------------------------------------------------------------------------------------------


def test_a_revision_is_read_as_committed_and_the_folder_as_it_stands(checkout: Path, edit: Edit) -> None:
    edit("xx/rates.csv", LEVY, LEVY + DEARER)
    status = git("status", "--porcelain")
    assert [row.value for row in open_revision("before").tables.rows("xx.levy")] == [5, 6]
    assert [row.value for row in open_revision().tables.rows("xx.levy")] == [5, 6, 7]
    assert git("status", "--porcelain") == status
    commit()
    assert [row.value for row in open_revision("main").tables.rows("xx.levy")] == [5, 6, 7]
    assert open_revision("main").tables.hash == open_revision("tariffs").tables.hash
    assert open_revision("main").files == open_revision().files


def test_the_folder_as_known_on_a_day_lacks_what_was_published_later(checkout: Path) -> None:
    assert [row.value for row in open_revision("@2025-07-31").tables.rows("xx.levy")] == [5]
    assert ("corrected", "rate", "xx.levy") in kinds("@2025-07-31")


def test_tables_may_stand_elsewhere_in_the_repository_and_the_command_in_a_subfolder(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.move(checkout / "tariffs", checkout / "a folder")
    commit()
    (checkout / "sub").mkdir()
    monkeypatch.chdir(checkout / "sub")
    assert open_revision("main:a folder/").tables.hash == open_revision("before").tables.hash
    with pytest.raises(UserError, match=r"main holds no tables under tariffs; name their folder, as in main:"):
        open_revision("main")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere", "'nowhere' is neither a folder nor a git revision here; 'git fetch'"),
        ("before:works.toml", "before holds no tables under works.toml"),
        ("--upload-pack=x", "is no revision; a branch, tag or commit is wanted"),
        ("@2025-13", "as known on 2025-13: a date such as"),
    ],
)
def test_what_is_no_revision_is_said_with_a_remedy(checkout: Path, name: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        open_revision(name)


def test_outside_a_repository_a_revision_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UserError, match="this is no git repository"):
        open_revision("main", checkout=tmp_path)


def test_faults_of_form_name_the_revision(checkout: Path, edit: Edit) -> None:
    edit("xx/rates.csv", "p. 5,official", "p. 5,certain")
    commit()
    with pytest.raises(TablesError, match=r"main: xx/rates.csv:\d+: evidence is 'certain'"):
        open_revision("main")


def test_hourly_prices_of_a_revision_are_found_by_load_curves(checkout: Path, tmp_path: Path) -> None:
    (checkout / "tariffs" / "series").mkdir()
    (checkout / "tariffs" / "series" / "day_ahead_2025.csv").write_bytes(b"time,XX\r\n")
    commit()
    revision = with_series(open_revision("main"), tmp_path)
    assert not any("series" in name for name in revision.files)
    assert (Path(revision.tables.folder) / "series" / "day_ahead_2025.csv").read_bytes() == b"time,XX\r\n"


# What changed ---------------------------------------------------------------------------------------------------------


def test_a_correction_a_new_start_and_an_end_are_no_errors(edit: Edit) -> None:
    edit("xx/rates.csv", LEVY, LEVY + DEARER + LEVY.replace("2025-01-01,2025-12-31", "2026-01-01,2026-12-31"))
    edit("xx/rates.csv", "xx.minimum,2025-01-01,,", "xx.minimum,2025-01-01,2026-12-31,")
    changes = diff(open_revision("before"), open_revision())
    assert [(c.kind, c.name, c.text) for c in changes] == [
        ("corrected", "xx.levy", "2025-01-01 – 2025-12-31: 6 EUR/MWh → 7 EUR/MWh, published 2025-12-01"),
        ("added", "xx.levy", "2026-01-01 – 2026-12-31: 6 EUR/MWh [official], published 2025-08-01"),
        ("ended", "xx.minimum", "from 2025-01-01: ends 2026-12-31 (0.5 EUR/MWh)"),
    ]
    assert [c.place for c in changes] == ["xx/rates.csv:17", "xx/rates.csv:18", "xx/rates.csv:21"]
    assert not any(c.rewrites for c in changes)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (LEVY, LEVY.replace(",6,", ",6.5,")),
        (LEVY, LEVY.replace("EUR/MWh", "EUR/kWh")),
        (LEVY, ""),
        (LEVY, LEVY.replace("2025-08-01,xx", "2025-09-01,xx")),
        (LEVY, LEVY.replace("2025-12-31", "2026-12-31")),
        ("top.capacity,2025-01-01,,12,10,15", "top.capacity,2025-01-01,,12,10,16"),
        ("xx.surcharge,2025-01-01,,10,,,%,2024-10-01,xx-gazette,p. 5,official,2025-02-01,\n", ""),
    ],
)
def test_what_was_published_cannot_be_taken_back(edit: Edit, old: str, new: str) -> None:
    edit("xx/rates.csv", old, new)
    assert any(c.rewrites for c in diff(open_revision("before"), open_revision()))
    done = CliRunner().invoke(app, ["diff", "before"])
    assert done.exit_code == 1
    assert "(an error: history is rewritten)" in done.stdout


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a correction", "a correction; seen again"),
        ("p. 5,official,2025-02-01", "page 5,official,2025-11-01"),
        ("EUR/MWh,2025-08-01", "EUR/MWh,2025-08-01"),
        ("xx.minimum,2025-01-01,,0.5,", "xx.minimum,2025-01-01,,0.50,"),
        ("xx.grid.energy.long,2025-01-01,,0.1,,,ct/kWh", "xx.grid.energy.long,2025-01-01,,1,,,EUR/MWh"),
    ],
)
def test_notes_locators_checks_and_ways_of_writing_are_free(edit: Edit, old: str, new: str) -> None:
    edit("xx/rates.csv", old, new)
    assert kinds() == []
    assert touched(open_revision("before").tables, open_revision().tables, [2025, 2026]) == frozenset()
    assert CliRunner().invoke(app, ["diff", "before"]).exit_code == 0


def test_a_day_of_publication_that_was_not_known_may_be_filled_in(edit: Edit) -> None:
    row = "xx.minimum,2025-01-01,,0.5,,,EUR/MWh,{},xx-gazette"
    edit("xx/rates.csv", row.format("2024-10-01"), row.format(""))
    commit()
    edit("xx/rates.csv", row.format(""), row.format("2024-11-01"))
    assert kinds("main") == [("dated", "rate", "xx.minimum")]


def test_evidence_is_told_as_raised_or_lowered(edit: Edit) -> None:
    edit("xx/rates.csv", "p. 5,official", "p. 5,recalled")
    edit("xx/rates.csv", "2024-06-01,xx-gazette,,secondary", "2024-06-01,xx-gazette,,official")
    assert kinds() == [("raised", "rate", "xx.market"), ("lowered", "rate", "xx.surcharge")]


def test_sources_law_lists_and_coverage_are_told_with_what_changed(checkout: Path, edit: Edit) -> None:
    edit("sources.csv", "Made-up ministry,Act 1", "Made-up ministry of tax,Act 1")
    edit("xx/law.toml", "valid_from = 2025-07-01", "valid_from = 2025-10-01")
    edit("coverage.toml", "years = [2025, 2026]", "years = [2025]")
    with (checkout / "tariffs" / "xx" / "law.toml").open("a") as law:
        law.write('\n[[quantity]]\nid = "xx.half"\nunit = "MWh"\nformula = "offtake / 2"\n')
    found = diff(open_revision("before"), open_revision())
    assert [(c.kind, c.subject, c.name, c.text, c.place) for c in found] == [
        ("changed", "coverage", "XX xx", "2026: partial → no entry", "coverage.toml:1"),
        ("changed", "coverage", "YY xx", "2026: partial → no entry", "coverage.toml:1"),
        ("changed", "source", "xx-gazette", "publisher Made-up ministry → Made-up ministry of tax", "sources.csv:2"),
        ("added", "quantity", "xx.half", "new", "xx/law.toml:119"),
        ("changed", "charge", "xx.surcharge", "valid_from 2025-07-01 → 2025-10-01", "xx/law.toml:79"),
    ]
    assert found[-1].keys == ("valid_from",)


def test_the_forms_of_diff_hold_the_same_changes(edit: Edit) -> None:
    edit("xx/rates.csv", LEVY, LEVY + DEARER)
    text = CliRunner().invoke(app, ["diff", "before"]).stdout
    assert text.splitlines()[:2] == ["xx", "  corrected"]
    assert "xx/rates.csv:17: xx.levy: 2025-01-01" in text
    assert max(map(len, text.splitlines())) <= 80
    assert "- `xx.levy`: 2025-01-01" in CliRunner().invoke(app, ["diff", "before", "--md"]).stdout
    document = json.loads(CliRunner().invoke(app, ["diff", "before", "--json"]).stdout)
    assert [(c["name"], c["kind"], c["error"]) for c in document["changes"]] == [("xx.levy", "corrected", False)]


def test_spans_of_years() -> None:
    assert spans([2024, 2019, 2021, 2020]) == "2019–2021, 2024"


# What it touches ------------------------------------------------------------------------------------------------------


def test_a_rate_touches_the_years_in_which_it_holds_another_value(edit: Edit) -> None:
    edit("xx/rates.csv", LEVY, LEVY + DEARER)
    sides = open_revision("before").tables, open_revision().tables
    assert touched(*sides, [2025, 2026]) == {Touch("xx", 2025, "xx.levy")}


def test_law_touches_the_years_in_which_it_says_something_else(edit: Edit) -> None:
    edit("xx/law.toml", "valid_from = 2025-07-01", "valid_from = 2025-10-01")
    sides = open_revision("before").tables, open_revision().tables
    assert touched(*sides, [2025, 2026]) == {Touch("xx", 2025)}


def test_other_words_for_a_law_touch_nothing(edit: Edit) -> None:
    edit("xx/law.toml", 'law = "Act 5"', 'law = "Act 5, art. 1"')
    assert [kind for kind, _, _ in kinds()] == ["changed"]
    assert touched(open_revision("before").tables, open_revision().tables, [2025, 2026]) == frozenset()


# What it does ---------------------------------------------------------------------------------------------------------


def test_a_dearer_levy_moves_the_bill_and_the_gap_by_it(edit: Edit) -> None:
    edit("xx/rates.csv", LEVY, LEVY + DEARER)
    found = priced()
    (pair,) = found.differing
    assert (pair.place, pair.year) == ("XX", 2025)
    assert pair.eur == pytest.approx(80_000)
    # The neighbour pays 50 EUR/MWh for energy and nothing else: the gap is all the rest of the bill at home.
    (gap,) = found.gaps
    assert pair.before
    assert gap.before == pytest.approx(pair.before.total / 80_000 - 50)
    assert gap.before is not None
    assert gap.after == pytest.approx(gap.before + 1)
    comment = as_markdown(found, 60_000)
    assert comment.startswith(
        "**1 rate changes; XX bills of 1 plant move by +1.00 EUR/MWh; "
        "the gap of XX with YY moves by +1.00 EUR/MWh (2025).**\n"
    )
    assert "| `works.toml` | 59.69 → 60.69<br>+1.00, +1.7 %; +80,000 EUR |" in comment
    assert "| `works.toml` | +9.69 → +10.69 |" in comment
    assert "| `works.toml` | XX | 2025 | `xx.levy` | 480,000.00 | 560,000.00 | +80,000.00 |" in comment


def test_a_surcharge_that_begins_a_quarter_later_is_left_out_for_its_days(edit: Edit) -> None:
    edit("xx/law.toml", "valid_from = 2025-07-01", "valid_from = 2025-10-01")
    (pair,) = priced().differing
    # A tenth of the year's tax at the second half's rates (2,000 + 9,900 + 79,000 EUR) for July to September.
    assert pair.eur == pytest.approx(-0.1 * 90_900 * 92 / 365)


def test_a_bill_that_becomes_impossible_is_told_with_its_reason(edit: Edit) -> None:
    edit("xx/rates.csv", "xx.tax.band3,2025-01-01,,", "xx.tax.band3,2025-01-01,2025-06-30,")
    found = priced()
    (pair,) = found.differing
    assert (pair.refused, pair.place, pair.year) == (True, "XX", 2025)
    told = "Refused now: XX 2025, works.toml: XX: the tables lack xx.tax.band3 on 2025-07-01"
    assert told in as_text(found, 60_000).replace("\n    ", " ")
    assert "59.69 → **refused**" in as_markdown(found, 60_000)
    document = as_document(found)
    assert document["bills"][0]["after"] == {"refused": list(pair.lacks)}
    # The other way round it is newly possible.
    commit()
    assert "- Newly possible: XX 2025, works.toml" in as_markdown(priced("main", "before"), 60_000)


def test_evidence_that_falls_is_told_though_no_amount_moves(edit: Edit) -> None:
    edit("xx/rates.csv", LEVY, LEVY.replace("official", "recalled"))
    found = priced()
    assert [(pair.place, pair.moved, pair.evidence) for pair in found.differing] == [("XX", False, "falls")]
    comment = as_markdown(found, 60_000)
    assert comment.startswith("**The evidence of 1 rate changes; no total moves, but evidence or ranges do (2025).**")
    # The levy is 480,000 of 4,775,586 EUR: 10.1 %.
    assert "Evidence falls: XX 2025, works.toml: official" in comment
    assert "recalled 0.0 → 10.1 %" in comment


def test_a_range_that_widens_is_told(edit: Edit) -> None:
    edit("xx/rates.csv", "top.capacity,2025-01-01,,12,10,15", "top.capacity,2025-01-01,,12,10,16")
    comment = as_markdown(priced(), 60_000)
    assert "- Only low or high moves: XX 2025, works.toml" in comment
    assert "- History is rewritten: xx/rates.csv:4;" in comment


@pytest.mark.parametrize("old", ["a correction", "the same"])
def test_nothing_is_said_in_one_line(checkout: Path, edit: Edit, old: str) -> None:
    if old == "a correction":
        edit("xx/rates.csv", old, "a correction of August")
    for form in ("text", "markdown"):
        done = CliRunner().invoke(
            app, ["impact", "--base", "before", "--plants", "works.toml", "--home", "XX", "--format", form]
        )
        assert (done.exit_code, done.stdout) == (0, "No bill changes.\n"), done.exception


def test_only_what_can_differ_is_priced(edit: Edit, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str, int]] = []

    def counted(*args: object) -> object:
        asked.append((str(args[0].hash)[:4], str(args[2]), args[3].year))  # type: ignore[attr-defined]
        return make_bill(*args)  # type: ignore[arg-type]

    monkeypatch.setattr("levelfield.impact.make_bill", counted)
    edit("xx/rates.csv", LEVY, LEVY + DEARER)
    old, new = (open_revision(name).tables.hash[:4] for name in ("before", ""))
    priced()
    # 2026 has no levy, and the neighbour's law does not name it.
    assert sorted(asked) == sorted([(new, "XX", 2025), (old, "XX", 2025), (new, "YY", 2025)])


def test_law_that_names_a_rate_of_another_country_is_followed(checkout: Path, edit: Edit) -> None:
    other = checkout / "tariffs" / "vv"
    other.mkdir()
    levels = "".join(f'{level} = {{ grid_level = "top" }}\n' for level in ("extra_high", "high", "sub", "medium"))
    (other / "jurisdictions.toml").write_text(
        f'[[jurisdiction]]\nid = "VV"\nname = {{ en = "V" }}\nmarket = "xx.market"\n[jurisdiction.levels]\n{levels}'
    )
    (other / "law.toml").write_text(
        '[[charge]]\nid = "vv.levy"\ncategory = "levy"\nname = { en = "Levy" }\nlaw = "as in XX"\nkind = "rate"\n'
        'basis = "offtake"\nrate = "xx.levy"\n'
    )
    edit("coverage.toml", '["XX", "YY"]', '["XX", "YY", "VV"]')
    commit()
    edit("xx/rates.csv", LEVY, LEVY + DEARER)
    found = priced("main")
    assert {pair.place: pair.eur for pair in found.differing} == {
        "XX": pytest.approx(80_000),
        "VV": pytest.approx(80_000),
    }
    assert "XX and VV bills of 1 plant move by +1.00 EUR/MWh" in as_markdown(found, 60_000)


def test_json_has_both_sides_in_euros(edit: Edit) -> None:
    edit("xx/rates.csv", LEVY, LEVY + DEARER)
    asked = ["impact", "--base", "before", "--plants", "works.toml", "--home", "xx", "--format", "json"]
    document = json.loads(CliRunner().invoke(app, [*asked, "--year", "2025"]).stdout)
    (bill,) = document["bills"]
    assert bill["after"]["total_eur"] - bill["before"]["total_eur"] == pytest.approx(80_000)
    assert bill["charges"] == [{"charge": "xx.levy", "before_eur": 480_000, "after_eur": 560_000}]
    assert document["years"] == [2025]
    assert json.loads(CliRunner().invoke(app, [*asked, "--year", "2026"]).stdout)["bills"] == []


def test_a_year_that_neither_side_holds_and_an_unknown_home_are_refused(checkout: Path) -> None:
    sides = open_revision("before"), open_revision()
    with pytest.raises(MissingData, match="neither side holds 2031; held are 2025–2026"):
        impact(*sides, ["works.toml"], "XX", [2031])
    with pytest.raises(UserError, match="'NL' is no jurisdiction of the tables; known are XX, YY"):
        impact(*sides, ["works.toml"], "NL")
    with pytest.raises(UserError, match=r"nowhere.toml: there is no such file"):
        impact(*sides, ["nowhere.toml"], "XX")


def test_a_country_that_is_new_is_newly_possible(checkout: Path) -> None:
    base = open_revision("before")
    for name in ("coverage.toml", "xx/jurisdictions.toml"):
        path = checkout / "tariffs" / name
        text = path.read_text().replace('["XX", "YY"]', '["XX"]')
        path.write_text(text.partition('[[jurisdiction]]\nid = "YY"')[0])
    found = impact(open_revision(), base, ["works.toml"], "XX")
    assert {(pair.place, pair.year) for pair in found.pairs if pair.possible} == {("YY", 2025), ("YY", 2026)}


# Length ---------------------------------------------------------------------------------------------------------------


def test_a_long_comment_is_cut_and_never_hides_a_refused_bill(checkout: Path, edit: Edit) -> None:
    edit("xx/rates.csv", LEVY, LEVY + DEARER)
    edit("xx/rates.csv", f"{SHORT},", "xx.grid.energy.short,2025-01-01,2025-06-30,0.4,")
    plants = []
    for number in range(60):
        # Works below 2,500 h need the short rate, which now ends.
        path = checkout / f"works-{number:02}.toml"
        path.write_text(WORKS.format(hours=2000 if number == 59 else 8000))
        plants.append(path.name)
    found = priced(plants=tuple(plants))
    whole = as_markdown(found, 60_000)
    assert "left out" not in whole.lower()
    for form in (as_markdown, as_text):
        for limit in (2_000, 5_000):
            cut = form(found, limit)
            assert len(cut) <= limit
            assert "Refused now: XX 2025, works-59.toml" in cut
            assert "left out for length" in cut.lower()
    assert as_markdown(found, 2_000).count("→ **refused**") == 1  # a refused bill also leads its table


def test_refused_bills_that_are_too_many_to_name_are_counted(checkout: Path, edit: Edit) -> None:
    edit("xx/rates.csv", f"{SHORT},", "xx.grid.energy.short,2025-01-01,2025-06-30,0.4,")
    for number in range(101):
        (checkout / f"a-rather-long-name-{number:03}.toml").write_text(WORKS.format(hours=2000 if number else 8000))
    comment = as_markdown(priced(plants=tuple(sorted(path.name for path in checkout.glob("a-*")))), 2_000)
    assert "- Refused now: XX 2025, 100 plants\n" in comment
    assert len(comment) <= 2_000


def test_what_is_cut_is_counted() -> None:
    rows = [f"row {number}" for number in range(100)]
    sections = [Section("first\n", rows, "\n", "plants"), Section("second\n", rows, "\n", "charges")]
    text = fitted(lambda _: "lead\n", sections, "foot", 400, note="({})\n")
    kept = text.count("row ")
    assert len(text) <= 400
    assert f"({100 - kept} more plants left out for length.)" in text
    assert "(Left out for length: 100 charges.)" in text
    assert text.endswith("foot")


def test_names_cannot_break_the_comment(checkout: Path, edit: Edit) -> None:
    edit("xx/rates.csv", LEVY, LEVY + DEARER)
    odd = checkout / "a|b`@team.toml"
    odd.write_text(WORKS.format(hours=8000))
    comment = as_markdown(priced(plants=(odd.name,)), 60_000)
    assert "| `a\\|b'@team.toml` | 59.69" in comment
