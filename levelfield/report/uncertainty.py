"""How sure a gap is, as pages and as data: the tornado of a sensitivity, the draws of a simulation."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from levelfield import __version__
from levelfield.comparison import Comparison
from levelfield.lang import Text, Words
from levelfield.numbers import plain
from levelfield.period import today
from levelfield.report.pages import Bullets, Heading, Page, Paragraph, Table
from levelfield.report.rows import heading
from levelfield.uncertain.sensitivity import Ends, Input, Sensitivity

if TYPE_CHECKING:  # it brings NumPy with it
    from levelfield.uncertain.distributions import Distribution
    from levelfield.uncertain.simulation import Simulation, Spread

_WIDTH = 80  # of a terminal, in characters
SIDE = 10  # cells of a tornado's bar on either side
_ROWS = 24  # of a histogram at most
_APART = 4  # gaps lie so many times the width of the widest from one another: one axis would show none
_LEAST_SHARE = 0.005  # of a variance that is shown

FIXED = Text(
    "Claims and company figures that the plant file leaves open count as in the stated bill.",
    "Aanspraken en bedrijfscijfers die het bestand openlaat tellen zoals in de opgegeven rekening.",
)
SHARES = Text(
    "The share of a gap's variance that an input makes by itself: its correlation ratio; of correlated inputs, what "
    "each adds to the explained variance, the mean over all orders. The rest is what inputs do in combination.",
    "Het deel van de variantie van een verschil dat een grootheid alleen maakt: de correlatieverhouding; bij "
    "gecorreleerde grootheden wat elk toevoegt aan de verklaarde variantie, gemiddeld over alle volgordes. De rest is "
    "wat grootheden in samenhang doen.",
)


# Sensitivity ----------------------------------------------------------------------------------------------------------


def tornado_pages(found: Sensitivity, words: Words, top: int | None = None) -> Iterator[Page]:
    """The tornado of each gap, at most `top` inputs each, and the inputs with their ends."""
    comparison = found.comparison
    yield Heading(heading(comparison), 1)
    yield Paragraph(words.text(_WHAT_TORNADO), "dim")
    by_other = {gap.other.jurisdiction.id: found.ends(gap.other.jurisdiction.id) for gap in comparison.gaps}
    everything = [ends for all_ends in by_other.values() for ends in all_ends]
    widest = max((_reach(ends) for ends in everything), default=0.0) or 1.0
    shown: dict[str, Input] = {}
    for gap in comparison.gaps:
        other = gap.other.jurisdiction.id
        stated = words.number(gap.eur_per_mwh, sign=True)
        yield Heading(words.text(Text(f"{comparison.home} less {other}: {stated} EUR/MWh as stated",
                                      f"{comparison.home} min {other}: {stated} EUR/MWh zoals opgegeven")))  # fmt: skip
        ends = by_other[other]
        rows = [_tornado_row(item, widest, words) for item in ends[:top]]
        shown.update({item.input.name: item.input for item in ends[:top]})
        if rows:
            head = (words.text(_INPUT), _axis(), words("low"), words("high"))
            yield Table(head, tuple(rows), texts=2, widest=34)
        if len(ends) > len(rows):
            rest = ends[len(rows)]
            count, most = len(ends) - len(rows), words.number(rest.width)
            yield Paragraph(
                words.text(
                    Text(
                        f"{count} more {'inputs' if count > 1 else 'input'}, none wider than {most} EUR/MWh",
                        f"nog {count} {'grootheden' if count > 1 else 'grootheid'}, niet breder dan {most} EUR/MWh",
                    )
                ),
                "dim",
            )
    yield from _ends_pages(list(shown.values()), words)
    yield Bullets((*_made(comparison, words),))


_WHAT_TORNADO = Text(
    "The gap (all-in electricity and direct CO2, EUR/MWh) with one input at a time at its low end (░) or its high end "
    "(█), all else as stated.",
    "Het verschil (elektriciteit en directe CO2 samen, EUR/MWh) met één grootheid tegelijk op het lage (░) of hoge "
    "einde (█), al het andere zoals opgegeven.",
)
_INPUT = Text("input", "grootheid")


def _reach(ends: Ends) -> float:
    return max(abs(end - ends.stated) for end in (ends.low, ends.high, ends.stated) if end is not None)


def _axis() -> str:
    return f"−{' ' * (SIDE - 1)}│{' ' * (SIDE - 1)}+"


def _tornado_row(ends: Ends, widest: float, words: Words) -> tuple[str, ...]:
    cells = ("–" if end is None else words.number(end, sign=True) for end in (ends.low, ends.high))
    return (ends.input.name, two_sided(ends, widest), *cells)


def two_sided(ends: Ends, widest: float) -> str:
    """A bar about the stated gap: ░ to where the low end takes it, █ to where the high end does."""
    low, high = (
        0 if end is None else round(SIDE * (end - ends.stated) / widest) for end in (ends.low, ends.high)
    )  # fmt: skip

    def cell(place: int) -> str:
        """Place −1 is the first to the left of the middle; of two bars on one side the shorter is in front."""
        covering = [
            (abs(end), sign) for end, sign in ((low, "░"), (high, "█")) if end * place > 0 and abs(end) >= abs(place)
        ]
        return min(covering)[1] if covering else " "

    left = "".join(cell(place) for place in range(-SIDE, 0))
    return f"{left}│{''.join(cell(place) for place in range(1, SIDE + 1))}"


def _ends_pages(inputs: Sequence[Input], words: Words) -> Iterator[Page]:
    """The inputs with their ends, by where these are from."""
    if not inputs:
        yield Paragraph(words.text(Text("No input moves a bill.", "Geen grootheid verandert een rekening.")))
        return
    yield Heading(words.text(Text("The inputs and their ends", "De grootheden en hun einden")))
    for why in dict.fromkeys(item.range for item in inputs):
        rows = tuple(
            (item.name, item.unit, *(_number(end, words) for end in (item.low, item.stated, item.high)))
            for item in inputs
            if item.range == why
        )
        yield Paragraph(f"{words.text(why)[:1].upper()}{words.text(why)[1:]}:")
        yield Table(
            (words.text(_INPUT), words.text(Text("unit", "eenheid")), words("low"), words("stated"), words("high")),
            rows,
            texts=2,
            widest=34,
        )


def _number(value: float | None, words: Words) -> str:
    if value is None:
        return "–"
    if math.isinf(value):
        return "∞"
    text = plain(value, 5)
    return text.translate(str.maketrans(",.", ".,")) if words.language == "nl" else text


def sensitivity_document(found: Sensitivity) -> dict[str, Any]:
    """Amounts in EUR and EUR/MWh, inputs in canonical units; null where a rate is missing or there is no limit."""
    comparison = found.comparison
    return {
        "schema": "levelfield/sensitivity/1",
        **_head(comparison),
        "gaps": [
            {
                "jurisdiction": gap.other.jurisdiction.id,
                "stated_eur_per_mwh": gap.eur_per_mwh,
                "inputs": [
                    {
                        "input": ends.input.name,
                        "low_eur_per_mwh": ends.low,
                        "high_eur_per_mwh": ends.high,
                        "width_eur_per_mwh": ends.width,
                    }
                    for ends in found.ends(gap.other.jurisdiction.id)
                ],
            }
            for gap in comparison.gaps
        ],
        "inputs": [
            {
                "input": swing.input.name,
                "unit": swing.input.unit,
                "low": swing.input.low,
                "stated": swing.input.stated,
                "high": None if math.isinf(swing.input.high) else swing.input.high,
                "range": swing.input.range.en,
                "totals_eur": {
                    place: {"low": swing.low[place], "high": swing.high[place]} for place in swing.low
                },
            }
            for swing in found.swings
        ],
    }  # fmt: skip


# Simulation -----------------------------------------------------------------------------------------------------------


def simulation_pages(found: Simulation, words: Words, *, full: bool = False) -> Iterator[Page]:
    """How likely home is dearer, the histogram, the quantiles, the shares; in full also how each input was drawn."""
    comparison, nl = found.comparison, words.language == "nl"
    draws = words.number(found.draws, 0)
    yield Heading(f"{heading(comparison)} · {draws} {'trekkingen' if nl else 'draws'}, seed {found.seed}", 1)
    if found.others:
        yield from _chances(found, words)
        yield from _histogram(found, words)
    yield from _quantiles(found, words)
    yield from _shares(found, words)
    if full:
        yield from _drawn(found, words)
    yield from _method(found, words, full=full)


def _chances(found: Simulation, words: Words) -> Iterator[Page]:
    home, nl = found.comparison.home, words.language == "nl"
    yield Heading(f"Hoe waarschijnlijk is {home} duurder" if nl else f"How likely {home} is dearer")
    rows = []
    for other in found.others:
        gap, chance = found.gap(other), found.dearer(other)
        numbers = (words.number(value, sign=True) for value in (gap.stated, gap.quantiles[2], gap.mean))
        cells = (_chance(chance.share, words), _error(chance.error, words), *numbers, words.number(gap.sd))
        rows.append((other, *cells))
    head = (
        ("buurland", "kans", "±", "opgegeven", "mediaan", "gemiddeld", "spreiding")
        if nl
        else ("neighbour", "chance", "±", "stated", "median", "mean", "sd")
    )
    yield Table(head, tuple(rows))
    yield Paragraph(
        f"Verschil: {home} min buurland, elektriciteit en directe CO2 samen, EUR/MWh; ±: standaardfout van de kans."
        if nl
        else f"The gap is {home} less the neighbour, all-in electricity and direct CO2, EUR/MWh; ± is the standard "
        "error of the chance.",
        "dim",
    )


def _chance(share: float, words: Words) -> str:
    """A share of the draws; one that is not all of them, or not none, does not look so."""
    if 0 < share < 0.0005 or 0.9995 <= share < 1:
        return f"{'<' if share < 0.5 else '>'} {words.percent(0.001 if share < 0.5 else 0.999)}"
    return words.percent(share)


def _error(error: float, words: Words) -> str:
    return words.percent(error, 2 if error < 0.0005 else 1)


class Histogram(NamedTuple):
    """Edges in EUR/MWh, ascending, and for each neighbour the share of the draws below, between and above them.

    Where the gaps lie far apart, they are counted from the median of each (`centred`).
    """

    edges: tuple[float, ...]
    shares: dict[str, tuple[float, ...]]
    centred: bool

    def names(self, words: Words) -> list[str]:
        digits = 0 if all(edge == round(edge) for edge in self.edges) else 2
        shown = [words.number(edge, digits) for edge in self.edges]
        wide = max(len(text) for text in shown)
        below, above = ("onder", "boven") if words.language == "nl" else ("below", "above")
        to = "tot" if words.language == "nl" else "to"
        inner = [f"{a:>{wide}} {to} {b:>{wide}}" for a, b in itertools.pairwise(shown)]
        return [f"{below} {shown[0]}", *inner, f"{above} {shown[-1]}"]

    def title(self, words: Words) -> str:
        if self.centred:
            return words.text(Text("The gap less its median (EUR/MWh)", "Het verschil min de mediaan (EUR/MWh)"))
        return words.text(Text("The gap (EUR/MWh)", "Het verschil (EUR/MWh)"))


def histogram(found: Simulation) -> Histogram:
    """Of all gaps over the same round edges, zero among them where it lies within; few draws lie outside."""
    import numpy as np

    gaps = {other: found.gaps(other) for other in found.others}
    spans = {other: np.quantile(gap, (0.002, 0.5, 0.998)) for other, gap in gaps.items()}
    low, high = (float(pick(span[end] for span in spans.values())) for pick, end in ((min, 0), (max, 2)))
    centred = high - low > _APART * max(float(span[2] - span[0]) for span in spans.values())
    if centred:
        gaps = {other: gap - spans[other][1] for other, gap in gaps.items()}
        low = min(float(span[0] - span[1]) for span in spans.values())
        high = max(float(span[2] - span[1]) for span in spans.values())
    step = _round_step((high - low) / (_ROWS - 3))
    first, last = math.floor(low / step), max(math.ceil(high / step), math.floor(low / step) + 1)
    edges = [number * step for number in range(first, last + 1)]
    shares = {}
    for other, gap in gaps.items():
        counts = np.bincount(np.searchsorted(edges, gap, side="right"), minlength=len(edges) + 1)
        shares[other] = tuple(float(count) / len(gap) for count in counts)
    return Histogram(tuple(edges), shares, centred)


def _round_step(least: float) -> float:
    """The next of 1, 2, 5, 10, … and their tenths that is at least this."""
    if least <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(least))
    return next(times * power for times in (1.0, 2.0, 5.0, 10.0) if times * power >= least * (1 - 1e-9))


def _histogram(found: Simulation, words: Words) -> Iterator[Page]:
    drawn = histogram(found)
    names, others = drawn.names(words), list(drawn.shares)
    longest = max(share for parts in drawn.shares.values() for share in parts) or 1.0
    room = max(0, min(14, (_WIDTH - max(map(len, names))) // len(others) - 2 - len(" 100.0 %")))
    rows = []
    for number, name in enumerate(names):
        cells = []
        dearer = drawn.centred or (number > 0 and drawn.edges[number - 1] >= 0)
        for other in others:
            share = drawn.shares[other][number]
            bar = ("█" if dearer else "░") * max(round(room * share / longest), 1 if share > 0.0005 and room else 0)
            cells.append(f"{bar} {words.percent(share)}".strip() if share > 0 else "")
        rows.append((name, *(cell for cell in cells)))
    while rows and not any(rows[0][1:]):
        rows.pop(0)
    while rows and not any(rows[-1][1:]):
        rows.pop()
    home = found.comparison.home
    yield Heading(f"{drawn.title(words)}: {words.text(Text('share of the draws', 'aandeel van de trekkingen'))}")
    yield Table(("", *others), tuple(rows))
    if not drawn.centred:
        yield Paragraph(
            words.text(Text(f"█ {home} is dearer, ░ {home} is cheaper", f"█ {home} is duurder, ░ {home} is goedkoper")),
            "dim",
        )


def _quantiles(found: Simulation, words: Words) -> Iterator[Page]:
    home = found.comparison.home
    yield Heading(words.text(Text("Quantiles (EUR/MWh)", "Kwantielen (EUR/MWh)")))
    rows = [_quantile_row(place, found.bill(place), words, sign=False) for place in found.totals]
    rows += [_quantile_row(f"{home} − {other}", found.gap(other), words, sign=True) for other in found.others]
    yield Table(("", words("stated"), "5 %", "25 %", "50 %", "75 %", "95 %"), tuple(rows))


def _quantile_row(name: str, spread: Spread, words: Words, *, sign: bool) -> tuple[str, ...]:
    values = (spread.stated, *spread.quantiles)
    digits = 2 if max(map(abs, values)) < 1000 else 1
    return (name, *(words.number(value, digits, sign=sign) for value in values))


def _shares(found: Simulation, words: Words) -> Iterator[Page]:
    nl = words.language == "nl"
    groups = dict.fromkeys(item.group for item in found.inputs)
    most = {group: max((parts.get(group, 0.0) for parts in found.shares.values()), default=0.0) for group in groups}
    shown = sorted((group for group in groups if most[group] >= _LEAST_SHARE), key=lambda group: -most[group])
    if not shown:
        return
    yield Heading(
        "Waar de onzekerheid van elk verschil vandaan komt" if nl else "Where the uncertainty of each gap comes from"
    )
    rows = [(group, *(words.percent(found.shares[other].get(group, 0.0)) for other in found.others)) for group in shown]
    small = [sum(share for group, share in found.shares[other].items() if group not in shown) for other in found.others]
    rest = [max(0.0, 1 - sum(found.shares[other].values())) for other in found.others]
    rows.append(("kleinere" if nl else "smaller ones", *(words.percent(share) for share in small)))
    rows.append(("in samenhang" if nl else "in combination", *(words.percent(share) for share in rest)))
    yield Table((words.text(_INPUT), *found.others), tuple(rows))
    yield Paragraph(words.text(SHARES), "dim")
    joined = [
        f"{group}: {', '.join(item.name for item in found.inputs if item.group == group)}"
        for group in shown
        if sum(item.group == group for item in found.inputs) > 1
    ]
    if joined:
        yield Bullets(tuple(joined))


def _drawn(found: Simulation, words: Words) -> Iterator[Page]:
    nl = words.language == "nl"
    yield Heading("Hoe elke grootheid is getrokken" if nl else "How each input was drawn")
    yield drawn_table(found, words)
    if found.blocks:
        yield Heading("Samenhang" if nl else "Correlations")
        yield correlations_table(found, words)


def drawn_table(found: Simulation, words: Words) -> Table:
    nl = words.language == "nl"
    rows = tuple(
        (
            item.name,
            item.group if item.group != item.name else "",
            shape(item.distribution, words),
            item.distribution.reason,
            item.unit,
            *(
                _number(value, words)
                for value in (item.stated, item.quantiles[0], item.quantiles[2], item.quantiles[4])
            ),
        )
        for item in found.inputs
    )
    head = (
        (words.text(_INPUT), "beweegt met", "verdeling", "reden", "eenheid")
        if nl
        else (words.text(_INPUT), "moves with", "distribution", "reason", "unit")
    )
    return Table((*head, words("stated"), "5 %", "50 %", "95 %"), rows, texts=5)


def correlations_table(found: Simulation, words: Words) -> Table:
    rows = []
    for block in found.blocks:
        names = [item.name for item in found.inputs if item.group in block]
        for number, a in enumerate(names):
            for b in names[number + 1 :]:
                value = found.distributions.correlation(a, b)
                why = next(
                    (c.reason for c in found.distributions.correlations if found.distributions.fits(c, a, b)), ""
                )
                if value:
                    rows.append((a, b, why, words.number(value)))
    nl = words.language == "nl"
    head = ("van", "met", "reden", "correlatie") if nl else ("of", "with", "reason", "correlation")
    return Table(head, tuple(rows), texts=3)


def shape(said: Distribution, words: Words) -> str:
    """A distribution in a few words: 'lognormal, sd 0.25'."""
    nl = words.language == "nl"
    dutch = {"lognormal": "lognormaal", "normal": "normaal", "triangular": "driehoek", "uniform": "gelijkmatig"}
    parts = [dutch[said.kind] if nl else said.kind]
    if said.is_normal:
        parts.append(f"sd {said.sd:g}")
        if said.from_range:
            parts.append("of het bereik van de tabellen" if nl else "or the range of the tables")
    elif said.times:
        parts.append(f"{said.times[0]:g} {'tot' if nl else 'to'} {said.times[1]:g} {'maal' if nl else 'times'}")
    elif said.low:
        parts.append(f"{said.low} {'tot' if nl else 'to'} {said.high}")
    return ", ".join(parts)


def _method(found: Simulation, words: Words, *, full: bool) -> Iterator[Page]:
    nl = words.language == "nl"
    varied = len(found.inputs)
    where = found.distributions.place if full else ""
    items = [
        f"{varied} grootheden zijn samen getrokken; verdelingen, samenhang en redenen: --md, --json of -o"
        if nl
        else f"{varied} inputs were drawn together; distributions, correlations and reasons: --md, --json or -o",
        words.text(FIXED),
        *([f"{'vastgehouden' if nl else 'held fixed'}: {', '.join(found.fixed)}"] if found.fixed else []),
        *(
            words.text(Text(f"no bill for {fault}", f"geen rekening voor {fault}"))
            for faults in found.refusals.values()
            for fault in faults
        ),
        *([f"{'verdelingen' if nl else 'distributions'}: {where}"] if where else []),
        *_made(found.comparison, words),
    ]
    yield Heading(words("Notes"))
    yield Bullets(tuple(items[1:] if full else items))


def simulation_document(found: Simulation) -> dict[str, Any]:
    """Amounts in EUR/MWh, inputs in canonical units, shares and chances from 0 to 1."""
    import numpy

    from levelfield.uncertain.distributions import BIT_GENERATOR

    drawn = histogram(found) if found.others else None
    said = found.distributions
    return {
        "schema": "levelfield/simulation/1",
        **_head(found.comparison),
        "refusals": {**_head(found.comparison)["refusals"], **{p: list(f) for p, f in found.refusals.items()}},
        "draws": found.draws,
        "seed": found.seed,
        "bit_generator": BIT_GENERATOR,
        "numpy": numpy.__version__,
        "fixed": list(found.fixed),
        "bills": [{"jurisdiction": place, **_spread(found.bill(place))} for place in found.totals],
        "gaps": [
            {
                "jurisdiction": other,
                "probability_home_dearer": found.dearer(other).share,
                "standard_error": found.dearer(other).error,
                **_spread(found.gap(other)),
                "variance_shares": dict(found.shares[other]),
                "histogram": {"edges": list(drawn.edges), "shares": list(drawn.shares[other])} if drawn else None,
            }
            for other in found.others
        ],
        "inputs": [
            {
                "input": item.name,
                "moves_with": item.group,
                "distribution": item.distribution.kind,
                "parameters": _parameters(item.distribution),
                "reason": item.distribution.reason,
                "unit": item.unit,
                "stated": item.stated,
                "quantiles": _quantile_keys(item.quantiles),
            }
            for item in found.inputs
        ],
        "correlations": [
            {"of": [a, b], "value": said.correlation(a, b)}
            for a, b, *_ in correlations_table(found, Words()).rows
        ],
    }  # fmt: skip


def _parameters(said: Distribution) -> dict[str, Any]:
    found: dict[str, Any] = {"sd": said.sd, "from_range": said.from_range} if said.is_normal else {}
    if said.times:
        found["times"] = list(said.times)
    if said.low:
        found.update(low=said.low, high=said.high)
    return found


def _spread(spread: Spread) -> dict[str, Any]:
    return {
        "stated_eur_per_mwh": spread.stated,
        "mean_eur_per_mwh": spread.mean,
        "sd_eur_per_mwh": spread.sd,
        "quantiles_eur_per_mwh": _quantile_keys(spread.quantiles),
    }


def _quantile_keys(values: Sequence[float]) -> dict[str, float]:
    from levelfield.uncertain.simulation import QUANTILES

    return {f"{quantile:g}": value for quantile, value in zip(QUANTILES, values, strict=True)}


# Both -----------------------------------------------------------------------------------------------------------------


def _head(comparison: Comparison) -> dict[str, Any]:
    tables = comparison.tables
    return {
        "version": __version__,
        "tables": {"hash": tables.hash, "as_known_on": (tables.as_known_on or today()).isoformat()},
        "plant": comparison.plant.name,
        "start": comparison.start.isoformat(),
        "end": comparison.end.isoformat(),
        "home": comparison.home,
        "offtake_mwh": comparison.bills[0].offtake,
        "refusals": {place: list(faults) for place, faults in comparison.refusals.items()},
    }


def _made(comparison: Comparison, words: Words) -> Iterator[str]:
    for faults in comparison.refusals.values():
        for fault in faults:
            yield words.text(Text(f"no bill for {fault}", f"geen rekening voor {fault}"))
    switches = comparison.switches
    stated = (
        f"{words('switches')}: {words('reliefs')} {switches.reliefs}, {words('procurement')} {switches.procurement}"
    )
    stated += "" if switches.compensation else f", {words('no compensation')}"
    yield stated + "".join(f", {rate} = {value:g}" for rate, value in switches.settings.items())
    known = (comparison.tables.as_known_on or today()).isoformat()
    yield f"levelfield {__version__} · {words('tables')} {comparison.tables.hash[:12]}, {words('as known on')} {known}"
