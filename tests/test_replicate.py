"""The published record: what must hold, and that nothing outside its class is without a reason."""

from __future__ import annotations

import pytest

from levelfield._errors import UserError
from levelfield.replicate import Study, replicate, studies
from levelfield.tables import Tables


@pytest.fixture(scope="module")
def found(tables: Tables) -> dict[str, Study]:
    return {study: replicate(tables, study) for study in studies()}


def test_what_is_outside_its_class_or_not_held_has_its_reason(found: dict[str, Study]) -> None:
    for study in found.values():
        for figure in study.figures:
            assert figure.within or figure.reason, (study.id, figure.name)


def test_the_order_of_the_four_countries_in_the_study_of_2024(found: dict[str, Study]) -> None:
    by_name = {figure.name.split(",")[0]: figure for figure in found["ebridge-2024"].figures}
    assert by_name["Germany"].within
    assert by_name["Flanders"].within
    assert by_name["order of the four"].ours == "FR < DE < BE-VLG < NL"
    assert not by_name["Netherlands"].independent
    assert sum(eur for _, eur in by_name["France"].lines) == pytest.approx(by_name["France"].ours)


def test_identities_hold(found: dict[str, Study]) -> None:
    figures = [
        figure for study in found.values() for figure in study.figures if figure.kind in ("identity", "component")
    ]
    assert len(figures) >= 6
    assert all(figure.within for figure in figures)


def test_an_unknown_study(tables: Tables) -> None:
    with pytest.raises(UserError, match="did you mean ebridge-2024"):
        replicate(tables, "e-bridge-2024")
