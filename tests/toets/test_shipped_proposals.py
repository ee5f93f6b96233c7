"""The shipped proposals: each against a hand calculation of both years, over the whole panel, and taken back again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

import pytest

from levelfield.bill import make_bill
from levelfield.calendars import day_before
from levelfield.charges import is_part
from levelfield.period import calendar_year
from levelfield.plant_file import load_plant
from levelfield.tables import Tables
from levelfield.tables.patch import inside
from levelfield.toets.effect import Toets, keeper, run_toets, touches
from levelfield.toets.panel import Panel, load_panel
from levelfield.toets.patch import lay_over
from levelfield.toets.proposal import Proposal, load_proposal, parse_proposal, shipped_proposals
from levelfield.toets.state_aid import rules
from levelfield.year import versions

YEARS = (2025, 2026)
NAMES = tuple(shipped_proposals())


class Expected(NamedTuple):
    """What a proposal changes in the Dutch bill of a plant, EUR a year."""

    plant: str
    in_2025: float
    in_2026: float


# Zinc smelter: 1,100,000 MWh, 135,000 kW contracted and as monthly peak, 5 % of the offtake outside exempt processes.
# TenneT HS, contracted + twelve monthly peaks, with 2,760 EUR fixed beside them:
#   2025  135,000 × 67.18 + 135,000 × 12 × 6.72 = 9,069,300 + 10,886,400 = 19,955,700
#   2026  135,000 × 59.77 + 135,000 × 12 × 5.98 = 8,068,950 +  9,687,600 = 17,756,550
# Ammonia: 425,000 MWh, no claim to compensation. Refinery: 2,240,000 t, 64,500,000 CWT.
# Waste-to-energy: 370,000 t, rights of 340,000 t.
EXPECTED = {
    # 2025: emissions above the rights, 2,240,000 − 64,500,000 × 0.0228 × 1.057 = 685,575.8 t, × (87.90 − 66.80).
    # 2026: the rate of 78.67 lies below the deducted price of 79.30.
    "abolish-co2-levy": Expected("refinery", -14_465_649.38, 0),
    # 2026: 2,240,000 − 64,500,000 × 0.0232 × 0.979 = 775,024.4 t, × (103.66 − 79.30), where nothing was due.
    "reactivate-co2-levy": Expected("refinery", 0, 18_879_594.384),
    # More than 250 GWh, and 1,100,000 MWh ÷ 8,760 h ÷ 135 MW = 93 % of the hours: the full 90 %.
    "volume-correction": Expected("zinc-smelter", -17_960_130, -15_980_895),
    # Half of 425,000 MWh, × min(half of 86.81, 86.81 − 50) = 36.81 and min(47, 44) = 44.
    "cisaf-relief": Expected("ammonia", -7_822_125, -9_350_000),
    # (425,000 − 1,000) MWh × the fall-back of 0.8 less 1.09 % a year since 2021 × 75 % × 0.45 t/MWh, × 68.86 and
    # 77 EUR/t.
    "wider-compensation": Expected(
        "ammonia",
        -424_000 * 0.8 * 0.9891**4 * 0.75 * 0.45 * 68.86,
        -424_000 * 0.8 * 0.9891**5 * 0.75 * 0.45 * 77,
    ),
    # 275,000 t × 3.994 MWh/t, less 1.09 % a year since 2021, less 1,000 MWh at the fall-back.
    # 2025: 5 % more of 0.45 × 68.86. 2026: 0.80 × 0.44 = 0.352 in place of 0.75 × 0.45 = 0.3375, × 77.
    "higher-compensation": Expected(
        "zinc-smelter",
        -(275_000 * 3.994 - 800) * 0.9891**4 * 0.05 * 0.45 * 68.86,
        -(275_000 * 3.994 - 800) * 0.9891**5 * (0.352 - 0.3375) * 77,
    ),
    # 1.0 of 2.6 billion EUR.
    "grid-subsidy": Expected("zinc-smelter", -19_955_700 / 2.6, -17_756_550 / 2.6),
    # A fifth.
    "grid-amortisation": Expected("zinc-smelter", -3_991_140, -3_551_310),
    # Starts in 2026: 425,000 MWh × half of min(87.44 ÷ 2, 87.44 − 50) = 37.44.
    "german-industrial-price": Expected("ammonia", 0, -7_956_000),
    # Four fifths.
    "belgian-transport-reduction": Expected("zinc-smelter", -15_964_560, -14_205_240),
    # 8,148 h: 81 % of the whole tariff, 19,958,460 and 17,759,310.
    "french-reduction": Expected("zinc-smelter", -16_166_352.6, -14_385_041.1),
    # 55,000 MWh taxed. 2025: 10 × 101.54 + 40 × 69.37 + 9,950 × 38.68 + 45,000 × 3.21 = 533,106.20;
    # 2026: 10 × 91.61 + 40 × 66.71 + 9,950 × 37.35 + 45,000 × 3.10 = 514,717.00; both to 55,000 × 0.50 = 27,500.
    "energy-tax-eu-minimum": Expected("zinc-smelter", -505_606.2, -487_217),
    # Half of 1,100,000 MWh, × 86.81 − 70 = 16.81; in 2026 × 94 − 70 = 24 would be 13.2 million, cut to 10.
    "cfd-electrification": Expected("zinc-smelter", -9_245_500, -10_000_000),
    # 135,000 kW × 44.93 and 39.01 in place of 19,958,460 and 17,759,310.
    "harmonised-grid-tariffs": Expected("zinc-smelter", 6_065_550 - 19_958_460, 5_266_350 - 17_759_310),
    # 1,100,000 MWh × 1.2 = 1,320,000 in their place.
    "grid-tariff-ceiling": Expected("zinc-smelter", 1_320_000 - 19_958_460, 1_320_000 - 17_759_310),
    # 2026: 30,000 t above the rights, × (78.67 − 103.66).
    "waste-levy-surcharge-removed": Expected("waste-incinerator", 0, -749_700),
}


@pytest.fixture(scope="module")
def panel(tables: Tables) -> Panel:
    return load_panel("clusters", tables)


@pytest.fixture(scope="module")
def tested(tables: Tables, panel: Panel) -> Callable[[str], Toets]:
    """The test of a shipped proposal on the whole panel in both years; each is run once."""
    bills, kept = keeper(), {}

    def run(name: str) -> Toets:
        if name not in kept:
            kept[name] = run_toets(tables, [load_proposal(name)], panel, YEARS, bills=bills)
        return kept[name]

    return run


def test_every_shipped_proposal_has_a_hand_calculation() -> None:
    assert set(EXPECTED) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_is_and_where_its_numbers_are_from(name: str, tables: Tables) -> None:
    proposal = load_proposal(name)
    for text in (proposal.title, proposal.comment):
        assert text.en
        assert text.nl
        assert text.en != text.nl
    assert all(change.keys.get("source") for change in proposal.changes)
    assert all(block.get("locator") or "assumed" in block.get("note", "") for block in proposal.blocks["rate"][:1])
    assert all(block.get("locator") or block.get("note") for block in proposal.blocks["rate"])
    assert not proposal.state_aid or proposal.state_aid in rules(tables)
    assert not proposal.lever or proposal.lever in lay_over(tables, [proposal]).tables


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_on_the_whole_panel(name: str, tested: Callable[[str], Toets], panel: Panel) -> None:
    toets = tested(name)
    assert not toets.refusals
    assert len(toets.effects) == len(YEARS) * len(panel.members)
    assert all(pair.before.home.offtake > 0 for pair in toets.pairs)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("year", YEARS)
def test_it_changes_the_bill_as_worked_out_by_hand(name: str, year: int, tested: Callable[[str], Toets]) -> None:
    plant, *amounts = EXPECTED[name]
    effect = next(e for e in tested(name).effects if (e.member.key, e.year) == (plant, year))
    change = effect.after["NL"].total - effect.before["NL"].total
    assert change == pytest.approx(amounts[YEARS.index(year)], rel=1e-6, abs=0.005)


def test_only_what_exceeds_the_compensation_is_paid_under_cisaf(tested: Callable[[str], Toets]) -> None:
    """The chlor-alkali plant, 1,600,000 MWh in 2026: 800,000 MWh × 44 = 35.2 million for both aids together."""
    effect = next(e for e in tested("cisaf-relief").effects if (e.member.key, e.year) == ("chlor-alkali", 2026))
    assert effect.before["NL"].category("compensation") > -35_200_000
    assert effect.after["NL"].category("compensation") == pytest.approx(-35_200_000)


def test_wider_and_higher_compensation_go_together(tables: Tables) -> None:
    """The added sectors stay at 75 %, with the factor of 0.44; the others go to 80 %."""
    both = lay_over(tables, [load_proposal(name) for name in ("wider-compensation", "higher-compensation")]).tables
    plant = load_plant("ammonia", tables)
    bill = make_bill(both, plant._replace(claims={"nl.ikc_added": True}), "NL", *calendar_year(2026))
    expected = -424_000 * 0.8 * 0.9891**5 * 0.75 * 0.44 * 77
    assert bill.category("compensation") == pytest.approx(expected, rel=1e-6)


# One grid tariff ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", YEARS)
def test_the_harmonised_rate_is_the_mean_of_the_four_countries(year: int, tables: Tables) -> None:
    """What flat-100mw pays for the grid with the reliefs that it states, over its 100,000 kW; BE is both regions."""
    plant = load_plant("flat-100mw", tables)
    cost = {
        place: make_bill(tables, plant, place, *calendar_year(year)).category("network") / 100_000
        for place in tables.jurisdictions
    }
    four = [cost["NL"], cost["DE"], (cost["BE-VLG"] + cost["BE-WAL"]) / 2, cost["FR"]]
    row = lay_over(tables, [load_proposal("harmonised-grid-tariffs")]).tables.row(
        "eu.grid_harmonised.rate", f"{year}-07-01"
    )
    assert row is not None
    assert (row.value, row.low, row.high) == pytest.approx((sum(four) / 4, min(four), max(four)), abs=0.005)


@pytest.mark.parametrize("year", YEARS)
def test_the_grid_costs_the_same_everywhere_when_harmonised(year: int, tested: Callable[[str], Toets]) -> None:
    for effect in tested("harmonised-grid-tariffs").effects:
        if effect.year == year:
            costs = [bill.category("network") for bill in effect.after.values()]
            assert costs == pytest.approx([costs[0]] * len(costs))


def test_no_country_charges_more_for_the_grid_than_the_ceiling(tested: Callable[[str], Toets], tables: Tables) -> None:
    listed = tables.list_of("de.besar_list1") | tables.list_of("de.besar_list2")
    for effect in tested("grid-tariff-ceiling").effects:
        plant = effect.member.plant
        for place, bill in effect.after.items():
            before = effect.before[place].category("network")
            expected = min(before, 1.2 * plant.offtake) if plant.sector in listed else before
            assert bill.category("network") == pytest.approx(expected)


# Taken back -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_taken_away_or_undone_it_leaves_the_bills_as_they_were(
    name: str, tested: Callable[[str], Toets], tables: Tables
) -> None:
    toets = tested(name)
    (proposal,) = toets.proposals
    undone = lay_over(toets.patched.tables, [undoing(proposal, tables)]).tables
    for effect in toets.effects:
        plant, period = effect.member.plant, calendar_year(effect.year)
        granted = plant._replace(claims={**plant.claims, **dict.fromkeys(proposal.grants, True)})
        for place, bill in effect.before.items():
            if touches(toets.patched, bill):
                assert make_bill(tables, plant, place, *period).total == bill.total
                assert make_bill(undone, granted, place, *period).total == pytest.approx(bill.total, abs=0.005)


def undoing(proposal: Proposal, tables: Tables) -> Proposal:
    """A proposal that undoes another: old values set again, ended law revived, added law ended."""
    lines = ['title = "undone"', 'proposer = "a test"', 'status = "idea"', 'reference = "none"']
    lines += [line for change in _undone_changes(proposal, tables) for line in ("[[change]]", *change)]
    return parse_proposal("\n".join(lines), "undone.toml", "undone")


def _undone_changes(proposal: Proposal, tables: Tables) -> Iterator[list[str]]:
    for block in proposal.blocks["charge"]:
        yield [f"end = {json.dumps(block['id'])}", f"from = {block['valid_from']}"]
    for change in proposal.changes:
        if change.operation == "set":
            old = {row.valid_from: row for row in inside(tables.rows(change.target), change.start, change.end)}
            for row in old.values():
                value = json.dumps(f"{row.value} {row.unit}".strip())
                until = [f"to = {row.valid_to}"] if row.valid_to else []
                yield [f"set = {json.dumps(change.target)}", f"value = {value}", f"from = {row.valid_from}", *until]
        elif change.operation == "reactivate":
            yield [f"end = {json.dumps(change.target)}", f"from = {change.start}"]
        elif change.operation == "end":
            eve = day_before(change.start)
            for charge in _held(change.target, eve, tables):
                yield [f"reactivate = {json.dumps(charge)}", f"as_on = {eve}", f"from = {change.start}"]
        else:
            pytest.fail(f"{change.operation} is not undone by this test")


def _held(family: str, day: str, tables: Tables) -> list[str]:
    """The charges of a family that hold on a day."""
    assert date.fromisoformat(day)
    folders = {place.folder for place in tables.jurisdictions.values()}
    return sorted(
        {
            block["id"]
            for folder in folders
            for block in tables.law(folder).charges
            if is_part(block["id"], family)
            and any(start <= day and (not end or day <= end) for start, end, _ in versions(block))
        }
    )
