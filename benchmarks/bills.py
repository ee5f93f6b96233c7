"""One bill against three other calculators on the identical tariff; a load curve to five bills."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.side_by_side import NotRun, Row, Worker, alternating, calls, faster, not_run, process

ROUNDS = 31
SLOW_ROUNDS = 5
CURVES = 200  # as benchmarks/peers/ours_columns.py has them
PEERS = {"pysam": "PySAM", "ts_tariffs_": "ts-tariffs", "eeco_": "eeco"}
AGREE = 1e-9


def rows() -> Iterator[Row]:
    with Worker("ours") as ours:
        agreed: dict[str, float] = {}
        for module, name in PEERS.items():
            target = 20 if module == "pysam" else None
            try:
                with Worker(module) as peer:
                    title = f"one bill, 8,760 hours, warm, against {name} {peer.version}"
                    rounds = ROUNDS if module == "pysam" else SLOW_ROUNDS
                    (mine, total), (theirs, other) = calls([(ours, "bill 1"), (peer, "bill 1")], rounds)
                    agreed[name] = abs(other / total - 1)
                    yield faster(title, mine, theirs, name, target)
                    if module == "pysam":
                        yield from _five(ours, peer, name)
            except NotRun as reason:
                yield not_run(
                    f"one bill, 8,760 hours, warm, against {name}", str(reason), f"≥ {target}" if target else ""
                )
        if agreed:
            worst = max(agreed.values())
            yield Row(
                f"the same bill as {', '.join(agreed)}: largest relative difference",
                f"{ours.run('bill 1')[1]:,.4f}",
                "",
                f"{worst:.1g}",
                f"≤ {AGREE:g}",
                "yes" if worst <= AGREE else "no",
            )
    yield from _cold()


def _five(ours: Worker, peer: Worker, name: str) -> Iterator[Row]:
    wanted = [(ours, "five_bills 4"), (peer, "bill 4"), (ours, "bill 4")]
    (five, _), (theirs, _), (mine, _) = calls(wanted, ROUNDS)
    yield faster(f"one bill, 35,040 quarter-hours, warm, against {name}", mine, theirs, name)
    what = f"35,040 quarter-hours to five whole bills of the shipped law, warm, against one of {name}"
    yield faster(what, five, theirs, name, 10)
    yield from _many(ours, peer, name)


def _many(ours: Worker, peer: Worker, name: str) -> Iterator[Row]:
    """The amounts of many load curves at once, per load curve; the same to the cent as by itself."""
    titles = (
        (f"{CURVES} load curves of 8,760 hours, a bill each, per bill, against {name}", "bills 1", "bill 1", 20),
        (f"{CURVES} of 35,040 to five bills each, per load curve, against one of {name}", "five_bills 4", "bill 4", 10),
    )
    for what, many, one, target in titles:
        try:
            with Worker("ours_columns") as columns:
                (mine, total), (theirs, _) = calls([(columns, many), (peer, one)], ROUNDS // 3)
                alone = ours.run(many.replace("bills 1", "bill 1"))[1]
                if abs(total / alone - 1) > AGREE:
                    yield not_run(what, f"by itself {alone:,.2f}, among others {total:,.2f}", f"≥ {target}")
                else:
                    yield faster(what, mine / CURVES, theirs, name, target)
        except NotRun as reason:
            yield not_run(what, str(reason), f"≥ {target}")


def _cold() -> Iterator[Row]:
    """Whole processes: from a file of 8,760 rows to the bill, and Python with the peer's bill."""
    from tests.test_vector import PLANT, write_load

    title = "one bill, 8,760 hours, cold: whole process, load read from CSV"
    try:
        with tempfile.TemporaryDirectory() as place, Worker("pysam") as peer:
            folder = Path(place)
            write_load(folder / "load.csv", 1)
            (folder / "works.toml").write_text(PLANT)
            levelfield = [sys.executable, "-m", "levelfield", "compare", str(folder / "works.toml"), "--year", "2025"]
            levelfield += ["--tariffs", "tests/vector_tariff", "--home", "VV", "--json"]
            found = alternating(
                {"ours": process(levelfield), "theirs": process([*peer.command, "bill", "1"])}, SLOW_ROUNDS
            )
            yield faster(title, found["ours"], found["theirs"], "PySAM, load made by formula")
    except NotRun as reason:
        yield not_run(title, str(reason))
