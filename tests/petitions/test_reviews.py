"""Review and re-review: who may ask, who may decide, what follows (Regulation on Petition Work, arts. 28, 35, 36)."""

from datetime import timedelta
from typing import Any

import pytest

from dispatch.actions import orders
from petitions import actions
from petitions.actions import reviews
from petitions.actions.revoked import check_not_repeated
from petitions.models import Event, Petition, Recusal, ReviewRequest
from petitions.permissions import citizen
from petitions.states import Refused, State
from tests.city import City, fed_back, make_order, make_petition, replied
from tests.remedies import DAY, admitted, asked, closed_review, decided, delivered, rereviewed, team


def refusal_of(call: object) -> Refused:
    with pytest.raises(Refused) as caught:
        call()  # type: ignore[operator]
    return caught.value


def test_the_nearest_reviewer_above_is_proposed_and_sees_the_case_from_then_on(city: City) -> None:
    petition = delivered(city)
    reviewer = city.district_reviewer
    assert not Petition.objects.visible_to(reviewer).filter(pk=petition.pk).exists()
    row = asked(city, petition)
    assert (row.target_unit, row.stage, row.petition.state) == (city.district, "review", State.IN_REVIEW)
    assert [member.user for member in row.team] == [reviewer]
    assert Petition.objects.visible_to(reviewer).filter(pk=petition.pk).exists()
    assert not Petition.objects.visible_to(city.reviewer).filter(pk=petition.pk).exists()


def test_a_request_keeps_the_opinion_it_attacks_and_when_it_was_received(city: City) -> None:
    petition = delivered(city)
    row = asked(city, petition, facts="主板未更换", new_facts="检验报告", agent="周律师")
    assert row.opinion_under_review == petition.reply_text
    assert (row.received_at, row.is_in_time) == (petition.delivered_at, True)
    assert row.window_ends_at is not None and row.window_ends_at > row.asked_at


def test_a_reviewer_below_or_beside_is_refused(city: City) -> None:
    petition = delivered(city)
    stranger = city.district_second
    stranger.unit = city.units["far_district"]
    assert refusal_of(lambda: asked(city, petition, reviewer=stranger)).code == "not_above"


def test_whoever_has_acted_on_the_case_is_recused(city: City) -> None:
    petition = delivered(city)
    actions.involve(petition.pk, user=city.district_reviewer, at=city.at)
    city.district_reviewer.role = "district_officer"
    city.district_reviewer.save()
    actions.add_note(petition.pk, kind="note", text="曾经参与", actor=city.district_reviewer, at=city.at + DAY)
    city.district_reviewer.role = "reviewer"
    city.district_reviewer.save()
    assert refusal_of(lambda: asked(city, petition, reviewer=city.district_reviewer)).code == "recused"
    assert asked(city, petition).team[0].user == city.district_second


def test_without_an_opinion_there_is_nothing_to_review(city: City) -> None:
    petition = make_petition(city)
    assert refusal_of(lambda: asked(city, petition)).code in {"no_opinion", "illegal_move"}


def test_thirty_days_after_delivery_only_force_majeure_opens_the_door(city: City) -> None:
    petition = delivered(city)
    until = reviews.deadline(petition)
    assert until is not None
    late = until + timedelta(hours=1)
    refused = refusal_of(lambda: asked(city, petition, at=late))
    assert (refused.code, refused.field) == ("lapsed", "excuse")
    assert "三十五" in str(refused) or "35" in str(refused)
    row = asked(city, petition, at=late, excuse="台风致道路中断")
    assert (row.is_in_time, row.excuse) == (False, "台风致道路中断")


def test_on_the_last_day_the_request_is_in_time(city: City) -> None:
    petition = delivered(city)
    until = reviews.deadline(petition)
    assert until is not None
    assert asked(city, petition, at=until).is_in_time


def test_an_opinion_never_delivered_has_started_no_period(city: City) -> None:
    petition = replied(city)
    assert reviews.deadline(petition) is None
    assert asked(city, petition, at=city.at + 90 * DAY).is_in_time


def test_the_petitioner_asks_for_themselves(city: City) -> None:
    petition = delivered(city)
    row = reviews.request(petition.pk, request="不服", actor=citizen(petition.pk), at=city.at + 2 * DAY)
    assert (row.is_by_citizen, row.asked_by) == (True, None)
    other = delivered(city)
    with pytest.raises(Refused) as caught:
        reviews.request(other.pk, request="不服", actor=citizen(petition.pk), at=city.at + 2 * DAY)
    assert caught.value.code == "forbidden"


def test_a_review_is_decided_by_two_who_were_named(city: City) -> None:
    row = asked(city)
    who, at = city.district_reviewer, city.at + 3 * DAY
    words = {"outcome": "uphold", "opinion": "维持", "actor": who, "at": at}
    assert refusal_of(lambda: reviews.decide(row.petition_id, **words)).code == "admission"
    assert refusal_of(lambda: reviews.admit(row.petition_id, investigators=[who], actor=who, at=at)).code == "team"
    pair = [who, city.second_reviewer]
    assert refusal_of(lambda: reviews.admit(row.petition_id, investigators=pair, actor=who, at=at)).code == "not_above"
    reviews.admit(row.petition_id, investigators=team(city, row), actor=who, at=at)
    assert reviews.decide(row.petition_id, **words).outcome == "uphold"


def test_an_investigator_left_out_loses_the_case(city: City) -> None:
    row = admitted(city)
    city.lead_official.role = "reviewer"
    city.lead_official.save()
    people = [city.district_reviewer, city.lead_official]
    reviews.appoint(row.petition_id, investigators=people, actor=city.district_reviewer, at=city.at + 3 * DAY)
    assert not Petition.objects.visible_to(city.district_second).filter(pk=row.petition_id).exists()
    assert Petition.objects.visible_to(city.lead_official).filter(pk=row.petition_id).exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"outcome": "change"}, "grounds"),
        ({"outcome": "change", "grounds": ["facts"]}, "new_opinion"),
        ({"outcome": "revoke", "grounds": ["basis"]}, "term"),
        ({"outcome": "revoke", "grounds": ["basis"], "term": 14}, "term"),
        ({"outcome": "revoke", "grounds": ["basis"], "term": 61}, "term"),
        ({"outcome": "revoke", "grounds": ["unknown"], "term": 30}, "grounds"),
        ({"outcome": "forgive"}, "outcome"),
    ],
)
def test_an_opinion_falls_only_on_named_grounds_with_what_follows(city: City, fields: dict, field: str) -> None:
    row = admitted(city)
    with pytest.raises(Refused) as caught:
        reviews.decide(row.petition_id, opinion="意见", actor=city.district_reviewer, at=city.at + 3 * DAY, **fields)
    assert caught.value.field == field


@pytest.mark.parametrize("outcome", ["uphold", "change"])
def test_upheld_or_changed_the_review_closes_and_opens_the_way_to_re_review(city: City, outcome: str) -> None:
    petition = closed_review(city, outcome=outcome)
    assert (petition.state, petition.review_level, petition.close_type) == (State.CLOSED, 1, "reviewed")
    row = asked(city, petition, at=city.at + 5 * DAY)
    assert (row.stage, row.target_unit) == ("rereview", city.root)
    assert row.opinion_under_review


def test_re_review_sits_one_level_higher_and_not_with_who_decided(city: City) -> None:
    petition = closed_review(city)
    late = city.at + 5 * DAY
    assert refusal_of(lambda: asked(city, petition, at=late, reviewer=city.district_second)).code == "not_above"


def test_above_a_review_of_the_city_stands_no_organ_of_the_city(city: City) -> None:
    row = asked(city, reviewer=city.reviewer)
    reviews.admit(row.petition_id, investigators=team(city, row), actor=city.reviewer, at=city.at + 2 * DAY)
    reviews.decide(row.petition_id, outcome="uphold", opinion="维持", actor=city.reviewer, at=city.at + 3 * DAY)
    petition = Petition.objects.get(pk=row.petition_id)
    assert refusal_of(lambda: asked(city, petition, at=city.at + 4 * DAY)).code == "above_city"


def test_revoked_it_is_handled_anew_and_may_be_reviewed_anew(city: City) -> None:
    row = decided(city, outcome="revoke", term=40)
    petition = Petition.objects.get(pk=row.petition_id)
    assert (petition.state, petition.review_level, petition.delivered_at, petition.closed_at) == (
        State.HANDLING,
        0,
        None,
        None,
    )
    assert (row.term, row.grounds) == (40, ["facts"])


def test_a_request_not_admitted_leaves_the_opinion_and_what_is_left_of_the_period(city: City) -> None:
    row = asked(city)
    until = row.window_ends_at
    reviews.refuse(row.petition_id, reason="不属复查范围", actor=city.district_reviewer, at=city.at + 3 * DAY)
    petition = Petition.objects.get(pk=row.petition_id)
    assert (petition.state, petition.review_level) == (State.CLOSED, 0)
    assert reviews.deadline(petition) == until
    assert petition.clocks.get(policy__key="D06_review_req").state == "running"
    assert asked(city, petition, at=city.at + 4 * DAY).petition.state == State.IN_REVIEW


def test_the_petitioner_may_take_the_request_back_and_keep_the_matter(city: City) -> None:
    row = admitted(city)
    reviews.drop(row.petition_id, reason="电话撤回", actor=city.officer, at=city.at + 3 * DAY)
    row.refresh_from_db()
    assert (row.state, row.petition.state) == ("dropped", "closed")


@pytest.mark.parametrize("step", [reviews.refuse, reviews.drop])
def test_a_late_request_that_comes_to_nothing_leaves_the_lapse_standing(city: City, step: Any) -> None:
    petition = delivered(city)
    late = reviews.deadline(petition) + DAY
    actions.lapse(petition.pk, "review", at=late)
    row = asked(city, petition, at=late + DAY, excuse="台风封路")
    petition.refresh_from_db()
    assert petition.end_way == ""
    actor = city.district_reviewer if step is reviews.refuse else city.officer
    step(row.petition_id, reason="不属于不可抗力", actor=actor, at=late + 2 * DAY)
    petition.refresh_from_db()
    assert (petition.end_way, petition.ended_at, petition.state) == ("no_review", late, State.CLOSED)


def test_a_request_taken_back_in_time_ends_nothing(city: City) -> None:
    row = asked(city)
    reviews.drop(row.petition_id, reason="本人电话撤回", actor=city.officer, at=city.at + 3 * DAY)
    petition = Petition.objects.get(pk=row.petition_id)
    assert (petition.end_way, petition.ended_at) == ("", None)


def test_a_request_falls_with_the_matter(city: City) -> None:
    row = admitted(city)
    actions.withdraw(row.petition_id, reason="撤回信访", actor=city.officer, at=city.at + 3 * DAY)
    row.refresh_from_db()
    assert row.state == "dropped"
    assert not row.petition.clocks.filter(state="running").exists()


def test_delivered_re_review_terminates_and_nobody_takes_it_up_again(city: City) -> None:
    before = rereviewed(city, is_delivered=False)
    assert (before.end_way, before.review_level, before.close_type) == ("", 2, "terminated")
    reviews.deliver(before.pk, way="post", actor=city.officer, at=city.at + 7 * DAY)
    petition = Petition.objects.get(pk=before.pk)
    assert (petition.end_way, petition.is_terminated) == ("rereviewed", True)
    assert refusal_of(lambda: asked(city, petition, at=city.at + 8 * DAY)).code == "final"
    late = {"actor": city.officer, "at": city.at + 8 * DAY}
    assert refusal_of(lambda: actions.reopen(petition.pk, reason="再查", **late)).code == "final"


def test_reopened_before_its_end_the_stages_begin_anew(city: City) -> None:
    petition = closed_review(city)
    again = actions.reopen(petition.pk, reason="出现新事实", actor=city.officer, at=city.at + 5 * DAY)
    assert (again.review_level, again.end_way, again.delivered_at) == (0, "", None)
    assert not again.clocks.filter(policy__key__in=["D06_review_req", "D08_rereview_req"], state="running").exists()


def test_the_thirty_days_for_re_review_run_from_delivery_of_the_review_opinion(city: City) -> None:
    row = decided(city)
    petition = Petition.objects.get(pk=row.petition_id)
    assert not petition.clocks.filter(policy__key="D08_rereview_req").exists()
    reviews.deliver(petition.pk, way="by_hand", actor=city.officer, at=city.at + 9 * DAY)
    clock = petition.clocks.get(policy__key="D08_rereview_req")
    assert clock.started_at == city.at + 9 * DAY
    with pytest.raises(Refused):
        reviews.deliver(petition.pk, way="by_hand", actor=city.officer, at=city.at + 9 * DAY)


def test_both_stages_stand_in_the_history(city: City) -> None:
    petition = rereviewed(city)
    kinds = Event.objects.filter(petition=petition, kind__contains="review").order_by("seq")
    assert list(kinds.values_list("kind", flat=True)) == [
        "ask_review",
        "admit_review",
        "decide_review",
        "deliver_review",
        "ask_rereview",
        "admit_review",
        "decide_rereview",
        "deliver_rereview",
    ]


def test_reviewers_read_only_what_they_are_named_for(city: City) -> None:
    row, other = asked(city), asked(city)
    reviews.appoint(
        other.petition_id,
        investigators=team(city, other),
        actor=city.district_reviewer,
        at=city.at + 2 * DAY,
    )
    seen = ReviewRequest.objects.visible_to(city.district_second)
    assert set(seen) == {other}
    assert not ReviewRequest.objects.visible_to(city.reviewer).exists()
    assert not ReviewRequest.objects.visible_to(city.outsider).exists()
    assert set(ReviewRequest.objects.visible_to(city.inspector)) == {row, other}


def test_the_revoked_opinion_may_not_be_given_again_without_a_reason(city: City) -> None:
    row = decided(city, outcome="revoke")
    petition, late = row.petition, {"actor": city.officer, "at": city.at + 6 * DAY}
    said = row.opinion_under_review
    Petition.objects.filter(pk=petition.pk).update(state="handling")
    order = make_order(city, petition=Petition.objects.get(pk=petition.pk), at=city.at + 4 * DAY)
    order = fed_back(city, order=order, at=city.at + 4 * DAY)
    orders.check(order.pk, passes=True, actor=city.officer, at=city.at + 5 * DAY)
    answers = {"was_contacted": True, "solved": "no", "satisfaction": 3}
    orders.call_back(
        order.pk, result="reached", said="已告知", answers=answers, actor=city.officer, at=city.at + 5 * DAY
    )
    with pytest.raises(Refused) as caught:
        actions.reply(petition.pk, text=said, **late)
    assert (caught.value.code, caught.value.field) == ("same_opinion", "text")
    done = actions.reply(petition.pk, text=said, overrule="上级已确认事实无误", **late)
    assert done.state == State.REPLIED
    assert done.events.get(kind="reply", data__overruled="上级已确认事实无误")


def test_what_was_found_anew_may_be_said(city: City) -> None:
    row = decided(city, outcome="revoke")
    row.petition.refresh_from_db()
    check_not_repeated(row.petition_id, "经重新鉴定，主板系人为损坏，物业公司限期赔偿并公示维保记录。", "")


def test_a_recused_reviewer_is_not_proposed_and_the_request_is_not_lost(city: City) -> None:
    petition = delivered(city)
    Recusal.objects.create(
        petition=petition,
        person=city.district_reviewer,
        ground=Recusal.Ground.values[0],
        reason="与承办人有近亲属关系",
        state="granted",
        side="petitioner",
        asked_at=city.at,
    )
    row = asked(city, petition)
    assert [member.user for member in row.team] == [city.district_second]
    people = [city.district_second, city.district_reviewer]
    with pytest.raises(Refused) as caught:
        reviews.admit(petition.pk, investigators=people, actor=city.district_second, at=city.at + 3 * DAY)
    assert caught.value.code == "recused"
