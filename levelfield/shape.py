"""What a plant saves, or pays, by moving load: the same energy in other hours, priced in each country.

The functions on load curves are pure: they take a curve and give one of the same energy. Powers are in kW and stand in
days of 24 hours, as tariffs book them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from levelfield._errors import MissingData, UserError
from levelfield.bill import run_inputs
from levelfield.calendars import hours_by_class
from levelfield.charges import CATEGORIES
from levelfield.clock import hours_of
from levelfield.expression import Node, Op, Rate, Symbol
from levelfield.lang import Text
from levelfield.load import LoadCurve, booked, curve_of_booked, year_of
from levelfield.period import calendar_year
from levelfield.plant import Plant
from levelfield.run import Run, told
from levelfield.switches import Switches
from levelfield.tables import Jurisdiction, Tables
from levelfield.year import Year

SWEEP = (0.95, 0.9, 0.8)  # of the yearly peak
SHARE = 0.1  # of the energy, in the two shifts
DEPTH = 0.5  # by which an hour is cut in the shift to cheap hours
_RARE = 0.1  # a time class of fewer hours than this share of the year can be stayed out of


# Moving load ----------------------------------------------------------------------------------------------------------


def flat_curve(offtake: float, year: int) -> LoadCurve:
    """The hourly curve of a flat load of a yearly offtake in MWh."""
    hours = hours_of(year)
    return curve_of_booked([offtake * 1000 / hours] * hours, year, 1, "a flat load")


def shaved(curve: LoadCurve, limit: float) -> LoadCurve:
    """No power above the limit: what lies above goes to other hours of its day, or where they are full of the year.

    Raises UserError where the limit lies below the mean power.
    """
    mean = math.fsum(curve.booked) / len(curve.booked)
    if limit < mean * (1 - 1e-9):
        raise UserError(
            f"a peak of {limit / 1000:,.2f} MW lies below the mean power of {mean / 1000:,.2f} MW; "
            "the same energy does not fit under it"
        )
    powers = [min(power, limit) for power in curve.booked]
    day = 24 * curve.per_hour
    left = 0.0
    for start in range(0, len(powers), day):
        slots = range(start, start + day)
        left += _spread(powers, slots, math.fsum(curve.booked[s] - powers[s] for s in slots), limit)
    _spread(powers, range(len(powers)), left, max(limit, mean))
    return _as(curve, powers)


def peaked(curve: LoadCurve, peak: float) -> LoadCurve:
    """One step at a higher peak, its energy taken evenly from all others."""
    top = curve.booked.index(max(curve.booked))
    more = peak - curve.booked[top]
    rest = math.fsum(curve.booked) - curve.booked[top]
    powers = [power * (1 - more / rest) for power in curve.booked]
    powers[top] = peak
    return _as(curve, powers)


def at_full_load_hours(curve: LoadCurve, hours: float) -> LoadCurve:
    """The curve with the yearly peak that gives these full-load hours, shaved or raised."""
    peak = curve.energy * 1000 / hours
    return shaved(curve, peak) if peak <= curve.peak else peaked(curve, peak)


def out_of(curve: LoadCurve, slots: Iterable[int]) -> LoadCurve:
    """Nothing in the slots: their energy goes under the peak of the other hours, which rises if there is no room."""
    shut = set(slots)
    powers = [0.0 if slot in shut else power for slot, power in enumerate(curve.booked)]
    open_ = [slot for slot in range(len(powers)) if slot not in shut]
    level = math.fsum(curve.booked) / len(open_)
    _spread(powers, open_, math.fsum(curve.booked[slot] for slot in shut), max(curve.peak, level))
    return _as(curve, powers)


def towards_base_load(curve: LoadCurve, share: float = SHARE) -> LoadCurve:
    """That share of the energy from the hours of the highest power to those of the lowest.

    The top is cut and the valleys are filled; less where the curve has not so much above its mean.
    """
    mean = math.fsum(curve.booked) / len(curve.booked)
    above = math.fsum(max(power - mean, 0.0) for power in curve.booked)
    moved = min(share * math.fsum(curve.booked), above)
    top = _level(curve.booked, moved)
    bottom = -_level([-power for power in curve.booked], moved)
    return _as(curve, [min(max(power, bottom), top) for power in curve.booked])


def to_cheap_hours(curve: LoadCurve, prices: Sequence[float], share: float = SHARE, depth: float = DEPTH) -> LoadCurve:
    """That share of the energy from the dearest hours, each cut by `depth`, to the cheapest, each raised as much.

    `prices` are as fine as the curve, in days of 24 hours. The peak may rise.
    """
    total = math.fsum(curve.booked)
    order = sorted(range(len(prices)), key=prices.__getitem__)
    powers = list(curve.booked)
    left = share * total
    for slot in reversed(order):
        cut = min(powers[slot] * depth, left)
        powers[slot] -= cut
        left -= cut
        if left <= 0:
            break
    more = share * total - left
    step = total / len(powers) * depth
    for slot in order:
        add = min(step, more)
        powers[slot] += add
        more -= add
        if more <= 0:
            break
    return _as(curve, powers)


def _spread(powers: list[float], slots: Iterable[int], energy: float, limit: float) -> float:
    """Put energy (kW × slots) under a limit, in proportion to the room of each slot; what finds no room is returned."""
    room = {slot: limit - powers[slot] for slot in slots if powers[slot] < limit}
    total = math.fsum(room.values())
    if energy <= 0 or total <= 0:
        return max(energy, 0.0)
    factor = min(energy / total, 1.0)
    for slot, free in room.items():
        powers[slot] += free * factor
    return max(energy - total, 0.0)


def _level(powers: Sequence[float], above: float) -> float:
    """The level above which the powers hold that much (kW × slots)."""
    ordered = sorted(powers, reverse=True)
    total = 0.0
    for number, power in enumerate(ordered):
        if number * power <= total - above:
            return (total - above) / number
        total += power
    return (total - above) / len(ordered)


def _as(curve: LoadCurve, powers: Sequence[float]) -> LoadCurve:
    return curve_of_booked(powers, curve.year, curve.per_hour, curve.place)


# What the law rewards -------------------------------------------------------------------------------------------------


class Measure(NamedTuple):
    """A way to move load, or another contract in one jurisdiction."""

    id: str
    name: Text
    curve: LoadCurve
    place: str = ""  # the only jurisdiction that it is about; '' for all
    contract: str = ""


class Effect(NamedTuple):
    """What a measure changes in a bill, EUR a year by category; negative saves."""

    measure: Measure
    place: str
    by_category: Mapping[str, float]

    @property
    def total(self) -> float:
        return sum(self.by_category.values())


class Shapes(NamedTuple):
    plant: Plant
    tables: Tables
    year: int
    places: tuple[str, ...]
    base: LoadCurve
    measures: tuple[Measure, ...]
    effects: Mapping[tuple[str, str], Effect]  # by measure and jurisdiction
    notes: tuple[Text, ...]
    refusals: Mapping[str, tuple[str, ...]]


def shapes(
    tables: Tables,
    plant: Plant,
    year: int,
    places: Sequence[str],
    switches: Switches | None = None,
    peaks: Sequence[float] = (),
) -> Shapes:
    """The effects of moving load in each jurisdiction. `peaks` are limits in kW instead of the usual sweep.

    Raises UserError for a limit that the energy does not fit under, MissingData if no jurisdiction can be billed.
    """
    switches = switches or Switches()
    notes: list[Text] = []
    base = plant.load_curve or flat_curve(plant.offtake, year)
    if plant.load_curve is None:
        notes.append(
            Text(
                f"no load curve is stated: a flat load of {base.peak / 1000:,.1f} MW stands for the plant",
                f"er is geen belastingprofiel opgegeven: een vlakke last van {base.peak / 1000:,.1f} MW staat ervoor",
            )
        )
    if base.year != year:
        raise UserError(f"{base.place}: the load curve is of {base.year}, --year of {year}; leave --year out")
    before: dict[str, dict[str, float]] = {}
    refusals: dict[str, tuple[str, ...]] = {}
    laws: dict[str, Year] = {}
    for place in places:
        try:
            laws[place], before[place] = _reckon(
                tables, _with(plant, base), tables.jurisdictions[place], year, switches
            )
        except MissingData as lack:
            refusals[place] = lack.faults
    if not before:
        raise MissingData([fault for faults in refusals.values() for fault in faults])
    found = [*_load_measures(base, laws, tables, peaks, notes), *_contracts(base, laws)]
    effects: dict[tuple[str, str], Effect] = {}
    for measure in found:
        for place, law in laws.items():
            if measure.place and place != measure.place:
                continue
            other = _with(plant, measure.curve)
            if measure.contract:
                key = law.place.plant_keys[-1]
                stated = {**plant.connections.get(key, {}), "contract": measure.contract}
                other = other._replace(connections={**plant.connections, key: stated})
            try:
                after = _reckon(tables, other, law.place, year, switches)[1]
            except MissingData as lack:
                notes.append(Text(f"{place}: {measure.name.en}: {lack.faults[0]}"))
                continue
            change = {category: after[category] - before[place][category] for category in CATEGORIES}
            effects[measure.id, place] = Effect(measure, place, change)
    return Shapes(
        plant, tables, year, tuple(before), base, tuple(found), effects, tuple(dict.fromkeys(notes)), refusals
    )


def _with(plant: Plant, curve: LoadCurve) -> Plant:
    """The plant with another curve; contracted power follows a higher peak, and down where it is the peak."""
    own = plant.load_curve.peak if plant.load_curve else plant.yearly_peak
    contracted = curve.peak if math.isclose(plant.contracted_power, own) else max(plant.contracted_power, curve.peak)
    return plant._replace(load_curve=curve, offtake=curve.energy, yearly_peak=curve.peak, contracted_power=contracted)


def _reckon(
    tables: Tables, plant: Plant, place: Jurisdiction, year: int, switches: Switches
) -> tuple[Year, dict[str, float]]:
    """The law and the stated bill by category, EUR."""
    held = tables.years(place.id)
    if held and year not in held:
        raise MissingData(f"{place.id}: the tables hold nothing for {year}; held are {', '.join(map(str, held))}")
    law = Year(tables, plant, place, year, calendar_year(year), switches)
    run = Run(law, run_inputs(law))
    if run.missing:
        raise MissingData(told(run.missing))
    amounts = dict.fromkeys(CATEGORIES, 0.0)
    for charge in law.charges:
        amounts[charge.category] += run.amount_of(charge.key)
    return law, amounts


def _load_measures(
    base: LoadCurve, laws: Mapping[str, Year], tables: Tables, peaks: Sequence[float], notes: list[Text]
) -> Iterator[Measure]:
    mean = base.energy * 1000 / hours_of(base.year)
    for limit in peaks or [share * base.peak for share in SWEEP]:
        if not peaks and limit < mean:
            continue
        size = f"{limit / 1000:,.1f} MW"
        maat = size.translate(str.maketrans(",.", ".,"))
        yield Measure(f"peak {size}", Text(f"peak at most {size}", f"piek hoogstens {maat}"), shaved(base, limit))
    for place, law in laws.items():
        for kind, slots in _rare_classes(law, base):
            said = Text(f"out of {kind} ({place})", f"buiten {kind} ({place})")
            yield Measure(f"out of {kind}", said, out_of(base, slots))
    yield from _full_load_hours(base, laws)
    if base.peak > mean * (1 + 1e-9):
        yield Measure("base load", Text("10 % towards base load", "10 % naar basislast"), towards_base_load(base))
    prices = _dearness(tables, base, notes)
    yield Measure("cheap hours", Text("10 % to cheap hours", "10 % naar goedkope uren"), to_cheap_hours(base, prices))


def _full_load_hours(base: LoadCurve, laws: Mapping[str, Year]) -> Iterator[Measure]:
    """The steps of the laws: just under each that the plant reaches, and each that it could reach."""
    own, most = base.energy * 1000 / base.peak, hours_of(base.year)
    steps: dict[float, str] = {}
    for place, law in laws.items():
        for hours in thresholds(law):
            steps.setdefault(hours, place)
    for hours, place in sorted(steps.items()):
        size, maat = f"{hours:,.0f}", f"{hours:,.0f}".replace(",", ".")
        if own / 2 < hours <= own:
            said = Text(f"under {size} full-load hours ({place})", f"onder {maat} vollasturen ({place})")
            yield Measure(f"under {hours:.0f} h", said, at_full_load_hours(base, hours - 1))
        elif own < hours <= most:
            said = Text(f"{size} full-load hours ({place})", f"{maat} vollasturen ({place})")
            yield Measure(f"{hours:.0f} h", said, at_full_load_hours(base, hours * (1 + 1e-9)))


def _rare_classes(law: Year, base: LoadCurve) -> Iterator[tuple[str, list[int]]]:
    """The time classes of few hours whose energy the law bills, with their slots: the French pointe."""
    whole = year_of(base.year)
    asked = {name for values in (law.on_year, *law.on_segment) for name in values if name.startswith("offtake.")}
    for name in sorted(symbol.split(".", 1)[1] for symbol in asked):
        calendar = law.calendars[name.rpartition(".")[0]]
        kind = name.rpartition(".")[2]
        if 0 < hours_by_class(calendar, whole)[kind] < _RARE * whole.hours:
            slots = base.slots_by_class(calendar, whole)[kind]
            if any(base.booked[slot] for slot in slots):
                yield kind, slots


def thresholds(law: Year) -> list[float]:
    """The full-load hours at which something changes in the law: bounds that its trees compare with full_load_hours."""
    roots: list[Node] = []
    for charges in law.active.values():
        for _, _, charge in charges:
            roots += [condition.test for group in charge.conditions for condition in group]
            roots += [*(node for _, node in charge.lets), *(line.amount for line in charge.lines)]
    roots += [law.words.quantity(name) for name in law.all_needs.symbols & law.words.quantity_blocks.keys()]
    found: set[float] = set()
    while roots:
        node = roots.pop()
        if not isinstance(node, Op):
            continue
        roots += node.args
        if node.op in (">=", ">", "<", "<=") and Symbol("full_load_hours") in node.args:
            for side in node.args:
                row = law.row(side.rate, len(law.segments) - 1) if isinstance(side, Rate) else None
                if row and row.value:
                    found.add(row.value)
    return sorted(found)


def _contracts(base: LoadCurve, laws: Mapping[str, Year]) -> Iterator[Measure]:
    """The other contracts that a jurisdiction's connection may have, such as a non-firm one."""
    for place, law in laws.items():
        for value in law.place.inputs.get("contract", {}).get("values", ()):
            if value != law.texts.get("contract"):
                plain_name = str(value).replace("_", "-")
                name = Text(f"contract {plain_name} ({place})", f"contract {plain_name} ({place})")
                yield Measure(f"contract {plain_name}", name, base, place, str(value))


def _dearness(tables: Tables, base: LoadCurve, notes: list[Text]) -> list[float]:
    """How dear each slot is, the same for all: the mean of the zones' hourly prices, else 8 to 20 h of working days."""
    from levelfield.prices import hourly_prices

    markets = dict.fromkeys(place.market for place in tables.jurisdictions.values())
    held = [prices for market in markets if (prices := hourly_prices(tables, market, base.year)) is not None]
    if held:
        hourly = booked([math.fsum(row) / len(row) for row in zip(*held, strict=True)], base.year, 1)
    else:
        notes.append(
            Text(
                f"hourly prices of {base.year} are not held: 8 to 20 h on working days stand for the dear hours, "
                "and the market's part of the commodity cannot gain",
                f"uurprijzen van {base.year} ontbreken: 8 tot 20 uur op werkdagen staan voor de dure uren, "
                "en het marktdeel van de levering kan niet winnen",
            )
        )
        first = date(base.year, 1, 1)
        days = (first + timedelta(number) for number in range(hours_of(base.year) // 24))
        hourly = [float(day.weekday() < 5 and 8 <= hour < 20) for day in days for hour in range(24)]
    return [price for price in hourly for _ in range(base.per_hour)]


def shown_limit(text: str) -> float:
    """The kW of a limit as a user writes it: 90 MW. Raises UserError."""
    from levelfield import units

    try:
        limit = units.parse(text, "kW")
    except units.UnitError as error:
        raise UserError(f"--peak {text}: {error}") from None
    if limit <= 0:
        raise UserError(f"--peak {text}: a power above zero is wanted, say 90 MW")
    return limit
