"""Moving load: curves by hand, and what the laws make of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from levelfield import shape
from levelfield._errors import UserError
from levelfield.cli import make_app
from levelfield.load import LoadCurve
from levelfield.plant_file import load_plant
from levelfield.shape import Shapes, shapes
from levelfield.tables import Tables
from tests.test_flat_curve import curve_of, no_series, with_curve

PLACES = ["NL", "DE", "BE-VLG", "BE-WAL", "FR"]
DAY = range(8, 20)


@pytest.fixture(scope="module")
def two_level() -> LoadCurve:
    """2 MW from 8 to 20 h, 1 MW by night: 36 MWh a day, 13,140 MWh a year, a mean of 1.5 MW."""
    return curve_of(2025, 1, lambda t: 2000.0 if t.hour in DAY else 1000.0)


def a_day(curve: LoadCurve) -> tuple[float, float]:
    """The powers at 3 h and at 12 h of 1 July, kW."""
    start = 181 * 24
    return curve.booked[start + 3], curve.booked[start + 12]


def test_a_shaved_peak_fills_the_night_of_the_same_day(two_level: LoadCurve) -> None:
    # 0.4 MW in 12 hours go into 12 hours of the night.
    found = shape.shaved(two_level, 1600.0)
    assert a_day(found) == pytest.approx((1400, 1600))
    assert (found.energy, found.peak) == pytest.approx((13_140, 1600))
    assert shape.shaved(two_level, 1500.0).booked == pytest.approx([1500.0] * 8760)
    with pytest.raises(UserError, match=r"a peak of 1.40 MW lies below the mean power of 1.50 MW"):
        shape.shaved(two_level, 1400.0)


def test_what_a_day_has_no_room_for_goes_to_the_year() -> None:
    # One day at 2 MW, all others at 1 MW: 12 MWh above 1.5 MW find no room in the day itself.
    curve = curve_of(2025, 1, lambda t: 2000.0 if (t.month, t.day) == (6, 3) else 1000.0)
    found = shape.shaved(curve, 1500.0)
    assert found.peak == pytest.approx(1500)
    assert found.energy == pytest.approx(curve.energy)
    assert found.booked[0] == pytest.approx(1000 + 12_000 / 8736)


def test_full_load_hours_are_met_from_either_side(two_level: LoadCurve) -> None:
    assert two_level.energy * 1000 / two_level.peak == pytest.approx(6570)
    for hours in (5000.0, 7000.0, 8000.0):
        found = shape.at_full_load_hours(two_level, hours)
        assert found.energy * 1000 / found.peak == pytest.approx(hours)
        assert found.energy == pytest.approx(13_140)
        assert min(found.booked) > 0


def test_out_of_hours_under_the_peak_of_the_others(two_level: LoadCurve) -> None:
    slots = [day * 24 + 9 for day in range(365)]
    found = shape.out_of(two_level, slots)
    assert all(found.booked[slot] == 0 for slot in slots)
    assert (found.energy, found.peak) == pytest.approx((13_140, 2000))
    flat = curve_of(2025, 1, lambda _: 1000.0)
    raised = shape.out_of(flat, slots)  # no room under 1 MW: 24/23 of it
    assert (raised.energy, raised.peak) == pytest.approx((8760, 1000 * 24 / 23))


def test_ten_percent_towards_base_load(two_level: LoadCurve) -> None:
    # 3.6 of 36 MWh a day: 0.3 MW less in 12 hours, 0.3 MW more in the others.
    assert a_day(shape.towards_base_load(two_level)) == pytest.approx((1300, 1700))
    # Half of the energy cannot move: with 6 MWh a day the load is flat.
    assert a_day(shape.towards_base_load(two_level, 0.5)) == pytest.approx((1500, 1500))


def test_ten_percent_to_the_cheapest_hours(two_level: LoadCurve) -> None:
    # Dearest are the hours from 8 to 20, later ones more so: 1,314 MWh come from 1,314 hours at half of 2 MW.
    prices = [1000.0 + slot if slot % 24 in DAY else float(slot) / 8760 for slot in range(8760)]
    found = shape.to_cheap_hours(two_level, prices)
    assert found.energy == pytest.approx(13_140)
    assert sum(power == 1000.0 for power in found.booked if power) == 4380 - 1752 + 1314
    assert sum(power == pytest.approx(1750) for power in found.booked) == 1752  # 0.75 MW more each


# Bills ----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def flat(tables: Tables) -> Shapes:
    plant = load_plant("flat-100mw", tables)
    plant = with_curve(plant, curve_of(2025, 1, lambda _: 100_000.0))
    return shapes(tables, plant, 2025, PLACES)


def effect(found: Shapes, measure: str, place: str) -> dict[str, float]:
    return dict(found.effects[measure, place].by_category)


def test_out_of_the_french_pointe(flat: Shapes) -> None:
    # 88 hours in January, 80 in February and 88 in December of 2025.
    measure = next(m for m in flat.measures if m.id == "out of pointe")
    moved = sum(max(b - a, 0) for a, b in zip(flat.base.booked, measure.curve.booked, strict=True)) / 1000
    assert moved == pytest.approx((88 + 80 + 88) * 100)
    assert effect(flat, "out of pointe", "FR")["commodity"] < 0


def test_under_the_german_steps(flat: Shapes) -> None:
    # The charge for base load is 10, 15, 20 % of the published one from 8,000, 7,500, 7,000 hours (StromNEV 19(2));
    # under 7,000 hours the plant pays all of it.
    known = {m.id for m in flat.measures}
    assert {"under 7000 h", "under 7500 h", "under 8000 h"} <= known
    network = [effect(flat, f"under {hours} h", "DE")["network"] for hours in (8000, 7500, 7000)]
    assert 0 < network[0] < network[1] < network[2]
    assert network[2] > 4 * network[1]


def test_a_non_firm_contract_has_no_term_for_contracted_power(flat: Shapes, tables: Tables) -> None:
    # Tarievencode art. 3.7.15: the monthly peaks stay, contracted power is free.
    row = tables.row("nl.grid.tennet.ehs.contracted", "2025-06-30")
    assert row is not None
    assert row.value is not None
    assert effect(flat, "contract non-firm", "NL")["network"] == pytest.approx(-100_000 * row.value)
    assert ("contract non-firm", "DE") not in flat.effects


def test_flexibility_costs_in_germany_and_saves_in_france(flat: Shapes) -> None:
    # The shift leaves the German plant without its charge for base load, which needs 7,000 hours.
    for place in PLACES:
        assert effect(flat, "cheap hours", place)["commodity"] < 0
    assert flat.effects["cheap hours", "DE"].total > 0
    assert flat.effects["cheap hours", "FR"].total < 0
    assert not any(m.id == "base load" for m in flat.measures)  # it is base load already


def test_a_lower_peak_saves_what_is_billed_on_it(tables: Tables, two_level: LoadCurve) -> None:
    # Without hourly prices only the grid sees the difference: twelve monthly peaks and the contracted power of 0.4 MW.
    bare = no_series(tables, Path("nowhere"))
    plant = with_curve(load_plant("flat-100mw", tables), two_level)._replace(contracted_power=2000.0)
    found = shapes(bare, plant, 2025, ["NL"], peaks=[1600.0])
    rates = [tables.row(f"nl.grid.tennet.ehs.{name}", "2025-06-30") for name in ("contracted", "monthly_peak")]
    contracted, monthly = (row.value or 0.0 for row in rates if row)
    changed = {name: eur for name, eur in effect(found, "peak 1.6 MW", "NL").items() if abs(eur) > 0.01}
    assert changed == {"network": pytest.approx(-400 * (contracted + 12 * monthly))}
    assert any("hourly prices of 2025 are not held" in str(note) for note in found.notes)


run = CliRunner()


@pytest.fixture(scope="module")
def plant_file(tmp_path_factory: pytest.TempPathFactory, two_level: LoadCurve) -> str:
    folder = tmp_path_factory.mktemp("plant")
    (folder / "load.csv").write_text(
        "utc,kW\n" + "".join(f"{moment},{power}\n" for moment, power in two_level.rows()), encoding="utf-8"
    )
    text = 'name = "Works"\nsector = "20.13"\n[electricity]\nload_curve = "load.csv"\n[connection]\nlevel = "high"\n'
    (folder / "plant.toml").write_text(text, encoding="utf-8")
    return str(folder / "plant.toml")


def test_the_command_prints_a_table_in_both_languages(plant_file: str) -> None:
    done = run.invoke(make_app(), ["shape", plant_file, "--peak", "1.6 MW", "--against", "DE,FR"])
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Works · 2025 · 13.1 GWh\npeak 2.0 MW, 6,570 full-load hours\n")
    assert "peak at most 1.6 MW" in done.stdout
    assert "7,000 full-load hours (DE)" in done.stdout
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    dutch = run.invoke(make_app(), ["shape", plant_file, "--against", "DE", "--lang", "nl", "--md"])
    assert "| piek hoogstens 1,9 MW |" in dutch.stdout
    assert "7.000 vollasturen (DE)" in dutch.stdout


def test_the_json_adds_up(plant_file: str) -> None:
    done = run.invoke(make_app(), ["shape", plant_file, "--against", "FR", "--json"])
    document = json.loads(done.stdout)
    assert document["schema"] == "levelfield/shape/1"
    assert document["base"]["full_load_hours"] == pytest.approx(6570)
    for measure in document["measures"]:
        assert measure["offtake_mwh"] == pytest.approx(13_140)
        for found in measure["effects"]:
            assert sum(found["categories_eur"].values()) == pytest.approx(found["eur"])
            assert found["eur_per_mwh"] == pytest.approx(found["eur"] / 13_140)
    shift = next(m for m in document["measures"] if m["id"] == "base load")
    assert shift["moved_mwh"] == pytest.approx(1314)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--peak", "1.2 MW"], "a peak of 1.20 MW lies below the mean power of 1.50 MW"),
        (["--peak", "9 GWh"], "--peak 9 GWh: 9 GWh is an energy; a power is wanted"),
        (["--peak", "0 MW"], "a power above zero is wanted"),
        (["--year", "2024"], "the load curve is of 2025, --year of 2024; leave --year out"),
        (["--json", "--md"], "--json and --md do not go together"),
    ],
)
def test_what_it_refuses(plant_file: str, args: list[str], message: str) -> None:
    done = run.invoke(make_app(), ["shape", plant_file, *args])
    assert isinstance(done.exception, UserError)
    assert message in str(done.exception)
