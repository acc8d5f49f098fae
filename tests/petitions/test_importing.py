"""The importer: columns, dates, faulty lines, crashes, repetition. Files are made here, a few lines each."""

import csv
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DataError
from django.utils.translation import override
from openpyxl import Workbook

from petitions import importing
from petitions.events import verify_all
from petitions.models import Event, Petition, Petitioner
from petitions.sheets import Row, Unreadable, clean_date, clean_text, map_columns, read_rows

HEADER = ["留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "点赞数"]


def line(number: Any, **changes: Any) -> list[Any]:
    """One sound line of the usual file."""
    cells = {
        "ref": number,
        "user": f"A{number}",
        "subject": f"反映{number}号楼电梯故障",
        "at": "2019/12/3 10:25:00",
        "words": "\n\t\t\t\t\t小区物业一直不修电梯，业主出行困难。\n\t\t\t",
        "likes": 0,
    }
    return list({**cells, **changes}.values())


def xlsx(path: Path, *lines: list[Any], header: list[str] | None = None) -> Path:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for cells in ([header or HEADER], lines):
        for row in cells:
            sheet.append(row)
    book.save(path)
    return path


def text_file(path: Path, *lines: list[Any], encoding: str = "utf-8", header: list[str] | None = None) -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([header or HEADER, *lines])
    return path


def run(path: Path, *options: str) -> str:
    """Import a file as the operator does; what it said."""
    said = StringIO()
    with override("en"):
        call_command(
            "import_petitions",
            str(path),
            "--errors",
            str(path.with_name("errors.csv")),
            *options,
            stdout=said,
            verbosity=0,
        )
    return said.getvalue()


def faults(path: Path) -> list[list[str]]:
    with path.with_name("errors.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


# -- cells and columns -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        datetime(2019, 12, 3, 10, 25),
        date(2019, 12, 3),
        "2019/12/3 10:25:00",
        "\t2019-12-03T10:25:00",
        "2019年12月3日",
        "2019.12.3",
        "20191203",
        43802,
        43802.434,
        "43802.434",
    ],
)
def test_it_reads_a_date_however_it_is_written(cell: Any) -> None:
    assert clean_date(cell) == date(2019, 12, 3)


@pytest.mark.parametrize("cell", [None, "", "昨天", "2019/13/3", "2019/2/29", "12", 99_999_999])
def test_it_refuses_what_is_no_date(cell: Any) -> None:
    with pytest.raises(ValueError, match="date"), override("en"):
        clean_date(cell)


def test_it_cleans_texts() -> None:
    assert clean_text("\n\t\t\t第一行 \x00\r\n\t\n  第二行\t") == "第一行\n第二行"
    assert clean_text(188006.0) == "188006"
    assert clean_text(None) == ""


def test_it_matches_headers_by_synonyms() -> None:
    columns = map_columns(Row(1, [" 留言编号* ", "主题（必填）", "诉求内容", "信访日期", "手机", "区县", "备注"]))
    assert columns.places == {
        "source_ref": 0, "summary": 1, "content": 2, "petition_date": 3, "phone": 4, "area": 5,
    }  # fmt: skip
    assert columns.ignored == ["备注"]


def test_the_better_synonym_wins_and_the_other_column_is_listed() -> None:
    columns = map_columns(Row(1, ["编号", "来源编号", "内容", "时间"]))
    assert columns.places["source_ref"] == 1
    assert columns.ignored == ["编号"]


def test_overrides_go_first() -> None:
    columns = map_columns(Row(1, ["主题", "正文", "时间"]), {"正文": "content", "主题": "demand"})
    assert columns.places == {"content": 1, "demand": 0, "petition_date": 2}


@pytest.mark.parametrize(
    ("overrides", "said"),
    [({}, "content .* 标题, 时间"), ({"正文": "content"}, "正文"), ({"标题": "colour"}, "colour")],
)
def test_it_says_which_headers_it_saw(overrides: dict[str, str], said: str) -> None:
    with pytest.raises(Unreadable, match=said), override("en"):
        map_columns(Row(1, ["标题", "时间"]), overrides)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_it_sniffs_the_encoding_of_csv(tmp_path: Path, encoding: str) -> None:
    path = text_file(tmp_path / "a.csv", line(1), encoding=encoding)
    rows = list(read_rows(path))
    assert rows[0].cells[0] == "留言编号"
    # The content of the first line spans several lines; its number is that of its first.
    assert rows[1].number == 2


@pytest.mark.parametrize("magic", [b"\xd0\xcf\x11\xe0 old", b"PK\x03\x04 broken"])
def test_it_names_files_it_cannot_read(tmp_path: Path, magic: bytes) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(magic)
    with pytest.raises(Unreadable):
        list(read_rows(path))


# -- the whole way ---------------------------------------------------------------------------------------------------


def test_it_registers_every_line(city: Any, tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", line(188006), line(188007, at=datetime(2019, 1, 4, 8, 0)), line(188008, at=43802))
    said = run(path)
    assert "read 3, new 3, skipped 0, errors 0" in said
    assert "Ignored: 点赞数" in said
    first = Petition.objects.get(source_ref="188006")
    assert (first.channel, first.petition_date, first.state) == ("online", date(2019, 12, 3), "registered")
    assert first.content == "小区物业一直不修电梯，业主出行困难。"
    assert first.registered_at.year > 2019
    assert first.register_unit == city.city_office
    # No place in the file: the importing unit's own.
    assert first.area == city.areas["330200"]
    assert first.content_class == city.classes["0303"]
    assert Petitioner.objects.get(petition=first).name == "A188006"
    assert Event.objects.filter(kind="register", actor_label="import a.xlsx").count() == 3
    assert not [found for _count, found in verify_all() if found]


def test_it_finds_the_place_and_cuts_the_summary(city: Any, tmp_path: Path) -> None:
    header = ["标题", "内容", "日期", "属地", "地址", "一级分类", "电话", "证件号码"]
    path = text_file(
        tmp_path / "a.csv",
        ["长" * 300, "无关的话", "2026-11-01", "象山", "", "城乡建设", "13812345127", "330203190001010013"],
        ["短", "无关的话二", "2026-11-01", "某处", "海曙区南门街道某路", "", "", ""],
        ["短", "无关的话三", "2026-11-01", "某处", "", "", "", ""],
        header=header,
    )
    run(path, "--area", "330203", "--channel", "letter")
    far, near, default = Petition.objects.order_by("id")
    assert (far.area.code, near.area.code, default.area.code) == ("330225", "330203001", "330203")
    assert near.district.code == "330203"
    assert len(far.summary) == 200
    assert far.content_class == city.classes["03"]
    assert near.content_class == city.classes["99"]
    assert (far.is_anonymous, near.is_anonymous) == (False, True)
    assert Petitioner.objects.get(petition=far).sex == "male"


def test_the_same_file_twice_changes_nothing(city: Any, tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", *[line(n) for n in range(1, 8)], line(3))
    assert "new 7, skipped 1" in run(path, "--batch", "3")
    assert "new 0, skipped 8" in run(path, "--batch", "3")
    assert Petition.objects.count() == 7


def test_a_line_without_a_number_is_known_by_its_words(city: Any, tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", line(None, subject="一"), line(None, subject="二"), line(None, subject="一"))
    assert "new 2, skipped 1" in run(path)
    assert "new 0, skipped 3" in run(path)
    assert all(ref.startswith("sha:") for ref in Petition.objects.values_list("source_ref", flat=True))


def test_the_same_number_of_another_channel_is_another_petition(city: Any, tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", line(1))
    run(path)
    assert "new 1" in run(path, "--channel", "letter")


def test_faulty_lines_are_written_down_and_stop_nobody(city: Any, tmp_path: Path) -> None:
    header = [*HEADER[:-1], "手机"]
    path = xlsx(
        tmp_path / "a.xlsx",
        line(1, likes=""),
        line(2, at="昨天", likes=""),
        line(3, words="\t\n", likes=""),
        line(4, likes="12"),
        line(5, at="2999-01-01", subject="@SUM(1)", likes=""),
        line(6, likes=13812345127),
        header=header,
    )
    said = run(path)
    assert "read 6, new 2, skipped 0, errors 4" in said
    assert "errors.csv" in said
    head, *rows = faults(path)
    assert head[:4] == ["row", "field", "message", "留言编号"]
    assert [(row[0], row[1]) for row in rows] == [
        ("3", "petition_date"), ("4", "content"), ("5", "phone"), ("6", "petition_date"),
    ]  # fmt: skip
    # No formula for the spreadsheet that opens it; the tab goes when it is read again.
    assert rows[3][5] == "\t@SUM(1)"


def test_a_corrected_error_file_can_be_imported(city: Any, tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", line(1, at="昨天"), line(2))
    run(path)
    errors = path.with_name("errors.csv")
    corrected = tmp_path / "corrected.csv"
    corrected.write_text(errors.read_text(encoding="utf-8-sig").replace("昨天", "2019-12-03"), encoding="utf-8")
    assert "new 1" in run(corrected)
    assert Petition.objects.count() == 2


def test_a_poisoned_line_among_500_is_found_by_halving(city: Any, tmp_path: Path, monkeypatch: Any) -> None:
    real, calls = importing.register_many, []

    def poisoned(registrations: Any, **options: Any) -> Any:
        calls.append(len(registrations))
        if any(registration.source_ref == "333" for registration in registrations):
            raise DataError("the database will not have it")
        return real(registrations, **options)

    monkeypatch.setattr(importing, "register_many", poisoned)
    path = xlsx(tmp_path / "a.xlsx", *[line(n) for n in range(500)])
    assert "new 499, skipped 0, errors 1" in run(path, "--batch", "250")
    assert faults(path)[1][:4] == ["335", "", "the database will not have it", "333"]
    assert len(calls) < 25


def test_it_goes_on_after_a_crash_in_mid_file(city: Any, tmp_path: Path, monkeypatch: Any) -> None:
    real, calls = importing.register_many, []

    def dying(registrations: Any, **options: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError("the machine lost power")
        return real(registrations, **options)

    path = xlsx(tmp_path / "a.xlsx", *[line(n) for n in range(50)])
    with monkeypatch.context() as patch:
        patch.setattr(importing, "register_many", dying)
        with pytest.raises(RuntimeError):
            run(path, "--batch", "10")
    assert Petition.objects.count() == 20
    assert "new 30, skipped 20" in run(path, "--batch", "10")
    assert Petition.objects.count() == 50


def test_a_dry_run_registers_nothing(city: Any, tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", line(1), line(2, at="?"), line(1))
    assert "Dry run, nothing registered: read 3, new 1, skipped 1, errors 1" in run(path, "--dry-run")
    assert not Petition.objects.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--unit", "NOWHERE"], "NOWHERE"),
        (["--area", "999999"], "999999"),
        (["--map", "留言主题"], "HEADER=FIELD"),
        (["--sheet", "2"], "no sheet 2"),
    ],
)
def test_it_explains_wrong_options(city: Any, tmp_path: Path, options: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(xlsx(tmp_path / "a.xlsx", line(1)), *options)


def test_it_fails_when_no_line_could_be_imported(city: Any, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No line"):
        run(xlsx(tmp_path / "a.xlsx", line(1, at="?")))
    with pytest.raises(CommandError, match="empty"):
        run(text_file(tmp_path / "b.csv", header=[""]))
