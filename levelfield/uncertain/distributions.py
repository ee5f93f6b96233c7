"""How inputs are drawn: the file that states it, and the draws themselves.

Each input, or group of inputs that move together, has one latent column: even between 0 and 1, or standard normal
where a log-normal or normal input or a correlation asks for it. Each is drawn from a stream of its own (PCG64, seeded
by the seed and the input's name), so that fixing one input leaves the draws of the others as they were.
"""

from __future__ import annotations

import math
import tomllib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from levelfield._errors import UserError
from levelfield.columns import Column
from levelfield.tables import Row, Tables, parse_setting
from levelfield.uncertain.sensitivity import HOURS

SHIPPED = Path(__file__).parent / "distributions.toml"
BIT_GENERATOR = "PCG64"
KINDS = ("lognormal", "normal", "triangular", "uniform")
MOST_CORRELATED = 12
"""Of so many correlated inputs at most the shares are reckoned: each subset of them is looked at."""
_RANGE_WIDTH = 2 * 1.6448536269514722  # from the 5 % to the 95 % point of a normal, in standard deviations
_KEYS = {
    "input": {"rate", "fact", "distribution", "sd", "from_range", "low", "high", "times", "reason"},
    "correlation": {"of", "value", "reason"},
    "together": {"name", "rates", "reason"},
}


class Distribution(NamedTuple):
    """How the inputs that fit a pattern are drawn, about the value in force.

    `sd` is of the logarithm (lognormal) or a share of the value (normal). `low` and `high` are as written, `times`
    multiples of the value; without any of them a triangle or an even spread lies between the tables' own ends.
    `from_range`: where the tables give low and high, they are the 5 % and the 95 % point of a lognormal.
    """

    pattern: str
    kind: str
    sd: float = 0.0
    from_range: bool = False
    low: str = ""
    high: str = ""
    times: tuple[float, float] | None = None
    reason: str = ""

    @property
    def is_normal(self) -> bool:
        return self.kind in ("lognormal", "normal")

    @property
    def needs_range(self) -> bool:
        """Whether it says nothing where the tables give no range."""
        return not self.is_normal and self.times is None and not self.low


class Correlation(NamedTuple):
    first: str
    second: str
    value: float
    reason: str


class Together(NamedTuple):
    name: str
    rates: tuple[str, ...]
    reason: str


class Distributions(NamedTuple):
    place: str
    inputs: tuple[Distribution, ...]
    correlations: tuple[Correlation, ...]
    together: tuple[Together, ...]

    def of(self, name: str) -> Distribution | None:
        """The first whose pattern fits; full-load hours are no rate, and only their own name means them."""
        fits = (
            found
            for found in self.inputs
            if found.pattern == name or (name != HOURS and fnmatchcase(name, found.pattern))
        )
        return next(fits, None)

    def group(self, name: str) -> str:
        """The name of the group with which an input moves, or its own."""
        return next((g.name for g in self.together if any(fnmatchcase(name, rate) for rate in g.rates)), name)

    def fits(self, stated: Correlation, a: str, b: str) -> bool:
        pairs = ((a, b), (b, a))
        return any(fnmatchcase(x, stated.first) and fnmatchcase(y, stated.second) for x, y in pairs)

    def correlation(self, a: str, b: str) -> float:
        """The first that is stated of two inputs; none is 0."""
        return next((stated.value for stated in self.correlations if self.fits(stated, a, b)), 0.0)


# Reading --------------------------------------------------------------------------------------------------------------


def read_distributions(path: Path | None = None) -> Distributions:
    """The distributions of a file, or the shipped ones. Raises UserError with all faults of the file."""
    file = path or SHIPPED
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UserError(f"{file}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"{file}: this is no TOML file: {error}") from None
    faults = list(_faults(data))
    if faults:
        raise UserError([f"{file}: {fault}" for fault in faults])
    return Distributions(
        str(path) if path else f"levelfield/uncertain/{SHIPPED.name}",
        tuple(
            Distribution(
                block.get("rate") or block["fact"],
                block["distribution"],
                float(block.get("sd", 0.0)),
                block.get("from_range", False),
                str(block.get("low", "")),
                str(block.get("high", "")),
                tuple(map(float, block["times"])) if "times" in block else None,  # type: ignore[arg-type]
                block["reason"],
            )
            for block in data.get("input", ())
        ),
        tuple(
            Correlation(block["of"][0], block["of"][1], float(block["value"]), block["reason"])
            for block in data.get("correlation", ())
        ),
        tuple(Together(block["name"], tuple(block["rates"]), block["reason"]) for block in data.get("together", ())),
    )


def _faults(data: Mapping[str, Any]) -> Iterator[str]:
    for group, blocks in data.items():
        if group not in _KEYS or not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
            known = ", ".join(f"[[{key}]]" for key in _KEYS)
            yield f"'{group}' is no part of a file of distributions; known are {known}"
            continue
        for number, block in enumerate(blocks, 1):
            where = f"[[{group}]] {number}"
            for key in block.keys() - _KEYS[group]:
                yield f"{where}: '{key}' is no key; known are {', '.join(sorted(_KEYS[group]))}"
            if not (isinstance(block.get("reason"), str) and block["reason"]):
                yield f"{where}: a reason is wanted: where the numbers are from"
            check = {"input": _input_faults, "correlation": _correlation_faults, "together": _together_faults}[group]
            for fault in check(block):
                yield f"{where}: {fault}"


def _input_faults(block: Mapping[str, Any]) -> Iterator[str]:
    rate, fact, kind = block.get("rate"), block.get("fact"), block.get("distribution")
    if not isinstance(rate if fact is None else fact, str) or (rate is not None and fact is not None):
        yield f'one of rate = "…" and fact = "{HOURS}" is wanted'
    elif fact is not None and fact != HOURS:
        yield f"fact {fact}: only {HOURS} is drawn"
    if kind not in KINDS:
        yield f"distribution {kind}: one of {', '.join(KINDS)} is wanted"
        return
    normal = kind in ("lognormal", "normal")
    if normal and not (_number(block.get("sd")) and block["sd"] > 0):
        yield "sd, a number above 0, is wanted: of the logarithm (lognormal), or a share of the value (normal)"
    if normal and block.keys() & {"low", "high", "times"}:
        yield f"low, high and times do not go with {kind}; it has sd"
    if not normal and block.keys() & {"sd", "from_range"}:
        yield f"sd and from_range do not go with {kind}; it has low and high, or times"
    if not isinstance(block.get("from_range", False), bool):
        yield "from_range is true or false"
    if ("low" in block) != ("high" in block) or ("low" in block and "times" in block):
        yield "low and high go together, and not with times"
    times = block.get("times", [0, 1])
    if not (isinstance(times, list) and len(times) == 2 and all(map(_number, times)) and times[0] <= times[1]):
        yield "times is two multiples of the value in force, as in [0.95, 1.05]"
    elif fact is not None and not normal and ("times" not in block or times[0] <= 0):
        yield f"{HOURS}: times = [0.95, 1.05] is wanted, both above 0"


def _correlation_faults(block: Mapping[str, Any]) -> Iterator[str]:
    if not (_texts(block.get("of")) and len(block["of"]) == 2):
        yield 'of is two rates, as in of = ["market.*.nl", "market.*.fr"]'
    if not (_number(block.get("value")) and -1 <= block["value"] <= 1):
        yield "value is a number from -1 to 1"


def _together_faults(block: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(block.get("name"), str):
        yield "a name is wanted, as it is to be shown"
    if not _texts(block.get("rates")):
        yield "rates is a list of rates; * stands for any part of a name"


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)


# Drawing --------------------------------------------------------------------------------------------------------------


class Latent(NamedTuple):
    """What moves one input, or all of a group: a column of draws, between 0 and 1 or standard normal."""

    name: str
    members: tuple[str, ...]
    normal: bool
    column: Column

    def even(self) -> Column:
        return _below(self.column) if self.normal else self.column


def draw(
    names: Sequence[str], said: Distributions, count: int, seed: int
) -> tuple[list[Latent], list[tuple[str, ...]]]:
    """The latent columns of some inputs, and which of them are correlated with one another.

    Raises UserError for correlations that no numbers can have together.
    """
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(said.group(name), []).append(name)
    blocks = _blocks(groups, said)
    tied = {group for block in blocks for group in block}
    columns: dict[str, Column] = {}
    for group, members in groups.items():
        stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(group.encode())])))
        normal = group in tied or any(_said(said, member).is_normal for member in members)
        columns[group] = stream.standard_normal(count) if normal else stream.random(count)
    for block in blocks:
        mixed = _root(block, groups, said) @ np.array([columns[group] for group in block])
        columns.update(zip(block, mixed, strict=True))
    latents = [
        Latent(
            group,
            tuple(members),
            group in tied or any(_said(said, member).is_normal for member in members),
            columns[group],
        )
        for group, members in groups.items()
    ]
    return latents, blocks


def _said(said: Distributions, name: str) -> Distribution:
    found = said.of(name)
    assert found is not None  # noqa: S101 - only inputs with a distribution are drawn
    return found


def _between(a: Sequence[str], b: Sequence[str], said: Distributions) -> float:
    """The correlation of two groups: the first that is stated of any of their members."""
    return next((value for x in a for y in b if (value := said.correlation(x, y))), 0.0)


def _blocks(groups: Mapping[str, Sequence[str]], said: Distributions) -> list[tuple[str, ...]]:
    """The sets of groups that hang together by correlations, in order."""
    left, blocks = list(groups), []
    while left:
        block = [left.pop(0)]
        for one in block:
            near = [other for other in left if _between(groups[one], groups[other], said)]
            block += near
            left = [other for other in left if other not in near]
        if len(block) > MOST_CORRELATED:
            raise UserError(f"{said.place}: {len(block)} inputs are correlated; at most {MOST_CORRELATED} can be")
        if len(block) > 1:
            blocks.append(tuple(sorted(block)))
    return blocks


def _root(block: Sequence[str], groups: Mapping[str, Sequence[str]], said: Distributions) -> Column:
    """The Cholesky factor of a block's correlations."""
    matrix = np.array([[1.0 if a == b else _between(groups[a], groups[b], said) for b in block] for a in block])
    least = float(np.linalg.eigvalsh(matrix)[0])
    if least < -1e-9:
        raise UserError(
            f"{said.place}: the correlations of {', '.join(block)} contradict one another "
            f"(least eigenvalue {least:.3f}); bring the stated ones nearer to 0, or state those that are left out"
        )
    return np.asarray(np.linalg.cholesky(matrix + np.eye(len(block)) * max(0.0, 1e-12 - least)))


def _below(normal: Column) -> Column:
    """The share of a standard normal that lies below each value."""
    return np.array([0.5 * math.erfc(-value / math.sqrt(2)) for value in normal.tolist()])


class Mover:
    """Turns the value of a rate in force into a column, by its distribution and its latent column."""

    def __init__(self, rate: str, said: Distribution, latent: Latent, tables: Tables) -> None:
        self.said, self.latent = said, latent
        self.ends = None
        if said.low:
            try:
                low, high = (parse_setting(rate, end, tables) for end in (said.low, said.high))
            except UserError as error:
                raise UserError([f"[[input]] {said.pattern}: {fault}" for fault in error.faults]) from None
            if low > high:
                raise UserError(f"[[input]] {said.pattern}: low {said.low} lies above high {said.high}")
            self.ends = (low, high)
        self._even: Column | None = None
        self._made: dict[tuple[Any, ...], Any] = {}

    def __call__(self, row: Row) -> Any:
        """The draws for a row; a plain float where it has no spread."""
        return self.about(row.value, row.low, row.high)

    def about(self, value: float | None, low: float | None, high: float | None) -> Any:
        key = (value, low, high)
        if key not in self._made:
            self._made[key] = self._draws(value, low, high)
        return self._made[key]

    def part(self, piece: slice) -> Mover:
        """The same for a piece of the draws."""
        found = Mover.__new__(Mover)
        found.said, found.ends = self.said, self.ends
        found.latent = self.latent._replace(column=self.latent.column[piece])
        found._even = None if self.even is None else self.even[piece]
        found._made = {}
        return found

    @property
    def even(self) -> Column | None:
        """The latent column between 0 and 1; None where the distribution has no use for it."""
        if self._even is None and not self.said.is_normal:
            self._even = self.latent.even()
        return self._even

    def _draws(self, value: float | None, low: float | None, high: float | None) -> Any:
        said, given = self.said, low is not None and high is not None
        if value is None:
            value = ((low or 0.0) + (high or 0.0)) / 2 if said.is_normal or said.times or self.ends else None
        if said.is_normal and value is not None:
            normal = self.latent.column
            if said.kind == "normal":
                return value * (1 + said.sd * normal)
            spread = given and said.from_range and low and high and low > 0
            sd = math.log(high / low) / _RANGE_WIDTH if spread else said.sd  # type: ignore[operator]
            return value * np.exp(sd * normal) if sd else value
        if self.ends:
            low, high = self.ends
        elif said.times and value is not None:
            low, high = sorted(value * times for times in said.times)
        if low is None or high is None:
            return value  # a stretch of the year of which the value is known
        if low == high:
            return low
        even = self.even
        assert even is not None  # noqa: S101 - triangles and even spreads have one
        if said.kind == "uniform" or value is None:
            return low + (high - low) * even
        return triangle(even, low, min(max(value, low), high), high)


def triangle(even: Column, low: float, mode: float, high: float) -> Column:
    """Draws of a triangular distribution from draws between 0 and 1."""
    turn = (mode - low) / (high - low)
    rising = low + np.sqrt(even * ((high - low) * (mode - low)))
    falling = high - np.sqrt((1 - even) * ((high - low) * (high - mode)))
    return np.asarray(np.where(even < turn, rising, falling))
