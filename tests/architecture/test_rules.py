"""The five rules and the house rules of docs/architecture.md, read off the sources."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("accounts", "petitions", "dispatch", "backlog", "insights", "gateway", "portal", "config")
SOURCES = [p for room in ROOMS for p in sorted((ROOT / room).rglob("*.py")) if "migrations" not in p.parts]
DOMAIN = [
    p
    for p in SOURCES
    if p.name in {"states.py", "clocks.py", "calendar.py", "events.py"} or "actions" in p.parts[-2:][0]
] + [ROOT / "accounts" / "actions.py"]


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node  # type: ignore[misc]


def writers_of_state(path: Path) -> set[str]:
    """Functions that assign an attribute called `state`."""
    found = set()
    for function in functions(path):
        for node in ast.walk(function):
            targets = node.targets if isinstance(node, ast.Assign) else []
            flat = [t for target in targets for t in (target.elts if isinstance(target, ast.Tuple) else [target])]
            if any(isinstance(t, ast.Attribute) and t.attr == "state" for t in flat):
                found.add(f"{path.relative_to(ROOT)}:{function.name}")
    return found


def test_each_state_has_one_writer() -> None:
    found = {writer for path in SOURCES for writer in writers_of_state(path)}
    assert found == {
        "petitions/actions/moves.py:move",
        "petitions/actions/reviews.py:advance",
        "petitions/actions/hearings.py:advance",
        "petitions/actions/documents/moves.py:move",
        "petitions/actions/handovers.py:settle",
        "petitions/actions/recusals.py:move",
        "dispatch/actions/orders.py:move",
        "dispatch/actions/clocks.py:turn",
        "dispatch/actions/consultations.py:move",
        "dispatch/actions/supervision.py:move",
        "dispatch/actions/suggestions.py:move",
        "dispatch/actions/ledger.py:mark",
        "dispatch/actions/jobs.py:move",
        "gateway/actions/channels.py:move",
        "gateway/actions/datasets.py:move",
        "backlog/actions/bookings.py:move",
        "backlog/actions/moves.py:move",
        "backlog/actions/receptions.py:move",
        "backlog/actions/tasking.py:move",
        "backlog/actions/meetings.py:move",
        "backlog/actions/visits.py:move",
    }


def test_no_update_of_state_goes_past_the_writers() -> None:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update":
                assert "state" not in {k.arg for k in node.keywords}, f"{path}:{node.lineno}"


# The sweep stamps when it really finished; that is a fact about the machine, not about a case.
MAY_ASK_THE_TIME = {"sweep.py"}


@pytest.mark.parametrize("path", sorted(set(DOMAIN)), ids=lambda p: str(p.relative_to(ROOT)))
def test_time_is_a_parameter_in_the_domain(path: Path) -> None:
    if path.name in MAY_ASK_THE_TIME:
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
        called = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
        assert called not in {"now", "today", "utcnow", "localdate"}, f"{path}:{node.lineno} asks for the time itself"


def test_tasks_fetch_and_call_one_action() -> None:
    for path in SOURCES:
        if path.name == "tasks.py":
            for function in functions(path):
                assert function.end_lineno - function.lineno < 10, f"{path}:{function.name}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_functions_stay_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf8").splitlines())
    assert lines <= 500, f"{path} has {lines} lines"
    for function in functions(path):
        length = function.end_lineno - function.lineno + 1
        assert length <= 60, f"{path}:{function.name} has {length} lines"


def test_nobody_keeps_a_drawer_for_everything() -> None:
    assert not [p for p in SOURCES if p.stem in {"utils", "helpers", "misc", "common"}]


def test_templates_carry_no_inline_style_or_script() -> None:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf8")
        # The help text of a password field is HTML made by Django, not by a user.
        text = text.replace("field.help_text|safe", "")
        for forbidden in (" style=", "<script>", "onclick=", "onchange=", "onsubmit=", "javascript:", "|safe"):
            assert forbidden not in text, f"{path}: {forbidden}"


def test_no_signal_handler_writes_an_audit_behind_the_actions() -> None:
    for path in SOURCES:
        assert "post_save" not in path.read_text(encoding="utf8"), path
