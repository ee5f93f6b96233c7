"""Plants as columns: from plants read one by one, and put together again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from levelfield.columns import Codes, codes
from levelfield.plant import COMPANY, Plant
from levelfield.portfolio.bills import DIRECT_FIELDS, INDIRECT_FIELDS, Columns
from levelfield.tables import Tables, parse_setting


def columns_of(plants: Sequence[Plant], tables: Tables) -> Columns:
    """The columns of some plants; of load curves only what follows from them."""

    def numbers(found: Iterable[float | None]) -> Any:
        return np.array([np.nan if value is None else value for value in found], dtype=float)

    columns: dict[str, Any] = {
        "name": codes([plant.name for plant in plants]),
        "sector": codes([plant.sector for plant in plants]),
        "connection.level": codes([plant.level for plant in plants]),
        "electricity.offtake": numbers(plant.offtake for plant in plants),
        "electricity.yearly_peak": numbers(plant.yearly_peak for plant in plants),
        "electricity.contracted_power": numbers(plant.contracted_power for plant in plants),
        "electricity.exempt_process_share": numbers(plant.exempt_process_share for plant in plants),
        "co2.eu_ets": numbers(plant.eu_ets for plant in plants),
        "co2.carbon_leakage": numbers(plant.carbon_leakage for plant in plants),
        "co2.direct_emissions": numbers(plant.direct_emissions for plant in plants),
        "co2.free_allocation": numbers(plant.free_allocation for plant in plants),
    }
    for key in COMPANY:
        columns[f"company.{key}"] = numbers(getattr(plant, key) for plant in plants)
    for key in dict.fromkeys(key for plant in plants for key in plant.prices):
        columns[f"electricity.price.{key}"] = numbers(plant.prices.get(key) for plant in plants)
    for place, key in dict.fromkeys(
        (p, key) for plant in plants for p, said in plant.connections.items() for key in said
    ):
        stated = [plant.connections.get(place, {}).get(key) for plant in plants]
        texts = any(isinstance(value, str) for value in stated)
        columns[f"connection.{place}.{key}"] = codes([value or "" for value in stated]) if texts else numbers(stated)
    for group, held, fields in (
        ("direct", [plant.products for plant in plants], DIRECT_FIELDS),
        ("indirect", [plant.indirect for plant in plants], INDIRECT_FIELDS),
    ):
        for product in dict.fromkeys(product for items in held for product in items):
            columns[f"{group}.{product}.stated"] = numbers(product in items for items in held)
            for field in fields:
                columns[f"{group}.{product}.{field}"] = numbers(
                    items[product][field] if product in items else 0.0 for items in held
                )
    for claim in dict.fromkeys(claim for plant in plants for claim in plant.claims):
        columns[f"claims.{claim}"] = numbers(plant.claims.get(claim) for plant in plants)
    for rate in dict.fromkeys(rate for plant in plants for rate in plant.rates):
        columns[f"rates.{rate}"] = numbers(
            parse_setting(rate, plant.rates[rate], tables) if rate in plant.rates else None for plant in plants
        )
    return columns


def joined(parts: Sequence[Columns], counts: Sequence[int]) -> Columns:
    """The plants of several columns, one below the other; what a part does not state is not stated."""
    found: dict[str, Any] = {}
    for key in dict.fromkeys(key for part in parts for key in part):
        held = [part.get(key) for part in parts]
        if any(isinstance(column, Codes) for column in held):
            names = dict.fromkeys(
                name for column in held for name in (column.names if isinstance(column, Codes) else [""])
            )
            numbers = {name: number for number, name in enumerate(names)}
            pieces = [
                np.array([numbers[name] for name in column.names], dtype=np.int32)[column.codes]
                if isinstance(column, Codes)
                else np.full(count, numbers[""], dtype=np.int32)
                for column, count in zip(held, counts, strict=True)
            ]
            found[key] = Codes(np.concatenate(pieces), tuple(names))
        else:
            absent = 0.0 if key.startswith(("direct.", "indirect.")) else np.nan
            found[key] = np.concatenate(
                [
                    np.full(count, absent) if column is None else column
                    for column, count in zip(held, counts, strict=True)
                ]
            )
    return found


def taken(columns: Columns, index: Any) -> Columns:
    """Some of the plants, by indices or a mask."""
    return {key: column[index] for key, column in columns.items()}
