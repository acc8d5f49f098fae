"""How a matter comes onto the list, what may stand on a file, and who is told."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from backlog.actions import nominate, writing
from backlog.actions.matter import figures_of
from backlog.models import BacklogCase, CaseEvent
from backlog.states import CaseState, Source
from dispatch.models import Clock, Notice
from petitions import actions as petitions
from petitions.actions import Person, repeats
from petitions.models import Petition
from petitions.states import Refused
from tests.backlog.cases import force, make_case
from tests.city import City, draft, make_order, make_petition
from tests.dispatch.test_views_case import enter

pytestmark = pytest.mark.django_db
REASON = "多次协调未果，补偿标准争议至今未解决。"
TITLE = "南门街道电梯停运问题"


def propose(city: City, petition: Petition, **given: object) -> BacklogCase:
    fields = {"title": TITLE, "reason": REASON, "actor": city.officer, "at": city.at, **given}
    return nominate.nominate(petition.pk, **fields)  # type: ignore[arg-type]


def accept(city: City, case: BacklogCase, **given: object) -> BacklogCase:
    fields = {
        "title": case.title,
        "district": city.areas["330203"],
        "lead_unit": city.housing,
        "target_on": date(2027, 5, 31),
        "actor": city.district_officer,
        "at": city.at,
        **given,
    }
    return nominate.accept(case.pk, **fields)  # type: ignore[arg-type]


def test_every_telling_of_the_matter_goes_onto_the_file(city: City) -> None:
    first = make_petition(city, petition_date=date(2023, 2, 1), headcount=7, affected_count=7)
    again = make_petition(city, at=city.at + timedelta(hours=1))
    repeats.mark_repeat(again.pk, of=first, actor=city.officer, at=city.at + timedelta(hours=2))
    case = propose(city, again, at=city.at + timedelta(hours=3))
    assert {link.petition_id for link in case.links.all()} == {first.pk, again.pk}
    assert (case.since, case.people, case.times) == (date(2023, 2, 1), 7, 2)
    assert case.state == CaseState.NOMINATED
    assert case.number.endswith("〔2026〕1号")


def test_the_district_is_told_once(city: City) -> None:
    propose(city, make_petition(city))
    told = Notice.objects.filter(kind="backlog_nominated", channel="inapp")
    assert [notice.recipient for notice in told] == [city.district_officer]


def test_a_title_with_a_petitioners_name_is_refused(city: City) -> None:
    with pytest.raises(Refused) as refused:
        propose(city, make_petition(city), title="周小琴电梯停运问题")
    assert refused.value.field == "title"
    assert not BacklogCase.objects.exists()


def test_an_accusation_is_never_on_a_file(city: City) -> None:
    accused = make_petition(city, purpose="JK")
    assert accused.is_restricted
    with pytest.raises(Refused) as refused:
        propose(city, accused)
    assert refused.value.code == "restricted"
    case = make_case(city)
    with pytest.raises(Refused):
        writing.link(case.pk, petition=accused, actor=city.officer, at=city.at)


def test_a_petition_is_on_one_living_file(city: City) -> None:
    petition = make_petition(city)
    case = propose(city, petition)
    with pytest.raises(Refused) as refused:
        propose(city, petition)
    assert case.number in str(refused.value)
    nominate.decline(case.pk, reason="正在按正常程序办理，不列入。", actor=city.district_officer, at=city.at)
    assert propose(city, petition).pk != case.pk


def test_hand_nomination_wants_a_reason(city: City) -> None:
    with pytest.raises(Refused) as refused:
        propose(city, make_petition(city), reason="久")
    assert refused.value.field == "reason"


def test_who_does_not_handle_it_cannot_propose_it(city: City) -> None:
    petition = make_order(city).petition
    assert propose(city, petition, actor=city.leader).nominated_by == city.leader
    for other in (city.handler, city.outside_leader, city.agent, city.inspector):
        with pytest.raises(Refused):
            propose(city, make_petition(city), actor=other)


def test_taken_up_it_counts_as_stock_and_its_report_has_a_clock(city: City) -> None:
    case = propose(city, make_order(city).petition, actor=city.leader)
    case = accept(city, case, force=force(), assisting=[city.enforcement])
    assert case.is_open
    assert case.listed_at == city.at
    assert list(case.assisting.all()) == [city.enforcement]
    clock = Clock.objects.get(subject="backlog", subject_id=case.pk)
    assert (clock.policy.key, clock.unit) == ("B_progress", city.housing)
    case.refresh_from_db()
    assert (case.next_due_at, case.next_due_key) == (clock.due_at, "B_progress")
    told = set(
        Notice.objects.filter(kind="backlog_taken_up", channel="inapp").values_list("recipient__username", flat=True)
    )
    assert set(told) == {"leader", "handler", "colleague"}


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("target_on", {"target_on": date(2026, 11, 16)}),
        ("target_on", {"target_on": date(2036, 1, 1)}),
        ("title", {"title": "周小琴的问题"}),
    ],
)
def test_taking_up_says_which_field_is_at_fault(city: City, field: str, given: dict[str, object]) -> None:
    case = propose(city, make_petition(city))
    with pytest.raises(Refused) as refused:
        accept(city, case, **given)
    assert refused.value.field == field
    case.refresh_from_db()
    assert case.state == CaseState.NOMINATED


def test_a_district_does_not_give_its_case_to_another(city: City) -> None:
    case = propose(city, make_petition(city))
    with pytest.raises(Refused):
        accept(city, case, district=city.areas["330225"])
    assert accept(city, case, district=city.areas["330225"], actor=city.officer).district == city.areas["330225"]


def test_the_other_district_cannot_take_it_up(city: City) -> None:
    case = propose(city, make_petition(city))
    with pytest.raises(Refused) as refused:
        accept(city, case, actor=city.far_officer)
    assert refused.value.code == "forbidden"


def test_not_taken_up_whoever_proposed_it_is_told(city: City) -> None:
    case = propose(city, make_order(city).petition, actor=city.leader)
    nominate.decline(case.pk, reason="正在按正常程序办理，不列入。", actor=city.conference_officer, at=city.at)
    told = Notice.objects.get(kind="backlog_declined", channel="inapp")
    assert told.recipient == city.leader


def test_link_and_unlink_count_anew(city: City) -> None:
    case = make_case(city)
    other = make_petition(city, petition_date=date(2021, 5, 6), headcount=30, affected_count=30)
    case = writing.link(case.pk, petition=other, actor=city.officer, at=city.at)
    assert (case.since, case.people, case.times) == (date(2021, 5, 6), 30, 2)
    with pytest.raises(Refused):
        writing.link(case.pk, petition=other, actor=city.officer, at=city.at)
    case = writing.unlink(case.pk, petition=other, reason="另一事项", actor=city.officer, at=city.at)
    assert (case.people, case.times) == (1, 1)
    with pytest.raises(Refused):
        writing.unlink(case.pk, petition=case.petition, reason="另一事项", actor=city.officer, at=city.at)


def test_a_title_never_comes_to_name_who_signed_a_linked_petition(city: City) -> None:
    case = make_case(city, title="王大锤宅基地纠纷")
    signed = make_petition(city, person=Person(name="王大锤", phone="13900000001"))
    with pytest.raises(Refused) as refused:
        writing.link(case.pk, petition=signed, actor=city.officer, at=city.at)
    assert refused.value.field == "petition"


def test_a_repeat_joins_the_file_by_itself(city: City) -> None:
    case = propose(city, make_petition(city))
    again = make_petition(city, at=city.at + timedelta(days=1))
    repeats.mark_repeat(again.pk, of=case.petition, actor=city.officer, at=city.at + timedelta(days=1))
    case.refresh_from_db()
    assert case.times == 2
    assert CaseEvent.objects.get(case=case, move="link").data["petition"] == again.pk


def test_a_settled_case_takes_no_repeat_by_itself(city: City) -> None:
    case = make_case(city, CaseState.STRUCK_OFF)
    again = make_petition(city, at=city.at + timedelta(days=1))
    repeats.mark_repeat(again.pk, of=case.petition, actor=city.officer, at=city.at + timedelta(days=1))
    assert case.links.count() == 1


def test_progress_ends_standing_still_and_begins_the_period_anew(city: City) -> None:
    case = accept(city, propose(city, make_petition(city)))
    later = city.at + timedelta(days=20)
    case = writing.progress(case.pk, text="已与开发商会商，约定下周现场核查。", actor=city.leader, at=later)
    assert case.progressed_at == later
    running = Clock.objects.get(subject="backlog", subject_id=case.pk, state="running")
    assert running.started_at == later


def test_a_late_report_is_late_once_and_the_next_period_runs(city: City) -> None:
    case = accept(city, propose(city, make_petition(city)))
    writing.progress(
        case.pk, text="已与开发商会商，约定下周现场核查。", actor=city.leader, at=city.at + timedelta(days=40)
    )
    clocks = list(Clock.objects.filter(subject="backlog", subject_id=case.pk).order_by("id"))
    assert [clock.state for clock in clocks] == ["met", "running"]
    assert clocks[0].breached_at is not None
    case.refresh_from_db()
    assert case.next_due_at == clocks[1].due_at


def test_the_file_keeps_what_stood_there_before(city: City) -> None:
    case = make_case(city)
    writing.assess(case.pk, values={"sticking_point": "补偿面积认定不一"}, actor=city.handler, at=city.at)
    writing.assess(case.pk, values={"sticking_point": "只差过渡费"}, actor=city.leader, at=city.at + timedelta(days=1))
    past = case.assessment.history.order_by("history_date")
    assert [(row.sticking_point, row.history_user) for row in past] == [
        ("补偿面积认定不一", city.handler),
        ("只差过渡费", city.leader),
    ]
    assert CaseEvent.objects.filter(case=case, move="assess").last().data == {"fields": ["sticking_point"]}
    with pytest.raises(Refused) as refused:
        writing.assess(case.pk, values={"sticking_point": "只差过渡费"}, actor=city.leader, at=city.at)
    assert refused.value.code == "same"


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("agreement", {"agreement": "好"}),
        ("agreed_on", {"agreed_on": date(2027, 1, 1)}),
        ("performed_on", {"agreed_on": date(2026, 11, 10), "performed_on": date(2026, 11, 9)}),
        ("performed_on", {"agreed_on": None, "performed_on": date(2026, 11, 9)}),
    ],
)
def test_an_agreement_that_cannot_be_is_refused(city: City, field: str, given: dict[str, object]) -> None:
    case = make_case(city)
    fields = {"agreement": "开发商十二月底前补齐过渡费。", "agreed_on": date(2026, 11, 1), **given}
    with pytest.raises(Refused) as refused:
        writing.agree(case.pk, actor=city.leader, at=city.at, **fields)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_placed_elsewhere_the_deadline_goes_with_the_case(city: City) -> None:
    case = accept(city, propose(city, make_petition(city)))
    due = Clock.objects.get(subject="backlog", subject_id=case.pk).due_at
    writing.place(
        case.pk,
        title=case.title,
        district=case.district,
        lead_unit=city.enforcement,
        target_on=case.target_on,
        actor=city.district_officer,
        at=city.at,
    )
    clock = Clock.objects.get(subject="backlog", subject_id=case.pk)
    assert (clock.unit, clock.due_at) == (city.enforcement, due)


def test_a_stale_page_is_refused(city: City) -> None:
    case = propose(city, make_petition(city))
    with pytest.raises(Refused) as refused:
        accept(city, case, version=case.version + 5)
    assert refused.value.code == "stale"


def test_people_are_the_largest_group_and_never_a_sum(city: City) -> None:
    groups = [make_petition(city, headcount=n, affected_count=n).pk for n in (5, 9)]
    assert figures_of(groups).people == 9


# ---- the pages ----


def test_a_petition_is_proposed_from_its_page(city: City) -> None:
    petition = make_petition(city)
    client = enter(city.officer)
    assert (
        reverse("backlog_nominate", args=[petition.pk])
        in client.get(reverse("petition", args=[petition.pk])).content.decode()
    )
    page = client.get(reverse("backlog_nominate", args=[petition.pk]))
    assert page.context["form"].initial["title"] == petition.summary
    sent = {"title": "周小琴电梯", "source": Source.HAND, "reason": REASON}
    refused = client.post(reverse("backlog_nominate", args=[petition.pk]), sent)
    assert refused.status_code == 422
    assert REASON in refused.content.decode()
    client.post(reverse("backlog_nominate", args=[petition.pk]), {**sent, "title": TITLE})
    case = BacklogCase.objects.get()
    assert case.number in client.get(reverse("petition", args=[petition.pk])).content.decode()
    assert client.get(reverse("backlog_nominate", args=[petition.pk])).status_code == 302


def test_every_step_of_the_file_is_taken_through_its_page(city: City) -> None:
    case = propose(city, make_petition(city))
    other = make_petition(city)
    client = enter(city.district_officer)

    def act(name: str, **data: object) -> None:
        address = reverse("backlog_act", args=[case.pk, name])
        assert client.get(address).status_code == 200, name
        case.refresh_from_db()
        answer = client.post(address, {"version": case.version, **data})
        assert answer.status_code == 302, answer.context["form"].errors

    where = {"title": TITLE, "district": case.district_id, "lead_unit": "海曙区住建局", "target_on": "2027-12-31"}
    act("accept", **where, assisting="海曙区综合执法局")
    act("progress", text="已与开发商会商，约定下周现场核查。")
    act("assess", sticking_point="补偿面积认定不一", reasonableness="partly")
    act("agree", agreement="开发商十二月底前补齐过渡费。")
    act("link", number=other.short_number)
    act("unlink", petition=other.pk, reason="另一事项")
    act("place", **{**where, "lead_unit": "330203-ENFORCEMENT"})
    case.refresh_from_db()
    assert case.lead_unit == city.enforcement
    page = client.get(reverse("backlog_case", args=[case.pk])).content.decode()
    assert "补偿面积认定不一" in page
    assert "开发商十二月底前补齐过渡费。" in page


def test_same_people_are_suggested_for_the_file(city: City) -> None:
    case = make_case(city)
    other = make_petition(city)
    stranger = petitions.register(
        draft(city, person=Person(name="冯四", phone="13700000009")), actor=city.officer, at=city.at
    )
    page = enter(city.officer).get(reverse("backlog_act", args=[case.pk, "link"])).content.decode()
    assert other.short_number in page
    assert stranger.short_number not in page


def test_a_name_that_comes_with_a_repeat_leaves_the_title(city: City) -> None:
    case = propose(city, make_petition(city), title="王大锤宅基地纠纷调处")
    again = make_petition(city, at=city.at + timedelta(days=1), person=Person(name="王大锤", phone="13900000001"))
    repeats.mark_repeat(again.pk, of=case.petition, actor=city.officer, at=city.at + timedelta(days=1))
    case.refresh_from_db()
    assert (case.title, case.times) == ("宅基地纠纷调处", 2)


def test_words_of_a_petition_on_a_living_file_are_not_due(city: City) -> None:
    from django.db.models import Q

    from petitions.actions.erasing import STILL_NEEDED

    case = make_case(city)
    over = make_case(city, CaseState.ENDED)
    kept = Petition.objects.filter(Q(STILL_NEEDED[0]("pk")))
    assert case.petition in kept
    assert over.petition not in kept
