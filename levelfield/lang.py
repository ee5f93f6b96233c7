"""The words of the output, in English and Dutch. Names of charges come from the tables, which hold both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

LANGUAGES = ("en", "nl")


class Text(NamedTuple):
    """A message in both languages; as a string it is the English one."""

    en: str
    nl: str = ""

    def __str__(self) -> str:
        return self.en

    def after(self, lead: str) -> Text:
        return Text(f"{lead}: {self.en}", f"{lead}: {self.nl or self.en}")


def text_of(note: str | Mapping[str, str]) -> Text:
    """A note of the tables, in one language or both."""
    return Text(note) if isinstance(note, str) else Text(note.get("en", ""), note.get("nl", ""))


_DUTCH = {
    "commodity": "levering",
    "network": "netkosten",
    "levy": "heffingen",
    "tax": "belastingen",
    "compensation": "compensatie",
    "co2": "CO2 (direct)",
    "electricity": "elektriciteit",
    "total": "totaal",
    "low": "laag",
    "high": "hoog",
    "low to high": "laag tot hoog",
    "CO2": "CO2",
    "MEUR a year": "MEUR per jaar",
    "MEUR in the period": "MEUR in de periode",
    "official": "officieel",
    "secondary": "secundair",
    "recalled": "uit het geheugen",
    "assumed": "aangenomen",
    "stated": "opgegeven",
    "The gap": "Het verschil",
    "all-in electricity and direct CO2": "elektriciteit en directe CO2 samen",
    "all-in electricity": "elektriciteit, alles inbegrepen",
    "{home} is {above} above {other}; {other} is {below} below {home}": (
        "{home} ligt {above} boven {other}; {other} ligt {below} onder {home}"
    ),
    "{home} is {above} below {other}; {other} is {below} above {home}": (
        "{home} ligt {above} onder {other}; {other} ligt {below} boven {home}"
    ),
    "'above' is ({home} − other) ÷ other, 'below' is ({home} − other) ÷ {home}: not the same number": (
        "'boven' is ({home} − ander) ÷ ander, 'onder' is ({home} − ander) ÷ {home}: niet hetzelfde getal"
    ),
    "{home} costs {amount} EUR/MWh more than {other}": "{home} kost {amount} EUR/MWh meer dan {other}",
    "{home} costs {amount} EUR/MWh less than {other}": "{home} kost {amount} EUR/MWh minder dan {other}",
    "What drives it (EUR/MWh, {home} less the neighbour)": "Waar het vandaan komt (EUR/MWh, {home} min buurland)",
    "Evidence (share of the amounts by grade)": "Bewijskracht (aandeel van de bedragen per graad)",
    "Reliefs": "Kortingen en vrijstellingen",
    "counted": "meegeteld",
    "not stated": "niet opgegeven",
    "refused": "niet gevraagd",
    "missed": "niet gehaald",
    "would save": "zou schelen",
    "Notes": "Opmerkingen",
    "switches": "schakelaars",
    "reliefs": "kortingen",
    "procurement": "inkoop",
    "no compensation": "zonder compensatie",
    "tables": "tabellen",
    "as known on": "bekend op",
    "No bill": "Geen rekening",
    "charge": "heffing of tarief",
    "quantity": "hoeveelheid",
    "rate": "tarief",
    "amount": "bedrag",
    "law": "wet",
    "source": "bron",
    "evidence": "bewijskracht",
    "conditions": "voorwaarden",
    "holds": "voldaan",
    "does not hold": "niet voldaan",
    "does not apply": "niet van toepassing",
    "another option was chosen": "andere keuze gemaakt",
    "any of these": "een van deze",
    "formula": "formule",
    "with": "met",
    "is": "is",
    "of the year": "van het jaar",
    "from": "van",
    "to": "tot en met",
    "chosen": "gekozen",
    "Bills by year (EUR/MWh, all-in electricity)": "Rekeningen per jaar (EUR/MWh, elektriciteit, alles inbegrepen)",
    "The gap by year (EUR/MWh, {home} less the neighbour)": "Het verschil per jaar (EUR/MWh, {home} min buurland)",
    "{home} above the neighbour: ({home} − other) ÷ other": "{home} boven het buurland: ({home} − ander) ÷ ander",
    "What moved it (EUR/MWh)": "Waardoor het veranderde (EUR/MWh)",
    "{count} smaller ones": "{count} kleinere",
    "price": "prijs",
    "published": "gepubliceerd",
    "ours": "van ons",
    "ours, line by line (EUR/MWh)": "van ons, regel voor regel (EUR/MWh)",
    "not held": "niet in de tabellen",
    "class": "klasse",
    "identity": "identiteit",
    "component": "onderdeel",
    "known profile": "bekend profiel",
    "unknown profile": "onbekend profiel",
    "journalism": "journalistiek",
    "official and secondary": "officieel en secundair",
    "not an independent test": "geen onafhankelijke toets",
    "{within} of {all} figures within their class, {outside} outside, {unknown} not held": (
        "{within} van {all} cijfers binnen hun klasse, {outside} erbuiten, {unknown} niet in de tabellen"
    ),
    "plant": "fabriek",
    "Network cost in {place}: × {net} from {first} to {last}; without its reductions × {gross}": (
        "Netkosten in {place}: × {net} van {first} tot {last}; zonder de kortingen erop × {gross}"
    ),
}


class Words:
    """Texts in one language: `words("network")`, `words("{a} above {b}", a=…, b=…)`; English where Dutch is lacking."""

    def __init__(self, language: str = "en", dutch: Mapping[str, str] = {}) -> None:
        """`dutch` holds words besides those of this module."""
        self.language = language
        self._dutch = {**_DUTCH, **dutch} if dutch else _DUTCH

    def __call__(self, text: str, **values: object) -> str:
        found = self._dutch.get(text, text) if self.language == "nl" else text
        return found.format(**values) if values else found

    def text(self, text: Text) -> str:
        return (text.nl if self.language == "nl" else "") or text.en

    def name(self, names: Mapping[str, str]) -> str:
        """A name from the tables."""
        return names.get(self.language) or names.get("en", "")

    def number(self, value: float, digits: int = 2, *, sign: bool = False) -> str:
        """With a decimal comma and points for thousands in Dutch."""
        text = f"{value:{'+' if sign else ''},.{digits}f}"
        text = text.replace("-", "−")
        if float(f"{value:.{digits}f}") == 0:
            text = f"{0:,.{digits}f}"
        return text.translate(str.maketrans(",.", ".,")) if self.language == "nl" else text

    def percent(self, share: float | None, digits: int = 1) -> str:
        return "–" if share is None else f"{self.number(share * 100, digits)} %"
