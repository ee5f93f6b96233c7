"""The periodic report and the registers in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from levelfield.lang import Words
from levelfield.report.pages import Bullets, Heading, Page, Paragraph, Table
from levelfield.tables.due import Due
from levelfield.tables.registers import Addition, Project, Registers
from levelfield.toets.monitor import Monitor
from levelfield.toets.proposal import Proposal

_COUNTRIES = {"nl": "NL", "de": "DE", "be": "BE", "fr": "FR", "eu": "EU"}


def pages(
    found: Monitor,
    home: str,
    places: Sequence[str],
    due: Sequence[Due],
    pending: Sequence[Proposal],
    registers: Registers,
    title: str,
    words: Words,
    most: int = 12,
) -> Iterator[Page]:
    nl = words.language == "nl"
    yield Heading(title, 1)
    yield Heading("Het verschil (EUR/MWh, het hele panel)" if nl else "The gap (EUR/MWh, the panel as a whole)")
    others = [place for place in places if place != home]
    rows = []
    for moment in found.moments:
        cells = []
        for place in others:
            mean, (dearer, all_) = moment.mean(place), moment.dearer(place)
            cells.append("–" if mean is None else f"{words.number(mean, sign=True)} ({dearer}/{all_})")
        rows.append((words.text(moment.label), *cells))
    yield Table(("", *others), tuple(rows))
    yield Paragraph(
        f"Tussen haakjes: voor hoeveel bedrijven {home} het duurdere land is."
        if nl
        else f"In brackets: for how many plants {home} is the dearer country.",
        "dim",
    )
    yield Heading(
        "Wat het bewoog sinds een jaar (panel, MEUR)" if nl else "What moved it since a year ago (panel, MEUR)"
    )
    moved = [
        (item.place, words.text(item.text), str(item.plants), words.number(item.eur / 1e6, sign=True))
        for item in found.movers[:most]
    ]
    head = (("plaats", "wet of prijs", "bedrijven") if nl else ("place", "law or price", "plants"), "MEUR")
    yield Table((*head[0], head[1]), tuple(moved), texts=3, widest=44)
    if len(found.movers) > most:
        rest = words("{count} smaller ones", count=len(found.movers) - most)
        yield Paragraph(rest, "dim")
    yield Heading("Wat vernieuwd moet worden" if nl else "What is due")
    yield from _due(due, nl=nl)
    yield Heading("Wat er ligt" if nl else "What is pending")
    items = [f"{p.status}: {words.text(p.title)} ({p.proposer})" for p in pending]
    yield Bullets(tuple(items)) if items else Paragraph("Niets." if nl else "Nothing.")
    yield Heading("Gereedheid: infrastructuur en vergunningen" if nl else "Readiness: infrastructure and permits")
    yield from readiness(registers, words)
    if found.refusals:
        yield Heading("Geen rekening" if nl else "No bill")
        shown = found.refusals[:6]
        left = len(found.refusals) - len(shown)
        more = [f"… {left} {'meer' if nl else 'more'}"] if left else []
        yield Bullets((*shown, *more))


def _due(due: Sequence[Due], *, nl: bool) -> Iterator[Page]:
    counts: dict[str, dict[str, int]] = {}
    for item in due:
        counts.setdefault(item.country, {}).setdefault(item.why, 0)
        counts[item.country][item.why] += 1
    if not counts:
        yield Paragraph("Niets." if nl else "Nothing.")
        return
    names = {"ended": "afgelopen", "open": "te vernieuwen", "old": "lang niet nagezien"} if nl else {}
    why = sorted({reason for found in counts.values() for reason in found})
    rows = tuple(
        (_COUNTRIES.get(country, country), *(str(found.get(reason, 0)) for reason in why))
        for country, found in counts.items()
    )
    yield Table(("", *(names.get(reason, reason) for reason in why)), rows)
    told = "'levelfield tariffs due' noemt ze" if nl else "'levelfield tariffs due' names them"
    yield Paragraph(told, "dim")


def readiness(registers: Registers, words: Words) -> Iterator[Page]:
    """The Dutch projects with the neighbours' counterparts under them: planned, current, slip in months."""
    nl = words.language == "nl"
    rows: list[tuple[str, ...]] = []
    counterparts: dict[str, list[Project]] = {}
    for project in registers.projects:
        counterparts.setdefault(project.counterpart_of, []).append(project)
    for project in counterparts.get("", []):
        rows.append(_project(project, "", words))
        rows += [_project(other, "  ↔ ", words) for other in counterparts.get(project.key, [])]
    head = (
        ("project", "land", "staat", "eerst", "nu", "maanden")
        if nl
        else ("project", "", "status", "planned", "now", "months")
    )
    yield Table(head, tuple(rows), texts=3, widest=36)


_STATES = {
    "planned": "gepland",
    "permitting": "vergunning",
    "decided": "besloten",
    "under construction": "in aanbouw",
    "in operation": "in bedrijf",
    "paused": "stilgelegd",
    "cancelled": "geschrapt",
}


def _project(project: Project, lead: str, words: Words) -> tuple[str, ...]:
    slip = project.slip
    state = _STATES.get(project.status, project.status) if words.language == "nl" else project.status
    shown = "–" if slip is None else f"{slip:+d}".replace("-", "−") if slip else "0"
    return (f"{lead}{project.project}", project.country, state, project.planned or "–", project.current or "–", shown)


def additions_pages(
    rows: Sequence[tuple[Addition, float | None]], panel: str, year: int, words: Words
) -> Iterator[Page]:
    nl = words.language == "nl"
    title = "Nationale koppen op EU-regels" if nl else "National additions to EU rules"
    yield Heading(f"{title} · {panel} · {year}", 1)
    table = []
    for item, eur in rows:
        cost = ("niet geprijsd" if nl else "not priced") if eur is None else words.number(eur / 1e6, 1)
        other = item.counterpart_country or "–"
        table.append((item.country, item.addition, item.status, other, cost))
    head = ("", "kop", "staat", "naast", "MEUR/a") if nl else ("", "addition", "status", "beside", "MEUR/a")
    yield Table(head, tuple(table), texts=4, widest=46)
    yield Paragraph(
        "MEUR/a: wat de heffing het panel kost. --md en --json noemen wet, tegenhanger en bron."
        if nl
        else "MEUR/a: what the charge costs the panel. --md and --json name the law, the counterpart and the source.",
        "dim",
    )


def additions_in_full(
    rows: Sequence[tuple[Addition, float | None]], sources: Mapping[str, str], panel: str, year: int, words: Words
) -> Iterator[Page]:
    yield from additions_pages(rows, panel, year, words)
    for item, _ in rows:
        yield Heading(f"{item.country}: {item.addition}", 3)
        facts = [f"EU: {item.eu_rule}", f"{item.law} ({item.locator})", f"{sources.get(item.source, item.source)}"]
        facts += [f"{item.counterpart_country}: {item.counterpart}"] if item.counterpart else []
        facts += [sources.get(item.counterpart_source, "")] if item.counterpart_source else []
        facts += [f"{words(item.evidence)}; {item.note}" if item.note else words(item.evidence)]
        yield Bullets(tuple(fact for fact in facts if fact.strip()))


def additions_document(
    rows: Sequence[tuple[Addition, float | None]], sources: Mapping[str, str], panel: str, year: int
) -> dict[str, Any]:
    return {
        "schema": "levelfield/additions/1",
        "panel": panel,
        "year": year,
        "additions": [
            {**item._asdict(), "source_text": sources.get(item.source, ""), "panel_eur": eur} for item, eur in rows
        ],
    }


def monitor_document(
    found: Monitor, due: Sequence[Due], pending: Sequence[Proposal], registers: Registers
) -> dict[str, Any]:
    return {
        "schema": "levelfield/monitor/1",
        "moments": [
            {
                "label": moment.label.en,
                "year": moment.year,
                "gaps": [
                    {"plant": plant, "jurisdiction": place, "eur": eur, "eur_per_mwh": eur / mwh}
                    for (plant, place), (eur, mwh) in moment.gaps.items()
                ],
            }
            for moment in found.moments
        ],
        "moved": [{**item._asdict(), "text": item.text.en} for item in found.movers],
        "due": [item._asdict() for item in due],
        "pending": [{"name": p.name, "title": p.title.en, "status": p.status} for p in pending],
        "readiness": [{**project._asdict(), "slip_months": project.slip} for project in registers.projects],
        "refusals": list(found.refusals),
    }
