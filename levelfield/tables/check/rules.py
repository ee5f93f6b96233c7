"""The rules of the check, each with one line that says what it asks. Their ids are stable: other tools keep them."""

from __future__ import annotations

RULES: dict[str, str] = {
    # Form: whether a file can be read.
    "form.bom": "A file has no byte order mark.",
    "form.cells": "A row has as many cells as the header; a text with a comma stands in quotes.",
    "form.conflict": "No marks of a merge that git could not finish are left.",
    "form.date": "A date is written 2025-01-31.",
    "form.delimiter": "Cells are separated by commas.",
    "form.duplicate_id": "A source, list or block of the law has an id of its own.",
    "form.empty": "A file holds something.",
    "form.encoding": "A file is UTF-8 text.",
    "form.evidence": "The evidence is official, secondary, recalled or assumed.",
    "form.header": "The header has the columns of docs/tables.md, in their order.",
    "form.key": "A row of sources, publishers or classes begins with its key.",
    "form.nul": "A file is text, without NUL bytes.",
    "form.number": "A number has a point for the decimals and nothing for the thousands.",
    "form.quote": "A quotation mark is closed, and doubled within a text.",
    "form.rate_folder": "The name of a rate begins with the folder in which it stands.",
    "form.rate_name": "The name of a rate is small letters, digits and '_' in parts with points between.",
    "form.row_twice": "A row stands once.",
    "form.size": "A file has at most 10 MB.",
    "form.toml": "A law file is TOML.",
    "form.unit": "A unit is one of those that levelfield knows.",
    "form.unreadable": "A file can be opened.",
    # Rows of a rate.
    "row.identity": "A rate has one row for a start and a day of publication; a correction is published later.",
    "row.range": "low ≤ value ≤ high.",
    "time.gap": "A rate holds without a gap from its first row to its last.",
    "time.order": "A row ends after it starts.",
    "time.overlap": "A row ends before the next one starts.",
    "time.start": "A rate starts on the first of a month, or its note says why not.",
    "unit.changed": "A rate keeps its unit through the years, or its note says 'ok: unit' and why.",
    # Sources.
    "source.date": "A source's dates are written 2025-01-31.",
    "source.incomplete": "A source has a title, a publisher and a date.",
    "source.link": "A source has a link or an act by which it is found again.",
    "source.missing": "Numbers and lists name their source; only an assumed value may lack one.",
    "source.unchecked": "A number says when someone last looked (checked_on).",
    "source.unknown": "A source that is named is in a sources.csv.",
    "source.unused": "A source is used by a number or a list.",
    # Law.
    "bands.form": "A band is an interval with a unit, as in [0, 10000) kWh.",
    "bands.gap": "Bands follow each other without a gap.",
    "bands.overlap": "Bands follow each other without overlapping.",
    "calendar.hours": "A calendar has a class for each hour.",
    "law.citation": "A charge names the act and article.",
    "law.formula": "A formula is in the language of docs/tables.md.",
    "law.missing_key": "A block has the keys that its kind needs.",
    "law.monotone": 'What says monotone = "raises" does not fall as a rate rises.',
    "law.name": "A charge has a name in English and in Dutch.",
    "law.unknown_block": "The blocks are those of docs/tables.md.",
    "law.unknown_key": "A block has no key that nothing reads.",
    "law.unused": "A choice, calendar, peak or quantity is used by a charge.",
    "law.value": "A key holds what docs/tables.md says it holds.",
    "unit.formula": "Like is added to like, and a charge comes out in EUR.",
    # What the files say of each other.
    "coverage.note": "What is not complete says in its note what is missing.",
    "rate.missing": "Where the coverage says complete, each rate that the law reads has a row on each day.",
    "rate.unused": "A rate is used by the law, or its note begins with 'reference:'.",
    "reference.unknown": "A rate, quantity, list, choice, charge or jurisdiction that is named exists.",
    # Whether a number is plausible and its evidence holds.
    "bounds.form": "A [[bound]] names a rate, a limit, the law and a source.",
    "bounds.outside": "A rate lies within the bounds that a law sets.",
    "evidence.assumed": "An assumed number has low, high and its derivation in the note.",
    "evidence.kind": "The kinds of publishers are those of the list.",
    "evidence.publisher": "Official is what a law, ministry, regulator or operator published itself.",
    "evidence.unknown_publisher": "A publisher stands in eu/publishers.csv with its kind.",
    "plausibility.bands": "Bands that rise or fall in all other years do so in each.",
    "plausibility.factor": "A number is not ten, a hundred or a thousand times its neighbours.",
    "plausibility.step": "A rate moves at most 20 % a year, or with its siblings, or the note says why.",
    "sums.differ": "Rates add up to the sum that their publisher printed.",
    "sums.form": "A [[printed_sum]] names rates, their sum, its unit and day, and a source.",
}
OF_ABSENCE = frozenset(
    {
        "rate.missing",
        "rate.unused",
        "reference.unknown",
        "source.unknown",
        "source.unused",
        "law.unused",
        "time.gap",
        "law.citation",
    }
)
"""Rules that speak of what is not there: idle where a file could not be read whole."""
