"""The list of backlog cases and one file as their readers see them; who sees nothing."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog.models import Renewal
from backlog.states import CaseState
from tests.backlog.cases import force, make_case
from tests.city import City
from tests.dispatch.test_views_case import enter

pytestmark = pytest.mark.django_db


@pytest.fixture
def lately(city: City) -> City:
    city.at = timezone.now() - timedelta(hours=8)
    return city


def test_the_list_opens_with_the_stock_and_counts_the_views(lately: City) -> None:
    open_case = make_case(lately)
    nominated = make_case(lately, CaseState.NOMINATED, title="某村土地补偿问题")
    client = enter(lately.conference_officer)
    page = client.get(reverse("backlog")).content.decode()
    assert open_case.number in page
    assert nominated.number not in page
    assert nominated.title in client.get(reverse("backlog"), {"view": "accept"}).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_a_page_takes_the_same_statements_for_any_number_of_rows(
    lately: City, rows: int, django_assert_num_queries: object
) -> None:
    for _n in range(rows):
        make_case(lately, force=force(), leader=lately.lead_official)
    client = enter(lately.conference_officer)
    client.get(reverse("backlog"))
    with django_assert_num_queries(6):  # type: ignore[operator]
        client.get(reverse("backlog"))


def test_a_case_of_another_district_is_not_there(lately: City) -> None:
    case = make_case(lately)
    client = enter(lately.far_officer)
    assert client.get(reverse("backlog_case", args=[case.pk])).status_code == 404
    assert client.get(reverse("backlog_act", args=[case.pk, "accept"])).status_code == 404
    assert case.number not in client.get(reverse("backlog"), {"view": "all"}).content.decode()


def test_the_hotline_has_no_backlog(lately: City) -> None:
    client = enter(lately.agent)
    assert client.get(reverse("backlog")).status_code == 403


def test_the_file_says_how_many_renewals_are_done(lately: City) -> None:
    case = make_case(lately, CaseState.WORKING)
    for stage in (1, 2):
        Renewal.objects.create(
            case=case, round=1, stage=stage, done_on=lately.at.date(), text="已办", at=lately.at, by=lately.handler
        )
    client = enter(lately.district_officer)
    page = client.get(reverse("backlog_case", args=[case.pk])).content.decode()
    assert "2 / 5" in page
    assert case.title in page


def test_an_unknown_tab_or_step_is_not_there(lately: City) -> None:
    case = make_case(lately)
    client = enter(lately.conference_officer)
    assert client.get(reverse("backlog_case", args=[case.pk]), {"tab": "nothing"}).status_code == 404
    assert client.get(reverse("backlog_act", args=[case.pk, "nothing"])).status_code == 404
