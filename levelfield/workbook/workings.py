"""A calendar year of law for one plant in one jurisdiction as rows of cells: facts, quantities, choices, charges.

Columns: what a row is, its name in the tables, its unit, its kind, the value for the year, and one column for each
stretch of constant law. A row's formula is the same in each stretch as long as the law is. The rows of a charge:
its conditions (1 holds, 0 does not), whether it applies, its intermediate results, and for each line quantity, rate
and amount.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple, Protocol, TypeAlias

from levelfield.charges import CATEGORIES, Charge, Choice, Condition
from levelfield.explain import named
from levelfield.expression import ONE, ZERO, Amount, Const, In, Node, Op, Rate, Symbol, write
from levelfield.lang import Words
from levelfield.plant import MISSING
from levelfield.run import Run, unit_of
from levelfield.tables import Row
from levelfield.workbook.facts import CALENDAR, FIXED, MEASURED, Facts, PlantCell, fact_order, over, times
from levelfield.workbook.grid import NA, Book, Cell, Content, at
from levelfield.year import Year

NAME, ID, UNIT, KIND, YEAR, FIRST = range(6)
"""The columns; the stretches of constant law start at FIRST."""

PERIOD = ("offtake", "electricity", "all-in electricity and direct CO2")
_FEW = 3  # amounts that a formula adds up by itself
_Key: TypeAlias = tuple[str, ...]
_Step: TypeAlias = tuple[_Key | None, Callable[[], list[Cell]]]


class Numbers(Protocol):
    """Where the numbers of the law stand: the cells of rates, of thresholds in the text of the law, of lists."""

    def rate(self, year: Year, rate: str, row: Row | None) -> Symbol: ...
    def threshold(self, value: float, unit: str, owner: str, law: str) -> Symbol: ...
    def members(self, label: str) -> None: ...


class LineCells(NamedTuple):
    """A line of the bill: its quantity, if it has one, and its amount in the stretches inside the period."""

    charge: Charge
    part: str
    quantity: Node | None
    amount: Node
    units: tuple[str, str]


class Workings:
    """The rows of one year, from row `top` of a sheet on; their cells are in the book once it is made."""

    def __init__(
        self, book: Book, sheet: str, top: int, run: Run, plant: PlantCell, numbers: Numbers, words: Words
    ) -> None:
        self.book, self.sheet, self.top = book, sheet, top
        self.year, self.run, self.numbers, self.words = run.year, run, numbers, words
        self.stretches = range(len(run.year.segments))
        self.facts = Facts(
            run, plant, lambda name, i: self._cell(("fact", name), YEAR if i is None else FIRST + i), words
        )
        # What the connection rules out, such as another operator's tariff, has no lines.
        self.charges = [charge for charge in self.year.charges if self._parts(charge)]
        self._place: dict[_Key, int] = {}  # the row of a key
        steps = list(self._steps())
        # First each row its place, since a formula may look down as well as up; then what stands in it.
        self._place.update({key: top + number for number, (key, _) in enumerate(steps) if key})
        for charge in self.charges:  # a charge of one line is that line
            self._place.setdefault(("amount", charge.key), self._place.get(("amount", charge.key, ""), -1))
        self.rows: list[list[Cell]] = []
        for number, (_, make) in enumerate(steps):
            row = make()
            for column, cell in enumerate(row[YEAR:], YEAR):
                book.put(at(sheet, top + number, column), cell.content)
            self.rows.append(row)
        for fact in ("hours", "years", "offtake"):
            book.nonzero |= {self._cell(("fact", fact), column).symbol for column in self._columns()}

    def close(self) -> None:
        """Forget the cells, but for what the year adds to the period."""
        rows = range(self.top, self.top + len(self.rows))
        every = (at(self.sheet, row, column) for row in rows for column in self._columns())
        self.book.close(every, [self.period(name) for name in PERIOD])

    def _columns(self) -> list[int]:
        return [YEAR, *(FIRST + i for i in self.stretches)]

    def _cell(self, key: _Key, column: int) -> Symbol:
        return at(self.sheet, self._place[key], column)

    def _row(
        self,
        name: str,
        id_: str,
        unit: str,
        kind: str,
        each: Callable[[int], Content],
        year: Content = None,
        style: str = "calc",
    ) -> list[Cell]:
        head = [Cell(name), Cell(id_, "id"), Cell(unit, "id"), Cell(self.words(kind), "id")]
        return [*head, Cell(year, style), *(Cell(each(i), style) for i in self.stretches)]

    def _steps(self) -> Iterator[_Step]:
        """The rows in order, each with the key that formulas find it by and the function that fills it."""
        yield None, list
        title = f"{self.year.plant.name} · {self.words.name(self.year.place.name)} · {self.year.year}"
        yield None, lambda: [Cell(title, "title")]
        yield None, self._heading
        facts, quantities = self._wanted()
        for name in facts:
            yield ("fact", name), partial(self._fact_row, name)
        for name, on_year in quantities:
            yield ("quantity", name, str(on_year)), partial(self._quantity_row, name, on_year)
        for choice in self.year.choices.values():
            yield from self._choice_steps(choice)
        for category in CATEGORIES:
            charges = [charge for charge in self.charges if charge.category == category]
            if charges:
                yield None, lambda category=category: [Cell(self.words(category), "section")]  # type: ignore[misc]
            for charge in charges:
                yield from self._charge_steps(charge)
        yield None, lambda: [Cell(self.words("in the period"), "section")]
        for name in (*PERIOD, *CATEGORIES):
            yield ("period", name), partial(self._period_row, name)

    def _heading(self) -> list[Cell]:
        texts = [self.words(text) for text in ("what", "name in the tables", "unit", "kind", "the year")]
        for i, segment in enumerate(self.year.segments):
            outside = "" if i in self.year.inside else f" ({self.words('not counted')})"
            texts.append(f"{segment.start:%d-%m} – {segment.end:%d-%m}{outside}")
        return [Cell(text, "head") for text in texts]

    def _versions(self, charge: Charge) -> list[Charge | None]:
        return [self.year.version(charge.key, segment) for segment in self.year.segments]

    def _wanted(self) -> tuple[list[str], list[tuple[str, bool]]]:
        """The facts and the named quantities that formulas use; a quantity as a stretch and as the year sees it."""
        facts: dict[str, None] = dict.fromkeys(["hours", "months", "weeks", "years", "yearly_offtake", "offtake"])
        quantities: dict[tuple[str, bool], None] = {}

        def want(fact: str) -> None:
            for other in self.facts.basis(fact):
                want(other)
            facts[fact] = None

        def visit(node: Node, on_year: bool, local: frozenset[str] = frozenset()) -> None:
            if isinstance(node, Op):
                for arg in node.args:
                    visit(arg, on_year, local)
            elif isinstance(node, In):
                visit(node.fact, on_year, local)
            elif isinstance(node, Symbol) and node.symbol not in local:
                block = self.year.words.quantity_blocks.get(node.symbol)
                if block is None:
                    want(node.symbol)
                    return
                key = node.symbol, on_year or block.get("on") == "year"
                if key not in quantities:
                    visit(self.year.words.quantity(node.symbol), key[1])
                    quantities[key] = None

        for choice in self.year.choices.values():
            for condition in _all_conditions([groups for _, groups in choice.options]):
                visit(condition.test, True)
        for charge in self.charges:
            for version in filter(None, self._versions(charge)):
                local = frozenset(name for name, _ in version.lets)
                trees = [condition.test for condition in _all_conditions([version.conditions])]
                trees += [tree for _, tree in version.lets]
                trees += [tree for line in version.lines for tree in line[1:] if tree]
                for tree in trees:
                    visit(tree, version.on_year, local)
        return sorted(facts, key=fact_order), list(quantities)

    # Trees to cells ---------------------------------------------------------------------------------------------------

    def _put(self, node: Node, index: int, charge: Charge | None, on_year: bool, owner: tuple[str, str]) -> Node:
        """The tree of a stretch with a cell for each fact, quantity, rate, threshold and amount in it."""
        again = partial(self._put, index=index, charge=charge, on_year=on_year, owner=owner)
        match node:
            case Op(op, args):
                return Op(op, tuple(again(arg) for arg in args))
            case In(fact, values, label):
                self.numbers.members(label)
                return In(again(fact), values, label)
            case Const(float() as value, unit) if abs(value) not in (0.0, 1.0, MISSING):
                return self.numbers.threshold(value, "/".join(name for name, _ in unit), *owner)
            case Rate(rate):
                return self._rate(rate, index)
            case Amount():
                return self._amounts(node, index, charge, on_year)
            case Symbol(name):
                return self._symbol(name, index, charge, on_year)
        return node

    def _of(self, version: Charge, node: Node, index: int) -> Node:
        return self._put(node, index, version, version.on_year, (version.id, version.law))

    def _symbol(self, name: str, index: int, charge: Charge | None, on_year: bool) -> Symbol:
        column = FIRST + index
        if charge and name in dict(charge.lets):
            return self._cell(("let", charge.key, name), column)
        block = self.year.words.quantity_blocks.get(name)
        if block is not None:
            return self._cell(("quantity", name, str(on_year or block.get("on") == "year")), column)
        return self._cell(("fact", name), YEAR if on_year else column)

    def _rate(self, rate: str, index: int) -> Symbol:
        row, by_hand = self.year.row(rate, index), rate in self.year.settings
        hole = row is None or (row.value is None and not self.run.inputs.allow_gaps)
        return NA if hole and not by_hand else self.numbers.rate(self.year, rate, row)

    def _members(self, node: Amount, asking: Charge | None) -> list[_Key]:
        """The rows that make up an amount: what counts of the named charges, or of its own option the asking one's."""
        keys = self.run.members(node.charges, asking)
        found = [charge for charge in self.charges if charge.key in keys]
        own = [bool(asking and charge.choice and charge.choice == asking.choice) for charge in found]
        return [
            ("counted" if charge.choice and not mine else "amount", charge.key)
            for charge, mine in zip(found, own, strict=True)
        ]

    def _amounts(self, node: Amount, index: int, asking: Charge | None, on_year: bool) -> Node:
        if asking and _sum_key(asking, node) in self._place:
            return self._cell(_sum_key(asking, node), FIRST + index)
        return self._total_of(node, index, asking, on_year)

    def _total_of(self, node: Amount, index: int, asking: Charge | None, on_year: bool) -> Node:
        return total([self._cell(key, YEAR if on_year else FIRST + index) for key in self._members(node, asking)])

    # Facts, quantities, choices ---------------------------------------------------------------------------------------

    def _fact_row(self, name: str) -> list[Cell]:
        fact = self.facts.fact(name)
        unit = "h" if name.startswith("hours") else self.year.words.symbol_unit(name) or ""
        style = {CALENDAR: "input", MEASURED: "input", FIXED: "fixed"}.get(fact.kind, "calc")
        head, _, rest = name.replace("_", " ").partition(".")
        label = f"{self.words(head)}: {self.words(rest)}" if rest else self.words(head)
        return self._row(label, name, "" if unit == "text" else unit, fact.kind, fact.each, fact.year, style)

    def _quantity_row(self, name: str, on_year: bool) -> list[Cell]:
        block, tree = self.year.words.quantity_blocks[name], self.year.words.quantity(name)
        label = f"{name} ({self.words('of the year' if on_year else 'of the stretch')})"
        unit = "" if block["unit"] == "text" else block["unit"]
        owner = name, str(block.get("law", ""))
        return self._row(label, name, unit, "calculated", lambda i: self._put(tree, i, None, on_year, owner))

    def _choice_steps(self, choice: Choice) -> Iterator[_Step]:
        """For each option whether it is open and what it costs in the year; then the number of the one taken."""
        if not any(charge.choice == choice.id for charge in self.charges):
            return
        names = [self.words.name(choice.option_names[option]) for option, _ in choice.options]
        yield None, lambda: [Cell(self.words.name(choice.name), "charge"), Cell(choice.id, "id")]
        for name, (option, groups) in zip(names, choice.options, strict=True):
            label = f"{name}: {self.words('open')}"
            yield (
                ("open", choice.id, option),
                partial(self._choice_row, choice, label, "", partial(self._open, choice, groups)),
            )
        for name, (option, _) in zip(names, choice.options, strict=True):
            label = f"{name}: {self.words('cost of the year')}"
            yield (
                ("cost", choice.id, option),
                partial(self._choice_row, choice, label, "EUR", partial(self._cost, choice, option)),
            )
        label = f"{self.words('chosen')}: {', '.join(f'{i} {name}' for i, name in enumerate(names, 1))}"
        yield ("chosen", choice.id), partial(self._choice_row, choice, label, "", partial(self._chosen, choice))

    def _choice_row(self, choice: Choice, label: str, unit: str, content: Callable[[], Node]) -> list[Cell]:
        return self._row(label, choice.id, unit, "calculated", lambda _: None, content())

    def _open(self, choice: Choice, groups: tuple[tuple[Condition, ...], ...]) -> Node:
        return any_of([[self._put(c.test, 0, None, True, (choice.id, "")) for c in group] for group in groups])

    def _cost(self, choice: Choice, option: str) -> Node:
        cells = [
            self._cell(("amount", c.key), YEAR) for c in self.charges if (c.choice, c.option) == (choice.id, option)
        ]
        return Op("if", (self._cell(("open", choice.id, option), YEAR), total(cells), Const(MISSING)))

    def _chosen(self, choice: Choice) -> Node:
        """What the plant states, else the default, else the first of the cheapest that are open; 0 is none."""
        options = [option for option, _ in choice.options]
        opens, costs = (
            [self._cell((kind, choice.id, option), YEAR) for option in options] for kind in ("open", "cost")
        )
        least = Op("min", tuple(costs))
        found: Node = ZERO
        for number, (open_, cost) in reversed(list(enumerate(zip(opens, costs, strict=True), 1))):
            found = Op("if", (Op("and", (open_, Op("<=", (cost, least)))), Const(float(number)), found))
        for wanted in (choice.default, self.year.texts.get(choice.input, "")):
            if wanted in options:
                number = options.index(wanted)
                found = Op("if", (opens[number], Const(number + 1.0), found))
        return found

    def _takes(self, charge: Charge) -> Node:
        """Whether the charge's option is the one that was chosen."""
        if not charge.choice:
            return ONE
        options = [option for option, _ in self.year.choices[charge.choice].options]
        return Op("==", (self._cell(("chosen", charge.choice), YEAR), Const(options.index(charge.option) + 1.0)))

    # Charges ----------------------------------------------------------------------------------------------------------

    def _charge_steps(self, charge: Charge) -> Iterator[_Step]:
        held = [version for version in self._versions(charge) if version]
        title = self.words.name(charge.name)
        if charge.choice:
            title += f" ({self.words.name(self.year.choices[charge.choice].option_names[charge.option])})"
        law = "; ".join(dict.fromkeys(version.law for version in held))
        yield None, lambda: [Cell(title, "charge"), Cell(charge.id, "id"), Cell(law, "law")]
        labels = dict.fromkeys(_label(c) for version in held for c in _all_conditions([version.conditions]))
        for label in labels:
            yield ("test", charge.key, label), partial(self._condition_row, charge, label)
        if labels:
            yield ("applies", charge.key), partial(self._applies_row, charge)
        for node in dict.fromkeys(node for version in held for node in _amount_nodes(version)):
            if len(self._members(node, charge)) > _FEW:
                yield _sum_key(charge, node), partial(self._amount_row, charge, node)
        for let in dict.fromkeys(name for version in held for name, _ in version.lets):
            yield ("let", charge.key, let), partial(self._let_row, charge, let)
        for part in self._parts(charge):
            for kind in ("quantity", "rate", "amount"):
                if any(_tree(version, part, kind) for version in held):
                    yield (kind, charge.key, part), partial(self._line_row, charge, part, kind)
        if self._parts(charge) != [""]:
            yield ("amount", charge.key), partial(self._sum_row, charge)
        if charge.choice:
            yield ("counted", charge.key), partial(self._counted_row, charge)

    def _parts(self, charge: Charge) -> list[str]:
        return list(dict.fromkeys(line.part for version in self._versions(charge) if version for line in version.lines))

    def _in_each(self, charge: Charge, make: Callable[[Charge, int], Content]) -> Callable[[int], Content]:
        """What stands in a stretch by the law that holds in it; nothing where none does."""
        versions = self._versions(charge)

        def each(index: int) -> Content:
            version = versions[index]
            return make(version, index) if version else None

        return each

    def _condition_row(self, charge: Charge, label: str) -> list[Cell]:
        def make(version: Charge, index: int) -> Content:
            found = [c for c in _all_conditions([version.conditions]) if _label(c) == label]
            return self._of(version, found[0].test, index) if found else None

        return self._row(label, charge.id, "", "condition", self._in_each(charge, make))

    def _applies_row(self, charge: Charge) -> list[Cell]:
        def make(version: Charge, index: int) -> Content:
            groups = version.conditions
            return any_of([[self._cell(("test", charge.key, _label(c)), FIRST + index) for c in g] for g in groups])

        return self._row(self.words("applies"), charge.id, "", "condition", self._in_each(charge, make))

    def _amount_row(self, charge: Charge, node: Amount) -> list[Cell]:
        """An amount of many charges gets a row of its own, so that the formulas on it stay short."""

        def make(version: Charge, index: int) -> Content:
            return self._total_of(node, index, version, version.on_year)

        label = f"{self.words('sum')}: {', '.join(node.charges)}"
        return self._row(label, charge.id, "EUR", "calculated", self._in_each(charge, make))

    def _let_row(self, charge: Charge, let: str) -> list[Cell]:
        def make(version: Charge, index: int) -> Content:
            tree = dict(version.lets).get(let)
            return self._of(version, tree, index) if tree else None

        return self._row(let.replace("_", " "), charge.id, "", "calculated", self._in_each(charge, make))

    def _line_row(self, charge: Charge, part: str, kind: str) -> list[Cell]:
        def make(version: Charge, index: int) -> Content:
            tree = _tree(version, part, kind)
            if tree is None:
                return None
            cell = partial(self._cell, column=FIRST + index)
            if kind == "amount" and _tree(version, part, "rate"):
                content: Node = times(cell(("quantity", charge.key, part)), cell(("rate", charge.key, part)))
            else:
                content = self._of(version, tree, index)
                if version.on_year and kind != "rate":
                    content = times(content, self._weight(version, index))
            if kind != "rate" and version.conditions:
                content = Op("if", (cell(("applies", charge.key)), content, ZERO))
            return content

        unit = "EUR" if kind == "amount" else self.units(charge, part)[kind == "rate"]
        label = f"{part}: {self.words(kind)}" if part else self.words(kind)
        each = self._in_each(charge, make)
        if kind != "amount":
            return self._row(label, charge.id, unit, "calculated", each)
        year = self._across(charge, kind, part)
        style = "total" if self._parts(charge) == [""] else "amount"
        return self._row(label, charge.id, unit, "calculated", lambda i: each(i) or ZERO, year, style)

    def units(self, charge: Charge, part: str) -> tuple[str, str]:
        """The units of a line's quantity and rate."""
        version = next(v for v in self._versions(charge) if v and any(line.part == part for line in v.lines))
        return unit_of(version, self.year, part)

    def _weight(self, charge: Charge, index: int) -> Node:
        """What a charge reckoned on the year counts for in a stretch."""
        if charge.weight == "offtake":
            return over(self._cell(("fact", "offtake"), FIRST + index), self._cell(("fact", "offtake"), YEAR))
        return self._cell(("fact", "years"), FIRST + index)

    def _sum_row(self, charge: Charge) -> list[Cell]:
        versions = self._versions(charge)

        def each(index: int) -> Content:
            lines = versions[index].lines if versions[index] else ()  # type: ignore[union-attr]
            return total([self._cell(("amount", charge.key, line.part), FIRST + index) for line in lines])

        year = self._across(charge, "amount")
        return self._row(self.words("amount"), charge.id, "EUR", "calculated", each, year, "total")

    def _counted_row(self, charge: Charge) -> list[Cell]:
        def each(index: int) -> Content:
            return Op("if", (self._takes(charge), self._cell(("amount", charge.key), FIRST + index), ZERO))

        year = self._across(charge, "counted")
        return self._row(self.words("amount if chosen"), charge.id, "EUR", "calculated", each, year, "total")

    def _across(self, charge: Charge, kind: str, part: str | None = None) -> Node:
        """The sum of a row over the stretches in which it holds something."""
        key = (kind, charge.key) if part is None else (kind, charge.key, part)
        held = [part is None or _tree(version, part, kind) is not None for version in self._versions(charge)]
        return total([self._cell(key, FIRST + i) for i in self.stretches if held[i]])

    def period(self, name: str) -> Symbol:
        """The cell of what the year adds to the period: its offtake, electricity or all it costs."""
        return self._cell(("period", name), YEAR)

    def _period_row(self, name: str) -> list[Cell]:
        if name == "offtake":
            node = total([self._cell(("fact", name), FIRST + i) for i in self.year.inside])
        elif name in CATEGORIES:
            keys = [("counted" if c.choice else "amount", c.key) for c in self.charges if c.category == name]
            node = total([total([self._cell(key, FIRST + i) for i in self.year.inside]) for key in keys])
        else:
            counted = CATEGORIES[:-1] if name == "electricity" else CATEGORIES
            node = total([self.period(category) for category in counted])
        unit = "MWh" if name == "offtake" else "EUR"
        return self._row(self.words(name), "", unit, "calculated", lambda _: None, node, "total")

    # Lines of the bill ------------------------------------------------------------------------------------------------

    def lines(self) -> Iterator[LineCells]:
        """The lines that the law has in the period, those that come to nothing too."""
        for charge in self.charges:
            versions, takes = self._versions(charge), self._takes(charge)
            for part in self._parts(charge):
                live = [i for i in self.year.inside if _tree(versions[i], part, "amount")]
                if not live:
                    continue
                found: dict[str, Node] = {}
                for kind in ("quantity", "amount"):
                    if all(_tree(versions[i], part, kind) for i in live):
                        summed = total([self._cell((kind, charge.key, part), FIRST + i) for i in live])
                        found[kind] = summed if takes == ONE else Op("if", (takes, summed, ZERO))
                yield LineCells(charge, part, found.get("quantity"), found["amount"], self.units(charge, part))


def total(cells: list[Symbol] | list[Node]) -> Node:
    return Op("sum", tuple(cells)) if len(cells) > 1 else cells[0] if cells else ZERO


def any_of(groups: list[list[Node]]) -> Node:
    """Any of the groups, all of a group; no group is no condition. A test that is not reached is not looked at."""
    tests = [_one_by_one(group) for group in groups]
    return ONE if not tests else tests[0] if len(tests) == 1 else Op("or", tuple(tests))


def _one_by_one(tests: list[Node]) -> Node:
    found: Node = ONE
    for test in reversed(tests):
        found = test if found == ONE else Op("if", (test, found, ZERO))
    return found


def _all_conditions(options: list[tuple[tuple[Condition, ...], ...]]) -> list[Condition]:
    return [condition for groups in options for group in groups for condition in group]


def _tree(version: Charge | None, part: str, kind: str) -> Node | None:
    line = next((line for line in version.lines if line.part == part), None) if version else None
    found: Node | None = getattr(line, kind) if line else None
    return found


def _amount_nodes(version: Charge) -> Iterator[Amount]:
    """The amounts of other charges that the trees of a charge use."""
    todo: list[Node] = [tree for line in version.lines for tree in line[1:] if isinstance(tree, tuple)]
    todo += [tree for _, tree in version.lets]
    while todo:
        node = todo.pop(0)
        if isinstance(node, Amount):
            yield node
        elif isinstance(node, Op):
            todo += node.args


def _sum_key(charge: Charge, node: Amount) -> _Key:
    return ("sum", charge.key, *node.charges)


def _label(condition: Condition) -> str:
    return write(condition.test, named)
