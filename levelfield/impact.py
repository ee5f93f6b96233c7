"""What a change of the tables does to bills: reference plants priced on both sides, and the comment that says it.

Only bills that rest on what differs are priced twice. Amounts are all-in: electricity and direct CO2, as stated by the
plants, before any range.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from levelfield._errors import LevelfieldError, MissingData, UserError, did_you_mean
from levelfield.bill import Bill, make_bill
from levelfield.comparison import Gap
from levelfield.lang import Words
from levelfield.period import calendar_year
from levelfield.plant import Plant
from levelfield.plant_file import WORKBOOKS, load_plant
from levelfield.tables import GRADES, STATED, Jurisdiction, Tables
from levelfield.tables.diff import SHARED, Change, Touch, diff, spans, touched
from levelfield.tables.revision import Revision

SCHEMA = "levelfield/impact/1"
NOTHING = "No bill changes."
_NO_LAW = ("rate", "source", "coverage", "bound", "printed sum")
_CENT = 0.005
_SHARE = 0.01  # of the amounts, from which a move of the evidence is told
_number = Words().number
_Loaded = Mapping[str, Plant | Sequence[str]]
_Key = TypeVar("_Key")
_Item = TypeVar("_Item")


class Pair(NamedTuple):
    """A plant's bill in a jurisdiction and year, before and after; None where it is refused, and then why."""

    plant: str
    place: str
    year: int
    before: Bill | None
    after: Bill | None
    lacked: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether the change takes the bill away."""
        return self.before is not None and self.after is None

    @property
    def possible(self) -> bool:
        """Whether the change makes a first bill possible."""
        return self.before is None and self.after is not None

    @property
    def eur(self) -> float:
        """The change of the total; 0 where a side has no bill."""
        return self.after.total - self.before.total if self.before and self.after else 0.0

    @property
    def eur_per_mwh(self) -> float:
        return self.eur / self.after.offtake if self.after else 0.0

    @property
    def moved(self) -> bool:
        return abs(self.eur) > _CENT

    @property
    def range_moved(self) -> bool:
        """Whether `low` or `high` moves while the total stands."""
        if not self.before or not self.after or self.moved:
            return False
        return max(abs(self.after.low - self.before.low), abs(self.after.high - self.before.high)) > _CENT

    @property
    def evidence(self) -> str:
        """falls or rises where less or more of the amounts rests on some grade or a better one; shifts for both."""
        moves = _evidence_moves(self)
        fell, rose = any(move < -_SHARE for move in moves), any(move > _SHARE for move in moves)
        return "shifts" if fell and rose else "falls" if fell else "rises" if rose else ""

    @property
    def differs(self) -> bool:
        return self.moved or self.refused or self.possible or self.range_moved or bool(self.evidence)


class GapPair(NamedTuple):
    """The gap of home with a neighbour before and after, EUR/MWh; None where a bill is refused."""

    plant: str
    place: str
    year: int
    before: float | None
    after: float | None

    @property
    def moved(self) -> bool:
        if self.before is None or self.after is None:
            return self.before is not self.after
        return abs(self.after - self.before) > 1e-6


class Impact(NamedTuple):
    """`pairs` holds the bills that rest on what changed, and those that a gap with them needs."""

    base: Revision
    head: Revision
    home: str
    changes: tuple[Change, ...]
    places: tuple[str, ...]
    plants: tuple[str, ...]
    years: tuple[int, ...]
    pairs: tuple[Pair, ...]

    @property
    def differing(self) -> list[Pair]:
        return [pair for pair in self.pairs if pair.differs]

    @property
    def unpriced(self) -> list[Pair]:
        """Bills that rest on what changed and are refused on both sides."""
        return [pair for pair in self.pairs if not pair.before and not pair.after]

    @property
    def gaps(self) -> list[GapPair]:
        """The gaps that moved."""
        at_home = {(pair.plant, pair.year): pair for pair in self.pairs if pair.place == self.home}
        found = []
        for pair in self.pairs:
            home = at_home.get((pair.plant, pair.year))
            if home and pair is not home:
                gaps = _gap(home.before, pair.before), _gap(home.after, pair.after)
                found.append(GapPair(pair.plant, pair.place, pair.year, *gaps))
        return [gap for gap in found if gap.moved]


def impact(
    base: Revision, head: Revision, plants: Sequence[str], home: str = "NL", years: Sequence[int] | None = None
) -> Impact:
    """The plants' bills on both sides, where they can differ; `plants` are files or shipped plants.

    Without `years`, every year that a side holds and that a change touches. Other hourly prices alone are no change
    of the tables. Raises UserError if no side knows the jurisdiction `home`, or if neither can read a plant, and
    MissingData for a year that neither holds.
    """
    sides = base.tables, head.tables
    places = {**sides[1].jurisdictions, **sides[0].jurisdictions}
    if home not in places:
        raise UserError(f"'{home}' is no jurisdiction of the tables; {did_you_mean(home, places)}")
    changes = tuple(diff(base, head))
    held = sorted({*sides[0].years(), *sides[1].years()})
    absent = [year for year in years or () if year not in held]
    if absent:
        raise MissingData(f"neither side holds {spans(absent)}; held are {spans(held)}")
    wanted = held if years is None else years
    touches = touched(*sides, wanted)
    loaded = [_load(plants, tables) for tables in sides]
    names = tuple(dict.fromkeys([*loaded[1], *loaded[0]]))
    unread = [name for name in names if not any(isinstance(side.get(name), Plant) for side in loaded)]
    if unread:
        raise UserError([str(fault) for name in unread for fault in loaded[1].get(name) or loaded[0][name]])
    pairs: list[Pair] = []
    reach = {id_: _reach(place, base, head) for id_, place in places.items()}
    for year in wanted:
        moving = {id_: [t for t in touches if t.year == year and t.folder in folders] for id_, folders in reach.items()}
        for name in names:
            both = [side.get(name, (f"{name}: no such plant",)) for side in loaded]
            found = {id_: _pair(name, id_, year, sides, both, moving[id_]) for id_ in places if moving[id_]}
            moved = {id_ for id_, pair in found.items() if pair.differs}
            if moved:
                # A gap needs both bills: where home moves every neighbour's, else that of home.
                beside = set(places) if home in moved else {home}
                found |= {id_: _same(name, id_, year, sides[1], both[1]) for id_ in beside if id_ not in found}
            pairs += [found[id_] for id_ in places if id_ in found]
    repriced = tuple(sorted({touch.year for touch in touches}))
    order = sorted(places, key=lambda id_: id_ != home)
    return Impact(base, head, home, changes, tuple(order), names, repriced, tuple(pairs))


def _load(names: Sequence[str], tables: Tables) -> _Loaded:
    """The plants by name, or why one cannot be read with these tables; a workbook stands for all its plants."""
    found: dict[str, Plant | Sequence[str]] = {}
    for name in names:
        try:
            if name.endswith(WORKBOOKS):
                from pathlib import Path

                from levelfield.plant_table import read_plants

                found.update({f"{name}#{plant.name}": plant for plant in read_plants(Path(name), tables)})
            else:
                found[name] = load_plant(name, tables)
        except UserError as error:
            found[name] = error.faults
    return found


def _reach(place: Jurisdiction, base: Revision, head: Revision) -> set[str]:
    """The folders that a bill rests on: its own, the shared ones, and any whose rates or lists its law names."""
    own = {place.folder, *SHARED}
    others = {p.folder for side in (base, head) for p in side.tables.jurisdictions.values()} - own
    laws = [side.tables.law(folder) for side in (base, head) for folder in own]
    text = repr([(law.charges, law.quantities, law.choices) for law in laws])
    return own | {folder for folder in others if re.search(rf"\b{re.escape(folder)}\.[a-z{{]", text)}


def _pair(
    name: str,
    place: str,
    year: int,
    sides: Sequence[Tables],
    plants: Sequence[Plant | Sequence[str]],
    touches: Sequence[Touch],
) -> Pair:
    after, lacks = _bill(sides[1], plants[1], place, year)
    rates = {touch.rate for touch in touches}
    if after and "" not in rates and plants[0] == plants[1] and not rates & _needed(after):
        after = _light(after)
        return Pair(name, place, year, after, after)
    before, lacked = _bill(sides[0], plants[0], place, year)
    return Pair(name, place, year, _light(before), _light(after), lacked, lacks)


def _same(name: str, place: str, year: int, tables: Tables, plant: Plant | Sequence[str]) -> Pair:
    bill, lacks = _bill(tables, plant, place, year)
    bill = _light(bill)
    return Pair(name, place, year, bill, bill, lacks, lacks)


def _light(bill: Bill | None) -> Bill | None:
    """Without its runs, which would hold the law of hundreds of bills in memory."""
    return bill and bill._replace(runs=())


def _needed(bill: Bill) -> set[str]:
    """The rates that the law names for this plant, used or not."""
    return {rate for run in bill.runs for rate in run.year.all_needs.rates}


def _bill(tables: Tables, plant: Plant | Sequence[str], place: str, year: int) -> tuple[Bill | None, tuple[str, ...]]:
    if not isinstance(plant, Plant):
        return None, tuple(plant)
    if place not in tables.jurisdictions:
        return None, (f"{place}: the tables know no such jurisdiction",)
    try:
        return make_bill(tables, plant, place, *calendar_year(year)), ()
    except LevelfieldError as lack:  # a hole, or law that these tables cannot carry out
        return None, lack.faults


def _gap(home: Bill | None, other: Bill | None) -> float | None:
    return Gap(home, other).eur_per_mwh if home and other else None


def _evidence_moves(pair: Pair) -> list[float]:
    """For each grade, how the share that rests on it or on a better one moves; what the user states is the best."""
    if not pair.before or not pair.after:
        return []
    old, new = pair.before.evidence_share(), pair.after.evidence_share()
    order = (STATED, *GRADES)
    kept = [order[: end + 1] for end in range(1, len(order) - 1)]
    return [sum(new.get(g, 0.0) for g in grades) - sum(old.get(g, 0.0) for g in grades) for grades in kept]


# In words -------------------------------------------------------------------------------------------------------------


def sentence(found: Impact) -> str:
    """What changes and what it does, in one sentence."""
    parts = [_subjects(found.changes)]
    parts += _bill_parts(found)
    refused, possible = (sum(getattr(pair, what) for pair in found.pairs) for what in ("refused", "possible"))
    parts += [f"{_count(refused, 'bill')} {'is' if refused == 1 else 'are'} refused now"] * bool(refused)
    parts += [f"{_count(possible, 'bill')} {'is' if possible == 1 else 'are'} newly possible"] * bool(possible)
    if not any(pair.moved or pair.refused or pair.possible for pair in found.pairs):
        parts.append("no total moves, but evidence or ranges do")
    parts += _gap_parts(found)
    years = {pair.year for pair in found.differing}
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]} ({spans(years)})."


def nothing(found: Impact) -> str:
    """That no bill changes, and that this says little where none could be made."""
    if found.pairs and len(found.unpriced) == len(found.pairs):
        return f"{NOTHING[:-1]}: {_count(len(found.pairs), 'bill')} that could change are refused on both sides."
    return NOTHING


def _subjects(changes: Sequence[Change]) -> str:
    """'3 rates and 1 law block change'."""
    rates = {c.name for c in changes if c.subject == "rate" and c.kind not in ("raised", "lowered", "dated", "changed")}
    law = {(c.subject, c.name) for c in changes if c.subject not in _NO_LAW}
    parts = [_count(len(rates), "rate")] * bool(rates) + [_count(len(law), "law block")] * bool(law)
    graded = len({c.name for c in changes if c.kind in ("raised", "lowered")} - rates)
    parts += [f"the evidence of {_count(graded, 'rate')}"] * bool(graded and not parts)
    parts += ["the coverage"] * any(c.subject == "coverage" for c in changes)
    one = len(parts) == 1 and (parts[0].startswith(("1 ", "the ")))
    return f"{_joined(parts)} change{'s' if one else ''}" if parts else "the tables differ"


def _bill_parts(found: Impact) -> list[str]:
    """How the bills move; jurisdictions with the same range share a part."""
    same: dict[tuple[int, str], list[str]] = {}
    for place in found.places:
        pairs = [pair for pair in found.pairs if pair.place == place and pair.moved]
        if pairs:
            moves = _range([pair.eur_per_mwh for pair in pairs])
            same.setdefault((len({pair.plant for pair in pairs}), moves), []).append(place)
    return [
        f"{_joined(places)} bills of {_count(plants, 'plant')} move by {moves} EUR/MWh"
        for (plants, moves), places in same.items()
    ]


def _gap_parts(found: Impact) -> list[str]:
    """How the gaps move; neighbours with the same range share a part."""
    same: dict[str, list[str]] = {}
    for place, gaps in _by(found.gaps, lambda gap: gap.place):
        moves = [gap.after - gap.before for gap in gaps if gap.after is not None and gap.before is not None]
        if moves:
            same.setdefault(_range(moves), []).append(place)
    return [
        f"the gap{'s' * (len(places) > 1)} of {found.home} with {_joined(places)} "
        f"move{'s' * (len(places) == 1)} by {span} EUR/MWh"
        for span, places in same.items()
    ]


def bullets(found: Impact, detail: int = 2) -> list[str]:
    """What must not be overlooked: rewritten history, refused and new bills, evidence, ranges.

    `detail` says how refused bills are told: 2 by plant with the reason, 1 by plant, 0 by number, and then without
    what weighs less.
    """
    out = []
    rewritten = [change for change in found.changes if change.rewrites]
    if rewritten:
        places = ", ".join(change.place for change in rewritten[:3])
        more = f" and {len(rewritten) - 3} more" if len(rewritten) > 3 else ""
        out.append(f"History is rewritten: {places}{more}; 'levelfield tariffs diff' tells why that is an error.")
    refused = [pair for pair in found.pairs if pair.refused]
    for (_, _, lacks), pairs in _by(
        refused, lambda p: (p.place, p.year if detail else 0, p.lacks if detail == 2 else ())
    ):
        reason = f": {'; '.join(lacks)}" if lacks else ""
        out.append(f"Refused now: {_whose(found, pairs, most=len(pairs) if detail else 0)}{reason}")
    for _, pairs in _by([pair for pair in found.pairs if pair.possible], lambda pair: pair.place):
        out.append(f"Newly possible: {_whose(found, pairs)}")
    for verb in ("falls", "shifts", "rises") if detail else ("falls",):
        for _, pairs in _by([pair for pair in found.pairs if pair.evidence == verb], lambda pair: pair.place):
            out.append(f"Evidence {verb}: {_whose(found, pairs)}: {_shares(pairs)}")
    if detail:
        for _, pairs in _by([pair for pair in found.pairs if pair.range_moved], lambda pair: pair.place):
            out.append(f"Only low or high moves: {_whose(found, pairs)}")
        for _, pairs in _by(found.unpriced, lambda pair: pair.place):
            out.append(f"Refused before and after: {_whose(found, pairs)}")
    return out


def _whose(found: Impact, pairs: Sequence[Pair], most: int = 5) -> str:
    """'NL 2025, steel, refinery': of one jurisdiction, with the plants by name if they are not too many."""
    plants = list(dict.fromkeys(pair.plant for pair in pairs))
    lead = f"{pairs[0].place} {spans(pair.year for pair in pairs)}, "
    if len(plants) == len(found.plants) > 1:
        return f"{lead}all {len(plants)} plants"
    return lead + (", ".join(plants) if len(plants) <= most else _count(len(plants), "plant"))


def _shares(pairs: Sequence[Pair]) -> str:
    """The mean share of each grade before and after, where it moves."""
    shares = [(p.before.evidence_share(), p.after.evidence_share()) for p in pairs if p.before and p.after]
    parts = []
    for grade in (*GRADES, STATED):
        old, new = (sum(side[i].get(grade, 0.0) for side in shares) / len(shares) for i in (0, 1))
        if abs(new - old) >= _SHARE / 10:
            parts.append(f"{grade} {_number(old * 100, 1)} → {_number(new * 100, 1)} %")
    return ", ".join(parts)


def _by(items: Iterable[_Item], key: Callable[[_Item], _Key]) -> list[tuple[_Key, list[_Item]]]:
    groups: dict[_Key, list[_Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.items())


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _joined(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def _range(values: Sequence[float]) -> str:
    ends = [_signed(min(values)), _signed(max(values))]
    return " to ".join(dict.fromkeys(ends))


def _signed(value: float) -> str:
    return _number(value, 2 if abs(value) >= 0.1 else 4, sign=True)


def _percent(pair: Pair) -> str:
    if not pair.before or not pair.before.total:
        return "–"
    share = pair.eur / abs(pair.before.total) * 100
    return f"{_number(share, 1 if abs(share) >= 0.1 else 3, sign=True)} %"


def _per_mwh(bill: Bill | None) -> str:
    return _number(bill.total / bill.offtake) if bill else "refused"


# As a comment, a page of text, or data --------------------------------------------------------------------------------


class Section(NamedTuple):
    """A part of a comment that may be shortened from its end; `unit` says what its rows are."""

    head: str
    rows: Sequence[str]
    tail: str
    unit: str


def as_markdown(found: Impact, max_length: int) -> str:
    """The comment for a pull request: a sentence, what must not be overlooked, tables, and charges folded away."""
    if not found.differing:
        return f"{nothing(found)}\n"
    sections = [*_bill_tables(found), *_gap_tables(found), _charges_folded(found), _changes_folded(found)]
    sides = " → ".join(f"{_code(side.name)} (tables {side.tables.hash[:12]})" for side in (found.base, found.head))
    foot = f"<sub>{sides}. EUR/MWh: electricity and direct CO2, as the plants state them.</sub>\n"

    def lead(detail: int) -> str:
        told = "".join(f"- {_safe(text)}\n" for text in bullets(found, detail))
        return f"**{_safe(sentence(found))}**\n\n{told}" + "\n" * bool(told)

    return fitted(lead, sections, foot, max_length, note="_{}_\n\n")


def as_text(found: Impact, max_length: int, width: int = 80) -> str:
    """The same for a terminal, without the charges: EUR/MWh of electricity and direct CO2."""
    from textwrap import wrap

    if not found.differing:
        return f"{nothing(found)}\n"

    def paragraph(text: str, mark: str) -> str:
        lines = wrap(text, width, initial_indent=mark, subsequent_indent=" " * len(mark), break_on_hyphens=False)
        return "".join(f"{line}\n" for line in lines)

    def lead(detail: int) -> str:
        return paragraph(sentence(found), "") + "".join(paragraph(text, "  • ") for text in bullets(found, detail))

    names = min(max(7, *map(len, found.plants)), 28)
    head = f"\n{'EUR/MWh':{names}}  {'place':8}{'year':4}{'before':>10}{'after':>10}{'change':>11}\n"
    bills = [
        f"{_short(pair.plant, names):{names}}  {pair.place:8}{pair.year:4}{_per_mwh(pair.before):>10}"
        f"{_per_mwh(pair.after):>10}{_signed(pair.eur_per_mwh) if pair.moved else '':>11}"
        f"{_percent(pair) if pair.moved else '':>11}".rstrip()
        for pair in _ordered(_shown(found.differing))
    ]
    gaps = [
        f"{_short(gap.plant, names):{names}}  {gap.place:8}{gap.year:4}"
        f"{_of_gap(gap.before):>10}{_of_gap(gap.after):>10}"
        f"{_signed(gap.after - gap.before) if gap.before is not None and gap.after is not None else '':>11}".rstrip()
        for gap in found.gaps
    ]
    sections = [
        Section(head, bills, "\n", "bills"),
        Section(f"\nGap, {found.home} less the neighbour\n", gaps, "\n", "gaps"),
    ]
    return fitted(lead, sections, "", max_length, note="  {}\n")


def fitted(lead: Callable[[int], str], sections: Sequence[Section], foot: str, max_length: int, note: str) -> str:
    """The parts in at most `max_length` characters; what is left out is counted.

    `lead` takes a detail from 2 down to 0 and is never cut: it tells of refused bills. Earlier sections go first.
    """
    start = next((text for text in map(lead, (2, 1)) if len(text) + len(foot) <= max_length // 2), None) or lead(0)
    out, left = [start], max_length - len(start) - len(foot)
    sections = [section for section in sections if section.rows]
    # Room to say of each section how much of it is left out.
    left -= sum(len(note) + 60 for _ in sections)
    dropped: list[str] = []
    for section in sections:
        room = left - len(section.head) - len(section.tail)
        rows: list[str] = []
        for row in section.rows:
            room -= len(row) + 1
            if room < 0:
                break
            rows.append(row)
        missing = len(section.rows) - len(rows)
        if not rows:
            dropped.append(f"{missing:,} {section.unit}")
            continue
        text = section.head + "\n".join(rows)
        said = note.format(f"{missing:,} more {section.unit} left out for length.") if missing else ""
        left -= len(text) + len(section.tail)
        out.append(text + section.tail + said)
    if dropped:
        out.append(note.format(f"Left out for length: {', '.join(dropped)}."))
    return "".join(out) + foot


def _shown(pairs: Sequence[Pair]) -> list[Pair]:
    """Those with something to read in a table of totals."""
    return [pair for pair in pairs if pair.moved or pair.refused or pair.possible]


def _ordered(pairs: Sequence[Pair]) -> list[Pair]:
    """By year, refused bills first, then the largest move."""
    return sorted(pairs, key=lambda pair: (pair.year, not pair.refused, -abs(pair.eur_per_mwh)))


def _bill_tables(found: Impact) -> Iterator[Section]:
    """Plants × jurisdictions, a table a year."""
    for year, pairs in _by(_ordered(_shown(found.differing)), lambda pair: pair.year):
        cells = {(pair.plant, pair.place): pair for pair in found.pairs if pair.year == year}
        places = [place for place in found.places if place in {pair.place for pair in pairs}]
        rows = [
            f"| {_code(plant)} | {' | '.join(_bill_cell(cells.get((plant, place))) for place in places)} |"
            for plant in dict.fromkeys(pair.plant for pair in pairs)
        ]
        yield Section(_table_head(f"Bills of {year}, EUR/MWh", ["plant", *places]), rows, "\n\n", "plants")


def _bill_cell(pair: Pair | None) -> str:
    if pair is None or pair.before is pair.after is None:
        return "–"
    if pair.refused or pair.possible:
        mark = "**refused**" if pair.refused else _per_mwh(pair.after)
        return f"{_per_mwh(pair.before) if pair.before else 'none'} → {mark}"
    if not pair.moved:
        return _per_mwh(pair.after)
    moves = f"{_signed(pair.eur_per_mwh)}, {_percent(pair)}; {_number(pair.eur, 0, sign=True)} EUR"
    return f"{_per_mwh(pair.before)} → {_per_mwh(pair.after)}<br>{moves}"


def _gap_tables(found: Impact) -> Iterator[Section]:
    for year, gaps in _by(found.gaps, lambda gap: gap.year):
        cells = {(gap.plant, gap.place): gap for gap in gaps}
        places = [place for place in found.places if place in {gap.place for gap in gaps}]
        rows = [
            f"| {_code(plant)} | {' | '.join(_gap_cell(cells.get((plant, place))) for place in places)} |"
            for plant in dict.fromkeys(gap.plant for gap in gaps)
        ]
        title = f"Gap of {year}, {found.home} less the neighbour, EUR/MWh"
        yield Section(_table_head(title, ["plant", *places]), rows, "\n\n", "plants")


def _gap_cell(gap: GapPair | None) -> str:
    return f"{_of_gap(gap.before)} → {_of_gap(gap.after)}" if gap else ""


def _of_gap(gap: float | None) -> str:
    return "–" if gap is None else _number(gap, sign=True)


def _changes_folded(found: Impact) -> Section:
    rows = [
        f"- {change.kind} {change.subject} {_code(change.name)}: {_safe(change.text)} ({_code(change.place)})"
        for change in found.changes
    ]
    head = f"<details><summary>{_count(len(rows), 'change')} of the tables</summary>\n\n"
    return Section(head, rows, "\n\n</details>\n\n", "changes")


def _charges_folded(found: Impact) -> Section:
    """Charge by charge, where a bill moved."""
    rows = [
        f"| {_code(pair.plant)} | {pair.place} | {pair.year} | {_code(charge)} | {_number(old)} | {_number(new)} "
        f"| {_number(new - old, sign=True)} |"
        for pair in _ordered([pair for pair in found.pairs if pair.moved])
        for charge, old, new in by_charge(pair)
    ]
    head = "<details><summary>By charge, EUR</summary>\n\n"
    head += _columns(["plant", "", "year", "charge", "before", "after", "change"], texts=4)
    return Section(head, rows, "\n\n</details>\n\n", "rows")


def by_charge(pair: Pair) -> list[tuple[str, float, float]]:
    """The charges that moved, with their amounts before and after in EUR."""
    sides: list[dict[str, float]] = []
    for bill in (pair.before, pair.after):
        amounts: dict[str, float] = {}
        for line in bill.lines if bill else ():
            amounts[line.charge] = amounts.get(line.charge, 0.0) + line.amount
        sides.append(amounts)
    charges = dict.fromkeys([*sides[1], *sides[0]])
    both = [(charge, sides[0].get(charge, 0.0), sides[1].get(charge, 0.0)) for charge in charges]
    return [(charge, old, new) for charge, old, new in both if abs(new - old) > _CENT]


def _table_head(title: str, columns: Sequence[str]) -> str:
    return f"#### {title}\n\n{_columns(columns, texts=1)}"


def _columns(names: Sequence[str], texts: int) -> str:
    """A head of columns of which the first are texts, the others numbers."""
    return f"| {' | '.join(names)} |\n|{' --- |' * texts}{' ---: |' * (len(names) - texts)}\n"


def _code(text: str) -> str:
    """Between backquotes, where neither Markdown nor a mention is read."""
    return "`" + text.replace("`", "'").replace("|", "\\|").replace("\n", " ") + "`"


def _safe(text: str) -> str:
    for mark in "\\`*_|[":
        text = text.replace(mark, f"\\{mark}")
    return text.replace("<", "&lt;").replace("@", "&#64;").replace("\n", " ")


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else f"…{text[1 - width :]}"


def as_document(found: Impact) -> dict[str, Any]:
    """All of it as plain data, amounts in EUR; the shape of `changes` is that of `tariffs diff --json`."""
    from levelfield import __version__

    return {
        "schema": SCHEMA,
        "version": __version__,
        "base": {"name": found.base.name, "tables": found.base.tables.hash},
        "head": {"name": found.head.name, "tables": found.head.tables.hash},
        "home": found.home,
        "plants": list(found.plants),
        "years": list(found.years),
        "summary": sentence(found) if found.differing else nothing(found),
        "changes": [change.document() for change in found.changes],
        "bills": [_document(pair) for pair in found.differing],
        "gaps": [
            {
                "plant": gap.plant,
                "jurisdiction": gap.place,
                "year": gap.year,
                "before_eur_per_mwh": gap.before,
                "after_eur_per_mwh": gap.after,
            }
            for gap in found.gaps
        ],
    }


def _document(pair: Pair) -> dict[str, Any]:
    sides = zip(("before", "after"), (pair.before, pair.after), (pair.lacked, pair.lacks), strict=True)
    return {
        "plant": pair.plant,
        "jurisdiction": pair.place,
        "year": pair.year,
        **{side: _side(bill, faults) for side, bill, faults in sides},
        "change_eur": pair.eur if pair.before and pair.after else None,
        "charges": [{"charge": charge, "before_eur": old, "after_eur": new} for charge, old, new in by_charge(pair)],
    }


def _side(bill: Bill | None, faults: Sequence[str]) -> dict[str, Any]:
    if bill is None:
        return {"refused": list(faults)}
    return {
        "total_eur": bill.total,
        "eur_per_mwh": bill.total / bill.offtake,
        "low_eur": bill.low,
        "high_eur": bill.high,
        "evidence_share": bill.evidence_share(),
    }
