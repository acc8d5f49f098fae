"""The entry criteria: whom each hits and in which words, who is left alone, who may change them."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from backlog import entry
from backlog.actions import entering, nominate
from backlog.models import BacklogCase, EntryRule
from backlog.reference.entry import load_entry_rules
from backlog.states import CaseState, Source
from backlog.tasks import find_backlog
from dispatch.models import Notice
from petitions.actions import Person, repeats
from petitions.models import Petition
from petitions.states import Refused
from tests.backlog.cases import make_case
from tests.city import City, make_petition
from tests.dispatch.test_views_case import enter

pytestmark = pytest.mark.django_db


@pytest.fixture
def rules(city: City) -> City:
    load_entry_rules(at=city.at)
    return city


def kinds(hits: list[dict[str, object]]) -> set[str]:
    return {str(hit["rule"]) for hit in hits}


def old(city: City, **given: object) -> Petition:
    return make_petition(city, petition_date=date(2024, 4, 1), **given)


def test_a_database_is_given_the_criteria_once(rules: City) -> None:
    assert EntryRule.objects.count() == len(entry.CRITERIA)
    EntryRule.objects.filter(kind="age").delete()
    assert load_entry_rules(at=rules.at) is None


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 11, 16), 24, date(2024, 11, 16)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 5), 1, date(2025, 12, 5)),
    ],
)
def test_months_are_counted_back_to_a_day_that_exists(day: date, months: int, expected: date) -> None:
    assert entry.months_before(day, months) == expected


def test_long_open_is_explained_in_words(rules: City) -> None:
    petition = old(rules)
    make_petition(rules, person=Person(name="冯四", phone="13700000009"))
    found = entry.candidates(rules.at)
    assert list(found) == [petition.pk]
    assert found[petition.pk] == [{"rule": "age", "value": 31, "threshold": 24}]
    with translation.override("en"):
        assert entry.sentences(found[petition.pk]) == ["open for 31 months, threshold 24"]


def test_each_criterion_hits_what_it_names(rules: City) -> None:
    at = rules.at
    EntryRule.objects.filter(kind="group").update(is_active=True)
    above = make_petition(rules, channel="superior", petition_date=date(2026, 4, 1))
    group = make_petition(rules, headcount=60, affected_count=60)
    late = make_petition(rules)
    Petition.objects.filter(pk=late.pk).update(next_due_at=at - timedelta(days=100))
    found = entry.candidates(at)
    assert {pk: kinds(hits) for pk, hits in found.items()} == {
        above.pk: {"superior"},
        group.pk: {"group"},
        late.pk: {"overdue"},
    }


def test_raised_again_after_a_review_counts_from_the_review(rules: City) -> None:
    first = make_petition(rules)
    Petition.objects.filter(pk=first.pk).update(review_level=1, is_open=False)
    tellings = [make_petition(rules, at=rules.at + timedelta(days=day)) for day in (1, 2)]
    repeats.mark_repeat(tellings[0].pk, of=first, actor=rules.officer, at=rules.at + timedelta(days=3))
    repeats.mark_repeat(tellings[1].pk, of=tellings[0], actor=rules.officer, at=rules.at + timedelta(days=3))
    found = entry.candidates(rules.at + timedelta(days=4))
    assert {"rule": "after_review", "value": 1, "threshold": 1} in found[tellings[0].pk]
    assert {"rule": "after_review", "value": 2, "threshold": 1} in found[tellings[1].pk]
    assert {"rule": "repeats", "value": 3, "threshold": 3} in found[tellings[1].pk]


def test_accusations_closed_ones_and_those_on_a_file_are_left_alone(rules: City) -> None:
    old(rules, purpose="JK")
    closed = old(rules)
    Petition.objects.filter(pk=closed.pk).update(is_open=False)
    make_case(rules, petition=old(rules))
    assert entry.candidates(rules.at) == {}


def test_the_finder_proposes_each_matter_once_and_tells_each_office_once(rules: City) -> None:
    first = old(rules, summary="周小琴反映电梯停运")
    again = old(rules, at=rules.at + timedelta(hours=1))
    repeats.mark_repeat(again.pk, of=first, actor=rules.officer, at=rules.at + timedelta(hours=2))
    other = old(rules, person=Person(name="冯四", phone="13700000009"))
    at = rules.at + timedelta(hours=3)
    assert entering.find(actor=rules.conference_officer, at=at) == entering.Found(2, 0)
    cases = list(BacklogCase.objects.order_by("pk"))
    assert [case.petition_id for case in cases] == [first.pk, other.pk]
    assert {case.source for case in cases} == {Source.RULE}
    assert "周小琴" not in cases[0].title
    told = Notice.objects.filter(kind="backlog_found", channel="inapp")
    assert {(n.recipient, n.params["count"]) for n in told} == {
        (rules.district_officer, 2),
        (rules.conference_officer, 2),
    }
    assert entering.find(actor=rules.conference_officer, at=at).proposed == 0


def test_a_run_takes_the_oldest_first_and_says_what_waits(rules: City) -> None:
    old(rules)
    older = make_petition(rules, petition_date=date(2020, 1, 1))
    assert entering.find(actor=rules.officer, at=rules.at, size=1) == entering.Found(1, 1)
    assert BacklogCase.objects.get().petition == older


def test_not_taken_up_it_comes_again_after_a_year_or_for_a_new_reason(rules: City) -> None:
    petition = old(rules)
    entering.find(actor=rules.officer, at=rules.at)
    case = BacklogCase.objects.get()
    nominate.decline(case.pk, reason="正在按正常程序办理，不列入。", actor=rules.officer, at=rules.at)
    assert entry.candidates(rules.at + timedelta(days=50)) == {}
    # By then it is overdue as well, which nobody knew at the refusal.
    assert list(entry.candidates(rules.at + timedelta(days=150))) == [petition.pk]
    EntryRule.objects.filter(kind="overdue").update(is_active=False)
    assert entry.candidates(rules.at + timedelta(days=150)) == {}
    assert list(entry.candidates(rules.at + timedelta(days=366))) == [petition.pk]


def test_a_refused_proposal_by_hand_is_not_repeated_by_the_same_rule(rules: City) -> None:
    petition = old(rules)
    case = nominate.nominate(
        petition.pk, title="电梯停运问题", reason="多次协调未果，至今未解决。", actor=rules.officer, at=rules.at
    )
    assert kinds(case.hits) == {"age"}
    nominate.decline(case.pk, reason="正在按正常程序办理，不列入。", actor=rules.officer, at=rules.at)
    assert entry.candidates(rules.at + timedelta(days=1)) == {}


def test_a_criterion_that_is_off_hits_nobody(rules: City) -> None:
    old(rules)
    entering.save_rules({"age": (24, False)}, actor=rules.officer, at=rules.at)
    assert entry.candidates(rules.at) == {}


def test_who_changed_what_and_why_is_kept(rules: City) -> None:
    changed = entering.save_rules(
        {"age": (12, True), "repeats": (3, True)}, actor=rules.conference_officer, at=rules.at, reason="年度清存量"
    )
    assert [rule.kind for rule in changed] == ["age"]
    last = EntryRule.history.filter(kind="age").order_by("-history_id").first()
    assert (last.threshold, last.history_user, last.history_change_reason) == (
        12,
        rules.conference_officer,
        "年度清存量",
    )


@pytest.mark.parametrize("threshold", [0, 10_000])
def test_a_threshold_out_of_range_names_its_field(rules: City, threshold: int) -> None:
    with pytest.raises(Refused) as refused:
        entering.save_rules({"age": (threshold, True)}, actor=rules.officer, at=rules.at)
    assert refused.value.field == "threshold_age"


def test_only_the_citys_offices_change_and_run_them(rules: City) -> None:
    for person in (rules.district_officer, rules.leader, rules.inspector):
        with pytest.raises(Refused):
            entering.save_rules({"age": (6, True)}, actor=person, at=rules.at)
        with pytest.raises(Refused):
            entering.find(actor=person, at=rules.at)
        assert enter(person).get(reverse("entry_rules")).status_code == 403
        assert enter(person).post(reverse("entry_find")).status_code == 403


def test_the_page_changes_them_and_searches(rules: City) -> None:
    old(rules)
    client = enter(rules.conference_officer)
    page = client.get(reverse("entry_rules"))
    sent = {f"threshold_{rule.kind}": rule.threshold for rule in EntryRule.objects.all()}
    sent |= {f"active_{rule.kind}": "on" for rule in EntryRule.objects.filter(is_active=True)}
    assert page.status_code == 200
    refused = client.post(reverse("entry_rules"), {**sent, "threshold_age": 0})
    assert refused.status_code == 422
    client.post(reverse("entry_rules"), {**sent, "threshold_age": 18})
    assert EntryRule.objects.get(kind="age").threshold == 18
    client.post(reverse("entry_find"))
    assert BacklogCase.objects.get().state == CaseState.NOMINATED


def test_every_night_the_finder_runs_by_itself(rules: City, settings: object) -> None:
    old(rules)
    find_backlog()
    assert BacklogCase.objects.count() == 1


def test_one_that_cannot_be_proposed_takes_nobodys_place(rules: City, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = make_petition(rules, petition_date=date(2020, 1, 1)), old(rules)
    take = entering.nominate

    def broken(pk: int, **given: object) -> BacklogCase:
        if pk == bad.pk:
            raise ValueError("unreadable")
        return take(pk, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(entering, "nominate", broken)
    assert entering.find(actor=rules.officer, at=rules.at, size=1) == entering.Found(1, 0)
    assert BacklogCase.objects.get().petition == good
