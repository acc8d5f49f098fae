"""待评价, 未评价, 已评价, 超期未评价: one condition for lists and the API (domain-facts §2.7)."""

from datetime import datetime, timedelta

import pytest
from django.http import QueryDict

from dispatch.actions import upkeep
from dispatch.rating_state import RatingState, facts_at, standing, standing_q
from petitions import actions
from petitions.filters import PetitionFilters
from petitions.models import Petition
from petitions.reference.steps import load_steps
from petitions.worklist import VIEWS
from tests.city import City, make_order, make_petition, replied

DAY = timedelta(days=1)


def stand(petition: Petition, at: datetime) -> set[str]:
    """Every state whose condition finds the petition; `standing` must say the same of its row."""
    found = {state for state in RatingState.values if Petition.objects.filter(standing_q(state, at), pk=petition.pk)}
    facts = facts_at(at)
    row = Petition.objects.annotate(**facts).values("state", "replied_at", *facts).get(pk=petition.pk)
    assert found == {standing(row)}
    return found


def test_a_matter_stands_in_exactly_one_state_all_its_way(city: City) -> None:
    petition = make_petition(city)
    assert stand(petition, city.at) == {"not_asked"}
    replied(city, order=make_order(city, petition=petition))
    assert stand(petition, city.at + DAY) == {"waiting"}
    due = petition.clocks.get(policy__key="R_window").due_at
    assert stand(petition, due) == {"waiting"}
    assert stand(petition, due + timedelta(seconds=1)) == {"lapsed"}
    upkeep.keep(at=due + DAY)
    assert stand(petition, due + DAY) == {"lapsed"}


def test_rated_and_asked_anew_after_a_rework(city: City) -> None:
    petition = replied(city)
    actions.rate(petition.pk, office=3, unit=3, comment="", actor=city.officer, at=city.at + DAY)
    assert stand(petition, city.at + DAY) == {"rated"}
    actions.rework(petition.pk, reason="信访人反映未解决", actor=city.officer, at=city.at + 2 * DAY)
    assert stand(petition, city.at + 2 * DAY) == {"not_asked"}


@pytest.mark.parametrize("state", RatingState.values)
def test_it_is_a_filter_of_the_worklist(city: City, state: str) -> None:
    petition = replied(city)
    filters = PetitionFilters(QueryDict(f"rating={state}"), who=city.officer, at=city.at + DAY)
    found = set(filters.apply(Petition.objects.visible_to(city.officer)).values_list("pk", flat=True))
    assert found == ({petition.pk} if state == "waiting" else set()) and not filters.errors
    assert [tag.words for tag in filters.tags()] == [str(RatingState(state).label)]


def test_what_was_never_rated_is_a_view_of_its_own(city: City) -> None:
    petition = replied(city)
    late = city.at + 30 * DAY
    rows = Petition.objects.filter(VIEWS["unrated"].condition(city.officer, late))
    assert list(rows) == [petition]
    assert not Petition.objects.filter(VIEWS["unrated"].condition(city.officer, city.at + DAY))


def test_how_far_the_checklist_is_narrows_a_list(city: City) -> None:
    load_steps(at=city.at - DAY)
    fresh, answered = make_petition(city), replied(city)
    officer = city.officer

    def found(value: str) -> set[int]:
        filters = PetitionFilters(QueryDict(f"steps={value}"), who=officer, at=city.at)
        return set(filters.apply(Petition.objects.visible_to(officer)).values_list("pk", flat=True))

    assert found("under_half") == {fresh.pk, answered.pk}
    for number in (1, 2, 3, 5):
        actions.tick(answered.pk, number=number, actor=officer, at=city.at + DAY)
    assert found("under_half") == {fresh.pk} and found("over_half") == {answered.pk} and found("complete") == set()
