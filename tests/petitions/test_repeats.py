"""Repeat petitions: suspected by a score, decided by a person, numbered along the chain (domain-facts §1.11)."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from petitions import actions
from petitions.actions import Person
from petitions.actions.registration import Signer
from petitions.actions.repeats import chain_of
from petitions.actions.signers import add_signers
from petitions.filters import PetitionFilters
from petitions.likeness import SUSPECTED, Likeness, likeness
from petitions.models import Petition, Petitioner, RepeatSuggestion
from petitions.states import Refused
from petitions.suspicions import suspect
from tests.city import City, draft, make_petition

HOME = "南门街道某路1号"


def again(city: City, days: int = 30, **changes) -> Petition:
    return make_petition(city, at=city.at + timedelta(days=days), **changes)


def test_the_same_persons_same_matter_is_suspected_and_nothing_else_happens(city: City) -> None:
    earlier, later = make_petition(city), again(city)
    found = RepeatSuggestion.objects.get(petition=later)
    assert (found.earlier, found.decision) == (earlier, "")
    assert found.terms == {"identity": "paper", "text": 100, "same_class": True, "place": "town"}
    assert found.score == 100
    later.refresh_from_db()
    assert (later.state, later.repeat_of, later.recurrence, later.is_priority) == ("registered", None, 1, False)


@pytest.mark.parametrize(
    ("person", "is_suspected"),
    [
        (Person(name="周小琴", phone="138 1234 5127"), True),
        (Person(name="周小琴", address=HOME), True),
        (Person(name="周大明", phone="13812345127"), False),
        (Person(name="周小琴"), False),
    ],
    ids=["name and phone", "name and home", "a shared phone", "a name alone"],
)
def test_who_counts_as_the_same_person(city: City, person: Person, is_suspected: bool) -> None:
    make_petition(city)
    later = again(city, person=person, content_class=city.classes["99"], area=city.areas["330225"])
    assert later.repeat_suggestions.exists() is is_suspected


def test_the_same_person_with_another_matter_is_not_suspected(city: City) -> None:
    make_petition(city)
    other = again(city, summary="市场凌晨噪声", content="东门农贸市场每天凌晨四点卸货，噪声很大。")
    assert not other.repeat_suggestions.exists()


def test_a_joint_signer_of_the_earlier_one_counts(city: City) -> None:
    earlier = make_petition(city, person=Person(name="林强", phone="13900001111"))
    actions.add_signers(earlier.pk, signers=[actions.Signer(draft(city).person)], actor=city.officer, at=city.at)
    assert again(city).repeat_suggestions.get().earlier == earlier


def test_class_a_is_never_compared(city: City) -> None:
    make_petition(city, purpose="JK")
    assert not again(city).repeat_suggestions.exists()
    assert not again(city, purpose="JK").repeat_suggestions.exists()


def test_two_rows_of_one_file_are_compared_with_each_other(city: City) -> None:
    made = actions.register_many([draft(city), draft(city)], actor=city.officer, at=city.at)
    assert made[1].repeat_suggestions.get().earlier == made[0]


def test_a_mark_numbers_the_chain_and_answers_the_suspicion(city: City) -> None:
    first, second, third = make_petition(city), again(city), again(city, 60)
    actions.mark_repeat(second.pk, of=first, actor=city.officer, at=city.at)
    marked = actions.mark_repeat(third.pk, of=first, actor=city.officer, at=city.at)
    assert (marked.recurrence, marked.repeat_of) == (3, first)
    assert chain_of(third.pk) == [first.pk, second.pk, third.pk]
    decisions = dict(third.repeat_suggestions.values_list("earlier", "decision"))
    assert decisions == {first.pk: "repeat", second.pk: "moot"}
    assert third.events.latest("seq").kind == "mark_repeat"


def test_registered_repeats_are_numbered_by_the_whole_chain(city: City) -> None:
    first = make_petition(city)
    assert again(city, repeat_of=first).recurrence == 2
    assert again(city, 40, repeat_of=first).recurrence == 3
    both = [draft(city, repeat_of=first), draft(city, repeat_of=first)]
    made = actions.register_many(both, actor=city.officer, at=city.at + timedelta(days=50))
    assert [petition.recurrence for petition in made] == [4, 5]


def test_a_mark_taken_back_numbers_what_is_left(city: City) -> None:
    first = make_petition(city)
    second = again(city, repeat_of=first)
    third = again(city, 60, repeat_of=second)
    with pytest.raises(Refused):
        actions.not_a_repeat(second.pk, reason=" ", actor=city.officer, at=city.at)
    freed = actions.not_a_repeat(second.pk, reason="诉求为另一栋楼", actor=city.officer, at=city.at)
    third.refresh_from_db()
    assert (freed.recurrence, freed.is_priority, third.recurrence) == (1, False, 2)


def test_a_suspicion_is_answered_with_a_reason(city: City) -> None:
    make_petition(city)
    later = again(city)
    actions.not_a_repeat(later.pk, reason="诉求为另一栋楼", actor=city.officer, at=city.at)
    found = later.repeat_suggestions.get()
    assert (found.decision, found.decided_by) == ("new", city.officer)


def test_a_later_petition_and_itself_are_refused(city: City) -> None:
    first, second = make_petition(city), again(city)
    for of in (first, second):
        with pytest.raises(Refused):
            actions.mark_repeat(first.pk, of=of, actor=city.officer, at=city.at)
    with pytest.raises(Refused) as refusal:
        actions.mark_repeat(second.pk, of=first, actor=city.officer, at=city.at, version=99)
    assert refusal.value.code == "stale"


@pytest.mark.parametrize("name", ["handler", "inspector", "agent", "far_officer"])
def test_who_may_not_correct_a_registration_may_not_mark(city: City, name: str) -> None:
    first, second = make_petition(city), again(city)
    with pytest.raises(Refused) as refusal:
        actions.mark_repeat(second.pk, of=first, actor=city.people[name], at=city.at)
    assert refusal.value.code == "forbidden"


def test_the_queue_shows_a_suspicion_only_to_who_may_see_both(city: City) -> None:
    make_petition(city, area=city.areas["330225"])
    later = again(city)

    def queue(user):
        return list(PetitionFilters({"suspected": "1"}, who=user, at=city.at).apply(Petition.objects.visible_to(user)))

    assert queue(city.officer) == [later]
    assert queue(city.district_officer) == []
    actions.merge(later.pk, into=Petition.objects.first(), reason="同一件", actor=city.officer, at=city.at)
    assert queue(city.officer) == []
    assert later.repeat_suggestions.get().decision == "same"


@pytest.mark.django_db(transaction=True)
def test_two_repeats_marked_at_once_get_two_numbers(city: City) -> None:
    first = make_petition(city)
    others = [again(city, 10), again(city, 20)]

    def mark(petition: Petition) -> None:
        try:
            actions.mark_repeat(petition.pk, of=first, actor=city.officer, at=city.at)
        finally:
            connection.close()

    threads = [threading.Thread(target=mark, args=[petition]) for petition in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(Petition.objects.order_by("pk").values_list("recurrence", flat=True)) == [1, 2, 3]


def test_one_signer_who_signed_before_makes_a_joint_petition_suspect(city: City) -> None:
    """Same person: at least one petitioner, signers included, is identical (domain-facts §1.11)."""
    earlier = make_petition(city)
    joint = again(city, person=Person(name="陈静", phone="13900000000"), headcount=6, affected_count=6)
    assert not joint.repeat_suggestions.exists()
    signers = [Signer(Person(name="周小琴", phone="13812345127"))]
    add_signers(joint.pk, signers=signers, actor=city.officer, at=joint.registered_at)
    found = joint.repeat_suggestions.get()
    assert (found.earlier, found.terms["identity"]) == (earlier, "name_phone")


def test_class_and_town_alone_make_nothing_suspect() -> None:
    assert Likeness("paper", 0.14, True, "town").score >= SUSPECTED
    assert not Likeness("paper", 0.14, True, "town").is_suspicious
    assert Likeness("paper", 0.16, True, "town").is_suspicious
    assert not Likeness("paper", 0.25, False, "").is_suspicious


def test_a_table_of_one_persons_letters_is_compared_with_the_newest_only(city: City, monkeypatch) -> None:
    monkeypatch.setattr("petitions.suspicions.LOOKED_AT", 3)
    compared = []

    def spy(identity: str, text: float, matter: Petition, other: Petition) -> Likeness:
        compared.append((matter.pk, other.pk))
        return likeness(identity, text, matter, other)

    monkeypatch.setattr("petitions.suspicions.likeness", spy)
    before = [make_petition(city).pk for _number in range(5)]
    compared.clear()
    made = [row.pk for row in actions.register_many([draft(city)] * 6, actor=city.officer, at=city.at)]
    everything = [*before, *made]
    expected = [(pk, other) for pk in made for other in everything[: everything.index(pk)][-1:-4:-1]]
    assert sorted(compared) == sorted(expected)


def test_how_many_statements_look_does_not_grow_with_the_table(city: City, django_assert_num_queries) -> None:
    make_petition(city)
    made = actions.register_many([draft(city)] * 20, actor=city.officer, at=city.at)
    RepeatSuggestion.objects.all().delete()
    people = list(Petitioner.objects.filter(petition__in=made))
    # Their like, their words, keys for what was found, and the rows by COPY.
    with django_assert_num_queries(4):
        suspect(made, people, city.at)
    assert RepeatSuggestion.objects.filter(petition=made[-1]).count() == 3
