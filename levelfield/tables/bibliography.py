"""The bibliography: where the numbers come from, and how many rates rest on each source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from levelfield.tables.model import Source, Tables

_HEADER = (
    "key,country,title,publisher,act,published,url,licence,language,accessed,rates,blocks"  # as in sources.csv, and use
)
_LANGUAGES = {"nl": "dutch", "de": "german", "fr": "french", "en": "english"}  # as BibTeX styles call them
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# A brace counts for BibTeX even behind a backslash, so braces must be commands.
_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_"},
}
# In a link the signs of TeX stand as they are; only what would end the field may not.
_URL = {"{": "%7B", "}": "%7D", "\\": "%5C", " ": "%20"}


class Entry(NamedTuple):
    source: Source
    country: str  # the folder whose sources.csv holds it; empty for one outside the folders
    rates: int  # rates of which some row, past or present, names it
    blocks: int  # blocks of the law, such as lists, that name it

    @property
    def used(self) -> bool:
        return bool(self.rates or self.blocks)


def bibliography(tables: Tables, country: str | None = None) -> list[Entry]:
    """Every source of the tables, or of one country's folder, by country and key."""
    rates: dict[str, set[str]] = {}
    for rate in tables.rate_ids:
        for row in tables.rows(rate):
            rates.setdefault(row.source, set()).add(rate)
    blocks = [str(block.get("source", "")) for block in _law(tables)]
    entries = [
        Entry(source, source.place.rpartition("/")[0], len(rates.get(key, ())), blocks.count(key))
        for key, source in tables.sources.items()
    ]
    chosen = [entry for entry in entries if country in (None, entry.country)]
    return sorted(chosen, key=lambda entry: (entry.country, entry.source.key))


def _law(tables: Tables) -> Iterator[Mapping[str, Any]]:
    """All lists and blocks of law."""
    yield from tables.lists.values()
    for folder in {"eu", *(place.folder for place in tables.jurisdictions.values())}:
        for blocks in tables.law(folder):
            yield from blocks


# Written out ----------------------------------------------------------------------------------------------------------


def as_markdown(entries: list[Entry]) -> str:
    """A section a country, a line a source."""
    out: list[str] = []
    before: str | None = None
    for entry in entries:
        if entry.country != before:
            out += ["", f"## {entry.country or 'general'}", ""]
            before = entry.country
        out.append(_line(entry))
    return "\n".join(out).strip() + "\n"


def _line(entry: Entry) -> str:
    source = entry.source
    parts = (
        f"**{_plain(source.title)}**",
        _plain(source.publisher),
        _plain(source.act),
        source.published,
        f"<{_link(source.url)}>" if source.url else "",
        source.language,
        f"licence: {_plain(source.licence)}" if source.licence else "",
    )
    return f"- `{source.key}`: {', '.join(part for part in parts if part)} ({_use(entry)})"


def _use(entry: Entry) -> str:
    """How much rests on a source, in words."""
    if not entry.used:
        return "**unused**"
    counted = ((entry.rates, "rate", "rates"), (entry.blocks, "block of law", "blocks of law"))
    return ", ".join(f"{number} {one if number == 1 else many}" for number, one, many in counted if number)


def _plain(text: str) -> str:
    """A text in which Markdown sees no markup."""
    folded = " ".join(text.split())
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>" else sign for sign in folded)


def _link(url: str) -> str:
    return "".join({**_URL, "<": "%3C", ">": "%3E"}.get(sign, sign) for sign in url)


def as_csv(entries: list[Entry]) -> str:
    """A row a source; an unused one has 0 rates and 0 blocks. A text like a formula is led by an apostrophe."""
    import csv
    import io

    from levelfield.report.document import safe

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = _HEADER.split(",")
    writer.writerow(names)
    for entry in entries:
        cells = {**entry.source._asdict(), **entry._asdict()}
        writer.writerow([safe(cells[name]) if isinstance(cells[name], str) else cells[name] for name in names])
    return out.getvalue()


def as_bibtex(entries: list[Entry]) -> str:
    """An entry of the kind @misc a source, in UTF-8. Titles and publishers keep their capitals; keys are unique."""
    blocks: list[str] = []
    for key, entry in zip(_keys(entry.source.key for entry in entries), entries, strict=True):
        fields = "".join(f",\n  {name} = {value}" for name, value in _fields(entry).items())
        blocks.append(f"@misc{{{key}{fields}\n}}\n")
    return "\n".join(blocks)


def _fields(entry: Entry) -> Mapping[str, str]:
    """The fields that say something, each with its delimiters."""
    source = entry.source
    texts = {
        "title": f"{{{_tex(source.title)}}}" if source.title else "",  # inner braces keep the capitals
        "author": f"{{{_tex(source.publisher)}}}" if source.publisher else "",  # and 'and' within a name
        "howpublished": _tex(source.act),
        **_published(source.published),
        "url": "".join(_URL.get(sign, sign) for sign in source.url),
        "urldate": _tex(source.accessed),
        "language": _LANGUAGES.get(source.language, _tex(source.language)),
        "note": f"Licence: {_tex(source.licence)}" if source.licence else "",
        "annote": _tex(_use(entry).strip("*")),
    }
    return {name: text if name == "month" else f"{{{text}}}" for name, text in texts.items() if text}


def _published(text: str) -> dict[str, str]:
    """A day as the year, month and day that BibTeX keeps apart; what is no day stands as the year."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return {"year": _tex(text)}
    return {"year": f"{day.year}", "month": _MONTHS[day.month - 1], "day": f"{day.day}"}


def _tex(text: str) -> str:
    return "".join(_TEX.get(sign, sign) for sign in " ".join(text.split()))


def _keys(keys: Iterable[str]) -> list[str]:
    """Keys that BibTeX can read, each once: it makes no difference between capitals and small letters."""
    found: list[str] = []
    taken: set[str] = set()
    for key in keys:
        plain = "".join(sign if (sign.isascii() and sign.isalnum()) or sign in "-_.:+/" else "-" for sign in key)
        name, number = plain or "source", 2
        while name.lower() in taken:
            name, number = f"{plain or 'source'}-{number}", number + 1
        taken.add(name.lower())
        found.append(name)
    return found
