"""The case page: who sees it, what stands on it, and that a long history costs no more than a short one."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import AccessLog
from dispatch.actions import orders
from petitions import actions
from petitions.models import Petition, Petitioner
from tests.city import City, draft, fed_back, make_order, make_petition, replied

TABS = ["timeline", "matter", "orders", "related", "log"]


def enter(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.StaffBackend")
    return client


def addresses(petition: Petition, order: Any) -> list[str]:
    pages = [f"/petitions/{petition.pk}/", *(f"/petitions/{petition.pk}/?tab={tab}" for tab in TABS)]
    steps = [f"/petitions/{petition.pk}/do/{name}/" for name in ("dispatch", "reply", "close", "withdraw", "merge")]
    more = [f"/petitions/{petition.pk}/reveal/", f"/petitions/{petition.pk}/units/?lead_text=x"]
    return [*pages, *steps, *more, *(f"/orders/{order.pk}/do/{n}/" for n in ("sign", "contact", "feed_back", "check"))]


def test_an_outsider_finds_nothing(city: City) -> None:
    order = make_order(city)
    for url in addresses(order.petition, order):
        assert enter(city.outsider).get(url).status_code == 404, url
    for path in (f"/petitions/{order.petition_id}/note/", f"/petitions/{order.petition_id}/reveal/"):
        assert enter(city.outsider).post(path, {"text": "x", "kind": "note", "reason": "因工作需要"}).status_code == 404


def test_a_browser_without_a_sign_in_is_sent_to_it(city: City) -> None:
    order = make_order(city)
    for url in ["/", "/orders/", "/notices/", "/jobs/", *addresses(order.petition, order)]:
        response = Client().get(url)
        assert response.status_code == 302, url
        assert response.url.startswith("/sign-in/"), url


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_opens_for_the_office(city: City, tab: str) -> None:
    petition = replied(city)
    response = enter(city.officer).get(f"/petitions/{petition.pk}/?tab={tab}")
    assert response.status_code == 200
    assert petition.number in response.content.decode()


def test_an_unknown_tab_and_another_persons_log_are_404(city: City) -> None:
    order = make_order(city)
    assert enter(city.officer).get(f"/petitions/{order.petition_id}/?tab=nonsense").status_code == 404
    assert enter(city.handler).get(f"/petitions/{order.petition_id}/?tab=log").status_code == 404


def test_the_page_shows_masks_and_never_the_identity(city: City) -> None:
    petition = make_petition(city)
    for tab in TABS:
        page = enter(city.officer).get(f"/petitions/{petition.pk}/?tab={tab}").content.decode()
        assert "周*琴" in page
        assert "周小琴" not in page
        assert "13812345127" not in page


def test_an_identity_is_shown_for_a_reason_that_is_logged(city: City) -> None:
    petition = make_petition(city)
    client, url = enter(city.officer), f"/petitions/{petition.pk}/reveal/"
    refused = client.post(url, {"reason": "看"})
    assert refused.status_code == 422
    assert "周小琴" not in refused.content.decode()
    assert not AccessLog.objects.exists()
    shown = client.post(url, {"reason": "需电话联系信访人核实地址"})
    assert "周小琴" in shown.content.decode()
    assert "13812345127" in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    entry = AccessLog.objects.get()
    assert (entry.user, entry.action, entry.target) == (city.officer, "reveal", f"petition:{petition.pk}")
    assert "周小琴" not in client.get(f"/petitions/{petition.pk}/").content.decode()
    assert "需电话联系信访人核实地址" in client.get(f"/petitions/{petition.pk}/?tab=log").content.decode()


def test_a_role_that_sees_masks_only_may_not_lift_them(city: City) -> None:
    petition = make_petition(city)
    assert "/reveal/" not in enter(city.inspector).get(f"/petitions/{petition.pk}/").content.decode()
    response = enter(city.inspector).post(f"/petitions/{petition.pk}/reveal/", {"reason": "需要了解情况"})
    assert response.status_code == 403
    assert not AccessLog.objects.exists()


def test_an_accusation_is_not_there_for_the_unit_complained_of(city: City) -> None:
    petition = make_petition(city, purpose="JK", respondent_unit=city.units["housing"])
    assert enter(city.officer).get(f"/petitions/{petition.pk}/").status_code == 200
    for user in (city.leader, city.handler, city.district_officer, city.dispatcher, city.inspector):
        assert enter(user).get(f"/petitions/{petition.pk}/").status_code == 404, user
        assert str(petition.short_number) not in enter(user).get("/").content.decode()


def test_a_note_is_written_with_its_files(city: City) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    petition = make_petition(city)
    client = enter(city.officer)
    upload = SimpleUploadedFile("现场.txt", "三号楼电梯停运".encode())
    data = {"kind": "phone_note", "text": "已与信访人通话，约定明日上门。", "files": upload}
    response = client.post(f"/petitions/{petition.pk}/note/", data)
    assert response.status_code == 302
    event = petition.events.get(kind="phone_note")
    assert response.url.endswith(f"#event-{event.pk}")
    page = client.get(f"/petitions/{petition.pk}/").content.decode()
    assert "约定明日上门" in page
    assert "现场.txt" in page


def test_a_refused_note_keeps_its_text(city: City) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    petition = make_petition(city)
    upload = SimpleUploadedFile("发票.pdf", b"MZ\x90\x00 not a pdf")
    data = {"kind": "note", "text": "现场照片见附件。", "files": upload}
    response = enter(city.officer).post(f"/petitions/{petition.pk}/note/", data)
    assert response.status_code == 422
    assert "现场照片见附件。" in response.content.decode()
    assert not petition.events.filter(kind="note").exists()


def busy(city: City, petition: Petition, rounds: int) -> None:
    for i in range(rounds):
        order = orders.dispatch(
            petition.pk,
            lead=city.units["housing"],
            assisting=[city.units["enforcement"]],
            actor=city.officer,
            at=city.at + timedelta(hours=i),
        )
        orders.sign(order[0].pk, actor=city.handler, at=city.at + timedelta(hours=i, minutes=5))
        actions.add_note(petition.pk, kind="note", text=f"第{i}次记录", actor=city.officer, at=city.at)
        for one in order:
            orders.recall(one.pk, reason="改派", actor=city.officer, at=city.at + timedelta(hours=i, minutes=9))


# Literal on purpose: a query more is a decision, not an accident.
QUERIES = {"timeline": 29, "matter": 27, "orders": 36, "related": 33, "log": 27}


@pytest.mark.parametrize("tab", TABS)
def test_a_long_history_costs_no_more_queries_than_a_short_one(
    city: City, tab: str, django_assert_num_queries: Any
) -> None:
    short, long = make_petition(city), make_petition(city, person=draft(city).person)
    busy(city, short, 1)
    busy(city, long, 3)
    client = enter(city.officer)
    client.get(f"/petitions/{short.pk}/")
    for petition in (short, long):
        with django_assert_num_queries(QUERIES[tab]):
            assert client.get(f"/petitions/{petition.pk}/?tab={tab}").status_code == 200


def test_the_timeline_pages_by_the_last_event_seen(city: City) -> None:
    petition = make_petition(city)
    for i in range(35):
        actions.add_note(petition.pk, kind="note", text=f"第{i:02d}条记录", actor=city.officer, at=city.at)
    client = enter(city.officer)
    first = client.get(f"/petitions/{petition.pk}/")
    assert "第34条记录" in first.content.decode()
    assert "第04条记录" not in first.content.decode()
    older = client.get(f"/petitions/{petition.pk}/?before={first.context['older']}").content.decode()
    assert "第04条记录" in older
    assert "第34条记录" not in older


def test_the_chips_filter_the_timeline(city: City) -> None:
    petition = fed_back(city).petition
    client = enter(city.officer)
    contact = client.get(f"/petitions/{petition.pk}/?kind=contact").content.decode()
    assert "已与信访人通话" in contact
    assert "电梯主板已更换" not in contact
    assert "电梯主板已更换" in client.get(f"/petitions/{petition.pk}/?kind=flow").content.decode()


def test_the_way_back_remembers_the_filters_of_the_worklist(city: City) -> None:
    petition = make_petition(city)
    client = enter(city.officer)
    came = {"headers": {"referer": "http://testserver/petitions/?view=over&district=330203"}}
    assert "view=over&amp;district=330203" in client.get(f"/petitions/{petition.pk}/", **came).content.decode()
    assert "view=over&amp;district=330203" in client.get(f"/petitions/{petition.pk}/?tab=matter").content.decode()
    elsewhere = {"headers": {"referer": "http://evil.example/petitions/?view=evil"}}
    assert "view=evil" not in client.get(f"/petitions/{petition.pk}/", **elsewhere).content.decode()


def test_other_petitions_of_the_same_person_are_found_without_showing_who(city: City) -> None:
    earlier, later = make_petition(city, summary="早先一件"), make_petition(city)
    page = enter(city.officer).get(f"/petitions/{later.pk}/?tab=related").content.decode()
    assert earlier.short_number in page
    assert "早先一件" in page


def test_the_purpose_is_logged_with_the_reason_and_the_other_signers_are_shown(city: City) -> None:
    petition = make_petition(city)
    Petitioner.objects.create(petition=petition, is_main=False, role="signer", name="程砚秋", phone="13700001111")
    page = enter(city.officer).get(f"/petitions/{petition.pk}/").content.decode()
    assert "程砚秋" not in page
    sent = {"purpose": "same", "reason": "核对联名信签名"}
    shown = enter(city.officer).post(f"/petitions/{petition.pk}/reveal/", sent).content.decode()
    assert "程砚秋" in shown and "13700001111" in shown
    assert AccessLog.objects.get().reason.endswith("· 核对联名信签名")
