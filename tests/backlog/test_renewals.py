"""The five renewals: in order, each on its ground, once a round; and the hearing asked for from the case."""

from datetime import timedelta

import pytest

from backlog.actions import command, renewals
from backlog.models import Assessment, BacklogCase, Reception, ReceptionDay, Renewal
from backlog.states import CaseState, Stage
from dispatch.clocks import city_day
from dispatch.models import Clock
from petitions.models import Hearing
from petitions.states import Refused
from tests.backlog.commanding import fill, led, listed, paper, plan, renewed
from tests.city import City, make_order, make_petition

pytestmark = pytest.mark.django_db
TALK = "在社区会议室与信访人长谈，逐项核对诉求，其要求年底前办证，双方签字确认谈话记录。"


def renew(city: City, case: BacklogCase, stage: int, text: str = TALK, **more: object) -> Renewal:
    fields = {"done_on": city_day(city.at), "actor": city.leader, "at": city.at, **more}
    return renewals.renew(case.pk, stage=stage, text=text, **fields)  # type: ignore[arg-type]


def test_the_first_stage_takes_the_case_into_resolution(city: City) -> None:
    case = led(city)
    row = renew(city, case, 1)
    case.refresh_from_db()
    assert case.state == CaseState.WORKING
    assert case.progressed_at == city.at
    assert (row.by, row.round, row.done_on) == (city.leader, 1, city_day(city.at))


@pytest.mark.parametrize("lacks", ["leader", "unit"])
def test_responsibility_needs_a_lead_official_and_a_unit(city: City, lacks: str) -> None:
    case = listed(city) if lacks == "leader" else led(city, listed(city, lead_unit=None))
    with pytest.raises(Refused) as refusal:
        renew(city, case, 1, actor=city.district_officer)
    assert refusal.value.code == "stage_lacks"


def test_stages_go_in_order_and_once(city: City) -> None:
    case = led(city)
    with pytest.raises(Refused) as refusal:
        renew(city, case, 2)
    assert refusal.value.code == "stage_order"
    renew(city, case, 1)
    with pytest.raises(Refused) as refusal:
        renew(city, case, 1)
    assert refusal.value.code == "stage_order"


def test_the_reception_is_on_record_attached_or_written_down(city: City) -> None:
    case = led(city)
    renew(city, case, 1)
    with pytest.raises(Refused) as refusal:
        renew(city, case, 2, text="已经当面接待过信访人了。")
    assert refusal.value.field == "text"
    row = renew(city, case, 2, text="已经当面接待过信访人了。", uploads=[paper()])
    assert row.document is not None
    assert row.document.petition == case.petition


def test_a_reception_held_in_this_round_is_enough(city: City) -> None:
    case = led(city)
    renew(city, case, 1)
    day = ReceptionDay.objects.create(
        kind="hall", official=city.lead_official, area=city.areas["330203"], starts_at=city.at,
        ends_at=city.at + timedelta(hours=2), place="区社会治理中心", made_at=city.at,
    )  # fmt: skip
    Reception.objects.create(day=day, seq=1, case=case, matter="办证", at=city.at + timedelta(minutes=5))
    assert renew(city, case, 2, text="见当日接访记录，诉求未变。").stage == Stage.RECEPTION


def test_facts_plan_and_outcome_must_stand_on_the_file(city: City) -> None:
    case = led(city)
    renew(city, case, 1)
    renew(city, case, 2)
    with pytest.raises(Refused) as refusal:
        renew(city, case, 3)
    assert refusal.value.code == "stage_lacks"
    row = fill(case)
    renew(city, case, 3)
    with pytest.raises(Refused):
        renew(city, case, 4)
    plan(case, city.at)
    renew(city, case, 4)
    row.outcome = ""
    row.save()
    with pytest.raises(Refused):
        renew(city, case, 5)
    Assessment.objects.filter(case=case).update(outcome="已全部办证。")
    renew(city, case, 5)
    assert renewals.missing_stages(case) == []
    with pytest.raises(Refused) as refusal:
        renew(city, case, 5)
    assert refusal.value.code == "all_done"


@pytest.mark.parametrize("days", [-1, 1])
def test_a_day_before_the_stage_before_or_ahead_is_refused(city: City, days: int) -> None:
    case = led(city)
    renew(city, case, 1)
    with pytest.raises(Refused) as refusal:
        renew(city, case, 2, done_on=city_day(city.at) + timedelta(days=days))
    assert refusal.value.field == "done_on"


def test_a_renewal_starts_the_report_of_progress_anew(city: City) -> None:
    case = led(city)
    first = Clock.objects.get(subject="backlog", subject_id=case.pk, policy__key="B_progress").due_at
    renew(city, case, 1, at=city.at + timedelta(days=5))
    again = Clock.objects.get(subject="backlog", subject_id=case.pk, policy__key="B_progress", state="running").due_at
    assert again == first + timedelta(days=5)


def test_a_refused_stage_leaves_no_file_behind(city: City) -> None:
    case = led(city)
    with pytest.raises(Refused):
        renew(city, case, 2, uploads=[paper()])
    assert not case.petition.attachments.exists()


# ---- hearing ----


def test_a_hearing_is_asked_for_on_the_petition_and_stands_on_the_case(city: City) -> None:
    petition = make_order(city, petition=make_petition(city)).petition
    case = renewed(city, led(city, listed(city, petition=petition)), stages=1)
    made = renewals.hear(case.pk, petition=petition, subject="办证资金由谁承担", actor=city.leader, at=city.at)
    assert Hearing.objects.get() == made
    assert made.petition == petition
    assert case.events.get(move="hear").data["hearing"] == made.pk


def test_a_hearing_the_petition_refuses_changes_nothing_on_the_case(city: City) -> None:
    petition = make_order(city, petition=make_petition(city)).petition
    case = renewed(city, led(city, listed(city, petition=petition)), stages=1)
    words = {"petition": petition, "subject": "办证资金由谁承担", "actor": city.leader, "at": city.at}
    renewals.hear(case.pk, **words)
    with pytest.raises(Refused):
        renewals.hear(case.pk, **words)
    assert case.events.filter(move="hear").count() == 1


def test_a_petition_that_is_not_linked_is_not_heard_from_here(city: City) -> None:
    case = renewed(city, stages=1)
    with pytest.raises(Refused) as refusal:
        renewals.hear(case.pk, petition=make_petition(city), subject="办证", actor=city.leader, at=city.at)
    assert refusal.value.field == "petition"


def test_handing_over_keeps_the_renewals_done(city: City) -> None:
    from backlog.actions import handovers
    from tests.backlog.commanding import NOTE, second_official

    case = renewed(city, stages=2)
    handovers.hand_over(case.pk, to=second_official(city), note=NOTE, actor=city.district_officer, at=city.at)
    assert [row.stage for row in renewals.done_stages(case)] == [1, 2]
    assert command.open_tasks(case) == []
