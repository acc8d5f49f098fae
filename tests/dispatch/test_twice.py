"""事不过二: the three counters, their limits, and what follows when one is full (domain-facts §2.3)."""

from datetime import timedelta

import pytest
from django.test import Client

from dispatch.actions import loop, orders
from dispatch.models import LoopSetting, Notice, Proposal
from dispatch.twice import counters, limits
from petitions import actions
from petitions.models import Petition
from petitions.states import Refused
from tests.city import City, make_order, make_petition, replied


def enter(user) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.StaffBackend")
    return client


def reworked(city: City) -> Petition:
    """Reworked once and replied to again."""
    petition = replied(city)
    actions.rework(petition.pk, reason="电梯又停了", actor=city.officer, at=city.at + timedelta(days=1))
    order = petition.orders.get(is_open=True)
    return replied(city, order=order, at=city.at + timedelta(days=1))


def told(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind, channel="inapp").values_list("recipient__username", flat=True))


def test_a_fresh_case_has_three_quiet_counters(city: City) -> None:
    found = counters(make_petition(city))
    assert [(c.key, c.value, c.limit, c.tone) for c in found] == [
        ("returns", 0, 1, ""),
        ("reworks", 0, 1, ""),
        ("recurrence", 1, 1, ""),
    ]


def test_a_second_rework_is_refused_and_may_be_raised_instead(city: City) -> None:
    petition = reworked(city)
    at = city.at + timedelta(days=3)
    with pytest.raises(Refused) as refusal:
        actions.rework(petition.pk, reason="还是没好", actor=city.officer, at=at)
    assert refusal.value.code == "twice"
    loop.raise_to_supervision(petition.pk, actor=city.officer, at=at)
    found = Proposal.objects.get(trigger="twice")
    assert (found.petition, found.unit, found.is_confirmed) == (petition, city.housing, None)
    assert told("raised_twice") == {"leader", "officer"}
    with pytest.raises(Refused):
        loop.raise_to_supervision(petition.pk, actor=city.officer, at=at)
    assert Proposal.objects.count() == 1


def test_what_may_still_be_reworked_does_not_go_to_supervision(city: City) -> None:
    with pytest.raises(Refused):
        loop.raise_to_supervision(replied(city).pk, actor=city.officer, at=city.at)


@pytest.mark.parametrize("name", ["leader", "handler", "dispatcher", "far_officer", "inspector"])
def test_who_may_not_send_back_may_not_raise(city: City, name: str) -> None:
    petition = reworked(city)
    with pytest.raises(Refused) as refusal:
        loop.raise_to_supervision(petition.pk, actor=city.people[name], at=city.at)
    assert refusal.value.code == "forbidden"


def test_the_step_is_one_click_where_the_rework_is_used_up(city: City) -> None:
    petition = reworked(city)
    url = f"/petitions/{petition.pk}/do/raise_twice/"
    client = enter(city.officer)
    page = client.get(f"/petitions/{petition.pk}/").content.decode()
    assert url in page
    assert f"/petitions/{petition.pk}/do/rework/" not in page
    assert client.post(url, {"version": petition.version}).status_code == 302
    assert Proposal.objects.filter(trigger="twice").exists()
    assert url not in client.get(f"/petitions/{petition.pk}/").content.decode()
    assert enter(city.outsider).get(url).status_code == 404


def test_a_second_telling_is_marked_read_by_leaders_and_laid_before_supervision(city: City) -> None:
    earlier = replied(city)
    later = make_petition(city, at=city.at + timedelta(days=30), repeat_of=earlier)
    later.refresh_from_db()
    assert (later.recurrence, later.is_priority) == (2, True)
    assert told("recurred") == {"officer"}
    assert told("raised_again") == {"leader"}
    # Before the new one is dispatched the unit does not see it; it hears on the one it handled.
    assert set(Notice.objects.filter(kind="raised_again").values_list("petition", flat=True)) == {earlier.pk}
    found = Proposal.objects.get(trigger="repeated")
    assert (found.petition, found.unit, found.facts["times"]) == (later, city.housing, 2)
    make_order(city, petition=later)
    assert told("recurred") == {"officer", "leader"}


def test_a_mark_afterwards_raises_as_one_at_intake_does(city: City) -> None:
    earlier = replied(city)
    order = make_order(city, petition=make_petition(city, at=city.at + timedelta(days=30)))
    actions.mark_repeat(order.petition_id, of=earlier, actor=city.officer, at=city.at)
    assert Petition.objects.get(pk=order.petition_id).is_priority
    assert told("recurred") == {"officer", "leader"}
    assert Proposal.objects.filter(trigger="repeated").count() == 1


def test_the_limits_are_the_offices_to_set_and_keep_their_history(city: City) -> None:
    client = enter(city.officer)
    values = {
        "max_returns": 1,
        "max_reworks": 2,
        "raised_from": 3,
        "supervised_from": 4,
        "call_tries": 3,
        "call_gap_hours": 3,
        "claim_minutes": 20,
        "reason": "试行",
    }
    assert client.get("/limits/").status_code == 200
    assert client.post("/limits/", values).status_code == 302
    assert (limits().max_reworks, limits().raised_from) == (2, 3)
    version = LoopSetting.history.get()
    assert (version.history_user, version.history_change_reason) == (city.officer, "试行")
    petition = reworked(city)
    assert actions.rework(petition.pk, reason="还是没好", actor=city.officer, at=city.at).rework_count == 2
    assert not make_petition(city, repeat_of=petition).is_priority
    assert client.post("/limits/", {**values, "raised_from": 1}).status_code == 422


@pytest.mark.parametrize("name", ["dispatcher", "handler", "inspector", "district_officer"])
def test_others_may_not_set_the_limits(city: City, name: str) -> None:
    assert enter(city.people[name]).get("/limits/").status_code == 403
    with pytest.raises(Refused):
        loop.set_limits(actor=city.people[name], at=city.at, max_reworks=9)


def test_the_side_panel_shows_the_counters_and_what_followed(city: City) -> None:
    petition = reworked(city)
    loop.raise_to_supervision(petition.pk, actor=city.officer, at=city.at)
    shown = {c.key: c for c in enter(city.officer).get(f"/petitions/{petition.pk}/").context["case"].counters}
    assert shown["reworks"].text == "1/1"
    assert shown["reworks"].consequence


def test_a_suspicion_stands_on_the_case_with_its_terms(city: City) -> None:
    earlier = make_petition(city)
    later = make_petition(city, at=city.at + timedelta(days=5))
    page = enter(city.officer).get(f"/petitions/{later.pk}/")
    assert [row.earlier for row, _words in page.context["case"].suspicions] == [earlier]
    url = f"/petitions/{later.pk}/do/mark_repeat/"
    assert url in page.content.decode()
    form = enter(city.officer).get(f"{url}?of={earlier.short_number}").context["form"]
    assert form["of"].value() == earlier.short_number
    answer = enter(city.officer).post(url, {"of": earlier.short_number, "version": later.version})
    assert answer.status_code == 302
    later.refresh_from_db()
    assert later.repeat_of == earlier


def test_a_reopened_case_is_rated_anew(city: City) -> None:
    petition = replied(city)
    at = city.at + timedelta(days=1)
    actions.rate(petition.pk, office=3, unit=3, comment="", actor=city.officer, at=at)
    actions.close(petition.pk, remark="", actor=city.officer, at=at)
    actions.reopen(petition.pk, reason="出现新情况", actor=city.officer, at=at)
    order = make_order(city, petition=Petition.objects.get(pk=petition.pk), at=at)
    again = replied(city, order=order, at=at)
    with pytest.raises(Refused):
        actions.close(petition.pk, remark="", actor=city.officer, at=at)
    actions.rate(petition.pk, office=2, unit=2, comment="", actor=city.officer, at=at)
    assert sorted(again.ratings.values_list("round", "score")) == [(0, 3), (0, 3), (1, 2), (1, 2)]
    assert actions.close(petition.pk, remark="", actor=city.officer, at=at).state == "closed"


def test_the_accepted_returns_are_counted(city: City) -> None:
    order = make_order(city)
    orders.WorkOrder.objects.filter(pk=order.pk).update(is_open=False, state="returned")
    assert counters(order.petition)[0].value == 1
