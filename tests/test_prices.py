"""Downloads of day-ahead prices: each platform's layout, what is checked, and where the series go.

The files are made here from the shipped prices of 2025, in the columns and time stamps of each platform: what is read
must be those prices again. Means of 2025: NL 86.81, DE-LU 89.32 EUR/MWh.
"""

from __future__ import annotations

import csv
import functools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from levelfield._errors import UserError
from levelfield.cli import make_app
from levelfield.downloads import read_download
from levelfield.prices import columns, hourly_prices, quarter_hourly_prices
from levelfield.series import assemble
from levelfield.tables import Tables
from tests.test_flat_curve import BRUSSELS, ROOT, no_series

ZONES = ["NL", "DE_LU", "BE", "FR"]
QUARTERS = datetime(2025, 9, 30, 22, tzinfo=UTC)  # the auction clears by the quarter-hour from 1 October, local time
SWING = (-3.0, -1.0, 1.0, 3.0)  # of the quarter-hours about the hour's mean
Quotes = list[tuple[datetime, datetime, float]]


@functools.cache
def shipped(zone: str) -> list[tuple[datetime, float]]:
    with open(ROOT / "tariffs" / "series" / "day_ahead_2025.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [(datetime.fromisoformat(row["utc"].replace("Z", "+00:00")), float(row[zone])) for row in rows]


@functools.cache
def quotes(zone: str, *, fine: bool) -> Quotes:
    """Start, end and price; by the quarter-hour from October if `fine`."""
    found: Quotes = []
    for moment, price in shipped(zone):
        if fine and moment >= QUARTERS:
            for number, swing in enumerate(SWING):
                start = moment + number * timedelta(minutes=15)
                found.append((start, start + timedelta(minutes=15), round(price + swing, 2)))
        else:
            found.append((moment, moment + timedelta(hours=1), price))
    return found


def marked(moment: datetime, form: str, near: bool) -> str:
    """A local time; the platform marks those beside a change of the clock with (CET) or (CEST)."""
    here = moment.astimezone(BRUSSELS)
    return f"{here:{form}}" + (f" ({here.tzname()})" if near else "")


def entsoe_old(zone: str) -> str:
    name = zone.replace("_", "-")
    rows = [f'"MTU (CET/CEST)","Day-ahead Price [EUR/MWh]","Currency","BZN|{name}"']
    for start, end, price in quotes(zone, fine=False):
        here = start.astimezone(BRUSSELS)
        if (here.month, here.day, here.hour) == (3, 30, 3):  # the hour that the clock skips has an empty row
            rows.append('"30.03.2025 02:00 - 30.03.2025 03:00","",""')
        until = end.astimezone(BRUSSELS).replace(tzinfo=None)
        if (here.month, here.day, here.hour) == (3, 30, 1):
            until -= timedelta(hours=1)
        if (here.month, here.day, here.hour, here.fold) == (10, 26, 2, 0):
            until += timedelta(hours=1)
        rows.append(f'"{here:%d.%m.%Y %H:%M} - {until:%d.%m.%Y %H:%M}","{price:.2f}","EUR"')
    return "\n".join(rows) + "\n"


def entsoe_new(zone: str) -> str:
    name = zone.replace("_", "-")
    head = '"MTU (CET/CEST)","Area","Sequence","Day-ahead Price (EUR/MWh)"'
    rows = [f'{head},"Intraday Period (CET/CEST)","Intraday Price (EUR/MWh)"']
    for start, end, price in quotes(zone, fine=True):
        changes = start.astimezone(BRUSSELS).utcoffset() != end.astimezone(BRUSSELS).utcoffset()
        again = (start - timedelta(hours=1)).astimezone(BRUSSELS).utcoffset() != start.astimezone(BRUSSELS).utcoffset()
        near = changes or (again and start.month == 10)
        period = " - ".join(marked(moment, "%d/%m/%Y %H:%M:%S", near) for moment in (start, end))
        rows.append(f'"{period}","BZN|{name}","Sequence Sequence 1","{price:.2f}","",""')
        rows.append(f'"{period}","BZN|{name}","Sequence Sequence 2","999","",""')
    return "\n".join(rows) + "\n"


def smard(zone: str, *, english: bool = False) -> str:
    name = {"NL": ("Niederlande", "Netherlands"), "DE_LU": ("Deutschland/Luxemburg", "Germany/Luxembourg")}[zone][
        english
    ]
    head = ("Datum von;Datum bis", "Start date;End date")[english]
    other = ("Österreich [€/MWh] Originalauflösungen", "Austria [€/MWh] Original resolutions")[english]
    unit = ("Originalauflösungen", "Original resolutions")[english]
    rows = [f"\ufeff{head};{name} [€/MWh] {unit};{other}"]
    for start, end, price in quotes(zone, fine=True):
        here, until = (moment.astimezone(BRUSSELS) for moment in (start, end))
        if english:
            stamps = [
                f"{t:%b} {t.day}, {t.year} {t.hour % 12 or 12}:{t:%M} {'AM' if t.hour < 12 else 'PM'}"
                for t in (here, until)
            ]
            rows.append(f"{';'.join(stamps)};{price:,.2f};-")
        else:
            shown = f"{price:,.2f}".translate(str.maketrans(",.", ".,"))
            rows.append(f"{here:%d.%m.%Y %H:%M};{until:%d.%m.%Y %H:%M};{shown};-")
    return "\n".join(rows) + "\n"


def smard_old(zone: str) -> str:
    rows = [
        "Datum;Anfang;Ende;Deutschland/Luxemburg [€/MWh] Originalauflösungen;Niederlande [€/MWh] Originalauflösungen"
    ]
    for start, end, price in quotes(zone, fine=False):
        here, until = (moment.astimezone(BRUSSELS) for moment in (start, end))
        shown = f"{price:.2f}".replace(".", ",")
        cells = (shown, "-") if zone == "DE_LU" else ("-", shown)
        rows.append(f"{here:%d.%m.%Y;%H:%M};{until:%H:%M};{';'.join(cells)}")
    return "\n".join(rows) + "\n"


def charts_json(zone: str) -> str:
    found = quotes(zone, fine=True)
    licence = "CC BY 4.0 (creativecommons.org/licenses/by/4.0) from Bundesnetzagentur | SMARD.de"
    data = {"license_info": licence, "unix_seconds": [int(start.timestamp()) for start, _, _ in found]}
    return json.dumps({**data, "price": [price for *_, price in found], "unit": "EUR / MWh", "deprecated": False})


def charts_csv(zone: str) -> str:
    return "unix_seconds,price\n" + "".join(f"{int(s.timestamp())},{p}\n" for s, _, p in quotes(zone, fine=True))


def charts_page(zone: str) -> str:
    name = zone.replace("_", "-")
    rows = [f'"Datum (MEZ)","Last","Day Ahead Auktion ({name})"', ',"Leistung (MW)","Preis (EUR/MWh, EUR/tCO2)"']
    rows += [f"{s.astimezone(BRUSSELS).isoformat(timespec='minutes')},1000,{p}" for s, _, p in quotes(zone, fine=True)]
    return "\n".join(rows) + "\n"


def ember(zone: str) -> str:
    country, code = {"NL": ("Netherlands", "NLD"), "DE_LU": ("Germany", "DEU")}[zone]
    rows = ["Country,ISO3 Code,Datetime (UTC),Datetime (Local),Price (EUR/MWhe)", "Austria,AUT,2025-01-01 00:00:00,,7"]
    for start, _, price in quotes(zone, fine=False):
        rows.append(
            f"{country},{code},{start:%Y-%m-%d %H:%M:%S},{start.astimezone(BRUSSELS):%Y-%m-%d %H:%M:%S},{price}"
        )
    return "\n".join(rows) + "\n"


LAYOUTS: dict[str, tuple[Callable[[str], str], bool, str]] = {
    "entsoe_old": (entsoe_old, False, "ENTSO-E"),
    "entsoe_new": (entsoe_new, True, "ENTSO-E"),
    "smard": (smard, True, "SMARD.de"),
    "smard_english": (lambda zone: smard(zone, english=True), True, "SMARD.de"),
    "smard_old": (smard_old, False, "SMARD.de"),
    "charts_json": (charts_json, True, "energy-charts"),
    "charts_csv": (charts_csv, True, "energy-charts"),
    "charts_page": (charts_page, True, "energy-charts"),
    "ember": (ember, False, "Ember"),
}


@pytest.mark.parametrize(
    ("layout", "zone"), [*((layout, "NL") for layout in LAYOUTS), ("entsoe_new", "DE_LU"), ("smard_old", "DE_LU")]
)
def test_each_platforms_file_gives_the_prices(tmp_path: Path, layout: str, zone: str) -> None:
    write, fine, source = LAYOUTS[layout]
    path = tmp_path / "download"
    path.write_text(write(zone), encoding="utf-8")
    download = read_download(path, zone if "charts_" in layout and layout != "charts_page" else None)
    (series,), gaps = assemble([download], ZONES)
    assert (series.zone, series.year, gaps) == (zone, 2025, [])
    assert source in download.source
    assert series.hourly == pytest.approx([price for _, price in shipped(zone)], abs=0.005)
    assert round(series.mean, 2) == {"NL": 86.81, "DE_LU": 89.32}[zone]
    assert (series.quarters is not None) is fine
    if series.quarters:
        assert len(series.quarters) == 35_040
        assert series.quarters[:4] == (series.hourly[0],) * 4
        assert [q - series.hourly[-1] for q in series.quarters[-4:]] == pytest.approx(SWING, abs=0.01)


run = CliRunner()


def cli(*args: object) -> tuple[int, str, str]:
    from levelfield._errors import LevelfieldError

    result = run.invoke(make_app(), ["prices", *map(str, args)])
    if isinstance(result.exception, LevelfieldError):
        return result.exception.exit_code, result.stdout, "\n".join(result.exception.faults)
    return result.exit_code, result.stdout, result.stderr


def test_zones_are_merged_into_the_year(tmp_path: Path, tables: Tables) -> None:
    nl, de = tmp_path / "nl.csv", tmp_path / "de.json"
    nl.write_text(ember("NL"), encoding="utf-8")
    de.write_text(charts_json("DE_LU"), encoding="utf-8")
    folder = tmp_path / "new" / "series"
    code, out, err = cli("import", nl, "--to", folder)
    assert (code, out.splitlines()[0]) == (0, "NL 2025: 8,760 hours, mean 86.81 EUR/MWh, 584 below zero")
    assert "NL 2025 stands beside the tables too, and that goes first" in err
    assert cli("import", de, "--zone", "DE-LU", "--to", folder)[0] == 0
    assert columns(folder / "day_ahead_2025.csv").keys() == {"NL", "DE_LU"}
    assert columns(folder / "day_ahead_2025_15min.csv").keys() == {"DE_LU"}
    with open(folder / "day_ahead_2025.sources.csv", encoding="utf-8", newline="") as file:
        notes = {row["zone"]: row for row in csv.DictReader(file)}
    assert notes["NL"]["licence"] == "CC BY 4.0"
    assert notes["DE_LU"]["licence"].endswith("from Bundesnetzagentur | SMARD.de")
    assert (notes["DE_LU"]["mean"][:5], notes["DE_LU"]["resolution"]) == ("89.32", "15 min")
    assert sorted(path.name for path in folder.iterdir()) == [
        "day_ahead_2025.csv",
        "day_ahead_2025.sources.csv",
        "day_ahead_2025_15min.csv",
    ]


def test_the_users_series_fill_what_the_tables_lack(
    tmp_path: Path, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEVELFIELD_SERIES", str(tmp_path / "mine"))
    path = tmp_path / "smard.csv"
    path.write_text(smard("NL"), encoding="utf-8")
    assert cli("import", path)[0] == 0
    bare = no_series(tables, tmp_path)
    for used in (tables, bare):
        assert hourly_prices(used, "market.day_ahead.nl", 2025) == pytest.approx(
            [p for _, p in shipped("NL")], abs=0.005
        )
    fine = quarter_hourly_prices(bare, "market.day_ahead.nl", 2025)
    assert fine is not None
    assert len(fine) == 35_040
    assert hourly_prices(bare, "market.day_ahead.fr", 2025) is None
    code, out, _ = cli("list")
    assert code == 0
    row = "2025  NL       8,760    86.81   86.81      584  Bundesnetzagentur | SMARD.de; by the quarter-hour too; not"
    assert row in out


def test_a_load_by_the_quarter_hour_pays_the_quarter_hours(
    tmp_path: Path, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    from levelfield.plant_file import load_plant
    from levelfield.procurement import PLAIN, shape_of
    from tests.test_flat_curve import curve_of

    monkeypatch.setenv("LEVELFIELD_SERIES", str(tmp_path / "mine"))
    path = tmp_path / "smard.csv"
    path.write_text(smard("NL"), encoding="utf-8")
    cli("import", path)
    assert load_plant("flat-100mw", tables)
    place, bare = tables.jurisdictions["NL"], no_series(tables, tmp_path)
    # 4 MW in the first quarter of each hour, which is 3 EUR/MWh below the hour's mean from October (2,209 hours).
    fine = curve_of(2025, 4, lambda t: 4000.0 if t.minute == 0 else 0.0)
    mean = sum(price for _, price in shipped("NL")) / 8760
    found = shape_of(bare, place, 2025, fine, PLAIN)
    assert found.profile_factor == pytest.approx((mean - 3 * 2209 / 8760) / mean, abs=1e-6)
    assert "quarter-hourly prices" in str(found.notes[0])
    coarse = curve_of(2025, 1, lambda _: 1000.0)
    assert shape_of(bare, place, 2025, coarse, PLAIN).profile_factor == pytest.approx(1)


# Faults ---------------------------------------------------------------------------------------------------------------


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


OLD = '"05.06.2025 07:00 - 05.06.2025 08:00",'
ROW = '"05.06.2025 06:00 - 05.06.2025 07:00","'


@pytest.mark.parametrize(
    ("mend", "fault"),
    [
        (lambda t: changed(t, OLD, '"05.06. 07:00 - 08:00",'), "download:3729: '05.06. 07:00 - 08:00,"),
        (
            lambda t: t.replace("[EUR/MWh]", "[GBP/MWh]"),
            "download:1: prices in EUR/MWh are wanted, found 'Day-ahead Price [GBP",
        ),
        (lambda t: t.replace("BZN|NL", "BZN|AT"), "download: holds AT; the tables know NL, DE_LU, BE, FR"),
        (lambda t: t.replace(',"BZN|NL"', ""), "download:2: the file names no bidding zone; say --zone NL"),
        (
            lambda t: t.replace(
                '"30.03.2025 02:00 - 30.03.2025 03:00","",""', '"30.03.2025 02:00 - 30.03.2025 03:00","5","EUR"'
            ),
            "2025-03-30 02:00 does not exist: the clock jumps",
        ),
        (
            lambda t: changed(t, ROW, '"05.06.2025 05:00 - 05.06.2025 06:00","'),
            "download:3728: 2025-06-05 05:00 stands in line 3727 too; delete one",
        ),
        (lambda t: changed(t, ROW, ROW + "9"), "lies outside -500 to 5,000 EUR/MWh"),
        (lambda t: changed(t, ROW, ROW + "x"), "is no price; mend it, or leave it empty"),
        (lambda t: "\n".join(line for line in t.splitlines() if not line.startswith(ROW)), "after"),
        (
            lambda t: "\n".join(t.splitlines()[:5000]),
            "NL 2025: 3,762 of 8,760 hours have no price, the first at 2025-07-28",
        ),
        (lambda _: "", "download: the file is empty"),
        (lambda _: "a,b\n1,2\n", "download:1: 'a,b' is the header of no known download; known are ENTSO-E, SMARD"),
        (lambda _: "{", "download:1: this is no JSON"),
        (lambda _: '{"price": [1]}', '"unix_seconds" and "price" of equal length are wanted'),
    ],
)
def test_a_fault_says_where_and_nothing_is_written(tmp_path: Path, mend: Callable[[str], str], fault: str) -> None:
    path = tmp_path / "download"
    path.write_text(mend(entsoe_old("NL")), encoding="utf-8")
    code, out, err = cli("import", path, "--to", tmp_path / "series")
    assert (code, out) == (2, "")
    assert fault in err
    assert not (tmp_path / "series").exists()


def test_a_hole_names_the_row_before_it(tmp_path: Path) -> None:
    path = tmp_path / "download"
    text = entsoe_old("NL").splitlines()
    path.write_text("\n".join(line for line in text if not line.startswith(ROW)), encoding="utf-8")
    with pytest.raises(UserError) as error:
        assemble([read_download(path)], ZONES)
    assert error.value.faults[0].startswith(
        f"after {path}:3727: NL 2025: 1 of 8,760 hours have no price, the first at 2025-06-05 06:00"
    )


def test_a_day_by_the_quarter_hour_needs_all_four(tmp_path: Path) -> None:
    path = tmp_path / "download"
    rows = charts_csv("NL").splitlines()
    stamp = int(datetime(2025, 11, 5, 10, 30, tzinfo=UTC).timestamp())
    path.write_text("\n".join(row for row in rows if not row.startswith(str(stamp))), encoding="utf-8")
    with pytest.raises(UserError, match="1 of 8,760 hours have no price, the first at 2025-11-05 11:00"):
        assemble([read_download(path, "NL")], ZONES)


def test_parts_of_a_year_go_together_and_must_agree(tmp_path: Path) -> None:
    head, *rows = ember("NL").splitlines()
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("\n".join([head, *rows[:5000]]), encoding="utf-8")
    second.write_text("\n".join([head, *rows[4900:]]), encoding="utf-8")
    (series,), _ = assemble([read_download(first), read_download(second)], ZONES)
    assert round(series.mean, 2) == 86.81
    second.write_text("\n".join([head, rows[4900] + "1", *rows[4901:]]), encoding="utf-8")
    with pytest.raises(
        UserError, match=r"second\.csv:2: NL .* here and .* in .*first\.csv:4902; leave one of the files"
    ):
        assemble([read_download(first), read_download(second)], ZONES)


def test_one_year_of_several(tmp_path: Path) -> None:
    path = tmp_path / "ember.csv"
    path.write_text(ember("NL") + "Netherlands,NLD,2026-01-01 00:00:00,,50\n", encoding="utf-8")
    code, _, err = cli("import", path, "--to", tmp_path / "series")
    assert code == 0
    assert "left out:" in err
    assert "NL 2026: 8,759 of 8,760 hours have no price" in err
    assert cli("import", path, "--year", 2026, "--to", tmp_path / "series")[0] == 2
    code, _, err = cli("import", path, "--year", 2024, "--to", tmp_path / "series")
    assert (code, "holds 2025, 2026, not 2024" in err) == (2, True)
    assert "--zone DE: the tables know NL" in cli("import", path, "--zone", "DE")[2]
    assert "holds NL, not FR" in cli("import", path, "--zone", "FR")[2]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "cannot be read as a series of prices"),
        ("utc,NL\n2025-01-01T00:00Z,x\n", "cannot be read as a series of prices"),
        ("utc,NL\n2024-12-31T23:00Z,5\n", "8,760 rows are wanted, found 1; import it again"),
    ],
)
def test_a_broken_series_is_a_clear_fault(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "day_ahead_2025.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=fault):
        columns(path)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "ember.csv"
    path.write_text(ember("NL"), encoding="utf-8")
    code, _, err = cli("import", path, "--to", path / "below")
    assert code == 2
    assert "cannot be written" in err
    assert "--to" in err
