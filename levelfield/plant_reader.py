"""Reading a plant from nested tables, as a plant file or a sheet of a workbook gives them.

Every fault is reported at once, each with its place, what was found and what to write. What is left out gets a
documented default, which the plant remembers so that the output can name it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from levelfield import units
from levelfield._errors import UserError, did_you_mean
from levelfield.lang import Text
from levelfield.plant import CLUSTERS, COMPANY, DIRECT, INDIRECT, LEVEL_BY_PEAK, LEVELS, MISSING, Plant
from levelfield.tables import Tables, parse_setting

if TYPE_CHECKING:
    from levelfield.load import LoadCurve
    from levelfield.procurement import Procurement

Where: TypeAlias = tuple[str | int, ...]
"""The path of a key; a number says which of several tables of one name is meant, counted from 0."""

_SECTIONS: dict[str, tuple[str, ...]] = {
    "": (
        "name",
        "sector",
        "cluster",
        "description",
        "sources",
        "electricity",
        "connection",
        "company",
        "co2",
        "claims",
        "rates",
    ),
    "electricity": (
        "offtake",
        "yearly_peak",
        "full_load_hours",
        "load_curve",
        "contracted_power",
        "exempt_process_share",
        "price",
        "procurement",
    ),
    "company": COMPANY,
    "co2": ("eu_ets", "carbon_leakage", "direct_emissions", "free_allocation", "product", "indirect"),
}
_PRODUCT_KEYS = ("name", "output", "emissions", "electricity")
_INDIRECT_KEYS = ("product", "output", "consumption")


def read_plant(data: dict[str, Any], place: str, folder: Path, tables: Tables, where: Callable[[Where], str]) -> Plant:
    """The plant that nested tables describe; `where` says where a key stands. Raises UserError with all faults."""
    return Reader(data, place, folder, tables, where).plant()


class Reader:
    """Reads one plant, noting faults and defaults as it goes."""

    def __init__(
        self, data: dict[str, Any], place: str, folder: Path, tables: Tables, where: Callable[[Where], str]
    ) -> None:
        self.data, self.place, self.folder, self.tables, self.where = data, place, folder, tables, where
        self.faults: list[str] = []
        self.defaults: list[Text] = []

    def fault(self, path: Where, message: str) -> None:
        key = ".".join(part for part in path if isinstance(part, str))
        self.faults.append(f"{self.where(path)}: {key}: {message}")

    def section(self, name: str) -> dict[str, Any]:
        found = self.data.get(name, {})
        if not isinstance(found, dict):
            self.fault((name,), f"a section [{name}] is wanted here")
            return {}
        self.unknown((name,), found, _SECTIONS[name])
        return found

    def unknown(self, path: Where, found: Mapping[str, Any], known: tuple[str, ...]) -> None:
        for key in found:
            if key not in known:
                self.fault((*path, key), f"unknown key; {did_you_mean(key, known)}")

    def text_of(self, section: Mapping[str, Any], path: Where, default: str = "") -> str:
        value = section.get(str(path[-1]), default)
        if not isinstance(value, str):
            self.fault(path, f"a text is wanted, found {value!r}")
            return default
        if any(ord(letter) < 32 for letter in value):
            self.fault(path, f"{value!r} holds a line break or a control character; write it on one line")
            return default
        return value

    def flag(self, section: Mapping[str, Any], path: Where, default: bool) -> bool:
        value = section.get(str(path[-1]), default)
        if not isinstance(value, bool):
            self.fault(path, f"true or false is wanted, found {value!r}")
            return default
        return value

    def quantity(self, section: Mapping[str, Any], path: Where, unit: str) -> float | None:
        """A stated quantity, or None if it is not stated or faulty."""
        value = section.get(str(path[-1]))
        if value is None:
            return None
        try:
            if isinstance(value, bool) or not isinstance(value, (int, float, str)):
                raise units.UnitError(
                    f'{value!r} is no quantity; say "1 {unit}"' if unit else f"{value!r} is no number"
                )
            number = float(value) if unit == "" and not isinstance(value, str) else units.parse(str(value), unit)
        except units.UnitError as error:
            self.fault(path, str(error))
            return None
        if number < 0:
            self.fault(path, f"{value} is negative; write the amount itself")
            return None
        return number

    def plant(self) -> Plant:
        self.unknown((), self.data, _SECTIONS[""])
        name = self.text_of(self.data, ("name",)) or Path(self.place).stem
        sector = self.sector()
        cluster = self.text_of(self.data, ("cluster",))
        if cluster and cluster not in CLUSTERS:
            self.fault(("cluster",), f"'{cluster}' is no cluster; known are {', '.join(CLUSTERS)}")
        electricity = self.section("electricity")
        curve = self.curve(electricity)
        offtake, peak = self.energy_and_peak(electricity, curve)
        contracted = self.quantity(electricity, ("electricity", "contracted_power"), "kW")
        if contracted is None:
            contracted = peak
            if "contracted_power" not in electricity:
                self.defaults.append(Text("contracted power: the yearly peak", "gecontracteerd vermogen: de jaarpiek"))
        exempt = self.quantity(electricity, ("electricity", "exempt_process_share"), "") or 0.0
        if exempt > 1:
            self.fault(
                ("electricity", "exempt_process_share"), f"{exempt:g} is more than all; a share from 0 to 1 is wanted"
            )
        company, co2 = self.section("company"), self.section("co2")
        level, connections = self.connection(peak)
        figures = {}
        for key in _SECTIONS["company"]:
            figures[key] = self.quantity(company, ("company", key), "EUR")
        plant = Plant(
            name=name,
            sector=sector,
            cluster=cluster,
            offtake=offtake,
            yearly_peak=peak,
            contracted_power=contracted,
            exempt_process_share=exempt,
            prices=self.prices(electricity),
            load_curve=curve,
            level=level,
            connections=connections,
            gross_value_added=_or_missing(figures["gross_value_added"]),
            turnover=_or_missing(figures["turnover"]),
            payroll=_or_missing(figures["payroll"]),
            eu_ets=self.flag(co2, ("co2", "eu_ets"), False),
            carbon_leakage=self.flag(co2, ("co2", "carbon_leakage"), True),
            direct_emissions=self.quantity(co2, ("co2", "direct_emissions"), "tCO2") or 0.0,
            free_allocation=self.quantity(co2, ("co2", "free_allocation"), "tCO2"),
            products=self.products(co2),
            indirect=self.indirect(co2),
            claims=self.claims(),
            rates=self.rates(),
            description=self.text_of(self.data, ("description",)),
            sources={str(key): str(value) for key, value in self.data.get("sources", {}).items()},
            place=self.place,
            procurement=self.procurement(electricity),
        )
        self.plausible(plant)
        if self.faults:
            raise UserError(self.faults)
        return plant._replace(defaults=tuple(self.defaults))

    def sector(self) -> str:
        sector = self.text_of(self.data, ("sector",))
        if not sector and "sector" in self.data:
            return ""
        if not sector:
            self.fault(
                ("sector",),
                'the NACE Rev. 2 class is wanted, say sector = "20.13"; it decides what the plant may claim',
            )
        elif self.tables.nace and sector not in self.tables.nace:
            near = [code for code in self.tables.nace if code.startswith(sector.rstrip(".")[:4])][:4]
            hint = f"; near are {', '.join(near)}" if near else ""
            self.fault(("sector",), f"'{sector}' is no class of NACE Rev. 2 (four digits, as in 20.13){hint}")
        return sector

    def curve(self, electricity: Mapping[str, Any]) -> LoadCurve | None:
        """The load curve of a file, or one that a workbook held beside the plant."""
        stated = electricity.get("load_curve")
        if stated is None:
            return None
        from levelfield.load import LoadCurve, read_load_curve

        if isinstance(stated, LoadCurve):
            return stated
        try:
            return read_load_curve(self.folder / self.text_of(electricity, ("electricity", "load_curve")))
        except UserError as error:
            self.faults.extend(error.faults)
            return None

    def energy_and_peak(self, electricity: Mapping[str, Any], curve: LoadCurve | None) -> tuple[float, float]:
        offtake = self.quantity(electricity, ("electricity", "offtake"), "MWh")
        peak = self.quantity(electricity, ("electricity", "yearly_peak"), "kW")
        hours = self.quantity(electricity, ("electricity", "full_load_hours"), "h")
        if curve:
            for key, stated, found, unit in (
                ("offtake", offtake, curve.energy, "MWh"),
                ("yearly_peak", peak, curve.peak, "kW"),
            ):
                if stated is not None and abs(stated - found) > 0.01 * found:
                    self.fault(
                        ("electricity", key),
                        f"{stated:,.0f} {unit} is stated, the load curve has {found:,.0f} {unit}; leave one out",
                    )
            return curve.energy, curve.peak
        if offtake is None:
            if "offtake" not in electricity and "load_curve" not in electricity:
                self.fault(("electricity", "offtake"), 'the yearly offtake is wanted, say offtake = "800 GWh"')
            return 1.0, 1.0
        if hours is not None and not 0 < hours <= 8784:
            self.fault(("electricity", "full_load_hours"), f"{hours:g} h does not fit in a year; at most 8760 h")
            hours = None
        if peak is not None and hours is not None and abs(peak * hours / 1000 - offtake) > 0.01 * offtake:
            self.fault(
                ("electricity", "full_load_hours"),
                f"yearly_peak × full_load_hours = {peak / 1000:,.1f} MW × {hours:,.0f} h "
                f"= {peak * hours / 1e6:,.1f} GWh, "
                f"but offtake is {offtake / 1000:,.1f} GWh; leave one of the three out",
            )
        if peak is None:
            if hours is None and "yearly_peak" not in electricity and "full_load_hours" not in electricity:
                self.defaults.append(Text("full-load hours: 8760 h (a flat load)", "vollasturen: 8760 h (vlakke last)"))
            peak = offtake * 1000 / (hours or 8760.0)
        elif peak and offtake * 1000 / peak > 8784.5:
            self.fault(
                ("electricity", "yearly_peak"),
                f"{peak / 1000:,.1f} MW gives at most {peak * 8.76 / 1000:,.1f} GWh a year, but offtake is "
                f"{offtake / 1000:,.1f} GWh",
            )
        return offtake, peak

    def prices(self, electricity: Mapping[str, Any]) -> dict[str, float]:
        stated = electricity.get("price", {})
        if not isinstance(stated, dict):
            self.fault(("electricity", "price"), 'prices by jurisdiction are wanted: price = { NL = "85 EUR/MWh" }')
            return {}
        known = tuple(dict.fromkeys(key for j in self.tables.jurisdictions.values() for key in j.plant_keys))
        self.unknown(("electricity", "price"), stated, known)
        found = {key: self.quantity(stated, ("electricity", "price", key), "EUR/MWh") for key in stated if key in known}
        return {key: value for key, value in found.items() if value is not None}

    def procurement(self, electricity: Mapping[str, Any]) -> dict[str, Procurement]:
        """How it buys: for all jurisdictions under '', for one under its plant key."""
        if "procurement" not in electricity:
            return {}
        from levelfield.procurement import read_procurement

        return read_procurement(self, electricity)

    def connection(self, peak: float) -> tuple[str, dict[str, dict[str, Any]]]:
        stated = self.data.get("connection", {})
        if not isinstance(stated, dict):
            self.fault(("connection",), "a section [connection] is wanted here")
            stated = {}
        jurisdictions = self.tables.jurisdictions.values()
        known = tuple(dict.fromkeys(key for j in jurisdictions for key in j.plant_keys))
        self.unknown(("connection",), stated, ("level", *known))
        level = stated.get("level")
        if level is None:
            level = next(level for level, least in LEVEL_BY_PEAK if peak >= least)
            self.defaults.append(
                Text(
                    f"connection level: {level} (by a yearly peak of {peak / 1000:,.1f} MW)",
                    f"aansluitniveau: {level} (bij een jaarpiek van {peak / 1000:.1f} MW)",
                )
            )
        elif level not in LEVELS:
            self.fault(("connection", "level"), f"'{level}' is no level; known are {', '.join(LEVELS)}")
            level = "high"
        connections: dict[str, dict[str, Any]] = {}
        for key in known:
            if key in stated:
                connections[key] = self.connection_of(key, stated[key])
        return level, connections

    def connection_of(self, key: str, stated: Any) -> dict[str, Any]:
        path = ("connection", key)
        if not isinstance(stated, dict):
            self.fault(path, f'a table is wanted, say {key} = {{ level = "high" }}')
            return {}
        inputs = {
            name: spec
            for j in self.tables.jurisdictions.values()
            if key in j.plant_keys
            for name, spec in j.inputs.items()
        }
        self.unknown(path, stated, ("level", *inputs))
        if "level" in stated and stated["level"] not in LEVELS:
            self.fault((*path, "level"), f"'{stated['level']}' is no level; known are {', '.join(LEVELS)}")
        result: dict[str, Any] = {name: value for name, value in stated.items() if name == "level" and value in LEVELS}
        for name, spec in inputs.items():
            if name not in stated:
                continue
            if "values" in spec:
                if stated[name] not in spec["values"]:
                    self.fault((*path, name), f"'{stated[name]}' is not held; known are {', '.join(spec['values'])}")
                else:
                    result[name] = stated[name]
            elif spec.get("unit") == "yes/no":
                result[name] = float(self.flag(stated, (*path, name), False))
            else:
                value = self.quantity(stated, (*path, name), units.canonical(spec.get("unit", ""))[0])
                if value is not None:
                    result[name] = value
        return result

    def products(self, co2: Mapping[str, Any]) -> dict[str, dict[str, float]]:
        """Products with a benchmark of free allocation: output in the benchmark's own unit, emissions, electricity."""
        found: dict[str, dict[str, float]] = {}
        for path, item in self.items(co2, "product", _PRODUCT_KEYS):
            name = item.get("name")
            unit = self.product_unit((*path, "name"), name, DIRECT)
            if not isinstance(name, str) or unit is None:
                continue
            if name in found:
                self.fault((*path, "name"), f"'{name}' stands here twice; add the outputs up")
            output = self.quantity(item, (*path, "output"), unit)
            if output is None and "output" not in item:
                self.fault((*path, "name"), f'{name} needs its output, say output = "500 kt"')
            if "electricity" in item and "emissions" not in item:
                self.fault((*path, "electricity"), 'electricity needs the emissions too, say emissions = "0 t"')
            found[name] = {
                "output": output or 0.0,
                "emissions": self.quantity(item, (*path, "emissions"), "tCO2") or 0.0,
                "electricity": self.quantity(item, (*path, "electricity"), "MWh") or 0.0,
            }
        return found

    def indirect(self, co2: Mapping[str, Any]) -> dict[str, dict[str, float]]:
        """Electricity that counts for compensation: benchmark products by output, the rest as consumed."""
        found: dict[str, dict[str, float]] = {}
        for path, item in self.items(co2, "indirect", _INDIRECT_KEYS):
            name = item.get("product", "fallback")
            if name == "fallback":
                consumption = self.quantity(item, (*path, "consumption"), "MWh")
                if consumption is None and "consumption" not in item:
                    self.fault((*path, "product"), 'the fallback needs the consumption, say consumption = "780 GWh"')
                found[name] = {"consumption": consumption or 0.0, "output": 0.0}
                continue
            unit = self.product_unit((*path, "product"), name, INDIRECT)
            if unit is None:
                continue
            output = self.quantity(item, (*path, "output"), unit)
            if output is None and "output" not in item:
                self.fault((*path, "product"), f'{name} needs its output, say output = "200 kt"')
            found[name] = {"output": output or 0.0, "consumption": 0.0}
        return found

    def items(self, co2: Mapping[str, Any], key: str, known: tuple[str, ...]) -> list[tuple[Where, dict[str, Any]]]:
        found = co2.get(key, [])
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            self.fault(("co2", key), f"write [[co2.{key}]] with double brackets")
            return []
        for number, item in enumerate(found):
            self.unknown(("co2", key, number), item, known)
        return [(("co2", key, number), item) for number, item in enumerate(found)]

    def product_unit(self, path: Where, name: Any, family: str) -> str | None:
        """The unit in which a product's output is measured: the lower part of its benchmark's unit."""
        if isinstance(name, str) and f"{family}.{name}" in self.tables:
            return self.tables.unit(f"{family}.{name}").partition("/")[2]
        known = [rate.removeprefix(f"{family}.") for rate in self.tables.rate_ids if rate.startswith(f"{family}.")]
        self.fault(path, f"'{name}' has no benchmark in the tables; {did_you_mean(str(name), known)}")
        return None

    def claims(self) -> dict[str, bool]:
        stated = self.data.get("claims", {})
        if not isinstance(stated, dict):
            self.fault(("claims",), "a section [claims] is wanted here")
            return {}
        flat = dict(_flatten(stated))
        known = known_claims(self.tables)
        found: dict[str, bool] = {}
        for claim, value in flat.items():
            if claim not in known:
                self.fault(("claims", claim), f"unknown claim; {did_you_mean(claim, known)}")
            elif not isinstance(value, bool):
                self.fault(("claims", claim), f"true or false is wanted, found {value!r}")
            else:
                found[claim] = value
        return found

    def rates(self) -> dict[str, str]:
        """Rates that the plant sets itself, such as its real grid tariff."""
        stated = self.data.get("rates", {})
        if not isinstance(stated, dict):
            self.fault(("rates",), "a section [rates] is wanted here")
            return {}
        found: dict[str, str] = {}
        for rate, value in _flatten(stated):
            try:
                parse_setting(rate, str(value), self.tables)
                found[rate] = str(value)
            except UserError as error:
                self.fault(("rates", rate), error.faults[0])
        return found

    def plausible(self, plant: Plant) -> None:
        if plant.offtake <= 0 or plant.yearly_peak <= 0:
            self.fault(
                ("electricity", "offtake"), "the offtake is zero; a plant without electricity has no bill to compare"
            )
        total = sum(use["consumption"] for use in plant.indirect.values())
        if plant.eu_ets and plant.direct_emissions and plant.free_allocation is None and not plant.products:
            self.defaults.append(Text("free allocation: none", "gratis toewijzing: geen"))
        if total > plant.offtake * 1.005 and plant.indirect:
            self.defaults.append(
                Text(
                    "indirect consumption is more than the offtake: self-generated electricity is assumed",
                    "het verbruik voor de compensatie is meer dan de afname: eigen opwek is aangenomen",
                )
            )


def _or_missing(value: float | None) -> float:
    return MISSING if value is None else value


def _flatten(table: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Dotted names of a nested table: "de.besar" = true and de.besar = true are the same."""
    found: list[tuple[str, Any]] = []
    for key, value in table.items():
        name = f"{prefix}{key}"
        found += _flatten(value, f"{name}.") if isinstance(value, dict) else [(name, value)]
    return found


def known_claims(tables: Tables) -> list[str]:
    """What a plant may have applied for, in any jurisdiction and year."""
    folders = {"eu", *(place.folder for place in tables.jurisdictions.values())}
    found = {block["claim"] for folder in folders for block in tables.law(folder).charges if "claim" in block}
    found |= {claim for place in tables.jurisdictions.values() for claim in place.claims}
    return sorted(found)
