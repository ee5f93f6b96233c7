"""The buurlandentoets as a workbook: the bills before and after as numbers, all that follows from them as formulas."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from levelfield import __version__
from levelfield.cli.files import beside, format_of, sink_of
from levelfield.expression import ZERO, Const, Node, Op
from levelfield.period import today
from levelfield.report.pages import Bullets, Heading, Page, Paragraph, Table, as_markdown
from levelfield.report.toets import Judged, as_document, changes, full, tonnes
from levelfield.toets.effect import EVEN, OF_THE_STATE, Effect, Pair, changed_places
from levelfield.workbook.grid import Book, Cell, Span, Text, at
from levelfield.workbook.sheets import Chart, Sink, Spec

FORMATS = ("xlsx", "ods", "json", "md")
_HEAD = 2  # the row of the headings of a sheet, from 0
_WHEN = ("before", "after")
_COLUMNS = (
    "plant,neighbour,year,per MWh before,per MWh after,change per MWh,above before,above after,below before,"
    "below after,per tonne,of gva,crosses,gap before,gap after,change,offtake,home before,other before,home after,"
    "other after,tonnes,gva"
).split(",")


def write_toets(judged: Judged, output: str, command: str) -> None:
    """Write the toets to a workbook, or its report to .md or .json. Raises UserError; no half file stays behind."""
    kind = format_of(output, None, FORMATS)
    with beside(Path(output), folder=False) as part:
        if kind == "md":
            part.write_text(as_markdown(full(judged, command)), encoding="utf-8")
        elif kind == "json":
            import json

            text = json.dumps(as_document(judged), ensure_ascii=False, allow_nan=False)
            part.write_text(text + "\n", encoding="utf-8")
        else:
            book = Book()
            sink = sink_of(kind, part, book, judged.words)
            _Writer(judged, sink, book).write(command)
            sink.close()


class _Writer:
    def __init__(self, judged: Judged, sink: Sink, book: Book) -> None:
        self.judged, self.sink, self.book, self.t = judged, sink, book, judged.t
        t = judged.t
        self.verdict, self.gap = t("Verdict", "Oordeel"), t("Gap", "Verschil")
        self.budget, self.changes = t("Budget", "Begroting"), t("Changes", "Wijzigingen")
        self.report, self.about = t("Report", "Verslag"), t("About", "Verantwoording")
        self.next: dict[str, int] = {}
        self.where: dict[tuple[int, str, str], int] = {}  # the row of a year, neighbour and plant in the gap's sheet

    def write(self, command: str) -> None:
        t = self.t
        specs = [
            Spec(
                self.verdict, t("the verdict and what it rests on", "het oordeel en waarop het rust"), (52, *(13,) * 9)
            ),
            Spec(
                self.gap,
                t("each plant and neighbour, before and after", "elk bedrijf en buurland, voor en na"),
                (36, 10, 7, *(14,) * 20),
                _HEAD + 1,
                3,
                13,
            ),
            Spec(
                self.budget, t("what the treasury gains or pays", "wat de schatkist wint of betaalt"), (14, *(18,) * 9)
            ),
            Spec(self.changes, t("what the proposal changes", "wat het voorstel verandert"), (16, 48, 26, 34, 34)),
            Spec(self.report, t("the report in full", "het volledige verslag"), (40, *(16,) * 9)),
            Spec(self.about, t("command, versions, limits", "opdracht, versies, grenzen"), (30, 110)),
        ]
        for spec in specs:
            self.sink.sheet(spec)
            self.next[spec.name] = 0
        first, last = self._gap()
        self._budget()
        self._table(self.changes, changes(self.judged))
        self._pages(self.report, list(full(self.judged)))
        self._about(command, specs)
        self._verdict(first, last)

    def _row(self, sheet: str, cells: Sequence[Cell]) -> int:
        number = self.next[sheet]
        for column, cell in enumerate(cells):
            self.book.put(at(sheet, number, column), cell.content)
        self.sink.row(sheet, number, list(cells))
        self.next[sheet] += 1
        return number

    def _gap(self) -> tuple[int, int]:
        """The rows of all pairs, by year and neighbour; gives the first and the last. What is printed comes first."""
        t, sheet, home = self.t, self.gap, self.judged.toets.home
        self._row(sheet, [Cell(f"{t('Gap', 'Verschil')}: {self.judged.title}", "title")])
        said = t(
            f"'above' is ({home} − other) ÷ other, 'below' is ({home} − other) ÷ {home}",
            f"'boven' is ({home} − ander) ÷ ander, 'onder' is ({home} − ander) ÷ {home}",
        )
        self._row(sheet, [Cell(said, "id")])
        when = (t("before", "voor"), t("after", "na"))
        gap, change = t("gap", "verschil"), t("change", "verandering")
        texts = [t("plant", "bedrijf"), t("neighbour", "buurland"), t("year", "jaar")]
        numbers = [
            *(f"{gap} EUR/MWh {moment}" for moment in when),
            f"{change} EUR/MWh",
            *(f"{home} {t('above', 'boven')} {moment}" for moment in when),
            *(f"{t('neighbour below', 'buurland onder')} {moment}" for moment in when),
            f"{change} EUR/t",
            t("change ÷ value added", "verandering ÷ toegevoegde waarde"),
            t("becomes dearer 1, no longer −1", "wordt duurder 1, niet meer −1"),
            *(f"{gap} EUR {moment}" for moment in when),
            f"{change} EUR",
            t("offtake MWh", "afname MWh"),
            *(f"{who} EUR {moment}" for moment in when for who in (home, t("neighbour", "buurland"))),
            "product t",
            t("value added EUR", "toegevoegde waarde EUR"),
        ]
        self._row(sheet, [*(Cell(text, "head") for text in texts), *(Cell(text, "head_number") for text in numbers)])
        first = self.next[sheet]
        order = list(self.judged.toets.tables.jurisdictions)
        found = [(effect, pair) for effect in self.judged.toets.effects for pair in effect.pairs(home)]
        for effect, pair in sorted(found, key=lambda item: (item[1].year, order.index(item[1].other))):
            self.where[pair.year, pair.other, pair.member.key] = self.next[sheet]
            self._pair(effect, pair)
        return first, self.next[sheet] - 1

    def _pair(self, effect: Effect, pair: Pair) -> None:
        sheet = self.gap
        c = [at(sheet, self.next[sheet], column) for column in range(len(_COLUMNS))]
        cell = dict(zip(_COLUMNS, c, strict=True))
        made, gva = tonnes(effect), pair.member.plant.gross_value_added
        valued = gva != float("inf")
        self.book.nonzero |= {cell[name].symbol for name in ("offtake", "tonnes", "gva")}

        def share(gap: str, whole: str) -> Node:
            """A share, nothing where the whole is not above zero."""
            positive = Op(">", (cell[whole], ZERO))
            return Op("if", (positive, Op("/", (cell[gap], cell[whole])), Const("")))

        def per(name: str, unit: str) -> Node:
            return Op("/", (cell[name], cell[unit]))

        self._row(
            sheet,
            [
                Cell(pair.member.plant.name),
                Cell(pair.other),
                Cell(float(pair.year), "year"),
                *(Cell(per(name, "offtake"), "amount") for name in ("gap before", "gap after", "change")),
                *(Cell(share(f"gap {when}", f"other {when}"), "percent") for when in _WHEN),
                *(Cell(share(f"gap {when}", f"home {when}"), "percent") for when in _WHEN),
                Cell(per("change", "tonnes") if made else None, "amount"),
                Cell(per("change", "gva") if valued else None, "percent"),
                Cell(Op("-", (Op(">", (cell["gap after"], ZERO)), Op(">", (cell["gap before"], ZERO)))), "year"),
                *(Cell(Op("-", (cell[f"home {when}"], cell[f"other {when}"])), "amount") for when in _WHEN),
                Cell(Op("-", (cell["gap after"], cell["gap before"])), "amount"),
                Cell(pair.before.home.offtake, "amount"),
                *(Cell(bill.total, "amount") for gap in (pair.before, pair.after) for bill in (gap.home, gap.other)),
                Cell(made or None, "amount"),
                Cell(gva if valued else None, "amount"),
            ],
        )

    def _beside(self) -> None:
        """Before and after by plant for each neighbour, in the last year, with a chart for each."""
        toets, t, sheet = self.judged.toets, self.t, self.verdict
        year = toets.years[-1]
        places = [p for p in toets.tables.jurisdictions if any(key[:2] == (year, p) for key in self.where)]
        self._row(sheet, [])
        title = t(f"The gap in {year} (EUR/MWh)", f"Het verschil in {year} (EUR/MWh)")
        names = [f"{place} {when}" for place in places for when in (t("before", "voor"), t("after", "na"))]
        head = self._row(sheet, [Cell(title, "head"), *(Cell(name, "head_number") for name in names)])
        drawn, others = self._apart(year)
        for key, name in (*drawn, *others):
            rows = [self.where.get((year, place, key)) for place in places]
            cells = [
                Cell(at(self.gap, row, column) if row is not None else None, "amount")
                for row in rows
                for column in (3, 4)
            ]
            self._row(sheet, [Cell(name), *cells])
        last = head + len(drawn)
        if others:
            said = t(
                "Not drawn: plants whose CO2 outweighs their electricity, for which an amount per MWh says little.",
                "Niet getekend: bedrijven waar CO2 zwaarder weegt dan stroom; een bedrag per MWh zegt daar weinig.",
            )
            self._row(sheet, [Cell(said, "id")])
        for number, place in enumerate(places):
            column = 1 + 2 * number
            series = tuple(((head, n), (head + 1, n, last, n)) for n in (column, column + 1))
            said = t(
                f"Bars: for each plant the gap with {place} before and after the proposal, in EUR/MWh.",
                f"Staven: voor elk bedrijf het verschil met {place} voor en na het voorstel, in EUR/MWh.",
            )
            where = (self.next[sheet] + 1 + 36 * (number // 2), 0 if number % 2 == 0 else 5)
            names_area = (head + 1, 0, last, 0)
            label = f"{toets.home} – {place}"
            self.sink.chart(Chart(sheet, *where, label, "EUR/MWh", names_area, series, False, said))

    def _apart(self, year: int) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """The plants, by key and name, whose electricity outweighs their CO2, and the others."""
        toets = self.judged.toets
        drawn: list[tuple[str, str]] = []
        others: list[tuple[str, str]] = []
        for effect in toets.effects:
            if effect.year == year and toets.home in effect.before:
                bill = effect.before[toets.home]
                item = (effect.member.key, effect.member.plant.name)
                (drawn if abs(bill.co2) < abs(bill.electricity) else others).append(item)
        return drawn, others

    def _verdict(self, first: int, last: int) -> None:
        judged, t, sheet = self.judged, self.t, self.verdict
        found = judged.verdict
        self._row(sheet, [Cell(t("Neighbour-country test", "Buurlandentoets"), "title")])
        self._row(sheet, [Cell(f"{judged.title} · {judged.years}", "subtitle")])
        self._row(sheet, [])
        self._row(sheet, [Cell(judged.sentence(), "finding")])
        self._row(sheet, [])
        if found is None or last < first:
            return
        limit = at(sheet, self.next[sheet], 1)
        label = t("A gap may grow by at most (EUR/MWh)", "Een verschil mag hoogstens zoveel groeien (EUR/MWh)")
        self._row(sheet, [Cell(label), Cell(judged.max_increase, "input")])
        changed = Span(at(self.gap, first, 5), at(self.gap, last, 5))
        worst = at(sheet, self.next[sheet], 1)
        grown = t("The gap that grows most (EUR/MWh)", "Het verschil dat het meest groeit (EUR/MWh)")
        self._row(sheet, [Cell(grown), Cell(Text(("MAX(", changed, ")"), found.worst.change_per_mwh), "amount")])
        best = at(sheet, self.next[sheet], 1)
        shrunk = t("The gap that shrinks most (EUR/MWh)", "Het verschil dat het meest krimpt (EUR/MWh)")
        self._row(sheet, [Cell(shrunk), Cell(Text(("MIN(", changed, ")"), found.best.change_per_mwh), "amount")])
        yes, no = t("passes", "voldoet"), t("fails", "voldoet niet")
        better = judged.fail_on == "not-better"
        tests: list[str | Node] = ["IF(AND(", worst, "<=", limit, f"+{EVEN}"]
        tests += ["␟", best, f"<-{EVEN}"] if better else []
        parts = (*tests, f')␟"{yes}"␟"{no}")')
        verdict = Text(parts, yes if found.passes else no)  # type: ignore[arg-type]
        self._row(sheet, [Cell(t("Verdict", "Oordeel"), "strong"), Cell(verdict, "strong")])
        self._row(sheet, [])
        counts = (
            (t("gaps that grow", "verschillen die groeien"), found.worse),
            (t("gaps that shrink", "verschillen die krimpen"), found.better),
            (t("gaps that stay", "verschillen die gelijk blijven"), found.even),
        )
        for text, count in counts:
            self._row(sheet, [Cell(text), Cell(float(count), "year")])
        crossing = Span(at(self.gap, first, 12), at(self.gap, last, 12))
        for text, sign, count in (
            (t("become dearer than the neighbour", "worden duurder dan het buurland"), "1", found.into),
            (t("are no longer dearer", "zijn niet langer duurder"), "-1", found.out),
        ):
            self._row(sheet, [Cell(text), Cell(Text(("COUNTIF(", crossing, f"␟{sign})"), float(count)), "year")])
        self._row(sheet, [])
        for warned in judged.warned:
            text = f"{judged.words.text(warned.text)} {', '.join(warned.plants)}".strip()
            self._row(sheet, [Cell(text, "long"), Cell(warned.law, "law")])
        self._beside()

    def _budget(self) -> None:
        toets, t, sheet = self.judged.toets, self.t, self.budget
        self._row(sheet, [Cell(t("The treasury, MEUR a year", "De schatkist, MEUR per jaar"), "title")])
        said = t("Positive: the treasury gains.", "Positief: de schatkist wint.")
        self._row(sheet, [Cell(said, "id")])
        heads = [*(self.judged.words(category) for category in OF_THE_STATE), t("network", "netkosten")]
        heads += [
            t("network by treasury", "net door schatkist"),
            t("treasury", "schatkist"),
            t("all alike", "alle gelijke"),
        ]
        self._row(sheet, [Cell("", "head"), Cell(t("year", "jaar"), "head"), *(Cell(h, "head_number") for h in heads)])
        for place in changed_places(toets):
            for year in toets.years:
                n = self.next[sheet]
                c = [at(sheet, n, column) for column in range(10)]
                paid = [toets.paid(year, place.id, category) / 1e6 for category in (*OF_THE_STATE, "network")]
                share = 1.0 if toets.network_paid_by == "treasury" else 0.0
                total = Op("+", (Op("sum", tuple(c[2:6])), Op("*", (c[6], c[7]))))
                alike = toets.budget(year, place.id, weighted=True) / 1e6
                cells = [Cell(place.id), Cell(float(year), "year"), *(Cell(value, "amount") for value in paid)]
                cells += [Cell(share, "amount"), Cell(total, "total"), Cell(alike, "amount")]
                self._row(sheet, cells)

    def _table(self, sheet: str, table: Table) -> None:
        self._row(sheet, [Cell(text, "head") for text in table.head])
        for row in table.rows:
            self._row(sheet, [Cell(text, "long") for text in row])

    def _pages(self, sheet: str, pages: Sequence[Page]) -> None:
        for page in pages:
            match page:
                case Heading(text, level):
                    self._row(sheet, [])
                    self._row(sheet, [Cell(text, "title" if level == 1 else "section")])
                case Paragraph(text, style):
                    self._row(sheet, [Cell(text, "finding" if style == "bold" else "text")])
                case Bullets(items):
                    for item in items:
                        self._row(sheet, [Cell(f"• {item}")])
                case Table(head, rows, texts):
                    styles = ["head" if n < texts else "head_number" for n in range(len(head))]
                    self._row(sheet, [Cell(text, style) for text, style in zip(head, styles, strict=True)])
                    for row in rows:
                        self._row(sheet, [Cell(text) for text in row])

    def _about(self, command: str, specs: Sequence[Spec]) -> None:
        toets, t, sheet = self.judged.toets, self.t, self.about
        known = (toets.tables.as_known_on or today()).isoformat()
        rows = [
            (t("command", "opdracht"), command),
            ("levelfield", __version__),
            (t("tables", "tabellen"), toets.tables.hash),
            (t("tables with the proposal", "tabellen met het voorstel"), toets.patched.tables.hash),
            (t("as known on", "bekend op"), known),
            *((spec.name, spec.about) for spec in specs),
            *((t("refused", "geen rekening"), text) for text in toets.refusals),
        ]
        self._row(sheet, [Cell(t("How this book was made", "Hoe deze map is gemaakt"), "title")])
        for name, text in rows:
            self._row(sheet, [Cell(name, "strong"), Cell(text, "long")])
