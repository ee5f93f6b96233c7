"""Studies beside our bills, as lines for a terminal, Markdown and plain data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from levelfield import __version__
from levelfield.lang import Words
from levelfield.replicate import CLASSES, Figure, Study
from levelfield.report.terminal import Line, wrapped

_MARK = {True: "✓", False: "✗", None: "–"}


def study_lines(found: list[Study], words: Words, width: int) -> Iterator[Line]:
    for study in found:
        yield study.title, "bold"
        yield from wrapped(study.source, "  ", width, "dim")
        if study.note:
            yield from wrapped(study.note, "  ", width)
        for figure in study.figures:
            yield from wrapped(_head(figure, words), f"  {_MARK[figure.within]} ", width)
            yield from wrapped(_rest(figure, words), "    ", width, "dim")
        yield "", ""
    figures = [figure for study in found for figure in study.figures]
    within, outside = (sum(figure.within is state for figure in figures) for state in (True, False))
    text = "{within} of {all} figures within their class, {outside} outside, {unknown} not held"
    yield (
        words(text, within=within, all=len(figures), outside=outside, unknown=len(figures) - within - outside),
        "bold",
    )


def _head(figure: Figure, words: Words) -> str:
    ours = words("not held") if figure.ours is None else _shown(figure.ours, figure.unit, words)
    text = f"{figure.name}: {words('published')} {_shown(figure.published, figure.unit, words)}, {words('ours')} {ours}"
    if figure.difference is not None:
        text += f" ({words.number(figure.difference * 100, 1, sign=True)} %)"
    return text


def _rest(figure: Figure, words: Words) -> str:
    parts = [f"{words('class')}: {words(figure.kind)} ({CLASSES[figure.kind]})"]
    if figure.evidence is not None:
        parts.append(f"{words('official and secondary')} {words.number(figure.evidence * 100, 0)} %")
    if not figure.independent:
        parts.append(words("not an independent test"))
    if figure.switches:
        parts.append(figure.switches)
    if figure.reason and (not figure.within or not figure.independent):
        parts.append(figure.reason)
    if figure.lines and not figure.within:
        parts.append(_lines(figure, words))
    return "; ".join(parts)


def _lines(figure: Figure, words: Words) -> str:
    shown = ", ".join(f"{charge} {words.number(eur)}" for charge, eur in figure.lines)
    return f"{words('ours, line by line (EUR/MWh)')}: {shown}"


def _shown(value: float | str, unit: str, words: Words) -> str:
    if isinstance(value, str):
        return value
    digits = 0 if abs(value) >= 10_000 else 2
    return f"{words.number(value, digits)} {unit}".strip()


def studies_document(found: list[Study]) -> dict[str, Any]:
    """The studies as plain data."""
    return {
        "schema": "levelfield/replicate/1",
        "version": __version__,
        "studies": [
            {
                "id": study.id,
                "title": study.title,
                "source": study.source,
                "url": study.url,
                "evidence": study.evidence,
                "holds": study.holds,
                "figures": [{**figure._asdict(), "difference": figure.difference} for figure in study.figures],
            }
            for study in found
        ],
    }


def studies_markdown(found: list[Study], words: Words) -> str:
    """A table a study: published, ours, difference, class, evidence, and the reason where it is outside."""
    out: list[str] = []
    for study in found:
        link = f"[{study.source}]({study.url})" if study.url else study.source
        out += [f"### {study.title}", "", f"`levelfield replicate {study.id}` – {link} ({study.evidence}).", ""]
        if study.note:
            out += [study.note, ""]
        out += [
            "| | figure | published | ours | difference | class | evidence |",
            "| --- | --- | ---: | ---: | ---: | --- | ---: |",
        ]
        for figure in study.figures:
            ours = "not held" if figure.ours is None else _shown(figure.ours, figure.unit, words)
            change = "" if figure.difference is None else f"{words.number(figure.difference * 100, 1, sign=True)} %"
            share = "" if figure.evidence is None else f"{figure.evidence * 100:.0f} %"
            name = figure.name + ("" if figure.independent else " (no independent test)")
            published = _shown(figure.published, figure.unit, words)
            out.append(
                f"| {_MARK[figure.within]} | {name} | {published} | {ours} | {change} | {figure.kind} | {share} |"
            )
        out.append("")
        told = [figure for figure in study.figures if figure.reason and (not figure.within or not figure.independent)]
        for figure in told:
            lines = f" {_lines(figure, words)}." if figure.lines and not figure.within else ""
            out.append(f"- {figure.name}: {figure.reason}.{lines}")
        out += [""] if told else []
    return "\n".join(out).rstrip() + "\n"
