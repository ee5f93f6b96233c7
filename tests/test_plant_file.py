"""What a plant file may say, and what a mistake in it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from levelfield._errors import UserError
from levelfield.plant import MISSING, Plant
from levelfield.plant_file import load_plant, parse_plant
from levelfield.tables import load_tables

TABLES = load_tables(Path(__file__).parent / "made_up_country")
GOOD = """
name = "Works"
sector = "20.13"
[electricity]
offtake = "800 GWh"
yearly_peak = "100 MW"
"""


def plant(text: str, folder: Path = Path()) -> Plant:
    return parse_plant(text, "works.toml", folder, TABLES)


def faults(text: str, folder: Path = Path()) -> list[str]:
    with pytest.raises(UserError) as error:
        plant(text, folder)
    assert error.value.exit_code == 2
    return list(error.value.faults)


def test_two_of_three_give_the_third() -> None:
    by_peak = plant(GOOD)
    by_hours = plant(GOOD.replace('yearly_peak = "100 MW"', 'full_load_hours = "8000 h"'))
    assert by_peak.yearly_peak == by_hours.yearly_peak == 100_000
    assert by_peak.full_load_hours == by_hours.full_load_hours == 8_000


def test_what_is_left_out_has_a_default_that_is_named() -> None:
    made = plant('name = "Works"\nsector = "20.13"\n[electricity]\nofftake = "87.6 GWh"')
    assert (made.yearly_peak, made.contracted_power, made.level) == (10_000, 10_000, "medium")
    assert (made.gross_value_added, made.eu_ets, made.claims) == (MISSING, False, {})
    assert tuple(map(str, made.defaults)) == (
        "full-load hours: 8760 h (a flat load)",
        "contracted power: the yearly peak",
        "connection level: medium (by a yearly peak of 10.0 MW)",
    )


def test_claims_may_be_quoted_or_dotted() -> None:
    assert plant(GOOD + '[claims]\n"xx.discount" = true').claims == {"xx.discount": True}
    assert plant(GOOD + "[claims]\nxx.discount = false").claims == {"xx.discount": False}


@pytest.mark.parametrize(
    ("change", "place", "message"),
    [
        (
            ('"800 GWh"', '"800 GW"'),
            "works.toml:5",
            "electricity.offtake: 800 GW is a power; an energy is wanted, say 800 GWh",
        ),
        (('"800 GWh"', "800"), "works.toml:5", "800 has no unit; an energy is wanted"),
        (('"800 GWh"', '"-5 GWh"'), "works.toml:5", "-5 GWh is negative"),
        (('"800 GWh"', '"1.000,5 GWh"'), "works.toml:5", "write a point for the decimals"),
        (('"800 GWh"', "800 GWh"), "works.toml:5", 'put quotes around a quantity: offtake = "800 GWh"'),
        (('offtake = "800 GWh"', ""), "works.toml", "the yearly offtake is wanted"),
        (("offtake", "oftake"), "works.toml:5", "unknown key; did you mean offtake?"),
        (("[electricity]", "[electricty]"), "works.toml:4", "unknown key; did you mean electricity?"),
        (('"100 MW"', '"80 MW"'), "works.toml:6", "80.0 MW gives at most 700.8 GWh a year, but offtake is 800.0 GWh"),
        (('"100 MW"', '"100 MW"\nfull_load_hours = "7000 h"'), "works.toml:7", "= 700.0 GWh, but offtake is 800.0 GWh"),
        (('"100 MW"', '"100 MW"\nfull_load_hours = "9000 h"'), "works.toml:7", "9000 h does not fit in a year"),
        (('"100 MW"', '"100 MW"\nexempt_process_share = 95'), "works.toml:7", "95 is more than all"),
        (
            ('"20.13"', '"20.1"'),
            "works.toml:3",
            "'20.1' is no class of NACE Rev. 2 (four digits, as in 20.13); near are 20.13",
        ),
        (('"20.13"', "20.13"), "works.toml:3", "a text is wanted, found 20.13"),
        (('sector = "20.13"', ""), "works.toml", "the NACE Rev. 2 class is wanted"),
        (('"100 MW"', '"100 MW"\nload_curve = "none.csv"'), "none.csv", "cannot be read"),
        (('"100 MW"', '"100 MW"\nprice = { QQ = "85 EUR/MWh" }'), "works.toml:7", "unknown key; known are XX, YY, ZZ"),
        (
            ('"100 MW"', '"100 MW"\n[connection]\nlevel = "huge"'),
            "works.toml:8",
            "'huge' is no level; known are extra_high, high, sub, medium",
        ),
        (
            ('"100 MW"', '"100 MW"\n[connection]\nXX = { operator = "three" }'),
            "works.toml:8",
            "'three' is not held; known are one, two",
        ),
        (('"100 MW"', '"100 MW"\n[connection]\nXX = { path_cost = "1 MW" }'), "works.toml:8", "1 MW is a power"),
        (
            ('"100 MW"', '"100 MW"\n[claims]\n"xx.discont" = true'),
            "works.toml:8",
            "unknown claim; did you mean xx.discount?",
        ),
        (('"100 MW"', '"100 MW"\n[claims]\n"xx.discount" = 1'), "works.toml:8", "true or false is wanted, found 1"),
        (
            ('"100 MW"', '"100 MW"\n[company]\nturnover = "5 GWh"'),
            "works.toml:8",
            "5 GWh is an energy; a sum of money is wanted, say 5 MEUR",
        ),
        (('"100 MW"', '"100 MW"\n[rates]\n"xx.levy" = "5 MW"'), "works.toml:8", "5 MW is a power"),
        (
            ('"100 MW"', '"100 MW"\n[rates]\n"xx.lvy" = "5 EUR/MWh"'),
            "works.toml:8",
            "is no rate of the tables; did you mean xx.levy?",
        ),
        (('"Works"', '"Works"\ncluster = "mars"'), "works.toml:3", "'mars' is no cluster"),
        (('name = "Works"', 'name = "Works'), "works.toml:2", "works.toml:2: "),
    ],
)
def test_a_mistake_says_where_and_how_to_mend_it(change: tuple[str, str], place: str, message: str) -> None:
    found = faults(GOOD.replace(*change, 1))
    assert len(found) <= 2, found  # a misspelt key is missing as well
    assert found[0].startswith(place)
    assert message in found[0]


def test_all_mistakes_are_told_at_once() -> None:
    text = GOOD.replace("20.13", "99.99").replace("GWh", "GW").replace("yearly_peak", "peak") + "[claims]\nx = true"
    assert len(faults(text)) == 4


def test_a_load_curve_stands_for_offtake_and_peak(tmp_path: Path) -> None:
    from tests.test_load import curve_file

    curve_file(tmp_path / "load.csv", local=True)
    text = 'name = "Works"\nsector = "20.13"\n[electricity]\nload_curve = "load.csv"\n'
    made = plant(text, tmp_path)
    assert made.offtake == pytest.approx(8760)
    assert made.yearly_peak == 1000
    (fault,) = faults(text + 'offtake = "9 GWh"', tmp_path)
    assert "9,000 MWh is stated, the load curve has 8,760 MWh" in fault


def test_a_file_that_is_not_there_names_a_near_plant(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no such file and no shipped plant of this name"):
        load_plant(tmp_path / "nowhere.toml", TABLES)


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes('name = "Zoutziederij Ré"'.encode("latin-1"))
    with pytest.raises(UserError, match="not UTF-8"):
        load_plant(tmp_path / "latin.toml", TABLES)
