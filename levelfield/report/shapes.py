"""What moving load saves, as lines for a terminal, as plain data and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from levelfield import __version__
from levelfield.charges import CATEGORIES
from levelfield.lang import Words
from levelfield.period import today
from levelfield.report.rows import Row
from levelfield.report.terminal import Line, table, wrapped
from levelfield.shape import Measure, Shapes

SCHEMA = "levelfield/shape/1"
_SHIFTS = ("base load", "cheap hours")
_DUTCH = {
    "Change of the bill (EUR/MWh; minus saves)": "Verandering van de rekening (EUR/MWh; min bespaart)",
    "The same 10 % by category (EUR/MWh)": "Dezelfde 10 % per categorie (EUR/MWh)",
    "Which tariff rewards what": "Welk tarief wat beloont",
    "peak {peak} MW, {hours} full-load hours": "piek {peak} MW, {hours} vollasturen",
    "{place} rewards base load ({base} EUR/MWh), and flexibility costs ({cheap})": (
        "{place} beloont basislast ({base} EUR/MWh), flexibiliteit kost geld ({cheap})"
    ),
    "{place} rewards flexibility ({cheap} EUR/MWh), and base load costs ({base})": (
        "{place} beloont flexibiliteit ({cheap} EUR/MWh), basislast kost geld ({base})"
    ),
    "{place} rewards flexibility ({cheap} EUR/MWh) more than base load ({base})": (
        "{place} beloont flexibiliteit ({cheap} EUR/MWh) meer dan basislast ({base})"
    ),
    "{place} rewards base load ({base} EUR/MWh) more than flexibility ({cheap})": (
        "{place} beloont basislast ({base} EUR/MWh) meer dan flexibiliteit ({cheap})"
    ),
    "{place} rewards neither: base load {base}, flexibility {cheap} EUR/MWh": (
        "{place} beloont geen van beide: basislast {base}, flexibiliteit {cheap} EUR/MWh"
    ),
    "{place} rewards flexibility ({cheap} EUR/MWh)": "{place} beloont flexibiliteit ({cheap} EUR/MWh)",
    "in {place} flexibility costs {cheap} EUR/MWh": "in {place} kost flexibiliteit {cheap} EUR/MWh",
    "10 % of the energy from the dearest hours, each cut by half, to the cheapest; the peak may rise": (
        "10 % van de energie van de duurste uren, elk gehalveerd, naar de goedkoopste; de piek kan stijgen"
    ),
    "The other load stays as it is; what moving costs in the plant is not counted": (
        "De overige last blijft gelijk; wat verschuiven in de fabriek kost telt niet mee"
    ),
}


def words_of(language: str) -> Words:
    return Words(language, _DUTCH)


def _change(shapes: Shapes, measure: Measure, place: str, words: Words, category: str = "") -> str:
    effect = shapes.effects.get((measure.id, place))
    if effect is None:
        return "–"
    amount = effect.by_category[category] if category else effect.total
    return words.number(amount / shapes.base.energy, sign=True)


def _rows(shapes: Shapes, words: Words) -> list[Row]:
    return [
        (words.text(measure.name), [_change(shapes, measure, place, words) for place in shapes.places], False)
        for measure in shapes.measures
    ]


def _shift_rows(shapes: Shapes, words: Words) -> list[tuple[str, list[Row]]]:
    found = []
    for measure in shapes.measures:
        if measure.id not in _SHIFTS:
            continue
        rows: list[Row] = []
        for category in CATEGORIES:
            cells = [_change(shapes, measure, place, words, category) for place in shapes.places]
            effects = [shapes.effects.get((measure.id, place)) for place in shapes.places]
            if any(effect and abs(effect.by_category[category]) > 0.005 * shapes.base.energy for effect in effects):
                rows.append((words(category), cells, False))
        rows.append((words("total"), [_change(shapes, measure, place, words) for place in shapes.places], True))
        found.append((words.text(measure.name), rows))
    return found


def _verdicts(shapes: Shapes, words: Words) -> list[str]:
    said = []
    for place in shapes.places:
        base, cheap = (shapes.effects.get((shift, place)) for shift in _SHIFTS)
        values = {
            name: words.number(effect.total / shapes.base.energy, sign=True)
            for name, effect in (("base", base), ("cheap", cheap))
            if effect
        }
        if cheap is None:
            continue
        if base is None:
            text = (
                "{place} rewards flexibility ({cheap} EUR/MWh)"
                if cheap.total < 0
                else "in {place} flexibility costs {cheap} EUR/MWh"
            )
        elif base.total < 0 <= cheap.total:
            text = "{place} rewards base load ({base} EUR/MWh), and flexibility costs ({cheap})"
        elif cheap.total < 0 <= base.total:
            text = "{place} rewards flexibility ({cheap} EUR/MWh), and base load costs ({base})"
        elif base.total >= 0:
            text = "{place} rewards neither: base load {base}, flexibility {cheap} EUR/MWh"
        elif cheap.total < base.total:
            text = "{place} rewards flexibility ({cheap} EUR/MWh) more than base load ({base})"
        else:
            text = "{place} rewards base load ({base} EUR/MWh) more than flexibility ({cheap})"
        said.append(words(text, place=place, **values))
    return said


def _heading(shapes: Shapes, words: Words) -> list[str]:
    peak, hours = shapes.base.peak / 1000, shapes.base.energy * 1000 / shapes.base.peak
    size = words("peak {peak} MW, {hours} full-load hours", peak=words.number(peak, 1), hours=words.number(hours, 0))
    energy = words.number(shapes.base.energy / 1000, 1)
    return [f"{shapes.plant.name} · {shapes.year} · {energy} GWh", size]


def _notes(shapes: Shapes, words: Words) -> list[str]:
    said = [
        words("10 % of the energy from the dearest hours, each cut by half, to the cheapest; the peak may rise"),
        words("The other load stays as it is; what moving costs in the plant is not counted"),
        *(words.text(note) for note in shapes.notes),
    ]
    said += [f"{words('No bill')}: {fault}" for faults in shapes.refusals.values() for fault in faults]
    known = (shapes.tables.as_known_on or today()).isoformat()
    return [*said, f"{words('tables')} {shapes.tables.hash[:12]}, {words('as known on')} {known}"]


def shape_lines(shapes: Shapes, words: Words, width: int) -> Iterator[Line]:
    places = list(shapes.places)
    yield from ((text, "bold") for text in _heading(shapes, words))
    yield "", ""
    yield words("Change of the bill (EUR/MWh; minus saves)"), "bold"
    yield from table("", places, _rows(shapes, words))
    yield "", ""
    yield words("The same 10 % by category (EUR/MWh)"), "bold"
    for title, rows in _shift_rows(shapes, words):
        yield from table(title, places, rows)
    yield "", ""
    yield words("Which tariff rewards what"), "bold"
    for text in _verdicts(shapes, words):
        yield from wrapped(text, "  ", width)
    yield "", ""
    yield words("Notes"), "bold"
    for text in _notes(shapes, words):
        yield from wrapped(text, "  • ", width)


def shape_markdown(shapes: Shapes, words: Words) -> str:
    head = [f"| EUR/MWh | {' | '.join(shapes.places)} |", f"| --- |{' ---: |' * len(shapes.places)}"]
    out = [
        f"## {' · '.join(_heading(shapes, words))}",
        "",
        words("Change of the bill (EUR/MWh; minus saves)"),
        "",
        *head,
    ]
    out += [f"| {name} | {' | '.join(cells)} |" for name, cells, _ in _rows(shapes, words)]
    for title, rows in _shift_rows(shapes, words):
        out += ["", f"### {title}", "", *head]
        out += [f"| {name} | {' | '.join(cells)} |" for name, cells, _ in rows]
    out += ["", *(f"- {text}" for text in (*_verdicts(shapes, words), *_notes(shapes, words)))]
    return "\n".join(out) + "\n"


def shape_document(shapes: Shapes) -> dict[str, Any]:
    base = shapes.base
    return {
        "schema": SCHEMA,
        "version": __version__,
        "tables": {"hash": shapes.tables.hash, "as_known_on": (shapes.tables.as_known_on or today()).isoformat()},
        "plant": {"name": shapes.plant.name},
        "year": shapes.year,
        "base": _curve(base.energy, base.peak),
        "measures": [
            {
                "id": measure.id,
                "name": dict(zip(("en", "nl"), measure.name, strict=True)),
                **_curve(measure.curve.energy, measure.curve.peak),
                "moved_mwh": _moved(shapes, measure),
                "effects": [
                    {
                        "jurisdiction": place,
                        "eur": effect.total,
                        "eur_per_mwh": effect.total / base.energy,
                        "categories_eur": dict(effect.by_category),
                    }
                    for place in shapes.places
                    if (effect := shapes.effects.get((measure.id, place)))
                ],
            }
            for measure in shapes.measures
        ],
        "notes": [str(note) for note in shapes.notes],
        "refusals": [{"jurisdiction": place, "missing": list(faults)} for place, faults in shapes.refusals.items()],
    }


def _curve(energy: float, peak: float) -> dict[str, float]:
    return {"offtake_mwh": energy, "yearly_peak_kw": peak, "full_load_hours": energy * 1000 / peak}


def _moved(shapes: Shapes, measure: Measure) -> float:
    """The energy that stands in other steps than before, MWh."""
    pairs = zip(shapes.base.booked, measure.curve.booked, strict=True)
    return sum(max(after - before, 0.0) for before, after in pairs) / shapes.base.per_hour / 1000
