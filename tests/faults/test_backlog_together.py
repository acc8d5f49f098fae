"""Two people at one backlog case at the same moment, on real PostgreSQL: one is in time, the other reads why not."""

from typing import Any

import pytest

from backlog.actions import acceptance, command, handovers, renewals
from backlog.models import AcceptanceStep, BacklogCase, CaseOfficial, Renewal, Task
from backlog.states import CaseState
from dispatch.clocks import city_day
from dispatch.models import Clock
from petitions.states import Refused
from tests.backlog.commanding import NOTE, application, checked, led, listed, renewed, second_official
from tests.city import City, build_city, make_petition
from tests.faults.test_concurrency import together

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def town(transactional_db: None) -> City:
    return build_city()


def one_of(results: list[Any]) -> Refused:
    """The refusal of the one that came second; fails when both or none went through, or one broke."""
    refused = [r for r in results if isinstance(r, Exception)]
    assert len(refused) == 1, results
    assert isinstance(refused[0], Refused), refused
    return refused[0]


def test_two_lead_officials_cannot_be_named_at_once(town: City) -> None:
    case, other = listed(town), second_official(town)
    results = together(
        lambda: command.lead(case.pk, official=town.lead_official, actor=town.district_officer, at=town.at),
        lambda: command.lead(case.pk, official=other, actor=town.officer, at=town.at),
    )
    assert one_of(results).code == "has_leader"
    case.refresh_from_db()
    assert CaseOfficial.objects.get(case=case, until=None).user == case.leader


def test_two_applications_are_one(town: City) -> None:
    case = renewed(town)

    def apply(who: Any) -> Any:
        return acceptance.apply(
            case.pk, application=application(), text="三百户全部办证，书面认可。", actor=who, at=town.at
        )

    results = together(lambda: apply(town.leader), lambda: apply(town.district_officer))
    assert one_of(results).code == "illegal_move"
    assert AcceptanceStep.objects.filter(case=case, kind="apply").count() == 1
    assert Clock.objects.filter(subject="backlog", subject_id=case.pk, policy__key="B_sign").count() == 1


def test_certified_and_sent_back_at_once_is_one_of_both(town: City) -> None:
    case = checked(town)
    results = together(
        lambda: acceptance.certify(
            case.pk, sample="file", way="policy", text="案卷齐全。", actor=town.conference_officer, at=town.at
        ),
        lambda: acceptance.send_back(case.pk, reason="缺银行回单。", actor=town.officer, at=town.at),
    )
    one_of(results)
    case.refresh_from_db()
    assert (case.state == CaseState.CERTIFIED) == (case.settled_at is not None)
    assert case.acceptance.filter(kind="certify").count() == 1


def test_one_stage_is_finished_once(town: City) -> None:
    case = led(town)

    def renew(who: Any) -> Any:
        return renewals.renew(
            case.pk, stage=1, done_on=city_day(town.at), text="明确由区住建局牵头负责。", actor=who, at=town.at
        )

    assert one_of(together(lambda: renew(town.leader), lambda: renew(town.handler))).code == "stage_order"
    assert Renewal.objects.filter(case=case).count() == 1


def test_a_task_given_while_everything_is_handed_over_is_not_orphaned(town: City) -> None:
    successor, cases = second_official(town), [led(town) for _n in range(3)]
    give = {"unit": town.units["district"], "due_on": city_day(town.at), "owner": town.lead_official}

    def task() -> Any:
        return command.give_task(cases[1].pk, text="约谈开发商", actor=town.district_officer, at=town.at, **give)

    results = together(
        lambda: handovers.hand_over_all(town.lead_official, to=successor, note=NOTE, actor=town.officer, at=town.at),
        task,
    )
    assert not [r for r in results if isinstance(r, Exception)], results
    assert set(BacklogCase.objects.values_list("leader", flat=True)) == {successor.pk}
    # Given before, it went over; given after, the office named its owner knowingly.
    assert Task.objects.get().owner in {successor, town.lead_official}


def test_a_hand_over_and_a_repeat_registered_at_once_do_not_lock_each_other_out(town: City) -> None:
    from tests.backlog.commanding import struck_off

    case, successor = struck_off(town), second_official(town)
    results = together(
        lambda: handovers.hand_over(case.pk, to=successor, note=NOTE, actor=town.district_officer, at=town.at),
        lambda: make_petition(town, repeat_of=case.petition),
    )
    assert not [r for r in results if isinstance(r, Exception)], results
    moves = set(case.events.values_list("move", flat=True))
    assert {"hand_over", "raised_again"} <= moves
