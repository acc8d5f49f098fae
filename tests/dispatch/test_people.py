"""The people page: absences, orders without a handler, handing over all at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Absence, User
from dispatch import console
from dispatch.actions import orders
from dispatch.models import WorkOrder
from petitions.models import Event
from petitions.states import Refused
from tests.city import City, make_order
from tests.dispatch.test_views_case import enter


@pytest.fixture
def lately(city: City) -> City:
    city.at = timezone.now() - timedelta(hours=3)
    return city


def given(city: City) -> WorkOrder:
    """An order in the handler's hands."""
    order = make_order(city)
    return orders.assign(order.pk, handler=city.handler, actor=city.leader, at=city.at)


def test_handing_over_after_a_contact_needs_a_note(lately: City) -> None:
    city = lately
    order = given(city)
    orders.assign(order.pk, handler=city.colleague, actor=city.leader, at=city.at)
    orders.record_contact(order.pk, means="phone", said="已通话", actor=city.colleague, at=city.at)
    with pytest.raises(Refused) as refusal:
        orders.assign(order.pk, handler=city.handler, actor=city.leader, at=city.at)
    assert (refusal.value.code, refusal.value.field) == ("handover_note", "note")
    orders.assign(order.pk, handler=city.handler, note="约好周四上门", actor=city.leader, at=city.at)
    event = Event.objects.filter(kind="order.assign").latest("seq")
    assert (event.words.text, event.data["from_name"]) == ("约好周四上门", "李建")


def test_orders_of_who_has_left_are_listed_to_the_leader(lately: City) -> None:
    city = lately
    first, second = given(city), given(city)
    orphaned = next(tab for tab in console.UNIT_TABS if tab.key == "orphaned")
    assert not console.rows_of(city.leader, orphaned, city.at)
    User.objects.filter(pk=city.handler.pk).update(is_active=False)
    assert {o.pk for o in console.rows_of(city.leader, orphaned, city.at)} == {first.pk, second.pk}
    User.objects.filter(pk=city.handler.pk).update(is_active=True, unit=city.enforcement)
    assert {o.pk for o in console.rows_of(city.leader, orphaned, city.at)} == {first.pk, second.pk}


def test_everything_is_handed_over_with_a_result_for_each(lately: City) -> None:
    city = lately
    rows = [given(city) for _i in range(3)]
    User.objects.filter(pk=city.handler.pk).update(is_active=False)
    client = enter(city.leader)
    url = f"/people/{city.handler.pk}/hand-over/"
    assert len(client.get(url).context["rows"]) == 3
    ids = [rows[0].pk, rows[1].pk]
    refused = client.post(url, {"to": city.colleague.pk, "note": "见卷宗"})
    assert refused.status_code == 422
    done = client.post(url, {"to": city.colleague.pk, "note": "见卷宗", "ids": ids})
    assert [row.refusal for row in done.context["handed"]] == ["", ""]
    assert set(WorkOrder.objects.filter(handler=city.colleague).values_list("pk", flat=True)) == set(ids)
    assert enter(city.other_leader).get(url).status_code == 404
    assert enter(city.colleague).get(url).status_code == 404


def test_a_person_enters_an_absence_and_comes_back(lately: City) -> None:
    city = lately
    client = enter(city.handler)
    today = timezone.localdate()
    url = f"/people/{city.handler.pk}/absence/"
    data = {"since": today.isoformat(), "until": (today + timedelta(days=2)).isoformat()}
    assert client.post(url, {**data, "substitute": city.handler.pk}).status_code == 422
    assert client.post(url, {**data, "substitute": city.colleague.pk}).status_code == 302
    absence = Absence.objects.get()
    assert absence.until - absence.since == timedelta(days=3)
    page = client.get("/people/").content.decode()
    assert "李建" in page
    assert 'class="is-now"' in page
    order = given_to_nobody(city)
    form = enter(city.leader).get(f"/orders/{order.pk}/do/assign/").content.decode()
    assert "李建" in form
    assert client.post(f"/people/absences/{absence.pk}/end/").status_code == 302
    absence.refresh_from_db()
    assert absence.until <= timezone.now()
    assert enter(city.outsider).get(url).status_code == 404
    assert enter(city.outsider).post(f"/people/absences/{absence.pk}/end/").status_code == 404


def given_to_nobody(city: City) -> WorkOrder:
    return make_order(city)


def test_the_case_says_who_stands_in(lately: City) -> None:
    city = lately
    order = given(city)
    Absence.objects.create(
        user=city.handler,
        substitute=city.colleague,
        since=timezone.now() - timedelta(hours=1),
        until=timezone.now() + timedelta(days=1),
        made_at=timezone.now(),
    )
    page = enter(city.colleague).get(f"/petitions/{order.petition_id}/").content.decode()
    assert "李建" in page
