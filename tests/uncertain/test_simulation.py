"""Joint draws against what probability theory says of them."""

from __future__ import annotations

import csv
import itertools
import math
from statistics import NormalDist

import numpy as np
import pytest

from levelfield._errors import MissingData, UserError
from levelfield.plant_file import load_plant
from levelfield.tables import Tables
from levelfield.uncertain.distributions import read_distributions, triangle
from levelfield.uncertain.shares import added, binned, correlation_ratio, shares
from levelfield.uncertain.simulation import QUANTILES, simulate
from tests.uncertain.conftest import Compared, Said

DRAWS = 40_000
TWO = """
[[input]]
rate = "market.day_ahead.nl"
distribution = "normal"
sd = 0.10
reason = "test"
[[input]]
rate = "market.day_ahead.de_lu"
distribution = "normal"
sd = 0.05
reason = "test"
"""
CORRELATED = """
[[correlation]]
of = ["market.*.nl", "market.*.de_lu"]
value = 0.6
reason = "test"
"""
NL, DE = 8.681, 4.466  # standard deviations, EUR/MWh


def test_draws_of_what_does_not_vary_are_the_stated_bill(compared: Compared, said: Said) -> None:
    comparison = compared(["DE", "FR"])
    still = said('[[input]]\nrate = "market.*"\ndistribution = "uniform"\ntimes = [1, 1]\nreason = "test"\n')
    found = simulate(comparison, still, 100)
    for bill in comparison.bills:
        assert found.totals[bill.jurisdiction.id] == pytest.approx(bill.total, rel=1e-9)
    assert found.dearer("DE").error == 0


def test_each_draw_is_the_bill_with_its_rates_set(compared: Compared, said: Said, tables: Tables) -> None:
    """The draws of three rates and of the full-load hours, some of them beside bills made one by one."""
    from levelfield.bill import make_bill
    from levelfield.switches import Switches
    from levelfield.uncertain.distributions import draw
    from levelfield.uncertain.sensitivity import with_hours

    text = '[[input]]\nrate = "*"\ndistribution = "triangular"\nreason = "test"\n'
    text += '[[input]]\nfact = "full_load_hours"\ndistribution = "uniform"\ntimes = [0.9, 1.05]\nreason = "test"\n'
    comparison, distributions = compared(["DE"]), said(text)
    found = simulate(comparison, distributions, 200, 5)
    latents = {latent.name: latent.column for latent in draw([i.name for i in found.inputs], distributions, 200, 5)[0]}
    ends = {"nl.grid.tennet.hs.contracted": (47.02, 67.18, 77.25), "nl.grid.tennet.hs.monthly_peak": (4.7, 6.72, 7.73)}
    assert {item.name for item in found.inputs} == {*ends, "full_load_hours"}
    for number in (0, 7, 199):
        rates = {
            rate: float(triangle(latents[rate][number : number + 1], low, value, high)[0])
            for rate, (low, value, high) in ends.items()
        }
        hours = 8000 * (0.9 + 0.15 * latents["full_load_hours"][number])
        plant = with_hours(comparison.plant, float(hours))
        for place in ("NL", "DE"):
            settings = rates if place == "NL" else {}
            bill = make_bill(tables, plant, place, comparison.start, comparison.end, Switches("none", settings))
            assert found.totals[place][number] == pytest.approx(bill.total, rel=1e-9)


def test_independent_inputs_share_the_variance_as_their_variances_do(compared: Compared, said: Said) -> None:
    found = simulate(compared(["DE"]), said(TWO), DRAWS)
    whole = NL**2 + DE**2
    assert found.gap("DE").sd == pytest.approx(math.sqrt(whole), rel=0.02)
    assert found.shares["DE"]["market.day_ahead.nl"] == pytest.approx(NL**2 / whole, abs=0.01)
    assert found.shares["DE"]["market.day_ahead.de_lu"] == pytest.approx(DE**2 / whole, abs=0.01)
    assert sum(found.shares["DE"].values()) <= 1 + 1e-12


@pytest.mark.parametrize("shift", [-6.0, 0.0, 8.0])
def test_the_chance_of_a_normal_difference(compared: Compared, said: Said, shift: float) -> None:
    """Home's price is set so that the gap is `shift` when nothing is drawn."""
    comparison = compared(["DE"])
    gap = comparison.gaps[0].eur_per_mwh
    home = 86.81 - gap + shift
    text = TWO.replace('rate = "market.day_ahead.nl"', 'rate = "market.day_ahead.never"')
    moved = compared(["DE"], settings={"market.day_ahead.nl": home})
    found = simulate(moved, said(text), DRAWS)
    expected = NormalDist(shift, DE).cdf(0)
    chance = found.dearer("DE")
    assert chance.error == pytest.approx(math.sqrt(expected * (1 - expected) / DRAWS), rel=0.05)
    assert abs(chance.share - (1 - expected)) < 3 * chance.error
    for quantile, value in zip(QUANTILES, found.gap("DE").quantiles, strict=True):
        assert value == pytest.approx(NormalDist(shift, DE).inv_cdf(quantile), abs=0.15)


def test_correlations_are_honoured(compared: Compared, said: Said) -> None:
    found = simulate(compared(["DE"]), said(TWO + CORRELATED), DRAWS)
    assert np.corrcoef(found.totals["NL"], found.totals["DE"])[0, 1] == pytest.approx(0.6, abs=0.015)
    whole = NL**2 + DE**2 - 2 * 0.6 * NL * DE
    assert found.gap("DE").sd == pytest.approx(math.sqrt(whole), rel=0.02)
    # Of two inputs: half of what each explains alone, and half of what it adds to the other.
    alone = [(NL - 0.6 * DE) ** 2 / whole, (DE - 0.6 * NL) ** 2 / whole]
    both = [(alone[0] + 1 - alone[1]) / 2, (alone[1] + 1 - alone[0]) / 2]
    got = found.shares["DE"]
    assert [got["market.day_ahead.nl"], got["market.day_ahead.de_lu"]] == pytest.approx(both, abs=0.01)


def test_the_same_seed_gives_the_same_draws_and_fixing_one_input_leaves_the_others(
    compared: Compared, said: Said
) -> None:
    comparison, two = compared(["DE"]), said(TWO)
    first, again, other = (simulate(comparison, two, 1000, seed) for seed in (7, 7, 8))
    assert (first.totals["NL"] == again.totals["NL"]).all()
    assert (first.totals["NL"] != other.totals["NL"]).any()
    longer = simulate(comparison, two, 2000, 7)
    assert (longer.totals["NL"][:1000] == first.totals["NL"]).all()
    fixed = simulate(comparison, two, 1000, 7, ["market.day_ahead.de_lu"])
    assert (fixed.totals["NL"] == first.totals["NL"]).all()
    assert (fixed.totals["DE"] == comparison.bill("DE").total).all()
    with pytest.raises(UserError, match="no input of these bills"):
        simulate(comparison, two, 1000, 7, ["market.day_ahead.xx"])


def test_the_first_draws_are_these_on_every_machine(compared: Compared, said: Said) -> None:
    """The stream of an input: PCG64, seeded by the seed and the CRC-32 of the input's name."""
    found = simulate(compared(["DE"]), said(TWO), 100, 1)
    seeds = np.random.SeedSequence([1, 0xEAE1F90D])
    normal = np.random.Generator(np.random.PCG64(seeds)).standard_normal(100)
    per_mwh = (found.totals["NL"] - found.comparison.bill("NL").total) / 800_000
    assert per_mwh == pytest.approx(NL * normal, abs=1e-9)
    assert per_mwh[:3] == pytest.approx([21.237048126, 12.604355750, 0.031368522], abs=1e-8)


def test_what_moves_together_has_one_draw_and_one_share(compared: Compared) -> None:
    found = simulate(compared(["DE"]), read_distributions(), 2000)
    groups = {item.name: item.group for item in found.inputs}
    assert groups["nl.grid.tennet.hs.contracted"] == groups["nl.grid.tennet.hs.monthly_peak"] == "TenneT's tariff"
    assert "TenneT's tariff" in found.shares["DE"]
    assert "nl.grid.tennet.hs.contracted" not in found.shares["DE"]


def test_a_triangle_has_the_mean_and_variance_of_its_formula() -> None:
    even = (np.arange(200_000) + 0.5) / 200_000
    low, mode, high = 47.02, 67.18, 77.25
    drawn = triangle(even, low, mode, high)
    assert drawn.mean() == pytest.approx((low + mode + high) / 3, rel=1e-6)
    square = low**2 + mode**2 + high**2 - low * mode - low * high - mode * high
    assert drawn.var() == pytest.approx(square / 18, rel=1e-5)
    assert low <= drawn.min() < drawn.max() <= high
    assert triangle(np.array([0.0, 1.0]), 1, 1, 3) == pytest.approx([1, 3])
    assert triangle(np.array([0.0, 1.0]), 1, 3, 3) == pytest.approx([1, 3])


def test_a_range_of_the_tables_is_the_spread_of_a_lognormal(compared: Compared) -> None:
    """In 2026 the price at home is 94, from 92 to 105.8: from the 5 % to the 95 % point as one to 1.15."""
    found = simulate(compared(["DE"], 2026), read_distributions(), DRAWS)
    price = next(item for item in found.inputs if item.name == "market.day_ahead.nl")
    assert price.quantiles[2] == pytest.approx(94, rel=0.003)
    assert price.quantiles[4] / price.quantiles[0] == pytest.approx(105.8 / 92, rel=0.005)


def test_the_correlation_ratio_of_a_curve_and_of_chance() -> None:
    rng = np.random.default_rng(3)
    x, noise = rng.standard_normal(DRAWS), rng.standard_normal(DRAWS)
    # x² has variance 2, the noise 1: two thirds, though x and x² are not correlated
    assert correlation_ratio(x**2 + noise, binned(x)) == pytest.approx(2 / 3, abs=0.03)
    assert correlation_ratio(noise, binned(x)) < 0.001
    even = rng.random(DRAWS)
    assert correlation_ratio(even + 0.0, binned(even, even=True)) == pytest.approx(1, abs=0.001)
    assert correlation_ratio(np.ones(DRAWS), binned(x)) == 0


def test_one_that_only_goes_along_has_no_share() -> None:
    rng = np.random.default_rng(4)
    x = rng.standard_normal(DRAWS)
    along = 0.9 * x + math.sqrt(1 - 0.81) * rng.standard_normal(DRAWS)
    assert added(2 * x, [x, along]) == pytest.approx([1, 0])
    found = shares(2 * x, {}, [{"x": x, "along": along}, {}])
    assert found == pytest.approx({"x": 1, "along": 0})


def test_what_inputs_do_in_combination_is_left_over() -> None:
    rng = np.random.default_rng(5)
    a, b = rng.standard_normal(DRAWS), rng.standard_normal(DRAWS)
    found = shares(a * b, {"a": binned(a), "b": binned(b)}, [])
    assert sum(found.values()) < 0.02


# The file of distributions --------------------------------------------------------------------------------------------


def test_the_shipped_numbers_are_what_the_tables_give(tables: Tables) -> None:
    shipped = read_distributions()
    zones = ("nl", "de_lu", "be", "fr")
    with open(f"{tables.folder}/series/day_ahead_2025.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    hourly = np.array([[float(row[zone.upper()]) for row in rows] for zone in zones])
    weekly = np.log(hourly[:, : 52 * 168].reshape(4, 52, 168).mean(axis=2))
    found = np.corrcoef(weekly)
    for i, a in enumerate(zones):
        for j, b in enumerate(zones):
            if i < j:
                stated = shipped.correlation(f"market.day_ahead.{a}", f"market.day_ahead.{b}")
                assert stated == pytest.approx(found[i, j], abs=0.006), (a, b)

    def changes(rate: str, first: int) -> list[float]:
        values = [row.value for year in range(first, 2026) if (row := tables.row(rate, f"{year}-07-01"))]
        return [math.log(b / a) for a, b in itertools.pairwise(values) if a and b]

    def spread(rates: list[str], first: int = 2023) -> float:
        every = [change for rate in rates for change in changes(rate, first)]
        return math.sqrt(sum(change**2 for change in every) / len(every))

    markets = [f"market.day_ahead.{zone}" for zone in zones]
    for rate, rates in (("market.day_ahead.nl", markets), ("eu.ets.price", None), ("eu.icc.price", None)):
        drawn = shipped.of(rate)
        assert drawn is not None
        assert drawn.sd == pytest.approx(spread(rates or [rate]), abs=0.006), rate
    assert spread(markets, 2019) == pytest.approx(0.74, abs=0.005)
    with_ets = [np.corrcoef(changes(rate, 2019), changes("eu.ets.price", 2019))[0, 1] for rate in markets]
    assert min(with_ets) == pytest.approx(0.83, abs=0.006)
    assert max(with_ets) == pytest.approx(0.87, abs=0.006)
    assert shipped.correlation("market.day_ahead.fr", "eu.ets.price") == pytest.approx(np.mean(with_ets), abs=0.006)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[inputs]]\n", "'inputs' is no part"),
        ('[[input]]\nrate = "a"\ndistribution = "beta"\nreason = "x"\n', "one of lognormal, normal"),
        ('[[input]]\nrate = "a"\ndistribution = "normal"\nreason = "x"\n', "sd, a number above 0"),
        ('[[input]]\nrate = "a"\ndistribution = "normal"\nsd = 1\n', "a reason is wanted"),
        ('[[input]]\nrate = "a"\ndistribution = "uniform"\nlow = "1"\nreason = "x"\n', "low and high go together"),
        ('[[input]]\nrate = "a"\ndistribution = "uniform"\ntimes = [2, 1]\nreason = "x"\n', "two multiples"),
        ('[[input]]\nfact = "sector"\ndistribution = "uniform"\nreason = "x"\n', "only full_load_hours"),
        ('[[input]]\nrate = "a"\nsigma = 1\ndistribution = "uniform"\nreason = "x"\n', "'sigma' is no key"),
        ('[[correlation]]\nof = ["a"]\nvalue = 2\nreason = "x"\n', "of is two rates"),
        ('[[together]]\nname = "a"\nrates = []\nreason = "x"\n', "rates is a list"),
        ("[[input]", "this is no TOML file"),
    ],
)
def test_a_faulty_file_is_refused_with_place_and_remedy(said: Said, text: str, message: str) -> None:
    with pytest.raises(UserError, match=r"distributions\.toml") as error:
        said(text)
    assert message in str(error.value)


def test_correlations_that_contradict_are_refused(compared: Compared, said: Said) -> None:
    text = '[[input]]\nrate = "market.*"\ndistribution = "lognormal"\nsd = 0.1\nreason = "x"\n'
    for a, b, value in (("nl", "de_lu", 0.9), ("de_lu", "fr", 0.9), ("nl", "fr", -0.9)):
        text += f'[[correlation]]\nof = ["market.*.{a}", "market.*.{b}"]\nvalue = {value}\nreason = "x"\n'
    with pytest.raises(UserError, match="contradict"):
        simulate(compared(["DE", "FR"]), said(text), 100)


def test_ends_by_hand_and_a_rate_set_by_hand(compared: Compared, said: Said) -> None:
    text = '[[input]]\nrate = "market.*"\ndistribution = "uniform"\nreason = "x"\n'
    text += 'low = "60 EUR/MWh"\nhigh = "80 EUR/MWh"\n'
    found = simulate(compared(["DE"], settings={"market.day_ahead.de_lu": 70.0}), said(text), DRAWS)
    assert [item.name for item in found.inputs] == ["market.day_ahead.nl"]
    assert found.bill("NL").sd == pytest.approx(20 / math.sqrt(12), rel=0.02)
    assert found.bill("DE").sd == pytest.approx(0, abs=1e-9)
    with pytest.raises(UserError, match="lies above"):
        simulate(compared(["DE"]), said(text.replace("60 EUR", "90 EUR")), 100)


def test_an_option_that_no_draw_has_open_refuses_nothing(tables: Tables, compared: Compared) -> None:
    """French medium voltage has no tariff for medium use; its rates are not missing."""
    found = simulate(compared(["FR"], 2026, load_plant("bricks", tables), reliefs="stated"), read_distributions(), 500)
    assert found.refusals == {}
    assert "FR" in found.totals


def test_a_home_bill_that_is_refused_refuses_the_simulation(tables: Tables, compared: Compared) -> None:
    from datetime import date

    from levelfield.comparison import compare

    plant = load_plant("edible-oil", tables)
    comparison = compare(tables, plant, date(2025, 1, 1), date(2025, 12, 31), "BE-WAL", ["NL"])
    with pytest.raises(MissingData, match=r"be\.grid\.ores"):
        simulate(comparison, read_distributions(), 100)
    with pytest.raises(UserError, match="--draws 5"):
        simulate(compared(["DE"]), read_distributions(), 5)
    with pytest.raises(UserError, match="--seed"):
        simulate(compared(["DE"]), read_distributions(), 100, -1)
