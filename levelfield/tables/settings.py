"""A rate set by hand, on the command line or in a plant file."""

from __future__ import annotations

from levelfield import units
from levelfield._errors import UserError, did_you_mean
from levelfield.tables.model import Tables


def parse_setting(rate: str, text: str, tables: Tables) -> float:
    """The canonical value of a rate set by hand; a bare number is in the unit of the table. Raises UserError.

    A list of the tables that has a unit names rates that may be set although the tables hold none of them.
    """
    if rate not in tables and rate not in tables.optional:
        hint = did_you_mean(rate, tables.rate_ids, "'levelfield tariffs list' shows them")
        raise UserError(f"'{rate}' is no rate of the tables; {hint}")
    known, factor = units_of_setting(rate, tables)
    try:
        value, unit = units.split(text)
        return units.parse(text, known) if unit else float(f"{value * factor:.15g}")
    except units.UnitError as error:
        raise UserError(f"{rate}: {error}") from None


def units_of_setting(rate: str, tables: Tables) -> tuple[str, float]:
    """The canonical unit of a rate, and what a bare number is multiplied by to be in it."""
    known = tables.unit(rate) or tables.optional.get(rate, "")
    rows = tables.rows(rate)
    written = rows[-1].written.rpartition(" ")[2] if rows else known
    return known, units.canonical(written if written[:1].isalpha() or written == "%" else "")[1]
