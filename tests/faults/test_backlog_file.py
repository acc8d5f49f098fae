"""The backlog file under concurrency: one living file a petition, numbers without gaps, one decision on a proposal."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from backlog.actions import nominate, writing
from backlog.models import BacklogCase, CaseLink
from petitions.actions import repeats
from petitions.states import Refused
from tests.backlog.cases import make_case
from tests.city import City, make_petition

pytestmark = pytest.mark.django_db(transaction=True)
REASON = "多次协调未果，补偿标准争议至今未解决。"


def together(works: list[Callable[[], Any]]) -> list[str]:
    """Run all at once; "done" or the code of the refusal, in order."""

    def one(work: Callable[[], Any]) -> str:
        try:
            work()
        except Refused as refusal:
            return refusal.code or refusal.field or "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def proposing(city: City, petition_id: int, title: str = "南门街道电梯停运问题") -> Callable[[], Any]:
    return lambda: nominate.nominate(petition_id, title=title, reason=REASON, actor=city.officer, at=city.at)


def test_one_petition_proposed_at_once_becomes_one_case(city: City) -> None:
    petition = make_petition(city)
    assert sorted(together([proposing(city, petition.pk) for _n in range(4)])) == ["done", "known", "known", "known"]
    assert BacklogCase.objects.count() == 1


def test_cases_proposed_at_once_have_numbers_without_gaps(city: City) -> None:
    petitions = [make_petition(city).pk for _n in range(5)]
    assert together([proposing(city, pk) for pk in petitions]) == ["done"] * 5
    assert sorted(BacklogCase.objects.values_list("serial", flat=True)) == [1, 2, 3, 4, 5]


def test_a_proposal_is_decided_once(city: City) -> None:
    case = nominate.nominate(
        make_petition(city).pk, title="南门街道电梯停运问题", reason=REASON, actor=city.officer, at=city.at
    )

    def accept() -> None:
        nominate.accept(
            case.pk,
            title=case.title,
            district=city.areas["330203"],
            lead_unit=city.housing,
            target_on=date(2027, 5, 31),
            actor=city.district_officer,
            at=city.at,
        )

    def decline() -> None:
        nominate.decline(case.pk, reason="正在按正常程序办理，不列入。", actor=city.officer, at=city.at)

    answers = together([accept, decline, accept, decline])
    assert answers.count("done") == 1
    assert case.events.exclude(move="nominate").count() == 1


def test_a_petition_linked_to_two_files_at_once_is_on_one(city: City) -> None:
    files = [make_case(city).pk for _n in range(2)]
    petition = make_petition(city)
    answers = together(
        [lambda pk=pk: writing.link(pk, petition=petition, actor=city.officer, at=city.at) for pk in files]  # type: ignore[misc]
    )
    assert answers.count("done") == 1
    assert CaseLink.objects.filter(petition=petition).count() == 1


def test_two_tellings_of_one_matter_proposed_at_once_become_one_file(city: City) -> None:
    first, again = make_petition(city), make_petition(city, at=city.at + timedelta(hours=1))
    repeats.mark_repeat(again.pk, of=first, actor=city.officer, at=city.at + timedelta(hours=2))
    answers = together([proposing(city, pk) for pk in (first.pk, again.pk)])
    assert sorted(answers) == ["done", "known"]
    assert BacklogCase.objects.get().links.count() == 2
