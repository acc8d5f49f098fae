"""Unit channels: which addresses are let in, how they are shown, who keeps them, what a test says."""

from typing import Any

import pytest

from dispatch import channels as sending
from dispatch.actions import channels
from dispatch.models import NotificationChannel
from petitions.states import Refused
from tests.city import City
from tests.dispatch.test_views_case import enter

TOKEN = "secrettokensecrettoken"


def make(city: City, url: str = f"dingtalk://{TOKEN}", **more: Any) -> NotificationChannel:
    data = channels.ChannelData(name=more.pop("name", "值班群"), url=url, **more)
    return channels.save_channel(city.leader, city.units["housing"], data, at=city.at)


@pytest.mark.parametrize(
    "url",
    [
        "json://127.0.0.1/hook",
        "jsons://localhost/hook",
        "json://[::1]/hook",
        "xml://169.254.169.254/latest",
        "form://10.0.0.7/x",
        "json://192.168.1.4:8080/x",
        "file:///etc/passwd",
        "syslog://",
        "mailto://user:pass@example.com",
        "nonsense://x",
        "no address at all",
        "",
    ],
)
def test_addresses_inside_of_the_house_and_what_apprise_does_not_know_are_refused(city: City, url: str) -> None:
    with pytest.raises(Refused) as refusal:
        make(city, url)
    assert refusal.value.field == "url"
    assert not NotificationChannel.objects.exists()


def test_an_office_may_allow_a_gateway_of_its_own_network(city: City, settings: Any) -> None:
    settings.CHANNELS_MAY_BE_PRIVATE = True
    assert make(city, "json://127.0.0.1:9/hook").is_active


def test_the_address_is_encrypted_at_rest_and_masked_on_every_page(city: City) -> None:
    from django.db import connection

    row = make(city)
    with connection.cursor() as cursor:
        cursor.execute("SELECT url FROM dispatch_notificationchannel WHERE id = %s", [row.pk])
        assert TOKEN not in cursor.fetchone()[0]
    client = enter(city.leader)
    for url in ("/channels/", f"/channels/{row.pk}/"):
        page = client.get(url).content.decode()
        assert TOKEN not in page
        assert "dingtalk://" in page


def test_saving_without_an_address_keeps_it(city: City) -> None:
    row = make(city)
    client = enter(city.leader)
    data = {"name": "新名字", "url": "", "kinds": ["deadline"], "is_active": "on"}
    answer = client.post(f"/channels/{row.pk}/", data)
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.name, row.kinds, row.url) == ("新名字", ["deadline"], f"dingtalk://{TOKEN}")


def test_a_name_is_taken_once_in_a_unit(city: City) -> None:
    make(city)
    answer = enter(city.leader).post("/channels/new/", {"name": "值班群", "url": f"dingtalk://{TOKEN}"})
    assert answer.status_code == 422
    assert NotificationChannel.objects.count() == 1


def test_another_units_channel_is_404_and_a_handler_keeps_none(city: City) -> None:
    row = make(city)
    for path in (f"/channels/{row.pk}/", f"/channels/{row.pk}/test/", f"/channels/{row.pk}/remove/"):
        assert enter(city.outside_leader).post(path).status_code == 404, path
        assert enter(city.handler).post(path).status_code == 404, path
    assert enter(city.outside_leader).get("/channels/new/?unit=330203-HOUSING").status_code == 404
    assert row.name not in enter(city.outside_leader).get("/channels/").content.decode()
    assert row.name in enter(city.officer).get("/channels/").content.decode()
    with pytest.raises(Refused):
        channels.remove_channel(city.outside_leader, row)


def test_a_test_over_a_dead_channel_says_what_the_channel_said(city: City, settings: Any) -> None:
    settings.CHANNELS_MAY_BE_PRIVATE = True
    row = make(city, "json://127.0.0.1:9/hook")
    page = enter(city.leader).post(f"/channels/{row.pk}/test/", follow=True).content.decode()
    row.refresh_from_db()
    assert row.is_failing and row.last_error
    assert "127.0.0.1:9" in page or row.last_error in page


def test_a_test_that_arrives_is_noted(city: City, monkeypatch: Any) -> None:
    row = make(city)
    said: list[str] = []
    monkeypatch.setattr(channels, "post", lambda url, title, body: said.append(title))
    enter(city.leader).post(f"/channels/{row.pk}/test/")
    row.refresh_from_db()
    assert row.last_success_at is not None and not row.is_failing
    assert row.name in said[0]


def test_a_name_that_is_turned_inwards_later_is_refused_when_it_is_sent(city: City, monkeypatch: Any) -> None:
    inside = [(2, 1, 6, "", ("10.1.2.3", 443))]
    monkeypatch.setattr(sending.socket, "getaddrinfo", lambda *a, **k: inside)
    with pytest.raises(sending.ChannelError, match=r"10\.1\.2\.3"):
        sending.post("jsons://hooks.example.com/x", "t", "b")


def test_a_channel_can_be_removed_by_its_unit(city: City) -> None:
    row = make(city)
    enter(city.leader).post(f"/channels/{row.pk}/remove/")
    assert not NotificationChannel.objects.exists()


def test_quiet_hours_are_set_on_the_page_and_follow_the_office_again(city: City) -> None:
    from dispatch.models import QuietHours

    client = enter(city.leader)
    client.post("/channels/quiet/", {"whose": "own", "own-starts": "20:00", "own-ends": "08:00"})
    assert QuietHours.objects.get().unit == city.units["housing"]
    client.post("/channels/quiet/", {"whose": "own", "follow": "1"})
    assert not QuietHours.objects.exists()
    client.post("/channels/quiet/", {"whose": "office", "office-starts": "20:00", "office-ends": "08:00"})
    assert not QuietHours.objects.exists()
    enter(city.officer).post("/channels/quiet/", {"whose": "office", "office-starts": "22:00", "office-ends": "06:00"})
    assert QuietHours.objects.get().unit is None
