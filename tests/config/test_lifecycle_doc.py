"""docs/lifecycle.md and docs/deadlines.md are generated, current, and tell every move and every rule."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from config.deadlines import deadlines_document
from config.lifecycle import lifecycle_document
from dispatch.policies import POLICIES
from dispatch.states import ORDER_MOVES
from petitions.states import MOVES


def test_the_committed_page_is_current() -> None:
    call_command("lifecycle_doc", check=True)


def test_it_tells_every_move_and_every_rule() -> None:
    page = lifecycle_document() + deadlines_document()
    for name in [*MOVES, *ORDER_MOVES, *(rule["key"] for rule in POLICIES)]:
        assert f"`{name}`" in page


def test_a_stale_page_fails_the_check_and_is_not_touched(tmp_path: Path) -> None:
    page = tmp_path / "lifecycle.md"
    page.write_text("old")
    with pytest.raises(CommandError, match="stale"):
        call_command("lifecycle_doc", check=True, file=page)
    assert page.read_text() == "old"
    call_command("lifecycle_doc", file=page)
    call_command("lifecycle_doc", file=page, check=True)
    assert page.read_text() == lifecycle_document()
    assert (tmp_path / "deadlines.md").read_text() == deadlines_document()
