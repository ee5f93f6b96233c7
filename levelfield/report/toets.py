"""The buurlandentoets as a report: short for the terminal, along the five questions of the Beleidskompas in full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from levelfield import __version__
from levelfield.comparison import Gap
from levelfield.lang import Text, Words
from levelfield.period import today
from levelfield.report.pages import Bullets, Heading, Page, Paragraph, Table
from levelfield.tables import GRADES, STATED, Row, Tables
from levelfield.toets.effect import EVEN, OF_THE_STATE, Effect, Pair, Toets, Verdict, changed_places, verdict
from levelfield.toets.proposal import Change, Proposal
from levelfield.toets.state_aid import Warned, warnings

SCHEMA = "levelfield/toets/1"
_CANNOT = (
    Text(
        "Nobody changes behaviour: output, consumption, investment and the choice of site stay as they are.",
        "Niemand past zijn gedrag aan: productie, verbruik, investeringen en vestigingsplaats blijven gelijk.",
    ),
    Text(
        "Wholesale prices and the price of allowances are held fixed, on both sides of the border.",
        "Groothandelsprijzen en de prijs van rechten blijven gelijk, aan beide kanten van de grens.",
    ),
    Text(
        "A plant's own contracts, and its agreements with the grid operator, are known only if its file states them.",
        "Eigen contracten en afspraken met de netbeheerder zijn alleen bekend als het bestand ze noemt.",
    ),
    Text(
        "The plants are reference plants: what holds for them need not hold for a given plant.",
        "De bedrijven zijn referentiebedrijven: wat voor hen geldt, hoeft niet voor een bepaald bedrijf te gelden.",
    ),
)


class Judged:
    """A toets with its verdict and limits, as the reports tell them."""

    def __init__(self, toets: Toets, words: Words, max_increase: float, fail_on: str) -> None:
        self.toets, self.words = toets, words
        self.max_increase, self.fail_on = max_increase, fail_on
        self.verdict: Verdict | None = verdict(toets, max_increase, fail_on)
        self.warned: list[Warned] = warnings(toets)

    def t(self, en: str, nl: str) -> str:
        return self.words.text(Text(en, nl))

    @property
    def title(self) -> str:
        return " + ".join(self.words.text(proposal.title) for proposal in self.toets.proposals)

    @property
    def years(self) -> str:
        return ", ".join(map(str, self.toets.years))

    def sentence(self) -> str:
        """The verdict in one line, with what it rests on."""
        found, t, words = self.verdict, self.t, self.words
        if found is None:
            return t("No verdict: no plant has a bill at home and next door.", "Geen oordeel: geen vergelijking.")
        worst = self._pair(found.worst, found.worst.change_per_mwh)
        limit = words.number(self.max_increase)
        if found.passes:
            text = t(
                f"PASSES: no gap grows by more than {limit} EUR/MWh; {found.better} shrink, {found.even} stay",
                f"VOLDOET: geen verschil groeit meer dan {limit} EUR/MWh; {found.better} krimpen, {found.even} niet",
            )
        elif found.worst.change_per_mwh > self.max_increase + EVEN:
            text = t(
                f"FAILS: {found.worse} of {len(self.toets.pairs)} gaps grow, the most {worst}",
                f"VOLDOET NIET: {found.worse} van de {len(self.toets.pairs)} verschillen groeien, het meest {worst}",
            )
        else:
            text = t("FAILS: no gap shrinks", "VOLDOET NIET: geen enkel verschil krimpt")
        return f"{text}{self._reservations()}."

    def _reservations(self) -> str:
        """What the verdict does not rest on: it stands in the verdict's own line."""
        t, parts = self.t, []
        if self.toets.refusals:
            refused = sum(len(effect.refused) for effect in self.toets.effects)
            parts.append(t(f"{refused} bills could not be made", f"{refused} rekeningen waren niet te maken"))
        if self.toets.bridged:
            count = self.toets.bridged
            parts.append(t(f"{count} bills bridge holes in the tables", f"{count} rekeningen overbruggen gaten"))
        return f" ({t('with reserve', 'onder voorbehoud')}: {'; '.join(parts)})" if parts else ""

    def _pair(self, pair: Pair, value: float) -> str:
        return f"{pair.member.plant.name} – {pair.other}: {self.words.number(value, sign=True)} EUR/MWh"


# In short -------------------------------------------------------------------------------------------------------------


def short(judged: Judged) -> Iterator[Page]:
    """For the terminal: the verdict, the zero option, the proposal, who gains, the budget, warnings."""
    toets, t = judged.toets, judged.t
    yield Heading(f"Buurlandentoets · {judged.title} · {judged.years}", 1)
    yield Paragraph(judged.sentence(), "bold")
    for year in toets.years:
        pairs = [pair for pair in toets.pairs if pair.year == year]
        yield Heading(t(f"Zero option, {year}: the gap (EUR/MWh)", f"Nuloptie, {year}: het verschil (EUR/MWh)"))
        yield _grid(judged, pairs, [pair.before for pair in pairs])
        yield Heading(t(f"With the proposal, {year} (EUR/MWh)", f"Met het voorstel, {year} (EUR/MWh)"))
        yield _grid(judged, pairs, [pair.after for pair in pairs])
    yield Heading(t("What changes at home", "Wat er thuis verandert"))
    yield _home(judged)
    yield from _crossing(judged)
    yield Heading(t("The treasury", "De schatkist"))
    yield from _budget(judged)
    yield from _warnings(judged)
    yield Paragraph(_evidence(judged), "dim")


def _grid(judged: Judged, pairs: Sequence[Pair], gaps: Sequence[Gap]) -> Table:
    """Plants against neighbours; positive where home is dearer."""
    places = [place for place in judged.toets.tables.jurisdictions if any(pair.other == place for pair in pairs)]
    rows: dict[str, dict[str, str]] = {}
    for pair, gap in zip(pairs, gaps, strict=True):
        rows.setdefault(pair.member.plant.name, {})[pair.other] = judged.words.number(gap.eur_per_mwh, sign=True)
    body = tuple((name, *(found.get(place, "–") for place in places)) for name, found in rows.items())
    return Table((judged.words("plant"), *places), body, widest=38)


def _home(judged: Judged) -> Table:
    """What each plant pays more or less at home: EUR/MWh, MEUR, per tonne of product, of its gross value added."""
    words, t, home = judged.words, judged.t, judged.toets.home
    rows = []
    for effect in judged.toets.effects:
        if home not in effect.before:
            continue
        plant, change = effect.member.plant, effect.after[home].total - effect.before[home].total
        made = tonnes(effect)
        gva = plant.gross_value_added
        rows.append(
            (
                f"{plant.name}{f' {effect.year}' if len(judged.toets.years) > 1 else ''}",
                words.number(change / plant.offtake, sign=True),
                words.number(change / 1e6, sign=True),
                words.number(change / made, sign=True) if made else "–",
                words.percent(change / gva, 2) if gva != float("inf") else "–",
            )
        )
    head = (words("plant"), "EUR/MWh", "MEUR/a", "EUR/t", t("of value added", "van toegev. waarde"))
    return Table(head, tuple(rows), widest=38)


def tonnes(effect: Effect) -> float:
    """The output of a plant's product, t; 0 where it names none or several, or measures it otherwise."""
    products = list(effect.member.plant.products.items())
    if len(products) != 1:
        return 0.0
    name, fields = products[0]
    unit = effect.before[next(iter(effect.before))].runs[0].year.tables.unit(f"eu.ets.benchmark.{name}")
    return fields.get("output", 0.0) if unit.endswith("/t") else 0.0


def _crossing(judged: Judged) -> Iterator[Page]:
    found, t = judged.verdict, judged.t
    if found is None:
        return
    home = judged.toets.home
    losers = sorted({pair.member.plant.name for pair in judged.toets.pairs if pair.change_per_mwh > 0.005})
    gainers = sorted({pair.member.plant.name for pair in judged.toets.pairs if pair.change_per_mwh < -0.005})
    items = [
        t(f"{len(gainers)} plants gain on a neighbour", f"{len(gainers)} bedrijven winnen op een buurland"),
        t(f"{len(losers)} plants lose", f"{len(losers)} bedrijven verliezen")
        + (f": {', '.join(losers)}" if losers else ""),
        t(
            f"{found.out} of {len(judged.toets.pairs)} comparisons turn in favour of {home}, {found.into} against it",
            f"{found.out} van de {len(judged.toets.pairs)} vergelijkingen slaan om ten gunste van {home}, "
            f"{found.into} ten nadele",
        ),
    ]
    yield Bullets(tuple(items))


def _budget(judged: Judged) -> Iterator[Page]:
    toets, words, t = judged.toets, judged.words, judged.t
    rows = []
    for place in changed_places(toets):
        for year in toets.years:
            parts = [toets.paid(year, place.id, category) / 1e6 for category in OF_THE_STATE]
            network = toets.paid(year, place.id, "network") / 1e6
            own, all_ = (toets.budget(year, place.id, weighted=weighted) / 1e6 for weighted in (False, True))
            numbers = [words.number(value, 1, sign=True) for value in (sum(parts), network, own, all_)]
            rows.append((f"{place.id} {year}", *numbers))
    if not rows:
        yield Paragraph(t("No bill changes.", "Geen rekening verandert."))
        return
    head = (
        "MEUR/a",
        t("taxes, levies, aids", "belasting, heffing, steun"),
        t("network", "netkosten"),
        t("treasury", "schatkist"),
        t("all alike", "alle gelijke"),
    )
    yield Table(head, tuple(rows))
    payer = {
        "grid users": t("other grid users", "andere netgebruikers"),
        "treasury": t("the treasury", "de schatkist"),
        "both": t(
            "other grid users for one proposal and the treasury for another, so that it counts for neither here",
            "bij het ene voorstel andere netgebruikers, bij het andere de schatkist; hier telt het bij geen van beide",
        ),
    }
    yield Paragraph(
        t(
            f"What plants pay less for the grid is borne by {payer[toets.network_paid_by]}. 'All alike' counts each "
            "plant as often as the panel says there are such plants, of the same size; not the whole economy.",
            f"Wat bedrijven minder betalen voor het net, dragen {payer[toets.network_paid_by]}. 'Alle gelijke' telt "
            "elk bedrijf zo vaak als er volgens het panel zulke zijn, even groot; niet de hele economie.",
        ),
        "dim",
    )


def _warnings(judged: Judged) -> Iterator[Page]:
    t, words = judged.t, judged.words
    items = []
    for warned in judged.warned:
        text = f"{warned.law}: {words.text(warned.text)}" if warned.law else words.text(warned.text)
        shown = ", ".join(warned.plants[:3]) + (f" +{len(warned.plants) - 3}" if len(warned.plants) > 3 else "")
        items.append(f"{text} ({shown})" if warned.plants else text)
    if items:
        yield Heading(t("State aid and bounds of EU law", "Staatssteun en grenzen van EU-recht"))
        yield Bullets(tuple(items))


def _evidence(judged: Judged) -> str:
    """On what the bills rest, before and after: the share of their amounts by grade."""
    weights: dict[str, float] = {}
    for effect in judged.toets.effects:
        for bill in (*effect.before.values(), *effect.after.values()):
            for line in bill.lines:
                weights[line.evidence] = weights.get(line.evidence, 0.0) + abs(line.amount)
    total, words = sum(weights.values()) or 1.0, judged.words
    held = [(grade, weights.get(grade, 0.0) / total) for grade in (*GRADES, STATED)]
    shares = ", ".join(f"{words(grade)} {words.number(100 * share, 0)} %" for grade, share in held if share >= 0.005)
    return judged.t(f"The bills rest on evidence: {shares}.", f"Bewijskracht van de rekeningen: {shares}.")


# In full --------------------------------------------------------------------------------------------------------------


def full(judged: Judged, command: str = "") -> Iterator[Page]:
    """The report along the five questions of the Beleidskompas, with a paragraph on what it does across the border."""
    toets, t, words = judged.toets, judged.t, judged.words
    yield Heading(f"Buurlandentoets: {judged.title}", 1)
    yield Paragraph(judged.sentence(), "bold")
    yield Paragraph(
        t(
            f"Panel: {words.text(toets.panel.title)}, {len(toets.panel.members)} plants; years: {judged.years}; "
            f"home: {toets.home}.",
            f"Panel: {words.text(toets.panel.title)}, {len(toets.panel.members)} bedrijven; jaren: {judged.years}; "
            f"thuis: {toets.home}.",
        )
    )
    yield Heading(t("1. What is the problem?", "1. Wat is het probleem?"))
    yield Paragraph(_problem(judged))
    yield _long(judged, after=False)
    yield Heading(t("2. What is the intended goal?", "2. Wat is het beoogde doel?"))
    for proposal in toets.proposals:
        status = {"idea": t("idea", "idee"), "bill": t("bill", "wetsvoorstel"), "adopted": t("adopted", "aangenomen")}
        yield Paragraph(
            f"{words.text(proposal.title)} ({t('proposed by', 'voorgesteld door')} {proposal.proposer}; "
            f"{status[proposal.status]}; {proposal.reference}). {words.text(proposal.comment)}".strip()
        )
    yield Heading(t("3. What are the options to achieve it?", "3. Wat zijn opties om het doel te realiseren?"))
    yield Paragraph(
        t(
            "The zero option: the law as the tables hold it. The proposal changes:",
            "De nuloptie: de wet zoals de tabellen die bevatten. Het voorstel verandert:",
        )
    )
    yield changes(judged)
    yield Heading(t("4. What are the consequences?", "4. Wat zijn de gevolgen van de opties?"))
    yield _long(judged, after=True)
    yield _home(judged)
    yield from _crossing(judged)
    yield Heading(t("The budget", "De begroting"), 3)
    yield from _budget(judged)
    yield from _warnings(judged)
    yield Heading(t("Effects across the border (grenseffecten)", "Grenseffecten"), 3)
    yield Paragraph(_across(judged))
    yield Heading(t("5. What is the preferred option?", "5. Wat is de voorkeursoptie?"))
    yield Paragraph(judged.sentence())
    yield Paragraph(t("What this test cannot say:", "Wat deze toets niet kan zeggen:"))
    yield Bullets(tuple(words.text(text) for text in _CANNOT))
    yield Heading(t("How it was made", "Hoe dit is gemaakt"))
    known = (toets.tables.as_known_on or today()).isoformat()
    made = [
        f"levelfield {__version__}; {words('tables')} {toets.tables.hash[:12]}, {words('as known on')} {known}",
        t(
            f"'above' is ({toets.home} − other) ÷ other, 'below' is ({toets.home} − other) ÷ {toets.home}",
            f"'boven' is ({toets.home} − ander) ÷ ander, 'onder' is ({toets.home} − ander) ÷ {toets.home}",
        ),
        _evidence(judged),
        *([f"`{command}`"] if command else []),
        *toets.refusals,
    ]
    yield Bullets(tuple(made))


def _problem(judged: Judged) -> str:
    pairs, t, home = judged.toets.pairs, judged.t, judged.toets.home
    dearer = sum(pair.before.eur > 0 for pair in pairs)
    return t(
        f"Without the proposal {home} is the dearer country in {dearer} of {len(pairs)} comparisons of a plant with a "
        "neighbour, all-in electricity and direct CO2 together:",
        f"Zonder het voorstel is {home} het duurdere land in {dearer} van de {len(pairs)} vergelijkingen van een "
        "bedrijf met een buurland, elektriciteit en directe CO2 samen:",
    )


def _across(judged: Judged) -> str:
    """One paragraph: with whom the gap moves, how far, for whom."""
    toets, t, words = judged.toets, judged.t, judged.words
    parts = []
    for place in toets.tables.jurisdictions:
        pairs = [pair for pair in toets.pairs if pair.other == place]
        if not pairs:
            continue
        offtake = sum(pair.before.home.offtake for pair in pairs)
        means = [sum(getattr(pair, side).eur for pair in pairs) / offtake for side in ("before", "after")]
        dearer = [sum(getattr(pair, side).eur > 0 for pair in pairs) for side in ("before", "after")]
        a, b = (words.number(value, sign=True) for value in means)
        parts.append(
            t(
                f"with {place} the gap of {len(pairs)} comparisons together goes from {a} to {b} EUR/MWh, and "
                f"{toets.home} is dearer for {dearer[0]} before and {dearer[1]} after",
                f"met {place} gaat het verschil van {len(pairs)} vergelijkingen samen van {a} naar {b} EUR/MWh, "
                f"en {toets.home} is duurder voor {dearer[0]} ervoor en {dearer[1]} erna",
            )
        )
    abroad = [place.id for place in changed_places(toets) if place.id != toets.home]
    more = t(f" Bills change in {', '.join(abroad)} too.", f" Ook in {', '.join(abroad)} veranderen rekeningen.")
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}.{more if abroad else ''}"


def _long(judged: Judged, *, after: bool) -> Table:
    """A row a plant, neighbour and year: the gap by all definitions."""
    words, t = judged.words, judged.t
    rows = []
    for pair in judged.toets.pairs:
        gap = pair.after if after else pair.before
        row = [pair.member.plant.name, pair.other, str(pair.year), words.number(gap.eur_per_mwh, sign=True)]
        if after:
            row.append(words.number(pair.change_per_mwh, sign=True))
        row += [words.number(gap.eur / 1e6, sign=True), words.percent(gap.home_above), words.percent(gap.other_below)]
        rows.append(tuple(row))
    head = [words("plant"), t("neighbour", "buurland"), t("year", "jaar"), t("gap EUR/MWh", "verschil EUR/MWh")]
    head += [t("change", "verandering")] if after else []
    head += ["MEUR/a", t("home above", "thuis boven"), t("neighbour below", "buurland onder")]
    return Table(tuple(head), tuple(rows), texts=3)


def changes(judged: Judged) -> Table:
    toets = judged.toets
    return changes_of(toets.proposals, toets.tables, toets.patched.tables, judged.words)


def changes_of(proposals: Sequence[Proposal], before: Tables, after: Tables, words: Words) -> Table:
    """What the proposals change: the rate or the law, from when, the old value and the new one."""
    nl = words.language == "nl"
    rows: list[tuple[str, ...]] = []
    for proposal in proposals:
        for change in proposal.changes:
            old = before.row(change.target, change.start) if change.target in before else None
            new = after.row(change.target, change.start) if change.target in after else None
            span = f"{change.start} – {change.end or '…'}"
            rows.append((change.operation, change.target, span, old.written if old else "–", _new(change, new)))
        for kind in ("rate", "charge", "quantity", "list"):
            for block in proposal.blocks[kind]:
                span = f"{block.get('valid_from', '')} – {block.get('valid_to', '') or '…'}"
                name = str(block.get("id") or block.get("rate"))
                rows.append((f"{'nieuw' if nl else 'new'}: {kind}", name, span, "–", str(block.get("value", ""))))
    head = ("wat", "van", "dagen", "was", "wordt") if nl else ("what", "of", "days", "before", "after")
    return Table(head, tuple(rows), texts=5, widest=44)


def _new(change: Change, row: Row | None) -> str:
    if change.operation == "extend":
        return f"+ {', '.join(change.keys['with'])}"
    if change.operation in ("end", "reactivate", "amend"):
        return {"end": "–", "reactivate": str(change.keys.get("as_on", "")), "amend": "…"}[change.operation]
    if "*" in change.target:
        return change.text
    return f"{row.value:g} {row.unit}".strip() if row and row.value is not None else "–"


# As data --------------------------------------------------------------------------------------------------------------


def as_document(judged: Judged) -> dict[str, Any]:
    """The toets as plain data; amounts in EUR."""
    toets, found = judged.toets, judged.verdict
    return {
        "schema": SCHEMA,
        "version": __version__,
        "tables": {"hash": toets.tables.hash, "as_known_on": (toets.tables.as_known_on or today()).isoformat()},
        "home": toets.home,
        "years": list(toets.years),
        "panel": {"name": toets.panel.name, "plants": len(toets.panel.members)},
        "proposals": [
            {"name": p.name, "title": p.title.en, "proposer": p.proposer, "status": p.status, "reference": p.reference}
            for p in toets.proposals
        ],
        "verdict": found
        and {
            "passes": found.passes,
            "max_gap_increase": judged.max_increase,
            "fail_on": judged.fail_on,
            "text": judged.sentence(),
            "worse": found.worse,
            "better": found.better,
            "even": found.even,
            "into_dearer": found.into,
            "out_of_dearer": found.out,
            "bills_refused": sum(len(effect.refused) for effect in toets.effects),
            "bills_bridged": toets.bridged,
        },
        "gaps": [
            {
                "plant": pair.member.key,
                "name": pair.member.plant.name,
                "year": pair.year,
                "jurisdiction": pair.other,
                "offtake_mwh": pair.before.home.offtake,
                **{side: _gap(getattr(pair, side)) for side in ("before", "after")},
                "change_eur": pair.change,
                "change_eur_per_mwh": pair.change_per_mwh,
            }
            for pair in toets.pairs
        ],
        "budget": [
            {
                "jurisdiction": place.id,
                "year": year,
                "panel_eur": toets.budget(year, place.id, weighted=False),
                "weighted_eur": toets.budget(year, place.id, weighted=True),
                "network_eur": toets.paid(year, place.id, "network"),
                "network_paid_by": toets.network_paid_by,
                "by_category_eur": {category: toets.paid(year, place.id, category) for category in OF_THE_STATE},
            }
            for place in changed_places(toets)
            for year in toets.years
        ],
        "state_aid": [{"law": w.law, "text": w.text.en, "plants": list(w.plants)} for w in judged.warned],
        "refusals": toets.refusals,
    }


def _gap(gap: Gap) -> dict[str, float | None]:
    above, below = gap.home_above, gap.other_below
    return {
        "eur": gap.eur,
        "eur_per_mwh": gap.eur_per_mwh,
        "home_above_pct": None if above is None else above * 100,
        "other_below_pct": None if below is None else below * 100,
    }
