"""What the list of cases is narrowed by: every filter of the boards, and values nobody understands."""

from datetime import date, datetime, timedelta

import pytest
from django.http import QueryDict
from django.urls import reverse

from accounts.models import User
from backlog.filters import FILTERS, CaseFilters
from backlog.models import AgendaItem, BacklogCase, Meeting, Renewal
from backlog.states import CaseState
from backlog.words import age_words, stuck_days
from tests.backlog.cases import force, make_case
from tests.city import City
from tests.dispatch.test_views_case import enter

pytestmark = pytest.mark.django_db


def found(city: City, query: str, who: User | None = None) -> set[str]:
    filters = CaseFilters(QueryDict(query), at=city.at)
    rows = filters.apply(BacklogCase.objects.visible_to(who or city.officer))
    return set(rows.values_list("title", flat=True))


def discussed(city: City, case: BacklogCase) -> None:
    """A weekly dispatch has decided on the case."""
    area = city.areas["330200"]
    meeting = Meeting.objects.create(year=2026, serial=1, area=area, title="周调度", starts_at=city.at)
    AgendaItem.objects.create(meeting=meeting, case=case, outcome="decided", position=1)


@pytest.fixture
def three(city: City) -> City:
    """A: settled late in 2026, discussed. B: open, stuck, late, led. C: open, fresh, in the other district."""
    a = make_case(
        city,
        CaseState.CERTIFIED,
        title="甲案",
        settled_at=city.at - timedelta(days=10),
        listed_at=city.at - timedelta(days=400),
        rebounds=1,
    )
    discussed(city, a)
    b = make_case(
        city,
        CaseState.WORKING,
        title="乙案",
        listed_at=city.at - timedelta(days=100),
        next_due_at=city.at - timedelta(days=1),
        leader=city.lead_official,
        force=force(),
    )
    for stage in (1, 2):
        Renewal.objects.create(case=b, round=1, stage=stage, done_on=city.at.date(), text="已办", at=city.at)
    make_case(city, title="丙案", district=city.areas["330225"], lead_unit=city.transport)
    return city


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("district=330225", {"丙案"}),
        ("district=330225&district=330203", {"甲案", "乙案", "丙案"}),
        ("force=demolition", {"乙案"}),
        ("state=working&state=certified", {"甲案", "乙案"}),
        ("group=stock", {"乙案", "丙案"}),
        ("group=new", {"乙案", "丙案"}),
        ("group=settled", {"甲案"}),
        ("group=rebounded", {"甲案"}),
        ("group=listed", {"甲案", "乙案", "丙案"}),
        ("unit=330225-TRANSPORT", {"丙案"}),
        ("unit=330203-GOV", {"甲案", "乙案"}),
        ("overdue=1", {"乙案"}),
        ("stuck=30", {"乙案"}),
        ("stuck=101", set()),
        ("no_leader=1", {"甲案", "丙案"}),
        ("discussed=1", {"甲案"}),
        ("stage=2", {"乙案"}),
        ("stage=0", {"甲案", "丙案"}),
        ("listed_from=2026-11-16", {"丙案"}),
        ("listed_to=2026-11-15", {"甲案", "乙案"}),
        ("settled_from=2026-11-06&settled_to=2026-11-06", {"甲案"}),
        ("settled_to=2026-11-05", set()),
        ("q=乙", {"乙案"}),
        ("q=3", {"丙案"}),
        ("group=stock&district=330203&overdue=1", {"乙案"}),
    ],
)
def test_each_filter_finds_its_rows(three: City, query: str, expected: set[str]) -> None:
    assert found(three, query) == expected


def test_the_leader_filter_takes_a_person(three: City) -> None:
    assert found(three, f"leader={three.lead_official.pk}") == {"乙案"}


@pytest.mark.parametrize(
    "query",
    [
        "state=nothing",
        "group=nothing",
        "stuck=viel",
        "stage=9",
        "unit=nowhere",
        "leader=x",
        "listed_from=gestern",
        "leader=99999999999999999999999",
        "stuck=99999999999999999999999999999999999",
    ],
)
def test_a_value_nobody_understands_is_named_and_the_rest_shown(three: City, query: str) -> None:
    answer = enter(three.officer).get(f"{reverse('backlog')}?view=all&{query}")
    assert answer.status_code == 200
    assert len(answer.context["lines"]) in {0, 3}


def test_every_filter_has_a_removable_tag(three: City) -> None:
    query = "district=330203&state=working&group=stock&overdue=1&stuck=30&stage=2&q=乙&unit=330203-HOUSING"
    page = enter(three.officer).get(f"{reverse('backlog')}?view=all&{query}")
    assert len(page.context["tags"]) == 8
    assert set(FILTERS) >= {"district", "force", "leader", "listed_from", "settled_to", "no_leader", "discussed"}


def test_another_district_finds_nothing_of_this_one(three: City) -> None:
    assert found(three, "district=330203", three.far_officer) == set()


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (date(2024, 3, 27), "12天"),
        (date(2024, 9, 20), "6个月"),
        (date(2026, 3, 15), "2年"),
        (date(2026, 11, 16), "2年8个月"),
    ],
)
def test_age_reads_as_people_say_it(until: date, expected: str) -> None:
    assert age_words(date(2024, 3, 15), until) == expected


def test_days_without_progress_count_in_days_of_the_city(city: City) -> None:
    # 23:30 in Shanghai is the day before 00:30.
    case = make_case(city, progressed_at=datetime.fromisoformat("2026-11-15T15:30:00+00:00"))
    assert stuck_days(case, datetime.fromisoformat("2026-11-15T16:30:00+00:00")) == 1
    case.is_open = False
    assert stuck_days(case, city.at) is None
