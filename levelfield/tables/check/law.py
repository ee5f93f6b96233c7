"""The law of a jurisdiction: each block compiled, its units, its bands, and what it claims of its rates.

A block is compiled once for each way in which its braces, its choice and its conditions can be filled in by a
connection: what does not mention the connection is compiled once.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from levelfield import units
from levelfield._errors import LevelfieldError
from levelfield.calendars import Window, parse_window
from levelfield.charges import Charge, Choice, compile_charge, compile_choice, interval, is_shut
from levelfield.expression import (
    ZERO,
    Amount,
    Const,
    ExpressionError,
    Needs,
    Node,
    Op,
    Rate,
    Symbol,
    needs,
    show_dimensions,
)
from levelfield.plant import DIRECT, INDIRECT, LEVELS
from levelfield.tables.check.shape import SPECS
from levelfield.tables.fault import Fault, fault_at
from levelfield.tables.model import Jurisdiction, Law, Tables
from levelfield.vocabulary import Vocabulary
from levelfield.year import versions

_EUR = (("EUR", 1),)
_CONNECTION = re.compile(r"\{(\w+?)\}|connection\.(\w+)")
_NAME = re.compile(r"[a-z_]\w*(?:\.\w+)+")
_CANNOT = (LevelfieldError, ExpressionError, units.UnitError)
_WRONG = (KeyError, ValueError, TypeError, AttributeError, RecursionError)  # of what no formula can be
Texts = Mapping[str, str]


class UnknownNameError(ExpressionError):
    """A name that is neither a rate, a quantity nor a fact: it may stand in a file that could not be read."""


class _Words(Vocabulary):
    def name(self, dotted: str) -> Node:
        try:
            return super().name(dotted)
        except ExpressionError as error:
            raise UnknownNameError(str(error)) from None

    def sector_in(self, name: str) -> Node:
        if name not in self.tables.lists:
            raise UnknownNameError(f"'{name}' is no list of the tables")
        return super().sector_in(name)


class Held(NamedTuple):
    """A charge as it stands from one day to another for a connection of one level, and what it looks up in the end."""

    charge: Charge
    start: str
    end: str
    texts: Texts
    needs: Needs


class Reading:
    """What the check learns of the law of one jurisdiction, over all levels, operators and options."""

    def __init__(self, tables: Tables, place: Jurisdiction) -> None:
        self.tables, self.place = tables, place
        self.faults: list[Fault] = []
        self.rates: set[str] = {place.market, place.forward}
        self.symbols: set[str] = set()
        self.choices: dict[str, Choice] = {}
        self._law: list[Law] = [tables.law(folder) for folder in dict.fromkeys(("eu", place.folder))]
        self._versions = [
            (start, end, version)
            for part in self._law
            for block in part.charges
            if place.id in block.get("jurisdictions", [place.id])
            for start, end, version in versions(block)
        ]
        self._quantities, self._choices = (
            [b for blocks in kind for b in blocks if place.id in b.get("jurisdictions", [place.id])]
            for kind in ([part.quantities for part in self._law], [part.choices for part in self._law])
        )
        self._keys: dict[int, tuple[str, ...]] = {}
        self._made: set[tuple[Any, ...]] = set()
        self._banned: set[str] = set()  # places of blocks whose bands are out of order: told once, not compiled
        self._bands()
        self._calendars()
        products = {
            "direct": _below(tables, DIRECT),
            "indirect": _below(tables, INDIRECT),
        }
        for changed, texts in _connections(place):
            self._compile(changed, texts, products)

    def _tell(self, place: str, rule: str, message: str, severity: str = "error", answered: str = "") -> None:
        self.faults.append(fault_at(place, rule, message.removeprefix(f"{place}: "), severity, answered))

    # Compiled ---------------------------------------------------------------------------------------------------------

    def _compile(self, changed: str, texts: Texts, products: Mapping[str, tuple[str, ...]]) -> None:
        """Compile what this connection fills in anew; `changed` is the key in which it differs from its level's own."""
        quantities, choices, charges = (
            [block for block in blocks if self._first(block, texts, changed)]
            for blocks in (self._quantities, self._choices, [version for _, _, version in self._versions])
        )
        if not (quantities or choices or charges):
            return
        words = _Words(self.tables, self.place, products, texts)
        for block in quantities:
            self._quantity(block["id"], block, words)
        for block in choices:
            self._choice(block, words)
        for version in charges:
            for option in self._options(version):
                charge = self._charge(version, words, option)
                if charge:
                    self._uses(charge.needs)
                    self.faults += _units(charge, words)
                    self.faults += _monotone(charge, words)

    def _first(self, block: Mapping[str, Any], texts: Texts, changed: str) -> bool:
        """Whether a block has not been compiled yet with what it reads of this connection."""
        keys = self._keys_of(block)
        if changed and changed not in keys:
            return False
        filled = (id(block), *(texts.get(name) for name in keys))
        if filled in self._made:
            return False
        self._made.add(filled)
        return True

    def _keys_of(self, block: Mapping[str, Any]) -> tuple[str, ...]:
        """The keys of the connection that a block mentions."""
        keys = self._keys.get(id(block))
        if keys is None:
            found = dict.fromkeys(a or b for a, b in _CONNECTION.findall(repr(block)))
            for choice in self._choices:  # its options fill in the placeholder, whatever the connection says
                if choice["id"] == block.get("choice"):
                    found.pop(choice["placeholder"], None)
            keys = self._keys[id(block)] = tuple(found)
        return keys

    def _quantity(self, name: str, block: Mapping[str, Any], words: _Words) -> None:
        place = block["place"]
        try:
            node = words.quantity(name)
            self._uses(needs([node]))
            found = words.dimensions(node)
            wanted = units.dimensions(units.canonical(block["unit"])[0]) if block["unit"] != "text" else None
            if None not in (found, wanted) and found != wanted:
                shown = show_dimensions(found or ())
                self._tell(place, "unit.formula", f"{name} comes out in {shown}, not in {block['unit']}")
        except (*_CANNOT, *_WRONG) as error:
            self._cannot(block, error)

    def _uses(self, found: Needs) -> None:
        self.rates |= found.rates
        self.symbols |= found.symbols

    def _cannot(self, block: Mapping[str, Any], error: Exception) -> None:
        """Tell of a block that cannot be compiled, once; what it names counts as used."""
        rule, message = _explained(error, block)
        self._tell(block["place"], rule, message)
        self._names(block)

    def _names(self, block: Mapping[str, Any]) -> None:
        names = set(_NAME.findall(repr(block)))
        self.rates |= names
        self.symbols |= names

    def _choice(self, block: Mapping[str, Any], words: _Words) -> None:
        try:
            choice = compile_choice(block, words)
        except (*_CANNOT, *_WRONG) as error:
            self._cannot(block, error)
            return
        self.choices[block["id"]] = choice
        tests = [test.test for _, when in choice.options for group in when for test in group]
        self._uses(needs(tests))
        if choice.default != "cheapest" and choice.default not in dict(choice.options):
            known = ", ".join(name for name, _ in choice.options)
            message = f"choice {choice.id}: default '{choice.default}' is no option; known are {known}"
            self._tell(block["place"], "reference.unknown", message)

    def _options(self, version: Mapping[str, Any]) -> list[tuple[str, str, str] | None]:
        name = version.get("choice")
        if name is None:
            return [None]
        choice = self.choices.get(name)
        if choice is None:
            known = [block["id"] for part in self._law for block in part.choices]
            if name not in known:
                shown = f"known are {', '.join(known)}" if known else "there are none"
                message = f"{version['id']}: '{name}' is no [[choice]] of the law; {shown}"
                self._tell(version["place"], "reference.unknown", message)
            return []
        wanted = version.get("option")
        if wanted is not None and wanted not in dict(choice.options):
            options = ", ".join(option for option, _ in choice.options)
            message = f"{version['id']}: '{wanted}' is no option of {name}; known are {options}"
            self._tell(version["place"], "reference.unknown", message)
        return [(choice.id, choice.placeholder, option) for option, _ in choice.options if wanted in (None, option)]

    def _charge(self, version: Mapping[str, Any], words: _Words, option: tuple[str, str, str] | None) -> Charge | None:
        if version["place"] in self._banned:
            self._names(version)
            return None
        try:
            return compile_charge(version, words, option)
        except (*_CANNOT, *_WRONG) as error:
            self._cannot(version, error)
            return None

    def held(self) -> Iterator[Held]:
        """Every charge for a plant on each of the four levels that states nothing else and makes no products."""
        made: dict[tuple[Any, ...], Charge | None] = {}
        for level in LEVELS:
            texts = _texts_of(self.place, level)
            words = _Words(self.tables, self.place, {}, texts)
            for start, end, version in self._versions:
                for option in self._options(version):
                    if option and is_shut(dict(self.choices[option[0]].options)[option[2]], texts):
                        continue
                    key = (id(version), option, *(texts.get(name) for name in self._keys_of(version)))
                    if key not in made:
                        try:
                            made[key] = compile_charge(version, words, option)
                        except (*_CANNOT, *_WRONG):
                            made[key] = None  # told already
                    charge = made[key]
                    if charge:
                        try:
                            yield Held(charge, start, end, texts, words.reach(charge.needs))
                        except (*_CANNOT, *_WRONG):
                            continue  # a quantity that is told already

    # Bands and calendars ----------------------------------------------------------------------------------------------

    def _bands(self) -> None:
        for _, _, version in self._versions:
            for key in ("brackets", "steps"):
                if key in version:
                    for rule, message in _disorder(version[key], from_zero=key == "brackets"):
                        self._tell(version["place"], rule, f"{version['id']}: {message}")
                        self._banned.add(version["place"])

    def _calendars(self) -> None:
        for part in self._law:
            for block in part.calendars:
                windows = [parse_window(item) for item in block["class"]]
                hour = _unclassed(windows)
                if hour is not None:
                    message = f"calendar {block['id']}: no class takes hour {hour} of some day"
                    self._tell(block["place"], "calendar.hours", f"{message}; end with a class without windows")


def _unclassed(windows: list[Window]) -> int | None:
    """An hour that no window holds on some kind of day."""
    for month, weekday, holiday in itertools.product(range(1, 13), range(7), (False, True)):
        open_ = [window.hours for window in windows if window.holds_on(month, weekday, holiday)]
        if None not in open_:
            for hour in range(24):
                if not any(hour in hours for hours in open_ if hours is not None):
                    return hour
    return None


def _below(tables: Tables, family: str) -> tuple[str, ...]:
    return tuple(rate.removeprefix(f"{family}.") for rate in tables.rate_ids if rate.startswith(f"{family}."))


def _texts_of(place: Jurisdiction, level: str) -> dict[str, str]:
    """The texts of a connection of a level of which nothing else is stated."""
    texts = {key: str(value) for key, value in place.levels[level].items() if key != "assumes"}
    for key, spec in place.inputs.items():
        if "values" in spec:
            texts.setdefault(key, str(spec.get("default", spec["values"][0])))
    return texts


def _connections(place: Jurisdiction) -> Iterator[tuple[str, dict[str, str]]]:
    """The texts of every connection that a plant may have: each level, and each with another value of one input.

    With each goes the key in which it differs from what its level says, or an empty text.
    """
    levels = [_texts_of(place, level) for level in place.levels]
    for texts in levels:
        yield "", texts
    for key, spec in place.inputs.items():
        for value in spec.get("values", ()):
            for texts in levels:
                yield key, {**texts, key: value}


def _explained(error: Exception, block: Mapping[str, Any]) -> tuple[str, str]:
    """Rule and message for a block that cannot be compiled."""
    cause: BaseException | None = error
    unknown = False
    while cause:
        unknown = unknown or isinstance(cause, UnknownNameError)
        cause = cause.__cause__ or cause.__context__
    text = str(error).removeprefix(f"{block['place']}: ")
    if isinstance(error, RecursionError):
        text = f"{block['id']}: the formula is nested too deeply"
    elif isinstance(error, KeyError) or "the key '" in text:
        found = re.search(r"'([^']+)'", text)
        named = found[1] if found else text
        if named in SPECS["charge"]:
            return "law.missing_key", f"{block['id']}: the key '{named}' is missing"
        return "reference.unknown", f"{block['id']}: '{named}' is no list of the tables"
    elif not isinstance(error, _CANNOT):
        text = f"{block['id']}: {text}"
    if not text.startswith((block["id"], f"quantity {block['id']}")):
        text = f"{block['id']}: {text}"
    unlike = "cannot be added or compared" in text
    return ("reference.unknown" if unknown else "unit.formula" if unlike else "law.formula"), text


def _units(charge: Charge, words: _Words) -> Iterator[Fault]:
    def tell(rule: str, message: str) -> Fault:
        return fault_at(charge.place, rule, f"{charge.id}: {message}")

    if not isinstance(charge.name, Mapping) or "en" not in charge.name or "nl" not in charge.name:
        yield tell("law.name", 'name needs both languages: { en = "…", nl = "…" }')
    if not charge.law:
        yield tell("law.citation", "law is missing; name the act and article")
    words.local = dict(charge.lets)
    try:
        for line in charge.lines:
            found = words.dimensions(line.amount)
            if found not in (_EUR, None):
                yield tell("unit.formula", f"comes out in {show_dimensions(found or ())}, not in EUR")
        for group in charge.conditions:
            for condition in group:
                words.dimensions(condition.test)
    except (ExpressionError, units.UnitError) as error:
        yield tell("unit.formula", str(error))


def _disorder(bands: list[dict[str, Any]], from_zero: bool) -> Iterator[tuple[str, str]]:
    """Rule and message for bands that do not follow each other."""
    before: tuple[float, bool, str] | None = None
    unit: Any = None
    for band in bands:
        shown = band["interval"]
        try:
            low, high, low_in, high_in = interval(shown)
        except (ExpressionError, ValueError) as error:
            hint = "" if "interval" in str(error) else "; write for example [0, 10000) kWh"
            yield "bands.form", f"{error}{hint}" if hint else str(error)
            return
        start = float(low.value)
        if unit is not None and low.unit != unit:
            kinds = f"{show_dimensions(low.unit)}, the one before in {show_dimensions(unit)}"
            yield "bands.form", f"the band {shown} is in {kinds}"
            return
        unit = low.unit
        if before is None:
            if from_zero and start != 0:
                yield "bands.gap", f"the first band {shown} does not start at 0"
        else:
            end, end_in, other = before
            if start < end or (start == end and low_in and end_in):
                yield "bands.overlap", f"the band {shown} begins before {other} ends"
            elif start > end or not (low_in or end_in):
                yield "bands.gap", f"no band holds what lies between {other} and {shown}"
        before = (float(high.value), high_in, shown)
    if from_zero and before and before[0] != float("inf"):
        yield "bands.gap", f"the last band {before[2]} must end at inf"


# monotone = "raises" --------------------------------------------------------------------------------------------------


def _monotone(charge: Charge, words: _Words) -> Iterator[Fault]:
    """Rates in EUR of a charge that says monotone = "raises", by which its amount falls wherever it moves.

    What the structure does not settle, such as a difference of two facts times a rate, is not told.
    """
    if not charge.monotone:
        return
    locals_ = dict(charge.lets)
    for rate in sorted(charge.needs.rates):
        if words.tables.unit(rate).startswith("EUR"):
            moves = {_moves(line.amount, rate, words, locals_)[0] for line in charge.lines}
            if -1 in moves:
                message = f'{charge.id} says monotone = "raises", but a higher {rate} lowers it'
                yield fault_at(charge.place, "law.monotone", f"{message}; delete monotone or mend the formula")


def _moves(node: Node, rate: str, words: _Words, locals_: Mapping[str, Node]) -> tuple[int | None, int | None]:
    """How the value moves as the rate rises (1, 0, -1; None: either way), and its sign (1, 0, -1; None: either).

    Facts and quantities of a plant count as not negative, and so do rates that never were.
    """
    match node:
        case Const(value):
            return 0, (value > 0) - (value < 0) if isinstance(value, float) else None
        case Rate(name):
            rows = words.tables.rows(name)
            return int(name == rate), 1 if all((row.value or 0) >= 0 for row in rows) else None
        case Symbol(name) if name in locals_:
            return _moves(locals_[name], rate, words, {k: v for k, v in locals_.items() if k != name})
        case Symbol(_):
            return 0, 1
        case Amount(_):
            return 0, None
        case Op(op, args):
            parts = [_moves(arg, rate, words, locals_) for arg in args]
            return _moved(op, parts, ZERO in args)
    return 0, 1


def _moved(op: str, parts: list[tuple[int | None, int | None]], with_zero: bool) -> tuple[int | None, int | None]:
    if op in ("*", "/"):
        (a, a_sign), (b, b_sign) = parts
        turned = -b if op == "/" and b is not None else b
        ways = [_times(a, b_sign), _times(turned, a_sign)]
        return _together(ways), _times(a_sign, b_sign)
    if op == "-":
        (a, a_sign), (b, b_sign) = parts
        return _together([a, None if b is None else -b]), a_sign if b_sign == 0 else None
    if op == "if":
        test, *branches = parts
        way = _together([way for way, _ in branches]) if test[0] == 0 else None
        signs = {sign for _, sign in branches}
        return way, signs.pop() if len(signs) == 1 else None
    ways = [way for way, _ in parts]
    signs = {sign for _, sign in parts}
    if op in ("+", "sum", "min", "max"):
        alike = next(iter(signs)) if len(signs) == 1 else (1 if signs <= {0, 1} else -1 if signs <= {0, -1} else None)
        if op == "max" and (with_zero or 1 in signs):
            alike = 1
        elif op == "min" and (with_zero or -1 in signs):
            alike = -1
        return _together(ways), alike
    return (0 if all(way == 0 for way in ways) else None), 1  # a comparison


def _times(way: int | None, sign: int | None) -> int | None:
    if 0 in (way, sign):
        return 0
    return None if way is None or sign is None else way * sign


def _together(ways: list[int | None]) -> int | None:
    moving = {way for way in ways if way != 0}
    if not moving:
        return 0
    return moving.pop() if len(moving) == 1 else None
