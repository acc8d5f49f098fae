"""The deadline rules as data: every move they name exists, every word they use is known."""

from typing import Any

import pytest

from accounts.roles import full_matrix
from dispatch.conditions import CONDITIONS
from dispatch.models import Clock, Policy
from dispatch.policies import POLICIES
from dispatch.policies.tables import SUBJECT_MOVES
from petitions.states import MOVES, OPEN_STATES, State
from tests.city import City
from tests.remedies import decided

MOVE_FIELDS = (
    "start_moves",
    "stop_moves",
    "cancel_moves",
    "pause_moves",
    "resume_moves",
    "reset_moves",
    "reopen_moves",
)
by_key = pytest.mark.parametrize("row", POLICIES, ids=lambda row: row["key"])


@by_key
def test_every_move_a_rule_names_is_a_move_of_its_subject(row: dict[str, Any]) -> None:
    for field in MOVE_FIELDS:
        for move in row.get(field, []):
            subject, name = move.split(".") if "." in move else (row["subject"], move)
            assert name in SUBJECT_MOVES[subject], f"{field}: {move}"


@by_key
def test_a_move_of_another_subject_may_only_end_a_work_orders_clock(row: dict[str, Any]) -> None:
    for field in MOVE_FIELDS:
        foreign = [move for move in row.get(field, []) if "." in move]
        if foreign:
            assert row["subject"] == "order" and field in {"stop_moves", "cancel_moves"}, field
            assert {move.split(".")[0] for move in foreign} == {"petition"}


# How it was rated is asked, and a bad rating put right, after the matter has ended too (domain-facts §2.7).
_AFTER_THE_END = {"P_rating", "R_call", "R_correct", "R_rerate"}
_UNANSWERED = {State.REGISTERED, State.HANDLING}


@by_key
def test_no_clock_of_an_unanswered_matter_outlives_it(row: dict[str, Any]) -> None:
    """Every move that ends a matter without a reply meets or cancels whatever may run on it then."""
    if row["subject"] != "petition" or row.get("is_right") or row["key"] in _AFTER_THE_END:
        return
    starts = [MOVES[name] for name in row["start_moves"] if name in MOVES]
    runs_in = {state for move in starts for state in ([move.target] if move.target else move.sources)}
    if "register" in row["start_moves"] or "lose_lead" in row["start_moves"]:
        runs_in |= _UNANSWERED
    # Given to a unit or taken back from one, an unanswered matter stays unanswered.
    runs_in |= _UNANSWERED if runs_in & _UNANSWERED else set()
    ended = {*row["stop_moves"], *row.get("cancel_moves", [])}
    ends = [move for move in MOVES.values() if move.target and move.target not in OPEN_STATES]
    left = {move.name for move in ends if move.sources & runs_in & _UNANSWERED} - ended
    assert left == set()


@by_key
def test_its_words_are_known(row: dict[str, Any]) -> None:
    rule = Policy(**row)
    rule.clean_fields(exclude=["valid_from"])
    assert set(rule.conditions) <= set(CONDITIONS)
    assert rule.start_moves and rule.length and rule.article
    assert bool(rule.extend_permission) == bool(rule.extend_max)
    if rule.extend_permission:
        assert rule.extend_permission in full_matrix()


@by_key
def test_somebody_hears_on_every_rung_unless_it_is_a_right(row: dict[str, Any]) -> None:
    assert bool(row["ladder"]) != row.get("is_right", False)
    assert all(step["to"] for step in row["ladder"])


def test_keys_are_unique_and_a_stand_in_names_a_rule_of_the_other_profile() -> None:
    rows = {row["key"]: row for row in POLICIES}
    assert len(rows) == len(POLICIES)
    for row in POLICIES:
        if row.get("replaces"):
            other = rows[row["replaces"]]
            assert {row["profile"], other["profile"]} == {"national", "zhejiang"}
            assert row["subject"] == other["subject"]


def test_a_revoked_opinion_starts_the_handling_period_and_the_dispatch_anew(city: City) -> None:
    row = decided(city, outcome="revoke", term=40)
    running = Clock.objects.filter(petition=row.petition_id, state="running", policy__is_right=False)
    assert set(running.values_list("policy__key", flat=True)) == {"D05_handle", "V02_redo", "P_redispatch"}
