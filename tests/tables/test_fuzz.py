"""Whatever stands in the files, reading and checking end in faults and in no other exception."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from levelfield._errors import TablesError
from levelfield.tables.check import check
from levelfield.tables.fault import ERROR, Fault
from levelfield.tables.model import Tables
from levelfield.tables.read import read
from tests.tables.seeded import CSV, Files, country

SHIPPED = Path(__file__).parents[2] / "tariffs"
BOUNDED = settings(
    max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
FILES = sorted(country())
REAL = {
    path.relative_to(SHIPPED).as_posix().replace(path.parent.name, "xx", 1): path.read_bytes()
    for path in [SHIPPED / "nl" / name for name in ("energy_tax.csv", "energy_tax.toml", "coverage.toml", "grid.toml")]
}
_SIGNS = [bytes([sign]) for sign in b"\"',;\n\r\0\xff[]{}=.-#()"]
_WORDS = (
    b"[[charge]] [[ true 1e999 9999-12-31 0001-01-01 inf nan {operator} {{ __ offtake/0 sum_products( amount() per( "
    b"min() [] {} -1 99999999999 lambda:0 1j"
).split()
ODD = st.sampled_from(
    [*_SIGNS, *_WORDS, b"'''", b'""' + b'"', b"\xef\xbb\xbf", b"\xc2\x85", b"0x" + b"f" * 400, b"x" * 5000]
)


def survives(files: Files) -> None:
    """Reading with a list and without agree, and the check ends in faults."""
    faults: list[Fault] = []
    raw = read(sorted(files.items()), faults)
    found = check(Tables({**raw, "folder": "t"}), faults)
    assert all(isinstance(fault, Fault) and fault.message for fault in found)
    try:
        read(sorted(files.items()))
    except TablesError:
        assert any(fault.severity == ERROR for fault in faults)
    else:
        assert not any(fault.severity == ERROR for fault in faults)


@BOUNDED
@given(name=st.sampled_from([*FILES, "xx/more.csv", "xx/more.toml"]), content=st.binary(max_size=300))
def test_random_bytes(name: str, content: bytes) -> None:
    survives({**country(), name: content})


@BOUNDED
@given(data=st.data())
def test_a_line_that_is_changed(data: st.DataObject) -> None:
    """Something odd put in, in the place of something, or a piece cut out, of a made-up or of a real file."""
    files = {**country(), **(REAL if data.draw(st.booleans()) else {})}
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(sorted(files)))
        content = files[name]
        start = data.draw(st.integers(0, len(content)))
        cut = data.draw(st.sampled_from([0, 0, 1, 3, 10, 80]))
        put = data.draw(st.one_of(ODD, st.just(b"")))
        files[name] = content[:start] + put + content[start + cut :]
    survives(files)


@BOUNDED
@given(data=st.data())
def test_cells_that_are_changed(data: st.DataObject) -> None:
    files = country()
    rows = files[CSV].decode().split("\n")
    row = data.draw(st.integers(0, len(rows) - 2))
    cells = rows[row].split(",")
    cells[data.draw(st.integers(0, len(cells) - 1))] = data.draw(
        st.one_of(st.text(max_size=12), ODD.map(lambda odd: odd.decode("latin-1")))
    )
    rows[row] = ",".join(cells)
    survives({**files, CSV: "\n".join(rows).encode("utf-8", "surrogatepass")})


@BOUNDED
@given(data=st.data())
def test_values_of_the_law_that_are_changed(data: st.DataObject) -> None:
    """Another value behind a key of the law, or another key before a value."""
    files = country()
    name = data.draw(st.sampled_from([file for file in FILES if file.endswith(".toml")]))
    lines = files[name].decode().split("\n")
    pick = data.draw(st.sampled_from([i for i, line in enumerate(lines) if " = " in line]))
    other = data.draw(st.sampled_from([i for i, line in enumerate(lines) if " = " in line]))
    key, value = lines[pick].split(" = ", 1)[0], lines[other].split(" = ", 1)[1]
    plain = [
        "[]",
        "{}",
        "-1",
        "inf",
        "nan",
        "1979-05-27T07:32:00",
        "07:32:00",
        "[[1]]",
        '"{x}"',
        '"a.b"',
        "true",
        '"-"',
    ]
    plain += ['"offtake * offtake"', '"amount(xx.tax)"', '"xx.tax.band1 and 1"', '"not sector"', '"{operator}"', '"()"']
    lines[pick] = f"{key} = {data.draw(st.sampled_from([value, *plain]))}"
    survives({**files, name: "\n".join(lines).encode()})
