"""A sound made-up country, and faults to seed in it one at a time, each with the rule and line that must tell it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

Files = dict[str, bytes]
CSV, LAW, HOME, LISTS = "xx/rates.csv", "xx/law.toml", "xx/jurisdictions.toml", "xx/lists.toml"
SOURCES, COVERAGE, NACE = "xx/sources.csv", "xx/coverage.toml", "eu/nace.csv"
_BY = "xx-gazette,p. 1,official,2025-02-01,"

_TEXTS = {
    CSV: f"""\
rate,valid_from,valid_to,value,low,high,unit,published,source,locator,evidence,checked_on,note
xx.market,2025-01-01,2025-12-31,50,,,EUR/MWh,2024-06-01,{_BY}
xx.market,2026-01-01,2026-12-31,55,50,60,EUR/MWh,2025-06-01,,,assumed,2025-02-01,a made-up forecast
xx.grid.one.top,2025-01-01,,12,,,EUR/kW/a,2024-10-01,{_BY}
xx.grid.one.low,2025-01-01,,14,,,EUR/kW/a,2024-10-01,{_BY}
xx.tax.band1,2025-01-01,2025-12-31,10.5,,,EUR/MWh,2024-10-01,{_BY}
xx.tax.band1,2026-01-01,,11.5,,,EUR/MWh,2025-10-01,{_BY}
xx.tax.band2,2025-01-01,,5,,,EUR/MWh,2024-10-01,{_BY}
xx.meter.short,2025-01-01,,100,,,EUR/month,2024-10-01,{_BY}
xx.meter.long,2025-01-01,,600,,,EUR/a,2024-10-01,{_BY}
xx.peak_price,2025-01-01,,2,,,EUR/kW/month,2024-10-01,{_BY}
xx.night,2025-01-01,,30,,,EUR/MWh,2024-10-01,{_BY}
xx.levy,2025-01-01,2025-12-31,5,,,EUR/MWh,2024-10-01,{_BY}"as printed, rounded"
xx.levy,2026-01-01,,5.5,,,EUR/MWh,2025-10-01,{_BY}
xx.surcharge,2025-01-01,,10,,,%,2024-10-01,{_BY}
xx.population,2025-01-01,,17,,,1,2024-10-01,{_BY}reference: nothing is paid on it
""",
    SOURCES: """\
key,title,publisher,act,url,language,published,accessed,licence
xx-gazette,Gazette of the made-up country,Made-up ministry,Act 1,https://example.org/1,en,2024-10-01,2025-02-01,
xx-code,"Code, book 2",Made-up ministry,Act 2,https://example.org/2,en,2024-10-01,2025-02-01,
""",
    "eu/publishers.csv": "publisher,kind,country\nMade-up ministry,ministry,xx\nA newspaper,newspaper,xx\n",
    NACE: "code,name\n20.13,Other inorganic basic chemicals\n24.10,Basic iron and steel\n",
    HOME: """\
[[jurisdiction]]
id = "XX"
name = { en = "Made-up country", nl = "Verzonnen land" }
market = "xx.market"
forward = "xx.market"

[jurisdiction.levels]
extra_high = { level = "top", operator = "one" }
high = { level = "top", operator = "one" }
sub = { level = "low", operator = "one" }
medium = { level = "low", operator = "one" }

[jurisdiction.inputs]
operator = { values = ["one"] }
version = { values = ["short", "long"] }
""",
    LISTS: """\
[[list]]
id = "xx.exempt"
title = "Code, annex"
source = "xx-code"
evidence = "official"
members = ["24"]
""",
    COVERAGE: """\
[[coverage]]
jurisdiction = "XX"
charge = "xx.tax"
years = [2025, 2026]
status = "complete"
verified_on = 2025-02-01

[[coverage]]
jurisdiction = "XX"
charge = "xx.grid"
years = [2025]
status = "partial"
verified_on = 2025-02-01
note = "the second operator is missing"
""",
    LAW: """\
[[quantity]]
id = "xx.taxed"
unit = "MWh"
formula = "0 if sector_in(xx.exempt) else offtake"

[[charge]]
id = "xx.energy"
category = "commodity"
name = { en = "Energy", nl = "Levering" }
law = "market"
kind = "rate"
basis = "offtake"
rate = "xx.market"
monotone = "raises"

[[charge]]
id = "xx.grid"
category = "network"
name = { en = "Grid", nl = "Net" }
law = "Act 1"
kind = "rate"
basis = "contracted_power"
rate = "xx.grid.{operator}.{level}"

[[charge]]
id = "xx.tax"
category = "tax"
name = { en = "Tax", nl = "Belasting" }
law = "Act 2"
kind = "brackets"
basis = "xx.taxed"
brackets = [
  { interval = "[0, 10) GWh", rate = "xx.tax.band1" },
  { interval = "[10, inf) GWh", rate = "xx.tax.band2" },
]
monotone = "raises"
renews = "01-01"

[[charge]]
id = "xx.levy"
category = "levy"
name = { en = "Levy", nl = "Heffing" }
law = "Act 3"
kind = "formula"
let = { due = "offtake * xx.levy" }
formula = "max(0, due - 10 * amount(xx.grid) * xx.surcharge)"
monotone = "raises"

[[charge]]
id = "xx.meter"
category = "network"
name = { en = "Meter", nl = "Meter" }
law = "Act 4"
kind = "rate"
basis = "1"
rate = "xx.meter.{version}"
choice = "xx.version"

[[charge]]
id = "xx.peak"
category = "network"
name = { en = "Peak", nl = "Piek" }
law = "Act 5"
kind = "rate"
basis = "peak.xx.month"
rate = "xx.peak_price"

[[charge]]
id = "xx.night"
category = "network"
name = { en = "Night", nl = "Nacht" }
law = "Act 6"
kind = "rate"
basis = "offtake.xx.times.night"
rate = "xx.night"
when = { yearly_offtake = { above = "1 GWh" } }

[[choice]]
id = "xx.version"
name = { en = "Version", nl = "Versie" }
placeholder = "version"
input = "version"
options = [{ id = "short" }, { id = "long", when = { full_load_hours = { at_least = "3000 h" } } }]

[[calendar]]
id = "xx.times"
holidays = ["01-01", "easter+1"]
[[calendar.class]]
id = "night"
hours = ["22-06"]
[[calendar.class]]
id = "day"

[[peak]]
id = "xx.month"
per = "month"
outside = [{ days = "sat-sun" }]
""",
}


def country() -> Files:
    """The files of the sound country."""
    return {name: text.encode() for name, text in _TEXTS.items()}


class Seed(NamedTuple):
    """`also` are further faults that the same mistake makes true."""

    name: str
    rule: str
    file: str
    line: int
    change: Callable[[Files], None]
    also: tuple[tuple[str, str, int], ...] = ()


def swap(file: str, old: str, new: str) -> Callable[[Files], None]:
    """One text for another, where it stands first."""

    def change(files: Files) -> None:
        assert old.encode() in files[file], old
        files[file] = files[file].replace(old.encode(), new.encode(), 1)

    return change


def whole(file: str, content: bytes) -> Callable[[Files], None]:
    return lambda files: files.update({file: content})


def more(file: str, text: str) -> Callable[[Files], None]:
    return lambda files: files.update({file: files.get(file, b"") + text.encode()})


def as_bytes(file: str, turn: Callable[[bytes], bytes]) -> Callable[[Files], None]:
    return lambda files: files.update({file: turn(files[file])})


def both(*changes: Callable[[Files], None]) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        for each in changes:
            each(files)

    return change


_TWICE = f"xx.tax.band2,2025-01-01,,5,,,EUR/MWh,2024-10-01,{_BY}\n"
_BAND1 = "xx.tax.band1,2025-01-01,2025-12-31,10.5"
_CHARGE = """
[[charge]]
id = "xx.new"
category = "levy"
name = { en = "New", nl = "Nieuw" }
law = "Act 7"
"""
_NEXT = 98  # the line on which a block that is added to the law begins
_MORE = 17  # that on which a row begins that is added to the rates
_CONFLICT = "<<<<<<< HEAD\nxx.levy,1\n=======\nxx.levy,2\n>>>>>>> theirs\n"

SEEDS = [
    # Files and rows of CSV.
    Seed("merge conflict in a CSV", "form.conflict", CSV, _MORE, more(CSV, _CONFLICT)),
    Seed("merge conflict in a TOML", "form.conflict", LAW, _NEXT, more(LAW, _CONFLICT)),
    Seed("byte order mark", "form.bom", CSV, 1, as_bytes(CSV, lambda b: b"\xef\xbb\xbf" + b)),
    Seed("byte order mark in a TOML", "form.bom", LAW, 1, as_bytes(LAW, lambda b: b"\xef\xbb\xbf" + b)),
    Seed("trailing commas in a row", "form.cells", CSV, 4, swap(CSV, f"2024-10-01,{_BY}", f"2024-10-01,{_BY},,")),
    Seed("trailing commas everywhere", "form.cells", CSV, 1, as_bytes(CSV, lambda b: b.replace(b"\n", b",,\n"))),
    Seed("a cell too few", "form.cells", CSV, 8, swap(CSV, "xx.tax.band2,2025-01-01,,5", "xx.tax.band2,2025-01-01,5")),
    Seed(
        "a comma in a note without quotes", "form.cells", CSV, 13, swap(CSV, '"as printed, rounded"', "as printed, so")
    ),
    Seed("semicolons", "form.delimiter", CSV, 1, as_bytes(CSV, lambda b: b.replace(b",", b";"))),
    Seed("tabs", "form.delimiter", CSV, 1, as_bytes(CSV, lambda b: b.replace(b",", b"\t"))),
    Seed("a row with semicolons", "form.delimiter", CSV, _MORE, more(CSV, "xx.a;2025-01-01;;1;;;h;;;;assumed;;n\n")),
    Seed("decimal comma in quotes", "form.number", CSV, 6, swap(CSV, "10.5", '"10,5"')),
    Seed("decimal comma without quotes", "form.number", CSV, 6, swap(CSV, "10.5", "10,5")),
    Seed("points for the thousands", "form.number", CSV, 10, swap(CSV, ",600,", ",1.600.000,")),
    Seed("not a number", "form.number", CSV, 10, swap(CSV, ",600,", ",n/a,")),
    Seed("infinite", "form.number", CSV, 10, swap(CSV, ",600,", ",inf,")),
    Seed("no value and no bounds", "form.number", CSV, 10, swap(CSV, ",600,", ",,")),
    Seed("day first", "form.date", CSV, 6, swap(CSV, _BAND1, "xx.tax.band1,1-1-2025,2025-12-31,10.5")),
    Seed("slashes", "form.date", CSV, 6, swap(CSV, _BAND1, "xx.tax.band1,01/02/2025,2025-12-31,10.5")),
    Seed("day and month swapped", "form.date", CSV, 6, swap(CSV, _BAND1, "xx.tax.band1,2025-01-01,2025-31-12,10.5")),
    Seed("no such day", "form.date", CSV, 6, swap(CSV, _BAND1, "xx.tax.band1,2025-02-30,2025-12-31,10.5")),
    Seed("no start", "form.date", CSV, 6, swap(CSV, _BAND1, "xx.tax.band1,,2025-12-31,10.5")),
    Seed(
        "Latin-1",
        "form.encoding",
        CSV,
        13,
        both(swap(CSV, "as printed", "cafX"), as_bytes(CSV, lambda b: b.replace(b"cafX", b"caf\xe9"))),
    ),
    Seed("UTF-16", "form.encoding", CSV, 1, as_bytes(CSV, lambda b: b.decode().encode("utf-16"))),
    Seed("empty file", "form.empty", CSV, 1, whole(CSV, b"")),
    Seed("blank lines only", "form.empty", CSV, 1, whole(CSV, b"\n\n\n")),
    Seed("empty law", "form.empty", "xx/more.toml", 1, whole("xx/more.toml", b"# nothing\n")),
    Seed(
        "header only", "form.empty", "xx/more.csv", 1, whole("xx/more.csv", _TEXTS[CSV].split("\n")[0].encode() + b"\n")
    ),
    Seed("header misspelt", "form.header", CSV, 1, swap(CSV, "valid_to", "valid_until")),
    Seed("columns reordered", "form.header", CSV, 1, swap(CSV, "low,high", "high,low")),
    Seed("a column missing", "form.header", CSV, 1, swap(CSV, ",note", "")),
    Seed("header of the sources misspelt", "form.header", SOURCES, 1, swap(SOURCES, "licence", "license")),
    Seed("NUL byte", "form.nul", CSV, 13, swap(CSV, "as printed", "as\0printed")),
    Seed("quotation mark not closed", "form.quote", CSV, 13, swap(CSV, 'rounded"', "rounded")),
    Seed("quotation mark not doubled", "form.quote", CSV, 13, swap(CSV, "as printed,", 'as "printed",')),
    Seed("11 MB", "form.size", "xx/more.csv", 0, whole("xx/more.csv", b"x" * 11_000_000)),
    Seed(
        "a row twice",
        "form.row_twice",
        CSV,
        _MORE,
        more(CSV, f"xx.tax.band2,2025-01-01,,5,,,EUR/MWh,2024-10-01,{_BY}\n"),
    ),
    Seed("capitals in a rate's name", "form.rate_name", CSV, 16, swap(CSV, "xx.population", "xx.Population")),
    Seed("a rate without a name", "form.rate_name", CSV, 16, swap(CSV, "xx.population", "")),
    Seed("a rate of another folder", "form.rate_folder", CSV, 16, swap(CSV, "xx.population", "yy.population")),
    Seed("unknown unit", "form.unit", CSV, 12, swap(CSV, ",30,,,EUR/MWh", ",30,,,EUR/MWhr")),
    Seed("unknown evidence", "form.evidence", CSV, 2, swap(CSV, ",official,", ",guessed,")),
    Seed(
        "no source",
        "source.missing",
        CSV,
        12,
        swap(CSV, f"EUR/MWh,2024-10-01,{_BY}\nxx.levy", "EUR/MWh,2024-10-01,,,official,2025-02-01,\nxx.levy"),
    ),
    Seed(
        "source twice",
        "form.duplicate_id",
        SOURCES,
        4,
        more(SOURCES, "xx-code,Other,Made-up ministry,Act 9,,en,2024-10-01,,\n"),
    ),
    Seed("class twice", "form.duplicate_id", NACE, 4, more(NACE, "20.13,Again\n")),
    # Identity, time, range and unit.
    Seed(
        "same start and publication",
        "row.identity",
        CSV,
        9,
        swap(CSV, "xx.meter.short", f"xx.tax.band2,2025-01-01,,6,,,EUR/MWh,2024-10-01,{_BY}\nxx.meter.short"),
    ),
    Seed("ends before it starts", "time.order", CSV, 6, swap(CSV, _BAND1, "xx.tax.band1,2025-01-01,2024-12-31,10.5")),
    Seed("overlap", "time.overlap", CSV, 7, swap(CSV, _BAND1, "xx.tax.band1,2025-01-01,2026-01-31,10.5")),
    Seed("gap", "time.gap", CSV, 14, swap(CSV, "xx.levy,2026-01-01,", "xx.levy,2026-03-01,")),
    Seed(
        "gap in what is complete",
        "rate.missing",
        COVERAGE,
        1,
        swap(CSV, "xx.tax.band1,2026-01-01", "xx.tax.band1,2026-02-01"),
        (("time.gap", CSV, 7),),
    ),
    Seed(
        "start within a month", "time.start", CSV, 15, swap(CSV, "xx.surcharge,2025-01-01", "xx.surcharge,2025-01-17")
    ),
    Seed("low above value", "row.range", CSV, 3, swap(CSV, ",55,50,60,", ",55,57,60,")),
    Seed("low above high", "row.range", CSV, 3, swap(CSV, ",55,50,60,", ",,60,50,")),
    Seed("another dimension", "unit.changed", CSV, 14, swap(CSV, ",5.5,,,EUR/MWh", ",5.5,,,EUR/a")),
    Seed(
        "not looked at",
        "source.unchecked",
        CSV,
        12,
        swap(CSV, f"{_BY}\nxx.levy", "xx-gazette,p. 1,official,,\nxx.levy"),
    ),
    # Sources, lists, rates and coverage.
    Seed("unknown source", "source.unknown", CSV, 2, swap(CSV, "xx-gazette", "xx-gazete")),
    Seed(
        "unused source",
        "source.unused",
        SOURCES,
        4,
        more(SOURCES, "xx-other,Other,Made-up ministry,Act 9,,en,2024-10-01,,\n"),
    ),
    Seed("source without a publisher", "source.incomplete", SOURCES, 3, swap(SOURCES, '2",Made-up ministry', '2",')),
    Seed("source without a date", "source.incomplete", SOURCES, 2, swap(SOURCES, "en,2024-10-01,2025-02-01", "en,,")),
    Seed("source with an odd date", "source.date", SOURCES, 2, swap(SOURCES, "en,2024-10-01", "en,1-10-2024")),
    Seed("source without link or act", "source.link", SOURCES, 3, swap(SOURCES, "Act 2,https://example.org/2", ",")),
    Seed("source whose link is none", "source.link", SOURCES, 3, swap(SOURCES, "https://example.org/2", "page 2")),
    Seed(
        "list of an unknown source",
        "source.unknown",
        LISTS,
        1,
        swap(LISTS, "xx-code", "xx-cod"),
        (("source.unused", SOURCES, 3),),
    ),
    Seed("list with an unknown class", "reference.unknown", LISTS, 1, swap(LISTS, '["24"]', '["24", "99"]')),
    Seed("unused rate", "rate.unused", CSV, 16, swap(CSV, "reference: ", "")),
    Seed(
        "misspelt rate in the law",
        "reference.unknown",
        LAW,
        59,
        swap(LAW, '"xx.peak_price"', '"xx.peak_prize"'),
        (("rate.unused", CSV, 11),),
    ),
    Seed(
        "misspelt list in the law",
        "reference.unknown",
        LAW,
        1,
        swap(LAW, "sector_in(xx.exempt)", "sector_in(xx.exemp)"),
    ),
    Seed(
        "unknown choice",
        "reference.unknown",
        LAW,
        49,
        swap(LAW, 'choice = "xx.version"', 'choice = "xx.versions"'),
        (("law.unused", LAW, 78),),
    ),
    Seed("coverage of an unknown charge", "reference.unknown", COVERAGE, 8, swap(COVERAGE, '"xx.grid"', '"xx.grit"')),
    Seed(
        "coverage of an unknown place",
        "reference.unknown",
        COVERAGE,
        8,
        as_bytes(COVERAGE, lambda b: b.replace(b'"XX"\ncharge = "xx.grid"', b'"YY"\ncharge = "xx.grid"')),
    ),
    Seed(
        "coverage without a note",
        "coverage.note",
        COVERAGE,
        8,
        swap(COVERAGE, 'note = "the second operator is missing"\n', ""),
    ),
    Seed("years as texts", "law.value", COVERAGE, 4, swap(COVERAGE, "[2025, 2026]", '["2025", "2026"]')),
    Seed(
        "year called complete too early",
        "rate.missing",
        COVERAGE,
        1,
        swap(COVERAGE, "[2025, 2026]", "[2024, 2025]"),
        (("rate.missing", COVERAGE, 1),),
    ),
    Seed(
        "unused calendar", "law.unused", LAW, _NEXT, more(LAW, '[[calendar]]\nid = "xx.c"\nclass = [{ id = "all" }]\n')
    ),
    Seed(
        "unused quantity",
        "law.unused",
        LAW,
        _NEXT,
        more(LAW, '[[quantity]]\nid = "xx.q"\nunit = "MWh"\nformula = "offtake"\n'),
    ),
    Seed(
        "market that is no rate", "reference.unknown", HOME, 1, swap(HOME, 'market = "xx.market"', 'market = "xx.mkt"')
    ),
    # Law.
    Seed("TOML syntax", "form.toml", LAW, 4, swap(LAW, '"0 if sector_in(xx.exempt) else offtake"', '"0 if')),
    Seed(
        "TOML key twice",
        "form.toml",
        LAW,
        3,
        swap(LAW, 'unit = "MWh"', 'id = "MWh"'),
    ),
    Seed("TOML nested deeply", "form.toml", LAW, 1, whole(LAW, b"x = " + b"[" * 3000 + b"]" * 3000)),
    Seed("dotted keys nested deeply", "form.toml", LAW, 1, whole(LAW, b".".join([b"a"] * 3000) + b" = 1\n")),
    Seed("TOML number of 9,000 digits", "form.toml", COVERAGE, 1, swap(COVERAGE, "2025, 2026", "9" * 9000)),
    Seed("huge year", "law.value", COVERAGE, 4, swap(COVERAGE, "2025, 2026", "0x" + "f" * 5000)),
    Seed("unknown block", "law.unknown_block", LAW, _NEXT, more(LAW, '[[charges]]\nid = "xx.b"\n')),
    Seed(
        "block in single brackets",
        "law.unknown_block",
        "xx/more.toml",
        1,
        whole("xx/more.toml", b'[charge]\nid = "xx.b"\n'),
    ),
    Seed("unknown key", "law.unknown_key", LAW, 14, swap(LAW, 'monotone = "raises"', 'monotonic = "raises"')),
    Seed("missing key of a kind", "law.missing_key", LAW, 6, swap(LAW, 'basis = "offtake"\n', "")),
    Seed("charge without an id", "law.missing_key", LAW, 16, swap(LAW, 'id = "xx.grid"\n', "")),
    Seed("jurisdiction without an id", "law.missing_key", HOME, 1, swap(HOME, 'id = "XX"\n', "")),
    Seed(
        "jurisdiction without a level",
        "law.missing_key",
        HOME,
        7,
        swap(HOME, 'sub = { level = "low", operator = "one" }\n', ""),
    ),
    Seed("unknown kind", "law.value", LAW, 30, swap(LAW, 'kind = "brackets"', 'kind = "bracket"')),
    Seed("unknown category", "law.value", LAW, 18, swap(LAW, 'category = "network"', 'category = "grid"')),
    Seed("odd hours", "law.value", LAW, 90, swap(LAW, '"22-06"', '"22:00-06:00"')),
    Seed(
        "odd key of a bracket",
        "law.unknown_key",
        LAW,
        34,
        swap(LAW, 'rate = "xx.tax.band2"', 'rates = "xx.tax.band2"'),
        (("law.missing_key", LAW, 34),),
    ),
    Seed(
        "hours without a class",
        "calendar.hours",
        LAW,
        85,
        swap(LAW, '[[calendar.class]]\nid = "day"\n', '[[calendar.class]]\nid = "day"\nhours = ["07-22"]\n'),
    ),
    Seed(
        "charge twice",
        "form.duplicate_id",
        LAW,
        _NEXT,
        more(
            LAW, _CHARGE.replace("xx.new", "xx.levy").lstrip() + 'kind = "rate"\nbasis = "offtake"\nrate = "xx.levy"\n'
        ),
    ),
    Seed(
        "jurisdiction twice",
        "form.duplicate_id",
        "yy/jurisdictions.toml",
        1,
        lambda files: files.update({"yy/jurisdictions.toml": files[HOME]}),
    ),
    Seed("formula that is none", "law.formula", LAW, 1, swap(LAW, "else offtake", "else otherwise offtake")),
    Seed(
        "formula nested deeply",
        "law.formula",
        LAW,
        1,
        swap(LAW, "0 if sector_in(xx.exempt) else offtake", "offtake" + " + offtake" * 300),
    ),
    Seed(
        "condition nested deeply",
        "law.formula",
        LAW,
        68,
        swap(LAW, "when = { yearly_offtake =", 'when = { "offtake' + " + offtake" * 300 + '" ='),
    ),
    Seed("huge number in a formula", "law.formula", LAW, 1, swap(LAW, "else offtake", "else offtake * 1" + "0" * 400)),
    Seed(
        "charge not in EUR",
        "unit.formula",
        LAW,
        59,
        swap(LAW, 'rate = "xx.peak_price"', 'rate = "xx.tax.band2"'),
        (("rate.unused", CSV, 11),),
    ),
    Seed("unlike things added", "unit.formula", LAW, 1, swap(LAW, "else offtake", "else offtake + yearly_peak")),
    Seed(
        "quantity in another unit",
        "unit.formula",
        LAW,
        1,
        swap(LAW, 'unit = "MWh"', 'unit = "kW"'),
        (("unit.formula", LAW, 25),),
    ),
    Seed("bracket with a gap", "bands.gap", LAW, 25, swap(LAW, "[10, inf) GWh", "[11, inf) GWh")),
    Seed("brackets that overlap", "bands.overlap", LAW, 25, swap(LAW, "[10, inf) GWh", "[9, inf) GWh")),
    Seed("both ends included", "bands.overlap", LAW, 25, swap(LAW, "[0, 10) GWh", "[0, 10] GWh")),
    Seed("brackets that end", "bands.gap", LAW, 25, swap(LAW, "[10, inf) GWh", "[10, 99) GWh")),
    Seed("bracket without a unit", "bands.form", LAW, 25, swap(LAW, "[10, inf) GWh", "[10, inf)")),
    Seed("bracket of an unknown unit", "bands.form", LAW, 25, swap(LAW, "[10, inf) GWh", "[10, inf) GWhr")),
    Seed(
        "steps out of order",
        "bands.overlap",
        LAW,
        _NEXT,
        more(
            LAW,
            _CHARGE.lstrip() + 'kind = "steps"\nbasis = "offtake"\nby = "full_load_hours"\n'
            'steps = [{ interval = "[5, 9) h", rate = "xx.levy" }, { interval = "[0, 5) h", rate = "xx.levy" }]\n',
        ),
    ),
    Seed(
        "raises, but falls", "law.monotone", LAW, 39, swap(LAW, "max(0, due - ", "max(0, offtake * xx.night - due - ")
    ),
    Seed(
        "name in one language", "law.name", LAW, 6, swap(LAW, '{ en = "Energy", nl = "Levering" }', '{ en = "Energy" }')
    ),
    Seed("no act", "law.citation", LAW, 6, swap(LAW, 'law = "market"\n', "")),
    # Evidence and plausibility.
    Seed("assumed without a range", "evidence.assumed", CSV, 3, swap(CSV, ",55,50,60,", ",55,,,")),
    Seed(
        "official from a newspaper",
        "evidence.publisher",
        CSV,
        _MORE,
        both(
            more(SOURCES, "xx-news,News,A newspaper,,https://example.org/3,en,2024-10-01,,\n"),
            more(CSV, "xx.births,2025-01-01,,1,,,1,,xx-news,p. 1,official,2025-02-01,reference: a fact\n"),
        ),
    ),
    Seed("a decimal point off", "plausibility.factor", CSV, 14, swap(CSV, ",5.5,,,EUR/MWh", ",55,,,EUR/MWh")),
]
