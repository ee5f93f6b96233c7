"""Whether the evidence of a number holds: who published it, and what an assumed number must tell."""

from __future__ import annotations

from collections.abc import Iterator

from levelfield.tables.fault import WARNING, Fault, fault_at
from levelfield.tables.model import Row, Tables

OFFICIAL = (
    "law",
    "parliament",
    "ministry",
    "agency",
    "regulator",
    "grid operator",
    "market operator",
    "statistics office",
    "tax office",
    "EU institution",
)
"""Kinds of publishers whose own publications are official."""
KINDS = (
    *OFFICIAL,
    "court",
    "exchange",
    "supplier or broker",
    "consultant",
    "association",
    "newspaper",
    "website",
    "repository",
)
PUBLISHERS = "eu/publishers.csv"


def faults(tables: Tables) -> Iterator[Fault]:
    """Assumed rows without range or derivation, official rows of a publisher that is none, publishers not listed."""
    known = {publisher: kind for publisher, kind in tables.publishers.items() if kind in KINDS}
    kinds = {key: known.get(source.publisher, "") for key, source in tables.sources.items()}
    for rate in tables.rate_ids:
        for row in tables.rows(rate):
            yield from _row(tables, row, kinds)
    for name, listed in tables.lists.items():
        kind = kinds.get(str(listed.get("source", "")), "")
        if listed.get("evidence") == "official" and kind and kind not in OFFICIAL:
            message = f"list {name} is official, but its source is of the kind {kind}; call it secondary"
            yield fault_at(str(listed.get("place", "")), "evidence.publisher", message)
    for source in tables.sources.values():
        if source.publisher and source.publisher not in tables.publishers:
            yield fault_at(
                source.place,
                "evidence.unknown_publisher",
                f"source '{source.key}': publisher '{source.publisher}' is not in {PUBLISHERS}; add it with its kind",
                WARNING,
            )
    for publisher, kind in tables.publishers.items():
        if kind not in KINDS:
            message = f"the kind of '{publisher}' is '{kind}', none of {', '.join(KINDS)}"
            yield Fault(PUBLISHERS, 0, "evidence.kind", message)


def _row(tables: Tables, row: Row, kinds: dict[str, str]) -> Iterator[Fault]:
    if row.evidence == "assumed" and (row.low is None or row.high is None or not row.note):
        yield fault_at(
            row.place,
            "evidence.assumed",
            f"{row.rate} is assumed: it needs low, high and its derivation in the note",
        )
    kind = kinds.get(row.source, "")
    if row.evidence == "official" and kind and kind not in OFFICIAL:
        source = tables.sources[row.source]
        yield fault_at(
            row.place,
            "evidence.publisher",
            f"{row.rate} is official, but '{source.publisher}' is of the kind {kind}: call it secondary, or name in "
            f"sources.csv who published it and the copy in the title of '{row.source}'",
        )
