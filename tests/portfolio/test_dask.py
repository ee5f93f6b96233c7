"""The same portfolio on a Dask cluster, of which a worker is killed meanwhile."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from benchmarks.plants import made_up, write
from levelfield.tables import Tables
from tests.portfolio.test_command import run, start, until

distributed = pytest.importorskip("distributed")


def test_a_cluster_gives_the_same_result_though_a_worker_is_killed(tables: Tables, tmp_path: Path) -> None:
    write(made_up(2000, tables), tmp_path / "plants.csv")
    options = (tmp_path / "plants.csv", "--year", "2025", "--against", "DE", "--chunk", "100")
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            dashboard_address=None,
            local_directory=tmp_path / "dask",
            silence_logs=50,
        ) as cluster,
        start(
            *options, "-o", tmp_path / "dask.parquet", "--engine", "dask", "--scheduler", cluster.scheduler_address
        ) as process,
    ):
        until(lambda: len(list(tmp_path.glob("dask.parquet.parts/*.arrow"))) >= 4)
        os.kill(cluster.workers[0].pid, signal.SIGKILL)
        _, told = process.communicate()
        assert process.returncode == 0, told
    assert run(*options, "-o", tmp_path / "here.parquet", "--workers", "1")[0] == 0
    assert (tmp_path / "dask.parquet").read_bytes() == (tmp_path / "here.parquet").read_bytes()


def test_a_scheduler_that_does_not_answer_is_told(tables: Tables, tmp_path: Path) -> None:
    write(made_up(3, tables), tmp_path / "plants.csv")
    code, told = run(
        tmp_path / "plants.csv", "-o", tmp_path / "bills.csv", "--engine", "dask", "--scheduler", "tcp://127.0.0.1:9"
    )
    assert code == 2
    assert "no Dask scheduler answers" in told
