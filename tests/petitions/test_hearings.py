"""Hearings: request, decision, panel, session, record, conclusion, publication (domain-facts §1.15)."""

from datetime import timedelta

import pytest

from dispatch.actions import orders
from petitions import actions
from petitions.actions import hearings, reviews
from petitions.actions.hearings import Seat
from petitions.models import Hearing, Petition
from petitions.permissions import citizen
from petitions.states import Refused
from tests.city import City, make_order, make_petition, replied
from tests.remedies import DAY, admitted, asked, concluded, held, sat, seats


def code_of(call: object) -> str:
    with pytest.raises(Refused) as caught:
        call()  # type: ignore[operator]
    return caught.value.code


def test_petitioner_unit_and_organ_may_ask_and_only_one_is_open(city: City) -> None:
    petition = make_order(city).petition
    row = hearings.ask(petition.pk, subject="责任认定", actor=citizen(petition.pk), at=city.at)
    assert (row.side, row.state) == ("petitioner", "asked")
    assert code_of(lambda: hearings.ask(petition.pk, subject="再次", actor=city.leader, at=city.at)) == "hearing"
    hearings.decline(petition.pk, reason="事实清楚", actor=city.officer, at=city.at + DAY)
    assert hearings.ask(petition.pk, subject="责任认定", actor=city.leader, at=city.at + DAY).side == "unit"


def test_matters_for_court_arbitration_or_reconsideration_are_heard_there(city: City) -> None:
    petition = make_order(city).petition
    for route in sorted(hearings.HEARD_ELSEWHERE):
        Petition.objects.filter(pk=petition.pk).update(route=route)
        ask = {"subject": "责任认定", "actor": city.leader, "at": city.at}
        assert code_of(lambda ask=ask: hearings.ask(petition.pk, **ask)) == "heard_elsewhere"


def test_a_date_inside_the_seven_working_days_of_notice_is_refused(city: City) -> None:
    petition = admitted(city).petition
    # Thursday 19 November: seven working days end on Monday 30 November.
    assert code_of(lambda: held(city, petition, after=11 * DAY)) == "notice"
    row = held(city, petition, after=12 * DAY)
    assert (row.state, Petition.objects.get(pk=petition.pk).hearing_since) == ("set", row.decided_at)


@pytest.mark.parametrize(
    "change",
    ["no_chair", "two", "even", "clerk_on_panel", "investigator", "handler"],
)
def test_a_panel_that_may_not_sit_is_refused(city: City, change: str) -> None:
    petition = admitted(city).petition
    panel = {
        "no_chair": seats(city)[1:],
        "two": seats(city)[:2] + seats(city)[3:],
        "even": [*seats(city), Seat("panel", name="林代表")],
        "clerk_on_panel": seats(city, clerk=city.conference_officer),
        "investigator": seats(city, chair=city.district_second),
        "handler": [Seat("panel", city.handler), *seats(city), Seat("panel", name="林代表")],
    }[change]
    expected = {"investigator": "investigator", "handler": "recused"}.get(change, "panel")
    assert code_of(lambda: held(city, petition, seats=panel)) == expected


def test_a_closed_hearing_names_its_reason(city: City) -> None:
    petition = admitted(city).petition
    with pytest.raises(Refused) as caught:
        held(city, petition, is_public=False)
    assert caught.value.field == "closed_reason"
    assert held(city, petition, is_public=False, closed_reason="涉及个人隐私").closed_reason == "涉及个人隐私"


def test_a_decision_waits_for_the_hearing(city: City) -> None:
    petition = admitted(city).petition
    hearings.ask(petition.pk, subject="责任认定", actor=citizen(petition.pk), at=city.at + 3 * DAY)
    decide = {"outcome": "uphold", "opinion": "维持", "actor": city.district_reviewer, "at": city.at + 3 * DAY}
    assert code_of(lambda: reviews.decide(petition.pk, **decide)) == "hearing"
    row = held(city, petition)
    assert code_of(lambda: reviews.decide(petition.pk, **decide)) == "hearing"
    done = concluded(city, sat(city, row))
    assert done.state == "concluded"
    reviews.decide(petition.pk, **{**decide, "at": done.ended_at + DAY})


def test_the_petitioner_who_asked_and_stays_away_has_given_it_up(city: City) -> None:
    petition = admitted(city).petition
    hearings.ask(petition.pk, subject="责任认定", actor=citizen(petition.pk), at=city.at + 3 * DAY)
    row = sat(city, held(city, petition), absent=("petitioner",), absence="无正当理由未到场")
    petition.refresh_from_db()
    assert (row.state, petition.hearing_since) == ("given_up", None)


def test_absent_for_good_reason_the_hearing_may_go_on(city: City) -> None:
    petition = admitted(city).petition
    hearings.ask(petition.pk, subject="责任认定", actor=citizen(petition.pk), at=city.at + 3 * DAY)
    row = sat(city, held(city, petition), absent=("petitioner",), absence="住院", is_excused=True)
    assert row.state == "sitting"


def test_without_its_panel_no_session_opens_and_not_before_its_day(city: City) -> None:
    row = held(city, admitted(city).petition)
    assert code_of(lambda: sat(city, row, absent=("clerk",))) == "panel"
    early = {"attendance": {}, "actor": city.district_reviewer, "at": row.held_at - 2 * DAY}
    assert code_of(lambda: hearings.sit(row.petition_id, **early)) == "early"


def test_a_conclusion_needs_record_votes_and_majority(city: City) -> None:
    row = sat(city, held(city, admitted(city).petition))
    who, at = city.district_reviewer, row.opened_at + timedelta(hours=1)
    panel = list(row.members.filter(part__in=["chair", "panel"]))
    words = {"conclusion": "责任在物业", "actor": who, "at": at}
    votes = {m.pk: "for" for m in panel}
    assert code_of(lambda: hearings.conclude(row.petition_id, votes=votes, **words)) == "record"
    hearings.take_down(row.petition_id, phase="statement", text="电梯停运两月", actor=who, at=at)
    assert code_of(lambda: hearings.conclude(row.petition_id, votes={}, **words)) == "refused"
    split = {**votes, panel[0].pk: "against", panel[1].pk: "abstained"}
    assert code_of(lambda: hearings.conclude(row.petition_id, votes=split, **words)) == "majority"
    row = hearings.conclude(row.petition_id, votes={**votes, panel[0].pk: "against"}, **words)
    event = row.petition.events.get(kind="end_hearing")
    assert event.data["votes"] == {"for": 2, "against": 1, "abstained": 0}


def test_a_postponed_hearing_gives_notice_anew(city: City) -> None:
    row = held(city, admitted(city).petition)
    late = {"actor": city.district_reviewer, "at": row.held_at - DAY, "reason": "主持人生病"}
    assert code_of(lambda: hearings.postpone(row.petition_id, held_at=row.held_at + 3 * DAY, **late)) == "notice"
    again = hearings.postpone(row.petition_id, held_at=row.held_at + 20 * DAY, **late)
    assert again.held_at == row.held_at + 20 * DAY


def test_taken_back_before_the_session_nothing_is_left_of_it(city: City) -> None:
    row = held(city, admitted(city).petition)
    hearings.drop(row.petition_id, reason="申请人撤回", actor=city.officer, at=city.at + 4 * DAY)
    petition = Petition.objects.get(pk=row.petition_id)
    assert petition.hearing_since is None
    assert not petition.clocks.filter(policy__key__startswith="H0", state="running").exists()


def test_a_hearing_falls_with_the_matter(city: City) -> None:
    row = held(city, admitted(city).petition)
    actions.withdraw(row.petition_id, reason="撤回信访", actor=city.officer, at=city.at + 4 * DAY)
    row.refresh_from_db()
    assert (row.state, row.petition.hearing_since) == ("dropped", None)
    assert not row.petition.clocks.filter(state="running").exists()


@pytest.mark.parametrize("end", ["merge", "lead_out", "not_accept", "no_longer_accept"])
def test_a_hearing_and_its_clocks_fall_with_a_matter_that_ends_unanswered(city: City, end: str) -> None:
    petition, into = make_order(city).petition, make_petition(city)
    row = held(city, petition, actor=city.officer, at=city.at + DAY)
    orders.recall(petition.orders.get().pk, reason="改派", actor=city.officer, at=city.at + 2 * DAY)
    words = {
        "merge": {"into": into, "reason": "重复"},
        "lead_out": {"route": "litigation", "explanation": "已告知向法院起诉"},
        "not_accept": {"grounds": "属于诉讼", "remedy": "向法院起诉"},
        "no_longer_accept": {"ground": "ended", "explanation": "已经办结"},
    }
    getattr(actions, end)(petition.pk, **words[end], actor=city.officer, at=city.at + 3 * DAY)
    row.refresh_from_db()
    assert row.state == "dropped"
    assert not petition.clocks.filter(state__in=["running", "paused"]).exists()


def test_no_answer_goes_out_while_a_hearing_is_asked_for_or_open(city: City) -> None:
    order = make_order(city)
    hearings.ask(order.petition_id, subject="事实争议", actor=city.officer, at=city.at + DAY)
    by = {"actor": city.officer, "at": city.at + 2 * DAY}
    orders.recall(order.pk, reason="改派", **by)
    answer = {"answer": "已当面答复", "agreed": True, **by}
    assert code_of(lambda: actions.answer_at_once(order.petition_id, **answer)) == "hearing"
    hearings.decline(order.petition_id, reason="事实清楚", **by)
    assert actions.answer_at_once(order.petition_id, **answer).state == "closed"
    working = make_order(city)
    held(city, working.petition, actor=city.officer, at=city.at + DAY)
    with pytest.raises(Refused) as caught:
        replied(city, order=working, at=city.at + 2 * DAY)
    assert caught.value.code == "hearing"
    hearings.drop(working.petition_id, reason="信访人撤回听证申请", **by)
    text = {"text": "已查明并依法处理，详见意见书。", "actor": city.officer, "at": city.at + 3 * DAY}
    assert actions.reply(working.petition_id, **text).state == "replied"


def test_a_result_is_published_without_names_and_only_of_an_open_hearing(city: City) -> None:
    row = concluded(city, sat(city, held(city, admitted(city).petition)))
    by = {"actor": city.district_reviewer, "at": row.ended_at + DAY}
    assert code_of(lambda: hearings.publish(row.pk, text="经听证，事实清楚。", confirmed=False, **by)) == "refused"
    named = {"text": "信访人周小琴反映的事项经听证。", "confirmed": True}
    assert code_of(lambda: hearings.publish(row.pk, **named, **by)) == "named"
    hearings.publish(row.pk, text="经听证，事实清楚。", confirmed=True, **by)
    assert [r.publication for r in Hearing.objects.all().published()] == ["经听证，事实清楚。"]
    closed = held(city, admitted(city).petition, is_public=False, closed_reason="涉及个人隐私")
    done = concluded(city, sat(city, closed))
    assert code_of(lambda: hearings.publish(done.pk, text="结果", confirmed=True, **by)) == "closed"


def test_who_is_seated_sees_the_case_and_who_is_recused_is_not_seated(city: City) -> None:
    petition = admitted(city).petition
    held(city, petition, seats=seats(city, chair=city.lead_official))
    assert Petition.objects.visible_to(city.lead_official).filter(pk=petition.pk).exists()


def test_outsiders_neither_ask_nor_read(city: City) -> None:
    petition = make_petition(city)
    Petition.objects.filter(pk=petition.pk).update(state="handling")
    assert code_of(lambda: hearings.ask(petition.pk, subject="x", actor=city.outsider, at=city.at)) == "forbidden"
    row = held(city, asked(city).petition)
    assert not Hearing.objects.visible_to(city.outsider).filter(pk=row.pk).exists()
    assert Hearing.objects.visible_to(city.leader).filter(pk=row.pk).exists()
