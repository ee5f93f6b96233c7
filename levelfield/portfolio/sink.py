"""Where the rows of results go: one Parquet, CSV or Excel file, written part by part."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from levelfield._errors import UserError
from levelfield.lang import Words
from levelfield.portfolio.work import plain_texts

FORMATS = ("parquet", "csv", "xlsx")
_SHEET_ROWS = 1_048_576
_DUTCH = {
    "row": "rij",
    "name": "naam",
    "weight": "gewicht",
    "year": "jaar",
    "jurisdiction": "gebied",
    "offtake": "afname",
    "commodity": "levering",
    "network": "netkosten",
    "levy": "heffingen",
    "tax": "belastingen",
    "compensation": "compensatie",
    "electricity": "elektriciteit",
    "total": "totaal",
    "gap": "verschil",
    "refused": "geweigerd",
}


def heading(key: str, words: Words) -> str:
    """The name of a column in the language of the output."""
    if words.language != "nl":
        return key
    return "_".join(_DUTCH.get(part, part) for part in key.split("_"))


class Sink(Protocol):
    def write(self, table: pa.Table) -> None: ...
    def close(self) -> None: ...


def open_sink(kind: str, path: Path, schema: pa.Schema) -> Sink:
    """A file to write tables to that have the schema of a first one; texts may be coded there."""
    plain = plain_texts(schema.empty_table()).schema.remove_metadata()
    sink: Sink = _SINKS[kind](path, plain)
    return sink


class _Parquet:
    def __init__(self, path: Path, schema: pa.Schema) -> None:
        import pyarrow.parquet as pq

        words = [field.name for field in schema if not pa.types.is_floating(field.type)]
        self.schema = schema
        self.writer = pq.ParquetWriter(
            path, schema, compression="zstd", compression_level=1, use_dictionary=words, store_schema=False
        )

    def write(self, table: pa.Table) -> None:
        self.writer.write_table(plain_texts(table).cast(self.schema))

    def close(self) -> None:
        self.writer.close()


class _Csv:
    def __init__(self, path: Path, schema: pa.Schema) -> None:
        from pyarrow import csv

        self.schema = schema
        self.writer = csv.CSVWriter(path, schema, write_options=csv.WriteOptions(quoting_style="needed"))

    def write(self, table: pa.Table) -> None:
        self.writer.write_table(plain_texts(table).cast(self.schema))

    def close(self) -> None:
        self.writer.close()


class _Xlsx:
    def __init__(self, path: Path, schema: pa.Schema) -> None:
        import xlsxwriter

        # The packed book is small enough to be held; a file that zipfile fails to close is told about by Python itself.
        self.path, self.row, self.file = path, 0, io.BytesIO()
        # What users wrote stays text, whatever it begins with.
        plain = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self.book = xlsxwriter.Workbook(self.file, plain)
        self.sheet = self.book.add_worksheet("Portfolio")
        self.sheet.freeze_panes(1, 2)
        self._row(schema.names)

    def _row(self, cells: list[Any]) -> None:
        if self.row >= _SHEET_ROWS:
            raise UserError(f"-o: a sheet holds {_SHEET_ROWS:,} rows and this has more; write .parquet or .csv")
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                self.sheet.write_string(self.row, column, cell)
            elif cell is not None:
                self.sheet.write_number(self.row, column, cell)
        self.row += 1

    def write(self, table: pa.Table) -> None:
        columns = [column.to_pylist() for column in table.columns]
        for cells in zip(*columns, strict=True):
            self._row(list(cells))

    def close(self) -> None:
        self.book.close()
        self.path.write_bytes(self.file.getbuffer())


_SINKS: dict[str, Any] = {"parquet": _Parquet, "csv": _Csv, "xlsx": _Xlsx}
