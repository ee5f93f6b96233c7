"""A made-up portfolio: shipped plants at other sizes, with other loads, claims and products. Seeded.

python -m benchmarks.plants 1000000 plants.csv
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from levelfield.plant import shipped_plants
from levelfield.plant_file import load_plant
from levelfield.plant_table import states
from levelfield.portfolio.rows import known_fields
from levelfield.tables import Tables, load_tables

_GROWS = ("offtake", "contracted_power", "consumption", "output", "emissions", "free_allocation", "electricity")


def made_up(count: int, tables: Tables, seed: int = 2025) -> pa.Table:
    """A table with a row a plant, its columns named by the keys of the plant file; numbers in the template's units."""
    rng = np.random.default_rng(seed)
    plants = [load_plant(name, tables) for name in shipped_plants()]
    held = [states(plant) for plant in plants if plant.load_curve is None]
    of = rng.integers(0, len(held), count)
    size = rng.lognormal(-0.7, 1.0, count)
    known = known_fields(tables)
    columns: dict[str, Any] = {}
    words = {None: "", True: "yes", False: "no"}
    for key in dict.fromkeys(key for plant in held for key in plant if key in known and key != "description"):
        values: list[Any] = [plant.get(key) for plant in held]
        if key.startswith("claims."):
            said = np.array([{True: 1, False: 0}.get(value, 2) for value in values])[of]
            said = np.where(rng.random(count) < 0.2, rng.integers(0, 3, count), said)
            columns[key] = pa.DictionaryArray.from_arrays(pa.array(said), ["no", "yes", ""]).cast(pa.string())
        elif all(
            (isinstance(value, (int, float)) and not isinstance(value, bool)) or value is None for value in values
        ):
            column = np.array([np.nan if value is None else value for value in values])[of]
            if key.startswith(("company.", "co2.")) or key.rpartition(".")[2] in _GROWS:
                column = np.round(column * size, 1)
            columns[key] = pa.array(column, from_pandas=True)
        else:
            texts = [value if isinstance(value, str) else words[value] for value in values]
            columns[key] = pa.array(texts, pa.string()).take(pa.array(of))
    offtake = columns["electricity.offtake"].to_numpy()
    hours = rng.choice([3000.0, 5500.0, 6990.0, 7005.0, 7600.0, 8100.0, 8600.0], count)
    columns["electricity.yearly_peak"] = np.round(offtake * 1000 / hours, 1)
    columns.pop("electricity.contracted_power", None)
    unstated = rng.random(count) < 0.5
    level = columns["connection.level"].to_numpy(zero_copy_only=False)
    columns["connection.level"] = np.where(unstated, "", level)
    columns["name"] = [f"Works {number}" for number in range(1, count + 1)]
    columns["weight"] = np.round(rng.uniform(0.5, 3, count), 2)
    return pa.table(columns)


def write(table: pa.Table, path: Path) -> None:
    if path.suffix == ".parquet":
        pa.parquet.write_table(table, path)
    else:
        pa.csv.write_csv(table, path, pa.csv.WriteOptions(quoting_style="needed"))


if __name__ == "__main__":
    write(made_up(int(sys.argv[1]), load_tables(None)), Path(sys.argv[2]))
