"""Very many plants at once: a bracket tax against OpenFisca-core's country template and GETTSIM, on the same scales."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.side_by_side import NotRun, Row, Worker, calls, faster, not_run

PEERS = (("openfisca_", "OpenFisca", (1_000, 1_000_000), 11), ("gettsim_", "GETTSIM", (1_000, 100_000), 3))
AGREE = 1e-6  # OpenFisca reckons in single precision


def rows() -> Iterator[Row]:
    for module, name, counts, rounds in PEERS:
        for count in counts:
            what = f"a tax of three brackets for {count:,}, warm, against {name}"
            try:
                with Worker("ours_columns") as ours, Worker(module) as peer:
                    call = f"scale_of_{name.lower()} {count}"
                    (mine, total), (theirs, other) = calls([(ours, call), (peer, f"scale {count}")], rounds)
                    if abs(other / total - 1) > AGREE:
                        yield not_run(what, f"{name} makes it {other:,.2f}, ours is {total:,.2f}")
                        continue
                    per_second = f" ({count / mine / 1e6:.2g} M/s)" if count > 10_000 else ""
                    yield faster(f"{what} {peer.version}{per_second}", mine, theirs, name)
            except NotRun as reason:
                yield not_run(what, str(reason))
