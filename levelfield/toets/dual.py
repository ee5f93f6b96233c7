"""Numbers that know how they move: a range of values and a range of slopes over a range of a lever.

A bill reckoned with one of its rates a `Moving` comes out as one, and the sign of its slope proves whether it is
monotone there. Where a comparison goes one way for a part of the range and another way for the rest, `Undecided` is
raised and the range has to be cut.
"""

from __future__ import annotations

import math

Range = tuple[float, float]


class Undecided(Exception):  # noqa: N818 - it asks for a cut, nothing is wrong
    """A comparison that does not come out the same over the whole range."""


class Moving:
    """The least and greatest value over the range of the lever, and the least and greatest slope."""

    __slots__ = ("slope", "value")

    def __init__(self, value: Range, slope: Range) -> None:
        self.value, self.slope = value, slope

    def __add__(self, other: Moving | float) -> Moving:
        b = moving(other)
        return Moving(_sum(self.value, b.value), _sum(self.slope, b.slope))

    __radd__ = __add__

    def __sub__(self, other: Moving | float) -> Moving:
        return self + -moving(other)

    def __rsub__(self, other: float) -> Moving:
        return moving(other) - self

    def __neg__(self) -> Moving:
        return Moving((-self.value[1], -self.value[0]), (-self.slope[1], -self.slope[0]))

    def __mul__(self, other: Moving | float) -> Moving:
        b = moving(other)
        return Moving(_product(self.value, b.value), _sum(_product(self.slope, b.value), _product(self.value, b.slope)))

    __rmul__ = __mul__

    def __truediv__(self, other: Moving | float) -> Moving:
        b = moving(other)
        if b.value[0] <= 0 <= b.value[1]:
            raise Undecided
        inverse = Moving((1 / b.value[1], 1 / b.value[0]), (0.0, 0.0))
        slope = _product((-1.0, -1.0), _product(b.slope, _product(inverse.value, inverse.value)))
        return self * Moving(inverse.value, slope)

    def __rtruediv__(self, other: float) -> Moving:
        return moving(other) / self

    def __lt__(self, other: Moving | float) -> bool:
        b = moving(other)
        if self.value[1] < b.value[0]:
            return True
        if self.value[0] >= b.value[1]:
            return False
        raise Undecided

    def __ge__(self, other: Moving | float) -> bool:
        return not self < other

    def __gt__(self, other: Moving | float) -> bool:
        return moving(other) < self

    def __le__(self, other: Moving | float) -> bool:
        return not self > other

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (Moving, float, int)):
            return NotImplemented
        b = moving(other)
        if self.value[1] < b.value[0] or b.value[1] < self.value[0]:
            return False
        if self.value == b.value and self.value[0] == self.value[1]:
            return True
        raise Undecided

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((self.value, self.slope))

    def __bool__(self) -> bool:
        """False only where it is zero throughout: a product with a number that passes through zero needs no cut."""
        return self.value != (0.0, 0.0)

    def __float__(self) -> float:
        return (self.value[0] + self.value[1]) / 2

    def __abs__(self) -> Moving:
        return self if self >= 0 else -self


def moving(number: Moving | float) -> Moving:
    return number if isinstance(number, Moving) else Moving((number, number), (0.0, 0.0))


def lever(low: float, high: float) -> Moving:
    """The lever itself, over a range."""
    return Moving((low, high), (1.0, 1.0))


def _sum(a: Range, b: Range) -> Range:
    return a[0] + b[0], a[1] + b[1]


def _product(a: Range, b: Range) -> Range:
    ends = [0.0 if not x or not y else x * y for x in a for y in b]
    if any(math.isnan(end) for end in ends):
        raise Undecided
    return min(ends), max(ends)
