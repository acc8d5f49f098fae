"""Supervision orders: issued, answered, raised, ended; whom each level tells; who may, and who never hears."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import Unit, User
from accounts.roles import Role
from dispatch.actions import orders, supervision, sweep
from dispatch.models import Clock, Notice, Proposal, SupervisionOrder
from dispatch.supervision import LEVELS, SUPERVISION_MOVES
from petitions.actions import name_person
from petitions.models import Event, Petition
from petitions.states import Refused
from tests.city import PASSWORD, City, make_order, make_petition, replied

TEXT = "请于三个工作日内书面说明办理进展及完成时限。"


def issue(city: City, *, actor: Any = None, order: Any = None, **changes: Any) -> SupervisionOrder:
    order = order if order is not None else make_order(city)
    fields: dict[str, Any] = {
        "unit": order.unit,
        "level": "order",
        "trigger": "overdue",
        "text": TEXT,
        "petition_id": order.petition_id,
        "order_id": order.pk,
        "actor": actor or city.officer,
        "at": city.at,
        **changes,
    }
    return supervision.issue(**fields)


def talk(city: City) -> dict[str, Any]:
    return {"talk_at": city.at + timedelta(days=2), "talk_place": "市信访局302室", "talk_attendees": "局长、分管局长"}


def told(kind: str = "supervised") -> set[str]:
    return set(Notice.objects.filter(kind=kind, channel="inapp").values_list("recipient__username", flat=True))


def lead_of(city: City, key: str, unit: str) -> User:
    return User.objects.create_user(
        key, f"{key}@ningbo.example", PASSWORD, name=key, role=Role.UNIT_ADMIN, unit=city.units[unit]
    )


def test_issuing_numbers_it_starts_its_clock_and_writes_the_history(city: City) -> None:
    first, second = issue(city), issue(city)
    assert (first.number, second.number) == ("甬信督〔2026〕1号", "甬信督〔2026〕2号")
    clock = Clock.objects.get(subject="supervision", subject_id=first.pk)
    assert (clock.policy.key, clock.unit, clock.petition) == ("S_order", city.housing, first.petition)
    # Five working days from Monday: the end of the next Monday.
    assert clock.due_at.isoformat() == "2026-11-23T15:59:59+00:00"
    event = Event.objects.get(petition=first.petition, kind="supervision.issue")
    assert (event.data["number"], event.data["level"]) == (first.number, "order")
    # What it says stands with the supervision alone: others who work on the case do not read it.
    assert not hasattr(event, "words")
    assert [(e.move, e.text) for e in first.events.all()] == [("issue_order", TEXT)]


def test_a_letter_tells_the_unit_an_order_the_unit_above_a_listing_the_government(city: City) -> None:
    issue(city, level="letter")
    assert told() == {"leader"}
    Notice.objects.all().delete()
    # Above the bureau stands the district government with its lead official.
    row = issue(city)
    assert told() == {"leader", "lead_official"}
    Notice.objects.all().delete()
    supervision.raise_level(
        row.pk,
        level="listed",
        reason="逾期仍未答复，影响较大",
        listed_until=date(2026, 12, 31),
        actor=city.officer,
        at=city.at,
    )
    assert told() == {"leader", "lead_official"}


def test_the_handler_of_the_order_hears_too(city: City) -> None:
    order = make_order(city)
    orders.assign(order.pk, handler=city.handler, actor=city.leader, at=city.at)
    issue(city, order=order, level="letter")
    assert told() == {"leader", "handler"}


def test_a_circular_tells_the_units_that_are_to_read_it_and_notes_who_did(city: City) -> None:
    row = issue(
        city,
        level="circular",
        circular_text="某单位办理超期且未说明情况，现予通报。",
        scope=[city.enforcement, city.transport],
    )
    assert {"leader", "other_leader", "outside_leader"} <= told()
    assert SupervisionOrder.objects.visible_to(city.outside_leader).filter(pk=row.pk).exists()
    supervision.mark_circular_read(row.pk, actor=city.outside_leader, at=city.at)
    supervision.mark_circular_read(row.pk, actor=city.outside_leader, at=city.at + timedelta(hours=1))
    read = row.readings.get(unit=city.transport)
    assert (read.read_at, read.read_by) == (city.at, city.outside_leader)
    assert row.readings.get(unit=city.enforcement).read_at is None


def test_answer_and_acceptance_end_it_and_a_finished_case_alone_does_not(city: City) -> None:
    order = make_order(city)
    row = issue(city, order=order)
    replied(city, order=order)
    row.refresh_from_db()
    assert row.state == "waiting"
    at = city.at + timedelta(days=1)
    supervision.answer(row.pk, text="电梯已修复，今后由分管局长每周调度。", actor=city.leader, at=at)
    assert Clock.objects.get(subject="supervision", policy__key="S_order").state == "met"
    assert told("supervision_answered") == {"officer"}
    done = supervision.accept(row.pk, result="经回访核实已整改到位", actor=city.officer, at=at + timedelta(hours=1))
    assert (done.state, done.ended_at) == ("ended", at + timedelta(hours=1))
    assert not Clock.objects.filter(subject="supervision", state="running").exists()
    assert told("supervision_ended") == {"leader"}


def test_an_answer_sent_back_begins_a_short_fresh_term(city: City) -> None:
    row = issue(city)
    at = city.at + timedelta(days=1)
    supervision.answer(row.pk, text="正在办理之中，请予谅解为盼。", actor=city.leader, at=at)
    back = supervision.send_back(row.pk, reason="未说明完成时限", actor=city.officer, at=at + timedelta(hours=1))
    assert back.state == "waiting"
    running = Clock.objects.get(subject="supervision", state="running")
    assert running.policy.key == "S_again"
    assert told("supervision_sent_back") == {"leader"}


def test_a_rise_needs_a_reason_replaces_the_clock_and_goes_up_only(city: City) -> None:
    row = issue(city, level="letter")
    with pytest.raises(Refused) as refusal:
        supervision.raise_level(row.pk, level="order", reason="太慢", actor=city.officer, at=city.at)
    assert refusal.value.field == "reason"
    raised = supervision.raise_level(row.pk, level="order", reason="催办函逾期未答复", actor=city.officer, at=city.at)
    assert (raised.level, raised.state) == ("order", "waiting")
    states = dict(Clock.objects.filter(subject="supervision").values_list("policy__key", "state"))
    assert states == {"S_letter": "cancelled", "S_order": "running"}
    for level in ("letter", "order"):
        with pytest.raises(Refused):
            supervision.raise_level(row.pk, level=level, reason="催办函逾期未答复", actor=city.officer, at=city.at)


def test_an_interview_needs_time_place_and_people_and_is_written_down_afterwards(city: City) -> None:
    with pytest.raises(Refused) as refusal:
        issue(city, level="interview", **{**talk(city), "talk_place": ""})
    assert refusal.value.field == "talk_place"
    row = issue(city, level="interview", **talk(city))
    record = "约谈海曙区住建局负责人，要求五日内整改到位。"
    with pytest.raises(Refused):
        supervision.record_talk(row.pk, record=record, actor=city.officer, at=city.at)
    after = city.at + timedelta(days=2, hours=2)
    done = supervision.record_talk(row.pk, record=record, actor=city.conference_officer, at=after)
    assert (done.talk_record, done.state) == (record, "waiting")


def test_a_listing_needs_an_end(city: City) -> None:
    with pytest.raises(Refused) as refusal:
        issue(city, level="listed")
    assert refusal.value.field == "listed_until"
    row = issue(city, level="listed", listed_until=date(2026, 12, 31), is_public=True)
    assert (row.listed_from, row.is_public) == (date(2026, 11, 16), True)


def test_lifting_needs_a_reason_and_cancels_the_clock(city: City) -> None:
    row = issue(city)
    lifted = supervision.lift(row.pk, reason="经查系统计时有误，予以撤销", actor=city.officer, at=city.at)
    assert lifted.state == "lifted"
    assert Clock.objects.get(subject="supervision").state == "cancelled"
    with pytest.raises(Refused):
        supervision.answer(row.pk, text=TEXT, actor=city.leader, at=city.at)


def test_a_unit_is_under_supervision_once_on_a_case(city: City) -> None:
    order = make_order(city)
    row = issue(city, order=order)
    with pytest.raises(Refused) as refusal:
        issue(city, order=order, level="letter")
    assert refusal.value.code == "already_supervised"
    assert row.number in str(refusal.value)


def test_a_unit_at_large_can_be_supervised(city: City) -> None:
    row = issue(city, petition_id=None, order_id=None)
    assert Clock.objects.get(subject="supervision", subject_id=row.pk).petition is None
    assert SupervisionOrder.objects.visible_to(city.leader).filter(pk=row.pk).exists()
    supervision.answer(row.pk, text="已开展专项整改并建立台账。", actor=city.leader, at=city.at)
    assert told("supervision_answered") == {"officer"}


# ---- who may ----

_MAY_ISSUE = {
    "officer": {"letter", "order", "listed", "interview", "circular"},
    "district_officer": {"letter", "order"},
    "inspector": {"letter", "order"},
    "conference_officer": {"listed", "interview", "circular"},
    "dispatcher": set(),
    "leader": set(),
    "far_officer": set(),
    "admin": set(),
}


@pytest.mark.parametrize("who", list(_MAY_ISSUE))
@pytest.mark.parametrize("level", list(LEVELS))
def test_who_issues_which_level(city: City, who: str, level: str) -> None:
    details: dict[str, Any] = {
        "listed": {"listed_until": date(2026, 12, 31)},
        "interview": talk(city),
        "circular": {"circular_text": "某单位办理超期，现予通报。", "scope": [city.enforcement]},
    }.get(level, {})
    if level in _MAY_ISSUE[who]:
        assert issue(city, actor=city.people[who], level=level, **details).level == level
    else:
        with pytest.raises(Refused):
            issue(city, actor=city.people[who], level=level, **details)


def test_a_lead_official_supervises_the_cases_named_to_them(city: City) -> None:
    order = make_order(city)
    with pytest.raises(Refused):
        issue(city, order=order, actor=city.lead_official)
    name_person(order.petition_id, user=city.lead_official, reason="包案领导", actor=city.officer, at=city.at)
    row = issue(city, order=order, actor=city.lead_official)
    supervision.answer(row.pk, text=TEXT, actor=city.leader, at=city.at)
    assert supervision.accept(row.pk, result="属实", actor=city.lead_official, at=city.at).state == "ended"


def test_a_district_office_supervises_its_own_district_and_decides_on_its_own_orders(city: City) -> None:
    with pytest.raises(Refused):
        issue(city, actor=city.district_officer, unit=city.transport, petition_id=None, order_id=None)
    own = issue(city, actor=city.district_officer)
    of_city = issue(city)
    for row in (own, of_city):
        supervision.answer(row.pk, text=TEXT, actor=city.leader, at=city.at)
    assert SupervisionOrder.objects.visible_to(city.district_officer).count() == 2
    supervision.accept(own.pk, result="属实", actor=city.district_officer, at=city.at)
    with pytest.raises(Refused):
        supervision.accept(of_city.pk, result="属实", actor=city.district_officer, at=city.at)


def test_nobody_supervises_or_judges_their_own_unit(city: City) -> None:
    petition = make_petition(city, register_unit=city.district_office)
    fields = {"unit": city.district_office, "petition_id": petition.pk, "order_id": None}
    with pytest.raises(Refused):
        issue(city, actor=city.district_officer, order=make_order(city), **fields)
    row = issue(city, order=make_order(city), **fields)
    supervision.answer(row.pk, text=TEXT, actor=city.district_officer, at=city.at)
    with pytest.raises(Refused):
        supervision.accept(row.pk, result="属实", actor=city.district_officer, at=city.at)


def test_only_a_unit_that_works_on_the_case_is_supervised_on_it(city: City) -> None:
    with pytest.raises(Refused) as refusal:
        issue(city, unit=city.transport, order_id=None)
    assert refusal.value.field == "unit"


def test_each_move_is_refused_to_whom_the_table_does_not_name(city: City) -> None:
    row = issue(city)
    supervision.answer(row.pk, text=TEXT, actor=city.leader, at=city.at)
    outsiders = [city.outside_leader, city.handler, city.agent, city.admin, city.reviewer, city.far_officer]
    for name in SUPERVISION_MOVES:
        for who in outsiders:
            with pytest.raises(Refused):
                supervision.move(row.pk, name, actor=who, at=city.at)


def test_strangers_do_not_see_it(city: City) -> None:
    row = issue(city)
    seen = {
        name
        for name, user in city.people.items()
        if SupervisionOrder.objects.visible_to(user).filter(pk=row.pk).exists()
    }
    assert seen == {
        "officer", "dispatcher", "district_officer", "conference_officer", "inspector",
        "leader", "handler", "colleague", "lead_official",
    }  # fmt: skip


# ---- class A ----


def accusation(city: City) -> Petition:
    return make_petition(
        city, purpose="JK", sensitivity="accusation", respondent_unit=city.enforcement, summary="反映某执法人员违纪"
    )


def test_class_a_never_reaches_the_line_complained_of(city: City) -> None:
    petition = accusation(city)
    order = make_order(city, petition=petition, lead=city.housing)
    with pytest.raises(Refused):
        issue(city, order=order, unit=city.enforcement, order_id=None)
    name_person(petition.pk, user=city.leader, reason="承办", actor=city.officer, at=city.at)
    # The lead official heads the government above the accused unit: they can not even be named.
    for who in (city.lead_official, city.other_leader):
        with pytest.raises(Refused):
            name_person(petition.pk, user=who, reason="承办", actor=city.officer, at=city.at)
    row = issue(city, order=order)
    assert told() == {"leader"}
    for name in ("other_leader", "lead_official", "district_officer", "inspector", "conference_officer"):
        assert not SupervisionOrder.objects.visible_to(city.people[name]).filter(pk=row.pk).exists(), name
    assert SupervisionOrder.objects.visible_to(city.leader).filter(pk=row.pk).exists()
    with pytest.raises(Refused):
        supervision.raise_level(
            row.pk, level="circular", reason="多次逾期未答复办理情况", circular_text="某单位办理超期，现予通报。",
            scope=[city.enforcement], actor=city.officer, at=city.at,
        )  # fmt: skip
    with pytest.raises(Refused):
        supervision.raise_level(
            row.pk, level="listed", reason="多次逾期未答复办理情况", listed_until=date(2026, 12, 31), is_public=True,
            actor=city.officer, at=city.at,
        )  # fmt: skip


# ---- findings ----


def finding(city: City, **changes: Any) -> Proposal:
    order = make_order(city)
    supervision.propose(
        "overdue", key=f"t:{order.pk}", unit=order.unit, petition=order.petition, order=order, at=city.at, **changes
    )
    return Proposal.objects.get(key=f"t:{order.pk}")


def test_a_confirmed_finding_becomes_a_supervision_in_one_step(city: City) -> None:
    found = finding(city)
    row = issue(city, order=found.order, finding_id=found.pk)
    found.refresh_from_db()
    assert (found.is_confirmed, found.decided_by, row.proposal) == (True, city.officer, found)
    with pytest.raises(Refused):
        supervision.set_aside(found.pk, reason="重复线索", actor=city.officer, at=city.at)


def test_setting_aside_needs_a_reason(city: City) -> None:
    found = finding(city)
    with pytest.raises(Refused):
        supervision.set_aside(found.pk, reason=" ", actor=city.officer, at=city.at)
    assert (
        supervision.set_aside(found.pk, reason="已电话核实，明日办结", actor=city.officer, at=city.at).is_confirmed
        is False
    )


def test_a_snoozed_finding_comes_back(city: City) -> None:
    found = finding(city)
    for until in (city.at, city.at + timedelta(days=32)):
        with pytest.raises(Refused):
            supervision.snooze(found.pk, until=until, actor=city.officer, at=city.at)
    kept = supervision.snooze(found.pk, until=city.at + timedelta(days=3), actor=city.officer, at=city.at)
    assert kept.snoozed_until == city.at + timedelta(days=3)


def test_findings_are_read_by_those_who_supervise_and_never_by_the_unit(city: City) -> None:
    found = finding(city)
    seen = {
        name for name, user in city.people.items() if Proposal.objects.visible_to(user).filter(pk=found.pk).exists()
    }
    assert seen == {"officer", "district_officer", "conference_officer", "inspector"}
    for who in ("conference_officer", "far_officer", "leader", "dispatcher"):
        with pytest.raises(Refused):
            supervision.set_aside(found.pk, reason="无需督办", actor=city.people[who], at=city.at)


# ---- two at once ----


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_make_one_supervision(city: City) -> None:
    order = make_order(city)
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def press(who: User) -> None:
        barrier.wait()
        try:
            issue(city, order=order, actor=who)
            outcomes.append("made")
        except Refused as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=[city.people[n]]) for n in ("officer", "district_officer")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) in (["already_supervised", "made"], ["made", "stale"])
    assert SupervisionOrder.objects.filter(petition=order.petition).count() == 1


def test_numbers_have_no_gap(city: City) -> None:
    made = [issue(city).serial for _i in range(3)]
    assert made == [1, 2, 3]


def test_the_ladder_of_an_unanswered_supervision_reaches_the_unit_and_who_waits(city: City) -> None:
    issue(city)
    Notice.objects.all().delete()
    sweep.sweep(at=city.at + timedelta(days=8))
    assert {"leader", "officer"} <= told("deadline")


def test_a_supervision_at_large_is_told_by_the_sweep_as_well(city: City) -> None:
    issue(city, petition_id=None, order_id=None)
    Notice.objects.all().delete()
    result = sweep.sweep(at=city.at + timedelta(days=8))
    assert result.set_aside == 0
    assert {"leader", "officer"} <= told("deadline")


def test_units_of_the_fixture_stand_where_the_tests_think(city: City) -> None:
    assert Unit.objects.get(code="330203-HOUSING").parent == city.district
