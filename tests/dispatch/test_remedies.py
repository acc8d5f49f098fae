"""Pages of review and hearing, the chain of the procedure, the end by the clock."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dispatch.actions import upkeep
from dispatch.models import Clock, Notice
from dispatch.next_steps import next_step, options
from petitions import actions
from petitions.actions import hearings, reviews
from petitions.models import Document, Petition
from petitions.permissions import citizen
from petitions.states import Refused
from tests.city import City, make_order, make_petition
from tests.dispatch.test_views_case import enter
from tests.remedies import DAY, admitted, asked, closed_review, concluded, decided, delivered, held, rereviewed, sat


def test_the_right_to_review_lapses_by_its_clock(city: City) -> None:
    petition = delivered(city)
    clock = Clock.objects.get(petition=petition, policy__key="D06_review_req")
    upkeep.lapse(at=clock.due_at)
    petition.refresh_from_db()
    assert petition.end_way == ""
    upkeep.lapse(at=clock.due_at + timedelta(minutes=1))
    petition.refresh_from_db()
    clock.refresh_from_db()
    assert (petition.end_way, petition.end_label, clock.state) == ("no_review", "超期未申请复查", "cancelled")
    row = asked(city, petition, at=clock.due_at + DAY, excuse="台风")
    row.petition.refresh_from_db()
    assert row.petition.end_way == ""


def test_the_right_to_re_review_lapses_by_its_clock(city: City) -> None:
    petition = closed_review(city)
    clock = Clock.objects.get(petition=petition, policy__key="D08_rereview_req")
    upkeep.lapse(at=clock.due_at + timedelta(minutes=1))
    petition.refresh_from_db()
    assert petition.end_way == "no_rereview"
    with pytest.raises(Refused) as caught:
        asked(city, petition, at=clock.due_at + DAY)
    assert caught.value.code == "lapsed"


def test_a_right_that_was_used_does_not_lapse(city: City) -> None:
    row = asked(city)
    upkeep.lapse(at=city.at + 200 * DAY)
    row.petition.refresh_from_db()
    assert row.petition.end_way == ""
    assert actions.lapse(row.petition_id, "review", at=city.at + 200 * DAY) is None


def test_nobody_lets_anothers_right_lapse(city: City) -> None:
    petition = delivered(city)
    with pytest.raises(Refused) as caught:
        actions.move(petition.pk, "lapse_review", actor=city.officer, at=city.at + 2 * DAY)
    assert caught.value.code == "forbidden"


def test_the_review_opinion_sets_the_term_to_decide_anew(city: City) -> None:
    row = decided(city, outcome="revoke", term=40)
    clock = Clock.objects.get(petition=row.petition_id, policy__key="V02_redo")
    assert (clock.extended, clock.unit) == (25, city.housing)
    short = decided(city, outcome="revoke", term=15)
    assert Clock.objects.get(petition=short.petition_id, policy__key="V02_redo").extended == 0


def test_a_request_is_admitted_within_three_working_days_or_is_late(city: City) -> None:
    row = asked(city)
    clock = Clock.objects.get(petition=row.petition_id, policy__key="V01_admit")
    assert clock.unit == city.district
    reviews.admit(
        row.petition_id,
        investigators=[city.district_reviewer, city.district_second],
        actor=city.district_reviewer,
        at=clock.due_at + DAY,
    )
    clock.refresh_from_db()
    assert clock.breached_at == clock.due_at


@pytest.mark.parametrize("name", ["settle", "end_without_successor"])
def test_the_other_ends_close_the_matter_its_orders_and_clocks(city: City, name: str) -> None:
    order = make_order(city)
    words: dict[str, Any] = {"settle": {"agreement": "已赔付", "performed_on": city.at.date()}}.get(
        name, {"reason": "申请人死亡，无继承人"}
    )
    done = getattr(actions, name)(order.petition_id, **words, actor=city.officer, at=city.at + DAY)
    order.refresh_from_db()
    assert (done.state, done.is_open, order.is_open) == ("closed", False, False)
    assert done.end_label
    assert not Clock.objects.filter(petition=done, state__in=["running", "paused"]).exists()


def test_an_agreement_not_yet_performed_ends_nothing(city: City) -> None:
    order = make_order(city)
    with pytest.raises(Refused) as caught:
        actions.settle(
            order.petition_id,
            agreement="下月赔付",
            performed_on=(city.at + 30 * DAY).date(),
            actor=city.officer,
            at=city.at,
        )
    assert caught.value.field == "performed_on"


def test_only_the_office_above_certifies(city: City) -> None:
    petition = delivered(city)
    late = {"reason": "已核查", "at": city.at + 2 * DAY}
    with pytest.raises(Refused) as caught:
        actions.certify(petition.pk, actor=city.leader, **late)
    assert caught.value.code in {"forbidden", "not_above"}
    with pytest.raises(Refused) as caught:
        actions.certify(petition.pk, actor=city.officer, **late)
    assert caught.value.code == "right_open"
    upkeep.lapse(at=city.at + 60 * DAY)
    done = actions.certify(petition.pk, reason="已核查", actor=city.officer, at=city.at + 60 * DAY)
    assert (done.end_way, done.is_terminated, done.state) == ("certified", True, "closed")


def test_whoever_must_act_is_told_and_no_notice_holds_case_text(city: City) -> None:
    row = admitted(city)
    hearings.ask(row.petition_id, subject="责任认定", actor=citizen(row.petition_id), at=city.at + 2 * DAY)
    held(city, row.petition)
    told = set(Notice.objects.filter(channel="inapp").values_list("recipient__username", "kind"))
    assert {
        ("district_reviewer", "review_asked"),
        ("district_second", "review_named"),
        ("district_reviewer", "hearing_asked"),
        ("conference_officer", "hearing_set"),
        ("leader", "hearing_set"),
    } <= told
    assert not [n for n in Notice.objects.all() if "责任认定" in str(n.params)]


def test_the_same_matter_after_its_end_proposes_no_longer_accepted(city: City) -> None:
    ended = rereviewed(city)
    again = make_petition(city, repeat_of=ended, at=city.at + 20 * DAY)
    found = options(city.officer, again, [], is_rated=False)
    step = next_step(again, [], found, is_rated=False)
    assert step is not None and step.step.name == "no_longer_accept"
    page = enter(city.officer).get(f"/petitions/{again.pk}/do/no_longer_accept/").content.decode()
    assert ended.number in page


def test_documents_follow_the_steps_and_their_delivery_moves_the_case(city: City) -> None:
    row = decided(city, outcome="change")
    kinds = set(Document.objects.filter(petition=row.petition_id).values_list("kind", flat=True))
    assert {"review_acceptance", "review_opinion"} <= kinds


PAGES = ("/reviews/", "/hearings/")


@pytest.mark.parametrize("page", PAGES)
def test_lists_open_for_who_may_read_and_are_closed_to_others(city: City, page: str) -> None:
    for who in (city.officer, city.district_reviewer, city.leader, city.inspector, city.conference_officer):
        assert enter(who).get(page).status_code == 200
    assert enter(city.agent).get(page).status_code == 403
    assert enter(city.admin).get(page).status_code == 403


@pytest.mark.parametrize("tab", ["mine", "open", "deliver", "ended"])
def test_every_tab_of_reviews_opens(city: City, tab: str) -> None:
    rereviewed(city)
    assert enter(city.officer).get(f"/reviews/?tab={tab}").status_code == 200


def test_the_list_of_reviews_costs_the_same_with_one_row_and_with_three(city: City) -> None:
    client, counts = enter(city.officer), []
    for _more in range(2):
        asked(city)
        if counts:
            asked(city)
        client.get("/reviews/?tab=open")
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get("/reviews/?tab=open")
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_list_of_hearings_costs_the_same_with_one_row_and_with_three(city: City) -> None:
    client, counts = enter(city.officer), []
    for _more in range(2):
        held(city, admitted(city).petition)
        if counts:
            held(city, admitted(city).petition)
        client.get("/hearings/?tab=set")
        with CaptureQueriesContext(connection) as captured:
            client.get("/hearings/?tab=set")
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_one_review_reads_whole_for_its_investigators_and_is_404_for_outsiders(city: City) -> None:
    row = decided(city, outcome="change")
    page = enter(city.district_reviewer).get(f"/reviews/{row.pk}/").content.decode()
    assert row.request in page and row.new_opinion in page
    for who in (city.outsider, city.outside_leader, city.reviewer, city.handler, city.agent):
        assert enter(who).get(f"/reviews/{row.pk}/").status_code == 404


def test_one_hearing_from_date_to_published_result(city: City) -> None:
    row = held(city, admitted(city).petition)
    client = enter(city.district_reviewer)
    assert "陈律师" in client.get(f"/hearings/{row.pk}/").content.decode()
    sat(city, row)
    turn = {"phase": "statement", "member": "", "text": "电梯停运两月"}
    assert client.post(f"/hearings/{row.pk}/turn/", turn).status_code == 302
    assert client.post(f"/hearings/{row.pk}/turn/", {"phase": "statement"}).status_code == 422
    concluded(city, row)
    assert "电梯停运两月" in client.get(f"/hearings/{row.pk}/").content.decode()
    url = f"/hearings/{row.pk}/publish/"
    assert client.get(url).status_code == 200
    assert client.post(url, {"text": "周小琴一案已听证", "confirmed": "on"}).status_code == 422
    assert client.post(url, {"text": "事实清楚。", "confirmed": "on"}).status_code == 302
    for who in (city.outsider, city.reviewer, city.agent):
        for path in (f"/hearings/{row.pk}/", url):
            assert enter(who).get(path).status_code == 404


def test_the_sides_read_neither_deliberation_nor_votes_nor_report(city: City) -> None:
    from petitions.documents.papers import HEARING_RECORD

    row = held(city, admitted(city).petition)
    sat(city, row)
    said = {"phase": "deliberation", "text": "陈律师认为应当撤销", "actor": city.district_reviewer}
    hearings.take_down(row.petition_id, at=row.held_at, **said)
    votes = {m.pk: "for" for m in row.members.filter(part__in=["chair", "panel"])}
    report = {"conclusion": "事实清楚。", "report": "争议焦点为费用分担", "votes": votes}
    hearings.conclude(row.petition_id, **report, actor=city.district_reviewer, at=row.held_at + timedelta(hours=2))
    inner = ("应当撤销", "争议焦点为费用分担", "· 同意")
    for who in (city.officer, city.district_officer, city.district_reviewer, city.conference_officer, city.inspector):
        page = enter(who).get(f"/hearings/{row.pk}/").content.decode()
        assert all(words in page for words in inner), who
    page = enter(city.leader).get(f"/hearings/{row.pk}/").content.decode()
    assert "事实清楚。" in page and not any(words in page for words in inner)
    assert HEARING_RECORD.fill is not None
    assert "应当撤销" not in HEARING_RECORD.fill(row.petition, city.officer)["course"]


def test_the_procedure_of_a_case_is_a_chain_of_dated_stations(city: City) -> None:
    petition = rereviewed(city)
    page = enter(city.officer).get(f"/petitions/{petition.pk}/?tab=procedure").content.decode()
    for words in ("处理意见送达", "复查", "复核", "复核终结"):
        assert words in page


def test_steps_at_the_counter_keep_what_was_typed_when_refused(city: City) -> None:
    petition = delivered(city, at=city.at - 60 * DAY)
    page = enter(city.officer).post(
        f"/petitions/{petition.pk}/do/ask_review/", {"request": "请求撤销", "version": petition.version}
    )
    assert page.status_code == 422
    assert "请求撤销" in page.content.decode()
    assert Petition.objects.get(pk=petition.pk).state == "replied"
