"""What the published tables say of each other: relations that the law or the tariff system sets between rates.

They guard the rates of products and grid levels that no worked example reads.
"""

from __future__ import annotations

import pytest

from levelfield.tables import Tables

OLD, NEW = "nl.co2_levy.old_benchmark.", "eu.ets.benchmark."


def products(tables: Tables, prefix: str) -> list[str]:
    return [rate.removeprefix(prefix) for rate in tables.rate_ids if rate.startswith(prefix)]


def value(tables: Tables, rate: str, day: str) -> float:
    row = tables.row(rate, day)
    assert row, f"{rate} on {day}"
    assert row.value is not None, f"{rate} on {day}"
    return row.value


def test_the_levy_counted_on_the_benchmarks_of_2013_to_2020(tables: Tables) -> None:
    """Wet milieubeheer, dispensation rights of 2021 and 2022: the product benchmarks of Decision 2011/278/EU."""
    assert len(products(tables, OLD)) > 50
    for product in products(tables, OLD):
        assert value(tables, OLD + product, "2021-06-01") == value(tables, NEW + product, "2019-06-01"), product


def test_benchmarks_fall_as_the_directive_says(tables: Tables) -> None:
    """Directive 2003/87/EC, art. 10a(2): 0.2 to 1.6 % a year over 15 years, then 0.3 to 2.5 % over 20 years."""
    # Soda ash and the aromatics group were counted anew; process emissions are no benchmark; rounding of small values.
    for product in set(products(tables, NEW)) - {"soda_ash", "process_emissions"}:
        if not tables.row(NEW + product, "2019-06-01"):
            continue
        old, middle, new = (value(tables, NEW + product, f"{year}-06-01") for year in (2019, 2021, 2026))
        rounding = max(0.0005, 0.001 * old)
        assert 0.76 * old - rounding <= middle <= 0.97 * old + rounding, product
        assert 0.50 * old - rounding <= new <= 0.94 * old + rounding, product


@pytest.mark.parametrize("sheet", ["tso.hoes", "tso.hoes_hs", "dso.hs", "westnetz.ms"])
def test_the_columns_of_a_german_sheet_meet_at_2500_hours(tables: Tables, sheet: str) -> None:
    """A customer of 2,500 h pays the same in both columns, within the rounding of the prices."""
    found = [tables.rows(f"de.grid.{sheet}.{name}") for name in ("lp_lt2500", "ap_lt2500", "lp_ge2500", "ap_ge2500")]
    by_year = [{row.valid_from: row.value for row in rows if row.value is not None} for rows in found]
    years = [year for year in by_year[0] if all(year in prices for prices in by_year)]
    assert years
    for year in years:
        lp_below, ap_below, lp_above, ap_above = (prices[year] for prices in by_year)
        assert lp_below + 2.5 * ap_below == pytest.approx(lp_above + 2.5 * ap_above, abs=0.4), year


@pytest.mark.parametrize("operator", ["enexis", "liander", "stedin", "tennet"])
def test_high_grid_levels_have_no_kwh_tariff(tables: Tables, operator: str) -> None:
    """Tarievencode elektriciteit: at EHS, HS, TS and HS/TS-MS the tariff carriers are contracted power and peaks."""
    levels = {rate.split(".")[3] for rate in tables.rate_ids if rate.startswith(f"nl.grid.{operator}.")}
    rates = [f"nl.grid.{operator}.{level}.{name}" for level in levels for name in ("energy_normal", "energy_low")]
    held = [rate for rate in rates if rate.split(".")[3] in ("ehs", "hs", "ts", "hs_ms") and tables.rows(rate)]
    assert held
    assert all(row.value == 0 for rate in held for row in tables.rows(rate))


def test_storage_and_consumption_under_the_french_law(tables: Tables) -> None:
    """Code de l'énergie, art. L.341-4-2: at most 90 % for sites that consume and 50 % for storage."""
    highest = max(
        value(tables, rate, "2020-06-01") for rate in tables.rate_ids if "turpe_reduction.electro.hyper.step" in rate
    )
    assert highest == value(tables, "fr.turpe_reduction.legal_maximum", "2020-06-01") == 0.9
    storage = "fr.turpe_reduction.storage."
    assert (
        value(tables, storage + "rate", "2026-06-01") == value(tables, storage + "legal_maximum", "2026-06-01") == 0.5
    )
