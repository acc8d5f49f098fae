"""The outbox: quiet hours, digests, retries; what leaves the house and what waits."""

import smtplib
from datetime import time, timedelta
from typing import Any

import pytest
from django.core import mail

from dispatch.actions import channels, notices, orders, outbox, sweep
from dispatch.actions.channels import Preferences
from dispatch.actions.gathering import FEW, WAVE
from dispatch.models import Notice, NotificationChannel, QuietHours
from petitions.states import Refused
from tests.city import City, make_order, make_petition

# Monday 2026-11-16, Shanghai: 10:00 is 02:00 UTC.
EVENING = timedelta(hours=13)  # 23:00
MORNING = timedelta(hours=21, minutes=30)  # Tuesday 07:30


def mail_of(person: Any, **filters: Any) -> Notice:
    return Notice.objects.filter(recipient=person, channel="email", **filters).latest("id")


def tell(city: City, person: Any, *, at: Any, key: str = "k", kind: str = "fed_back", **more: Any) -> None:
    notices.notify([person], kind=kind, petition=more.pop("petition", None), key=key, at=at, **more)


def crowd(city: City, count: int, *, at: Any, person: Any = None) -> None:
    """So many deadline messages to one person, as a sweep writes them."""
    for n in range(count):
        tell(
            city,
            person or city.officer,
            at=at,
            key=f"clock:{n}:{at.timestamp()}",
            kind="deadline",
            params={"rung": "due", "name": "反馈", "name_en": "feedback", "due_at": at.isoformat(), "number": f"{n}"},
        )


def test_a_mail_in_quiet_hours_waits_for_the_morning_and_the_inbox_does_not(city: City) -> None:
    tell(city, city.leader, at=city.at + EVENING)
    assert mail_of(city.leader).deliver_after == city.at + MORNING
    inbox = Notice.objects.get(recipient=city.leader, channel="inapp")
    assert inbox.delivered_at == city.at + EVENING
    assert outbox.deliver(at=city.at + EVENING) == (0, 0)
    assert outbox.deliver(at=city.at + MORNING) == (1, 0)


@pytest.mark.parametrize("after, waits", [(timedelta(0), False), (timedelta(hours=11), True), (MORNING, False)])
def test_quiet_hours_begin_at_nine_and_end_at_half_past_seven(city: City, after: timedelta, waits: bool) -> None:
    tell(city, city.leader, at=city.at + after)
    assert (mail_of(city.leader).deliver_after > city.at + after) is waits


def test_urgent_work_is_mailed_in_the_middle_of_the_night(city: City) -> None:
    make_order(city, petition=make_petition(city, urgency="urgent"), at=city.at + EVENING, urgency="urgent")
    assert mail_of(city.leader).deliver_after == city.at + EVENING


def test_a_units_hours_stand_in_for_the_offices_and_a_persons_for_both(city: City) -> None:
    channels.set_quiet_hours(city.officer, None, None, None)
    tell(city, city.leader, at=city.at + EVENING, key="never quiet")
    assert mail_of(city.leader).deliver_after == city.at + EVENING
    channels.set_quiet_hours(city.leader, city.units["housing"], time(18), time(9))
    tell(city, city.leader, at=city.at + EVENING, key="unit")
    assert mail_of(city.leader).deliver_after == city.at + timedelta(hours=23)
    channels.set_preferences(city.leader, Preferences(has_own_quiet=True, quiet_from=time(22), quiet_until=time(6)))
    tell(city, city.leader, at=city.at + EVENING, key="person")
    assert mail_of(city.leader).deliver_after == city.at + timedelta(hours=20)


def test_a_stranger_sets_no_quiet_hours(city: City) -> None:
    with pytest.raises(Refused):
        channels.set_quiet_hours(city.leader, None, time(1), time(2))
    with pytest.raises(Refused):
        channels.set_quiet_hours(city.outside_leader, city.units["housing"], time(1), time(2))
    with pytest.raises(Refused, match=r"both|同时"):
        channels.set_quiet_hours(city.officer, None, time(1), None)
    assert not QuietHours.objects.exists()


def test_deadlines_cannot_be_switched_off_in_the_inbox_but_their_mail_can(city: City) -> None:
    with pytest.raises(Refused):
        channels.set_preferences(city.leader, Preferences(no_inapp=["deadline"]))
    channels.set_preferences(city.leader, Preferences(no_mail=["deadline"], no_inapp=["recalled"]))
    crowd(city, 1, at=city.at, person=city.leader)
    tell(city, city.leader, at=city.at, kind="recalled", key="r")
    rows = Notice.objects.filter(recipient=city.leader).values_list("kind", "channel")
    assert set(rows) == {("deadline", "inapp"), ("recalled", "email")}


def test_one_mail_a_day_gathers_everything_that_is_not_urgent(city: City) -> None:
    channels.set_preferences(city.leader, Preferences(digest_at=time(16)))
    for n in range(3):
        tell(city, city.leader, at=city.at, key=f"{n}")
    tell(city, city.leader, at=city.at, key="u", is_urgent=True)
    assert outbox.deliver(at=city.at) == (1, 0)
    assert outbox.deliver(at=city.at + timedelta(hours=6)) == (1, 0)
    assert [len(message.body.split("· ")) - 1 for message in mail.outbox] == [0, 3]


def test_many_deadlines_at_once_are_one_mail_with_a_line_and_a_link_for_each(city: City) -> None:
    crowd(city, FEW + 3, at=city.at)
    assert outbox.deliver(at=city.at) == (1, 0)
    [message] = mail.outbox
    assert message.body.count("· ") == FEW + 3
    assert message.body.count("http") == FEW + 4
    digest = mail_of(city.officer, kind="digest")
    assert digest.members.count() == FEW + 3
    assert not digest.members.filter(delivered_at=None).exists()
    assert outbox.deliver(at=city.at + timedelta(hours=1)) == (0, 0)


def test_a_few_deadlines_come_each_by_itself(city: City) -> None:
    crowd(city, FEW, at=city.at)
    assert outbox.deliver(at=city.at) == (FEW, 0)


def test_a_wave_that_rolls_on_waits_for_the_next_digest_instead_of_a_second_storm(city: City) -> None:
    crowd(city, FEW + 1, at=city.at)
    outbox.deliver(at=city.at)
    later = city.at + timedelta(minutes=1)
    crowd(city, FEW + 1, at=later)
    assert outbox.deliver(at=later) == (0, 0)
    assert outbox.deliver(at=city.at + WAVE) == (1, 0)


def test_after_downtime_the_inbox_holds_one_digest_a_person(city: City) -> None:
    for _n in range(FEW + 2):
        make_petition(city)
    sweep.sweep(at=city.at + timedelta(days=60))
    mine = Notice.objects.visible_to(city.officer).filter(kind__in=["deadline", "digest"])
    [shown] = mine.shown()
    assert shown.kind == "digest" and shown.members.count() == FEW + 2
    assert Notice.objects.visible_to(city.officer).unread().filter(kind__in=["deadline", "digest"]).count() == 1
    notices.mark_read(city.officer, at=city.at, ids=[shown.pk])
    assert not mine.filter(read_at=None).exists()


def test_the_next_minutes_deadlines_join_the_digest_that_is_not_read_yet(city: City) -> None:
    for _n in range(FEW + 1):
        make_petition(city)
    late = city.at + timedelta(days=60)
    sweep.sweep(at=late)
    make_petition(city)
    sweep.sweep(at=late + timedelta(minutes=1))
    [digest] = Notice.objects.visible_to(city.officer).shown().filter(kind__in=["deadline", "digest"])
    assert digest.members.count() == FEW + 2


def test_a_mail_server_that_is_down_uses_nobodys_attempts_up(city: City, monkeypatch: Any) -> None:
    for n in range(3):
        tell(city, city.leader, at=city.at, key=f"{n}")
    tried = []

    def refuse(self: Any, **_kwargs: Any) -> None:
        tried.append(1)
        raise ConnectionRefusedError("no route to the mail server")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    assert outbox.deliver(at=city.at) == (0, 1)
    assert len(tried) == 1
    rows = Notice.objects.filter(channel="email")
    assert set(rows.values_list("attempts", flat=True)) == {0}
    assert all("mail server" in error for error in rows.values_list("last_error", flat=True))
    monkeypatch.undo()
    assert outbox.deliver(at=city.at + timedelta(minutes=1)) == (3, 0)


def test_a_mail_on_which_the_server_hangs_up_holds_the_others_up_once_only(city: City, monkeypatch: Any) -> None:
    for n, person in enumerate((city.leader, city.handler, city.officer)):
        tell(city, person, at=city.at + timedelta(seconds=n), key=f"{n}")
    real = mail.EmailMessage.send

    def send(self: Any, **kwargs: Any) -> int:
        if self.to == [city.leader.email]:
            raise smtplib.SMTPServerDisconnected("hung up")
        return int(real(self, **kwargs))

    monkeypatch.setattr("django.core.mail.EmailMessage.send", send)
    assert outbox.deliver(at=city.at + timedelta(minutes=1)) == (0, 1)
    later = outbox.deliver(at=city.at + timedelta(minutes=2))
    assert later == (2, 1)
    assert {row.recipient for row in Notice.objects.filter(channel="email", delivered_at__isnull=False)} == {
        city.handler,
        city.officer,
    }


def test_a_refused_address_is_tried_again_with_growing_patience_and_then_given_up(city: City, monkeypatch: Any) -> None:
    tell(city, city.leader, at=city.at)
    error = smtplib.SMTPRecipientsRefused({"x": (550, b"unknown")})
    monkeypatch.setattr("django.core.mail.EmailMessage.send", lambda self: (_ for _ in ()).throw(error))
    at, waits = city.at, []
    for _n in range(outbox.MAX_ATTEMPTS + 2):
        outbox.deliver(at=at)
        row = mail_of(city.leader)
        waits.append(row.deliver_after - at)
        at = max(at, row.deliver_after) + timedelta(seconds=1)
    assert row.attempts == outbox.MAX_ATTEMPTS
    assert waits[0] < waits[1] < waits[2] < waits[3]


def test_a_sender_that_died_leaves_its_batch_to_the_next_after_the_lease(city: City) -> None:
    tell(city, city.leader, at=city.at)
    assert len(outbox.claim("email", at=city.at)) == 1
    assert outbox.claim("email", at=city.at + timedelta(minutes=1)) == []
    assert outbox.deliver(at=city.at + outbox.LEASE) == (1, 0)


def test_what_failed_can_be_sent_again_by_who_may_read_the_log(city: City, monkeypatch: Any) -> None:
    tell(city, city.leader, at=city.at)
    Notice.objects.filter(channel="email").update(attempts=12, last_error="550")
    row = mail_of(city.leader)
    assert outbox.resend(city.outside_leader, at=city.at, pk=row.pk) == 0
    assert outbox.resend(city.officer, at=city.at, channel="email") == 1
    assert outbox.deliver(at=city.at) == (1, 0)
    assert outbox.resend(city.officer, at=city.at, pk=row.pk) == 0


@pytest.fixture
def robot(city: City, settings: Any) -> NotificationChannel:
    settings.CHANNELS_MAY_BE_PRIVATE = True
    data = channels.ChannelData(name="群机器人", url="json://127.0.0.1:9/hook", rungs=["due"])
    return channels.save_channel(city.leader, city.units["housing"], data, at=city.at)


def test_a_units_channel_takes_the_kinds_and_rungs_it_was_given(city: City, robot: NotificationChannel) -> None:
    order = make_order(city)
    assert Notice.objects.filter(target=robot).values_list("kind", flat=True)[0] == "dispatched"
    clock = order.clocks.get(policy__key="O_sign")
    sweep.sweep(at=clock.started_at + (clock.due_at - clock.started_at) * 0.7)
    assert not Notice.objects.filter(target=robot, kind="deadline").exists()
    sweep.sweep(at=clock.due_at + timedelta(seconds=1))
    assert Notice.objects.filter(target=robot, kind="deadline").count() == 1


def test_a_dead_channel_is_tried_once_a_run_and_holds_up_no_other(
    city: City, robot: NotificationChannel, monkeypatch: Any
) -> None:
    data = channels.ChannelData(name="second", url="json://127.0.0.1:9/other")
    other = channels.save_channel(city.leader, city.units["housing"], data, at=city.at)
    for n in range(3):
        tell(city, city.leader, at=city.at, key=f"{n}")
    posted: list[str] = []

    def post(url: str, title: str, body: str) -> None:
        posted.append(url)
        if url.endswith("hook"):
            raise outbox.ChannelError("timed out")

    monkeypatch.setattr(outbox, "post", post)
    assert outbox.deliver_to_units(at=city.at) == (3, 3)
    assert posted.count(robot.url) == 1 and posted.count(other.url) == 3
    robot.refresh_from_db()
    other.refresh_from_db()
    assert robot.is_failing and robot.last_error == "timed out"
    assert other.last_success_at == city.at
    assert outbox.deliver(at=city.at)[0] == 3


def test_no_case_text_leaves_the_house(city: City, robot: NotificationChannel, monkeypatch: Any) -> None:
    said: list[str] = []
    monkeypatch.setattr(outbox, "post", lambda url, title, body: said.append(title + body))
    order = make_order(city)
    orders.record_contact(order.pk, means="phone", said="与周小琴通话", actor=city.handler, at=city.at)
    outbox.deliver(at=city.at)
    outbox.deliver_to_units(at=city.at)
    text = "".join(said) + "".join(m.subject + m.body for m in mail.outbox)
    assert order.number in text
    assert "电梯" not in text and "周小琴" not in text


def test_an_accusation_goes_to_no_units_channel(city: City) -> None:
    data = channels.ChannelData(name="city", url="dingtalk://tokentokentoken")
    channels.save_channel(city.officer, city.units["city_office"], data, at=city.at)
    petition = make_petition(city, purpose="JK")
    notices.notify([city.officer], kind="fed_back", petition=petition, key="x", at=city.at)
    sweep.sweep(at=city.at + timedelta(days=30))
    assert Notice.objects.filter(petition=petition, channel="email").exists()
    assert not Notice.objects.filter(petition=petition, channel="apprise").exists()
