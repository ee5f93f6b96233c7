"""Files of plants, chunk by chunk: CSV and Parquet with a row a plant, workbooks with a row or a column a plant."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from levelfield._errors import UserError
from levelfield.plant_table import KEY, SHEETS, UNIT, file_value
from levelfield.portfolio.rows import Keys, Reject, keys_of
from levelfield.tables import Tables

SUFFIXES = (".csv", ".parquet", ".xlsx", ".ods")
_UNUSED = ("description", "sources.")
_BLOCK = 4 << 20


class Chunk(NamedTuple):
    """Some rows of a file, as they stand there, with their numbers, and the lines among them that are no rows."""

    raw: pa.RecordBatch
    rows: npt.NDArray[np.int64]
    broken: tuple[Reject, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        """On its way to another process: as Arrow's stream, since a pickled slice would take the whole along."""
        return _received, (packed(pa.Table.from_batches([self.raw])), self.rows, self.broken)


def _received(content: bytes, rows: npt.NDArray[np.int64], broken: tuple[Reject, ...]) -> Chunk:
    table = unpacked(content).combine_chunks()
    empty = pa.RecordBatch.from_pylist([], table.schema)
    return Chunk(next(iter(table.to_batches()), empty), rows, broken)


def packed(table: pa.Table) -> bytes:
    """A table as bytes."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer:
        writer.write_table(table)
    return cast("bytes", sink.getvalue().to_pybytes())


def unpacked(content: bytes) -> pa.Table:
    return pa.ipc.open_stream(content).read_all()


class Source(NamedTuple):
    """A file of plants: its keys, about how many rows it has (0 where that is not known), and its chunks."""

    keys: Keys
    expected: int
    chunks: Iterator[Chunk]


def open_source(path: Path, tables: Tables, size: int) -> Source:
    """A file's chunks of `size` rows. Raises UserError for a file that cannot be read and for a bad header."""
    if path.suffix not in SUFFIXES:
        raise UserError(f"{path}: '{path.suffix}' is no file of plants; known are {', '.join(SUFFIXES)}")
    try:
        if path.suffix == ".csv":
            return _csv(path, tables, size)
        if path.suffix == ".parquet":
            return _parquet(path, tables, size)
        return _book(path, tables, size)
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such file") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from None


def _wanted(keys: Keys) -> list[str]:
    """The columns that a bill can need."""
    return [key for key in keys if not key.startswith(_UNUSED)]


# CSV ------------------------------------------------------------------------------------------------------------------


def _csv(path: Path, tables: Tables, size: int) -> Source:
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            line = file.readline()
        with open(path, "rb") as data:
            sample = data.read(1 << 20)
            rows = round(sample.count(b"\n") * data.seek(0, 2) / max(len(sample), 1))
    except UnicodeDecodeError:
        raise UserError(f"{path}: this is not UTF-8 text; save the file as CSV UTF-8") from None
    separator = max(",;\t", key=line.count)
    header = [cell.strip() for cell in next(csv.reader([line], delimiter=separator), [])]
    if not any(header):
        raise UserError(
            f"{path}:1: the file is empty; the first line names the keys, as in name,sector,electricity.offtake"
        )
    keys = keys_of(header, f"{path}:1", tables)
    return Source(keys, rows, _csv_chunks(path, header, separator, _wanted(keys), size))


def _csv_chunks(path: Path, header: list[str], separator: str, wanted: list[str], size: int) -> Iterator[Chunk]:
    from pyarrow import csv as arrow_csv

    broken: list[tuple[int, str]] = []

    def note(row: Any) -> str:
        if row.text.strip():
            reason = f"{row.actual_columns} cells stand here, the header has {row.expected_columns}"
            broken.append((row.number, reason))
        else:
            broken.append((row.number, ""))
        return "skip"

    def chunk(rows: list[pa.RecordBatch], first: int) -> tuple[Chunk, int]:
        """The rows together; the lines that are none come in between and count too."""
        table = pa.Table.from_batches(rows).combine_chunks()
        raw = table.to_batches()[0]
        if not broken or broken[-1][0] < first:
            return Chunk(raw, np.arange(first, first + raw.num_rows)), first + raw.num_rows
        numbers, here = list[int](), list[Reject]()
        number = first
        skipped = dict(broken)
        while len(numbers) < raw.num_rows:
            if number in skipped:
                here.append(Reject(number, "", skipped[number]))
            else:
                numbers.append(number)
            number += 1
        return Chunk(raw, np.array(numbers, dtype=np.int64), tuple(r for r in here if r.reason)), number

    def last(first: int) -> tuple[Reject, ...]:
        return tuple(Reject(number, "", reason) for number, reason in broken if number >= first and reason)

    number, held, count = 2, list[pa.RecordBatch](), 0
    try:
        with arrow_csv.open_csv(
            path,
            read_options=arrow_csv.ReadOptions(column_names=header, skip_rows=1, block_size=_BLOCK, use_threads=False),
            parse_options=arrow_csv.ParseOptions(
                delimiter=separator, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=note
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                include_columns=wanted,
            ),
        ) as reader:
            empty = pa.RecordBatch.from_pylist([], reader.schema)
            for batch in reader:
                rest = batch
                while rest.num_rows:
                    held.append(rest.slice(0, size - count))
                    count += held[-1].num_rows
                    rest = rest.slice(held[-1].num_rows)
                    if count == size:
                        made, number = chunk(held, number)
                        yield made
                        held, count = [], 0
            if held:
                made, number = chunk(held, number)
                yield made
            if last(number):
                yield Chunk(empty, np.zeros(0, dtype=np.int64), last(number))
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            return
        raise UserError(f"{path}: after row {number - 1 + count}: {str(error).splitlines()[0]}") from None


# Parquet --------------------------------------------------------------------------------------------------------------


def _parquet(path: Path, tables: Tables, size: int) -> Source:
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise UserError(f"{path}: this is no Parquet file: {str(error).splitlines()[0]}") from None
    keys = keys_of(file.schema_arrow.names, str(path), tables)
    faults = [
        f"{path}: column '{field.name}' holds {field.type}; texts, numbers or yes and no (bool) are wanted"
        for field in file.schema_arrow
        if not _fit(field.type.value_type if pa.types.is_dictionary(field.type) else field.type)
    ]
    if faults:
        raise UserError(faults)

    def chunks() -> Iterator[Chunk]:
        first = 1
        for batch in file.iter_batches(batch_size=size, columns=_wanted(keys)):
            columns = [
                column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column for column in batch.columns
            ]
            yield Chunk(
                pa.RecordBatch.from_arrays(columns, names=batch.schema.names),
                np.arange(first, first + batch.num_rows),
            )
            first += batch.num_rows

    return Source(keys, file.metadata.num_rows, chunks())


def _fit(kind: pa.DataType) -> bool:
    """Whether a column of this type can hold what a plant file says."""
    tests = (
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_decimal,
        pa.types.is_boolean,
        pa.types.is_null,
    )
    return any(test(kind) for test in tests)


# Workbooks ------------------------------------------------------------------------------------------------------------


def _book(path: Path, tables: Tables, size: int) -> Source:
    """A sheet with a row a plant, its keys in the first row, or the template with a column a plant."""
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        name = next((name for name in book.sheet_names if name in SHEETS), book.sheet_names[0])
        grid = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except python_calamine.CalamineError as error:
        raise UserError(f"{path}: cannot be read as a workbook: {error}") from None
    place = f"{path}: {name}"
    top = next((number for number, row in enumerate(grid) if any(str(cell).strip() for cell in row)), 0)
    header = [str(cell).strip() for cell in grid[top]] if grid else []
    if "sector" in header:
        while header and not header[-1]:
            header.pop()
        plants = [[_written(cell, "", key) for key, cell in zip(header, row, strict=False)] for row in grid[top + 1 :]]
        numbers = np.arange(top + 2, top + 2 + len(plants))
    else:
        header, plants, numbers = _columns(grid, place)
    keys = keys_of(header, place, tables)
    filled = [number for number, plant in enumerate(plants) if any(plant)]
    wanted = _wanted(keys)

    def chunks() -> Iterator[Chunk]:
        for start in range(0, len(filled), size):
            some = filled[start : start + size]
            columns = [
                pa.array([_at(plants[number], header.index(key)) for number in some], pa.string()) for key in wanted
            ]
            yield Chunk(pa.RecordBatch.from_arrays(columns, names=wanted), numbers[some])

    return Source(keys, len(filled), chunks())


def _at(plant: Sequence[str], column: int) -> str:
    return plant[column] if column < len(plant) else ""


def _columns(grid: Sequence[Sequence[Any]], place: str) -> tuple[list[str], list[list[str]], npt.NDArray[np.int64]]:
    """The template turned over: its keys, its plants, and the number of each plant's column (A is 1)."""
    top = next((i for i, row in enumerate(grid) if len(row) > KEY and str(row[KEY]).strip() == "name"), None)
    if top is None:
        raise UserError(
            f"{place}: neither a first row of keys (name, sector, electricity.offtake …) nor the sheet that "
            "'levelfield plants template' writes"
        )
    rows = [row for row in grid[top:] if len(row) > KEY and str(row[KEY]).strip()]
    header = [str(row[KEY]).strip() for row in rows]
    width = max(len(row) for row in rows)
    plants = [
        [
            _written(row[column], str(row[UNIT]).strip(), key) if column < len(row) else ""
            for key, row in zip(header, rows, strict=True)
        ]
        for column in range(KEY + 3, width)
    ]
    return header, plants, np.arange(KEY + 4, width + 1)


def _written(cell: Any, unit: str, key: str) -> str:
    """A cell as a CSV file would hold it."""
    if cell is None or cell == "":
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, (datetime.date, datetime.time, datetime.timedelta, str)):
        return str(cell).strip()
    value = file_value(float(cell), unit, key)
    return repr(value) if isinstance(value, float) else str(value)
