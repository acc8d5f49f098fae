"""A person's own inbox."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import User
from dispatch.actions import orders, sweep
from dispatch.actions.notices import notify
from dispatch.models import Notice, NoticePreference
from tests.city import City, make_order, make_petition
from tests.dispatch.test_views_case import enter


def notice_of(user: object) -> Notice:
    return Notice.objects.get(recipient=user, channel="inapp")


def test_the_inbox_holds_ones_own_notices_and_no_case_text(city: City) -> None:
    order = make_order(city)
    page = enter(city.handler).get("/notices/").content.decode()
    assert order.number in page
    assert "电梯" not in page
    assert order.number not in enter(city.outsider).get("/notices/").content.decode()


def test_opening_a_notice_leads_to_the_case_and_reads_it(city: City) -> None:
    order = make_order(city)
    notice = notice_of(city.handler)
    response = enter(city.handler).get(f"/notices/{notice.pk}/")
    assert response.url.startswith(f"/petitions/{order.petition_id}/")
    notice.refresh_from_db()
    assert notice.read_at is not None
    assert notice_of(city.leader).read_at is None


def test_anothers_notice_is_404(city: City) -> None:
    make_order(city)
    assert enter(city.outsider).get(f"/notices/{notice_of(city.handler).pk}/").status_code == 404


def test_a_notice_of_a_matter_gone_elsewhere_leads_back_to_the_inbox(city: City) -> None:
    order = make_order(city)
    orders.recall(order.pk, reason="改派", actor=city.officer, at=city.at)
    notice = Notice.objects.filter(recipient=city.handler, channel="inapp", kind="dispatched").get()
    assert enter(city.handler).get(f"/notices/{notice.pk}/").url == "/notices/"


def test_one_is_marked_read_or_all(city: City) -> None:
    for _i in range(3):
        make_order(city)
    mine = Notice.objects.visible_to(city.handler)
    client = enter(city.handler)
    client.post("/notices/read/", {"ids": mine.first().pk})
    assert mine.unread().count() == 2
    client.post("/notices/read/")
    assert mine.unread().count() == 0
    assert Notice.objects.visible_to(city.leader).unread().count() == 3


def test_marking_anothers_notice_changes_nothing(city: City) -> None:
    make_order(city)
    enter(city.outsider).post("/notices/read/", {"ids": notice_of(city.handler).pk})
    assert notice_of(city.handler).read_at is None


def test_unread_come_first_and_read_ones_stay_under_all(city: City) -> None:
    make_order(city)
    client = enter(city.handler)
    assert client.get("/notices/").context["show"] == "unread"
    client.post("/notices/read/")
    response = client.get("/notices/")
    assert response.context["show"] == "all"
    assert len(response.context["rows"]) == 1


def test_three_notices_cost_as_many_queries_as_one(city: City, django_assert_num_queries: object) -> None:
    make_order(city)
    client = enter(city.handler)
    client.get("/notices/")
    with django_assert_num_queries(4):  # type: ignore[operator]
        client.get("/notices/")
    make_order(city)
    make_order(city)
    with django_assert_num_queries(4):  # type: ignore[operator]
        client.get("/notices/")


def test_a_browser_without_a_sign_in_gets_none(city: City) -> None:
    make_order(city)
    for url in ("/notices/", f"/notices/{notice_of(city.handler).pk}/"):
        assert Client().get(url).url.startswith("/sign-in/")


def gathered(city: City, count: int = 6) -> Notice:
    """A digest in the officer's inbox."""
    for _n in range(count):
        make_petition(city)
    sweep.sweep(at=city.at + timedelta(days=60))
    return Notice.objects.get(recipient=city.officer, channel="inapp", kind="digest")


def test_a_digest_opens_as_its_list_and_reading_it_reads_what_it_gathers(city: City) -> None:
    digest = gathered(city)
    client = enter(city.officer)
    page = client.get("/notices/").content.decode()
    assert page.count(f"/notices/{digest.pk}/") == 1
    assert client.get(f"/notices/{digest.pk}/").url == f"/notices/{digest.pk}/all/"
    listed = client.get(f"/notices/{digest.pk}/all/").content.decode()
    for member in digest.members.all():
        assert member.petition.short_number in listed
    assert not Notice.objects.visible_to(city.officer).filter(read_at=None).exists()
    assert enter(city.outsider).get(f"/notices/{digest.pk}/all/").status_code == 404


def test_a_read_notice_can_be_put_back_among_the_unread(city: City) -> None:
    make_order(city)
    notice = notice_of(city.handler)
    client = enter(city.handler)
    client.post("/notices/read/", {"ids": notice.pk})
    client.post("/notices/read/", {"ids": notice.pk, "unread": "1"})
    notice.refresh_from_db()
    assert notice.read_at is None


def test_the_inbox_filters_by_kind(city: City) -> None:
    order = make_order(city)
    client = enter(city.handler)
    assert order.number in client.get("/notices/?kind=dispatched").content.decode()
    assert order.number not in client.get("/notices/?kind=rework").content.decode()


def test_a_notice_of_an_order_opens_the_case_at_its_orders(city: City) -> None:
    order = make_order(city)
    response = enter(city.handler).get(f"/notices/{notice_of(city.handler).pk}/")
    assert response.url == f"/petitions/{order.petition_id}/?tab=orders"


def test_preferences_are_saved_and_shown_and_keep_deadlines_in_the_inbox(city: City) -> None:
    client = enter(city.handler)
    data = {"mail": ["deadline"], "pace": "daily", "digest_at": "17:00", "has_own_quiet": "on"}
    data |= {"quiet_from": "20:00", "quiet_until": "08:00"}
    assert client.post("/me/notices/", data).status_code == 302
    row = NoticePreference.objects.get(user=city.handler)
    assert "deadline" not in row.no_inapp and "recalled" in row.no_inapp
    assert "dispatched" in row.no_mail and "deadline" not in row.no_mail
    assert row.digest_at.hour == 17
    assert 'value="17:00"' in client.get("/me/notices/").content.decode()
    assert client.post("/me/notices/", {"pace": "daily", "digest_at": ""}).status_code == 422


def test_the_log_is_ones_own_the_units_for_its_leader_and_everything_for_the_city(city: City) -> None:
    order = make_order(city)
    name = city.handler.name
    assert order.number in enter(city.handler).get("/deliveries/").content.decode()
    assert city.leader.name not in enter(city.handler).get("/deliveries/").content.decode().split("<main", 1)[1]
    assert name in enter(city.leader).get("/deliveries/").content.decode()
    assert name in enter(city.officer).get("/deliveries/").content.decode()
    assert order.number not in enter(city.outside_leader).get("/deliveries/").content.decode()
    mail = Notice.objects.get(recipient=city.handler, channel="email")
    assert enter(city.outside_leader).post(f"/deliveries/{mail.pk}/resend/").status_code == 404


def test_the_log_never_says_who_was_told_of_an_accusation(city: City) -> None:
    petition = make_petition(city, purpose="JK")
    notify([city.officer], kind="fed_back", petition=petition, key="x", at=city.at)
    colleague = User.objects.create_user("second", "s@ningbo.example", "x", name="第二", role="city_officer")
    User.objects.filter(pk=colleague.pk).update(unit=city.units["city_office"])
    colleague.refresh_from_db()
    assert petition.short_number in enter(city.officer).get("/deliveries/").content.decode()
    assert petition.short_number not in enter(colleague).get("/deliveries/").content.decode()


@pytest.mark.parametrize(
    "query, found",
    [
        ("state=retrying", True),
        ("state=sent", False),
        ("channel=email&q=王若兰", True),
        ("channel=apprise", False),
        ("kind=rework", False),
        ("from=2026-11-16&to=2026-11-16", True),
        ("from=2026-11-17", False),
        ("from=yesterday&state=nonsense", True),
    ],
)
def test_the_log_is_filtered(city: City, query: str, found: bool) -> None:
    make_order(city)
    Notice.objects.filter(recipient=city.handler, channel="email").update(last_error="connection refused", attempts=2)
    rows = enter(city.officer).get(f"/deliveries/?{query}").context["lines"]
    assert (city.handler in {line["notice"].recipient for line in rows}) is found


def test_a_failed_delivery_is_sent_again_from_the_page(city: City) -> None:
    make_order(city)
    failed = Notice.objects.filter(recipient=city.handler, channel="email")
    failed.update(last_error="550", attempts=12)
    client = enter(city.officer)
    page = client.get("/deliveries/").content.decode()
    assert "550" in page and f"/deliveries/{failed.get().pk}/resend/" in page
    client.post(f"/deliveries/{failed.get().pk}/resend/")
    assert (failed.get().attempts, failed.get().last_error) == (0, "")
    failed.update(last_error="550", attempts=12)
    client.post("/deliveries/resend/", {"channel": "email"})
    assert failed.get().attempts == 0


# Literal on purpose: a query more is a decision, not an accident.
@pytest.mark.parametrize("path, queries", [("/notices/?show=all", 4), ("/deliveries/", 3)])
def test_lists_cost_the_same_for_one_row_and_three(
    city: City, path: str, queries: int, django_assert_num_queries: object
) -> None:
    client = enter(city.handler)
    for count in (1, 2):
        for _n in range(count):
            make_order(city)
        client.get(path)
        with django_assert_num_queries(queries):  # type: ignore[operator]
            client.get(path)
