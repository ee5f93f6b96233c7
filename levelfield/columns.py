"""The law over columns: the trees, and a run of them, for many plants at once or for many draws of a rate.

A column is a NumPy array of one float a plant; texts that differ are `Codes`. A value that all plants share stays a
plain float, so that most of a tree costs what it costs for one plant. Where a test holds for some plants only, both
branches are evaluated and each plant keeps its own; a mask remembers who is asking, so that a rate which the tables
lack is held against those plants alone.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from levelfield.charges import Charge, Line
from levelfield.expression import FLOATS, Node, Operations, Value, evaluate
from levelfield.run import Env, Inputs, MissingRate, Record, Run, measured
from levelfield.year import Year

Column: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]


class Codes:
    """A column of texts: `codes` points into `names`."""

    def __init__(self, codes: npt.NDArray[np.int32], names: Sequence[str]) -> None:
        self.codes, self.names = codes, tuple(names)

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, index: Any) -> Codes:
        return Codes(self.codes[index], self.names)

    def among(self, members: frozenset[str]) -> Mask:
        return np.array([name in members for name in self.names], dtype=bool)[self.codes]

    def texts(self) -> list[str]:
        return [self.names[code] for code in self.codes]


def codes(texts: Sequence[str]) -> Codes:
    names = dict.fromkeys(texts)
    numbers = {name: number for number, name in enumerate(names)}
    return Codes(np.array([numbers[text] for text in texts], dtype=np.int32), tuple(names))


def plain(column: Any) -> Any:
    """A column as a plain float, or a text, where all plants share the value."""
    if isinstance(column, Codes):
        if len(column) and (column.codes == column.codes[0]).all():
            return column.names[column.codes[0]]
        return column
    if np.ndim(column) == 0:
        return column if isinstance(column, str) else float(column)
    return float(column[0]) if len(column) and (column == column[0]).all() else column


# Operations -----------------------------------------------------------------------------------------------------------


def _times(a: Column, b: Column) -> Any:
    """a × b, where 0 × infinity is 0."""
    product = np.multiply(a, b, dtype=float)
    # Only 0 × infinity makes a product that is no number; one sum is cheaper than a look at every factor.
    return product if np.isfinite(product.sum()) else np.where((a == 0) | (b == 0), 0.0, product)


def _over(a: Column, b: Column) -> Any:
    """a / b, where x / 0 is infinite, 0 / 0 and infinity / infinity are 0."""
    quotient = np.divide(a, b, dtype=float)
    if np.isfinite(quotient.sum()):
        return quotient
    zero = (np.asarray(a) == 0) | (np.isinf(a) & np.isinf(b))
    # A division by a negative zero has the sign of what is divided.
    return np.where(zero, 0.0, np.where(np.equal(b, 0), np.copysign(np.inf, a), quotient))


def _round(a: Column, digits: float) -> Any:
    """Rounded as Python rounds one number: what lies near the middle of two is left to it."""
    factor = 10.0 ** int(digits)
    scaled = np.asarray(a * factor, dtype=float)
    found = np.rint(scaled) / factor
    near = np.flatnonzero(np.abs(scaled - np.floor(scaled) - 0.5) < 1e-6)
    for place in near:
        found[place] = round(float(a[place]), int(digits))
    return found


def _equal(a: Any, b: Any) -> Any:
    if isinstance(b, Codes):
        a, b = b, a
    if not isinstance(a, Codes):
        return np.equal(a, b)
    if isinstance(b, Codes):
        return np.array([x == y for x, y in zip(a.texts(), b.texts(), strict=True)])
    return a.among(frozenset((b,)))


def _fold(pair: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def folded(first: Any, *rest: Any) -> Any:
        for value in rest:
            first = pair(first, value)
        return first

    return folded


def _is_plain(value: Any) -> bool:
    return isinstance(value, (float, str))


def _lifted(op: str, over_columns: Callable[..., Any]) -> Callable[..., Any]:
    """The operation on columns; where all values are plain, that on floats."""
    on_floats = FLOATS.plain[op]

    def lifted(*values: Any) -> Any:
        for value in values:
            if not isinstance(value, (float, str)):
                return over_columns(*values)
        return on_floats(*values)

    return lifted


def _pairwise(op: str, over_columns: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """min, max and sum: what is plain is put together first, so that a column is gone through as rarely as may be."""
    on_floats, fold = FLOATS.plain[op], _fold(over_columns)

    def folded(*values: Any) -> Any:
        columns = [value for value in values if not _is_plain(value)]
        if len(columns) == len(values):
            return fold(*columns)
        shared = on_floats(*(value for value in values if _is_plain(value)))
        return fold(*columns, shared) if columns else shared

    return folded


def _add(a: Any, b: Any) -> Any:
    return np.add(a, b, dtype=float)


OPERATIONS = Operations(
    {
        "+": _lifted("+", _add),
        "-": _lifted("-", lambda a, b: np.subtract(a, b, dtype=float)),
        "*": _lifted("*", _times),
        "/": _lifted("/", _over),
        "round": _lifted("round", _round),
        "<": _lifted("<", np.less),
        "<=": _lifted("<=", np.less_equal),
        ">": _lifted(">", np.greater),
        ">=": _lifted(">=", np.greater_equal),
        "==": _lifted("==", _equal),
        "!=": _lifted("!=", lambda a, b: ~_equal(a, b)),
        "min": _pairwise("min", np.minimum),
        "max": _pairwise("max", np.maximum),
        "sum": _pairwise("sum", _add),
        "not": _lifted("not", lambda value: value == 0),
        "in": lambda text, members: text.among(members) if isinstance(text, Codes) else float(text in members),
    },
    {
        "if": lambda args, env: env.either(
            evaluate(args[0], env), lambda: evaluate(args[1], env), lambda: evaluate(args[2], env)
        ),
        "and": lambda args, env: env.together(args, True),
        "or": lambda args, env: env.together(args, False),
    },
)


# A run ----------------------------------------------------------------------------------------------------------------


class ColumnEnv(Env):
    """The values that a tree sees of all plants, and the mask of those plants that are asking (None: all)."""

    operations = OPERATIONS

    def __init__(self, run: Run, charge: Charge | None, segment: int) -> None:
        super().__init__(run, charge, segment)
        self.asking: Mask | None = None
        self.lost: Mask | None = None  # those that lacked a rate: their charge is not followed further

    def either(self, test: Any, then: Callable[[], Value], other: Callable[[], Value]) -> Value:
        """One value where the test holds, another where it does not; a branch that no plant takes is left alone."""
        if isinstance(test, float):
            return then() if test else other()
        before, yes = self.asking, test != 0
        no = ~yes
        if before is not None:
            yes, no = yes & before, no & before
        if not yes.any():
            return other()
        if not no.any():
            return then()
        self.asking = yes
        first = then()
        self.asking = no
        second = other()
        self.asking = before
        return cast("Value", _select(test != 0, first, second))

    def together(self, args: Sequence[Node], all_: bool) -> Value:
        """Whether all (or any) of the tests hold; one is only asked for the plants that the ones before left open."""
        before, result = self.asking, cast("Any", float(all_))
        for arg in args:
            value: Any = evaluate(arg, self)
            if isinstance(value, float):
                if bool(value) != all_:
                    result = float(not all_)
                    break
                continue
            value = value != 0
            result = value if isinstance(result, float) else (result & value if all_ else result | value)
            open_ = result if all_ else ~result
            self.asking = open_ if before is None else open_ & before
            if not self.asking.any():
                break
        self.asking = before
        return cast("Value", result)

    def truth(self, test: Node) -> float:
        value: Any = evaluate(test, self)
        return cast("float", (1.0 if value else 0.0) if _is_plain(value) else (value != 0) * 1.0)

    def any(self, truth: Any) -> bool:
        return bool(truth) if isinstance(truth, float) else bool(truth.any())

    def admits(self, test: Node) -> bool:
        value: Any = evaluate(test, self)
        if _is_plain(value):
            return bool(value)
        asking = value != 0
        if not asking.all():
            self.asking = asking
        return bool(asking.any())

    def admitted(self, amount: Any) -> float:
        return amount if self.asking is None else cast("float", np.where(self.asking, amount, 0.0))

    def rate(self, name: str) -> float:
        for stated in (self.run.inputs.rates, self.run.year.settings):
            own: Any = stated.get(name)
            if isinstance(own, np.ndarray) and np.isnan(own).any():  # the rates that some plants state
                return cast(
                    "float", self.either(~np.isnan(own), functools.partial(_same, own), lambda: self._held(name))
                )
            if own is not None:
                return cast("float", own)
        return self._held(name)

    def _held(self, name: str) -> float:
        """A rate as the tables hold it. Where only some plants ask for one that is missing, only they are refused."""
        try:
            return self.held(name)
        except MissingRate as lack:
            if self.asking is None and self.lost is None:
                raise
            asking = np.ones_like(self.lost) if self.asking is None else self.asking
            lost = asking if self.lost is None else asking & ~self.lost
            self.lost = lost if self.lost is None else self.lost | lost
            if lost.any():
                self.lacks.append(MissingRate(lack.rate, lack.saying, lost))
            return 0.0


def _same(value: Any) -> Any:
    return value


def _select(test: Mask, first: Any, second: Any) -> Any:
    if not (isinstance(first, (str, Codes)) or isinstance(second, (str, Codes))):
        return np.where(test, first, second)
    texts = [value.texts() if isinstance(value, Codes) else [value] * len(test) for value in (first, second)]
    return codes([a if held else b for held, a, b in zip(test, *texts, strict=True)])


class ColumnRun(Run):
    """A run over columns: amounts are columns, or plain floats where all plants share them; its records bear no grade.

    Also a run for one plant with an array of draws for a rate (`Inputs.with_rate`) on the base of its plain run.
    """

    def __init__(self, year: Year, inputs: Inputs, base: Run | None = None) -> None:
        with np.errstate(all="ignore"):  # division by zero has a value in the law, see `expression.evaluate`
            super().__init__(year, inputs, base)

    def _env(self, charge: Charge | None, segment: int) -> Env:
        return ColumnEnv(self, charge, segment)

    def _record(self, charge: Charge, line: Line, env: Env, weight: float) -> Record:
        _, _, amount = measured(line, env, weight)
        return Record(charge, line.part, env.segment, None, None, amount, "official", ())
