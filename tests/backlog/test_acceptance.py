"""Acceptance and strike-off: what each step refuses, who takes it, which clock it moves, who is told."""

from datetime import timedelta

import pytest

from backlog.actions import acceptance, command, matter, renewals, watching
from backlog.counts import Scope, cases
from backlog.models import Assessment, BacklogCase, Renewal
from backlog.states import CaseState
from dispatch.clocks import city_day
from dispatch.models import Clock, Notice, Policy
from petitions.actions import repeats
from petitions.models import Petition
from petitions.states import Refused
from tests.backlog.commanding import (
    application,
    applied,
    certified,
    checked,
    led,
    listed,
    paper,
    renewed,
    second_official,
    signed,
    struck_off,
)
from tests.city import City, make_petition

pytestmark = pytest.mark.django_db
SUM = "三百户全部办证，信访人书面认可。"


def state_of(case: BacklogCase, key: str) -> str:
    row = Clock.objects.filter(subject="backlog", subject_id=case.pk, policy__key=key).order_by("-pk").first()
    return row.state if row is not None else ""


def apply(city: City, case: BacklogCase, **more: object) -> object:
    fields = {"application": application(), "text": SUM, "actor": city.leader, "at": city.at, **more}
    return acceptance.apply(case.pk, **fields)  # type: ignore[arg-type]


# ---- application ----


def test_acceptance_is_refused_until_all_five_renewals_are_done(city: City) -> None:
    case = renewed(city, stages=4)
    with pytest.raises(Refused) as refusal:
        apply(city, case)
    assert refusal.value.code == "incomplete"
    assert renewals.missing_stages(case)[0] in str(refusal.value)
    renewals.renew(
        case.pk, stage=5, done_on=city_day(city.at), text="再次上门，全部签约办证。", actor=city.leader, at=city.at
    )
    apply(city, case)


@pytest.mark.parametrize("field", ["demands", "facts", "legal_position", "sticking_point", "reasonableness", "outcome"])
def test_a_blank_on_the_file_is_named(city: City, field: str) -> None:
    case = renewed(city)
    Assessment.objects.filter(case=case).update(**{field: ""})
    with pytest.raises(Refused) as refusal:
        apply(city, case)
    labels = dict(pair for pairs in renewals.FILE_FIELDS.values() for pair in pairs)
    assert str(labels[field]) in str(refusal.value)


def test_an_open_task_is_named(city: City) -> None:
    case = renewed(city)
    command.give_task(
        case.pk, text="补充银行回单", unit=city.units["housing"], due_on=city_day(city.at) + timedelta(days=2),
        actor=city.district_officer, at=city.at,
    )  # fmt: skip
    with pytest.raises(Refused, match="补充银行回单"):
        apply(city, case)


@pytest.mark.parametrize("field", ["agreed_on", "performed_on"])
def test_an_agreement_must_be_signed_and_performed(city: City, field: str) -> None:
    case = renewed(city)
    Assessment.objects.filter(case=case).update(**{field: None})
    with pytest.raises(Refused):
        apply(city, case)


def test_a_legal_end_must_be_there(city: City) -> None:
    case = renewed(city)
    with pytest.raises(Refused):
        apply(city, case, application=application(basis="legal_end"))
    Petition.objects.filter(pk=case.petition_id).update(end_way="rereviewed", ended_at=city.at)
    apply(city, case, application=application(basis="legal_end"))


def test_an_explanation_needs_the_persons_own_word(city: City) -> None:
    case = renewed(city)
    with pytest.raises(Refused) as refusal:
        apply(city, case, application=application(basis="explained"))
    assert refusal.value.field == "files"
    apply(city, case, application=application(basis="explained"), uploads=[paper()])


@pytest.mark.parametrize("field", ["facts_clear", "basis_evidence", "help_evidence"])
def test_each_point_of_the_checklist_needs_its_evidence(city: City, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        apply(city, renewed(city), application=application(**{field: ""}))
    assert refusal.value.field == field


def test_nobody_is_asked_for_a_promise_not_to_petition() -> None:
    from backlog.forms.acceptance import ApplyForm, CertifyForm, CheckForm

    named = {name for form in (ApplyForm, CheckForm, CertifyForm) for name in form.base_fields}
    assert not {name for name in named if "promise" in name or "pledge" in name}


# ---- the way to the strike-off, and its clocks ----


def test_each_step_starts_the_next_clock_and_stops_its_own(city: City) -> None:
    case = applied(city)
    assert (state_of(case, "B_progress"), state_of(case, "B_sign")) == ("cancelled", "running")
    signed(city, case)
    assert (state_of(case, "B_sign"), state_of(case, "B_check")) == ("met", "running")
    checked(city, BacklogCase.objects.get(pk=case.pk))
    assert (state_of(case, "B_check"), state_of(case, "B_certify")) == ("met", "running")
    certified(city, BacklogCase.objects.get(pk=case.pk))
    assert (state_of(case, "B_certify"), state_of(case, "B_observation")) == ("met", "")
    case = struck_off(city, BacklogCase.objects.get(pk=case.pk))
    assert state_of(case, "B_observation") == "running"
    assert case.observe_until == city_day(city.at) + timedelta(days=180)


def test_who_must_act_next_is_told(city: City) -> None:
    case = applied(city)
    assert Notice.objects.filter(recipient=city.lead_official, kind="backlog_waits").exists()
    signed(city, case)
    assert Notice.objects.filter(recipient=city.district_officer, kind="backlog_waits").exists()
    assert not Notice.objects.filter(recipient=city.far_officer, kind="backlog_waits").exists()
    checked(city, BacklogCase.objects.get(pk=case.pk))
    assert Notice.objects.filter(recipient=city.conference_officer, kind="backlog_waits").exists()


def test_only_the_lead_official_signs(city: City) -> None:
    case, helper = applied(city), second_official(city)
    command.assist(case.pk, add=[helper], actor=city.district_officer, at=city.at)
    for who in (helper, city.district_officer, city.officer, city.leader):
        with pytest.raises(Refused):
            acceptance.sign(case.pk, actor=who, at=city.at)
    acceptance.sign(case.pk, actor=city.lead_official, at=city.at)


def test_the_district_cannot_pass_what_the_person_denies(city: City) -> None:
    with pytest.raises(Refused) as refusal:
        acceptance.check(
            signed(city).pk,
            called="denied",
            said="还没拿到证。",
            text="案卷齐全，凭证一致。",
            actor=city.district_officer,
            at=city.at,
        )
    assert refusal.value.field == "called"


def test_the_city_settles_it_in_the_way_it_counts(city: City) -> None:
    case = certified(city)
    assert (case.state, case.settled_at, case.way, case.is_open) == (CaseState.CERTIFIED, city.at, "policy", False)
    kinds = list(case.acceptance.values_list("kind", flat=True))
    assert kinds == ["apply", "sign", "check", "certify"]


BACKS = [
    (applied, "lead_official", "sign", "B_sign"),
    (applied, "district_officer", "sign", "B_sign"),
    (signed, "district_officer", "check", "B_check"),
    (checked, "conference_officer", "certify", "B_certify"),
    (checked, "officer", "certify", "B_certify"),
]


@pytest.mark.parametrize(("until", "who", "kind", "key"), BACKS)
def test_each_step_may_send_back_with_reasons(city: City, until: object, who: str, kind: str, key: str) -> None:
    case = until(city)  # type: ignore[operator]
    step = acceptance.send_back(case.pk, reason="缺银行回单。", actor=city.people[who], at=city.at)
    case.refresh_from_db()
    assert (case.state, step.kind, step.is_passed) == (CaseState.WORKING, kind, False)
    assert (state_of(case, key), state_of(case, "B_progress")) == ("cancelled", "running")
    assert Notice.objects.filter(recipient=city.leader, kind="backlog_sent_back").exists()
    # The five renewals stand: the unit mends what is missing and applies again.
    applied(city, case)


@pytest.mark.parametrize(
    ("until", "who"),
    [
        (signed, "lead_official"),
        (checked, "lead_official"),
        (applied, "leader"),
        (checked, "far_officer"),
        (signed, "conference_officer"),
    ],
)
def test_nobody_sends_back_at_anothers_step(city: City, until: object, who: str) -> None:
    case = until(city)  # type: ignore[operator]
    with pytest.raises(Refused):
        acceptance.send_back(case.pk, reason="缺银行回单。", actor=city.people[who], at=city.at)


# ---- four eyes ----


def certify(case: BacklogCase, who: object, city: City) -> None:
    acceptance.certify(case.pk, sample="file", way="policy", text="案卷齐全，抽查属实。", actor=who, at=city.at)  # type: ignore[arg-type]


def check(case: BacklogCase, who: object, city: City) -> None:
    words = {"called": "confirmed", "said": "信访人表示满意。", "text": "案卷齐全，凭证与清单一致。"}
    acceptance.check(case.pk, actor=who, at=city.at, **words)  # type: ignore[arg-type]


def test_who_applied_neither_checks_nor_certifies(city: City) -> None:
    from backlog.steps import CASE_STEPS

    case = renewed(city)
    apply(city, case, actor=city.officer)
    signed(city, BacklogCase.objects.get(pk=case.pk))
    case.refresh_from_db()
    assert not CASE_STEPS["check"].fits(city.officer, case)
    with pytest.raises(Refused) as refusal:
        check(case, city.officer, city)
    assert refusal.value.code == "same_person"
    case = checked(city, case)
    with pytest.raises(Refused) as refusal:
        certify(case, city.officer, city)
    assert refusal.value.code == "same_person"
    certify(case, city.conference_officer, city)


def test_who_checked_does_not_certify(city: City) -> None:
    case = signed(city)
    check(case, city.officer, city)
    with pytest.raises(Refused) as refusal:
        certify(case, city.officer, city)
    assert refusal.value.code == "same_person"


def test_a_head_who_leads_the_case_does_not_sign_their_own_application(city: City) -> None:
    city.leader.is_head = True
    city.leader.save()
    case = command.lead(listed(city).pk, official=city.leader, actor=city.district_officer, at=city.at)
    case = applied(city, renewed(city, case))
    with pytest.raises(Refused) as refusal:
        acceptance.sign(case.pk, actor=city.leader, at=city.at)
    assert refusal.value.code == "same_person"


# ---- observation and rebound ----


def test_the_observation_is_as_long_as_the_rule_or_as_said(city: City) -> None:
    Policy.objects.filter(key="B_observation").update(length=90)
    from dispatch.actions.clocks import forget_cached_rules

    forget_cached_rules()
    case = struck_off(city)
    assert case.observe_until == city_day(city.at) + timedelta(days=90)
    with pytest.raises(Refused) as refusal:
        watching.strike_off(certified(city).pk, days=7, actor=city.officer, at=city.at)
    assert refusal.value.field == "days"


def test_the_observation_ends_on_its_day_and_once(city: City) -> None:
    case = struck_off(city)
    with pytest.raises(Refused) as refusal:
        watching.observe(case.pk, text="未再信访。", actor=city.district_officer, at=city.at + timedelta(days=179))
    assert refusal.value.code == "early"
    at = city.at + timedelta(days=180)
    assert list(watching.due_to_end(at)) == [case]
    watching.observe(case.pk, text="未再信访。", actor=city.district_officer, at=at)
    assert state_of(case, "B_observation") == "met"
    with pytest.raises(Refused):
        watching.observe(case.pk, text="未再信访。", actor=city.district_officer, at=at)


def test_there_are_two_weeks_in_which_to_end_the_observation(city: City) -> None:
    case = struck_off(city)
    clock = Clock.objects.get(subject="backlog", subject_id=case.pk, policy__key="B_observation")
    assert clock.due_at is not None and case.observe_until is not None
    assert city_day(clock.due_at) == case.observe_until + timedelta(days=14)


def test_a_repeat_is_registered_though_the_rebound_was_recorded_a_moment_before(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = struck_off(city)
    lock = watching.moves.lock

    def late(case_id: int) -> BacklogCase:
        monkeypatch.setattr(watching.moves, "lock", lock)
        watching.rebound(case.pk, reason="新增六户漏水，开发商拒修。", actor=city.district_officer, at=city.at)
        return lock(case_id)

    monkeypatch.setattr(watching.moves, "lock", late)
    again = raise_again(city, case)
    case.refresh_from_db()
    assert (again.repeat_of, case.state) == (case.petition, CaseState.REBOUNDED)
    assert not case.events.filter(move="raised_again").exists()


def raise_again(city: City, case: BacklogCase, days: int = 30) -> Petition:
    return make_petition(city, at=city.at + timedelta(days=days), repeat_of=case.petition)


@pytest.mark.parametrize("until", [certified, struck_off])
def test_a_repeat_of_a_settled_matter_is_proposed_as_a_rebound(city: City, until: object) -> None:
    case = until(city)  # type: ignore[operator]
    again = raise_again(city, case)
    case.refresh_from_db()
    assert case.state == until(city).state  # type: ignore[operator]
    assert [row.data["petition"] for row in watching.proposals(case)] == [again.pk]
    assert Notice.objects.filter(recipient=city.district_officer, kind="backlog_rebounded").exists()


def test_a_repeat_marked_later_is_proposed_too(city: City) -> None:
    case = struck_off(city)
    again = make_petition(city, at=city.at + timedelta(days=3))
    repeats.mark_repeat(again.pk, of=case.petition, actor=city.officer, at=city.at + timedelta(days=4))
    assert len(watching.proposals(case)) == 1


def test_a_repeat_of_a_repeat_belongs_to_the_matter(city: City) -> None:
    case = struck_off(city)
    first = raise_again(city, case)
    make_petition(city, at=city.at + timedelta(days=40), repeat_of=first)
    assert len(watching.proposals(case)) == 2


@pytest.mark.parametrize("until", [applied, led])
def test_a_repeat_of_a_matter_at_work_is_no_rebound(city: City, until: object) -> None:
    case = until(city)  # type: ignore[operator]
    raise_again(city, case)
    assert watching.proposals(case) == []


def test_a_repeat_after_the_observation_is_a_matter_of_its_own(city: City) -> None:
    case = struck_off(city)
    watching.observe(case.pk, text="未再信访。", actor=city.district_officer, at=city.at + timedelta(days=180))
    raise_again(city, case, days=200)
    assert watching.proposals(case) == []
    with pytest.raises(Refused) as refusal:
        watching.rebound(case.pk, reason="又来信反映漏水。", actor=city.officer, at=city.at + timedelta(days=201))
    assert refusal.value.code == "observed"


def test_the_observation_waits_for_the_decision_on_a_proposal(city: City) -> None:
    case = struck_off(city)
    again = raise_again(city, case)
    at = city.at + timedelta(days=181)
    with pytest.raises(Refused) as refusal:
        watching.observe(case.pk, text="未再信访。", actor=city.district_officer, at=at)
    assert refusal.value.code == "proposed"
    watching.no_rebound(case.pk, petition=again, reason="同一事实，已答复。", actor=city.district_officer, at=at)
    assert watching.proposals(case) == []
    watching.observe(case.pk, text="仅重复来信一次。", actor=city.district_officer, at=at)


def test_a_rebound_counts_in_the_stock_and_begins_a_new_round(city: City) -> None:
    case = struck_off(city)
    assert cases(Scope.now(city.at + timedelta(days=30)))[()]["renewed"] == 1
    again = raise_again(city, case)
    case = watching.rebound(
        case.pk,
        petition=again,
        reason="新增六户漏水，开发商拒修。",
        actor=city.district_officer,
        at=city.at + timedelta(days=31),
    )
    assert (case.state, case.is_open, case.rebounds, case.settled_at) == (CaseState.REBOUNDED, True, 1, None)
    assert state_of(case, "B_observation") == "cancelled"
    assert case.links.filter(petition=again).exists()
    # Counted as every other link counts it, and nobody may leave it lying.
    assert case.times == matter.figures_of(matter.petitions_of(case)).times
    assert state_of(case, "B_relist") == "running"
    assert Petition.objects.visible_to(city.lead_official).filter(pk=again.pk).exists()
    case = watching.relist(case.pk, actor=city.conference_officer, at=city.at + timedelta(days=32))
    assert (case.state, case.round) == (CaseState.LISTED, 2)
    assert (state_of(case, "B_progress"), state_of(case, "B_relist")) == ("running", "met")
    assert len(renewals.missing_stages(case)) == 5
    assert cases(Scope.now(city.at + timedelta(days=33)))[()]["renewed"] == 0
    assert Renewal.objects.filter(case=case, round=1).count() == 5


def test_a_rebound_needs_a_petition_the_person_may_read(city: City) -> None:
    case = struck_off(city)
    secret = make_petition(city)
    Petition.objects.filter(pk=secret.pk).update(is_restricted=True)
    secret.refresh_from_db()
    with pytest.raises(Refused) as refusal:
        watching.rebound(case.pk, petition=secret, reason="又来信反映。", actor=city.district_officer, at=city.at)
    assert refusal.value.field == "petition"


# ---- legal end ----


def test_the_legal_end_rests_on_a_re_review_or_a_document(city: City) -> None:
    case = renewed(city, stages=2)
    words = {"text": "经市政府复核，意见书甬信复核〔2026〕3号。", "actor": city.officer, "at": city.at}
    with pytest.raises(Refused) as refusal:
        watching.end_legally(case.pk, **words)
    assert refusal.value.field == "files"
    Petition.objects.filter(pk=case.petition_id).update(end_way="rereviewed", ended_at=city.at)
    ended = watching.end_legally(case.pk, **words)
    assert (ended.state, ended.way, ended.settled_at) == (CaseState.ENDED, "review", city.at)
    assert state_of(case, "B_progress") == "cancelled"


def test_a_judgement_is_attached_and_open_tasks_fall_with_the_case(city: City) -> None:
    case = renewed(city, stages=2)
    task = command.give_task(
        case.pk, text="再谈一次", unit=city.units["housing"], due_on=city_day(city.at) + timedelta(days=2),
        actor=city.district_officer, at=city.at,
    )  # fmt: skip
    ended = watching.end_legally(
        case.pk,
        way="judicial",
        text="法院终审判决，（2026）浙02行终3号。",
        uploads=[paper("判决书.pdf")],
        actor=city.officer,
        at=city.at,
    )
    task.refresh_from_db()
    assert task.state == "dropped"
    assert ended.events.get(move="end_legally").document is not None
