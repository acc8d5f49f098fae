"""A person's own inbox."""

from django.test import Client

from dispatch.actions import orders
from dispatch.models import Notice
from tests.city import City, make_order
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
    assert response.url == f"/petitions/{order.petition_id}/"
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
