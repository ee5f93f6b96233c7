"""The shape of the law's TOML blocks: which keys a block has, which it needs, and what may stand there.

docs/tables.md describes them. What a formula says is not looked at here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple, TypeAlias

from levelfield._errors import did_you_mean

_LONGEST = 4000  # characters of a text
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ID = re.compile(r"[A-Za-z][\w.\-]*")
_HOURS = re.compile(r"(\d\d?)-(\d\d?)")
_HOLIDAY = re.compile(r"(0[1-9]|1[0-2])-([0-2]\d|3[01])|easter[+-]\d{1,3}")
_INDEX = re.compile(r"\.\d+\.")
_YEARS = range(1990, 2101)


class Kind(NamedTuple):
    """What may stand under a key: `wanted` says it in words."""

    fits: Callable[[Any], bool]
    wanted: str


class Odd(NamedTuple):
    """Something amiss in a block: the rule, the path to the key (class.0.hours; empty for the block), what to say."""

    rule: str
    path: str
    message: str


Spec: TypeAlias = Mapping[str, Any]
"""Key: Kind, or a Spec for a table, or [Spec] for a list of tables. A key that must be there ends in '!'."""


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= _LONGEST


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15


def _integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and bool(value) and all(fits(item) for item in value)


def _table_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and all(fits(item) for item in value.values())


def _date(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(value) == 10 and date.fromisoformat(value).year in _YEARS
    except ValueError:
        return False


def one_of(*words: str) -> Kind:
    return Kind(lambda value: value in words if isinstance(value, str) else False, f"one of {', '.join(words)}")


def _scalar(value: Any) -> bool:
    return isinstance(value, bool) or _text(value) or _number(value)


def _test(value: Any) -> bool:
    """true, a text, a number, or a table such as { at_least = "7000 h" }."""
    tests = value.values() if isinstance(value, dict) else [value]
    return bool(tests) and all(_scalar(test) or _list_of(_text)(test) for test in tests)


def _conditions(value: Any) -> bool:
    groups = value if isinstance(value, list) else [value]
    return bool(groups) and all(isinstance(g, dict) and bool(g) and all(map(_test, g.values())) for g in groups)


def _days(value: Any) -> bool:
    ends = value.split("-") if isinstance(value, str) else []
    known = 1 <= len(ends) <= 2 and all(end in _DAYS for end in ends)
    return known and _DAYS.index(ends[0]) <= _DAYS.index(ends[-1])


def _hours(value: Any) -> bool:
    match = _HOURS.fullmatch(value) if isinstance(value, str) else None
    return match is not None and int(match[1]) < 24 and int(match[2]) <= 24


TEXT = Kind(_text, f"a text of at most {_LONGEST} characters")
ID = Kind(lambda value: _text(value) and _ID.fullmatch(value) is not None, "a name of letters, digits, '_' and points")
TEXTS = Kind(_list_of(_text), 'a list of texts, as in ["a", "b"]')
WORDS = Kind(lambda value: _text(value) or (bool(value) and _table_of(_text)(value)), 'a table { en = "…", nl = "…" }')
DATE = Kind(_date, "a date of 1990 to 2100, as in 2025-01-01")
BOOL = Kind(lambda value: isinstance(value, bool), "true or false")
NUMBER = Kind(_number, "a number")
VALUE = Kind(lambda value: _text(value) or _number(value), "a formula or a number")
INTEGER = Kind(_integer, "a whole number")
COUNT = Kind(lambda value: _integer(value) and 0 <= value < 3000, "a whole number, 0 or more")
RANK = Kind(lambda value: _integer(value) and 1 <= value < 3000, "a whole number, 1 or more")
YEARS = Kind(_list_of(lambda y: _integer(y) and y in _YEARS), "a list of years, as in [2025, 2026]")
MONTHS = Kind(_list_of(lambda m: _integer(m) and m in range(1, 13)), "a list of months, as in [12, 1, 2]")
DAYS = Kind(_days, "days from Monday on, as in 'mon-fri' or 'sat'")
HOURS = Kind(_list_of(_hours), "a list of spans, as in ['09-11', '18-20']")
HOLIDAYS = Kind(
    lambda value: isinstance(value, list) and all(isinstance(d, str) and _HOLIDAY.fullmatch(d) for d in value),
    "a list of days, as in ['12-25', 'easter+1']",
)
MONTH_DAY = Kind(
    lambda v: isinstance(v, str) and re.fullmatch(r"\d\d-\d\d", v) is not None and _date(f"2024-{v}"),
    "a month and a day, as in '01-01'",
)
WHEN = Kind(_conditions, "a table of conditions, or a list of them")
LETS = Kind(_table_of(lambda value: _text(value) or _number(value)), "a table of formulas")
TEXT_TABLE = Kind(_table_of(lambda value: _text(value) or _table_of(_text)(value)), "a table of texts")
WHERE = Kind(_table_of(_list_of(_text)), "a table of lists of texts")
CELL = Kind(lambda v: _scalar(v) or _list_of(_scalar)(v) or _table_of(_scalar)(v), "a text, a number, a date or a list")
DEFAULT = Kind(_scalar, "a text or a number")

_BANDS = [{"interval!": TEXT, "rate!": VALUE, "part": TEXT}]
_WINDOW = {"months": MONTHS, "days": DAYS, "holidays": BOOL, "hours": HOURS}
_CHARGE: Spec = {
    "id!": ID,
    "category!": one_of("commodity", "network", "levy", "tax", "compensation", "co2"),
    "name!": WORDS,
    "law": TEXT,
    "kind!": one_of("rate", "steps", "brackets", "share", "reduction", "cap", "floor", "formula"),
    "jurisdictions": TEXTS,
    "valid_from": DATE,
    "valid_to": DATE,
    "when": WHEN,
    "claim": ID,
    "relief": BOOL,
    "choice": ID,
    "option": TEXT,
    "monotone": one_of("raises"),
    "renews": MONTH_DAY,
    "on": one_of("segment", "year"),
    "note": WORDS,
    "change": WORDS,
    "ok": TEXT,
    "basis": VALUE,
    "rate": VALUE,
    "by": VALUE,
    "steps": _BANDS,
    "brackets": _BANDS,
    "of": TEXTS,
    "ramps": [{"fact!": VALUE, "from!": VALUE, "to!": VALUE}],
    "at_most": VALUE,
    "at": VALUE,
    "formula": VALUE,
    "let": LETS,
    "quantity": VALUE,
}
_VERSION: Spec = {**{key.rstrip("!"): kind for key, kind in _CHARGE.items() if key != "id!"}, "valid_from!": DATE}
_LEVELS = {f"{level}!": TEXT_TABLE for level in ("extra_high", "high", "sub", "medium")}
_INPUT = {"values": TEXTS, "unit": Kind(lambda v: isinstance(v, str) and len(v) < 40, "a unit"), "default": DEFAULT}
SPECS: dict[str, Spec] = {
    "charge": {**_CHARGE, "version": [_VERSION]},
    "quantity": {
        "id!": ID,
        "unit!": Kind(lambda value: isinstance(value, str) and len(value) < 40, 'a unit, or "" for a share'),
        "formula!": VALUE,
        "jurisdictions": TEXTS,
        "on": one_of("segment", "year"),
        "ok": TEXT,
    },
    "choice": {
        "id!": ID,
        "name!": WORDS,
        "placeholder!": ID,
        "input!": ID,
        "default": TEXT,
        "jurisdictions": TEXTS,
        "options!": [{"id!": TEXT, "name": WORDS, "when": WHEN}],
        "ok": TEXT,
    },
    "calendar": {"id!": ID, "holidays": HOLIDAYS, "class!": [{"id!": ID, **_WINDOW}], "ok": TEXT},
    "peak": {
        "id!": ID,
        "per!": one_of("month", "week", "year"),
        "rank": RANK,
        "outside": [_WINDOW],
        "within": [_WINDOW],
        "drop_per_month": COUNT,
        "holidays": HOLIDAYS,
        "ok": TEXT,
    },
    "list": {
        "id!": ID,
        "title!": TEXT,
        "source": ID,
        "evidence": TEXT,
        "members!": TEXTS,
        "kind": one_of("nace", "product", "rate"),
        "names": Kind(_table_of(lambda value: _text(value) or _table_of(_text)(value)), "a table of names"),
        "unit": TEXT,
        "ok": TEXT,
    },
    "jurisdiction": {
        "id!": ID,
        "order": INTEGER,
        "name!": WORDS,
        "plant_keys": Kind(lambda v: isinstance(v, list) and all(map(_text, v)), "a list of texts"),
        "market!": TEXT,
        "forward": TEXT,
        "levels!": _LEVELS,
        "inputs": Kind(_table_of(lambda value: isinstance(value, dict)), "a table of tables"),
        "claims": Kind(lambda v: isinstance(v, list) and all(map(_text, v)), "a list of texts"),
    },
    "coverage": {
        "jurisdiction!": Kind(lambda value: _text(value) or _list_of(_text)(value), "a text or a list of texts"),
        "charge!": ID,
        "years!": YEARS,
        "status!": one_of("complete", "partial", "missing"),
        "verified_on!": DATE,
        "note": WORDS,
        "where": WHERE,
    },
    # The check that reads these says what they need; here only that they are plain.
    "bound": {"*": CELL},
    "printed_sum": {"*": CELL},
}
_OF_KIND = {
    "rate": ("basis", "rate"),
    "steps": ("basis", "by", "steps"),
    "brackets": ("basis", "brackets"),
    "share": ("of", "rate"),
    "reduction": ("of",),
    "cap": ("of", "at"),
    "floor": ("of", "at"),
    "formula": ("formula",),
}


def amiss(block: str, data: Mapping[str, Any]) -> Iterator[Odd]:
    """What is amiss in the shape of a block, such as a [[charge]]."""
    found = list(against(SPECS[block], data))
    yield from found
    if found:
        return
    if block == "charge":
        wanted = list(_OF_KIND[data["kind"]])
        if data["kind"] == "reduction" and "rate" not in data and "ramps" not in data:
            wanted += [key for key in ("by", "steps") if key not in data]
        for key in wanted:
            if key not in data:
                yield Odd("law.missing_key", "", f"a charge of kind {data['kind']} needs the key '{key}'")
    if block == "jurisdiction":
        for name, spec in data.get("inputs", {}).items():
            yield from against(_INPUT, spec, f"inputs.{name}.")


def against(spec: Spec, data: Mapping[str, Any], within: str = "") -> Iterator[Odd]:
    """What in a table does not fit a spec; `within` leads the paths."""
    known = {key.rstrip("!"): kind for key, kind in spec.items()}
    prefix = _INDEX.sub(".", within)
    for key in spec:
        if key.endswith("!") and key[:-1] not in data:
            yield Odd("law.missing_key", within.rstrip("."), f"the key '{prefix}{key[:-1]}' is missing")
    for key, value in data.items():
        name, path = f"{prefix}{key}", f"{within}{key}"
        kind = known.get(key, known.get("*"))
        if kind is None:
            yield Odd("law.unknown_key", path, f"'{name}' is no key of this block; {did_you_mean(key, known)}")
        elif isinstance(kind, Kind):
            if not kind.fits(value):
                yield Odd("law.value", path, f"{name} is {_shown(value)}; {kind.wanted} is wanted")
        elif isinstance(kind, list):
            if not (isinstance(value, list) and all(isinstance(item, dict) for item in value)):
                yield Odd("law.value", path, f"{name} is {_shown(value)}; a list of tables is wanted")
                continue
            for number, item in enumerate(value):
                yield from against(kind[0], item, f"{path}.{number}.")
        elif isinstance(value, dict):
            yield from against(kind, value, f"{path}.")
        else:
            yield Odd("law.value", path, f"{name} is {_shown(value)}; a table is wanted")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    try:
        text = repr(value)
    except ValueError:  # Python writes no number of more than 4,300 digits
        return "a huge number"
    return text if len(text) <= 60 else f"{text[:57]}…"
