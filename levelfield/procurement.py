"""How a plant buys its electricity: at which of the market's prices, and what an own contract delivers.

A plant file says it under [electricity.procurement], for all countries or for one. What it comes to is law as data
(tariffs/eu/procurement.toml); here it is read and put into the facts that the law asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from levelfield._errors import MissingData, UserError, did_you_mean
from levelfield.lang import Text

if TYPE_CHECKING:
    from levelfield.load import LoadCurve
    from levelfield.plant import Plant
    from levelfield.plant_reader import Reader, Where
    from levelfield.switches import Switches
    from levelfield.tables import Jurisdiction, Tables

MODELS = ("spot", "forward", "formula", "mix")
PRICES = ("spot", "forward", "formula")
"""Those of which a mix is made."""
SHAPES = ("as_consumed", "baseload")
CONTRACT = ("contract_share", "contract_price", "contract_shape")
KEYS = ("model", *PRICES, *CONTRACT)
_NO_SERIES = ("solar", "wind", "pay_as_produced")


class Procurement(NamedTuple):
    """Shares of the three prices of the market (they add up to 1), and of the offtake an own contract delivers."""

    model: str = "spot"
    spot: float = 1.0
    forward: float = 0.0
    formula: float = 0.0
    contract_share: float = 0.0
    contract_price: float = 0.0
    contract_shape: str = "as_consumed"  # or baseload, or the file of a curve
    contract_curve: LoadCurve | None = None


PLAIN = Procurement()


def of_place(plant: Plant, place: Jurisdiction, switches: Switches) -> Procurement:
    """How the plant buys there: as it states for the jurisdiction or for all, at day-ahead prices, or as switched."""
    if switches.procurement == "forward":
        return PLAIN._replace(model="forward", spot=0.0, forward=1.0)
    if switches.procurement != "stated":
        return PLAIN
    stated = plant.procurement
    return next((stated[key] for key in (*place.plant_keys, "") if key in stated), PLAIN)


class Shape(NamedTuple):
    """What an hour-by-hour price makes of a load: the factors on the year's mean, and what to say of them."""

    profile_factor: float
    contract_factor: float
    notes: tuple[Text, ...]


def shape_of(tables: Tables, place: Jurisdiction, year: int, curve: LoadCurve | None, bought: Procurement) -> Shape:
    """The factors of a year. Raises MissingData where a contract's curve needs hourly prices that are not held."""
    produced = bought.contract_curve
    notes: list[Text] = []
    profile = 1.0
    if curve or produced:
        from levelfield.prices import hourly_prices, quarter_hourly_prices

        prices = hourly_prices(tables, place.market, year)
        if curve and prices is not None:
            fine = quarter_hourly_prices(tables, place.market, year) if curve.per_hour == 4 else None
            profile = curve.profile_factor(prices if fine is None else fine)
            if isinstance(profile, float):  # of many plants at once nothing is said
                notes.append(_profile_note(profile, year, fine is not None))
        elif curve:
            notes.append(
                Text(
                    f"hourly prices of {year} are not held: the load pays the mean of the year "
                    "('levelfield prices import' adds them)",
                    f"uurprijzen van {year} ontbreken: de last betaalt het jaargemiddelde "
                    "('levelfield prices import' voegt ze toe)",
                )
            )
    if bought.contract_shape == "as_consumed" or not bought.contract_share:
        return Shape(profile, profile, tuple(notes))
    if produced is None:
        return Shape(profile, 1.0, tuple(notes))
    if produced.year != year:
        raise UserError(
            f"{produced.place}: the contract's curve is of {produced.year}, the bill of {year}; give one of that year"
        )
    if prices is None:
        raise MissingData(
            f"{place.id}: the contract's curve is worth what each hour's price makes it, and hourly prices of {year} "
            "are not held; 'levelfield prices import' adds them, or contract_shape = \"baseload\""
        )
    worth = produced.profile_factor(prices)
    notes.append(
        Text(
            f"the contract's curve is worth {worth:.4f} of the mean price of {year}",
            f"het contractprofiel is {worth:.4f} van de gemiddelde prijs van {year} waard",
        )
    )
    return Shape(profile, worth, tuple(notes))


def _profile_note(factor: float, year: int, fine: bool) -> Text:
    step = Text("quarter-hourly", "kwartierprijzen") if fine else Text("hourly", "uurprijzen")
    return Text(
        f"profile factor {factor:.4f}: by the {step.en} prices of {year} the load pays "
        f"{abs(factor - 1) * 100:.2f} % {'more' if factor >= 1 else 'less'} than their mean",
        f"profielfactor {factor:.4f}: naar de {step.nl} van {year} betaalt de last "
        f"{abs(factor - 1) * 100:.2f} % {'meer' if factor >= 1 else 'minder'} dan hun gemiddelde",
    )


def facts_of(bought: Procurement, shape: Shape) -> dict[str, float]:
    """The facts that the law asks for."""
    return {
        "profile_factor": shape.profile_factor,
        **{f"procurement.{price}": getattr(bought, price) for price in PRICES},
        "contract_share": bought.contract_share,
        "contract_price": bought.contract_price,
        "contract_factor": shape.contract_factor,
    }


# Reading --------------------------------------------------------------------------------------------------------------


def read_procurement(reader: Reader, electricity: Mapping[str, Any]) -> dict[str, Procurement]:
    """What [electricity.procurement] says, by the plant key of a jurisdiction; '' holds for all others."""
    path: Where = ("electricity", "procurement")
    stated = electricity["procurement"]
    if not isinstance(stated, dict):
        reader.fault(path, 'a table is wanted, say [electricity.procurement] with model = "spot"')
        return {}
    places = tuple(dict.fromkeys(key for j in reader.tables.jurisdictions.values() for key in j.plant_keys))
    reader.unknown(path, stated, (*KEYS, *places))
    found: dict[str, Procurement] = {}
    general = {key: value for key, value in stated.items() if key in KEYS}
    if general:
        found[""] = _one(reader, path, general)
    priced = electricity.get("price", {})
    for key in places:
        if key not in stated:
            continue
        if not isinstance(stated[key], dict):
            reader.fault((*path, key), f'a table is wanted, say {key} = {{ model = "forward" }}')
            continue
        reader.unknown((*path, key), stated[key], KEYS)
        if isinstance(priced, dict) and key in priced:
            reader.fault((*path, key), f"electricity.price states the whole price for {key} too; leave one out")
        found[key] = _one(reader, (*path, key), stated[key])
    return found


def _one(reader: Reader, path: Where, stated: Mapping[str, Any]) -> Procurement:
    model = stated.get("model", "spot")
    if model not in MODELS:
        hint = did_you_mean(str(model), MODELS, f"one of {', '.join(MODELS)} is wanted")
        reader.fault((*path, "model"), f"'{model}' is no way to buy; {hint}")
        model = "spot"
    shares = _shares(reader, path, stated, model)
    share = reader.quantity(stated, (*path, "contract_share"), "")
    price = reader.quantity(stated, (*path, "contract_price"), "EUR/MWh")
    if share is not None and share > 1:
        reader.fault((*path, "contract_share"), f"{share:g} is more than all; a share from 0 to 1 is wanted")
    if price is not None and "contract_share" not in stated:
        reader.fault(
            (*path, "contract_price"),
            "the share that the contract delivers is wanted too, say contract_share = 0.4; "
            "for the whole offtake write electricity.price",
        )
    if share and "contract_price" not in stated:
        reader.fault(
            (*path, "contract_share"), 'the contract\'s price is wanted too, say contract_price = "62 EUR/MWh"'
        )
    shape, curve = _contract_shape(reader, path, stated)
    return Procurement(model, *shares, share or 0.0, price or 0.0, shape, curve)


def _shares(reader: Reader, path: Where, stated: Mapping[str, Any], model: str) -> tuple[float, float, float]:
    """The shares of spot, forward and formula."""
    named = [key for key in PRICES if key in stated]
    if model != "mix":
        for key in named:
            reader.fault((*path, key), f"a share belongs to model = \"mix\"; the model is '{model}': leave one out")
        return (float(model == "spot"), float(model == "forward"), float(model == "formula"))
    spot, forward, formula = (reader.quantity(stated, (*path, key), "") or 0.0 for key in PRICES)
    if not named:
        reader.fault((*path, "model"), "a mix needs its shares, say spot = 0.4 and forward = 0.6")
    elif abs(spot + forward + formula - 1) > 1e-9:
        reader.fault(
            (*path, named[0]),
            f"the shares of the mix add up to {spot + forward + formula:g}; those of {', '.join(PRICES)} make 1",
        )
    return spot, forward, formula


def _contract_shape(reader: Reader, path: Where, stated: Mapping[str, Any]) -> tuple[str, LoadCurve | None]:
    shape = reader.text_of(stated, (*path, "contract_shape"), "as_consumed")
    if "contract_shape" in stated and "contract_share" not in stated:
        reader.fault((*path, "contract_shape"), "the share that the contract delivers is wanted too: contract_share")
    if shape in SHAPES:
        return shape, None
    if shape in _NO_SERIES or not shape.endswith(".csv"):
        hint = (
            "no series of generation is held: name a file of what it produces"
            if shape in _NO_SERIES
            else f"known are {', '.join(SHAPES)} and the file of a curve"
        )
        reader.fault(
            (*path, "contract_shape"),
            f"'{shape}' is no shape; {hint}, say contract_shape = \"solar-2025.csv\" (utc,kW; its sum does not count)",
        )
        return "as_consumed", None
    from levelfield.load import read_load_curve

    try:
        return shape, read_load_curve(reader.folder / shape)
    except UserError as error:
        reader.faults.extend(error.faults)
        return "as_consumed", None
