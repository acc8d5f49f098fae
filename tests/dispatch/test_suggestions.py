"""The three suggestions: whom each may be addressed to, the written answer, what came of it."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Unit
from dispatch.actions import suggestions
from dispatch.models import Clock, Notice, Suggestion
from dispatch.supervision import SUGGESTION_MOVES, SuggestionKind
from petitions.states import Refused
from tests.city import City, make_petition

WORDS = {
    "issue": "老旧小区电梯维修资金使用难",
    "evidence": "今年以来同类信访件十二件，均因维修资金启动程序过长而逾期。",
    "proposal": "建议简化应急维修资金的启动程序，三日内完成审批。",
}
REASONS = "已修订应急维修资金使用办法，自下月起施行。"


def make(city: City, **changes: Any) -> Suggestion:
    fields = {
        "kind": SuggestionKind.IMPROVE_WORK,
        "addressee": city.housing,
        "actor": city.officer,
        "at": city.at,
        **WORDS,
        **changes,
    }
    return suggestions.issue(**fields)


def told(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind, channel="inapp").values_list("recipient__username", flat=True))


def test_it_is_numbered_told_and_due_in_thirty_days(city: City) -> None:
    row = make(city, petitions=[make_petition(city)])
    assert row.number == "甬信建〔2026〕1号"
    assert told("suggested") == {"leader"}
    clock = Clock.objects.get(subject="suggestion", subject_id=row.pk)
    assert (clock.policy.key, clock.unit, clock.asker) == ("D12_suggestion", city.housing, city.officer)
    assert clock.due_at.isoformat() == "2026-12-16T15:59:59+00:00"
    assert clock.policy.article == "信访工作条例 第四十条"


@pytest.mark.parametrize(
    ("kind", "addressees"),
    [
        ("improve_work", {"housing", "town", "district_office", "district"}),
        ("improve_policy", {"district"}),
        ("pursue_liability", {"district", "discipline"}),
    ],
)
def test_the_kind_decides_who_may_be_addressed(city: City, kind: str, addressees: set[str]) -> None:
    city.units["discipline"] = Unit.objects.create(
        code="NB-DISCIPLINE", name="市纪委监委", short_name="市纪委监委", kind="institution", duty="discipline",
        area=city.areas["330200"], parent=city.root, path="NB/NB-DISCIPLINE/",
    )  # fmt: skip
    for name in ("housing", "town", "district_office", "district", "hotline", "conference", "discipline"):
        if name in addressees or (kind == "improve_work" and name == "discipline"):
            assert make(city, kind=kind, addressee=city.units[name]).addressee == city.units[name]
        else:
            with pytest.raises(Refused) as refusal:
                make(city, kind=kind, addressee=city.units[name])
            assert refusal.value.field == "addressee"


def test_the_answer_stops_the_clock_and_tells_the_author(city: City) -> None:
    row = make(city)
    with pytest.raises(Refused) as refusal:
        suggestions.answer(row.pk, verdict="maybe", reasons=REASONS, actor=city.leader, at=city.at)
    assert refusal.value.field == "verdict"
    with pytest.raises(Refused):
        suggestions.answer(row.pk, verdict="rejected", reasons="不采纳", actor=city.leader, at=city.at)
    row = suggestions.answer(row.pk, verdict="adopted", reasons=REASONS, actor=city.leader, at=city.at)
    assert (row.state, row.verdict, row.answered_by) == ("answered", "adopted", city.leader)
    assert Clock.objects.get(subject="suggestion").state == "met"
    assert told("suggestion_answered") == {"officer"}
    with pytest.raises(Refused):
        suggestions.answer(row.pk, verdict="rejected", reasons=REASONS, actor=city.leader, at=city.at)


def test_a_late_answer_counts_as_late_and_still_as_an_answer(city: City) -> None:
    row = make(city)
    late = city.at + timedelta(days=40)
    assert suggestions.answer(row.pk, verdict="partly", reasons=REASONS, actor=city.leader, at=late).state == "answered"
    clock = Clock.objects.get(subject="suggestion")
    assert clock.breached_at == clock.due_at


def test_what_came_of_it_and_whether_it_is_public(city: City) -> None:
    row = make(city)
    with pytest.raises(Refused):
        suggestions.follow_up(row.pk, text="已落实", actor=city.officer, at=city.at)
    suggestions.answer(row.pk, verdict="adopted", reasons=REASONS, actor=city.leader, at=city.at)
    assert suggestions.follow_up(row.pk, text="办法已印发", actor=city.officer, at=city.at).follow_up == "办法已印发"
    assert suggestions.publish(row.pk, is_published=True, actor=city.officer, at=city.at).is_published
    assert [e.move for e in row.events.all()] == ["issue", "answer", "follow_up", "publish"]


def test_one_not_answered_can_be_taken_back(city: City) -> None:
    row = make(city)
    assert suggestions.withdraw(row.pk, reason="对象有误", actor=city.officer, at=city.at).state == "withdrawn"
    assert Clock.objects.get(subject="suggestion").state == "cancelled"
    assert told("suggestion_withdrawn") == {"leader"}


def test_who_makes_and_who_answers(city: City) -> None:
    for who in ("dispatcher", "conference_officer", "leader", "lead_official", "agent", "admin"):
        with pytest.raises(Refused):
            make(city, actor=city.people[who])
    with pytest.raises(Refused):
        make(city, actor=city.far_officer)
    row = make(city, actor=city.district_officer)
    for name in SUGGESTION_MOVES:
        for who in ("outside_leader", "handler", "far_officer", "reviewer", "admin"):
            with pytest.raises(Refused):
                suggestions.move(row.pk, name, actor=city.people[who], at=city.at)
    to_government = make(city, kind="improve_policy", addressee=city.district)
    done = suggestions.answer(
        to_government.pk, verdict="adopted", reasons=REASONS, actor=city.lead_official, at=city.at
    )
    assert done.answered_by == city.lead_official


def test_who_reads(city: City) -> None:
    row = make(city)
    seen = {
        name for name, user in city.people.items() if Suggestion.objects.visible_to(user).filter(pk=row.pk).exists()
    }
    assert seen == {
        "officer", "district_officer", "conference_officer", "inspector", "leader", "handler", "colleague",
        "lead_official",
    }  # fmt: skip


def test_one_that_rests_on_an_accusation_follows_it_and_never_goes_to_the_line_complained_of(city: City) -> None:
    secret = make_petition(city, purpose="JK", sensitivity="accusation", respondent_unit=city.enforcement)
    for addressee in (city.enforcement, city.district):
        with pytest.raises(Refused):
            make(city, addressee=addressee, petitions=[secret])
    with pytest.raises(Refused):
        make(city, petitions=[secret], actor=city.district_officer)
    row = make(city, addressee=city.housing, petitions=[secret])
    for who in ("leader", "district_officer", "inspector", "conference_officer"):
        assert not Suggestion.objects.visible_to(city.people[who]).filter(pk=row.pk).exists(), who
    assert Suggestion.objects.visible_to(city.officer).filter(pk=row.pk).exists()
