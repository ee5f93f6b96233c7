"""Runs functions of peers on request, so that two programs can be timed alternately while both stay warm.

    python -m benchmarks.peers.worker MODULE              answers until its input ends
    python -m benchmarks.peers.worker MODULE bill 1       answers once

A line on standard input names a function, with its arguments behind it; the answer is a line of JSON: how long it
took in seconds and what it returned. The worker knows nothing of levelfield.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
import time
from importlib.metadata import PackageNotFoundError, version


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a peer prints is no answer
    try:
        module = importlib.import_module(f"benchmarks.peers.{sys.argv[1]}")
        hello = {"version": version(module.NEEDS)}
    except (ImportError, PackageNotFoundError) as error:
        hello = {"error": f"{type(error).__name__}: {error}"}
    answers.write(json.dumps(hello) + "\n")
    asked = [" ".join(sys.argv[2:])] if len(sys.argv) > 2 else sys.stdin
    for line in asked if "error" not in hello else ():
        name, *arguments = line.split()
        answer: dict[str, object] = {}
        try:
            with contextlib.redirect_stdout(sys.stderr):
                function = getattr(module, name)
                start = time.perf_counter()
                value = function(*(int(argument) for argument in arguments))
                answer = {"seconds": time.perf_counter() - start, "value": float(value)}
        except Exception as error:  # noqa: BLE001 - whatever ails a peer is said in the table
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
