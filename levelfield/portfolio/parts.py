"""A portfolio from file to file, chunk by chunk, in constant memory; a run that was cut short goes on where it was.

The results of each chunk are a part, kept beside the output in OUT.parts until all are there, with a manifest that says
of what input and options they are. One process reads and writes in order, the workers reckon.
"""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
import multiprocessing
import os
import shutil
import signal
import threading
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeAlias

import pyarrow as pa

from levelfield._errors import UserError
from levelfield.lang import Words
from levelfield.portfolio.rows import Reject
from levelfield.portfolio.sink import Sink, heading, open_sink
from levelfield.portfolio.source import Chunk, packed, unpacked
from levelfield.portfolio.work import Job, told, work

Task: TypeAlias = tuple[int, Chunk | None]
"""A chunk with its number; without the chunk where its part is there already."""
Engine: TypeAlias = Callable[[Job, Iterator[Task]], Iterator[tuple[int, bytes | None]]]
"""Gives the packed results of the tasks in their order."""


class Pending(Protocol):
    """The packed results of a chunk that are on their way."""

    def result(self) -> bytes: ...


class Summary(NamedTuple):
    plants: int
    bills: int
    refused: dict[str, int]
    rejects: int


_LAST = b"\xff\xff\xff\xff\0\0\0\0"  # the end of Arrow's stream


# Parts ----------------------------------------------------------------------------------------------------------------


class Parts:
    """The parts of an output. Raises UserError where those of another run stand in the way."""

    def __init__(self, output: Path, manifest: dict[str, Any], restart: bool) -> None:
        self.folder = output.with_name(f"{output.name}.parts")
        note = self.folder / "manifest.json"
        if restart and note.exists():
            shutil.rmtree(self.folder)
        if note.exists():
            found = _json_of(note)
            other = [key for key in {**found, **manifest} if found.get(key) != manifest.get(key)]
            if other:
                raise UserError(
                    f"{self.folder}: holds the parts of an unfinished run with another {', '.join(other)}; repeat that "
                    "run to finish it, choose another output, or say --restart to drop its parts"
                )
        elif self.folder.exists() and any(self.folder.iterdir()):
            raise UserError(
                f"{self.folder}: is in the way and holds no parts of a run; move it or choose another output"
            )
        self.folder.mkdir(exist_ok=True)
        if not note.exists():
            try:
                self._put(note, json.dumps(manifest, indent=1).encode())
            except OSError:
                shutil.rmtree(self.folder)
                raise
        self.rejects = self.folder / "rejects.csv"
        self.whole = self.folder / f"whole{output.suffix}"

    def path(self, number: int) -> Path:
        return self.folder / f"{number:06}.arrow"

    def holds(self, number: int) -> bool:
        """Whether a part is there, whole to its last bytes: a machine that lost power may have cut it short."""
        try:
            with open(self.path(number), "rb") as file:
                file.seek(-len(_LAST), os.SEEK_END)
                return file.read() == _LAST
        except OSError:
            return False

    def keep(self, number: int, packed: bytes) -> None:
        self._put(self.path(number), packed)

    @staticmethod
    def _put(path: Path, content: bytes) -> None:
        """Whole or not at all."""
        beside = path.with_suffix(".new")
        beside.write_bytes(content)
        os.replace(beside, path)


def _json_of(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text())
    except ValueError:
        return {"manifest": "unreadable"}
    return found


def manifest_of(job: Job, chunk: int, kind: str) -> dict[str, Any]:
    """What must be the same for parts to be of one run."""
    from levelfield import __version__

    stat = job.file.stat()
    return {
        "version": __version__,
        "input": [str(job.file.resolve()), stat.st_size, stat.st_mtime_ns],
        "tables": {name: [tables.hash, str(tables.as_known_on or "")] for name, tables in job.laws.items()},
        "years": list(job.years),
        "jurisdictions": list(job.places),
        "charges": list(job.charges),
        "switches": json.loads(json.dumps(job.switches._asdict(), default=dict)),
        "chunk": chunk,
        "format": kind,
    }


def id_of(manifest: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()[:16]


# Engines --------------------------------------------------------------------------------------------------------------


def work_packed(job: Job, chunk: Chunk) -> bytes:
    return packed(work(job, chunk))


def here(job: Job, tasks: Iterator[Task]) -> Iterator[tuple[int, bytes | None]]:
    """In this process."""
    for number, chunk in tasks:
        yield number, None if chunk is None else work_packed(job, chunk)


def in_processes(workers: int) -> Engine:
    """In so many processes beside this one."""

    def engine(job: Job, tasks: Iterator[Task]) -> Iterator[tuple[int, bytes | None]]:
        first = list(itertools.islice(tasks, 2))
        if len(first) < 2 or workers < 2:
            yield from here(job, itertools.chain(first, tasks))
            return
        # Spawned, since a fork of a process with threads, as Arrow has them, may hang.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, context, _begin, (job,)) as pool:
            try:
                yield from in_order(
                    itertools.chain(first, tasks), lambda _, chunk: pool.submit(_work_begun, chunk), workers + 2
                )
            except BrokenProcessPool:
                raise UserError(
                    "a worker was ended from outside, perhaps for want of memory; the same command goes on from here, "
                    "with --workers 1 in less memory"
                ) from None
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    return engine


def in_order(
    tasks: Iterable[Task], submit: Callable[[int, Chunk], Pending], ahead: int
) -> Iterator[tuple[int, bytes | None]]:
    """The results in the order of the tasks, with no more than so many under way."""
    pending: deque[tuple[int, Pending | None]] = deque()
    for number, chunk in tasks:
        pending.append((number, None if chunk is None else submit(number, chunk)))
        if len(pending) >= ahead:
            first, future = pending.popleft()
            yield first, future.result() if future else None
    for number, future in pending:
        yield number, future.result() if future else None


_job: list[Job] = []


def _begin(job: Job) -> None:
    """A worker's start: it knows its job, leaves Ctrl-C to its parent, and ends with it."""
    _job[:] = [job]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=lambda: (wait([parent.sentinel]), os._exit(1)), daemon=True).start()


def _work_begun(chunk: Chunk) -> bytes:
    return work_packed(_job[0], chunk)


def on_dask(address: str) -> Engine:
    """On a running Dask cluster, whose workers have levelfield installed. Parts lost with a worker are made again."""

    def engine(job: Job, tasks: Iterator[Task]) -> Iterator[tuple[int, bytes | None]]:
        try:
            from dask import distributed
        except ImportError:
            raise UserError("--engine dask: Dask is not installed; pip install 'levelfield[dask]'") from None
        connect: Any = distributed.Client  # untyped where it is installed
        try:
            client = connect(address, timeout=5, set_as_default=False)
        except (OSError, ValueError) as error:
            raise UserError(f"--scheduler {address}: no Dask scheduler answers: {error}") from None
        with client, warnings.catch_warnings():
            # A chunk goes along with its task, so that it outlives the worker that has it.
            warnings.filterwarnings("ignore", "Sending large graph")
            workers = max(2, len(client.scheduler_info()["workers"]))
            try:
                yield from in_order(
                    tasks,
                    lambda number, chunk: client.submit(work_packed, job, chunk, key=f"levelfield-{job.id}-{number}"),
                    2 * workers + 1,
                )
            except distributed.KilledWorker as error:
                raise UserError(f"{error}; the same command goes on from where it was") from None

    return engine


# The whole ------------------------------------------------------------------------------------------------------------


def carry_through(
    job: Job,
    chunks: Iterator[Chunk],
    output: Path,
    parts: Parts,
    engine: Engine,
    kind: str,
    rejects: Path,
    words: Words,
    progress: Callable[[int], None],
) -> Summary:
    """Reckons all chunks, writes the output in one piece, and drops the parts; `progress` is told of rows done.

    Raises UserError if something cannot be written; what was reckoned by then is kept.
    """
    sink: Sink | None = None
    plants = bills = rejected = 0
    refused: dict[str, int] = {}
    try:
        tasks = ((number, None if parts.holds(number) else chunk) for number, chunk in enumerate(chunks))
        _write_rejects(parts.rejects, [Reject._fields], "w")
        for number, content in engine(job, tasks):
            if content is None:
                table = unpacked(parts.path(number).read_bytes())
            else:
                parts.keep(number, content)
                table = unpacked(content)
            note = told(table)
            table = table.rename_columns([heading(name, words) for name in table.column_names])
            sink = sink or open_sink(kind, parts.whole, table.schema)
            sink.write(table)
            plants, bills = plants + note.plants, bills + note.bills
            for reason, count in note.refused.items():
                refused[reason] = refused.get(reason, 0) + count
            _write_rejects(parts.rejects, note.rejects, "a")
            rejected += len(note.rejects)
            del table, content
            pa.default_memory_pool().release_unused()  # Arrow would keep it for later
            progress(note.plants + len(note.rejects))
        if sink is not None:
            sink.close()
        if rejected or rejects.exists():  # an old one would mislead
            beside = rejects.with_name(f".{rejects.name}.new")
            shutil.copyfile(parts.rejects, beside)
            os.replace(beside, rejects)
        if plants:
            os.replace(parts.whole, output)
        shutil.rmtree(parts.folder)
    except OSError as error:
        raise UserError(
            f"{error.filename or output}: cannot be written: {error.strerror or error}; once that is mended, the same "
            "command goes on from where it was"
        ) from None
    return Summary(plants, bills, refused, rejected)


def _write_rejects(path: Path, rows: Iterable[tuple[Any, ...]], mode: str) -> None:
    with open(path, mode, encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
