"""The faults in the forms that people, CI systems and code hosts read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from levelfield import __version__
from levelfield.tables.check.rules import RULES
from levelfield.tables.fault import ERROR, Fault

_UNPRINTABLE = re.compile("[^\\t\\n\\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Shown = Callable[[str], str]
"""The path of a file of the tables (nl/grid.csv) as it is shown: from the current folder, with / between its parts."""


def counts(faults: Iterable[Fault]) -> tuple[int, int, int]:
    """Errors, open warnings and answered warnings."""
    found = list(faults)
    errors = sum(fault.severity == ERROR for fault in found)
    answered = sum(is_answered(fault) for fault in found)
    return errors, len(found) - errors - answered, answered


def is_answered(fault: Fault) -> bool:
    """Whether a note answers the fault; an error stays one."""
    return fault.severity != ERROR and bool(fault.answered)


def summary(faults: Sequence[Fault]) -> str:
    errors, warnings, answered = counts(faults)
    return f"{_many(errors, 'error')}, {_many(warnings, 'warning')}, {answered} answered"


def _many(count: int, word: str) -> str:
    return f"{count} {word}" + ("" if count == 1 else "s")


def as_text(faults: Sequence[Fault], shown: Shown) -> str:
    """A line a fault, as compilers write them; answered warnings are only counted."""
    return "".join(
        f"{_at(fault, shown)}: {fault.severity}: {fault.message} [{fault.rule}]\n"
        for fault in faults
        if not is_answered(fault)
    )


def _at(fault: Fault, shown: Shown) -> str:
    return f"{shown(fault.file)}:{fault.line}" if fault.line else shown(fault.file)


def as_json(faults: Sequence[Fault], shown: Shown) -> str:
    errors, warnings, answered = counts(faults)
    listed = [
        {
            "file": shown(fault.file),
            "line": fault.line,
            "rule": fault.rule,
            "severity": fault.severity,
            "message": fault.message,
            "answered": fault.answered,
        }
        for fault in faults
    ]
    document = {
        "schema": "levelfield/check/1",
        "faults": listed,
        "errors": errors,
        "warnings": warnings,
        "answered": answered,
    }
    return _dumped(document)


def _dumped(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def as_github(faults: Sequence[Fault], shown: Shown) -> str:
    """Commands of a GitHub workflow, which become annotations of the changed files."""
    return "".join(
        f"::{fault.severity} file={_property(shown(fault.file))},line={max(fault.line, 1)},"
        f"title={_property(fault.rule)}::{_data(fault.message)}\n"
        for fault in faults
        if not is_answered(fault)
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def as_gitlab(faults: Sequence[Fault], shown: Shown) -> str:
    """A Code Quality report of GitLab."""
    return _dumped(
        [
            {
                "description": fault.message,
                "check_name": fault.rule,
                "fingerprint": mark,
                "severity": "major" if fault.severity == ERROR else "info" if is_answered(fault) else "minor",
                "location": {"path": shown(fault.file), "lines": {"begin": max(fault.line, 1)}},
            }
            for fault, mark in zip(faults, fingerprints(faults), strict=True)
            if not is_answered(fault)
        ]
    )


def fingerprints(faults: Sequence[Fault]) -> list[str]:
    """A mark for each fault that stays when lines shift: of its file, rule and message without line numbers."""
    import hashlib

    seen: dict[str, int] = {}
    marks = []
    for fault in faults:
        said = re.sub(r"(\.(?:csv|toml)):\d+|\bline \d+", r"\1", fault.message)
        text = f"{fault.file}\0{fault.rule}\0{said}"
        seen[text] = seen.get(text, 0) + 1  # of two alike, the first in the file stays the first
        marks.append(hashlib.sha256(f"{text}\0{seen[text]}".encode()).hexdigest()[:40])
    return marks


def as_junit(faults: Sequence[Fault], shown: Shown) -> str:
    """A test case for each rule and file in which something was found; errors and open warnings are its failures."""
    from xml.etree import ElementTree as Xml

    cases: dict[tuple[str, str], list[Fault]] = {}
    for fault in faults:
        cases.setdefault((fault.rule, shown(fault.file)), []).append(fault)
    failed = [key for key, found in cases.items() if any(f.severity == ERROR for f in found)]
    totals = {"tests": str(max(len(cases), 1)), "failures": str(len(failed)), "errors": "0"}
    top = Xml.Element("testsuites", {"name": "levelfield tariffs check", **totals})
    suite = Xml.SubElement(
        top, "testsuite", {"name": "levelfield tariffs check", **totals, "skipped": "0", "time": "0"}
    )
    for (rule, file), found in sorted(cases.items()):
        case = Xml.SubElement(suite, "testcase", {"classname": rule, "name": file, "time": "0"})
        told = "\n".join(f"{_at(fault, shown)}: {fault.severity}: {fault.message}" for fault in found)
        if (rule, file) in failed:
            first = next(fault for fault in found if fault.severity == ERROR)
            Xml.SubElement(case, "failure", {"type": rule, "message": _printable(first.message)}).text = _printable(
                told
            )
        else:
            Xml.SubElement(case, "system-out").text = _printable(told)
    if not cases:
        Xml.SubElement(suite, "testcase", {"classname": "tables", "name": "all rules", "time": "0"})
    Xml.indent(top)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(top, encoding="unicode") + "\n"


def _printable(text: str) -> str:
    """Without the control characters and lone surrogates that XML cannot hold."""
    return _UNPRINTABLE.sub("\ufffd", text)


def as_sarif(faults: Sequence[Fault], shown: Shown) -> str:
    """SARIF 2.1.0, which code hosts show as findings of a scan; an answered warning is a suppressed one."""
    used = sorted({fault.rule for fault in faults})
    rules = [
        {
            "id": rule,
            "name": "".join(part.capitalize() for part in rule.replace("_", ".").split(".")),
            "shortDescription": {"text": RULES.get(rule, rule)},
            "help": {"text": f"{RULES.get(rule, rule)} docs/tables.md describes the tables."},
        }
        for rule in used
    ]
    results = []
    for fault, mark in zip(faults, fingerprints(faults), strict=True):
        result: dict[str, Any] = {
            "ruleId": fault.rule,
            "ruleIndex": used.index(fault.rule),
            "level": fault.severity,
            "message": {"text": fault.message},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": _uri(shown(fault.file))},
                        "region": {"startLine": max(fault.line, 1)},
                    }
                }
            ],
            "partialFingerprints": {"levelfield/v1": mark},
        }
        if is_answered(fault):
            result["suppressions"] = [{"kind": "inSource", "justification": fault.answered}]
        results.append(result)
    driver = {"name": "levelfield", "version": __version__, "rules": rules}
    return _dumped(
        {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
        }
    )


def _uri(path: str) -> str:
    from urllib.parse import quote

    return f"file://{quote(path)}" if path.startswith("/") else quote(path)


FORMATS: dict[str, Callable[[Sequence[Fault], Shown], str]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
    "gitlab": as_gitlab,
    "junit": as_junit,
    "sarif": as_sarif,
}
