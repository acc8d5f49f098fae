"""docs/indicators.md is generated, current, and tells every indicator."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from insights.document import indicators_document
from insights.indicators import INDICATORS


def test_the_committed_page_is_current() -> None:
    call_command("indicators_doc", check=True)


def test_it_tells_every_indicator() -> None:
    page = indicators_document()
    for key in INDICATORS:
        assert f"| `{key}` |" in page


def test_a_stale_page_fails_the_check_and_is_not_touched(tmp_path: Path) -> None:
    page = tmp_path / "indicators.md"
    page.write_text("old")
    with pytest.raises(CommandError, match="stale"):
        call_command("indicators_doc", check=True, file=page)
    assert page.read_text() == "old"
    call_command("indicators_doc", file=page)
    assert page.read_text() == indicators_document()
