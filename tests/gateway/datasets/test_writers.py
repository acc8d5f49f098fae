"""Files of a release say the same in each form."""

from io import BytesIO

import openpyxl
import pyarrow.parquet as pq

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


def _lines() -> list[writers.Row]:
    areas = {"330203": "海曙区", "330203001": "=南门街道"}
    return list(writers.rows(GROUPS, areas, {"03": "城建", "0303": "物业"}))


def test_rows_carry_names_and_the_levels_they_are_told_at() -> None:
    assert _lines() == LINES


def test_csv_has_a_bom_and_no_formula() -> None:
    file = BytesIO()
    writers.write_csv(file, _lines())
    text = file.getvalue()
    assert text.startswith(b"\xef\xbb\xbfdistrict,")
    assert "\t=南门街道" in text.decode("utf-8-sig")
    assert text.decode("utf-8-sig").splitlines()[2] == ",,,,,,,,2026,city,all,year,9"


def test_parquet_keeps_types_and_order() -> None:
    file = BytesIO()
    writers.write_parquet(file, _lines())
    table = pq.read_table(BytesIO(file.getvalue()))
    assert table.schema.equals(writers.SCHEMA)
    assert [tuple(row.values()) for row in table.to_pylist()] == LINES


def test_a_parquet_file_of_no_rows_has_its_columns() -> None:
    file = BytesIO()
    writers.write_parquet(file, [])
    assert pq.read_table(BytesIO(file.getvalue())).column_names == list(writers.FIELDS)


def test_a_workbook_tells_who_took_it_and_holds_text(city: City) -> None:
    file = BytesIO()
    stamp = Stamp(city.people["officer"], city.at, "数据集", "2026", "考核")
    writers.write_xlsx(file, _lines(), stamp)
    sheet = openpyxl.load_workbook(BytesIO(file.getvalue())).worksheets[0]
    found = list(sheet.iter_rows(values_only=True))
    assert city.people["officer"].username in str(found[2][0])
    assert found[FIRST_ROW][3] == "=南门街道"
    assert [row[-1] for row in found[FIRST_ROW:]] == [6, 9]
