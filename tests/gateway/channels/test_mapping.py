"""A mapping read without a database: words are looked up and never guessed, days are the city's, faults have names."""

from zoneinfo import ZoneInfo

import pytest

from gateway.channels import mapping
from gateway.channels.wording import FAULTS, sentence

_ZONE = ZoneInfo("Asia/Shanghai")


def test_a_word_is_never_guessed() -> None:
    found = mapping.read(
        {"fields": [{"to": "area", "from": ["a"]}]}, {"a": "南门"}, {"area": {"南门街道": "1"}}, zone=_ZONE
    )
    assert [(row.to, row.outcome) for row in found.unknown] == [("area", "unknown")]


@pytest.mark.parametrize(
    ("raw", "form", "day"),
    [
        ("2026-11-16T20:00:00Z", "", "2026-11-17"),
        ("2026年1月5日", "", "2026-01-05"),
        ("20261116", "", "2026-11-16"),
        ("1794816000000", "ms", "2026-11-16"),
        ("gestern", "", None),
        ("9" * 30, "ms", None),
    ],
)
def test_days_are_read_in_the_citys_time(raw: str, form: str, day: str | None) -> None:
    found = mapping.read_day(raw, form, _ZONE)
    assert (found.isoformat() if found else None) == day


def test_a_mapping_names_its_faults() -> None:
    document = {
        "fields": [{"to": "content", "from": ["a b"]}, {"to": "content", "from": ["a"]}, {"to": "x", "from": ["a"]}],
        "status_in": {"撤": "fly"},
    }
    codes = {fault.code for fault in mapping.faults(document, {}, ["registered"])}
    assert codes == {"bad_expression", "twice", "no_such_field", "missing", "no_such_move"}
    assert all(sentence(mapping.Fault("1", code, "一个词", "content")) for code in FAULTS)


def test_names_in_chinese_need_no_quotes() -> None:
    said = {"工单": [{"编号": "W-1"}], "a b": {"c": "d"}}
    assert mapping.search("工单[0].编号", said) == "W-1"
    assert mapping.search("\"工单\"[?编号 == 'W-1'].编号 | [0]", said) == "W-1"
    assert mapping.search('"a b".c', said) == "d"
