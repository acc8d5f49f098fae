"""The score of hardness, against cases counted by hand."""

from datetime import date, timedelta

import pytest

from backlog.actions import milestones, weights
from backlog.models import BacklogCase, ScoreWeight
from backlog.score import SHIPPED, score_of, scores
from petitions.states import Refused
from tests.backlog.cases import make_case
from tests.backlog.sessions import closed
from tests.city import City

pytestmark = pytest.mark.django_db


def test_the_shipped_terms_add_up_to_a_hundred() -> None:
    assert sum(term.cap for term in SHIPPED) == 100


def test_every_term_as_counted_by_hand(city: City) -> None:
    # On 16 November 2026: 32 months and a day since 15 March 2024; 46 days without progress.
    case = make_case(
        city,
        since=date(2024, 3, 15),
        listed_at=city.at - timedelta(days=90),
        progressed_at=city.at - timedelta(days=46),
        rebounds=1,
        people=37,
    )
    score = score_of(case, at=city.at)
    assert score.values == {
        "age": (32, 10),
        "stuck": (46, 9),
        "rebounds": (1, 10),
        "people": (37, 7),
        "missed": (0, 0),
    }
    assert score.total == 36


def test_a_case_without_progress_is_stuck_since_it_was_listed(city: City) -> None:
    case = make_case(city, listed_at=city.at - timedelta(days=20))
    assert score_of(case, at=city.at).values["stuck"] == (20, 4)


def test_each_term_stops_at_its_cap(city: City) -> None:
    case = make_case(city, since=date(1999, 1, 1), listed_at=city.at - timedelta(days=4000), rebounds=9, people=5000)
    points = {key: pair[1] for key, pair in score_of(case, at=city.at).values.items()}
    assert points == {"age": 25, "stuck": 25, "rebounds": 20, "people": 15, "missed": 0}


def test_missed_milestones_and_overdue_tasks_count_from_the_day_after(city: City) -> None:
    case = make_case(city)
    milestones.plan(case.pk, name="签订协议", planned_on=date(2026, 11, 20), actor=city.officer, at=city.at)
    closed(city, case)
    on_the_day, after = city.at + timedelta(days=4), city.at + timedelta(days=5)
    assert score_of(case, at=on_the_day).values["missed"] == (0, 0)
    assert score_of(case, at=after).values["missed"] == (1, 5)
    # The task of the meeting ran until 25 November.
    assert score_of(case, at=city.at + timedelta(days=10)).values["missed"] == (2, 10)


def test_the_hardest_stands_first(city: City) -> None:
    easy = make_case(city, since=date(2026, 6, 1))
    hard = make_case(city, since=date(2015, 6, 1), people=60)
    ranked = scores(BacklogCase.objects.all(), at=city.at)
    assert [row.case_id for row in ranked] == [hard.pk, easy.pk]
    assert [row.case_id for row in scores(BacklogCase.objects.all(), at=city.at, limit=1)] == [hard.pk]


def test_any_number_of_cases_takes_two_statements(city: City, django_assert_num_queries: object) -> None:
    for _n in range(3):
        make_case(city)
    with django_assert_num_queries(2):  # type: ignore[operator]
        scores(BacklogCase.objects.visible_to(city.conference_officer), at=city.at)


def test_no_case_within_reach_has_no_score(city: City) -> None:
    assert scores(BacklogCase.objects.none(), at=city.at) == []


def test_the_office_sets_the_weights_and_the_past_is_kept(city: City) -> None:
    case = make_case(city, people=37)
    values = {term.key: {"step": term.step, "points": term.points, "cap": term.cap} for term in SHIPPED}
    values["people"] = {"step": 10, "points": 4, "cap": 10}
    weights.set_weights(values, actor=city.conference_officer, at=city.at)
    assert score_of(case, at=city.at).values["people"] == (37, 10)
    values["people"]["cap"] = 12
    weights.set_weights(values, actor=city.officer, at=city.at)
    assert score_of(case, at=city.at).values["people"] == (37, 12)
    assert ScoreWeight.history.filter(key="people").count() == 2
    assert ScoreWeight.history.filter(key="age").count() == 1


@pytest.mark.parametrize("who", ["district_officer", "lead_official", "leader", "inspector"])
def test_nobody_else_sets_the_weights(city: City, who: str) -> None:
    with pytest.raises(Refused):
        weights.set_weights({"age": {"step": 1, "points": 1, "cap": 1}}, actor=city.people[who], at=city.at)
    assert not ScoreWeight.objects.exists()


def test_words_say_what_gave_the_points(city: City) -> None:
    case = make_case(city, since=date(2024, 3, 15), people=37)
    score = score_of(case, at=city.at)
    assert score.parts[0].sentence == "首次反映至今32个月"
    assert "涉及37人" in [part.sentence for part in score.parts]
