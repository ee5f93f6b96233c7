"""From a chunk of plants to rows of results: one for each plant, year and jurisdiction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from levelfield._errors import LevelfieldError
from levelfield.bill import make_bill
from levelfield.charges import CATEGORIES
from levelfield.columns import Codes, Column
from levelfield.period import calendar_year
from levelfield.plant import Plant
from levelfield.portfolio.bills import Bills, Reckoner
from levelfield.portfolio.rows import Keys, Reject, Rows, read_rows
from levelfield.portfolio.source import Chunk
from levelfield.switches import Switches
from levelfield.tables import Tables


class Job(NamedTuple):
    """What is done with each chunk. The jurisdictions start with home.

    `laws` are the tables by which the plants are reckoned; the columns of all but '' bear the name in front, so that a
    proposal is priced on the same rows. `grants` are the claims that all plants are taken to make under a law.
    """

    id: str
    laws: Mapping[str, Tables]
    keys: Keys
    file: Path
    years: tuple[int, ...]
    places: tuple[str, ...]
    switches: Switches
    charges: tuple[str, ...] = ()
    grants: Mapping[str, tuple[str, ...]] = {}


class Told(NamedTuple):
    """What is to be said of a part: plants reckoned, bills made, the refused by reason, and the rejected rows."""

    plants: int
    bills: int
    refused: dict[str, int]
    rejects: tuple[Reject, ...]


_reckoners: dict[str, dict[str, Reckoner]] = {}


def work(job: Job, chunk: Chunk) -> pa.Table:
    """The results of a chunk; `told` reads from the table's metadata what is to be said of it."""
    if job.id not in _reckoners:
        _reckoners.clear()
        _reckoners[job.id] = {name: Reckoner(tables, job.switches) for name, tables in job.laws.items()}
    tables = next(iter(job.laws.values()))
    rows = read_rows(chunk.raw, chunk.rows, job.keys, job.file, tables)
    columns: dict[str, Any] = _about(rows, job)
    refused = Codes(np.zeros(0, dtype=np.int32), ("",))
    for name, reckoner in _reckoners[job.id].items():
        asking = _granted(rows, job.grants.get(name, ()))
        bills = [bill for year in job.years for bill in _bills(reckoner, asking, year, job).values()]
        lead = f"{name}_" if name else ""
        columns |= {f"{lead}{key}": column for key, column in amounts(bills, rows, job).items()}
        refused = _reasons(bills)
        columns[f"{lead}refused"] = _words(refused)
    codes, counts = np.unique(refused.codes, return_counts=True)
    by_reason = {refused.names[code]: int(count) for code, count in zip(codes, counts, strict=True)}
    note = Told(len(rows.rows), by_reason.pop("", 0), by_reason, tuple(sorted((*chunk.broken, *rows.rejects))))
    return pa.table(columns).replace_schema_metadata({"told": json.dumps(note)})


def told(table: pa.Table) -> Told:
    """What `work` noted of a chunk."""
    plants, bills, refused, rejects = json.loads(table.schema.metadata[b"told"])
    return Told(plants, bills, refused, tuple(Reject(*reject) for reject in rejects))


def _bills(reckoner: Reckoner, rows: Rows, year: int, job: Job) -> dict[str, Bills]:
    found = reckoner.reckon(rows.columns, year, job.places, job.charges)
    for index, plant in rows.curves.items():
        for place, bills in found.items():
            found[place] = _with_curve(bills, index, plant, reckoner, job)
    return found


def _granted(rows: Rows, claims: Sequence[str]) -> Rows:
    """The plants with some claims made."""
    if not claims:
        return rows
    granted = {f"claims.{claim}": np.ones(len(rows.rows)) for claim in claims}
    curves = {
        index: plant._replace(claims={**plant.claims, **dict.fromkeys(claims, True)})
        for index, plant in rows.curves.items()
    }
    return rows._replace(columns={**rows.columns, **granted}, curves=curves)


def _with_curve(bills: Bills, index: int, plant: Plant, reckoner: Reckoner, job: Job) -> Bills:
    """The bills with that of a plant with a load curve, which is reckoned by itself, in its place."""
    period, reason = calendar_year(bills.year), ""
    try:
        bill = make_bill(reckoner.tables, plant, bills.jurisdiction, *period, job.switches)
        for category, column in bills.categories.items():
            column[index] = bill.category(category)
        for charge, column in bills.charges.items():
            column[index] = bill.charge(charge)
    except LevelfieldError as error:
        reason = "; ".join(error.faults)
        for column in (*bills.categories.values(), *bills.charges.values()):
            column[index] = np.nan
    reasons = tuple(dict.fromkeys((*bills.reasons, reason)))
    bills.refused[index] = reasons.index(reason)
    return bills._replace(reasons=reasons)


# Columns of results ---------------------------------------------------------------------------------------------------


def _about(rows: Rows, job: Job) -> dict[str, Any]:
    """What says of a row which plant, year and jurisdiction it is about."""
    each, count = len(job.years) * len(job.places), len(rows.rows)
    name, offtake = cast("Codes", rows.columns["name"]), cast("Column", rows.columns["electricity.offtake"])

    def named(values: Sequence[str], order: Any) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(np.tile(order, count).astype(np.int32)), list(values))

    return {
        "row": np.repeat(rows.rows, each),
        "name": pa.DictionaryArray.from_arrays(pa.array(np.repeat(name.codes, each)), list(name.names)),
        "weight": np.repeat(rows.weight, each),
        "year": np.tile(np.repeat(np.array(job.years, dtype=np.int32), len(job.places)), count),
        "jurisdiction": named(job.places, np.tile(np.arange(len(job.places)), len(job.years))),
        "offtake_mwh": np.repeat(offtake, each),
    }


def amounts(bills: Sequence[Bills], rows: Rows, job: Job) -> dict[str, Any]:
    """Amounts in EUR and EUR/MWh by plant, year and jurisdiction, and the gap: home less the row's jurisdiction."""
    offtake = cast("Column", rows.columns["electricity.offtake"])
    homes = [next(home for home in bills if (home.jurisdiction, home.year) == (job.places[0], b.year)) for b in bills]
    found: dict[str, list[Any]] = {}
    for bill, home in zip(bills, homes, strict=True):
        total, electricity = bill.total, bill.electricity
        away = bill is not home
        gap = home.total - total if away else np.full(len(total), np.nan)
        values = {f"{name}_eur": column for name, column in bill.categories.items()}
        values |= {"electricity_eur": electricity, "total_eur": total}
        values |= {"electricity_eur_per_mwh": electricity / offtake, "total_eur_per_mwh": total / offtake}
        values |= {"gap_eur": gap, "gap_eur_per_mwh": gap / offtake}
        for name in CATEGORIES:
            values[f"gap_{name}_eur"] = home.categories[name] - bill.categories[name] if away else gap
        values |= {f"{name}_eur": column for name, column in bill.charges.items()}
        for key, column in values.items():
            found.setdefault(key, []).append(column)
    return {
        key: pa.array(np.stack(columns, axis=1).ravel() if columns else [], pa.float64(), from_pandas=True)
        for key, columns in found.items()
    }


def _reasons(bills: Sequence[Bills]) -> Codes:
    """Why a row has no amounts, '' where it has."""
    names = dict.fromkeys(["", *(reason for bill in bills for reason in bill.reasons)])
    numbers = {name: number for number, name in enumerate(names)}
    codes = [np.array([numbers[reason] for reason in b.reasons], dtype=np.int32)[b.refused] for b in bills]
    return Codes(np.stack(codes, axis=1).ravel(), tuple(names))


def _words(texts: Codes) -> pa.Array:
    """Texts for the output, null where there is none."""
    codes = pa.array(texts.codes, mask=np.array([not name for name in texts.names], dtype=bool)[texts.codes])
    return pa.DictionaryArray.from_arrays(codes, list(texts.names))


def plain_texts(table: pa.Table) -> pa.Table:
    """The table with its texts as plain strings."""
    for number, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(number, field.name, pc.cast(table.column(number), pa.string()))
    return table
