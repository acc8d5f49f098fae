"""Files of a release say the same in each form."""

from io import BytesIO

import openpyxl
import pyarrow.parquet as pq

from accounts.actors import Actor
from accounts.workbooks import FIRST_ROW, Stamp
from gateway.datasets import writers
from gateway.datasets.anonymity import Group
from tests.city import City

GROUPS = [
    Group(0, "330203", "330203001", "03", "0303", "2026-11", 6),
    Group(6, "", "", "", "", "2026", 9),
]
LINES = [
    (
        "330203",
        "海曙区",
        "330203001",
        "=南门街道",
        "03",
        "城建",
        "0303",
        "物业",
        "2026-11",
        "town",
        "class",
        "month",
        6,
    ),
    ("", "", "", "", "", "", "", "", "2026", "city", "all", "year", 9),
]


FACTS: writers.Facts = {
    "period": "2026-11",
    "reach": "city",
    "k": 5,
    "method": 1,
    "total": 15,
    "suppressed": None,
    "rows": 2,
}


def _lines() -> list[writers.Row]:
    areas = {"330203": "海曙区", "330203001": "=南门街道"}
    return list(writers.rows(GROUPS, areas, {"03": "城建", "0303": "物业"}))


def test_rows_carry_names_and_the_levels_they_are_told_at() -> None:
    assert _lines() == LINES


def test_csv_has_a_bom_and_no_formula() -> None:
    file = BytesIO()
    writers.write_csv(file, _lines(), FACTS)
    text = file.getvalue()
    first, second, third, fourth = text.decode("utf-8-sig").splitlines()
    assert text.startswith(b"\xef\xbb\xbf#")
    assert first == "# period=2026-11; reach=city; k=5; method=1; total=15; suppressed=<5; rows=2"
    assert second.split(",") == list(writers.FIELDS)
    assert "\t=南门街道" in third
    assert fourth == ",,,,,,,,2026,city,all,year,9"


def test_parquet_keeps_types_and_order() -> None:
    file = BytesIO()
    writers.write_parquet(file, _lines(), FACTS)
    table = pq.read_table(BytesIO(file.getvalue()))
    assert table.schema.equals(writers.SCHEMA)
    assert table.schema.metadata == {name.encode(): value.encode() for name, value in writers.stated(FACTS).items()}
    assert [tuple(row.values()) for row in table.to_pylist()] == LINES


def test_a_parquet_file_of_no_rows_has_its_columns() -> None:
    file = BytesIO()
    writers.write_parquet(file, [], FACTS)
    assert pq.read_table(BytesIO(file.getvalue())).column_names == list(writers.FIELDS)


def test_a_workbook_tells_who_took_it_and_holds_text(city: City) -> None:
    file = BytesIO()
    stamp = Stamp(city.people["officer"], city.at, "数据集", "2026", "考核")
    writers.write_xlsx(file, _lines(), FACTS, stamp)
    sheet, statement = openpyxl.load_workbook(BytesIO(file.getvalue())).worksheets
    found = list(sheet.iter_rows(values_only=True))
    assert city.people["officer"].username in str(found[2][0])
    assert found[FIRST_ROW][3] == "=南门街道"
    assert [row[-1] for row in found[FIRST_ROW:]] == [6, 9]
    assert dict(list(statement.iter_rows(values_only=True))[FIRST_ROW:]) == writers.stated(FACTS)


def test_a_workbook_of_another_system_names_it(city: City) -> None:
    stamp = Stamp(Actor("考核平台", unit=city.housing), city.at, "数据集", "2026", "考核")
    assert "考核平台" in stamp.line and "海曙区住建局" in stamp.line
