"""What petitioners of the demo city make of their opinions, on a small city."""

from types import SimpleNamespace
from typing import Any

from config.demo_city import remedies
from dispatch.models import PendingRung
from petitions.models import Hearing, Petition, ReviewRequest
from tests.city import City, replied
from tests.remedies import DAY


def test_every_course_is_played_on_a_case_of_its_own_and_leaves_no_rung_behind(city: City) -> None:
    until = city.at
    made = []
    for _play in remedies._PLAYS:
        petition = replied(city, at=until - 80 * DAY)
        made.append(petition.pk)
    Petition.objects.filter(pk__in=made).update(state="closed", is_open=False, updated_at=until - 70 * DAY)
    PendingRung.objects.all().delete()
    world: Any = SimpleNamespace(until=until)
    remedies.ask_for_review(world)
    states = set(ReviewRequest.objects.values_list("stage", "state"))
    assert {
        ("review", "asked"),
        ("review", "admitted"),
        ("review", "refused"),
        ("review", "decided"),
        ("rereview", "admitted"),
        ("rereview", "delivered"),
    } <= states
    assert Petition.objects.filter(end_way="rereviewed").exists()
    assert set(Hearing.objects.values_list("state", flat=True)) == {"set", "published"}
    assert not PendingRung.objects.filter(fire_at__lte=until).exists()
