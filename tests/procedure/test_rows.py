"""Every row of the statutory procedure against the real actions: these dates and moves, these clocks, documents,
refusals and states."""

from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command

from config.procedure import Row, rows
from dispatch.actions import changes, jobs
from dispatch.models import Clock, Notice
from petitions.models import Document, Petition
from petitions.states import Refused
from tests.city import City
from tests.procedure.moves import MOVES, Case, moment

pytestmark = pytest.mark.django_db
ROWS = rows()


def switch(city: City, profile: str) -> None:
    """Put the Zhejiang profile in force, as two people do."""
    change = changes.prepare_profile(profile, reason="省里要求", actor=city.admin, at=city.at)
    changes.apply(change.pk, actor=city.officer, at=city.at)
    jobs.drain(now=lambda: city.at)


def play(case: Case) -> str:
    """Take the steps; the code of the refusal of the last one, '' when none was refused."""
    for number, step in enumerate(case.row.steps, start=1):
        try:
            MOVES[step.name](case, step)
        except Refused as refusal:
            assert number == len(case.row.steps), f"step {number} ({step.name}) refused: {refusal}"
            return refusal.code
    return ""


def said(clock: Clock) -> str:
    """A clock as the rows write it: `D01_route 2026-03-17 met late`."""
    due = clock.due_at.astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()
    words = [clock.policy.key, due, clock.state]
    return " ".join([*words, "late"] if clock.breached_at else words)


@pytest.mark.parametrize("row", ROWS, ids=[row.key for row in ROWS])
def test_the_row_holds(city: City, row: Row) -> None:
    if row.profile != "national":
        switch(city, row.profile)
    case = Case(city, row)
    assert play(case) == row.refused
    petition = Petition.objects.get(pk=case.petition.pk)
    clocks = {said(clock) for clock in Clock.objects.filter(petition=petition).select_related("policy")}
    keys = {text.split()[0] for text in clocks}
    assert set(row.clocks) <= clocks, sorted(clocks)
    assert not set(row.no_clocks) & keys
    if row.state:
        assert petition.state == row.state
    drafted = set(Document.objects.filter(petition=petition).values_list("kind", flat=True))
    assert set(row.documents) <= drafted, sorted(drafted)
    for name in row.hidden_from:
        assert not Petition.objects.visible_to(city.people[name]).filter(pk=petition.pk).exists()
    told = set(Notice.objects.filter(petition=petition).values_list("recipient__username", flat=True))
    assert set(row.told) <= told


def test_the_rows_are_many_and_each_says_something() -> None:
    assert len(ROWS) >= 60
    assert len({row.key for row in ROWS}) == len(ROWS)
    for row in ROWS:
        held = (row.clocks, row.no_clocks, row.state, row.refused, row.documents, row.hidden_from, row.told)
        assert any(held), row.key
        assert row.article and row.zh and row.en
        assert all(moment(step.at) for step in row.steps)


def test_the_pages_are_current() -> None:
    call_command("procedure_doc", check=True)
