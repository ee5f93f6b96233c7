"""The forms in which the check reports, held against what their readers take."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as Xml

import pytest
from jsonschema import Draft202012Validator

from levelfield.tables.check import formats
from levelfield.tables.check.rules import RULES
from levelfield.tables.fault import WARNING, Fault

FAULTS = [
    Fault("nl/grid.csv", 12, "time.overlap", "overlaps; 100 %, or so:\nsee <nl> & \x0b co"),
    Fault("nl/grid.csv", 0, "form.size", "11 MB"),
    Fault("a b,c/x.csv", 3, "time.gap", "nothing in nl/grid.csv:11", WARNING),
    Fault("nl/grid.csv", 20, "time.gap", "nothing in 2024", WARNING, "no sheet was found"),
]
SCHEMA = {
    "type": "object",
    "required": ["schema", "faults", "errors", "warnings", "answered"],
    "additionalProperties": False,
    "properties": {
        "schema": {"const": "levelfield/check/1"},
        "errors": {"type": "integer", "minimum": 0},
        "warnings": {"type": "integer", "minimum": 0},
        "answered": {"type": "integer", "minimum": 0},
        "faults": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["file", "line", "rule", "severity", "message", "answered"],
                "additionalProperties": False,
                "properties": {
                    "file": {"type": "string"},
                    "line": {"type": "integer", "minimum": 0},
                    "rule": {"enum": sorted(RULES)},
                    "severity": {"enum": ["error", "warning"]},
                    "message": {"type": "string", "minLength": 1},
                    "answered": {"type": "string"},
                },
            },
        },
    },
}


def shown(file: str) -> str:
    return f"tariffs/{file}"


def test_text_is_a_line_a_fault_with_place_severity_and_rule() -> None:
    lines = formats.as_text([FAULTS[1], FAULTS[2], FAULTS[3]], shown).splitlines()
    assert lines == [
        "tariffs/nl/grid.csv: error: 11 MB [form.size]",
        "tariffs/a b,c/x.csv:3: warning: nothing in nl/grid.csv:11 [time.gap]",
    ]
    assert formats.summary(FAULTS) == "2 errors, 1 warning, 1 answered"


def test_json_has_its_schema() -> None:
    document = json.loads(formats.as_json(FAULTS, shown))
    Draft202012Validator(SCHEMA).validate(document)
    assert [document[key] for key in ("errors", "warnings", "answered")] == [2, 1, 1]
    assert document["faults"][0]["file"] == "tariffs/nl/grid.csv"


def test_github_commands_are_escaped_as_its_runner_unescapes_them() -> None:
    """The runner turns %25, %0D, %0A back in data, and besides them %3A and %2C in properties."""
    first, second, third = formats.as_github(FAULTS, shown).rstrip("\n").split("\n")
    assert first.startswith(
        "::error file=tariffs/nl/grid.csv,line=12,title=time.overlap::overlaps; 100 %25, or so:%0Asee <nl> & "
    )
    assert second == "::error file=tariffs/nl/grid.csv,line=1,title=form.size::11 MB"
    assert third.startswith("::warning file=tariffs/a b%2Cc/x.csv,line=3,title=time.gap::")


def test_gitlab_reports_have_the_keys_of_code_quality() -> None:
    report = json.loads(formats.as_gitlab(FAULTS, shown))
    assert len(report) == 3
    for item in report:
        assert set(item) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert item["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert re.fullmatch(r"[0-9a-f]{40}", item["fingerprint"])
        assert item["location"]["lines"]["begin"] >= 1
    assert report[0]["location"]["path"] == "tariffs/nl/grid.csv"
    assert len({item["fingerprint"] for item in report}) == 3


def test_a_fingerprint_stays_when_lines_shift_and_tells_two_alike_apart() -> None:
    before = [
        Fault("a.csv", 5, "row.identity", "x stands in a.csv:4 too"),
        Fault("a.csv", 9, "form.row_twice", "this row stands on line 3 too"),
    ]
    after = [
        Fault("a.csv", 7, "row.identity", "x stands in a.csv:6 too"),
        Fault("a.csv", 11, "form.row_twice", "this row stands on line 5 too"),
    ]
    assert formats.fingerprints(before) == formats.fingerprints(after)
    assert len(set(formats.fingerprints([before[0], before[0]._replace(line=8)]))) == 2


def test_junit_has_a_case_for_each_rule_and_file_with_failures_inside() -> None:
    top = Xml.fromstring(formats.as_junit(FAULTS, shown).encode())  # noqa: S314 - our own text
    (suite,) = top
    assert (top.tag, suite.tag) == ("testsuites", "testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", "2", "0")
    cases = {(case.get("classname"), case.get("name")): case for case in suite}
    assert set(cases) == {
        ("time.overlap", "tariffs/nl/grid.csv"),
        ("form.size", "tariffs/nl/grid.csv"),
        ("time.gap", "tariffs/nl/grid.csv"),
        ("time.gap", "tariffs/a b,c/x.csv"),
    }
    failed = cases["time.overlap", "tariffs/nl/grid.csv"].find("failure")
    assert failed is not None
    assert failed.get("type") == "time.overlap"
    assert "tariffs/nl/grid.csv:12: error: overlaps; 100 %" in (failed.text or "")
    assert cases["time.gap", "tariffs/nl/grid.csv"].find("failure") is None


def test_junit_of_sound_tables_has_one_case_that_passes() -> None:
    (suite,) = Xml.fromstring(formats.as_junit([], shown).encode())  # noqa: S314 - our own text
    assert (suite.get("tests"), suite.get("failures"), len(suite)) == ("1", "0", 1)
    assert not list(suite[0])


def test_sarif_has_rules_with_help_and_results_with_a_region() -> None:
    log = json.loads(formats.as_sarif(FAULTS, shown))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["form.size", "time.gap", "time.overlap"]
    assert all(rule["help"]["text"] for rule in rules)
    for result, fault in zip(run["results"], FAULTS, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == fault.rule
        assert result["level"] == fault.severity
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1
    assert run["results"][2]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "tariffs/a%20b%2Cc/x.csv"
    assert run["results"][3]["suppressions"] == [{"kind": "inSource", "justification": "no sheet was found"}]
    assert "suppressions" not in run["results"][2]


@pytest.mark.parametrize("name", sorted(formats.FORMATS))
def test_every_form_takes_no_faults_and_ends_in_a_line_end(name: str) -> None:
    text = formats.FORMATS[name]([], shown)
    assert text == "" or text.endswith("\n")
    assert formats.FORMATS[name](FAULTS, shown).endswith("\n")
