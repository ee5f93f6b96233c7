"""Proposals: what each change does to the rows and the law, and every fault of a file at once."""

from __future__ import annotations

import itertools
from datetime import date

import pytest

from levelfield._errors import UserError
from levelfield.bill import Bill, make_bill
from levelfield.period import calendar_year
from levelfield.plant import Plant
from levelfield.plant_file import load_plant
from levelfield.tables import STATED, Tables
from levelfield.toets.patch import Patched, lay_over
from levelfield.toets.proposal import parse_proposal
from levelfield.year import versions

HEAD = 'title = "A law"\nproposer = "somebody"\nstatus = "idea"\nreference = "a letter"\n'
BAND = "nl.energy_tax.band4.business"
SET = f'[[change]]\nset = "{BAND}"\nvalue = "1 EUR/MWh"\nfrom = 2025-07-01\n'


def law(text: str, tables: Tables, *others: str, head: str = HEAD) -> Patched:
    texts = [text, *others]
    return lay_over(tables, [parse_proposal(head + body, f"{n}.toml", f"p{n}") for n, body in enumerate(texts)])


def faults(text: str, tables: Tables, *others: str, head: str = HEAD) -> list[str]:
    with pytest.raises(UserError) as caught:
        law(text, tables, *others, head=head)
    assert caught.value.exit_code == 2
    return list(caught.value.faults)


@pytest.fixture(scope="module")
def cracker(tables: Tables) -> Plant:
    return load_plant("steam-cracker", tables)


def bill(tables: Tables, plant: Plant, place: str = "NL", year: int = 2025) -> Bill:
    return make_bill(tables, plant, place, *calendar_year(year))


def test_a_rate_is_set_from_its_day(tables: Tables) -> None:
    after = law(SET, tables).tables
    assert after.row(BAND, "2025-06-30") == tables.row(BAND, "2025-06-30")._replace(valid_to="2025-06-30")  # type: ignore[union-attr]
    row = after.row(BAND, "2025-07-01")
    assert row is not None
    assert (row.value, row.evidence) == (1.0, STATED)
    assert after.row(BAND, "2026-12-31").value == 1.0  # type: ignore[union-attr]


def test_after_its_last_day_the_tables_hold_again(tables: Tables) -> None:
    after = law(SET + "to = 2025-09-30\n", tables).tables
    assert after.row(BAND, "2025-09-30").value == 1.0  # type: ignore[union-attr]
    for day in ("2025-10-01", "2026-02-01"):
        assert after.row(BAND, day).value == tables.row(BAND, day).value  # type: ignore[union-attr]


def test_scale_and_shift(tables: Tables) -> None:
    after = law(f'[[change]]\nscale = "{BAND}"\nby = 0.5\nfrom = 2025-01-01\nto = 2025-12-31\n', tables).tables
    assert after.row(BAND, "2025-03-01").value == pytest.approx(3.21 / 2)  # type: ignore[union-attr]
    after = law(f'[[change]]\nshift = "{BAND}"\nby = "-0.1 ct/kWh"\nfrom = 2025-01-01\n', tables).tables
    assert after.row(BAND, "2025-03-01").value == pytest.approx(2.21)  # type: ignore[union-attr]
    many = law('[[change]]\nscale = "nl.grid.tennet.*.contracted"\nby = 0.5\nfrom = 2025-01-01\n', tables)
    assert many.rates == {"nl.grid.tennet.ehs.contracted", "nl.grid.tennet.hs.contracted"}


def test_a_repealed_law_comes_back_as_it_stood(tables: Tables) -> None:
    """The volume correction of 2023: 250 GWh and 8,760 h give the highest correction, 90 % of the tariff."""
    text = '[[change]]\nreactivate = "nl.grid.volume_correction"\nas_on = 2023-12-31\nfrom = 2025-01-01\n'
    plant = load_plant("baseload-250", tables)._replace(claims={"nl.vcr": True})
    before, after = bill(tables, plant), bill(law(text, tables).tables, plant)
    tariff = before.charge("nl.grid.contracted") + before.charge("nl.grid.peaks")
    assert after.charge("nl.grid.volume_correction") == pytest.approx(-0.9 * tariff, abs=0.005)
    assert after.total - before.total == pytest.approx(-0.9 * tariff, abs=0.005)


def test_a_charge_ends(tables: Tables, cracker: Plant) -> None:
    text = '[[change]]\nend = "nl.energy_tax"\nfrom = 2025-01-01\n'
    before, after = bill(tables, cracker), bill(law(text, tables).tables, cracker)
    assert before.charge("nl.energy_tax") > 0
    assert after.charge("nl.energy_tax") == 0
    assert before.total - after.total == pytest.approx(before.charge("nl.energy_tax"))


def test_a_list_is_extended_from_its_day(tables: Tables, cracker: Plant) -> None:
    """20.14 counts for compensation from 2026 on, and not before."""
    text = '[[change]]\nextend = "eu.indirect_annex_1"\nwith = ["20.14"]\nfrom = 2026-01-01\n'
    plant = cracker._replace(claims={"nl.indirect_compensation": True})
    after = law(text, tables).tables
    assert bill(after, plant, year=2025).total == bill(tables, plant, year=2025).total
    assert bill(tables, plant, year=2026).charge("nl.indirect_compensation") == 0
    assert bill(after, plant, year=2026).charge("nl.indirect_compensation") < -1e6


def test_an_added_charge(tables: Tables, cracker: Plant) -> None:
    """5 EUR/MWh less on 200 GWh is 1 MEUR."""
    after = law(ADDED, tables)
    assert bill(after.tables, cracker).charge("nl.new") == pytest.approx(-1_000_000)
    assert bill(after.tables, cracker, "DE").total == bill(tables, cracker, "DE").total
    assert after.folders == {"nl"}


ADDED = """
[[rate]]
rate = "nl.new.rate"
value = "5 EUR/MWh"
valid_from = 2025-01-01
[[charge]]
id = "nl.new"
jurisdictions = ["NL"]
category = "compensation"
name = { en = "New", nl = "Nieuw" }
law = "a bill"
kind = "rate"
basis = "-offtake"
rate = "nl.new.rate"
valid_from = 2025-01-01
"""


def test_law_is_amended(tables: Tables, cracker: Plant) -> None:
    text = """
[[change]]
amend = "nl.energy_tax"
from = 2025-01-01
[change.keys]
brackets = [{ interval = "[0, inf) kWh", rate = "nl.energy_tax.band4.business" }]
"""
    assert bill(law(text, tables).tables, cracker).charge("nl.energy_tax") == pytest.approx(
        3.21 * 200_000 * (1 - cracker.exempt_process_share)
    )


def test_order_does_not_matter(tables: Tables, cracker: Plant) -> None:
    texts = [SET, ADDED, '[[change]]\nend = "nl.co2_levy"\nfrom = 2025-01-01\n']
    orders = itertools.permutations(texts)
    totals = {bill(law(first, tables, *others).tables, cracker).total for first, *others in orders}
    assert len(totals) == 1


def test_reversing_a_change_restores_the_bill_to_the_cent(tables: Tables, cracker: Plant) -> None:
    there = law(SET, tables).tables
    old = tables.row(BAND, "2025-07-01")
    assert old is not None
    back = lay_over(there, [parse_proposal(HEAD + SET.replace("1 EUR/MWh", f"{old.value} EUR/MWh"), "b", "b")]).tables
    assert round(bill(back, cracker).total, 2) == round(bill(tables, cracker).total, 2)
    assert bill(there, cracker).total != bill(tables, cracker).total


def test_a_proposal_is_known_whenever_it_is_tested(tables: Tables) -> None:
    from levelfield.tables import load_tables

    early = load_tables(tables.folder, date(2025, 3, 1))
    assert law(SET, early).tables.row(BAND, "2026-01-01").value == 1.0  # type: ignore[union-attr]


# Faults ---------------------------------------------------------------------------------------------------------------


def test_all_faults_of_a_file_at_once(tables: Tables) -> None:
    text = """
[[change]]
set = "nl.energy_tax.band4.busines"
value = "1 EUR/MWh"
from = 2025-01-01
[[change]]
set = "nl.energy_tax.band3"
value = "1 EUR/kW"
from = 2025-01-01
[[change]]
set = "nl.co2_levy.rate"
value = "10 EUR/tCO2"
from = 2001-01-01
[[change]]
extend = "eu.indirect_annex_1"
with = ["99.99"]
from = 2025-01-01
[[change]]
end = "nl.no_such_law"
from = 2025-01-01
"""
    found = faults(text, tables)
    assert len(found) == 5
    wanted = {
        "0.toml:6": "did you mean nl.energy_tax.band4.business?",
        "0.toml:10": "EUR/kW",
        "0.toml:14": "before the first value of nl.co2_levy.rate, of 2021-01-01",
        "0.toml:18": "99.99",
        "0.toml:22": "no_such_law",
    }
    for place, said in wanted.items():
        assert any(fault.startswith(f"{place}: ") and said in fault for fault in found), (place, found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "changes nothing"),
        ('[[change]]\nset = "nl.co2_levy.rate"\nfrom = 2025-01-01\n', "the key 'value' is missing"),
        ('[[change]]\nset = "nl.co2_levy.rate"\nvalue = "1 EUR/tCO2"\nfrom = "1-1-2025"\n', "a date of 1990"),
        (f"{SET}to = 2025-01-01\n", "lies before 'from'"),
        (f"{SET}colour = 1\n", "'colour' is no key"),
        ("[[change]]\nfrom = 2025-01-01\n", "names one of"),
        (f'[[change]]\nscale = "{BAND}"\nby = "half"\nfrom = 2025-01-01\n', "a number is wanted"),
        (
            '[[change]]\nreactivate = "nl.grid.volume_correction"\nas_on = 2024-06-01\nfrom = 2025-01-01\n',
            "did not hold",
        ),
        (ADDED.replace("valid_from = 2025-01-01\n[[charge]]", "valid_from = 2025-01-01\nrat = 1\n[[charge]]"), "'rat'"),
        (ADDED.replace("nl.new.rate", "nl.energy_tax.band3"), "already"),
        (ADDED.replace("-offtake", "-offtak"), "offtak"),
        (ADDED.replace("-offtake", "-contracted_power"), "EUR"),
        (ADDED.replace('["NL"]', '["XX"]'), "jurisdictions"),
        (ADDED.replace('id = "nl.new"', 'id = "nl.energy_tax"'), "stands in the law already"),
        (ADDED.replace('"compensation"', '"gift"'), "category"),
        ("[[chang]]\n", "'chang' is no key"),
    ],
)
def test_one_fault(text: str, said: str, tables: Tables) -> None:
    found = faults(text, tables)
    assert any(said in fault for fault in found), found
    assert all("0.toml" in fault for fault in found)


def test_the_head_is_wanted(tables: Tables) -> None:
    found = faults(SET, tables, head='status = "law"\n')
    for key in ("title", "proposer", "reference", "status"):
        assert any(key in fault for fault in found)


def test_conflicts_name_both(tables: Tables) -> None:
    found = faults(SET, tables, SET.replace("1 EUR", "2 EUR"))
    assert len(found) == 1
    assert "in 0.toml:5" in found[0]
    assert found[0].startswith("1.toml:5")
    assert BAND in found[0]
    scaled = '[[change]]\nscale = "nl.energy_tax.*"\nby = 0.5\nfrom = 2026-01-01\n'
    assert any("conflicts" in fault for fault in faults(SET, tables, scaled))
    assert any("both add it" in fault for fault in faults(ADDED, tables, ADDED))


def test_changes_on_other_days_do_not_conflict(tables: Tables) -> None:
    later = SET.replace("2025-07-01", "2026-01-01").replace("1 EUR", "2 EUR")
    after = law(SET + "to = 2025-12-31\n", tables, later).tables
    assert [after.row(BAND, day).value for day in ("2025-12-31", "2026-01-01")] == [1.0, 2.0]  # type: ignore[union-attr]


def lives(tables: Tables, charge: str, day: str) -> bool:
    blocks = [block for block in tables.law("de").charges if block["id"] == charge]
    spans = [span for block in blocks for span in versions(block)]
    return any(start <= day and (not end or day <= end) for start, end, _ in spans)


@pytest.mark.parametrize("until", ["", "to = 2027-12-31\n"])
def test_an_amended_law_ends_when_it_ended(tables: Tables, until: str) -> None:
    """The German industrial power price holds to the end of 2028, whatever is amended before."""
    text = (
        f'[[change]]\namend = "de.industrial_power_price"\nfrom = 2027-01-01\n{until}[change.keys]\nlaw = "amended"\n'
    )
    after = law(text, tables).tables
    for held in (tables, after):
        assert [lives(held, "de.industrial_power_price", day) for day in ("2028-12-31", "2029-01-01")] == [True, False]
    states = {
        state["law"]
        for block in after.law("de").charges
        if block["id"] == "de.industrial_power_price"
        for start, end, state in versions(block)
        if start <= "2027-06-01" and (not end or end >= "2027-06-01")
    }
    assert states == {"amended"}


def test_a_pattern_that_moves_nothing_is_told(tables: Tables) -> None:
    """The volume correction ended with 2023: no rate of that name has a value in 2026."""
    found = faults('[[change]]\nscale = "nl.vcr.m*_consumption"\nby = 0.5\nfrom = 2026-01-01\n', tables)
    assert len(found) == 1
    assert "2026-01-01" in found[0]


def test_two_files_of_one_name_extend_a_list_each(tables: Tables, cracker: Plant) -> None:
    texts = [
        f'[[change]]\nextend = "eu.indirect_annex_1"\nwith = ["{sector}"]\nfrom = 2025-01-01\n'
        for sector in ("20.14", "20.15")
    ]
    both = lay_over(tables, [parse_proposal(HEAD + text, f"{n}/law.toml", "law") for n, text in enumerate(texts)])
    claimed = cracker._replace(claims={"nl.indirect_compensation": True})
    for sector in ("20.14", "20.15"):
        assert bill(both.tables, claimed._replace(sector=sector)).charge("nl.indirect_compensation") < -1e6
