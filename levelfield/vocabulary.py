"""What names mean in the law of a jurisdiction: facts and determinants, rates, named quantities, lists and products."""

from __future__ import annotations

from collections.abc import Mapping

from levelfield import units
from levelfield._errors import TablesError, did_you_mean
from levelfield.expression import (
    NO_NEEDS,
    ONE,
    ZERO,
    Amount,
    Const,
    Dimensions,
    ExpressionError,
    In,
    Needs,
    Node,
    Op,
    Rate,
    Symbol,
    add,
    infer,
    needs,
)
from levelfield.formula import Form, Names, build, fill, name_of, read
from levelfield.tables import Jurisdiction, Tables

SYMBOLS: dict[str, str] = {
    "offtake": "MWh",
    "yearly_offtake": "MWh",
    "full_load_hours": "h",
    "use_hours": "h",
    "yearly_peak": "kW",
    "contracted_power": "kW",
    "mean_power": "kW",
    "monthly_peaks": "kW*month",
    "weekly_peaks": "kW*week",
    "profile_factor": "",
    "years": "a",
    "months": "month",
    "weeks": "week",
    "hours": "h",
    "exempt_process_share": "",
    "own_price": "EUR/MWh",
    "own_price_stated": "",
    "procurement.spot": "",
    "procurement.forward": "",
    "procurement.formula": "",
    "contract_share": "",
    "contract_price": "EUR/MWh",
    "contract_factor": "",
    "gross_value_added": "EUR",
    "turnover": "EUR",
    "payroll": "EUR",
    "eu_ets": "",
    "carbon_leakage": "",
    "direct_emissions": "tCO2",
    "free_allocation": "tCO2",
    "free_allocation_stated": "",
    "sector": "text",
}
"""What a formula may ask of the plant and the period, with its unit. Kinds with a suffix are in `_symbol_unit`."""


_BY_CLASS = {"offtake": "MWh", "hours": "h", "overshoot": "kW*month"}
"""What a formula may ask of a time class, as in offtake.CALENDAR.CLASS."""


class Vocabulary(Names):
    """What names mean in the law of one jurisdiction, for a plant with the given products and connection."""

    def __init__(
        self,
        tables: Tables,
        jurisdiction: Jurisdiction,
        products: Mapping[str, tuple[str, ...]],
        texts: Mapping[str, str],
        instead: Mapping[str, str] | None = None,
        products_differ: bool = False,
    ) -> None:
        """`instead` names the rates that stand for others, such as the forward price for the market's.

        Where `products_differ` from plant to plant, each product counts for the plants that state it.
        """
        self.instead = instead or {}
        self.products_differ = products_differ
        self.tables = tables
        self.jurisdiction = jurisdiction
        self.products = products
        self.texts = {"market_zone": jurisdiction.market.rpartition(".")[2], **texts}
        blocks = [tables.law(folder) for folder in ("eu", jurisdiction.folder)]
        self.calendars = {c["id"]: [k["id"] for k in c["class"]] for law in blocks for c in law.calendars}
        self.peaks = {p["id"]: p for law in blocks for p in law.peaks}
        self.quantity_blocks = {
            q["id"]: q
            for law in blocks
            for q in law.quantities
            if jurisdiction.id in q.get("jurisdictions", [jurisdiction.id])
        }
        self.local: dict[str, Node] = {}  # the intermediate results of the charge at hand
        self._dimensions: dict[str, Dimensions | None] = {}
        self._trees: dict[str, Node] = {}
        self._reach: dict[str, Needs] = {}

    # Names ------------------------------------------------------------------------------------------------------------

    def tree(self, text: str | float) -> Node:
        """The tree of a formula."""
        if isinstance(text, (int, float)):
            return Const(float(text))
        return build(self.tables.forms.get(text) or read(text), self)

    def name(self, dotted: str) -> Node:
        dotted = fill(dotted, self.texts)
        if dotted in self.local or self.symbol_unit(dotted) is not None:
            return Symbol(dotted)
        if dotted in self.tables or dotted in self.instead:
            return Rate(self.instead.get(dotted, dotted))
        if any(value and f".{value.lower()}." in f"{dotted}." for value in self.texts.values()):
            return Rate(
                dotted
            )  # a tariff of an operator or level that the tables lack: a hole, found when it is needed
        hint = did_you_mean(dotted, [*SYMBOLS, *self.quantity_blocks, *self.tables.rate_ids], "is it misspelt?")
        raise ExpressionError(f"'{dotted}' is neither a rate, a quantity nor a fact; {hint}")

    def call(self, function: str, args: tuple[Form, ...]) -> Node | None:
        if function == "sector_in" and len(args) == 1:
            return self.sector_in(name_of(args[0]))
        if function == "sum_products" and len(args) == 2:
            group = name_of(args[0])
            terms = [build(args[1], _ProductNames(self, group, product)) for product in self.products.get(group, ())]
            if self.products_differ:
                # Not for want of speed: a benchmark that the tables lack matters only to plants with that product.
                stated = [Symbol(f"{group}.{product}.stated") for product in self.products.get(group, ())]
                terms = [Op("if", (made, term, ZERO)) for made, term in zip(stated, terms, strict=True)]
            return add(*terms)
        return None

    def sector_in(self, name: str) -> Node:
        if name not in self.tables.lists:
            raise ExpressionError(f"'{name}' is no list of the tables")
        return self.listed(Symbol("sector"), name)

    def listed(self, fact: Node, name: str) -> Node:
        """Whether a fact is on a list; a proposed extension of the list counts from its day."""
        found: Node = In(fact, self.tables.list_of(name), name)
        for classes, rate in self.extensions(name):
            found = Op("or", (found, Op("and", (In(fact, classes, name), Rate(rate)))))
        return found

    def extensions(self, name: str) -> list[tuple[frozenset[str], str]]:
        """What proposals add to a list here: the members, and the rate that is 1 on the days on which they count."""
        found = self.tables.lists[name].get("extensions", ())
        return [(classes, rate) for classes, rate, places in found if self.jurisdiction.id in places]

    def symbol_unit(self, name: str) -> str | None:
        """The unit of a symbol, 'text', or None if there is no such symbol."""
        if name in SYMBOLS:
            return SYMBOLS[name]
        head, _, rest = name.partition(".")
        if head == "connection":
            if rest in self.texts:
                return "text"
            spec = self.jurisdiction.inputs.get(rest)
            return None if spec is None else ("text" if "values" in spec else spec.get("unit", ""))
        if head == "claim":
            return ""
        if head in _BY_CLASS:
            calendar, _, kind = rest.rpartition(".")
            return _BY_CLASS[head] if kind in self.calendars.get(calendar, ()) else None
        if head == "peak":
            found = self.peaks.get(rest)
            return None if found is None else ("kW" if found["per"] == "year" else f"kW*{found['per']}")
        return self.quantity_blocks[name]["unit"] if name in self.quantity_blocks else None

    # Units ------------------------------------------------------------------------------------------------------------

    def unit_of(self, node: Node) -> Dimensions | None:
        match node:
            case Amount():
                return (("EUR", 1),)
            case Rate(rate):
                return units.dimensions(self.tables.unit(rate)) if rate in self.tables else None
            case Symbol(name) if name in self.local:
                return self.dimensions(self.local[name])
            case Symbol(name):
                unit = self.symbol_unit(name)
                if unit is None:
                    return None  # a field of a product
                return None if unit == "text" else units.dimensions(_known(unit))
        return None

    def dimensions(self, node: Node) -> Dimensions | None:
        return infer(node, self.unit_of)

    def quantity(self, name: str) -> Node:
        """The tree of a quantity that the law names."""
        if name not in self._trees:
            block = self.quantity_blocks[name]
            try:
                self._trees[name] = self.tree(block["formula"])
            except ExpressionError as error:
                raise TablesError(f"{block['place']}: quantity {name}: {error}") from None
        return self._trees[name]

    def reach(self, wanted: Needs) -> Needs:
        """What is looked up in the end: the named quantities among the symbols, and all that they need."""
        found = wanted
        for name in wanted.symbols & self.quantity_blocks.keys():
            if name not in self._reach:
                self._reach[name] = NO_NEEDS  # a quantity that needs itself ends here, and in the check
                self._reach[name] = self.reach(needs([self.quantity(name)]))
            found = found | self._reach[name]
        return found


def _known(unit: str) -> str:
    return unit if "*" in unit else units.canonical("" if unit == "yes/no" else unit)[0]


class _ProductNames(Names):
    """Names inside sum_products(): the fields of one product, per(rate) and among(list)."""

    fields = ("output", "emissions", "electricity", "consumption")

    def __init__(self, outer: Vocabulary, group: str, product: str) -> None:
        self.outer, self.group, self.product = outer, group, product

    def name(self, dotted: str) -> Node:
        return Symbol(f"{self.group}.{self.product}.{dotted}") if dotted in self.fields else self.outer.name(dotted)

    def call(self, function: str, args: tuple[Form, ...]) -> Node | None:
        if function == "per" and len(args) == 1:
            return Rate(f"{name_of(args[0])}.{self.product}")
        if function == "among" and len(args) == 1:
            name = name_of(args[0])
            if self.product in self.outer.tables.list_of(name):
                return ONE
            later = [Rate(rate) for more, rate in self.outer.extensions(name) if self.product in more]
            return later[0] if later else ZERO
        return self.outer.call(function, args)
