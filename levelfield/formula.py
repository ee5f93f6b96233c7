"""Formulas: Python's expression syntax, cut down to the operators of a tree, parsed with `ast` and never executed.

    -min(0.9 * x, 0.9 * max(0, x - pension_relief))
    amount(de.grid.capacity, de.grid.energy) * de.grid.bandlast.floor
    a if full_load_hours >= 7000 else b

A formula is read once into a form (plain tuples that can be kept in a cache) and built into a tree for each
jurisdiction and plant, where its names get their meaning: `{level}` in a name is filled in from the connection.
"""

from __future__ import annotations

import ast
import functools
import re
from typing import Any, Protocol, TypeAlias

from levelfield.expression import Amount, Const, ExpressionError, Node, Op

Form: TypeAlias = tuple[Any, ...]
"""('const', value), ('name', 'a.b'), ('op', sign, forms) or ('call', function, forms)."""

_SIGNS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.And: "and",
    ast.Or: "or",
}
_BRACES = re.compile(r"\{(\w+?)\}")
_FILLED = re.compile(r"__(\w+?)__")
PLAIN_NAME = re.compile(r"[a-z_]\w*(\.[a-z_]\w*)*")


class Names(Protocol):
    """What the names in a formula stand for; raises ExpressionError for one that is unknown."""

    def name(self, dotted: str) -> Node: ...
    def call(self, function: str, args: tuple[Form, ...]) -> Node | None: ...


@functools.lru_cache(maxsize=4096)
def read(text: str) -> Form:
    """The form of a formula. Raises ExpressionError with the offending part when it is not in the language."""
    if PLAIN_NAME.fullmatch(text):
        return ("name", text)
    named = _BRACES.sub(r"__\1__", text)  # braces become part of a name
    try:
        tree = ast.parse(f"({named})", mode="eval")  # in brackets, so that a formula may run over lines
    except SyntaxError as error:
        raise ExpressionError(f"'{text}' cannot be read as a formula: {error.msg}") from None
    return _form(tree.body)


def _form(node: ast.expr) -> Form:
    match node:
        case ast.Constant(value=bool() | int() | float() as value):
            return ("const", float(value))
        case ast.Constant(value=str() as value):
            return ("const", value)
        case ast.Name() | ast.Attribute():
            return ("name", _dotted(node))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _form(operand)
            negative = inner[0] == "const" and isinstance(inner[1], float)
            return ("const", -inner[1]) if negative else ("op", "*", (("const", -1.0), inner))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return ("op", "not", (_form(operand),))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _SIGNS:
            return ("op", _SIGNS[type(op)], (_form(left), _form(right)))
        case ast.BoolOp(op=op, values=values):
            return ("op", _SIGNS[type(op)], tuple(_form(value) for value in values))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _SIGNS:
            return ("op", _SIGNS[type(op)], (_form(left), _form(right)))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return ("op", "if", (_form(test), _form(body), _form(orelse)))
        case ast.Call(func=ast.Name(id="min" | "max" as function), args=args, keywords=[]) if args:
            return ("op", function, tuple(_form(arg) for arg in args))
        case ast.Call(func=ast.Name(id=function), args=args, keywords=[]) if args:
            return ("call", function, tuple(_form(arg) for arg in args))
    raise ExpressionError(
        f"'{ast.unparse(node)}' is not in the language of formulas: + - * /, comparison, and, or, not, if-else, "
        "min(), max(), amount(charge), sum_products(...), sector_in(list)"
    )


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    raise ExpressionError(f"'{ast.unparse(node)}' stands where a name such as nl.energy_tax is needed")


def build(form: Form, names: Names) -> Node:
    """The tree of a form. Raises ExpressionError for a name or function without meaning."""
    kind = form[0]
    if kind == "name":
        return names.name(form[1])
    if kind == "op":
        return Op(form[1], tuple([build(arg, names) for arg in form[2]]))
    if kind == "const":
        return Const(form[1])
    if form[1] == "amount":
        return Amount(tuple(name_of(arg) for arg in form[2]))
    found = names.call(form[1], form[2])
    if found is None:
        raise ExpressionError(f"'{form[1]}()' with {len(form[2])} arguments is not in the language of formulas")
    return found


def name_of(form: Form) -> str:
    """The name that a form is. Raises ExpressionError if it is no name."""
    if form[0] != "name":
        raise ExpressionError("a name such as nl.energy_tax is needed as argument")
    return str(form[1])


def fill(name: str, texts: dict[str, str]) -> str:
    """A name with its braces filled in, in lower case: nl.grid.__operator__.fixed is nl.grid.tennet.fixed."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in texts:
            raise ExpressionError(f"{{{match[1]}}} is no key of the connection")
        return texts[match[1]].lower()

    return _FILLED.sub(value, name) if "__" in name else name
