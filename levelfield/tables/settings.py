"""A rate set by hand, on the command line or in a plant file."""

from __future__ import annotations

from levelfield import units
from levelfield._errors import UserError, did_you_mean
from levelfield.tables.model import Tables


def parse_setting(rate: str, text: str, tables: Tables) -> float:
    """The canonical value of a rate set by hand; a bare number is in the unit of the table. Raises UserError.

    A list of the tables that has a unit names rates that may be set although the tables hold none of them.
    """
    known = tables.unit(rate) or tables.optional.get(rate, "")
    if rate not in tables and rate not in tables.optional:
        hint = did_you_mean(rate, tables.rate_ids, "'levelfield tariffs list' shows them")
        raise UserError(f"'{rate}' is no rate of the tables; {hint}")
    row = tables.rows(rate)[-1] if tables.rows(rate) else None
    try:
        value, unit = units.split(text)
        if not unit:
            written = row.written.rpartition(" ")[2] if row else known
            return float(
                f"{value * units.canonical(written if written[:1].isalpha() or written == '%' else '')[1]:.15g}"
            )
        return units.parse(text, known)
    except units.UnitError as error:
        raise UserError(f"{rate}: {error}") from None
